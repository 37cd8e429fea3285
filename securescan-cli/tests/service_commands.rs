//! `history` and `keys`: over HTTP and with the database file, the same words.
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
    project.write("Dockerfile", "FROM ubuntu:latest\n".to_owned());
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
