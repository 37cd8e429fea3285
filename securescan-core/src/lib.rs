//! securescan-core: an embeddable findings engine.
//!
//! A [`Finding`] is one normalised statement of a problem, whoever reported it. Each module below is one step in
//! its life; [`pipeline::run`] is the list of steps in order. Nothing here reads a clock, the environment or a hash
//! map's order into an output: the same input gives the same bytes everywhere.
//!
//! Without the feature `scanners` this crate spawns nothing, opens no socket and does no I/O its arguments do not name.
#![forbid(unsafe_code)]

pub mod api;
pub mod baseline;
pub mod classify;
pub mod compliance;
pub mod config;
pub mod dedup;
pub mod diff_lines;
pub mod error;
pub mod identity;
pub mod ingest;
mod licenses;
mod manifests;
pub mod model;
pub mod order;
pub mod path;
pub mod pipeline;
#[cfg(feature = "scanners")]
pub mod publish;
pub mod render;
pub mod sbom;
#[cfg(feature = "scanners")]
pub mod scanners;
pub mod score;
pub mod severity;
pub mod source;
pub mod suppress;
pub mod webhook;

pub use error::{Error, ErrorKind, Result};
pub use model::{
    Confidence, Coverage, Filter, Finding, Findings, Package, ScanResult, ScanType, ScannerRun, ScannerStatus, Severity,
};

/// The version of the engine, as every surface and report states it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
