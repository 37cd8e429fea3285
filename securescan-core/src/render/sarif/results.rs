//! The results: one for each finding, written one after the other.

use super::rules::{Rules, level};
use super::select::Selection;
use crate::model::{Confidence, Finding, ScanType, Severity, SuppressedBy};
use crate::render::counts::occurrences;
use crate::render::limits::{SARIF_ID, SARIF_RESULT_TAGS, SARIF_TAG, SARIF_TEXT, cut};
use crate::render::{RenderInput, uri};
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// A SARIF message or multi-format string with its text alone.
#[derive(Serialize)]
pub(super) struct Text<'a> {
    pub(super) text: Cow<'a, str>,
}

impl<'a> Text<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text: text.into() }
    }
}

/// All results, serialised without being held.
pub(super) struct Results<'a> {
    findings: &'a [&'a Finding],
    rules: &'a Rules<'a>,
    suppressions: bool,
    /// Occurrence numbers of findings that carry none (read back from JSON), by position.
    occurrences: Vec<u32>,
}

impl<'a> Results<'a> {
    pub(super) fn new(input: &RenderInput<'_>, selection: &'a Selection<'a>, rules: &'a Rules<'a>) -> Self {
        let findings = selection.findings.as_slice();
        Self { findings, rules, suppressions: input.options.show_suppressed, occurrences: occurrences(findings) }
    }
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let numbered = self.findings.iter().zip(&self.occurrences).zip(&self.rules.indices);
        s.collect_seq(numbered.map(|((finding, occurrence), rule)| self.result(finding, *occurrence, *rule)))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult<'a> {
    rule_id: &'a str,
    rule_index: usize,
    level: &'static str,
    message: Text<'a>,
    locations: [Location<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    partial_fingerprints: Option<Fingerprints<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressions: Option<Vec<Suppression>>,
    properties: Properties<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    logical_locations: Option<[LogicalLocation<'a>; 1]>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_column: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<u32>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation<'a> {
    fully_qualified_name: Cow<'a, str>,
    kind: &'static str,
}

#[derive(Serialize)]
struct Fingerprints<'a> {
    #[serde(rename = "primaryLocationLineHash")]
    line_hash: Cow<'a, str>,
    #[serde(rename = "securescan/v1", skip_serializing_if = "Option::is_none")]
    v1: Option<&'a str>,
    #[serde(rename = "securescan/v2")]
    v2: Cow<'a, str>,
}

#[derive(Serialize)]
struct Suppression {
    kind: &'static str,
    status: &'static str,
    justification: &'static str,
}

#[derive(Serialize)]
struct Properties<'a> {
    tags: Ids<'a>,
    suppressed_by: Option<SuppressedBy>,
    scanner: Cow<'a, str>,
    scan_type: ScanType,
    severity: Severity,
    #[serde(skip_serializing_if = "Option::is_none")]
    original_severity: Option<Severity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<Confidence>,
    #[serde(skip_serializing_if = "str::is_empty")]
    remediation: Cow<'a, str>,
    #[serde(skip_serializing_if = "Ids::is_empty")]
    vulnerability_ids: Ids<'a>,
}

/// Short identifiers, within limits.
struct Ids<'a>(&'a [String]);

impl Ids<'_> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Ids<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(self.0.iter().take(SARIF_RESULT_TAGS.max).map(|id| cut(id, SARIF_TAG)))
    }
}

impl<'a> Results<'a> {
    fn result(&self, finding: &'a Finding, occurrence: u32, rule_index: usize) -> SarifResult<'a> {
        SarifResult {
            rule_id: self.rules.id(rule_index),
            rule_index,
            level: level(finding.severity),
            message: Text { text: message(finding) },
            locations: [location(finding)],
            partial_fingerprints: fingerprints(finding, occurrence),
            suppressions: self.suppressions.then(|| finding.metadata.suppressed_by.map(suppression).into_iter().collect()),
            properties: Properties {
                tags: Ids(&finding.compliance_tags),
                suppressed_by: finding.metadata.suppressed_by,
                scanner: cut(&finding.scanner, SARIF_ID),
                scan_type: finding.scan_type,
                severity: finding.severity,
                original_severity: finding.metadata.original_severity,
                confidence: finding.confidence,
                remediation: cut(&finding.remediation, SARIF_TEXT),
                vulnerability_ids: Ids(&finding.vulnerability_ids),
            },
        }
    }
}

/// The description; with the title before it when it says little (fewer than three words), or the title alone when
/// there is none. A `](` would make a link of the text around it: a space between keeps it text.
fn message(finding: &Finding) -> Cow<'_, str> {
    let (title, description) = (finding.title.trim(), finding.description.trim());
    let words = description.split_whitespace().take(3).count();
    let text: Cow<'_, str> = match (title.is_empty(), words) {
        (true, 0) => "No description.".into(),
        (false, 0) => cut(title, SARIF_TEXT),
        (false, 1 | 2) if title != description => cut(&format!("{title}: {description}"), SARIF_TEXT).into_owned().into(),
        _ => cut(&finding.description, SARIF_TEXT),
    };
    if text.contains("](") { text.replace("](", "] (").into() } else { text }
}

fn location(finding: &Finding) -> Location<'_> {
    let path = finding.file_path.as_deref().filter(|path| !path.is_empty());
    let (uri, relative) = path.map_or_else(|| (uri::NO_FILE.to_owned(), true), uri::location);
    let artifact_location = ArtifactLocation { uri, uri_base_id: relative.then_some(uri::ROOT) };
    Location {
        physical_location: PhysicalLocation { artifact_location, region: path.and_then(|_| region(finding)) },
        logical_locations: logical(finding).map(|l| [l]),
    }
}

/// The region, if there is a line; ends only where they lie behind the start.
fn region(finding: &Finding) -> Option<Region> {
    let start_line = finding.line.filter(|n| *n > 0)?;
    let start_column = finding.column.filter(|n| *n > 0);
    let end_line = finding.end_line.filter(|n| *n >= start_line);
    let one_line = end_line.is_none_or(|n| n == start_line);
    let end_column = finding.end_column.filter(|n| *n > 0 && (!one_line || start_column.is_some_and(|start| *n > start)));
    Some(Region { start_line, start_column, end_line, end_column })
}

/// What it is about when a file does not say it: a package, or where a running thing was seen.
fn logical(finding: &Finding) -> Option<LogicalLocation<'_>> {
    if let Some(package) = finding.package.as_deref() {
        let name: Cow<'_, str> = match (&package.purl, &package.version) {
            (Some(purl), _) => cut(purl, SARIF_ID),
            (None, version) => {
                let version = version.as_deref().map(|v| format!("@{v}")).unwrap_or_default();
                cut(&format!("{}:{}{version}", package.ecosystem, package.name), SARIF_ID).into_owned().into()
            }
        };
        return Some(LogicalLocation { fully_qualified_name: name, kind: "package" });
    }
    let endpoint = finding.metadata.endpoint.as_deref()?;
    let mut name = String::new();
    for (before, part) in [("", &endpoint.method), (" ", &endpoint.host)] {
        if let Some(part) = part {
            name.push_str(if name.is_empty() { "" } else { before });
            name.push_str(part);
        }
    }
    if let Some(port) = endpoint.port {
        name.push_str(&format!(":{port}"));
    }
    name.push_str(endpoint.path.as_deref().unwrap_or_default());
    if let Some(protocol) = &endpoint.protocol {
        name.push_str(&format!("/{protocol}"));
    }
    let name: Cow<'_, str> = cut(&name, SARIF_ID).into_owned().into();
    (!name.is_empty()).then_some(LogicalLocation { fully_qualified_name: name, kind: "endpoint" })
}

/// The plain fingerprint for the first occurrence, `<fingerprint>:<n>` for the n-th.
fn fingerprints(finding: &Finding, occurrence: u32) -> Option<Fingerprints<'_>> {
    let plain = finding.fingerprint.as_str();
    if plain.is_empty() {
        return None;
    }
    let numbered = || if occurrence > 1 { Cow::Owned(format!("{plain}:{occurrence}")) } else { plain.into() };
    Some(Fingerprints { line_hash: numbered(), v1: finding.legacy_fingerprint.as_deref(), v2: numbered() })
}

fn suppression(by: SuppressedBy) -> Suppression {
    let (kind, justification) = match by {
        SuppressedBy::Inline => ("inSource", "a comment in the source"),
        SuppressedBy::Config => ("external", "ignored_rules of the configuration"),
        SuppressedBy::Baseline => ("external", "an entry of the baseline"),
    };
    Suppression { kind, status: "accepted", justification }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding() -> Finding {
        Finding::new("s", ScanType::Code, Severity::High, "Title")
    }

    #[test]
    fn messages_are_never_empty() {
        let mut f = finding();
        assert_eq!(message(&f), "Title");
        f.description = "Two words".into();
        assert_eq!(message(&f), "Title: Two words");
        f.description = "See [here](http://x) now".into();
        assert_eq!(message(&f), "See [here] (http://x) now");
        (f.title, f.description) = (" ".into(), "\n".into());
        assert_eq!(message(&f), "No description.");
    }

    #[test]
    fn regions_are_well_formed() {
        let mut f = finding();
        (f.line, f.column, f.end_line, f.end_column) = (Some(5), Some(3), Some(4), Some(2));
        let r = region(&f).unwrap();
        assert_eq!((r.start_line, r.start_column, r.end_line, r.end_column), (5, Some(3), None, None));
        (f.end_line, f.end_column) = (Some(6), Some(1));
        assert_eq!(region(&f).unwrap().end_column, Some(1));
        f.line = Some(0);
        assert!(region(&f).is_none());
    }

    #[test]
    fn repeats_are_numbered() {
        let mut f = finding();
        f.fingerprint = "ab".into();
        let mut known = f.clone();
        known.occurrence = 3;
        assert_eq!(occurrences(&[&f, &f, &known, &f]), [1, 2, 3, 4]);
        assert_eq!(fingerprints(&f, 1).unwrap().line_hash, "ab");
        assert_eq!(fingerprints(&f, 2).unwrap().v2, "ab:2");
    }
}
