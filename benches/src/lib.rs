//! Generated inputs and floors for the benches.
