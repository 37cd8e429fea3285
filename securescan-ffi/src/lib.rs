//! The C ABI of securescan: handles and JSON text over [`securescan_core::api`].
//!
//! What belongs here: pointers, lengths, ownership, status numbers. What does not: any decision about findings.
//!
//! The rules, each kept by one file and one test:
//! - every fallible function returns a [`SecurescanStatus`] and writes its outputs only as documented;
//! - every pointer is checked, every body runs inside [`guard`], no panic crosses the border;
//! - handles are looked up, never followed ([`handle`]);
//! - text is `{ptr, len}`, UTF-8; owned buffers are given back with `securescan_bytes_free`.

mod call;
mod documents;
mod error;
mod findings;
mod guard;
mod handle;
mod scan;
mod status;
mod steps;
mod text;
mod version;
mod wire;

pub use call::*;
pub use documents::*;
pub use error::*;
pub use findings::*;
pub use handle::{SecurescanBaseline, SecurescanCancel, SecurescanConfig, SecurescanDiff, SecurescanFindings};
pub use scan::*;
pub use status::SecurescanStatus;
pub use steps::*;
pub use text::{SecurescanBytes, SecurescanStr, securescan_bytes_free};
pub use version::{SECURESCAN_ABI_VERSION, securescan_abi_version, securescan_live_handles, securescan_version};
