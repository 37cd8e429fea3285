use super::*;
use crate::model::{Package, ScanType, Severity};

fn finding(scanner: &str, rule: &str, line: u32, cwe: &str) -> Finding {
    let mut f = Finding::new(scanner, ScanType::Code, Severity::Medium, format!("{rule} found"));
    f.rule_id = Some(rule.into());
    f.file_path = Some("a.py".into());
    f.line = Some(line);
    f.cwe = Some(cwe.into());
    f.fingerprint = format!("{scanner}-{rule}-{line}");
    f
}

fn advisory(scanner: &str, ids: &[&str], version: &str) -> Finding {
    let mut f = Finding::new(scanner, ScanType::Dependency, Severity::High, "vulnerable");
    f.rule_id = Some(ids[0].into());
    f.file_path = Some("requirements.txt".into());
    f.vulnerability_ids = ids.iter().map(|s| (*s).to_owned()).collect();
    f.package = Some(Box::new(Package {
        ecosystem: "pypi".into(),
        name: "Foo_x".into(),
        version: Some(version.into()),
        ..Package::default()
    }));
    f.fingerprint = format!("{scanner}-{}", ids[0]);
    f
}

#[test]
fn the_authority_owns_and_all_reporters_are_kept() {
    let mut low = finding("bandit", "B307", 3, "CWE-95");
    low.severity = Severity::High;
    let out = deduplicate(vec![low, finding("semgrep", "eval", 3, "CWE-95")]);
    assert_eq!(out.len(), 1);
    assert_eq!((out[0].scanner.as_str(), out[0].severity), ("semgrep", Severity::High));
    assert_eq!(out[0].metadata.also_reported_by[0].fingerprint, "bandit-B307-3");
    assert_eq!(out[0].fingerprints().count(), 2);
}

#[test]
fn distinct_things_stay() {
    let pairs = [
        (finding("bandit", "B307", 3, "CWE-95"), finding("bandit", "B608", 3, "CWE-95")),
        (finding("bandit", "B307", 3, "CWE-95"), finding("semgrep", "sql", 3, "CWE-89")),
        (finding("bandit", "B307", 3, "CWE-95"), finding("semgrep", "eval", 4, "CWE-95")),
    ];
    for (a, b) in pairs {
        assert_eq!(deduplicate(vec![a, b]).len(), 2);
    }
    // Two rules of one scanner are never swallowed by one finding of another.
    let three =
        vec![finding("bandit", "B1", 3, "CWE-95"), finding("bandit", "B2", 3, "CWE-95"), finding("semgrep", "eval", 3, "CWE-95")];
    assert_eq!(deduplicate(three).len(), 2);
    // No place, no merge.
    let nowhere = |scanner: &str| Finding { file_path: None, line: None, ..finding(scanner, "r", 1, "CWE-1") };
    assert_eq!(deduplicate(vec![nowhere("a"), nowhere("b")]).len(), 2);
}

#[test]
fn secrets_meet_at_their_columns() {
    let at = |scanner: &str, column: u32| Finding {
        column: Some(column),
        end_column: Some(column + 10),
        ..finding(scanner, "x", 3, "CWE-798")
    };
    assert_eq!(deduplicate(vec![at("secrets", 5), at("gitleaks", 9)]).len(), 1);
    assert_eq!(deduplicate(vec![at("secrets", 5), at("gitleaks", 30)]).len(), 2);
    assert_eq!(deduplicate(vec![at("secrets", 5), finding("gitleaks", "x", 3, "CWE-798")])[0].scanner, "secrets");
}

#[test]
fn advisories_meet_by_alias_never_across_versions() {
    let out = deduplicate(vec![advisory("safety", &["PYSEC-1", "CVE-1"], "1"), advisory("trivy", &["CVE-1", "GHSA-1"], "1")]);
    assert_eq!(out.len(), 1);
    assert_eq!(out[0].vulnerability_ids, ["CVE-1", "GHSA-1", "PYSEC-1"]);
    assert_eq!(deduplicate(vec![advisory("safety", &["PYSEC-1"], "1"), advisory("trivy", &["CVE-2"], "1")]).len(), 2);
    assert_eq!(deduplicate(vec![advisory("safety", &["CVE-1"], "1"), advisory("trivy", &["CVE-1"], "2")]).len(), 2);
}

#[test]
fn aliases_of_rules_meet() {
    let mut ours = finding("dockerfile", "dockerfile/DL002", 3, "CWE-250");
    ours.metadata.extra.insert("aliases".into(), serde_json::json!(["DL3002"]));
    let theirs = Finding { cwe: None, ..finding("hadolint", "DL3002", 3, "") };
    assert_eq!(deduplicate(vec![theirs, ours]).len(), 1);
}

#[test]
fn copies_go_repeats_stay() {
    let a = finding("s", "r", 1, "CWE-1");
    assert_eq!(deduplicate(vec![a.clone(), a.clone()]).len(), 1);
    let other_column = Finding { column: Some(7), ..a.clone() };
    assert_eq!(deduplicate(vec![a, other_column]).len(), 2);
}

#[test]
fn order_of_input_and_a_second_pass_change_nothing() {
    let all = vec![
        finding("bandit", "B307", 3, "CWE-95"),
        finding("semgrep", "eval", 3, "CWE-95"),
        finding("ruff", "S307", 3, "CWE-95"),
        advisory("safety", &["PYSEC-1", "CVE-1"], "1"),
        advisory("trivy", &["CVE-1"], "1"),
    ];
    let forward = deduplicate(all.clone());
    let backward = deduplicate(all.into_iter().rev().collect());
    assert_eq!(forward, backward);
    assert_eq!(deduplicate(forward.clone()), forward);
    assert_eq!(forward.len(), 2);
}

#[test]
fn aliases_link_what_names_no_common_id() {
    let ids: [(&str, &[&str]); 3] = [("trivy", &["CVE-1"]), ("pip-audit", &["PYSEC-1"]), ("safety", &["CVE-1", "PYSEC-1"])];
    let out = deduplicate(ids.iter().map(|(scanner, ids)| advisory(scanner, ids, "1")).collect());
    assert_eq!((out.len(), out[0].scanner.as_str(), out[0].metadata.also_reported_by.len()), (1, "trivy", 2));
    // Who knows no version fits either; who knows another does not.
    let mut vague = advisory("safety", &["CVE-1"], "");
    vague.package.as_mut().unwrap().version = None;
    let out = deduplicate(vec![vague, advisory("trivy", &["CVE-1"], "1"), advisory("grype", &["CVE-1"], "2")]);
    assert_eq!(out.iter().map(|f| f.metadata.also_reported_by.len()).collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn a_copy_hands_its_reporters_over() {
    let mut a = finding("semgrep", "eval", 3, "CWE-95");
    let mut b = a.clone();
    for (finding, name) in [(&mut a, "x"), (&mut b, "y")] {
        finding.metadata.also_reported_by =
            vec![Reporter { scanner: name.into(), fingerprint: name.into(), ..Reporter::default() }];
    }
    let out = deduplicate(vec![b, a]);
    assert_eq!(out.len(), 1);
    assert_eq!(out[0].fingerprints().collect::<Vec<_>>(), ["semgrep-eval-3", "x", "y"]);
}
