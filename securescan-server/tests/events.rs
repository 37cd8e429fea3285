//! Streams of events: sections 1 to 3 of the specification of events, and their tokens.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

mod common;

use common::{Service, target};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A stream that is being read.
struct Stream {
    head: String,
    lines: BufReader<TcpStream>,
}

/// One event: id, name, data.
type Event = (Option<u64>, String, Value);

impl Stream {
    fn open(service: &Service, path: &str, headers: &[(&str, &str)]) -> Self {
        let mut stream = TcpStream::connect(service.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let more: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let host = service.address;
        stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}\r\n").as_bytes()).unwrap();
        let mut lines = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(lines.read_line(&mut head).unwrap() > 0, "{head}");
        }
        Self { head: head.to_ascii_lowercase(), lines }
    }

    fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// The next piece, none at the end.
    fn chunk(&mut self) -> Option<String> {
        let mut size = String::new();
        self.lines.read_line(&mut size).unwrap();
        let size = usize::from_str_radix(size.trim(), 16).ok().filter(|size| *size > 0)?;
        let mut bytes = vec![0; size + 2];
        self.lines.read_exact(&mut bytes).unwrap();
        bytes.truncate(size);
        Some(String::from_utf8(bytes).unwrap())
    }

    /// Reads until something is said.
    fn until(&mut self, text: &str) -> String {
        let mut said = String::new();
        while !said.contains(text) {
            said.push_str(&self.chunk().unwrap_or_else(|| panic!("no `{text}` in: {said}")));
        }
        said
    }

    fn rest(&mut self) -> String {
        std::iter::from_fn(|| self.chunk()).collect()
    }
}

/// The events of a text, comments left out.
fn events(text: &str) -> Vec<Event> {
    let event = |frame: &str| {
        let field = |name: &str| frame.lines().find_map(|l| l.strip_prefix(&format!("{name}: ")).map(str::to_owned));
        Some((field("id").map(|id| id.parse().unwrap()), field("event")?, serde_json::from_str(&field("data")?).unwrap()))
    };
    text.split("\n\n").filter_map(event).collect()
}

fn start(service: &Service, target: &Path) -> String {
    let begun = service.post("/api/v1/scans", &json!({"target_path": target, "scan_types": ["iac", "code", "dependency"]}));
    assert_eq!(begun.status, 200, "{}", begun.text());
    format!("/api/v1/scans/{}", begun.json()["id"].as_str().unwrap())
}

/// A target that takes its time: long enough to be cancelled, and no longer if it is.
fn large(folder: &Path) -> PathBuf {
    let target = folder.join("large");
    std::fs::create_dir(&target).unwrap();
    for n in 0..40 {
        let text: String = (0..20_000).map(|i| format!("let value_{i} = \"word {n} token = {i} secret\"\n")).collect();
        std::fs::write(target.join(format!("{n}.txt")), text).unwrap();
    }
    target
}

#[test]
fn a_scan_is_told_from_start_to_end_and_again() {
    let service = Service::start(&[]);
    let one = start(&service, &target(service.folder.path()));
    let mut stream = Stream::open(&service, &format!("{one}/events"), &[("Accept-Encoding", "gzip")]);
    assert_eq!(stream.status(), 200);
    for header in [
        "content-type: text/event-stream; charset=utf-8",
        "cache-control: no-cache",
        "x-accel-buffering: no",
        "x-request-id: ",
        "transfer-encoding: chunked",
    ] {
        assert!(stream.head.contains(header), "{header}: {}", stream.head);
    }
    let said = stream.rest();
    assert!(said.starts_with(": keepalive\n\nretry: 3000\n\n"), "{said}");
    let told = events(&said);
    let names: Vec<&str> = told.iter().map(|(_, name, _)| name.as_str()).collect();
    assert_eq!((names[0], *names.last().unwrap()), ("scan.start", "scan.complete"));
    assert_eq!(told.iter().map(|(id, ..)| id.unwrap()).collect::<Vec<_>>(), (1..=told.len() as u64).collect::<Vec<_>>());
    assert!(names.contains(&"scanner.start") && names.contains(&"scanner.complete"), "{names:?}");
    let absent = |e: &Event| e.1 == "scanner.skipped" && e.2["install_hint"].is_string();
    let first_start = told.iter().position(|e| e.1 == "scanner.start").unwrap();
    assert!(!told[first_start..].iter().any(absent), "who is not there is told of first: {names:?}");
    let scan = service.get(&one).json();
    let end = &told.last().unwrap().2;
    for key in ["findings_count", "risk_score", "scanners_run", "scanners_skipped"] {
        assert_eq!(end[key], scan[key], "{key}");
    }
    for (_, name, data) in &told {
        let keys: &[&str] = match name.as_str() {
            "scan.start" => &["scan_types", "target", "scanner_count"],
            "scanner.start" => &["name", "scanner"],
            "scanner.complete" => &["name", "scanner", "duration_s", "findings_count"],
            "scanner.skipped" => &["name", "scanner", "reason", "install_hint"],
            _ => &["target", "duration_s", "scanner_count"],
        };
        assert!(keys.iter().all(|key| data.get(key).is_some()) && data.get("scan_id").is_none(), "{name} {data}");
        assert!(data.get("findings").is_none());
    }

    // Again: all of it, what is new since an id, and nothing.
    assert_eq!(events(&service.get(&format!("{one}/events")).text()), told);
    let since = |id: &str| service.send("GET", &format!("{one}/events"), &[("Last-Event-ID", id)], b"");
    assert_eq!(events(&since("2").text()), told[2..]);
    for odd in ["-1", "x", "99999", "18446744073709551616"] {
        assert_eq!(events(&since(odd).text()), told, "{odd}");
    }
    assert_eq!(since(&told.len().to_string()).status, 204);

    // Another process knows only how it ended.
    let service = Service::start_in(service.stop(), &[], &Default::default()).unwrap();
    let said = service.get(&format!("{one}/events")).text();
    assert_eq!(events(&said), [(None, "scan.complete".to_owned(), json!({"status": "completed"}))]);
    let missing = service.get("/api/v1/scans/0b00cf7f-39f7-4c70-bcd1-e0f0226cd797/events");
    assert_eq!((missing.status, missing.json()), (404, json!({"detail": "Scan not found"})));
}

#[test]
fn cancelled_and_interrupted_scans_end_their_streams() {
    let service = Service::start(&[("SECURESCAN_MAX_SCANS", "1")]);
    let target = large(service.folder.path());
    let (running, waiting, third) = (start(&service, &target), start(&service, &target), start(&service, &target));
    let open = |one: &str| Stream::open(&service, &format!("{one}/events"), &[]);
    let (mut first, mut second, mut last) = (open(&running), open(&waiting), open(&third));
    first.until("scanner.start");
    for one in [&waiting, &running] {
        assert_eq!(service.ask("POST", &format!("{one}/cancel")).status, 200);
    }
    for stream in [&mut first, &mut second] {
        assert_eq!(events(&stream.rest()).last().unwrap().1, "scan.cancelled");
    }
    last.until("scan.start");
    service.stop();
    let end = events(&last.rest()).pop().unwrap();
    assert_eq!((end.1.as_str(), end.2), ("scan.failed", json!({"error": "interrupted by shutdown"})));
}

#[test]
fn tokens_open_the_stream_of_their_scan_and_nothing_else() {
    let service = Service::start(&[("SECURESCAN_API_KEY", "an-env-key-of-some-length")]);
    let key = [("X-API-Key", "an-env-key-of-some-length")];
    let target = target(service.folder.path());
    let scan = |service: &Service| {
        let body = json!({"target_path": target, "scan_types": ["iac"]});
        let begun = service.with_key("POST", "/api/v1/scans", Some(key[0].1), Some(&body)).json();
        format!("/api/v1/scans/{}", begun["id"].as_str().unwrap())
    };
    let (one, other) = (scan(&service), scan(&service));
    assert_eq!(service.get(&format!("{one}/events")).status, 401);
    let token = service.with_key("POST", &format!("{one}/event-token"), Some(key[0].1), None).json();
    assert_eq!(token["expires_in"], 300);
    let token = token["token"].as_str().unwrap();
    let opened = service.get(&format!("{one}/events?event_token={token}"));
    assert!(opened.status == 200 && opened.text().contains("scan.complete"));
    // Also on the old mount, and before a header that is wrong.
    let legacy = format!("{}/events?event_token={token}", one.replace("/v1", ""));
    assert_eq!(service.send("GET", &legacy, &[("X-API-Key", "wrong")], b"").status, 200);
    for (path, why) in [
        (format!("{other}/events?event_token={token}"), "Token does not match scan id"),
        (format!("{one}/events?event_token={token}x"), "Invalid or expired event token"),
        (format!("{one}/events?event_token=%00%ff"), "Invalid or expired event token"),
        (format!("{one}?event_token={token}"), "Invalid event token route"),
    ] {
        let refused = service.get(&path);
        assert_eq!((refused.status, refused.json()["detail"].as_str()), (401, Some(why)), "{path}");
        assert!(refused.header("www-authenticate").is_none());
    }
    assert!(!service.log.text().contains(token), "a token is never logged");
}

#[test]
fn a_revoked_key_ends_its_streams() {
    let pairs = [("SECURESCAN_API_KEY", "an-env-key-of-some-length"), ("SECURESCAN_SSE_KEEPALIVE", "1")];
    let service = Service::start(&pairs);
    let admin = Some(pairs[0].1);
    let made = service.with_key("POST", "/api/v1/keys", admin, Some(&json!({"name": "reader", "scopes": ["read"]}))).json();
    // The scan looks at a site that never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let body = json!({"target_path": service.folder.path(), "scan_types": ["dast"], "target_url": url});
    let scan = service.with_key("POST", "/api/v1/scans", admin, Some(&body)).json();
    let path = format!("/api/v1/scans/{}/events", scan["id"].as_str().unwrap());
    let mut stream = Stream::open(&service, &path, &[("X-API-Key", made["key"].as_str().unwrap())]);
    stream.until(": keepalive\n\nretry");
    stream.until(": keepalive");
    let id = made["id"].as_str().unwrap();
    assert_eq!(service.with_key("DELETE", &format!("/api/v1/keys/{id}"), admin, None).status, 204);
    assert!(stream.rest().ends_with(": auth.revoked\n\n"));
    let mut own = Stream::open(&service, &path, &[("X-API-Key", pairs[0].1)]);
    own.until(": keepalive");
}

#[test]
fn streams_are_counted() {
    let service = Service::start(&[("SECURESCAN_MAX_STREAMS_PER_CALLER", "3"), ("SECURESCAN_MAX_SCANS", "1")]);
    let target = large(service.folder.path());
    start(&service, &target);
    let path = format!("{}/events", start(&service, &target));
    let mut held: Vec<Stream> = (0..3).map(|_| Stream::open(&service, &path, &[])).collect();
    held.iter_mut().for_each(|s| assert_eq!(s.status(), 200));
    let full = service.get(&path);
    assert_eq!((full.status, full.header("retry-after")), (429, Some("5")), "{}", full.text());
    assert_eq!(full.json()["detail"], "Too many requests");
    held.clear();
    let again = (0..500).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        Stream::open(&service, &path, &[]).status() == 200
    });
    assert!(again, "a place comes back when its client leaves");
}
