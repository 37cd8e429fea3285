//! Kubescape: the JSON of its format version 2, one finding per control that a resource fails.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad, each_part};
use super::{Input, Parser, ParserMeta, Shape, Top, locate};
use crate::Result;
use crate::model::{ScanType, Severity};
use serde_json::Value;
use std::collections::HashMap;

pub(super) struct Kubescape;

const META: ParserMeta = ParserMeta {
    id: "kubescape",
    title: "Kubescape JSON",
    versions_read: "format version 2 (Kubescape 2 and 3); failed controls",
    upstream: "https://kubescape.io/docs/",
    scan_type: ScanType::Iac,
};

/// How bad a control is, where the report does not tell.
const UNKNOWN: Severity = Severity::Medium;

impl Parser for Kubescape {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let results = shape.has_all(&["results.controls", "results.resourceID"]);
        shape.top == Top::Object && (results || shape.has_all(&["summaryDetails", "customerGUID"]))
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [
            Want::Each("results"),
            Want::Each("resources"),
            Want::Entries("summaryDetails.controls"),
            Want::Whole("metadata.scanMetadata.kubescapeVersion"),
        ];
        // What resources and controls are may stand before or after what was found.
        let (mut files, mut controls) = (HashMap::new(), HashMap::new());
        json::read(&mut input, &["results", "summaryDetails"], &wants, report, &mut |report, at, value| {
            match at.place {
                "results" => return resource(report, Fields::of(value)?),
                "resources" => {
                    let mut item = Fields::or_empty(value);
                    if let (Some(id), Some(path)) = (item.text("resourceID"), file(&mut item)) {
                        files.insert(id, path);
                    }
                }
                "summaryDetails.controls" => {
                    controls.insert(at.key.to_owned(), Fields::or_empty(value).number("scoreFactor"));
                }
                _ => report.version(super::fields::text_of(value)),
            }
            Ok(())
        })?;
        let places: HashMap<String, String> =
            files.into_iter().filter_map(|(id, path)| Some((id, locate::file(Some(&path), report).ok()??))).collect();
        for finding in report.open_findings() {
            let id = finding.metadata.tool.get("resourceID").and_then(Value::as_str).unwrap_or_default();
            finding.file_path = finding.file_path.take().or_else(|| places.get(id).cloned());
            let factor = finding.rule_id.as_ref().and_then(|rule| controls.get(rule).copied().flatten());
            finding.severity = factor.map_or(UNKNOWN, severity);
        }
        Ok(())
    }
}

/// # Source
/// Kubescape's opa-utils, `ControlSeverityToString`: 9, 7, 4 and 1.
fn severity(factor: f64) -> Severity {
    match factor {
        f if f >= 9.0 => Severity::Critical,
        f if f >= 7.0 => Severity::High,
        f if f >= 4.0 => Severity::Medium,
        f if f >= 1.0 => Severity::Low,
        _ => Severity::Info,
    }
}

/// The manifest of a resource; `nginx.yaml:0` names a document in it.
fn file(item: &mut Fields) -> Option<String> {
    let path = item.first_text(&["source.relativePath", "object.sourcePath", "source.path"])?;
    let plain =
        path.rsplit_once(':').filter(|(_, number)| number.bytes().all(|b| b.is_ascii_digit())).map(|(path, _)| path.to_owned());
    Some(plain.unwrap_or(path)).filter(|path| !path.is_empty())
}

fn resource(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let id = item.text("resourceID").ok_or_else(|| bad("`resourceID` is missing"))?;
    each_part(report, &format!("{id}, controls"), item.list("controls"), |report, part| control(report, Fields::of(part)?, &id))
}

fn control(report: &mut Report<'_>, mut item: Fields, id: &str) -> Result<(), Stop> {
    let (rule, name) = (item.text("controlID"), item.text("name"));
    let title = name.or_else(|| rule.clone()).ok_or_else(|| bad("neither `controlID` nor `name`"))?;
    let rules = item.list("rules");
    let says_failed = |value: &Value| value.get("status").and_then(Value::as_str) == Some("failed");
    let failed = match item.first_text(&["status.status", "statusInfo.status"]) {
        Some(status) => status == "failed",
        None => rules.iter().any(says_failed),
    };
    if !failed {
        return Ok(());
    }
    let mut finding = report.finding(UNKNOWN, title);
    let mut fixes: Vec<String> = Vec::new();
    for part in rules.iter().filter(|rule| says_failed(rule)).filter_map(|rule| rule.get("paths")?.as_array()).flatten().take(100)
    {
        let text = |place: &str| part.pointer(place).and_then(Value::as_str).filter(|text| !text.is_empty());
        match (text("/fixPath/path"), text("/fixPath/value"), text("/failedPath")) {
            (Some(path), value, _) => fixes.push(format!("Set `{path}` to `{}`", value.unwrap_or("YOUR_VALUE"))),
            (None, _, Some(path)) => fixes.push(format!("Review `{path}`")),
            _ => {}
        }
    }
    fixes.dedup();
    finding.remediation = fixes.join("\n");
    finding.description = format!("{} fails {}", name_of(id), finding.title);
    // C-0017 has a page of its own; controls of people's own have none.
    let known = rule
        .as_deref()
        .filter(|rule| rule.strip_prefix("C-").is_some_and(|n| n.len() == 4 && n.bytes().all(|b| b.is_ascii_digit())));
    finding.references =
        known.map(|rule| format!("https://hub.armosec.io/docs/{}", rule.to_ascii_lowercase())).into_iter().collect();
    finding.rule_id = rule;
    item.keep("resourceID", id);
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// `path=1881121400/api=apps/v1//Deployment/paymentservice` as `Deployment/paymentservice`.
fn name_of(id: &str) -> &str {
    let mut slashes = id.rmatch_indices('/').map(|(at, _)| at);
    slashes.next();
    slashes.next().and_then(|at| id.get(at + 1..)).filter(|name| !name.is_empty()).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use crate::ingest::{IngestOptions, parse};
    use crate::model::Severity;

    #[test]
    fn failed_controls() {
        let text = r#"{"customerGUID":"","results":[{"resourceID":"path=1/api=apps/v1//Deployment/pay","controls":[
            {"controlID":"C-0017","name":"Immutable filesystem","status":{"status":"failed"},"rules":[{"name":"r","status":"failed","paths":[{"fixPath":{"path":"spec.x","value":"true"}}]}]},
            {"controlID":"C-0050","name":"CPU","rules":[{"status":"passed"}]},{"controlID":"C-0078","name":"Registry","rules":[{"status":"passed"},{"status":"failed","paths":[{"failedPath":"spec.y"}]}]},{}]}],
            "resources":[{"resourceID":"path=1/api=apps/v1//Deployment/pay","object":{"sourcePath":"k8s/pay.yaml:0"}}],
            "summaryDetails":{"controls":{"C-0017":{"scoreFactor":3},"C-0078":{"scoreFactor":9}}},
            "metadata":{"scanMetadata":{"kubescapeVersion":"v3.0.3"}}}"#;
        let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
        let [f, g] = result.findings.as_slice() else { panic!("{result:?}") };
        assert_eq!((f.scanner.as_str(), f.rule_id.as_deref(), f.severity), ("kubescape", Some("C-0017"), Severity::Low));
        assert_eq!((f.file_path.as_deref(), f.remediation.as_str()), (Some("k8s/pay.yaml"), "Set `spec.x` to `true`"));
        assert_eq!(f.description, "Deployment/pay fails Immutable filesystem");
        assert_eq!((g.severity, g.remediation.as_str()), (Severity::Critical, "Review `spec.y`"));
        assert_eq!((result.scanners[0].version.as_deref(), result.scanners[0].skipped.len()), (Some("v3.0.3"), 1));
    }
}
