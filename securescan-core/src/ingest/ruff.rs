//! Ruff: `ruff check --output-format json` and `json-lines`.

use super::fields::Fields;
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, bandit, json, locate, words};
use crate::Result;
use crate::model::{ScanType, Secret, Severity};

pub(super) struct Ruff;

const META: ParserMeta = ParserMeta {
    id: "ruff",
    title: "Ruff JSON",
    versions_read: "0.0.180 – 0.17 (`json`, `json-lines`)",
    upstream: "https://docs.astral.sh/ruff/settings/#output-format",
    scan_type: ScanType::Code,
};

/// Beginnings of the codes of rules that find mistakes, not style. Ruff itself calls everything an error.
///
/// # Source
/// Ruff 0.17, list of rules. The `S` rules are Bandit's and weigh what Bandit says.
const MISTAKES: &[&str] = &["ASYNC", "B0", "B9", "E9", "F", "PLE", "PLW", "PGH", "RUF", "TRY", "DTZ", "LOG", "INT", "BLE", "EXE"];

impl Parser for Ruff {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        matches!(shape.top, Top::Array | Top::Object)
            && shape.has_all(&["filename", "location.row", "message", "code"])
            && !shape.has("results")
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        json::read_many(&mut input, report, &mut |report, _, value| violation(report, Fields::of(value)?))
    }
}

fn violation(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let rule = item.text("code");
    let message = item.text("message").unwrap_or_default();
    let file = locate::file(item.text("filename").filter(|file| file != "-").as_deref(), report)?;
    if rule.is_none() && message.is_empty() && file.is_none() {
        return Err(bad("neither `code` nor `message` nor `filename`"));
    }
    // A syntax error has no code, or one that is no code.
    let broken = rule.as_deref().is_none_or(|rule| rule == "invalid-syntax" || rule == "E999");
    let test = rule.as_deref().filter(|rule| rule.starts_with('S')).and_then(bandit::test);
    let severity = match (test, rule.as_deref()) {
        // Bandit, too, weighs a constant command less.
        (Some(_), _) if message.contains("seems safe") => Severity::Low,
        (Some(test), _) => test.severity,
        _ if broken => Severity::Medium,
        (None, Some(rule)) if MISTAKES.iter().any(|start| rule.starts_with(start)) => Severity::Low,
        _ => Severity::Info,
    };
    if broken {
        report.missed(file.as_deref().unwrap_or("."), message.as_str());
    }
    let title = test.map_or_else(|| words::first_sentence(&message), |test| test.title.to_owned());
    let mut finding = report.finding(severity, title);
    finding.file_path = file;
    finding.line = item.position("location.row");
    finding.column = item.position("location.column");
    finding.end_line = item.position("end_location.row");
    finding.end_column = item.position("end_location.column");
    finding.cwe = test.map(|test| format!("CWE-{}", test.cwe));
    finding.references = words::urls(item.text("url"));
    finding.remediation = item.text("fix.message").unwrap_or_default();
    item.value("fix");
    finding.description = message;
    if matches!(rule.as_deref(), Some("S105" | "S106" | "S107")) {
        // Before 0.0.247 the message quotes the password, since then the name of what it is assigned to.
        let quoted =
            finding.description.strip_prefix("Possible hardcoded password: ").map(|q| q.trim_matches(['"', '\'']).to_owned());
        if let Some(value) = quoted.filter(|value| !value.is_empty()) {
            finding.description = format!("Possible hardcoded password: '{}'", Secret::masked(&value));
            finding.secret = Some(Box::new(Secret { kind: "password".to_owned(), value }));
        }
    }
    finding.rule_id = rule;
    finding.metadata.tool = item.rest();
    report.push(finding)
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};
    use super::*;
    use crate::model::ScannerStatus;

    const ONE: &str = r#"{"cell":null,"code":"S602","end_location":{"column":35,"row":27},"filename":"/src/app/app.py","fix":{"applicability":"safe","edits":[],"message":"Remove it"},"location":{"column":12,"row":27},"message":"`subprocess` call with `shell=True` identified, security issue","noqa_row":27,"url":"https://docs.astral.sh/ruff/rules/x"}"#;
    const BROKEN: &str = r#"{"cell":2,"code":null,"end_location":{"column":1,"row":2},"filename":"b.py","fix":null,"location":{"column":1,"row":1},"message":"SyntaxError: Expected an expression"}"#;
    const OLD: &str = r#"{"code":"S105","filename":"c.py","location":{"column":1,"row":1},"message":"Possible hardcoded password: \"hunter2\""}"#;

    #[test]
    fn both_forms() {
        for text in [format!("[{ONE},{BROKEN},{OLD},{{}}]"), format!("{ONE}\n{BROKEN}\n{OLD}\n{{}}\n")] {
            let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
            assert_eq!(result.findings.len(), 3);
            let f = &result.findings[0];
            assert_eq!((f.rule_id.as_deref(), f.severity, f.cwe.as_deref()), (Some("S602"), Severity::High, Some("CWE-78")));
            assert_eq!((f.line, f.column, f.end_line, f.end_column), (Some(27), Some(12), Some(27), Some(35)));
            assert_eq!((f.title.as_str(), f.remediation.as_str()), ("Subprocess with shell=True", "Remove it"));
            assert_eq!(f.references, ["https://docs.astral.sh/ruff/rules/x"]);
            assert_eq!((result.findings[1].severity, result.scanners[0].status), (Severity::Medium, ScannerStatus::Partial));
            let f = &result.findings[2];
            assert_eq!(f.secret.as_ref().unwrap().value, "hunter2");
            assert!(!f.description.contains("hunter2"));
        }
        let single = parse(ONE.as_bytes(), None, &IngestOptions::default()).unwrap();
        assert_eq!((single.findings.len(), single.scanners[0].name.as_str()), (1, "ruff"));
    }

    #[test]
    fn style_is_info() {
        let one = |code: &str| ONE.replace("S602", code);
        let text = format!("[{},{},{}]", one("I001"), one("F821"), one("S999"));
        let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
        let severities: Vec<_> = result.findings.iter().map(|f| f.severity).collect();
        assert_eq!(severities, [Severity::Info, Severity::Low, Severity::Info]);
    }
}
