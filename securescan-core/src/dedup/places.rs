//! Where findings could meet at all: most do not, and cost no more than a look.

use super::authority::{Class, class, is_dependency};
use super::classes::{self, Scope, table};
use crate::model::Finding;
use rustc_hash::{FxHashMap, FxHashSet};

/// Lines and files where more than one scanner reports.
#[derive(Debug, Default)]
pub(super) struct Places<'a> {
    lines: FxHashSet<(&'a str, u32)>,
    /// Files with a finding whose line others may give differently.
    pub files: FxHashSet<&'a str>,
}

/// The file of a finding that is not about a package.
pub(super) fn file(finding: &Finding) -> Option<&str> {
    finding.file_path.as_deref().filter(|file| !file.is_empty() && !is_dependency(finding))
}

/// The file and line of a finding that is not about a package.
pub(super) fn line(finding: &Finding) -> Option<(&str, u32)> {
    Some((file(finding)?, finding.line?))
}

/// Looks over all findings.
pub(super) fn of(findings: &[Finding]) -> Places<'_> {
    let mut out = Places::default();
    let mut first: FxHashMap<(&str, u32), &str> = FxHashMap::default();
    first.reserve(findings.len());
    let mut reaching: FxHashSet<&str> = FxHashSet::default();
    for finding in findings {
        if let Some(place) = line(finding)
            && *first.entry(place).or_insert(&finding.scanner) != finding.scanner
        {
            out.lines.insert(place);
        }
        if reaches(finding)
            && let Some(file) = file(finding)
        {
            reaching.insert(file);
        }
    }
    if !reaching.is_empty() {
        let mut first: FxHashMap<&str, &str> = FxHashMap::default();
        for finding in findings {
            let Some(file) = file(finding).filter(|file| reaching.contains(file)) else { continue };
            if *first.entry(file).or_insert(&finding.scanner) != finding.scanner {
                out.files.insert(file);
            }
        }
    }
    out
}

/// Whether a finding may meet one on another line.
fn reaches(finding: &Finding) -> bool {
    let several = matches!((finding.line, finding.end_line), (Some(first), Some(last)) if last > first);
    let of_file = table().tells_of_files(&finding.scanner);
    (several && table().span(class(finding), &finding.scanner).is_some()) || (of_file && scope(finding) != Scope::Line)
}

/// The widest scope of a finding's classes.
fn scope(finding: &Finding) -> Scope {
    let scopes = || classes::of(finding).iter().filter_map(|id| table().row(*id)).map(|row| row.scope);
    match (scopes().any(|s| s == Scope::File), scopes().any(|s| s == Scope::FileOrLine)) {
        (true, _) => Scope::File,
        (_, true) if finding.line.is_none() => Scope::FileOrLine,
        _ => Scope::Line,
    }
}

/// On which lines below its own a finding may meet others that are about one of its subjects; first and last, 0 for those without a line.
pub(super) fn window(finding: &Finding, class: Class, scope: Scope) -> Option<(u32, u32)> {
    match (finding.line, scope) {
        (_, Scope::File) | (None, Scope::FileOrLine) => Some((0, u32::MAX)),
        (None, Scope::Line) => None,
        (Some(first), _) => {
            let last = finding.end_line.filter(|last| *last > first)?;
            let span = table().span(class, &finding.scanner)?;
            Some((first, last.min(first.saturating_add(span))))
        }
    }
}

impl Places<'_> {
    /// Whether a finding could be merged with another scanner's.
    pub(super) fn concerns(&self, finding: &Finding) -> bool {
        line(finding).is_some_and(|place| self.lines.contains(&place))
            || (!self.files.is_empty() && file(finding).is_some_and(|file| self.files.contains(file)))
    }
}
