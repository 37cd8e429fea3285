use super::*;
use crate::model::{Package, ScanType, Severity};

/// A finding of code at a line.
pub(super) fn at(scanner: &str, rule: &str, file: &str, line: u32) -> Finding {
    let mut f = Finding::new(scanner, ScanType::Code, Severity::Medium, format!("{rule} found"));
    (f.rule_id, f.file_path, f.line) = (Some(rule.into()), Some(file.into()), Some(line));
    f.fingerprint = format!("{scanner}-{rule}-{line}");
    f
}

/// Whether two findings are one, in either order, and stay so.
pub(super) fn one(a: &Finding, b: &Finding) -> bool {
    let (forward, backward) = (deduplicate(vec![a.clone(), b.clone()]), deduplicate(vec![b.clone(), a.clone()]));
    assert_eq!(forward, backward);
    assert_eq!(deduplicate(forward.clone()), forward);
    forward.len() == 1
}

fn reasons(findings: &[Finding]) -> Vec<(&str, &str)> {
    let all = findings.iter().flat_map(|f| &f.metadata.also_reported_by);
    all.map(|r| (r.scanner.as_str(), r.reason.as_deref().unwrap_or("none"))).collect()
}

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

#[test]
fn reasons_say_why() {
    let cases = [
        (vec![at("bandit", "B602", "a.py", 3), at("semgrep", "x.subprocess-shell-true", "a.py", 3)], "class command-injection"),
        (vec![finding("x", "one", 3, "CWE-352"), finding("y", "two", 3, "CWE-352")], "class csrf"),
        (vec![finding("x", "one", 3, "CWE-327"), finding("y", "two", 3, "CWE-327")], "CWE-327"),
        (vec![finding("x", "one", 3, "CWE-5"), finding("y", "two", 3, "CWE-5")], "CWE-5"),
        (vec![at("x", "Same", "a.py", 3), at("y", "same", "a.py", 3)], "rule Same"),
        (vec![finding("gitleaks", "a", 3, "CWE-1"), finding("bandit", "B105", 3, "CWE-259")], "secret"),
        (vec![advisory("safety", &["PYSEC-1", "CVE-1"], "1"), advisory("trivy", &["CVE-1"], "1")], "advisory CVE-1"),
    ];
    for (findings, reason) in cases {
        let out = deduplicate(findings);
        assert_eq!(out.iter().map(|f| f.metadata.also_reported_by.len()).collect::<Vec<_>>(), [1], "{reason}");
        assert_eq!(reasons(&out)[0].1, reason);
    }
}

#[test]
fn a_chain_of_two_subjects_is_two_findings() {
    // Ours is about both; the others share nothing with each other.
    let both = |mut f: Finding| {
        f.metadata.extra.insert("aliases".into(), serde_json::json!(["one", "two"]));
        f
    };
    let all = vec![both(at("a", "own", "a.py", 3)), at("b", "one", "a.py", 3), at("c", "two", "a.py", 3)];
    let out = deduplicate(all.clone());
    assert_eq!((out.len(), reasons(&out)), (2, vec![("b", "rule one")]));
    // What it was merged for is what it is about from now on.
    assert_eq!(deduplicate(out.clone()), out);
    let backward: Vec<Finding> = all.into_iter().rev().collect();
    assert_eq!(deduplicate(backward), out);
}

#[test]
fn merged_before_and_a_third_report_of_the_same() {
    let first = deduplicate(vec![at("bandit", "B602", "a.py", 3), at("ruff", "S602", "a.py", 3)]);
    let mut both = first;
    both.push(at("semgrep", "x.subprocess-shell-true", "a.py", 3));
    let out = deduplicate(both);
    assert_eq!((out.len(), out[0].scanner.as_str()), (1, "semgrep"));
    assert_eq!(reasons(&out), [("bandit", "class command-injection"), ("ruff", "class command-injection")]);
    // A document without reasons is read and grows.
    let mut old = at("bandit", "B602", "a.py", 3);
    old.metadata.also_reported_by = vec![Reporter { scanner: "x".into(), ..Reporter::default() }];
    let out = deduplicate(vec![old, at("ruff", "S602", "a.py", 3)]);
    assert_eq!(reasons(&out), [("ruff", "class command-injection"), ("x", "none")]);
}

fn to(f: Finding, end_line: u32) -> Finding {
    Finding { end_line: Some(end_line), ..f }
}

#[test]
fn offsets_are_those_of_the_table() {
    let call = to(at("semgrep", "x.formatted-sql-query", "a.py", 10), 14);
    assert!(one(&call, &at("bandit", "B608", "a.py", 12)));
    assert!(!one(&call, &at("bandit", "B608", "a.py", 15)), "below the range");
    assert!(!one(&call, &at("bandit", "B608", "a.py", 9)), "above it");
    assert!(!one(&to(call.clone(), 40), &at("bandit", "B608", "a.py", 15)), "too far below its start");
    assert!(!one(&call, &at("bandit", "B602", "a.py", 12)), "another class");
    assert!(!one(&to(at("other", "q", "a.py", 10), 14), &at("bandit", "B608", "a.py", 12)), "a tool without an offset");
    assert!(one(&to(at("bandit", "B201", "a.py", 10), 13), &at("ruff", "S201", "a.py", 12)));
    let block = to(at("checkov", "CKV_AWS_24", "main.tf", 6), 14);
    assert!(one(&block, &at("trivy", "AWS-0107", "main.tf", 12)));
    assert!(!one(&block, &at("trivy", "AWS-0107", "main.tf", 15)));
    let key = |scanner: &str, line: u32, last: u32| to(at(scanner, "private-key", "dev.key", line), last);
    assert!(one(&key("gitleaks", 1, 12), &Finding { cwe: Some("CWE-798".into()), ..key("trivy", 2, 11) }));
    assert!(!one(&key("gitleaks", 1, 12), &Finding { cwe: Some("CWE-798".into()), ..key("trivy", 3, 11) }));
}

#[test]
fn offsets_chain_through_one_line_and_not_further() {
    let semgrep = to(at("semgrep", "x.formatted-sql-query", "a.py", 10), 14);
    let all = vec![
        semgrep,
        at("bandit", "B608", "a.py", 12),
        at("ruff", "S608", "a.py", 12),
        at("codeql", "py/sql-injection", "a.py", 14),
    ];
    let out = deduplicate(all.clone());
    assert_eq!((out.len(), out[0].scanner.as_str(), reasons(&out).len()), (1, "semgrep", 3));
    assert_eq!(out[0].line, Some(10));
    // A second statement of the same kind inside the range stays.
    let mut two = all;
    two.push(at("bandit", "B608", "a.py", 13));
    two.push(at("ruff", "S608", "a.py", 13));
    let out = deduplicate(two);
    assert_eq!(
        out.iter().map(|f| (f.line, f.metadata.also_reported_by.len())).collect::<Vec<_>>(),
        [(Some(13), 1), (Some(10), 3)]
    );
}

#[test]
fn what_is_said_of_a_whole_file_needs_no_line() {
    let file = |scanner: &str, rule: &str, line: Option<u32>| Finding { line, ..at(scanner, rule, "Dockerfile", 1) };
    assert!(one(&file("trivy", "DS-0026", None), &file("dockerfile", "dockerfile/no-healthcheck", Some(5))));
    assert!(one(&file("trivy", "DS-0026", Some(1)), &file("hadolint", "DL3057", Some(5))));
    assert!(one(&file("trivy", "DS-0002", None), &file("dockerfile", "dockerfile/DL010", Some(5))));
    assert!(!one(&file("trivy", "DS-0002", Some(1)), &file("dockerfile", "dockerfile/DL010", Some(5))));
    assert!(
        !one(&file("trivy", "DS-0005", None), &file("hadolint", "DL3020", Some(5))),
        "an instruction's rule is about its line"
    );
    let whole = to(file("checkov", "CKV_DOCKER_3", Some(1)), 8);
    let out = deduplicate(vec![file("trivy", "DS-0002", None), whole, file("dockerfile", "dockerfile/DL010", Some(5))]);
    assert_eq!((out.len(), reasons(&out).len()), (1, 2));
    let out = deduplicate(vec![file("trivy", "DS-0026", None), to(file("checkov", "CKV_DOCKER_2", Some(2)), 8)]);
    assert_eq!(out[0].line, Some(2), "the owner learns the line");
}

#[test]
fn two_of_one_kind_on_a_line_are_told_by_their_columns() {
    let eval = |scanner: &str, rule: &str, column: u32| Finding { column: Some(column), ..at(scanner, rule, "a.py", 3) };
    let out = deduplicate(vec![eval("bandit", "B307", 5), eval("bandit", "B307", 30), eval("semgrep", "x.eval-detected", 30)]);
    let seen: Vec<_> = out.iter().map(|f| (f.scanner.as_str(), f.column, f.metadata.also_reported_by.len())).collect();
    assert_eq!(seen, [("bandit", Some(5), 0), ("semgrep", Some(30), 1)]);
}

#[test]
fn another_value_is_another_secret() {
    let secret = |scanner: &str, value: &str| Finding {
        secret: (!value.is_empty()).then(|| Box::new(crate::model::Secret { kind: "k".into(), value: value.into() })),
        ..finding(scanner, "x", 3, "CWE-798")
    };
    assert!(one(&secret("gitleaks", "abc"), &secret("secrets", "abc")));
    assert!(!one(&secret("gitleaks", "abc"), &secret("secrets", "abd")));
    let out = deduplicate(vec![secret("secrets", ""), secret("gitleaks", "abc"), secret("trivy", "abd")]);
    assert_eq!((out.len(), deduplicate(out.clone())), (2, out));
    // A range that holds nothing says nothing of where the secret is.
    let empty = Finding { column: Some(1), end_column: Some(1), ..secret("trivy", "") };
    assert!(one(&Finding { column: Some(20), end_column: Some(40), ..secret("gitleaks", "") }, &empty));
    assert!(!one(&secret("gitleaks", ""), &at("semgrep", "x.eval-detected", "a.py", 3)), "a secret is nothing else");
}

#[test]
fn packages_meet_under_any_of_their_names() {
    let package = |scanner: &str, ecosystem: &str, name: &str, version: Option<&str>| {
        let mut f = advisory(scanner, &["CVE-1"], "");
        let package =
            Package { ecosystem: ecosystem.into(), name: name.into(), version: version.map(str::to_owned), ..Package::default() };
        f.package = Some(Box::new(package));
        f
    };
    assert!(one(&package("a", "PyPI", "Foo_x", Some("1")), &package("b", "pip", "foo-x", Some("1"))));
    assert!(one(&package("a", "Go", "example.org/m", Some("v1.2.0")), &package("b", "golang", "example.org/m", Some("1.2.0"))));
    assert!(!one(&package("a", "npm", "x", Some("1")), &package("b", "pypi", "x", Some("1"))), "another ecosystem");
    assert!(!one(&package("a", "npm", "x", None), &package("b", "npm", "y", None)), "another package");
    let mut elsewhere = package("b", "pypi", "x", None);
    elsewhere.file_path = Some("app/requirements.txt".into());
    assert!(!one(&package("a", "pypi", "x", None), &elsewhere), "another manifest");
    // Two installed versions stay two; who names none goes with the first.
    let tree = ["1", "2"].map(|v| package("trivy", "npm", "x", Some(v)));
    let out = deduplicate(tree.into_iter().chain([package("npm-audit", "npm", "x", None)]).collect());
    assert_eq!(out.iter().map(|f| f.metadata.also_reported_by.len()).sum::<usize>(), 1);
    assert_eq!(out.len(), 2);
}
