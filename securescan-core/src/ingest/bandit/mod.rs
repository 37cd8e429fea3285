//! Bandit: `bandit -f json`.

mod table;

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, snippet, words};
use crate::Result;
use crate::model::{Confidence, Finding, ScanType, Secret, Severity};
pub(super) use table::find as test;

pub(super) struct Bandit;

const META: ParserMeta = ParserMeta {
    id: "bandit",
    title: "Bandit JSON",
    versions_read: "1.0 – 1.9",
    upstream: "https://bandit.readthedocs.io/en/latest/formatters/json.html",
    scan_type: ScanType::Code,
};

/// Bandit's words for severity.
///
/// # Source
/// Bandit 1.9.4, `bandit.core.constants.RANKING`.
const SEVERITIES: &[(&str, Severity)] =
    &[("HIGH", Severity::High), ("MEDIUM", Severity::Medium), ("LOW", Severity::Low), ("UNDEFINED", Severity::Low)];

impl Parser for Bandit {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    /// The metrics come before the results and may fill the whole outline.
    fn detect(&self, shape: &Shape<'_>) -> bool {
        let metrics = shape.has("generated_at") && shape.has_any(&["metrics._totals", "metrics", "stats"]) && shape.has("errors");
        let results = shape.has_all(&["results.test_id", "results.issue_text"]);
        shape.top == Top::Object && (metrics || results) && !shape.has_any(&["results.check_id", "plugins_used"])
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [Want::Each("results"), Want::Each("errors")];
        json::read(&mut input, &["results"], &wants, report, &mut |report, at, value| match at.place {
            "results" => result(report, Fields::of(value)?),
            _ => {
                let mut item = Fields::or_empty(value);
                let file = item.text("filename").unwrap_or_else(|| ".".to_owned());
                report.missed(file, item.text("reason").unwrap_or_else(|| "not scanned".to_owned()));
                Ok(())
            }
        })
    }
}

fn result(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let rule = item.first_text(&["test_id", "test_name"]);
    let message = item.text("issue_text").unwrap_or_default();
    let file = locate::file(item.text("filename").as_deref(), report)?;
    if rule.is_none() && message.is_empty() && file.is_none() {
        return Err(bad("neither `test_id` nor `issue_text` nor `filename`"));
    }
    let known = rule.as_deref().and_then(test);
    let confidence = item.text("issue_confidence").and_then(|word| words::confidence(&word));
    let severity = item.text("issue_severity").and_then(|word| words::pick(&word, SEVERITIES)).unwrap_or(Severity::Low);
    let title = known.map_or_else(|| words::first_sentence(&message), |test| test.title.to_owned());
    let mut finding = report.finding(weighed(severity, confidence), title);
    finding.confidence = confidence;
    finding.file_path = file;
    place(&mut finding, &mut item);
    let weakness = item.value("issue_cwe").and_then(|v| words::cwes(&v).into_iter().next());
    finding.cwe = weakness.or_else(|| known.map(|test| format!("CWE-{}", test.cwe)));
    finding.references = words::urls(item.text("more_info").map(|url| timeless(&url)));
    finding.description = message;
    if matches!(rule.as_deref(), Some("B105" | "B106" | "B107")) {
        hide(&mut finding);
    }
    finding.rule_id = rule;
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// One level down when Bandit itself is not sure of something grave.
fn weighed(severity: Severity, confidence: Option<Confidence>) -> Severity {
    if severity == Severity::High && confidence == Some(Confidence::Low) { Severity::Medium } else { severity }
}

/// Offsets count bytes from 0; the source quoted beside them turns them into columns.
fn place(finding: &mut Finding, item: &mut Fields) {
    let code = item.text("code").unwrap_or_default();
    let range: Vec<u32> = item.list("line_range").iter().filter_map(|n| u32::try_from(n.as_u64()?).ok()).collect();
    let line = item.position("line_number").or_else(|| range.iter().copied().filter(|n| *n > 0).min());
    let (start, end) = (item.offset("col_offset"), item.offset("end_col_offset"));
    let Some(line) = line else { return };
    let last = range.iter().copied().max().unwrap_or(line).max(line);
    let quote = snippet::numbered(&code, line, last);
    let lines: Vec<&str> = quote.iter().flat_map(|quote| quote.lines()).collect();
    let column = |text: Option<&&str>, offset: usize| snippet::column(text.copied().unwrap_or_default(), offset);
    finding.line = Some(line);
    finding.end_line = Some(last);
    finding.column = start.map(|offset| column(lines.first(), offset));
    finding.end_column = end.filter(|offset| *offset > 0).map(|offset| column(lines.last(), offset));
    finding.metadata.line_snippet = quote;
}

/// Takes the password out of the message, `Possible hardcoded password: '…'`.
fn hide(finding: &mut Finding) {
    let Some((before, quoted)) = finding.description.split_once(": ") else { return };
    let quoted = quoted.trim();
    let bare = quoted.trim_start_matches(['\'', '"']).trim_end_matches(['\'', '"']);
    if bare.is_empty() {
        return;
    }
    let secret = bare.to_owned();
    finding.description = format!("{before}: '{}'", Secret::masked(&secret));
    finding.secret = Some(Box::new(Secret { kind: "password".to_owned(), value: secret }));
}

/// The address of a page that outlives the version: `/en/1.9.4/` is `/en/latest/`.
fn timeless(url: &str) -> String {
    match url.split_once("/en/") {
        Some((site, rest)) => {
            let page = rest.split_once('/').map_or("", |(_, page)| page);
            format!("{site}/en/latest/{page}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};
    use super::*;
    use crate::model::{ScanResult, ScannerStatus};

    fn read(results: &str, errors: &str) -> ScanResult {
        let text = format!(r#"{{"errors":[{errors}],"generated_at":"x","metrics":{{}},"results":[{results}]}}"#);
        parse(text.as_bytes(), None, &IngestOptions::default()).unwrap()
    }

    #[test]
    fn every_field_is_mapped() {
        let result = read(
            r#"{"code":"6 x = 1\n7 größe = run(a,\n8   shell=True)\n9 y\n","col_offset":10,"end_col_offset":13,"filename":"./app/a.py",
            "issue_confidence":"LOW","issue_cwe":{"id":78,"link":"https://cwe.mitre.org/data/definitions/78.html"},"issue_severity":"HIGH",
            "issue_text":"subprocess call with shell=True","line_number":7,"line_range":[7,8],
            "more_info":"https://bandit.readthedocs.io/en/1.9.4/plugins/b602.html","test_id":"B602","test_name":"sub","new":"kept"}"#,
            r#"{"filename":"b.py","reason":"syntax error while parsing AST from file"}"#,
        );
        let f = &result.findings[0];
        assert_eq!((f.severity, f.confidence), (Severity::Medium, Some(Confidence::Low)));
        assert_eq!((f.title.as_str(), f.rule_id.as_deref()), ("Subprocess with shell=True", Some("B602")));
        assert_eq!((f.file_path.as_deref(), f.cwe.as_deref()), (Some("app/a.py"), Some("CWE-78")));
        assert_eq!((f.line, f.end_line, f.column, f.end_column), (Some(7), Some(8), Some(9), Some(14)));
        assert_eq!(f.metadata.line_snippet.as_deref(), Some("größe = run(a,\n  shell=True)"));
        assert_eq!(f.references, ["https://bandit.readthedocs.io/en/latest/plugins/b602.html"]);
        assert_eq!(f.metadata.tool.get("new").and_then(|v| v.as_str()), Some("kept"));
        assert!(!f.metadata.tool.contains_key("code"));
        assert_eq!(result.scanners[0].status, ScannerStatus::Partial);
        assert_eq!(result.scanners[0].skipped[0].path, "b.py");
    }

    #[test]
    fn passwords_are_hidden() {
        let item = |password: &str| {
            format!(
                r#"{{"code":"1 a = '{password}'\n","filename":"a.py","issue_severity":"LOW","issue_confidence":"MEDIUM","line_number":1,
                "issue_text":"Possible hardcoded password: '{password}'","test_id":"B105","test_name":"hardcoded_password_string"}}"#
            )
        };
        for password in ["s3cr3t-but-not-really", "pass", "e", "it's"] {
            let result = read(&item(password), "");
            let f = &result.findings[0];
            assert_eq!(f.secret.as_ref().unwrap().value, password);
            assert_eq!(f.title, "Hard-coded password string");
            assert!(f.description.starts_with("Possible hardcoded password: '"), "{}", f.description);
            assert!(!f.description.contains(&format!("'{password}'")), "{}", f.description);
        }
        assert!(read(&item(""), "").findings[0].secret.is_none());
    }

    #[test]
    fn odd_items_are_read() {
        let result = read(r#"{"test_id":"B999","issue_text":null,"line_number":"x","line_range":null,"col_offset":-1}"#, "");
        let f = &result.findings[0];
        assert_eq!((f.title.as_str(), f.line, f.column, f.severity), ("B999", None, None, Severity::Low));
        let result = read(r#"{"test_id":"B101","line_range":[-1,99999999999,3],"code":7},{},null"#, "null");
        assert_eq!((result.findings.len(), result.findings[0].line), (1, Some(3)));
        assert_eq!(result.findings[0].cwe.as_deref(), Some("CWE-703"));
    }
}
