//! gosec: `gosec -fmt json`.

use super::fields::{Fields, text_of};
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, snippet, words};
use crate::Result;
use crate::model::{Finding, ScanType, Secret, Severity};

pub(super) struct Gosec;

const META: ParserMeta = ParserMeta {
    id: "gosec",
    title: "gosec JSON",
    versions_read: "1.x and 2.x",
    upstream: "https://github.com/securego/gosec",
    scan_type: ScanType::Code,
};

/// gosec's words for severity.
///
/// # Source
/// gosec 2.22, `issue.Score`.
const SEVERITIES: &[(&str, Severity)] =
    &[("HIGH", Severity::High), ("MEDIUM", Severity::Medium), ("LOW", Severity::Low), ("UNDEFINED", Severity::Low)];

impl Parser for Gosec {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let own =
            shape.has_any(&["Golang errors", "GosecVersion", "Issues.rule_id", "Issues.details", "Stats.nosec", "Stats.found"]);
        shape.top == Top::Object && shape.has("Issues") && own && !shape.has("Issues.FromLinter")
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [Want::Each("Issues"), Want::Entries("Golang errors"), Want::Whole("GosecVersion")];
        json::read(&mut input, &["Issues"], &wants, report, &mut |report, at, value| match at.place {
            "Issues" => issue(report, Fields::of(value)?),
            "GosecVersion" => {
                report.version(text_of(value).filter(|v| v != "dev"));
                Ok(())
            }
            _ => {
                let first = value.get(0).map(|first| Fields::or_empty(first.clone())).and_then(|mut first| first.text("error"));
                report.missed(at.key, first.unwrap_or_else(|| "not compiled".to_owned()));
                Ok(())
            }
        })
    }
}

fn issue(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let rule = item.text("rule_id");
    let message = item.text("details").unwrap_or_default();
    let file = locate::file(item.text("file").as_deref(), report)?;
    if rule.is_none() && message.is_empty() && file.is_none() {
        return Err(bad("neither `rule_id` nor `details` nor `file`"));
    }
    let severity = item.text("severity").and_then(|word| words::pick(&word, SEVERITIES)).unwrap_or(Severity::Low);
    let mut finding = report.finding(severity, words::first_sentence(&message));
    finding.confidence = item.text("confidence").and_then(|word| words::confidence(&word));
    finding.file_path = file;
    place(&mut finding, &mut item);
    let cwe = item.first_text(&["cwe.id", "cwe.ID"]);
    finding.cwe = cwe.and_then(|id| words::cwe(&id));
    finding.references = words::urls(item.first_text(&["cwe.url", "cwe.URL"]));
    finding.remediation = item.text("autofix").unwrap_or_default();
    let in_source = item.peek("suppressions").and_then(|v| v.as_array()).is_some_and(|all| {
        all.iter()
            .any(|one| one.get("kind").and_then(|kind| kind.as_str()).is_some_and(|kind| kind.eq_ignore_ascii_case("insource")))
    });
    finding.ignored_in_source = item.flag("nosec").unwrap_or(false) || in_source;
    finding.description = message;
    if rule.as_deref() == Some("G101")
        && let Some(secret) = finding.metadata.line_snippet.as_deref().and_then(snippet::last_literal)
    {
        finding.secret = Some(Box::new(Secret { kind: "password".to_owned(), value: secret.to_owned() }));
    }
    finding.rule_id = rule;
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// Lines are `12` or `12-15`; the code has the lines around it, numbered, or (before 2.3) is just the code.
fn place(finding: &mut Finding, item: &mut Fields) {
    let code = item.text("code");
    let lines = item.text("line").unwrap_or_default();
    let (first, last) = lines.split_once('-').unwrap_or((&lines, &lines));
    let line: Option<u32> = first.trim().parse().ok().filter(|line| *line > 0);
    finding.line = line;
    finding.end_line = last.trim().parse().ok().or(line);
    finding.column = item.position("column");
    finding.metadata.line_snippet = code.and_then(|code| {
        let line = line?;
        let quoted = snippet::numbered(&code, line, finding.end_line.unwrap_or(line));
        quoted.or_else(|| (!code.starts_with(|c: char| c.is_ascii_digit())).then_some(code))
    });
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};
    use super::*;
    use crate::model::{Confidence, ScannerStatus};

    #[test]
    fn every_field_is_mapped() {
        let text = r#"{"Golang errors":{"/src/b.go":[{"line":1,"column":2,"error":"could not import C"}]},"Issues":[
            {"severity":"HIGH","confidence":"LOW","cwe":{"id":"798","url":"https://cwe.mitre.org/data/definitions/798.html"},"rule_id":"G101",
             "details":"Potential hardcoded credentials","file":"/src/a.go","code":"41: func x() {\n42: \tpassword := \"hunter2hunter2\"\n43: }\n",
             "line":"42","column":"2","nosec":true,"suppressions":[{"kind":"inSource","justification":"test"}],"autofix":"Read it from the environment"},
            {"severity":"LOW","rule_id":"G104","details":"Errors unhandled.","file":"C:\\x\\a.go","code":"s.Serve()","line":"36-39","suppressions":null},
            {"details":"only a message","line":7}, {}, 5],"Stats":{"files":1,"lines":2,"nosec":0,"found":2},"GosecVersion":"2.22.1"}"#;
        let options = IngestOptions { root: Some("/src".to_owned()), ..IngestOptions::default() };
        let result = parse(text.as_bytes(), None, &options).unwrap();
        let f = &result.findings[0];
        assert_eq!((f.severity, f.confidence, f.cwe.as_deref()), (Severity::High, Some(Confidence::Low), Some("CWE-798")));
        assert_eq!((f.file_path.as_deref(), f.line, f.column, f.end_line), (Some("a.go"), Some(42), Some(2), Some(42)));
        assert_eq!(f.metadata.line_snippet.as_deref(), Some("\tpassword := \"hunter2hunter2\""));
        assert_eq!(f.secret.as_ref().unwrap().value, "hunter2hunter2");
        assert!(f.ignored_in_source && f.remediation.starts_with("Read it"));
        let f = &result.findings[1];
        assert_eq!((f.title.as_str(), f.line, f.end_line), ("Errors unhandled", Some(36), Some(39)));
        assert_eq!(f.metadata.line_snippet.as_deref(), Some("s.Serve()"));
        assert_eq!((result.findings.len(), result.findings[2].line), (3, Some(7)));
        let run = &result.scanners[0];
        assert_eq!((run.status, run.version.as_deref()), (ScannerStatus::Partial, Some("2.22.1")));
        assert_eq!((run.skipped[0].path.as_str(), run.skipped[0].why.as_str()), ("/src/b.go", "could not import C"));
    }

    #[test]
    fn nothing_found() {
        for text in [
            r#"{"Golang errors":{},"Issues":[],"Stats":{"files":1,"lines":2,"nosec":0,"found":0},"GosecVersion":"dev"}"#,
            r#"{"Issues":null,"Stats":{"files":0,"lines":0,"nosec":0,"found":0}}"#,
        ] {
            let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
            assert_eq!((result.findings.len(), result.scanners[0].name.as_str()), (0, "gosec"));
        }
    }
}
