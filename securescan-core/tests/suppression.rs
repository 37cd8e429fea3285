//! The suppression step against the reference vectors: comments, configuration and baseline together.
//!
//! Where a result differs, the case is put into a class that names the decision; an unexplained difference fails.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test stops at what it does not expect")]

mod policy_support;

use policy_support::{cases, vectors};
use securescan_core::Finding;
use securescan_core::baseline::Baseline;
use securescan_core::config::Config;
use securescan_core::source::MemorySources;
use securescan_core::suppress::{Policy, apply};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

struct Case {
    findings: Vec<Finding>,
    config: Config,
    baseline: Option<Baseline>,
    sources: MemorySources,
    no_suppress: bool,
    /// By id: whether the reference suppresses it, and why if it says so.
    expected: HashMap<String, Option<String>>,
}

fn read(case: &Value) -> Case {
    let (input, expected) = (&case["input"], &case["expected"]);
    let mut by_id = HashMap::new();
    let mut prints = HashMap::new();
    for (list, is_suppressed) in [("kept", false), ("suppressed", true)] {
        for finding in expected[list].as_array().unwrap() {
            let id = finding["id"].as_str().unwrap().to_owned();
            let reason = finding["metadata"]["suppressed_by"].as_str().unwrap_or_default().to_owned();
            prints.insert(id.clone(), finding["fingerprint"].as_str().unwrap().to_owned());
            by_id.insert(id, is_suppressed.then_some(reason));
        }
    }
    let mut findings: Vec<Finding> = serde_json::from_value(input["findings"].clone()).unwrap();
    for finding in &mut findings {
        finding.fingerprint.clone_from(&prints[&finding.id]);
    }
    let tree = input["tree"].as_object().unwrap();
    let files = tree.iter().map(|(path, text)| (path.clone(), Arc::from(text.as_str().unwrap().as_bytes())));
    Case {
        findings,
        config: Config::parse(input["config_text"].as_str().unwrap_or_default(), ".securescan.yml").unwrap(),
        baseline: (!input["baseline"].is_null())
            .then(|| Baseline::parse(input["baseline"].to_string().as_bytes(), "b.json").unwrap()),
        sources: MemorySources(files.collect()),
        no_suppress: input["no_suppress"].as_bool().unwrap(),
        expected: by_id,
    }
}

#[test]
fn pipeline_vectors() {
    let Some(document) = vectors("suppression_pipeline") else { return };
    let (mut same, mut classes) = (0, BTreeMap::<&str, usize>::new());
    for case in cases(&document) {
        let mut read = read(case);
        let policy = match read.no_suppress {
            true => Policy::default(),
            false => Policy { ignored_rules: &read.config.ignored_rules, baseline: read.baseline.as_ref(), inline: true },
        };
        let before = read.findings.clone();
        let out = apply(&mut read.findings, &policy, &read.sources);
        let stamped = read.findings.iter().filter(|f| f.is_suppressed()).count();
        assert_eq!(out.total(), stamped);
        for (finding, old) in read.findings.iter().zip(&before) {
            let ours = finding.metadata.suppressed_by.map(|reason| reason.as_str());
            let theirs = read.expected[&finding.id].as_deref();
            let copies = read.baseline.as_ref().map_or(0, |b| b.counts().get(finding.fingerprint.as_str()).copied().unwrap_or(0));
            let peers = before.iter().filter(|f| f.fingerprint == finding.fingerprint).count();
            let class = match (ours, theirs) {
                (ours, theirs) if ours == theirs => None,
                // The reference keeps a stamp it finds on a finding it suppresses; the reason cannot be compared.
                (Some(_), Some(theirs)) if is_old(case, &old.id, theirs) => {
                    Some("a stamp from outside is not believed (weak point 7)")
                }
                (None, Some("baseline")) if copies < peers => Some("an entry stands for one finding (weak point 6)"),
                (None, Some(theirs)) if is_old(case, &old.id, theirs) && copies < peers => {
                    Some("an entry stands for one finding (weak point 6)")
                }
                other => panic!("{} {}: {other:?}", case["id"], finding.id),
            };
            match class {
                Some(class) => *classes.entry(class).or_default() += 1,
                None => same += 1,
            }
        }
    }
    println!("{same} findings equal; different by class: {classes:#?}");
    assert_eq!((same, classes.values().sum::<usize>(), classes.len()), (212, 46, 2));
}

fn is_old(case: &Value, id: &str, stamp: &str) -> bool {
    let findings = case["input"]["findings"].as_array().unwrap();
    findings.iter().any(|f| f["id"] == id && f["metadata"]["suppressed_by"] == stamp)
}
