//! PHPStan: `phpstan analyse --error-format=json`.

use super::fields::{Fields, text_of};
use super::json::{self, Want};
use super::report::{Report, Stop};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, words};
use crate::Result;
use crate::model::{ScanType, Severity};

pub(super) struct Phpstan;

const META: ParserMeta = ParserMeta {
    id: "phpstan",
    title: "PHPStan JSON",
    versions_read: "0.x – 2.x",
    upstream: "https://phpstan.org/user-guide/output-format",
    scan_type: ScanType::Code,
};

impl Parser for Phpstan {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        shape.top == Top::Object && shape.has_all(&["totals.file_errors", "files"])
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [Want::Entries("files"), Want::Each("errors")];
        json::read(&mut input, &["files"], &wants, report, &mut |report, at, value| {
            if at.place == "errors" {
                report.missed(".", text_of(value).unwrap_or_else(|| "not analysed".to_owned()));
                return Ok(());
            }
            // `a.php (in context of class B)` names a trait's user.
            let path = locate::file(at.key.split(" (in context of").next(), report)?;
            for item in Fields::of(value)?.list("messages") {
                report.next_item();
                message(report, path.as_deref(), Fields::or_empty(item))?;
            }
            Ok(())
        })
    }
}

/// PHPStan has no severities: it finds mistakes in types.
fn message(report: &mut Report<'_>, path: Option<&str>, mut item: Fields) -> Result<(), Stop> {
    let text = item.text("message").unwrap_or_default();
    let mut finding = report.finding(Severity::Low, words::first_sentence(&text));
    finding.file_path = path.map(str::to_owned);
    finding.line = item.position("line");
    finding.rule_id = item.text("identifier");
    finding.remediation = item.text("tip").unwrap_or_default();
    finding.description = text;
    finding.metadata.tool = item.rest();
    report.push(finding)
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};
    use crate::model::ScannerStatus;

    #[test]
    fn every_field_is_mapped() {
        let text = r#"{"totals":{"errors":1,"file_errors":2},"files":{"src/A.php (in context of class B)":{"errors":2,"messages":[
            {"message":"Undefined variable: $x","line":4,"ignorable":true,"identifier":"variable.undefined","tip":"Define it"},{"message":"m","line":null}]}},"errors":["Config is bad"]}"#;
        let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
        let f = &result.findings[0];
        assert_eq!(
            (f.file_path.as_deref(), f.line, f.rule_id.as_deref()),
            (Some("src/A.php"), Some(4), Some("variable.undefined"))
        );
        assert_eq!((f.remediation.as_str(), result.findings.len()), ("Define it", 2));
        assert_eq!(result.scanners[0].status, ScannerStatus::Partial);
        let empty =
            parse(br#"{"totals":{"errors":0,"file_errors":0},"files":[],"errors":[]}"#, None, &IngestOptions::default()).unwrap();
        assert_eq!((empty.findings.len(), empty.scanners[0].name.as_str()), (0, "phpstan"));
    }
}
