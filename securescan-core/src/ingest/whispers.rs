//! Whispers: secrets in configuration files, as its JSON.

use super::fields::Fields;
use super::json::{self, Want};
use super::leak::{Leak, Validity};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, words};
use crate::Result;
use crate::model::{ScanType, Severity};

pub(super) struct Whispers;

const META: ParserMeta = ParserMeta {
    id: "whispers",
    title: "Whispers JSON",
    versions_read: "2",
    upstream: "https://github.com/adeptex/whispers",
    scan_type: ScanType::Code,
};

/// # Source
/// Whispers 2.0 (BLOCKER to INFO) and 2.2.
const SEVERITIES: &[(&str, Severity)] =
    &[("BLOCKER", Severity::Critical), ("CRITICAL", Severity::High), ("MAJOR", Severity::Medium), ("MINOR", Severity::Low)];

impl Parser for Whispers {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        shape.top == Top::Array && shape.has_all(&["key", "value", "file", "rule_id", "severity"])
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        json::read(&mut input, &[""], &[Want::Each("")], report, &mut |report, _, value| finding(report, Fields::of(value)?))
    }
}

fn finding(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let (rule, file) = (item.text("rule_id"), item.text("file"));
    let description = item.text("message").unwrap_or_default();
    if rule.is_none() && description.is_empty() && file.is_none() {
        return Err(bad("`rule_id` and `file` are missing"));
    }
    let word = item.text("severity").unwrap_or_default();
    let value = item.text("value");
    let rule = rule.unwrap_or_else(|| META.id.to_owned());
    let mut finding = Leak { rule, description, value, validity: Validity::Unknown, file }.finding(report)?;
    finding.severity = words::pick(&word, SEVERITIES).or_else(|| words::severity(&word)).unwrap_or(finding.severity);
    finding.line = item.position("line");
    finding.metadata.tool = item.rest();
    report.push(finding)
}

#[cfg(test)]
mod tests {
    use crate::ingest::{IngestOptions, parse};
    use crate::model::Severity;

    #[test]
    fn fields() {
        let text = r#"[{"key":"pip password","value":"hunter2hunter2","file":"src/pip.conf","line":2,"rule_id":"pip",
            "message":"pip.conf Password","severity":"MAJOR"},{"severity":"x"}]"#;
        let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
        let [f] = result.findings.as_slice() else { panic!("{result:?}") };
        assert_eq!((f.scanner.as_str(), f.rule_id.as_deref(), f.severity), ("whispers", Some("pip"), Severity::Medium));
        assert_eq!(
            (f.file_path.as_deref(), f.line, f.metadata.tool["key"].as_str()),
            (Some("src/pip.conf"), Some(2), Some("pip password"))
        );
        assert!(!serde_json::to_string(f).unwrap().contains("hunter2"));
    }
}
