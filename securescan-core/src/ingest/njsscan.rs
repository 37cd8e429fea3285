//! njsscan and mobsfscan: `njsscan --json`, `mobsfscan --json`. Both name a rule once and list where it matched.

use super::fields::{Fields, text_of};
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, snippet, words};
use crate::Result;
use crate::model::{Finding, ScanType, Secret, Severity};
use serde_json::Value;

pub(super) struct NjsScan;

pub(super) struct MobsfScan;

const NJSSCAN: ParserMeta = ParserMeta {
    id: "njsscan",
    title: "njsscan JSON",
    versions_read: "0.x",
    upstream: "https://github.com/ajinabraham/njsscan",
    scan_type: ScanType::Code,
};

const MOBSFSCAN: ParserMeta = ParserMeta {
    id: "mobsfscan",
    title: "mobsfscan JSON",
    versions_read: "0.x",
    upstream: "https://github.com/MobSF/mobsfscan",
    scan_type: ScanType::Code,
};

/// Their words for severity.
///
/// # Source
/// njsscan 0.4 and mobsfscan 0.4, rule files.
const SEVERITIES: &[(&str, Severity)] =
    &[("ERROR", Severity::High), ("WARNING", Severity::Medium), ("INFO", Severity::Info), ("GOOD", Severity::Info)];

impl Parser for NjsScan {
    fn meta(&self) -> &'static ParserMeta {
        &NJSSCAN
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        shape.top == Top::Object && (shape.has("njsscan_version") || shape.has_all(&["nodejs", "templates", "errors"]))
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [Want::Entries("nodejs"), Want::Entries("templates"), Want::Each("errors"), Want::Whole("njsscan_version")];
        json::read(&mut input, &["nodejs", "templates"], &wants, report, &mut |report, at, value| match at.place {
            "errors" => error(report, value),
            "njsscan_version" => {
                report.version(text_of(value));
                Ok(())
            }
            place => rule(report, at.key, place == "nodejs", Fields::of(value)?),
        })
    }
}

impl Parser for MobsfScan {
    fn meta(&self) -> &'static ParserMeta {
        &MOBSFSCAN
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        shape.top == Top::Object && shape.has_all(&["mobsfscan_version", "results"])
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [Want::Entries("results"), Want::Each("errors"), Want::Whole("mobsfscan_version")];
        json::read(&mut input, &["results"], &wants, report, &mut |report, at, value| match at.place {
            "errors" => error(report, value),
            "mobsfscan_version" => {
                report.version(text_of(value));
                Ok(())
            }
            _ => rule(report, at.key, false, Fields::of(value)?),
        })
    }
}

fn error(report: &mut Report<'_>, value: Value) -> Result<(), Stop> {
    let why = match value {
        Value::Object(_) => Fields::or_empty(value).first_text(&["message", "long_msg", "short_msg", "error"]),
        other => text_of(other),
    };
    report.missed(".", words::first_sentence(&why.unwrap_or_else(|| "not scanned".to_owned())));
    Ok(())
}

/// One finding for each match; one without a place for a practice that is missing everywhere.
fn rule(report: &mut Report<'_>, id: &str, columns: bool, mut item: Fields) -> Result<(), Stop> {
    let mut meta = item.object("metadata");
    let files = item.list("files");
    let text = meta.text("description").unwrap_or_default();
    if files.is_empty() && text.is_empty() {
        return Err(bad("neither `files` nor `metadata.description`"));
    }
    let severity = meta.text("severity").and_then(|word| words::pick(&word, SEVERITIES)).unwrap_or(Severity::Low);
    let mut base = report.finding(severity, id.replace(['_', '-'], " "));
    base.cwe = meta.text("cwe").and_then(|text| words::cwe(&text));
    base.references = words::urls(meta.texts("reference"));
    base.rule_id = Some(id.to_owned());
    base.description = text;
    base.metadata.tool = meta.rest();
    if files.is_empty() {
        return report.push(base);
    }
    for file in files {
        report.next_item();
        let mut finding = base.clone();
        let done = place(report, &mut finding, columns, Fields::or_empty(file));
        let done = done.and_then(|()| report.push(finding));
        report.settle(done, || format!("a file of {id}"))?;
    }
    Ok(())
}

/// `match_position` is columns where Semgrep matched, and offsets where a pattern did.
fn place(report: &Report<'_>, finding: &mut Finding, columns: bool, mut file: Fields) -> Result<(), Stop> {
    finding.file_path = locate::file(file.text("file_path").as_deref(), report)?;
    let mut pair = |name: &str| {
        let numbers: Vec<u32> = file.list(name).iter().filter_map(|n| u32::try_from(n.as_u64()?).ok()).collect();
        let at = |index: usize| numbers.get(index).copied().filter(|n| *n > 0);
        (at(0), at(1))
    };
    (finding.line, finding.end_line) = pair("match_lines");
    if columns {
        (finding.column, finding.end_column) = pair("match_position");
    }
    finding.metadata.line_snippet = file.text("match_string");
    let shows = ["hardcoded", "secret", "password", "api_key"]
        .iter()
        .any(|word| finding.rule_id.as_deref().is_some_and(|id| id.contains(word)));
    if let Some(value) = finding.metadata.line_snippet.as_deref().filter(|_| shows).and_then(snippet::last_literal) {
        finding.secret = Some(Box::new(Secret { kind: "password".to_owned(), value: value.to_owned() }));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};
    use super::*;
    use crate::model::{ScanResult, ScannerStatus};

    fn read(text: &str) -> ScanResult {
        parse(text.as_bytes(), None, &IngestOptions::default()).unwrap()
    }

    #[test]
    fn njsscan() {
        let result = read(
            r#"{"errors":[{"type":"x","message":"bad file. More"}],"files":[],"njsscan_version":"0.2.3","nodejs":{"node_secret":{"files":[
              {"file_path":"a.js","match_lines":[3,4],"match_position":[5,20],"match_string":"secret = 'hunter2hunter2'"},{"file_path":"b.js"}],
              "metadata":{"cwe":"CWE-798: Hard-coded","description":"A secret.","owasp-web":"A3","severity":"ERROR"}}},"templates":{}}"#,
        );
        let f = &result.findings[0];
        assert_eq!((f.rule_id.as_deref(), f.severity, f.cwe.as_deref()), (Some("node_secret"), Severity::High, Some("CWE-798")));
        assert_eq!((f.line, f.end_line, f.column, f.end_column), (Some(3), Some(4), Some(5), Some(20)));
        assert_eq!((f.title.as_str(), f.secret.as_ref().unwrap().value.as_str()), ("node secret", "hunter2hunter2"));
        let run = &result.scanners[0];
        assert_eq!((result.findings.len(), run.status, run.version.as_deref()), (2, ScannerStatus::Partial, Some("0.2.3")));
    }

    #[test]
    fn mobsfscan() {
        let result = read(
            r#"{"errors":[],"mobsfscan_version":"0.4.5","results":{"android_root_detection":{"metadata":{"cwe":"cwe-919","description":"No root detection.","masvs":"r","severity":"INFO","reference":"https://x.example/a"}},
               "odd":{}}}"#,
        );
        let f = &result.findings[0];
        assert_eq!((f.scanner.as_str(), f.severity, f.cwe.as_deref()), ("mobsfscan", Severity::Info, Some("CWE-919")));
        assert_eq!((result.findings.len(), f.references.len(), f.file_path.as_deref()), (1, 1, None));
        assert!(read(r#"{"errors":[],"mobsfscan_version":"0.4.5","results":{}}"#).findings.is_empty());
    }
}
