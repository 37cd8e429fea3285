//! What the steps promise, on generated findings: idempotent, free of the order in, nothing lost, nothing counted twice. And hostile
//! amounts of one thing, which have to end.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it does not expect")]

use proptest::prelude::*;
use proptest::sample::select;
use securescan_core::baseline::Baseline;
use securescan_core::compliance::Frameworks;
use securescan_core::config::Config;
use securescan_core::model::{Endpoint, Reporter, Secret};
use securescan_core::pipeline::{self, PipelineOptions, Processed};
use securescan_core::source::MemorySources;
use securescan_core::{
    Confidence, Finding, Findings, Package, ScanResult, ScanType, ScannerRun, ScannerStatus, Severity, classify, dedup, identity,
};
use std::collections::BTreeSet;

const SOURCE: &str = "eval(a)\neval(a)\npassword = 'AAAABBBB'\nkey('AAAABBBB', 'CCCCDDDD')  # securescan: ignore\n\nf(\n a\n)\n";

fn sources() -> MemorySources {
    let files = ["a.py", "b/Dockerfile", "c.js"].map(|path| (path.to_owned(), SOURCE.as_bytes().to_vec().into()));
    MemorySources(files.into())
}

fn optional<T: std::fmt::Debug + Clone + 'static>(values: &'static [T]) -> impl Strategy<Value = Option<T>> {
    prop::option::weighted(0.7, select(values))
}

fn package() -> impl Strategy<Value = Package> {
    (select(&["foo", "Foo_x", "foo-x"][..]), optional(&["1", "2"]), optional(&["3"])).prop_map(|(name, version, fixed)| Package {
        ecosystem: "pypi".into(),
        name: name.into(),
        version: version.map(str::to_owned),
        fixed_version: fixed.map(str::to_owned),
        purl: None,
    })
}

/// Findings from small pools, so that they meet in every way they can.
fn finding() -> impl Strategy<Value = Finding> {
    let who = (
        select(&["semgrep", "bandit", "ruff", "secrets", "gitleaks", "trivy", "safety", "x"][..]),
        select(&[ScanType::Code, ScanType::Code, ScanType::Code, ScanType::Iac, ScanType::Dependency, ScanType::Dast][..]),
        select(Severity::ALL),
        optional(Confidence::ALL),
        select(&["one", "two"][..]),
    );
    let place = (optional(&["a.py", "b/Dockerfile", "c.js", "gone.py"]), optional(&[1, 2, 3, 4, 6, 99]), optional(&[1, 5, 9]));
    let extent = (optional(&[1, 4, 8]), optional(&[7, 12]));
    let what = (
        optional(&["B1", "b1", "B2", "CVE-1"]),
        optional(&["CWE-95", "CWE-78", "CWE-798"]),
        prop::option::weighted(0.3, package()),
        prop::collection::btree_set(select(&["CVE-1", "GHSA-1", "PYSEC-1", "CVE-2"][..]), 0..3),
    );
    let more = (
        optional(&["AAAABBBB", "CCCCDDDD"]),
        prop::option::weighted(0.2, select(&["/u/1", "/x"][..])),
        prop::option::weighted(0.2, select(&["B1", "B2"][..])),
        prop::option::weighted(0.2, select(&["bandit", "safety", "old"][..])),
        select(&["", "d", "e"][..]),
        select(&[0, 0, 0, 1][..]),
    );
    (who, place, extent, what, more).prop_map(|(who, place, extent, what, more)| {
        let mut f = Finding::new(who.0, who.1, who.2, who.4);
        f.confidence = who.3;
        (f.file_path, f.line, f.column) = (place.0.map(str::to_owned), place.1, place.2);
        (f.end_line, f.end_column) = extent;
        (f.rule_id, f.cwe) = (what.0.map(str::to_owned), what.1.map(str::to_owned));
        f.package = what.2.map(Box::new);
        f.vulnerability_ids = what.3.into_iter().map(str::to_owned).collect();
        f.secret = more.0.filter(|_| who.0 == "secrets").map(|v| Box::new(Secret { kind: "k".into(), value: v.into() }));
        f.metadata.endpoint = more.1.map(|path| Box::new(Endpoint { path: Some(path.into()), ..Endpoint::default() }));
        if let Some(alias) = more.2 {
            f.metadata.extra.insert("aliases".into(), serde_json::json!([alias]));
        }
        let reporter =
            |scanner: &str| Reporter { scanner: scanner.into(), fingerprint: format!("of {scanner}"), ..Reporter::default() };
        f.metadata.also_reported_by = more.3.map(reporter).into_iter().collect();
        f.description = more.4.into();
        if more.5 == 1 {
            f.metadata.tool.insert("commit".into(), serde_json::json!(more.4));
        }
        f
    })
}

fn findings() -> impl Strategy<Value = Vec<Finding>> {
    prop::collection::vec(finding(), 0..24)
}

/// A list and the same list in another order.
fn shuffled() -> impl Strategy<Value = (Vec<Finding>, Vec<Finding>)> {
    findings().prop_flat_map(|list| (Just(list.clone()), Just(list).prop_shuffle()))
}

fn options<'a>(config: &'a Config, baseline: Option<&'a Baseline>, sources: &'a MemorySources) -> PipelineOptions<'a> {
    PipelineOptions { config, baseline, suppress: true, frameworks: Frameworks::builtin(), sources }
}

fn config() -> Config {
    Config {
        severity_overrides: [("B1".to_owned(), Severity::Info), ("CVE-1".to_owned(), Severity::Critical)].into(),
        ignored_rules: vec!["B2".to_owned()],
        ..Config::default()
    }
}

fn run(findings: Vec<Finding>, baseline: Option<&Baseline>) -> Processed {
    let (config, sources) = (config(), sources());
    pipeline::run(findings, &options(&config, baseline, &sources))
}

fn json(findings: &[Finding]) -> String {
    Findings::from_vec(findings.to_vec()).to_json()
}

fn identified(mut findings: Vec<Finding>) -> Vec<Finding> {
    identity::identify(&mut findings, &sources());
    findings
}

fn side(findings: Vec<Finding>, failed: bool) -> ScanResult {
    let status = if failed { ScannerStatus::Failed } else { ScannerStatus::Ok };
    let scanners =
        vec![ScannerRun::new("semgrep", ScanType::Code, status), ScannerRun::new("x", ScanType::Code, ScannerStatus::Ok)];
    ScanResult { scanners, findings, ..ScanResult::default() }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn the_pipeline_does_not_depend_on_the_order_in((a, b) in shuffled()) {
        let first = run(a.clone(), None);
        prop_assert_eq!(json(&first.findings), json(&run(b.clone(), None).findings));
        let baseline = Baseline::from_findings(&first.findings[..first.findings.len() / 2], ".", &[ScanType::Code]);
        let (a, b) = (run(a, Some(&baseline)), run(b, Some(&baseline)));
        prop_assert_eq!(json(&a.findings), json(&b.findings));
        prop_assert_eq!(a.suppressed, b.suppressed);
    }

    #[test]
    fn running_twice_is_running_once(list in findings()) {
        let mut once = run(list, None);
        let twice = run(once.findings.clone(), None);
        prop_assert_eq!(json(&once.findings), json(&twice.findings));
        prop_assert_eq!((once.suppressed, twice.overridden), (twice.suppressed, 0));
        // Through its document too.
        let read = Findings::from_json(&json(&once.findings)).unwrap().into_result().findings;
        prop_assert_eq!(json(&run(read, None).findings), json(&once.findings));
        once.findings.reverse();
        prop_assert_eq!(json(&run(once.findings, None).findings), json(&twice.findings));
    }

    #[test]
    fn no_two_findings_of_a_result_are_one(list in findings()) {
        let out = run(list, None).findings;
        let numbered: BTreeSet<(&str, u32)> = out.iter().map(|f| (f.fingerprint.as_str(), f.occurrence)).collect();
        let ids: BTreeSet<&str> = out.iter().map(|f| f.id.as_str()).collect();
        prop_assert_eq!((numbered.len(), ids.len()), (out.len(), out.len()));
        prop_assert!(out.iter().all(|f| f.occurrence >= 1 && f.secret.is_none() && f.metadata.line_snippet.is_none()));
        let text = json(&out);
        prop_assert!(!text.contains("AAAABBBB") && !text.contains("CCCCDDDD"));
    }

    #[test]
    fn dedup_loses_nobody((a, b) in shuffled()) {
        let given = identified(a);
        let once = dedup::deduplicate(given.clone());
        prop_assert_eq!(&dedup::deduplicate(identified(b)), &once);
        prop_assert_eq!(&dedup::deduplicate(once.clone()), &once);
        prop_assert!(once.len() <= given.len());
        let kept: BTreeSet<&str> = once.iter().flat_map(Finding::fingerprints).collect();
        prop_assert!(given.iter().flat_map(Finding::fingerprints).all(|print| kept.contains(print)));
        // The worst severity said of anything is still said.
        prop_assert_eq!(once.iter().map(|f| f.severity).max(), given.iter().map(|f| f.severity).max());
        // A scanner's own results are never merged with each other, copies aside.
        for name in ["semgrep", "bandit", "trivy"] {
            let own = |list: &[Finding]| -> usize {
                let mut said: Vec<Finding> = list.iter().filter(|f| f.scanner == name).cloned().collect();
                said.iter_mut().for_each(|f| f.metadata.also_reported_by.clear());
                dedup::deduplicate(said).len()
            };
            let merged = once.iter().flat_map(|f| &f.metadata.also_reported_by);
            let merged = merged.filter(|r| r.scanner == name && !r.fingerprint.starts_with("of ")).count();
            prop_assert!(once.iter().filter(|f| f.scanner == name).count() + merged >= own(&given).min(1));
        }
    }

    #[test]
    fn every_finding_of_both_sides_is_classified_once(base in findings(), head in findings(), failed in any::<bool>()) {
        let (base, head) = (run(base, None).findings, run(head, None).findings);
        let diff = classify::diff(side(base.clone(), false), side(head.clone(), failed));
        prop_assert_eq!(diff.new.len() + diff.unchanged.len(), head.len());
        // What was paired is unchanged, or new when its suppression was taken away.
        let paired = base.len() - diff.fixed.len() - diff.not_scanned.len();
        prop_assert!(diff.unchanged.len() <= paired && paired <= head.len());
        if base.iter().all(|f| !f.is_suppressed()) {
            prop_assert_eq!(diff.unchanged.len(), paired);
        }
        prop_assert!(!failed || diff.fixed.iter().all(|f| f.scanner != "semgrep"));
        let compared = classify::compare(&base, side(head.clone(), failed));
        prop_assert_eq!(compared.new.len() + compared.still_present.len(), head.len());
        prop_assert_eq!(compared.disappeared.len() + compared.not_scanned.len() + compared.still_present.len(), base.len());
        // In any order in.
        let backward = |list: &[Finding]| list.iter().rev().cloned().collect::<Vec<_>>();
        prop_assert_eq!(classify::diff(side(backward(&base), false), side(backward(&head), failed)), diff);
    }

    #[test]
    fn nothing_changed_is_no_change(list in findings()) {
        let out = run(list, None).findings;
        let diff = classify::diff(side(out.clone(), false), side(out.clone(), false));
        prop_assert_eq!((diff.new.len(), diff.fixed.len(), diff.not_scanned.len(), diff.raised.len()), (0, 0, 0, 0));
        prop_assert_eq!(diff.unchanged, out);
    }
}

const MANY: u32 = 200_000;

fn many(make: impl Fn(u32, &mut Finding)) -> Vec<Finding> {
    (0..MANY)
        .map(|n| {
            let mut f = Finding::new(if n % 2 == 0 { "semgrep" } else { "bandit" }, ScanType::Code, Severity::High, "t");
            (f.file_path, f.line, f.rule_id) = (Some("a.py".into()), Some(1), Some("r".into()));
            make(n, &mut f);
            f
        })
        .collect()
}

#[test]
fn very_many_findings_on_one_line() {
    let list = many(|n, f| (f.column, f.cwe) = (Some(n / 2 + 1), Some("CWE-95".into())));
    let mut out = dedup::deduplicate(identified(list));
    identity::number(&mut out);
    // The n-th of the one scanner is the n-th of the other.
    assert_eq!(out.len(), MANY as usize / 2);
    assert!(out.iter().all(|f| f.scanner == "semgrep" && f.metadata.also_reported_by.len() == 1));
    assert_eq!(out.last().unwrap().occurrence, MANY / 2);
}

#[test]
fn very_many_scanners_of_one_thing() {
    let out = dedup::deduplicate(many(|n, f| f.scanner = format!("s{n}")));
    assert_eq!((out.len(), out[0].metadata.also_reported_by.len()), (1, MANY as usize - 1));
}

#[test]
fn very_many_equal_fingerprints() {
    let make = |n: u32, f: &mut Finding| (f.line, f.fingerprint, f.scanner) = (Some(n + 1), "f".into(), "x".into());
    let (base, mut head) = (many(make), many(make));
    head.iter_mut().for_each(|f| f.line = f.line.map(|line| line + 7));
    head.truncate(MANY as usize - 10);
    let diff = classify::diff(side(base.clone(), false), side(head.clone(), false));
    assert_eq!((diff.new.len(), diff.fixed.len(), diff.unchanged.len()), (0, 10, head.len()));
    assert_eq!(run(base, None).findings.last().unwrap().occurrence, MANY);
}

#[test]
fn very_many_findings_of_one_package() {
    let list = many(|n, f| {
        f.scan_type = ScanType::Dependency;
        f.scanner = if n % 2 == 0 { "trivy".into() } else { "safety".into() };
        f.rule_id = Some(format!("CVE-{}", n / 2));
        let version = Some(format!("{}", n / 2));
        f.package = Some(Box::new(Package { ecosystem: "pypi".into(), name: "p".into(), version, ..Package::default() }));
        f.vulnerability_ids = vec![format!("CVE-{}", n / 2), "GHSA-1".into()];
    });
    let out = dedup::deduplicate(list);
    assert_eq!(out.len(), MANY as usize / 2);
    assert!(out.iter().all(|f| f.scanner == "trivy" && f.metadata.also_reported_by.len() == 1));
}
