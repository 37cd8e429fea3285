//! `securescan baseline` over a baseline that is there already.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

mod common;
use common::{Project, Run, aws_key, github_token, run_in};

const FILE: &str = ".securescan/baseline.json";

fn project() -> Project {
    let p = Project::new();
    p.write("a.py", format!("K = \"{}\"\n", aws_key()));
    p.write("Dockerfile", "FROM debian:12.5\nRUN curl -s https://example.org/x | sh\nHEALTHCHECK NONE\nUSER app\n");
    p
}

fn refresh(p: &Project, args: &[&str]) -> Run {
    p.run(&[&["baseline", "--scanner", "secrets,dockerfile"], args].concat())
}

fn read(p: &Project) -> String {
    std::fs::read_to_string(p.path().join(FILE)).unwrap()
}

#[test]
fn a_refresh_says_what_it_takes_in_and_lets_go() {
    let p = project();
    let first = refresh(&p, &[]).exits(0);
    assert!(!first.stderr.contains("Refreshed") && first.stderr.contains("(2 findings, "), "{}", first.stderr);
    let before = read(&p);
    let same = refresh(&p, &[]).exits(0);
    assert!(same.stderr.contains("0 new, 0 gone, 2 unchanged"), "{}", same.stderr);
    assert_eq!(read(&p), before);
    // A line above moves the finding, which stays the same; another goes, a third comes.
    p.write("a.py", format!("import os\nK = \"{}\"\n", aws_key())).write("b.py", format!("T = \"{}\"\n", github_token()));
    p.write("Dockerfile", "FROM debian:12.5\nHEALTHCHECK NONE\nUSER app\n");
    let dry = refresh(&p, &["--dry-run"]).exits(0);
    assert_eq!(read(&p), before);
    assert!(
        dry.stderr.contains("Nothing written: the baseline .securescan/baseline.json would hold 2 findings"),
        "{}",
        dry.stderr
    );
    let run = refresh(&p, &[]).exits(0);
    for line in [
        "Refreshed .securescan/baseline.json: 1 (1 critical) new, 1 (1 high) gone, 1 unchanged",
        "  + critical  b.py:1  ",
        "  - high  Dockerfile:2  ",
        "(2 findings, ",
    ] {
        assert!(run.stderr.contains(line), "{line}: {}", run.stderr);
    }
    assert!(run.stdout.is_empty() && !run.stderr.contains(&github_token()));
    assert!(p.run(&["baseline", "--scanner", "secrets,dockerfile", "-q"]).exits(0).stderr.is_empty());
}

#[test]
fn entries_that_nobody_looked_for_stay() {
    let p = project();
    refresh(&p, &[]).exits(0);
    let run = p.run(&["baseline", "--scanner", "secrets"]).exits(0);
    assert!(run.stderr.contains("0 new, 0 gone, 1 unchanged"), "{}", run.stderr);
    assert!(run.stderr.contains("1 kept, since nobody looked: dockerfile 1; --fresh"), "{}", run.stderr);
    assert!(read(&p).contains("dockerfile/DL003") && run.stderr.contains("(2 findings"), "{}", read(&p));
    // The default kind is `code`: entries of `iac` are not lost by it either.
    p.run(&["baseline"]).exits(0);
    assert!(read(&p).contains("dockerfile/DL003") && read(&p).contains("\"iac\""));
    // A file that is too large now was not looked at.
    let run = refresh(&p, &["--max-file-size", "1"]).exits(0);
    assert!(run.stderr.contains("2 kept, since nobody looked"), "{}", run.stderr);
    let run = p.run(&["baseline", "--scanner", "secrets", "--fresh"]).exits(0);
    assert!(!run.stderr.contains("Refreshed") && !read(&p).contains("dockerfile"), "{}", run.stderr);
}

#[test]
fn what_is_silenced_elsewhere_needs_no_entry() {
    let p = project();
    refresh(&p, &[]).exits(0);
    p.write(".securescan.yml", "ignored_rules: [dockerfile/DL003]\n");
    let run = refresh(&p, &[]).exits(0);
    assert!(run.stderr.contains("0 new, 0 gone, 1 unchanged") && run.stderr.contains("1 let go"), "{}", run.stderr);
    assert!(!read(&p).contains("DL003"));
}

#[test]
fn a_long_list_is_cut() {
    let p = Project::new();
    p.write("x", "");
    refresh(&p, &[]).exits(0);
    p.write(FILE, "{\"findings\": []}");
    for n in 0..30 {
        p.write(&format!("{n}.py"), format!("K = \"{}\"\n", aws_key()));
    }
    let run = refresh(&p, &[]).exits(0);
    assert!(run.stderr.contains("30 (30 critical) new") && run.stderr.contains("  + and 20 more"), "{}", run.stderr);
    assert!(run.stderr.lines().count() < 20);
}

#[test]
fn a_file_that_is_something_else_is_not_overwritten() {
    let p = project();
    p.write(FILE, "<<<<<<< ours\n");
    assert!(refresh(&p, &[]).exits(2).stderr.contains("--fresh"));
    assert_eq!(read(&p), "<<<<<<< ours\n");
    refresh(&p, &["--fresh", "--dry-run"]).exits(0);
    assert_eq!(read(&p), "<<<<<<< ours\n");
    refresh(&p, &["--fresh"]).exits(0);
    // A baseline of another folder has other paths.
    p.write("sub/x.py", "");
    let run = refresh(&p, &["sub"]).exits(2);
    assert!(run.stderr.contains("is a baseline of `..`, not of `../sub`"), "{}", run.stderr);
    let below = run_in(
        &p.path().join("sub"),
        &["baseline", "..", "--scanner", "secrets,dockerfile", "-o", "../.securescan/baseline.json"],
        &[],
    );
    assert!(below.exits(0).stderr.contains("0 new, 0 gone, 2 unchanged"));
}
