//! A baseline written anew over an old one: what it takes in, what it lets go, and what it keeps because nobody looked.

use super::{Baseline, Entry};
use crate::classify;
use crate::model::{Finding, ScanResult, ScanType};
use std::collections::BTreeSet;

/// What a refresh does. Lists are in canonical order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Refresh {
    /// The baseline that results.
    pub baseline: Baseline,
    /// Findings that had no entry and get one.
    pub added: Vec<Finding>,
    /// Entries that are let go: their scanner looked and did not find them any more.
    pub gone: Vec<Finding>,
    /// Entries that are let go: a comment or the configuration silences what they stood for.
    pub silenced: Vec<Finding>,
    /// Entries that stay as they are: their scanner did not look, or not at their file.
    pub unseen: Vec<Finding>,
    /// How many entries are found again.
    pub unchanged: usize,
    /// How many of those get the present fingerprint in place of the Python version's, or of another reporter's.
    pub rewritten: usize,
}

impl Baseline {
    /// The baseline of a scan, over this one. Findings and entries are paired by the rules of [`classify::compare`]; nothing is let go
    /// of that the scan could not have found: entries of scanners that are not in its coverage, that did not complete, or that did not
    /// look at the file, stay. `now` holds suppressed findings, too, marked: they need no entry.
    pub fn refreshed(&self, now: ScanResult, target_path: &str, scan_types: &[ScanType]) -> Refresh {
        let mut old = self.as_findings();
        // Not serialised, not compared by: it brings an entry back to its place in the file.
        for (place, finding) in (1..).zip(&mut old) {
            finding.occurrence = place;
        }
        let done = classify::compare(&old, now);
        let known: BTreeSet<&str> = self.entries.iter().map(|entry| entry.fingerprint.as_str()).collect();
        let (silenced, present): (Vec<_>, Vec<_>) = done.still_present.into_iter().partition(Finding::is_suppressed);
        let added: Vec<_> = done.new.into_iter().filter(|finding| !finding.is_suppressed()).collect();
        let kept = done.not_scanned.iter().filter_map(|finding| self.entries.get((finding.occurrence as usize).checked_sub(1)?));
        let mut entries: Vec<(Finding, Entry)> = kept.map(|entry| (entry.as_finding(), entry.clone())).collect();
        let mut types = scan_types.to_vec();
        types.extend(entries.iter().filter_map(|(_, entry)| entry.scan_type));
        types.sort_by_key(|kind| kind.as_str());
        types.dedup();
        let found = present.iter().chain(&added).filter(|finding| !finding.fingerprint.is_empty());
        entries.extend(found.map(|finding| (finding.clone(), Entry::of(finding))));
        entries.sort_by(|(a, _), (b, _)| crate::order::compare(a, b));
        let baseline = Self {
            entries: entries.into_iter().map(|(_, entry)| entry).collect(),
            generated_by: "securescan".to_owned(),
            scan_types: types,
            target_path: target_path.to_owned(),
        };
        Refresh {
            baseline,
            unchanged: present.len(),
            rewritten: present.iter().filter(|finding| !known.contains(finding.fingerprint.as_str())).count(),
            added,
            gone: done.disappeared,
            silenced,
            unseen: done.not_scanned,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ScannerRun, ScannerStatus, Severity, SkippedFile, SuppressedBy};

    fn finding(scanner: &str, kind: ScanType, path: &str, print: &str) -> Finding {
        let mut finding = Finding::new(scanner, kind, Severity::High, "t");
        finding.file_path = Some(path.to_owned());
        finding.fingerprint = print.to_owned();
        finding
    }

    fn result(findings: Vec<Finding>, scanners: Vec<ScannerRun>) -> ScanResult {
        ScanResult { target: ".".to_owned(), scanners, findings }
    }

    fn code(path: &str, print: &str) -> Finding {
        finding("secrets", ScanType::Code, path, print)
    }

    fn ran(name: &str, status: ScannerStatus) -> ScannerRun {
        ScannerRun::new(name, ScanType::Code, status)
    }

    #[test]
    fn what_nobody_looked_at_stays_as_it_was() {
        let text = r#"{"findings": [
            {"fingerprint": "aa", "scanner": "secrets", "scan_type": "code", "file_path": "a", "severity": "high", "title": "t"},
            {"fingerprint": "bb", "scanner": "semgrep", "scan_type": "code", "file_path": "b"},
            {"fingerprint": "cc", "scanner": "dockerfile", "scan_type": "iac"},
            {"fingerprint": "dd"}], "target_path": "..", "scan_types": ["code", "iac"], "version": 1}"#;
        let old = Baseline::parse(text.as_bytes(), "b.json").unwrap();
        let now = result(vec![code("n", "ee")], vec![ran("secrets", ScannerStatus::Ok), ran("semgrep", ScannerStatus::Skipped)]);
        let done = old.refreshed(now, "..", &[ScanType::Code]);
        let prints = |list: &[Finding]| list.iter().map(|f| f.fingerprint.clone()).collect::<Vec<_>>();
        assert_eq!((prints(&done.added), prints(&done.gone)), (vec!["ee".to_owned()], vec!["aa".to_owned()]));
        assert_eq!(done.unseen.len(), 3);
        // Verbatim: what the file did not say is not made up.
        for entry in &old.entries()[1..] {
            assert!(done.baseline.entries().contains(entry), "{entry:?}");
        }
        assert_eq!(done.baseline.scan_types(), [ScanType::Code, ScanType::Iac]);
        // Once more over the result: the same bytes.
        let now = result(vec![code("n", "ee")], vec![ran("secrets", ScannerStatus::Ok), ran("semgrep", ScannerStatus::Skipped)]);
        let again = done.baseline.refreshed(now, "..", &[ScanType::Code]);
        assert_eq!(again.baseline.to_bytes(), done.baseline.to_bytes());
        assert_eq!((again.added.len(), again.gone.len(), again.unchanged), (0, 0, 1));
    }

    #[test]
    fn files_that_were_not_looked_at_keep_their_entries() {
        let old = Baseline::from_findings(&[code("big", "aa"), code("small", "bb")], "..", &[ScanType::Code]);
        let mut line = ran("secrets", ScannerStatus::Partial);
        line.skipped.push(SkippedFile { path: "big".to_owned(), why: "larger than 1 bytes".to_owned() });
        let done = old.refreshed(result(Vec::new(), vec![line]), "..", &[ScanType::Code]);
        assert_eq!((done.gone.len(), done.unseen.len(), done.baseline.len()), (1, 1, 1));
    }

    #[test]
    fn copies_are_counted_and_silenced_ones_let_go() {
        let old = Baseline::from_findings(&[code("a", "aa"), code("a", "aa"), code("b", "bb")], "..", &[ScanType::Code]);
        let mut silenced = code("b", "bb");
        silenced.metadata.suppressed_by = Some(SuppressedBy::Inline);
        let mut unheard = code("c", "cc");
        unheard.metadata.suppressed_by = Some(SuppressedBy::Config);
        let now = result(
            vec![code("a", "aa"), code("a", "aa"), code("a", "aa"), silenced, unheard],
            vec![ran("secrets", ScannerStatus::Ok)],
        );
        let done = old.refreshed(now, "..", &[ScanType::Code]);
        assert_eq!((done.unchanged, done.added.len(), done.gone.len(), done.silenced.len()), (2, 1, 0, 1));
        assert_eq!(done.baseline.len(), 3);
    }

    #[test]
    fn entries_of_the_python_version_get_the_present_fingerprint() {
        let mut now = code("a", "aa");
        now.rule_id = Some("r".to_owned());
        let legacy = crate::identity::legacy_empty_fingerprint(&now);
        let mut then = now.clone();
        then.fingerprint = legacy;
        let old = Baseline::from_findings(&[then], "..", &[ScanType::Code]);
        let done = old.refreshed(result(vec![now], vec![ran("secrets", ScannerStatus::Ok)]), "..", &[ScanType::Code]);
        assert_eq!((done.unchanged, done.rewritten, done.gone.len(), done.added.len()), (1, 1, 0, 0));
        assert_eq!(done.baseline.entries()[0].fingerprint, "aa");
    }
}
