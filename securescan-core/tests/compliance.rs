//! Compliance tags and coverage against the reference vectors, mapped through the aliases.
//!
//! The reference looks for keywords anywhere in the title, also when the CWE is mapped, and knows other controls. Each
//! difference is put into a class that names the decision; an unexplained one fails.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test stops at what it does not expect")]

mod policy_support;

use policy_support::{cases, vectors};
use securescan_core::compliance::{Frameworks, canonical_id};
use securescan_core::{Finding, ScanType, Severity, compliance};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

fn finding(input: &Value) -> Finding {
    let text = |key: &str| input[key].as_str().map(str::to_owned);
    let mut finding =
        Finding::new(text("scanner").unwrap_or_default(), ScanType::Code, Severity::High, text("title").unwrap_or_default());
    finding.rule_id = text("rule_id");
    finding.cwe = text("cwe");
    finding
}

fn with(cwe: Option<&str>, title: &str) -> BTreeSet<String> {
    let mut probe = Finding::new("x", ScanType::Code, Severity::High, title);
    probe.cwe = cwe.map(str::to_owned);
    compliance::tag(&probe).into_iter().collect()
}

/// Why the reference has this tag and we do not.
fn why_missing(id: &str, finding: &Finding) -> Option<&'static str> {
    let Some(tag) = canonical_id(id) else { return Some("no finding can touch it (PCI-5, PCI-11)") };
    let by_cwe = with(finding.cwe.as_deref(), "");
    let by_word = with(None, &finding.title);
    let title = finding.title.to_ascii_lowercase();
    if !by_cwe.is_empty() && by_word.contains(tag) {
        return Some("keywords only when nothing else maps (D9)");
    }
    if tag == "PCI-DSS-6.5.1" {
        let dropped = ["secure coding", "code review", "vulnerability", "sast", "vulnerable"];
        let narrowed = dropped.iter().any(|word| title.contains(word)) || finding.cwe.as_deref() == Some("CWE-798");
        if narrowed {
            return Some("PCI-6 is narrowed to injection, 6.5.1 (D7)");
        }
    }
    if tag == "SOC2-CC9.2" && title.contains("vulnerability") {
        return Some("`vulnerability` moved from CC9 to CC7.1 (D7)");
    }
    // A keyword that stands in the title only as a part of a longer word.
    (!by_word.contains(tag)).then_some("whole words only (weak point 11)")
}

/// Why we have this tag and the reference does not.
fn why_extra(tag: &str, finding: &Finding, expected: &BTreeSet<&str>) -> Option<&'static str> {
    let cwe = finding.cwe.as_deref().unwrap_or_default();
    let digits = cwe.split(|c: char| !c.is_ascii_digit()).find(|part| !part.is_empty()).unwrap_or_default();
    let normal = digits.parse::<u32>().map(|n| format!("CWE-{n}")).unwrap_or_default();
    if !cwe.is_empty() && cwe != normal && with(Some(&normal), "").contains(tag) {
        return Some("more spellings of a CWE are read (D11)");
    }
    if matches!(tag, "SOC2-CC7.1" | "PCI-DSS-6.5.1") && with(Some(cwe), "").contains(tag) {
        return Some("CC7.1 and 6.5.1 cover every injection weakness (documented anchor, D7)");
    }
    if tag == "SOC2-CC7.2" && expected.contains("SOC2-CC7.1") {
        return Some("CC7 is split into vulnerabilities, 7.1, and monitoring, 7.2 (D7)");
    }
    if tag == "SOC2-CC7.1" && finding.title.to_ascii_lowercase().contains("vulnerability") {
        return Some("`vulnerability` moved from CC9 to CC7.1 (D7)");
    }
    let rule = Finding { cwe: None, title: String::new(), ..finding.clone() };
    compliance::tag(&rule).iter().any(|t| t == tag).then_some("rule lists are filled (D9)")
}

#[test]
fn tag_vectors() {
    let Some(document) = vectors("compliance") else { return };
    let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut same, mut unexplained) = (0, Vec::new());
    for case in cases(&document) {
        let finding = finding(&case["input"]["finding"]);
        let ours: BTreeSet<String> = compliance::tag(&finding).into_iter().collect();
        let theirs: Vec<&str> = case["expected"]["tags"].as_array().unwrap().iter().map(|t| t.as_str().unwrap()).collect();
        let expected: BTreeSet<&str> = theirs.iter().filter_map(|id| canonical_id(id)).collect();
        let missing = theirs.iter().filter(|id| canonical_id(id).is_none_or(|tag| !ours.contains(tag)));
        let missing: Vec<_> = missing.map(|id| (*id, why_missing(id, &finding))).collect();
        let extra = ours.iter().filter(|tag| !expected.contains(tag.as_str()));
        let extra: Vec<_> = extra.map(|tag| (tag.as_str(), why_extra(tag, &finding, &expected))).collect();
        same += usize::from(missing.is_empty() && extra.is_empty());
        for (tag, why) in missing.into_iter().chain(extra) {
            match why {
                Some(class) => *classes.entry(class).or_default() += 1,
                None => unexplained.push(format!("{tag}: {:?} {:?}", finding.cwe, finding.title)),
            }
        }
    }
    println!("{same} of {} cases equal; tags that differ by class: {classes:#?}", cases(&document).len());
    assert_eq!(unexplained, [""; 0]);
    assert_eq!((same, cases(&document).len()), (267, 338));
    assert_eq!(classes.len(), 9);
}

#[test]
fn coverage_vectors() {
    let Some(document) = vectors("compliance_coverage") else { return };
    let keys = [("cis-controls-v8", "CIS"), ("owasp-top10-2021", "OWASP"), ("pci-dss-v4", "PCI-DSS"), ("soc2", "SOC2")];
    let mut checked = 0;
    for case in cases(&document) {
        let mut findings = Vec::new();
        for tags in case["input"]["tags_per_finding"].as_array().unwrap() {
            let mut finding = Finding::new("x", ScanType::Code, Severity::High, "");
            finding.compliance_tags = tags.as_array().unwrap().iter().map(|t| t.as_str().unwrap().to_owned()).collect();
            findings.push(finding);
        }
        let coverage = Frameworks::builtin().coverage(&findings);
        for expected in case["expected"]["coverage"].as_array().unwrap() {
            let key = keys.iter().find(|(id, _)| expected["framework_id"] == *id).unwrap().1;
            let ours = &coverage.frameworks[key];
            let violated =
                expected["controls_violated"].as_array().unwrap().iter().filter_map(|id| canonical_id(id.as_str().unwrap()));
            let violated: BTreeSet<String> =
                violated.map(|tag| tag.strip_prefix(&format!("{key}-")).unwrap().to_owned()).collect();
            assert_eq!(ours.observed.iter().cloned().collect::<BTreeSet<_>>(), violated, "{}", case["id"]);
            // The percentage is the reference's where the list of controls is as long (OWASP, CIS); PCI DSS has 8
            // controls instead of 12 and SOC 2 61 instead of 8 (D7, D8).
            if expected["total_controls"] == ours.controls.len() {
                assert_eq!(Value::from(ours.coverage_pct), expected["coverage_percentage"]);
                checked += 1;
            }
        }
    }
    assert_eq!(checked, 2 * cases(&document).len());
}
