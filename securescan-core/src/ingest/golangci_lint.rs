//! golangci-lint: `golangci-lint run --output.json.path stdout` (before 2: `--out-format json`).

use super::fields::Fields;
use super::json;
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, words};
use crate::Result;
use crate::model::{ScanType, Severity};

pub(super) struct GolangciLint;

const META: ParserMeta = ParserMeta {
    id: "golangci-lint",
    title: "golangci-lint JSON",
    versions_read: "1.x and 2.x",
    upstream: "https://golangci-lint.run/docs/configuration/file/#output-configuration",
    scan_type: ScanType::Code,
};

/// Severities of linters, where no severity is configured (mostly). Every other is style.
///
/// # Source
/// golangci-lint 2.5, list of linters: those that find bugs, and gosec.
const LINTERS: &[(&str, Severity)] = &[
    ("bidichk", Severity::Medium),
    ("bodyclose", Severity::Low),
    ("errcheck", Severity::Low),
    ("gosec", Severity::Medium),
    ("govet", Severity::Low),
    ("noctx", Severity::Low),
    ("rowserrcheck", Severity::Low),
    ("sqlclosecheck", Severity::Low),
    ("staticcheck", Severity::Low),
    ("typecheck", Severity::Medium),
];

impl Parser for GolangciLint {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        shape.top == Top::Object && shape.has("Issues") && shape.has_any(&["Issues.FromLinter", "Report", "Report.Linters"])
    }

    /// Version 2 writes how many issues there are after the document.
    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        json::read_many(&mut input, report, &mut |report, _, value| {
            let mut document = Fields::of(value)?;
            if !document.peek("Issues").is_some_and(|issues| issues.is_null() || issues.is_array()) {
                return Err(bad("`Issues` is missing or no list"));
            }
            if let Some(why) = document.text("Report.Error") {
                report.failed(why);
            }
            for (at, item) in document.list("Issues").into_iter().enumerate() {
                report.next_item();
                let done = Fields::of(item).and_then(|item| issue(report, item));
                report.settle(done, || format!("Issues[{at}]"))?;
            }
            Ok(())
        })
    }
}

fn issue(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let linter = item.text("FromLinter");
    let message = item.text("Text").unwrap_or_default();
    let file = locate::file(item.text("Pos.Filename").as_deref(), report)?;
    if linter.is_none() && message.is_empty() && file.is_none() {
        return Err(bad("neither `FromLinter` nor `Text` nor `Pos.Filename`"));
    }
    let by_linter = linter.as_deref().and_then(|linter| words::pick(linter, LINTERS)).unwrap_or(Severity::Info);
    let severity = item
        .text("Severity")
        .filter(|word| !matches!(word.as_str(), "error" | "warning"))
        .and_then(|word| words::severity(&word));
    let (code, text) = split_code(&message);
    if linter.as_deref() == Some("typecheck") {
        report.missed(file.as_deref().unwrap_or("."), words::first_sentence(&message));
    }
    let mut finding = report.finding(severity.unwrap_or(by_linter), words::first_sentence(text));
    finding.file_path = file;
    finding.line = item.position("Pos.Line");
    finding.column = item.position("Pos.Column");
    finding.end_line = item.position("LineRange.To");
    let lines = item.texts("SourceLines");
    finding.metadata.line_snippet = Some(lines.join("\n")).filter(|text| !text.is_empty());
    finding.rule_id = code.map(str::to_owned).or_else(|| linter.clone());
    finding.description = message;
    for taken in ["Pos", "LineRange", "Replacement", "SuggestedFixes", "ExpectNoLint", "ExpectedNoLintLinter"] {
        item.value(taken);
    }
    if let Some(linter) = linter {
        item.keep("linter", linter);
    }
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// Linters with codes write them first: `G104: Errors unhandled`, `SA1019: …`.
fn split_code(message: &str) -> (Option<&str>, &str) {
    let code = |word: &str| {
        let letters = word.bytes().take_while(u8::is_ascii_uppercase).count();
        let digits = word.get(letters..).unwrap_or_default();
        (1..=4).contains(&letters) && (2..=5).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
    };
    match message.split_once(": ") {
        Some((word, text)) if code(word) => (Some(word), text),
        _ => (None, message),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};
    use super::*;
    use crate::model::ScannerStatus;

    #[test]
    fn every_field_is_mapped() {
        let text = r#"{"Issues":[{"FromLinter":"gosec","Text":"G104: Errors unhandled.","Severity":"","SourceLines":["\tx()"],"Replacement":null,
            "Pos":{"Filename":"a/b.go","Offset":9,"Line":4,"Column":2},"LineRange":{"From":4,"To":5},"ExpectNoLint":false},
            {"FromLinter":"lll","Text":"line is 200 characters","Severity":"high","Pos":{"Filename":"c.go","Line":1,"Column":0}},7,{},{"FromLinter":"govet"}],
            "Report":{"Linters":[{"Name":"gosec"}]}}"#;
        let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap_or_else(|e| panic!("{e}"));
        let f = &result.findings[0];
        assert_eq!((f.rule_id.as_deref(), f.severity, f.title.as_str()), (Some("G104"), Severity::Medium, "Errors unhandled"));
        assert_eq!((f.file_path.as_deref(), f.line, f.column, f.end_line), (Some("a/b.go"), Some(4), Some(2), Some(5)));
        assert_eq!(f.metadata.line_snippet.as_deref(), Some("\tx()"));
        assert_eq!((result.findings[1].severity, result.findings[1].rule_id.as_deref()), (Severity::High, Some("lll")));
        assert_eq!((result.findings.len(), result.scanners[0].skipped.len()), (3, 2), "the bad ones cost no other");
    }

    #[test]
    fn nothing_found_and_failed() {
        let read = |text: &str| parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
        let empty = read(r#"{"Issues":[],"Report":{"Linters":[]}}"#);
        assert_eq!((empty.findings.len(), empty.scanners[0].status), (0, ScannerStatus::Ok));
        let failed = read(r#"{"Issues":null,"Report":{"Error":"no go files"}}"#);
        assert_eq!(
            (failed.scanners[0].status, failed.scanners[0].reason.as_deref()),
            (ScannerStatus::Failed, Some("no go files"))
        );
        assert!(parse(br#"{"Issues":"","Report":{}}"#, None, &IngestOptions::default()).is_err());
        assert_eq!(split_code("a: b"), (None, "a: b"));
    }
}
