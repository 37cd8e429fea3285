//! Notifications: section 8 of the events specification.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::{Service, target};
use serde_json::{Value, json};

const PATH: &str = "/api/v1/notifications";

fn list(service: &Service, query: &str) -> Vec<Value> {
    let answer = service.get(&format!("{PATH}{query}"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json().as_array().unwrap().clone()
}

fn unread(service: &Service) -> Value {
    service.get(&format!("{PATH}/unread-count")).json()
}

#[test]
fn scans_with_findings_are_told_once() {
    let service = Service::start(&[]);
    assert_eq!((list(&service, ""), unread(&service)), (Vec::new(), json!({"count": 0})));
    let target = target(service.folder.path());
    let scan = service.scan(&target, &["code", "iac"]);
    let notes = list(&service, "");
    let note = &notes[0];
    let id = scan["id"].as_str().unwrap();
    let ran: Vec<&str> = scan["scanners_run"].as_array().unwrap().iter().map(|s| s.as_str().unwrap()).collect();
    let expected = json!({"id": note["id"], "type": "scan.complete", "title": note["title"],
        "body": format!("Scanners run: {}", ran.join(", ")), "link": format!("/scan/{id}"), "severity": note["severity"], "scan_id": id,
        "created_at": scan["completed_at"], "read_at": null});
    assert_eq!((notes.len(), note), (1, &expected));
    let severity = note["severity"].as_str().unwrap();
    let summary = service.get(&format!("/api/v1/scans/{id}/summary")).json();
    let count = summary[severity].as_i64().unwrap();
    let plural = if count == 1 { "" } else { "s" };
    assert_eq!(note["title"], format!("{count} {severity} finding{plural} on {}", target.display()));
    let worse: i64 = ["critical", "high", "medium", "low", "info"]
        .iter()
        .take_while(|s| **s != severity)
        .map(|s| summary[*s].as_i64().unwrap())
        .sum();
    assert_eq!(worse, 0, "the worst severity there is");
    let order = ["id", "type", "title", "body", "link", "severity", "scan_id", "created_at", "read_at"];
    let text = service.get(PATH).text();
    assert!(order.map(|key| text.find(&format!("\"{key}\":")).unwrap()).is_sorted(), "{text}");

    // Nothing found, nothing told.
    let empty = service.folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    service.scan(&empty, &["iac"]);
    assert_eq!(unread(&service), json!({"count": 1}));
}

#[test]
fn read_one_read_all() {
    let service = Service::start(&[]);
    let target = target(service.folder.path());
    for _ in 0..3 {
        service.scan(&target, &["iac"]);
    }
    let notes = list(&service, "");
    let path = format!("{PATH}/{}/read", notes[1]["id"].as_str().unwrap());
    let read = service.ask("PATCH", &path);
    assert_eq!(read.status, 200);
    let read = read.json();
    assert!(read["read_at"].is_string() && read["id"] == notes[1]["id"]);
    assert_eq!(service.ask("PATCH", &path).json(), read, "the first reading stays");
    let left: Vec<Value> = list(&service, "?unread_only=true").iter().map(|n| n["id"].clone()).collect();
    assert_eq!(left, [notes[0]["id"].clone(), notes[2]["id"].clone()]);
    assert_eq!(list(&service, "?unread_only=no").len(), 3);
    let unknown = service.ask("PATCH", &format!("{PATH}/none/read"));
    assert_eq!((unknown.status, unknown.json()), (404, json!({"detail": "Notification not found"})));
    for marked in [2, 0] {
        assert_eq!(service.ask("PATCH", &format!("{PATH}/read-all")).json(), json!({"marked_read": marked}));
    }
    assert_eq!(unread(&service), json!({"count": 0}));
}

#[test]
fn pages_and_limits() {
    let service = Service::start(&[]);
    let target = target(service.folder.path());
    for _ in 0..5 {
        service.scan(&target, &["iac"]);
    }
    let all = list(&service, "");
    let (mut seen, mut path, mut pages) = (Vec::new(), format!("{PATH}?limit=2&unread_only=1"), 0);
    loop {
        let page = service.get(&path);
        assert_eq!(page.header("x-total-count"), Some("5"));
        seen.extend(page.json().as_array().unwrap().clone());
        pages += 1;
        let Some(link) = page.header("link") else { break };
        path = link.split(['<', '>']).nth(1).unwrap().to_owned();
    }
    assert_eq!((seen, pages), (all, 3));
    assert_eq!(list(&service, "?limit=100000").len(), 5);
    for (query, kind) in [("limit=0", "greater_than_equal"), ("limit=x", "int_parsing"), ("unread_only=maybe", "bool_parsing")] {
        let wrong = service.get(&format!("{PATH}?{query}"));
        assert_eq!((wrong.status, &wrong.json()["detail"][0]["type"]), (422, &json!(kind)), "{query}");
    }
}

#[test]
fn scopes() {
    let service = Service::start(&[("SECURESCAN_API_KEY", "root")]);
    let key = |scope: &str| {
        let made = service.with_key("POST", "/api/v1/keys", Some("root"), Some(&json!({"name": "k", "scopes": [scope]})));
        made.json()["key"].as_str().unwrap().to_owned()
    };
    let (reads, writes) = (key("read"), key("write"));
    for (method, path, may) in [
        ("GET", PATH.to_owned(), &reads),
        ("GET", format!("{PATH}/unread-count"), &reads),
        ("PATCH", format!("{PATH}/read-all"), &writes),
        ("PATCH", format!("{PATH}/x/read"), &writes),
    ] {
        for key in [&reads, &writes] {
            let status = service.with_key(method, &path, Some(key), None).status;
            assert_eq!(status == 403, key != may, "{method} {path} {status}");
        }
    }
}

#[test]
fn interrupted_scans_are_told_as_failed() {
    let service = Service::start(&[("SECURESCAN_MAX_SCANS", "1")]);
    let target = target(service.folder.path());
    for _ in 0..6 {
        assert_eq!(service.post("/api/v1/scans", &json!({"target_path": target, "scan_types": ["code", "iac"]})).status, 200);
    }
    let service = Service::start_in(service.stop(), &[], &securescan_server::ServeOptions::default()).unwrap();
    let notes = list(&service, "");
    let failed = notes.iter().find(|n| n["type"] == "scan.failed").unwrap();
    assert_eq!((&failed["severity"], &failed["body"]), (&json!("high"), &json!("interrupted by shutdown")));
    assert_eq!(failed["title"], format!("Scan failed: {} — interrupted by shutdown", target.display()));
}
