//! ggshield: the JSON of its secret scans, with scans inside scans, and of its infrastructure scans.

use super::fields::Fields;
use super::json::{self, Want};
use super::leak::{self, Leak, Validity};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, mask, words};
use crate::Result;
use crate::model::{Finding, ScanType, Severity};
use serde_json::Value;

pub(super) struct Ggshield;

const META: ParserMeta = ParserMeta {
    id: "ggshield",
    title: "ggshield JSON",
    versions_read: "1.x (secret scan, iac scan)",
    upstream: "https://docs.gitguardian.com/ggshield-docs/reference/secret/overview",
    scan_type: ScanType::Code,
};

impl Parser for Ggshield {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        shape.top == Top::Object && shape.has("total_incidents")
            || shape.has_all(&["entities_with_incidents", "entities_with_incidents.incidents"])
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [
            Want::Each("scans"),
            Want::Each("entities_with_incidents"),
            Want::Whole("total_incidents"),
            Want::Whole("secrets_engine_version"),
        ];
        let proof = ["scans", "entities_with_incidents", "total_incidents"];
        json::read(&mut input, &proof, &wants, report, &mut |report, at, value| match at.place {
            "scans" => scan(report, Fields::of(value)?),
            "entities_with_incidents" => entity(report, None, Fields::of(value)?),
            _ => Ok(()),
        })
    }
}

/// A scan, which may hold others; depth is bounded by the JSON reader's own limit.
fn scan(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let commit = item.text("id").filter(|_| item.peek("type").and_then(Value::as_str) == Some("commit"));
    for inner in item.list("scans") {
        each(report, inner, "scans", scan)?;
    }
    for inner in item.list("entities_with_incidents") {
        each(report, inner, "entities_with_incidents", |report, inner| entity(report, commit.as_deref(), inner))?;
    }
    Ok(())
}

/// Reads one of several; what cannot be read costs itself alone.
fn each(
    report: &mut Report<'_>,
    value: Value,
    name: &str,
    read: impl FnOnce(&mut Report<'_>, Fields) -> Result<(), Stop>,
) -> Result<(), Stop> {
    match Fields::of(value).and_then(|item| read(report, item)) {
        Err(Stop::Item(why)) => {
            let index = report.next_item();
            Ok(report.quarantine(format!("{name} (item {index})"), why)?)
        }
        done => done,
    }
}

fn entity(report: &mut Report<'_>, commit: Option<&str>, mut item: Fields) -> Result<(), Stop> {
    let file = item.text("filename");
    for incident in item.list("incidents") {
        each(report, incident, "incidents", |report, mut incident| {
            let mut finding = match incident.has("policy_id") {
                true => misconfiguration(report, file.as_deref(), &mut incident)?,
                false => secret(report, file.clone(), &mut incident)?,
            };
            leak::in_history(&mut finding, commit.map(str::to_owned));
            finding.ignored_in_source = incident.has("ignore_reason");
            report.push(finding)
        })?;
    }
    Ok(())
}

fn secret(report: &Report<'_>, file: Option<String>, incident: &mut Fields) -> Result<Finding, Stop> {
    let rule = incident.first_text(&["type", "detector", "policy"]);
    let mut occurrences = incident.list("occurrences").into_iter().map(Fields::or_empty).take(1000);
    let mut first = occurrences.next().unwrap_or_default();
    if rule.is_none() && file.is_none() {
        return Err(bad("neither a type nor a file"));
    }
    let rule = rule.unwrap_or_else(|| "secret".to_owned());
    let validity = match incident.peek("validity").and_then(Value::as_str) {
        Some("valid") => Validity::Works,
        Some("invalid") => Validity::Dead,
        _ => Validity::Unknown,
    };
    // Masked by ggshield unless it was told not to.
    let others: Vec<String> = occurrences.filter_map(|mut o| o.text("match")).filter(|m| !leak::is_masked(m)).collect();
    let value = first.text("match");
    let mut finding = Leak { description: rule.clone(), rule, value, validity, file }.finding(report)?;
    finding.line = first.position("line_start");
    finding.end_line = first.position("line_end");
    if finding.line.is_some() {
        // Both count from 0; without a line they count from the start of the document.
        let column = |n: f64| (n >= 0.0 && n < f64::from(u32::MAX - 1)).then_some(n as u32 + 1);
        finding.column = first.number("index_start").and_then(column);
        finding.end_column = first.number("index_end").and_then(column);
    }
    finding.references = words::urls(incident.text("incident_url").into_iter().chain(incident.text("detector_documentation")));
    finding.metadata.tool = std::mem::take(incident).rest();
    mask::hide(&mut finding, others.iter().map(String::as_str));
    Ok(finding)
}

fn misconfiguration(report: &Report<'_>, file: Option<&str>, incident: &mut Fields) -> Result<Finding, Stop> {
    let rule = incident.text("policy_id");
    let severity = incident.text("severity").and_then(|word| words::severity(&word)).unwrap_or(Severity::Medium);
    let title = incident.text("policy").or_else(|| rule.clone()).unwrap_or_default();
    let mut finding = report.finding(severity, title);
    finding.scan_type = ScanType::Iac;
    finding.file_path = locate::file(file, report)?;
    finding.line = incident.position("line_start");
    finding.end_line = incident.position("line_end");
    finding.description = incident.text("description").unwrap_or_default();
    finding.references = words::urls(incident.text("documentation_url"));
    finding.rule_id = rule;
    finding.metadata.tool = std::mem::take(incident).rest();
    Ok(finding)
}

#[cfg(test)]
mod tests {
    use crate::ingest::{IngestOptions, parse};
    use crate::model::{ScanResult, ScanType, Severity};
    use serde_json::{Value, json};

    fn read(doc: &Value) -> ScanResult {
        parse(doc.to_string().as_bytes(), None, &IngestOptions::default()).unwrap()
    }

    #[test]
    fn nested_scans() {
        let incident = json!({"policy": "Secrets detection", "type": "AWS Keys", "validity": "valid", "ignore_sha": "06b1",
            "incident_url": "https://h/i/1", "occurrences": [
                {"match": "AKIA************2VB", "type": "client_id", "line_start": 4, "line_end": 4, "index_start": 18, "index_end": 38},
                {"match": "clear-text-secret", "type": "client_secret", "line_start": 5}], "total_occurrences": 2, "x": "clear-text-secret"});
        let entity = json!({"mode": "MODIFY", "filename": "a\\s.py", "incidents": [incident, null, {}], "total_incidents": 1});
        let doc = json!({"id": "i", "type": "commit-range", "total_incidents": 2, "scans": [
            {"id": "8f388be3", "type": "commit", "entities_with_incidents": [entity]},
            {"id": "o", "type": "path_scan", "scans": [{"type": "file", "entities_with_incidents": [entity]}]}, {"id": "clean"}]});
        let result = read(&doc);
        assert_eq!((result.findings.len(), result.scanners[0].skipped.len()), (4, 2));
        let f = &result.findings[0];
        assert_eq!(
            (f.rule_id.as_deref(), f.severity, f.file_path.as_deref()),
            (Some("AWS Keys"), Severity::Critical, Some("a/s.py"))
        );
        assert_eq!((f.line, f.column, f.end_column), (Some(4), Some(19), Some(39)));
        assert_eq!(f.metadata.extra.get("commit"), Some(&json!("8f388be3")));
        assert!(!result.findings[2].metadata.extra.contains_key("in_history"));
        assert!(!serde_json::to_string(&result.findings).unwrap().contains("clear-text-secret"));
    }

    #[test]
    fn nothing_and_infrastructure() {
        let none = read(&json!({"id": "t", "type": "path_scan", "total_incidents": 0, "total_occurrences": 0}));
        assert_eq!((none.findings.len(), none.scanners[0].name.as_str()), (0, "ggshield"));
        let iac = read(&json!({"id": ".", "type": "path_scan", "entities_with_incidents": [{"filename": "a.tf", "incidents": [
            {"policy": "Unrestricted egress", "policy_id": "GG_IAC_0002", "line_start": 3, "line_end": 9, "description": "d",
             "documentation_url": "https://d", "component": "aws_sg.x", "severity": "HIGH"}]}], "total_incidents": 1}));
        let f = &iac.findings[0];
        assert_eq!((f.scan_type, f.severity, f.line), (ScanType::Iac, Severity::High, Some(3)));
    }
}
