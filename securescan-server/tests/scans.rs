//! Scans from start to deletion: sections 11.1 to 11.7 of the server specification.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

mod common;

use common::{Service, target};
use serde_json::{Value, json};
use std::io::Read;
use std::path::Path;

fn id(scan: &Value) -> &str {
    scan["id"].as_str().unwrap()
}

#[test]
fn the_life_of_a_scan() {
    let service = Service::start(&[]);
    let target = target(service.folder.path());
    let begun = service.post("/api/v1/scans", &json!({"target_path": target, "scan_types": ["iac", "code"], "unknown": 1}));
    let scan = begun.json();
    let expected = json!({
        "id": scan["id"], "target_path": target, "scan_types": ["iac", "code"], "status": scan["status"], "started_at": scan["started_at"],
        "completed_at": null, "findings_count": 0, "risk_score": null, "summary": null, "error": null, "target_url": null,
        "target_host": null, "scanners_run": [], "scanners_skipped": [], "scanners_failed": [],
    });
    assert_eq!((begun.status, &scan), (200, &expected));
    assert!(scan["status"] == "pending" && scan["started_at"].is_string(), "{scan}");
    let order: Vec<usize> =
        ["\"id\"", "\"target_path\"", "\"status\"", "\"scanners_run\""].map(|k| begun.text().find(k).unwrap()).into();
    assert!(order.is_sorted());

    let done = service.ended(id(&scan));
    assert_eq!((&done["status"], &done["error"]), (&json!("completed"), &json!(null)));
    assert!(done["findings_count"].as_i64().unwrap() >= 3 && done["risk_score"].as_f64().unwrap() > 0.0, "{done}");
    let run: Vec<&str> = done["scanners_run"].as_array().unwrap().iter().map(|s| s.as_str().unwrap()).collect();
    assert!(run.contains(&"dockerfile") && run.contains(&"secrets") && run.is_sorted());
    assert!(done["scanners_skipped"].as_array().unwrap().iter().all(|s| s["name"].is_string() && s["reason"].is_string()));
    assert_eq!(done["completed_at"].as_str().unwrap().len(), 26);

    let one = format!("/api/v1/scans/{}", id(&scan));
    let tag = service.get(&one).headers["etag"].clone();
    assert_eq!(service.send("GET", &one, &[("If-None-Match", &tag)], b"").status, 304);
    let cancel = service.ask("POST", &format!("{one}/cancel"));
    assert_eq!((cancel.status, cancel.json()), (409, json!({"detail": "Cannot cancel scan in 'completed' state"})));

    let summary = service.get(&format!("{one}/summary")).json();
    let counts: i64 =
        ["critical", "high", "medium", "low", "info", "suppressed"].iter().map(|k| summary[*k].as_i64().unwrap()).sum();
    assert_eq!(counts, done["findings_count"].as_i64().unwrap());
    assert_eq!((&summary["risk_score"], &summary["scanners_run"]), (&done["risk_score"], &done["scanners_run"]));
    assert!(summary["duration_s"].is_number() && summary["started_at"].is_string());

    assert_eq!(service.ask("DELETE", &one).status, 204);
    for (method, path) in
        [("DELETE", ""), ("GET", ""), ("GET", "/findings"), ("GET", "/summary"), ("GET", "/report"), ("POST", "/cancel")]
    {
        let gone = service.ask(method, &format!("{one}{path}"));
        assert_eq!((gone.status, gone.json()), (404, json!({"detail": "Scan not found"})), "{method} {path}");
    }
    let log = service.log.text();
    for event in ["scan.start", "scanner.start", "scanner.complete", "scan.complete"] {
        assert!(log.contains(&format!("[INFO] securescan.scan: {event} ")), "{event}");
    }
}

#[test]
fn requests_that_are_refused() {
    let service = Service::start(&[("SECURESCAN_RATE_LIMIT_ENABLED", "0")]);
    let post = |body: Value| service.post("/api/v1/scans", &body);
    for (body, kind, loc) in [
        (json!({}), "missing", json!(["body", "target_path"])),
        (json!({"target_path": 5}), "string_type", json!(["body", "target_path"])),
        (json!({"target_path": "/", "scan_types": []}), "too_short", json!(["body", "scan_types"])),
        (json!({"target_path": "/", "scan_types": ["nope"]}), "enum", json!(["body", "scan_types", 0])),
        (json!({"target_path": "/", "target_url": 1}), "string_type", json!(["body", "target_url"])),
    ] {
        let answer = post(body.clone());
        let item = &answer.json()["detail"][0];
        assert_eq!((answer.status, &item["type"], &item["loc"]), (422, &json!(kind), &loc), "{body}");
    }
    let folder = service.folder.path();
    let link = folder.join("link");
    let keys = folder.join("home/.ssh/deep");
    std::fs::create_dir_all(&keys).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("/proc/self", &link).unwrap();
    for (path, why) in [
        ("/no/such/path".to_owned(), "Path does not exist"),
        ("/dev/null".to_owned(), "Path is not a file or directory"),
        ("/proc".to_owned(), "Scanning system path not allowed"),
        ("/usr/../sys/kernel".to_owned(), "Scanning system path not allowed"),
        (link.to_str().unwrap().to_owned(), "Scanning system path not allowed"),
        (keys.to_str().unwrap().to_owned(), "Scanning system path not allowed"),
    ] {
        let answer = post(json!({"target_path": path}));
        assert_eq!((answer.status, answer.json()), (400, json!({"detail": format!("{why}: {path}")})), "{path}");
    }
    assert_eq!(service.get("/api/v1/scans").json(), json!([]));
    let inside = folder.join("inside");
    std::fs::create_dir(&inside).unwrap();
    let roots = inside.to_str().unwrap().to_owned();
    let service = Service::start(&[("SECURESCAN_SCAN_ROOTS", &roots)]);
    assert_eq!(service.post("/api/v1/scans", &json!({"target_path": inside, "scan_types": ["iac"]})).status, 200);
    let outside = service.post("/api/v1/scans", &json!({"target_path": folder}));
    assert!(outside.status == 400 && outside.text().contains("outside the folders"), "{}", outside.text());
}

/// Which findings a query should give.
type Wanted = Box<dyn Fn(&Value) -> bool>;

/// Many findings, from one file.
fn big(folder: &Path, lines: usize) -> std::path::PathBuf {
    let target = folder.join("big");
    std::fs::create_dir_all(target.join("a_b")).unwrap();
    let text: String = (0..lines).map(|n| format!("ENV PASSWORD=secretvalue{n:06}\n")).collect();
    std::fs::write(target.join("Dockerfile"), format!("FROM ubuntu:22.04\n{text}USER app\n")).unwrap();
    std::fs::write(target.join("a_b/Dockerfile"), "FROM ubuntu:latest\nRUN sudo ls\n").unwrap();
    std::fs::write(target.join(".securescan.yml"), "ignored_rules:\n  - dockerfile/DL001\n").unwrap();
    target
}

#[test]
fn pages_and_filters_of_findings() {
    let service = Service::start(&[]);
    let scan = service.scan(&big(service.folder.path(), 2000), &["iac"]);
    let base = format!("/api/v1/scans/{}/findings", id(&scan));
    let whole = service.get(&base);
    let all = whole.json();
    let all = all.as_array().unwrap();
    assert!(all.len() > 2000, "{}", all.len());
    assert_eq!(whole.header("x-total-count"), Some(all.len().to_string().as_str()));
    assert_eq!(scan["findings_count"], json!(all.len()));

    let mut paged = Vec::new();
    let mut next = Some(format!("{base}?limit=999"));
    while let Some(url) = next {
        let page = service.get(&url);
        assert_eq!((page.status, page.header("x-total-count")), (200, whole.header("x-total-count")));
        paged.extend(page.json().as_array().unwrap().clone());
        next = page.header("link").map(|link| link[1..link.find('>').unwrap()].to_owned());
    }
    assert!(paged == *all, "pages differ from the whole");

    let is = |key: &'static str, value: &'static str| move |f: &Value| f[key] == value;
    let filters: Vec<(&str, Wanted)> = vec![
        ("severity=critical", Box::new(is("severity", "critical"))),
        ("severity=medium&scan_type=iac", Box::new(is("severity", "medium"))),
        ("scanner=dockerfile", Box::new(is("scanner", "dockerfile"))),
        ("path=a_b/Dockerfile", Box::new(is("file_path", "a_b/Dockerfile"))),
        ("path=a_b/", Box::new(|f| f["file_path"].as_str().is_some_and(|p| p.starts_with("a_b/")))),
        ("suppressed=yes", Box::new(|f| !f["metadata"]["suppressed_by"].is_null())),
        ("suppressed=0&severity=low", Box::new(|f| f["metadata"]["suppressed_by"].is_null() && f["severity"] == "low")),
        ("q=LATEST", Box::new(|f| f["title"].as_str().unwrap().to_lowercase().contains("latest"))),
        ("q=dl00", Box::new(|f| f["rule_id"].as_str().unwrap().contains("DL00"))),
        ("compliance=OWASP-A05", Box::new(|f| f["compliance_tags"].as_array().unwrap().contains(&json!("OWASP-A05")))),
        ("severity=nope", Box::new(|_| false)),
        ("scan_type=' OR 1=1 --", Box::new(|_| false)),
        ("path=%25/", Box::new(|_| false)),
        ("q=%25", Box::new(|f| f["title"].as_str().unwrap().contains('%'))),
        ("compliance=OWASP%25", Box::new(|_| false)),
    ];
    for (query, wanted) in filters {
        let answer = service.get(&format!("{base}?{}", query.replace(' ', "%20")));
        let expected: Vec<Value> = all.iter().filter(|f| wanted(f)).cloned().collect();
        assert!(
            answer.json() == Value::Array(expected.clone()),
            "{query}: {} of {}",
            answer.json().as_array().unwrap().len(),
            expected.len()
        );
        assert_eq!(answer.header("x-total-count"), Some(expected.len().to_string().as_str()), "{query}");
        let page = service.get(&format!("{base}?limit=2&{}", query.replace(' ', "%20")));
        assert!(page.json() == Value::Array(expected.iter().take(2).cloned().collect()), "{query}");
        assert_eq!(page.header("link").is_some(), expected.len() > 2, "{query}");
    }
    assert!(all.iter().any(|f| !f["metadata"]["suppressed_by"].is_null()), "nothing is suppressed");
    let first = &all[0];
    assert_eq!((&first["line_start"], &first["line_end"], &first["state"]), (&first["line"], &first["end_line"], &json!(null)));
    assert_eq!(first["scan_id"], scan["id"]);

    for url in [base.clone(), format!("{base}?severity=nope"), format!("{base}?limit=3")] {
        let packed = service.send("GET", &url, &[("Accept-Encoding", "gzip")], b"");
        let mut text = String::new();
        let body = match packed.header("content-encoding") {
            Some(_) => {
                flate2::read::GzDecoder::new(&packed.body[..]).read_to_string(&mut text).map(|_| text.into_bytes()).unwrap()
            }
            None => packed.body,
        };
        assert!(body == service.get(&url).body, "{url}");
    }

    let described = service.get("/openapi.json").json();
    let schema = &described["components"]["schemas"]["FindingWithState"]["properties"];
    // Advice is there only where a model was asked.
    let is_always = |key: &&String| *key != "ai_remediation";
    let keys = |v: &Value| v.as_object().unwrap().keys().filter(is_always).cloned().collect::<Vec<_>>();
    assert_eq!(keys(schema), keys(first), "the schema differs from the answer");
}

#[test]
fn scans_are_listed_newest_first_in_pages() {
    let service = Service::start(&[]);
    let target = target(service.folder.path());
    let ids: Vec<String> = (0..5).map(|_| id(&service.scan(&target, &["iac"])).to_owned()).collect();
    let all = service.get("/api/v1/scans").json();
    let listed: Vec<&str> = all.as_array().unwrap().iter().map(id).collect();
    assert!(listed.iter().rev().eq(ids.iter()));
    let page = service.get("/api/v1/scans?limit=2");
    assert_eq!((page.json()[0]["id"].as_str(), page.header("x-total-count")), (Some(ids[4].as_str()), Some("5")));
    let link = page.header("link").unwrap();
    let rest = service.get(&link[1..link.find('>').unwrap()]).json();
    assert_eq!((rest[0]["id"].as_str(), rest[1]["id"].as_str()), (Some(ids[2].as_str()), Some(ids[1].as_str())));
}

#[test]
fn two_scans_compared() {
    let service = Service::start(&[]);
    let target = target(service.folder.path());
    let a = service.scan(&target, &["iac", "code"]);
    std::fs::write(target.join("Dockerfile"), "FROM ubuntu:22.04\nRUN sudo ls\n").unwrap();
    let b = service.scan(&target, &["iac", "code"]);
    let compared = service.get(&format!("/api/v1/scans/compare?scan_a={}&scan_b={}", id(&a), id(&b))).json();
    assert_eq!((&compared["scan_a"], &compared["scan_b"]), (&a["id"], &b["id"]));
    let count = |key: &str| compared[key].as_array().unwrap().len();
    assert!(count("new") >= 1 && count("fixed") >= 2 && count("unchanged") >= 1, "{compared}");
    for (d, r) in [("new", "new_findings"), ("fixed", "fixed_findings"), ("unchanged", "unchanged_findings")] {
        assert_eq!(compared[d], compared[r]);
        assert_eq!(compared["summary"][format!("{d}_count")], json!(count(d)));
    }
    let delta = b["risk_score"].as_f64().unwrap() - a["risk_score"].as_f64().unwrap();
    assert!((compared["summary"]["risk_delta"].as_f64().unwrap() - delta).abs() < 0.01);
    for (query, status, detail) in [
        (format!("scan_a=x&scan_b={}", id(&b)), 404, json!("Scan A not found")),
        (format!("scan_a={}&scan_b=x", id(&a)), 404, json!("Scan B not found")),
        ("scan_b=x".to_owned(), 422, json!([{"type":"missing","loc":["query","scan_a"],"msg":"Field required","input":null}])),
    ] {
        let answer = service.get(&format!("/api/v1/scans/compare?{query}"));
        assert_eq!((answer.status, &answer.json()["detail"]), (status, &detail));
    }
}

#[test]
fn reports() {
    let service = Service::start(&[]);
    let scan = service.scan(&target(service.folder.path()), &["iac", "code"]);
    let base = format!("/api/v1/scans/{}/report", id(&scan));
    let html = service.get(&base);
    assert_eq!(
        (html.status, html.header("content-type"), html.header("content-disposition")),
        (200, Some("text/html; charset=utf-8"), None)
    );
    assert!(html.header("content-security-policy").unwrap().starts_with("sandbox;"));
    let short = &id(&scan)[..8];
    let sarif = service.get(&format!("{base}?format=sarif"));
    assert_eq!(sarif.header("content-type"), Some("application/sarif+json"));
    assert_eq!(
        sarif.header("content-disposition"),
        Some(format!("attachment; filename=\"securescan-{short}.sarif.json\"").as_str())
    );
    assert_eq!(sarif.json()["version"], "2.1.0");
    let pdf = service.get(&format!("{base}?format=pdf"));
    if cfg!(feature = "pdf") {
        assert_eq!((pdf.status, pdf.header("content-type")), (200, Some("application/pdf")));
        assert!(pdf.body.starts_with(b"%PDF-"));
    } else {
        assert_eq!(pdf.status, 501);
    }
    assert_eq!(service.get(&format!("{base}?format=xml")).json()["detail"][0]["type"], "string_pattern_mismatch");
}

/// A tool that takes its time, and its child.
#[cfg(unix)]
#[test]
fn cancelling_queueing_and_stopping() {
    let service = Service::start(&[("SECURESCAN_MAX_SCANS", "1"), ("SECURESCAN_MAX_QUEUE", "2")]);
    // A deep tree of secrets to read keeps the one worker busy long enough.
    let folder = service.folder.path().join("busy");
    std::fs::create_dir(&folder).unwrap();
    for n in 0..400 {
        std::fs::write(folder.join(format!("f{n}.py")), format!("password = 'hunter2hunter{n}'\n").repeat(4000)).unwrap();
    }
    let start = || service.post("/api/v1/scans", &json!({"target_path": folder, "scan_types": ["code"]}));
    let first = start().json();
    let one = |scan: &Value| format!("/api/v1/scans/{}", id(scan));
    while service.get(&one(&first)).json()["status"] == "pending" {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let second = start().json();
    let third = start().json();
    let full = start();
    assert_eq!((full.status, full.header("retry-after")), (429, Some("30")), "{}", full.text());
    let locked = service.ask("DELETE", &one(&second));
    assert_eq!(
        (locked.status, locked.json()),
        (409, json!({"detail": "Cannot delete scan in 'pending' state; cancel it first"}))
    );
    let cancelled = service.ask("POST", &format!("{}/cancel", one(&second))).json();
    assert_eq!((&cancelled["status"], &cancelled["error"]), (&json!("cancelled"), &json!("Scan cancelled by user")));
    let running = service.ask("POST", &format!("{}/cancel", one(&first)));
    assert_eq!((running.status, &running.json()["status"]), (200, &json!("cancelled")), "{}", running.text());
    assert_eq!(service.ask("DELETE", &one(&first)).status, 204);
    let log = service.log.clone();
    let folder = service.stop();
    assert!(log.text().contains("scan.cancelled"));
    let service = Service::start_in(folder, &[], &Default::default()).unwrap();
    assert_eq!(service.get(&one(&second)).json()["status"], "cancelled");
    let third = service.get(&one(&third)).json();
    assert_eq!((&third["status"], &third["error"]), (&json!("failed"), &json!("interrupted by shutdown")));
}
