//! Scanners, sums, days, folders, installing: sections 11.10 to 11.12 of the server specification.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

mod common;

use common::{Answer, Service, target};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const KEY: (&str, &str) = ("SECURESCAN_API_KEY", "the-key");

fn get(service: &Service, path: &str) -> Answer {
    service.with_key("GET", path, Some(KEY.1), None)
}

fn part(text: &str) -> String {
    text.bytes().map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[test]
fn every_scanner_in_order() {
    let service = Service::start(&[]);
    let answer = service.get("/api/v1/dashboard/status").json();
    let lines = answer["scanners"].as_array().unwrap();
    let names: Vec<&str> = lines.iter().map(|line| line["name"].as_str().unwrap()).collect();
    let expected = [
        "semgrep",
        "bandit",
        "trivy",
        "checkov",
        "baseline",
        "secrets",
        "safety",
        "licenses",
        "dockerfile",
        "npm-audit",
        "git-hygiene",
        "builtin_dast",
        "zap",
        "nmap",
    ];
    assert_eq!(names, expected);
    for line in lines {
        let name = line["name"].as_str().unwrap();
        let available = line["available"].as_bool().unwrap();
        assert!(!available || line["install_hint"].is_null(), "{line}");
        assert!(line["message"].as_str().unwrap().starts_with(&format!("{name} ")), "{line}");
        assert!(!line["checks"].as_array().unwrap().is_empty() && !line["description"].as_str().unwrap().is_empty(), "{line}");
        let installable = matches!(name, "semgrep" | "bandit" | "checkov" | "safety");
        assert_eq!(line["installable"], installable, "{name}");
        assert!(line.get("version").is_some(), "{line}");
    }
    let secrets = &lines[5];
    assert_eq!((&secrets["available"], &secrets["message"]), (&json!(true), &json!("secrets is available")));
    let at = answer["checked_at"].as_str().unwrap();
    assert!(at.ends_with("+00:00") && at.len() == 32, "{at}");
}

#[test]
fn sums_and_days() {
    let service = Service::start(&[]);
    let empty = service.get("/api/v1/dashboard/stats").json();
    assert_eq!((&empty["total_scans"], &empty["average_risk_score"]), (&json!(0), &json!(0.0)));
    assert_eq!(service.get("/api/v1/dashboard/trends").json(), json!({"data": []}));
    let target = target(service.folder.path());
    let first = service.scan(&target, &["iac"]);
    let last = service.scan(&target, &["code", "iac"]);
    let stats = service.get("/api/v1/dashboard/stats").json();
    let number = |value: &Value| value.as_f64().unwrap();
    let mean = (number(&first["risk_score"]) + number(&last["risk_score"])) / 2.0;
    assert!((number(&stats["average_risk_score"]) - mean).abs() < 0.006, "{stats}");
    let total = first["findings_count"].as_i64().unwrap() + last["findings_count"].as_i64().unwrap();
    assert_eq!(
        (&stats["total_scans"], &stats["completed_scans"], &stats["total_findings"]),
        (&json!(2), &json!(2), &json!(total))
    );
    assert_eq!((&stats["scans_by_status"], &stats["last_completed_at"]), (&json!({"completed": 2}), &last["completed_at"]));
    // One point for today (or two around midnight): the last scan.
    let days = service.get("/api/v1/dashboard/trends?days=2").json();
    let point = days["data"].as_array().unwrap().last().unwrap();
    assert_eq!((&point["scan_id"], &point["risk_score"]), (&last["id"], &last["risk_score"]));
    assert_eq!(point["date"], last["completed_at"].as_str().unwrap()[..10]);
    let sum: i64 = ["critical", "high", "medium", "low", "info"].iter().map(|k| point[*k].as_i64().unwrap()).sum();
    assert_eq!(point["total_findings"], sum);
    for (days, kind) in [("0", "greater_than_equal"), ("366", "less_than_equal"), ("x", "int_parsing"), ("", "int_parsing")] {
        let answer = service.get(&format!("/api/v1/dashboard/trends?days={days}"));
        assert_eq!((answer.status, &answer.json()["detail"][0]["type"]), (422, &json!(kind)), "{days}");
    }
}

/// A tree with all that must and must not be shown.
fn tree(root: &Path) {
    for folder in
        ["svc/deep", ".git", ".hidden", "node_modules", "venv", "__pycache__", ".next", "dist", "build", "Zoo", "keys/.ssh/x"]
    {
        std::fs::create_dir_all(root.join(folder)).unwrap();
    }
    for file in ["package.json", "Dockerfile", "secret.txt", "README.md", "go.mod"] {
        std::fs::write(root.join(file), "").unwrap();
    }
}

#[test]
fn folders_below_the_roots() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().canonicalize().unwrap();
    let (root, outside) = (folder.join("root"), folder.join("outside"));
    tree(&root);
    std::fs::create_dir_all(outside.join("inner")).unwrap();
    #[cfg(unix)]
    for (from, to) in [(outside.as_path(), "escape"), (root.join("svc").as_path(), "inside"), (Path::new("/proc"), "proc")] {
        std::os::unix::fs::symlink(from, root.join(to)).unwrap();
    }
    let shown = root.to_str().unwrap();
    let service = Service::start(&[KEY, ("SECURESCAN_BROWSE_ROOTS", shown)]);
    for path in ["/api/v1/dashboard/browse", "/api/v1/browse", "/api/browse", "/api/v1/browse?path="] {
        let listing = get(&service, path).json();
        let names: Vec<&str> = listing["entries"].as_array().unwrap().iter().map(|e| e["name"].as_str().unwrap()).collect();
        assert_eq!(names, [".git", "inside", "keys", "svc", "Zoo", "Dockerfile", "go.mod", "package.json"], "{path}");
        assert_eq!((&listing["current"], &listing["parent"]), (&json!(shown), &json!(null)));
        let file = json!({"name": "Dockerfile", "path": format!("{shown}/Dockerfile"), "is_dir": false});
        assert_eq!((&listing["entries"][5], &listing["truncated"]), (&file, &json!(false)));
    }
    let browse = |path: &str| get(&service, &format!("/api/v1/dashboard/browse?path={}", part(path)));
    let below = browse(&format!("{shown}/svc")).json();
    assert_eq!((&below["parent"], &below["entries"][0]["name"]), (&json!(shown), &json!("deep")));
    // A link that stays inside is what it leads to.
    assert_eq!(browse(&format!("{shown}/inside")).json()["current"], format!("{shown}/svc"));
    let (no, out) = ("Invalid or non-existent path", "Path is outside the folders that may be browsed");
    let other = outside.to_str().unwrap();
    for (path, status, why) in [
        (format!("{shown}/nothing"), 400, no),
        ("relative".to_owned(), 400, no),
        (format!("{shown}/a\0b"), 400, no),
        (format!("{shown}/{}", "x".repeat(5000)), 400, no),
        (format!("{shown}/Dockerfile"), 400, "Path is not a directory"),
        (format!("{shown}/.."), 403, out),
        (format!("{shown}/svc/../../outside"), 403, out),
        (format!("{shown}/escape"), 403, out),
        (format!("{shown}/escape/inner"), 403, out),
        (format!("{shown}/proc"), 403, out),
        (format!("{shown}/keys/.ssh"), 403, out),
        (format!("{shown}x"), 403, out),
        (other.to_owned(), 403, out),
        // Whether it exists is not told.
        (format!("{other}/nothing"), 403, out),
        ("/".to_owned(), 403, out),
        ("/etc/shadow".to_owned(), 403, out),
    ] {
        let answer = browse(&path);
        assert_eq!((answer.status, answer.json()), (status, json!({"detail": why})), "{path}");
    }
}

#[test]
fn long_folders_and_who_may_look() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    for n in 0..150 {
        std::fs::create_dir(root.join(format!("d{n:03}"))).unwrap();
    }
    let shown = root.to_str().unwrap();
    let off = json!({"detail": "Browsing is off; set SECURESCAN_BROWSE_ROOTS"});
    // Nobody has to say who they are: nothing is shown unless it was allowed.
    let open = Service::start(&[("HOME", shown), ("SECURESCAN_SCAN_ROOTS", shown)]);
    let answer = open.get("/api/v1/browse");
    assert_eq!((answer.status, answer.json()), (403, off));
    let open = Service::start(&[("SECURESCAN_BROWSE_ROOTS", shown)]);
    let listing = open.get("/api/v1/browse").json();
    assert_eq!((listing["entries"].as_array().unwrap().len(), &listing["truncated"]), (100, &json!(true)));
    // With keys, the roots of scans, else the home.
    let scan = root.join("d001");
    let closed = Service::start(&[KEY, ("HOME", shown), ("SECURESCAN_SCAN_ROOTS", scan.to_str().unwrap())]);
    assert_eq!(get(&closed, "/api/v1/browse").json()["current"], scan.to_str().unwrap());
    let closed = Service::start(&[KEY, ("HOME", shown)]);
    assert_eq!(get(&closed, "/api/v1/browse").json()["current"], shown);
    assert_eq!(closed.get("/api/v1/browse").status, 401);
}

#[cfg(unix)]
#[test]
fn folders_that_cannot_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let closed = root.join("closed");
    std::fs::create_dir_all(closed.join("inner")).unwrap();
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o000)).unwrap();
    let is_root = std::fs::read_dir(&closed).is_ok();
    let service = Service::start(&[("SECURESCAN_BROWSE_ROOTS", root.to_str().unwrap())]);
    for path in [closed.clone(), closed.join("inner")] {
        let answer = service.get(&format!("/api/v1/browse?path={}", part(path.to_str().unwrap())));
        if is_root {
            println!("skipped: whoever runs this may read everything");
            assert_eq!(answer.status, 200);
            continue;
        }
        assert_eq!((answer.status, answer.json()), (403, json!({"detail": "Permission denied"})), "{}", path.display());
    }
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o700)).unwrap();
}

/// Something that looks like a Python: it makes an environment whose package manager does what `pip` says.
#[cfg(unix)]
fn python(folder: &Path, pip: &str) -> String {
    use std::os::unix::fs::PermissionsExt;
    let file = folder.join("python");
    let make = format!(
        "#!/bin/sh\nmkdir -p \"$3/bin\"\ncat >\"$3/bin/python\" <<'END'\n#!/bin/sh\nhome=$(dirname \"$0\")\n{pip}\nEND\nchmod +x \"$3/bin/python\"\n"
    );
    std::fs::write(&file, make).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    file.to_str().unwrap().to_owned()
}

#[cfg(unix)]
fn install(service: &Service, name: &str) -> Answer {
    service.with_key("POST", &format!("/api/v1/dashboard/install/{name}"), Some(KEY.1), None)
}

#[cfg(unix)]
#[test]
fn installing_is_opted_into() {
    let off = Service::start(&[KEY]);
    let unknown = install(&off, "nmap");
    let why = "Scanner 'nmap' cannot be auto-installed. Install it manually.";
    assert_eq!((unknown.status, unknown.json()), (400, json!({"detail": why})));
    assert_eq!(install(&off, "bandit%3Brm").status, 400);
    assert_eq!(install(&off, "bandit").json(), json!({"detail": "Installing scanners is off; set SECURESCAN_ALLOW_INSTALL=1"}));
    let open = Service::start(&[("SECURESCAN_ALLOW_INSTALL", "1")]);
    let answer = open.ask("POST", "/api/v1/dashboard/install/bandit");
    assert_eq!((answer.status, answer.text().contains("needs a key")), (403, true), "{}", answer.text());
}

#[cfg(unix)]
#[test]
fn a_scanner_is_installed() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let said = folder.path().join("said");
    let pip =
        format!("echo \"$@\" >{0}; env >>{0}; echo fetched; touch \"$home/bandit\"; chmod +x \"$home/bandit\"", said.display());
    let python = python(folder.path(), &pip);
    let pairs = [KEY, ("SECURESCAN_ALLOW_INSTALL", "1"), ("SECURESCAN_PYTHON", &python)];
    let service = Service::start_in(Arc::clone(&folder), &pairs, &Default::default()).unwrap();
    let done = install(&service, "bandit");
    let bin = folder.path().join("data/tools/bin");
    let expected = json!({"success": true, "message": "Successfully installed bandit", "output": "fetched", "path": bin});
    assert_eq!((done.status, done.json()), (200, expected), "{}", done.text());
    assert!(bin.join("bandit").canonicalize().unwrap().ends_with("bin/bandit"));
    let said = std::fs::read_to_string(said).unwrap();
    let args = said.lines().next().unwrap();
    assert!(args.contains("--require-hashes --only-binary=:all: --requirement "), "{args}");
    // Nothing of ours is seen by what is installed.
    assert!(!said.contains(KEY.1) && !said.contains("SECURESCAN_"), "{said}");
    let list = std::fs::read_to_string(folder.path().join("data/tools/python.txt")).unwrap();
    assert!(list.contains("bandit==") && list.contains("--hash=sha256:"));
    assert_eq!(install(&service, "bandit").json()["output"], "already installed");
    assert!(service.log.text().contains("Successfully installed bandit"));
}

#[cfg(unix)]
#[test]
fn failures_and_time() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let failing = python(folder.path(), "echo out; echo no such release >&2; exit 3");
    let pairs = [KEY, ("SECURESCAN_ALLOW_INSTALL", "1"), ("SECURESCAN_PYTHON", &failing)];
    let service = Service::start_in(Arc::clone(&folder), &pairs, &Default::default()).unwrap();
    let expected = json!({"success": false, "message": "Failed to install safety", "output": "no such release"});
    assert_eq!(install(&service, "safety").json(), expected);
    let pairs = [KEY, ("SECURESCAN_ALLOW_INSTALL", "1"), ("SECURESCAN_PYTHON", "/no/such/python")];
    let missing = Service::start(&pairs);
    let message = install(&missing, "safety").json()["message"].as_str().unwrap().to_owned();
    assert!(message.starts_with("Error installing safety: `python` could not be started"), "{message}");

    // What takes too long is ended with all it started.
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let pid = folder.path().join("pid");
    let slow = python(folder.path(), &format!("sleep 300 & echo $! >{}; wait", pid.display()));
    let pairs = [KEY, ("SECURESCAN_ALLOW_INSTALL", "1"), ("SECURESCAN_PYTHON", &slow), ("SECURESCAN_INSTALL_TIMEOUT", "1")];
    let service = Service::start_in(Arc::clone(&folder), &pairs, &Default::default()).unwrap();
    let answer = install(&service, "semgrep").json();
    assert_eq!(answer, json!({"success": false, "message": "Installation of semgrep timed out"}));
    let child = std::fs::read_to_string(pid).unwrap();
    let gone = || match std::fs::read_to_string(format!("/proc/{}/stat", child.trim())) {
        Ok(stat) => stat.contains(") Z "),
        Err(_) => true,
    };
    let begun = Instant::now();
    while !gone() && begun.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(gone(), "{child}");
}

#[test]
fn numbers_are_off_until_asked_for() {
    let off = Service::start(&[]);
    assert_eq!((off.get("/metrics").status, off.get("/metrics").json()), (404, json!({"detail": "Not Found"})));
    let service = Service::start(&[KEY, ("SECURESCAN_METRICS", "1"), ("SECURESCAN_MAX_QUEUE", "7")]);
    assert_eq!(service.get("/metrics").status, 401);
    get(&service, "/api/v1/scans/nobody");
    get(&service, "/api/scans/nobody");
    let answer = get(&service, "/metrics");
    let text = answer.text();
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    for line in [
        "securescan_http_requests_total{method=\"GET\",route=\"/scans/{scan_id}\",status=\"404\"} 2",
        "securescan_http_requests_total{method=\"GET\",route=\"/metrics\",status=\"401\"} 1",
        "securescan_http_request_duration_seconds_count{method=\"GET\",route=\"/scans/{scan_id}\"} 2",
        "securescan_scans{status=\"completed\"} 0",
        "securescan_scan_queue_depth 0",
        "securescan_scan_queue_limit 7",
        "securescan_webhook_backlog{status=\"pending\"} 0",
    ] {
        assert!(text.lines().any(|l| l == line), "{line}\n{text}");
    }
    // No id, no key and no path of a caller is in it.
    assert!(!text.contains("nobody") && !text.contains(KEY.1));
}
