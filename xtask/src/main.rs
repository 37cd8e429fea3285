//! Setup and every check of the repository.
fn main() {}
