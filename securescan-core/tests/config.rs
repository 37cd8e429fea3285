//! The configuration file against the reference vectors.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test stops at what it does not expect")]

mod policy_support;

use policy_support::{cases, vectors};
use securescan_core::ErrorKind;
use securescan_core::config::{Config, Issue, IssueSeverity};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The configuration as the reference dumps it: without `version`, which it does not know (decision D4).
fn dump(config: &Config) -> Value {
    let mut value = serde_json::to_value(config).unwrap();
    assert_eq!(value.as_object_mut().unwrap().remove("version"), Some(Value::Null));
    value
}

/// Where the reference and we differ on purpose, by what the text does.
fn deviation(text: &str) -> Option<&'static str> {
    if text == "ignored_rules: [A]\nignored_rules: [B]\n" {
        return Some("duplicate keys are an error, not last-wins");
    }
    None
}

/// The reference names a bad key by the spelling of its Python value, we by its spelling in the file.
fn same_location(ours: &str, theirs: &str) -> bool {
    let Some(key) = theirs.strip_suffix(".[key]") else { return ours == theirs };
    let spelt = [("[1]", ".true"), ("[123]", ".123"), (".None", ".null"), (".datetime.date(2024, 1, 1)", ".2024-01-01")];
    ours == spelt.iter().fold(key.to_owned(), |key, (python, yaml)| key.replace(python, yaml))
}

fn lint(text: &str) -> Vec<Issue> {
    Config::lint(text, ".securescan.yml", &|path| matches!(path, "rules/exists.yml" | "rules"))
}

#[test]
fn parse_and_lint_vectors() {
    let Some(document) = vectors("config") else { return };
    let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
    for case in cases(&document) {
        let text = case["input"]["text"].as_str().unwrap();
        let parsed = Config::parse(text, ".securescan.yml");
        let issues = lint(text);
        if let Some(class) = deviation(text) {
            *classes.entry(class).or_default() += 1;
            let error = parsed.unwrap_err().to_string();
            assert_eq!(error, ".securescan.yml:2:1: malformed YAML: the key `ignored_rules` appears twice; keep one of them");
            continue;
        }
        let expected = &case["expected"]["parse"];
        let ok = expected["ok"].as_bool().unwrap();
        match &parsed {
            Ok(config) => {
                assert!(ok, "we accept {text:?}");
                assert_eq!(dump(config), expected["config"], "{text:?}");
            }
            Err(error) => {
                assert!(!ok, "we refuse {text:?}: {error}");
                assert_eq!(error.kind(), ErrorKind::Config);
                assert!(error.line().is_some() && error.column().is_some(), "{error}");
                let line = error.to_string();
                assert!(!line.contains('\n') && line.starts_with(".securescan.yml:") && line.contains("; "), "{line}");
            }
        }
        check_issues(text, &issues, &case["expected"]["lint"]["issues"], &mut classes);
    }
    println!("deviations: {classes:?}");
    assert_eq!(classes.get("duplicate keys are an error, not last-wins"), Some(&1));
    assert_eq!(classes.get("a registry name is no missing path (weak point 12)"), Some(&1));
    assert_eq!(classes.len(), 2);
}

fn check_issues(text: &str, issues: &[Issue], expected: &Value, classes: &mut BTreeMap<&str, usize>) {
    let expected: Vec<_> = expected.as_array().unwrap().iter().collect();
    if text == "semgrep_rules: [p/ci]\n" {
        *classes.entry("a registry name is no missing path (weak point 12)").or_default() += 1;
        assert_eq!(issues, []);
        return;
    }
    assert_eq!(issues.len(), expected.len(), "{text:?}: {issues:?}");
    for (ours, theirs) in issues.iter().zip(expected) {
        assert_eq!(ours.severity.as_str(), theirs["severity"], "{text:?}");
        match theirs["location"].as_str() {
            Some(location) => assert!(same_location(ours.location.as_deref().unwrap(), location), "{text:?}: {ours:?}"),
            // A list as a key: the reference's YAML reader refuses it, our schema does, so we can say where.
            None if text.contains("? [a]") => assert_eq!(ours.location.as_deref(), Some("severity_overrides")),
            None => assert_eq!(ours.location, None, "{text:?}"),
        }
        assert!(!ours.message.contains('\n'), "{ours:?}");
        assert!(ours.severity == IssueSeverity::Info || ours.line.is_some(), "{ours:?}");
        let message = theirs["message"].as_str().unwrap();
        for kind in ["malformed YAML", "top-level YAML must be a mapping", "semgrep_rules path does not exist"] {
            let same = ours.message.starts_with(kind) == message.starts_with(kind);
            assert!(same || text.contains("? [a]"), "{ours:?}");
        }
        assert_eq!(ours.message.contains("empty"), message.contains("config file is empty"), "{ours:?}");
    }
}

#[test]
fn discovery_vectors() {
    let Some(document) = vectors("config_discovery") else { return };
    let mut checked = 0;
    for case in cases(&document) {
        let dir = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(dir.path()).unwrap();
        let files = case["input"]["files"].as_object().unwrap();
        for (path, text) in files {
            write(&root, path, text.as_str().unwrap());
        }
        let start = root.join(case["input"]["start"].as_str().unwrap());
        std::fs::create_dir_all(&start).unwrap();
        let found = Config::find(&start).map(|path| path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned());
        assert_eq!(json!(found), case["expected"]["found"], "{}", case["id"]);
        checked += 1;
    }
    assert_eq!(checked, document["count"]);
}

fn write(root: &Path, path: &str, text: &str) {
    let full = root.join(path);
    if path.ends_with('/') {
        std::fs::create_dir_all(full).unwrap();
        return;
    }
    std::fs::create_dir_all(full.parent().unwrap()).unwrap();
    std::fs::write(full, text).unwrap();
}

#[test]
fn severity_words_are_lower_case() {
    let words: BTreeSet<&str> = BTreeSet::from(["critical", "high", "medium", "low", "info"]);
    for word in ["critical", "high", "medium", "low", "info", "HIGH", "High", "hgih", "none", "warning", "5", " high", "high "] {
        let text = format!("fail_on_severity: {word:?}\nseverity_overrides:\n  R: {word:?}\n");
        let parsed = Config::parse(&text, "c.yml");
        assert_eq!(parsed.is_ok(), words.contains(word), "{word:?}");
    }
    let error = Config::parse("fail_on_severity: hgih\n", "c.yml").unwrap_err();
    assert_eq!(error.to_string(), "c.yml:1:19: `fail_on_severity`: `hgih` is not a severity; did you mean `high`?");
}
