//! What one scanner reports twice: the same rule, place, subject and text.

use super::authority::precedence;
use crate::model::{Endpoint, Finding, Package};
use rustc_hash::{FxBuildHasher, FxHashMap};
use serde_json::{Map, Value};
use std::hash::BuildHasher;

/// Everything by which one scanner's results differ. Copies that differ in what the tool said about them (a commit, an installation
/// path) are two results.
#[derive(PartialEq, Eq, Hash)]
struct Said<'a> {
    scanner: &'a str,
    rule: Option<&'a str>,
    fingerprint: &'a str,
    file: Option<&'a str>,
    place: [Option<u32>; 4],
    texts: [&'a str; 2],
    package: Option<&'a Package>,
    endpoint: Option<&'a Endpoint>,
    vulnerability_ids: &'a [String],
    metadata: [&'a Map<String, Value>; 2],
}

fn said(finding: &Finding) -> Said<'_> {
    Said {
        scanner: &finding.scanner,
        rule: finding.rule_id.as_deref(),
        fingerprint: &finding.fingerprint,
        file: finding.file_path.as_deref(),
        place: [finding.line, finding.column, finding.end_line, finding.end_column],
        texts: [&finding.title, &finding.description],
        package: finding.package.as_deref(),
        endpoint: finding.metadata.endpoint.as_deref(),
        vulnerability_ids: &finding.vulnerability_ids,
        metadata: [&finding.metadata.tool, &finding.metadata.extra],
    }
}

/// Keeps one of each, the one that speaks first, with the reporters of all.
pub(super) fn dropped(findings: Vec<Finding>) -> Vec<Finding> {
    // The map holds hashes, not what was said: that would be as large as the findings.
    let mut first_of: FxHashMap<u64, usize> = FxHashMap::default();
    first_of.reserve(findings.len());
    let firsts: Vec<usize> =
        findings.iter().enumerate().map(|(index, f)| first(&mut first_of, &findings, index, &said(f))).collect();
    if firsts.iter().enumerate().all(|(index, first)| index == *first) {
        return findings;
    }
    let mut kept: Vec<Option<Finding>> = Vec::with_capacity(findings.len());
    let mut grown: Vec<usize> = Vec::new();
    for (finding, first) in findings.into_iter().zip(firsts) {
        match kept.get_mut(first).and_then(Option::as_mut) {
            Some(other) => {
                if absorb_copy(other, finding) {
                    grown.push(first);
                }
                kept.push(None);
            }
            None => kept.push(Some(finding)),
        }
    }
    for index in grown {
        if let Some(finding) = kept.get_mut(index).and_then(Option::as_mut) {
            super::once_each(&mut finding.metadata.also_reported_by);
        }
    }
    kept.into_iter().flatten().collect()
}

/// The index of the first finding that said this, itself when it is the first.
fn first(first_of: &mut FxHashMap<u64, usize>, findings: &[Finding], index: usize, said_here: &Said<'_>) -> usize {
    let mut hash = FxBuildHasher.hash_one(said_here);
    loop {
        let other = *first_of.entry(hash).or_insert(index);
        if other == index || findings.get(other).is_some_and(|f| said(f) == *said_here) {
            return other;
        }
        hash = hash.wrapping_add(1);
    }
}

/// Whether reporters were added, unsorted.
fn absorb_copy(kept: &mut Finding, mut copy: Finding) -> bool {
    if precedence(&copy, kept).is_lt() {
        std::mem::swap(kept, &mut copy);
    }
    let added = copy.metadata.also_reported_by;
    let grows = !added.is_empty() && added != kept.metadata.also_reported_by;
    if grows {
        kept.metadata.also_reported_by.extend(added);
    }
    grows
}
