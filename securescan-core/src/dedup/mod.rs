//! Deduplication: one finding for one thing, whoever reports it.
//!
//! Two findings merge only when they say the same: the same scanner reporting one result twice, or two scanners agreeing on place and
//! subject (`keys`). Who keeps the finding is a table (`authority`); everyone else is kept in `also_reported_by` with the fingerprint
//! their finding had, so that baselines and verdicts match by any of them. Nothing distinct is ever merged.

mod authority;
mod copies;
mod groups;
mod keys;

use crate::model::{Finding, Reporter};
use std::mem::take;

/// Merges findings that say the same. Shapes: any order in, canonical order out; idempotent; the result does not depend on the
/// order in. Linear in the findings and their keys.
pub fn deduplicate(findings: Vec<Finding>) -> Vec<Finding> {
    let mut findings = copies::dropped(findings);
    if findings.iter().any(|f| findings.first().is_some_and(|first| f.scanner != first.scanner)) {
        let groups = groups::of(&findings);
        if !groups.is_empty() {
            // What an owner learned may make it a copy of another finding of its scanner.
            findings = copies::dropped(merged(findings, groups));
        }
    }
    crate::order::sort(&mut findings);
    findings
}

fn merged(findings: Vec<Finding>, groups: Vec<Vec<usize>>) -> Vec<Finding> {
    let mut slots: Vec<Option<Finding>> = findings.into_iter().map(Some).collect();
    for group in groups {
        let mut members = group.iter().filter_map(|index| slots.get_mut(*index).and_then(Option::take));
        let Some(mut owner) = members.next() else { continue };
        for other in members {
            absorb(&mut owner, other);
        }
        for list in [&mut owner.vulnerability_ids, &mut owner.references] {
            list.sort();
            list.dedup();
        }
        owner.metadata.also_reported_by.sort();
        owner.metadata.also_reported_by.dedup();
        if let Some(slot) = group.first().and_then(|index| slots.get_mut(*index)) {
            *slot = Some(owner);
        }
    }
    slots.into_iter().flatten().collect()
}

/// The owner learns what the other knew: identity, advisories, references, and a higher severity is never lost. Lists are left
/// unsorted.
fn absorb(owner: &mut Finding, mut other: Finding) {
    owner.severity = owner.severity.max(other.severity);
    owner.confidence = owner.confidence.max(other.confidence);
    if owner.cwe.is_none() && other.cwe.is_some() {
        learn_cwe(owner, &other);
    }
    if owner.column.is_none() && other.column.is_some() {
        (owner.column, owner.end_line, owner.end_column) = (other.column, other.end_line, other.end_column);
    } else if owner.column.is_none() {
        owner.end_line = owner.end_line.or(other.end_line);
    }
    for (text, theirs) in
        [(&mut owner.description, take(&mut other.description)), (&mut owner.remediation, take(&mut other.remediation))]
    {
        if text.is_empty() {
            *text = theirs;
        }
    }
    owner.vulnerability_ids.append(&mut other.vulnerability_ids);
    owner.references.append(&mut other.references);
    if let (Some(mine), Some(theirs)) = (owner.package.as_deref_mut(), other.package) {
        mine.version = mine.version.take().or(theirs.version);
        mine.fixed_version = mine.fixed_version.take().or(theirs.fixed_version);
        mine.purl = mine.purl.take().or(theirs.purl);
    }
    let reporters = &mut owner.metadata.also_reported_by;
    reporters.push(Reporter { scanner: other.scanner, rule_id: other.rule_id, fingerprint: other.fingerprint, reason: None });
    reporters.append(&mut other.metadata.also_reported_by);
}

/// Takes the other's CWE, unless that made the owner about something that neither was about.
fn learn_cwe(owner: &mut Finding, other: &Finding) {
    let mut known = keys::subjects(owner);
    known.extend(keys::subjects(other));
    owner.cwe.clone_from(&other.cwe);
    if keys::subjects(owner).iter().any(|subject| !known.contains(subject)) {
        owner.cwe = None;
    }
}

#[cfg(test)]
mod tests;
