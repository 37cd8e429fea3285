//! SARIF: what must hold of every file, beyond the schema (`json_schema.py` checks that), and GitHub's limits.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a failing test panics")]

mod common;

use common::samples::{NAMES, sample, typical};
use securescan_core::model::{Secret, SuppressedBy};
use securescan_core::render::limits::{
    LIMITS, SARIF_ID, SARIF_RESULTS, SARIF_RESULTS_SHOWN, SARIF_RULE_NAME, SARIF_RULE_TAGS, SARIF_RULE_TEXT, SARIF_TEXT,
};
use securescan_core::render::{RenderInput, RenderOptions, render};
use securescan_core::{Finding, ScanResult, ScanType, Severity};
use serde_json::Value;
use std::collections::BTreeSet;

fn sarif(result: &ScanResult, options: RenderOptions) -> Value {
    let mut out = Vec::new();
    render("sarif", &RenderInput { options, ..RenderInput::new(result) }, &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

fn list<'a>(log: &'a Value, path: &str) -> &'a [Value] {
    log.pointer(&format!("/runs/0{path}")).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn notices(log: &Value) -> Vec<(&str, &str)> {
    list(log, "/invocations/0/toolExecutionNotifications")
        .iter()
        .map(|n| (n["descriptor"]["id"].as_str().unwrap(), n["message"]["text"].as_str().unwrap()))
        .collect()
}

fn length(value: &Value) -> usize {
    value.as_str().unwrap().chars().count()
}

fn many(count: usize) -> ScanResult {
    let findings = (0..count)
        .map(|n| {
            let severity = *Severity::ALL.get(n % 5).unwrap();
            let mut finding = Finding::new("s", ScanType::Code, severity, "Title of this finding");
            finding.rule_id = Some(format!("rule-{}", n % 200));
            finding.fingerprint = format!("{n:064x}");
            finding.file_path = Some(format!("src/file{}.py", n % 900));
            finding.line = Some(u32::try_from(n + 1).unwrap());
            finding
        })
        .collect();
    ScanResult { findings, ..ScanResult::default() }
}

fn check_rules(log: &Value) {
    let rules = list(log, "/tool/driver/rules");
    let ids: Vec<&str> = rules.iter().map(|r| r["id"].as_str().unwrap()).collect();
    assert!(ids.is_sorted_by(|a, b| a < b), "rules are sorted and unique");
    for rule in rules {
        assert!((1..=SARIF_RULE_NAME.max).contains(&length(&rule["name"])));
        for text in ["shortDescription", "fullDescription"] {
            assert!((1..=SARIF_RULE_TEXT.max).contains(&length(&rule[text]["text"])), "{text}");
        }
        assert!((1..=SARIF_TEXT.max).contains(&length(&rule["help"]["text"])));
        assert!(!rule["help"]["markdown"].as_str().unwrap().contains("<script"));
        let tags: Vec<&str> = rule["properties"]["tags"].as_array().unwrap().iter().map(|t| t.as_str().unwrap()).collect();
        assert_eq!(tags.first(), Some(&"security"));
        assert!(tags.len() <= SARIF_RULE_TAGS.max && tags.iter().collect::<BTreeSet<_>>().len() == tags.len());
        let score: f64 = rule["properties"]["security-severity"].as_str().unwrap().parse().unwrap();
        assert!(score > 0.0 && score <= 10.0);
    }
}

fn check_results(log: &Value) {
    let rules = list(log, "/tool/driver/rules");
    let mut alerts = BTreeSet::new();
    let mut ranks = Vec::new();
    for result in list(log, "/results") {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules.get(index).unwrap()["id"], result["ruleId"]);
        assert!((1..=SARIF_TEXT.max).contains(&length(&result["message"]["text"])));
        assert!(!result["message"]["text"].as_str().unwrap().contains("]("));
        let [location] = result["locations"].as_array().unwrap().as_slice() else { panic!("one location") };
        let physical = &location["physicalLocation"];
        let uri = physical["artifactLocation"]["uri"].as_str().unwrap();
        assert!(!uri.is_empty() && uri.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/%:".contains(&b)), "{uri}");
        assert_eq!(uri.starts_with("file:///"), physical["artifactLocation"].get("uriBaseId").is_none());
        assert!(uri.starts_with("file:///") || !uri.split('/').next().unwrap().contains(':'));
        for number in physical.get("region").and_then(Value::as_object).into_iter().flatten() {
            assert!(number.1.as_u64().unwrap() >= 1, "{number:?}");
        }
        let print = result["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap();
        assert!(alerts.insert((result["ruleId"].to_string(), uri.to_owned(), print.to_owned())), "GitHub would merge these");
        ranks.push(result["properties"]["severity"].as_str().unwrap().parse::<Severity>().unwrap());
    }
    assert!(ranks.is_sorted_by(|a, b| a >= b));
}

#[test]
fn invariants_of_every_sample() {
    for name in NAMES {
        for show_suppressed in [false, true] {
            let log = sarif(&sample(name), RenderOptions { show_suppressed, ..RenderOptions::default() });
            check_rules(&log);
            check_results(&log);
        }
    }
    check_results(&sarif(&many(3_000), RenderOptions::default()));
}

#[test]
fn github_limits_rank_cut_and_say_so() {
    let over = SARIF_RESULTS.max + 1_000;
    let log = sarif(&many(over), RenderOptions::default());
    assert_eq!(list(&log, "/results").len(), SARIF_RESULTS.max);
    check_results(&log);
    let lost = list(&log, "/results").iter().filter(|r| r["properties"]["severity"] != "info").count();
    assert_eq!(lost, over / 5 * 4, "only the least severe are left out");
    let notices = notices(&log);
    let texts = [
        ("limit/results", "1000 of 26000 findings were left out, the least severe ones: GitHub accepts 25000 results."),
        ("limit/results-shown", "25000 results: GitHub shows the 5000 most severe."),
    ];
    assert_eq!(notices, texts);
    assert!(self::notices(&sarif(&many(SARIF_RESULTS_SHOWN.max), RenderOptions::default())).is_empty());
}

#[test]
fn every_text_is_cut_to_its_limit() {
    let mut result = typical();
    for finding in &mut result.findings {
        let long = "ü]( ".repeat(20_000);
        finding.title.clone_from(&long);
        finding.description.clone_from(&long);
        finding.remediation.clone_from(&long);
        finding.rule_id = Some(long.clone());
        finding.cwe = Some(long.clone());
        finding.scanner.clone_from(&long);
        finding.compliance_tags = vec![long.clone(); 1_000];
        finding.vulnerability_ids = vec![long.clone(); 1_000];
    }
    let log = sarif(&result, RenderOptions { show_suppressed: true, ..RenderOptions::default() });
    check_rules(&log);
    for found in list(&log, "/results") {
        assert!(length(&found["ruleId"]) <= SARIF_ID.max);
        assert!(length(&found["properties"]["remediation"]) <= SARIF_TEXT.max);
    }
    assert!(log.to_string().len() < 500_000 && LIMITS.len() > 10);
}

#[test]
fn suppressions_say_who() {
    let hidden = sarif(&typical(), RenderOptions::default());
    assert!(
        list(&hidden, "/results").iter().all(|r| r.get("suppressions").is_none() && r["properties"]["suppressed_by"].is_null())
    );
    let shown = sarif(&typical(), RenderOptions { show_suppressed: true, ..RenderOptions::default() });
    let kinds: Vec<_> = list(&shown, "/results")
        .iter()
        .map(|r| (r["properties"]["suppressed_by"].as_str(), r["suppressions"][0]["kind"].as_str()))
        .filter(|pair| pair.0.is_some())
        .collect();
    let want = [SuppressedBy::Inline, SuppressedBy::Config, SuppressedBy::Baseline].map(|by| Some(by.as_str()));
    assert_eq!(kinds.iter().map(|k| k.0).collect::<Vec<_>>(), want);
    assert_eq!(kinds.iter().map(|k| k.1.unwrap()).collect::<Vec<_>>(), ["inSource", "external", "external"]);
    assert!(list(&shown, "/results").iter().all(|r| r["suppressions"].is_array()), "all or none, as the standard asks");
}

#[test]
fn provenance_needs_a_real_repository() {
    let with = |repo: &str, sha: &str| {
        let options = RenderOptions { repo: Some(repo.into()), sha: Some(sha.into()), ..RenderOptions::default() };
        sarif(&typical(), options).pointer("/runs/0/versionControlProvenance/0").cloned()
    };
    let good = with("acme/shop.js", "0123456789abcdef").unwrap();
    assert_eq!(
        (good["repositoryUri"].as_str(), good["revisionId"].as_str()),
        (Some("https://github.com/acme/shop.js"), Some("0123456789abcdef"))
    );
    assert!(with("acme/shop", "main").unwrap().get("revisionId").is_none());
    for bad in ["acme", "acme/", "a/b/c", "../x", "a/..", "a b/c", "a/b?x"] {
        assert!(with(bad, "0123456").is_none(), "{bad}");
    }
}

#[test]
fn no_raw_secret_in_any_format() {
    let mut result = typical();
    for finding in &mut result.findings {
        finding.secret = Some(Box::new(Secret { kind: "x".into(), value: "hunter2".into() }));
        finding.metadata.line_snippet = Some("password = hunter2".into());
    }
    let options = RenderOptions { show_source: true, verbose: true, show_suppressed: true, ..RenderOptions::default() };
    for renderer in securescan_core::render::RENDERERS {
        let mut out = Vec::new();
        render(renderer.id(), &RenderInput { options: options.clone(), ..RenderInput::new(&result) }, &mut out).unwrap();
        assert!(!String::from_utf8_lossy(&out).contains("hunter2"), "{}", renderer.id());
    }
}
