//! PMD: `pmd check -f xml`.

use super::report::{Report, Stop, bad};
use super::xml::{self, Element};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, words};
use crate::Result;
use crate::model::{ScanType, Severity};

pub(super) struct Pmd;

const META: ParserMeta = ParserMeta {
    id: "pmd",
    title: "PMD XML",
    versions_read: "5.x – 7.x",
    upstream: "https://docs.pmd-code.org/latest/pmd_userdocs_report_formats.html#xml",
    scan_type: ScanType::Code,
};

/// PMD's priorities, 1 to 5; a rule of the Security set is medium at least.
///
/// # Source
/// PMD 7, `RulePriority`.
fn severity(priority: Option<&str>, ruleset: &str) -> Severity {
    let severity = match priority.map(str::trim) {
        Some("1") => Severity::High,
        Some("2") => Severity::Medium,
        Some("4" | "5") => Severity::Info,
        _ => Severity::Low,
    };
    let security = ruleset.eq_ignore_ascii_case("security");
    if security && matches!(severity, Severity::Low | Severity::Info) { Severity::Medium } else { severity }
}

impl Parser for Pmd {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        shape.top == Top::Xml && shape.root() == "pmd"
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        xml::read(
            &mut input,
            &["pmd"],
            &["pmd"],
            &["violation", "error", "configerror"],
            report,
            &mut |report, around, element| {
                match element.name.as_str() {
                    "pmd" => report.version(element.attribute("version").map(str::to_owned)),
                    "violation" => {
                        let file = around.iter().rev().find(|e| e.name == "file").and_then(|e| e.attribute("name"));
                        return violation(report, file, &element);
                    }
                    _ => {
                        let place = element.attribute("filename").or(element.attribute("rule")).unwrap_or(".");
                        report.missed(place, words::first_sentence(element.attribute("msg").unwrap_or("not analysed")));
                    }
                }
                Ok(())
            },
        )
    }
}

fn violation(report: &mut Report<'_>, file: Option<&str>, item: &Element) -> Result<(), Stop> {
    let rule = item.attribute("rule");
    let text = item.text.trim();
    let file = locate::file(file, report)?;
    if rule.is_none() && text.is_empty() && file.is_none() {
        return Err(bad("neither `rule` nor a text nor a file"));
    }
    let ruleset = item.attribute("ruleset").unwrap_or_default();
    let number = |name: &str| item.attribute(name).and_then(|n| n.trim().parse::<u32>().ok()).filter(|n| *n > 0);
    let mut finding = report.finding(severity(item.attribute("priority"), ruleset), words::first_sentence(text));
    finding.file_path = file;
    (finding.line, finding.column) = (number("beginline"), number("begincolumn"));
    // PMD names the last character.
    (finding.end_line, finding.end_column) = (number("endline"), number("endcolumn").and_then(|last| last.checked_add(1)));
    finding.references = words::urls(item.attribute("externalInfoUrl").map(str::to_owned));
    finding.rule_id = rule.map(str::to_owned);
    finding.description = text.to_owned();
    for key in ["ruleset", "priority", "class", "method"] {
        if let Some(value) = item.attribute(key) {
            finding.metadata.tool.insert(key.to_owned(), value.into());
        }
    }
    report.push(finding)
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};
    use super::*;

    #[test]
    fn every_field_is_mapped() {
        let text = r#"<pmd xmlns="http://pmd.sourceforge.net/report/2.0.0" version="7.0.0"><file name="/src/A.java">
            <violation beginline="3" endline="4" begincolumn="5" endcolumn="9" rule="HardCodedCryptoKey" ruleset="Security" externalInfoUrl="https://docs.pmd-code.org/x" priority="3">
            Do not use hard coded encryption keys
            </violation></file><error filename="/src/B.java" msg="Parse error. More"/></pmd>"#;
        let options = IngestOptions { root: Some("/src".to_owned()), ..IngestOptions::default() };
        let result = parse(text.as_bytes(), None, &options).unwrap();
        let f = &result.findings[0];
        assert_eq!(
            (f.rule_id.as_deref(), f.severity, f.file_path.as_deref()),
            (Some("HardCodedCryptoKey"), Severity::Medium, Some("A.java"))
        );
        assert_eq!((f.line, f.column, f.end_line, f.end_column), (Some(3), Some(5), Some(4), Some(10)));
        assert_eq!((f.title.as_str(), f.references.len()), ("Do not use hard coded encryption keys", 1));
        let run = &result.scanners[0];
        assert_eq!((run.version.as_deref(), run.skipped[0].why.as_str()), (Some("7.0.0"), "Parse error"));
    }
}
