//! Findings of one thing that tools put on different lines: a tool that gives the whole block meets one that gives a line in it, as far
//! as the table of classes says.

use super::classes::{Scope, table};
use super::groups::{Board, SubjectId};
use super::lanes::{MAX_MISFITS, opened};
use super::places::{self, Places};
use super::subjects::Subject;
use rustc_hash::FxHashMap;

/// The candidates of one file that are about one subject, by line; those without a line first, as line 0.
#[derive(Default)]
struct Column<'a> {
    slots: Vec<(u32, usize)>,
    /// For a scanner, for each slot the next at or after it whose group the scanner is not in.
    open: FxHashMap<&'a str, Vec<usize>>,
}

/// Joins groups whose members stand within each other's reach.
pub(super) fn join<'a>(board: &mut Board<'a>, places: &Places<'a>) {
    if places.files.is_empty() {
        return;
    }
    let mut by_subject = sorted(board, places);
    for at in 0..board.candidates.len() {
        let Some(candidate) = board.candidates.get(at) else { break };
        let Some(file) = places::file(candidate.finding).filter(|file| places.files.contains(file)) else { continue };
        for subject in candidate.subjects.clone() {
            let Some(window) = board.window(at, subject) else { continue };
            if let Some(column) = by_subject.get_mut(&(file, subject)) {
                board.join_within(at, subject, window, column);
            }
        }
    }
}

fn sorted<'a>(board: &Board<'a>, places: &Places<'a>) -> FxHashMap<(&'a str, SubjectId), Column<'a>> {
    let mut out: FxHashMap<(&str, SubjectId), Column<'_>> = FxHashMap::default();
    for (at, candidate) in board.candidates.iter().enumerate() {
        let Some(file) = places::file(candidate.finding).filter(|file| places.files.contains(file)) else { continue };
        for subject in &candidate.subjects {
            out.entry((file, *subject)).or_default().slots.push((candidate.finding.line.unwrap_or(0), at));
        }
    }
    for column in out.values_mut() {
        column.slots.sort_unstable();
    }
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

    /// Takes into a candidate's group what fits within its window.
    fn join_within(&mut self, at: usize, subject: SubjectId, (first, last): (u32, u32), column: &mut Column<'a>) {
        let Some(scanner) = self.candidates.get(at).map(|c| c.finding.scanner.as_str()) else { return };
        let Column { slots, open } = column;
        let open = open.entry(scanner).or_insert_with(|| (0..slots.len()).collect());
        let mut slot = opened(open, slots.partition_point(|(line, _)| *line < first));
        let mut misfits = 0;
        while let Some((line, other)) = slots.get(slot).copied().filter(|(line, _)| *line <= last) {
            let joined = self.join_groups(at, other, subject, line);
            // Groups only grow: one that the scanner is in stays so.
            if self.speaks(scanner, other) {
                open.get_mut(slot).into_iter().for_each(|next| *next = slot + 1);
            } else if !joined {
                misfits += 1;
            }
            if misfits > MAX_MISFITS {
                return;
            }
            slot = opened(open, slot + 1);
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
        let (few, many) = if mine.scanners.len() < theirs.scanners.len() { (mine, theirs) } else { (theirs, mine) };
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
        kept.scanners.extend(gone.scanners);
        kept.subjects.retain(|subject| gone.subjects.contains(subject));
        kept.value = kept.value.or(gone.value);
        true
    }
}
