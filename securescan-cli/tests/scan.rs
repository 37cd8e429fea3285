//! `scan` and `baseline` as a user runs them: findings, gates, suppression, formats, staged and history.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

mod common;
use common::{Project, aws_key, github_token};

fn with_secret() -> Project {
    let p = Project::new();
    p.write("src/app.py", format!("import os\n\nTOKEN = \"{}\"\n", github_token()));
    p.write("Dockerfile", "FROM debian:12.5\nRUN curl -s https://example.org/x | sh\nUSER root\n");
    p
}

#[test]
fn finds_and_gates() {
    let p = with_secret();
    let run = p.run(&["scan", "."]).exits(0);
    assert!(run.rules().iter().any(|r| r == "secrets/github-pat"), "{}", run.stdout);
    assert!(run.rules().iter().any(|r| r == "dockerfile/DL002"), "{}", run.stdout);
    p.run(&["scan", ".", "--fail-on-severity", "critical"]).exits(1);
    p.run(&["scan", ".", "--fail-on-severity", "NONE"]).exits(0);
    p.run(&["scan", ".", "--fail-on-count", "0"]).exits(1);
    p.run(&["scan", ".", "--fail-on-count", "1000"]).exits(0);
    let clean = Project::new();
    clean.write("a.py", "x = 1\n");
    let run = clean.run(&["scan", ".", "--fail-on-severity", "info", "--output", "text"]).exits(0);
    assert!(run.stdout.contains("No findings"), "{}", run.stdout);
}

#[test]
fn selects_types_and_scanners() {
    let p = with_secret();
    let only = p.run(&["scan", ".", "--type", "iac"]).exits(0);
    assert!(only.rules().iter().all(|r| r.starts_with("dockerfile/")) && !only.rules().is_empty());
    let only = p.run(&["scan", ".", "--scanner", "secrets"]).exits(0);
    assert!(only.rules().iter().all(|r| r.starts_with("secrets/")) && !only.rules().is_empty());
    assert!(p.run(&["scan", ".", "--type", "cdoe"]).exits(2).stderr.contains("cdoe"));
    assert!(p.run(&["scan", ".", "--scanner", "nope"]).exits(2).stderr.contains("choose one of"));
    p.write(".securescan.yml", "scan_types: [iac]\nfail_on_severity: high\n");
    let run = p.run(&["scan", "."]).exits(1);
    assert!(run.rules().iter().all(|r| r.starts_with("dockerfile/")));
}

#[test]
fn one_file_has_the_identity_it_has_in_the_project() {
    let p = with_secret();
    p.git(&["init", "-q"]);
    let whole = p.run(&["scan", ".", "--scanner", "secrets"]).exits(0).json();
    let one = p.run(&["scan", "src/app.py", "--scanner", "secrets"]).exits(0).json();
    assert_eq!(whole[0]["fingerprint"], one[0]["fingerprint"]);
    assert_eq!(one[0]["file_path"], "src/app.py");
}

#[test]
fn suppression_inline_config_baseline() {
    let p = Project::new();
    p.write("a.py", format!("A = \"{}\"  # securescan: ignore secrets/github-pat\n", github_token()));
    p.write("b.py", format!("B = \"{}\"\n", aws_key()));
    assert_eq!(p.run(&["scan", ".", "--scanner", "secrets"]).exits(0).rules().len(), 1);
    let shown = p.run(&["scan", ".", "--scanner", "secrets", "--show-suppressed"]).exits(0).json();
    assert_eq!(shown.as_array().unwrap().iter().filter(|f| f["metadata"]["suppressed_by"] == "inline").count(), 1);
    assert_eq!(p.run(&["scan", ".", "--scanner", "secrets", "--no-suppress"]).exits(0).rules().len(), 2);
    p.run(&["baseline", ".", "-o", "base.json"]).exits(0);
    p.run(&["scan", ".", "--scanner", "secrets", "--baseline", "base.json", "--fail-on-severity", "info"]).exits(0);
    // A second copy of a known bad line is new.
    p.write("b.py", format!("B = \"{0}\"\nB = \"{0}\"\n", aws_key()));
    p.run(&["scan", ".", "--scanner", "secrets", "--baseline", "base.json", "--fail-on-severity", "info"]).exits(1);
    p.write(".securescan.yml", "ignored_rules: [secrets/aws-access-key-id]\n");
    p.run(&["scan", ".", "--scanner", "secrets", "--fail-on-severity", "info"]).exits(0);
}

#[test]
fn baseline_is_byte_stable_and_survives_moved_lines() {
    let p = with_secret();
    p.run(&["baseline"]).exits(0);
    let first = std::fs::read(p.path().join(".securescan/baseline.json")).unwrap();
    p.run(&["baseline"]).exits(0);
    assert_eq!(first, std::fs::read(p.path().join(".securescan/baseline.json")).unwrap());
    let text = std::fs::read_to_string(p.path().join("src/app.py")).unwrap();
    p.write("src/app.py", format!("# one\n# two\n{text}"));
    let args = ["scan", ".", "--type", "code", "--baseline", ".securescan/baseline.json", "--fail-on-severity", "info"];
    p.run(&args).exits(0);
}

#[test]
fn severity_overrides() {
    let p = with_secret();
    p.write(".securescan.yml", "severity_overrides:\n  secrets/github-pat: low\n");
    let json = p.run(&["scan", ".", "--scanner", "secrets"]).exits(0).json();
    assert_eq!(
        (json[0]["severity"].as_str(), json[0]["metadata"]["original_severity"].as_str()),
        (Some("low"), Some("critical"))
    );
}

#[test]
fn formats_and_files() {
    let p = with_secret();
    let sarif = p.run(&["scan", ".", "--output", "sarif"]).exits(0).json();
    assert_eq!(sarif["version"], "2.1.0");
    assert!(!sarif["runs"][0]["results"].as_array().unwrap().is_empty());
    let snapshot = p.run(&["scan", ".", "--output", "snapshot"]).exits(0).json();
    assert_eq!(snapshot["schema"], "securescan/snapshot@1");
    let asked: Vec<&str> = snapshot["scanners"].as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap()).collect();
    let wanted = ["semgrep", "bandit", "trivy", "checkov", "baseline", "secrets", "safety", "licenses", "dockerfile"];
    assert_eq!(asked, [&wanted[..], &["npm-audit", "git-hygiene"]].concat());
    let run = p.run(&["scan", ".", "--output", "text", "--output-file", "out/r.txt"]).exits(0);
    assert!(run.stdout.is_empty());
    let text = std::fs::read_to_string(p.path().join("out/r.txt")).unwrap();
    assert!(text.contains("src/app.py:3") && !text.contains('\u{1b}'), "{text}");
    assert!(p.run(&["scan", ".", "--color", "always", "--output", "text"]).exits(0).stdout.contains('\u{1b}'));
    assert!(p.run(&["scan", ".", "--output", "pdf"]).exits(2).stderr.contains("sarif"));
    assert!(p.run(&["scan", "."]).exits(0).stderr.is_empty(), "silent when nobody watches");
}

#[test]
fn staged_looks_at_the_index_not_the_tree() {
    let p = Project::new();
    p.git(&["init", "-q"]).write("a.py", "x = 1\n").write("sub/b.py", "y = 1\n");
    p.git(&["add", "."]).git(&["commit", "-qm", "c"]);
    p.write("sub/b.py", format!("T = \"{}\"\n", github_token())).git(&["add", "sub/b.py"]);
    p.write("sub/b.py", "clean = True\n");
    p.write("a.py", format!("K = \"{}\"\n", aws_key()));
    let json = p.run(&["scan", ".", "--staged", "--type", "code"]).exits(0).json();
    let files: Vec<_> = json.as_array().unwrap().iter().map(|f| f["file_path"].as_str().unwrap().to_owned()).collect();
    assert_eq!(files, ["sub/b.py"]);
    let outside = Project::new();
    assert!(outside.write("a", "x").run(&["scan", ".", "--staged"]).exits(2).stderr.contains("git"));
}

#[test]
fn history_finds_what_was_removed() {
    let p = Project::new();
    p.git(&["init", "-q"])
        .write("old.py", format!("T = \"{}\"\n", github_token()))
        .git(&["add", "."])
        .git(&["commit", "-qm", "one"]);
    p.write("old.py", "T = None\n").git(&["add", "."]).git(&["commit", "-qm", "two"]);
    assert!(p.run(&["scan", ".", "--scanner", "secrets"]).exits(0).rules().is_empty());
    let run = p.run(&["scan", ".", "--scanner", "secrets", "--history"]).exits(0);
    assert_eq!(run.rules(), ["secrets/github-pat"]);
    assert!(!run.stdout.contains(&github_token()));
}

#[test]
fn diff_of_two_snapshots() {
    let p = with_secret();
    p.run(&["scan", ".", "--output", "snapshot", "--output-file", "a.json"]).exits(0);
    p.write("src/new.py", format!("K = \"{}\"\n", aws_key()));
    std::fs::remove_file(p.path().join("Dockerfile")).unwrap();
    p.run(&["scan", ".", "--output", "snapshot", "--output-file", "b.json"]).exits(0);
    let sides = ["--base-snapshot", "a.json", "--head-snapshot", "b.json"];
    let run = |extra: &[&str]| p.run(&[&["diff"], &sides[..], extra].concat());
    let json = run(&["--output", "json"]).exits(0).json();
    assert_eq!(json["new"].as_array().unwrap().len(), 1);
    assert!(json["fixed"].as_array().unwrap().iter().any(|f| f["rule_id"] == "dockerfile/DL002"));
    run(&["--fail-on-severity", "high"]).exits(1);
}

#[test]
fn small_commands() {
    let p = Project::new();
    assert!(p.run(&["--version"]).exits(0).stdout.starts_with("securescan "));
    assert!(p.run(&["status"]).exits(0).stdout.contains("git-hygiene"));
    assert!(p.run(&["completions", "bash"]).exits(0).stdout.contains("securescan"));
    assert!(p.run(&["call", "--list"]).exits(0).stdout.contains("fingerprint"));
    p.run(&[]).exits(2);
    p.run(&["nope"]).exits(2);
    p.write(".securescan.yml", "scan_types: [code, dependency]\nignored_rules: [a, b, c]\n");
    let run = p.run(&["config", "validate"]).exits(0);
    assert_eq!(run.stdout, ".securescan.yml: OK\n  scan_types: code, dependency\n  ignored_rules: 3\n");
    p.write(".securescan.yml", "severity_overrides:\n  a: hgih\n");
    let run = p.run(&["config", "validate"]).exits(1);
    assert!(run.stderr.contains("hgih") && run.stdout.is_empty());
}

/// The README's first screen is what the first command prints.
#[test]
fn the_readme_shows_the_real_output() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let shown = readme.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let run = common::run_in(root, &["scan", "examples/weak-shop", "--output", "text"], &[]).exits(0);
    assert_eq!(common::as_not_installed(&run.stdout), shown);
}

/// A web server that gives every request the same answer, on a loopback port; ends with the process.
fn web(answer: &'static str) -> String {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut buffer = [0; 4096];
            let _ = stream.read(&mut buffer);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    format!("http://{address}/")
}

#[test]
fn a_url_is_scanned_and_what_cannot_run_is_told() {
    let p = Project::new();
    let url = web(
        "HTTP/1.1 200 OK\r\nServer: nginx/1.2.3\r\nContent-Type: text/html\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi",
    );
    let run = p.run(&["scan", &url, "--output", "snapshot"]).exits(0);
    let json = run.json();
    assert_eq!(json["target"], url.as_str());
    let statuses: Vec<_> = json["scanners"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| (s["name"].as_str().unwrap(), s["status"].as_str().unwrap()))
        .collect();
    assert_eq!(statuses[0], ("builtin_dast", "ok"), "{json}");
    assert!(json["findings"].as_array().unwrap().iter().all(|f| f["scan_type"] == "dast" && f["file_path"].is_null()));
    assert!(!json["findings"].as_array().unwrap().is_empty());
    // Nobody answers there: that is not clean.
    let nobody = p.run(&["scan", "http://127.0.0.1:9/", "--scanner", "builtin_dast", "--fail-on-severity", "high"]).exits(3);
    assert!(nobody.stderr.contains("builtin_dast failed"), "{}", nobody.stderr);
    p.run(&["scan", "http://127.0.0.1:9/", "--scanner", "builtin_dast", "--fail-on-severity", "high", "--allow-incomplete"])
        .exits(0);
    let required = p.run(&["scan", "http://127.0.0.1:9/", "--scanner", "builtin_dast", "--require", "builtin_dast"]).exits(3);
    assert!(required.stderr.contains("required scanner builtin_dast did not complete"), "{}", required.stderr);
    assert!(p.run(&["scan", ".", "--require", "nope"]).exits(2).stderr.contains("choose one of"));
    assert!(p.run(&["scan", ".", "--timeout", "semgrp=3"]).exits(2).stderr.contains("semgrp"));
    let skipped = p.run(&["scan", ".", "--type", "dast", "--output", "snapshot"]).exits(0).json();
    assert_eq!(
        (skipped["scanners"][0]["status"].as_str(), skipped["scanners"][0]["reason"].as_str()),
        (Some("skipped"), Some("no target_url"))
    );
}
