//! What dedup promises of any findings, with rules, ranges and reasons of real tools: nobody is lost, nothing distinct becomes one, order
//! and a second pass change nothing, and very many findings of one place end in time.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it does not expect")]

use proptest::prelude::*;
use proptest::sample::select;
use securescan_core::dedup::deduplicate;
use securescan_core::model::{Reporter, Secret};
use securescan_core::{Finding, Package, ScanType, Severity};
use std::collections::{BTreeMap, BTreeSet};

const RULES: &[(&str, &str)] = &[
    ("bandit", "B602"),
    ("bandit", "B608"),
    ("bandit", "B324"),
    ("bandit", "B105"),
    ("ruff", "S602"),
    ("ruff", "S608"),
    ("ruff", "S105"),
    ("semgrep", "a.b.subprocess-shell-true"),
    ("semgrep", "a.b.formatted-sql-query"),
    ("semgrep", "ours"),
    ("codeql", "py/sql-injection"),
    ("codeql", "py/weak-cryptographic-algorithm"),
    ("gitleaks", "private-key"),
    ("kingfisher", "private-key"),
    ("trivy", "private-key"),
    ("trivy", "DS-0002"),
    ("trivy", "DS-0026"),
    ("trivy", "AWS-0107"),
    ("hadolint", "DL3002"),
    ("hadolint", "DL3057"),
    ("dockerfile", "dockerfile/DL010"),
    ("dockerfile", "dockerfile/no-healthcheck"),
    ("checkov", "CKV_DOCKER_3"),
    ("checkov", "CKV_DOCKER_2"),
    ("checkov", "CKV_AWS_24"),
    ("x", "one"),
    ("y", "one"),
    ("z", "b602"),
    ("safety", "CVE-1"),
    ("npm-audit", "GHSA-1"),
];
const REASONS: &[&str] =
    &["class sql-injection", "class no-such", "CWE-89", "rule one", "rule b602", "secret", "advisory CVE-1", ""];

fn optional<T: std::fmt::Debug + Clone + 'static>(weight: f64, values: &'static [T]) -> impl Strategy<Value = Option<T>> {
    prop::option::weighted(weight, select(values))
}

fn package() -> impl Strategy<Value = Option<Box<Package>>> {
    let fields = (select(&["foo", "Foo_x", "foo-x"][..]), select(&["pypi", "PIP", "npm"][..]), optional(0.7, &["1", "2", "v2"]));
    let made = fields.prop_map(|(name, ecosystem, version)| {
        let version = version.map(str::to_owned);
        Box::new(Package { ecosystem: ecosystem.into(), name: name.into(), version, ..Package::default() })
    });
    prop::option::weighted(0.15, made)
}

fn finding() -> impl Strategy<Value = Finding> {
    let who = (select(RULES), select(&[ScanType::Code, ScanType::Iac][..]), select(Severity::ALL));
    let place = (
        optional(0.95, &["a.py", "b/Dockerfile"]),
        optional(0.9, &[1, 2, 3, 4, 5, 7]),
        optional(0.6, &[1, 5, 9]),
        optional(0.5, &[1, 2, 4, 6, 9]),
        optional(0.5, &[1, 7, 12]),
    );
    let what = (
        optional(0.6, &["CWE-89", "CWE-78", "CWE-327", "CWE-798", "CWE-20", "CWE-250", "odd"]),
        package(),
        prop::collection::btree_set(select(&["CVE-1", "GHSA-1", "PYSEC-1", "CVE-2"][..]), 0..3),
        optional(0.3, &["AAAABBBB", "CCCCDDDD"]),
        optional(0.15, &["DL3002", "one", "S602"]),
        prop::option::weighted(0.2, (select(&["bandit", "old", "semgrep"][..]), optional(0.7, REASONS))),
    );
    (who, place, what).prop_map(|(who, place, what)| {
        let mut f = Finding::new(who.0.0, who.1, who.2, "t");
        f.rule_id = Some(who.0.1.into());
        (f.file_path, f.line, f.column, f.end_line, f.end_column) =
            (place.0.map(str::to_owned), place.1, place.2, place.3, place.4);
        (f.cwe, f.package) = (what.0.map(str::to_owned), what.1);
        f.vulnerability_ids = what.2.into_iter().map(str::to_owned).collect();
        f.secret = what.3.map(|value| Box::new(Secret { kind: "k".into(), value: value.into() }));
        if let Some(alias) = what.4 {
            f.metadata.extra.insert("aliases".into(), serde_json::json!([alias]));
        }
        if let Some((scanner, reason)) = what.5 {
            let reason = reason.map(str::to_owned);
            f.metadata.also_reported_by = vec![Reporter { scanner: scanner.into(), reason, ..Reporter::default() }];
        }
        f
    })
}

/// Findings whose fingerprints are their numbers, and the same in another order.
fn shuffled() -> impl Strategy<Value = (Vec<Finding>, Vec<Finding>)> {
    prop::collection::vec(finding(), 0..20).prop_flat_map(|mut list| {
        for (number, finding) in list.iter_mut().enumerate() {
            finding.fingerprint = number.to_string();
        }
        (Just(list.clone()), Just(list).prop_shuffle())
    })
}

fn value(f: &Finding) -> Option<&str> {
    f.secret.as_deref().map(|s| s.value.as_str())
}

fn package_of(f: &Finding) -> Option<(String, String)> {
    let package = f.package.as_deref()?;
    let ecosystem = package.ecosystem.to_lowercase().replace("pip", "pypi");
    let name = if ecosystem == "pypi" { package.name.to_lowercase().replace('_', "-") } else { package.name.to_lowercase() };
    Some((ecosystem, name))
}

/// Nothing that tells things apart differs between two members of one finding.
fn assert_one_thing(a: &Finding, b: &Finding) {
    assert_ne!(a.scanner, b.scanner, "a scanner's own results");
    assert_eq!(a.file_path, b.file_path, "another file");
    assert_eq!(package_of(a), package_of(b), "another package");
    assert!(value(a).is_none() || value(b).is_none() || value(a) == value(b) || a.package.is_some(), "another secret");
    let version =
        |f: &Finding| f.package.as_deref().and_then(|p| p.version.as_deref()).map(|v| v.trim_start_matches('v').to_owned());
    assert!(version(a).is_none() || version(b).is_none() || version(a) == version(b), "another version");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn order_and_a_second_pass_change_nothing((a, b) in shuffled()) {
        let once = deduplicate(a);
        prop_assert_eq!(&deduplicate(b), &once);
        prop_assert_eq!(&deduplicate(once.clone()), &once);
        let backward: Vec<Finding> = once.iter().rev().cloned().collect();
        prop_assert_eq!(&deduplicate(backward), &once);
    }

    #[test]
    fn a_document_written_and_read_merges_no_further((a, _) in shuffled()) {
        let mut once = deduplicate(a);
        once.iter_mut().for_each(|f| f.secret = None);
        let once = deduplicate(once);
        let read: Vec<Finding> = serde_json::from_str(&serde_json::to_string(&once).unwrap()).unwrap();
        prop_assert_eq!(deduplicate(read), once);
    }

    #[test]
    fn nobody_is_lost_and_nothing_distinct_becomes_one((given, _) in shuffled()) {
        let by_print: BTreeMap<&str, &Finding> = given.iter().map(|f| (f.fingerprint.as_str(), f)).collect();
        let out = deduplicate(given.clone());
        let mut seen = BTreeSet::new();
        for finding in &out {
            let members: Vec<&Finding> = finding.fingerprints().map(|print| by_print[print]).collect();
            for (index, a) in members.iter().enumerate() {
                prop_assert!(seen.insert(a.fingerprint.clone()), "reported twice");
                members[..index].iter().for_each(|b| assert_one_thing(a, b));
            }
            // Who was merged says why, and all of a finding's new reporters say the same, advisories apart.
            let new = finding.metadata.also_reported_by.iter().filter(|r| !r.fingerprint.is_empty());
            let reasons: BTreeSet<&str> = new.clone().map(|r| r.reason.as_deref().unwrap_or("none")).collect();
            prop_assert!(!reasons.contains("none"));
            prop_assert!(reasons.len() <= 1 || reasons.iter().all(|r| r.starts_with("advisory ")), "{:?}", reasons);
            for reporter in new {
                let own = by_print[reporter.fingerprint.as_str()];
                prop_assert_eq!((&own.scanner, &own.rule_id), (&reporter.scanner, &reporter.rule_id));
            }
            // Members on several lines: somebody's range holds the others, or the finding is of the whole file.
            let lines: BTreeSet<Option<u32>> = members.iter().map(|f| f.line).collect();
            let ranged = members.iter().any(|f| f.end_line > f.line || f.line.is_none());
            let of_file = reasons.iter().any(|r| *r == "class no-healthcheck");
            prop_assert!(lines.len() <= 1 || ranged || of_file || finding.package.is_some());
        }
        prop_assert_eq!(seen.len(), given.len());
        // Reporters from before are kept.
        let before = |list: &[Finding]| -> BTreeSet<(String, Option<String>)> {
            let all = list.iter().flat_map(|f| f.metadata.also_reported_by.clone());
            all.filter(|r| r.fingerprint.is_empty()).map(|r| (r.scanner, r.rule_id)).collect()
        };
        prop_assert_eq!(before(&given), before(&out));
    }
}

const MANY: u32 = 200_000;

fn many(make: impl Fn(u32, &mut Finding)) -> Vec<Finding> {
    let one = |n: u32| {
        let mut f = Finding::new(if n % 2 == 0 { "semgrep" } else { "bandit" }, ScanType::Code, Severity::High, "t");
        (f.file_path, f.line, f.fingerprint) = (Some("a.py".into()), Some(1), n.to_string());
        make(n, &mut f);
        f
    };
    (0..MANY).map(one).collect()
}

fn merged(findings: Vec<Finding>) -> usize {
    deduplicate(findings).iter().map(|f| f.metadata.also_reported_by.len()).sum()
}

#[test]
fn very_many_of_one_class_on_one_line() {
    let rules = ["a.subprocess-shell-true", "B602"];
    let list = many(|n, f| (f.rule_id, f.column) = (Some(rules[n as usize % 2].into()), Some(n / 2 + 1)));
    assert_eq!(merged(list), MANY as usize / 2);
    let list = many(|n, f| (f.rule_id, f.title) = (Some(rules[n as usize % 2].into()), format!("{n}")));
    assert_eq!(merged(list), MANY as usize / 2);
}

#[test]
fn very_many_secrets_on_one_line() {
    let secret = |n: u32, f: &mut Finding| {
        f.scanner = ["gitleaks", "kingfisher"][n as usize % 2].into();
        (f.column, f.end_column) = (Some(n / 2 * 40 + 1 + n % 2 * 3), Some(n / 2 * 40 + 30));
    };
    assert_eq!(merged(many(secret)), MANY as usize / 2);
    // One over all of them, and all at one place.
    let mut list = many(secret);
    list[0].end_column = Some(u32::MAX);
    assert_eq!(merged(list), MANY as usize / 2);
    let stacked = many(|n, f| {
        secret(n % 2, f);
        f.column = Some(1);
    });
    assert_eq!(merged(stacked), MANY as usize / 2);
    let vague = many(|n, f| {
        secret(n, f);
        f.column = None;
    });
    assert_eq!(merged(vague), MANY as usize / 2);
}

#[test]
fn very_many_blocks_within_each_other() {
    let list = many(|n, f| {
        f.scanner = ["checkov", "trivy"][n as usize % 2].into();
        f.rule_id = Some(["CKV_AWS_24", "AWS-0107"][n as usize % 2].into());
        (f.line, f.end_line) = if n % 2 == 0 { (Some(n / 2 + 1), Some(MANY)) } else { (Some(MANY / 2 + n / 2), None) };
    });
    assert_eq!(merged(list), MANY as usize / 2);
    // One other among them, which only one of them can take.
    let list = many(|n, f| {
        f.scanner = "checkov".into();
        if n == 1 {
            f.scanner = "trivy".into();
        }
        (f.rule_id, f.line, f.end_line) = (Some("CKV_AWS_24".into()), Some(n + 1), Some(MANY));
    });
    assert_eq!(merged(list), 1);
}

#[test]
fn very_many_that_were_merged_before() {
    // Everybody has another set of reporters and all of one: nothing fits anything.
    let list = many(|n, f| {
        f.rule_id = Some("one".into());
        f.scanner = format!("s{}", n % 1000);
        f.metadata.also_reported_by =
            ["all".to_owned(), format!("r{n}")].map(|scanner| Reporter { scanner, ..Reporter::default() }).into();
    });
    assert_eq!(deduplicate(list).len(), MANY as usize);
}

#[test]
fn very_many_subjects_that_end_up_closed() {
    let list = many(|n, f| {
        f.scanner = format!("s{}", n % 700);
        f.rule_id = Some("b602".into());
        f.cwe = Some(format!("CWE-{}", 5000 + n % 3));
        f.column = Some(n);
    });
    let out = deduplicate(list);
    assert!(out.len() >= MANY as usize / 700 && out.len() <= MANY as usize / 700 * 4, "{}", out.len());
}
