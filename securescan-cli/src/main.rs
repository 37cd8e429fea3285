//! The binary `securescan`.
fn main() {}
