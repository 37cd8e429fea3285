//! Deduplication: one finding for one thing, whoever reports it.
//!
//! Two findings merge only when they say the same: the same scanner reporting one result twice, or two scanners agreeing on place and
//! subject ([`keys`]). Who keeps the finding is a table ([`authority`]); everyone else is kept in `also_reported_by` with the fingerprint
//! their finding had, so that baselines and verdicts match by any of them. Nothing distinct is ever merged.

mod authority;
mod keys;

use crate::model::{Finding, Reporter};
use rustc_hash::FxHashMap;

/// Merges findings that say the same. Shapes: any order in; out in order of authority (sort afterwards); the result does not
/// depend on the order in. Linear in the findings and their keys.
pub fn deduplicate(mut findings: Vec<Finding>) -> Vec<Finding> {
    crate::order::sort_with(&mut findings, precedence);
    let mut findings = without_copies(findings);
    if findings.iter().all(|f| findings.first().is_some_and(|first| f.scanner == first.scanner)) {
        return findings;
    }
    let keys = keys::all(&findings);
    let mut owners = Owners::with_room(2 * findings.len());
    // The findings before `kept` are the owners, those from `index` on are still to be looked at; between lies what was merged.
    let mut kept = 0;
    for (index, keys) in keys.iter().enumerate() {
        let (before, rest) = findings.split_at_mut(index);
        let (Some(finding), Some(known)) = (rest.first_mut(), before.get_mut(..kept)) else { break };
        match owners.find(keys, |owner| known.get(owner).is_some_and(|owner| keys::may_absorb(owner, finding))) {
            Some(owner) => {
                let empty = Finding::new("", finding.scan_type, finding.severity, "");
                let merged = std::mem::replace(finding, empty);
                if let Some(owner) = known.get_mut(owner) {
                    absorb(owner, merged);
                }
            }
            None => {
                owners.add(keys, kept);
                findings.swap(kept, index);
                kept += 1;
            }
        }
    }
    findings.truncate(kept);
    findings
}

/// Who speaks first for a thing: authority, severity, confidence, then the canonical order. Lower speaks first.
fn precedence(finding: &Finding) -> u32 {
    let severity = u32::from(u8::MAX - finding.severity.rank());
    let confidence = finding.confidence.map_or(0xff, |c| 0xfe - c as u32);
    u32::try_from(authority::rank(finding)).unwrap_or(0xffff).min(0xffff) << 16 | severity << 8 | confidence
}

/// A place with very many findings of one subject is not searched without end.
const MAX_LISTED: u32 = 32;

/// Numbers by key, in the order they came; at most [`MAX_LISTED`] for each. The lists are chained through one vector, since most hold one
/// number.
struct Owners {
    lists: FxHashMap<keys::Key, List>,
    links: Vec<(usize, Option<usize>)>,
}

struct List {
    first: usize,
    last: usize,
    length: u32,
}

impl Owners {
    fn with_room(count: usize) -> Self {
        let mut lists = FxHashMap::default();
        lists.reserve(count);
        Self { lists, links: Vec::with_capacity(count) }
    }

    fn add(&mut self, keys: &[keys::Key], number: usize) {
        for key in keys {
            let link = self.links.len();
            let list = self.lists.entry(*key).or_insert(List { first: link, last: link, length: 0 });
            if list.length == MAX_LISTED {
                continue;
            }
            if list.length > 0
                && let Some(last) = self.links.get_mut(list.last)
            {
                last.1 = Some(link);
            }
            self.links.push((number, None));
            (list.last, list.length) = (link, list.length + 1);
        }
    }

    /// The first number with one of the keys that fits.
    fn find(&self, keys: &[keys::Key], fits: impl Fn(usize) -> bool) -> Option<usize> {
        keys.iter().filter_map(|key| self.lists.get(key)).find_map(|list| {
            let mut at = Some(list.first);
            std::iter::from_fn(|| {
                let (number, next) = *self.links.get(at?)?;
                at = next;
                Some(number)
            })
            .find(|number| fits(*number))
        })
    }
}

/// Drops what one scanner reports twice: the same rule, place, subject and text.
fn without_copies(mut findings: Vec<Finding>) -> Vec<Finding> {
    let mut seen = Owners::with_room(findings.len());
    let fresh: Vec<bool> = findings
        .iter()
        .enumerate()
        .map(|(index, finding)| {
            let key = [keys::copy_key(finding)];
            let fits = |other: usize| findings.get(other).is_some_and(|other| keys::is_copy(other, finding));
            let fresh = seen.find(&key, fits).is_none();
            if fresh {
                seen.add(&key, index);
            }
            fresh
        })
        .collect();
    if fresh.contains(&false) {
        let mut fresh = fresh.into_iter();
        findings.retain(|_| fresh.next().unwrap_or(true));
    }
    findings
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
