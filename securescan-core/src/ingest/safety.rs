//! Safety: `safety check --json` of 1.x (rows), 2.x and 3.x (an object), and `safety scan --output json` of 3.x.
//!
//! Since 3.x `check` prints a notice before and after the JSON.

use super::fields::{Fields, text_of};
use super::json::{self, Want};
use super::report::{Report, Stop, bad, each_part};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, versions, words};
use crate::Result;
use crate::model::{Finding, ScanType, Severity};
use serde_json::Value;
use std::collections::BTreeMap;

pub(super) struct Safety;

const META: ParserMeta = ParserMeta {
    id: "safety",
    title: "Safety JSON",
    versions_read: "1.x (rows), 2.x and 3.x `check`, 3.x `scan` (schema 3.0)",
    upstream: "https://docs.safetycli.com/safety-docs/output/output-formats",
    scan_type: ScanType::Dependency,
};

/// Safety's database states a score for few entries; without one a known vulnerability counts as high, as in SecureScan for
/// Python.
const UNSTATED: Severity = Severity::High;

impl Parser for Safety {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let check = shape.has("report_meta")
            && shape.has_any(&["report_meta.safety_version", "scanned_packages", "affected_packages", "ignored_vulnerabilities"]);
        let scan = shape.has("scan_results") && shape.has_any(&["meta.telemetry", "meta.scan_type", "scan_results.projects"]);
        shape.top == Top::Object && (check || scan) || shape.is_list_of_rows()
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [
            Want::Each(""),
            Want::Each("vulnerabilities"),
            Want::Whole("report_meta"),
            Want::Entries("remediations"),
            Want::Whole("meta.telemetry.safety_version"),
            Want::Each("scan_results.projects.files"),
            Want::Each("scan_results.files"),
        ];
        let proof = ["", "vulnerabilities", "scan_results.projects.files", "scan_results.files"];
        let (mut scanned, mut advice) = (None, BTreeMap::new());
        json::read_before_text(&mut input, &proof, &wants, report, &mut |report, at, value| match at.place {
            "" => row(report, value),
            "vulnerabilities" => vulnerability(report, Fields::of(value)?),
            "report_meta" => {
                scanned = meta(report, Fields::or_empty(value));
                Ok(())
            }
            "remediations" => {
                let version = recommended(value);
                advice.extend(version.map(|version| (at.key.to_lowercase(), version)));
                Ok(())
            }
            "meta.telemetry.safety_version" => {
                report.version(text_of(value));
                Ok(())
            }
            _ => file(report, Fields::of(value)?),
        })?;
        let scanned = locate::file(scanned.as_deref(), report).unwrap_or_default().filter(|path| !locate::climbs(path));
        for finding in report.open_findings() {
            complete(finding, scanned.as_deref(), &advice);
        }
        Ok(())
    }
}

/// `[package, affected, installed, advisory, id, CVSS v2, CVSS v3]`; the last two only with `--full-report`.
fn row(report: &mut Report<'_>, value: Value) -> Result<(), Stop> {
    let Value::Array(columns) = value else { return Err(bad("not a row")) };
    let mut columns = columns.into_iter();
    let mut next = || columns.next().and_then(text_of);
    let (package, spec, installed, advisory, id) = (next(), next(), next(), next(), next());
    let scores = [next(), next()].map(|score| score.and_then(|s| s.parse().ok()).and_then(words::severity_of_score));
    let package = package.ok_or_else(|| bad("the row has no package"))?;
    let severity = scores.into_iter().rev().flatten().next().unwrap_or(UNSTATED);
    let mut finding = base(report, severity, &package, id);
    finding.vulnerability_ids.extend(advisory.as_deref().and_then(words::advisory_in));
    finding.references = advisory.as_deref().map(words::links).unwrap_or_default();
    finding.description = advisory.unwrap_or_default();
    finding.package = Some(Box::new(words::package("pypi", package, installed, None)));
    finding.metadata.tool.extend(spec.map(|spec| ("vulnerable_spec".to_owned(), spec.into())));
    report.push(finding)
}

fn base(report: &Report<'_>, severity: Severity, package: &str, id: Option<String>) -> Finding {
    let mut finding = report.finding(severity, format!("Vulnerable package: {package}"));
    finding.vulnerability_ids = id.iter().filter(|id| words::is_advisory(id)).cloned().collect();
    finding.rule_id = id.map(|id| format!("safety/{id}"));
    finding
}

fn vulnerability(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let id = item.first_text(&["vulnerability_id", "id"]);
    let package = item.first_text(&["package_name", "package"]);
    let package = package.ok_or_else(|| bad("`package_name` is missing"))?;
    let severity = severity(&mut item).unwrap_or(UNSTATED);
    let mut finding = base(report, severity, &package, id);
    finding.description = item.text("advisory").unwrap_or_default().replace("\r\n", "\n");
    let cve = item.text("CVE");
    finding.vulnerability_ids.extend(cve.filter(|id| words::is_advisory(id)));
    finding.references = words::links(&finding.description);
    finding.references.extend(words::urls(item.text("more_info_url").into_iter().chain(item.texts("resources"))));
    finding.ignored_in_source = item.flag("ignored") == Some(true);
    let installed = item.text("analyzed_version");
    let fixes = [item.texts("fixed_versions"), item.texts("closest_versions_without_known_vulnerabilities")];
    let fixed = fixes.iter().find_map(|fixes| versions::next_fix(fixes, installed.as_deref()));
    if let Some(found) = item.peek("analyzed_requirement.found").and_then(Value::as_str).filter(|path| is_manifest(path)) {
        finding.file_path = locate::file(Some(found), report)?;
    }
    finding.package = Some(Box::new(words::package("pypi", package, installed, fixed)));
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// Whether a place is a file that lists requirements, not a folder of installed packages.
fn is_manifest(path: &str) -> bool {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    [".txt", ".in", ".lock", ".toml", ".cfg", ".yml", ".yaml"].iter().any(|end| name.ends_with(end))
}

/// What `severity` says, or `cvssv3` before `cvssv2` inside it.
fn severity(item: &mut Fields) -> Option<Severity> {
    let word = item.peek("severity").and_then(Value::as_str).and_then(words::severity);
    let rated = |version: &str| {
        let word = item.peek(&format!("severity.{version}.base_severity")).and_then(Value::as_str);
        let score = item.peek(&format!("severity.{version}.base_score")).cloned().and_then(text_of);
        word.and_then(words::severity).or_else(|| score.and_then(|s| s.parse().ok()).and_then(words::severity_of_score))
    };
    word.or_else(|| rated("cvssv3")).or_else(|| rated("cvssv2"))
}

/// Version of the tool, what it looked at; the file, when it was a single one.
fn meta(report: &mut Report<'_>, mut meta: Fields) -> Option<String> {
    report.version(meta.text("safety_version"));
    let files = meta.text("scan_target").is_some_and(|target| target.starts_with("file"));
    let scanned = meta.texts("scanned");
    scanned.iter().take(100).for_each(|target| report.target(target.clone()));
    match &scanned[..] {
        [file] if files || is_manifest(file) => Some(file.clone()),
        _ => None,
    }
}

/// The version that is recommended for a package, whichever of its requirements it stands at.
fn recommended(value: Value) -> Option<String> {
    let mut item = Fields::or_empty(value);
    let own = item.first_text(&["recommended_version", "secure_version"]);
    own.or_else(|| item.object("requirements").entries().find_map(|(_, v)| Fields::or_empty(v).text("recommended_version")))
}

/// What stands elsewhere in the report: the file, and the version to move to.
fn complete(finding: &mut Finding, scanned: Option<&str>, advice: &BTreeMap<String, String>) {
    if finding.file_path.is_none() {
        finding.file_path = scanned.map(str::to_owned);
    }
    if let Some(package) = finding.package.as_deref_mut() {
        if package.fixed_version.is_none() {
            package.fixed_version = advice.get(&package.name.to_lowercase()).cloned();
        }
        finding.remediation = match &package.fixed_version {
            Some(fixed) => format!("Update {} to {fixed}", package.name),
            None => format!("Update {} to a version that is not affected", package.name),
        };
    }
}

/// A file of a `safety scan` with the packages it lists.
fn file(report: &mut Report<'_>, mut file: Fields) -> Result<(), Stop> {
    let place = locate::file(file.text("location").as_deref(), report)?;
    for dependency in file.list("results.dependencies") {
        let mut dependency = Fields::or_empty(dependency);
        let name = dependency.text("name").unwrap_or_default();
        for specification in dependency.list("specifications") {
            let mut specification = Fields::or_empty(specification);
            let raw = specification.text("raw").unwrap_or_default();
            let remediation = specification.object("vulnerabilities.remediation");
            each_part(report, &name, specification.list("vulnerabilities.known_vulnerabilities"), |report, known| {
                known_vulnerability(report, place.as_deref(), &name, &raw, &remediation, Fields::of(known)?)
            })?;
        }
    }
    Ok(())
}

fn known_vulnerability(
    report: &mut Report<'_>,
    place: Option<&str>,
    name: &str,
    raw: &str,
    remediation: &Fields,
    mut item: Fields,
) -> Result<(), Stop> {
    let ignored = item.value("ignored");
    if ignored.is_some_and(|v| matches!(v, Value::Bool(true)) || v.as_object().is_some_and(|map| !map.is_empty())) {
        return Ok(());
    }
    let severity = severity(&mut item).unwrap_or(UNSTATED);
    let mut finding = base(report, severity, name, item.first_text(&["id", "vulnerability_id"]));
    finding.file_path = place.map(str::to_owned);
    let installed = raw.split_once("==").map(|(_, version)| version.trim_start_matches('='));
    let installed = installed.and_then(|v| v.split([' ', ';', ',']).next()).filter(|v| !v.is_empty() && !v.contains('*'));
    let spec = item.text("vulnerable_spec").unwrap_or_default();
    finding.description = match spec.is_empty() {
        true => format!("{raw} has a known vulnerability."),
        false => format!("{raw} has a known vulnerability; affected are versions {spec}."),
    };
    let fixed = ["recommended", "closest_secure_version.upper", "closest_secure.upper"]
        .iter()
        .find_map(|field| remediation.peek(field).and_then(Value::as_str))
        .filter(|version| !version.is_empty());
    finding.package =
        Some(Box::new(words::package("pypi", name.to_owned(), installed.map(str::to_owned), fixed.map(str::to_owned))));
    item.keep("specification", raw.to_owned());
    item.keep("vulnerable_spec", spec);
    finding.metadata.tool = item.rest();
    report.push(finding)
}

#[cfg(test)]
mod tests;
