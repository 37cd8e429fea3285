//! Horusec: its JSON, one finding per vulnerability of the analysis.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, words};
use crate::Result;
use crate::model::{ScanType, Secret, Severity};

pub(super) struct Horusec;

const META: ParserMeta = ParserMeta {
    id: "horusec",
    title: "Horusec JSON",
    versions_read: "2",
    upstream: "https://docs.horusec.io/docs/cli/analysis-output/",
    scan_type: ScanType::Code,
};

impl Parser for Horusec {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        shape.top == Top::Object && shape.has("analysisVulnerabilities")
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [Want::Each("analysisVulnerabilities"), Want::Whole("version"), Want::Whole("errors")];
        json::read(&mut input, &["analysisVulnerabilities"], &wants, report, &mut |report, at, value| {
            match (at.place, super::fields::text_of(value.clone())) {
                ("version", version) => report.version(version),
                // The tools that did not run, in one text.
                ("errors", Some(errors)) => report.missed(".", words::first_sentence(&errors)),
                ("errors", None) => {}
                _ => return vulnerability(report, Fields::of(value)?),
            }
            Ok(())
        })
    }
}

fn vulnerability(report: &mut Report<'_>, mut outer: Fields) -> Result<(), Stop> {
    let mut item = outer.object("vulnerabilities");
    let details = item.text("details").unwrap_or_default();
    let file = locate::file(item.text("file").as_deref(), report)?;
    if details.is_empty() && file.is_none() {
        return Err(bad("`details` and `file` are missing"));
    }
    // `(1/1) * Possible vulnerability detected: AWS Secret Key`, and below it what that is.
    let first = details.lines().next().unwrap_or_default();
    let title = first.rsplit_once("* Possible vulnerability detected: ").map_or(first, |(_, title)| title).trim();
    let severity = item.text("severity").and_then(|word| words::severity(&word)).unwrap_or(Severity::Medium);
    let mut finding = report.finding(severity, words::first_sentence(title));
    finding.rule_id = item.text("rule_id").or_else(|| Some(title.to_owned()).filter(|title| !title.is_empty()));
    finding.confidence = item.text("confidence").and_then(|word| words::confidence(&word));
    finding.file_path = file;
    // 0 is no line, and so no column.
    finding.line = item.position("line");
    let column = item.position("column");
    finding.column = column.filter(|_| finding.line.is_some());
    let cwe = details.match_indices("CWE-").next().and_then(|(at, _)| words::cwe(details.get(at..)?));
    finding.cwe = cwe;
    finding.references = words::links(&details);
    let code = item.text("code").filter(|code| !code.is_empty());
    let leaks = item.peek("language").is_some_and(|language| language == "Leaks");
    match code {
        Some(value) if leaks => {
            finding.secret = Some(Box::new(Secret { kind: finding.rule_id.clone().unwrap_or_default(), value }));
        }
        code => finding.metadata.line_snippet = code,
    }
    for name in ["commitAuthor", "commitEmail", "commitHash", "commitMessage", "commitDate"] {
        if item.peek(name).is_some_and(|value| value == "-" || value == "") || name != "commitHash" {
            item.value(name);
        }
    }
    if item.text("type").is_some_and(|kind| matches!(kind.as_str(), "False Positive" | "Risk Accepted")) {
        finding.ignored_in_source = true;
    }
    finding.description = details;
    item.value("vulnerabilityID");
    finding.metadata.tool = item.rest();
    report.push(finding)
}

#[cfg(test)]
mod tests {
    use crate::ingest::{IngestOptions, parse};
    use crate::model::{ScannerStatus, Severity};

    #[test]
    fn fields() {
        let text = r#"{"version":"v2.6.3","id":"f","status":"error","errors":"YarnAudit did not run.","analysisVulnerabilities":[
            {"vulnerabilityID":"0","vulnerabilities":{"vulnerabilityID":"c","line":"20","column":"15","confidence":"MEDIUM","file":"a/e.sh",
             "code":"PASSWORD=\"hunter2hunter2\"","details":"(1/1) * Possible vulnerability detected: Hard-coded password\nBad, see CWE-798 (https://cwe.example/798)",
             "securityTool":"HorusecEngine","language":"Leaks","severity":"CRITICAL","type":"Vulnerability","commitHash":"-","rule_id":"HS-LEAKS-1"}},
            {"vulnerabilities":{"line":"0","column":"0","file":"b.js","code":"eval(x)","details":"No use eval\nBad.","severity":"LOW","type":"False Positive"}},
            {"vulnerabilities":null}]}"#;
        let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
        let [f, g] = result.findings.as_slice() else { panic!("{result:?}") };
        assert_eq!(
            (f.scanner.as_str(), f.rule_id.as_deref(), f.title.as_str()),
            ("horusec", Some("HS-LEAKS-1"), "Hard-coded password")
        );
        assert_eq!(
            (f.file_path.as_deref(), f.line, f.column, f.cwe.as_deref()),
            (Some("a/e.sh"), Some(20), Some(15), Some("CWE-798"))
        );
        assert_eq!((f.severity, g.severity, g.line, g.column), (Severity::Critical, Severity::Low, None, None));
        assert!(g.ignored_in_source && g.metadata.line_snippet.as_deref() == Some("eval(x)"));
        assert!(!serde_json::to_string(&result.findings).unwrap().contains("hunter2"));
        assert_eq!((result.scanners[0].status, result.scanners[0].version.as_deref()), (ScannerStatus::Partial, Some("v2.6.3")));
    }
}
