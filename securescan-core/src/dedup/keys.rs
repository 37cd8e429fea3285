//! When two findings say the same.

use super::authority::{Class, class};
use crate::identity::purl_name;
use crate::model::Finding;
use rustc_hash::FxHasher;
use std::hash::{Hash, Hasher};

/// A place and a subject. Two findings of different scanners that share a key may be merged ([`may_absorb`]).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    file: String,
    line: u32,
    subject: String,
}

/// The keys of a finding: what would have to be equal in another scanner's finding of the same thing. None when its place is
/// unknown: such findings are never merged across scanners.
pub(super) fn of(finding: &Finding) -> Vec<Key> {
    let class = class(finding);
    let file = finding.file_path.clone().unwrap_or_default();
    if class == Class::Dependency {
        return package_keys(finding, &file);
    }
    let (Some(line), false) = (finding.line, file.is_empty()) else { return Vec::new() };
    let mut subjects: Vec<String> = rule_names(finding).map(|rule| format!("rule {rule}")).collect();
    match (class, finding.cwe.as_deref()) {
        (Class::Secret, _) => subjects.push("secret".to_owned()),
        (Class::Code | Class::Container | Class::Iac, Some(cwe)) => subjects.push(format!("{class:?} {cwe}")),
        _ => {}
    }
    subjects.sort();
    subjects.dedup();
    subjects.into_iter().map(|subject| Key { file: file.clone(), line, subject }).collect()
}

/// One key for each advisory id of a package in a manifest: aliases meet in any of them.
fn package_keys(finding: &Finding, file: &str) -> Vec<Key> {
    let Some(package) = finding.package.as_deref() else { return Vec::new() };
    let name = format!("{}/{}", package.ecosystem, purl_name(&package.ecosystem, &package.name));
    let rule = finding.rule_id.iter().filter(|rule| is_advisory(rule));
    let mut ids: Vec<String> = finding.vulnerability_ids.iter().chain(rule).map(|id| id.to_ascii_uppercase()).collect();
    ids.sort();
    ids.dedup();
    ids.into_iter().map(|id| Key { file: file.to_owned(), line: 0, subject: format!("{name} {id}") }).collect()
}

fn is_advisory(rule: &str) -> bool {
    ["CVE-", "GHSA-", "PYSEC-", "RUSTSEC-", "OSV-", "GO-", "SNYK-", "MAL-"]
        .iter()
        .any(|p| rule.get(..p.len()).is_some_and(|r| r.eq_ignore_ascii_case(p)))
}

/// A rule's name without its scanner, and its aliases: `dockerfile/last-user-root` with alias `DL3002` meets hadolint's `DL3002`.
fn rule_names(finding: &Finding) -> impl Iterator<Item = String> + '_ {
    let aliases = finding.metadata.extra.get("aliases").and_then(serde_json::Value::as_array);
    let aliases = aliases.into_iter().flatten().take(64).filter_map(|a| a.as_str().map(str::to_ascii_lowercase));
    finding.rule_id.iter().map(|rule| rule.to_ascii_lowercase()).chain(aliases)
}

/// Whether a finding that shares a key with an owner is the same thing: another scanner's, not one of two that the other scanner
/// itself tells apart, and at overlapping columns where both know theirs.
pub(super) fn may_absorb(owner: &Finding, other: &Finding) -> bool {
    if owner.scanner == other.scanner {
        return false;
    }
    let mut theirs = owner.metadata.also_reported_by.iter().filter(|r| r.scanner == other.scanner);
    if theirs.next().is_some() {
        return false;
    }
    if let (Some(a), Some(b)) = (owner.package.as_deref(), other.package.as_deref()) {
        return a.version.is_none() || b.version.is_none() || a.version == b.version;
    }
    overlap(owner, other)
}

fn overlap(a: &Finding, b: &Finding) -> bool {
    let (Some(a_start), Some(b_start)) = (a.column, b.column) else { return true };
    if class(a) != Class::Secret {
        return true;
    }
    let end = |f: &Finding, start: u32| {
        if f.end_line.is_some_and(|l| Some(l) > f.line) { u32::MAX } else { f.end_column.unwrap_or(start + 1) }
    };
    a_start < end(b, b_start) && b_start < end(a, a_start)
}

/// A hash over what makes one scanner's result a copy of another.
pub(super) fn copy_hash(finding: &Finding) -> u64 {
    let mut hasher = FxHasher::default();
    (&finding.scanner, &finding.rule_id, &finding.file_path, finding.line, finding.column, &finding.title, &finding.fingerprint)
        .hash(&mut hasher);
    hasher.finish()
}

/// Whether one scanner said the very same twice.
pub(super) fn is_copy(a: &Finding, b: &Finding) -> bool {
    a.scanner == b.scanner
        && a.rule_id == b.rule_id
        && a.file_path == b.file_path
        && (a.line, a.column, a.end_line, a.end_column) == (b.line, b.column, b.end_line, b.end_column)
        && a.title == b.title
        && a.description == b.description
        && a.fingerprint == b.fingerprint
        && a.package == b.package
        && a.metadata.endpoint == b.metadata.endpoint
        && a.vulnerability_ids == b.vulnerability_ids
        // Two copies that differ in what the tool said about them (a commit, an installation path) are two results.
        && a.metadata.tool == b.metadata.tool
        && a.metadata.extra == b.metadata.extra
}
