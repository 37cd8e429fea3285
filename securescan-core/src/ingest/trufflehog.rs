//! TruffleHog: version 3 as JSON lines or a list, with its log lines between them, and the JSON lines of version 2.

use super::fields::{Fields, text_of};
use super::json;
use super::leak::{self, Leak, Validity};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, mask, words};
use crate::Result;
use crate::model::{Confidence, ScanType};
use serde_json::Value;

pub(super) struct TruffleHog;

const META: ParserMeta = ParserMeta {
    id: "trufflehog",
    title: "TruffleHog JSON lines",
    versions_read: "2 and 3",
    upstream: "https://github.com/trufflesecurity/trufflehog",
    scan_type: ScanType::Code,
};

impl Parser for TruffleHog {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let current = shape.has("SourceMetadata") && shape.has_any(&["DetectorName", "DetectorType"]);
        let legacy = shape.has("stringsFound") && shape.has_any(&["reason", "printDiff"]);
        let only_log = shape.text("logger") == Some("trufflehog") && shape.has("msg");
        matches!(shape.top, Top::Object | Top::Array) && (current || legacy || only_log)
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        json::read_many(&mut input, report, &mut |report, _, value| {
            let item = Fields::of(value)?;
            match () {
                () if item.has("stringsFound") || item.has("printDiff") => legacy(report, item),
                () if item.has("logger") || item.has("msg") => {
                    log(report, item);
                    Ok(())
                }
                () => current(report, item),
            }
        })
    }
}

/// A line of the log, which goes the same way when both streams are written to one file.
fn log(report: &mut Report<'_>, mut item: Fields) {
    let message = item.text("msg").unwrap_or_default();
    report.version(item.text("version"));
    if item.text("level").is_some_and(|level| level == "error" || level == "fatal") {
        let path = item.first_text(&["path", "file", "repo"]).unwrap_or_else(|| ".".to_owned());
        let why = item.first_text(&["error", "errors"]).map(|e| format!("{message}: {e}")).unwrap_or(message);
        report.missed(path, why);
    }
}

fn current(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let detector = item.first_text(&["DetectorName", "DetectorType"]);
    let (kind, mut place) = source(&mut item);
    let Some(rule) = detector else { return Err(bad("`DetectorName` is missing")) };
    let validity = if item.flag("Verified") == Some(true) { Validity::Works } else { Validity::Unknown };
    let (raw, whole) = (item.text("Raw"), item.text("RawV2"));
    // Before 3.4 secrets were base64 of bytes.
    let plain = [&raw, &whole].into_iter().flatten().filter_map(|text| leak::from_base64(text));
    let others: Vec<String> = plain.chain(raw.clone()).chain(whole.clone()).collect();
    // Parts of the secret in a form of its own, and the key itself beside what it may do.
    item.value("StructuredData");
    if let Some(analysis) = item.value("AnalysisInfo") {
        item.keep("AnalysisInfo", leak::scrubbed(analysis));
    }
    // Of a long secret it is the first part in clear.
    if item.peek("Redacted").and_then(Value::as_str).is_some_and(|shown| others.iter().any(|s| s.contains(shown))) {
        item.value("Redacted");
    }
    let value = raw.or(whole).map(|text| leak::from_base64(&text).filter(|plain| plain.len() >= 8).unwrap_or(text));
    let file = place.first_text(&["file", "filename", "path"]);
    let title = title(&rule);
    let about = item.text("DetectorDescription").unwrap_or_default();
    let mut finding = Leak { rule, description: title, value, validity, file }.finding(report)?;
    finding.confidence = finding.confidence.or(Some(Confidence::Medium));
    finding.description = match validity {
        Validity::Works => format!("{}: TruffleHog tried it out and it works. {about}", finding.title),
        _ => format!("{}. {about}", finding.title),
    };
    finding.description.truncate(finding.description.trim_end().len());
    finding.line = place.position("line");
    let commit = place.text("commit");
    finding.references = words::urls(place.text("link"));
    leak::in_history(&mut finding, commit);
    item.keep("source", place.rest());
    item.keep("source_kind", kind);
    finding.metadata.tool = item.rest();
    mask::hide(&mut finding, others.iter().map(String::as_str));
    report.push(finding)
}

/// The one kind of source that a finding names, and its fields.
fn source(item: &mut Fields) -> (String, Fields) {
    let data = item.object("SourceMetadata.Data");
    let named = data.entries().find(|(_, value)| value.is_object());
    named.map_or_else(|| (String::new(), Fields::default()), |(kind, value)| (kind, Fields::or_empty(value)))
}

/// `PrivateKey` as `Private Key`, `AWS` as `AWS credentials`.
fn title(detector: &str) -> String {
    let mut name = String::new();
    let mut before = ' ';
    for c in detector.chars() {
        if c.is_uppercase() && before.is_lowercase() {
            name.push(' ');
        }
        name.push(c);
        before = c;
    }
    let lower = name.to_ascii_lowercase();
    let says = ["key", "token", "secret", "password", "webhook", "credential"].iter().any(|word| lower.ends_with(word));
    if says { name } else { format!("{name} credentials") }
}

fn legacy(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let (rule, file) = (item.text("reason"), item.text("path"));
    if rule.is_none() && file.is_none() {
        return Err(bad("`reason` and `path` are missing"));
    }
    let rule = rule.unwrap_or_else(|| "trufflehog".to_owned());
    let found = item.texts("stringsFound");
    let diff = item.value("diff").and_then(text_of).unwrap_or_default();
    item.value("printDiff");
    let value = found.first().cloned();
    let mut finding = Leak { description: rule.clone(), rule, value, validity: Validity::Unknown, file }.finding(report)?;
    // Rusty Hog, which writes the same, counts the lines itself, and has places that are no files.
    let counted = item.position("new_line_num").or(item.position("old_line_num")).or(item.position("linenum"));
    finding.line = counted.or_else(|| found.first().and_then(|secret| line_in_diff(&diff, secret)));
    finding.references = words::urls(item.text("url"));
    leak::in_history(&mut finding, item.text("commitHash"));
    if let Some(message) = item.text("commit") {
        item.keep("commit_message", message);
    }
    finding.metadata.tool = item.rest();
    mask::hide(&mut finding, found.iter().skip(1).map(String::as_str));
    report.push(finding)
}

/// The line of the file on which a text stands that a unified diff adds, or keeps; else removes.
fn line_in_diff(diff: &str, text: &str) -> Option<u32> {
    let wanted = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    let (mut old, mut new, mut removed) = (0u32, 0u32, None);
    for line in diff.lines() {
        if let Some((from, to)) = line.strip_prefix("@@ -").and_then(|rest| rest.split_once(" +")) {
            let start = |numbers: &str| numbers.split([',', ' ']).next().and_then(|n| n.parse().ok()).unwrap_or(0u32);
            (old, new) = (start(from), start(to));
            continue;
        }
        if new == 0 && old == 0 {
            continue;
        }
        let found = line.get(1..).is_some_and(|content| content.contains(wanted));
        if line.starts_with('-') {
            removed = removed.or(found.then_some(old));
            old = old.saturating_add(1);
            continue;
        }
        if found {
            return Some(new).filter(|n| *n > 0);
        }
        new = new.saturating_add(1);
        old = if line.starts_with('+') { old } else { old.saturating_add(1) };
    }
    removed.filter(|n| *n > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::{IngestOptions, parse};
    use crate::model::{Finding, ScannerStatus, Severity};
    use serde_json::json;

    const TOKEN: &str = "ghp_q8Zr1mXv7LwT3pKd9NsB5hGfYc2JuA0TsxpC";

    fn one(item: &Value) -> Finding {
        let result = parse(item.to_string().as_bytes(), None, &IngestOptions::default()).unwrap();
        assert_eq!((result.findings.len(), result.scanners[0].name.as_str()), (1, "trufflehog"));
        let text = serde_json::to_string(&result.findings).unwrap();
        assert!(!text.contains(TOKEN), "{text}");
        result.findings.into_iter().next().unwrap()
    }

    #[test]
    fn version_3() {
        let f = one(
            &json!({"SourceMetadata": {"Data": {"Github": {"link": "https://h/x", "repository": "r", "commit": "fbc1", "file": "k/a",
            "email": "e", "line": 4}}}, "SourceID": 0, "DetectorType": 8, "DetectorName": "Github", "Verified": true, "Raw": TOKEN,
            "RawV2": format!("{TOKEN}:second-part"), "Redacted": "", "ExtraData": {"note": format!("{TOKEN}:second-part")},
            "AnalysisInfo": {"key": TOKEN}, "StructuredData": null}),
        );
        assert_eq!((f.rule_id.as_deref(), f.title.as_str()), (Some("Github"), "Github credentials"));
        assert_eq!((f.severity, f.confidence), (Severity::Critical, Some(Confidence::High)));
        assert_eq!((f.file_path.as_deref(), f.line, f.cwe.as_deref()), (Some("k/a"), Some(4), Some("CWE-798")));
        assert_eq!((f.metadata.extra.get("commit"), f.references.len()), (Some(&json!("fbc1")), 1));
        assert_eq!(f.metadata.tool["source"]["repository"], "r");
        assert!(f.description.contains("it works"));
    }

    #[test]
    fn early_version_3_and_no_file() {
        let raw = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, TOKEN);
        let f = one(
            &json!([{"SourceMetadata": {"Data": {"Docker": {"image": "i", "layer": "l", "line": 0}}}, "DetectorName": "PrivateKey",
            "Verified": false, "Raw": raw, "Redacted": TOKEN}]),
        );
        assert_eq!((f.title.as_str(), f.severity, f.line, f.file_path), ("Private Key", Severity::Critical, None, None));
        assert_eq!((f.secret.unwrap().value.as_str(), f.confidence), (TOKEN, Some(Confidence::Medium)));
    }

    #[test]
    fn version_2() {
        let diff = format!("@@ -30,3 +40,4 @@ class X\n context\n-old {TOKEN}\n+new\n+key = '{TOKEN}'\n");
        let f = one(
            &json!({"branch": "b", "commit": format!("adds {TOKEN}"), "commitHash": "288f", "date": "d", "diff": diff, "path": "t.py",
            "printDiff": TOKEN, "reason": "Generic Secret", "stringsFound": [format!("key = '{TOKEN}'"), TOKEN]}),
        );
        assert_eq!((f.rule_id.as_deref(), f.line, f.file_path.as_deref()), (Some("Generic Secret"), Some(42), Some("t.py")));
        assert_eq!(f.metadata.extra.get("commit"), Some(&json!("288f")));
    }

    #[test]
    fn log_lines_and_odd_items() {
        let read = |text: &str| parse(text.as_bytes(), None, &IngestOptions::default());
        let log = r#"{"level":"info-0","ts":"t","logger":"trufflehog","msg":"finished scanning","verified_secrets":0}"#;
        assert!(read(log).unwrap().findings.is_empty());
        let failed = r#"{"level":"error","logger":"trufflehog","msg":"could not","error":"no such file","path":"/x"}"#;
        let item = r#"{"SourceMetadata":{"Data":null},"DetectorName":"AWS","Raw":null}"#;
        let result = read(&format!("banner\n{log}\n{failed}\n{item}\n{{\"SourceMetadata\":{{}}}}\n{{\"cut\":")).unwrap();
        assert_eq!((result.findings.len(), result.scanners[0].status), (1, ScannerStatus::Partial));
        assert_eq!(line_in_diff("@@ -0,0 +99999999999999999999,1 @@\n+x", "x"), None);
        assert_eq!(line_in_diff("@@ -4294967295 +4294967295 @@\n a\n b\n+x", "x"), Some(u32::MAX));
    }
}
