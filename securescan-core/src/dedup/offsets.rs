//! Findings of one thing that tools put on different lines: a tool that gives the whole block meets one that gives a line in it, as far
//! as the table of classes says.

use super::classes::{Scope, table};
use super::groups::{Board, SubjectId};
use super::lanes::{MAX_MISFITS, opened};
use super::places::{self, Places};
use super::subjects::Subject;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// How many scanners of one subject in one file are asked for what a finding may meet. There are not that many scanners.
const MAX_SCANNERS: usize = 256;

/// One scanner's candidates of one file that are about one subject, by line; those without a line first, as line 0.
#[derive(Default)]
struct Row<'a> {
    slots: Vec<(u32, usize)>,
    /// For another scanner, for each slot the next at or after it whose group that scanner is not in.
    open: FxHashMap<&'a str, Vec<usize>>,
}

/// All scanners' candidates of one file that are about one subject.
type Rows<'a> = BTreeMap<&'a str, Row<'a>>;

/// Joins groups whose members stand within each other's reach.
pub(super) fn join<'a>(board: &mut Board<'a>, places: &Places<'a>) {
    if places.files.is_empty() {
        return;
    }
    let mut by_subject = sorted(board, places);
    for at in 0..board.candidates.len() {
        let Some(candidate) = board.candidates.get(at) else { break };
        if !places::may_reach(candidate.finding) {
            continue;
        }
        let Some(file) = places::file(candidate.finding).filter(|file| places.files.contains(file)) else { continue };
        for subject in candidate.subjects.clone() {
            let Some(window) = board.window(at, subject) else { continue };
            if let Some(rows) = by_subject.get_mut(&(file, subject)) {
                board.join_within(at, subject, window, rows);
            }
        }
    }
}

fn sorted<'a>(board: &Board<'a>, places: &Places<'a>) -> FxHashMap<(&'a str, SubjectId), Rows<'a>> {
    let mut out: FxHashMap<(&str, SubjectId), Rows<'_>> = FxHashMap::default();
    for (at, candidate) in board.candidates.iter().enumerate() {
        let Some(file) = places::file(candidate.finding).filter(|file| places.files.contains(file)) else { continue };
        for subject in &candidate.subjects {
            let row = out.entry((file, *subject)).or_default().entry(candidate.finding.scanner.as_str()).or_default();
            row.slots.push((candidate.finding.line.unwrap_or(0), at));
        }
    }
    out.values_mut().flat_map(BTreeMap::values_mut).for_each(|row| row.slots.sort_unstable());
    out
}

impl<'a> Board<'a> {
    /// Where a candidate may meet others that are about this subject.
    fn window(&self, at: usize, subject: SubjectId) -> Option<(u32, u32)> {
        let candidate = self.candidates.get(at)?;
        let scope = match self.subjects.get(subject)? {
            Subject::Class(id) => table().row(*id)?.scope,
            _ => Scope::Line,
        };
        places::window(candidate.finding, candidate.class, scope)
    }

    /// Takes into a candidate's group, of each scanner that does not speak in it yet, the first finding that fits within its window.
    fn join_within(&mut self, at: usize, subject: SubjectId, (first, last): (u32, u32), rows: &mut Rows<'a>) {
        let Some(scanner) = self.candidates.get(at).map(|c| c.finding.scanner.as_str()) else { return };
        for (theirs, Row { slots, open }) in rows.iter_mut().take(MAX_SCANNERS) {
            if self.speaks(theirs, at) {
                continue;
            }
            let open = open.entry(scanner).or_insert_with(|| (0..slots.len()).collect());
            let mut slot = opened(open, slots.partition_point(|(line, _)| *line < first));
            let mut misfits = 0;
            while let Some((line, other)) = slots.get(slot).copied().filter(|(line, _)| *line <= last) {
                if self.join_groups(at, other, subject, line) {
                    break;
                }
                // Groups only grow: one that the scanner is in stays so.
                if self.speaks(scanner, other) {
                    open.get_mut(slot).into_iter().for_each(|next| *next = slot + 1);
                } else {
                    misfits += 1;
                }
                if misfits > MAX_MISFITS {
                    break;
                }
                slot = opened(open, slot + 1);
            }
        }
    }

    fn speaks(&self, scanner: &str, at: usize) -> bool {
        self.group_of.get(at).and_then(|group| self.making.get(*group)).is_some_and(|making| making.scanners.contains(scanner))
    }

    /// Joins the groups of two candidates when they share the subject and nobody speaks in both.
    fn join_groups(&mut self, at: usize, other: usize, subject: SubjectId, line: u32) -> bool {
        let (Some(&a), Some(&b)) = (self.group_of.get(at), self.group_of.get(other)) else { return false };
        let (Some(mine), Some(theirs)) = (self.making.get(a), self.making.get(b)) else { return false };
        let one_line = self.candidates.get(at).is_some_and(|c| c.finding.line == Some(line));
        let about = mine.subjects.contains(&subject) && theirs.subjects.contains(&subject);
        let other_value = matches!((mine.value, theirs.value), (Some(a), Some(b)) if a != b);
        let (few, many) = if mine.scanners.iter().len() < theirs.scanners.iter().len() { (mine, theirs) } else { (theirs, mine) };
        // What stands on one line was looked at before, with its columns.
        if a == b || one_line || !about || other_value || few.scanners.iter().any(|name| many.scanners.contains(name)) {
            return false;
        }
        let (into, from) = if mine.members.len() < theirs.members.len() { (b, a) } else { (a, b) };
        let Some(gone) = self.making.get_mut(from).map(std::mem::take) else { return false };
        for member in &gone.members {
            self.group_of.get_mut(*member).into_iter().for_each(|group| *group = into);
        }
        let Some(kept) = self.making.get_mut(into) else { return false };
        kept.members.extend(gone.members);
        gone.scanners.iter().for_each(|name| kept.scanners.insert(name));
        kept.subjects.retain(|subject| gone.subjects.contains(subject));
        kept.value = kept.value.or(gone.value);
        true
    }
}
