//! Odd and hostile files: nothing panics, nothing valid is lost, nothing unreadable is clean.

use super::{log, one, read, read_text};
use crate::ingest::{IngestOptions, parse};
use crate::model::ScannerStatus;
use proptest::prelude::*;
use serde_json::{Value, json};

#[test]
fn only_explicit_lists_are_empty() {
    for text in
        [r#"{"version":"2.1.0","runs":[]}"#, r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"results":[]}]}"#]
    {
        assert!(read_text(text).unwrap().findings.is_empty());
    }
    for (text, code) in [
        (r#"{"$schema":"sarif","version":"2.1.0"}"#, "parse"),
        (r#"{"version":"2.1.0","runs":null}"#, "parse"),
        (r#"{"version":"2.1.0","runs":7}"#, "parse"),
        (r#"{"version":"2.1.0","runs":[{"results":42}]}"#, "parse"),
        (r#"{"version":"2.1.0","runs":[{"results":"x"}]}"#, "parse"),
        (r#"{"version":"2.1.0","runs":[{"results":[{"ruleId":"a"}"#, "parse"),
        (r#"{"version":"2.1.0","runs":[{"results":[{"rank":NaN}]}]}"#, "parse"),
        (r#"{"version":"2.1.0","runs":[{"results":[{}]}]}"#, "parse"),
        (r#"{"version":"2.1.0","runs":[{"results":[1,null,"x"]}]}"#, "parse"),
        (r#"{"version":"2.1.0","runs":[1]}"#, "parse"),
        (r#"{"version":"2.1.0","runs":[]} x"#, "parse"),
        (r#"{"version":"3.0","runs":[{"results":[]}]}"#, "unsupported"),
        (r#"{"runs":[{"results":[]}],"version":"3.0"}"#, "unsupported"),
        (r#"{"$schema":"sarif","version":"0.4","runs":[]}"#, "unsupported"),
    ] {
        assert_eq!(read_text(text).map(|r| r.findings.len()).unwrap_err().code(), code, "{text}");
    }
}

#[test]
fn odd_fields_cost_nothing() {
    for odd in [
        json!(null),
        json!(7),
        json!(-1.5),
        json!("x"),
        json!([]),
        json!([[[]]]),
        json!({}),
        json!({"a": {"b": []}}),
        json!(true),
    ] {
        for field in [
            "ruleIndex",
            "rule",
            "kind",
            "level",
            "message",
            "locations",
            "relatedLocations",
            "codeFlows",
            "analysisTarget",
            "suppressions",
            "taxa",
            "webRequest",
            "fixes",
            "properties",
            "partialFingerprints",
            "rank",
            "attachments",
            "unheard-of",
        ] {
            let mut result = json!({"ruleId": "r"});
            result[field] = odd.clone();
            assert_eq!(one(json!({"name": "T"}), result).rule_id.as_deref(), Some("r"), "{field} {odd}");
        }
        for field in [
            "tool",
            "artifacts",
            "originalUriBaseIds",
            "invocations",
            "taxonomies",
            "externalPropertyFileReferences",
            "resources",
            "rules",
        ] {
            let mut run = json!({"results": [{"ruleId": "r"}]});
            run[field] = odd.clone();
            assert_eq!(read(run).findings.len(), 1, "{field} {odd}");
        }
        for field in [
            "name",
            "shortDescription",
            "help",
            "helpUri",
            "defaultConfiguration",
            "relationships",
            "properties",
            "messageStrings",
            "deprecatedIds",
        ] {
            let mut rule = json!({"id": "r"});
            rule[field] = odd.clone();
            assert_eq!(
                one(json!({"name": "T", "rules": [rule, odd.clone()]}), json!({"ruleId": "r"})).rule_id.as_deref(),
                Some("r")
            );
        }
    }
}

#[test]
fn bad_results_cost_no_others() {
    let run = json!({"tool": {"driver": {"name": "T"}}, "results": [{"ruleId": "a"}, 7, {}, null, [], {"rank": 1}, {"message": {"text": "b"}}]});
    let result = read(run);
    assert_eq!(
        (result.findings.len(), result.scanners[0].status, result.scanners[0].skipped.len()),
        (2, ScannerStatus::Partial, 5)
    );
    assert_eq!(result.scanners[0].skipped[1].path, "runs[0].results[2]");
}

#[test]
fn equal_keys_lose_no_result() {
    let text = r#"{"version":"2.1.0","runs":[{"results":[{"ruleId":"a","ruleId":"b","message":null,"message":{"text":"m"}}],"results":[{"ruleId":"c"}],"tool":{"driver":{"name":"T","name":"U"}}}],"runs":[{"results":[{"ruleId":"d"}]}]}"#;
    let rules: Vec<_> = read_text(text).unwrap().findings.into_iter().filter_map(|f| f.rule_id).collect();
    assert_eq!(rules, ["b", "c", "d"]);
}

#[test]
fn limits() {
    let many = log(json!({"results": vec![json!({"ruleId": "r"}); 3]}));
    let options = IngestOptions { max_findings: 2, ..IngestOptions::default() };
    assert_eq!(parse(many.as_bytes(), None, &options).unwrap_err().code(), "limit");
    let deep = format!(r#"{{"version":"2.1.0","runs":[{{"results":[{{"codeFlows":{}"#, "[".repeat(100_000));
    assert_eq!(read_text(&deep).unwrap_err().code(), "parse");
    // Steps and places by the thousand are cut, with their number.
    let step = |n: usize| json!({"physicalLocation": {"artifactLocation": {"uri": format!("f{n}")}, "region": {"startLine": 1}}});
    let f = one(json!({"name": "T"}), json!({"ruleId": "r", "relatedLocations": (0..5000).map(step).collect::<Vec<_>>()}));
    assert_eq!(f.metadata.tool["related_locations"].as_array().unwrap().len(), 100);
    assert_eq!(f.metadata.tool["related_locations_left_out"], json!(4900));
    let twice = |n: usize| step(n % 3);
    let f = one(
        json!({"name": "T"}),
        json!({"ruleId": "r", "codeFlows": [{"threadFlows": [{"locations": (0..500).map(|n| json!({"location": twice(n)})).collect::<Vec<_>>()}]}]}),
    );
    assert_eq!(f.metadata.tool["related_locations"].as_array().unwrap().len(), 3);
    // A value too large to keep goes, its result stays.
    let f = one(json!({"name": "T"}), json!({"ruleId": "r", "properties": {"big": vec![0; 10_000], "small": 1}}));
    assert_eq!(f.metadata.tool, *json!({"small": 1}).as_object().unwrap());
    // One argument many times over.
    let f = one(json!({"name": "T"}), json!({"message": {"text": "{0}".repeat(5000), "arguments": ["x".repeat(5000)]}}));
    assert!(f.description.len() < 10_000);
}

/// A value at any place of a document is replaced, dropped or doubled.
fn mutated(value: &mut Value, at: &mut usize, with: &Value) {
    if *at == 0 {
        *value = with.clone();
    }
    *at = at.wrapping_sub(1);
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| mutated(item, at, with)),
        Value::Object(map) => map.values_mut().for_each(|item| mutated(item, at, with)),
        _ => {}
    }
}

fn odd() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        prop::sample::select(vec!["../x", "file:///", "http://", "%", "{0}", "[a](1)", "CWE-", "\n", "pass", "9.8"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{0,6}|uri|id|text|index", inner, 0..4)
                .prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Whatever becomes of one result, the one beside it is there, as it was.
    #[test]
    fn a_mutated_result_costs_no_other(at in 0usize..60, with in odd()) {
        let good = json!({"ruleId": "good", "message": {"text": "it is"}, "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.c"}, "region": {"startLine": 1}}}]});
        let mut bad = json!({
            "ruleId": "bad", "ruleIndex": 0, "rule": {"id": "bad", "index": 0, "toolComponent": {"index": 0}}, "level": "error", "kind": "fail",
            "message": {"text": "{0} x", "arguments": ["a"], "id": "m"},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": "b.c", "uriBaseId": "S", "index": 0}, "region": {"startLine": 3, "startColumn": 1, "endLine": 4, "endColumn": 2, "snippet": {"text": "x"}}, "contextRegion": {"startLine": 2, "snippet": {"text": "a\nb"}}}}],
            "codeFlows": [{"threadFlows": [{"locations": [{"location": {"physicalLocation": {"artifactLocation": {"uri": "c.c"}}}}]}]}],
            "suppressions": [{"kind": "external"}], "taxa": [{"id": "1", "index": 0, "toolComponent": {"name": "CWE", "index": 0}}],
            "properties": {"tags": ["a"], "security-severity": "3"}, "partialFingerprints": {"a": "b"}
        });
        mutated(&mut bad, &mut at.clone(), &with);
        let result = read(json!({"tool": {"driver": {"name": "T"}}, "results": [good, bad, good]}));
        let same: Vec<_> = result.findings.iter().filter(|f| f.rule_id.as_deref() == Some("good")).collect();
        prop_assert_eq!(same.len(), 2);
        prop_assert_eq!(same[0], same[1]);
    }

    /// Whatever becomes of the rest of a run, its results are there.
    #[test]
    fn a_mutated_run_loses_no_result(at in 0usize..40, with in odd()) {
        let mut around = json!({
            "tool": {"driver": {"name": "T", "rules": [{"id": "r", "shortDescription": {"text": "s"}, "properties": {"tags": ["x"]}, "relationships": [{"target": {"id": "CWE-1", "toolComponent": {"name": "CWE"}}}]}]}, "extensions": [{"name": "e", "rules": [{"id": "q"}]}]},
            "artifacts": [{"location": {"uri": "a.c"}}], "originalUriBaseIds": {"S": {"uri": "file:///s/", "uriBaseId": "S"}},
            "invocations": [{"executionSuccessful": true, "toolExecutionNotifications": [{"level": "error", "message": {"text": "x"}}]}],
            "taxonomies": [{"name": "CWE", "taxa": [{"id": "1"}]}]
        });
        around.as_object_mut().unwrap().values_mut().fold(at, |mut at, part| { mutated(part, &mut at, &with); at });
        around["results"] = json!([{"ruleId": "r", "locations": [{"physicalLocation": {"artifactLocation": {"index": 0}}}]}, {"ruleId": "q"}]);
        let result = read(around);
        // Only a path that the artifact made climb out of the root may cost its result.
        prop_assert!(result.findings.iter().any(|f| f.rule_id.as_deref() == Some("q")));
        prop_assert!(result.findings.len() == 2 || result.scanners[0].skipped.iter().any(|s| s.why.contains("climbs out")));
    }

    /// Any bytes of the file changed: an answer or an error, never a panic.
    #[test]
    fn mutated_bytes(at in 0usize..400, byte in any::<u8>(), cut in 0usize..500) {
        let mut bytes = log(json!({"tool": {"driver": {"name": "T", "rules": [{"id": "r"}]}}, "results": [{"ruleId": "r", "message": {"text": "é{0}", "arguments": ["1"]}, "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a%20"}, "region": {"startLine": 1}}}]}]})).into_bytes();
        if let Some(slot) = bytes.get_mut(at) { *slot = byte; }
        bytes.truncate(cut.max(1));
        let _ = parse(&bytes, Some("sarif"), &IngestOptions::default());
    }
}
