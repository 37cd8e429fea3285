//! The canonical order of findings: severity, scanner, rule, file, line, title, then whatever else tells two apart.
//!
//! # Source
//! The documentation's architecture page; ties broken so that order never depends on scheduling (decision D1).

use crate::model::Finding;
use serde_json::{Map, Value};
use std::cmp::Ordering;

/// Compares two findings. Strings compare by code point, absent ones as empty, absent lines as 0.
pub fn compare(a: &Finding, b: &Finding) -> Ordering {
    b.severity
        .cmp(&a.severity)
        .then_with(|| a.scanner.cmp(&b.scanner))
        .then_with(|| cmp(&a.rule_id, &b.rule_id))
        .then_with(|| cmp(&a.file_path, &b.file_path))
        .then_with(|| a.line.unwrap_or(0).cmp(&b.line.unwrap_or(0)))
        .then_with(|| a.title.cmp(&b.title))
        .then_with(|| a.end_line.unwrap_or(0).cmp(&b.end_line.unwrap_or(0)))
        .then_with(|| a.column.unwrap_or(0).cmp(&b.column.unwrap_or(0)))
        .then_with(|| a.end_column.unwrap_or(0).cmp(&b.end_column.unwrap_or(0)))
        .then_with(|| a.fingerprint.cmp(&b.fingerprint))
        .then_with(|| a.description.cmp(&b.description))
        .then_with(|| a.package.cmp(&b.package))
        .then_with(|| a.vulnerability_ids.cmp(&b.vulnerability_ids))
        .then_with(|| the_rest(a, b))
        .then_with(|| a.id.cmp(&b.id))
}

/// What no reader would order by. What later steps write (suppression, tags) is not looked at, so that sorting again changes nothing.
fn the_rest(a: &Finding, b: &Finding) -> Ordering {
    let (m, n) = (&a.metadata, &b.metadata);
    a.cwe
        .cmp(&b.cwe)
        .then_with(|| a.scan_type.cmp(&b.scan_type))
        .then_with(|| b.confidence.cmp(&a.confidence))
        .then_with(|| a.remediation.cmp(&b.remediation))
        .then_with(|| a.references.cmp(&b.references))
        .then_with(|| m.endpoint.cmp(&n.endpoint))
        .then_with(|| m.also_reported_by.cmp(&n.also_reported_by))
        .then_with(|| m.baseline_scope.cmp(&n.baseline_scope))
        .then_with(|| compare_maps(&m.extra, &n.extra))
        .then_with(|| compare_maps(&m.tool, &n.tool))
        .then_with(|| a.ignored_in_source.cmp(&b.ignored_in_source))
        .then_with(|| a.scan_id.cmp(&b.scan_id))
}

fn compare_maps(a: &Map<String, Value>, b: &Map<String, Value>) -> Ordering {
    a.iter().map(|(k, v)| (k, Json(v))).cmp(b.iter().map(|(k, v)| (k, Json(v))))
}

/// A JSON value in some fixed order. Depth is bounded by the parser that read it.
#[derive(PartialEq, Eq)]
struct Json<'a>(&'a Value);

impl PartialOrd for Json<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Json<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.0, other.0) {
            (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
            (Value::Number(a), Value::Number(b)) if a != b => a.to_string().cmp(&b.to_string()),
            (Value::String(a), Value::String(b)) => a.cmp(b),
            (Value::Array(a), Value::Array(b)) => a.iter().map(Json).cmp(b.iter().map(Json)),
            (Value::Object(a), Value::Object(b)) => compare_maps(a, b),
            (a, b) => kind(a).cmp(&kind(b)),
        }
    }
}

fn kind(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
    }
}

/// Sorts in place; stable.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(compare);
}

fn cmp(a: &Option<String>, b: &Option<String>) -> Ordering {
    a.as_deref().unwrap_or_default().cmp(b.as_deref().unwrap_or_default())
}
