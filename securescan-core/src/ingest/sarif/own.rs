//! What our own writer adds, read back: the same findings come out as went in, as far as SARIF had room for them.

use super::wire::{Location, Rule};
use crate::ingest::fields::Fields;
use crate::ingest::words;
use crate::model::{Confidence, Endpoint, Finding, ScanType, Severity, SuppressedBy};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Restores a finding from the properties and fingerprints of our own result.
pub(super) fn restore(finding: &mut Finding, bag: &mut Fields, kept: &mut Fields, place: Option<&Location>, rule: Option<&Rule>) {
    finding.scanner = bag.text("scanner").unwrap_or_else(|| std::mem::take(&mut finding.scanner));
    finding.scan_type = word::<ScanType>(bag, "scan_type").unwrap_or(finding.scan_type);
    finding.severity = word::<Severity>(bag, "severity").unwrap_or(finding.severity);
    finding.confidence = word::<Confidence>(bag, "confidence");
    finding.metadata.original_severity = word::<Severity>(bag, "original_severity");
    finding.metadata.suppressed_by = word::<SuppressedBy>(bag, "suppressed_by");
    finding.vulnerability_ids = bag.texts("vulnerability_ids");
    fingerprints(finding, kept);
    if let Some(rule) = rule {
        texts(finding, rule);
    }
    for logical in place.iter().flat_map(|place| &place.logical) {
        let Some(name) = logical.full.as_deref() else { continue };
        match logical.kind.as_deref() {
            Some("package") => finding.package = words::package_of_purl(name).map(Box::new),
            Some("endpoint") => finding.metadata.endpoint = Some(Box::new(endpoint(name))),
            _ => {}
        }
    }
    // Said by the model itself now.
    for name in ["logical_locations", "suppressions", "cwes"] {
        kept.named(name);
    }
    finding.ignored_in_source = false;
}

/// Takes a word of ours.
fn word<T: DeserializeOwned>(bag: &mut Fields, name: &str) -> Option<T> {
    bag.value(name).and_then(|value| serde_json::from_value(value).ok())
}

/// `<fingerprint>` is a first occurrence, `<fingerprint>:<n>` the n-th.
fn fingerprints(finding: &mut Finding, kept: &mut Fields) {
    let mut all = kept.object("partialFingerprints");
    let hex = |text: &str| text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let text = |value: Option<Value>| value.and_then(|v| v.as_str().map(str::to_owned));
    if let Some(numbered) = text(all.named("securescan/v2")) {
        let (plain, occurrence) = numbered.split_once(':').map_or((numbered.as_str(), Some(1)), |(p, n)| (p, n.parse().ok()));
        if let (true, Some(occurrence)) = (hex(plain), occurrence) {
            finding.fingerprint = plain.to_owned();
            finding.occurrence = occurrence;
        }
    }
    finding.legacy_fingerprint = text(all.named("securescan/v1")).filter(|v1| hex(v1));
    all.named("primaryLocationLineHash");
    let rest = all.rest();
    if !rest.is_empty() {
        kept.keep("partialFingerprints", rest);
    }
}

/// Title, description and references as they were before the writer shaped them for viewers.
fn texts(finding: &mut Finding, rule: &Rule) {
    let short = rule.short.text.clone().unwrap_or_default();
    if !short.is_empty() && rule.id.as_deref() != Some(&short) {
        finding.title = short;
    }
    if finding.description == finding.title || finding.description == "No description." {
        finding.description.clear();
    } else if let Some(rest) = finding.description.strip_prefix(&format!("{}: ", finding.title))
        && rest.split_whitespace().count() < 3
    {
        finding.description = rest.to_owned();
    }
    let made = finding.title.to_lowercase().replace(' ', "-").chars().take(50).collect::<String>();
    if finding.rule_id.as_deref() == Some(&format!("{}/{made}", finding.scanner)) {
        finding.rule_id = None;
    }
    let links = rule.help.markdown.as_deref().unwrap_or_default().lines();
    let links = links.filter_map(|line| line.strip_prefix("- <")?.strip_suffix('>').map(str::to_owned));
    finding.references.extend(words::urls(links));
}

/// `GET host:80/path`, `host:22/tcp`.
fn endpoint(name: &str) -> Endpoint {
    let (method, rest) = match name.split_once(' ') {
        Some((method, rest)) if method.bytes().all(|b| b.is_ascii_uppercase()) => (Some(method.to_owned()), rest),
        _ => (None, name),
    };
    let (authority, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() => (host, port.parse().ok()),
        _ => (authority, None),
    };
    let protocol = ["/tcp", "/udp", "/sctp"].iter().find_map(|end| path.strip_suffix(end).map(|before| (before, end)));
    let (path, protocol) = protocol.map_or((path, None), |(before, end)| (before, Some(end.trim_start_matches('/').to_owned())));
    let set = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Endpoint { method, host: set(host), port, protocol, path: set(path), ..Endpoint::default() }
}
