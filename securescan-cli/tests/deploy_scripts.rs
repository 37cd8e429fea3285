//! The scripts that look at a service that was just put up, run against the service itself: they pass, and each finds what it looks for.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

mod common;

use common::Project;
use common::service::Service;
use std::path::Path;
use std::process::Command;

fn have(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|out| out.status.success())
}

/// What a script says and how it ends.
fn run(script: &str, service: &Service, env: &[(&str, &str)]) -> (String, Option<i32>) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy").join(script);
    let mut bash = Command::new("bash");
    bash.arg(file)
        .arg(format!("http://{}", service.address))
        .env_remove("ADMIN_KEY")
        .env_remove("READ_KEY")
        .env_remove("WRITE_KEY");
    let out = bash.envs(env.iter().copied()).output().unwrap();
    (format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr)), out.status.code())
}

#[test]
fn a_hardened_service_passes_and_an_open_one_does_not() {
    for program in ["bash", "curl", "jq"] {
        if !have(program) {
            println!("skipped: {program}: not installed");
            return;
        }
    }
    let project = Project::new();
    let made =
        common::run_in(project.path(), &["keys", "create", "root", "--scope", "admin", "--database", "data/scans.db"], &[]);
    let key = made.stdout.trim();
    let env = [("SECURESCAN_AUTH_REQUIRED", "1"), ("SECURESCAN_EVENT_TOKEN_SECRET", "0123456789abcdef0123456789abcdef")];
    let service = Service::start(&project, &env);
    let keys = [("ADMIN_KEY", key), ("ONLY_ADMIN", &key[4..14])];
    for (script, count) in [("hardening-check.sh", 6), ("smoke-test.sh", 6)] {
        let (said, code) = run(script, &service, &keys);
        assert!(code == Some(0) && said.contains(&format!("{count} passed, 0 failed, 0 skipped")), "{script}: {said}");
    }
    let other = Project::new();
    let open = Service::start(&other, &[]);
    for script in ["hardening-check.sh", "smoke-test.sh"] {
        let (said, code) = run(script, &open, &[]);
        assert!(code == Some(1) && said.contains("authentication is required"), "{script}: {said}");
    }
}
