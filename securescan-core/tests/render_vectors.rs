//! `sarif` and `json` against what SecureScan 0.11 for Python wrote: the meaning must agree, except where a decision says
//! otherwise. Each decision is counted, so that a change of ours or of a case shows.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a failing test panics")]

mod common;

use securescan_core::model::Findings;
use securescan_core::render::{DiffView, RenderInput, RenderOptions, render};
use securescan_core::{Finding, ScanResult};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The findings of a case. Python hides a finding for any stamp; ours knows three reasons and drops others (01, weak
/// point 10). Here an unknown one is read as `config`, so that all else can be compared.
fn findings(value: &Value) -> Vec<Finding> {
    let mut value = value.clone();
    for finding in value.as_array_mut().unwrap() {
        if let Some(stamp) = finding.pointer_mut("/metadata/suppressed_by").filter(|stamp| **stamp == "custom") {
            *stamp = "config".into();
        }
    }
    Findings::from_json(&value.to_string()).unwrap().into_result().findings
}

fn output(format: &str, input: &RenderInput<'_>) -> Value {
    let mut out = Vec::new();
    render(format, input, &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

fn expected(case: &Value, format: &str) -> Value {
    serde_json::from_str(case["expected"][format].as_str().unwrap()).unwrap()
}

fn options(case: &Value) -> RenderOptions {
    RenderOptions { show_suppressed: case["input"]["options"]["show_suppressed"] == true, ..RenderOptions::default() }
}

/// How often each decision was met.
#[derive(Default)]
struct Decisions(BTreeMap<&'static str, usize>);

impl Decisions {
    fn met(&mut self, which: &'static str) {
        *self.0.entry(which).or_default() += 1;
    }
}

fn text<'a>(value: &'a Value, path: &str) -> Option<&'a str> {
    value.pointer(path).and_then(Value::as_str)
}

/// Rule and fingerprint: what names a result in both.
fn key(result: &Value, fingerprint: &str) -> (String, String) {
    let print = text(result, fingerprint).unwrap_or_default();
    (result["ruleId"].as_str().unwrap().to_owned(), print.split(':').next().unwrap().to_owned())
}

fn decode(uri: &str) -> String {
    let mut bytes = Vec::new();
    let mut pieces = uri.split('%');
    bytes.extend(pieces.next().unwrap().bytes());
    for piece in pieces {
        bytes.push(u8::from_str_radix(piece.get(..2).unwrap(), 16).unwrap());
        bytes.extend(piece.get(2..).unwrap().bytes());
    }
    String::from_utf8(bytes).unwrap()
}

/// Compares one result of theirs with ours of the same name.
fn same_result(theirs: &Value, ours: &Value, decisions: &mut Decisions) -> Result<(), String> {
    let check =
        |what: &str, a: Option<&Value>, b: Option<&Value>| if a == b { Ok(()) } else { Err(format!("{what}: {a:?} {b:?}")) };
    check("level", theirs.get("level"), ours.get("level"))?;
    let (a, b) = (text(theirs, "/message/text").unwrap(), text(ours, "/message/text").unwrap());
    match a.split_whitespace().count() {
        _ if a == b => {}
        0 => decisions.met("an empty message becomes the title (weak point 17)"),
        1 | 2 if b.ends_with(&a.trim().replace("](", "] (")) => {
            decisions.met("a message of one or two words gets the title before it (section 9)")
        }
        _ if a.replace("](", "] (") == b => decisions.met("a message never makes a link (weak point 11)"),
        _ => return Err(format!("message: {a:?} {b:?}")),
    }
    let uri = |result| text(result, "/locations/0/physicalLocation/artifactLocation/uri");
    match (uri(theirs), uri(ours).unwrap()) {
        (None, "no-file-associated") => decisions.met("every result has a location: GitHub refuses the file otherwise"),
        (Some(a), b) if a == b => {}
        (Some(a), b) if a == decode(b) => decisions.met("URIs are percent-encoded (section 9)"),
        (Some(a), b) if b == format!("file://{a}") => decisions.met("an absolute path is a file URI"),
        (a, b) => return Err(format!("uri: {a:?} {b}")),
    }
    let region =
        |result: &Value, name: &str| result.pointer("/locations/0/physicalLocation/region").and_then(|r| r.get(name)).cloned();
    check("startLine", region(theirs, "startLine").as_ref(), region(ours, "startLine").as_ref())?;
    match (region(theirs, "endLine"), region(ours, "endLine")) {
        (a, b) if a == b => {}
        (Some(a), None) if a.as_u64() < region(theirs, "startLine").and_then(|s| s.as_u64()) => {
            decisions.met("a region never ends before it starts");
        }
        (a, b) => return Err(format!("endLine: {a:?} {b:?}")),
    }
    let property =
        |result: &Value, name: &str| result.pointer("/properties").and_then(|p| p.get(name)).cloned().filter(|v| !v.is_null());
    check("remediation", property(theirs, "remediation").as_ref(), property(ours, "remediation").as_ref())?;
    if property(theirs, "suppressed_by") == Some("custom".into()) {
        decisions.met("an unknown reason is no stamp (01, weak point 10)");
        return Ok(());
    }
    check("suppressed_by", property(theirs, "suppressed_by").as_ref(), property(ours, "suppressed_by").as_ref())
}

fn compare_sarif(theirs: &Value, ours: &Value, shown: usize, decisions: &mut Decisions) {
    let (theirs, ours) = (&theirs["runs"][0], &ours["runs"][0]);
    let list = |run: &Value, at: &str| run.pointer(at).unwrap().as_array().unwrap().clone();
    let their_ids: BTreeSet<_> = list(theirs, "/tool/driver/rules").iter().map(|r| r["id"].to_string()).collect();
    let our_ids: Vec<_> = list(ours, "/tool/driver/rules").iter().map(|r| r["id"].to_string()).collect();
    assert_eq!(their_ids, our_ids.iter().cloned().collect(), "rule ids");
    assert_eq!(our_ids.len(), their_ids.len());
    for rule in list(ours, "/tool/driver/rules") {
        let other = list(theirs, "/tool/driver/rules").into_iter().find(|r| r["id"] == rule["id"]).unwrap();
        assert_eq!(rule["defaultConfiguration"], other["defaultConfiguration"], "{}", rule["id"]);
        assert_eq!(rule["properties"]["security-severity"], other["properties"]["security-severity"], "{}", rule["id"]);
        if rule["shortDescription"] != other["shortDescription"] || rule["fullDescription"] != other["fullDescription"] {
            decisions.met("a rule's text is what its findings share, and never empty (weak point 17)");
        }
    }
    let (their_results, our_results) = (list(theirs, "/results"), list(ours, "/results"));
    assert_eq!(our_results.len(), shown);
    for _ in their_results.len()..shown {
        decisions.met("equal fingerprints are repeats, not duplicates (weak point 1)");
    }
    for result in &their_results {
        let name = key(result, "/partialFingerprints/securescan~1v1");
        let same: Vec<&Value> =
            our_results.iter().filter(|r| key(r, "/partialFingerprints/primaryLocationLineHash") == name).collect();
        let failures: Vec<String> =
            same.iter().filter_map(|ours| same_result(result, ours, &mut Decisions::default()).err()).collect();
        match same.iter().find(|ours| same_result(result, ours, &mut Decisions::default()).is_ok()) {
            Some(ours) => same_result(result, ours, decisions).unwrap(),
            // What Python made of repeats mixes the fields of several.
            None if same.len() > 1 => decisions.met("equal fingerprints are repeats: fields are not mixed"),
            None => panic!("{name:?}: {failures:?}"),
        }
    }
}

#[test]
fn sarif_of_scans_and_diffs() {
    let Some(vectors) = common::vectors("renderers.json") else { return };
    let mut decisions = Decisions::default();
    let mut cases = 0;
    for case in vectors["cases"].as_array().unwrap() {
        let list = findings(&case["input"]["findings"]);
        let result = ScanResult { findings: list, ..ScanResult::default() };
        let shown = result.findings.iter().filter(|f| options(case).show_suppressed || !f.is_suppressed()).count();
        let input = RenderInput { options: options(case), ..RenderInput::new(&result) };
        compare_sarif(&expected(case, "sarif"), &output("sarif", &input), shown, &mut decisions);

        let ref_of = |name: &str| case["input"]["options"][name].as_str();
        let view =
            DiffView { new: &result.findings, base_ref: ref_of("base_ref"), head_ref: ref_of("head_ref"), ..DiffView::default() };
        let input = RenderInput { options: options(case), ..RenderInput::with_diff(&result, &view) };
        let (theirs, ours) = (expected(case, "diff_sarif"), output("sarif", &input));
        compare_sarif(&theirs, &ours, shown, &mut decisions);
        let properties = |log: &Value| log["runs"][0]["invocations"][0]["properties"].clone();
        assert_eq!(properties(&theirs), properties(&ours));
        cases += 1;
    }
    assert_eq!(cases, 23);
    insta::assert_debug_snapshot!(decisions.0, @r#"
    {
        "URIs are percent-encoded (section 9)": 90,
        "a message of one or two words gets the title before it (section 9)": 72,
        "a rule's text is what its findings share, and never empty (weak point 17)": 48,
        "an empty message becomes the title (weak point 17)": 4,
        "an unknown reason is no stamp (01, weak point 10)": 14,
        "equal fingerprints are repeats, not duplicates (weak point 1)": 24,
        "every result has a location: GitHub refuses the file otherwise": 26,
    }
    "#);
}

#[test]
fn json_of_scans_and_diffs() {
    let Some(vectors) = common::vectors("renderers.json") else { return };
    let mut renamed = 0;
    let mut compare = |theirs: &Value, ours: &Value| {
        let by_id = |list: &Value| -> BTreeMap<String, Value> {
            list.as_array()
                .unwrap()
                .iter()
                .map(|f| (f["id"].to_string() + &f["line"].to_string() + &f["line_start"].to_string(), f.clone()))
                .collect()
        };
        assert_eq!(theirs.as_array().unwrap().len(), ours.as_array().unwrap().len());
        let ours: BTreeMap<String, Value> = by_id(ours).into_values().map(|f| (f["id"].to_string(), f)).collect();
        for their in by_id(theirs).values() {
            let our = &ours[&their["id"].to_string()];
            for field in [
                "id",
                "scan_id",
                "scanner",
                "scan_type",
                "severity",
                "title",
                "description",
                "file_path",
                "rule_id",
                "cwe",
                "fingerprint",
                "compliance_tags",
            ] {
                assert_eq!(their[field], our[field], "{field}");
            }
            // 01 D2: `line` for `line_start`; a line 0 is no line. 01 D3: our stamps are always there, the snippet never.
            let line = |value: &Value| value.as_u64().filter(|n| *n > 0);
            assert_eq!((line(&their["line_start"]), line(&their["line_end"])), (our["line"].as_u64(), our["end_line"].as_u64()));
            assert_eq!(their["remediation"].as_str().unwrap_or_default(), our["remediation"]);
            assert!(our["metadata"].get("line_snippet").is_none() && our["metadata"].get("suppressed_by").is_some());
            renamed += 1;
        }
    };
    for case in vectors["cases"].as_array().unwrap() {
        let parts = ["findings", "fixed", "unchanged"].map(|name| findings(&case["input"][name]));
        let [new, fixed, unchanged] = parts;
        let result = ScanResult { findings: new, ..ScanResult::default() };
        let input = RenderInput { options: options(case), ..RenderInput::new(&result) };
        compare(&expected(case, "json"), &output("json", &input));
        let view = DiffView { new: &result.findings, fixed: &fixed, unchanged_count: unchanged.len(), ..DiffView::default() };
        let input = RenderInput { options: options(case), ..RenderInput::with_diff(&result, &view) };
        let (theirs, ours) = (expected(case, "diff_json"), output("json", &input));
        compare(&theirs["new"], &ours["new"]);
        if theirs.get("fixed").is_some() {
            compare(&theirs["fixed"], &ours["fixed"]);
        }
    }
    assert!(renamed > 100, "{renamed}");
}
