//! The CycloneDX project's own documents: every valid one is read, none of the invalid ones does harm.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests"
)]

use securescan_core::ingest::{self, IngestOptions};
use std::path::{Path, PathBuf};

#[test]
fn conformance_documents() {
    let shared = std::env::var_os("SECURESCAN_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"), PathBuf::from);
    let Ok(folder) = std::fs::read_dir(shared.join("fixtures/cyclonedx-conformance")) else {
        println!("skipped: the shared report corpus is not beside the repository");
        return;
    };
    let mut valid = 0;
    for entry in folder {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).unwrap();
        let options = IngestOptions::default();
        let (read, streamed) = (ingest::parse(&bytes, None, &options), ingest::parse_reader(&bytes[..], None, &options));
        if name.starts_with("valid-") {
            valid += 1;
            let (read, streamed) = (read.unwrap(), streamed.unwrap());
            assert_eq!(read, streamed, "{name}");
            let bill: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            let listed = bill["vulnerabilities"].as_array().map_or(0, Vec::len);
            assert_eq!(read.findings.len(), listed, "{name}");
        } else {
            assert_eq!(read.is_ok(), streamed.is_ok(), "{name}");
        }
    }
    assert!(valid > 0);
}
