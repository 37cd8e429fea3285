//! Baseline matching: counted, so that one entry stands for one finding and a second copy of a known problem is new.

use super::Notice;
use crate::baseline::Baseline;
use crate::model::Finding;
use crate::{identity, order};
use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashMap};

/// One way a finding may be known: hands each fingerprint to look for to the visitor.
type Prints = fn(&Finding, &mut dyn FnMut(&str));

/// For each finding whether an entry of the baseline stands for it.
///
/// Entries are used up in rounds, each over the findings still unmatched: own fingerprint, a merged reporter's
/// fingerprint, v1 with its line, v1 without. Within one fingerprint the nearest lines meet first.
pub(super) fn known(findings: &[Finding], baseline: &Baseline, audit: &mut Vec<Notice>) -> Vec<bool> {
    let mut out = vec![false; findings.len()];
    let mut left = Left::new(baseline);
    let rounds: [Prints; 4] = [own, reporters, with_line, without_line];
    for prints in rounds {
        if left.count > 0 {
            round(findings, &mut left, &mut out, prints);
        }
    }
    if left.count > 0 {
        let (total, matches) = (baseline.len(), if left.count == 1 { "entry matches" } else { "entries match" });
        let rest = left.count;
        let message = format!("{rest} of {total} baseline {matches} no finding; write the baseline anew to drop what is fixed");
        audit.push(Notice { file: None, line: None, message });
    }
    out
}

/// The entries not yet used: by fingerprint the number of its group, by group the lines.
struct Left<'b> {
    groups: HashMap<&'b str, u32>,
    lines: Vec<Vec<u32>>,
    count: usize,
}

impl<'b> Left<'b> {
    fn new(baseline: &'b Baseline) -> Self {
        let mut out = Self { groups: HashMap::with_capacity(baseline.len()), lines: Vec::new(), count: baseline.len() };
        for entry in baseline.entries() {
            let next = u32::try_from(out.lines.len()).unwrap_or(u32::MAX);
            let group = *out.groups.entry(entry.fingerprint.as_str()).or_insert(next);
            if group == next {
                out.lines.push(Vec::new());
            }
            if let Some(lines) = out.lines.get_mut(group as usize) {
                lines.push(entry.line_start.unwrap_or(0));
            }
        }
        out
    }

    /// The group of a fingerprint, if it has entries left.
    fn group(&self, print: &str) -> Option<u32> {
        self.groups.get(print).copied().filter(|group| self.lines.get(*group as usize).is_some_and(|lines| !lines.is_empty()))
    }
}

fn own(finding: &Finding, visit: &mut dyn FnMut(&str)) {
    visit(&finding.fingerprint);
}

fn reporters(finding: &Finding, visit: &mut dyn FnMut(&str)) {
    finding.metadata.also_reported_by.iter().for_each(|reporter| visit(&reporter.fingerprint));
}

fn with_line(finding: &Finding, visit: &mut dyn FnMut(&str)) {
    finding.legacy_fingerprint.iter().for_each(|print| visit(print));
}

fn without_line(finding: &Finding, visit: &mut dyn FnMut(&str)) {
    visit(&identity::legacy_empty_fingerprint(finding));
}

/// Matches the findings that are still unmatched by some of their fingerprints.
fn round(findings: &[Finding], left: &mut Left<'_>, out: &mut [bool], prints: Prints) {
    let mut wanted: Vec<(u32, usize)> = Vec::new();
    for (index, finding) in findings.iter().enumerate().filter(|(index, _)| out.get(*index) == Some(&false)) {
        prints(finding, &mut |print| wanted.extend(left.group(print).map(|group| (group, index))));
    }
    wanted.sort_unstable();
    // A finding may name one fingerprint twice (two reporters with the same one).
    wanted.dedup();
    for group in wanted.chunk_by(|a, b| a.0 == b.0) {
        let Some(lines) = group.first().and_then(|(number, _)| left.lines.get_mut(*number as usize)) else { continue };
        let mut members: Vec<usize> = group.iter().map(|(_, index)| *index).collect();
        members.retain(|index| out.get(*index) == Some(&false));
        // Only where the entries are too few does it matter who comes first.
        if members.len() > lines.len() {
            members.sort_by(|a, b| canonical(findings.get(*a), findings.get(*b)));
        }
        let at: Vec<u32> = members.iter().map(|index| findings.get(*index).and_then(|f| f.line).unwrap_or(0)).collect();
        let (taken, unused) = nearest(&at, lines);
        for member in taken.iter().filter_map(|index| members.get(*index)) {
            if let Some(slot) = out.get_mut(*member) {
                *slot = true;
            }
        }
        left.count -= lines.len() - unused.len();
        *lines = unused;
    }
}

/// Canonical order, extended until only findings that are alike in every way that matters here are equal.
fn canonical(a: Option<&Finding>, b: Option<&Finding>) -> Ordering {
    let (Some(a), Some(b)) = (a, b) else { return Ordering::Equal };
    order::compare(a, b)
        .then_with(|| a.legacy_fingerprint.cmp(&b.legacy_fingerprint))
        .then_with(|| a.metadata.also_reported_by.cmp(&b.metadata.also_reported_by))
}

/// Pairs findings (given by their lines, in canonical order) with entries (by theirs), the closest pair first, until one
/// side is used up. Returns the indices of the paired findings and the lines of the entries left over.
///
/// Shapes: the closest pair of two kinds of points on a line is always a pair of neighbours, so a heap of neighbouring
/// pairs in a linked list is enough: O(n log n), also for a hundred thousand equal fingerprints.
fn nearest(findings: &[u32], entries: &[u32]) -> (Vec<usize>, Vec<u32>) {
    if entries.len() >= findings.len() && findings.len() <= 1 && entries.len() <= 1 {
        return ((0..findings.len()).collect(), if findings.is_empty() { entries.to_vec() } else { Vec::new() });
    }
    let mut points: Vec<(u32, bool, usize)> = entries.iter().enumerate().map(|(i, line)| (*line, false, i)).collect();
    points.extend(findings.iter().enumerate().map(|(i, line)| (*line, true, i)));
    points.sort_unstable();
    let mut list = Neighbours::new(&points);
    let mut paired = Vec::new();
    let mut open = vec![true; entries.len()];
    while let Some((a, b)) = list.closest() {
        for (_, is_finding, index) in [a, b].iter().filter_map(|at| points.get(*at)) {
            if *is_finding {
                paired.push(*index);
            } else if let Some(slot) = open.get_mut(*index) {
                *slot = false;
            }
        }
    }
    let unused = entries.iter().zip(&open).filter(|(_, open)| **open).map(|(line, _)| *line).collect();
    (first_of_their_line(findings, &paired), unused)
}

/// Of findings on one line with one fingerprint, the first in canonical order are the paired ones.
fn first_of_their_line(findings: &[u32], paired: &[usize]) -> Vec<usize> {
    let mut quota: HashMap<u32, usize> = HashMap::new();
    for line in paired.iter().filter_map(|index| findings.get(*index)) {
        *quota.entry(*line).or_default() += 1;
    }
    let mut out = Vec::with_capacity(paired.len());
    for (index, line) in findings.iter().enumerate() {
        if let Some(count) = quota.get_mut(line).filter(|count| **count > 0) {
            *count -= 1;
            out.push(index);
        }
    }
    out
}

/// Sorted points of two kinds as a linked list, with a heap of the neighbouring pairs of different kinds.
struct Neighbours<'p> {
    points: &'p [(u32, bool, usize)],
    before: Vec<Option<usize>>,
    after: Vec<Option<usize>>,
    gone: Vec<bool>,
    pairs: BinaryHeap<Reverse<(u32, usize, usize)>>,
}

impl<'p> Neighbours<'p> {
    fn new(points: &'p [(u32, bool, usize)]) -> Self {
        let len = points.len();
        let mut out = Self {
            points,
            before: (0..len).map(|i| i.checked_sub(1)).collect(),
            after: (0..len).map(|i| Some(i + 1).filter(|next| *next < len)).collect(),
            gone: vec![false; len],
            pairs: BinaryHeap::with_capacity(len),
        };
        for next in 1..len {
            out.offer(next - 1, next);
        }
        out
    }

    fn offer(&mut self, a: usize, b: usize) {
        if let (Some(left), Some(right)) = (self.points.get(a), self.points.get(b))
            && left.1 != right.1
        {
            self.pairs.push(Reverse((right.0.abs_diff(left.0), a, b)));
        }
    }

    /// Takes the closest pair out of the list; its outer neighbours become neighbours.
    fn closest(&mut self) -> Option<(usize, usize)> {
        while let Some(Reverse((_, a, b))) = self.pairs.pop() {
            let is_gone = |at: usize| self.gone.get(at) != Some(&false);
            if is_gone(a) || is_gone(b) {
                continue;
            }
            let (left, right) = (self.before.get(a).copied().flatten(), self.after.get(b).copied().flatten());
            for at in [a, b] {
                if let Some(slot) = self.gone.get_mut(at) {
                    *slot = true;
                }
            }
            if let Some(slot) = left.and_then(|at| self.after.get_mut(at)) {
                *slot = right;
            }
            if let Some(slot) = right.and_then(|at| self.before.get_mut(at)) {
                *slot = left;
            }
            if let (Some(left), Some(right)) = (left, right) {
                self.offer(left, right);
            }
            return Some((a, b));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_line_wins() {
        assert_eq!(nearest(&[10, 20, 30], &[21]), (vec![1], vec![]));
        assert_eq!(nearest(&[10, 20, 30], &[21, 29]), (vec![1, 2], vec![]));
        assert_eq!(nearest(&[5, 5, 5], &[9, 1]), (vec![0, 1], vec![]));
        assert_eq!(nearest(&[10], &[3, 11, 40]), (vec![0], vec![3, 40]));
        assert_eq!(nearest(&[], &[3]), (vec![], vec![3]));
        assert_eq!(nearest(&[3], &[]), (vec![], vec![]));
    }

    #[test]
    fn many_equal_fingerprints_stay_cheap() {
        let findings: Vec<u32> = (0..100_000).collect();
        let entries: Vec<u32> = (0..50_000).map(|line| line * 7 % 100_000).collect();
        let (paired, unused) = nearest(&findings, &entries);
        assert_eq!((paired.len(), unused.len()), (50_000, 0));
    }
}
