use super::*;
use crate::model::{Reporter, ScanType, ScannerRun, SkippedFile, SuppressedBy};

fn finding(fingerprint: &str, line: u32) -> Finding {
    let mut f = Finding::new("s", ScanType::Code, Severity::Medium, "t");
    f.fingerprint = fingerprint.into();
    f.file_path = Some("a.py".into());
    f.line = Some(line);
    f
}

fn side(findings: Vec<Finding>) -> ScanResult {
    ScanResult { findings, ..ScanResult::default() }
}

fn lines(list: &[Finding]) -> Vec<u32> {
    list.iter().filter_map(|f| f.line).collect()
}

#[test]
fn multisets_pair_by_nearest_line() {
    let d = diff(side(vec![finding("a", 10)]), side(vec![finding("a", 3), finding("a", 12), finding("b", 1)]));
    assert_eq!((lines(&d.unchanged), lines(&d.new), d.fixed.len()), (vec![12], vec![1, 3], 0));
    let d = diff(side(vec![finding("a", 1), finding("a", 2)]), side(vec![finding("a", 2)]));
    assert_eq!((lines(&d.unchanged), lines(&d.fixed)), (vec![2], vec![1]));
}

#[test]
fn absence_means_nothing_unless_the_scanner_looked() {
    let mut head = side(vec![]);
    head.scanners = vec![ScannerRun::new("s", ScanType::Code, ScannerStatus::Failed)];
    let d = diff(side(vec![finding("a", 1)]), head.clone());
    assert_eq!((d.fixed.len(), d.not_scanned.len()), (0, 1));
    head.scanners[0].status = ScannerStatus::Ok;
    assert_eq!(diff(side(vec![finding("a", 1)]), head.clone()).fixed.len(), 1);
    head.scanners[0].status = ScannerStatus::Partial;
    head.scanners[0].skipped = vec![SkippedFile { path: "b.py".into(), why: "x".into() }];
    assert_eq!(diff(side(vec![finding("a", 1)]), head.clone()).fixed.len(), 1);
    head.scanners[0].skipped[0].path = "a.py".into();
    assert_eq!(diff(side(vec![finding("a", 1)]), head.clone()).not_scanned.len(), 1);
    head.scanners[0].name = "other".into();
    assert_eq!(diff(side(vec![finding("a", 1)]), head).not_scanned.len(), 1);
}

#[test]
fn an_ignore_taken_away_is_new() {
    let mut before = finding("a", 1);
    before.metadata.suppressed_by = Some(SuppressedBy::Inline);
    let d = diff(side(vec![before]), side(vec![finding("a", 1)]));
    assert_eq!((d.new.len(), d.unchanged.len()), (1, 0));
}

#[test]
fn any_reporter_matches_and_a_raise_is_no_news() {
    let mut head = finding("owner", 1);
    head.severity = Severity::High;
    head.metadata.also_reported_by = vec![Reporter { scanner: "t".into(), fingerprint: "a".into(), ..Reporter::default() }];
    let d = diff(side(vec![finding("a", 1)]), side(vec![head]));
    assert_eq!((d.new.len(), d.fixed.len(), d.unchanged.len()), (0, 0, 1));
    assert_eq!(d.raised, [("owner".to_owned(), Severity::Medium)]);
}

#[test]
fn a_python_baseline_matches_by_its_empty_context() {
    let mut now = finding("v2", 5);
    now.rule_id = Some("r".into());
    let entry = finding(&crate::identity::legacy_empty_fingerprint(&now), 4);
    let mut second = now.clone();
    second.line = Some(9);
    let c = compare(&[entry], side(vec![now, second]));
    assert_eq!((lines(&c.still_present), lines(&c.new), c.disappeared.len()), (vec![5], vec![9], 0));
}
