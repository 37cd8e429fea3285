//! Canary: no secret that a secrets scanner's report shows in clear is in anything the reader gives.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests"
)]

use securescan_core::ingest::{self, IngestOptions};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Fields in which the tools write secrets, in lower case.
const CLEAR: &[&str] = &[
    "secret",
    "match",
    "raw",
    "rawv2",
    "full",
    "value",
    "snippet",
    "matching",
    "match_content",
    "stringsfound",
    "offender",
    "groups",
    "dependent_captures",
];

fn folders() -> Option<Vec<PathBuf>> {
    let shared = std::env::var_os("SECURESCAN_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"), PathBuf::from);
    if !shared.join("fixtures/INDEX.md").is_file() {
        println!("skipped: the shared report corpus is not beside the repository");
        return None;
    }
    let names = ["gitleaks", "trufflehog", "detect-secrets", "ggshield", "noseyparker"];
    let mut files: Vec<PathBuf> = names
        .iter()
        .flat_map(|name| std::fs::read_dir(shared.join("fixtures").join(name)).unwrap())
        .map(|entry| entry.unwrap().path())
        .collect();
    let live = ["gitleaks.json", "betterleaks.json", "kingfisher.json", "detect-secrets.json"];
    files.extend(live.iter().map(|name| shared.join("fixtures-live").join(name)).filter(|path| path.is_file()));
    files.sort();
    Some(files)
}

/// Every document of a file: one, or one a line.
fn documents(text: &str) -> Vec<Value> {
    serde_json::Deserializer::from_str(text).into_iter::<Value>().map(Result::unwrap).collect()
}

fn secrets(value: &Value, clear: bool, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if clear && text.chars().count() >= 8 => drop(found.insert(text.clone())),
        Value::Array(items) => items.iter().for_each(|item| secrets(item, clear, found)),
        Value::Object(map) => map.iter().for_each(|(key, item)| {
            let names = CLEAR.contains(&key.to_ascii_lowercase().as_str());
            secrets(item, clear && key != "fingerprint" || names, found);
        }),
        _ => {}
    }
}

#[test]
fn nothing_shows_a_secret() {
    let Some(files) = folders() else { return };
    let (mut canaries, mut leaks) = (0, Vec::new());
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        let format = file.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
        let format = if format == "fixtures-live" { None } else { Some(format) };
        let result = ingest::parse(&bytes, format.as_deref(), &IngestOptions::default()).unwrap();
        let rules: BTreeSet<&str> = result.findings.iter().filter_map(|f| f.rule_id.as_deref()).collect();
        let mut found = BTreeSet::new();
        documents(std::str::from_utf8(&bytes).unwrap()).iter().for_each(|doc| secrets(doc, false, &mut found));
        // A password that is a word of a rule's name, as `Password`, tells nothing there.
        found.retain(|secret| !rules.iter().any(|rule| rule.contains(secret.as_str())));
        canaries += found.len();
        let shown = serde_json::to_string(&result.findings).unwrap();
        let runs = format!("{:?}", result.scanners);
        for secret in found {
            let quoted = serde_json::to_string(&secret).unwrap();
            let inner = &quoted[1..quoted.len() - 1];
            if shown.contains(inner) || runs.contains(&secret) {
                leaks.push(format!("{}: {}…", file.display(), secret.chars().take(20).collect::<String>()));
            }
        }
    }
    println!("{canaries} secrets looked for");
    assert!(leaks.is_empty(), "{} of {canaries} shown:\n{}", leaks.len(), leaks.join("\n"));
    assert!(canaries > 50, "only {canaries} secrets found in the corpus");
}
