//! Pylint: `pylint --output-format=json` and `json2`.

use super::fields::{Fields, text_of};
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, words};
use crate::Result;
use crate::model::{ScanType, Severity};

pub(super) struct Pylint;

const META: ParserMeta = ParserMeta {
    id: "pylint",
    title: "Pylint JSON",
    versions_read: "1.x – 4.x (`json`, `json2`)",
    upstream: "https://pylint.readthedocs.io/en/stable/user_guide/usage/output.html",
    scan_type: ScanType::Code,
};

/// Pylint's categories.
///
/// # Source
/// Pylint 3, `MSG_TYPES_LONG`.
const CATEGORIES: &[(&str, Severity)] = &[
    ("fatal", Severity::Medium),
    ("error", Severity::Low),
    ("warning", Severity::Low),
    ("refactor", Severity::Info),
    ("convention", Severity::Info),
    ("info", Severity::Info),
];

/// Messages about security.
///
/// # Source
/// Pylint 3, list of messages.
const SECURITY: &[(&str, Severity, &str)] = &[
    ("bad-open-mode", Severity::Low, "CWE-732"),
    ("bidirectional-unicode", Severity::High, "CWE-838"),
    ("eval-used", Severity::Medium, "CWE-95"),
    ("exec-used", Severity::Medium, "CWE-95"),
    ("missing-timeout", Severity::Medium, "CWE-400"),
    ("shallow-copy-environ", Severity::Low, "CWE-668"),
    ("subprocess-popen-preexec-fn", Severity::Low, "CWE-362"),
];

impl Parser for Pylint {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        match shape.top {
            Top::Array => shape.has_all(&["symbol", "message", "module", "type"]),
            Top::Object => {
                shape.has_all(&["messages.symbol", "messages.module"])
                    || shape.has_all(&["messages", "statistics.messageTypeCount"])
            }
            Top::Xml | Top::Text => false,
        }
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [Want::Each(""), Want::Each("messages")];
        json::read(&mut input, &["", "messages"], &wants, report, &mut |report, _, value| message(report, Fields::of(value)?))
    }
}

fn message(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let symbol = item.text("symbol");
    let id = item.named("message-id").and_then(text_of).or_else(|| item.text("messageId"));
    let text = item.text("message").unwrap_or_default();
    let file = locate::file(item.text("path").as_deref(), report)?;
    if symbol.is_none() && id.is_none() && text.is_empty() && file.is_none() {
        return Err(bad("neither `symbol` nor `message` nor `path`"));
    }
    let category = item.text("type").unwrap_or_default();
    let known = symbol.as_deref().and_then(|symbol| SECURITY.iter().find(|(name, ..)| *name == symbol));
    let severity =
        known.map(|(_, severity, _)| *severity).or_else(|| words::pick(&category, CATEGORIES)).unwrap_or(Severity::Low);
    if category == "fatal" || matches!(symbol.as_deref(), Some("syntax-error" | "astroid-error" | "parse-error")) {
        report.missed(file.as_deref().unwrap_or("."), words::first_sentence(&text));
    }
    let mut finding = report.finding(severity, words::first_sentence(&text));
    let one = |n: usize| u32::try_from(n + 1).ok();
    finding.file_path = file;
    finding.line = item.position("line");
    finding.column = item.offset("column").and_then(one);
    finding.end_line = item.position("endLine");
    finding.end_column = item.offset("endColumn").and_then(one);
    finding.confidence = item.text("confidence").and_then(|word| words::confidence(&word));
    finding.cwe = known.map(|(.., cwe)| (*cwe).to_owned());
    item.keep("category", category);
    if let (Some(symbol), Some(_)) = (&symbol, &id) {
        item.keep("symbol", symbol.as_str());
    }
    item.value("absolutePath");
    finding.rule_id = id.or(symbol);
    finding.description = text;
    finding.metadata.tool = item.rest();
    report.push(finding)
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};
    use super::*;

    #[test]
    fn both_forms() {
        let one = r#"{"type":"warning","module":"a","obj":"f","line":3,"column":4,"endLine":3,"endColumn":11,"path":"app/a.py","symbol":"eval-used","message":"Use of eval","message-id":"W0123"}"#;
        let two = one.replace("message-id", "messageId").replace("\"obj\"", "\"confidence\":\"HIGH\",\"obj\"");
        for text in [format!("[{one},{{}}]"), format!(r#"{{"messages":[{two}],"statistics":{{"messageTypeCount":{{}}}}}}"#)] {
            let f = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap().findings.remove(0);
            assert_eq!((f.rule_id.as_deref(), f.severity, f.cwe.as_deref()), (Some("W0123"), Severity::Medium, Some("CWE-95")));
            assert_eq!((f.line, f.column, f.end_line, f.end_column), (Some(3), Some(5), Some(3), Some(12)));
        }
        let empty = parse(br#"{"messages":[],"statistics":{"messageTypeCount":{},"score":10}}"#, None, &IngestOptions::default())
            .unwrap();
        assert_eq!(empty.scanners[0].name, "pylint");
    }
}
