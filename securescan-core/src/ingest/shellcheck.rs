//! ShellCheck: `shellcheck -f json` and `-f json1`.
//!
//! `json` counts a tab as up to eight columns, `json1` as one; the source is not at hand here, so columns stay as they are.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, words};
use crate::Result;
use crate::model::{ScanType, Severity};

pub(super) struct ShellCheck;

const META: ParserMeta = ParserMeta {
    id: "shellcheck",
    title: "ShellCheck JSON",
    versions_read: "0.4 – 0.11 (`json`, `json1`)",
    upstream: "https://www.shellcheck.net/wiki/Integration",
    scan_type: ScanType::Code,
};

/// ShellCheck's levels: they say how sure it is that something is a mistake, not how bad that is.
///
/// # Source
/// ShellCheck 0.10, `ShellCheck.Interface.Severity`.
const LEVELS: &[(&str, Severity)] =
    &[("error", Severity::Medium), ("warning", Severity::Low), ("info", Severity::Info), ("style", Severity::Info)];

/// What is worse than its level: words that split or expand where an attacker may choose them, and `rm` gone astray.
///
/// # Source
/// ShellCheck's wiki pages of these codes.
const CODES: &[(&str, Severity, &str)] = &[
    ("SC2024", Severity::Low, "CWE-250"),
    ("SC2035", Severity::Low, "CWE-88"),
    ("SC2046", Severity::Low, "CWE-88"),
    ("SC2059", Severity::Low, "CWE-134"),
    ("SC2068", Severity::Low, "CWE-88"),
    ("SC2086", Severity::Low, "CWE-88"),
    ("SC2087", Severity::Low, "CWE-78"),
    ("SC2114", Severity::Medium, "CWE-73"),
    ("SC2115", Severity::Medium, "CWE-73"),
    ("SC2156", Severity::Medium, "CWE-78"),
    ("SC2174", Severity::Low, "CWE-732"),
    ("SC2294", Severity::Medium, "CWE-95"),
];

/// Severity and weakness of a code at a level.
pub(super) fn weight(code: &str, level: &str) -> (Severity, Option<&'static str>) {
    let by_level = words::pick(level, LEVELS).unwrap_or(Severity::Info);
    match CODES.iter().find(|(known, ..)| *known == code) {
        Some((_, severity, cwe)) => (*severity, Some(cwe)),
        None => (by_level, None),
    }
}

/// A code's page.
pub(super) fn page(code: &str) -> String {
    format!("https://www.shellcheck.net/wiki/{code}")
}

impl Parser for ShellCheck {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        match shape.top {
            Top::Array => {
                let ends = shape.has("endLine") || shape.text("code").is_none();
                shape.has_all(&["file", "line", "level", "code"]) && ends
            }
            Top::Object => shape.has_all(&["comments", "comments.level", "comments.code"]) || (shape.is_only("comments")),
            Top::Xml | Top::Text => false,
        }
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [Want::Each(""), Want::Each("comments")];
        json::read(&mut input, &["", "comments"], &wants, report, &mut |report, _, value| comment(report, Fields::of(value)?))
    }
}

fn comment(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let code = item.text("code");
    let message = item.text("message").unwrap_or_default();
    let file = locate::file(item.text("file").filter(|file| file != "-").as_deref(), report)?;
    if code.is_none() && message.is_empty() && file.is_none() {
        return Err(bad("neither `code` nor `message` nor `file`"));
    }
    let code = code.map(|code| if code.starts_with("SC") { code } else { format!("SC{code:0>4}") });
    let level = item.text("level").unwrap_or_default();
    let (severity, cwe) = weight(code.as_deref().unwrap_or_default(), &level);
    let mut finding = report.finding(severity, words::first_sentence(&message));
    finding.file_path = file;
    finding.line = item.position("line");
    finding.column = item.position("column");
    finding.end_line = item.position("endLine");
    finding.end_column = item.position("endColumn");
    finding.cwe = cwe.map(str::to_owned);
    finding.references = code.iter().map(|code| page(code)).collect();
    item.value("fix");
    item.keep("level", level);
    finding.rule_id = code;
    finding.description = message;
    finding.metadata.tool = item.rest();
    report.push(finding)
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};
    use super::*;

    #[test]
    fn both_forms() {
        let comment = r#"{"file":"native/deploy.sh","line":3,"endLine":3,"column":8,"endColumn":14,"level":"warning","code":2115,
            "message":"Use \"${var:?}\" to ensure this never expands to /* .","fix":{"replacements":[]}}"#;
        for text in [format!("[{comment},{{}}]"), format!("{{\"comments\":[{comment}]}}")] {
            let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
            let f = &result.findings[0];
            assert_eq!((f.rule_id.as_deref(), f.severity, f.cwe.as_deref()), (Some("SC2115"), Severity::Medium, Some("CWE-73")));
            assert_eq!((f.line, f.column, f.end_line, f.end_column), (Some(3), Some(8), Some(3), Some(14)));
            assert_eq!(f.references, ["https://www.shellcheck.net/wiki/SC2115"]);
            assert!(!f.metadata.tool.contains_key("fix") && f.scanner == "shellcheck");
        }
        let old = br#"[{"file":"a.sh","line":3,"column":8,"level":"error","code":1009,"message":"m"}]"#;
        assert_eq!(parse(old, None, &IngestOptions::default()).unwrap().scanners[0].name, "shellcheck");
        let empty = parse(br#"{"comments":[]}"#, None, &IngestOptions::default()).unwrap();
        assert_eq!((empty.findings.len(), empty.scanners[0].name.as_str()), (0, "shellcheck"));
        assert_eq!(weight("SC1000", "error"), (Severity::Medium, None));
        assert_eq!(weight("SC9", "odd"), (Severity::Info, None));
    }
}
