//! Scheme v1: byte-compatible with SecureScan 0.11 for Python.

use serde_json::Value;

/// The text of a `line_snippet` value.
pub fn snippet_text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}
