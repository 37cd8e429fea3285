//! No output of any command shows a planted secret: every format, every stream, errors included.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

mod common;
use common::{Project, aws_key, github_token};

#[test]
fn no_planted_secret_in_any_output() {
    let password = ["Zx9", "kQ2", "vLm7", "Tr4wPq"].concat();
    let uri_password = ["hJ7", "sKq0", "Zn4Rt"].concat();
    let secrets = [github_token(), aws_key(), password.clone(), uri_password.clone()];
    let p = Project::new();
    p.git(&["init", "-q"]);
    p.write("a.py", format!("T = \"{}\"\nK = '{}'\npassword = \"{password}\"\n", secrets[0], secrets[1]));
    p.write(".env", format!("DB_PASSWORD={password}\nURL=postgres://admin:{uri_password}@db.internal:5432/x\n"));
    p.write("Dockerfile", format!("FROM debian:12\nENV API_TOKEN={}\nARG PASSWORD={password}\n", secrets[0]));
    p.write("config.json", format!("{{\"password\": \"{password}\", \"url\": \"mysql://root:{uri_password}@db.internal/x\"}}"));
    p.write("package-lock.json", format!("{{\"broken\": \"{}\"", secrets[0]));
    p.git(&["add", "-A", "-f"]).git(&["commit", "-qm", "c"]);
    p.write(".securescan.yml", "ignored_rules: [x]\n");
    let mut shown = Vec::new();
    for format in ["text", "json", "snapshot", "sarif"] {
        for extra in [&["--show-suppressed"][..], &["--history"], &["-v"], &["--color", "always"], &["--vendored", "--no-ignore"]]
        {
            shown.push(p.run(&[&["scan", ".", "--output", format], extra].concat()).exits(0));
        }
    }
    shown.push(p.run(&["baseline", "-o", "b.json"]).exits(0));
    shown.push(p.run(&["scan", ".env"]).exits(0));
    let mut findings = 0;
    for run in &shown {
        findings += run.stdout.matches("rule_id").count();
        for secret in &secrets {
            assert!(!run.stdout.contains(secret.as_str()), "on standard output");
            assert!(!run.stderr.contains(secret.as_str()), "on standard error: {}", run.stderr);
        }
    }
    assert!(findings > 10, "the canaries were seen");
    let baseline = std::fs::read_to_string(p.path().join("b.json")).unwrap();
    assert!(secrets.iter().all(|s| !baseline.contains(s.as_str())));
    // A secret where a steering file should be must not be echoed by the error.
    p.write("bad.yml", format!("{}: 1\n", secrets[0])).write("bad.json", format!("[{}]", secrets[1]));
    for args in [&["config", "validate", "bad.yml"][..], &["scan", ".", "--baseline", "bad.json"]] {
        let run = p.run(args);
        assert!(run.code != 0 && !run.stderr.contains(&secrets[0]) && !run.stderr.contains(&secrets[1]), "{}", run.stderr);
    }
}
