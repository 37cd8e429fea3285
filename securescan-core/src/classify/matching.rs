//! Pairs findings of two sides: by fingerprint, each at most once, the nearest lines first.

use crate::identity::legacy_empty_fingerprint;
use crate::model::Finding;
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Who belongs to whom.
#[derive(Debug)]
pub(super) struct Pairs {
    base_of_head: Vec<Option<usize>>,
    base_paired: Vec<bool>,
}

/// Where a finding stands: whether it is suppressed, its line, its index.
type Place = (bool, u32, usize);

/// The findings of both sides that have one fingerprint.
#[derive(Default)]
struct Group {
    base: Vec<usize>,
    head: Vec<usize>,
}

type Keys<'a> = Vec<Cow<'a, str>>;

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
    /// Python version would have written for head, with the line as context and with none.
    pub(super) fn of(base: &[Finding], head: &[Finding], legacy: bool) -> Self {
        let mut pairs = Self { base_of_head: vec![None; head.len()], base_paired: vec![false; base.len()] };
        pairs.round(base, head, own, own);
        pairs.round(base, head, any, any);
        if legacy {
            pairs.round(base, head, own, |f| f.legacy_fingerprint.as_deref().map(Cow::Borrowed).into_iter().collect());
            pairs.round(base, head, own, |f| vec![Cow::Owned(legacy_empty_fingerprint(f))]);
        }
        pairs
    }

    fn round<'a>(
        &mut self,
        base: &'a [Finding],
        head: &'a [Finding],
        base_keys: fn(&'a Finding) -> Keys<'a>,
        head_keys: fn(&'a Finding) -> Keys<'a>,
    ) {
        let mut numbers: FxHashMap<Cow<'a, str>, usize> = FxHashMap::default();
        let mut groups: Vec<Group> = Vec::new();
        for (index, finding) in base.iter().enumerate().filter(|(i, _)| !self.is_base_paired(*i)) {
            for key in base_keys(finding).into_iter().filter(|k| !k.is_empty()) {
                let number = *numbers.entry(key).or_insert(groups.len());
                if number == groups.len() {
                    groups.push(Group::default());
                }
                groups.get_mut(number).into_iter().for_each(|g| g.base.push(index));
            }
        }
        if groups.is_empty() {
            return;
        }
        for (index, finding) in head.iter().enumerate().filter(|(i, _)| self.base_of(*i).is_none()) {
            for key in head_keys(finding) {
                if let Some(group) = numbers.get(&key).and_then(|n| groups.get_mut(*n)) {
                    group.head.push(index);
                }
            }
        }
        for group in groups.iter().filter(|g| !g.head.is_empty()) {
            self.pair_up(group, base, head);
        }
    }

    /// The shorter side chooses: findings on the very line first, then the nearest, so that a copy that was added (or taken away) is
    /// the one left over. Equal suppression goes before nearness.
    fn pair_up(&mut self, group: &Group, base: &[Finding], head: &[Finding]) {
        let place = |findings: &[Finding], index: usize| -> Place {
            findings.get(index).map_or((false, 0, index), |f| (f.is_suppressed(), f.line.unwrap_or(0), index))
        };
        let bases: Vec<Place> = group.base.iter().filter(|i| !self.is_base_paired(**i)).map(|i| place(base, *i)).collect();
        let heads: Vec<Place> = group.head.iter().filter(|i| self.base_of(**i).is_none()).map(|i| place(head, *i)).collect();
        let base_is_shorter = bases.len() <= heads.len();
        let (mut shorter, longer) = if base_is_shorter { (bases, heads) } else { (heads, bases) };
        shorter.sort_unstable();
        let mut free: BTreeSet<Place> = longer.into_iter().collect();
        for exact in [true, false] {
            shorter.retain(|chooser| {
                let Some(partner) = nearest(&free, *chooser, exact) else { return true };
                free.remove(&partner);
                let (base, head) = if base_is_shorter { (chooser.2, partner.2) } else { (partner.2, chooser.2) };
                if let (Some(slot), Some(paired)) = (self.base_of_head.get_mut(head), self.base_paired.get_mut(base)) {
                    *slot = Some(base);
                    *paired = true;
                }
                false
            });
        }
    }
}

fn own(finding: &Finding) -> Keys<'_> {
    vec![Cow::Borrowed(finding.fingerprint.as_str())]
}

fn any(finding: &Finding) -> Keys<'_> {
    finding.fingerprints().map(Cow::Borrowed).collect()
}

/// The free place nearest to another's line; of two equally near the one above. With `exact`, only the very line and the same
/// suppression.
fn nearest(free: &BTreeSet<Place>, (suppressed, line, _): Place, exact: bool) -> Option<Place> {
    let states: &[bool] = if exact { &[suppressed] } else { &[suppressed, !suppressed] };
    states.iter().find_map(|state| {
        let at_or_after = free.range((*state, line, 0)..=(*state, u32::MAX, usize::MAX)).next().copied();
        if exact {
            return at_or_after.filter(|place| place.1 == line);
        }
        let before = free.range((*state, 0, 0)..(*state, line, 0)).next_back().copied();
        match (before, at_or_after) {
            (Some(b), Some(a)) => Some(if line - b.1 <= a.1 - line { b } else { a }),
            (b, a) => a.or(b),
        }
    })
}
