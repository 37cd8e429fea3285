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
    let pairs = Pairs::of(&base.findings, &head.findings);
    let mut out = Diff::default();
    let coverage = head.scanners;
    for (index, finding) in head.findings.into_iter().enumerate() {
        let before = pairs.base_of(index).and_then(|b| base.findings.get(b)).map(|b| (b.is_suppressed(), b.severity));
        match Verdict::of(before, (finding.is_suppressed(), finding.severity)) {
            Verdict::New => out.new.push(finding),
            Verdict::Unchanged => out.unchanged.push(finding),
            Verdict::Raised(before) => {
                out.raised.push((finding.fingerprint.clone(), before));
                out.unchanged.push(finding);
            }
        }
    }
    (out.fixed, out.not_scanned) = missing(base.findings, |b| pairs.is_base_paired(b), &coverage);
    for list in [&mut out.new, &mut out.fixed, &mut out.unchanged, &mut out.not_scanned] {
        order::sort(list);
    }
    out.raised.sort();
    out
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
    let pairs = Pairs::with_legacy(&baseline, &current.findings);
    let mut out = Comparison::default();
    let coverage = current.scanners;
    for (index, finding) in current.findings.into_iter().enumerate() {
        if pairs.base_of(index).is_some() { out.still_present.push(finding) } else { out.new.push(finding) }
    }
    (out.disappeared, out.not_scanned) = missing(baseline, |b| pairs.is_base_paired(b), &coverage);
    out
}

/// Base findings without a partner, parted by whether their absence means anything.
fn missing(base: Vec<Finding>, is_paired: impl Fn(usize) -> bool, coverage: &Coverage) -> (Vec<Finding>, Vec<Finding>) {
    let looks = Looks::of(coverage);
    let unpaired = base.into_iter().enumerate().filter(|(index, _)| !is_paired(*index)).map(|(_, finding)| finding);
    unpaired.partition(|finding| looks.reached(finding))
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
