//! Tools that do their work: findings in the right place, under the right name, with what the tool left out told.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod external_support;

use external_support::{FILES, Fakes, PYTHON, TOOLS, is_read, line, request, run, write};
use securescan_core::model::{Finding, ScanType, ScannerStatus};
use securescan_core::scanners::{SCANNERS, ScanRequest};
use std::path::Path;

/// A script that writes a report, with `ROOT` in it standing for the scanned folder.
fn says(report: &str, root: &Path) -> String {
    let text = report.replace("ROOT", root.canonicalize().unwrap().to_str().unwrap());
    format!("cat <<'END_OF_REPORT'\n{text}\nEND_OF_REPORT\n")
}

/// Scans with one pretended tool.
fn one(name: &str, report: &str, exit: u8) -> (Vec<Finding>, securescan_core::model::ScannerRun) {
    let (dir, fakes) = (tempfile::tempdir().unwrap(), Fakes::new());
    write(dir.path(), FILES);
    let script = format!("{}exit {exit}\n", says(report, dir.path()));
    let mut request = request(dir.path(), &fakes.tool("tool", &script));
    request.scanners = vec![name.to_owned()];
    if name != "git-hygiene" {
        request.tool_paths.remove("gitleaks");
    }
    let raw = run(&request);
    (raw.findings.clone(), line(&raw, name).clone())
}

/// `scanner rule path:line` of each.
fn short(findings: &[Finding]) -> Vec<String> {
    let text = |t: &Option<String>| t.clone().unwrap_or_else(|| "-".to_owned());
    findings
        .iter()
        .map(|f| format!("{} {} {}:{}", f.scanner, text(&f.rule_id), text(&f.file_path), f.line.unwrap_or(0)))
        .collect()
}

const SEMGREP: &str = r#"{"version":"1.182.0","results":[{"check_id":"r","path":"ROOT/app/a.py","start":{"line":4,"col":12},"end":{"line":4,"col":44},"extra":{"message":"shell in ROOT/app/a.py","severity":"ERROR","metadata":{},"lines":"requires login"}}],"errors":[],"paths":{"scanned":["ROOT/app/a.py"]}}"#;

#[test]
fn semgrep() {
    if !is_read("semgrep") {
        return;
    }
    let (findings, line) = one("semgrep", SEMGREP, 0);
    assert_eq!((line.status, line.version.as_deref(), line.reason), (ScannerStatus::Ok, Some("1.182.0"), None));
    assert_eq!(short(&findings), ["semgrep r app/a.py:4"]);
    assert_eq!(findings[0].description, "shell in app/a.py");
    let (_, line) = one("semgrep", SEMGREP, 2);
    assert_eq!(line.status, ScannerStatus::Failed);
    let error = r#"{"version":"1.182.0","results":[],"errors":[{"level":"error","type":"Syntax error","path":"ROOT/web/x.js","message":"bad"}],"paths":{"scanned":[]}}"#;
    let (_, line) = one("semgrep", error, 0);
    assert_eq!(line.status, ScannerStatus::Partial);
    assert!(line.skipped.iter().any(|s| s.path == "web/x.js"), "{line:?}");
}

#[test]
fn bandit() {
    if !is_read("bandit") {
        return;
    }
    let report = r#"{"errors":[{"filename":"ROOT/app/b.py","reason":"syntax error while parsing AST from file"}],"generated_at":"2026-01-01T00:00:00Z","metrics":{"_totals":{}},"results":[{"code":"4 call\n","col_offset":11,"end_col_offset":43,"filename":"ROOT/app/a.py","issue_confidence":"HIGH","issue_cwe":{"id":78,"link":"https://cwe.mitre.org/data/definitions/78.html"},"issue_severity":"HIGH","issue_text":"subprocess call with shell=True","line_number":4,"line_range":[4],"more_info":"https://bandit.readthedocs.io/en/1.9.4/x.html","test_id":"B602","test_name":"subprocess_popen_with_shell_equals_true"}]}"#;
    let (findings, line) = one("bandit", report, 1);
    assert_eq!(short(&findings), ["bandit B602 app/a.py:4"]);
    assert_eq!((line.status, line.version.as_deref()), (ScannerStatus::Partial, Some("1.2.3")));
    assert!(line.skipped.iter().any(|s| s.path == "app/b.py"), "{line:?}");
}

#[test]
fn trivy() {
    if !is_read("trivy") {
        return;
    }
    let report = r#"{"SchemaVersion":2,"ArtifactName":"ROOT","ArtifactType":"filesystem","Results":[{"Target":"web/package-lock.json","Class":"lang-pkgs","Type":"npm","Vulnerabilities":[{"VulnerabilityID":"CVE-2019-10744","PkgName":"lodash","InstalledVersion":"4.17.4","FixedVersion":"4.17.12","Severity":"CRITICAL","Title":"t","Description":"d","References":null}]}]}"#;
    let (findings, line) = one("trivy", report, 0);
    assert_eq!((line.status, findings.len()), (ScannerStatus::Ok, 1), "{line:?}");
    assert_eq!((findings[0].scanner.as_str(), findings[0].file_path.as_deref()), ("trivy", Some("web/package-lock.json")));
    assert_eq!(findings[0].scan_type, ScanType::Dependency);
}

#[test]
fn checkov() {
    if !is_read("checkov") {
        return;
    }
    let report = r#"{"check_type":"terraform","results":{"failed_checks":[{"check_id":"CKV_AWS_18","check_name":"Ensure the S3 bucket has access logging enabled","check_result":{"result":"FAILED"},"file_path":"/infra/main.tf","file_abs_path":"ROOT/infra/main.tf","repo_file_path":"/infra/main.tf","file_line_range":[1,3],"resource":"aws_s3_bucket.b","guideline":null,"severity":null}],"passed_checks":[],"skipped_checks":[],"parsing_errors":[]},"summary":{"passed":0,"failed":1,"skipped":0,"parsing_errors":0,"resource_count":1,"checkov_version":"3.3.30"}}"#;
    let (findings, line) = one("checkov", report, 1);
    assert_eq!(short(&findings), ["checkov CKV_AWS_18 infra/main.tf:1"], "{line:?}");
    let text = serde_json::to_string(&findings).unwrap();
    assert!(!text.contains(std::env::temp_dir().to_str().unwrap()), "{text}");
    let nothing = r#"{"passed":0,"failed":0,"skipped":0,"parsing_errors":0,"resource_count":0,"checkov_version":"3.3.30"}"#;
    let (findings, line) = one("checkov", nothing, 0);
    assert_eq!((findings.len(), line.status), (0, ScannerStatus::Ok), "{line:?}");
}

#[test]
fn safety() {
    if !is_read("safety") {
        return;
    }
    let report = r#"{"report_meta":{"scan_target":"files","scanned":["ROOT/app/requirements.txt"],"safety_version":"2.3.5"},"scanned_packages":{},"affected_packages":{},"announcements":[],"vulnerabilities":[{"vulnerability_id":"38654","package_name":"flask","ignored":false,"ignored_reason":null,"ignored_expires":null,"vulnerable_spec":"<0.12.3","all_vulnerable_specs":["<0.12.3"],"analyzed_version":"0.12.2","advisory":"a","is_transitive":false,"published_date":null,"fixed_versions":["0.12.3"],"CVE":"CVE-2018-1000656","severity":null,"more_info_url":"https://example.org"}],"ignored_vulnerabilities":[],"remediations":{}}"#;
    let announced = format!("+======+\n DEPRECATED \n+======+\n{report}");
    let (findings, line) = one("safety", &announced, 64);
    assert_eq!((line.status, findings.len()), (ScannerStatus::Ok, 1), "{line:?}");
    assert_eq!(findings[0].file_path.as_deref(), Some("app/requirements.txt"));
    assert_eq!(line.targets, ["app/requirements.txt"]);
}

#[test]
fn npm_audit() {
    if !is_read("npm-audit") {
        return;
    }
    let report = r#"{"auditReportVersion":2,"vulnerabilities":{"lodash":{"name":"lodash","severity":"critical","isDirect":true,"via":[{"source":1,"name":"lodash","dependency":"lodash","title":"Prototype Pollution","url":"https://github.com/advisories/GHSA-jf85-cpcp-j695","severity":"critical","cwe":["CWE-1321"],"cvss":{"score":9.1,"vectorString":null},"range":"<4.17.12"}],"effects":[],"range":"<=4.17.11","nodes":["node_modules/lodash"],"fixAvailable":true}},"metadata":{"vulnerabilities":{"critical":1,"total":1}}}"#;
    let (findings, line) = one("npm-audit", report, 1);
    assert_eq!((line.status, findings.len()), (ScannerStatus::Ok, 1), "{line:?}");
    assert_eq!((findings[0].scanner.as_str(), findings[0].file_path.as_deref()), ("npm-audit", Some("web/package.json")));
    let refused = r#"{"message":"405 Method Not Allowed - POST https://registry.example/-/npm/v1/security/audits/quick","error":{"summary":"","detail":""}}"#;
    let (findings, line) = one("npm-audit", refused, 1);
    assert_eq!((findings.len(), line.status), (0, ScannerStatus::Failed));
    assert!(line.reason.as_deref().unwrap().starts_with("`npm` could not audit: 405 Method Not Allowed"), "{line:?}");
}

#[test]
fn nmap() {
    if !is_read("nmap") {
        return;
    }
    let head = r#"<?xml version="1.0"?><!DOCTYPE nmaprun><nmaprun scanner="nmap" args="nmap" start="1" version="7.93" xmloutputversion="1.05">"#;
    let host = r#"<host><status state="up" reason="syn-ack"/><address addr="127.0.0.1" addrtype="ipv4"/><ports><port protocol="tcp" portid="6379"><state state="open" reason="syn-ack"/><service name="redis" product="Redis" version="6.0"/></port></ports></host>"#;
    let tail = |up: u8| {
        format!(r#"<runstats><finished time="1" exit="success"/><hosts up="{up}" down="0" total="1"/></runstats></nmaprun>"#)
    };
    let (findings, line) = one("nmap", &format!("{head}{host}{}", tail(1)), 0);
    assert_eq!((line.status, findings.len()), (ScannerStatus::Ok, 1), "{line:?}");
    assert_eq!((findings[0].scanner.as_str(), findings[0].file_path.as_deref()), ("nmap", None));
    let (findings, line) = one("nmap", &format!("{head}{}", tail(0)), 0);
    assert_eq!((findings.len(), line.status), (0, ScannerStatus::Partial));
    assert!(line.reason.unwrap().contains("no host answered"));
}

#[test]
fn gitleaks_speaks_for_git_hygiene() {
    if !is_read("gitleaks") {
        return;
    }
    let report = r#"[{"RuleID":"generic-api-key","Description":"Detected a Generic API Key","StartLine":1,"EndLine":1,"StartColumn":1,"EndColumn":9,"Match":"api_key = 'q8Zt3LrV0sXw7Nc2'","Secret":"q8Zt3LrV0sXw7Nc2","File":"ROOT/app/a.py","SymlinkFile":"","Commit":"","Entropy":3.9,"Author":"","Email":"","Date":"","Message":"","Tags":[],"Fingerprint":"ROOT/app/a.py:generic-api-key:1"},{"RuleID":"generic-api-key","Description":"d","StartLine":1,"EndLine":1,"StartColumn":1,"EndColumn":9,"Match":"x","Secret":"x","File":"ROOT/ignored.txt","Commit":"","Entropy":3.9,"Fingerprint":"f"}]"#;
    let (findings, line) = one("git-hygiene", report, 0);
    assert_eq!(line.status, ScannerStatus::Ok, "{line:?}");
    let theirs: Vec<_> = findings.into_iter().filter(|f| f.rule_id.as_deref().unwrap().starts_with("gitleaks/")).collect();
    assert_eq!(short(&theirs), ["git-hygiene gitleaks/generic-api-key app/a.py:1"]);
    assert!(!serde_json::to_string(&theirs).unwrap().contains("q8Zt3LrV0sXw7Nc2"));
    let (_, line) = one("git-hygiene", "[", 1);
    assert_eq!(line.status, ScannerStatus::Partial);
    assert!(line.reason.as_deref().unwrap().contains("`gitleaks` ended with exit code 1"), "{line:?}");
}

#[test]
fn one_bad_file_of_many_is_a_gap_and_no_failure() {
    if !is_read("safety") {
        return;
    }
    let (dir, fakes) = (tempfile::tempdir().unwrap(), Fakes::new());
    write(dir.path(), &[("a/requirements.txt", "flask\n"), ("b/requirements.txt", "flask\n")]);
    let report = r#"{"report_meta":{"safety_version":"2.3.5"},"scanned_packages":{},"vulnerabilities":[]}"#;
    let script = format!("case \"$*\" in */a/req*) echo 'no network' >&2; exit 69;; esac\n{}", says(report, dir.path()));
    let mut request = request(dir.path(), &fakes.tool("safety", &script));
    request.scanners = vec!["safety".to_owned()];
    let raw = run(&request);
    let line = line(&raw, "safety");
    assert_eq!((line.status, line.targets.as_slice()), (ScannerStatus::Partial, ["b/requirements.txt".to_owned()].as_slice()));
    let skipped: Vec<_> = line.skipped.iter().map(|s| format!("{}: {}", s.path, s.why)).collect();
    assert_eq!(skipped, ["a/requirements.txt: `safety` ended with exit code 69: no network"]);
}

#[test]
fn what_there_is_nothing_for_is_not_applicable() {
    let (dir, fakes) = (tempfile::tempdir().unwrap(), Fakes::new());
    write(dir.path(), &[("notes.txt", "hello\n")]);
    let request = request(dir.path(), &fakes.tool("tool", "exit 9"));
    let mut request = ScanRequest { semgrep_rules: Vec::new(), ..request };
    request.online = false;
    let raw = run(&request);
    let status = |name: &str| (line(&raw, name).status, line(&raw, name).reason.clone().unwrap());
    for name in ["bandit", "checkov"] {
        assert_eq!(status(name).0, ScannerStatus::NotApplicable, "{name}");
    }
    for name in ["semgrep", "safety", "npm-audit"] {
        let (status, reason) = status(name);
        assert!(status == ScannerStatus::Skipped && reason.contains("offline"), "{name}: {reason}");
    }
    request.online = true;
    let raw = run(&request);
    for name in ["trivy", "safety", "npm-audit"] {
        assert_eq!(line(&raw, name).status, ScannerStatus::NotApplicable, "{name}");
    }
}

#[test]
fn rules_that_do_not_exist_are_named() {
    let (dir, fakes) = (tempfile::tempdir().unwrap(), Fakes::new());
    write(dir.path(), &[("a.py", PYTHON)]);
    let mut request = request(dir.path(), &fakes.tool("semgrep", "exit 0"));
    request.scanners = vec!["semgrep".to_owned()];
    request.semgrep_rules = vec!["no/such/rules.yml".into()];
    let raw = run(&request);
    let line = line(&raw, "semgrep");
    assert_eq!(line.status, ScannerStatus::Failed);
    assert!(line.reason.as_deref().unwrap().contains("`no/such/rules.yml` cannot be read"), "{line:?}");
    assert!(fakes.argv("semgrep").is_empty());
}

#[test]
fn registry_is_the_specification_s() {
    let order = [
        "semgrep",
        "bandit",
        "trivy",
        "checkov",
        "baseline",
        "secrets",
        "safety",
        "licenses",
        "dockerfile",
        "npm-audit",
        "git-hygiene",
        "builtin_dast",
        "zap",
        "nmap",
    ];
    let names: Vec<&str> = SCANNERS.iter().map(|s| s.meta().name).collect();
    let at = |name: &str| order.iter().position(|n| *n == name).unwrap();
    assert!(names.is_sorted_by_key(|name| at(name)), "{names:?}");
    assert!(TOOLS.iter().all(|tool| names.contains(tool)));
    let hint = |name: &str| SCANNERS.iter().find(|s| s.meta().name == name).unwrap().meta().install_hint.unwrap();
    assert_eq!(hint("trivy"), "See https://trivy.dev/docs/latest/getting-started/installation/");
    assert_eq!(hint("npm-audit"), "Install Node.js from https://nodejs.org");
    assert_eq!(hint("nmap"), "Install nmap: https://nmap.org/download.html");
}

#[test]
fn one_file_is_a_target() {
    if !is_read("checkov") {
        return;
    }
    let (dir, fakes) = (tempfile::tempdir().unwrap(), Fakes::new());
    write(dir.path(), FILES);
    write(dir.path(), &[(".securescan.yml", "")]);
    let report = r#"{"check_type":"terraform","results":{"failed_checks":[{"check_id":"CKV_AWS_18","check_name":"n","check_result":{"result":"FAILED"},"file_path":"/main.tf","file_abs_path":"ROOT/infra/main.tf","file_line_range":[1,3],"resource":"r"}],"passed_checks":[],"skipped_checks":[],"parsing_errors":[]},"summary":{"passed":0,"failed":1,"skipped":0,"parsing_errors":0,"resource_count":1,"checkov_version":"3.3.30"}}"#;
    let mut request = request(dir.path(), &fakes.tool("checkov", &says(report, dir.path())));
    request.target = dir.path().join("infra/main.tf");
    request.scanners = vec!["checkov".to_owned(), "bandit".to_owned()];
    let raw = run(&request);
    assert_eq!(line(&raw, "bandit").status, ScannerStatus::NotApplicable);
    assert_eq!(short(&raw.findings), ["checkov CKV_AWS_18 infra/main.tf:1"], "{:?}", raw.coverage);
    let file = dir.path().canonicalize().unwrap().join("infra/main.tf");
    assert!(fakes.argv("checkov").contains(&format!("--file={}", file.display())));
}
