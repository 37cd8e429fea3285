//! What the reports for people (`report-html`, `report-pdf`) tell, whatever the medium: which findings in which order, the
//! numbers over them, and the words. What does not belong here: markup, layout, escaping.

mod numbers;
pub(super) mod words;

pub(super) use numbers::{Counts, Row, SEVERITIES};

use super::{DiffKind, RenderInput};
use crate::compliance::{Coverage, Frameworks};
use crate::model::{Finding, Severity};
use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// Everything a report says about the findings. Suppressed findings are in `entries` when they are to be shown, and in no
/// number.
pub(super) struct Report<'a> {
    /// In the order of the report: most severe first, then by group, then by line. The n-th is finding number n + 1.
    pub(super) entries: Vec<Entry<'a>>,
    /// How many of each severity.
    pub(super) counts: Counts,
    /// By scanner, most findings first.
    pub(super) scanners: Vec<Row<'a>>,
    /// By file, package or endpoint, most findings first.
    pub(super) places: Vec<Row<'a>>,
    /// By rule, in the order of scanner and rule.
    pub(super) rules: Vec<Rule<'a>>,
    /// Over the built-in frameworks.
    pub(super) compliance: Coverage,
}

/// One finding of a report.
pub(super) struct Entry<'a> {
    pub(super) finding: &'a Finding,
    /// What findings are gathered under: the file, else the package or the endpoint; empty when there is none.
    pub(super) group: Cow<'a, str>,
    /// Its rule, as an index into the rules.
    pub(super) rule: usize,
    /// The number of an earlier finding of the same rule that says the same in its description, remediation and references.
    pub(super) told_by: Option<usize>,
}

/// One rule of one scanner, and where it hit.
pub(super) struct Rule<'a> {
    pub(super) scanner: &'a str,
    pub(super) id: &'a str,
    /// The first of its findings: for the title and the CWE.
    pub(super) first: &'a Finding,
    /// The worst severity.
    pub(super) severity: Severity,
    /// Numbers of its findings, ascending.
    pub(super) numbers: Vec<usize>,
}

impl<'a> Report<'a> {
    pub(super) fn new(input: &RenderInput<'a>) -> Self {
        let subject = input.subject();
        let mut entries: Vec<Entry<'a>> = input.shown(subject).map(Entry::new).collect();
        // Stable: within a line the canonical order stays.
        entries.sort_by(|a, b| a.order(b));
        let rules = gather(&mut entries);
        let counted = || subject.iter().filter(|finding| !finding.is_suppressed());
        let mut counts = Counts::default();
        counted().for_each(|finding| counts.add(finding.severity));
        Self {
            entries,
            counts,
            scanners: numbers::rows(counted().map(|f| (Cow::Borrowed(f.scanner.as_str()), f.severity))),
            places: numbers::rows(counted().map(|f| (words::group(f), f.severity)).filter(|(group, _)| !group.is_empty())),
            rules,
            compliance: Frameworks::builtin().coverage(counted()),
        }
    }

    /// The entries of one severity, with the number of the first.
    pub(super) fn of_severity(&self, severity: Severity) -> (usize, &[Entry<'a>]) {
        let start = self.entries.partition_point(|e| e.finding.severity > severity);
        let end = self.entries.partition_point(|e| e.finding.severity >= severity);
        (start + 1, self.entries.get(start..end).unwrap_or_default())
    }

    /// The first few critical and high findings, with their numbers.
    pub(super) fn first_to_mend(&self, most: usize) -> impl Iterator<Item = (usize, &Entry<'a>)> {
        let urgent = |e: &Entry<'_>| e.finding.severity >= Severity::High && !e.finding.is_suppressed();
        (1..).zip(&self.entries).filter(move |(_, e)| urgent(e)).take(most)
    }
}

impl<'a> Entry<'a> {
    fn new(finding: &'a Finding) -> Self {
        Self { finding, group: words::group(finding), rule: 0, told_by: None }
    }

    fn order(&self, other: &Self) -> std::cmp::Ordering {
        let (a, b) = (self.finding, other.finding);
        b.severity.cmp(&a.severity).then_with(|| self.group.cmp(&other.group)).then_with(|| a.line.cmp(&b.line))
    }
}

/// Gathers the rules, tells each entry its own, and marks entries that repeat what an earlier one of the rule says.
fn gather<'a>(entries: &mut [Entry<'a>]) -> Vec<Rule<'a>> {
    let mut rules: Vec<Rule<'a>> = Vec::new();
    let mut known: FxHashMap<(&str, &str), usize> = FxHashMap::default();
    for (number, entry) in (1..).zip(entries.iter_mut()) {
        let finding = entry.finding;
        let id = finding.rule_id.as_deref().unwrap_or_default();
        let slot = *known.entry((finding.scanner.as_str(), id)).or_insert(rules.len());
        entry.rule = slot;
        match rules.get_mut(slot) {
            Some(rule) => {
                entry.told_by = rule.numbers.first().copied().filter(|_| says_the_same(rule.first, finding));
                rule.severity = rule.severity.max(finding.severity);
                rule.numbers.push(number);
            }
            None => rules.push(Rule {
                scanner: &finding.scanner,
                id,
                first: finding,
                severity: finding.severity,
                numbers: vec![number],
            }),
        }
    }
    sorted(rules, entries)
}

/// Puts the rules in the order of the index.
fn sorted<'a>(rules: Vec<Rule<'a>>, entries: &mut [Entry<'a>]) -> Vec<Rule<'a>> {
    let mut rules: Vec<(usize, Rule<'a>)> = rules.into_iter().enumerate().collect();
    rules.sort_by(|(_, a), (_, b)| (a.scanner, a.id).cmp(&(b.scanner, b.id)));
    let mut moved = vec![0; rules.len()];
    for (now, (was, _)) in rules.iter().enumerate() {
        if let Some(slot) = moved.get_mut(*was) {
            *slot = now;
        }
    }
    for entry in entries {
        entry.rule = moved.get(entry.rule).copied().unwrap_or_default();
    }
    rules.into_iter().map(|(_, rule)| rule).collect()
}

fn says_the_same(a: &Finding, b: &Finding) -> bool {
    let long = a.description.len() + a.remediation.len() + a.references.len() > 0;
    long && a.description == b.description && a.remediation == b.remediation && a.references == b.references
}

/// The heading of the whole report.
pub(super) fn title(input: &RenderInput<'_>) -> &'static str {
    match input.diff.map(|diff| diff.kind) {
        None => "Security assessment report",
        Some(DiffKind::Diff) => "Security change review",
        Some(DiffKind::Compare) => "Drift since the baseline",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ScanResult, ScanType};

    fn finding(rule: &str, severity: Severity, file: &str, line: u32) -> Finding {
        let mut finding = Finding::new("s", ScanType::Code, severity, "t");
        finding.rule_id = Some(rule.into());
        (finding.file_path, finding.line) = (Some(file.into()), Some(line));
        finding.description = "why".into();
        finding
    }

    #[test]
    fn order_numbers_and_rules() {
        let findings = vec![
            finding("b", Severity::Low, "z.py", 1),
            finding("b", Severity::High, "z.py", 9),
            finding("a", Severity::High, "a.py", 5),
            finding("b", Severity::High, "a.py", 2),
        ];
        let result = ScanResult { findings, ..ScanResult::default() };
        let report = Report::new(&RenderInput::new(&result));
        let order: Vec<_> = report.entries.iter().map(|e| (e.group.as_ref(), e.finding.line.unwrap(), e.told_by)).collect();
        assert_eq!(order, [("a.py", 2, None), ("a.py", 5, None), ("z.py", 9, Some(1)), ("z.py", 1, Some(1))]);
        let rules: Vec<_> = report.rules.iter().map(|r| (r.id, r.severity, r.numbers.clone())).collect();
        assert_eq!(rules, [("a", Severity::High, vec![2]), ("b", Severity::High, vec![1, 3, 4])]);
        assert!(report.entries.iter().all(|e| report.rules[e.rule].id == e.finding.rule_id.as_deref().unwrap()));
        assert_eq!(report.of_severity(Severity::Low).0, 4);
        assert_eq!(report.of_severity(Severity::High).1.len(), 3);
        assert_eq!(report.first_to_mend(2).map(|(n, _)| n).collect::<Vec<_>>(), [1, 2]);
    }
}
