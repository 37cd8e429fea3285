//! Searching many groups for the first that fits, without looking at each of them for each finding.

use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// How many groups that do not fit for a reason of this one finding (somebody who was merged into it before speaks there already; another
/// secret's columns or value) are passed before the search ends. Groups that the scanner is in already, or that are about something else by
/// now, are skipped for good and never count: this bounds hostile input only, since it takes more than so many secrets that overlap each
/// other on one line, or so many repeats of one thing on one line in documents that were merged before.
pub(super) const MAX_MISFITS: usize = 256;

/// Whether a group takes a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    Yes,
    /// Not this finding.
    No,
    /// No finding of its scanner, ever.
    Taken,
    /// Nothing more by this lane, ever.
    Closed,
}

/// Groups in the order in which they were made.
#[derive(Debug, Default)]
pub(super) struct Lane<'a> {
    groups: Vec<usize>,
    /// For each place the next at or after it that is not closed.
    open: Vec<usize>,
    /// Before this place every group is taken or closed for the scanner.
    next: FxHashMap<&'a str, usize>,
}

impl<'a> Lane<'a> {
    pub(super) fn push(&mut self, group: usize) {
        self.open.push(self.groups.len());
        self.groups.push(group);
    }

    /// The first group that fits.
    pub(super) fn first(&mut self, scanner: &'a str, mut fit: impl FnMut(usize) -> Fit) -> Option<usize> {
        let mut at = opened(&mut self.open, self.next.get(scanner).copied().unwrap_or(0));
        let (mut misfits, mut found) = (0, None);
        while let Some(group) = self.groups.get(at).copied() {
            match fit(group) {
                Fit::Yes => {
                    found = Some(group);
                    break;
                }
                Fit::Closed => {
                    if let Some(slot) = self.open.get_mut(at) {
                        *slot = at + 1;
                    }
                }
                Fit::Taken if misfits == 0 => drop(self.next.insert(scanner, at + 1)),
                Fit::Taken | Fit::No => misfits += 1,
            }
            if misfits > MAX_MISFITS {
                break;
            }
            at = opened(&mut self.open, at + 1);
        }
        found
    }
}

/// The root of a forest in which each place points to itself or further on; one past the end ends it.
pub(super) fn opened(open: &mut [usize], mut at: usize) -> usize {
    while let Some(next) = open.get(at).copied().filter(|next| *next != at) {
        let further = open.get(next).copied().unwrap_or(next);
        if let Some(slot) = open.get_mut(at) {
            *slot = further;
        }
        at = further;
    }
    at
}

/// Groups by the columns they stand at, in classes of length: of those in one class, the ones that overlap lie close together.
#[derive(Debug, Default)]
pub(super) struct Columns(BTreeMap<u32, BTreeMap<(u32, usize), ()>>);

impl Columns {
    pub(super) fn push(&mut self, (start, end): (u32, u32), group: usize) {
        self.0.entry(length_class(start, end)).or_default().insert((start, group), ());
    }

    /// The first that fits among those that may overlap, shortest first.
    pub(super) fn first(&self, (start, end): (u32, u32), mut fit: impl FnMut(usize) -> Fit) -> Option<usize> {
        let mut misfits = 0;
        for (class, groups) in &self.0 {
            // No group of the class is longer than this.
            let longest = u32::MAX.checked_shr(31 - class).unwrap_or(u32::MAX);
            let from = (start.saturating_sub(longest), 0);
            for ((_, group), ()) in groups.range(from..(end, 0)) {
                match fit(*group) {
                    Fit::Yes => return Some(*group),
                    _ => misfits += 1,
                }
                if misfits > MAX_MISFITS {
                    return None;
                }
            }
        }
        None
    }
}

fn length_class(start: u32, end: u32) -> u32 {
    end.saturating_sub(start).max(1).ilog2()
}
