//! bundler-audit: `bundle-audit check --format json`.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, versions, words};
use crate::Result;
use crate::model::{ScanType, Severity};

pub(super) struct BundlerAudit;

const META: ParserMeta = ParserMeta {
    id: "bundler-audit",
    title: "bundler-audit JSON",
    versions_read: "0.8 and 0.9",
    upstream: "https://github.com/rubysec/bundler-audit",
    scan_type: ScanType::Dependency,
};

/// An advisory without criticality or score.
const UNSTATED: Severity = Severity::High;

impl Parser for BundlerAudit {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let gems = shape.has_any(&["results.gem", "results.advisory.patched_versions"])
            || shape.has_all(&["results.type", "results.source"]) && shape.has("created_at");
        // An empty report has the three keys and nothing else.
        let empty = shape.has_all(&["version", "created_at"]) && !shape.has_any(&["errors", "results.Target", "metadata"]);
        shape.top == Top::Object && shape.has("results") && (gems || empty)
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [Want::Each("results"), Want::Whole("version")];
        json::read(&mut input, &["results"], &wants, report, &mut |report, at, value| match at.place {
            "version" => {
                report.version(value.as_str().map(str::to_owned));
                Ok(())
            }
            _ => result(report, Fields::of(value)?),
        })
    }
}

fn result(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let kind = item.text("type").unwrap_or_default();
    if kind == "insecure_source" || (!item.has("advisory") && item.has("source")) {
        return insecure_source(report, item);
    }
    let name = item.text("gem.name").ok_or_else(|| bad("`gem.name` is missing"))?;
    let installed = item.text("gem.version");
    let mut advisory = item.object("advisory");
    // Where the database lies on the machine that ran it.
    advisory.value("path");
    let ids = [("cve", "CVE-"), ("ghsa", "GHSA-"), ("osvdb", "OSVDB-")].map(|(field, prefix)| {
        let id = advisory.text(field)?;
        Some(if id.to_ascii_uppercase().starts_with(prefix) { id } else { format!("{prefix}{id}") })
    });
    let ids: Vec<String> = ids.into_iter().flatten().collect();
    let id = advisory.text("id").or_else(|| ids.first().cloned()).ok_or_else(|| bad("`advisory.id` is missing"))?;
    let word = advisory.text("criticality").and_then(|word| words::severity(&word)).filter(|s| *s != Severity::Info);
    let scores = ["cvss_v4", "cvss_v3", "cvss_v2"].map(|field| advisory.peek(field).and_then(serde_json::Value::as_f64));
    let score = scores.into_iter().flatten().next().and_then(words::severity_of_score);
    let title = advisory.text("title").unwrap_or_else(|| id.clone());
    let mut finding = report.finding(word.or(score).unwrap_or(UNSTATED), format!("{name}: {title}"));
    finding.vulnerability_ids = ids.into_iter().chain([id.clone()]).filter(|id| words::is_advisory(id)).collect();
    finding.references = words::urls(advisory.text("url"));
    finding.description = advisory.text("description").unwrap_or_default();
    let ranges = advisory.texts("patched_versions");
    let patched: Vec<String> = ranges.iter().flat_map(|range| versions::lower_bounds(range)).collect();
    let fixed = versions::next_fix(&patched, installed.as_deref());
    finding.remediation = match &fixed {
        Some(fixed) => format!("Update {name} to {fixed}"),
        None => format!("No fixed version of {name} is known: remove it or stop using what is affected"),
    };
    advisory.keep("patched_versions", ranges);
    finding.rule_id = Some(id);
    finding.package = Some(Box::new(words::package("gem", name, installed, fixed)));
    item.keep("advisory", serde_json::Value::Object(advisory.rest()));
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// A source that gems are fetched from without encryption.
fn insecure_source(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let source = item.need("source")?;
    let mut finding = report.finding(Severity::Medium, format!("Insecure gem source: {source}"));
    finding.rule_id = Some("bundler-audit/insecure-source".to_owned());
    finding.description = format!("Gems are fetched from {source} without encryption: whoever is on the way can replace them.");
    finding.remediation = "Use an https:// source".to_owned();
    finding.cwe = Some("CWE-319".to_owned());
    finding.metadata.tool = item.rest();
    report.push(finding)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::ingest::{IngestOptions, parse};
    use crate::model::Severity;

    #[test]
    fn gems_and_sources() {
        let text = r#"{"version": "0.9.1", "created_at": "2021-09-16", "results": [
        {"type": "unpatched_gem", "gem": {"name": "rack", "version": "2.1.1"}, "advisory": {"path": "/home/x/CVE-2020-8161.yml",
         "id": "CVE-2020-8161", "url": "https://g", "title": "Directory traversal", "description": "d", "cvss_v3": 8.6,
         "cve": "2020-8161", "ghsa": "5f9h-9pjv-v6j7", "osvdb": null, "patched_versions": ["~> 2.1.3", ">= 2.2.0"], "criticality": null}},
        {"type": "unpatched_gem", "gem": {"name": "x"}, "advisory": {"id": "X-1", "criticality": "low"}},
        {"type": "insecure_source", "source": "http://rubygems.org/"}, {"type": "unpatched_gem"}, null]}"#;
        let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
        let [rack, odd, source] = &result.findings[..] else { panic!("{result:?}") };
        assert_eq!((rack.rule_id.as_deref(), rack.severity), (Some("CVE-2020-8161"), Severity::High));
        assert_eq!((rack.title.as_str(), rack.remediation.as_str()), ("rack: Directory traversal", "Update rack to 2.1.3"));
        assert_eq!(rack.vulnerability_ids, ["CVE-2020-8161", "GHSA-5f9h-9pjv-v6j7"]);
        assert_eq!(rack.package.as_ref().unwrap().purl.as_deref(), Some("pkg:gem/rack@2.1.1"));
        assert!(!serde_json::to_string(rack).unwrap().contains("/home/x"));
        assert_eq!((odd.severity, odd.title.as_str()), (Severity::Low, "x: X-1"));
        assert_eq!((source.rule_id.as_deref(), source.severity), (Some("bundler-audit/insecure-source"), Severity::Medium));
        assert_eq!((result.scanners[0].version.as_deref(), result.scanners[0].skipped.len()), (Some("0.9.1"), 2));
        let none = br#"{"version":"0.9.1","created_at":"2022","results":[]}"#;
        assert!(parse(none, None, &IngestOptions::default()).unwrap().findings.is_empty());
    }
}
