//! Errors on their way to JavaScript.

use securescan_core::{Error, ErrorKind, Result, api};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs something of the core: its error becomes one the face can read, a panic becomes the code `internal`.
pub(crate) fn guard<T>(run: impl FnOnce() -> Result<T>) -> napi::Result<T> {
    caught(run).map_err(|error| napi::Error::from_reason(api::error_json(&error)))
}

/// As [`guard`], on a thread of ours: the error stays what it is.
pub(crate) fn caught<T>(run: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Err(Error::new(ErrorKind::Internal, "unexpected fault")))
}

/// Options as the face hands them over: JSON text.
pub(crate) fn options<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|e| {
        let message = e.to_string();
        let place = format!(" at line {} column {}", e.line(), e.column());
        Error::invalid(format!("bad options: {}", message.strip_suffix(&place).unwrap_or(&message)))
    })
}

/// JSON of an answer.
pub(crate) fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Error::new(ErrorKind::Internal, format!("answer could not be written: {e}")))
}
