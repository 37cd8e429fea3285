//! Which findings of several scanners are one thing.
//!
//! Findings that share a key are one subject, and so are those linked through others: advisories meet by their aliases. Within a
//! subject each group holds at most one finding of a scanner, since a scanner's own results are distinct by its own word.

use super::authority::{Class, class, precedence};
use super::keys::{self, Key};
use crate::model::Finding;
use rustc_hash::{FxHashMap, FxHashSet};

/// How many groups of one subject are looked through for a place. A line with very many findings of one subject is not searched
/// without end; groups that hold the scanner already do not count.
const MAX_CANDIDATES: usize = 64;

/// The groups of more than one, as indexes; the first of each keeps the finding, the others follow in order of precedence.
pub(super) fn of(findings: &[Finding]) -> Vec<Vec<usize>> {
    subjects(findings).iter().flat_map(|members| split(findings, members)).filter(|group| group.len() > 1).collect()
}

/// Findings linked by keys, more than one each.
fn subjects(findings: &[Finding]) -> Vec<Vec<usize>> {
    let mut links = Links((0..findings.len()).collect());
    let mut first_with: FxHashMap<Key<'_>, usize> = FxHashMap::default();
    let shared = shared_places(findings);
    for (index, finding) in findings.iter().enumerate().filter(|(_, f)| keys::place(f).is_some_and(|p| shared.contains(&p))) {
        for key in keys::of(finding) {
            let first = *first_with.entry(key).or_insert(index);
            if first != index {
                links.join(first, index);
            }
        }
    }
    let mut by_root: Vec<Vec<usize>> = vec![Vec::new(); findings.len()];
    for index in 0..findings.len() {
        let root = links.root(index);
        if let Some(list) = by_root.get_mut(root) {
            list.push(index);
        }
    }
    by_root.retain(|members| members.len() > 1);
    by_root
}

/// Places where more than one scanner reports. Nothing merges elsewhere, and most findings are elsewhere: their keys are never made.
fn shared_places(findings: &[Finding]) -> FxHashSet<(&str, u32)> {
    let mut first: FxHashMap<(&str, u32), &str> = FxHashMap::default();
    first.reserve(findings.len());
    let mut shared = FxHashSet::default();
    for finding in findings {
        let Some(place) = keys::place(finding) else { continue };
        if *first.entry(place).or_insert(&finding.scanner) != finding.scanner {
            shared.insert(place);
        }
    }
    shared
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

struct Group<'a> {
    members: Vec<usize>,
    scanners: FxHashSet<&'a str>,
    /// The finding whose version and columns the others have to fit.
    seed: &'a Finding,
}

/// Splits a subject into groups. Findings that know their version and columns go first: whoever does not fits any of them. What ends
/// in two groups would not fit into one later either, so that a second pass changes nothing.
fn split(findings: &[Finding], members: &[usize]) -> Vec<Vec<usize>> {
    let mut order: Vec<(usize, &Finding)> = members.iter().filter_map(|i| Some((*i, findings.get(*i)?))).collect();
    order.sort_by(|(_, a), (_, b)| vagueness(a).cmp(&vagueness(b)).then_with(|| precedence(a, b)));
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut next: FxHashMap<&str, usize> = FxHashMap::default();
    for (index, finding) in order {
        let start = next.entry(finding.scanner.as_str()).or_default();
        while groups.get(*start).is_some_and(|group| group.scanners.contains(finding.scanner.as_str())) {
            *start += 1;
        }
        let fitting = groups.iter_mut().skip(*start).take(MAX_CANDIDATES).find(|group| fits(group, finding));
        let group = match fitting {
            Some(group) => group,
            None => {
                groups.push(Group { members: Vec::new(), scanners: FxHashSet::default(), seed: finding });
                let Some(group) = groups.last_mut() else { continue };
                group
            }
        };
        group.members.push(index);
        group.scanners.extend(scanners(finding));
    }
    let mut groups: Vec<Vec<usize>> = groups.into_iter().map(|group| group.members).collect();
    for group in &mut groups {
        group.sort_by(|a, b| match (findings.get(*a), findings.get(*b)) {
            (Some(a), Some(b)) => precedence(a, b),
            _ => a.cmp(b),
        });
    }
    groups
}

/// What a finding leaves open: its package's version, its columns.
fn vagueness(finding: &Finding) -> (bool, bool) {
    (finding.package.as_deref().is_some_and(|package| package.version.is_none()), finding.column.is_none())
}

/// Who speaks in a finding: its scanner and everyone merged into it.
fn scanners(finding: &Finding) -> impl Iterator<Item = &str> {
    std::iter::once(finding.scanner.as_str()).chain(finding.metadata.also_reported_by.iter().map(|r| r.scanner.as_str()))
}

fn fits(group: &Group<'_>, finding: &Finding) -> bool {
    if scanners(finding).any(|name| group.scanners.contains(name)) {
        return false;
    }
    match (group.seed.package.as_deref(), finding.package.as_deref()) {
        (Some(a), Some(b)) => a.version.is_none() || b.version.is_none() || a.version == b.version,
        _ => overlap(group.seed, finding),
    }
}

/// Whether two secrets may be one, by their columns. Elsewhere two tools mark the same thing at different columns.
fn overlap(a: &Finding, b: &Finding) -> bool {
    let (Some(a_start), Some(b_start)) = (a.column, b.column) else { return true };
    if class(a) != Class::Secret && class(b) != Class::Secret {
        return true;
    }
    let end = |f: &Finding, start: u32| match f.end_line {
        Some(last) if Some(last) > f.line => u32::MAX,
        _ => f.end_column.unwrap_or_else(|| start.saturating_add(1)),
    };
    a_start < end(b, b_start) && b_start < end(a, a_start)
}
