//! Deduplication: one finding for one thing, whoever reports it.
//!
//! Two findings merge only when they say the same: the same scanner reporting one result twice (`copies`), two scanners that agree on place
//! and subject (`groups`, with `offsets` for tools that count lines differently), or two that name one advisory of one package
//! (`advisories`). What a finding is about is told by a table of rule classes (`classes`, `subjects`). Another file, another line beyond a
//! tool's known offset, another package or version, another secret are never one. Who keeps the finding is a table (`authority`); everyone
//! else is kept in `also_reported_by` with the reason and with the fingerprint their finding had, so that baselines and verdicts match by
//! any of them.

mod advisories;
mod authority;
mod classes;
mod copies;
mod explain;
mod groups;
mod lanes;
mod offsets;
mod places;
mod subjects;

pub use explain::{RuleClass, classes_of, classes_of_rule, is_secret};

use crate::model::{Finding, Reporter};
use authority::Class;
use groups::{Group, Why};
use std::mem::take;
use subjects::Subject;

/// Merges findings that say the same. Shapes: any order in, canonical order out; idempotent; the result does not depend on the
/// order in. Linear in the findings and their keys.
pub fn deduplicate(findings: Vec<Finding>) -> Vec<Finding> {
    let mut findings = copies::dropped(findings);
    if findings.iter().any(|f| findings.first().is_some_and(|first| f.scanner != first.scanner)) {
        let mut groups = groups::of(&findings);
        groups.append(&mut advisories::groups(&findings));
        if !groups.is_empty() {
            // What an owner learned may make it a copy of another finding of its scanner.
            findings = copies::dropped(merged(findings, groups));
        }
    }
    crate::order::sort(&mut findings);
    findings
}

fn merged(findings: Vec<Finding>, groups: Vec<Group>) -> Vec<Finding> {
    let mut slots: Vec<Option<Finding>> = findings.into_iter().map(Some).collect();
    for group in groups {
        let mut members = group.members.iter().filter_map(|index| slots.get_mut(*index).and_then(Option::take));
        let Some(mut owner) = members.next() else { continue };
        for other in members {
            let reason = match &group.why {
                Why::Shared(reason) => reason.clone(),
                Why::Advisory => advisories::reason(&owner, &other),
            };
            absorb(&mut owner, other, reason);
        }
        for list in [&mut owner.vulnerability_ids, &mut owner.references] {
            list.sort();
            list.dedup();
        }
        once_each(&mut owner.metadata.also_reported_by);
        if let Some(slot) = group.members.first().and_then(|index| slots.get_mut(*index)) {
            *slot = Some(owner);
        }
    }
    slots.into_iter().flatten().collect()
}

/// The owner learns what the other knew: identity, advisories, references, and a higher severity is never lost. Lists are left
/// unsorted.
fn absorb(owner: &mut Finding, mut other: Finding, reason: Option<String>) {
    owner.severity = owner.severity.max(other.severity);
    owner.confidence = owner.confidence.max(other.confidence);
    if owner.cwe.is_none() && other.cwe.is_some() {
        learn_cwe(owner, &other);
    }
    learn_place(owner, &other);
    owner.secret = owner.secret.take().or_else(|| other.secret.take());
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
    reporters.push(Reporter { scanner: other.scanner, rule_id: other.rule_id, fingerprint: other.fingerprint, reason });
    reporters.append(&mut other.metadata.also_reported_by);
}

/// Takes the other's line when the owner has none, and its columns and end when both stand on one line. An owner whose range says on which
/// lines it may meet others keeps its own.
fn learn_place(owner: &mut Finding, other: &Finding) {
    if owner.line.is_none() && other.line.is_some() {
        (owner.line, owner.column) = (other.line, other.column);
    } else if owner.line != other.line {
        return;
    }
    let class = authority::class(owner);
    let reaches = class != Class::Secret && classes::table().span(class, &owner.scanner).is_some();
    let learns = groups::columns(owner).is_none() && groups::columns(other).is_some();
    if learns {
        owner.column = other.column;
    }
    if learns && !reaches {
        (owner.end_line, owner.end_column) = (other.end_line, other.end_column);
    } else if owner.column.is_none() && !reaches {
        owner.end_line = owner.end_line.or(other.end_line);
    }
}

/// Takes the other's CWE, unless that made the owner about something that neither was about.
fn learn_cwe(owner: &mut Finding, other: &Finding) {
    let about = |finding: &Finding| -> Vec<Subject<'static>> {
        subjects::unbound(finding, authority::class(finding)).into_iter().map(Subject::into_owned).collect()
    };
    let mut known = about(owner);
    known.extend(about(other));
    owner.cwe.clone_from(&other.cwe);
    if about(owner).iter().any(|subject| !known.contains(subject)) {
        owner.cwe = None;
    }
}

/// Sorts reporters and keeps one entry of each, one with a reason where there is one.
fn once_each(reporters: &mut Vec<Reporter>) {
    reporters.sort_by(|a, b| {
        let said = |r: &Reporter| r.reason.is_none();
        (&a.scanner, &a.rule_id, &a.fingerprint, said(a), &a.reason).cmp(&(
            &b.scanner,
            &b.rule_id,
            &b.fingerprint,
            said(b),
            &b.reason,
        ))
    });
    reporters.dedup_by(|a, b| (&a.scanner, &a.rule_id, &a.fingerprint) == (&b.scanner, &b.rule_id, &b.fingerprint));
}

#[cfg(test)]
mod class_tests;
#[cfg(test)]
mod pair_tests;
#[cfg(test)]
mod tests;
