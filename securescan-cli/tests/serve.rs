//! `securescan serve` beside `securescan scan`: the same findings, byte for byte; and nothing left under way after a crash.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

mod common;

use common::Project;
use common::service::Service;
use serde_json::Value;

fn project() -> Project {
    let project = Project::new();
    let token = common::github_token();
    project
        .write("Dockerfile", "FROM ubuntu:latest\nENV PASSWORD=hunter2hunter2\nRUN sudo curl http://x | sh\n")
        .write("src/app.py", format!("token = '{token}'\n# securescan: ignore-next-line\nother = '{}'\n", common::aws_key()))
        .write("src/é \"quoted\" & <odd>.py", format!("x = \"{token}\"\n"))
        .write(".securescan.yml", "severity_overrides:\n  dockerfile/DL007: low\nignored_rules:\n  - dockerfile/DL001\n");
    project
}

#[test]
fn findings_are_those_of_the_command_line() {
    let project = project();
    let args = ["scan", ".", "--output", "json", "--show-suppressed", "--type", "code,dependency,iac,baseline"];
    let cli = common::run_in(project.path(), &args, &[]);
    let expected: Vec<Value> = serde_json::from_str(&cli.stdout).unwrap();
    assert!(expected.len() >= 4, "{}", cli.stdout);

    let mut service = Service::start(&project, &[]);
    let scan = service.scan(project.path().to_str().unwrap());
    let id = scan["id"].as_str().unwrap();
    let done = service.ended(id);
    assert_eq!(done["status"], "completed", "{done}");
    let got = service.ask("GET", &format!("/api/v1/scans/{id}/findings"), "");

    // What the service adds is known to the byte; without it, its answer is the command line's, written without spaces.
    let findings = securescan_core::Findings::from_json(&cli.stdout).unwrap();
    let items: Vec<String> = securescan_core::Findings::into_result(findings)
        .findings
        .iter()
        .map(|finding| {
            let own = serde_json::to_string(finding).unwrap().replacen("\"scan_id\":null", &format!("\"scan_id\":\"{id}\""), 1);
            let number = |n: Option<u32>| n.map_or("null".to_owned(), |n| n.to_string());
            let (start, end) = (number(finding.line), number(finding.end_line));
            format!("{},\"line_start\":{start},\"line_end\":{end},\"state\":null}}", own.strip_suffix('}').unwrap())
        })
        .collect();
    assert_eq!(got, format!("[{}]", items.join(",")));
    assert_eq!(service.signal("-TERM"), Some(0));
    let database = std::fs::read(project.path().join("data/scans.db")).unwrap();
    for secret in [common::github_token(), common::aws_key(), "hunter2hunter2".to_owned()] {
        let held = database.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!held, "a secret is in the database");
    }
}

#[test]
fn a_crash_leaves_nothing_under_way() {
    let project = Project::new();
    for n in 0..300 {
        project.write(&format!("f{n}.py"), format!("password = 'hunter2hunter{n}'\n").repeat(4000));
    }
    for _ in 0..3 {
        let mut service = Service::start(&project, &[("SECURESCAN_MAX_SCANS", "1")]);
        let ids: Vec<String> =
            (0..3).map(|_| service.scan(project.path().to_str().unwrap())["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(service.signal("-KILL"), None);
        let service = Service::start(&project, &[]);
        for id in ids {
            let scan = service.get(&format!("/api/v1/scans/{id}"));
            assert_eq!((&scan["status"], &scan["error"]), (&"failed".into(), &"interrupted by restart".into()), "{scan}");
            assert!(scan["completed_at"].is_string());
        }
    }
}

#[test]
fn exit_codes() {
    let project = Project::new();
    let run = |env: &[(&str, &str)], more: &[&str]| {
        let args = [&["serve", "--port", "0"], more].concat();
        common::run_in(project.path(), &args, env)
    };
    for (env, more, code, said) in [
        (&[("SECURESCAN_LOG_LEVEL", "loud")][..], &[][..], 1, "SECURESCAN_LOG_LEVEL"),
        (&[("SECURESCAN_SCAN_TIMEOUT", "soon")], &[], 1, "SECURESCAN_SCAN_TIMEOUT"),
        (&[("SECURESCAN_AUTH_REQUIRED", "1")], &[], 2, "no credentials"),
        (&[("SECURESCAN_AUTH_REQUIRED", "1"), ("SECURESCAN_API_KEY", "k")], &[], 2, "SECURESCAN_EVENT_TOKEN_SECRET"),
        (&[], &["--host", "0.0.0.0"], 2, "--allow-unauthenticated"),
        (&[], &["--workers", "2"], 2, "--workers 2"),
        (&[], &["--database", "/proc/no.db"], 3, "/proc/no.db"),
    ] {
        let done = run(env, more);
        assert_eq!(done.code, code, "{env:?} {more:?}: {}", done.stderr);
        assert!(done.stderr.contains(said), "{}", done.stderr);
    }
    project.write(".config/securescan/.env", "SECURESCAN_AUTH_REQUIRED = 1\nSECURESCAN_EVENT_TOKEN_SECRET=hidden-value\n");
    let told = run(&[("SECURESCAN_API_KEY", "k"), ("SECURESCAN_EVENT_TOKEN_SECRET", " ")], &[]);
    assert!(
        told.code == 2 && told.stderr.contains("securescan.config_loader: loaded SECURESCAN_AUTH_REQUIRED from "),
        "{}",
        told.stderr
    );
    assert!(!told.stderr.contains("hidden-value") && !told.stderr.contains("loaded SECURESCAN_EVENT_TOKEN_SECRET"));
    project.write(".config/securescan/.env", "SECURESCAN_LOG_LEVEL=louder\n");
    let from_file = run(&[], &[]);
    assert!(from_file.code == 1 && from_file.stderr.contains("louder"), "{}", from_file.stderr);
}
