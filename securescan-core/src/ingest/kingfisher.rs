//! Kingfisher: its JSON, one envelope or several one after the other, its JSON lines, and the bare list of version 1.

use super::fields::Fields;
use super::json;
use super::leak::{self, Leak, Validity};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, mask, words};
use crate::Result;
use crate::model::{Finding, ScanType};
use serde_json::Value;

pub(super) struct Kingfisher;

const META: ParserMeta = ParserMeta {
    id: "kingfisher",
    title: "Kingfisher JSON or JSON lines",
    versions_read: "1 and 2",
    upstream: "https://github.com/mongodb/kingfisher",
    scan_type: ScanType::Code,
};

impl Parser for Kingfisher {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let record = |rule: &str, finding: &str| shape.has_any(&[rule]) && shape.has(finding);
        match shape.top {
            Top::Object => {
                shape.has_any(&["metadata.kingfisher_version", "audit.schema"]) && shape.has_any(&["findings", "audit"])
                    || record("findings.rule.id", "findings.finding.fingerprint")
                    || record("findings.rule.name", "findings.finding.snippet")
                    || record("rule.id", "finding.fingerprint")
            }
            Top::Array => record("rule.name", "finding.fingerprint") || record("rule.id", "finding.snippet"),
            Top::Xml | Top::Text => false,
        }
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        json::read_many(&mut input, report, &mut |report, _, value| document(report, Fields::of(value)?))
    }
}

/// An envelope, a finding, or something about the run.
fn document(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    report.version(item.text("metadata.kingfisher_version"));
    if let Some(target) = item.text("metadata.target") {
        report.target(target);
    }
    audit(report, item.object("audit"));
    if item.has("finding") {
        return finding(report, item);
    }
    let about_the_run = item.peek("findings").is_some() || item.has("access_map") || item.peek("metadata").is_some();
    let Some(findings) = item.value("findings") else {
        return if about_the_run || item.rest().is_empty() { Ok(()) } else { Err(bad("`finding` is missing")) };
    };
    let Value::Array(findings) = findings else { return Err(bad("`findings` is not a list")) };
    for (index, value) in findings.into_iter().enumerate() {
        report.next_item();
        match Fields::of(value).and_then(|item| finding(report, item)) {
            Err(Stop::Item(why)) => report.quarantine(format!("findings[{index}]"), why)?,
            done => done?,
        }
    }
    Ok(())
}

/// Repositories that were not scanned whole.
fn audit(report: &mut Report<'_>, mut audit: Fields) {
    for repository in audit.list("repositories") {
        let mut repository = Fields::or_empty(repository);
        let status = repository.text("scan.status").unwrap_or_default();
        if matches!(status.as_str(), "failed" | "partial") {
            let name = repository.first_text(&["repository", "key"]).unwrap_or_else(|| ".".to_owned());
            let why = repository.first_text(&["scan.error", "fetch.error"]).unwrap_or_else(|| format!("scan {status}"));
            report.missed(name, why);
        }
    }
}

fn finding(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let name = item.text("rule.name");
    let rule = item.first_text(&["rule.id", "rule.text_id"]).or_else(|| name.clone());
    let description = item.text("rule.description").or(name).unwrap_or_default();
    item.value("rule.title");
    let mut place = item.object("finding");
    if rule.is_none() && !place.has("path") {
        return Err(bad("`rule.id` and `finding.path` are missing"));
    }
    let value = place.text("snippet");
    let status = place.text("validation.status").unwrap_or_default();
    let validity = validity(&place.text("validation.outcome").unwrap_or_default(), &status);
    // What a service answered, and commands with the secret as an argument.
    for name in ["validation.response", "validate_command", "blast_radius_command", "revoke_command"] {
        place.value(name);
    }
    let others = place.value("dependent_captures").map(strings).unwrap_or_default();
    let file = place.text("path");
    let rule = rule.unwrap_or_else(|| "kingfisher".to_owned());
    let mut finding = Leak { rule, description, value, validity, file }.finding(report)?;
    finding.confidence = finding.confidence.or_else(|| place.text("confidence").and_then(|word| words::confidence(&word)));
    position(&mut finding, &mut place);
    history(&mut finding, &mut place);
    place.keep("validation_status", status);
    let mut rest = place.rest();
    rest.extend(item.rest());
    finding.metadata.tool = rest;
    mask::hide(&mut finding, others.iter().map(String::as_str));
    report.push(finding)
}

/// # Source
/// Kingfisher 1.x writes `Active Credential`, `Inactive Credential` and `Not Attempted`; 2.x an outcome besides.
fn validity(outcome: &str, status: &str) -> Validity {
    match (outcome, status) {
        ("verified_active" | "active", _) | ("", "Active Credential") => Validity::Works,
        ("verified_inactive" | "inactive", _) | ("", "Inactive Credential") => Validity::Dead,
        (_, "Active Credential") => Validity::Works,
        (_, "Inactive Credential") => Validity::Dead,
        _ => Validity::Unknown,
    }
}

/// Columns count from 0; the end is that of the last character, on the line on which the match ends.
fn position(finding: &mut Finding, place: &mut Fields) {
    let zero_based = |place: &mut Fields, name: &str| {
        place.number(name).filter(|n| *n >= 0.0 && *n < f64::from(u32::MAX - 2) && n.fract() == 0.0).map(|n| n as u32)
    };
    finding.line = place.position("line");
    finding.column = zero_based(place, "column_start").map(|column| column + 1);
    let several = finding.secret.as_ref().map_or(0, |s| s.value.trim_end().lines().count().saturating_sub(1));
    finding.end_line = finding.line.and_then(|line| line.checked_add(u32::try_from(several).ok()?));
    finding.end_column = zero_based(place, "column_end").map(|column| column + 2);
}

fn history(finding: &mut Finding, place: &mut Fields) {
    let commit = place.text("git_metadata.commit.id");
    let links = [place.text("git_metadata.commit.url"), place.text("git_metadata.file.url")];
    finding.references = words::urls(links.into_iter().flatten());
    leak::in_history(finding, commit);
}

/// The texts of an object or list.
fn strings(value: Value) -> Vec<String> {
    match value {
        Value::Object(map) => map.into_iter().filter_map(|(_, v)| super::fields::text_of(v)).collect(),
        Value::Array(items) => items.into_iter().filter_map(super::fields::text_of).collect(),
        other => super::fields::text_of(other).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use crate::ingest::{IngestOptions, parse};
    use crate::model::{ScannerStatus, Severity};
    use serde_json::{Value, json};

    const TOKEN: &str = "ghp_q8Zr1mXv7LwT3pKd9NsB5hGfYc2JuA0TsxpC";

    fn record(outcome: &str) -> Value {
        json!({"rule": {"name": "GitHub Personal Access Token", "id": "kingfisher.github.1"},
            "finding": {"snippet": TOKEN, "fingerprint": "15", "confidence": "medium", "entropy": "5.05",
                "validation": {"outcome": outcome, "status": "x", "response": format!("who? {TOKEN}")}, "language": "Unknown",
                "dependent_captures": {"AWS": "another-secret-1"}, "note": "another-secret-1",
                "line": 4, "column_start": 13, "column_end": 52, "path": "./app/a.env", "validate_command": format!("v '{TOKEN}'"),
                "git_metadata": {"repository_url": "https://h/r", "commit": {"id": "abc1", "url": "https://h/r/commit/abc1"}}}})
    }

    #[test]
    fn every_form() {
        let (one, two) = (record("verified_active"), record("not_attempted"));
        let envelope = json!({"findings": [one], "metadata": {"kingfisher_version": "2.14.0", "target": "."}});
        for (text, count) in [
            (envelope.to_string(), 1),
            (format!("{envelope}\n{envelope}\n"), 2),
            (json!([one, two]).to_string(), 2),
            (format!("{one}\n{two}\n{{\"access_map\":[1]}}\n{{\"audit\":{{\"schema\":\"s\"}}}}\n"), 2),
            (json!({"findings": [], "metadata": {"kingfisher_version": "2"}}).to_string(), 0),
        ] {
            let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
            assert_eq!((result.findings.len(), result.scanners[0].name.as_str()), (count, "kingfisher"), "{text}");
            let out = serde_json::to_string(&result.findings).unwrap();
            assert!(!out.contains(TOKEN) && !out.contains("another-secret-1"), "{out}");
        }
    }

    #[test]
    fn fields() {
        let doc = json!({"findings": [record("verified_active"), record("verified_inactive"), null],
            "audit": {"repositories": [{"repository": "/r", "scan": {"status": "failed"}}]}});
        let result = parse(doc.to_string().as_bytes(), None, &IngestOptions::default()).unwrap();
        let f = &result.findings[0];
        assert_eq!((f.title.as_str(), f.rule_id.as_deref()), ("GitHub Personal Access Token", Some("kingfisher.github.1")));
        assert_eq!((f.file_path.as_deref(), f.line, f.column, f.end_column), (Some("app/a.env"), Some(4), Some(14), Some(54)));
        assert_eq!((f.severity, result.findings[1].severity), (Severity::Critical, Severity::Low));
        assert_eq!(f.metadata.extra.get("commit"), Some(&json!("abc1")));
        assert_eq!((result.scanners[0].status, result.scanners[0].skipped.len()), (ScannerStatus::Partial, 2));
    }
}
