//! TFLint: its JSON.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, words};
use crate::Result;
use crate::model::{ScanType, Severity};

pub(super) struct Tflint;

const META: ParserMeta = ParserMeta {
    id: "tflint",
    title: "TFLint JSON",
    versions_read: "0.20 and later",
    upstream: "https://github.com/terraform-linters/tflint/blob/master/docs/user-guide/README.md",
    scan_type: ScanType::Iac,
};

/// # Source
/// TFLint 0.50: rules are error, warning or notice; its JSON says info for notice.
const SEVERITIES: &[(&str, Severity)] =
    &[("error", Severity::Medium), ("warning", Severity::Low), ("info", Severity::Info), ("notice", Severity::Info)];

impl Parser for Tflint {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let issues = shape.has_all(&["issues.rule.name", "issues.range"]);
        shape.top == Top::Object
            && (issues || (shape.has_all(&["issues", "errors"]) && !shape.has_any(&["issues.id", "metadata"])))
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [Want::Each("issues"), Want::Each("errors")];
        json::read(&mut input, &["issues"], &wants, report, &mut |report, at, value| match at.place {
            "issues" => issue(report, Fields::of(value)?),
            _ => {
                let mut error = Fields::or_empty(value);
                let message = error.first_text(&["message", "summary"]).unwrap_or_default();
                report.missed(error.text("range.filename").unwrap_or_else(|| ".".to_owned()), message);
                Ok(())
            }
        })
    }
}

fn issue(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let (rule, message) = (item.text("rule.name"), item.text("message"));
    if rule.is_none() && message.is_none() {
        return Err(bad("`rule.name` and `message` are missing"));
    }
    let severity = item.text("rule.severity").and_then(|word| words::pick(&word, SEVERITIES)).unwrap_or(Severity::Low);
    let message = message.unwrap_or_default();
    let mut finding = report.finding(severity, words::first_sentence(&message));
    finding.file_path = locate::file(item.text("range.filename").as_deref(), report)?;
    finding.line = item.position("range.start.line");
    finding.column = item.position("range.start.column");
    finding.end_line = item.position("range.end.line");
    finding.end_column = item.position("range.end.column");
    finding.references = words::urls(item.text("rule.link"));
    finding.description = message;
    finding.rule_id = rule;
    finding.metadata.tool = item.rest();
    report.push(finding)
}

#[cfg(test)]
mod tests {
    use crate::ingest::{IngestOptions, parse};
    use crate::model::Severity;
    use serde_json::json;

    #[test]
    fn fields() {
        let doc = json!({"issues": [{"rule": {"name": "aws_instance_invalid_type", "severity": "error", "link": "https://l"},
            "message": "\"t1\" is an invalid type", "range": {"filename": "./a.tf", "start": {"line": 3, "column": 19},
            "end": {"line": 3, "column": 23}}, "callers": []}, {}], "errors": [{"message": "no", "severity": "error", "range": null}]});
        let result = parse(doc.to_string().as_bytes(), None, &IngestOptions::default()).unwrap();
        let f = &result.findings[0];
        assert_eq!(
            (f.title.as_str(), f.severity, f.file_path.as_deref()),
            ("\"t1\" is an invalid type", Severity::Medium, Some("a.tf"))
        );
        assert_eq!((f.line, f.column, f.end_column, f.references.len()), (Some(3), Some(19), Some(23), 1));
        assert_eq!((result.findings.len(), result.scanners[0].skipped.len()), (1, 2));
        let none = parse(br#"{"issues":[],"errors":[]}"#, None, &IngestOptions::default()).unwrap();
        assert_eq!((none.findings.len(), none.scanners[0].name.as_str()), (0, "tflint"));
    }
}
