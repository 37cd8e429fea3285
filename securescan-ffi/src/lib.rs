//! The C ABI of securescan: JSON text in, JSON text out, over [`securescan_core::api`].
//!
//! What belongs here: pointers, lengths, ownership, status numbers. What does not: any decision about findings.
//!
//! The rules, each kept by one file and one test:
//! - every fallible function returns a [`SecurescanStatus`] and writes its outputs only as documented;
//! - every pointer is checked, every body runs inside [`guard`], no panic crosses the border;
//! - text is `{ptr, len}`, UTF-8; owned buffers are given back with `securescan_bytes_free`.

mod call;
mod error;
mod guard;
mod status;
mod text;
mod version;

pub use call::{securescan_call, securescan_fingerprint, securescan_normalized_line_context};
pub use error::{
    SecurescanError, securescan_error_code, securescan_error_free, securescan_error_json, securescan_error_message,
    securescan_error_status,
};
pub use status::SecurescanStatus;
pub use text::{SecurescanBytes, SecurescanStr, securescan_bytes_free};
pub use version::{SECURESCAN_ABI_VERSION, securescan_abi_version, securescan_live_handles, securescan_version};
