//! Deduplication: one finding for one thing, whoever reports it.
//!
//! Two findings merge only when they say the same: the same scanner reporting one result twice, or two scanners agreeing on place and
//! subject ([`keys`]). Who keeps the finding is a table ([`authority`]); everyone else is kept in `also_reported_by` with the fingerprint
//! their finding had, so that baselines and verdicts match by any of them. Nothing distinct is ever merged.

mod authority;
mod keys;

use crate::model::{Finding, Reporter};
use rustc_hash::FxHashMap;
use std::cmp::Ordering;

/// Merges findings that say the same. Shapes: any order in; out in order of authority (sort afterwards); the result does not
/// depend on the order in. Linear in the findings and their keys.
pub fn deduplicate(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(precedence);
    let findings = without_copies(findings);
    if findings.iter().all(|f| findings.first().is_some_and(|first| f.scanner == first.scanner)) {
        return findings;
    }
    let mut kept: Vec<Finding> = Vec::with_capacity(findings.len());
    let mut owners: FxHashMap<keys::Key, Vec<usize>> = FxHashMap::default();
    for finding in findings {
        let keys = keys::of(&finding);
        let owner = keys
            .iter()
            .filter_map(|key| owners.get(key))
            .flatten()
            .copied()
            .find(|index| kept.get(*index).is_some_and(|owner| keys::may_absorb(owner, &finding)));
        match owner.and_then(|index| kept.get_mut(index)) {
            Some(owner) => absorb(owner, finding),
            None => {
                for key in keys {
                    let list = owners.entry(key).or_default();
                    // A place with very many findings of one subject is not searched without end.
                    if list.len() < 32 {
                        list.push(kept.len());
                    }
                }
                kept.push(finding);
            }
        }
    }
    kept
}

/// Who speaks first for a thing: authority, severity, confidence, then the canonical order.
fn precedence(a: &Finding, b: &Finding) -> Ordering {
    authority::rank(a)
        .cmp(&authority::rank(b))
        .then_with(|| b.severity.cmp(&a.severity))
        .then_with(|| b.confidence.cmp(&a.confidence))
        .then_with(|| crate::order::compare(a, b))
}

/// Drops what one scanner reports twice: the same rule, place, subject and text.
fn without_copies(findings: Vec<Finding>) -> Vec<Finding> {
    let mut buckets: FxHashMap<u64, Vec<usize>> = FxHashMap::default();
    let mut out: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings {
        let bucket = buckets.entry(keys::copy_hash(&finding)).or_default();
        if !bucket.iter().filter_map(|i| out.get(*i)).any(|other| keys::is_copy(other, &finding)) {
            if bucket.len() < 32 {
                bucket.push(out.len());
            }
            out.push(finding);
        }
    }
    out
}

/// The owner learns what the other knew: identity, advisories, references, and a higher severity is never lost.
fn absorb(owner: &mut Finding, other: Finding) {
    owner.severity = owner.severity.max(other.severity);
    owner.confidence = owner.confidence.max(other.confidence);
    owner.cwe = owner.cwe.take().or(other.cwe);
    owner.end_line = owner.end_line.or(other.end_line);
    if owner.column.is_none() {
        (owner.column, owner.end_column) = (other.column, other.end_column);
    }
    for (text, theirs) in [(&mut owner.description, other.description), (&mut owner.remediation, other.remediation)] {
        if text.is_empty() {
            *text = theirs;
        }
    }
    merge(&mut owner.vulnerability_ids, other.vulnerability_ids);
    merge(&mut owner.references, other.references);
    if let (Some(mine), Some(theirs)) = (owner.package.as_deref_mut(), other.package) {
        mine.version = mine.version.take().or(theirs.version);
        mine.fixed_version = mine.fixed_version.take().or(theirs.fixed_version);
        mine.purl = mine.purl.take().or(theirs.purl);
    }
    let reporters = &mut owner.metadata.also_reported_by;
    reporters.push(Reporter { scanner: other.scanner, rule_id: other.rule_id, fingerprint: other.fingerprint });
    reporters.extend(other.metadata.also_reported_by);
    reporters.sort();
    reporters.dedup();
}

fn merge(mine: &mut Vec<String>, theirs: Vec<String>) {
    if theirs.is_empty() {
        return;
    }
    mine.extend(theirs);
    mine.sort();
    mine.dedup();
}

#[cfg(test)]
mod tests;
