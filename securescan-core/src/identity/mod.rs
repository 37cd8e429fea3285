//! Identity: fingerprints that survive what does not matter.

pub mod v1;
