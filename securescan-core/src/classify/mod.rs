//! New, fixed, unchanged: two sides compared as multisets of fingerprints.
//!
//! A second copy of a known bad line is new. "Fixed" is said only of a scanner that completed on the side where the finding is
//! missing; otherwise it is not scanned. A finding whose suppression was taken away is new.

mod matching;

use crate::model::{Coverage, Finding, ScanResult, ScannerStatus, Severity};
use crate::order;
use matching::Pairs;
use rustc_hash::{FxHashMap, FxHashSet};

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
    let pairs = Pairs::of(&base.findings, &head.findings, false);
    let mut out = Diff::default();
    let coverage = head.scanners;
    for (index, finding) in head.findings.into_iter().enumerate() {
        match pairs.base_of(index).and_then(|b| base.findings.get(b)) {
            Some(before) if before.is_suppressed() && !finding.is_suppressed() => out.new.push(finding),
            Some(before) => {
                if finding.severity > before.severity {
                    out.raised.push((finding.fingerprint.clone(), before.severity));
                }
                out.unchanged.push(finding);
            }
            None => out.new.push(finding),
        }
    }
    (out.fixed, out.not_scanned) = missing(base.findings, &pairs, &coverage);
    out.raised.sort();
    out
}

/// Compares a scan with the findings a baseline records. Entries of the Python version match by their v1 fingerprints.
pub fn compare(baseline: &[Finding], mut current: ScanResult) -> Comparison {
    let mut baseline = baseline.to_vec();
    order::sort(&mut baseline);
    order::sort(&mut current.findings);
    let pairs = Pairs::of(&baseline, &current.findings, true);
    let mut out = Comparison::default();
    let coverage = current.scanners;
    for (index, finding) in current.findings.into_iter().enumerate() {
        if pairs.base_of(index).is_some() { out.still_present.push(finding) } else { out.new.push(finding) }
    }
    (out.disappeared, out.not_scanned) = missing(baseline, &pairs, &coverage);
    out
}

/// Base findings without a partner, parted by whether their absence means anything.
fn missing(base: Vec<Finding>, pairs: &Pairs, coverage: &Coverage) -> (Vec<Finding>, Vec<Finding>) {
    let looks = Looks::of(coverage);
    let unpaired = base.into_iter().enumerate().filter(|(index, _)| !pairs.is_base_paired(*index)).map(|(_, finding)| finding);
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
