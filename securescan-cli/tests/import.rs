//! `import`, `list` and `explain` as a user runs them.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

mod common;
use common::{Project, github_token};

const SEMGREP: &str = r#"{"version":"1.182.0","results":[
  {"check_id":"rules.eval","path":"/src/app.py","start":{"line":2,"col":1},"end":{"line":2,"col":9},
   "extra":{"message":"Do not.","severity":"ERROR","metadata":{"cwe":["CWE-95: Eval"],"note":"kept"},"lines":"requires login"}}],
  "errors":[],"paths":{}}"#;

const NMAP: &str = r#"<?xml version="1.0"?><!DOCTYPE nmaprun><nmaprun scanner="nmap" version="7.93"><host><status state="up"/>
  <address addr="10.0.0.2" addrtype="ipv4"/><ports><port protocol="tcp" portid="23"><state state="open"/><service name="telnet"/></port></ports>
  </host><runstats><finished exit="success"/><hosts up="1"/></runstats></nmaprun>"#;

fn project() -> Project {
    let p = Project::new();
    p.write("app.py", "x = 1\neval(x)\n");
    p.write("semgrep.json", SEMGREP);
    p.write("nmap.xml", NMAP);
    p
}

#[test]
fn any_mix_of_reports_is_one_result() {
    let p = project();
    let found = p.run(&["import", "semgrep.json", "nmap.xml", "--strip", "/src"]).exits(0).json();
    let rules: Vec<_> = found.as_array().unwrap().iter().map(|f| f["rule_id"].as_str().unwrap()).collect();
    assert_eq!(rules, ["open-port-23", "rules.eval"]);
    assert_eq!((found[1]["file_path"].as_str(), found[1]["cwe"].as_str()), (Some("app.py"), Some("CWE-95")));
    assert_eq!(found[1]["metadata"]["tool"]["extra"]["metadata"]["note"], "kept");
    // The order of the files is of no consequence, and neither is the way they come in.
    let other = p.run(&["import", "nmap.xml", "semgrep.json", "--strip", "/src"]).exits(0).json();
    assert_eq!(found, other);
    let piped = p.run_with_input(&["import", "-", "nmap.xml", "--strip", "/src"], SEMGREP).exits(0).json();
    assert_eq!(found, piped);
    let snapshot = p.run(&["import", "semgrep.json", "nmap.xml", "-o", "snapshot"]).exits(0).json();
    assert_eq!(snapshot["scanners"].as_array().unwrap().len(), 2);
    assert_eq!(snapshot["scanners"][0]["version"], "1.182.0");
}

#[test]
fn gates_suppression_and_raw() {
    let p = project();
    p.run(&["import", "semgrep.json", "--fail-on-severity", "high"]).exits(1);
    p.run(&["import", "semgrep.json", "--fail-on-count", "1"]).exits(0);
    p.write("app.py", "x = 1\neval(x)  # securescan: ignore rules.eval\n");
    let args = ["import", "semgrep.json", "--strip", "/src", "--fail-on-severity", "high"];
    assert_eq!(p.run(&args).exits(0).json().as_array().unwrap().len(), 0);
    p.write(".securescan.yml", "severity_overrides:\n  rules.eval: low\n");
    let run = p.run(&["import", "semgrep.json", "--strip", "/src", "--show-suppressed"]).exits(0).json();
    assert_eq!((run[0]["severity"].as_str(), run[0]["metadata"]["suppressed_by"].as_str()), (Some("low"), Some("inline")));
    let raw = p.run(&["import", "semgrep.json", "--raw"]).exits(0).json();
    assert_eq!((raw[0]["severity"].as_str(), raw[0]["file_path"].as_str()), (Some("high"), Some("/src/app.py")));
    assert!(raw[0]["metadata"]["suppressed_by"].is_null() && raw[0]["fingerprint"].as_str().unwrap().len() == 64);
}

#[test]
fn what_cannot_be_read_is_never_nothing_found() {
    let p = project();
    let cases: [(&str, &[u8], &str); 12] = [
        ("empty.json", b"", "the report is empty"),
        ("page.html", b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>", "HTML page"),
        ("packed.json.gz", b"\x1f\x8b\x08\0\0", "gzip-compressed"),
        ("wide.json", b"\xff\xfe{\0}\0", "not recognised"),
        ("latin.json", b"{\"results\":[\xe9]}", "not valid UTF-8"),
        ("cut.json", b"{\"results\":[{\"check_id\":\"a\",", "cut short"),
        ("nan.json", b"{\"results\":[{\"check_id\":\"a\",\"path\":\"p\"},NaN]}", "nan.json:1:41: expected value (byte 40)"),
        ("wrong-type.json", b"{\"results\":\"none\",\"errors\":[],\"x\":1}", "`results` is not a list"),
        ("other.json", b"{\"nothing\":\"known\"}", "not recognised"),
        ("words.txt", b"no findings, all good\n", "neither JSON nor XML"),
        ("bomb.xml", b"<!DOCTYPE nmaprun [<!ENTITY a 'b'>]><nmaprun>&a;</nmaprun>", "entities of its own"),
        ("xml-cut.xml", b"<nmaprun><host>", "cut short"),
    ];
    for (name, bytes, message) in cases {
        p.write(name, bytes);
        let run = p.run(&["import", name]).exits(2);
        assert!(run.stderr.contains(message) && run.stderr.contains(name), "{name}: {}", run.stderr);
        assert!(run.stdout.is_empty(), "{name}");
    }
    assert!(p.run(&["import", "semgrep.json", "--from", "nmap"]).exits(2).stderr.contains("a report of semgrep, not of nmap"));
    assert!(p.run(&["import", "semgrep.json", "--from", "nope"]).exits(2).stderr.contains("choose one of"));
    assert!(p.run(&["import", "missing.json"]).exits(2).stderr.contains("missing.json"));
    assert!(p.run(&["import", "."]).exits(2).stderr.contains("folder"));
}

#[test]
fn a_bad_item_costs_itself_and_is_told() {
    let p = project();
    p.write("half.json", SEMGREP.replacen("\"results\":[", "\"results\":[17,{\"path\":\"x\"},", 1));
    let run = p.run(&["import", "half.json", "-o", "snapshot"]).exits(0);
    assert!(run.stderr.contains("semgrep is partial: 2 not read"), "{}", run.stderr);
    let json = run.json();
    assert_eq!(json["findings"].as_array().unwrap().len(), 1);
    assert_eq!(json["scanners"][0]["skipped"][0]["path"], "results[0]");
    // Duplicate keys lose nothing; numbers may come as texts; a byte order mark is no content.
    let twice = SEMGREP.replace(
        "\"paths\":{}",
        &format!("\"paths\":{{}},{}", &SEMGREP[SEMGREP.find("\"results\"").unwrap()..SEMGREP.find(",\n  \"errors\"").unwrap()]),
    );
    p.write("twice.json", format!("\u{feff}{}", twice.replace("\"line\":2,\"col\":1", "\"line\":\"2\",\"col\":1")));
    assert_eq!(p.run(&["import", "twice.json", "--raw"]).exits(0).json().as_array().unwrap().len(), 2);
}

#[test]
fn a_place_outside_of_the_root_is_not_opened_and_its_finding_not_lost() {
    let p = project();
    p.write("climb.json", SEMGREP.replace("/src/app.py", "../../etc/passwd"));
    let run = p.run(&["import", "climb.json", "-o", "snapshot"]).exits(0);
    assert!(run.stderr.contains("semgrep is partial") && run.stderr.contains("climbs out of the root"), "{}", run.stderr);
    let finding = &run.json()["findings"][0];
    assert!(finding["file_path"].is_null() && finding["line"].is_null());
    assert_eq!(finding["metadata"]["tool"]["path_outside_root"], "../../etc/passwd");
}

#[test]
fn secrets_in_reports_stay_out_of_what_is_written() {
    let p = project();
    p.write("leaky.json", SEMGREP.replace("Do not.", &format!("Token {} is exposed.", github_token())));
    for format in ["json", "text", "sarif", "snapshot"] {
        let run = p.run(&["import", "leaky.json", "-o", format]).exits(0);
        assert!(!run.stdout.contains(&github_token()) && !run.stderr.contains(&github_token()), "{format}");
    }
}

#[test]
fn rules_and_findings_are_explained() {
    let p = project();
    let run = p.run(&["explain", "dl3008"]).exits(0);
    assert!(
        run.stdout.contains("rule dockerfile/unpinned-apt-package") && run.stdout.contains("class apt-unpinned"),
        "{}",
        run.stdout
    );
    assert!(p.run(&["explain", "no-such-rule"]).exits(2).stderr.contains("list rules"));
    assert!(p.run(&["explain", "f-0123456789ab"]).exits(2).stderr.contains("--in"));
    let id = p.run(&["import", "semgrep.json", "--strip", "/src"]).exits(0).json()[0]["id"].as_str().unwrap().to_owned();
    p.run(&["import", "semgrep.json", "--strip", "/src", "-o", "snapshot", "--output-file", "s.json"]).exits(0);
    let run = p.run(&["explain", &id, "--in", "s.json"]).exits(0);
    for line in ["context    eval(x)", "suppressed   no", "place        app.py:2", "cwe        CWE-95"] {
        assert!(run.stdout.contains(line), "{line} in {}", run.stdout);
    }
    assert!(p.run(&["explain", "rules.eval", "--in", "semgrep.json"]).exits(0).stdout.contains("finding f-"));
    assert!(p.run(&["list", "formats"]).exits(0).stdout.contains("semgrep\t"));
    assert!(p.run(&["list", "rules"]).exits(0).stdout.lines().count() > 1000);
}
