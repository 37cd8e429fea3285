//! Readers of code scanners' reports against hostile input: reports cut short, fields of other types, secrets in clear.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests"
)]

use securescan_core::ingest::{self, IngestOptions};
use serde_json::{Value, json};

/// One small report of each format, with the number of its findings.
const REPORTS: &[(&str, usize, &str)] = &[
    (
        "bandit",
        1,
        r#"{"errors":[{"filename":"b.py","reason":"syntax error"}],"generated_at":"x","metrics":{"_totals":{"loc":1}},"results":[{"code":"1 password = 'hunter2hunter2'\n","col_offset":0,"end_col_offset":4,"filename":"a.py","issue_confidence":"HIGH","issue_cwe":{"id":259,"link":"x"},"issue_severity":"LOW","issue_text":"Possible hardcoded password: 'hunter2hunter2'","line_number":1,"line_range":[1],"more_info":"https://x.example/en/1.9/y","test_id":"B105","test_name":"p"}]}"#,
    ),
    (
        "brakeman",
        1,
        r#"{"scan_info":{"brakeman_version":"7"},"warnings":[{"warning_type":"Basic Auth","warning_code":9,"check_name":"BasicAuth","message":"m","file":"a.rb","line":1,"link":"https://x.example","code":"auth(:password => \"hunter2hunter2\")","location":{"type":"method"},"user_input":"hunter2hunter2","confidence":"High","cwe_id":[259]}],"errors":[{"error":"e","location":"l"}]}"#,
    ),
    (
        "eslint",
        1,
        r#"[{"filePath":"a.js","messages":[{"ruleId":"no-secrets/no-secrets","severity":2,"message":"Found a string with entropy 4 : \"hunter2hunter2\"","line":1,"column":1,"endLine":1,"endColumn":2,"fix":{"text":"hunter2hunter2"}}],"source":"x = 'hunter2hunter2'"}]"#,
    ),
    (
        "gitlab-codequality",
        1,
        r#"[{"check_name":"r","description":"d","content":{"body":"b"},"categories":["Security"],"location":{"path":"a","lines":{"begin":1,"end":2}},"severity":"major","fingerprint":"f"}]"#,
    ),
    (
        "golangci-lint",
        1,
        r#"{"Issues":[{"FromLinter":"gosec","Text":"G104: x","Severity":"","SourceLines":["a"],"Pos":{"Filename":"a.go","Line":1,"Column":2},"LineRange":{"From":1,"To":2}}],"Report":{"Linters":[]}}"#,
    ),
    (
        "gosec",
        1,
        r#"{"Golang errors":{"a.go":[{"line":1,"column":1,"error":"e"}]},"Issues":[{"severity":"HIGH","confidence":"LOW","cwe":{"id":"798","url":"https://x.example"},"rule_id":"G101","details":"Potential hardcoded credentials","file":"a.go","code":"1: p := \"hunter2hunter2\"\n","line":"1","column":"2","nosec":false,"suppressions":[{"kind":"inSource"}],"autofix":"f"}],"Stats":{"found":1},"GosecVersion":"2"}"#,
    ),
    ("hadolint", 1, r#"[{"code":"DL3007","column":1,"file":"Dockerfile","level":"warning","line":1,"message":"m. n"}]"#),
    (
        "mobsfscan",
        1,
        r#"{"errors":["e"],"mobsfscan_version":"0.4","results":{"hardcoded_password":{"files":[{"file_path":"a.java","match_lines":[1,1],"match_position":[1,2],"match_string":"p = \"hunter2hunter2\""}],"metadata":{"cwe":"cwe-798","description":"d","severity":"ERROR","reference":"https://x.example"}}}}"#,
    ),
    (
        "njsscan",
        1,
        r#"{"errors":[],"njsscan_version":"0.4","nodejs":{"node_secret":{"files":[{"file_path":"a.js","match_lines":[1,1],"match_position":[1,2],"match_string":"p = 'hunter2hunter2'"}],"metadata":{"cwe":"CWE-798: x","description":"d","severity":"ERROR"}}},"templates":{}}"#,
    ),
    (
        "phpstan",
        1,
        r#"{"totals":{"errors":1,"file_errors":1},"files":{"a.php":{"errors":1,"messages":[{"message":"m","line":1,"identifier":"i","tip":"t"}]}},"errors":["e"]}"#,
    ),
    (
        "psalm",
        1,
        r#"[{"severity":"error","line_from":1,"line_to":2,"type":"TaintedSql","message":"m","file_name":"a.php","snippet":"s","column_from":1,"column_to":2,"link":"https://x.example"}]"#,
    ),
    (
        "pylint",
        1,
        r#"[{"type":"warning","module":"a","obj":"","line":1,"column":0,"endLine":1,"endColumn":3,"path":"a.py","symbol":"eval-used","message":"m","message-id":"W0123"}]"#,
    ),
    (
        "rubocop",
        1,
        r#"{"metadata":{"rubocop_version":"1"},"files":[{"path":"a.rb","offenses":[{"severity":"warning","message":"m","cop_name":"Security/Eval","location":{"start_line":1,"start_column":1,"last_line":1,"last_column":2}}]}],"summary":{}}"#,
    ),
    (
        "ruff",
        1,
        r#"[{"cell":null,"code":"S105","end_location":{"column":3,"row":1},"filename":"a.py","fix":{"message":"f"},"location":{"column":1,"row":1},"message":"Possible hardcoded password: \"hunter2hunter2\"","noqa_row":1,"url":"https://x.example"}]"#,
    ),
    (
        "shellcheck",
        1,
        r#"{"comments":[{"file":"a.sh","line":1,"endLine":1,"column":1,"endColumn":2,"level":"warning","code":2115,"message":"m","fix":null}]}"#,
    ),
    (
        "sonarqube",
        1,
        r#"{"total":1,"paging":{"pageIndex":1,"pageSize":1,"total":1},"issues":[{"rule":"r","severity":"MAJOR","component":"p:a.js","line":1,"textRange":{"startLine":1,"endLine":1,"startOffset":0,"endOffset":1},"message":"m","resolution":"WONTFIX","securityStandards":["cwe:79"]}],"components":[]}"#,
    ),
    (
        "zizmor",
        1,
        r#"[{"ident":"hardcoded-container-credentials","desc":"d","url":"https://x.example","determinations":{"confidence":"High","severity":"High"},"locations":[{"symbolic":{"key":{"Local":{"verbatim_path":"a.yml"}},"annotation":"n","kind":"Primary"},"concrete":{"location":{"start_point":{"row":0,"column":0},"end_point":{"row":1,"column":0}},"feature":"password: hunter2hunter2"}}],"ignored":false,"fixes":[{"title":"t"}]}]"#,
    ),
    (
        "checkstyle",
        1,
        r#"<checkstyle version="1"><file name="a.java"><error line="1" column="2" severity="error" message="m" source="s"/></file></checkstyle>"#,
    ),
    (
        "cppcheck",
        1,
        r#"<results version="2"><cppcheck version="2"/><errors><error id="i" severity="error" msg="m" cwe="1"><location file="a.c" line="1" column="2"/></error></errors></results>"#,
    ),
    (
        "junit",
        1,
        r#"<testsuites name="trivy"><testsuite name="a.tar (alpine 3)"><testcase classname="libssl-1.1" name="[HIGH] CVE-2024-1"><failure message="m">File: a: 1-2</failure></testcase></testsuite></testsuites>"#,
    ),
    (
        "pmd",
        1,
        r#"<pmd version="7"><file name="A.java"><violation beginline="1" endline="2" begincolumn="1" endcolumn="2" rule="R" ruleset="Security" priority="1">text</violation></file></pmd>"#,
    ),
    (
        "spotbugs",
        1,
        r#"<BugCollection version="4"><BugInstance type="T" priority="1" rank="1" category="SECURITY"><LongMessage>m</LongMessage><SourceLine start="1" end="2" sourcepath="A.java"/></BugInstance></BugCollection>"#,
    ),
    (
        "flawfinder",
        1,
        "File,Line,Column,DefaultLevel,Level,Category,Name,Warning,Suggestion,Note,CWEs,Context,Fingerprint\na.c,1,2,4,4,buffer,strcpy,m (CWE-120).,s,,CWE-120,\"strcpy(a, b);\",f\n",
    ),
];

fn read(bytes: &[u8], format: Option<&str>) -> securescan_core::Result<securescan_core::model::ScanResult> {
    let options = IngestOptions::default();
    let whole = ingest::parse(bytes, format, &options);
    let streamed = ingest::parse_reader(bytes, format, &options);
    match (&whole, &streamed) {
        (Ok(whole), Ok(streamed)) => assert_eq!(whole, streamed),
        (Err(whole), Err(streamed)) => assert_eq!(whole.code(), streamed.code()),
        _ => panic!("memory and stream differ: {whole:?} {streamed:?}"),
    }
    whole
}

#[test]
fn each_is_told_apart_and_counted() {
    for (format, count, text) in REPORTS {
        let found = read(text.as_bytes(), None).unwrap_or_else(|e| panic!("{format}: {e}"));
        assert_eq!(found.findings.len(), *count, "{format}");
        assert_eq!(found.scanners[0].name, *format);
        let finding = &found.findings[0];
        assert!(
            finding.rule_id.is_some() && finding.file_path.is_some() && finding.line.is_some() | (*format == "junit"),
            "{finding:?}"
        );
        let banner = format!("some tool says hello\n{text}");
        if text.starts_with("{\"") || text.starts_with("[{") {
            assert_eq!(read(banner.as_bytes(), None).unwrap().findings.len(), *count, "{format}");
        }
    }
}

#[test]
fn no_secret_is_shown() {
    let mut held = 0;
    for (format, _, text) in REPORTS.iter().filter(|(.., text)| text.contains("hunter2")) {
        let found = read(text.as_bytes(), None).unwrap();
        let shown = serde_json::to_string(&found.findings).unwrap();
        assert!(!shown.contains("hunter2"), "{format}: {shown}");
        assert!(found.findings[0].secret.is_some(), "{format}");
        held += 1;
    }
    assert!(held >= 7);
}

#[test]
fn cut_short_is_never_clean() {
    for (format, count, text) in REPORTS {
        for end in 0..text.len() {
            let Ok(found) = read(&text.as_bytes()[..end], Some(format)) else { continue };
            // Lines end where they like, and white space at the end does not matter.
            let complete = matches!(*format, "flawfinder" | "golangci-lint" | "gitlab-codequality" | "ruff");
            assert!(complete || found.findings.len() == *count, "{format} cut at {end}: {found:?}");
        }
    }
}

/// Every value of a document replaced, one after the other.
fn mutants(value: &Value, with: &Value, out: &mut Vec<Value>, rebuild: &dyn Fn(Value) -> Value) {
    out.push(rebuild(with.clone()));
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                mutants(inner, with, out, &|new| {
                    let mut map = map.clone();
                    map.insert(key.clone(), new);
                    rebuild(Value::Object(map))
                });
            }
        }
        Value::Array(items) => {
            for (at, inner) in items.iter().enumerate() {
                mutants(inner, with, out, &|new| {
                    let mut items = items.clone();
                    items[at] = new;
                    rebuild(Value::Array(items))
                });
            }
        }
        _ => {}
    }
}

#[test]
fn odd_values_lose_no_finding() {
    let odd = [Value::Null, json!([]), json!({}), json!(-1), json!(1e300), json!(""), json!("\u{0}/../é"), json!([[null]])];
    let mut lost = Vec::new();
    for (format, _, text) in REPORTS.iter().filter(|(.., text)| text.starts_with(['{', '['])) {
        let document: Value = serde_json::from_str(text).unwrap();
        for with in &odd {
            let mut all = Vec::new();
            mutants(&document, with, &mut all, &|new| new);
            for mutant in all {
                let text = mutant.to_string();
                if read(text.as_bytes(), Some(format)).is_ok_and(|found| found.findings.is_empty()) {
                    lost.push((format, text));
                }
            }
        }
    }
    // Only the list itself, empty or null, may read as clean: these documents have one or two such places each.
    let places = REPORTS.len() * odd.len() * 2;
    assert!(lost.len() < places / 2, "{} {lost:#?}", lost.len());
}
