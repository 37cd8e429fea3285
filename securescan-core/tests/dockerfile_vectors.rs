//! The built-in scanner `dockerfile` against what SecureScan 0.11.12 for Python says about the same files.
//!
//! Only the rules DL001 … DL010 are compared: the others are new. Where we differ on purpose, the difference belongs to one
//! of the decisions below; each is counted, and an unexplained difference fails.
#![cfg(feature = "scanners")]

use securescan_core::scanners::builtin::dockerfile::scan_text;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Why a difference from the reference is wanted.
const DECISIONS: &[(&str, &str)] = &[
    ("anchored", "DL010 stands on the `FROM` of the final stage instead of nowhere"),
    (
        "stage",
        "DL010 and DL002 are about the final stage's last USER; a USER before any FROM or followed by another does not count",
    ),
    ("root-forms", "DL002 knows `0`, `root:root` and a word behind the user"),
    ("ports", "DL005 reads every port, with protocol or range"),
    ("secret-value", "DL007 needs a secret name in words (`monkey` has none) and a value"),
    ("secret-forms", "DL007 reads `ENV NAME value`"),
    ("pipes", "DL003 knows wget"),
    ("modes", "DL008 reads `-R 777`"),
    ("pip", "DL009 knows pip3"),
    ("continuation", "a line after `\\` belongs to the instruction above"),
];

fn shared() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    std::env::var_os("SECURESCAN_SHARED").map_or_else(beside, PathBuf::from)
}

type Hit = (String, String, Option<u64>);

fn ours(text: &str) -> Vec<Hit> {
    scan_text("Dockerfile", text)
        .into_iter()
        .filter(|f| f.rule_id.as_deref().is_some_and(|r| r.starts_with("dockerfile/DL")))
        .map(|f| (f.rule_id.unwrap_or_default(), f.severity.to_string(), f.line.map(u64::from)))
        .collect()
}

/// The decision a difference falls under.
fn decision(text: &str, hit: &Hit, is_ours: bool) -> Option<&'static str> {
    let line = hit.2.and_then(|n| text.lines().nth(n as usize - 1)).unwrap_or_default();
    let before = hit.2.and_then(|n| text.lines().nth((n as usize).checked_sub(2)?)).unwrap_or_default();
    let rule = hit.0.trim_start_matches("dockerfile/");
    match rule {
        _ if before.ends_with('\\') => Some("continuation"),
        "DL010" if !is_ours => Some("anchored"),
        "DL010" if text.lines().any(|l| l.to_uppercase().starts_with("USER")) => Some("stage"),
        "DL010" => Some("anchored"),
        "DL002" if !is_ours => Some("stage"),
        "DL002" if !line.trim().eq_ignore_ascii_case("user root") => Some("root-forms"),
        "DL005" if is_ours && (line.contains('/') || line.contains("22 80")) => Some("ports"),
        "DL007" if !is_ours && (line.contains("monkey") || line.ends_with("TOKEN=")) => Some("secret-value"),
        "DL007" if is_ours && line.contains("API_KEY x") => Some("secret-forms"),
        "DL003" if is_ours && line.contains("wget") => Some("pipes"),
        "DL008" if is_ours && line.contains("-R 777") => Some("modes"),
        "DL009" if is_ours && line.contains("pip3") => Some("pip"),
        _ => None,
    }
}

#[test]
fn every_difference_from_the_reference_is_a_decision() {
    let file = shared().join("vectors/dockerfile_scanner.json");
    let Ok(bytes) = std::fs::read(&file) else {
        println!("skipped: no shared vectors beside the repository");
        return;
    };
    let set: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let cases = set["cases"].as_array().unwrap();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut unexplained = Vec::new();
    let mut equal = 0;
    for case in cases {
        let text = case["input"]["text"].as_str().unwrap();
        let expected: Vec<Hit> = case["expected"]["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| (f["rule_id"].as_str().unwrap().into(), f["severity"].as_str().unwrap().into(), f["line_start"].as_u64()))
            .collect();
        let found = ours(text);
        let more = found.iter().filter(|h| !expected.contains(h)).map(|h| (h, true));
        let fewer = expected.iter().filter(|h| !found.contains(h)).map(|h| (h, false));
        let differences: Vec<_> = more.chain(fewer).collect();
        equal += usize::from(differences.is_empty());
        for (hit, is_ours) in differences {
            match decision(text, hit, is_ours) {
                Some(name) => *counts.entry(name).or_default() += 1,
                None => unexplained.push(format!("{} {text:?}: {} {hit:?}", case["id"], if is_ours { "more" } else { "fewer" })),
            }
        }
    }
    println!("{} cases, {equal} equal; differences by decision: {counts:?}", cases.len());
    assert!(unexplained.is_empty(), "{}", unexplained.join("\n"));
    for name in counts.keys() {
        assert!(DECISIONS.iter().any(|(known, _)| known == name), "`{name}` is no decision");
    }
    assert_eq!(set["count"], cases.len());
}
