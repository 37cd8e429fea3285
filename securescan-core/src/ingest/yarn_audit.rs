//! Yarn: `yarn audit --json` of Yarn 1, one event a line, and `yarn npm audit --json` of later ones, one problem a line.
//!
//! Yarn 2 and 3 write npm 6's form instead: that is `npm_audit`'s.

use super::fields::{Fields, text_of};
use super::npm_audit::advisory;
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, json, words};
use crate::model::{ScanType, Severity};
use crate::{Error, ErrorKind, Result};
use serde_json::Value;

pub(super) struct YarnAudit;

const META: ParserMeta = ParserMeta {
    id: "yarn-audit",
    title: "Yarn audit JSON lines",
    versions_read: "Yarn 1 (`auditAdvisory` events), Yarn 2 and later (`yarn npm audit`)",
    upstream: "https://classic.yarnpkg.com/lang/en/docs/cli/audit/",
    scan_type: ScanType::Dependency,
};

/// Kinds of events of Yarn 1 that may come first.
const EVENTS: &[&str] = &["auditAdvisory", "auditSummary", "auditAction", "info", "warning", "error"];

impl Parser for YarnAudit {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let event = shape.text("type").is_some_and(|kind| EVENTS.contains(&kind));
        let first = event && (shape.has_any(&["data.advisory", "data.vulnerabilities"]) || shape.text("data").is_some());
        let berry = shape.has_all(&["value", "children"]) && shape.has_any(&["children.Severity", "children.Issue"]);
        shape.top != Top::Xml && (first || berry)
    }

    /// Yarn 2 and 3 print what npm 6 does.
    fn also_writes(&self) -> Option<&'static str> {
        Some("npm-audit")
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let (mut failure, mut done, mut unlocked) = (None, false, false);
        json::read_many(&mut input, report, &mut |report, _, value| {
            let mut line = Fields::of(value)?;
            if line.has("children") {
                done = true;
                return problem(report, line);
            }
            let kind = line.need("type")?;
            match kind.as_str() {
                "auditAdvisory" => {
                    done = true;
                    event(report, line)
                }
                "auditSummary" => {
                    done = true;
                    Ok(())
                }
                "error" => {
                    failure = failure.take().or_else(|| line.text("data"));
                    Ok(())
                }
                "info" if line.peek("data").and_then(Value::as_str).is_some_and(|text| text.starts_with("No lockfile")) => {
                    unlocked = true;
                    Ok(())
                }
                _ => Ok(()),
            }
        })?;
        if unlocked && report.open_findings().is_empty() {
            report.missed("yarn.lock", "no lock file was found");
        }
        match failure {
            Some(why) if done => {
                report.missed(".", super::report::clip(why, 500));
                Ok(())
            }
            Some(why) => {
                let why = super::report::clip(why, 500);
                Err(Error::new(ErrorKind::Scanner, format!("the audit failed: {why}")).hint("nothing was audited"))
            }
            None if done => Ok(()),
            None => Err(Error::parse("there is neither an advisory nor a summary: the audit did not end")),
        }
    }
}

/// An advisory on one path of dependencies.
fn event(report: &mut Report<'_>, mut line: Fields) -> Result<(), Stop> {
    let mut item = line.object("data.advisory");
    let mut resolution = line.object("data.resolution");
    if let Some(path) = resolution.text("path") {
        item.keep("path", path);
    }
    for kind in ["dev", "optional", "bundled"] {
        if resolution.flag(kind) == Some(true) {
            item.keep(kind, true);
        }
    }
    advisory(report, "", item)
}

/// A problem with a package: an advisory, or that the package is deprecated.
fn problem(report: &mut Report<'_>, mut line: Fields) -> Result<(), Stop> {
    let name = line.need("value")?;
    let mut item = line.object("children");
    let text = |item: &mut Fields, key: &str| leaf(item.value(key)?).into_iter().next();
    let number = text(&mut item, "ID").unwrap_or_default();
    let issue = text(&mut item, "Issue").unwrap_or_default();
    if number.is_empty() && issue.is_empty() {
        return Err(bad("`ID` and `Issue` are missing"));
    }
    let severity = text(&mut item, "Severity").and_then(|word| words::severity(&word)).unwrap_or(Severity::Medium);
    let deprecated = number.ends_with("(deprecation)");
    let title = if deprecated { format!("Deprecated npm package: {name}") } else { format!("{name}: {issue}") };
    let mut finding = report.finding(severity, title);
    let url = text(&mut item, "URL");
    let advisory = url.as_deref().and_then(words::advisory_of_url);
    finding.rule_id = Some(match &advisory {
        Some(id) => id.clone(),
        None if deprecated => "yarn-audit/deprecated".to_owned(),
        None if number.is_empty() => format!("yarn-audit/{name}"),
        None => format!("npm-audit/{number}"),
    });
    finding.vulnerability_ids = advisory.into_iter().collect();
    finding.references = words::urls(url);
    finding.description = issue;
    let patched = text(&mut item, "Patched Versions").map(|range| super::versions::lower_bounds(&range)).unwrap_or_default();
    let installed = item.value("Tree Versions").map(leaf).unwrap_or_default();
    let lowest = installed.iter().min_by(|a, b| super::versions::compare(a, b)).cloned();
    let fixed = super::versions::next_fix(&patched, lowest.as_deref());
    let advice = text(&mut item, "Recommendation").filter(|advice| !advice.eq_ignore_ascii_case("none"));
    finding.remediation = match (&fixed, advice) {
        (Some(fixed), _) => format!("Update {name} to {fixed}"),
        (None, Some(advice)) => advice,
        (None, None) if deprecated => format!("Replace {name} with what its deprecation notice names"),
        (None, None) => String::new(),
    };
    finding.package = Some(Box::new(words::package("npm", name, lowest, fixed)));
    item.keep("installed", installed);
    item.keep("advisory", number);
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// The texts of a leaf of Yarn's trees: bare, in a list, or under `value`.
fn leaf(value: Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.into_iter().filter_map(text_of).collect(),
        Value::Object(mut map) => map.remove("value").and_then(text_of).into_iter().collect(),
        other => text_of(other).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use crate::ingest::{IngestOptions, parse};
    use crate::model::{ScanResult, ScannerStatus, Severity};

    fn read(text: &str) -> crate::Result<ScanResult> {
        parse(text.as_bytes(), None, &IngestOptions::default())
    }

    #[test]
    fn named_it_reads_what_yarn_2_prints() {
        let text = br#"{"actions":[],"advisories":{"1":{"findings":[{"version":"1.3.5","paths":["a>ini"]}],"module_name":"ini","severity":"high",
            "github_advisory_id":"GHSA-qqgx-2p2h-9c37","patched_versions":">=1.3.6","title":"t","id":1}},"muted":[],"metadata":{"vulnerabilities":{"high":1}}}"#;
        let options = super::super::IngestOptions::default();
        let result = super::super::parse(text, Some("yarn-audit"), &options).unwrap();
        assert_eq!((result.findings.len(), result.findings[0].scanner.as_str()), (1, "yarn-audit"));
        assert_eq!(super::super::parse(text, None, &options).unwrap().findings[0].scanner, "npm-audit");
    }

    #[test]
    fn yarn_1() {
        let advisory = r#"{"type":"auditAdvisory","data":{"resolution":{"id":7,"path":"a>b","dev":true},"advisory":{"findings":[{"version":"3.0.0","paths":["a>b"]}],"module_name":"b","severity":"moderate","github_advisory_id":"GHSA-93q8-gq69-wqmw","cves":["CVE-2021-3807"],"patched_versions":">=5.0.1","cwe":["CWE-918","CWE-1333"],"id":7,"title":" Slow pattern","overview":"o","url":"https://github.com/advisories/GHSA-93q8-gq69-wqmw"}}}"#;
        let text = format!("{{\"type\":\"warning\",\"data\":\"w\"}}\n{advisory}\n{{\"type\":\"auditSummary\",\"data\":{{}}}}\n");
        let result = read(&text).unwrap();
        let finding = &result.findings[0];
        assert_eq!((result.findings.len(), finding.title.as_str()), (1, "b: Slow pattern"));
        assert_eq!((finding.rule_id.as_deref(), finding.severity), (Some("GHSA-93q8-gq69-wqmw"), Severity::Medium));
        assert_eq!(finding.vulnerability_ids, ["CVE-2021-3807", "GHSA-93q8-gq69-wqmw"]);
        assert_eq!(finding.package.as_ref().unwrap().fixed_version.as_deref(), Some("5.0.1"));
        assert_eq!((&finding.metadata.tool["path"], &finding.metadata.tool["dev"]), (&"a>b".into(), &true.into()));
        assert_eq!(finding.metadata.tool["cwes"][1], "CWE-1333");
    }

    #[test]
    fn berry() {
        let result = read(concat!(
            r#"{"value":"t","children":{"ID":1096536,"Issue":"Bad","URL":"https://github.com/advisories/GHSA-37q5-v5qm-c9v8","Severity":"high","Vulnerable Versions":"<4.38.0","Tree Versions":["4.38","4.2"],"Dependents":["x@npm:1"]}}"#,
            "\n",
            r#"{"value":"@s/p","children":{"ID":"@s/p (deprecation)","Issue":"Use another.","Severity":"moderate","Tree Versions":["1"]}}"#,
        ))
        .unwrap();
        let [bad, old] = &result.findings[..] else { unreachable!() };
        assert_eq!((bad.rule_id.as_deref(), bad.severity), (Some("GHSA-37q5-v5qm-c9v8"), Severity::High));
        assert_eq!(bad.package.as_ref().unwrap().version.as_deref(), Some("4.2"));
        assert_eq!(bad.metadata.tool["Dependents"][0], "x@npm:1");
        assert_eq!((old.rule_id.as_deref(), old.title.as_str()), (Some("yarn-audit/deprecated"), "Deprecated npm package: @s/p"));
    }

    #[test]
    fn what_did_not_happen_is_said() {
        let error = read(r#"{"type":"error","data":"Received an invalid response"}"#).unwrap_err();
        assert_eq!((error.code(), error.message()), ("scanner", "the audit failed: Received an invalid response"));
        let none =
            "{\"type\":\"info\",\"data\":\"No lockfile found.\"}\n{\"type\":\"auditSummary\",\"data\":{\"vulnerabilities\":{}}}";
        assert_eq!(read(none).unwrap().scanners[0].status, ScannerStatus::Partial);
        assert!(read(r#"{"type":"warning","data":"w"}"#).is_err());
        let odd = "{\"value\":\"a\",\"children\":{\"Severity\":\"low\"}}\n{\"value\":\"b\",\"children\":{\"Issue\":\"i\"}}";
        assert_eq!(read(odd).unwrap().findings.len(), 1);
    }
}
