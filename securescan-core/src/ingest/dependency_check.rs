//! OWASP Dependency-Check: its JSON and XML reports. The XML is brought into the JSON's form (`xml`), so that one mapping
//! serves both.

mod xml;

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad, each_part};
use super::{Input, Parser, ParserMeta, Shape, Top, lines, locate, read_error, words};
use crate::Result;
use crate::model::{Package, ScanType, Severity};
use serde_json::Value;

pub(super) struct DependencyCheck;

const META: ParserMeta = ParserMeta {
    id: "dependency-check",
    title: "OWASP Dependency-Check JSON and XML",
    versions_read: "JSON of 4 – 12 (`reportSchema` 1.x), XML of 1 – 12 (schema 1.0 – 4.x)",
    upstream: "https://dependency-check.github.io/DependencyCheck/",
    scan_type: ScanType::Dependency,
};

/// A vulnerability without any rating.
const UNSTATED: Severity = Severity::High;

impl Parser for DependencyCheck {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        match shape.top {
            Top::Object => shape.has_all(&["scanInfo", "projectInfo"]) || shape.has_all(&["reportSchema", "dependencies"]),
            Top::Xml => shape.root() == "analysis" && shape.has_all(&["projectInfo", "dependencies"]),
            Top::Array | Top::Text => false,
        }
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let mut suppressed = 0;
        let first = lines::first_byte(&mut input.reader()).map_err(|e| read_error(&e))?;
        if first == Some(b'<') {
            xml::read(&mut input, report, &mut suppressed)?;
        } else {
            let wants =
                [Want::Each("dependencies"), Want::Whole("scanInfo.engineVersion"), Want::Each("scanInfo.analysisExceptions")];
            json::read(&mut input, &["dependencies"], &wants, report, &mut |report, at, value| match at.place {
                "dependencies" => dependency(report, &mut suppressed, Fields::of(value)?),
                "scanInfo.analysisExceptions" => {
                    exception(report, Fields::or_empty(value));
                    Ok(())
                }
                _ => {
                    report.version(value.as_str().map(str::to_owned));
                    Ok(())
                }
            })?;
        }
        if suppressed > 0 {
            report.note(format!("{suppressed} vulnerabilities are suppressed in the report"));
        }
        Ok(())
    }
}

/// Something that went wrong while a file was looked at.
fn exception(report: &mut Report<'_>, mut item: Fields) {
    let message = item.first_text(&["exception.message", "message"]).unwrap_or_else(|| "the analysis failed".to_owned());
    report.missed(".", words::first_sentence(&message));
}

/// A dependency with its vulnerabilities, each a finding.
fn dependency(report: &mut Report<'_>, suppressed: &mut usize, mut item: Fields) -> Result<(), Stop> {
    *suppressed += item.list("suppressedVulnerabilities").len();
    let vulnerabilities = item.list("vulnerabilities");
    if vulnerabilities.is_empty() {
        return Ok(());
    }
    let name = item.text("fileName").unwrap_or_default();
    let path = item.text("filePath");
    let place = locate::file(path.as_deref().map(|path| manifest(path, &name)), report)?;
    let package = package(&mut item);
    let digests = ["sha256", "sha1"].map(|digest| Some((digest, item.text(digest)?)));
    each_part(report, &name, vulnerabilities, |report, value| {
        let mut vulnerability = Fields::of(value)?;
        for (digest, value) in digests.iter().flatten() {
            vulnerability.keep(digest, value.clone());
        }
        vulnerability.keep("fileName", name.clone());
        finding(report, vulnerability, place.clone(), package.clone(), &name)
    })
}

/// The file itself: a dependency that is listed in a manifest is written `<manifest>:<name>/<version>` or
/// `<manifest>?<path>`.
fn manifest<'a>(path: &'a str, name: &str) -> &'a str {
    let listed = name.replacen(':', "/", 1);
    let cut = [listed.as_str(), name].iter().filter(|n| !n.is_empty()).find_map(|n| path.strip_suffix(n)?.strip_suffix(':'));
    let path = cut.unwrap_or(path);
    path.split_once('?').map_or(path, |(file, _)| file)
}

/// The package by its package URL, or by the coordinates older reports give.
fn package(item: &mut Fields) -> Option<Package> {
    let mut found: Vec<(u8, Package)> = Vec::new();
    for identifier in item.list("packages").into_iter().chain(item.list("identifiers")) {
        let mut identifier = Fields::or_empty(identifier);
        let rank = match identifier.text("confidence").unwrap_or_default().to_ascii_uppercase().as_str() {
            "HIGHEST" => 0,
            "HIGH" => 1,
            "MEDIUM" => 2,
            _ => 3,
        };
        let id = identifier.first_text(&["id", "name"]).unwrap_or_default();
        let id = id.trim_matches(['(', ')']);
        let package = match words::package_of_purl(id) {
            Some(package) => Some(Package { ecosystem: words::ecosystem(&package.ecosystem), ..package }),
            None => identifier.text("type").filter(|kind| kind != "cpe").and_then(|kind| coordinates(&kind, id)),
        };
        found.extend(package.map(|package| (rank, package)));
    }
    found.into_iter().min_by_key(|(rank, _)| *rank).map(|(_, package)| package)
}

/// `group:artifact:version` of Maven, `name:version` of others.
fn coordinates(kind: &str, id: &str) -> Option<Package> {
    let (name, version) = id.rsplit_once(':')?;
    (!name.is_empty()).then(|| words::package(kind, name.to_owned(), Some(version.to_owned()), None))
}

fn finding(
    report: &mut Report<'_>,
    mut item: Fields,
    place: Option<String>,
    package: Option<Package>,
    file: &str,
) -> Result<(), Stop> {
    let description = item.text("description").unwrap_or_default();
    let name = item.text("name").ok_or_else(|| bad("`name` is missing"))?;
    let subject = package.as_ref().map_or(file, |package| package.name.as_str());
    let mut finding = report.finding(severity(&item).unwrap_or(UNSTATED), format!("{subject}: {name}"));
    finding.file_path = place;
    let mut weaknesses = item.value("cwes").map(|v| words::cwes(&v)).unwrap_or_default();
    weaknesses.extend(item.text("cwe").as_deref().and_then(words::cwe));
    super::npm_audit::set_weaknesses(&mut finding, &mut item, weaknesses);
    let references: Vec<String> =
        item.list("references").into_iter().filter_map(|reference| Fields::or_empty(reference).text("url")).collect();
    finding.vulnerability_ids.extend(words::is_advisory(&name).then(|| name.clone()));
    finding.references = words::urls(references);
    finding.remediation = fixed(&item).map(|end| format!("Update {subject} to {end}")).unwrap_or_default();
    finding.package = package.map(|package| Box::new(Package { fixed_version: fixed(&item), ..package }));
    finding.description = if description.is_empty() { name.clone() } else { description };
    finding.rule_id = Some(super::report::clip(name, 200));
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// The end of the range of the software that was matched, when the end itself is not vulnerable.
fn fixed(item: &Fields) -> Option<String> {
    let listed = item.peek("vulnerableSoftware")?.as_array()?;
    let software = listed.iter().take(1000).map(|entry| entry.get("software").unwrap_or(entry));
    let matched = software.filter(|s| s.get("vulnerabilityIdMatched").is_some_and(|m| m == true || m == "true"));
    let ends: Vec<&str> = matched.filter_map(|s| s.get("versionEndExcluding")?.as_str()).collect();
    match ends[..] {
        [end] if !end.is_empty() => Some(end.to_owned()),
        _ => None,
    }
}

/// CVSS 3's word, the report's own, other versions' words, then scores.
fn severity(item: &Fields) -> Option<Severity> {
    let word = |path: &str| item.peek(path).and_then(Value::as_str).and_then(words::severity);
    let score = |path: &str| {
        let value = item.peek(path)?;
        value.as_f64().or_else(|| value.as_str()?.trim().parse().ok()).and_then(words::severity_of_score)
    };
    let words = ["cvssv3.baseSeverity", "severity", "cvssv4.baseSeverity", "cvssv2.severity"];
    let scores = ["cvssv3.baseScore", "cvssv4.baseScore", "cvssv2.score", "cvssScore", "severity"];
    words.iter().find_map(|path| word(path)).or_else(|| scores.iter().find_map(|path| score(path)))
}

#[cfg(test)]
mod tests;
