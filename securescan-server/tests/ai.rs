//! The language model: asked when asked for, told no secret, and kept beside the findings.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

mod common;

use common::Service;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// What a model was asked: head and body of each request.
type Asked = Arc<Mutex<Vec<(String, Value)>>>;

/// A model that gives one answer.
fn model(status: &'static str, answer: String) -> (String, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1/", listener.local_addr().unwrap());
    let asked = Asked::default();
    let heard = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let (heard, answer) = (Arc::clone(&heard), answer.clone());
            std::thread::spawn(move || {
                let mut reader = BufReader::new(stream);
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") {
                    if reader.read_line(&mut head).unwrap_or(0) == 0 {
                        return;
                    }
                }
                let lower = head.to_ascii_lowercase();
                let length = lower.lines().find_map(|l| l.strip_prefix("content-length: ")).unwrap().parse().unwrap();
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                heard.lock().unwrap().push((head, serde_json::from_slice(&body).unwrap()));
                let length = answer.len();
                let mut stream = reader.into_inner();
                let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{answer}");
            });
        }
    });
    (url, asked)
}

fn says(text: &str) -> String {
    json!({"choices": [{"message": {"role": "assistant", "content": text}}]}).to_string()
}

fn scan(service: &Service, ai: Value) -> (Value, Value) {
    let target = common::target(service.folder.path());
    let begun = service.post("/api/v1/scans", &json!({"target_path": target, "scan_types": ["code", "iac"], "ai": ai}));
    assert_eq!(begun.status, 200, "{}", begun.text());
    let scan = service.ended(begun.json()["id"].as_str().unwrap());
    assert_eq!(scan["status"], "completed", "{scan}");
    let findings = service.get(&format!("/api/v1/scans/{}/findings", scan["id"].as_str().unwrap())).json();
    (scan, findings)
}

#[test]
fn a_model_is_asked_when_asked_for() {
    let (url, asked) = model("200 OK", says("  Take the key out.\u{1b}[31m <script>alert(1)</script>  "));
    let service =
        Service::start(&[("SECURESCAN_AI_URL", &url), ("SECURESCAN_AI_KEY", "sk-of-the-model"), ("SECURESCAN_AI_MODEL", "m")]);
    let (plain_scan, plain) = scan(&service, Value::Null);
    assert!(plain_scan["summary"].is_null() && asked.lock().unwrap().is_empty());

    let (told, findings) = scan(&service, json!(true));
    assert_eq!(told["summary"], "Take the key out.[31m <script>alert(1)</script>");
    let worst = |f: &&Value| matches!(f["severity"].as_str(), Some("critical" | "high"));
    let advised: Vec<&Value> = findings.as_array().unwrap().iter().filter(|f| f.get("ai_remediation").is_some()).collect();
    assert!(!advised.is_empty() && advised.len() == findings.as_array().unwrap().iter().filter(worst).count());
    assert!(advised.iter().all(|f| f["ai_remediation"]["model"] == "m" && f["ai_remediation"]["text"] == told["summary"]));
    // Beside the findings: without it they are what they were.
    let bare = |list: &Value| {
        let mut list = list.as_array().unwrap().clone();
        for finding in &mut list {
            let finding = finding.as_object_mut().unwrap();
            finding.remove("ai_remediation");
            finding.remove("scan_id");
        }
        list
    };
    assert_eq!(bare(&findings), bare(&plain));
    let one = told["id"].as_str().unwrap();
    for format in ["sarif", "html"] {
        let report = service.get(&format!("/api/v1/scans/{one}/report?format={format}")).text();
        assert!(!report.contains("Take the key out"), "{format}");
    }

    let requests = asked.lock().unwrap();
    let key = ["AKIA", "Z3X7QWERTYUIOPAS"].concat();
    for (head, body) in requests.iter() {
        assert!(head.starts_with("POST /v1/chat/completions HTTP/1.1\r\n"), "{head}");
        assert!(head.to_ascii_lowercase().contains("authorization: bearer sk-of-the-model\r\n"));
        assert_eq!((&body["model"], &body["temperature"]), (&json!("m"), &json!(0)));
        let sent = body.to_string();
        assert!(!sent.contains(&key) && !sent.contains("hunter2hunter2"), "{sent}");
        let user: Value = serde_json::from_str(body["messages"][1]["content"].as_str().unwrap()).unwrap();
        assert!(user.is_object());
    }
    let log = service.log.text();
    assert!(!log.contains("sk-of-the-model"));
}

#[test]
fn a_model_that_fails_costs_nothing_but_its_words() {
    for (status, answer) in [
        ("500 Oops", says("x")),
        ("200 OK", "{".to_owned()),
        ("200 OK", "{}".to_owned()),
        ("200 OK", says(" \n ")),
        ("302 Found\r\nLocation: http://127.0.0.1:1/", String::new()),
        ("200 OK", "x".repeat(1 << 20)),
    ] {
        let (url, asked) = model(status, answer);
        let service = Service::start(&[("SECURESCAN_AI_URL", &url)]);
        let (told, findings) = scan(&service, json!(true));
        assert!(told["summary"].is_null() && told["error"].is_null(), "{status}");
        assert!(findings.as_array().unwrap().iter().all(|f| f.get("ai_remediation").is_none()));
        assert!(asked.lock().unwrap().iter().all(|(head, _)| !head.to_ascii_lowercase().contains("authorization")));
        assert!(service.log.text().contains("the model did not answer"), "{status}");
    }
}

#[test]
fn without_a_model_or_in_ci_asking_is_refused() {
    let target = json!("/tmp");
    for (pairs, why) in [
        (&[][..], "not set up"),
        (&[("SECURESCAN_AI_KEY", " ")][..], "not set up"),
        (&[("CI", "true"), ("SECURESCAN_GROQ_API_KEY", "gsk_x")][..], "off where CI is set"),
    ] {
        let service = Service::start(pairs);
        let refused = service.post("/api/v1/scans", &json!({"target_path": target, "ai": true}));
        assert!(refused.status == 400 && refused.text().contains(why), "{}", refused.text());
        let odd = service.post("/api/v1/scans", &json!({"target_path": target, "ai": "yes"}));
        assert_eq!((odd.status, &odd.json()["detail"][0]["type"]), (422, &json!("bool_type")));
    }
}
