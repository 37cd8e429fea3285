//! The canonical order of findings: severity, scanner, rule, file, line, title, then whatever else tells two apart.
//!
//! # Source
//! The documentation's architecture page; ties broken so that order never depends on scheduling (decision D1).

use crate::model::Finding;
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
        .then_with(|| package_key(a).cmp(&package_key(b)))
        .then_with(|| a.vulnerability_ids.cmp(&b.vulnerability_ids))
        .then_with(|| a.id.cmp(&b.id))
}

/// Sorts in place; stable.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(compare);
}

fn cmp(a: &Option<String>, b: &Option<String>) -> Ordering {
    a.as_deref().unwrap_or_default().cmp(b.as_deref().unwrap_or_default())
}

fn package_key(finding: &Finding) -> Option<(&str, &str, Option<&str>)> {
    finding.package.as_deref().map(|p| (p.ecosystem.as_str(), p.name.as_str(), p.version.as_deref()))
}
