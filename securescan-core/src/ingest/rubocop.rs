//! RuboCop: `rubocop --format json`.

use super::fields::{Fields, text_of};
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, words};
use crate::Result;
use crate::model::{ScanType, Severity};

pub(super) struct Rubocop;

const META: ParserMeta = ParserMeta {
    id: "rubocop",
    title: "RuboCop JSON",
    versions_read: "0.x and 1.x",
    upstream: "https://docs.rubocop.org/rubocop/formatters.html#json-formatter",
    scan_type: ScanType::Code,
};

/// RuboCop's severities.
///
/// # Source
/// RuboCop 1.80, `RuboCop::Cop::Severity`.
const SEVERITIES: &[(&str, Severity)] = &[
    ("fatal", Severity::Medium),
    ("error", Severity::Medium),
    ("warning", Severity::Low),
    ("convention", Severity::Info),
    ("refactor", Severity::Info),
    ("info", Severity::Info),
];

/// Cops about security. Every other `Security/` is medium.
///
/// # Source
/// RuboCop 1.80 and rubocop-rails 2.33, departments Security and Rails.
const SECURITY: &[(&str, Severity, &str)] = &[
    ("Rails/OutputSafety", Severity::Medium, "CWE-79"),
    ("Rails/LinkToBlank", Severity::Low, "CWE-1022"),
    ("Security/CompoundHash", Severity::Low, "CWE-328"),
    ("Security/Eval", Severity::High, "CWE-95"),
    ("Security/IoMethods", Severity::Medium, "CWE-78"),
    ("Security/JSONLoad", Severity::Medium, "CWE-502"),
    ("Security/MarshalLoad", Severity::High, "CWE-502"),
    ("Security/Open", Severity::High, "CWE-78"),
    ("Security/YAMLLoad", Severity::High, "CWE-502"),
];

impl Parser for Rubocop {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        shape.top == Top::Object && shape.has("files") && shape.has_any(&["metadata.rubocop_version", "files.offenses"])
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [Want::Each("files"), Want::Whole("metadata.rubocop_version")];
        json::read(&mut input, &["files"], &wants, report, &mut |report, at, value| {
            if at.place != "files" {
                report.version(text_of(value));
                return Ok(());
            }
            let mut file = Fields::of(value)?;
            let path = locate::file(file.text("path").as_deref(), report)?;
            for item in file.list("offenses") {
                report.next_item();
                let done = offense(report, path.as_deref(), Fields::or_empty(item));
                report.settle(done, || format!("offenses of {}", path.as_deref().unwrap_or("no file")))?;
            }
            Ok(())
        })
    }
}

fn offense(report: &mut Report<'_>, path: Option<&str>, mut item: Fields) -> Result<(), Stop> {
    let rule = item.text("cop_name");
    let message = item.text("message").unwrap_or_default();
    if rule.is_none() && message.is_empty() && path.is_none() {
        return Err(bad("neither `cop_name` nor `message` nor `path`"));
    }
    let word = item.text("severity").unwrap_or_default();
    let known = rule.as_deref().and_then(|rule| SECURITY.iter().find(|(name, ..)| *name == rule));
    let security = rule.as_deref().is_some_and(|rule| rule.starts_with("Security/")).then_some(Severity::Medium);
    let severity = known.map(|(_, severity, _)| *severity).or(security);
    let severity = severity.or_else(|| words::pick(&word, SEVERITIES)).unwrap_or(Severity::Low);
    if rule.as_deref() == Some("Lint/Syntax") {
        report.missed(path.unwrap_or("."), words::first_sentence(&message));
    }
    // Before 1.0 the cop stands in front of the message.
    let text = rule.as_deref().and_then(|rule| message.strip_prefix(rule)).and_then(|m| m.strip_prefix(": ")).unwrap_or(&message);
    let mut finding = report.finding(severity, words::first_sentence(text));
    finding.file_path = path.map(str::to_owned);
    let line = item.position("location.line");
    let column = item.position("location.column");
    finding.line = item.position("location.start_line").or(line);
    finding.column = item.position("location.start_column").or(column);
    finding.end_line = item.position("location.last_line");
    // RuboCop names the last character.
    finding.end_column = item.position("location.last_column").and_then(|last| last.checked_add(1));
    finding.cwe = known.map(|(.., cwe)| (*cwe).to_owned());
    item.value("location");
    item.keep("severity", word);
    finding.description = message;
    finding.rule_id = rule;
    finding.metadata.tool = item.rest();
    report.push(finding)
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};
    use super::*;

    #[test]
    fn every_field_is_mapped() {
        let text = r#"{"metadata":{"rubocop_version":"1.60.0"},"files":[{"path":"a.rb","offenses":[
            {"severity":"convention","message":"Security/Eval: The use of eval is a risk.","cop_name":"Security/Eval","corrected":false,
             "location":{"start_line":2,"start_column":3,"last_line":2,"last_column":6,"length":4,"line":2,"column":3}},
            {"severity":"refactor","cop_name":"Style/X","location":null},7]},{"path":"b.rb","offenses":[]}],"summary":{"offense_count":2}}"#;
        let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
        let f = &result.findings[0];
        assert_eq!((f.rule_id.as_deref(), f.severity, f.cwe.as_deref()), (Some("Security/Eval"), Severity::High, Some("CWE-95")));
        assert_eq!((f.line, f.column, f.end_column, f.title.as_str()), (Some(2), Some(3), Some(7), "The use of eval is a risk"));
        assert_eq!((result.findings.len(), result.scanners[0].version.as_deref()), (3, Some("1.60.0")));
    }
}
