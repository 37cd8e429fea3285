//! cargo-audit: `cargo audit --json`.
//!
//! Its warnings (unmaintained, unsound, yanked) are no vulnerabilities: they are counted in a note of the run, not reported.

use super::fields::{Fields, text_of};
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, score, versions, words};
use crate::Result;
use crate::model::{ScanType, Severity};
use serde_json::Value;

pub(super) struct CargoAudit;

const META: ParserMeta = ParserMeta {
    id: "cargo-audit",
    title: "cargo-audit JSON",
    versions_read: "0.11 – 0.22 (`vulnerabilities.list`)",
    upstream: "https://docs.rs/rustsec/latest/rustsec/report/index.html",
    scan_type: ScanType::Dependency,
};

/// An advisory without a CVSS vector: RustSec has one for about half of them.
const UNSTATED: Severity = Severity::High;

impl Parser for CargoAudit {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let list = shape.has_all(&["vulnerabilities", "vulnerabilities.list", "vulnerabilities.found"]);
        shape.top == Top::Object && (list || shape.has_all(&["database", "lockfile", "vulnerabilities"]))
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [Want::Each("vulnerabilities.list"), Want::Whole("warnings")];
        json::read(&mut input, &["vulnerabilities.list"], &wants, report, &mut |report, at, value| match at.place {
            "warnings" => {
                warnings(report, value);
                Ok(())
            }
            _ => vulnerability(report, Fields::of(value)?),
        })
    }
}

fn vulnerability(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let id = item.text("advisory.id").ok_or_else(|| bad("`advisory.id` is missing"))?;
    let name = item.text("package.name").or_else(|| item.text("advisory.package")).unwrap_or_default();
    item.value("advisory.package");
    let title = item.text("advisory.title").unwrap_or_else(|| id.clone());
    let severity = item.text("advisory.cvss").and_then(|vector| {
        item.keep("cvss", vector.clone());
        score::severity(&vector)
    });
    let informational = item.peek("advisory.informational").and_then(Value::as_str).map(|_| Severity::Low);
    let title = if name.is_empty() { title } else { format!("{name}: {title}") };
    let mut finding = report.finding(severity.or(informational).unwrap_or(UNSTATED), title);
    let aliases = item.texts("advisory.aliases").into_iter().filter(|id| words::is_advisory(id));
    finding.vulnerability_ids = std::iter::once(id.clone()).chain(aliases).collect();
    finding.description = item.text("advisory.description").unwrap_or_default();
    let page = id.starts_with("RUSTSEC-").then(|| format!("https://rustsec.org/advisories/{id}.html"));
    let urls = item.texts("advisory.url").into_iter().chain(item.texts("advisory.references"));
    finding.references = words::urls(urls.chain(page));
    let installed = item.text("package.version");
    let patched: Vec<String> = item.texts("versions.patched").iter().flat_map(|range| versions::lower_bounds(range)).collect();
    let fixed = versions::next_fix(&patched, installed.as_deref());
    finding.remediation = match &fixed {
        Some(fixed) => format!("Update {name} to {fixed}"),
        None => format!("No fixed version of {name} is known: look for an alternative"),
    };
    if !name.is_empty() {
        finding.package = Some(Box::new(words::package("cargo", name, installed, fixed)));
    }
    finding.rule_id = Some(id);
    // The crate's own dependencies and checksum say nothing about the vulnerability.
    item.value("package");
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// How many warnings there are of each kind; a list in older reports.
fn warnings(report: &mut Report<'_>, value: Value) {
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    match value {
        Value::Object(kinds) => counts.extend(kinds.into_iter().map(|(kind, list)| (kind, list.as_array().map_or(0, Vec::len)))),
        Value::Array(list) => {
            let kinds = list.into_iter().filter_map(|item| Fields::or_empty(item).value("kind").map(kind));
            kinds.for_each(|kind| *counts.entry(kind).or_default() += 1);
        }
        _ => {}
    }
    let counts: Vec<String> =
        counts.into_iter().filter(|(_, count)| *count > 0).map(|(kind, count)| format!("{count} {kind}")).collect();
    if !counts.is_empty() {
        report.note(format!("warnings that are no vulnerabilities: {}", counts.join(", ")));
    }
}

fn kind(value: Value) -> String {
    match value {
        Value::Object(map) => map.into_iter().next().map(|(kind, _)| kind).unwrap_or_default(),
        other => text_of(other).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::ingest::{IngestOptions, parse};
    use crate::model::{ScannerStatus, Severity};

    #[test]
    fn vulnerabilities_and_warnings() {
        let text = r#"{"database": {"advisory-count": 1}, "lockfile": {"dependency-count": 2}, "settings": {},
        "vulnerabilities": {"found": true, "count": 1, "list": [
        {"advisory": {"id": "RUSTSEC-2020-0091", "package": "arc-swap", "title": "Dangling reference", "description": "d",
         "aliases": ["CVE-2020-35711"], "cvss": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", "categories": ["memory-corruption"],
         "url": "https://github.com/vorner/arc-swap/issues/45", "references": []},
         "versions": {"patched": [">=1.1.0", ">=0.4.8, <1.0.0"], "unaffected": ["<0.4.2"]},
         "package": {"name": "arc-swap", "version": "0.4.7", "checksum": "00"}},
        {"advisory": {"id": "RUSTSEC-1", "cvss": null}}, {"advisory": null}]},
        "warnings": {"unmaintained": [{"kind": "unmaintained"}, {}], "yanked": []}}"#;
        let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
        let [finding, bare] = &result.findings[..] else { panic!("{result:?}") };
        assert_eq!((finding.rule_id.as_deref(), finding.severity), (Some("RUSTSEC-2020-0091"), Severity::High));
        assert_eq!(
            (finding.title.as_str(), finding.remediation.as_str()),
            ("arc-swap: Dangling reference", "Update arc-swap to 0.4.8")
        );
        assert_eq!(finding.vulnerability_ids, ["CVE-2020-35711", "RUSTSEC-2020-0091"]);
        assert_eq!(finding.package.as_ref().unwrap().purl.as_deref(), Some("pkg:cargo/arc-swap@0.4.7"));
        assert_eq!(finding.references.len(), 2);
        assert_eq!(finding.metadata.tool["advisory"]["categories"][0], "memory-corruption");
        assert!(!finding.metadata.tool.contains_key("package"));
        assert_eq!((bare.title.as_str(), bare.package.is_none()), ("RUSTSEC-1", true));
        let run = &result.scanners[0];
        assert_eq!(run.status, ScannerStatus::Partial);
        assert!(run.reason.as_ref().unwrap().ends_with("; warnings that are no vulnerabilities: 2 unmaintained"), "{run:?}");
        let clean = r#"{"database": {}, "lockfile": {}, "vulnerabilities": {"found": false, "count": 0, "list": []}, "warnings": [{"kind": "yanked"}]}"#;
        let result = parse(clean.as_bytes(), None, &IngestOptions::default()).unwrap();
        assert_eq!(result.scanners[0].reason.as_deref(), Some("warnings that are no vulnerabilities: 1 yanked"));
        assert_eq!((result.findings.len(), result.scanners[0].status), (0, ScannerStatus::Ok));
    }
}
