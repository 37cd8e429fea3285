//! The built-in scanner `licenses` over real lock files and over small made projects.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests")]

use securescan_core::model::{Finding, ScannerStatus, Severity};
use securescan_core::scanners::{Cancel, Outcome, SCANNERS, ScanContext, ScanRequest, walk};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn scan(root: &Path) -> Outcome {
    let request = ScanRequest::new(root);
    let cancel = Cancel::new();
    let walked = walk::walk(root, &request, 1, &cancel).unwrap();
    let context = ScanContext {
        root,
        files: &walked.files,
        single_file: false,
        repo: None,
        tracked: None,
        request: &request,
        cancel: &cancel,
    };
    SCANNERS.iter().find(|s| s.meta().name == "licenses").unwrap().scan(&context)
}

fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    dir
}

fn lines(outcome: &Outcome) -> Vec<String> {
    let line = |f: &Finding| {
        let purl = f.package.as_deref().unwrap().purl.clone().unwrap();
        let (rule, path) = (f.rule_id.as_deref().unwrap(), f.file_path.as_deref().unwrap());
        format!("{rule} {} {path}:{} {purl} {}", f.severity, f.line.unwrap_or(0), f.title)
    };
    outcome.findings.iter().map(line).collect()
}

const LOCK: &str = r#"{
  "lockfileVersion": 3,
  "packages": {
    "": {"dependencies": {"gpl": "1", "@s/agpl": "2"}, "license": "GPL-3.0"},
    "node_modules/gpl": {"version": "1.0.0", "license": "GPL-3.0"},
    "node_modules/@s/agpl": {
      "version": "2.0.0",
      "license": "AGPL-3.0-or-later",
      "dev": true
    },
    "node_modules/mit": {"version": "1.0.0", "license": "(MIT OR GPL-3.0)"},
    "node_modules/gpl/node_modules/mit": {"version": "1.0.0", "license": "MIT"},
    "node_modules/none": {"version": "1.0.0", "license": "UNLICENSED"},
    "node_modules/see": {"version": "1.0.0", "license": "SEE LICENSE IN EULA.md"},
    "node_modules/bus": {"version": "1.0.0", "license": "BUSL-1.1"},
    "node_modules/legacy": {"version": "1.0.0", "licenses": [{"type": "LGPL-2.1"}, {"type": "MPL-2.0"}]},
    "node_modules/installed": {"version": "1.0.0"},
    "node_modules/other-version": {"version": "1.0.0"},
    "node_modules/absent": {"version": "1.0.0"},
    "node_modules/states-none": {"version": "1.0.0"},
    "node_modules/text": {"version": "1.0.0"}
  }
}"#;

#[test]
fn npm_lock_with_installed_copies() {
    let dir = project(&[
        ("app/package-lock.json", LOCK),
        ("app/package.json", r#"{"license": "UNLICENSED", "dependencies": {"gpl": "1"}}"#),
        ("app/node_modules/installed/package.json", r#"{"version": "1.0.0", "license": {"type": "CDDL-1.0"}}"#),
        ("app/node_modules/other-version/package.json", r#"{"version": "9.0.0", "license": "GPL-3.0"}"#),
        ("app/node_modules/states-none/package.json", r#"{"version": "1.0.0"}"#),
        ("app/node_modules/text/package.json", r#"{"version": "1.0.0"}"#),
        ("app/node_modules/text/LICENSE", "GNU GENERAL PUBLIC LICENSE\n Version 2, June 1991"),
        ("app/node_modules/text/package-lock.json", LOCK),
    ]);
    let outcome = scan(dir.path());
    assert_eq!(
        lines(&outcome),
        [
            "licenses/restricted medium app/package-lock.json:5 pkg:npm/gpl@1.0.0 Copyleft license: gpl@1.0.0 (GPL-3.0)",
            "licenses/forbidden high app/package-lock.json:6 pkg:npm/%40s/agpl@2.0.0 Copyleft license: @s/agpl@2.0.0 (AGPL-3.0-or-later)",
            "licenses/unlicensed medium app/package-lock.json:13 pkg:npm/none@1.0.0 Unlicensed package: none@1.0.0 (UNLICENSED)",
            "licenses/unknown low app/package-lock.json:14 pkg:npm/see@1.0.0 Unknown license: see@1.0.0 (SEE LICENSE IN EULA.md)",
            "licenses/forbidden high app/package-lock.json:15 pkg:npm/bus@1.0.0 Restrictive license: bus@1.0.0 (BUSL-1.1)",
            "licenses/reciprocal low app/package-lock.json:16 pkg:npm/legacy@1.0.0 Copyleft license: legacy@1.0.0 (LGPL-2.1 OR MPL-2.0)",
            "licenses/reciprocal low app/package-lock.json:17 pkg:npm/installed@1.0.0 Copyleft license: installed@1.0.0 (CDDL-1.0)",
            "licenses/unknown low app/package-lock.json:20 pkg:npm/states-none@1.0.0 Unknown license: states-none@1.0.0",
            "licenses/restricted medium app/package-lock.json:21 pkg:npm/text@1.0.0 Copyleft license: text@1.0.0 (GPL-2.0-only)",
        ]
    );
    assert_eq!(outcome.status, Some(ScannerStatus::Ok));
    assert!(outcome.reason.unwrap().starts_with("2 of 12 packages in 1 manifests have no licence known here"));
    let agpl = &outcome.findings[1].metadata.extra;
    assert_eq!((&agpl["direct"], &agpl["dev"], &agpl["spdx"]), (&true.into(), &true.into(), &"AGPL-3.0-or-later".into()));
    assert_eq!(agpl["aliases"], serde_json::json!(["licenses/copyleft-npm", "licenses/copyleft"]));
}

#[test]
fn package_json_without_a_lock_reads_what_is_installed() {
    let dir = project(&[
        ("package.json", "{\"dependencies\":\n {\"a\": \"^1\",\n \"gone\": \"1\"}}"),
        ("node_modules/a/package.json", r#"{"version": "1.2.3", "license": "GPLv3"}"#),
        ("node_modules/@s/b/package.json", r#"{"version": "0.1.0", "license": "MPL-2.0"}"#),
        ("node_modules/.bin/license-checker", "#!/bin/sh\ntouch executed"),
    ]);
    let outcome = scan(dir.path());
    assert_eq!(
        lines(&outcome),
        [
            "licenses/restricted medium package.json:2 pkg:npm/a@1.2.3 Copyleft license: a@1.2.3 (GPLv3)",
            "licenses/reciprocal low package.json:0 pkg:npm/%40s/b@0.1.0 Copyleft license: @s/b@0.1.0 (MPL-2.0)",
        ]
    );
    assert!(outcome.reason.unwrap().starts_with("1 of 3"));
}

#[test]
fn python_php_rust_and_go() {
    let gpl = "Name: Gpl-Thing\nClassifier: License :: OSI Approved :: GNU General Public License v3 or later (GPLv3+)\n";
    let composer = "{\"packages\": [\n{\"name\": \"v/a\", \"version\": \"1\", \"license\": [\"MIT\", \"GPL-2.0\"]}],\n\"packages-dev\": [\n{\"name\": \"v/b\", \"version\": \"1\", \"license\": [\"OSL-3.0\"]}]}";
    let cargo = "[[package]]\nname = \"own\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"dep\"\nversion = \"1.0.0\"\nsource = \"registry\"\n";
    let dir = project(&[
        ("py/requirements.txt", "Gpl_Thing==1.0\nfine==1.0\nabsent==1.0\n"),
        ("py/.venv/lib/python3.12/site-packages/gpl_thing-1.0.dist-info/METADATA", gpl),
        ("py/.venv/lib/python3.12/site-packages/fine-1.0.dist-info/METADATA", "Name: fine\nLicense-Expression: MIT\n"),
        ("php/composer.lock", composer),
        ("rs/Cargo.lock", cargo),
        ("rs/vendor/dep/Cargo.toml", "[package]\nname = \"dep\"\nversion = \"1.0.0\"\nlicense = \"MPL-2.0\"\n"),
        ("go/go.mod", "module x\nrequire (\n\texample.com/m v1.0.0 // indirect\n)\n"),
        ("go/vendor/example.com/m/LICENSE", "GNU AFFERO GENERAL PUBLIC LICENSE\nVersion 3, 19 November 2007"),
    ]);
    let outcome = scan(dir.path());
    assert_eq!(
        lines(&outcome),
        [
            "licenses/forbidden high go/go.mod:3 pkg:golang/example.com/m@v1.0.0 Copyleft license: example.com/m@v1.0.0 (AGPL-3.0-only)",
            "licenses/restricted medium php/composer.lock:4 pkg:composer/v/b@1 Copyleft license: v/b@1 (OSL-3.0)",
            "licenses/restricted medium py/requirements.txt:1 pkg:pypi/gpl-thing@1.0 Copyleft license: Gpl_Thing@1.0 (GNU General Public License v3 or later (GPLv3+))",
            "licenses/reciprocal low rs/Cargo.lock:6 pkg:cargo/dep@1.0.0 Copyleft license: dep@1.0.0 (MPL-2.0)",
        ]
    );
    assert!(outcome.reason.unwrap().starts_with("1 of 7 packages in 4 manifests"));
}

#[test]
fn broken_and_hostile_locks_are_skipped_with_their_place() {
    let deep = format!("{{\"packages\":{}", "{\"a\":".repeat(4000));
    let dir = project(&[
        ("a/package-lock.json", "{\n  \"packages\": {\n    oops"),
        ("b/package-lock.json", &deep),
        ("c/composer.lock", r#"{"packages": [{"name": "v/a", "version": "1", "license": ["GPL-2.0"]}]}"#),
    ]);
    let outcome = scan(dir.path());
    assert_eq!(outcome.findings.len(), 1);
    assert_eq!(outcome.status, None, "the orchestrator turns what was skipped into `partial`");
    let why: Vec<_> = outcome.skipped.iter().map(|s| format!("{}: {}", s.path, s.why)).collect();
    assert_eq!(why[0], "a/package-lock.json: not readable: not valid JSON at line 3, column 5");
    assert!(why[1].starts_with("b/package-lock.json: not readable: "), "{why:?}");
}

#[cfg(unix)]
#[test]
fn installed_copies_outside_the_root_are_not_read() {
    let lock = r#"{"packages": {"node_modules/a": {"version": "1"}, "node_modules/../../secret": {"version": "1"}}}"#;
    let dir = project(&[
        ("secret/package.json", r#"{"version": "1", "license": "GPL-3.0"}"#),
        ("root/package-lock.json", lock),
        ("root/node_modules/keep", ""),
    ]);
    std::os::unix::fs::symlink("../../secret", dir.path().join("root/node_modules/a")).unwrap();
    let outcome = scan(&dir.path().join("root"));
    assert!(outcome.findings.is_empty(), "{:?}", lines(&outcome));
    assert!(outcome.reason.unwrap().starts_with("2 of 2"));
}

#[test]
fn nothing_to_read_is_not_applicable() {
    let outcome = scan(project(&[("main.c", "")]).path());
    assert_eq!(outcome.status, Some(ScannerStatus::NotApplicable));
}

#[test]
fn twenty_thousand_packages_in_one_lock() {
    use std::fmt::Write;
    let mut text = String::from("{\"packages\": {\n");
    for i in 0..20_000 {
        let license = if i % 100 == 0 { "GPL-3.0-only" } else { "MIT" };
        let _ = writeln!(text, "\"node_modules/p{i}\": {{\"version\": \"1.0.{i}\", \"license\": \"{license}\"}},");
    }
    text.push_str("\"node_modules/last\": {\"version\": \"1\", \"license\": \"MIT\"}}}");
    let outcome = scan(project(&[("package-lock.json", &text)]).path());
    assert_eq!(outcome.findings.len(), 200);
    assert!(outcome.findings.iter().all(|f| f.severity == Severity::Medium));
    assert_eq!(outcome.findings[1].line, Some(102));
    assert_eq!(outcome.reason, None);
}

/// Every real lock file of the shared corpus is read, and what is listed agrees with the corpus's own count.
#[test]
fn real_lock_files() {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let corpus = std::env::var_os("SECURESCAN_SHARED").map(PathBuf::from).unwrap_or_else(beside).join("fixtures/manifests");
    if !corpus.is_dir() {
        println!("skipped: no shared corpus of manifests");
        return;
    }
    let outcome = scan(&corpus);
    assert!(outcome.skipped.is_empty(), "{:?}", outcome.skipped);
    assert!(outcome.findings.is_empty(), "the corpus's stated licences are all permissive: {:?}", lines(&outcome));
    let expected: serde_json::Value = serde_json::from_slice(&std::fs::read(corpus.join("expected.json")).unwrap()).unwrap();
    let cases = expected.as_array().unwrap();
    // Our inventory leaves out what has no licence to ask about: go.sum (go.mod lists its modules) and the project's
    // own crates and gems. Everything else has to agree, one by one and in sum.
    let listed: u64 = cases.iter().filter(|e| e["kind"] != "go-sum").map(|e| e["expected_count"].as_u64().unwrap()).sum();
    let packages: u64 = outcome.reason.as_deref().unwrap().split(' ').nth(2).unwrap().parse().unwrap();
    let own = own_packages(&corpus, cases);
    println!("{packages} packages read, {own} of the projects' own, {listed} in the corpus");
    assert_eq!(packages + own, listed);
}

/// How many of the corpus's components are the project's own: crates without `source`, gems of a `PATH` section.
fn own_packages(corpus: &Path, cases: &[serde_json::Value]) -> u64 {
    let mut own = 0;
    for case in cases {
        let text = std::fs::read_to_string(corpus.parent().unwrap().join(case["file"].as_str().unwrap())).unwrap();
        match case["kind"].as_str().unwrap() {
            "cargo-lock" => own += text.split("[[package]]").skip(1).filter(|table| !table.contains("source = ")).count() as u64,
            "gemfile-lock" => {
                let sections = text.split("\n\n").filter(|s| s.starts_with("PATH"));
                let specs = sections.flat_map(str::lines).filter(|l| l.starts_with("    ") && !l.starts_with("     "));
                own += specs.collect::<BTreeSet<_>>().len() as u64;
            }
            _ => {}
        }
    }
    own
}
