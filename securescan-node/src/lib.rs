//! The addon behind the npm package `securescan`: conversions between Node and [`securescan_core::api`], nothing else.
//!
//! What belongs here: handles to what stays in Rust, and the threads work is done on. What does not: argument checking and
//! Node's habits, which are in the JavaScript face (`lib/`); decisions about findings, which are in the core. Errors cross as
//! the JSON of [`securescan_core::api::error_json`] in the message; the face makes a `SecureScanError` of it.

#![allow(missing_debug_implementations, reason = "handles of JavaScript, which never meet a formatter")]

pub mod baseline;
pub mod bytes;
pub mod cli;
pub mod config;
pub mod difference;
mod errors;
pub mod findings;
mod memory;
pub mod operations;
pub mod scan;
pub mod stream;
pub mod tables;
pub mod task;
mod threads;

use napi_derive::napi;
use securescan_core::api;

/// Runs an operation by name over JSON text; gives canonical JSON.
#[napi]
pub fn call(op: String, request: String) -> napi::Result<String> {
    errors::guard(|| api::call_json(&op, &request))
}

/// The version of the engine.
#[napi]
#[must_use]
pub fn version() -> &'static str {
    securescan_core::VERSION
}

/// How this addon was built: JSON with `version`, `profile`, `platform`, `arch`.
#[napi]
#[must_use]
pub fn build_info() -> String {
    serde_json::json!({
        "version": securescan_core::VERSION,
        "profile": if cfg!(debug_assertions) { "debug" } else { "release" },
        "platform": std::env::consts::OS,
        "arch": std::env::consts::ARCH,
    })
    .to_string()
}
