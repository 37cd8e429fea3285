//! Reads one set of reference vectors, if the shared material is at hand.

use serde_json::Value;
use std::path::{Path, PathBuf};

/// The set's document, or `None` (said on stdout) when the shared material is absent.
pub(crate) fn vectors(name: &str) -> Option<Value> {
    let shared = std::env::var_os("SECURESCAN_SHARED")
        .map(PathBuf::from)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"));
    let path = shared.join("vectors").join(format!("{name}.json"));
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: the reference vectors `{name}` are not here (set SECURESCAN_SHARED)");
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

/// The cases of a set.
pub(crate) fn cases(document: &Value) -> &[Value] {
    document["cases"].as_array().unwrap()
}
