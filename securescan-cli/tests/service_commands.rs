//! `history`, `triage`, `keys` and `webhooks`: over HTTP and with the database file, the same words.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

mod common;

use common::Project;
use common::service::Service;
use serde_json::Value;

const DATABASE: [&str; 2] = ["--database", "data/scans.db"];

fn with<'a>(args: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [args, more].concat()
}

#[test]
fn history_is_the_same_over_http_and_from_the_file() {
    let project = Project::new();
    project.write("Dockerfile", "FROM ubuntu:latest\n");
    let none = common::run_in(project.path(), &with(&["history"], &DATABASE), &[]);
    assert_eq!((none.code, none.stdout.as_str()), (2, ""));
    assert!(none.stderr.contains("there is no database `data/scans.db`"), "{}", none.stderr);

    let service = Service::start(&project, &[]);
    let target = project.path().to_str().unwrap();
    let ids: Vec<String> = (0..3)
        .map(|_| {
            let id = service.scan(target)["id"].as_str().unwrap().to_owned();
            service.ended(&id);
            id
        })
        .collect();
    let url = format!("http://{}", service.address);
    let over_http = common::run_in(project.path(), &["history", "--server", &url], &[]);
    assert_eq!(over_http.code, 0, "{}", over_http.stderr);
    let lines: Vec<&str> = over_http.stdout.lines().collect();
    assert!(lines[0].starts_with("ID ") && lines[0].ends_with("Findings"), "{}", lines[0]);
    assert_eq!(lines.len(), 4);
    for (line, id) in lines[1..].iter().zip(ids.iter().rev()) {
        let cells: Vec<&str> = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
        assert_eq!((cells[0], cells[1], cells[3]), (id.as_str(), target, "completed"), "{line}");
        assert!(cells[2].len() == 19 && cells[4].parse::<u32>().unwrap() > 0, "{line}");
    }
    let from_file = common::run_in(project.path(), &with(&["history"], &DATABASE), &[]);
    assert_eq!(from_file.stdout, over_http.stdout);
    let elsewhere = [("SECURESCAN_SERVER", "http://127.0.0.1:1")];
    let all_the_same = common::run_in(project.path(), &with(&["history"], &DATABASE), &elsewhere);
    assert_eq!(all_the_same.stdout, over_http.stdout);
    let two = common::run_in(project.path(), &with(&["history", "--json", "--limit", "2"], &DATABASE), &[]);
    let two: Value = serde_json::from_str(&two.stdout).unwrap();
    assert_eq!((two[0]["id"].as_str(), two.as_array().unwrap().len()), (Some(ids[2].as_str()), 2));

    let gone = common::run_in(project.path(), &["history", "--server", "http://127.0.0.1:1"], &[]);
    assert!(gone.code == 2 && gone.stderr.contains("no answer from `http://127.0.0.1:1`"), "{}", gone.stderr);
    let odd = common::run_in(project.path(), &["history", "--server", "localhost:8000"], &[]);
    assert_eq!(odd.code, 2, "{}", odd.stderr);
}

#[test]
fn the_first_key_is_made_without_a_service() {
    let project = Project::new();
    let made = common::run_in(project.path(), &with(&["keys", "create", "ops", "--scope", "admin,read"], &DATABASE), &[]);
    let key = made.stdout.trim();
    assert!(made.code == 0 && key.starts_with("ssk_") && key.len() == 47, "{}", made.stderr);
    assert!(made.stderr.contains("not shown again") && !made.stderr.contains(key));

    // It satisfies a service that insists on credentials.
    let env = [("SECURESCAN_AUTH_REQUIRED", "1"), ("SECURESCAN_EVENT_TOKEN_SECRET", "0123456789abcdef0123456789abcdef")];
    let service = Service::start(&project, &env);
    let url = format!("http://{}", service.address);
    let without = common::run_in(project.path(), &["keys", "list", "--server", &url], &[]);
    assert!(without.code == 2 && without.stderr.contains("set SECURESCAN_API_KEY"), "{}", without.stderr);
    let listed = common::run_in(project.path(), &["keys", "list", "--server", &url], &[("SECURESCAN_API_KEY", key)]);
    assert!(listed.code == 0 && listed.stdout.contains("ops") && listed.stdout.contains("admin,read"), "{}", listed.stderr);
    let id = &key[4..14];
    // The lock-out of the API holds for the owner of the file, too.
    let locked = common::run_in(project.path(), &["keys", "revoke", id, "--server", &url], &[("SECURESCAN_API_KEY", key)]);
    assert!(locked.code == 2 && locked.stderr.contains("(409)"), "{}", locked.stderr);
    let reader = common::run_in(project.path(), &with(&["keys", "create", "reader", "--scope", "read"], &DATABASE), &[]);
    let reader = reader.stdout.trim().to_owned();
    let refused = common::run_in(project.path(), &["keys", "list", "--server", &url, "--api-key", &reader], &[]);
    assert!(refused.stderr.contains("Requires scope: admin"), "{}", refused.stderr);
    let revoked = common::run_in(project.path(), &with(&["keys", "revoke", &reader[4..14]], &DATABASE), &[]);
    assert_eq!(revoked.code, 0, "{}", revoked.stderr);
    let ended = common::run_in(project.path(), &["history", "--server", &url, "--api-key", &reader], &[]);
    assert!(ended.stderr.contains("Invalid API key"), "{}", ended.stderr);
    for odd in ["", "../scans", "a/b", "..", "é"] {
        let refused = common::run_in(project.path(), &with(&["keys", "revoke", odd], &DATABASE), &[]);
        assert_eq!(refused.code, 2, "{odd}: {}", refused.stderr);
    }
}

#[test]
fn verdicts_and_comments() {
    let project = Project::new();
    project.write("demo/Dockerfile", "FROM ubuntu:latest\nRUN sudo ls\n").write("demo/app.py", "password = 'hunter2hunter2'\n");
    let none = common::run_in(project.path(), &["triage", "list", "--database", "data/scans.db"], &[]);
    assert_eq!(none.code, 2, "{}", none.stderr);
    let service = Service::start(&project, &[]);
    let id = service.scan(project.path().join("demo").to_str().unwrap())["id"].as_str().unwrap().to_owned();
    service.ended(&id);
    let url = format!("http://{}", service.address);
    let run = |args: &[&str]| {
        let done = common::run_in(project.path(), &with(args, &["--server", &url]), &[]);
        assert_eq!(done.code, 0, "{args:?}: {}", done.stderr);
        done.stdout
    };
    let all = run(&["triage", "list"]);
    let rows: Vec<Vec<&str>> = all.lines().skip(1).map(|line| line.split("  ").filter(|c| !c.is_empty()).collect()).collect();
    assert!(rows.len() >= 2 && rows.iter().all(|row| row[2].trim() == "new"), "{all}");
    let print = rows[0][0].trim();
    run(&["triage", "set", print, "false_positive", "--note", "a sample", "--by", "ann"]);
    run(&["triage", "comment", print, "seen\ntwice", "--by", "bob"]);
    assert_eq!(run(&["triage", "list", "--status", "false_positive"]).lines().count(), 2);
    assert_eq!(run(&["triage", "list", &id, "--status", "new"]).lines().count(), rows.len());
    let comments = run(&["triage", "comments", print]);
    assert!(comments.lines().count() == 2 && comments.contains("bob") && comments.contains("seen twice"), "{comments}");
    // The same from the file, while the service runs.
    let file = common::run_in(project.path(), &with(&["triage", "list", "--status", "false_positive"], &DATABASE), &[]);
    assert_eq!(file.stdout, run(&["triage", "list", "--status", "false_positive"]));
    let kept: Value = serde_json::from_str(&run(&["triage", "set", print, "new", "--json"])).unwrap();
    assert_eq!((kept["status"].as_str(), kept["note"].is_null()), (Some("new"), true));
    for odd in [&["triage", "set", print, "maybe"][..], &["triage", "set", "a/../b", "new"], &["triage", "comment", print, ""]] {
        assert_eq!(common::run_in(project.path(), &with(odd, &DATABASE), &[]).code, 2, "{odd:?}");
    }
}

#[test]
fn webhooks_from_first_to_last() {
    let project = Project::new();
    let receiver = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("http://{}/hook", receiver.local_addr().unwrap());
    std::thread::spawn(move || {
        use std::io::{Read, Write};
        for mut stream in receiver.incoming().map_while(Result::ok) {
            let mut head = [0; 4096];
            let _ = stream.read(&mut head);
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
        }
    });
    let service = Service::start(&project, &[("SECURESCAN_WEBHOOK_ALLOW", "127.0.0.1")]);
    let url = format!("http://{}", service.address);
    let run = |args: &[&str]| {
        let done = common::run_in(project.path(), &with(args, &["--server", &url]), &[]);
        assert_eq!(done.code, 0, "{args:?}: {}", done.stderr);
        done
    };
    let made = run(&["webhooks", "create", "pager", &target, "--event", "scan.complete"]);
    assert_eq!(made.stdout.trim().len(), 43, "the secret alone");
    let id = made.stderr.split_whitespace().nth(1).unwrap().trim_end_matches(':');
    assert!(run(&["webhooks", "list"]).stdout.contains(&target));
    run(&["webhooks", "test", id]);
    let begun = std::time::Instant::now();
    let deliveries = loop {
        let said = run(&["webhooks", "deliveries", id]).stdout;
        if said.contains("succeeded") {
            break said;
        }
        assert!(begun.elapsed().as_secs() < 60, "{said}");
        std::thread::sleep(std::time::Duration::from_millis(50));
    };
    let delivery = deliveries.lines().nth(1).unwrap().split_whitespace().next().unwrap();
    run(&["webhooks", "redeliver", id, delivery]);
    assert_eq!(run(&["webhooks", "rotate", id]).stdout.trim().len(), 43);
    run(&["webhooks", "disable", id]);
    assert!(run(&["webhooks", "list"]).stdout.lines().nth(1).unwrap().ends_with("no"));
    run(&["webhooks", "enable", id]);
    run(&["webhooks", "delete", id]);
    assert_eq!(run(&["webhooks", "list"]).stdout.lines().count(), 1);
    let gone = common::run_in(project.path(), &["webhooks", "test", id, "--server", &url], &[]);
    assert!(gone.code == 2 && gone.stderr.contains("Webhook not found"), "{}", gone.stderr);
}

#[test]
fn a_database_of_the_python_product_is_taken_over() {
    let project = Project::new();
    let make = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.executescript(sys.argv[2])";
    let sql = "CREATE TABLE scans (id TEXT PRIMARY KEY, target_path TEXT NOT NULL, scan_types TEXT NOT NULL, status TEXT NOT NULL,
        started_at TEXT, completed_at TEXT, findings_count INTEGER DEFAULT 0, risk_score REAL, summary TEXT, error TEXT, target_url TEXT,
        target_host TEXT, scanners_run TEXT DEFAULT '[]', scanners_skipped TEXT DEFAULT '[]');
      CREATE TABLE findings (id TEXT PRIMARY KEY, scan_id TEXT NOT NULL, scanner TEXT NOT NULL, scan_type TEXT NOT NULL, severity TEXT NOT NULL,
        title TEXT NOT NULL, description TEXT NOT NULL, file_path TEXT, line_start INTEGER, line_end INTEGER, rule_id TEXT, cwe TEXT,
        remediation TEXT, metadata TEXT DEFAULT '{}', fingerprint TEXT DEFAULT '', compliance_tags TEXT DEFAULT '[]');
      INSERT INTO scans (id, target_path, scan_types, status, started_at, completed_at, findings_count) VALUES
        ('0f1a93cb-44c2-4c8e-9f92-0a7c5a2e1b51', '/srv/old', '[\"code\"]', 'completed', '2026-01-02T03:04:05', '2026-01-02T03:05:05', 1);
      INSERT INTO findings (id, scan_id, scanner, scan_type, severity, title, description) VALUES
        ('f', '0f1a93cb-44c2-4c8e-9f92-0a7c5a2e1b51', 'bandit', 'code', 'high', 't', 'd');";
    let old = project.path().join("old.db");
    let made = std::process::Command::new("python3").args(["-c", make]).arg(&old).arg(sql).status();
    assert!(made.unwrap().success());
    let refused = common::run_in(project.path(), &["history", "--database", "old.db"], &[]);
    assert!(refused.code == 2 && refused.stderr.contains("history --import"), "{}", refused.stderr);
    for (round, said) in ["scans: 1 taken over", "scans: 0 taken over, 1 there already"].iter().enumerate() {
        let done = common::run_in(project.path(), &with(&["history", "--import", "old.db"], &DATABASE), &[]);
        assert!(done.code == 0 && done.stderr.contains(said), "{round}: {}", done.stderr);
        assert!(done.stdout.contains("/srv/old") && done.stdout.lines().count() == 2, "{}", done.stdout);
    }
}
