//! The driver of ZAP against a stand-in that answers as ZAP's API does.
#![cfg(feature = "scanners")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod web;

use securescan_core::model::{Finding, ScannerRun, ScannerStatus, Severity};
use securescan_core::scanners::{Cancel, Probe, SCANNERS, ScanRequest};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use web::{Asked, Duplex, Server, answer, rules, scan_url};

const KEY: &str = "k3y";

fn reply(to: &mut dyn Duplex, status: u16, value: &Value) {
    answer(to, status, &[("Content-Type", "application/json;charset=utf-8")], value.to_string().as_bytes());
}

fn alert(n: usize) -> Value {
    json!({
        "id": n.to_string(), "pluginId": "10038", "alertRef": "10038-1", "name": "CSP not set", "alert": "CSP not set", "risk": "Medium",
        "confidence": "High", "url": format!("http://h.example/p{n}?session=abc{n}"), "method": "GET", "param": "", "attack": "",
        "evidence": "", "cweid": "693", "wascid": "15", "description": "d", "solution": "s", "reference": "https://a.example/1",
        "messageId": n.to_string(), "other": ""
    })
}

/// What a ZAP that works says; `slow` counts how often a status is below 100.
fn zap(asked: &Asked, to: &mut dyn Duplex, slow: &AtomicUsize, alerts: usize) {
    let (path, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
    if asked.header("X-ZAP-API-Key") != Some(KEY) {
        return reply(to, 401, &json!({"code": "bad_api_key", "message": "Provided apikey missing or invalid"}));
    }
    let progress = || {
        let left = slow.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok();
        if left { "42" } else { "100" }
    };
    let number = |name: &str| {
        let pair = query.split('&').filter_map(|p| p.split_once('=')).find(|(n, _)| *n == name);
        pair.and_then(|(_, v)| v.parse::<usize>().ok()).unwrap_or(0)
    };
    match path {
        "/JSON/core/view/version/" => reply(to, 200, &json!({"version": "2.16.1"})),
        "/JSON/spider/action/scan/" | "/JSON/ascan/action/scan/" => reply(to, 200, &json!({"scan": "3"})),
        "/JSON/spider/view/status/" | "/JSON/ascan/view/status/" => reply(to, 200, &json!({"status": progress()})),
        "/JSON/pscan/view/recordsToScan/" => reply(to, 200, &json!({"recordsToScan": "0"})),
        "/JSON/alert/view/alerts/" => {
            let (start, count) = (number("start"), number("count"));
            let rows: Vec<_> = (start..alerts.min(start + count)).map(alert).collect();
            reply(to, 200, &json!({"alerts": rows}));
        }
        "/JSON/spider/action/stop/" | "/JSON/ascan/action/stop/" => reply(to, 200, &json!({"Result": "OK"})),
        _ => reply(to, 400, &json!({"code": "bad_view", "message": "Invalid view"})),
    }
}

fn scan(server: &Server, key: &str, limit: Option<Duration>) -> (ScannerRun, Vec<Finding>) {
    let address = server.url("");
    scan_url("zap", "http://h.example/?token=q", |r| {
        r.zap_address = Some(address);
        r.zap_api_key = Some(key.to_owned());
        if let Some(limit) = limit {
            r.scanner_timeouts.insert("zap".to_owned(), limit);
        }
    })
}

#[test]
fn a_whole_run() {
    let slow = AtomicUsize::new(4);
    let server = Server::http(move |asked, to| zap(asked, to, &slow, 1203));
    let (line, findings) = scan(&server, KEY, None);
    assert_eq!((line.status, line.version.as_deref()), (ScannerStatus::Ok, Some("2.16.1")), "{:?}", line.reason);
    assert_eq!(line.targets, ["http://h.example/"]);
    assert_eq!((findings.len(), rules(&findings)), (1203, vec!["zap-10038".to_owned()]));
    let first = &findings[0];
    assert_eq!((first.severity, first.cwe.as_deref(), first.title.as_str()), (Severity::Medium, Some("CWE-693"), "CSP not set"));
    assert!(first.file_path.is_none() && !serde_json::to_string(&findings).unwrap().contains("session=abc"));
    let asked: Vec<_> = server.asked().iter().map(|a| a.path.split('?').next().unwrap().to_owned()).collect();
    let steps: Vec<_> = asked.iter().fold(Vec::new(), |mut steps: Vec<&str>, path| {
        if steps.last() != Some(&path.as_str()) {
            steps.push(path);
        }
        steps
    });
    assert_eq!(
        steps,
        [
            "/JSON/core/view/version/",
            "/JSON/spider/action/scan/",
            "/JSON/spider/view/status/",
            "/JSON/pscan/view/recordsToScan/",
            "/JSON/ascan/action/scan/",
            "/JSON/ascan/view/status/",
            "/JSON/pscan/view/recordsToScan/",
            "/JSON/alert/view/alerts/",
        ]
    );
    let alerts: Vec<_> = server.asked().into_iter().map(|a| a.path).filter(|p| p.contains("alerts")).collect();
    let page = |start: usize| format!("/JSON/alert/view/alerts/?baseurl=http%3A%2F%2Fh.example&start={start}&count=500");
    assert_eq!(alerts, [page(0), page(500), page(1000)]);
}

fn probe(address: &str, key: Option<&str>) -> Probe {
    let mut request = ScanRequest::new("");
    request.zap_address = Some(address.to_owned());
    request.zap_api_key = key.map(str::to_owned);
    SCANNERS.iter().find(|s| s.meta().name == "zap").unwrap().probe(&request)
}

#[test]
fn whether_it_is_there() {
    let server = Server::http(|asked, to| zap(asked, to, &AtomicUsize::new(0), 0));
    assert_eq!(probe(&server.url(""), Some(KEY)), Probe::ready(Some("2.16.1".to_owned())));
    let notes = |address: &str, key| probe(address, key).notes.unwrap_or_default();
    assert!(notes(&server.url("/"), None).contains("bad_api_key: Provided apikey missing or invalid"));
    assert!(notes("127.0.0.1:8090", None).contains("not a URL"));
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(notes(&format!("http://{gone}"), None), format!("no ZAP at http://{gone}: connection refused"));
    let other = Server::http(|_, to| answer(to, 200, &[], b"<html>hello</html>"));
    assert!(notes(&other.url(""), None).contains("is this ZAP's own address and port?"));
    let closed = Server::http(|_, _| {});
    assert!(notes(&closed.url(""), Some("wrong")).contains("is the API key right?"));

    let (line, _) = scan(&server, "wrong", None);
    assert_eq!(line.status, ScannerStatus::Skipped);
    assert!(line.install_hint.unwrap().starts_with("start `zap.sh -daemon -host 127.0.0.1 -port 8090"));
    assert!(!format!("{:?}", line.reason).contains("wrong"), "the key is not shown");
}

#[test]
fn what_zap_refuses_is_a_failure() {
    let cases: [(&str, u16, Value, &str); 4] = [
        ("/JSON/spider/action/scan/", 200, json!({"scan": "url_not_found"}), "url_not_found"),
        (
            "/JSON/ascan/action/scan/",
            400,
            json!({"code": "url_not_found", "message": "URL Not Found in the Scan Tree"}),
            "url_not_found: URL Not",
        ),
        ("/JSON/ascan/view/status/", 400, json!({"code": "does_not_exist", "message": "Does Not Exist"}), "does_not_exist"),
        ("/JSON/spider/view/status/", 200, json!({"status": "soon"}), "`soon` for its status"),
    ];
    for (path, status, value, why) in cases {
        let server = Server::http(move |asked, to| {
            if asked.path.starts_with(path) {
                return reply(to, status, &value);
            }
            zap(asked, to, &AtomicUsize::new(0), 2);
        });
        let (line, findings) = scan(&server, KEY, None);
        assert_eq!(line.status, ScannerStatus::Failed, "{path}");
        assert!(line.reason.as_deref().unwrap().contains(why), "{:?}", line.reason);
        assert_eq!(findings.len(), 2, "what the passive checks found is kept");
    }
    let server = Server::http(|asked, to| {
        if asked.path.contains("alerts") && asked.path.contains("start=500") {
            return answer(to, 200, &[], b"{\"alerts\": [");
        }
        zap(asked, to, &AtomicUsize::new(0), 600);
    });
    let (line, findings) = scan(&server, KEY, None);
    assert_eq!((line.status, findings.len()), (ScannerStatus::Failed, 500), "{:?}", line.reason);
}

#[test]
fn a_scan_that_never_ends_is_stopped() {
    let server = Server::http(|asked, to| {
        if asked.path.starts_with("/JSON/ascan/view/status/") {
            return reply(to, 200, &json!({"status": "99"}));
        }
        zap(asked, to, &AtomicUsize::new(0), 3);
    });
    let (line, findings) = scan(&server, KEY, Some(Duration::from_secs(3)));
    assert_eq!((line.status, findings.len()), (ScannerStatus::TimedOut, 3));
    let paths: Vec<_> = server.asked().into_iter().map(|a| a.path).collect();
    assert!(paths.contains(&"/JSON/ascan/action/stop/?scanId=3".to_owned()), "{paths:?}");
    assert!(!paths.iter().any(|p| p.starts_with("/JSON/spider/action/stop/")), "the spider was done");
}

#[test]
fn a_hang_and_an_interruption() {
    let server = Server::http(|asked, to| {
        if asked.path.starts_with("/JSON/spider/view/status/") {
            return std::thread::sleep(Duration::from_secs(4));
        }
        zap(asked, to, &AtomicUsize::new(0), 1);
    });
    let (line, findings) = scan(&server, KEY, Some(Duration::from_millis(1500)));
    assert_eq!((line.status, findings.len()), (ScannerStatus::TimedOut, 1));
    assert!(server.asked().iter().any(|a| a.path == "/JSON/spider/action/stop/?scanId=3"));

    let cancel = Cancel::new();
    let stop = cancel.clone();
    let server = Server::http(move |asked, to| {
        if asked.path.starts_with("/JSON/spider/view/status/") {
            stop.cancel();
            return reply(to, 200, &json!({"status": "1"}));
        }
        zap(asked, to, &AtomicUsize::new(0), 1);
    });
    let address = server.url("");
    let (line, findings) = scan_url("zap", "http://h.example/", |r| {
        r.zap_address = Some(address);
        r.zap_api_key = Some(KEY.to_owned());
        r.cancel = cancel;
    });
    assert_eq!((line.status, findings.len()), (ScannerStatus::Partial, 1));
    assert!(server.asked().iter().any(|a| a.path == "/JSON/spider/action/stop/?scanId=3"));
}
