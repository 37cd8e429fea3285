//! Errors on their way out, and the guard around every call that works.

use securescan_core::{Error, ErrorKind, Result, api, scanners};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

macro_rules! errors {
    ($($(#[$doc:meta])+ $kind:ident,)+) => {
        /// Anything this library refuses or fails at. Each case has the same parts: `code`, a stable word; `reason`, one line with the place
        /// and what to do; `json`, the parts of it (`code`, `message`, and where known `file`, `line`, `column`, `byte`, `hint`).
        #[derive(Debug, Clone, PartialEq, Eq, uniffi::Error)]
        #[uniffi(name = "SecurescanError")]
        pub enum SecurescanError {
            $($(#[$doc])+ $kind {
                /// A stable word.
                code: String,
                /// One line.
                reason: String,
                /// The parts.
                json: String,
            },)+
        }

        impl From<Error> for SecurescanError {
            fn from(error: Error) -> Self {
                // It quotes what was handed in, which may hold a secret.
                let reason = scanners::redact(&error.to_string());
                let (code, json) = (error.code().to_owned(), api::error_json(&error));
                match error.kind() {
                    $(ErrorKind::$kind => Self::$kind { code, reason, json },)+
                    _ => Self::Internal { code, reason, json },
                }
            }
        }

        impl fmt::Display for SecurescanError {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$kind { reason, .. } => f.write_str(reason),)+
                }
            }
        }

        #[cfg(test)]
        const KINDS: &[ErrorKind] = &[$(ErrorKind::$kind),+];
    };
}

errors! {
    /// A report, a snapshot or another document could not be read.
    Parse,
    /// The configuration file is wrong.
    Config,
    /// The baseline file is wrong.
    Baseline,
    /// A file or the network failed.
    Io,
    /// A scanner is missing, failed or timed out.
    Scanner,
    /// A rendering failed.
    Render,
    /// Known, but not supported here.
    Unsupported,
    /// The caller passed something wrong.
    InvalidArgument,
    /// A limit was exceeded.
    Limit,
    /// The operation was cancelled.
    Cancelled,
    /// A fault of ours.
    Internal,
}

impl std::error::Error for SecurescanError {}

/// Runs something of the core: its error becomes one that UniFFI carries, a panic becomes `Internal`.
pub(crate) fn guard<T>(run: impl FnOnce() -> Result<T>) -> Result<T, SecurescanError> {
    caught(run).map_err(SecurescanError::from)
}

/// As [`guard`], and the error stays what it is.
pub(crate) fn caught<T>(run: impl FnOnce() -> Result<T>) -> Result<T> {
    // Nothing of ours outlives the call, so nothing half-changed can be seen after a panic.
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Err(Error::new(ErrorKind::Internal, "unexpected fault")))
}

/// The value of an optional JSON argument called `name`; its default when there is none.
pub(crate) fn from_json<T: DeserializeOwned + Default>(text: Option<&str>, name: &str) -> Result<T> {
    text.map_or_else(|| Ok(T::default()), |text| serde_json::from_str(text).map_err(|e| not_json(name, &e)))
}

/// Any JSON value.
pub(crate) fn value(text: &str, name: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|e| not_json(name, &e))
}

fn not_json(name: &str, error: &serde_json::Error) -> Error {
    Error::invalid(format!("`{name}`: {error}"))
}

/// JSON of an answer.
pub(crate) fn to_json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Error::new(ErrorKind::Internal, format!("answer could not be written: {e}")))
}

/// One field of what an operation of the facade answers.
pub(crate) fn ask(op: &str, request: &Value, field: &str) -> Result<Value> {
    let answer: Value = value(&api::call_json(op, &request.to_string())?, "answer")?;
    answer.get(field).cloned().ok_or_else(|| Error::new(ErrorKind::Internal, format!("the answer of `{op}` has no `{field}`")))
}

/// As [`ask`], a text.
pub(crate) fn ask_text(op: &str, request: &Value, field: &str) -> Result<String> {
    Ok(ask(op, request, field)?.as_str().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;
    use securescan_core::error::ERRORS;

    #[test]
    fn a_panic_becomes_internal() {
        let error = guard::<()>(|| panic!("boom")).unwrap_err();
        assert!(matches!(&error, SecurescanError::Internal { code, .. } if code == "internal"));
        assert_eq!(error.to_string(), "unexpected fault");
    }

    #[test]
    fn every_kind_has_its_case() {
        assert_eq!(KINDS.len(), ERRORS.len());
        for row in ERRORS {
            assert!(KINDS.contains(&row.kind));
            let error = SecurescanError::from(Error::new(row.kind, "so").in_file("f.json").at(1, 2));
            let text = format!("{error:?}");
            assert!(text.starts_with(&format!("{:?} {{ code: {:?}", row.kind, row.code)), "{text}");
            assert!(text.contains(r#"\"line\":1"#), "{text}");
        }
    }
}
