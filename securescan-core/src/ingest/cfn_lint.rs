//! cfn-lint: its JSON.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, words};
use crate::Result;
use crate::model::{ScanType, Severity};

pub(super) struct CfnLint;

const META: ParserMeta = ParserMeta {
    id: "cfn-lint",
    title: "cfn-lint JSON",
    versions_read: "0 and 1",
    upstream: "https://github.com/aws-cloudformation/cfn-lint",
    scan_type: ScanType::Iac,
};

/// # Source
/// cfn-lint 1: the first letter of a rule's id says the same.
const SEVERITIES: &[(&str, Severity)] =
    &[("Error", Severity::Medium), ("Warning", Severity::Low), ("Informational", Severity::Info)];

impl Parser for CfnLint {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        shape.top == Top::Array && shape.has_all(&["Filename", "Rule", "Rule.Id", "Level"])
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        json::read(&mut input, &[""], &[Want::Each("")], report, &mut |report, _, value| finding(report, Fields::of(value)?))
    }
}

fn finding(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let (rule, message) = (item.text("Rule.Id"), item.text("Message"));
    if rule.is_none() && message.is_none() {
        return Err(bad("`Rule.Id` and `Message` are missing"));
    }
    let message = message.unwrap_or_default();
    let severity = item.text("Level").and_then(|word| words::pick(&word, SEVERITIES)).unwrap_or(Severity::Low);
    let title = item.text("Rule.ShortDescription").unwrap_or_else(|| words::first_sentence(&message));
    let mut finding = report.finding(severity, title);
    finding.file_path = locate::file(item.text("Filename").as_deref(), report)?;
    finding.line = item.position("Location.Start.LineNumber");
    finding.column = item.position("Location.Start.ColumnNumber");
    finding.end_line = item.position("Location.End.LineNumber");
    finding.end_column = item.position("Location.End.ColumnNumber");
    finding.references = words::urls(item.text("Rule.Source"));
    let about = item.text("Rule.Description");
    finding.description = Some(message).filter(|m| !m.is_empty()).into_iter().chain(about).collect::<Vec<_>>().join("\n\n");
    finding.rule_id = rule;
    // Another one in every run.
    item.value("Id");
    item.value("ParentId");
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
        let doc = json!([{"Filename": "t/a.yaml", "Id": "uuid", "Level": "Error", "Location": {"Start": {"ColumnNumber": 5, "LineNumber": 7},
            "End": {"ColumnNumber": 9, "LineNumber": 7}, "Path": ["Resources", "B"]}, "Message": "Bad key", "ParentId": null,
            "Rule": {"Id": "E3002", "ShortDescription": "Keys are valid", "Description": "d", "Source": "https://s"}}, {"Level": "Error"}]);
        let result = parse(doc.to_string().as_bytes(), None, &IngestOptions::default()).unwrap();
        let f = &result.findings[0];
        assert_eq!((f.rule_id.as_deref(), f.title.as_str(), f.severity), (Some("E3002"), "Keys are valid", Severity::Medium));
        assert_eq!((f.file_path.as_deref(), f.line, f.column, f.end_column), (Some("t/a.yaml"), Some(7), Some(5), Some(9)));
        assert_eq!((f.description.as_str(), result.findings.len(), result.scanners[0].skipped.len()), ("Bad key\n\nd", 1, 1));
        assert!(!f.metadata.tool.contains_key("Id"));
    }
}
