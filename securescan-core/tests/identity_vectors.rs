//! Scheme v1 against the reference vectors, byte for byte; and what v2 does with the same cases.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it does not expect")]

mod common;

use common::vectors;
use securescan_core::identity::{self, Scheme, v1};
use securescan_core::source::NoSources;
use securescan_core::{Finding, ScanType, Severity};
use serde_json::Value;

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// A finding from the fields a vector gives: those that take part in identity.
fn finding(value: &Value) -> Finding {
    let mut finding = Finding::new(value["scanner"].as_str().unwrap(), ScanType::Code, Severity::Medium, "Title");
    (finding.rule_id, finding.cwe, finding.file_path) = (text(&value["rule_id"]), text(&value["cwe"]), text(&value["file_path"]));
    finding.metadata = serde_json::from_value(value["metadata"].clone()).unwrap();
    finding
}

#[test]
fn v1_is_byte_exact() {
    let Some(document) = vectors("fingerprint.json") else { return };
    let (mut count, mut cut_by_cwd) = (0, 0);
    for case in document["cases"].as_array().unwrap() {
        let (input, expected, id) = (&case["input"], &case["expected"], &case["id"]);
        let (finding, cwd) = (finding(&input["finding"]), input["cwd"].as_str().unwrap());
        let snippet = finding.metadata.line_snippet.as_deref().unwrap_or_default();
        let context = identity::normalized_line_context(snippet, Scheme::V1, None);
        assert_eq!(context, expected["normalized_line_context"].as_str().unwrap(), "{id}");
        let path = finding.file_path.as_deref().unwrap_or_default();
        assert_eq!(v1::path(path, Some(cwd)), expected["normalized_file_path"].as_str().unwrap(), "{id}");
        assert_eq!(v1::fingerprint_in(&finding, cwd), expected["fingerprint"].as_str().unwrap(), "{id}");
        // Paths of ours are relative already: only an absolute one below the folder differs without it.
        if identity::fingerprint(&finding, Scheme::V1) != expected["fingerprint"].as_str().unwrap() {
            assert_ne!(v1::path(path, None), v1::path(path, Some(cwd)), "{id}");
            cut_by_cwd += 1;
        }
        count += 1;
    }
    println!("{count} cases byte-exact, {cut_by_cwd} of them need the folder");
    assert_eq!(count, 521);
    assert!(cut_by_cwd > 0);
}

/// The legacy fingerprint of an identified finding is the one the vectors expect, with and without its line.
#[test]
fn identified_findings_carry_their_v1_fingerprint() {
    let Some(document) = vectors("fingerprint.json") else { return };
    let mut with_line = 0;
    for case in document["cases"].as_array().unwrap() {
        let (cwd, expected) = (case["input"]["cwd"].as_str().unwrap(), case["expected"]["fingerprint"].as_str().unwrap());
        let mut finding = finding(&case["input"]["finding"]);
        finding.file_path = finding.file_path.map(|path| v1::path(&path, Some(cwd)));
        // White space alone is no snippet: such a line is matched by the fingerprint without one, which is the same.
        let snippet = finding.metadata.line_snippet.as_deref().is_some_and(|text| !text.trim().is_empty());
        if !snippet || case["expected"]["normalized_line_context"] == "" {
            assert_eq!(identity::legacy_empty_fingerprint(&finding), expected, "{}", case["id"]);
        }
        identity::identify(std::slice::from_mut(&mut finding), &NoSources);
        assert_eq!(finding.legacy_fingerprint.as_deref(), snippet.then_some(expected), "{}", case["id"]);
        assert!(finding.metadata.line_snippet.is_none());
        with_line += usize::from(snippet);
    }
    assert!(with_line > 400, "{with_line}");
}

/// Only empty fingerprints are filled; a given one stays, hexadecimal or not. The recipe filled in is v2, so those values differ.
#[test]
fn populate() {
    let Some(document) = vectors("populate_fingerprints.json") else { return };
    let (mut kept, mut filled) = (0, 0);
    for case in document["cases"].as_array().unwrap() {
        let cwd = case["input"]["cwd"].as_str().unwrap();
        let items = case["input"]["findings"].as_array().unwrap();
        let mut findings: Vec<Finding> = items.iter().map(|item| serde_json::from_value(item.clone()).unwrap()).collect();
        let before = findings.clone();
        identity::identify(&mut findings, &NoSources);
        for (index, (finding, before)) in findings.iter().zip(&before).enumerate() {
            let expected = case["expected"]["fingerprints"][index].as_str().unwrap();
            if before.fingerprint.is_empty() {
                assert_eq!(v1::fingerprint_in(before, cwd), expected, "{}", case["id"]);
                assert_eq!(finding.fingerprint, identity::fingerprint(before, Scheme::V2));
                filled += 1;
            } else {
                assert_eq!(finding.fingerprint, expected, "{}", case["id"]);
                kept += 1;
            }
        }
        let once = findings.clone();
        identity::identify(&mut findings, &NoSources);
        assert_eq!(findings, once);
    }
    println!("kept {kept}, filled {filled}");
    assert!(kept > 0 && filled > 0);
}
