//! Betterleaks: the JSON of version 2. Version 1 writes Gitleaks' form, which that reader takes.

use super::fields::Fields;
use super::gitleaks::Gitleaks;
use super::json::{self, Want};
use super::leak::{self, Leak, Validity};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, mask, words};
use crate::model::{ScanType, Severity};
use crate::{Error, ErrorKind, Result};
use serde_json::Value;

pub(super) struct Betterleaks;

const META: ParserMeta = ParserMeta {
    id: "betterleaks",
    title: "Betterleaks JSON",
    versions_read: "schema version 1 (Betterleaks 2); Betterleaks 1 as gitleaks",
    upstream: "https://github.com/betterleaks/betterleaks",
    scan_type: ScanType::Code,
};

impl Parser for Betterleaks {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let findings = shape.has_all(&["findings.rule_hash", "findings.match"]) && shape.has("findings.location");
        shape.top == Top::Object && (findings || shape.has("scan.betterleaks_version"))
    }

    fn reads(&self, shape: &Shape<'_>) -> bool {
        self.detect(shape) || Gitleaks.detect(shape)
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        if input.top != Top::Object {
            return Gitleaks.parse(input, report);
        }
        let wants = [Want::Each("findings"), Want::Whole("scan"), Want::Whole("schema_version")];
        json::read(&mut input, &["findings"], &wants, report, &mut |report, at, value| match at.place {
            "findings" => finding(report, Fields::of(value)?),
            "scan" => {
                scan(report, Fields::or_empty(value));
                Ok(())
            }
            _ => match super::fields::text_of(value).as_deref() {
                None | Some("1") => Ok(()),
                Some(other) => {
                    let why = format!("schema version `{}` of betterleaks is not read", super::report::clip(other.into(), 40));
                    Err(Error::new(ErrorKind::Unsupported, why).hint("versions read: 1").into())
                }
            },
        })
    }
}

fn finding(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let rule = item.text("rule_id");
    let file = item.text("location.path");
    let (value, quoted) = (item.text("match.value"), item.text("match.full"));
    let description = item.text("description").unwrap_or_default();
    if rule.is_none() && file.is_none() {
        return Err(bad("`rule_id` and `location.path` are missing"));
    }
    let fingerprint = item.value("match.fingerprint");
    item.value("match");
    let others = secrets_of(&mut item);
    let status = item.first_text(&["status", "validation_status", "validation.status"]);
    let validity = match status.as_deref() {
        Some("valid") => Validity::Works,
        Some("invalid" | "revoked") => Validity::Dead,
        _ => Validity::Unknown,
    };
    let rule = rule.unwrap_or_else(|| "betterleaks".to_owned());
    let mut finding = Leak { rule, description, value: value.or(quoted), validity, file }.finding(report)?;
    if let Some(severity) = item.text("severity").and_then(|word| words::severity(&word)).filter(|s| *s > Severity::Info) {
        finding.severity = severity;
    }
    finding.confidence = item.text("confidence").and_then(|word| words::confidence(&word)).or(finding.confidence);
    finding.line = item.position("location.start_line");
    finding.column = item.position("location.start_column");
    finding.end_line = item.position("location.end_line");
    // Betterleaks names the last column itself.
    finding.end_column = item.position("location.end_column").map(|column| column.saturating_add(1));
    let mut attributes = item.object("attributes");
    let commit = attributes.named("git.sha").and_then(super::fields::text_of);
    finding.references = words::urls(attributes.named("url").and_then(super::fields::text_of));
    leak::in_history(&mut finding, commit);
    item.keep("attributes", attributes.rest());
    item.keep("match_fingerprint", fingerprint.unwrap_or_default());
    item.keep("status", status.map(Value::from).unwrap_or_default());
    finding.metadata.tool = item.rest();
    mask::hide(&mut finding, others.iter().map(String::as_str));
    report.push(finding)
}

/// The secrets of the parts that belong to a match, which are taken out of them.
fn secrets_of(item: &mut Fields) -> Vec<String> {
    let Some(sets) = item.value("component_sets") else { return Vec::new() };
    let mut found = Vec::new();
    for set in sets.as_array().into_iter().flatten() {
        let parts = set.get("components").and_then(Value::as_array).into_iter().flatten();
        found.extend(parts.filter_map(|part| Some(part.get("match")?.get("value")?.as_str()?.to_owned())).take(100));
    }
    item.keep("component_sets", leak::scrubbed(sets));
    found
}

fn scan(report: &mut Report<'_>, mut scan: Fields) {
    report.version(scan.text("betterleaks_version"));
    for target in scan.texts("source.targets").into_iter().take(100) {
        report.target(target);
    }
    match scan.text("state").as_deref() {
        None | Some("complete" | "completed") => {}
        Some(state) => report.missed(".", format!("the scan ended as `{state}`")),
    }
}

#[cfg(test)]
mod tests {
    use crate::ingest::{IngestOptions, parse};
    use crate::model::{Confidence, ScannerStatus, Severity};
    use serde_json::json;

    const KEY: &str = "q8Zr1mXv7LwT3pKd9NsB5hGfYc2JuA6oEi4RtVxW";

    #[test]
    fn fields() {
        let doc = json!({"schema_version": "1", "findings": [
            {"rule_id": "aws-access-token", "rule_hash": "h", "description": "Identified an AWS key, bad.", "confidence": "high",
             "match": {"full": "id=AKIAZ7QXW3PLM5KTY2VB", "value": "AKIAZ7QXW3PLM5KTY2VB", "fingerprint": "77ea"},
             "attributes": {"resource": "git.patch_content", "git.sha": "0a1b", "git.message": format!("adds {KEY}"), "url": "https://h/x"},
             "location": {"path": "./app/x.env", "start_line": 2, "end_line": 2, "start_column": 19, "end_column": 38},
             "component_sets": [{"components": [{"rule_id": "aws-secret-access-key", "match": {"full": KEY, "value": KEY}}]}]},
            {"rule_id": "x", "status": "revoked", "location": null, "match": null, "severity": "unknown"}, 3],
            "scan": {"state": "cancelled", "source": {"targets": ["."]}, "betterleaks_version": "2.0.0"}});
        let result = parse(doc.to_string().as_bytes(), None, &IngestOptions::default()).unwrap();
        let f = &result.findings[0];
        assert_eq!((f.title.as_str(), f.severity, f.confidence), ("AWS key", Severity::Critical, Some(Confidence::High)));
        assert_eq!((f.file_path.as_deref(), f.line, f.column, f.end_column), (Some("app/x.env"), Some(2), Some(19), Some(39)));
        assert_eq!(
            (f.metadata.extra.get("commit"), f.metadata.tool.get("match_fingerprint")),
            (Some(&json!("0a1b")), Some(&json!("77ea")))
        );
        let text = serde_json::to_string(&result.findings).unwrap();
        assert!(!text.contains(KEY) && !text.contains("AKIAZ7QXW3PLM5KTY2VB") && text.contains("aws-secret-access-key"));
        assert_eq!((result.findings.len(), result.findings[1].severity), (2, Severity::Low));
        assert_eq!((result.scanners[0].status, result.scanners[0].version.as_deref()), (ScannerStatus::Partial, Some("2.0.0")));
    }

    #[test]
    fn empty_and_newer() {
        let read = |text: &str| parse(text.as_bytes(), None, &IngestOptions::default());
        let empty = r#"{"schema_version":"1","findings":[],"scan":{"state":"complete","betterleaks_version":"2"}}"#;
        assert_eq!(read(empty).unwrap().scanners[0].name, "betterleaks");
        let newer = empty.replace("\"1\"", "\"2\"");
        assert_eq!(read(&newer).unwrap_err().code(), "unsupported");
    }
}
