//! Who may do what: section 7 of the server specification, and the keys of section 11.14.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

mod common;

use common::Service;
use serde_json::{Value, json};

const ENV: (&str, &str) = ("SECURESCAN_API_KEY", "the-key-of-the-environment");

fn make(service: &Service, key: Option<&str>, name: &str, scopes: &[&str]) -> Value {
    let made = service.with_key("POST", "/api/v1/keys", key, Some(&json!({"name": name, "scopes": scopes})));
    assert_eq!(made.status, 201, "{}", made.text());
    made.json()
}

/// Headers, status, detail.
type Case<'a> = (&'a [(&'a str, &'a str)], u16, &'a str);

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[test]
fn the_decision_tree() {
    let service = Service::start(&[ENV]);
    let ask = |headers: &[(&str, &str)]| service.send("GET", "/api/v1/scans", headers, b"");
    let db = make(&service, Some(ENV.1), "reader", &["read"]);
    let key = text(&db["key"]);
    let bearer = format!("bEaReR   {key} ");
    let wrong = format!("ssk_{}_{}", text(&db["id"]), "x".repeat(32));
    let cases: &[Case<'_>] = &[
        (&[], 401, "X-API-Key header required"),
        (&[("X-API-Key", "  ")], 401, "X-API-Key header required"),
        (&[("Authorization", "Basic abc")], 401, "X-API-Key header required"),
        (&[("X-API-Key", ENV.1)], 200, ""),
        (&[("X-API-Key", key)], 200, ""),
        (&[("Authorization", &bearer)], 200, ""),
        (&[("X-API-Key", "wrong"), ("Authorization", &bearer)], 401, "Invalid API key"),
        (&[("X-API-Key", &wrong)], 401, "Invalid API key"),
        (&[("X-API-Key", "ssk_nosuchkey1_abc")], 401, "Invalid API key"),
        (&[("X-API-Key", "clé-é")], 401, "Invalid API key"),
    ];
    for (headers, status, detail) in cases {
        let answer = ask(headers);
        assert_eq!(answer.status, *status, "{headers:?}");
        if *status == 401 {
            assert_eq!(answer.json(), json!({"detail": detail}), "{headers:?}");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }
    }
    let mut raw = b"GET /api/v1/scans HTTP/1.1\r\nHost: t\r\nConnection: close\r\nX-API-Key: \xff\xfe\r\n\r\n".to_vec();
    assert_eq!(service.raw(&raw).status, 401);
    raw.truncate(0);
    // A token belongs on the stream of events.
    let token = service.with_key("GET", "/api/v1/scans?event_token=abc", Some(ENV.1), None);
    assert_eq!((token.status, token.json()), (401, json!({"detail": "Invalid event token route"})));
    assert_eq!(token.header("www-authenticate"), None);
}

#[test]
fn development_mode_ends_with_the_first_key_and_comes_back_after_the_last() {
    let service = Service::start(&[]);
    assert_eq!(service.get("/api/v1/scans").status, 200);
    assert_eq!(service.with_key("GET", "/api/v1/scans", Some("wrong"), None).status, 401);
    assert_eq!(service.get("/api/v1/keys/me").json(), json!({"detail": "Not authenticated via DB key"}));
    let key = make(&service, None, "first", &["admin"]);
    assert_eq!(service.get("/api/v1/scans").json(), json!({"detail": "X-API-Key header required"}));
    let path = format!("/api/v1/keys/{}", text(&key["id"]));
    assert_eq!(service.with_key("DELETE", &path, Some(text(&key["key"])), None).status, 204);
    assert_eq!(service.get("/api/v1/scans").status, 200);
    assert_eq!(service.with_key("GET", "/api/v1/keys", Some(text(&key["key"])), None).status, 401);
}

/// A page in a browser cannot use a service without keys, neither by a form nor by a name that points here.
#[test]
fn development_mode_is_for_people_alone() {
    let service = Service::start(&[]);
    let here = service.address.to_string();
    let own = format!("http://{here}");
    for (headers, status) in [
        (vec![("Host", "localhost:8000")], 200),
        (vec![("Host", "[::1]:8000")], 200),
        (vec![("Host", here.as_str()), ("Origin", own.as_str())], 200),
        (vec![("Origin", "http://localhost:3000")], 200),
        (vec![("Host", "rebound.example:8000")], 403),
        (vec![("Host", "localhost.evil.example")], 403),
        (vec![("Origin", "https://evil.example")], 403),
        (vec![("Origin", "null")], 403),
    ] {
        assert_eq!(service.send("GET", "/api/v1/scans", &headers, b"").status, status, "{headers:?}");
        assert_eq!(service.send("GET", "/health", &headers, b"").status, 200, "{headers:?}");
    }
    let with_keys = Service::start(&[ENV]);
    let headers = [("Host", "scans.example"), ("Origin", "https://any.example"), ("X-API-Key", ENV.1)];
    assert_eq!(with_keys.send("GET", "/api/v1/scans", &headers, b"").status, 200);
}

#[test]
fn keys_are_made_listed_and_revoked() {
    let service = Service::start(&[ENV]);
    let env = Some(ENV.1);
    let first = make(&service, env, " breakglass ", &["read", "write", "admin", "read"]);
    assert_eq!((&first["name"], &first["scopes"]), (&json!("breakglass"), &json!(["read", "write", "admin"])));
    assert_eq!((text(&first["id"]).len(), text(&first["prefix"]).len(), text(&first["key"]).len()), (10, 16, 47));
    let plain = service.with_key("POST", "/api/v1/keys", env, Some(&json!({"name": "x"}))).json();
    assert_eq!(plain["scopes"], json!(["read", "write"]));
    let keys: Vec<&str> = plain.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys.len(), 8);

    let used = service.with_key("GET", "/api/v1/keys/me", Some(text(&first["key"])), None).json();
    assert_eq!(used["id"], first["id"]);
    let list = service.with_key("GET", "/api/v1/keys", env, None);
    let listed = list.json();
    assert_eq!((&listed[0]["id"], &listed[1]["id"]), (&plain["id"], &first["id"]));
    assert!(listed[1]["last_used_at"].is_string() && listed[0]["last_used_at"].is_null() && listed[0].get("key").is_none());
    assert!(!list.text().contains(text(&first["key"])) && !list.text().contains("hash"));

    let path = format!("/api/v1/keys/{}", text(&first["id"]));
    for _ in 0..2 {
        assert_eq!(service.with_key("DELETE", &path, env, None).status, 204);
    }
    assert!(service.with_key("GET", "/api/v1/keys", env, None).json()[1]["revoked_at"].is_string());
    let unknown = service.with_key("DELETE", "/api/v1/keys/nosuch", env, None);
    assert_eq!((unknown.status, unknown.json()), (404, json!({"detail": "Key not found"})));
    for (body, kind) in [
        (json!({}), "missing"),
        (json!({"name": ""}), "string_too_short"),
        (json!({"name": "  "}), "string_too_short"),
        (json!({"name": "x".repeat(201)}), "string_too_long"),
        (json!({"name": 5}), "string_type"),
        (json!({"name": "x", "scopes": []}), "too_short"),
        (json!({"name": "x", "scopes": ["root"]}), "enum"),
        (json!({"name": "x", "scopes": "read"}), "list_type"),
    ] {
        let refused = service.with_key("POST", "/api/v1/keys", env, Some(&body));
        assert_eq!((refused.status, refused.json()["detail"][0]["type"].as_str()), (422, Some(kind)), "{body}");
    }
    // Authentication is decided before the body is looked at.
    assert_eq!(service.with_key("POST", "/api/v1/keys", None, Some(&json!({}))).status, 401);
}

#[test]
fn the_last_administrator_stays() {
    let folder = std::sync::Arc::new(tempfile::tempdir().unwrap());
    let service = Service::start_in(std::sync::Arc::clone(&folder), &[], &Default::default()).unwrap();
    let first = make(&service, None, "a", &["admin"]);
    let second = make(&service, Some(text(&first["key"])), "b", &["read", "admin"]);
    service.stop();
    let strict = [("SECURESCAN_AUTH_REQUIRED", "1"), ("SECURESCAN_EVENT_TOKEN_SECRET", "s")];
    let service = Service::start_in(folder, &strict, &Default::default()).unwrap();
    let admin = Some(text(&first["key"]));
    assert_eq!(service.with_key("DELETE", &format!("/api/v1/keys/{}", text(&second["id"])), admin, None).status, 204);
    let last = service.with_key("DELETE", &format!("/api/v1/keys/{}", text(&first["id"])), admin, None);
    assert_eq!((last.status, last.json()), (409, json!({"detail": "Cannot revoke last admin key without an env-var fallback"})));
}

/// Every route of the API with every set of scopes: it lets in those that have one of its own, and nobody else.
#[test]
fn scopes() {
    let service = Service::start(&[ENV, ("SECURESCAN_RATE_LIMIT_ENABLED", "0")]);
    let document = service.get("/openapi.json").json();
    let sets: [&[&str]; 7] = [
        &["read"],
        &["write"],
        &["admin"],
        &["read", "write"],
        &["read", "admin"],
        &["write", "admin"],
        &["read", "write", "admin"],
    ];
    let keys: Vec<_> =
        sets.iter().map(|set| (set, make(&service, Some(ENV.1), "k", set)["key"].as_str().unwrap().to_owned())).collect();
    let mut asked = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if operation["security"] == json!([]) {
                continue;
            }
            let about = operation["description"].as_str().unwrap();
            let url = path.split('/').map(|p| if p.starts_with('{') { "x" } else { p }).collect::<Vec<_>>().join("/");
            let method = method.to_uppercase();
            assert_eq!(service.with_key(&method, &url, None, None).status, 401, "{method} {url}");
            for (set, key) in &keys {
                let allowed = about == "Scope: any key." || set.iter().any(|scope| about.contains(scope));
                let answer = service.with_key(&method, &url, Some(key), None);
                let is_refused = answer.status == 403 && answer.text().contains("Requires scope");
                assert_eq!(is_refused, !allowed, "{method} {url} with {set:?}: {}", answer.text());
                if !allowed {
                    let wanted = about.trim_start_matches("Scope: ").trim_end_matches('.');
                    let wanted = wanted.trim_end_matches(", or an event token");
                    assert_eq!(answer.json(), json!({"detail": format!("Requires scope: {wanted}")}));
                }
                asked += 1;
            }
        }
    }
    assert!(asked >= 7 * 2 * 14, "{asked}");
}

#[test]
fn wrong_keys_cannot_be_tried_at_will() {
    let service = Service::start(&[ENV]);
    let refused: Vec<u16> =
        (0..70).map(|n| service.with_key("GET", "/api/v1/scans", Some(&format!("wrong{n}")), None).status).collect();
    assert_eq!((refused[0], refused[69]), (401, 429));
    assert_eq!(service.with_key("GET", "/api/v1/scans", Some(ENV.1), None).status, 200);
}

#[test]
fn the_rate_limit_counts_principals() {
    let service = Service::start(&[ENV, ("SECURESCAN_RATE_LIMIT_PER_MIN", "3"), ("SECURESCAN_RATE_LIMIT_BURST", "1")]);
    let other = make(&service, Some(ENV.1), "k", &["write"])["key"].as_str().unwrap().to_owned();
    let start = |path: &str, key: &str| service.with_key("POST", path, Some(key), Some(&json!({"target_path": "/nothing/here"})));
    for (path, left) in [("/api/v1/scans", "2"), ("/api/scans", "1"), ("/api/v1/scans", "0")] {
        let answer = start(path, ENV.1);
        assert_eq!(
            (answer.status, answer.header("x-ratelimit-remaining"), answer.header("x-ratelimit-limit")),
            (400, Some(left), Some("3"))
        );
    }
    let refused = start("/api/scans", ENV.1);
    assert_eq!(refused.status, 429);
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((18..=20).contains(&wait), "{wait}");
    assert_eq!(refused.json(), json!({"detail": "Rate limit exceeded", "retry_after": wait, "limit_per_min": 3}));
    assert!(refused.header("x-request-id").is_some() && refused.header("deprecation").is_some());
    assert_eq!(start("/api/v1/scans", &other).status, 400);
    assert_eq!(service.with_key("GET", "/api/v1/scans", Some(ENV.1), None).header("x-ratelimit-limit"), None);
    assert!(service.log.text().contains("rate_limit_block") && !service.log.text().contains(ENV.1));
}

#[test]
fn event_tokens() {
    let service = Service::start(&[]);
    let missing = service.post("/api/v1/scans/x/event-token", &json!({}));
    assert_eq!((missing.status, missing.json()), (404, json!({"detail": "Scan not found"})));
    let target = common::target(service.folder.path());
    let scan = service.scan(&target, &["iac"]);
    let token = service.post(&format!("/api/v1/scans/{}/event-token", text(&scan["id"])), &json!({}));
    assert_eq!((token.status, token.header("cache-control"), &token.json()["expires_in"]), (200, Some("no-store"), &json!(300)));
    assert!(text(&token.json()["token"]).len() > 60);
}
