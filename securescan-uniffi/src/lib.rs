//! The UniFFI surface: Kotlin, Swift, Python and Ruby over [`securescan_core::api`], generated from what is exported here.
//!
//! What belongs here: conversions between what UniFFI can carry and the facade, one module for each kind of object. What does not: a decision
//! about findings (core), an idiom of one language (there is no hand-written face here; the wheel and the npm package have theirs). What has
//! no fixed shape crosses as JSON text, in the shapes every surface has. The documentation of the items is that of the generated bindings.

#![allow(missing_debug_implementations, reason = "objects and scaffolding of UniFFI, which no formatter of ours meets")]

pub mod call;
pub mod documents;
pub mod error;
pub mod findings;
pub mod live;
pub mod scan;
pub mod steps;

uniffi::setup_scaffolding!();
