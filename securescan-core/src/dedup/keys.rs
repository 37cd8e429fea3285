//! When two findings say the same.

use super::authority::{Class, class};
use crate::identity::purl_name;
use crate::model::Finding;

/// A place and a subject. Findings of different scanners that share a key are about one thing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key<'a> {
    file: &'a str,
    line: u32,
    subject: String,
}

/// The file and line that every key of a finding has; line 0 for packages, which meet anywhere in a manifest.
pub(super) fn place(finding: &Finding) -> Option<(&str, u32)> {
    let file = finding.file_path.as_deref().unwrap_or_default();
    if class(finding) == Class::Dependency {
        return finding.package.as_ref().map(|_| (file, 0));
    }
    finding.line.filter(|_| !file.is_empty()).map(|line| (file, line))
}

/// The keys of a finding: what would have to be equal in another scanner's finding of the same thing. None when its place is
/// unknown: such findings are never merged across scanners.
pub(super) fn of(finding: &Finding) -> Vec<Key<'_>> {
    let Some((file, line)) = place(finding) else { return Vec::new() };
    let class = class(finding);
    if class == Class::Dependency {
        return package_keys(finding, file);
    }
    let mut subjects: Vec<String> = rule_names(finding).map(|rule| format!("rule {rule}")).collect();
    match (class, finding.cwe.as_deref()) {
        (Class::Secret, _) => subjects.push("secret".to_owned()),
        (Class::Code | Class::Container | Class::Iac, Some(cwe)) => subjects.push(format!("{class:?} {cwe}")),
        _ => {}
    }
    subjects.sort();
    subjects.dedup();
    subjects.into_iter().map(|subject| Key { file, line, subject }).collect()
}

/// What a finding is about, at its place.
pub(super) fn subjects(finding: &Finding) -> Vec<String> {
    of(finding).into_iter().map(|key| key.subject).collect()
}

/// One key for each advisory id of a package in a manifest: aliases meet in any of them.
fn package_keys<'a>(finding: &'a Finding, file: &'a str) -> Vec<Key<'a>> {
    let Some(package) = finding.package.as_deref() else { return Vec::new() };
    let ecosystem = package.ecosystem.to_ascii_lowercase();
    let name = format!("{ecosystem}/{}", purl_name(&ecosystem, &package.name));
    let rule = finding.rule_id.iter().filter(|rule| is_advisory(rule));
    let mut ids: Vec<String> = finding.vulnerability_ids.iter().chain(rule).map(|id| id.to_ascii_uppercase()).collect();
    ids.sort();
    ids.dedup();
    ids.into_iter().map(|id| Key { file, line: 0, subject: format!("{name} {id}") }).collect()
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
