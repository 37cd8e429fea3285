//! SpotBugs (with Find Security Bugs) and FindBugs: XML.

use super::report::{Report, Stop, bad};
use super::xml::{self, Element};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, words};
use crate::Result;
use crate::model::{Confidence, ScanType, Severity};

pub(super) struct Spotbugs;

const META: ParserMeta = ParserMeta {
    id: "spotbugs",
    title: "SpotBugs XML",
    versions_read: "SpotBugs 3.x and 4.x, FindBugs 2.x and 3.x",
    upstream: "https://spotbugs.readthedocs.io/en/stable/",
    scan_type: ScanType::Code,
};

impl Parser for Spotbugs {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        shape.top == Top::Xml && shape.root() == "BugCollection"
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let items = ["BugInstance", "Error", "BugPattern"];
        xml::read(&mut input, &["BugCollection"], &["BugCollection"], &items, report, &mut |report, _, element| {
            match element.name.as_str() {
                "BugCollection" => report.version(element.attribute("version").map(str::to_owned)),
                "Error" => report.missed(".", element.text_of("ErrorMessage").unwrap_or("not analysed")),
                "BugInstance" => return bug(report, &element),
                _ => {}
            }
            Ok(())
        })
    }
}

/// The tool's priority says how sure it is, its rank how bad it is. For security both are one.
///
/// # Source
/// SpotBugs 4.9, `BugRanker`: 1–4 scariest, 5–9 scary, 10–14 troubling, 15–20 of concern.
fn severity(security: bool, priority: Option<&str>, rank: Option<u8>) -> Severity {
    match (security, priority, rank) {
        (true, Some("1"), _) => Severity::High,
        (true, Some("3" | "4" | "5"), _) => Severity::Low,
        (true, ..) => Severity::Medium,
        (false, _, Some(..=9)) => Severity::Medium,
        (false, _, Some(..=14)) => Severity::Low,
        (false, _, Some(_)) => Severity::Info,
        (false, Some("1"), None) => Severity::Medium,
        (false, _, None) => Severity::Low,
    }
}

fn bug(report: &mut Report<'_>, item: &Element) -> Result<(), Stop> {
    let rule = item.attribute("type");
    let category = item.attribute("category").unwrap_or_default();
    let place = place(item);
    let file = locate::file(place.and_then(|at| at.attribute("sourcepath").or(at.attribute("sourcefile"))), report)?;
    if rule.is_none() && category.is_empty() && file.is_none() {
        return Err(bad("neither `type` nor `category` nor a source line"));
    }
    let priority = item.attribute("priority");
    let rank = item.attribute("rank").and_then(|rank| rank.parse().ok());
    let security = matches!(category, "SECURITY" | "MALICIOUS_CODE");
    let long = item.text_of("LongMessage");
    let title = item.text_of("ShortMessage").or(long).or(rule).unwrap_or_default();
    let mut finding = report.finding(severity(security, priority, rank), title);
    finding.confidence = match priority {
        Some("1") => Some(Confidence::High),
        Some("2") => Some(Confidence::Medium),
        Some(_) => Some(Confidence::Low),
        None => None,
    };
    finding.file_path = file;
    let number = |name: &str| place.and_then(|at| at.attribute(name)).and_then(|n| n.trim().parse().ok()).filter(|n| *n > 0);
    (finding.line, finding.end_line) = (number("start"), number("end"));
    finding.cwe = item.attribute("cweid").and_then(words::cwe);
    finding.rule_id = rule.map(str::to_owned);
    finding.description = long.unwrap_or(title).to_owned();
    let class = item.child("Class").and_then(|class| class.attribute("classname"));
    let method = item.child("Method").and_then(|method| method.attribute("name"));
    for (key, value) in [("category", Some(category)), ("rank", item.attribute("rank")), ("class", class), ("method", method)] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            finding.metadata.tool.insert(key.to_owned(), value.into());
        }
    }
    report.push(finding)
}

/// The bug's own line, else its method's, else its class's.
fn place(item: &Element) -> Option<&Element> {
    let has_path = |at: &&Element| at.attribute("sourcepath").or(at.attribute("sourcefile")).is_some();
    let own = item.all("SourceLine").find(|at| at.attribute("primary") == Some("true")).or(item.child("SourceLine"));
    own.or(item.child("Method/SourceLine")).or(item.child("Class/SourceLine")).filter(has_path).or(item.child("Class/SourceLine"))
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};
    use super::*;

    #[test]
    fn every_field_is_mapped() {
        let text = r#"<BugCollection version="4.8.3" sequence="0"><Project/>
            <BugInstance type="SQL_INJECTION_JDBC" priority="1" rank="12" category="SECURITY" cweid="89">
              <ShortMessage>Potential JDBC Injection</ShortMessage><LongMessage>This use of Statement can be vulnerable</LongMessage>
              <Class classname="com.x.A"><SourceLine start="1" end="90" sourcepath="com/x/A.java"/></Class><Method name="run"><SourceLine start="10" end="20" sourcepath="com/x/A.java"/></Method>
              <SourceLine start="15" end="16" sourcepath="com/x/A.java"/></BugInstance>
            <BugInstance type="EI_EXPOSE" priority="2" category="STYLE"><Class classname="B"><SourceLine sourcepath="B.java"/></Class></BugInstance>
            <BugInstance/><Errors errors="1"><Error><ErrorMessage>Unable to read X</ErrorMessage></Error><MissingClass>a.B</MissingClass></Errors></BugCollection>"#;
        let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
        let f = &result.findings[0];
        assert_eq!(
            (f.rule_id.as_deref(), f.severity, f.cwe.as_deref()),
            (Some("SQL_INJECTION_JDBC"), Severity::High, Some("CWE-89"))
        );
        assert_eq!((f.file_path.as_deref(), f.line, f.end_line), (Some("com/x/A.java"), Some(15), Some(16)));
        assert_eq!((f.title.as_str(), f.confidence), ("Potential JDBC Injection", Some(Confidence::High)));
        assert_eq!((result.findings[1].severity, result.findings[1].file_path.as_deref()), (Severity::Low, Some("B.java")));
        let run = &result.scanners[0];
        assert_eq!((result.findings.len(), run.version.as_deref(), run.skipped.len()), (2, Some("4.8.3"), 2));
    }
}
