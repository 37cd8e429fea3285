//! Cppcheck: `cppcheck --xml`.

use super::report::{Report, Stop, bad};
use super::xml::{self, Element};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, words};
use crate::Result;
use crate::model::{Confidence, ScanType, Severity};
use serde_json::{Map, Value, json};

pub(super) struct Cppcheck;

const META: ParserMeta = ParserMeta {
    id: "cppcheck",
    title: "Cppcheck XML",
    versions_read: "1.x and 2.x (XML versions 1 and 2)",
    upstream: "https://cppcheck.sourceforge.io/manual.html#xml-output",
    scan_type: ScanType::Code,
};

/// Cppcheck's words for severity.
///
/// # Source
/// Cppcheck 2.10 manual, "Severities".
const SEVERITIES: &[(&str, Severity)] = &[
    ("error", Severity::High),
    ("warning", Severity::Medium),
    ("style", Severity::Low),
    ("possible style", Severity::Low),
    ("possible error", Severity::Medium),
    ("performance", Severity::Low),
    ("portability", Severity::Low),
    ("information", Severity::Info),
    ("debug", Severity::Info),
    ("none", Severity::Info),
];

/// Ids that say that a file could not be looked at: they are errors, but of the run.
///
/// # Source
/// Cppcheck 2.10, `CppCheck::getErrorMessages` and the preprocessor's.
const NOT_READ: &[&str] = &[
    "cppcheckError",
    "internalAstError",
    "internalError",
    "noValidConfiguration",
    "preprocessorErrorDirective",
    "syntaxError",
    "unhandledChar",
    "unknownMacro",
];

impl Parser for Cppcheck {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        shape.top == Top::Xml
            && shape.root() == "results"
            && (shape.text("version").is_some() || shape.has_any(&["cppcheck", "errors", "error"]))
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        xml::read(&mut input, &["results"], &["cppcheck"], &["error"], report, &mut |report, _, element| {
            if element.name == "cppcheck" {
                report.version(element.attribute("version").map(str::to_owned));
                return Ok(());
            }
            error(report, &element)
        })
    }
}

fn error(report: &mut Report<'_>, item: &Element) -> Result<(), Stop> {
    let rule = item.attribute("id");
    let message = item.attribute("msg").or(item.attribute("verbose")).unwrap_or_default();
    // Version 1 has the place at the error itself.
    let place = item.child("location").unwrap_or(item);
    let file = locate::file(place.attribute("file"), report)?;
    if rule.is_none() && message.is_empty() && file.is_none() {
        return Err(bad("neither `id` nor `msg` nor `file`"));
    }
    let word = item.attribute("severity").unwrap_or_default();
    let mut severity = words::pick(word, SEVERITIES).unwrap_or(Severity::Low);
    if rule.is_some_and(|rule| NOT_READ.contains(&rule)) {
        severity = severity.min(Severity::Medium);
        report.missed(file.as_deref().unwrap_or("."), message);
    }
    let mut finding = report.finding(severity, words::first_sentence(message));
    finding.file_path = file;
    finding.line = position(place, "line");
    finding.column = position(place, "column");
    finding.confidence = item.attribute("inconclusive").filter(|word| *word == "true").map(|_| Confidence::Low);
    finding.cwe = item.attribute("cwe").and_then(words::cwe);
    finding.rule_id = rule.map(str::to_owned);
    finding.description = item.attribute("verbose").unwrap_or(message).to_owned();
    finding.metadata.tool = rest(item, word);
    report.push(finding)
}

fn position(element: &Element, name: &str) -> Option<u32> {
    element.attribute(name).and_then(|n| n.trim().parse().ok()).filter(|n| *n > 0)
}

/// What has no field of its own: the tool's word, the symbols, and where else the finding is.
fn rest(item: &Element, word: &str) -> Map<String, Value> {
    let mut tool = Map::new();
    if !word.is_empty() {
        tool.insert("severity".to_owned(), word.into());
    }
    let symbols: Vec<&str> = item.all("symbol").map(|s| s.text.trim()).filter(|s| !s.is_empty()).take(100).collect();
    if !symbols.is_empty() {
        tool.insert("symbols".to_owned(), symbols.into());
    }
    let place = |at: &Element| json!({"file": at.attribute("file"), "line": position(at, "line"), "info": at.attribute("info")});
    let related: Vec<Value> = item.all("location").skip(1).take(100).map(place).collect();
    if !related.is_empty() {
        tool.insert("related".to_owned(), related.into());
    }
    tool
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
    fn version_2() {
        let result = read(
            r#"<?xml version="1.0" encoding="UTF-8"?><results version="2"><cppcheck version="2.10"/><errors>
            <error id="doubleFree" severity="error" msg="Memory pointed to by &apos;copy&apos; is freed twice." verbose="Longer." cwe="415" inconclusive="true" file0="a.c">
              <location file="native\a.c" line="15" column="5"/><location file="native\a.c" line="14" column="5" info="first"/><symbol>copy</symbol></error>
            <error id="unusedFunction" severity="style" msg="never used"><location file="a.c" line="5" column="0"/></error>
            <error id="missingIncludeSystem" severity="information" msg="Cppcheck cannot find all the include files"/>
            <error id="syntaxError" severity="error" msg="bad"><location file="b.c" line="1"/></error><error/></errors></results>"#,
        );
        let f = &result.findings[0];
        assert_eq!((f.rule_id.as_deref(), f.severity, f.confidence), (Some("doubleFree"), Severity::High, Some(Confidence::Low)));
        assert_eq!((f.title.as_str(), f.description.as_str()), ("Memory pointed to by 'copy' is freed twice", "Longer."));
        assert_eq!(
            (f.file_path.as_deref(), f.line, f.column, f.cwe.as_deref()),
            (Some("native/a.c"), Some(15), Some(5), Some("CWE-415"))
        );
        assert_eq!(f.metadata.tool.get("symbols"), Some(&json!(["copy"])));
        assert_eq!(f.metadata.tool.get("related").and_then(|r| r.pointer("/0/line")), Some(&json!(14)));
        let severities: Vec<_> = result.findings.iter().map(|f| f.severity).collect();
        assert_eq!(severities, [Severity::High, Severity::Low, Severity::Info, Severity::Medium]);
        assert_eq!(result.findings[1].column, None);
        let run = &result.scanners[0];
        assert_eq!(
            (run.version.as_deref(), run.status, run.skipped[0].path.as_str()),
            (Some("2.10"), ScannerStatus::Partial, "b.c")
        );
    }

    #[test]
    fn version_1_and_nothing_found() {
        let result = read(r#"<results><error file="a.cpp" line="4" id="nullPointer" severity="error" msg="Null"/></results>"#);
        assert_eq!((result.findings[0].line, result.findings[0].file_path.as_deref()), (Some(4), Some("a.cpp")));
        let result = read(r#"<results version="2"><cppcheck version="2.7"/><errors></errors></results>"#);
        assert_eq!((result.findings.len(), result.scanners[0].name.as_str()), (0, "cppcheck"));
        assert!(parse(br#"<results version="2"><errors>"#, None, &IngestOptions::default()).is_err());
    }
}
