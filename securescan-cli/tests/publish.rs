//! `publish github` as a user runs it, and the scripts of the action around it.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

mod common;
#[path = "../../securescan-core/tests/github_host/mod.rs"]
mod github_host;

use common::{Project, Run, run_in};
use github_host::{Fault, GitHub, SHA, token};
use std::path::Path;
use std::process::Command;

const COMMENT: &str = "<!-- securescan:diff -->\n### SecureScan diff\n";
const SARIF: &str = r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"SecureScan","rules":[]}},"results":[]}]}"#;

fn review() -> String {
    let body = "<!-- securescan:diff-review -->\\n## SecureScan review\\n";
    let mark = "<!-- securescan:fp:0123456789ab -->";
    format!(
        r#"{{"body":"{body}","comments":[{{"body":"x\n\n{mark}","line":3,"path":"a.py","side":"RIGHT"}}],"event":"COMMENT"}}"#
    )
}

fn project() -> Project {
    let p = Project::new();
    p.write("c.md", COMMENT).write("r.json", review()).write("s.sarif", SARIF);
    p.write("event.json", format!(r#"{{"number":7,"pull_request":{{"number":7,"head":{{"sha":"{SHA}"}}}}}}"#));
    p
}

fn run(p: &Project, host: &GitHub, args: &[&str]) -> Run {
    let event = p.path().join("event.json").display().to_string();
    let token = token();
    // The merge commit of a workflow is not the commit that counts.
    let env = [
        ("GITHUB_TOKEN", token.as_str()),
        ("GITHUB_REPOSITORY", "o/r"),
        ("GITHUB_EVENT_PATH", &event),
        ("GITHUB_API_URL", &host.url),
        ("GITHUB_SHA", "ffffffffffffffffffffffffffffffffffffffff"),
        ("GITHUB_REF", "refs/pull/7/merge"),
    ];
    let run = run_in(p.path(), &[&["publish", "github"], args].concat(), &env);
    assert!(!run.stdout.contains(&token) && !run.stderr.contains(&token), "{}", run.stderr);
    run
}

const ALL: [&str; 6] = ["--comment", "c.md", "--review", "r.json", "--sarif", "s.sarif"];

#[test]
fn publishes_what_the_event_is_about_once() {
    let (p, host) = (project(), GitHub::start());
    let dry = run(&p, &host, &[&ALL[..], &["--dry-run"]].concat()).exits(0);
    assert_eq!(dry.stdout.lines().count(), 3, "{}", dry.stdout);
    assert!(dry.stdout.starts_with("POST /repos/o/r/issues/7/comments  create the summary comment"));
    assert_eq!(host.writes(), 0);
    let first = run(&p, &host, &ALL).exits(0);
    assert!(first.stdout.is_empty() && first.stderr.contains("done: upload the SARIF file"), "{}", first.stderr);
    assert_eq!(host.with(|s| (s.writes.len(), s.analyses[0]["ref"].clone())), (3, "refs/pull/7/head".into()));
    let again = run(&p, &host, &ALL).exits(0);
    assert!(again.stderr.contains("nothing to do"), "{}", again.stderr);
    assert_eq!(host.writes(), 3);
}

#[test]
fn failures_have_words_and_exit_codes() {
    let (p, host) = (project(), GitHub::start());
    host.with(|s| {
        s.always = Some(Fault::Answer(404, vec![], serde_json::json!({ "message": format!("Not Found {}", token()) })))
    });
    let failed = run(&p, &host, &ALL).exits(2);
    assert!(failed.stderr.contains("not found (404)") && failed.stderr.lines().count() == 1, "{}", failed.stderr);
    let soft = run(&p, &host, &[&ALL[..], &["--soft"]].concat()).exits(0);
    assert!(soft.stderr.starts_with("warning: not published: "), "{}", soft.stderr);
    assert!(run(&p, &host, &[]).exits(2).stderr.contains("nothing to publish"));
    assert!(run(&p, &host, &["--comment", "r.json"]).exits(2).stderr.contains("marker"));
    assert!(run(&p, &host, &["--sarif", "c.md"]).exits(2).stderr.contains("not a SARIF file"));
    let none =
        run_in(p.path(), &["publish", "github", "--repo", "o/r", "--pr", "7", "--sha", SHA, "--comment", "c.md"], &[]).exits(2);
    assert!(none.stderr.contains("GITHUB_TOKEN"), "{}", none.stderr);
}

/// The action's folder, and whether what its scripts need is here.
fn action() -> Option<std::path::PathBuf> {
    let needed = ["sh", "jq", "git"];
    if let Some(absent) = needed.iter().find(|tool| Command::new(tool).arg("--version").output().is_err()) {
        println!("skipped: {absent} is not here");
        return None;
    }
    Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("../action"))
}

fn script(p: &Project, file: &Path, env: &[(&str, &str)]) -> (i32, String) {
    let at = |name: &str| p.path().join(name).display().to_string();
    let out = Command::new("sh")
        .arg(file)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .envs([("SECURESCAN_BIN", at("stub")), ("GITHUB_WORKSPACE", at("repo")), ("RUNNER_TEMP", at("temp"))])
        .envs([("GITHUB_OUTPUT", at("output")), ("GITHUB_EVENT_PATH", at("event.json")), ("GITHUB_STEP_SUMMARY", at("summary"))])
        .envs(env.iter().copied())
        .output()
        .unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    (out.status.code().unwrap_or(-1), text)
}

#[test]
fn the_action_scans_once_outside_the_checkout_and_publishes_the_head() {
    let Some(action) = action() else { return };
    let p = Project::new();
    p.write("repo/a.py", "x\n").write("temp/x", "").write("output", "").write("summary", "");
    p.write(
        "event.json",
        format!(r#"{{"pull_request":{{"number":7,"base":{{"sha":"{}"}},"head":{{"sha":"{SHA}"}}}}}}"#, "b".repeat(40)),
    );
    // Says what it was called with, writes every file it is asked for, and tries to talk to the runner.
    p.write(
        "stub",
        "#!/bin/sh\n[ \"$1\" = --version ] && exit 0\nprintf '%s\\n' \"$*\" >>\"$(dirname \"$0\")/calls\"\n\
         for arg; do case $arg in *=*/*) printf '<!-- x -->\\n' >\"${arg#*=}\";; esac; done\n\
         echo '::set-output name=x::y'\n[ \"$1\" = publish ] && echo 'warning: not published: no @permission'\n[ \"$1\" = diff ] && exit 1\nexit 0\n",
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(p.path().join("stub"), std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let inputs = [
        ("INPUT_SCAN_TYPES", "code, iac"),
        ("INPUT_FAIL_ON_SEVERITY", "High"),
        ("INPUT_PR_MODE", "both"),
        ("INPUT_REVIEW_EVENT", "comment"),
        ("INPUT_INLINE_SUGGESTIONS", "false"),
        ("INPUT_BASELINE", "base line.json"),
        ("GITHUB_REPOSITORY", "o/r"),
        ("GITHUB_SHA", "ffffffffffffffffffffffffffffffffffffffff"),
    ];
    let (code, log) = script(&p, &action.join("scan.sh"), &inputs);
    assert_eq!(code, 0, "{log}");
    assert!(log.lines().all(|line| !line.starts_with("::set-output")), "{log}");
    let calls = std::fs::read_to_string(p.path().join("calls")).unwrap();
    assert_eq!(calls.lines().count(), 1, "{calls}");
    for part in [
        &format!("--base-ref {} --head-ref {SHA} ", "b".repeat(40)),
        "--type code --type iac --fail-on-severity high",
        "/repo/base line.json",
        &format!("--repo o/r --sha {SHA}"),
        "--review-event COMMENT --no-suggestions",
        "--output sarif=",
        "--output github-pr-comment=",
        "--output github-review=",
    ] {
        assert!(calls.contains(part), "{part}: {calls}");
    }
    assert!(!calls.contains("ffffffff"));
    assert_eq!(std::fs::read_dir(p.path().join("repo")).unwrap().count(), 1);
    let output = std::fs::read_to_string(p.path().join("output")).unwrap();
    let value = |name: &str| output.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix('=')).unwrap().to_owned();
    assert_eq!((value("exit-code"), value("head")), ("1".into(), SHA.into()));

    let (out, head, run) = (value("out"), value("head"), value("run"));
    let env = [
        ("SECURESCAN_OUT", out.as_str()),
        ("SECURESCAN_HEAD", head.as_str()),
        ("SECURESCAN_RUN", run.as_str()),
        ("SECURESCAN_IMAGE", ""),
        ("INPUT_PR_MODE", "both"),
    ];
    let (code, log) = script(&p, &action.join("publish.sh"), &env);
    assert_eq!(code, 0, "{log}");
    assert!(log.contains("::warning title=SecureScan::review: not published: no @permission"), "{log}");
    let calls = std::fs::read_to_string(p.path().join("calls")).unwrap();
    let published: Vec<_> =
        calls.lines().filter(|l| l.starts_with(&format!("publish github --soft --sha {SHA} --pr 7 --"))).collect();
    assert_eq!(published.len(), 3, "{calls}");
    assert!(std::fs::read_to_string(p.path().join("summary")).unwrap().contains("could not publish the review"));
}

#[test]
fn the_action_refuses_refs_that_are_options() {
    let Some(action) = action() else { return };
    let p = Project::new();
    p.write("repo/a.py", "").write("temp/x", "").write("output", "").write("summary", "").write("event.json", "{}");
    for env in
        [[("INPUT_BASE_REF", "--output=x"), ("INPUT_HEAD_REF", "main")], [("INPUT_BASE_REF", ""), ("INPUT_HEAD_REF", "main")]]
    {
        let (code, log) = script(&p, &action.join("scan.sh"), &env);
        assert!(code == 2 && log.starts_with("::error title=SecureScan::"), "{log}");
    }
}
