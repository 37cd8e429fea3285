//! hadolint: `hadolint -f json`.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, shellcheck, words};
use crate::Result;
use crate::model::{ScanType, Severity};

pub(super) struct Hadolint;

const META: ParserMeta = ParserMeta {
    id: "hadolint",
    title: "hadolint JSON",
    versions_read: "1.x and 2.x",
    upstream: "https://github.com/hadolint/hadolint",
    scan_type: ScanType::Iac,
};

/// hadolint's levels, for rules that have no severity of their own here.
///
/// # Source
/// hadolint 2.15, `DLSeverity`.
const LEVELS: &[(&str, Severity)] = &[
    ("error", Severity::Medium),
    ("warning", Severity::Low),
    ("info", Severity::Info),
    ("style", Severity::Info),
    ("ignore", Severity::Info),
];

/// Severity and weakness of the rules that the built-in scanner of Dockerfiles knows too, as there, and of those that the
/// level of hadolint misleads about.
///
/// # Source
/// `scanners/builtin/dockerfile/rules`; hadolint's wiki.
const RULES: &[(&str, Severity, Option<&str>)] = &[
    ("DL1000", Severity::Medium, None),
    ("DL3000", Severity::Low, None),
    ("DL3002", Severity::Medium, Some("CWE-250")),
    ("DL3004", Severity::Medium, Some("CWE-250")),
    ("DL3006", Severity::Medium, Some("CWE-829")),
    ("DL3007", Severity::Medium, Some("CWE-829")),
    ("DL3008", Severity::Info, Some("CWE-829")),
    ("DL3013", Severity::Low, Some("CWE-829")),
    ("DL3015", Severity::Low, None),
    ("DL3016", Severity::Low, Some("CWE-829")),
    ("DL3018", Severity::Info, Some("CWE-829")),
    ("DL3020", Severity::Low, None),
    ("DL3026", Severity::Medium, Some("CWE-829")),
    ("DL3028", Severity::Low, Some("CWE-829")),
    ("DL3033", Severity::Info, Some("CWE-829")),
    ("DL3037", Severity::Info, Some("CWE-829")),
    ("DL3041", Severity::Info, Some("CWE-829")),
    ("DL3042", Severity::Low, None),
    ("DL3057", Severity::Info, None),
    ("DL3062", Severity::Low, Some("CWE-829")),
    ("DL3064", Severity::High, Some("CWE-526")),
    ("DL4000", Severity::Low, None),
    ("DL4003", Severity::Low, None),
    ("DL4004", Severity::Low, None),
];

impl Parser for Hadolint {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        // A code of shellcheck is a number.
        let words = shape.has_all(&["file", "code", "level", "line"]) && shape.text("code").is_some();
        shape.top == Top::Array && words && !shape.has_any(&["endLine", "endColumn"])
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [Want::Each("")];
        json::read(&mut input, &[""], &wants, report, &mut |report, _, value| check(report, Fields::of(value)?))
    }
}

fn check(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let code = item.text("code");
    let message = item.text("message").unwrap_or_default();
    let file = locate::file(item.text("file").filter(|file| file != "-").as_deref(), report)?;
    if code.is_none() && message.is_empty() && file.is_none() {
        return Err(bad("neither `code` nor `message` nor `file`"));
    }
    let level = item.text("level").unwrap_or_default();
    let (severity, cwe) = weight(code.as_deref().unwrap_or_default(), &level);
    let mut finding = report.finding(severity, words::first_sentence(&message));
    finding.line = item.position("line");
    finding.column = item.position("column");
    finding.cwe = cwe.map(str::to_owned);
    finding.references = code.as_deref().and_then(page).into_iter().collect();
    if code.as_deref() == Some("DL1000") {
        report.missed(file.as_deref().unwrap_or("."), message.as_str());
    }
    item.keep("level", level);
    finding.file_path = file;
    finding.rule_id = code;
    finding.description = message;
    finding.metadata.tool = item.rest();
    report.push(finding)
}

fn weight(code: &str, level: &str) -> (Severity, Option<&'static str>) {
    if code.starts_with("SC") {
        return shellcheck::weight(code, level);
    }
    match RULES.iter().find(|(known, ..)| *known == code) {
        Some((_, severity, cwe)) => (*severity, *cwe),
        None => (words::pick(level, LEVELS).unwrap_or(Severity::Low), None),
    }
}

fn page(code: &str) -> Option<String> {
    let plain = code.bytes().all(|b| b.is_ascii_alphanumeric());
    match code.get(..2) {
        Some("DL") if plain => Some(format!("https://github.com/hadolint/hadolint/wiki/{code}")),
        Some("SC") if plain => Some(shellcheck::page(code)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};
    use super::*;
    use crate::model::ScannerStatus;

    #[test]
    fn every_field_is_mapped() {
        let text = r#"[{"code":"DL3007","column":1,"file":"infra\\Dockerfile","level":"warning","line":1,
            "message":"Using latest is prone to errors. Pin the version"},
            {"line":15,"code":"SC2086","message":"Double quote","column":1,"file":"-","level":"info"},
            {"line":2,"code":"DL1000","message":"unexpected 'x'","column":3,"file":"B","level":"error"},
            {"code":"DL9999","level":"error"},{"level":"error"}]"#;
        let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
        let f = &result.findings[0];
        assert_eq!((f.rule_id.as_deref(), f.severity, f.cwe.as_deref()), (Some("DL3007"), Severity::Medium, Some("CWE-829")));
        assert_eq!((f.file_path.as_deref(), f.line, f.column), (Some("infra/Dockerfile"), Some(1), Some(1)));
        assert_eq!((f.title.as_str(), f.scan_type), ("Using latest is prone to errors", ScanType::Iac));
        assert_eq!(f.references, ["https://github.com/hadolint/hadolint/wiki/DL3007"]);
        assert_eq!((result.findings[1].severity, result.findings[1].file_path.as_deref()), (Severity::Low, None));
        assert_eq!((result.findings.len(), result.findings[3].severity), (4, Severity::Medium));
        assert_eq!((result.scanners[0].status, result.scanners[0].skipped[0].path.as_str()), (ScannerStatus::Partial, "B"));
    }

    #[test]
    fn an_empty_list_says_nothing_about_its_tool() {
        let named = parse(b"[]", Some("hadolint"), &IngestOptions::default()).unwrap();
        assert_eq!((named.findings.len(), named.scanners[0].name.as_str()), (0, "hadolint"));
    }

    #[test]
    fn rules_are_sorted() {
        assert!(RULES.is_sorted_by(|a, b| a.0 < b.0));
    }
}
