//! Publishing: rendered results to where people read them. One folder is one kind of host.
//!
//! What belongs here: telling what a host has from what it should have, and closing the gap. What does not: rendering (a body
//! comes in as it is to be shown) and choosing findings.

pub mod github;
