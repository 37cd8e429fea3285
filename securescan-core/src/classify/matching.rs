//! Pairs findings of two sides: by fingerprint, each at most once, the nearest lines first.

use crate::identity::legacy_empty_fingerprint;
use crate::model::Finding;
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Who belongs to whom.
#[derive(Debug)]
pub(super) struct Pairs {
    base_of_head: Vec<Option<usize>>,
    base_paired: Vec<bool>,
}

impl Pairs {
    /// The base partner of a head finding.
    pub(super) fn base_of(&self, head: usize) -> Option<usize> {
        self.base_of_head.get(head).copied().flatten()
    }

    /// Whether a base finding has a partner.
    pub(super) fn is_base_paired(&self, base: usize) -> bool {
        self.base_paired.get(base).copied().unwrap_or(false)
    }

    /// Pairs two sides. Rounds, each over what the ones before left: own fingerprints; any reporter's; and with `legacy`, what the
    /// Python version would have written, with the line as context and with none.
    pub(super) fn of(base: &[Finding], head: &[Finding], legacy: bool) -> Self {
        let mut pairs = Self { base_of_head: vec![None; head.len()], base_paired: vec![false; base.len()] };
        pairs.round(base, head, |f| vec![Cow::Borrowed(f.fingerprint.as_str())]);
        pairs.round(base, head, |f| f.fingerprints().map(Cow::Borrowed).collect());
        if legacy {
            pairs.legacy_round(base, head, |f| f.legacy_fingerprint.as_deref().map(Cow::Borrowed));
            pairs.legacy_round(base, head, |f| Some(Cow::Owned(legacy_empty_fingerprint(f))));
        }
        pairs
    }

    fn round<'a>(&mut self, base: &'a [Finding], head: &'a [Finding], keys: impl Fn(&'a Finding) -> Vec<Cow<'a, str>>) {
        let mut free = Free::default();
        for (index, finding) in base.iter().enumerate().filter(|(i, _)| !self.is_base_paired(*i)) {
            keys(finding).into_iter().filter(|k| !k.is_empty()).for_each(|key| free.add(key, finding, index));
        }
        self.take(&mut free, head, keys);
    }

    fn legacy_round<'a>(&mut self, base: &'a [Finding], head: &'a [Finding], key: impl Fn(&'a Finding) -> Option<Cow<'a, str>>) {
        let mut free = Free::default();
        for (index, finding) in base.iter().enumerate().filter(|(i, _)| !self.is_base_paired(*i)) {
            free.add(Cow::Borrowed(finding.fingerprint.as_str()), finding, index);
        }
        self.take(&mut free, head, |f| key(f).into_iter().collect());
    }

    /// Findings on the very line first, then the nearest, so that a copy that was added is the one without a partner.
    fn take<'a>(&mut self, free: &mut Free<'a>, head: &'a [Finding], keys: impl Fn(&'a Finding) -> Vec<Cow<'a, str>>) {
        for exact in [true, false] {
            for (index, finding) in head.iter().enumerate() {
                if self.base_of(index).is_some() {
                    continue;
                }
                let found = keys(finding).iter().find_map(|key| free.nearest(key, finding, exact, &self.base_paired));
                if let (Some(base), Some(slot)) = (found, self.base_of_head.get_mut(index)) {
                    *slot = Some(base);
                    if let Some(paired) = self.base_paired.get_mut(base) {
                        *paired = true;
                    }
                }
            }
        }
    }
}

/// Base findings without a partner, by fingerprint, then by suppression and line.
#[derive(Default)]
struct Free<'a>(FxHashMap<Cow<'a, str>, BTreeMap<(bool, u32, usize), ()>>);

impl<'a> Free<'a> {
    fn add(&mut self, key: Cow<'a, str>, finding: &Finding, index: usize) {
        self.0.entry(key).or_default().insert((finding.is_suppressed(), finding.line.unwrap_or(0), index), ());
    }

    /// The free one nearest to a finding's line, one with the same suppression before others. Takes it out.
    fn nearest(&mut self, key: &str, finding: &Finding, exact: bool, paired: &[bool]) -> Option<usize> {
        let list = self.0.get_mut(key)?;
        let line = finding.line.unwrap_or(0);
        let states: &[bool] = if exact { &[finding.is_suppressed()] } else { &[finding.is_suppressed(), !finding.is_suppressed()] };
        for state in states {
            loop {
                let after = list.range((*state, line, 0)..=(*state, u32::MAX, usize::MAX)).next().map(|(k, ())| *k);
                let before = list.range((*state, 0, 0)..(*state, line, 0)).next_back().map(|(k, ())| *k);
                let best = match (before, after) {
                    (Some(b), Some(a)) => Some(if line - b.1 < a.1 - line { b } else { a }),
                    (b, a) => a.or(b),
                };
                let Some(found) = best.filter(|k| !exact || k.1 == line) else { break };
                list.remove(&found);
                // Taken under another of its fingerprints: look for the next one.
                if !paired.get(found.2).copied().unwrap_or(true) {
                    return Some(found.2);
                }
            }
        }
        None
    }
}
