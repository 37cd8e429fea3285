//! Shared by the integration tests.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "each test binary uses a part, and a failing test panics")]

pub mod samples;

use std::path::{Path, PathBuf};

/// The folder of shared material beside the repository, or `None`, said aloud.
pub fn shared(file: &str) -> Option<PathBuf> {
    let root = std::env::var_os("SECURESCAN_SHARED")
        .map(PathBuf::from)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"));
    let path = root.join(file);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {file} is not beside the repository");
    None
}

/// A file of vectors.
pub fn vectors(name: &str) -> Option<serde_json::Value> {
    let path = shared(&format!("vectors/{name}"))?;
    Some(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
}

/// The rows of a Markdown table whose first cell is code: that cell, and the cells after it.
pub fn code_rows(text: &str) -> Vec<(String, Vec<String>)> {
    text.lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.trim().strip_prefix('|')?.split('|').map(str::trim).collect();
            let name = cells.first()?.strip_prefix('`')?.strip_suffix('`')?;
            Some((name.to_owned(), cells.iter().skip(1).map(|c| (*c).to_owned()).collect()))
        })
        .collect()
}
