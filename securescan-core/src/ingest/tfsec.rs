//! tfsec: the JSON of versions 0 and 1.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, words};
use crate::Result;
use crate::model::{ScanType, Severity};

pub(super) struct Tfsec;

const META: ParserMeta = ParserMeta {
    id: "tfsec",
    title: "tfsec JSON",
    versions_read: "0 and 1",
    upstream: "https://aquasecurity.github.io/tfsec/latest/",
    scan_type: ScanType::Iac,
};

/// # Source
/// tfsec 1.28; ERROR, WARNING and INFO up to 0.39.
const SEVERITIES: &[(&str, Severity)] = &[
    ("CRITICAL", Severity::Critical),
    ("HIGH", Severity::High),
    ("ERROR", Severity::High),
    ("MEDIUM", Severity::Medium),
    ("WARNING", Severity::Medium),
    ("LOW", Severity::Low),
    ("INFO", Severity::Low),
];

impl Parser for Tfsec {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        // All that version 1 writes when there is nothing to say.
        if shape.is_only_null("results") {
            return true;
        }
        let result = shape.has("results.rule_id") && shape.has_any(&["results.location.filename", "results.range.filename"]);
        let words = ["results.rule_description", "results.rule_provider", "results.resolution", "results.range.filename"];
        shape.top == Top::Object && result && shape.has_any(&words)
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        json::read(&mut input, &["results"], &[Want::Each("results")], report, &mut |report, _, value| {
            finding(report, Fields::of(value)?)
        })
    }
}

fn finding(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    // 0, 1 and 2 in version 1.
    let status = item.text("status").unwrap_or_default();
    if item.flag("passed") == Some(true) || matches!(status.as_str(), "passed" | "1") {
        return Ok(());
    }
    let Some(rule) = item.text("rule_id").or_else(|| item.peek("long_id")?.as_str().map(str::to_owned)) else {
        return Err(bad("`rule_id` is missing"));
    };
    let severity = item.text("severity").and_then(|word| words::pick(&word, SEVERITIES)).unwrap_or(Severity::Medium);
    let said = item.text("description");
    let title = item.text("rule_description").or_else(|| said.clone()).unwrap_or_else(|| rule.clone());
    let mut finding = report.finding(severity, title.trim_end_matches('.'));
    finding.file_path = locate::file(item.first_text(&["location.filename", "range.filename"]).as_deref(), report)?;
    finding.line = item.position("location.start_line").or_else(|| item.position("range.start.line"));
    finding.end_line = item.position("location.end_line").or_else(|| item.position("range.end.line"));
    let impact = item.text("impact");
    finding.description = [said, impact].into_iter().flatten().collect::<Vec<_>>().join("\n\n");
    finding.remediation = item.text("resolution").unwrap_or_default();
    // Up to 0.39 a sentence with the address in it.
    let link = item.text("link").unwrap_or_default();
    let links = link.split_whitespace().map(str::to_owned).chain(item.texts("links"));
    finding.references = words::urls(links);
    finding.ignored_in_source = matches!(status.as_str(), "ignored" | "2");
    finding.rule_id = Some(rule);
    finding.metadata.tool = item.rest();
    report.push(finding)
}

#[cfg(test)]
mod tests {
    use crate::ingest::{IngestOptions, parse};
    use crate::model::Severity;
    use serde_json::json;

    #[test]
    fn both_versions() {
        let doc = json!({"results": [
            {"rule_id": "GCP009", "rule_description": "Pod policy not defined.", "rule_provider": "google", "link":
             "See https://tfsec.dev/GCP009/ for more.", "location": {"filename": "a/c.tf", "start_line": 52, "end_line": 92},
             "description": "Resource x.", "impact": "More permissions", "resolution": "Use policies", "severity": "ERROR", "passed": false},
            {"rule_id": "GCP008", "passed": true, "location": {"filename": "a/c.tf"}},
            {"rule_id": "AVD-AWS-0086", "long_id": "aws-s3-block", "rule_provider": null, "links": ["https://a", "https://b"], "status": 0,
             "severity": "LOW", "resource": "aws_s3_bucket.x", "location": {"filename": "/src/b.tf", "start_line": 3}},
            {"long_id": "x", "status": "ignored", "severity": "odd"}, {"rule_id": "p", "status": 1}, {"status": "failed"}]});
        let options = IngestOptions { root: Some("/src".into()), ..IngestOptions::default() };
        let result = parse(doc.to_string().as_bytes(), None, &options).unwrap();
        let [old, new, ignored] = &result.findings[..] else { panic!("{result:?}") };
        assert_eq!(
            (old.title.as_str(), old.severity, old.line, old.end_line),
            ("Pod policy not defined", Severity::High, Some(52), Some(92))
        );
        assert_eq!((old.references[0].as_str(), old.remediation.as_str()), ("https://tfsec.dev/GCP009/", "Use policies"));
        assert_eq!(old.description, "Resource x.\n\nMore permissions");
        assert_eq!((new.file_path.as_deref(), new.references.len(), new.severity), (Some("b.tf"), 2, Severity::Low));
        assert!(ignored.ignored_in_source && !new.ignored_in_source);
        assert_eq!((ignored.rule_id.as_deref(), result.scanners[0].skipped.len()), (Some("x"), 1));
        for none in ["{\"results\":null}", "{\"results\":[]}"] {
            assert!(parse(none.as_bytes(), Some("tfsec"), &IngestOptions::default()).unwrap().findings.is_empty());
        }
    }
}
