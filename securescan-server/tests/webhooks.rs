//! Webhooks from their making to what arrives: sections 4 to 7 of the events specification, against real receivers.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

mod common;

use common::receiver::{Receiver, status};
use common::{Service, target};
use securescan_core::webhook::verify;
use securescan_server::ServeOptions;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const LOCAL: (&str, &str) = ("SECURESCAN_WEBHOOK_ALLOW", "127.0.0.1");
const PATH: &str = "/api/v1/webhooks";

fn make(service: &Service, url: &str, events: &[&str]) -> Value {
    let made = service.post(PATH, &json!({"name": "ops", "url": url, "event_filter": events}));
    assert_eq!(made.status, 201, "{}", made.text());
    made.json()
}

fn id(webhook: &Value) -> &str {
    webhook["id"].as_str().unwrap()
}

fn test(service: &Service, webhook: &Value) -> String {
    let queued = service.ask("POST", &format!("{PATH}/{}/test", id(webhook)));
    assert_eq!(queued.status, 202, "{}", queued.text());
    let queued = queued.json();
    assert_eq!(queued, json!({"delivery_id": queued["delivery_id"], "webhook_id": webhook["id"], "event": "webhook.test"}));
    queued["delivery_id"].as_str().unwrap().to_owned()
}

fn change(service: &Service, webhook: &Value, body: &Value) -> Value {
    let changed = service.with_key("PATCH", &format!("{PATH}/{}", id(webhook)), None, Some(body));
    assert_eq!(changed.status, 200, "{}", changed.text());
    changed.json()
}

fn deliveries(service: &Service, webhook: &Value) -> Vec<Value> {
    service.get(&format!("{PATH}/{}/deliveries", id(webhook))).json().as_array().unwrap().clone()
}

/// Waits until the delivery is as wanted.
fn delivery(service: &Service, webhook: &Value, delivery: &str, ready: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let rows = deliveries(service, webhook);
        if let Some(row) = rows.iter().find(|row| row["id"] == delivery && ready(row)) {
            return row.clone();
        }
        assert!(begun.elapsed() < Duration::from_secs(90), "{rows:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

fn shared() -> PathBuf {
    std::env::var_os("SECURESCAN_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"), PathBuf::from)
}

#[test]
fn made_listed_changed_removed() {
    let service = Service::start(&[]);
    let events = ["scan.complete", "scan.failed", "scanner.failed", "scan.complete"];
    let made = make(&service, "https://hooks.example.com/securescan", &events);
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.len() == 43 && secret.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)), "{secret}");
    let mut view = made.clone();
    view.as_object_mut().unwrap().remove("secret");
    assert_eq!(
        view,
        json!({"id": made["id"], "name": "ops", "url": "https://hooks.example.com/securescan",
            "event_filter": ["scan.complete", "scan.failed", "scanner.failed"], "enabled": true, "created_at": made["created_at"],
            "failing_since": null, "disabled_reason": null})
    );
    let other = make(&service, "HTTP://a", &["webhook.test"]);
    assert_ne!(other["secret"], made["secret"]);
    let list = service.get(PATH).json();
    assert_eq!((&list[0]["id"], &list[1]), (&other["id"], &view));
    assert!(!service.get(PATH).text().contains("secret"));
    let path = format!("{PATH}/{}", id(&made));
    assert_eq!(service.get(&path).json(), view);

    assert_eq!(change(&service, &made, &json!({})), view);
    assert_eq!(change(&service, &made, &json!({"name": null, "url": null, "secret": "mine", "x": 1})), view);
    let changed =
        change(&service, &made, &json!({"name": "n", "url": "http://b/", "event_filter": ["scan.failed"], "enabled": false}));
    assert_eq!(
        (&changed["name"], &changed["url"], &changed["event_filter"], &changed["enabled"]),
        (&json!("n"), &json!("http://b/"), &json!(["scan.failed"]), &json!(false))
    );
    assert_eq!(service.get(&path).json(), changed);

    assert_eq!(service.ask("DELETE", &path).status, 204);
    for (method, path) in [
        ("GET", path.clone()),
        ("DELETE", path.clone()),
        ("GET", format!("{path}/deliveries")),
        ("POST", format!("{path}/test")),
        ("POST", format!("{path}/rotate")),
        ("POST", format!("{path}/deliveries/x/redeliver")),
    ] {
        let gone = service.ask(method, &path);
        assert_eq!((gone.status, gone.json()), (404, json!({"detail": "Webhook not found"})), "{method} {path}");
    }
    let gone = service.with_key("PATCH", &path, None, Some(&json!({"name": "n"})));
    assert_eq!(gone.status, 404);
    assert_eq!(service.with_key("PATCH", &path, None, Some(&json!({}))).status, 404);
}

#[test]
fn what_is_wrong_is_said() {
    let service = Service::start(&[]);
    let good = json!({"name": "ops", "url": "https://h/", "event_filter": ["scan.failed"]});
    let made = make(&service, "https://h/", &["scan.failed"]);
    let path = format!("{PATH}/{}", id(&made));
    let long = "x".repeat(201);
    for (field, value, kind, msg) in [
        ("name", json!(""), "string_too_short", "String should have at least 1 character"),
        ("name", json!("  "), "string_too_short", "String should have at least 1 character"),
        ("name", json!(long), "string_too_long", "String should have at most 200 characters"),
        ("name", json!(5), "string_type", "Input should be a valid string"),
        ("url", json!("ftp://a"), "value_error", "URL must be http(s)"),
        ("url", json!("http://a b"), "value_error", "Value error, url must not contain whitespace or null bytes"),
        ("url", json!("http://a\u{0}b"), "value_error", "Value error, url must not contain whitespace or null bytes"),
        ("url", json!(" http://a"), "value_error", "Value error, url must not contain whitespace or null bytes"),
        ("url", json!("http://"), "value_error", "Value error, the URL has no valid host"),
        ("event_filter", json!([]), "too_short", "List should have at least 1 item after validation, not 0"),
        ("event_filter", json!("scan.failed"), "list_type", "Input should be a valid list"),
        (
            "event_filter",
            json!(["scan.start"]),
            "enum",
            "Input should be 'scan.complete', 'scan.failed', 'scanner.failed' or 'webhook.test'",
        ),
        ("enabled", json!("maybe"), "bool_type", "Input should be a valid boolean"),
    ] {
        let mut whole = good.clone();
        whole[field] = value.clone();
        let mut answers = vec![service.with_key("PATCH", &path, None, Some(&json!({field: value})))];
        if field != "enabled" {
            answers.push(service.post(PATH, &whole));
        }
        for answer in answers {
            let item = &answer.json()["detail"][0];
            assert_eq!((answer.status, &item["type"], &item["msg"]), (422, &json!(kind), &json!(msg)), "{field} {value} {item}");
            assert_eq!(item["loc"][1], field);
        }
    }
    for field in ["name", "url", "event_filter"] {
        let mut part = good.clone();
        part.as_object_mut().unwrap().remove(field);
        let item = service.post(PATH, &part).json()["detail"][0].clone();
        assert_eq!((&item["type"], &item["loc"]), (&json!("missing"), &json!(["body", field])));
    }
    assert_eq!(service.get(&path).json()["name"], "ops");
    let strict = Service::start(&[("SECURESCAN_WEBHOOK_HTTPS_ONLY", "1")]);
    let plain = strict.post(PATH, &json!({"name": "n", "url": "http://h/", "event_filter": ["scan.failed"]}));
    assert_eq!((plain.status, &plain.json()["detail"][0]["msg"]), (422, &json!("URL must be https")));
}

#[test]
fn urls_of_the_python_version() {
    let Ok(text) = std::fs::read_to_string(shared().join("vectors/webhook_url.json")) else {
        println!("skipped: the shared vectors are not here");
        return;
    };
    let service = Service::start(&[]);
    for case in serde_json::from_str::<Value>(&text).unwrap()["cases"].as_array().unwrap() {
        let url = &case["input"]["url"];
        let made = service.post(PATH, &json!({"name": "n", "url": url, "event_filter": ["scan.failed"]}));
        assert_eq!(made.status == 201, case["expected"]["ok"] == true, "{url} {}", made.text());
        if made.status == 201 {
            assert_eq!(made.json()["url"], case["expected"]["url"]);
        }
    }
}

#[test]
fn only_administrators() {
    let service = Service::start(&[("SECURESCAN_API_KEY", "root")]);
    let key = |scopes: &Value| {
        let made = service.with_key("POST", "/api/v1/keys", Some("root"), Some(&json!({"name": "k", "scopes": scopes})));
        made.json()["key"].as_str().unwrap().to_owned()
    };
    let (weak, admin) = (key(&json!(["read", "write"])), key(&json!(["admin"])));
    for (method, path) in [
        ("GET", ""),
        ("POST", ""),
        ("GET", "/x"),
        ("PATCH", "/x"),
        ("DELETE", "/x"),
        ("GET", "/x/deliveries"),
        ("POST", "/x/test"),
        ("POST", "/x/rotate"),
        ("POST", "/x/deliveries/y/redeliver"),
    ] {
        let path = format!("{PATH}{path}");
        assert_eq!(service.with_key(method, &path, None, None).status, 401, "{method} {path}");
        let refused = service.with_key(method, &path, Some(&weak), None);
        assert_eq!((refused.status, refused.json()), (403, json!({"detail": "Requires scope: admin"})), "{method} {path}");
    }
    assert_eq!(service.with_key("GET", PATH, Some(&admin), None).status, 200);
}

#[test]
fn a_test_arrives_signed() {
    let service = Service::start(&[LOCAL]);
    let receiver = Receiver::well();
    // The filter does not matter.
    let webhook = make(&service, &receiver.url, &["scan.failed"]);
    let queued = test(&service, &webhook);
    let sent = receiver.wait(1).remove(0);
    assert_eq!(sent.line, "POST /hook HTTP/1.1");
    assert_eq!(sent.header("content-type"), "application/json");
    assert_eq!(sent.header("user-agent"), "SecureScan-Webhook/0.9");
    assert_eq!(sent.header("x-securescan-event"), "webhook.test");
    assert_eq!(sent.header("x-securescan-webhook-id"), id(&webhook));
    assert_eq!(sent.header("x-securescan-delivery"), queued);
    let signature = sent.header("x-securescan-signature");
    assert!(verify(webhook["secret"].as_str().unwrap(), signature, sent.body.as_bytes(), 300, now()), "{signature}");
    let body = sent.json();
    let at = body["delivered_at"].as_str().unwrap();
    assert!(at.len() == 27 && at.ends_with('Z'), "{at}");
    let timestamp = body["data"]["timestamp"].as_str().unwrap();
    assert_eq!(
        sent.body,
        format!(
            "{{\"event\":\"webhook.test\",\"data\":{{\"message\":\"Test from SecureScan\",\"timestamp\":\"{timestamp}\"}},\"delivered_at\":\"{at}\"}}"
        )
    );
    let row = delivery(&service, &webhook, &queued, |row| row["status"] == "succeeded");
    let tried = &row["attempts"][0];
    assert_eq!(
        row,
        json!({"id": queued, "webhook_id": webhook["id"], "event": "webhook.test", "status": "succeeded", "attempt": 1,
            "next_attempt_at": row["created_at"], "created_at": row["created_at"], "updated_at": row["updated_at"],
            "response_code": 200, "response_body": "ok", "attempts": [
                {"attempt": 1, "at": row["updated_at"], "response_code": 200, "latency_ms": tried["latency_ms"], "error": null}]})
    );
}

#[test]
fn scans_are_told_to_those_who_want_to_hear() {
    let service = Service::start(&[LOCAL]);
    let (wants, does_not) = (Receiver::well(), Receiver::well());
    make(&service, &wants.url, &["scan.complete"]);
    make(&service, &does_not.url, &["scan.failed", "scanner.failed"]);
    let off = Receiver::well();
    let disabled = make(&service, &off.url, &["scan.complete"]);
    change(&service, &disabled, &json!({"enabled": false}));
    let scan = service.scan(&target(service.folder.path()), &["code", "iac"]);
    let sent = wants.wait(1).remove(0);
    assert_eq!(sent.header("x-securescan-event"), "scan.complete");
    let body = sent.json();
    let data = &body["data"];
    for key in ["target_path", "scan_types", "scanners_run", "scanners_skipped", "findings_count", "risk_score"] {
        assert_eq!(data[key], scan[key], "{key}");
    }
    assert_eq!(data["scan_id"], scan["id"]);
    let counted: i64 =
        ["critical", "high", "medium", "low", "info"].iter().map(|l| data["severity_counts"][l].as_i64().unwrap()).sum();
    assert_eq!(counted, scan["findings_count"].as_i64().unwrap());
    assert!(data["duration_s"].is_f64() && data["started_at"].as_str().unwrap().ends_with('Z'));
    assert_eq!(data["completed_at"], format!("{}Z", scan["completed_at"].as_str().unwrap()));
    let keys = [
        "event",
        "data",
        "scan_id",
        "target_path",
        "scan_types",
        "scanners_run",
        "scanners_skipped",
        "findings_count",
        "severity_counts",
        "critical",
        "high",
        "medium",
        "low",
        "info",
        "risk_score",
        "duration_s",
        "started_at",
        "completed_at",
        "delivered_at",
    ];
    let places: Vec<usize> = keys.iter().map(|key| sent.body.find(&format!("\"{key}\":")).unwrap()).collect();
    assert!(places.is_sorted(), "{}", sent.body);
    assert_eq!(data.as_object().unwrap().len(), 11);
    assert!(does_not.all().is_empty() && off.all().is_empty());
    assert_eq!(deliveries(&service, &disabled), Vec::<Value>::new());
}

#[test]
fn order_is_kept_over_repetitions() {
    let service = Service::start(&[LOCAL]);
    let receiver = Receiver::new(|n| if n < 1 { status(500, "", "not yet") } else { status(200, "", "ok") });
    let webhook = make(&service, &receiver.url, &["scan.failed"]);
    let queued: Vec<String> = (0..4).map(|_| test(&service, &webhook)).collect();
    let pending = delivery(&service, &webhook, &queued[0], |row| row["attempt"] == 1);
    if pending["status"] == "pending" {
        assert_eq!((&pending["response_code"], &pending["response_body"]), (&json!(500), &json!("not yet")));
        assert!(pending["next_attempt_at"].as_str() > pending["updated_at"].as_str(), "{pending}");
    }
    let sent = receiver.wait(5);
    let order: Vec<&str> = sent.iter().map(|s| s.header("x-securescan-delivery")).collect();
    assert_eq!(order, [&queued[0], &queued[0], &queued[1], &queued[2], &queued[3]]);
    // Each try is signed afresh, over bytes of its own.
    assert_ne!(sent[0].body, sent[1].body);
    for one in &sent {
        let signature = one.header("x-securescan-signature");
        assert!(verify(webhook["secret"].as_str().unwrap(), signature, one.body.as_bytes(), 300, now()));
    }
    let row = delivery(&service, &webhook, &queued[0], |row| row["status"] == "succeeded");
    let codes: Vec<&Value> = row["attempts"].as_array().unwrap().iter().map(|a| &a["response_code"]).collect();
    assert_eq!((codes, &row["attempt"]), (vec![&json!(500), &json!(200)], &json!(2)));
}

#[test]
fn statuses_and_what_they_lead_to() {
    let service = Service::start(&[LOCAL]);
    let inner = Receiver::well();
    for (answer, code, body) in [
        (status(302, &format!("Location: {}\r\n", inner.url), ""), json!(302), ""),
        (status(404, "", "nobody"), json!(404), "nobody"),
        (status(503, "Retry-After: 200\r\n", "later"), json!(503), "later"),
        (Some(String::new()), json!(null), "transport: "),
    ] {
        let waits = answer.clone().is_some_and(|a| a.contains("Retry-After"));
        let receiver = Receiver::new(move |_| answer.clone());
        let webhook = make(&service, &receiver.url, &["scan.failed"]);
        let queued = test(&service, &webhook);
        let row = delivery(&service, &webhook, &queued, |row| row["attempt"].as_i64() >= Some(1) && row["status"] == "pending");
        assert_eq!(row["response_code"], code);
        assert!(row["response_body"].as_str().unwrap().starts_with(body), "{row}");
        assert!(service.get(&format!("{PATH}/{}", id(&webhook))).json()["failing_since"].is_string());
        if waits {
            let minute = |key: &str| row[key].as_str().unwrap()[..16].to_owned();
            assert!(minute("next_attempt_at") > minute("updated_at"), "{row}");
        }
    }
    assert!(inner.all().is_empty(), "a redirect was followed");
}

#[test]
fn gone_disables_with_a_notification() {
    let service = Service::start(&[LOCAL]);
    let receiver = Receiver::new(|n| if n == 0 { status(410, "", "") } else { status(200, "", "") });
    let webhook = make(&service, &receiver.url, &["scan.failed"]);
    let queued = test(&service, &webhook);
    let row = delivery(&service, &webhook, &queued, |row| row["status"] == "failed");
    assert_eq!((&row["response_code"], &row["attempt"]), (&json!(410), &json!(1)));
    let view = service.get(&format!("{PATH}/{}", id(&webhook))).json();
    assert_eq!((&view["enabled"], &view["disabled_reason"]), (&json!(false), &json!("The receiver answered 410 Gone")));
    let notes = service.get("/api/v1/notifications").json();
    assert_eq!(
        notes[0],
        json!({"id": notes[0]["id"], "type": "webhook.disabled", "title": "Webhook disabled: ops",
            "body": "The receiver answered 410 Gone", "link": "/webhooks", "severity": "medium", "scan_id": null,
            "created_at": notes[0]["created_at"], "read_at": null})
    );
    // A test of a disabled webhook fails at once, without a try.
    let queued = test(&service, &webhook);
    let row = delivery(&service, &webhook, &queued, |row| row["status"] == "failed");
    assert_eq!(
        (&row["response_body"], &row["response_code"], &row["attempt"]),
        (&json!("webhook deleted/disabled"), &json!(null), &json!(0))
    );
    let view = change(&service, &webhook, &json!({"enabled": true}));
    assert_eq!((&view["enabled"], &view["disabled_reason"], &view["failing_since"]), (&json!(true), &json!(null), &json!(null)));
    let queued = test(&service, &webhook);
    delivery(&service, &webhook, &queued, |row| row["status"] == "succeeded");
    assert_eq!(receiver.all().len(), 2);
}

#[test]
fn what_waits_goes_on_when_enabled_again() {
    let service = Service::start(&[LOCAL]);
    // Nothing while the first is still to fail: a long wait that only a change of the webhook would not shorten.
    let receiver = Receiver::new(|n| if n == 0 { status(500, "", "") } else { status(200, "", "") });
    let webhook = make(&service, &receiver.url, &["scan.complete"]);
    service.scan(&target(service.folder.path()), &["iac"]);
    receiver.wait(1);
    change(&service, &webhook, &json!({"enabled": false}));
    let held = deliveries(&service, &webhook).remove(0);
    change(&service, &webhook, &json!({"enabled": true}));
    let row = delivery(&service, &webhook, held["id"].as_str().unwrap(), |row| row["status"] == "succeeded");
    assert!(row["attempt"].as_i64().unwrap() >= 2, "{row}");
}

#[test]
fn secrets_turn_and_deliveries_are_repeated() {
    let service = Service::start(&[LOCAL]);
    let receiver = Receiver::well();
    let webhook = make(&service, &receiver.url, &["scan.failed"]);
    let path = format!("{PATH}/{}", id(&webhook));
    let turned = service.ask("POST", &format!("{path}/rotate"));
    assert_eq!((turned.status, turned.header("cache-control")), (200, Some("no-store")));
    let turned = turned.json();
    assert!(
        turned["secret"] != webhook["secret"] && turned["previous_secret_until"].is_string() && turned["id"] == webhook["id"]
    );
    let first = test(&service, &webhook);
    let sent = receiver.wait(1).remove(0);
    let signature = sent.header("x-securescan-signature");
    assert_eq!(signature.matches(",v1=").count(), 2, "{signature}");
    for secret in [&turned["secret"], &webhook["secret"]] {
        assert!(verify(secret.as_str().unwrap(), signature, sent.body.as_bytes(), 300, now()));
    }

    delivery(&service, &webhook, &first, |row| row["status"] == "succeeded");
    let again = service.ask("POST", &format!("{path}/deliveries/{first}/redeliver"));
    assert_eq!(again.status, 202);
    let again = again.json();
    let second = again["delivery_id"].as_str().unwrap();
    assert_eq!(again, json!({"delivery_id": second, "webhook_id": webhook["id"], "event": "webhook.test"}));
    let sent = receiver.wait(2);
    assert_eq!(sent[1].header("x-securescan-delivery"), second);
    assert_ne!(second, first);
    assert_eq!(sent[1].json()["data"], sent[0].json()["data"]);
    let unknown = service.ask("POST", &format!("{path}/deliveries/none/redeliver"));
    assert_eq!((unknown.status, unknown.json()), (404, json!({"detail": "Delivery not found"})));

    let silent = Receiver::new(|_| None);
    change(&service, &webhook, &json!({"url": silent.url}));
    let third = test(&service, &webhook);
    silent.wait(1);
    let busy = service.ask("POST", &format!("{path}/deliveries/{third}/redeliver"));
    assert_eq!((busy.status, busy.json()), (409, json!({"detail": "Delivery is still under way"})));
    assert_eq!(deliveries(&service, &webhook)[0]["status"], "delivering");
    // Removed while something is under way.
    assert_eq!(service.ask("DELETE", &path).status, 204);
}

#[test]
fn one_silent_receiver_holds_up_nobody() {
    let service = Service::start(&[LOCAL]);
    let (silent, well) = (Receiver::new(|_| None), Receiver::well());
    let dead = make(&service, &silent.url, &["scan.failed"]);
    for _ in 0..25 {
        test(&service, &dead);
    }
    silent.wait(1);
    let alive = make(&service, &well.url, &["scan.failed"]);
    let queued: Vec<String> = (0..3).map(|_| test(&service, &alive)).collect();
    let order: Vec<String> = well.wait(3).iter().map(|s| s.header("x-securescan-delivery").to_owned()).collect();
    assert_eq!(order, queued);
    let tried: BTreeSet<String> = silent.all().iter().map(|s| s.header("x-securescan-delivery").to_owned()).collect();
    assert_eq!(tried.len(), 1, "one at a time");
}

#[test]
fn a_restart_sends_again_what_was_interrupted() {
    let service = Service::start(&[LOCAL]);
    let receiver = Receiver::new(|n| if n == 0 { None } else { status(200, "", "ok") });
    let webhook = make(&service, &receiver.url, &["scan.failed"]);
    let (first, second) = (test(&service, &webhook), test(&service, &webhook));
    receiver.wait(1);
    let folder = service.stop();
    let service = Service::start_in(folder, &[LOCAL], &ServeOptions::default()).unwrap();
    let order: Vec<String> = receiver.wait(3).iter().map(|s| s.header("x-securescan-delivery").to_owned()).collect();
    assert_eq!(order, [first.clone(), first, second.clone()]);
    delivery(&service, &webhook, &second, |row| row["status"] == "succeeded");
    assert!(service.log.text().contains("deliveries that were interrupted are sent again count=1"), "{}", service.log.text());
}

#[test]
fn private_addresses_are_refused_unless_allowed() {
    let service = Service::start(&[]);
    let receiver = Receiver::well();
    let webhook = make(&service, &receiver.url, &["scan.failed"]);
    let queued = test(&service, &webhook);
    let row = delivery(&service, &webhook, &queued, |row| row["attempt"] == 1);
    let why = row["response_body"].as_str().unwrap();
    assert!(why.starts_with("transport: refused: the host leads to a loopback address"), "{why}");
    assert_eq!((&row["response_code"], &row["status"]), (&json!(null), &json!("pending")));
    assert!(row["attempts"][0]["error"].is_string());
    assert!(receiver.all().is_empty());
    // The URL of a webhook can hold a secret, so no log shows it.
    assert!(!service.log.text().contains("/hook"), "{}", service.log.text());
    assert!(service.log.text().contains("a delivery did not arrive"));
}
