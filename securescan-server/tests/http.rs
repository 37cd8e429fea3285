//! What every answer has, whatever the route: sections 4, 5, 9 and 12 of the server specification.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

mod common;

use common::Service;
use serde_json::{Value, json};

#[test]
fn public_routes() {
    let service = Service::start(&[]);
    assert_eq!(service.get("/health").text(), r#"{"status":"ok"}"#);
    let ready = service.get("/ready");
    assert_eq!((ready.status, ready.json()), (200, json!({"status":"ready","checks":{"database":"ok","scanner_registry":"ok"}})));
    let root = service.get("/").json();
    assert_eq!((&root["name"], &root["docs"], &root["health"]), (&json!("SecureScan API"), &json!("/docs"), &json!("/health")));
    for path in ["/openapi.json", "/api/v1/openapi.json"] {
        let document = service.get(path).json();
        assert_eq!((&document["openapi"], &document["info"]["title"]), (&json!("3.1.0"), &json!("SecureScan")), "{path}");
    }
    for path in ["/docs", "/redoc", "/docs/index.html"] {
        let page = service.get(path);
        assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")), "{path}");
        assert!(!page.text().contains("src=\"http") && !page.text().contains("href=\"http"), "{path} loads from elsewhere");
    }
    for (file, kind) in
        [("swagger-ui-bundle.js", "javascript"), ("swagger-ui.css", "css"), ("swagger-initializer.js", "javascript")]
    {
        let asset = service.get(&format!("/docs/{file}"));
        assert!(asset.status == 200 && asset.header("content-type").unwrap().contains(kind), "{file}: {:?}", asset.headers);
    }
    assert!(service.get("/docs/swagger-initializer.js").text().contains("/openapi.json"));
    assert_eq!(service.get("/docs/../../etc/passwd").status, 404);
}

#[test]
fn head_methods_slashes_and_unknown_routes() {
    let service = Service::start(&[]);
    let head = service.ask("HEAD", "/api/v1/scans");
    assert_eq!((head.status, head.body.len()), (200, 0));
    let unknown = service.get("/nothing");
    assert_eq!((unknown.status, unknown.text().as_str()), (404, r#"{"detail":"Not Found"}"#));
    for (method, path, allow) in [
        ("POST", "/health", "GET,HEAD"),
        ("PUT", "/api/v1/scans", "GET,HEAD,POST"),
        ("POST", "/api/v1/scans/x", "DELETE,GET,HEAD"),
    ] {
        let wrong = service.ask(method, path);
        assert_eq!((wrong.status, wrong.text().as_str()), (405, r#"{"detail":"Method Not Allowed"}"#), "{method} {path}");
        let mut allowed: Vec<&str> = wrong.header("allow").unwrap().split(',').map(str::trim).collect();
        allowed.sort_unstable();
        assert_eq!(allowed.join(","), allow, "{method} {path}");
    }
    let slash = service.get("/api/v1/scans/?limit=1");
    assert_eq!((slash.status, slash.header("location"), slash.body.len()), (307, Some("/api/v1/scans?limit=1"), 0));
    assert_eq!(service.get("//evil.example/").status, 404);
}

#[test]
fn request_ids() {
    let service = Service::start(&[]);
    let id = |given: &str| service.send("GET", "/health", &[("X-Request-ID", given)], b"").headers["x-request-id"].clone();
    assert_eq!(id("trace-1.a_B"), "trace-1.a_B");
    for bad in ["a b", "é", &"x".repeat(129)] {
        assert_eq!(id(bad).len(), 36, "{bad}");
    }
    for path in ["/health", "/nothing", "/api/scans", "/api/v1/scans/x", "/docs"] {
        assert_eq!(service.get(path).header("x-request-id").map(str::len), Some(36), "{path}");
    }
}

#[test]
fn both_mounts_and_deprecation() {
    let service = Service::start(&[]);
    for path in ["/api/scans", "/api/scans/abc", "/api/", "/api/nothing"] {
        let old = service.get(path);
        assert_eq!(old.header("deprecation"), Some("true"), "{path}");
        assert_eq!(old.header("sunset"), Some("Wed, 31 Dec 2026 23:59:59 GMT"));
        let successor = format!("<{}>; rel=\"successor-version\"", path.replacen("/api/", "/api/v1/", 1));
        assert_eq!(old.header("link"), Some(successor.as_str()));
    }
    for path in ["/api/v1/scans", "/api/v1/nothing", "/health", "/ready", "/docs", "/redoc", "/openapi.json", "/"] {
        let new = service.get(path);
        assert!(["deprecation", "sunset", "link"].iter().all(|h| new.header(h).is_none()), "{path}");
    }
    assert_eq!(service.get("/api/scans").body, service.get("/api/v1/scans").body);
    assert_eq!(service.get("/api/scans/abc").status, service.get("/api/v1/scans/abc").status);
}

#[test]
fn cors() {
    let service = Service::start(&[("SECURESCAN_CORS_ORIGINS", "https://a.example, https://b.example")]);
    let preflight = |origin: &str| {
        let headers =
            [("Origin", origin), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "x-api-key")];
        service.send("OPTIONS", "/api/v1/scans", &headers, b"")
    };
    let good = preflight("https://b.example");
    assert_eq!((good.status, good.text().as_str()), (200, "OK"));
    assert_eq!(good.header("access-control-allow-origin"), Some("https://b.example"));
    assert_eq!(good.header("access-control-allow-credentials"), Some("true"));
    assert_eq!(good.header("access-control-allow-headers"), Some("x-api-key"));
    assert_eq!(good.header("access-control-max-age"), Some("600"));
    assert!(good.header("access-control-allow-methods").unwrap().contains("PATCH"));
    let bad = preflight("https://c.example");
    assert_eq!(
        (bad.status, bad.text().as_str(), bad.header("access-control-allow-origin")),
        (400, "Disallowed CORS origin", None)
    );
    let simple = service.send("GET", "/health", &[("Origin", "https://a.example")], b"");
    assert_eq!(simple.header("access-control-allow-origin"), Some("https://a.example"));
    assert!(simple.header("vary").unwrap().contains("Origin"));
    assert!(simple.header("access-control-expose-headers").unwrap().contains("X-Request-ID"));
    let other = service.send("GET", "/health", &[("Origin", "https://c.example")], b"");
    assert_eq!((other.status, other.header("access-control-allow-origin")), (200, None));
    // Errors have the headers too.
    let error = service.send("GET", "/nothing", &[("Origin", "https://a.example")], b"");
    assert_eq!((error.status, error.header("access-control-allow-origin")), (404, Some("https://a.example")));
}

#[test]
fn security_headers_and_compression() {
    let service = Service::start(&[]);
    for path in ["/health", "/api/v1/scans", "/nothing", "/docs"] {
        let answer = service.get(path);
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{path}");
        assert!(answer.header("content-security-policy").is_some_and(|v| v.contains("default-src 'none'")), "{path}");
        assert!(answer.header("server").is_none());
    }
    let packed = service.send("GET", "/openapi.json", &[("Accept-Encoding", "gzip")], b"");
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    let tag = packed.header("etag").unwrap().to_owned();
    let again = service.send("GET", "/openapi.json", &[("If-None-Match", &tag)], b"");
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(service.send("GET", "/openapi.json", &[("If-None-Match", "\"other\"")], b"").status, 200);
}

/// Whatever comes in, the answer is JSON with an id and no fault of ours.
#[test]
fn hostile_requests_never_give_500() {
    let service = Service::start(&[]);
    let json_header = [("Content-Type", "application/json")];
    let post = |body: &[u8]| service.send("POST", "/api/v1/scans", &json_header, body);
    let huge = format!("{{\"target_path\":\"{}\"}}", "a".repeat(2 << 20));
    let deep = "[".repeat(100_000);
    for (body, status) in [
        (&b"\xff\xfe"[..], 400),
        (b"", 422),
        (b"null", 422),
        (b"{", 422),
        (deep.as_bytes(), 422),
        (b"{\"target_path\":\"\\ud800\"}", 422),
        (b"{\"target_path\":\"/usr\\u0000x\"}", 400),
        (b"{\"target_path\":\"\"}", 400),
        (b"{\"target_path\":\"/proc/self\"}", 400),
        (b"{\"target_path\":1e999}", 422),
        (huge.as_bytes(), 413),
    ] {
        let answer = post(body);
        let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        assert_eq!(answer.status, status, "{shown}: {}", answer.text());
        assert!(!answer.json()["detail"].is_null() && answer.header("x-request-id").is_some(), "{shown}");
    }
    let long = "9".repeat(5000);
    for id in ["%00", "%ff", "..%2f..%2fetc%2fpasswd", "'%20OR%201=1--", "%f0%9f%92%a9", long.as_str(), "a%0d%0aX:%20y"] {
        for path in [
            "",
            "/findings",
            "/summary",
            "/report",
            "/findings?severity=%00'&q=%25_%27&path=%ff/&compliance=%22&scanner=x&cursor=c1",
        ] {
            let answer = service.get(&format!("/api/v1/scans/{id}{path}"));
            assert_eq!(answer.status, 404, "{id}{path}: {}", answer.text());
            assert!(answer.json()["detail"].is_string(), "{id}{path}");
        }
    }
    let many = format!("/api/v1/scans?{}", "limit=1&".repeat(5000));
    assert_eq!(service.get(&many).status, 200);
    for query in ["limit=0", "limit=99999999999999999999", "limit=x", "cursor=x", "cursor=c-1", "limit=%ff"] {
        let answer = service.get(&format!("/api/v1/scans?{query}"));
        assert_eq!(answer.status, 422, "{query}");
        let item = &answer.json()["detail"][0];
        assert!(item["loc"][0] == "query" && item["msg"].is_string() && item["type"].is_string(), "{query}: {item}");
    }
}

#[test]
fn log_lines() {
    let service = Service::start(&[("SECURESCAN_LOG_FORMAT", "json"), ("SECURESCAN_API_KEY", "a-key-nobody-must-see")]);
    service.send(
        "GET",
        "/api/v1/scans?event_token=secret-token",
        &[("X-API-Key", "ssk_5a7c8f9eab_wrong-secret"), ("X-Request-ID", "r1")],
        b"",
    );
    service.with_key("GET", "/api/v1/scans/ssk_5a7c8f9eab_path-secret", Some("a-key-nobody-must-see"), None);
    let log = service.log.text();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let line = lines.iter().find(|line| line["request_id"] == "r1").unwrap();
    assert_eq!(
        (&line["logger"], &line["message"], &line["level"]),
        (&json!("securescan.request"), &json!("request"), &json!("INFO"))
    );
    assert_eq!((&line["method"], &line["path"], &line["status"]), (&json!("GET"), &json!("/api/v1/scans"), &json!(401)));
    assert!(line["latency_ms"].is_number() && line["timestamp"].as_str().unwrap().ends_with("+00:00"));
    for secret in ["a-key-nobody-must-see", "wrong-secret", "path-secret", "secret-token"] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}
