//! Composer: `composer audit --format=json`. Abandoned packages and ignored advisories are no findings; a note says how many.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad, each_part};
use super::{Input, Parser, ParserMeta, Shape, Top, words};
use crate::Result;
use crate::model::{ScanType, Severity};
use serde_json::Value;

pub(super) struct ComposerAudit;

const META: ParserMeta = ParserMeta {
    id: "composer-audit",
    title: "Composer audit JSON",
    versions_read: "Composer 2.4 and later",
    upstream: "https://getcomposer.org/doc/03-cli.md#audit",
    scan_type: ScanType::Dependency,
};

/// An advisory without severity.
const UNSTATED: Severity = Severity::High;

impl Parser for ComposerAudit {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let own = shape.has_under("advisories", "advisoryId") || shape.has_under("advisories", "affectedVersions");
        let npm =
            shape.has_any(&["metadata", "actions", "muted", "vulnerabilities"]) || shape.has_under("advisories", "module_name");
        shape.top == Top::Object && shape.has("advisories") && (own || !npm)
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [Want::Entries("advisories"), Want::Whole("abandoned"), Want::Whole("ignored-advisories")];
        let (mut abandoned, mut ignored) = (0, 0);
        json::read(&mut input, &["advisories"], &wants, report, &mut |report, at, value| {
            match at.place {
                "abandoned" => abandoned = length(&value),
                "ignored-advisories" => ignored = value.as_object().map_or(0, |map| map.values().map(length).sum()),
                _ => return package(report, at.key, value),
            }
            Ok(())
        })?;
        let notes = [(abandoned, "packages are abandoned"), (ignored, "advisories are ignored")];
        let notes: Vec<String> = notes.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        if !notes.is_empty() {
            report.note(notes.join(", "));
        }
        Ok(())
    }
}

fn length(value: &Value) -> usize {
    value.as_array().map_or_else(|| value.as_object().map_or(0, serde_json::Map::len), Vec::len)
}

/// The advisories of a package: a list, or an object where PHP has taken something out of the list.
fn package(report: &mut Report<'_>, key: &str, value: Value) -> Result<(), Stop> {
    let advisories: Vec<Value> = match value {
        Value::Array(list) => list,
        Value::Object(map) if map.contains_key("advisoryId") || map.contains_key("title") => vec![Value::Object(map)],
        Value::Object(map) => map.into_iter().map(|(_, value)| value).collect(),
        _ => return Err(bad("not a list of advisories")),
    };
    each_part(report, key, advisories, |report, value| advisory(report, key, Fields::of(value)?))
}

fn advisory(report: &mut Report<'_>, key: &str, mut item: Fields) -> Result<(), Stop> {
    let name = item.text("packageName").unwrap_or_else(|| key.to_owned());
    let cve = item.text("cve").filter(|id| words::is_advisory(id));
    let remote = item.list("sources").into_iter().filter_map(|source| Fields::or_empty(source).text("remoteId"));
    let remote: Vec<String> = remote.filter(|id| words::is_advisory(id)).collect();
    let number = item.text("advisoryId");
    let id = number.or_else(|| cve.clone()).or_else(|| remote.first().cloned());
    let id = id.ok_or_else(|| bad("`advisoryId` is missing"))?;
    let severity = item.text("severity").and_then(|word| words::severity(&word)).unwrap_or(UNSTATED);
    let title = item.text("title").unwrap_or_else(|| id.clone());
    let mut finding = report.finding(severity, format!("{name}: {title}"));
    let link = item.text("link");
    let named = link.as_deref().and_then(words::advisory_of_url);
    finding.vulnerability_ids = cve.into_iter().chain(remote).chain(named).collect();
    finding.references = words::urls(link);
    finding.description = title;
    if let Some(affected) = item.text("affectedVersions") {
        finding.remediation = format!("Update {name} to a version that is not affected; affected: {affected}");
        item.keep("affectedVersions", affected);
    }
    finding.rule_id = Some(id);
    finding.package = Some(Box::new(words::package("composer", name, None, None)));
    finding.metadata.tool = item.rest();
    report.push(finding)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::ingest::{IngestOptions, parse};
    use crate::model::{ScanResult, Severity};

    fn read(text: &str) -> crate::Result<ScanResult> {
        parse(text.as_bytes(), None, &IngestOptions::default())
    }

    #[test]
    fn lists_and_objects() {
        let advisory = r#"{"advisoryId": "PKSA-1", "packageName": "league/flysystem", "affectedVersions": "<1.1.4", "title": "Race",
            "cve": "CVE-2021-32708", "link": "https://github.com/x/y/security/advisories/GHSA-9f46-5r25-5wfm", "severity": "critical",
            "sources": [{"name": "GitHub", "remoteId": "GHSA-9f46-5r25-5wfm"}, {"name": "F", "remoteId": "league/x.yaml"}]}"#;
        for list in [format!("[{advisory}]"), format!("{{\"1\": {advisory}}}"), advisory.to_owned()] {
            let result =
                read(&format!(r#"{{"advisories": {{"league/flysystem": {list}}}, "abandoned": {{"a/b": null}}}}"#)).unwrap();
            let [finding] = &result.findings[..] else { panic!("{result:?}") };
            assert_eq!((finding.rule_id.as_deref(), finding.severity), (Some("PKSA-1"), Severity::Critical));
            assert_eq!(finding.title, "league/flysystem: Race");
            assert_eq!(finding.vulnerability_ids, ["CVE-2021-32708", "GHSA-9f46-5r25-5wfm"]);
            assert_eq!(finding.package.as_ref().unwrap().purl.as_deref(), Some("pkg:composer/league/flysystem"));
            assert_eq!(finding.metadata.tool["affectedVersions"], "<1.1.4");
            assert_eq!(result.scanners[0].reason.as_deref(), Some("1 packages are abandoned"));
        }
    }

    #[test]
    fn empty_and_odd() {
        for none in [r#"{"advisories": []}"#, r#"{"advisories": {}, "abandoned": []}"#, r#"{"advisories": [], "filter": []}"#] {
            assert!(read(none).unwrap().findings.is_empty(), "{none}");
        }
        let odd = read(r#"{"advisories": {"a/b": [{"cve": "CVE-2020-1", "severity": null}], "c/d": 3, "e/f": [null, {"cve": "CVE-2020-2"}]}}"#).unwrap();
        assert_eq!((odd.findings.len(), odd.findings[0].severity, odd.scanners[0].skipped.len()), (2, Severity::High, 2));
        assert!(read(r#"{"advisories": [1]}"#).is_err());
    }
}
