//! KICS: its JSON results, one finding per file of a query.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, words};
use crate::Result;
use crate::model::{ScanType, Severity};
use serde_json::{Map, Value};

pub(super) struct Kics;

const META: ParserMeta = ParserMeta {
    id: "kics",
    title: "KICS JSON",
    versions_read: "1 and 2",
    upstream: "https://docs.kics.io/latest/results/",
    scan_type: ScanType::Iac,
};

/// # Source
/// KICS documentation, results: TRACE is an entry of the bill of materials.
const SEVERITIES: &[(&str, Severity)] = &[
    ("CRITICAL", Severity::Critical),
    ("HIGH", Severity::High),
    ("MEDIUM", Severity::Medium),
    ("LOW", Severity::Low),
    ("INFO", Severity::Info),
    ("TRACE", Severity::Info),
];

impl Parser for Kics {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let known = ["kics_version", "queries_total", "severity_counters", "queries.query_id", "queries.query_name"];
        shape.top == Top::Object && shape.has("queries") && shape.has_any(&known)
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [
            Want::Each("queries"),
            Want::Each("paths"),
            Want::Whole("kics_version"),
            Want::Whole("files_failed_to_scan"),
            Want::Whole("queries_failed_to_execute"),
        ];
        json::read(&mut input, &["queries"], &wants, report, &mut |report, at, value| {
            match at.place {
                "queries" => return query(report, Fields::of(value)?),
                "kics_version" => report.version(super::fields::text_of(value)),
                "paths" if at.index < 100 => super::fields::text_of(value).into_iter().for_each(|path| report.target(path)),
                "paths" => {}
                place => {
                    let what = if place.starts_with("files") { "files" } else { "queries" };
                    if let Some(count) = value.as_u64().filter(|count| *count > 0) {
                        report.missed(".", format!("{count} {what} failed"));
                    }
                }
            }
            Ok(())
        })
    }
}

fn query(report: &mut Report<'_>, mut query: Fields) -> Result<(), Stop> {
    let files = query.list("files");
    let Some(rule) = query.text("query_id").or_else(|| query.peek("query_name")?.as_str().map(str::to_owned)) else {
        return Err(bad("`query_id` is missing"));
    };
    let severity = query.text("severity").and_then(|word| words::pick(&word, SEVERITIES)).unwrap_or(Severity::Medium);
    let title = query.text("query_name").unwrap_or_else(|| rule.clone());
    let description = query.text("description").unwrap_or_default();
    let references = words::urls(query.text("query_url"));
    let cwe = query.text("cwe").and_then(|text| words::cwe(&text));
    for name in ["description_id", "cis_description_text", "cis_description_title"] {
        query.value(name);
    }
    let about: Map<String, Value> = query.rest();
    for (index, file) in files.into_iter().enumerate() {
        let mut finding = report.finding(severity, title.clone());
        finding.rule_id = Some(rule.clone());
        finding.description.clone_from(&description);
        finding.references.clone_from(&references);
        finding.cwe.clone_from(&cwe);
        let done = Fields::of(file).and_then(|mut file| {
            finding.file_path = locate::file(file.text("file_name").as_deref(), report)?;
            finding.line = file.position("line");
            let (expected, actual) = (file.text("expected_value"), file.text("actual_value"));
            finding.remediation = expected.unwrap_or_default();
            if let Some(actual) = actual {
                finding.description = format!("{description}\n\nFound: {actual}").trim().to_owned();
            }
            let mut tool = about.clone();
            tool.extend(file.rest());
            finding.metadata.tool = tool;
            report.push(finding)
        });
        match done {
            Err(Stop::Item(why)) => {
                report.next_item();
                report.quarantine(format!("{title}, files[{index}]"), why)?;
            }
            done => done?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::ingest::{IngestOptions, parse};
    use crate::model::{ScannerStatus, Severity};
    use serde_json::json;

    #[test]
    fn one_finding_per_file() {
        let doc = json!({"kics_version": "v2.1", "files_failed_to_scan": 1, "paths": ["."], "total_counter": 2, "queries": [
            {"query_name": "ALB Listening on HTTP", "query_id": "f81d", "query_url": "https://d", "severity": "HIGH", "platform": "Ansible",
             "cwe": "319", "category": "Networking", "description": "ALB should not listen on HTTP", "files": [
                {"file_name": "a\\b.yaml", "similarity_id": "s1", "line": 11, "issue_type": "IncorrectValue", "expected_value": "use HTTPS",
                 "actual_value": "it is HTTP"},
                {"file_name": "../../app/c.yaml", "line": 1}, {"file_name": "d.yaml", "line": -1, "expected_value": null}]},
            {"severity": "LOW", "files": [{}]}], "bill_of_materials": [{"query_id": "b", "files": [{"file_name": "x"}]}]});
        let result = parse(doc.to_string().as_bytes(), None, &IngestOptions::default()).unwrap();
        assert_eq!((result.findings.len(), result.scanners[0].skipped.len()), (3, 3));
        let f = &result.findings[0];
        assert_eq!((f.rule_id.as_deref(), f.title.as_str(), f.severity), (Some("f81d"), "ALB Listening on HTTP", Severity::High));
        assert_eq!((f.file_path.as_deref(), f.line, f.cwe.as_deref()), (Some("a/b.yaml"), Some(11), Some("CWE-319")));
        assert_eq!((f.remediation.as_str(), f.metadata.tool.get("similarity_id")), ("use HTTPS", Some(&json!("s1"))));
        assert!(f.description.ends_with("Found: it is HTTP") && f.metadata.tool.contains_key("platform"));
        assert_eq!((result.scanners[0].status, result.scanners[0].version.as_deref()), (ScannerStatus::Partial, Some("v2.1")));
    }

    #[test]
    fn nothing_found() {
        let doc = r#"{"files_scanned":1,"queries_total":235,"queries":[],"severity_counters":{},"total_counter":0}"#;
        assert_eq!(parse(doc.as_bytes(), None, &IngestOptions::default()).unwrap().scanners[0].name, "kics");
    }
}
