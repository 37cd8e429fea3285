//! detect-secrets: its baseline, with hashes in place of the secrets.

use super::fields::Fields;
use super::json::{self, Want};
use super::leak::{Leak, Validity};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top};
use crate::Result;
use crate::model::{Confidence, ScanType, Severity};
use serde_json::Value;

pub(super) struct DetectSecrets;

const META: ParserMeta = ParserMeta {
    id: "detect-secrets",
    title: "detect-secrets baseline",
    versions_read: "0.9 – 1.5",
    upstream: "https://github.com/Yelp/detect-secrets",
    scan_type: ScanType::Code,
};

impl Parser for DetectSecrets {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        shape.top == Top::Object && shape.has_all(&["results", "plugins_used"])
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [Want::Entries("results"), Want::Whole("version")];
        json::read(&mut input, &["results"], &wants, report, &mut |report, at, value| {
            if at.place == "version" {
                report.version(super::fields::text_of(value));
                return Ok(());
            }
            let Value::Array(secrets) = value else { return Err(bad("the secrets of a file are not a list")) };
            for (index, secret) in secrets.into_iter().enumerate() {
                match Fields::of(secret).and_then(|item| finding(report, at.key, item)) {
                    Err(Stop::Item(why)) => {
                        report.next_item();
                        report.quarantine(format!("results.{}[{index}]", super::report::clip(at.key.to_owned(), 80)), why)?;
                    }
                    done => done?,
                }
            }
            Ok(())
        })
    }
}

fn finding(report: &mut Report<'_>, path: &str, mut item: Fields) -> Result<(), Stop> {
    let rule = item.text("type").unwrap_or_else(|| "Secret".to_owned());
    let file = item.text("filename").unwrap_or_else(|| path.to_owned());
    let validity = if item.flag("is_verified") == Some(true) { Validity::Works } else { Validity::Unknown };
    let description = rule.clone();
    let mut finding = Leak { rule, description, value: None, validity, file: Some(file) }.finding(report)?;
    finding.line = item.position("line_number");
    // What the audit of the baseline came to.
    match item.peek("is_secret").and_then(Value::as_bool) {
        Some(true) => finding.confidence = Some(Confidence::High),
        Some(false) => {
            finding.confidence = Some(Confidence::Low);
            finding.severity = finding.severity.min(Severity::Low);
        }
        None => {}
    }
    finding.metadata.tool = item.rest();
    report.push(finding)
}

#[cfg(test)]
mod tests {
    use crate::ingest::{IngestOptions, parse};
    use crate::model::{Confidence, Severity};
    use serde_json::json;

    #[test]
    fn fields() {
        let doc = json!({"version": "1.5.0", "plugins_used": [{"name": "AWSKeyDetector"}], "results": {
            "a/b.py": [{"type": "AWS Access Key", "filename": "a/b.py", "hashed_secret": "ab12", "is_verified": false, "line_number": 7},
                       {"type": "Secret Keyword", "hashed_secret": "cd", "is_secret": false, "line_number": 9}],
            "odd": [null, {}], "worse": 3}, "generated_at": "2021-05-19T10:45:24Z"});
        let result = parse(doc.to_string().as_bytes(), None, &IngestOptions::default()).unwrap();
        let f = &result.findings[0];
        assert_eq!(
            (f.title.as_str(), f.rule_id.as_deref(), f.severity),
            ("AWS Access Key", Some("AWS Access Key"), Severity::Critical)
        );
        assert_eq!(
            (f.file_path.as_deref(), f.line, f.metadata.tool.get("hashed_secret")),
            (Some("a/b.py"), Some(7), Some(&json!("ab12")))
        );
        let f = &result.findings[1];
        assert_eq!((f.file_path.as_deref(), f.severity, f.confidence), (Some("a/b.py"), Severity::Low, Some(Confidence::Low)));
        assert_eq!((result.findings.len(), result.scanners[0].skipped.len()), (3, 2));
        assert_eq!(result.scanners[0].version.as_deref(), Some("1.5.0"));
    }
}
