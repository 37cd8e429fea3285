//! The scanner `secrets` from outside: locations, masking, encodings, hostile input, git history.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test may")]

use proptest::prelude::*;
use securescan_core::scanners::builtin::secrets::{builtin, scan_bytes};
use securescan_core::scanners::git::Repo;
use securescan_core::scanners::walk::walk;
use securescan_core::scanners::{Cancel, Outcome, SCANNERS, ScanContext, ScanRequest};
use securescan_core::{Finding, Severity};
use std::path::Path;
use std::process::Command;

/// Published sample token whose checksum holds.
fn github() -> String {
    ["ghp_", "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17"].concat()
}

fn aws() -> String {
    ["AKIA", "QYLPMN5HFIQR7BQZ"].concat()
}

fn pem() -> String {
    let body = "MIIEpAIBAAKCAQEAy8Dbv8prpJ/0kKhlGeJYozo2t60EG8L0561g13R29LvMR5hy\nvGZlGJpmn65+A4xHXInJYiPuKzrKUnApeLZ+vw1HocOAZtWK0z3r26uA8kQYOKX9\n";
    ["-----BEGIN RSA ", "PRIVATE KEY-----\n", body, "-----END RSA ", "PRIVATE KEY-----"].concat()
}

fn scan(path: &str, text: impl AsRef<[u8]>) -> Vec<Finding> {
    scan_bytes(path, text.as_ref(), builtin())
}

fn ids(found: &[Finding]) -> Vec<&str> {
    found.iter().filter_map(|f| f.rule_id.as_deref()?.strip_prefix("secrets/")).collect()
}

#[test]
fn locations_are_lines_and_characters() {
    let found = scan("a.py", format!("# é\nü = '{}'\n", aws()));
    let f = &found[0];
    assert_eq!((f.line, f.column, f.end_line, f.end_column), (Some(2), Some(6), Some(2), Some(26)));
    assert_eq!(f.severity, Severity::Critical);
    assert_eq!(f.cwe.as_deref(), Some("CWE-798"));
    let found = scan("k.txt.cfg", format!("x\n{}\n", pem()));
    assert_eq!(ids(&found), ["private-key"]);
    assert_eq!((found[0].line, found[0].end_line), (Some(2), Some(5)));
}

#[test]
fn no_output_holds_the_value() {
    let password = "hX9!kk2pQz";
    let texts = [
        (format!("a = '{}'", aws()), aws()),
        (format!("a = '{}'", github()), github()),
        (format!("password = '{password}'"), password.to_owned()),
        (format!("url = 'postgres://svc:{password}@db.internal/x'"), password.to_owned()),
        (pem(), "MIIEpAIBAAKCAQEAy8Dbv8prpJ".to_owned()),
    ];
    for (text, value) in texts {
        let found = scan("src/a.py", &text);
        assert_eq!(found.len(), 1, "{text}");
        let json = serde_json::to_string(&found).unwrap();
        assert!(!json.contains(&value) && !format!("{found:?}").contains(&value), "{value}");
        let secret = found[0].secret.as_ref().unwrap();
        assert!(text.contains(&secret.value) && secret.value.contains(&value));
    }
}

#[test]
fn encodings_and_encoded_text() {
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(format!("k={}\n", aws()).encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(ids(&scan("a.ini", utf16)), ["aws-access-key-id"]);
    let latin = [b"caf\xe9 = ".as_slice(), aws().as_bytes()].concat();
    assert_eq!(ids(&scan("a.ini", latin)), ["aws-access-key-id"]);
    assert!(scan("a.ini", [b"\0\x01\x02".as_slice(), aws().as_bytes()].concat()).is_empty());
    use base64::Engine;
    let encoded = base64::engine::general_purpose::STANDARD.encode(format!("token={}", github()));
    let found = scan("a.yml", format!("x: {encoded}\n"));
    assert_eq!(ids(&found), ["github-pat"]);
    assert_eq!(found[0].metadata.extra.get("validity").and_then(|v| v.as_str()), Some("checksum_ok"));
    assert_eq!(found[0].metadata.extra.get("decoded").and_then(|v| v.as_str()), Some("base64"));
    assert_eq!(found[0].column, Some(4));
    let found = scan("a.yml", format!("x: https://h/?q%3D{}\n", aws()));
    assert_eq!(ids(&found), ["aws-access-key-id"]);
}

#[test]
fn long_lines_are_searched() {
    let line = format!("{}\"{}\"{}", "x ".repeat(100_000), aws(), " y".repeat(100_000));
    let found = scan("a.json", line);
    assert_eq!((ids(&found), found[0].column), (vec!["aws-access-key-id"], Some(200_002)));
}

#[test]
fn tests_and_documents() {
    let password = "password = 'hX9!kk2pQz'";
    assert_eq!(ids(&scan("src/a.py", password)), ["generic-password"]);
    for path in ["tests/a.py", "README.md", "examples/a.py", "a_test.go"] {
        assert!(scan(path, password).is_empty(), "{path}");
        let found = scan(path, aws());
        assert_eq!((ids(&found), found[0].severity), (vec!["aws-access-key-id"], Severity::Low), "{path}");
        assert_eq!(found[0].metadata.extra.get("likely_false_positive"), Some(&true.into()));
    }
    assert!(scan("package-lock.json", password).is_empty());
    assert_eq!(ids(&scan("package-lock.json", aws())), ["aws-access-key-id"]);
}

#[test]
fn foreign_ignores_silence_weak_rules_only() {
    assert!(scan("a.py", "password = 'hX9!kk2pQz'  # gitleaks:allow").is_empty());
    let found = scan("a.py", format!("k = '{}'  # gitleaks:allow", aws()));
    assert_eq!(found[0].metadata.extra.get("foreign_ignore").and_then(|v| v.as_str()), Some("gitleaks:allow"));
}

#[test]
fn env_files() {
    let text = "DB_PASSWORD=zo!Rk29dLq\nAUTHOR=someone9\nexport API_TOKEN=\"a9f3kd02kd93\"\nEMPTY_TOKEN=\nSECRET=${OTHER}\n";
    let found = scan(".env.production", text);
    assert_eq!(ids(&found), ["env-file-secret", "env-file-secret"]);
    assert_eq!(found.iter().map(|f| f.line).collect::<Vec<_>>(), [Some(1), Some(3)]);
    assert!(scan(".env.example", text).is_empty());
}

#[test]
fn key_stores_by_name() {
    assert_eq!(ids(&scan("certs/a.p12", b"\x30\x82\0\0")), ["pkcs12-file"]);
}

/// Sizes at which quadratic work would not end.
#[test]
fn pathological_texts_end() {
    for text in [
        "a".repeat(10 << 20),
        "password=".repeat(1 << 18),
        "ghp_".repeat(1 << 18),
        "eyJ".repeat(1 << 18),
        "AKIA%41".repeat(1 << 17),
        "-----BEGIN PRIVATE KEY-----".repeat(1 << 15),
        "key = \"".repeat(1 << 18),
        "xoxb-1".repeat(1 << 18),
        "\\".repeat(1 << 18),
    ] {
        assert!(scan("a.conf", &text).len() < text.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..600), path in "[a-z./_-]{0,20}") {
        let once = scan(&path, &bytes);
        prop_assert_eq!(&once, &scan(&path, &bytes));
        for f in &once {
            prop_assert!(f.line <= f.end_line);
        }
    }

    #[test]
    fn any_fragments(parts in proptest::collection::vec(prop_oneof![
        Just("password"), Just(" = "), Just("\""), Just("token"), Just(":"), Just("ghp_"), Just("AKIA"), Just("-----BEGIN PRIVATE KEY-----"),
        Just("-----END "), Just("é"), Just("\n"), Just("%3D"), Just("postgres://u:"), Just("@h"), Just("eyJhbGciOiJIUzI1NiJ9"), Just("."), Just("a9F3kd02Kd93zQ"),
    ], 0..40)) {
        let text = parts.concat();
        let found = scan("a.env", &text);
        for f in &found {
            let value = &f.secret.as_ref().unwrap().value;
            prop_assert!(text.contains(value.as_str()));
        }
    }
}

fn git(dir: &Path, args: &[&str]) {
    let mut command = Command::new("git");
    for (key, _) in std::env::vars_os() {
        if key.to_string_lossy().starts_with("GIT_") {
            command.env_remove(key);
        }
    }
    let status = command
        .args(["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"])
        .args(args)
        .current_dir(dir)
        .status()
        .unwrap();
    assert!(status.success(), "git {args:?}");
}

fn run(root: &Path, request: &ScanRequest) -> Outcome {
    let cancel = Cancel::new();
    let files = walk(root, request, 1, &cancel).unwrap().files;
    let repo = Repo::discover(root);
    let scanner = SCANNERS.iter().find(|s| s.meta().name == "secrets").unwrap();
    let context =
        ScanContext { root, files: &files, single_file: false, repo: repo.as_ref(), tracked: None, request, cancel: &cancel };
    scanner.scan(&context)
}

#[test]
fn history_finds_what_was_removed() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    git(root, &["init", "-q"]);
    std::fs::create_dir(root.join("app")).unwrap();
    std::fs::write(root.join("app/old.py"), format!("x = 1\nk = '{}'\n", aws())).unwrap();
    std::fs::write(root.join("app/now.py"), format!("k = '{}'\n", github())).unwrap();
    git(root, &["add", "."]);
    git(root, &["commit", "-qm", "one"]);
    std::fs::write(root.join("app/old.py"), "x = 1\n").unwrap();
    git(root, &["commit", "-qam", "two"]);
    // A textconv command of the repository must never run.
    std::fs::write(root.join(".gitattributes"), "*.py diff=evil\n").unwrap();
    git(root, &["config", "diff.evil.textconv", "touch textconv-ran; cat"]);
    let mut request = ScanRequest::new(root);
    assert_eq!(ids(&run(root, &request).findings), ["github-pat"]);
    request.history = true;
    let outcome = run(root, &request);
    assert_eq!(outcome.reason, None);
    assert_eq!(ids(&outcome.findings), ["github-pat", "aws-access-key-id"]);
    let old = &outcome.findings[1];
    assert_eq!((old.file_path.as_deref(), old.line), (Some("app/old.py"), Some(2)));
    assert_eq!(old.metadata.extra.get("in_history"), Some(&true.into()));
    assert_eq!(old.metadata.extra.get("commit").and_then(|c| c.as_str()).map(str::len), Some(40));
    assert!(!root.join("textconv-ran").exists());
    // From a folder below the top, paths are relative to it.
    let outcome = run(&root.join("app"), &request);
    assert_eq!(outcome.findings.iter().filter_map(|f| f.file_path.as_deref()).collect::<Vec<_>>(), ["now.py", "old.py"]);
}

#[test]
fn a_wrong_rule_file_stops_before_the_scan() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("rules.toml");
    std::fs::write(&file, "[[rules]]\nid = \"a\"\ndescription = \"b\"\nregex = '(a'\n").unwrap();
    let mut request = ScanRequest::new(dir.path());
    request.secret_rules = vec![file];
    let error = securescan_core::scanners::builtin::secrets::check(&request).unwrap_err();
    assert_eq!((error.code(), error.line()), ("config", Some(2)));
}

#[test]
fn a_flood_of_findings_is_cut_and_said() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a.py"), "password='hX9!kk2pQz'\n".repeat(6000)).unwrap();
    let outcome = run(dir.path(), &ScanRequest::new(dir.path()));
    assert_eq!(outcome.findings.len(), 5000);
    assert_eq!(outcome.skipped.iter().map(|s| s.path.as_str()).collect::<Vec<_>>(), ["a.py"]);
}

#[test]
fn a_key_cut_short_in_documentation_is_none() {
    let cut = "-----BEGIN RSA PRIVATE KEY----- MIIEpQIBAAKCAQEAuyf/lNrH9ck8DmNyo3fGgvCI1l9s+cmBY3WIz+cUDqmxiieR. -----END RSA PRIVATE KEY-----";
    let documented = format!("def f(key):\n    \"\"\"\n    :param key: The key. For example, `{cut}`\n    \"\"\"\n");
    assert!(scan("src/a.py", documented).is_empty());
    assert_eq!(ids(&scan("src/a.py", format!("KEY = '{cut}'\n"))), ["private-key"]);
}
