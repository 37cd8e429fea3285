//! What trivy finds in a target: vulnerabilities, misconfigurations, secrets and licences.

use super::super::fields::Fields;
use super::super::report::{Report, Stop, bad};
use super::super::{dependency, locate, words};
use super::Place;
use crate::model::{Confidence, ScanType, Severity};

/// Trivy's words: CRITICAL, HIGH, MEDIUM, LOW, UNKNOWN.
///
/// # Source
/// trivy-db 2, `pkg/types`: severities.
fn severity(item: &mut Fields) -> Severity {
    let word = item.text("Severity");
    let score = || best_score(item);
    word.map_or_else(|| score().unwrap_or(Severity::Info), |word| words::severity(&word).unwrap_or(Severity::Info))
}

/// The severity of the highest score of any source, where trivy itself gives none.
fn best_score(item: &Fields) -> Option<Severity> {
    let sources = item.peek("CVSS")?.as_object()?;
    let scores = sources
        .values()
        .filter_map(|source| ["V40Score", "V3Score", "V2Score"].iter().find_map(|key| source.get(*key)?.as_f64()));
    scores.filter_map(words::severity_of_score).max()
}

/// A package with an advisory.
pub(super) fn vulnerability(report: &mut Report<'_>, place: &Place<'_>, mut item: Fields) -> Result<(), Stop> {
    let id = item.text("VulnerabilityID");
    let name = item.text("PkgName").unwrap_or_default();
    if id.is_none() && name.is_empty() && !item.has("Title") {
        return Err(bad("`VulnerabilityID` is missing"));
    }
    let shown = id.clone().or_else(|| item.peek("Title").and_then(|v| v.as_str()).map(str::to_owned));
    let shown = shown.unwrap_or_else(|| "Vulnerability".to_owned());
    let installed = item.text("InstalledVersion");
    let fixed_text = item.text("FixedVersion");
    let fixed = dependency::lowest_fix(fixed_text.as_deref(), installed.as_deref());
    let mut finding = report.finding(severity(&mut item), dependency::title(&shown, &name));
    let package_path = item.text("PkgPath");
    finding.file_path = locate::file(package_path.as_deref().or_else(|| place.path()), report)?;
    let (package_id, purl) = (item.text("PkgID"), item.text("PkgIdentifier.PURL"));
    let keys = [item.text("PkgIdentifier.UID"), package_id, Some(format!("{name}@{}", installed.as_deref().unwrap_or_default()))];
    if let Some((start, end)) = keys.iter().flatten().find_map(|key| place.lines.get(key)) {
        (finding.line, finding.end_line) = (Some(*start), *end);
    }
    finding.remediation = dependency::remedy(&name, fixed.as_deref());
    if !name.is_empty() {
        let package = dependency::package(place.ecosystem(), name, installed, fixed, purl);
        finding.package = Some(Box::new(package));
    }
    finding.vulnerability_ids = dependency::advisories(item.texts("VendorIDs").into_iter().chain(id.clone()));
    let found = item.value("CweIDs").map(|v| words::cwes(&v)).unwrap_or_default();
    dependency::weaknesses(&mut finding, &mut item, found);
    let primary = item.text("PrimaryURL");
    finding.references = words::urls(primary.iter().cloned().chain(item.texts("References")));
    finding.description = item.text("Description").or_else(|| item.text("Title")).unwrap_or_default();
    for (key, value) in [("PrimaryURL", primary), ("PkgPath", package_path), ("FixedVersion", fixed_text)] {
        value.into_iter().for_each(|value| item.keep(key, value));
    }
    // Of the database's row, not of the finding.
    item.value("Fingerprint");
    place.keep(&mut item);
    finding.rule_id = id;
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// A check of a configuration; what passed or is excepted is no finding.
pub(super) fn misconfiguration(report: &mut Report<'_>, place: &Place<'_>, mut item: Fields) -> Result<(), Stop> {
    if item.text("Status").is_some_and(|s| s.eq_ignore_ascii_case("PASS") || s.eq_ignore_ascii_case("EXCEPTION")) {
        return Ok(());
    }
    let rule = item.text("ID").or_else(|| item.peek("AVDID").and_then(|v| v.as_str()).map(str::to_owned));
    let (title, message) = (item.text("Title"), item.text("Message"));
    if rule.is_none() && title.is_none() && message.is_none() {
        return Err(bad("`ID` is missing"));
    }
    let shown = title.or_else(|| message.clone()).or_else(|| rule.clone()).unwrap_or_default();
    let mut finding = report.finding(severity(&mut item), shown);
    finding.scan_type = ScanType::Iac;
    finding.file_path = locate::file(place.file(), report)?;
    finding.line = item.position("CauseMetadata.StartLine");
    finding.end_line = item.position("CauseMetadata.EndLine");
    finding.metadata.line_snippet = cause(&mut item);
    item.value("CauseMetadata.RenderedCause");
    let texts = [message, item.text("Description")];
    finding.description = texts.into_iter().flatten().collect::<Vec<_>>().join("\n\n");
    finding.remediation = item.text("Resolution").unwrap_or_default();
    let found = item.value("CweIDs").map(|v| words::cwes(&v)).unwrap_or_default();
    dependency::weaknesses(&mut finding, &mut item, found);
    let primary = item.text("PrimaryURL");
    finding.references = words::urls(primary.into_iter().chain(item.texts("References")));
    place.keep(&mut item);
    finding.rule_id = rule;
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// The source lines that a check points at, none of them cut out.
fn cause(item: &mut Fields) -> Option<String> {
    let mut text = Vec::new();
    for line in item.list("CauseMetadata.Code.Lines") {
        let mut line = Fields::or_empty(line);
        if line.flag("IsCause") != Some(true) {
            continue;
        }
        if line.flag("Truncated") == Some(true) {
            return None;
        }
        text.push(line.value("Content").and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default());
    }
    item.value("CauseMetadata.Code");
    Some(text.join("\n")).filter(|text| !text.trim().is_empty())
}

/// A secret. Trivy stars it out itself, so there is neither its value nor the source line.
pub(super) fn secret(report: &mut Report<'_>, place: &Place<'_>, mut item: Fields) -> Result<(), Stop> {
    let rule = item.text("RuleID");
    let title = item.text("Title").or_else(|| rule.clone()).ok_or_else(|| bad("`RuleID` is missing"))?;
    let mut finding = report.finding(severity(&mut item), title);
    finding.scan_type = ScanType::Code;
    finding.file_path = locate::file(place.path(), report)?;
    finding.line = item.position("StartLine");
    finding.end_line = item.position("EndLine");
    item.value("Code");
    item.value("Match");
    finding.cwe = Some("CWE-798".to_owned());
    place.keep(&mut item);
    finding.rule_id = rule;
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// A licence, of a package or of a file.
pub(super) fn license(report: &mut Report<'_>, place: &Place<'_>, mut item: Fields) -> Result<(), Stop> {
    let name = item.text("Name").or_else(|| item.text("Text")).ok_or_else(|| bad("`Name` is missing"))?;
    let (package, file) = (item.text("PkgName"), item.text("FilePath"));
    let of = package.as_deref().or(file.as_deref()).unwrap_or(&place.target);
    let mut finding = report.finding(severity(&mut item), format!("License {name} of {of}"));
    finding.file_path = locate::file(file.as_deref().or_else(|| place.path()), report)?;
    finding.package = package.map(|package| Box::new(words::package(place.ecosystem(), package, None, None)));
    finding.references = words::urls(item.text("Link"));
    finding.confidence = item.number("Confidence").map(|sure| match sure {
        s if s >= 0.9 => Confidence::High,
        s if s >= 0.6 => Confidence::Medium,
        _ => Confidence::Low,
    });
    // The whole text of the licence.
    item.value("Text");
    place.keep(&mut item);
    item.keep("License", name.as_str());
    finding.rule_id = Some(format!("license/{name}"));
    finding.metadata.tool = item.rest();
    report.push(finding)
}
