//! Which advisories of several scanners are one: one manifest, one package, one chain of ids.
//!
//! A CVE, a GHSA and a PYSEC number meet wherever a report names two of them, within one package of one manifest. Two installed versions of
//! a package (an npm tree has them) are two findings; a report that names no version goes with the first that does. Another manifest is
//! another finding, also when one tool names it by a shorter path: the same file name in two folders is common, and merging across
//! folders would hide one of the two.

use super::authority::{is_dependency, precedence};
use super::groups::{Group, Why, scanners};
use super::lanes::{Fit, Lane};
use crate::identity::purl_name;
use crate::model::{Finding, Package};
use rustc_hash::{FxHashMap, FxHashSet};
use std::borrow::Cow;

/// How ids of advisories begin, beside those that the reports list as such.
const ADVISORIES: &[&str] =
    &["CVE-", "GHSA-", "PYSEC-", "RUSTSEC-", "OSV-", "GO-", "SNYK-", "MAL-", "GMS-", "SFTY-", "PVE-", "EUVD-"];

/// The package URL type for other names of an ecosystem.
const ECOSYSTEMS: &[(&str, &str)] = &[
    ("crates.io", "cargo"),
    ("go", "golang"),
    ("gomod", "golang"),
    ("nodejs", "npm"),
    ("packagist", "composer"),
    ("pip", "pypi"),
    ("python", "pypi"),
    ("rubygems", "gem"),
    ("rust", "cargo"),
];

/// The groups of more than one, first the one that keeps the finding.
pub(super) fn groups(findings: &[Finding]) -> Vec<Group> {
    let concerned = concerned(findings);
    let mut links = Links((0..findings.len()).collect());
    let mut first_with: FxHashMap<(&str, &str, String), usize> = FxHashMap::default();
    for (index, finding, name) in &concerned {
        for id in ids(finding) {
            let first = *first_with.entry((manifest(finding), name, id)).or_insert(*index);
            links.join(first, *index);
        }
    }
    let mut parts: FxHashMap<usize, usize> = FxHashMap::default();
    let mut members: Vec<Vec<usize>> = Vec::new();
    for (index, ..) in &concerned {
        let part = *parts.entry(links.root(*index)).or_insert_with(|| {
            members.push(Vec::new());
            members.len() - 1
        });
        members.get_mut(part).into_iter().for_each(|list| list.push(*index));
    }
    members
        .iter()
        .filter(|list| list.len() > 1)
        .flat_map(|list| split(findings, list))
        .filter(|group| group.members.len() > 1)
        .collect()
}

/// The ids that a finding goes by, upper case, sorted, unique.
pub(super) fn ids(finding: &Finding) -> Vec<String> {
    let rule = finding.rule_id.iter().filter(|rule| is_advisory(rule));
    let mut ids: Vec<String> = finding.vulnerability_ids.iter().chain(rule).map(|id| id.trim().to_ascii_uppercase()).collect();
    ids.sort();
    ids.dedup();
    ids
}

/// Why another report is this one: an id that both name, else one of the other's.
pub(super) fn reason(owner: &Finding, other: &Finding) -> Option<String> {
    let (mine, theirs) = (ids(owner), ids(other));
    let common = theirs.iter().find(|id| mine.binary_search(id).is_ok());
    common.or(theirs.first()).map(|id| format!("advisory {id}"))
}

fn manifest(finding: &Finding) -> &str {
    finding.file_path.as_deref().unwrap_or_default()
}

fn is_advisory(rule: &str) -> bool {
    ADVISORIES.iter().any(|p| rule.get(..p.len()).is_some_and(|r| r.eq_ignore_ascii_case(p)))
}

/// Findings of manifests in which more than one scanner reports, with their package's name as all would write it.
fn concerned(findings: &[Finding]) -> Vec<(usize, &Finding, String)> {
    let of_packages = || findings.iter().enumerate().filter(|(_, f)| is_dependency(f));
    let mut first: FxHashMap<&str, &str> = FxHashMap::default();
    let mut shared: FxHashSet<&str> = FxHashSet::default();
    for (_, finding) in of_packages() {
        if *first.entry(manifest(finding)).or_insert(&finding.scanner) != finding.scanner {
            shared.insert(manifest(finding));
        }
    }
    if shared.is_empty() {
        return Vec::new();
    }
    let named = |(index, f): (usize, _)| {
        let f: &Finding = f;
        Some((index, f, name(f.package.as_deref()?)))
    };
    of_packages().filter(|(_, f)| shared.contains(manifest(f))).filter_map(named).collect()
}

fn name(package: &Package) -> String {
    let ecosystem = package.ecosystem.to_ascii_lowercase();
    let ecosystem = ECOSYSTEMS.iter().find(|(other, _)| *other == ecosystem).map_or(ecosystem.as_str(), |(_, purl)| purl);
    format!("{ecosystem}/{}", purl_name(ecosystem, &package.name))
}

/// An installed version as all would write it: Go's have a `v` that some tools leave out.
fn version(finding: &Finding) -> Option<Cow<'_, str>> {
    let version = finding.package.as_deref()?.version.as_deref()?.trim();
    let bare = version.strip_prefix('v').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    Some(Cow::Borrowed(bare.unwrap_or(version))).filter(|v| !v.is_empty())
}

/// Splits a chain into groups of one version with one finding of a scanner. Who knows no version comes last and fits any.
fn split(findings: &[Finding], members: &[usize]) -> Vec<Group> {
    let mut order: Vec<(usize, &Finding)> = members.iter().filter_map(|i| Some((*i, findings.get(*i)?))).collect();
    order.sort_by(|(_, a), (_, b)| version(a).is_none().cmp(&version(b).is_none()).then_with(|| precedence(a, b)));
    let mut made: Vec<(Vec<(usize, &Finding)>, FxHashSet<&str>)> = Vec::new();
    let mut lanes: FxHashMap<Option<Cow<'_, str>>, Lane<'_>> = FxHashMap::default();
    for (index, finding) in order {
        let version = version(finding);
        let found = lanes.entry(version.clone()).or_default().first(&finding.scanner, |group| match made.get(group) {
            Some((_, speak)) if speak.contains(finding.scanner.as_str()) => Fit::Taken,
            Some((_, speak)) if scanners(finding).any(|name| speak.contains(name)) => Fit::No,
            _ => Fit::Yes,
        });
        let group = found.unwrap_or_else(|| {
            made.push(Default::default());
            // The lane of no version holds all groups.
            for lane in [version.clone(), None].iter().take(1 + usize::from(version.is_some())) {
                lanes.entry(lane.clone()).or_default().push(made.len() - 1);
            }
            made.len() - 1
        });
        if let Some((members, speak)) = made.get_mut(group) {
            members.push((index, finding));
            speak.extend(scanners(finding));
        }
    }
    let done = made.into_iter().map(|(mut members, _)| {
        members.sort_by(|(_, a), (_, b)| precedence(a, b));
        Group { members: members.into_iter().map(|(index, _)| index).collect(), why: Why::Advisory }
    });
    done.collect()
}

/// A forest of indexes; linked ones have one root.
struct Links(Vec<usize>);

impl Links {
    fn root(&mut self, mut index: usize) -> usize {
        while let Some(parent) = self.0.get(index).copied().filter(|parent| *parent != index) {
            let grandparent = self.0.get(parent).copied().unwrap_or(parent);
            if let Some(slot) = self.0.get_mut(index) {
                *slot = grandparent;
            }
            index = grandparent;
        }
        index
    }

    /// The lower index is the root of both.
    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        if let Some(slot) = self.0.get_mut(a.max(b)) {
            *slot = a.min(b);
        }
    }
}
