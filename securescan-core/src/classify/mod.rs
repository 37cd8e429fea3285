//! New, fixed, unchanged: two sides compared as multisets of fingerprints.
//!
//! A second copy of a known bad line is new. "Fixed" is said only of a scanner that completed on the side where the finding is
//! missing; otherwise it is not scanned. A finding whose suppression was taken away is new.

mod change;
mod json;
mod matching;
mod snapshot;
mod window;

use crate::model::{Coverage, Finding, ScanResult, ScannerStatus, Severity};
use crate::order;
pub use change::suppressed_by_change;
use matching::Pairs;
use rustc_hash::{FxHashMap, FxHashSet};
pub use snapshot::{SnapshotDiff, diff_snapshots};

/// What changed between two sides. Each list is in canonical order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Diff {
    /// Only in head, or suppressed in base and not any more.
    pub new: Vec<Finding>,
    /// Only in base, and the scanner completed on head.
    pub fixed: Vec<Finding>,
    /// In both; as head has them.
    pub unchanged: Vec<Finding>,
    /// Only in base, and the scanner did not look, or not at that file: nothing is known.
    pub not_scanned: Vec<Finding>,
    /// Unchanged findings whose severity rose: their fingerprint and the severity they had. They do not gate.
    pub raised: Vec<(String, Severity)>,
}

/// What changed since a baseline. Each list is in canonical order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Comparison {
    /// Not in the baseline.
    pub new: Vec<Finding>,
    /// In the baseline only, and the scanner completed.
    pub disappeared: Vec<Finding>,
    /// In both; as they are now.
    pub still_present: Vec<Finding>,
    /// In the baseline only, and the scanner did not look.
    pub not_scanned: Vec<Finding>,
}

/// Compares two sides. Both must be identified ([`crate::identity::identify`]); their order is nothing to the result.
pub fn diff(mut base: ScanResult, mut head: ScanResult) -> Diff {
    order::sort(&mut base.findings);
    order::sort(&mut head.findings);
    diff_in_order(base, head)
}

/// [`diff`] of sides that are taken in the order they have. Which of two findings that are alike in fingerprint, line and suppression is
/// the one left over depends on it; in the canonical order nothing does.
fn diff_in_order(base: ScanResult, head: ScanResult) -> Diff {
    let split = diff_positions(&base, &head);
    let (base, head) = (&mut takeable(base.findings), &mut takeable(head.findings));
    let mut out = Diff {
        new: take(head, &split.new),
        fixed: take(base, &split.gone),
        unchanged: take(head, &split.kept),
        not_scanned: take(base, &split.not_scanned),
        raised: split.raised,
    };
    for list in [&mut out.new, &mut out.fixed, &mut out.unchanged, &mut out.not_scanned] {
        order::sort(list);
    }
    out
}

/// What changed, by position: rising positions into the findings of the side named.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Positions {
    /// Of head: only there, or suppressed in base and not any more.
    pub new: Vec<u32>,
    /// Of head: in both.
    pub kept: Vec<u32>,
    /// Of base: only there, and the scanner looked on head.
    pub gone: Vec<u32>,
    /// Of base: only there, and the scanner did not look.
    pub not_scanned: Vec<u32>,
    /// As [`Diff::raised`].
    pub raised: Vec<(String, Severity)>,
}

/// [`diff`] without moving a finding. Both sides must be identified and in canonical order.
pub fn diff_positions(base: &ScanResult, head: &ScanResult) -> Positions {
    let pairs = Pairs::of(&base.findings, &head.findings);
    let mut out = Positions::default();
    for (row, finding) in (0u32..).zip(&head.findings) {
        let before = pairs.base_of(row as usize).and_then(|b| base.findings.get(b)).map(|b| (b.is_suppressed(), b.severity));
        match Verdict::of(before, (finding.is_suppressed(), finding.severity)) {
            Verdict::New => out.new.push(row),
            Verdict::Unchanged => out.kept.push(row),
            Verdict::Raised(before) => {
                out.raised.push((finding.fingerprint.clone(), before));
                out.kept.push(row);
            }
        }
    }
    out.raised.sort();
    (out.gone, out.not_scanned) = missing(&base.findings, &pairs, &head.scanners);
    out
}

/// [`compare`] without moving a finding. Both sides must be identified and in canonical order.
pub fn compare_positions(baseline: &[Finding], current: &ScanResult) -> Positions {
    let pairs = Pairs::with_legacy(baseline, &current.findings);
    let rows = 0..u32::try_from(current.findings.len()).unwrap_or(u32::MAX);
    let (kept, new) = rows.partition(|row| pairs.base_of(*row as usize).is_some());
    let (gone, not_scanned) = missing(baseline, &pairs, &current.scanners);
    Positions { new, kept, gone, not_scanned, raised: Vec::new() }
}

fn takeable(list: Vec<Finding>) -> Vec<Option<Finding>> {
    list.into_iter().map(Some).collect()
}

fn take(list: &mut [Option<Finding>], rows: &[u32]) -> Vec<Finding> {
    rows.iter().filter_map(|row| list.get_mut(*row as usize)?.take()).collect()
}

/// What becomes of a finding of head.
enum Verdict {
    New,
    Unchanged,
    /// Unchanged, but it was of this lower severity.
    Raised(Severity),
}

impl Verdict {
    /// From whether it is suppressed and its severity, in base (if it has a partner there) and in head.
    fn of(base: Option<(bool, Severity)>, head: (bool, Severity)) -> Self {
        match base {
            None => Self::New,
            Some((true, _)) if !head.0 => Self::New,
            Some((_, before)) if head.1 > before => Self::Raised(before),
            Some(_) => Self::Unchanged,
        }
    }
}

/// Compares a scan with the findings a baseline records. Entries of the Python version match by their v1 fingerprints.
pub fn compare(baseline: &[Finding], mut current: ScanResult) -> Comparison {
    let mut baseline = baseline.to_vec();
    order::sort(&mut baseline);
    order::sort(&mut current.findings);
    let split = compare_positions(&baseline, &current);
    let (baseline, current) = (&mut takeable(baseline), &mut takeable(current.findings));
    Comparison {
        new: take(current, &split.new),
        disappeared: take(baseline, &split.gone),
        still_present: take(current, &split.kept),
        not_scanned: take(baseline, &split.not_scanned),
    }
}

/// Base findings without a partner, parted by whether their absence means anything.
fn missing(base: &[Finding], pairs: &Pairs, coverage: &Coverage) -> (Vec<u32>, Vec<u32>) {
    let looks = Looks::of(coverage);
    let rows = (0u32..).zip(base).filter(|(row, _)| !pairs.is_base_paired(*row as usize));
    let (gone, unknown): (Vec<_>, Vec<_>) = rows.partition(|(_, finding)| looks.reached(finding));
    let numbers = |list: Vec<(u32, &Finding)>| list.into_iter().map(|(row, _)| row).collect();
    (numbers(gone), numbers(unknown))
}

/// Where each scanner looked.
struct Looks<'a>(FxHashMap<&'a str, Look<'a>>);

enum Look<'a> {
    Everywhere,
    /// Partial with a list of what was missed: everything else was looked at.
    AllBut(FxHashSet<&'a str>),
    Nowhere,
}

impl<'a> Looks<'a> {
    fn of(coverage: &'a Coverage) -> Self {
        let mut looks: FxHashMap<&str, Look<'_>> = FxHashMap::default();
        for line in coverage {
            let now = match line.status {
                ScannerStatus::Ok | ScannerStatus::NotApplicable => Look::Everywhere,
                ScannerStatus::Partial if !line.skipped.is_empty() => {
                    Look::AllBut(line.skipped.iter().map(|skipped| skipped.path.as_str()).collect())
                }
                _ => Look::Nowhere,
            };
            // Of two lines of one scanner both have to have looked.
            let both = match (looks.remove(line.name.as_str()), now) {
                (None | Some(Look::Everywhere), now) => now,
                (Some(before), Look::Everywhere) => before,
                (Some(Look::AllBut(mut missed)), Look::AllBut(more)) => {
                    missed.extend(more);
                    Look::AllBut(missed)
                }
                _ => Look::Nowhere,
            };
            looks.insert(&line.name, both);
        }
        Self(looks)
    }

    /// Whether the scanner of a finding looked where it was. An empty coverage says nothing is known of the scan (a bare array): it
    /// is taken as complete, as it always was. A scanner that is not in a known coverage did not look.
    fn reached(&self, finding: &Finding) -> bool {
        match self.0.get(finding.scanner.as_str()) {
            Some(Look::Everywhere) => true,
            Some(Look::AllBut(missed)) => finding.file_path.as_deref().is_some_and(|path| !missed.contains(path)),
            Some(Look::Nowhere) => false,
            None => self.0.is_empty(),
        }
    }
}

#[cfg(test)]
mod tests;
