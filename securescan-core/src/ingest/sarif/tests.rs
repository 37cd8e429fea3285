//! SARIF, read: what every field becomes, odd files, and that our own come back as they went out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests"
)]

mod hostile;
mod mapping;
mod round_trip;
mod tools;

use crate::Result;
use crate::ingest::{IngestOptions, parse, parse_reader};
use crate::model::{Finding, ScanResult};
use serde_json::{Value, json};

/// Reads a log, from memory and as a stream: both give the same.
fn read_text(text: &str) -> Result<ScanResult> {
    let options = IngestOptions::default();
    let read = parse(text.as_bytes(), None, &options);
    let streamed = parse_reader(text.as_bytes(), None, &options);
    match (&read, &streamed) {
        (Ok(a), Ok(b)) => assert_eq!(a, b),
        (Err(a), Err(b)) => assert_eq!(a.code(), b.code(), "{a} / {b}"),
        (a, b) => panic!("{a:?} / {b:?}"),
    }
    read
}

/// A log of one run.
fn log(run: Value) -> String {
    json!({"version": "2.1.0", "runs": [run]}).to_string()
}

/// Reads a log of one run.
fn read(run: Value) -> ScanResult {
    read_text(&log(run)).unwrap()
}

/// The only finding of a run with a driver of this name, these rules and one result.
fn one(driver: Value, result: Value) -> Finding {
    let mut result = read(json!({"tool": {"driver": driver}, "results": [result]}));
    assert_eq!(result.findings.len(), 1, "{:?}", result.scanners);
    result.findings.remove(0)
}
