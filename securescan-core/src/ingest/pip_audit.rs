//! pip-audit: `pip-audit -f json`, and the bare list its first versions wrote.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad, each_part};
use super::{Input, Parser, ParserMeta, Shape, Top, versions, words};
use crate::Result;
use crate::model::{ScanType, Severity};

pub(super) struct PipAudit;

const META: ParserMeta = ParserMeta {
    id: "pip-audit",
    title: "pip-audit JSON",
    versions_read: "0.x and 1.x (a list), 2.x (`dependencies`)",
    upstream: "https://github.com/pypa/pip-audit#json-format",
    scan_type: ScanType::Dependency,
};

/// pip-audit states no severity at all; a known vulnerability counts as high, as in Safety.
const UNSTATED: Severity = Severity::High;

impl Parser for PipAudit {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let list = shape.has_all(&["name", "vulns"]) || shape.has_all(&["name", "skip_reason"]);
        // Nothing but the one key tells an empty report.
        let other =
            shape.has_any(&["advisories", "results", "vulnerabilities", "packages", "bomFormat", "projectInfo", "metadata"]);
        let dependencies = shape.has_any(&["dependencies.vulns", "dependencies.skip_reason", "fixes"])
            || shape.first_line().starts_with('{') && !shape.has_any(&["dependencies.name", "name"]) && !shape.has("version");
        match shape.top {
            Top::Array => list,
            Top::Object => shape.has("dependencies") && !other && dependencies,
            Top::Xml | Top::Text => false,
        }
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [Want::Each(""), Want::Each("dependencies")];
        json::read(&mut input, &["", "dependencies"], &wants, report, &mut |report, _, value| {
            dependency(report, Fields::of(value)?)
        })
    }
}

fn dependency(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let name = item.need("name")?;
    let version = item.text("version");
    if let Some(why) = item.text("skip_reason") {
        report.missed(name, format!("not audited: {why}"));
        return Ok(());
    }
    each_part(report, &name, item.list("vulns"), |report, value| vulnerable(report, &name, version.clone(), Fields::of(value)?))
}

fn vulnerable(report: &mut Report<'_>, name: &str, version: Option<String>, mut item: Fields) -> Result<(), Stop> {
    let aliases = item.texts("aliases");
    let id = item.text("id").or_else(|| aliases.first().cloned()).ok_or_else(|| bad("`id` is missing"))?;
    let description = item.text("description").unwrap_or_default();
    let mut finding = report.finding(UNSTATED, format!("Vulnerable package: {name} ({id})"));
    finding.references = words::links(&description);
    finding.description = description;
    finding.vulnerability_ids = std::iter::once(id.clone()).chain(aliases).filter(|id| words::is_advisory(id)).collect();
    let fixes = item.texts("fix_versions");
    let fixed = versions::next_fix(&fixes, version.as_deref());
    finding.remediation = match &fixed {
        Some(fixed) => format!("Update {name} to {fixed}"),
        None => format!("No fixed version of {name} is known: look for an alternative or a workaround"),
    };
    if fixes.len() > 1 {
        item.keep("fix_versions", fixes);
    }
    finding.rule_id = Some(id);
    finding.package = Some(Box::new(words::package("pypi", name.to_owned(), version, fixed)));
    finding.metadata.tool = item.rest();
    report.push(finding)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use crate::ingest::{IngestOptions, parse};
    use crate::model::{ScanResult, ScannerStatus, Severity};

    fn read(text: &str) -> crate::Result<ScanResult> {
        parse(text.as_bytes(), None, &IngestOptions::default())
    }

    #[test]
    fn both_forms() {
        let list = r#"[{"name": "django", "version": "3.2.9", "vulns": [{"id": "PYSEC-2021-439", "aliases": ["CVE-2021-44420"],
            "fix_versions": ["2.2.25", "3.1.14", "3.2.10"], "description": "See https://d."}]}, {"name": "x", "version": "1", "vulns": []}]"#;
        for text in [list.to_owned(), format!("{{\"dependencies\": {list}, \"fixes\": []}}")] {
            let result = read(&text).unwrap();
            let [finding] = &result.findings[..] else { panic!("{result:?}") };
            assert_eq!((finding.rule_id.as_deref(), finding.severity), (Some("PYSEC-2021-439"), Severity::High));
            assert_eq!(finding.title, "Vulnerable package: django (PYSEC-2021-439)");
            assert_eq!(finding.vulnerability_ids, ["CVE-2021-44420", "PYSEC-2021-439"]);
            assert_eq!((finding.remediation.as_str(), finding.references[0].as_str()), ("Update django to 3.2.10", "https://d"));
            assert_eq!(finding.package.as_ref().unwrap().purl.as_deref(), Some("pkg:pypi/django@3.2.9"));
            assert_eq!((result.scanners[0].name.as_str(), result.scanners[0].status), ("pip-audit", ScannerStatus::Ok));
        }
    }

    #[test]
    fn skipped_is_not_clean() {
        let result = read(r#"{"dependencies": [{"name": "flask", "skip_reason": "not found on PyPI"}], "fixes": []}"#).unwrap();
        assert_eq!((result.findings.len(), result.scanners[0].status), (0, ScannerStatus::Partial));
        assert_eq!(result.scanners[0].skipped[0].why, "not audited: not found on PyPI");
        assert!(read(r#"{"dependencies": []}"#).unwrap().findings.is_empty());
        assert!(read(r#"{"dependencies": null, "fixes": null, "dependencies": 3}"#).is_err());
        let odd = read(r#"[{"name": "a", "version": null, "vulns": [{"id": "X"}]}, {"version": "1", "vulns": []}, 3]"#).unwrap();
        assert_eq!((odd.findings.len(), odd.scanners[0].skipped.len()), (1, 2));
    }
}
