//! Flawfinder's CSV, which no shared reader of JSON or XML stands before: memory and stream agree, and nothing panics.
#![no_main]
use libfuzzer_sys::fuzz_target;
use securescan_core::ingest::{IngestOptions, parse, parse_reader};

fuzz_target!(|bytes: &[u8]| {
    let options = IngestOptions::default();
    let whole = parse(bytes, Some("flawfinder"), &options);
    let streamed = parse_reader(bytes, Some("flawfinder"), &options);
    assert_eq!(whole.is_ok(), streamed.is_ok());
    if let (Ok(whole), Ok(streamed)) = (whole, streamed) {
        assert_eq!(whole, streamed);
    }
});
