//! The secrets corpus: published test values of other projects' rules, scored by family.
//!
//! A `true` sample counts when something is reported in it. A `false` sample counts against us when one of our rules that
//! stands for the sample's rule (same id, or named in `aliases`) reports something. Generic rules stand for generic samples.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test may")]

use base64::Engine;
use securescan_core::Finding;
use securescan_core::scanners::builtin::secrets::{RuleSpec, builtin, scan_bytes};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Least part of the true samples in which something is reported.
const RECALL: f64 = 0.96;
/// Largest part of the false samples in which the sample's own rule reports something.
const FALSE_RATE: f64 = 0.02;

struct Sample {
    rule: String,
    wanted: bool,
    text: Vec<u8>,
    path: String,
}

fn corpus() -> Option<Vec<Sample>> {
    let shared = std::env::var_os("SECURESCAN_SHARED")
        .map(PathBuf::from)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"));
    let lines = std::fs::read_to_string(shared.join("fixtures/secrets-corpus.jsonl")).ok()?;
    let read = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| value.get(key).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
        Sample {
            rule: text("rule"),
            wanted: value["label"].as_str() == Some("true") || value["label"].as_bool() == Some(true),
            text: base64::engine::general_purpose::STANDARD.decode(text("text_b64")).unwrap(),
            path: Some(text("path")).filter(|p| !p.is_empty()).unwrap_or_else(|| "src/settings.conf".to_owned()),
        }
    };
    Some(lines.lines().filter(|l| !l.trim().is_empty()).map(read).collect())
}

fn family(rule: &str) -> &str {
    let name = rule.strip_prefix("kingfisher.").unwrap_or(rule);
    name.split(['.', '-']).next().unwrap_or(name)
}

fn stands_for(spec: &RuleSpec, rule: &str) -> bool {
    spec.id == rule || spec.aliases.iter().any(|a| a == rule)
}

fn fired<'a>(findings: &'a [Finding], rule: &str) -> Option<&'a str> {
    findings.iter().filter_map(|f| f.rule_id.as_deref()?.strip_prefix("secrets/")).find(|id| {
        builtin().rules().any(|spec| spec.id == *id && (stands_for(spec, rule) || rule.starts_with("generic") && spec.generic))
    })
}

#[test]
fn recall_and_false_alarms() {
    let Some(samples) = corpus() else {
        println!("skipped: the corpus is not beside the repository");
        let planted = ["AKIA", "QYLPMN5HFIQR7BQZ"].concat();
        assert_eq!(scan_bytes("a.py", planted.as_bytes(), builtin()).len(), 1);
        return;
    };
    let mut table: BTreeMap<String, [usize; 4]> = BTreeMap::new();
    let verbose = std::env::var_os("SECRETS_VERBOSE").is_some();
    for sample in &samples {
        let findings = scan_bytes(&sample.path, &sample.text, builtin());
        let row = table.entry(family(&sample.rule).to_owned()).or_default();
        if sample.wanted {
            row[0] += 1;
            row[1] += usize::from(!findings.is_empty());
            if findings.is_empty() && verbose {
                println!(
                    "missed {}: {:?}",
                    sample.rule,
                    String::from_utf8_lossy(&sample.text).chars().take(300).collect::<String>()
                );
            }
        } else {
            row[2] += 1;
            let wrong = fired(&findings, &sample.rule);
            row[3] += usize::from(wrong.is_some());
            if let (Some(id), true) = (wrong, verbose) {
                println!(
                    "false {} by {id}: {:?}",
                    sample.rule,
                    String::from_utf8_lossy(&sample.text).chars().take(300).collect::<String>()
                );
            }
        }
    }
    println!("{:<24} {:>5} {:>5} {:>6} {:>6}", "family", "true", "found", "false", "fired");
    for (family, [wanted, found, unwanted, wrong]) in &table {
        println!("{family:<24} {wanted:>5} {found:>5} {unwanted:>6} {wrong:>6}");
    }
    let sum = |i: usize| table.values().map(|row| row[i]).sum::<usize>();
    let recall = sum(1) as f64 / sum(0) as f64;
    let false_rate = sum(3) as f64 / sum(2) as f64;
    println!("recall {recall:.4} ({} of {}), false {false_rate:.4} ({} of {})", sum(1), sum(0), sum(3), sum(2));
    assert!(recall >= RECALL, "recall {recall:.4} is below {RECALL}");
    assert!(false_rate <= FALSE_RATE, "false rate {false_rate:.4} is above {FALSE_RATE}");
}
