//! SonarQube and SonarCloud: what their web API answers for issues and hotspots, and the generic issue format they import.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, words};
use crate::Result;
use crate::model::{ScanType, Severity};

pub(super) struct Sonarqube;

const META: ParserMeta = ParserMeta {
    id: "sonarqube",
    title: "SonarQube issues and hotspots JSON",
    versions_read: "web API 6 – 10 (`issues`, `hotspots`), generic issues",
    upstream: "https://docs.sonarsource.com/sonarqube-server/latest/analyzing-source-code/importing-external-issues/generic-issue-import-format/",
    scan_type: ScanType::Code,
};

/// SonarQube's words for severity, of issues and (the last three) hotspots.
///
/// # Source
/// SonarQube 10 web API, `api/issues/search` and `api/hotspots/search`.
const SEVERITIES: &[(&str, Severity)] = &[
    ("BLOCKER", Severity::Critical),
    ("CRITICAL", Severity::High),
    ("MAJOR", Severity::Medium),
    ("MINOR", Severity::Low),
    ("INFO", Severity::Info),
    ("HIGH", Severity::High),
    ("MEDIUM", Severity::Medium),
    ("LOW", Severity::Low),
];

impl Parser for Sonarqube {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let issues = shape.has("issues")
            && (shape.has_all(&["issues.rule", "issues.component"])
                || shape.has("issues.primaryLocation")
                // What the tool sonar-report makes of the answers.
                || shape.has_all(&["sonarBaseURL", "summary"])
                || shape.has_all(&["paging.pageIndex", "components"]));
        let hotspots = shape.has("hotspots")
            && (shape.has_any(&["hotspots.vulnerabilityProbability", "hotspots.component"]) || shape.has("paging.pageIndex"));
        shape.top == Top::Object && (issues || hotspots)
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [Want::Each("issues"), Want::Each("hotspots"), Want::Whole("paging")];
        json::read(&mut input, &["issues", "hotspots"], &wants, report, &mut |report, at, value| {
            if at.place != "paging" {
                return issue(report, Fields::of(value)?);
            }
            let mut paging = Fields::or_empty(value);
            let (size, total) = (paging.offset("pageSize"), paging.offset("total"));
            if let (Some(size), Some(total)) = (size, total)
                && total > size
            {
                report.missed(".", format!("this is one page of {total} issues, {size} a page"));
            }
            Ok(())
        })
    }
}

fn issue(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let rule = item.first_text(&["rule", "ruleKey", "ruleId", "securityCategory"]);
    let message = item.first_text(&["message", "primaryLocation.message"]).unwrap_or_default();
    // `project:src/a.js`, or with a branch or module: the path follows the last colon.
    let component = item.text("component").map(|c| c.rsplit(':').next().unwrap_or_default().to_owned());
    let path = item.text("primaryLocation.filePath").or(component);
    let file = locate::file(path.as_deref(), report)?;
    if rule.is_none() && message.is_empty() && file.is_none() {
        return Err(bad("neither `rule` nor `message` nor `component`"));
    }
    let word = item.first_text(&["severity", "vulnerabilityProbability"]);
    let severity = word.and_then(|word| words::pick(&word, SEVERITIES)).unwrap_or(Severity::Low);
    let mut finding = report.finding(severity, words::first_sentence(&message));
    finding.file_path = file;
    let line = item.position("line");
    let range = if item.has("textRange") { "textRange" } else { "primaryLocation.textRange" };
    let of = |name: &str| format!("{range}.{name}");
    let (start, end) = (of("startOffset"), of("endOffset"));
    let (first, last) = (of("startLine"), of("endLine"));
    let older = (item.offset(&of("startColumn")), item.offset(&of("endColumn")));
    let one = |n: usize| u32::try_from(n + 1).ok();
    finding.line = item.position(&first).or(line);
    finding.end_line = item.position(&last);
    finding.column = item.offset(&start).or(older.0).and_then(one);
    finding.end_column = item.offset(&end).or(older.1).and_then(one);
    let resolution = item.text("resolution").unwrap_or_default();
    finding.ignored_in_source = matches!(resolution.as_str(), "FALSE-POSITIVE" | "WONTFIX" | "SAFE" | "ACKNOWLEDGED");
    if !resolution.is_empty() {
        item.keep("resolution", resolution);
    }
    finding.cwe = item.texts("securityStandards").iter().find_map(|text| words::cwe(text));
    for taken in ["textRange", "primaryLocation", "hash", "flows", "project", "creationDate", "updateDate", "author"] {
        item.value(taken);
    }
    finding.rule_id = rule;
    finding.description = message;
    finding.metadata.tool = item.rest();
    report.push(finding)
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
    fn issues_and_hotspots() {
        let result = read(
            r#"{"total":900,"p":1,"ps":100,"paging":{"pageIndex":1,"pageSize":100,"total":900},"issues":[{"key":"AX","rule":"javascript:S1523","severity":"CRITICAL",
               "component":"proj:src/a.js","line":3,"textRange":{"startLine":3,"endLine":3,"startOffset":2,"endOffset":6},"message":"Review this eval.","type":"VULNERABILITY","resolution":"WONTFIX","author":"a@b"}],"components":[]}"#,
        );
        let f = &result.findings[0];
        assert_eq!(
            (f.rule_id.as_deref(), f.severity, f.file_path.as_deref()),
            (Some("javascript:S1523"), Severity::High, Some("src/a.js"))
        );
        assert_eq!((f.line, f.column, f.end_line, f.end_column), (Some(3), Some(3), Some(3), Some(7)));
        assert!(f.ignored_in_source && !f.metadata.tool.contains_key("author"));
        assert_eq!(result.scanners[0].status, ScannerStatus::Partial);
        let result = read(
            r#"{"paging":{"pageIndex":1,"pageSize":100,"total":1},"hotspots":[{"key":"h","component":"p:b.py","securityCategory":"sql-injection","vulnerabilityProbability":"HIGH","status":"TO_REVIEW","line":9,"message":"Check"}],"components":[]}"#,
        );
        assert_eq!((result.findings[0].severity, result.findings[0].line), (Severity::High, Some(9)));
        assert_eq!(result.scanners[0].status, ScannerStatus::Ok);
    }

    #[test]
    fn generic_issues() {
        let result = read(
            r#"{"issues":[{"engineId":"test","ruleId":"r1","severity":"BLOCKER","type":"CODE_SMELL","primaryLocation":{"message":"bad","filePath":"A.java","textRange":{"startLine":30,"endLine":30,"startColumn":9,"endColumn":14}}},{}]}"#,
        );
        let f = &result.findings[0];
        assert_eq!((f.rule_id.as_deref(), f.severity, f.line, f.column), (Some("r1"), Severity::Critical, Some(30), Some(10)));
        assert_eq!(result.findings.len(), 1);
    }
}
