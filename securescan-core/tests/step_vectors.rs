//! Order, dedup, overrides, score, threshold and classification against the reference vectors. Where a decision of ours differs, the
//! test says which and counts the cases.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it does not expect")]

mod common;

use common::vectors;
use securescan_core::identity::v1;
use securescan_core::{Finding, ScanResult, ScanType, Severity, classify, dedup, order, score, severity};
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::collections::BTreeMap;

fn findings(value: &Value) -> Vec<Finding> {
    serde_json::from_value(value.clone()).unwrap()
}

fn ids(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|f| f.id.as_str()).collect()
}

fn text(value: &Option<String>) -> &str {
    value.as_deref().unwrap_or_default()
}

/// The order of the documentation (decision D1), said once more.
fn docs_key(f: &Finding) -> (Reverse<u8>, &str, &str, &str, u32, &str) {
    (Reverse(f.severity.rank()), &f.scanner, text(&f.rule_id), text(&f.file_path), f.line.unwrap_or(0), &f.title)
}

/// Decision D1: the documentation's key, where the reference sorts by severity, file, line, rule, title. The reference's own order is
/// checked too, so that the cases are known to be understood.
#[test]
fn ordering() {
    let Some(document) = vectors("ordering.json") else { return };
    let (mut same, mut by_d1) = (0, 0);
    for case in document["cases"].as_array().unwrap() {
        let given = findings(&case["input"]["findings"]);
        // The model reads a negative line as none; the reference sorts by it.
        let items = case["input"]["findings"].as_array().unwrap().iter();
        let line: BTreeMap<&str, i64> =
            items.map(|f| (f["id"].as_str().unwrap(), f["line_start"].as_i64().unwrap_or(0))).collect();
        let mut theirs = given.clone();
        theirs.sort_by(|a, b| {
            let key = |f: &Finding| {
                (
                    Reverse(f.severity),
                    text(&f.file_path).to_owned(),
                    line[f.id.as_str()],
                    text(&f.rule_id).to_owned(),
                    f.title.clone(),
                )
            };
            key(a).cmp(&key(b))
        });
        assert_eq!(json!(ids(&theirs)), case["expected"]["order"], "{}", case["id"]);

        let mut ours = given.clone();
        order::sort(&mut ours);
        assert!(ours.is_sorted_by(|a, b| docs_key(a) <= docs_key(b)), "{}", case["id"]);
        let mut backward: Vec<Finding> = given.into_iter().rev().collect();
        order::sort(&mut backward);
        assert_eq!(backward, ours, "the order in does not matter: {}", case["id"]);
        let differs = ids(&ours) != ids(&theirs);
        (same, by_d1) = (same + usize::from(!differs), by_d1 + usize::from(differs));
    }
    println!("the reference's order {same}, the documentation's {by_d1} (D1)");
    assert_eq!((same, by_d1), (16, 30));
}

/// The rule of ours, said once more for findings without columns and packages: copies of one scanner; or two scanners at one known
/// place with one rule, one CWE (for code) or a secret each.
fn same_thing(a: &Finding, b: &Finding) -> bool {
    let place = |f: &Finding| (f.file_path.clone(), f.line);
    if a.scanner == b.scanner {
        let said = |f: &Finding| (f.rule_id.clone(), place(f), f.end_line, f.title.clone(), f.description.clone());
        return said(a) == said(b) && a.metadata == b.metadata;
    }
    let rule = |f: &Finding| f.rule_id.as_ref().map(|r| r.to_ascii_lowercase());
    let secret = |f: &Finding| f.scanner == "secrets" || f.scanner == "gitleaks" || f.cwe.as_deref() == Some("CWE-798");
    let known = a.line.is_some() && a.file_path.as_ref().is_some_and(|p| !p.is_empty()) && place(a) == place(b);
    let of_packages = a.scan_type == ScanType::Dependency || b.scan_type == ScanType::Dependency;
    let one_rule = a.rule_id.is_some() && rule(a) == rule(b);
    let one_cwe = a.scan_type == ScanType::Code && a.scan_type == b.scan_type && a.cwe.is_some() && a.cwe == b.cwe;
    known && !of_packages && (one_rule || (one_cwe && secret(a) == secret(b)) || (secret(a) && secret(b)))
}

/// Weak point 9: the reference merges whatever has one place and one shortened title, also of one scanner and without a place. Ours
/// merges what has one place and one subject; each pair that differs is of a class below.
#[test]
fn deduplication() {
    let Some(document) = vectors("dedup.json") else { return };
    let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
    for case in document["cases"].as_array().unwrap() {
        let given = findings(&case["input"]["findings"]);
        let keys = case["expected"]["keys"].as_array().unwrap();
        for (j, b) in given.iter().enumerate() {
            for (i, a) in given.iter().enumerate().take(j) {
                let ours = dedup::deduplicate(vec![a.clone(), b.clone()]).len() == 1;
                assert_eq!(ours, same_thing(a, b), "{} {} {}", case["id"], a.id, b.id);
                let class = match (keys[i] == keys[j], ours) {
                    (true, true) => "both merge",
                    (false, false) => "both keep",
                    (false, true) => "ours only: one rule at one place, titles worded differently",
                    _ if a.scanner == b.scanner => "reference only: results that one scanner tells apart",
                    _ if a.line.is_none() || a.file_path.is_none() => "reference only: no known place",
                    _ if a.file_path != b.file_path => "reference only: places that its key runs together",
                    _ => "reference only: another rule and no common CWE",
                };
                *classes.entry(class).or_default() += 1;
            }
        }
        let forward = dedup::deduplicate(given.clone());
        let backward = dedup::deduplicate(given.iter().rev().cloned().collect());
        assert_eq!(ids(&backward).len(), ids(&forward).len(), "{}", case["id"]);
        assert_eq!(dedup::deduplicate(forward.clone()), forward, "{}", case["id"]);
        // Nobody's report is lost: whoever is merged away is named.
        for finding in &given {
            let named = forward.iter().any(|f| {
                f.scanner == finding.scanner || f.metadata.also_reported_by.iter().any(|r| r.scanner == finding.scanner)
            });
            assert!(named, "{} {}", case["id"], finding.scanner);
        }
    }
    println!("pairs of findings: {classes:#?}");
    let differing: Vec<usize> = classes.iter().filter(|(name, _)| name.contains("only")).map(|(_, count)| *count).collect();
    assert_eq!((classes["both merge"], classes["both keep"], differing), (130, 940, vec![12, 4, 6]));
    assert_eq!(document["cases"].as_array().unwrap().len(), 125);
}

/// A stamp that is no severity (the empty string) is dropped when read: such a finding counts as not overridden yet.
#[test]
fn overrides() {
    let Some(document) = vectors("severity_overrides.json") else { return };
    let (mut exact, mut odd_stamps) = (0, 0);
    for case in document["cases"].as_array().unwrap() {
        let (input, expected) = (&case["input"], &case["expected"]);
        let mut ours = findings(&input["findings"]);
        let map: BTreeMap<String, Severity> = serde_json::from_value(input["overrides"].clone()).unwrap();
        let counts: Vec<usize> =
            (0..input["times"].as_u64().unwrap()).map(|_| severity::apply_overrides(&mut ours, &map)).collect();
        let mut newly = 0;
        for (index, finding) in ours.iter().enumerate() {
            let (given, wanted) = (&input["findings"][index], &expected["findings"][index]);
            assert_eq!(finding.id, wanted["id"].as_str().unwrap());
            let applies = given["rule_id"].as_str().is_some_and(|rule| map.contains_key(rule));
            if given["metadata"]["original_severity"] == "" && applies {
                assert_eq!(json!(finding.metadata.original_severity), given["severity"], "{}", case["id"]);
                newly += 1;
                continue;
            }
            assert_eq!(json!(finding.severity), wanted["severity"], "{}", case["id"]);
            let stamp = &wanted["metadata"]["original_severity"];
            let stamp = if stamp == "" { &Value::Null } else { stamp };
            assert_eq!(&json!(finding.metadata.original_severity), stamp, "{}", case["id"]);
        }
        let wanted: Vec<u64> = serde_json::from_value(expected["n_overridden"].clone()).unwrap();
        assert_eq!(counts[0], usize::try_from(wanted[0]).unwrap() + newly, "{}", case["id"]);
        assert!(counts[1..].iter().all(|count| *count == 0));
        (exact, odd_stamps) = (exact + usize::from(newly == 0), odd_stamps + usize::from(newly > 0));
    }
    println!("exact {exact}, with a stamp that is no severity {odd_stamps}");
    assert_eq!((exact, odd_stamps), (20, 5));
}

fn of_severities(value: &Value) -> Vec<Finding> {
    let words = value.as_array().unwrap().iter();
    words.map(|w| Finding::new("s", ScanType::Code, w.as_str().unwrap().parse().unwrap(), "t")).collect()
}

#[test]
fn risk_scores_and_summaries() {
    let Some(document) = vectors("risk_score.json") else { return };
    for case in document["cases"].as_array().unwrap() {
        let (input, wanted) = (&case["input"], &case["expected"]["summary"]);
        let mut all = of_severities(&input["severities"]);
        assert_eq!(json!(score::risk_score(&all)), case["expected"]["risk_score"], "{}", case["id"]);
        let summary = json!(score::summary(&all, serde_json::from_value(input["scanners_run"].clone()).unwrap()));
        for key in ["critical", "high", "medium", "low", "info", "risk_score", "scanners_run"] {
            assert_eq!(summary[key], wanted[key], "{} {key}", case["id"]);
        }
        assert_eq!((&summary["total"], &summary["suppressed"]), (&wanted["total_findings"], &json!(0)));
        all.reverse();
        assert_eq!(json!(score::risk_score(&all)), case["expected"]["risk_score"], "order is nothing to a score");
    }
    assert_eq!(document["count"], 78);
}

#[test]
fn thresholds() {
    let Some(document) = vectors("threshold.json") else { return };
    for case in document["cases"].as_array().unwrap() {
        let threshold = case["input"]["threshold"].as_str().unwrap().parse().unwrap();
        let count = score::count_at_or_above(&of_severities(&case["input"]["severities"]), threshold);
        assert_eq!(json!(count), case["expected"]["count"], "{}", case["id"]);
    }
    assert_eq!(document["count"], 51);
}

/// By v1 fingerprints, as the reference has them. Decisions that differ: multisets (spec 03, section 1), the documentation's order
/// (D1), and a finding whose suppression was taken away is new.
#[test]
fn classification() {
    let Some(document) = vectors("diff_classify.json") else { return };
    let (mut exact, mut multiset, mut unsuppressed) = (0, 0, 0);
    for case in document["cases"].as_array().unwrap() {
        let (input, expected) = (&case["input"], &case["expected"]);
        let side = |name: &str| {
            let mut findings = findings(&input[name]);
            for finding in findings.iter_mut().filter(|f| f.fingerprint.is_empty()) {
                finding.fingerprint = v1::fingerprint_in(finding, input["cwd"].as_str().unwrap());
            }
            ScanResult { findings, ..ScanResult::default() }
        };
        let (base, head) = (side("base"), side("head"));
        let diff = classify::diff(base.clone(), head.clone());
        for list in [&diff.new, &diff.fixed, &diff.unchanged] {
            assert!(list.is_sorted_by(|a, b| docs_key(a) <= docs_key(b)));
        }
        assert!(diff.not_scanned.is_empty());
        // How often each fingerprint is on each side.
        let mut sides: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
        for (index, result) in [&base, &head].into_iter().enumerate() {
            result.findings.iter().for_each(|f| sides.entry(&f.fingerprint).or_default()[index] += 1);
        }
        let count = |list: &[Finding], print: &str| list.iter().filter(|f| f.fingerprint == print).count();
        let hidden =
            |result: &ScanResult, print: &str| result.findings.iter().any(|f| f.fingerprint == print && f.is_suppressed());
        let (mut has_copies, mut was_hidden) = (false, false);
        for (print, [m, n]) in &sides {
            let (new, fixed, unchanged) = (count(&diff.new, print), count(&diff.fixed, print), count(&diff.unchanged, print));
            assert_eq!((new + unchanged, fixed), (*n, m.saturating_sub(*n)), "{}", case["id"]);
            let reappeared = unchanged < *m.min(n);
            assert!(!reappeared || hidden(&base, print), "{}", case["id"]);
            (has_copies, was_hidden) = (has_copies || *m > 1 || *n > 1, was_hidden || reappeared);
        }
        let listed = |list: &[Finding]| {
            let mut all: Vec<String> = list.iter().map(|f| format!("{} {}", f.fingerprint, f.id)).collect();
            all.sort();
            all
        };
        let wanted = |name: &str| {
            let items = expected[name].as_array().unwrap().iter();
            let mut all: Vec<String> =
                items.map(|e| format!("{} {}", e["fingerprint"].as_str().unwrap(), e["id"].as_str().unwrap())).collect();
            all.sort();
            all
        };
        if has_copies {
            multiset += 1;
        } else if was_hidden {
            unsuppressed += 1;
        } else {
            assert_eq!(listed(&diff.new), wanted("new"), "{}", case["id"]);
            assert_eq!(listed(&diff.fixed), wanted("fixed"), "{}", case["id"]);
            assert_eq!(listed(&diff.unchanged), wanted("unchanged"), "{}", case["id"]);
            exact += 1;
        }
    }
    println!("exact {exact}, multiset {multiset}, suppression taken away {unsuppressed}");
    assert_eq!((exact, multiset, unsuppressed), (25, 27, 0));
}
