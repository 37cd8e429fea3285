use super::*;
use crate::model::{Reporter, ScanType, Severity};
use crate::source::{MemorySources, NoSources};
use std::sync::Arc;

fn finding(rule: &str, file: &str, line: u32, fingerprint: &str) -> Finding {
    let mut f = Finding::new("semgrep", ScanType::Code, Severity::High, "title");
    f.rule_id = Some(rule.into());
    f.file_path = Some(file.into());
    f.line = Some(line);
    f.fingerprint = fingerprint.into();
    f
}

fn sources(files: &[(&str, &str)]) -> MemorySources {
    MemorySources(files.iter().map(|(path, text)| ((*path).to_owned(), Arc::from(text.as_bytes()))).collect())
}

fn stamps(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(|f| f.metadata.suppressed_by.map_or("-", SuppressedBy::as_str)).collect()
}

#[test]
fn the_most_local_mechanism_wins() {
    let ignored = ["R".to_owned(), "S".to_owned()];
    let mut findings = vec![finding("R", "a.py", 1, "f1"), finding("S", "a.py", 2, "f2"), finding("T", "a.py", 3, "f3")];
    let baseline = Baseline::from_findings(&findings, ".", &[]);
    let policy = Policy { ignored_rules: &ignored, baseline: Some(&baseline), inline: true };
    let out = apply(&mut findings, &policy, &sources(&[("a.py", "x # securescan: ignore R\n\n\n")]));
    assert_eq!(stamps(&findings), ["inline", "config", "baseline"]);
    assert_eq!((out.inline, out.config, out.baseline, out.total()), (1, 1, 1, 3));
    assert_eq!(out.audit, []);
}

#[test]
fn stamps_from_outside_are_not_believed() {
    let mut findings = vec![finding("R", "a.py", 1, "f1")];
    findings[0].metadata.suppressed_by = Some(SuppressedBy::Config);
    let out = apply(&mut findings, &Policy::default(), &NoSources);
    assert_eq!((stamps(&findings), out.total()), (vec!["-"], 0));
}

#[test]
fn an_entry_stands_for_one_finding_and_the_nearest() {
    let baseline = Baseline::from_findings(&[finding("R", "a.py", 20, "same")], ".", &[]);
    let mut findings = vec![finding("R", "a.py", 5, "same"), finding("R", "a.py", 22, "same"), finding("R", "a.py", 90, "same")];
    let policy = Policy { baseline: Some(&baseline), ..Policy::default() };
    assert_eq!(apply(&mut findings, &policy, &NoSources).baseline, 1);
    assert_eq!(stamps(&findings), ["-", "baseline", "-"]);
}

#[test]
fn older_fingerprints_and_other_reporters_count() {
    let old = finding("R", "a.py", 1, "x");
    let entry = |fingerprint: &str| finding("R", "a.py", 1, fingerprint);
    let empty = crate::identity::legacy_empty_fingerprint(&old);
    let baseline = Baseline::from_findings(&[entry("v1-line"), entry("reporter"), entry(&empty)], ".", &[]);
    let policy = Policy { baseline: Some(&baseline), ..Policy::default() };

    let mut with_line = finding("R", "a.py", 1, "v2-a");
    with_line.legacy_fingerprint = Some("v1-line".into());
    let mut merged = finding("R", "a.py", 2, "v2-b");
    merged.metadata.also_reported_by = vec![Reporter { fingerprint: "reporter".into(), ..Reporter::default() }];
    let mut findings = vec![with_line, merged, finding("R", "a.py", 3, "v2-c"), finding("R", "a.py", 4, "v2-d")];
    assert_eq!(apply(&mut findings, &policy, &NoSources).baseline, 3);
    // One entry with an empty context is left for two findings that have it: the first line gets it.
    assert_eq!(stamps(&findings), ["baseline", "baseline", "baseline", "-"]);
}

#[test]
fn comments_count_for_every_reporter_of_a_merged_finding() {
    let mut merged = finding("R", "a.py", 1, "f");
    merged.metadata.also_reported_by = vec![Reporter { rule_id: Some("B307".into()), ..Reporter::default() }];
    let mut findings = vec![merged];
    let policy = Policy { inline: true, ..Policy::default() };
    apply(&mut findings, &policy, &sources(&[("a.py", "# securescan: ignore B307\n")]));
    assert_eq!(stamps(&findings), ["inline"]);
}

#[test]
fn a_wildcard_needs_a_rule_and_a_line() {
    let mut findings = vec![finding("", "a.py", 1, "f"), finding("R", "a.py", 1, "f"), finding("R", "a.py", 1, "f")];
    findings[1].line = None;
    let policy = Policy { inline: true, ..Policy::default() };
    apply(&mut findings, &policy, &sources(&[("a.py", "# securescan: ignore *\n")]));
    assert_eq!(stamps(&findings), ["-", "-", "inline"]);
}

#[test]
fn what_has_no_effect_is_reported() {
    let ignored = ["R".to_owned(), "GONE".to_owned()];
    let baseline = Baseline::from_findings(&[finding("Z", "z.py", 1, "z")], ".", &[]);
    let text = "x # securescan: ignore R, OTHER\ny # securescan: ignroe R\nz # securescan: ignore\n";
    let mut findings = vec![finding("R", "a.py", 1, "f")];
    let policy = Policy { ignored_rules: &ignored, baseline: Some(&baseline), inline: true };
    let out = apply(&mut findings, &policy, &sources(&[("a.py", text)]));
    let told: Vec<_> = out.audit.iter().map(|n| (n.file.as_deref(), n.line, n.message.as_str())).collect();
    assert_eq!(told.len(), 5, "{told:?}");
    assert!(told[0].2.contains("1 of 1 baseline entry matches no finding"), "{told:?}");
    assert!(told[1].2.contains("`GONE`"), "{told:?}");
    assert_eq!(told[2].1, Some(1));
    assert!(told[2].2.contains("`OTHER` matches no finding"), "{told:?}");
    assert!(told[3].2.contains("not known") && told[4].2.contains("names no rule"), "{told:?}");
    assert_eq!(audit("a.py", text.as_bytes()).len(), 2);
}

#[test]
fn notices_about_one_file_are_few() {
    let text = "# securescan: ignore\n".repeat(100_000);
    assert_eq!(audit("a.py", text.as_bytes()).len(), 21);
}

#[test]
fn a_hundred_thousand_directives() {
    let text = "x # securescan: ignore R, S\n".repeat(100_000);
    let mut findings: Vec<_> = (1..=1000).map(|line| finding("R", "a.py", line * 100, "f")).collect();
    let policy = Policy { inline: true, ..Policy::default() };
    assert_eq!(apply(&mut findings, &policy, &sources(&[("a.py", &text)])).inline, 1000);
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    fn any_finding() -> impl Strategy<Value = Finding> {
        (0..3u32, 1..6u32, 0..3u32, 0..2u32).prop_map(|(rule, line, print, legacy)| {
            let mut f = finding(&format!("R{rule}"), "a.py", line, &format!("f{print}"));
            f.legacy_fingerprint = (legacy == 1).then(|| format!("f{}", print + 1));
            f
        })
    }

    /// What happened, without regard to order.
    fn outcome(findings: &[Finding]) -> Vec<String> {
        let mut out: Vec<_> = findings
            .iter()
            .map(|f| {
                format!(
                    "{:?} {:?} {} {:?} {:?}",
                    f.rule_id, f.line, f.fingerprint, f.legacy_fingerprint, f.metadata.suppressed_by
                )
            })
            .collect();
        out.sort();
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn order_does_not_matter_and_twice_is_once(
            findings in prop::collection::vec(any_finding(), 0..12),
            known in prop::collection::vec(any_finding(), 0..6),
            turn in 0..12usize,
        ) {
            let baseline = Baseline::from_findings(&known, ".", &[]);
            let ignored = ["R2".to_owned()];
            let policy = Policy { ignored_rules: &ignored, baseline: Some(&baseline), inline: true };
            let text = sources(&[("a.py", "x\n# securescan: ignore R1\ny\n")]);
            let mut once = findings.clone();
            let first = apply(&mut once, &policy, &text);
            let mut twice = once.clone();
            prop_assert_eq!(apply(&mut twice, &policy, &text), first.clone());
            prop_assert_eq!(&twice, &once);
            let mut turned = findings.clone();
            turned.reverse();
            if !turned.is_empty() {
                let by = turn % turned.len();
                turned.rotate_left(by);
            }
            prop_assert_eq!(apply(&mut turned, &policy, &text), first.clone());
            prop_assert_eq!(outcome(&turned), outcome(&once));
            prop_assert!(first.baseline <= baseline.len());
        }

        #[test]
        fn any_bytes_are_read(text in prop::collection::vec(any::<u8>(), 0..400), name in "[a-z.]{0,8}") {
            let mut bytes = b"x # securescan: ignore ".to_vec();
            bytes.extend(text);
            for mark in marks(&name, &bytes) {
                prop_assert!(!mark.rule_ids.is_empty() && mark.first_line <= mark.last_line);
            }
        }
    }
}
