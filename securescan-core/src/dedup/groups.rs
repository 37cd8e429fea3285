//! Which findings of several scanners are one thing.
//!
//! A group holds findings of one place that all share a subject, at most one of a scanner: a scanner's own results are distinct by its own
//! word. A chain in which the first and the last share no subject is therefore two groups. First come the findings that stand on one line,
//! then (`offsets`) those that a tool is known to put a few lines off.

use super::authority::{Class, class, precedence_of_equals, rank};
use super::lanes::{Columns, Fit, Lane};
use super::offsets;
use super::places::{self, Places};
use super::subjects::{self, Subject};
use crate::model::Finding;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Ordering;

/// Why the members of a group are one thing.
#[derive(Debug, Clone)]
pub(super) enum Why {
    /// Told of each member by the ids it has in common with the owner.
    Advisory,
    /// What all share.
    Shared(Option<String>),
}

/// More than one finding of one thing, as indexes; the first keeps the finding, the others follow in order of precedence.
#[derive(Debug)]
pub(super) struct Group {
    pub members: Vec<usize>,
    pub why: Why,
}

/// A subject by number.
pub(super) type SubjectId = usize;

/// A finding that may be merged.
pub(super) struct Candidate<'a> {
    pub index: usize,
    pub finding: &'a Finding,
    pub class: Class,
    rank: usize,
    /// In the order of reasons.
    pub subjects: Vec<SubjectId>,
    /// Where a secret stands in its line, when that is known.
    columns: Option<(u32, u32)>,
    /// Whether another scanner says the same at the very same column.
    meets: bool,
}

/// A group in the making.
#[derive(Default)]
pub(super) struct Making<'a> {
    pub members: Vec<usize>,
    pub scanners: FxHashSet<&'a str>,
    /// What all members share, in the order of reasons.
    pub subjects: Vec<SubjectId>,
    /// The columns of the first member, which others have to overlap when it is a secret.
    columns: Option<(u32, u32)>,
    /// The secret itself, where somebody knows it.
    pub value: Option<&'a str>,
}

/// Everything that is being grouped.
#[derive(Default)]
pub(super) struct Board<'a> {
    pub candidates: Vec<Candidate<'a>>,
    pub making: Vec<Making<'a>>,
    /// Each candidate's group.
    pub group_of: Vec<usize>,
    pub subjects: Vec<Subject<'a>>,
}

/// The groups of more than one.
pub(super) fn of(findings: &[Finding]) -> Vec<Group> {
    let places = places::of(findings);
    let mut board = Board::new(findings, &places);
    board.group_lines();
    offsets::join(&mut board, &places);
    board.done()
}

/// Who speaks in a finding: its scanner and everyone merged into it.
pub(super) fn scanners(finding: &Finding) -> impl Iterator<Item = &str> {
    std::iter::once(finding.scanner.as_str()).chain(finding.metadata.also_reported_by.iter().map(|r| r.scanner.as_str()))
}

/// The columns of a finding, half open. None when the tool gives none, or a range that holds nothing.
pub(super) fn columns(finding: &Finding) -> Option<(u32, u32)> {
    let start = finding.column?;
    let end = match finding.end_line {
        Some(last) if Some(last) > finding.line => u32::MAX,
        _ => finding.end_column.unwrap_or_else(|| start.saturating_add(1)),
    };
    (start < end).then_some((start, end))
}

impl<'a> Board<'a> {
    fn new(findings: &'a [Finding], places: &Places<'a>) -> Self {
        let mut out = Self::default();
        let mut known: FxHashMap<Subject<'a>, SubjectId> = FxHashMap::default();
        for (index, finding) in findings.iter().enumerate().filter(|(_, f)| places.concerns(f)) {
            let class = class(finding);
            let mut numbered = Vec::new();
            for subject in subjects::of(finding, class) {
                let next = out.subjects.len();
                let id = *known.entry(subject.clone()).or_insert(next);
                if id == next {
                    out.subjects.push(subject);
                }
                numbered.push(id);
            }
            let columns = if class == Class::Secret { columns(finding) } else { None };
            let rank = rank(finding, class);
            out.candidates.push(Candidate { index, finding, class, rank, subjects: numbered, columns, meets: false });
        }
        out.mark_meetings();
        out.candidates.sort_by(Candidate::order);
        out
    }

    /// Two evaluations on one line are two things: who stands at the same column is matched before who stands anywhere.
    fn mark_meetings(&mut self) {
        let mut first: FxHashMap<(&str, u32, u32, SubjectId), (&str, bool)> = FxHashMap::default();
        for candidate in self.candidates.iter().filter(|c| c.class != Class::Secret) {
            for (key, scanner) in candidate.columned() {
                let seen = first.entry(key).or_insert((scanner, false));
                seen.1 |= seen.0 != scanner;
            }
        }
        for candidate in self.candidates.iter_mut().filter(|c| c.class != Class::Secret) {
            let meets = candidate.columned().any(|(key, _)| first.get(&key).is_some_and(|(_, shared)| *shared));
            candidate.meets = meets;
        }
    }

    /// Groups what stands on one line, in the order of the candidates.
    fn group_lines(&mut self) {
        let mut lanes: FxHashMap<(&str, u32, SubjectId, Option<u32>), Lane<'a>> = FxHashMap::default();
        let mut secrets: FxHashMap<(&str, u32), Columns> = FxHashMap::default();
        for at in 0..self.candidates.len() {
            let Some(candidate) = self.candidates.get(at) else { break };
            let Some((file, line)) = places::line(candidate.finding) else {
                self.seed(at);
                continue;
            };
            let scanner = candidate.finding.scanner.as_str();
            let exact = candidate.subjects.iter().filter(|_| candidate.column().is_some()).map(|s| (*s, candidate.column()));
            let anywhere = candidate.subjects.iter().filter(|_| candidate.columns.is_none()).map(|s| (*s, None));
            let mut found = exact.chain(anywhere).find_map(|(subject, column)| {
                let lane = lanes.get_mut(&(file, line, subject, column))?;
                lane.first(scanner, |group| self.fit(group, candidate, Some(subject)))
            });
            if let (None, Some(columns), Some(known)) = (found, candidate.columns, secrets.get(&(file, line))) {
                found = known.first(columns, |group| self.fit(group, candidate, None));
            }
            if let Some(group) = found {
                self.add(group, at);
                continue;
            }
            let (columns, column, subjects) = (candidate.columns, candidate.column(), candidate.subjects.clone());
            let group = self.seed(at);
            if let Some(columns) = columns {
                secrets.entry((file, line)).or_default().push(columns, group);
            }
            for subject in subjects {
                lanes.entry((file, line, subject, None)).or_default().push(group);
                if column.is_some() {
                    lanes.entry((file, line, subject, column)).or_default().push(group);
                }
            }
        }
    }

    fn fit(&self, group: usize, candidate: &Candidate<'a>, subject: Option<SubjectId>) -> Fit {
        let Some(making) = self.making.get(group) else { return Fit::Closed };
        if subject.is_some_and(|subject| !making.subjects.contains(&subject)) {
            return Fit::Closed;
        }
        if making.scanners.contains(candidate.finding.scanner.as_str()) {
            return Fit::Taken;
        }
        let apart = matches!((making.columns, candidate.columns), (Some(a), Some(b)) if a.0 >= b.1 || b.0 >= a.1);
        let other_value = matches!((making.value, value(candidate.finding)), (Some(a), Some(b)) if a != b);
        if apart || other_value || scanners(candidate.finding).any(|name| making.scanners.contains(name)) {
            return Fit::No;
        }
        Fit::Yes
    }

    /// A group of one.
    fn seed(&mut self, at: usize) -> usize {
        let group = self.making.len();
        let (subjects, columns) = self.candidates.get(at).map(|c| (c.subjects.clone(), c.columns)).unwrap_or_default();
        self.making.push(Making { subjects, columns, ..Making::default() });
        self.add(group, at);
        group
    }

    fn add(&mut self, group: usize, at: usize) {
        let (Some(making), Some(candidate)) = (self.making.get_mut(group), self.candidates.get(at)) else { return };
        making.members.push(at);
        making.scanners.extend(scanners(candidate.finding));
        making.value = making.value.or(value(candidate.finding));
        making.subjects.retain(|subject| candidate.subjects.contains(subject));
        if self.group_of.len() <= at {
            self.group_of.resize(at + 1, usize::MAX);
        }
        self.group_of.get_mut(at).into_iter().for_each(|slot| *slot = group);
    }

    /// The groups of more than one, with their owners first and their reasons.
    fn done(self) -> Vec<Group> {
        let (candidates, subjects) = (&self.candidates, &self.subjects);
        let several = self.making.into_iter().filter(|making| making.members.len() > 1);
        let groups = several.map(|making| {
            let mut members: Vec<&Candidate<'_>> = making.members.iter().filter_map(|at| candidates.get(*at)).collect();
            members.sort_by(|a, b| a.precedence(b));
            let shared: Vec<&Subject<'_>> = making.subjects.iter().filter_map(|id| subjects.get(*id)).collect();
            let why = Why::Shared(subjects::reason(&shared, members.iter().map(|c| c.finding)));
            Group { members: members.into_iter().map(|c| c.index).collect(), why }
        });
        groups.collect()
    }
}

/// The secret itself, until identification takes it.
fn value(finding: &Finding) -> Option<&str> {
    finding.secret.as_deref().map(|secret| secret.value.as_str())
}

impl<'a> Candidate<'a> {
    /// The column by which others are looked for first.
    fn column(&self) -> Option<u32> {
        if self.class == Class::Secret { self.columns.map(|(start, _)| start) } else { self.finding.column }
    }

    fn columned(&self) -> impl Iterator<Item = ((&'a str, u32, u32, SubjectId), &'a str)> + '_ {
        let place = places::line(self.finding).zip(self.column());
        let key = |((file, line), column), subject: &SubjectId| ((file, line, column, *subject), self.finding.scanner.as_str());
        self.subjects.iter().filter_map(move |subject| Some(key(place?, subject)))
    }

    /// Who is grouped first: secrets that know their columns, then what meets at a column. What ends in two groups would not fit into one
    /// later either, so that a second pass changes nothing.
    fn order(&self, other: &Self) -> Ordering {
        let vague = |c: &Self| c.class == Class::Secret && c.columns.is_none();
        vague(self).cmp(&vague(other)).then_with(|| other.meets.cmp(&self.meets)).then_with(|| self.precedence(other))
    }

    pub(super) fn precedence(&self, other: &Self) -> Ordering {
        self.rank.cmp(&other.rank).then_with(|| precedence_of_equals(self.finding, other.finding))
    }
}
