//! TruffleHog3: the JSON of version 3. Version 2 writes TruffleHog 2's form, which that reader takes.

use super::fields::Fields;
use super::json::{self, Want};
use super::leak::{self, Leak, Validity};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, words};
use crate::Result;
use crate::model::ScanType;

pub(super) struct TruffleHog3;

const META: ParserMeta = ParserMeta {
    id: "trufflehog3",
    title: "TruffleHog3 JSON",
    versions_read: "3",
    upstream: "https://github.com/feeltheajf/trufflehog3",
    scan_type: ScanType::Code,
};

impl Parser for TruffleHog3 {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        shape.top == Top::Array && shape.has_all(&["rule.id", "rule.message", "path", "secret", "context"])
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        json::read(&mut input, &[""], &[Want::Each("")], report, &mut |report, _, value| finding(report, Fields::of(value)?))
    }
}

fn finding(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let rule = item.text("rule.id");
    let description = item.text("rule.message").unwrap_or_default();
    let file = item.text("path");
    if rule.is_none() && description.is_empty() && file.is_none() {
        return Err(bad("`rule.id` and `path` are missing"));
    }
    let severity = item.text("rule.severity").and_then(|word| words::severity(&word));
    let value = item.text("secret");
    // The lines around the secret, and the words of the commit.
    for name in ["context", "rule", "message"] {
        item.value(name);
    }
    let rule = rule.unwrap_or_else(|| META.id.to_owned());
    let mut finding = Leak { rule, description, value, validity: Validity::Unknown, file }.finding(report)?;
    finding.severity = severity.unwrap_or(finding.severity);
    finding.line = item.position("line");
    leak::in_history(&mut finding, item.text("commit"));
    finding.metadata.tool = item.rest();
    report.push(finding)
}

#[cfg(test)]
mod tests {
    use crate::ingest::{IngestOptions, parse};
    use crate::model::Severity;

    #[test]
    fn fields() {
        let text = r#"[{"rule":{"id":"high-entropy","message":"High Entropy","severity":"MEDIUM"},"path":"docker/x","line":"3",
            "secret":"964a1afa20dd4a3723002560124dd96f","context":{"3":"+x=964a1afa20dd4a3723002560124dd96f"},"id":"6a","branch":"b",
            "message":"m","author":"a","commit":"9c3f","date":"d"},{"rule":{}}]"#;
        let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
        let [f] = result.findings.as_slice() else { panic!("{result:?}") };
        assert_eq!(
            (f.scanner.as_str(), f.rule_id.as_deref(), f.severity),
            ("trufflehog3", Some("high-entropy"), Severity::Medium)
        );
        assert_eq!((f.file_path.as_deref(), f.line, f.secret.is_some()), (Some("docker/x"), Some(3), true));
        assert!(!serde_json::to_string(f).unwrap().contains("964a1afa20dd"));
    }
}
