//! Terrascan: its JSON.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, words};
use crate::Result;
use crate::model::{ScanType, Severity};

pub(super) struct Terrascan;

const META: ParserMeta = ParserMeta {
    id: "terrascan",
    title: "Terrascan JSON",
    versions_read: "1",
    upstream: "https://runterrascan.io/docs/usage/command_line_mode/",
    scan_type: ScanType::Iac,
};

impl Parser for Terrascan {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        shape.top == Top::Object && shape.has_any(&["results.violations", "results.scan_summary"])
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [Want::Each("results.violations"), Want::Each("results.scan_errors"), Want::Whole("results.scan_summary")];
        let proof = ["results.violations", "results.scan_summary"];
        json::read(&mut input, &proof, &wants, report, &mut |report, at, value| {
            match at.place {
                "results.violations" => return violation(report, Fields::of(value)?),
                "results.scan_errors" => error(report, Fields::or_empty(value)),
                _ => {
                    if let Some(target) = Fields::or_empty(value).named("file/folder").and_then(super::fields::text_of) {
                        report.target(target);
                    }
                }
            }
            Ok(())
        })
    }
}

fn violation(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let name = item.text("rule_name");
    let Some(rule) = item.text("rule_id").or_else(|| name.clone()) else { return Err(bad("`rule_id` is missing")) };
    let severity = item.text("severity").and_then(|word| words::severity(&word)).unwrap_or(Severity::Medium);
    let description = item.text("description").unwrap_or_default();
    let sentence = words::first_sentence(&description);
    let title = if sentence.is_empty() { name.clone().unwrap_or_else(|| rule.clone()) } else { sentence };
    let mut finding = report.finding(severity, title);
    finding.file_path = locate::file(item.text("file").as_deref(), report)?;
    finding.line = item.position("line");
    finding.description = description;
    finding.rule_id = Some(rule);
    if let Some(name) = name {
        item.keep("rule_name", name);
    }
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// Terrascan tries every kind of infrastructure code on every folder; that a folder has none of a kind is no failure.
fn error(report: &mut Report<'_>, mut item: Fields) {
    let why = item.first_text(&["errMsg", "error", "message"]).unwrap_or_default();
    let lower = why.to_ascii_lowercase();
    let none_of_it = lower.contains("not found in the dir")
        || lower.contains("no helm charts found")
        || lower.contains("has no ")
        || (lower.contains("no ") && lower.contains(" files found"))
        || lower.contains("no valid");
    if !none_of_it {
        let kind = item.text("iac_type").map(|kind| format!("{kind}: ")).unwrap_or_default();
        report.missed(item.first_text(&["directory", "file"]).unwrap_or_else(|| ".".to_owned()), format!("{kind}{why}"));
    }
}

#[cfg(test)]
mod tests {
    use crate::ingest::{IngestOptions, parse};
    use crate::model::{ScannerStatus, Severity};
    use serde_json::json;

    #[test]
    fn fields() {
        let doc = json!({"results": {"scan_errors": [
            {"iac_type": "helm", "directory": "t", "errMsg": "no helm charts found in directory t"},
            {"iac_type": "terraform", "directory": "t", "errMsg": "failed to load config"}],
            "violations": [{"rule_name": "s3Acl", "description": "S3 is open to all. Close it.", "rule_id": "AC_AWS_0210", "severity": "HIGH",
                "category": "IAM", "resource_name": null, "file": "modules\\m.tf", "plan_root": ".", "line": 10}, {"severity": "LOW"}],
            "skipped_violations": [{"rule_id": "x"}], "scan_summary": {"file/folder": "t", "high": 1}}});
        let result = parse(doc.to_string().as_bytes(), None, &IngestOptions::default()).unwrap();
        let f = &result.findings[0];
        assert_eq!(
            (f.rule_id.as_deref(), f.title.as_str(), f.severity),
            (Some("AC_AWS_0210"), "S3 is open to all", Severity::High)
        );
        assert_eq!((f.file_path.as_deref(), f.line), (Some("modules/m.tf"), Some(10)));
        assert_eq!((result.findings.len(), result.scanners[0].skipped.len()), (1, 2));
        assert_eq!((result.scanners[0].status, result.scanners[0].targets.len()), (ScannerStatus::Partial, 1));
        let none = br#"{"results":{"violations":null,"scan_summary":{}}}"#;
        assert!(parse(none, None, &IngestOptions::default()).unwrap().findings.is_empty());
    }
}
