//! Pairs findings of two sides: by fingerprint, each at most once, the nearest lines first.

use crate::identity::legacy_empty_fingerprint;
use crate::model::Finding;
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// What pairing looks at.
pub(super) trait Item {
    /// Whether it is suppressed.
    fn suppressed(&self) -> bool;
    /// Its first line, 0 when it has none.
    fn place(&self) -> u32;
    /// Its own fingerprint; empty when it has none.
    fn own(&self) -> &[u8];
    /// Its own fingerprint and those of its reporters, none of them empty.
    fn any(&self) -> impl Iterator<Item = &[u8]>;
}

impl Item for Finding {
    fn suppressed(&self) -> bool {
        self.is_suppressed()
    }

    fn place(&self) -> u32 {
        self.line.unwrap_or(0)
    }

    fn own(&self) -> &[u8] {
        self.fingerprint.as_bytes()
    }

    fn any(&self) -> impl Iterator<Item = &[u8]> {
        self.fingerprints().map(str::as_bytes)
    }
}

/// Who belongs to whom.
#[derive(Debug)]
pub(super) struct Pairs {
    base_of_head: Vec<Option<usize>>,
    base_paired: Vec<bool>,
}

/// Where a finding stands: whether it is suppressed, its line, its index.
type Place = (bool, u32, usize);

/// The findings of both sides that have one fingerprint: the newest entry of a chain in [`Groups::links`] for each.
#[derive(Clone, Copy)]
struct Group {
    base: usize,
    head: usize,
}

/// The end of a chain.
const END: usize = usize::MAX;

/// All groups of a round. Most hold one finding of each side, so members are chained in one list rather than each in its own.
#[derive(Default)]
struct Groups<'a> {
    numbers: FxHashMap<Cow<'a, [u8]>, usize>,
    groups: Vec<Group>,
    links: Vec<(usize, usize)>,
}

impl<'a> Groups<'a> {
    fn with_room(count: usize) -> Self {
        let mut numbers = FxHashMap::default();
        numbers.reserve(count);
        Self { numbers, groups: Vec::with_capacity(count), links: Vec::with_capacity(2 * count) }
    }

    fn add_base(&mut self, key: Cow<'a, [u8]>, index: usize) {
        if key.is_empty() {
            return;
        }
        let number = *self.numbers.entry(key).or_insert(self.groups.len());
        if number == self.groups.len() {
            self.groups.push(Group { base: END, head: END });
        }
        if let Some(group) = self.groups.get_mut(number) {
            self.links.push((index, group.base));
            group.base = self.links.len() - 1;
        }
    }

    fn add_head(&mut self, key: &[u8], index: usize) {
        if let Some(group) = self.numbers.get(key).and_then(|n| self.groups.get_mut(*n)) {
            self.links.push((index, group.head));
            group.head = self.links.len() - 1;
        }
    }

    fn chain(&self, start: usize) -> impl Iterator<Item = usize> {
        let mut at = start;
        std::iter::from_fn(move || {
            let (index, next) = *self.links.get(at)?;
            at = next;
            Some(index)
        })
    }
}

/// Names the keys of an item to a listener.
type Keys<'a, T> = fn(&'a T, &mut dyn FnMut(Cow<'a, [u8]>));

impl Pairs {
    /// The base partner of a head finding.
    pub(super) fn base_of(&self, head: usize) -> Option<usize> {
        self.base_of_head.get(head).copied().flatten()
    }

    /// Whether a base finding has a partner.
    pub(super) fn is_base_paired(&self, base: usize) -> bool {
        self.base_paired.get(base).copied().unwrap_or(false)
    }

    /// Pairs two sides. Two rounds, the second over what the first left: own fingerprints; any reporter's.
    pub(super) fn of<T: Item>(base: &[T], head: &[T]) -> Self {
        let mut pairs = Self { base_of_head: vec![None; head.len()], base_paired: vec![false; base.len()] };
        pairs.round(base, head, own, own);
        pairs.round(base, head, any, any);
        pairs
    }

    /// [`Pairs::of`], and two more rounds by what the Python version would have written for head, with the line as context and with
    /// none.
    pub(super) fn with_legacy(base: &[Finding], head: &[Finding]) -> Self {
        let mut pairs = Self::of(base, head);
        pairs.round(base, head, own, |f, add| {
            f.legacy_fingerprint.as_deref().into_iter().for_each(|key| add(Cow::Borrowed(key.as_bytes())));
        });
        pairs.round(base, head, own, |f, add| add(Cow::Owned(legacy_empty_fingerprint(f).into_bytes())));
        pairs
    }

    fn round<'a, T: Item>(&mut self, base: &'a [T], head: &'a [T], base_keys: Keys<'a, T>, head_keys: Keys<'a, T>) {
        let free = self.base_paired.iter().filter(|paired| !**paired).count();
        if free == 0 {
            return;
        }
        let mut all = Groups::with_room(free);
        for (index, item) in base.iter().enumerate().filter(|(i, _)| !self.is_base_paired(*i)) {
            base_keys(item, &mut |key| all.add_base(key, index));
        }
        for (index, item) in head.iter().enumerate().filter(|(i, _)| self.base_of(*i).is_none()) {
            head_keys(item, &mut |key| all.add_head(&key, index));
        }
        for group in all.groups.iter().filter(|g| g.head != END) {
            let bases: Vec<Place> = all.chain(group.base).filter(|i| !self.is_base_paired(*i)).map(|i| place(base, i)).collect();
            let heads: Vec<Place> =
                all.chain(group.head).filter(|i| self.base_of(*i).is_none()).map(|i| place(head, i)).collect();
            self.pair_up(bases, heads);
        }
    }

    fn pair(&mut self, base: usize, head: usize) {
        if let (Some(slot), Some(paired)) = (self.base_of_head.get_mut(head), self.base_paired.get_mut(base)) {
            *slot = Some(base);
            *paired = true;
        }
    }

    /// The shorter side chooses: findings on the very line first, then the nearest, so that a copy that was added (or taken away) is
    /// the one left over. Equal suppression goes before nearness.
    fn pair_up(&mut self, bases: Vec<Place>, heads: Vec<Place>) {
        if let ([base], [head]) = (bases.as_slice(), heads.as_slice()) {
            self.pair(base.2, head.2);
            return;
        }
        let base_is_shorter = bases.len() <= heads.len();
        let (mut shorter, longer) = if base_is_shorter { (bases, heads) } else { (heads, bases) };
        shorter.sort_unstable();
        let mut free: BTreeSet<Place> = longer.into_iter().collect();
        for exact in [true, false] {
            shorter.retain(|chooser| {
                let Some(partner) = nearest(&free, *chooser, exact) else { return true };
                free.remove(&partner);
                let (base, head) = if base_is_shorter { (chooser.2, partner.2) } else { (partner.2, chooser.2) };
                self.pair(base, head);
                false
            });
        }
    }
}

fn place<T: Item>(items: &[T], index: usize) -> Place {
    items.get(index).map_or((false, 0, index), |item| (item.suppressed(), item.place(), index))
}

fn own<'a, T: Item>(item: &'a T, add: &mut dyn FnMut(Cow<'a, [u8]>)) {
    add(Cow::Borrowed(item.own()));
}

fn any<'a, T: Item>(item: &'a T, add: &mut dyn FnMut(Cow<'a, [u8]>)) {
    item.any().for_each(|key| add(Cow::Borrowed(key)));
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
