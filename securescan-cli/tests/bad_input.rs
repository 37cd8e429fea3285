//! Hostile and broken input: a one-line error with a remedy and exit 2 where it can be known before scanning; during a scan the file is
//! skipped, counted and listed. Never a panic, never a silent clean result.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

mod common;
use common::{Project, github_token};

#[track_caller]
fn refused(p: &Project, args: &[&str], words: &[&str]) {
    let run = p.run(args).exits(2);
    assert_eq!(run.stderr.lines().count(), 1, "one line: {}", run.stderr);
    assert!(run.stdout.is_empty(), "{}", run.stdout);
    for word in words {
        assert!(run.stderr.contains(word), "`{word}` in: {}", run.stderr);
    }
}

#[test]
fn known_before_scanning() {
    let p = Project::new();
    p.write("a.py", "x = 1\n");
    refused(&p, &["scan", "missing"], &["missing", "folder or file"]);
    refused(&p, &["scan", ".", "--fail-on-severity", "hihg"], &["hihg", "critical"]);
    refused(&p, &["scan", ".", "--baseline", "none.json", "--strict-baseline"], &["none.json"]);
    p.write("cut.json", "{\"findings\": [{\"fingerprint\": \"ab\"");
    refused(&p, &["scan", ".", "--baseline", "cut.json"], &["cut.json:1:"]);
    p.write("newer.json", "{\"version\": 99, \"findings\": []}");
    refused(&p, &["scan", ".", "--baseline", "newer.json"], &["newer.json", "99"]);
    p.write("bad.toml", "[[rules]]\nid = \"x\"\nregex = '''('''\n");
    refused(&p, &["scan", ".", "--secret-rules", "bad.toml"], &["bad.toml"]);
    refused(&p, &["scan", ".", "--config", "nope.yml"], &["nope.yml"]);
    let warned = p.run(&["scan", ".", "--baseline", "none.json"]).exits(0);
    assert!(warned.stderr.contains("baseline file not found: none.json"));
}

#[test]
fn configuration_typos_name_line_and_column() {
    let p = Project::new();
    p.write("a.py", "x = 1\n");
    for (text, words) in [
        ("ignored_rule: []\n", &["ignored_rules"][..]),
        ("scan_types: [code]\nseverity_overrides:\n  a: HIGH\n", &[".securescan.yml:3", "HIGH"]),
        ("a: [\n", &[".securescan.yml"]),
        ("- a\n", &["mapping"]),
    ] {
        p.write(".securescan.yml", text);
        refused(&p, &["scan", "."], words);
    }
    let bomb: String = (0..30)
        .map(|i| format!("a{i}: &a{i} [{}]\n", if i == 0 { "x".into() } else { format!("*a{0},*a{0},*a{0},*a{0}", i - 1) }))
        .collect();
    p.write(".securescan.yml", bomb);
    refused(&p, &["scan", "."], &[".securescan.yml"]);
    p.write(".securescan.yml", format!("ignored_rules: {}x{}\n", "[".repeat(50_000), "]".repeat(50_000)));
    refused(&p, &["scan", "."], &[".securescan.yml"]);
}

#[cfg(unix)]
#[test]
fn odd_files_are_skipped_and_listed() {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;
    let p = Project::new();
    let outside = Project::new();
    outside.write("leak.py", format!("T = \"{}\"\n", github_token()));
    symlink(outside.path().join("leak.py"), p.path().join("link.py")).unwrap();
    symlink(outside.path(), p.path().join("linked")).unwrap();
    symlink(p.path(), p.path().join("loop")).unwrap();
    let status = std::process::Command::new("mkfifo").arg(p.path().join("pipe.py")).status().unwrap();
    assert!(status.success());
    let sparse = std::fs::File::create(p.path().join("huge.log")).unwrap();
    sparse.set_len(5 << 30).unwrap();
    let name = std::ffi::OsStr::from_bytes(b"na\xffme.py");
    std::fs::write(p.path().join(name), format!("T = \"{}\"\n", github_token())).unwrap();
    p.write("latin.py", b"caf\xe9 = 1\n");
    p.write("empty.py", "");
    let snapshot = p.run(&["scan", ".", "--output", "snapshot", "--type", "code"]).exits(0).json();
    let secrets = snapshot["scanners"].as_array().unwrap().iter().find(|s| s["name"] == "secrets").unwrap();
    assert_eq!(secrets["status"], "partial");
    let skipped: Vec<_> = secrets["skipped"].as_array().unwrap().iter().map(|s| s["path"].as_str().unwrap()).collect();
    assert_eq!(skipped, ["huge.log", "pipe.py"]);
    let files: Vec<_> = snapshot["findings"].as_array().unwrap().iter().filter_map(|f| f["file_path"].as_str()).collect();
    assert_eq!(files, ["na%FFme.py"], "only inside the root");
    let text = p.run(&["scan", ".", "--output", "text"]).exits(0).stdout;
    assert!(text.contains("huge.log") && text.contains("pipe.py"), "{text}");
    // Pointed at directly.
    refused(&p, &["scan", "pipe.py"], &["pipe.py"]);
}

#[test]
fn a_ten_megabyte_line() {
    let p = Project::new();
    let mut line = "x".repeat(5 << 20);
    line.push_str(&format!(" token = \"{}\" ", github_token()));
    line.push_str(&"y ".repeat(2 << 20));
    p.write("one.js", line);
    let run = p.run(&["scan", ".", "--scanner", "secrets", "--max-file-size", "20M"]).exits(0);
    assert_eq!(run.rules(), ["secrets/github-pat"]);
}

#[test]
fn broken_project_files_do_not_stop_a_scan() {
    let p = Project::new();
    p.write("package-lock.json", "{\"packages\": {")
        .write("Dockerfile", b"FROM \xff\xfe\nRUN \\\n")
        .write("a.py", format!("T = \"{}\"\n", github_token()));
    p.write("deep/package-lock.json", format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000)));
    let run = p.run(&["scan", ".", "--output", "snapshot"]).exits(0);
    let json = run.json();
    assert!(json["findings"].as_array().unwrap().iter().any(|f| f["rule_id"] == "secrets/github-pat"));
    let licenses = json["scanners"].as_array().unwrap().iter().find(|s| s["name"] == "licenses").unwrap();
    assert_eq!(licenses["status"], "partial", "{licenses}");
}

#[test]
fn diff_inputs() {
    let p = Project::new();
    p.write("ok.json", "[]").write("cut.json", "[{").write("odd.json", "{\"a\": 1}").write("bin.json", [0xff, 0xfe, 0x00]);
    for bad in ["cut.json", "odd.json", "bin.json", "none.json"] {
        refused(&p, &["diff", "--base-snapshot", "ok.json", "--head-snapshot", bad], &[bad]);
    }
    p.run(&["diff", "--base-snapshot", "ok.json", "--head-snapshot", "ok.json"]).exits(0);
}

#[cfg(unix)]
#[test]
fn interrupt_leaves_valid_marked_output() {
    let p = Project::new();
    let filler = "value = compute(1, 2, 3)  # an ordinary line of an ordinary program\n".repeat(4000);
    for i in 0..600 {
        p.write(&format!("d{}/f{i}.py", i % 20), format!("{filler}T{i} = \"{}\"\n", github_token()));
    }
    let child = common::command(p.path(), &["scan", ".", "--output", "snapshot", "--jobs", "1"], &[])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(60));
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let run = common::finish(child.wait_with_output().unwrap());
    // A fast machine may be done before the signal; what must never happen is a torn output or a wrong claim.
    let json = run.json();
    if run.code == 130 {
        let statuses: Vec<_> = json["scanners"].as_array().unwrap().iter().map(|s| s["status"].as_str().unwrap()).collect();
        assert!(statuses.contains(&"partial"), "{statuses:?}");
    } else {
        assert!(run.code == 0 || run.code == -1, "{}", run.code);
    }
}

#[test]
fn a_scan_of_nothing_says_what_is_missing() {
    let done = Project::new().run_with_input(&["call", "scan"], "{}");
    assert!(
        done.stdout.contains("\"code\":\"invalid_argument\"") && done.stdout.contains("there is nothing to scan"),
        "{}",
        done.stdout
    );
}
