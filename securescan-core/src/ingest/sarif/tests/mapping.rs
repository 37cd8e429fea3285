//! What every field becomes.

use super::{log, one, read, read_text};
use crate::ingest::{IngestOptions, parse};
use crate::model::{Confidence, ScanType, ScannerStatus, Severity};
use serde_json::{Value, json};

fn full_rule() -> Value {
    json!({
        "id": "py/eval", "name": "EvalCall",
        "shortDescription": {"text": "Eval of user input. Always."},
        "fullDescription": {"text": "Eval runs anything."},
        "help": {"text": "Use a parser for the few forms you need.\n\nMore."},
        "helpUri": "https://example.com/eval",
        "defaultConfiguration": {"level": "error"},
        "messageStrings": {"default": {"text": "{0} reaches eval in {{{1}}}"}},
        "relationships": [{"target": {"id": "CWE-95", "toolComponent": {"name": "CWE"}}}],
        "properties": {"tags": ["security", "external/cwe/cwe-094"], "precision": "high", "security-severity": "9.1", "kind": "problem"}
    })
}

fn full_result() -> Value {
    json!({
        "ruleId": "py/eval", "ruleIndex": 0,
        "message": {"id": "default", "arguments": ["input", "main"]},
        "locations": [
            {"physicalLocation": {
                "artifactLocation": {"uri": "src/a%20b.py", "uriBaseId": "SRCROOT"},
                "region": {"startLine": 3, "startColumn": 5, "endLine": 3, "endColumn": 12, "snippet": {"text": "eval(x)"}},
                "contextRegion": {"startLine": 2, "endLine": 4, "snippet": {"text": "x = input()\n    eval(x)\nprint()\n"}}},
             "logicalLocations": [{"fullyQualifiedName": "m.f"}]},
            {"physicalLocation": {"artifactLocation": {"uri": "src/other.py"}, "region": {"startLine": 9}}, "message": {"text": "too"}}
        ],
        "relatedLocations": [{"id": 1, "physicalLocation": {"artifactLocation": {"index": 1}, "region": {"startLine": 2}}, "message": {"text": "source"}}],
        "codeFlows": [{"threadFlows": [{"locations": [
            {"location": {"physicalLocation": {"artifactLocation": {"index": 1}, "region": {"startLine": 2}}, "message": {"text": "source"}}},
            {"location": {"physicalLocation": {"artifactLocation": {"uri": "src/c.py"}, "region": {"startLine": 7}}}}
        ]}]}],
        "partialFingerprints": {"primaryLocationLineHash": "abc:1"}, "guid": "g-1",
        "taxa": [{"id": "96", "toolComponent": {"name": "CWE"}}],
        "properties": {"tags": ["hot"], "extra": 1}, "attachments": [{"x": 1}]
    })
}

#[test]
fn every_field() {
    let run = json!({
        "tool": {"driver": {"name": "CodeQL", "semanticVersion": "2.20.4", "rules": [full_rule()]}},
        "artifacts": [{"location": {"uri": "x"}}, {"location": {"uri": "src/in.py"}}],
        "originalUriBaseIds": {"SRCROOT": {"uri": "file:///build/"}},
        "results": [full_result()]
    });
    let result = read(run);
    let (f, s) = (&result.findings[0], &result.scanners[0]);
    assert_eq!(
        (s.name.as_str(), s.version.as_deref(), s.status, s.findings_count),
        ("codeql", Some("2.20.4"), ScannerStatus::Ok, 1)
    );
    assert_eq!((f.scanner.as_str(), f.scan_type, f.severity), ("codeql", ScanType::Code, Severity::Critical));
    assert_eq!((f.title.as_str(), f.description.as_str()), ("Eval of user input", "input reaches eval in {main}"));
    assert_eq!(f.remediation, "Use a parser for the few forms you need.");
    assert_eq!((f.rule_id.as_deref(), f.cwe.as_deref(), f.confidence), (Some("py/eval"), Some("CWE-96"), Some(Confidence::High)));
    assert_eq!(
        (f.file_path.as_deref(), f.line, f.column, f.end_line, f.end_column),
        (Some("src/a b.py"), Some(3), Some(5), Some(3), Some(12))
    );
    assert_eq!(f.metadata.line_snippet.as_deref(), Some("    eval(x)"));
    assert_eq!(f.references, ["https://example.com/eval"]);
    let tool = &f.metadata.tool;
    assert_eq!(tool["cwes"], json!(["CWE-96", "CWE-95", "CWE-94"]));
    assert_eq!(
        tool["related_locations"],
        json!([
            {"file": "src/other.py", "line": 9, "message": "too"},
            {"file": "src/in.py", "line": 2, "message": "source"},
            {"file": "src/c.py", "line": 7}
        ])
    );
    assert_eq!(tool["partialFingerprints"], json!({"primaryLocationLineHash": "abc:1"}));
    assert_eq!((&tool["guid"], &tool["logical_locations"]), (&json!("g-1"), &json!(["m.f"])));
    assert_eq!((&tool["extra"], &tool["tags"]), (&json!(1), &json!(["hot"])));
    assert_eq!((&tool["precision"], &tool["kind"]), (&json!("high"), &json!("problem")));
    assert!(!tool.contains_key("attachments"));
}

#[test]
fn order_of_the_parts_does_not_matter() {
    let tool = json!({"driver": {"name": "CodeQL", "rules": [full_rule()]}});
    let artifacts = json!([{"location": {"uri": "x"}}, {"location": {"uri": "src/in.py"}}]);
    let before =
        format!(r#"{{"version":"2.1.0","runs":[{{"tool":{tool},"artifacts":{artifacts},"results":[{}]}}]}}"#, full_result());
    let after =
        format!(r#"{{"runs":[{{"results":[{}],"artifacts":{artifacts},"tool":{tool}}}],"version":"2.1.0"}}"#, full_result());
    assert_eq!(read_text(&before).unwrap(), read_text(&after).unwrap());
}

#[test]
fn severities() {
    let driver = |rule: Value| json!({"name": "T", "rules": [rule]});
    for (rule, result, want) in [
        (json!({}), json!({}), Severity::Medium),
        (json!({}), json!({"level": "error"}), Severity::High),
        (json!({}), json!({"level": "note"}), Severity::Low),
        (json!({}), json!({"level": "none"}), Severity::Info),
        (json!({"defaultConfiguration": {"level": "note"}}), json!({}), Severity::Low),
        (json!({"defaultConfiguration": {"level": "note"}}), json!({"level": "error"}), Severity::High),
        (json!({"properties": {"problem.severity": "recommendation"}}), json!({}), Severity::Low),
        (json!({"properties": {"security-severity": "9.0"}}), json!({"level": "note"}), Severity::Critical),
        (json!({"properties": {"security-severity": 7}}), json!({}), Severity::High),
        (json!({"properties": {"security-severity": "4.0"}}), json!({}), Severity::Medium),
        (json!({"properties": {"security-severity": "0.1"}}), json!({"level": "error"}), Severity::Low),
        (json!({"properties": {"security-severity": "0.0"}}), json!({"level": "error"}), Severity::High),
        (json!({"properties": {"security-severity": "none"}}), json!({"level": "error"}), Severity::High),
        (json!({"properties": {"security-severity": "9.8"}}), json!({"properties": {"security-severity": "3.1"}}), Severity::Low),
        (json!({"properties": {"security-severity": "9.8"}}), json!({"kind": "informational"}), Severity::Info),
    ] {
        let (mut full_rule, mut full_result) = (rule.clone(), result.clone());
        full_rule["id"] = json!("r");
        full_result["ruleId"] = json!("r");
        assert_eq!(one(driver(full_rule), full_result).severity, want, "{rule} {result}");
    }
}

#[test]
fn what_is_no_problem_is_no_finding() {
    let results = json!([
        {"ruleId": "a", "kind": "pass"}, {"ruleId": "b", "kind": "notApplicable"}, {"ruleId": "c", "level": "pass"},
        {"ruleId": "d", "kind": "open"}, {"ruleId": "e", "kind": "review"}, {"ruleId": "f", "kind": "informational"}
    ]);
    let result = read(json!({"tool": {"driver": {"name": "T"}}, "results": results}));
    let rules: Vec<_> = result.findings.iter().filter_map(|f| f.rule_id.as_deref()).collect();
    assert_eq!(rules, ["d", "e", "f"]);
    let clean = read(json!({"tool": {"driver": {"name": "T"}}, "results": [{"ruleId": "a", "kind": "pass"}]}));
    assert_eq!((clean.findings.len(), clean.scanners[0].status), (0, ScannerStatus::Ok));
}

#[test]
fn suppressions() {
    let f = |suppressions: Value| one(json!({"name": "T"}), json!({"ruleId": "r", "suppressions": suppressions}));
    for (suppressions, want) in [
        (json!([]), false),
        (json!([{"kind": "external"}]), true),
        (json!([{"kind": "inSource", "status": "accepted", "justification": "ok"}]), true),
        (json!([{"kind": "external", "status": "rejected"}]), false),
        (json!([{"kind": "external", "status": "underReview"}]), false),
        (json!([{"kind": "external", "status": "rejected"}, {"kind": "inSource"}]), true),
        (json!([{"kind": "external", "state": "rejected"}]), false),
    ] {
        let f = f(suppressions.clone());
        assert_eq!((f.ignored_in_source, f.is_suppressed()), (want, false), "{suppressions}");
        assert_eq!(f.metadata.tool.contains_key("suppressions"), suppressions != json!([]));
    }
    let f = one(json!({"name": "T"}), json!({"ruleId": "r", "suppressionStates": ["suppressedInSource"]}));
    assert!(f.ignored_in_source);
}

#[test]
fn places() {
    let run = |uri: &str, base: Option<&str>| {
        json!({
            "tool": {"driver": {"name": "T"}},
            "originalUriBaseIds": {
                "ROOT": {"uri": "file:///builds/repo/"}, "SRC": {"uri": "src/", "uriBaseId": "ROOT"}, "WIN": {"uri": "file:///C:/agent/"},
                "OUT": {"uri": "file:///elsewhere/"}, "WEB": {"uri": "https://example.com/repo/"}
            },
            "results": [{"ruleId": "r", "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri, "uriBaseId": base}}}]}]
        })
    };
    let options = IngestOptions { root: Some("/builds/repo".to_owned()), ..IngestOptions::default() };
    for (uri, base, plain, rooted) in [
        ("a/b.py", None, "a/b.py", "a/b.py"),
        ("a%2520b.py", None, "a%20b.py", "a%20b.py"),
        ("./a.py", Some("%SRCROOT%"), "a.py", "a.py"),
        ("a.py", Some("ROOT"), "a.py", "a.py"),
        ("a.py", Some("SRC"), "src/a.py", "src/a.py"),
        ("../a.py", Some("SRC"), "a.py", "a.py"),
        ("a.py", Some("OUT"), "a.py", "a.py"),
        ("a.py", Some("WEB"), "a.py", "a.py"),
        ("x\\y.cs", Some("WIN"), "x/y.cs", "x/y.cs"),
        ("/builds/repo/a.py", Some("ROOT"), "/builds/repo/a.py", "a.py"),
        ("file:///builds/repo/a%20b.py", None, "/builds/repo/a b.py", "a b.py"),
        ("file:///C:/code/f.c", None, "C:/code/f.c", "C:/code/f.c"),
        ("C:\\code\\f.c", None, "C:/code/f.c", "C:/code/f.c"),
    ] {
        let text = log(run(uri, base));
        let path = |options| parse(text.as_bytes(), None, options).unwrap().findings[0].file_path.clone().unwrap();
        assert_eq!((path(&IngestOptions::default()).as_str(), path(&options).as_str()), (plain, rooted), "{uri} {base:?}");
    }
    for nowhere in ["", " ", "no-file-associated", "/"] {
        assert_eq!(read(run(nowhere, None)).findings[0].file_path, None, "{nowhere}");
    }
    let climbing = json!({"tool": {"driver": {"name": "T"}}, "results": [
        {"ruleId": "r", "locations": [{"physicalLocation": {"artifactLocation": {"uri": "../../etc/passwd"}}}]},
        {"ruleId": "s", "relatedLocations": [{"physicalLocation": {"artifactLocation": {"uri": "../x"}}}]}]});
    let result = read(climbing);
    assert_eq!((result.findings.len(), result.scanners[0].status), (2, ScannerStatus::Partial));
    assert_eq!(
        (result.scanners[0].skipped[0].path.as_str(), result.findings[0].file_path.as_deref()),
        ("../../etc/passwd", None)
    );
}

#[test]
fn addresses_are_endpoints() {
    let f = one(
        json!({"name": "ZAP"}),
        json!({"ruleId": "10010", "webRequest": {"method": "post"},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": "http://u:p@h.example:8080/a?token=x"}, "region": {"startLine": 7}}}]}),
    );
    let e = f.metadata.endpoint.as_deref().unwrap();
    assert_eq!((f.scanner.as_str(), f.scan_type, f.file_path, f.line), ("zap", ScanType::Dast, None, None));
    assert_eq!(
        (e.method.as_deref(), e.host.as_deref(), e.port, e.path.as_deref()),
        (Some("POST"), Some("h.example"), Some(8080), Some("/a"))
    );
    assert_eq!(e.parameters, ["token"]);
}

#[test]
fn rules_are_found_by_all_their_names() {
    let run = json!({
        "tool": {
            "driver": {"name": "T", "rules": [{"id": "CA1000", "shortDescription": {"text": "first rule"}}, {"id": "B", "shortDescription": {"text": "second rule"}}]},
            "extensions": [{"name": "pack", "guid": "g", "rules": [{"id": "X1", "shortDescription": {"text": "rule of a pack"}}]}]
        },
        "results": [
            {"ruleId": "CA1000/1"}, {"ruleIndex": 1}, {"ruleId": "X1", "rule": {"index": 0, "toolComponent": {"index": 0}}},
            {"rule": {"index": 0, "toolComponent": {"guid": "g"}}}, {"rule": {"id": "B"}}, {"ruleId": "X1"},
            {"ruleId": "B", "ruleIndex": 0}, {"ruleId": "none", "ruleIndex": 99, "message": "its words"}, {"ruleId": "CA1000/1/2", "ruleIndex": 0},
            {"ruleIndex": -1, "message": {"text": "no rule"}}
        ]
    });
    let found: Vec<_> = read(run).findings.into_iter().map(|f| (f.rule_id.unwrap_or_default(), f.title)).collect();
    let want = [
        ("CA1000/1", "first rule"),
        ("B", "second rule"),
        ("X1", "rule of a pack"),
        ("X1", "rule of a pack"),
        ("B", "second rule"),
        ("X1", "rule of a pack"),
        ("B", "second rule"),
        ("none", "its words"),
        ("CA1000/1/2", "first rule"),
        ("", "no rule"),
    ];
    assert_eq!(found, want.map(|(id, title)| (id.to_owned(), title.to_owned())));
}

#[test]
fn overrides_of_the_invocation() {
    let run = json!({
        "tool": {"driver": {"name": "T", "rules": [{"id": "a", "defaultConfiguration": {"level": "note"}}]}},
        "invocations": [{"executionSuccessful": true, "ruleConfigurationOverrides": [{"descriptor": {"index": 0}, "configuration": {"level": "error"}}]}],
        "results": [{"ruleId": "a"}, {"ruleId": "a", "level": "warning"}]
    });
    let severities: Vec<_> = read(run).findings.iter().map(|f| f.severity).collect();
    assert_eq!(severities, [Severity::High, Severity::Medium]);
}

#[test]
fn what_the_tool_says_of_its_run() {
    let error = json!({"level": "error", "message": {"text": "Cannot parse. Really."},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": "bad.py"}}}]});
    let warning = json!({"level": "warning", "message": {"text": "slow"}});
    let run = |ok: bool, notices: Value| {
        json!({"tool": {"driver": {"name": "T"}}, "results": [],
            "invocations": [{"executionSuccessful": ok, "toolExecutionNotifications": notices}]})
    };
    assert_eq!(read(run(true, json!([warning]))).scanners[0].status, ScannerStatus::Ok);
    let partial = &read(run(true, json!([warning, error]))).scanners[0];
    assert_eq!(
        (partial.status, partial.skipped[0].path.as_str(), partial.skipped[0].why.as_str()),
        (ScannerStatus::Partial, "bad.py", "Cannot parse")
    );
    let failed = &read(run(false, json!([error]))).scanners[0];
    assert_eq!((failed.status, failed.reason.as_deref()), (ScannerStatus::Failed, Some("Cannot parse")));
    let silent =
        read(json!({"tool": {"driver": {"name": "T"}}, "results": null, "invocations": [{"executionSuccessful": false}]}));
    assert_eq!(silent.scanners[0].status, ScannerStatus::Failed);
    let elsewhere = read(
        json!({"tool": {"driver": {"name": "T"}}, "externalPropertyFileReferences": {"results": [{"location": {"uri": "r.json"}}]}}),
    );
    assert_eq!(elsewhere.scanners[0].status, ScannerStatus::Partial);
    let inline = read_text(
        r#"{"version":"2.1.0","inlineExternalProperties":[{"results":[{}]}],"runs":[{"tool":{"driver":{"name":"T"}}}]}"#,
    )
    .unwrap();
    assert_eq!(inline.scanners[0].status, ScannerStatus::Partial);
}

#[test]
fn runs_stay_apart() {
    let text = json!({"version": "2.1.0", "runs": [
        {"tool": {"driver": {"name": "Bandit", "version": "1"}}, "results": [{"ruleId": "a"}]},
        {"tool": {"driver": {"name": "Grype"}}, "results": []},
        null,
        {"tool": {"driver": {"name": "Bandit"}}, "results": [{"ruleId": "b"}, {"ruleId": "c"}]}
    ]});
    let result = read_text(&text.to_string()).unwrap();
    let runs: Vec<_> = result.scanners.iter().map(|s| (s.name.as_str(), s.scan_type, s.findings_count)).collect();
    assert_eq!(runs, [("bandit", ScanType::Code, 1), ("grype", ScanType::Dependency, 0), ("bandit", ScanType::Code, 2)]);
    assert_eq!(result.findings.len(), 3);
}
