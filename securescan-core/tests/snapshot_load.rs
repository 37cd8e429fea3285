//! Reading our own documents against what SecureScan 0.11 for Python does, and against arbitrary bytes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a failing test panics")]

mod common;

use proptest::prelude::*;
use securescan_core::ingest::{IngestOptions, parse};
use securescan_core::{Finding, Result, ScanResult};
use serde_json::Value;
use std::collections::BTreeMap;

fn read(text: &str) -> Result<ScanResult> {
    parse(text.as_bytes(), Some("securescan"), &IngestOptions::default())
}

fn unwrap_int(value: &Value) -> Value {
    value.get("$int").map_or_else(|| value.clone(), |text| serde_json::from_str(text.as_str().unwrap()).unwrap())
}

/// What differs between a finding Python read and ours, with the decision that says so.
fn differences(theirs: &Value, ours: &Finding) -> Vec<&'static str> {
    let our = serde_json::to_value(ours).unwrap();
    for field in [
        "scanner",
        "scan_type",
        "severity",
        "title",
        "description",
        "file_path",
        "rule_id",
        "cwe",
        "fingerprint",
        "compliance_tags",
    ] {
        assert_eq!(theirs[field], our[field], "{field}");
    }
    let mut met = Vec::new();
    assert_eq!(theirs["remediation"].as_str().unwrap_or_default(), ours.remediation);
    assert_eq!(theirs["scan_id"].as_str().unwrap_or_default(), ours.scan_id.as_deref().unwrap_or_default());
    for (old, new) in [("line_start", ours.line), ("line_end", ours.end_line)] {
        match unwrap_int(&theirs[old]).as_u64() {
            number if number == new.map(u64::from) => {}
            Some(0) => met.push("a line 0 is no line"),
            Some(number) if number > u64::from(u32::MAX) => met.push("a line beyond 32 bits is no line"),
            number => panic!("{old}: {number:?} {new:?}"),
        }
    }
    met
}

/// Documents Python reads and we refuse.
fn refused_on_purpose(text: &str, message: &str) -> Option<&'static str> {
    match text {
        // 03, section 2: an empty result only from an explicit empty array.
        "[null]" | "[[]]" | "[1,2]" | "1" | "\"x\"" | "null" | "{\"findings\":\"abc\"}" | "[1e999]" => {
            Some("what is no list of findings is an error")
        }
        _ if message.contains("duplicate field") => Some("a key that stands twice is an error"),
        _ if message.contains("number out of range") => Some("a number beyond a double is an error"),
        // 01, section 2: `"12"` and `3.0` are read, further coercions of pydantic are not.
        _ if text.contains("\"line_start\": \"1_000\"") || text.contains("\"line_start\": \"12.0\"") => {
            Some("positions are numbers or plain digits")
        }
        _ if text.contains("\"line_start\": true") || text.contains("\"line_start\": false") => {
            Some("positions are numbers or plain digits")
        }
        _ => None,
    }
}

/// Documents Python refuses and we read.
fn read_on_purpose(text: &str) -> Option<&'static str> {
    // 01, section 2: null reads as absent.
    ["\"fingerprint\": null", "\"scan_id\": null", "\"compliance_tags\": null"]
        .iter()
        .any(|null| text.contains(null))
        .then_some("null is absent")
}

#[test]
fn vectors_agree_or_a_decision_says_why() {
    let Some(vectors) = common::vectors("snapshot_load.json") else { return };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut met = |why| *counts.entry(why).or_default() += 1;
    for case in vectors["cases"].as_array().unwrap() {
        let text = case["input"]["text"].as_str().unwrap();
        let id = &case["id"];
        match (case["expected"]["ok"] == true, read(text)) {
            (true, Ok(result)) => {
                let theirs = case["expected"]["findings"].as_array().unwrap();
                assert_eq!(theirs.len(), result.findings.len(), "{id} {text}");
                let differing: Vec<_> = theirs.iter().zip(&result.findings).flat_map(|(a, b)| differences(a, b)).collect();
                met(differing.first().copied().unwrap_or("agrees: read"));
            }
            (false, Err(error)) => {
                assert_eq!(error.code(), "parse", "{id}");
                assert!(error.line().is_some() || error.byte().is_some(), "{id} {error}");
                met("agrees: refused");
            }
            (true, Err(error)) => {
                met(refused_on_purpose(text, error.message()).unwrap_or_else(|| panic!("{id} {text}: {error}")))
            }
            (false, Ok(_)) => met(read_on_purpose(text).unwrap_or_else(|| panic!("{id} {text}"))),
        }
    }
    let total: usize = counts.values().sum();
    assert_eq!(total, vectors["cases"].as_array().unwrap().len());
    insta::assert_debug_snapshot!(counts, @r#"
    {
        "a key that stands twice is an error": 2,
        "a line beyond 32 bits is no line": 2,
        "a number beyond a double is an error": 1,
        "agrees: read": 22,
        "agrees: refused": 37,
        "null is absent": 3,
        "positions are numbers or plain digits": 4,
        "what is no list of findings is an error": 8,
    }
    "#);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes, None, &IngestOptions::default());
        let _ = parse(&bytes, Some("securescan"), &IngestOptions::default());
    }

    #[test]
    fn json_soup_never_panics(text in r#"([\[\]{},:"\\]|findings|scanner|severity|null|1e9|-|\\u[0-9a-f]{4}|é| ){0,60}"#) {
        let _ = parse(text.as_bytes(), None, &IngestOptions::default());
        let _ = read(&text);
    }

    #[test]
    fn a_cut_document_is_an_error(cut in 0usize..8000) {
        let whole = common::samples::typical();
        let whole = securescan_core::Findings::from_result(whole).to_snapshot_json();
        let end = (0..=cut).rev().find(|at| whole.is_char_boundary(*at)).unwrap();
        prop_assert!(read(whole.get(..end).unwrap()).is_err());
    }
}
