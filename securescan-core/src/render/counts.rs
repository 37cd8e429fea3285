//! Numbers about findings that several formats state alike, and the order in which they are cut.

use super::RenderInput;
use crate::model::{Finding, Severity};
use std::cmp::Reverse;
use std::collections::HashMap;

/// `1 finding`, `2 findings`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// How many findings of each severity.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct BySeverity([usize; 5]);

impl BySeverity {
    pub(super) fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        let mut counts = Self::default();
        for finding in findings {
            if let Some(count) = counts.0.get_mut(usize::from(finding.severity.rank())) {
                *count += 1;
            }
        }
        counts
    }

    pub(super) fn total(self) -> usize {
        self.0.iter().sum()
    }

    /// Every severity with its number, critical first.
    pub(super) fn worst_first(self) -> impl Iterator<Item = (Severity, usize)> {
        Severity::ALL.iter().copied().zip(self.0).rev()
    }
}

/// The shown findings of a list in rank order: severity, then canonical order.
pub(super) fn ranked<'b>(input: &RenderInput<'_>, findings: &'b [Finding]) -> Vec<&'b Finding> {
    let mut list: Vec<&Finding> = input.shown(findings).collect();
    list.sort_by_key(|finding| Reverse(finding.severity));
    list
}

/// The occurrence of each finding: its own number, else counted in the order of the list.
pub(super) fn occurrences(findings: &[&Finding]) -> Vec<u32> {
    let mut seen: HashMap<&str, u32> = HashMap::with_capacity(findings.len());
    let mut numbers = Vec::with_capacity(findings.len());
    for finding in findings {
        let count = seen.entry(finding.fingerprint.as_str()).or_default();
        *count = count.saturating_add(1).max(finding.occurrence);
        numbers.push(if finding.occurrence > 0 { finding.occurrence } else { *count });
    }
    numbers
}

/// A name for each finding of a list, unique in it, the same from run to run: the fingerprint for the first occurrence,
/// `<fingerprint>:<n>` for the n-th; findings that were never identified are numbered alone.
pub(super) fn names(findings: &[&Finding]) -> Vec<String> {
    let mut used: HashMap<String, u32> = HashMap::with_capacity(findings.len());
    let numbered = findings.iter().zip(occurrences(findings)).map(|(finding, occurrence)| {
        let name = match (finding.fingerprint.as_str(), occurrence) {
            ("", n) => format!("unidentified:{n}"),
            (plain, 0 | 1) => plain.to_owned(),
            (plain, n) => format!("{plain}:{n}"),
        };
        // Numbers that came with the findings may repeat: lists of several scans, or a document that lies.
        let again = used.entry(name.clone()).and_modify(|n| *n += 1).or_default();
        if *again == 0 { name } else { format!("{name}/{again}") }
    });
    numbered.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ScanType;

    #[test]
    fn names_are_unique() {
        let mut f = Finding::new("s", ScanType::Code, Severity::High, "t");
        let blank = f.clone();
        f.fingerprint = "ab".into();
        let mut known = f.clone();
        known.occurrence = 2;
        assert_eq!(names(&[&f, &known, &known, &blank, &blank]), ["ab", "ab:2", "ab:2/1", "unidentified:1", "unidentified:2"]);
        assert_eq!(occurrences(&[&f, &f, &known]), [1, 2, 2]);
    }

    #[test]
    fn severities_are_counted() {
        let low = Finding::new("s", ScanType::Code, Severity::Low, "t");
        let counts = BySeverity::of([&low, &low]);
        assert_eq!(
            (counts.total(), counts.worst_first().next(), counts.worst_first().nth(3)),
            (2, Some((Severity::Critical, 0)), Some((Severity::Low, 2)))
        );
    }
}
