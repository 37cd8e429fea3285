//! Checkstyle XML, the common form of many linters: Checkstyle itself, phpcs, ktlint, shellcheck, golangci-lint, …

use super::report::{Report, Stop, bad};
use super::xml::{self, Element};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, shellcheck, words};
use crate::Result;
use crate::model::{ScanType, Severity};

pub(super) struct Checkstyle;

const META: ParserMeta = ParserMeta {
    id: "checkstyle",
    title: "Checkstyle XML",
    versions_read: "any",
    upstream: "https://checkstyle.org/",
    scan_type: ScanType::Code,
};

/// Checkstyle's words for severity; other tools that write its form have more.
///
/// # Source
/// Checkstyle 10, `SeverityLevel`.
const SEVERITIES: &[(&str, Severity)] = &[
    ("error", Severity::Medium),
    ("warning", Severity::Low),
    ("info", Severity::Info),
    ("style", Severity::Info),
    ("ignore", Severity::Info),
];

impl Parser for Checkstyle {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        shape.top == Top::Xml && shape.root() == "checkstyle"
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        xml::read(&mut input, &["checkstyle"], &[], &["error", "exception"], report, &mut |report, around, element| {
            let file = around.iter().rev().find(|e| e.name == "file").and_then(|e| e.attribute("name"));
            if element.name == "exception" {
                report.missed(file.unwrap_or("."), words::first_sentence(&element.text));
                return Ok(());
            }
            error(report, file, &element)
        })
    }
}

fn error(report: &mut Report<'_>, file: Option<&str>, item: &Element) -> Result<(), Stop> {
    let rule = item.attribute("source");
    let message = item.attribute("message").unwrap_or_default();
    let file = locate::file(file, report)?;
    if rule.is_none() && message.is_empty() && file.is_none() {
        return Err(bad("neither `source` nor `message` nor a file"));
    }
    let word = item.attribute("severity").unwrap_or_default();
    let code = rule.and_then(|rule| rule.strip_prefix("ShellCheck."));
    let (severity, cwe) = match code {
        Some(code) => shellcheck::weight(code, word),
        None => (words::pick(word, SEVERITIES).or_else(|| words::severity(word)).unwrap_or(Severity::Low), None),
    };
    let number = |name: &str| item.attribute(name).and_then(|n| n.trim().parse().ok()).filter(|n| *n > 0);
    let mut finding = report.finding(severity, words::first_sentence(message));
    finding.file_path = file;
    (finding.line, finding.column) = (number("line"), number("column"));
    finding.cwe = cwe.map(str::to_owned);
    finding.rule_id = code.or(rule).map(str::to_owned);
    finding.description = message.to_owned();
    if !word.is_empty() {
        finding.metadata.tool.insert("severity".to_owned(), word.into());
    }
    report.push(finding)
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};
    use super::*;

    #[test]
    fn every_field_is_mapped() {
        let text = r#"<?xml version="1.0"?><checkstyle version="4.3"><file name="./src/A.java">
            <error line="3" column="7" severity="error" message="Avoid &lt;x&gt;. More" source="com.puppycrawl.checks.Foo"/><error/></file>
            <file name="b.sh"><error line='1' severity='info' message='Double quote' source='ShellCheck.SC2086'/><exception><![CDATA[boom]]></exception></file></checkstyle>"#;
        let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
        let f = &result.findings[0];
        assert_eq!(
            (f.rule_id.as_deref(), f.severity, f.title.as_str()),
            (Some("com.puppycrawl.checks.Foo"), Severity::Medium, "Avoid <x>")
        );
        assert_eq!((f.file_path.as_deref(), f.line, f.column), (Some("src/A.java"), Some(3), Some(7)));
        assert_eq!((result.findings[2].rule_id.as_deref(), result.findings[2].severity), (Some("SC2086"), Severity::Low));
        assert_eq!((result.findings.len(), result.scanners[0].skipped.len()), (3, 1));
        assert!(parse(b"<checkstyle/>", None, &IngestOptions::default()).unwrap().findings.is_empty());
    }
}
