//! Verdicts and comments: section 11.9 of the server specification.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

mod common;

use common::{Service, target};
use serde_json::{Value, json};

const KEY: (&str, &str) = ("SECURESCAN_API_KEY", "the-key");

/// A text as one part of a path.
fn part(text: &str) -> String {
    text.bytes().map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

fn state(fingerprint: &str) -> String {
    format!("/api/v1/findings/{}/state", part(fingerprint))
}

fn comments(fingerprint: &str) -> String {
    format!("/api/v1/findings/{}/comments", part(fingerprint))
}

fn patch(service: &Service, path: &str, body: &Value) -> common::Answer {
    service.with_key("PATCH", path, None, Some(body))
}

#[test]
fn a_verdict_replaces_the_one_before() {
    let service = Service::start(&[KEY]);
    let patch = |body: Value| service.with_key("PATCH", &state("ab12"), Some(KEY.1), Some(&body));
    let given = patch(json!({"status": "false_positive", "note": "in a test", "updated_by": "alice", "unknown": 1}));
    let verdict = given.json();
    let expected = json!({
        "fingerprint": "ab12", "status": "false_positive", "note": "in a test", "updated_at": verdict["updated_at"],
        "updated_by": "alice", "principal": "env", "regressed_at": null,
    });
    assert_eq!((given.status, &verdict), (200, &expected));
    assert_eq!(verdict["updated_at"].as_str().unwrap().len(), 26);
    // What is absent is cleared.
    let verdict = patch(json!({"status": "wont_fix"})).json();
    assert_eq!((&verdict["note"], &verdict["updated_by"]), (&json!(null), &json!(null)));
    for status in ["new", "triaged", "false_positive", "accepted_risk", "fixed", "wont_fix"] {
        assert_eq!(patch(json!({"status": status, "note": null})).json()["status"], status);
    }
}

#[test]
fn what_is_wrong_with_a_body() {
    let service = Service::start(&[]);
    let expected = "'new', 'triaged', 'false_positive', 'accepted_risk', 'fixed' or 'wont_fix'";
    for (body, item) in [
        (json!({}), json!({"type": "missing", "loc": ["body", "status"], "msg": "Field required", "input": {}})),
        (
            json!({"status": "open"}),
            json!({"type": "enum", "loc": ["body", "status"], "msg": format!("Input should be {expected}"), "input": "open",
                   "ctx": {"expected": expected}}),
        ),
        (
            json!({"status": "fixed", "note": 5}),
            json!({"type": "string_type", "loc": ["body", "note"], "msg": "Input should be a valid string", "input": 5}),
        ),
    ] {
        let answer = patch(&service, &state("x"), &body);
        assert_eq!((answer.status, answer.json()), (422, json!({"detail": [item]})), "{body}");
    }
    let wrong = |answer: common::Answer, kind: &str, loc: Value| {
        let item = &answer.json()["detail"][0];
        assert_eq!((answer.status, &item["type"], &item["loc"]), (422, &json!(kind), &loc), "{item}");
    };
    let long = "x".repeat(10_001);
    wrong(patch(&service, &state("x"), &json!({"status": ["new"]})), "enum", json!(["body", "status"]));
    wrong(patch(&service, &state("x"), &json!({"status": "new", "note": long})), "string_too_long", json!(["body", "note"]));
    let name = "x".repeat(201);
    wrong(
        patch(&service, &state("x"), &json!({"status": "new", "updated_by": name})),
        "string_too_long",
        json!(["body", "updated_by"]),
    );
    let far = "f".repeat(513);
    wrong(patch(&service, &state(&far), &json!({"status": "new"})), "string_too_long", json!(["path", "fingerprint"]));
    let post = |body: &Value| service.post(&comments("x"), body);
    wrong(post(&json!({})), "missing", json!(["body", "text"]));
    wrong(post(&json!({"text": ""})), "string_too_short", json!(["body", "text"]));
    wrong(post(&json!({"text": " \n"})), "string_too_short", json!(["body", "text"]));
    wrong(post(&json!({"text": long})), "string_too_long", json!(["body", "text"]));
    wrong(post(&json!({"text": 1})), "string_type", json!(["body", "text"]));
    wrong(post(&json!({"text": "x", "author": name})), "string_too_long", json!(["body", "author"]));
    wrong(service.send("POST", &comments("x"), &[("Content-Type", "application/json")], b""), "missing", json!(["body"]));
    assert_eq!(post(&json!({"text": "x".repeat(1 << 20)})).status, 413);
    assert_eq!(post(&json!({"text": "é".repeat(10_000)})).status, 201);
    assert_eq!(service.send("PATCH", &state("x"), &[("Content-Type", "application/json")], b"\xff").status, 400);
}

#[test]
fn comments_belong_to_their_finding() {
    let service = Service::start(&[KEY]);
    let ask = |method: &str, path: &str, body: Option<Value>| service.with_key(method, path, Some(KEY.1), body.as_ref());
    assert_eq!(ask("GET", &comments("ff"), None).json(), json!([]));
    let made = ask("POST", &comments("ff"), Some(json!({"text": "first", "author": "bob"})));
    let first = made.json();
    let expected = json!({"id": first["id"], "fingerprint": "ff", "text": "first", "author": "bob", "created_at": first["created_at"], "principal": "env"});
    assert_eq!((made.status, &first), (201, &expected));
    assert_eq!(first["id"].as_str().unwrap().len(), 36);
    let second = ask("POST", &comments("ff"), Some(json!({"text": "second"}))).json();
    assert_eq!(ask("GET", &comments("ff"), None).json(), json!([first, second]));
    let page = ask("GET", &format!("{}?limit=1", comments("ff")), None);
    assert_eq!((page.json(), page.header("x-total-count")), (json!([first]), Some("2")));
    let next = page.header("link").unwrap().split(['<', '>']).nth(1).unwrap().to_owned();
    let page = ask("GET", &next, None);
    assert_eq!((page.json(), page.header("link")), (json!([second]), None));
    let id = first["id"].as_str().unwrap();
    // Another finding's comment is not there.
    for path in [format!("{}/{id}", comments("other")), format!("{}/nope", comments("ff"))] {
        let gone = ask("DELETE", &path, None);
        assert_eq!((gone.status, gone.json()), (404, json!({"detail": "Comment not found"})), "{path}");
    }
    assert_eq!(ask("DELETE", &format!("{}/{id}", comments("ff")), None).status, 204);
    assert_eq!(ask("DELETE", &format!("{}/{id}", comments("ff")), None).status, 404);
    assert_eq!(ask("GET", &comments("ff"), None).json(), json!([second]));
}

#[test]
fn any_text_is_a_fingerprint() {
    let service = Service::start(&[]);
    let odd = ["x' OR '1'='1", "%", "_", "a;DROP TABLE finding_states;--", "nul\0in it", "é\u{202e}", "a/b", "\"", "\\"];
    for (n, fingerprint) in odd.iter().enumerate() {
        let text = format!("text {n} ' \" \0 %");
        let verdict = patch(&service, &state(fingerprint), &json!({"status": "fixed", "note": text}));
        assert_eq!((verdict.status, &verdict.json()["fingerprint"]), (200, &json!(fingerprint)), "{}", verdict.text());
        assert_eq!(service.post(&comments(fingerprint), &json!({"text": text})).status, 201);
        let said = service.get(&comments(fingerprint)).json();
        assert_eq!((said.as_array().unwrap().len(), &said[0]["text"]), (1, &json!(text)), "{fingerprint:?}");
    }
}

/// A verdict stays with its finding over scans, survives the scan, and tells when what was fixed came back.
#[test]
fn verdicts_over_scans() {
    let service = Service::start(&[]);
    let target = target(service.folder.path());
    let findings = |scan: &Value| -> Vec<Value> {
        let path = format!("/api/v1/scans/{}/findings", scan["id"].as_str().unwrap());
        service.get(&path).json().as_array().unwrap().clone()
    };
    let scan = service.scan(&target, &["iac"]);
    let found = findings(&scan);
    let print = found[0]["fingerprint"].as_str().unwrap().to_owned();
    let other = found[1]["fingerprint"].as_str().unwrap().to_owned();
    assert_eq!(found[0]["state"], Value::Null);
    let verdict = patch(&service, &state(&print), &json!({"status": "fixed", "note": "in 42"})).json();
    patch(&service, &state(&other), &json!({"status": "accepted_risk"}));
    assert_eq!(findings(&scan)[0]["state"], verdict);
    assert_eq!(service.ask("DELETE", &format!("/api/v1/scans/{}", scan["id"].as_str().unwrap())).status, 204);

    // It is still there: the verdict stays what it is, and says so.
    let scan = service.scan(&target, &["iac"]);
    let found = findings(&scan);
    let back = &found.iter().find(|f| f["fingerprint"] == print).unwrap()["state"];
    assert_eq!((&back["status"], &back["note"]), (&json!("fixed"), &json!("in 42")));
    assert_eq!(back["regressed_at"], scan["completed_at"]);
    let kept = &found.iter().find(|f| f["fingerprint"] == other).unwrap()["state"];
    assert_eq!((&kept["status"], &kept["regressed_at"]), (&json!("accepted_risk"), &json!(null)));
    // The first return is the one that is told; a new verdict ends it.
    let first = back["regressed_at"].clone();
    let scan = service.scan(&target, &["iac"]);
    assert_eq!(findings(&scan).iter().find(|f| f["fingerprint"] == print).unwrap()["state"]["regressed_at"], first);
    assert_eq!(patch(&service, &state(&print), &json!({"status": "triaged"})).json()["regressed_at"], Value::Null);
    assert_eq!(findings(&scan).iter().find(|f| f["fingerprint"] == print).unwrap()["state"]["regressed_at"], Value::Null);
}
