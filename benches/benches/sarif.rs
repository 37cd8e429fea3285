//! Reading SARIF, from memory and as a stream: results of about a kilobyte, with their rules behind them.
#![allow(missing_docs, clippy::unwrap_used, reason = "criterion's macros; a bench may stop on a broken input")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use securescan_core::ingest::{self, IngestOptions};
use serde_json::json;

/// A log of so many results of 200 rules.
fn log(count: usize) -> String {
    let artifact = |name: String| json!({"uri": name, "uriBaseId": "%SRCROOT%", "index": 0});
    let result = |i: usize| {
        let rule = i % 200;
        json!({
            "ruleId": format!("js/rule-{rule}"), "ruleIndex": rule, "rule": {"id": format!("js/rule-{rule}"), "index": rule},
            "message": {"text": format!("Query {i} depends on a [user-provided value](1) that reaches the database through the handler.")},
            "locations": [{"physicalLocation": {
                "artifactLocation": artifact(format!("src/module{}/handlers/file{}.js", i % 50, i % 1000)),
                "region": {"startLine": i % 900 + 1, "startColumn": 5, "endColumn": 44, "snippet": {"text": "    const rows = db.query(request.body.value);"}}
            }}],
            "partialFingerprints": {"primaryLocationLineHash": format!("{i:016x}:1"), "primaryLocationStartColumnFingerprint": "4"},
            "relatedLocations": [{
                "id": 1, "message": {"text": "user-provided value"},
                "physicalLocation": {"artifactLocation": artifact(format!("src/module{}/router.js", i % 50)), "region": {"startLine": i % 900 + 1}}
            }],
            "properties": {"confidence": "high", "category": "injection"}
        })
    };
    let rule = |n: usize| {
        json!({
            "id": format!("js/rule-{n}"), "shortDescription": {"text": format!("Rule {n} of the set")}, "defaultConfiguration": {"level": "error"},
            "properties": {"tags": ["security", "external/cwe/cwe-089"], "precision": "high", "security-severity": "8.8"}
        })
    };
    let (results, rules): (Vec<_>, Vec<_>) = ((0..count).map(result).collect(), (0..200).map(rule).collect());
    json!({"version": "2.1.0", "runs": [{"results": results, "tool": {"driver": {"name": "CodeQL", "rules": rules}}}]})
        .to_string()
}

fn reading(criterion: &mut Criterion) {
    let options = IngestOptions::default();
    for count in [1_000, 20_000] {
        let text = log(count);
        let mut group = criterion.benchmark_group("sarif");
        group.throughput(Throughput::Bytes(text.len() as u64)).sample_size(10);
        group.bench_function(BenchmarkId::new("memory", count), |b| {
            b.iter(|| ingest::parse(text.as_bytes(), None, &options).unwrap());
        });
        group.bench_function(BenchmarkId::new("stream", count), |b| {
            b.iter(|| ingest::parse_reader(text.as_bytes(), None, &options).unwrap());
        });
        group.finish();
    }
}

criterion_group!(benches, reading);
criterion_main!(benches);
