//! The one facade under every surface: each operation once as a typed function, and once over JSON.
//!
//! The typed ones ([`scan()`], [`process`], [`diff`], [`render()`], …) take and give [`Findings`](crate::Findings), which stay
//! in Rust between operations; bindings convert around them and hold no logic. [`call_json`] takes a request object and gives
//! an answer, both JSON text; the answer is canonical (sorted keys, no spaces), so that surfaces can compare bytes. One
//! operation is one function in `findings` or `documents` and one line in `OPERATIONS`.

mod documents;
mod findings;
mod rendering;
#[cfg(feature = "scanners")]
mod scan;
mod steps;

pub use rendering::{Style, Subject, is_binary, render};
#[cfg(feature = "scanners")]
pub use scan::{ConfigSource, OPTION_KEYS, ScanOptions, Scanned, aim, apply, configuration, scan, scanner_status, target_name};
pub use steps::{
    Difference, ProcessOptions, Processed, baseline, compare, coverage, deduplicate, diff, identified, process, risk_score,
    summary,
};

use crate::{Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// One operation.
pub struct Operation {
    /// Its name on every surface.
    pub name: &'static str,
    /// What it does, one line.
    pub about: &'static str,
    run: fn(&str) -> Result<Value>,
}

impl std::fmt::Debug for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Operation").field("name", &self.name).finish_non_exhaustive()
    }
}

macro_rules! operations {
    ($($name:literal, $run:path, $about:literal;)+) => {
        /// Every operation, by name.
        pub const OPERATIONS: &[Operation] = &[$(Operation { name: $name, about: $about, run: |request| answer($run(read(request)?)?) }),+];
    };
}

operations! {
    "baseline", documents::baseline, "findings to the text of a baseline file";
    "compare", findings::compare, "current findings against a baseline";
    "compliance_tags", findings::compliance_tags, "the compliance tags of one finding";
    "config_lint", documents::config_lint, "every problem of a configuration text";
    "config_parse", documents::config_parse, "a configuration text to its values";
    "coverage", findings::coverage, "which compliance controls findings touch";
    "dedup", findings::dedup, "merge what several scanners say of one thing";
    "diff", findings::diff, "what is new, fixed and unchanged between two sides";
    "filter", findings::filter, "some of the findings, in an order";
    "fingerprint", findings::fingerprint, "the identity of one finding";
    "normalized_line_context", findings::normalized_line_context, "a source line as identity sees it";
    "parse", documents::parse, "a report to findings and coverage";
    "process", findings::process, "the whole pipeline";
    "render", documents::render, "findings to a format";
    "sbom", documents::sbom, "manifests and lock files to a bill of materials";
    "scan", whole::scan, "a target to findings and coverage, through the whole pipeline";
    "scan_text", documents::scan_text, "the built-in per-file scanners over one text";
    "status", whole::status, "each scanner, and whether it can run here";
    "summary", findings::summary, "counts by severity and the risk score";
    "verify_webhook", documents::verify_webhook, "whether a webhook's signature is right";
    "version", documents::version, "the version of the engine";
}

/// The operations that need scanners.
#[cfg(feature = "scanners")]
mod whole {
    pub(super) use super::scan::{operation as scan, status};
}

/// Without the feature `scanners` they are there and say so.
#[cfg(not(feature = "scanners"))]
mod whole {
    use crate::{Error, ErrorKind, Result};
    use serde_json::Value;

    pub(super) fn scan(_request: super::documents::Nothing) -> Result<Value> {
        Err(Error::new(ErrorKind::Unsupported, "this build has no scanners").hint("enable the feature `scanners`"))
    }

    pub(super) use scan as status;
}

/// Runs one operation over JSON text.
///
/// # Errors
/// `invalid_argument` for an unknown operation or a request of the wrong shape (with line and column); else the operation's own.
pub fn call_json(op: &str, request: &str) -> Result<String> {
    let operation = OPERATIONS.iter().find(|o| o.name == op).ok_or_else(|| {
        let known: Vec<_> = OPERATIONS.iter().map(|o| o.name).collect();
        Error::invalid(format!("unknown operation `{}`", op.chars().take(60).collect::<String>()))
            .hint(format!("choose one of: {}", known.join(", ")))
    })?;
    Ok((operation.run)(request)?.to_string())
}

/// An error as every surface shows it: `code` and `message`, then what is known of `file`, `line`, `column`, `byte`, `hint`.
pub fn error_json(error: &Error) -> String {
    let mut map = Map::new();
    map.insert("code".into(), json!(error.code()));
    map.insert("message".into(), json!(redacted(error.message())));
    let known = [
        ("file", error.file().map(Value::from)),
        ("line", error.line().map(Value::from)),
        ("column", error.column().map(Value::from)),
        ("byte", error.byte().map(Value::from)),
        ("hint", error.remedy().map(Value::from)),
    ];
    map.extend(known.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))));
    Value::Object(map).to_string()
}

/// An error as one line for people, secrets in it masked: place, message, hint.
pub fn error_text(error: &Error) -> String {
    redacted(&error.to_string())
}

/// The message alone, secrets in it masked.
pub fn error_message(error: &Error) -> String {
    redacted(error.message())
}

/// Messages quote what was handed in, which may hold a secret.
fn redacted(message: &str) -> String {
    #[cfg(feature = "scanners")]
    return crate::scanners::redact(message);
    #[cfg(not(feature = "scanners"))]
    return message.to_owned();
}

fn read<T: DeserializeOwned>(request: &str) -> Result<T> {
    // Without this, serde would read an array as the fields in order.
    if !request.trim_start().starts_with('{') {
        return Err(Error::invalid("the request is not a JSON object").at(1, 1));
    }
    serde_json::from_str(request).map_err(|e| Error::invalid(format!("bad request: {e}")).at(e.line() as u64, e.column() as u64))
}

fn answer(value: impl Serialize) -> Result<Value> {
    serde_json::to_value(value).map_err(|e| Error::new(crate::ErrorKind::Internal, format!("answer could not be written: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_sorted_and_unique() {
        assert!(OPERATIONS.windows(2).all(|w| w[0].name < w[1].name));
    }

    #[test]
    fn answers_are_canonical_and_errors_are_named() {
        assert_eq!(call_json("version", "{}").unwrap(), format!("{{\"version\":\"{}\"}}", crate::VERSION));
        let error = call_json("no", "{}").unwrap_err();
        assert_eq!(error.code(), "invalid_argument");
        assert!(error_json(&error).starts_with("{\"code\":\"invalid_argument\",\"hint\":"));
        for operation in OPERATIONS {
            for bad in ["", "[]", "null", "{", "{\"findings\": 3}", "\"x\""] {
                if let Err(error) = call_json(operation.name, bad) {
                    assert!(!error.message().is_empty());
                }
            }
        }
    }
}
