//! The service killed at random moments under load: nothing that was promised is lost, and nothing is left under way.
//! `SECURESCAN_CRASHES=100` for the long run.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

mod common;

use common::Project;
use common::service::Service;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What a receiver got, in order: delivery, event, scan, and when the scan ended.
type Received = Arc<Mutex<Vec<(String, String, String, String)>>>;

/// A receiver of webhooks that breaks off a connection now and then.
fn receiver() -> (String, Received) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let received = Received::default();
    let kept = Arc::clone(&received);
    std::thread::spawn(move || {
        for (n, stream) in listener.incoming().map_while(Result::ok).enumerate() {
            if n % 200 == 199 {
                continue;
            }
            let mut reader = BufReader::new(stream);
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap_or(0) > 0 {}
            let field = |name: &str| {
                head.lines()
                    .find_map(|l| l.split_once(": ").filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.to_owned()))
            };
            let Some(length) = field("content-length") else { continue };
            let mut body = vec![0; length.parse().unwrap()];
            if reader.read_exact(&mut body).is_err() {
                continue;
            }
            let body: Value = serde_json::from_slice(&body).unwrap();
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let data = &body["data"];
            let delivery = field("x-securescan-delivery").unwrap();
            kept.lock().unwrap().push((delivery, text(&body["event"]), text(&data["scan_id"]), text(&data["completed_at"])));
            let _ = reader.into_inner().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    (url, received)
}

/// Pseudo-random, so that a run can be repeated.
fn after(seed: &mut u64) -> Duration {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    Duration::from_millis(20 + (*seed >> 33) % 400)
}

#[test]
fn killed_at_any_moment() {
    let crashes: u64 = std::env::var("SECURESCAN_CRASHES").ok().and_then(|n| n.parse().ok()).unwrap_or(6);
    let project = Project::new();
    project.write("demo/Dockerfile", "FROM ubuntu:latest\nRUN sudo ls\n").write("demo/app.py", "password = 'hunter2hunter2'\n");
    let target = project.path().join("demo");
    let (url, received) = receiver();
    let env = [
        ("SECURESCAN_MAX_SCANS", "1"),
        ("SECURESCAN_RATE_LIMIT_ENABLED", "0"),
        ("SECURESCAN_WEBHOOK_ALLOW", "127.0.0.1"),
        ("SECURESCAN_LOG_LEVEL", "ERROR"),
    ];
    let mut service = Service::start(&project, &env);
    let hook = json!({"name": "all", "url": url, "event_filter": ["scan.complete", "scan.failed"]});
    let hook: Value = serde_json::from_str(&service.ask("POST", "/api/v1/webhooks", &hook.to_string())).unwrap();
    assert!(hook["id"].is_string(), "{hook}");
    let mut seed = 42;
    for _ in 0..crashes {
        let until = Instant::now() + after(&mut seed);
        while Instant::now() < until {
            service.scan(target.to_str().unwrap());
        }
        service.signal("-KILL");
        service = Service::start(&project, &env);
    }
    // The last one is left in peace until it is through.
    let begun = Instant::now();
    let open = |service: &Service| {
        let deliveries = service.get(&format!("/api/v1/webhooks/{}/deliveries", hook["id"].as_str().unwrap()));
        deliveries.as_array().unwrap().iter().any(|d| matches!(d["status"].as_str(), Some("pending" | "delivering")))
    };
    while open(&service) {
        assert!(begun.elapsed() < Duration::from_secs(900), "deliveries do not end");
        std::thread::sleep(Duration::from_millis(100));
    }

    let scans = service.get("/api/v1/scans");
    let scans = scans.as_array().unwrap();
    let received = received.lock().unwrap();
    let mut by_scan: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for (delivery, event, scan, _) in received.iter() {
        by_scan.entry(scan).or_default().push((delivery, event));
    }
    for scan in scans {
        let id = scan["id"].as_str().unwrap();
        let event = match scan["status"].as_str().unwrap() {
            "completed" => "scan.complete",
            "failed" => "scan.failed",
            other => panic!("a scan is {other}: {scan}"),
        };
        let got = by_scan.get(id).unwrap_or_else(|| panic!("nothing was told of {scan}"));
        assert!(got.iter().all(|(delivery, e)| *e == event && *delivery == got[0].0), "{scan}: {got:?}");
    }
    assert!(by_scan.len() == scans.len() && scans.len() as u64 >= crashes, "{} of {}", by_scan.len(), scans.len());
    // Each for the first time in the order in which the scans ended.
    let mut seen = std::collections::BTreeSet::new();
    let firsts: Vec<&str> = received.iter().filter(|(d, ..)| seen.insert(d)).map(|(.., at)| at.as_str()).collect();
    assert!(firsts.is_sorted(), "{firsts:?}");
    let repeated = received.len() - firsts.len();
    assert_eq!(service.signal("-TERM"), Some(0));
    let check = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); print(db.execute('PRAGMA integrity_check').fetchone()[0], db.execute('PRAGMA foreign_key_check').fetchall())";
    let out =
        std::process::Command::new("python3").args(["-c", check]).arg(project.path().join("data/scans.db")).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&out.stdout).trim(), "ok []", "{}", String::from_utf8_lossy(&out.stderr));
    println!("{crashes} kills, {} scans, {} deliveries, {repeated} sent again", scans.len(), received.len());
}
