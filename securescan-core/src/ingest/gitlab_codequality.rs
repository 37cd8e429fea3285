//! GitLab Code Quality, which is the JSON of CodeClimate issues: written by many tools.

use super::fields::{Fields, text_of};
use super::json;
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, words};
use crate::Result;
use crate::model::{Finding, ScanType, Severity};
use serde_json::Value;

pub(super) struct GitlabCodequality;

const META: ParserMeta = ParserMeta {
    id: "gitlab-codequality",
    title: "GitLab Code Quality and CodeClimate JSON",
    versions_read: "GitLab 13 – 18, CodeClimate issues (a list, or one a line)",
    upstream: "https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format",
    scan_type: ScanType::Code,
};

/// Severities of code quality.
///
/// # Source
/// CodeClimate engine specification, "Issues"; GitLab shows the same words.
const SEVERITIES: &[(&str, Severity)] = &[
    ("blocker", Severity::Critical),
    ("critical", Severity::High),
    ("major", Severity::Medium),
    ("minor", Severity::Low),
    ("info", Severity::Info),
    ("normal", Severity::Low),
];

/// What trivy writes for its own severities.
///
/// # Source
/// trivy's template `contrib/gitlab-codequality.tpl`.
const TRIVY: &[(&str, Severity)] =
    &[("critical", Severity::Critical), ("major", Severity::High), ("minor", Severity::Medium), ("info", Severity::Low)];

impl Parser for GitlabCodequality {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let place = shape.has_any(&["location.path", "location.lines", "location.positions", "fingerprint"]);
        matches!(shape.top, Top::Array | Top::Object) && shape.has_all(&["check_name", "location"]) && place
            || (shape.top == Top::Array && shape.has_all(&["description", "fingerprint", "location.path"]))
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        json::read_many(&mut input, report, &mut |report, _, value| issue(report, Fields::of(value)?))
    }
}

fn issue(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    // CodeClimate lists measurements among the issues: they are no findings.
    if item.text("type").is_some_and(|kind| kind.eq_ignore_ascii_case("measurement")) {
        return Ok(());
    }
    let rule = item.text("check_name");
    let what = item.text("description").unwrap_or_default();
    let file = locate::file(item.text("location.path").as_deref(), report)?;
    if rule.is_none() && what.is_empty() && file.is_none() {
        return Err(bad("neither `check_name` nor `description` nor `location.path`"));
    }
    let package = rule.as_deref().filter(|rule| rule.ends_with("_scanning")).and_then(|_| Scanned::of(&what));
    let table = if package.is_some() { TRIVY } else { SEVERITIES };
    let word = item.text("severity").unwrap_or_default();
    let severity = words::pick(&word, table).or_else(|| words::severity(&word)).unwrap_or(Severity::Low);
    let mut finding = report.finding(severity, words::first_sentence(&what));
    finding.file_path = file;
    place(&mut finding, &mut item);
    let body = item.text("content.body").or_else(|| item.value("content").and_then(text_of));
    finding.description = match body {
        Some(body) => body,
        None => what.clone(),
    };
    let categories = item.texts("categories");
    if !categories.is_empty() {
        item.keep("categories", categories);
    }
    finding.references = words::urls(item.text("url"));
    finding.rule_id = rule;
    if let Some(scanned) = package {
        scanned.into_finding(&mut finding);
    }
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// Lines are `lines: {begin, end}` or `positions: {begin: {line, column}, end: {…}}`, sometimes mixed, or a bare number.
fn place(finding: &mut Finding, item: &mut Fields) {
    let mut first = |paths: &[&str]| paths.iter().find_map(|path| item.position(path));
    finding.line =
        first(&["location.lines.begin.line", "location.lines.begin", "location.positions.begin.line", "location.lines"]);
    finding.end_line = first(&["location.lines.end.line", "location.lines.end", "location.positions.end.line"]);
    finding.column = first(&["location.positions.begin.column"]);
    finding.end_column = first(&["location.positions.end.column"]);
    if item.peek("location.positions").or(item.peek("location.lines")).and_then(Value::as_object).is_some() {
        item.value("location");
    }
}

/// trivy's description of a vulnerability: `CVE-2019-1549 - libcrypto1.1 - 1.1.1c-r0 - openssl: …`.
#[derive(Debug)]
struct Scanned {
    id: String,
    name: String,
    version: String,
    title: String,
}

impl Scanned {
    fn of(description: &str) -> Option<Self> {
        let mut parts = description.splitn(4, " - ").map(|part| part.trim().to_owned());
        let (id, name, version) = (parts.next()?, parts.next()?, parts.next()?);
        words::is_advisory(&id).then(|| Self { id, name, version, title: parts.next().unwrap_or_default() })
    }

    fn into_finding(self, finding: &mut Finding) {
        if !self.title.is_empty() {
            finding.title = self.title;
        }
        finding.scan_type = ScanType::Dependency;
        finding.vulnerability_ids = vec![self.id.clone()];
        finding.rule_id = Some(self.id);
        finding.package = Some(Box::new(words::package("", self.name, Some(self.version).filter(|v| !v.is_empty()), None)));
    }
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};
    use super::*;

    fn read(text: &str) -> Vec<Finding> {
        parse(text.as_bytes(), None, &IngestOptions::default()).unwrap().findings
    }

    #[test]
    fn every_field_is_mapped() {
        let found = read(
            r#"[{"type":"issue","check_name":"no-eval","description":"Do not eval. Ever.","content":{"body":"Because."},"categories":["Security"],
                "location":{"path":"./src/a.js","lines":{"begin":3,"end":5}},"severity":"critical","fingerprint":"ab","engine_name":"eslint","remediation_points":1},
               {"description":"p","fingerprint":"cd","severity":"minor","check_name":null,"location":{"path":"b.js","positions":{"begin":{"line":2,"column":4},"end":{"line":2,"column":9}}}},
               {"type":"measurement","name":"lines","value":3,"check_name":"m"},{"check_name":"x","location":null},{}]"#,
        );
        let f = &found[0];
        assert_eq!((f.rule_id.as_deref(), f.severity, f.title.as_str()), (Some("no-eval"), Severity::High, "Do not eval"));
        assert_eq!((f.file_path.as_deref(), f.line, f.end_line), (Some("src/a.js"), Some(3), Some(5)));
        assert_eq!(f.description, "Because.");
        assert_eq!(f.metadata.tool.get("engine_name").and_then(Value::as_str), Some("eslint"));
        let f = &found[1];
        assert_eq!((f.line, f.column, f.end_column, f.severity), (Some(2), Some(4), Some(9), Severity::Low));
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn trivy_and_lines() {
        let one = r#"{"type":"issue","check_name":"container_scanning","description":"CVE-2019-1549 - libcrypto1.1 - 1.1.1c-r0 - openssl: disclosure","content":"Long.","severity":"minor","fingerprint":"a","location":{"path":"x.tar (alpine)","lines":{"begin":0}}}"#;
        for text in [format!("[{one}]"), format!("{one}\n{one}")] {
            let f = read(&text).remove(0);
            assert_eq!(
                (f.rule_id.as_deref(), f.severity, f.scan_type),
                (Some("CVE-2019-1549"), Severity::Medium, ScanType::Dependency)
            );
            assert_eq!(
                (f.package.unwrap().name.as_str(), f.title.as_str(), f.line),
                ("libcrypto1.1", "openssl: disclosure", None)
            );
            assert_eq!(f.description, "Long.");
        }
    }
}
