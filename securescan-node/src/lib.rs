//! The addon behind the npm package `securescan`: conversions between Node and [`securescan_core::api`], nothing else.
//!
//! The JavaScript face (`index.js`, `index.mjs`) turns an outcome into a value or a thrown `SecureScanError`.

use napi_derive::napi;
use securescan_core::{Error, ErrorKind, api};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How an operation ended: exactly one of the two is set.
#[napi(object)]
#[derive(Debug)]
pub struct Outcome {
    /// The response, canonical JSON.
    pub ok: Option<String>,
    /// The error, as JSON with `code`, `message` and its place.
    pub error: Option<String>,
}

/// Runs an operation by name over JSON text.
#[napi]
#[must_use]
pub fn call(op: String, request: String) -> Outcome {
    let result = catch_unwind(AssertUnwindSafe(|| api::call_json(&op, &request)))
        .unwrap_or_else(|_| Err(Error::new(ErrorKind::Internal, "unexpected fault")));
    match result {
        Ok(text) => Outcome { ok: Some(text), error: None },
        Err(error) => Outcome { ok: None, error: Some(api::error_json(&error)) },
    }
}

/// The version of the engine.
#[napi]
#[must_use]
pub fn version() -> &'static str {
    securescan_core::VERSION
}
