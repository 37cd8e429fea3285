//! A stand-in for GitHub's REST API on the loopback: pages, limits, authors, refusals, and faults on demand.
#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_debug_implementations,
    reason = "tests"
)]

use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// The longest body; the largest review.
const BODY: usize = 65_536;
const BATCH: usize = 30;
pub const BOT: &str = "github-actions[bot]";
/// Put together here, so that no file holds it whole.
pub fn token() -> String {
    ["ghs", "_", "standInTokenThatIsNone0123456789abcdef"].concat()
}

/// What the next write meets.
#[derive(Clone)]
pub enum Fault {
    /// Status, headers, body; nothing is stored.
    Answer(u16, Vec<(&'static str, String)>, Value),
    /// The connection ends before anything is stored.
    Drop,
    /// Everything is stored, then the connection ends.
    StoreAndDrop,
    /// Everything is stored, then 502.
    StoreAndFail,
    /// As usual.
    None,
}

#[derive(Default)]
pub struct Store {
    pub comments: Vec<Value>,
    pub review_comments: Vec<Value>,
    pub reviews: Vec<Value>,
    pub analyses: Vec<Value>,
    pub writes: Vec<String>,
    pub reads: Vec<String>,
    pub faults: VecDeque<Fault>,
    pub read_faults: VecDeque<Fault>,
    /// Every request fails so from now on.
    pub always: Option<Fault>,
    pub refused_lines: Vec<u64>,
    next: u64,
}

pub struct GitHub {
    pub url: String,
    pub store: Arc<Mutex<Store>>,
}

impl GitHub {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/api/v3", listener.local_addr().unwrap());
        let store = Arc::new(Mutex::new(Store { next: 100, ..Store::default() }));
        let (shared, root) = (Arc::clone(&store), url.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (shared, root) = (Arc::clone(&shared), root.clone());
                std::thread::spawn(move || drop(serve(stream, &shared, &root)));
            }
        });
        Self { url, store }
    }

    pub fn with<T>(&self, look: impl FnOnce(&mut Store) -> T) -> T {
        look(&mut self.store.lock().unwrap())
    }

    pub fn writes(&self) -> usize {
        self.with(|s| s.writes.len())
    }
}

fn serve(stream: TcpStream, store: &Mutex<Store>, root: &str) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (mut length, mut authorized) = (0, false);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.trim().split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap(),
            "authorization" => authorized = value.trim() == format!("Bearer {}", token()),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let answered = if authorized { answer(&mut store.lock().unwrap(), &method, &target, &body, root) } else { Some(bad_token()) };
    let Some((status, headers, value)) = answered else { return Ok(()) };
    let text = if status == 204 { String::new() } else { value.to_string() };
    let mut head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n",
        text.len()
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    (&stream).write_all(format!("{head}\r\n{text}").as_bytes())
}

type Answered = (u16, Vec<(&'static str, String)>, Value);

fn bad_token() -> Answered {
    (401, vec![], json!({ "message": format!("Bad credentials {}", token()) }))
}

fn answer(store: &mut Store, method: &str, target: &str, body: &Value, root: &str) -> Option<Answered> {
    let path = target.strip_prefix("/api/v3").unwrap_or(target);
    let write = method != "GET";
    if write {
        store.writes.push(format!("{method} {path}"))
    } else {
        store.reads.push(path.to_owned())
    }
    let queue = if write { &mut store.faults } else { &mut store.read_faults };
    let fault = store.always.clone().or_else(|| queue.pop_front()).unwrap_or(Fault::None);
    match fault {
        Fault::Answer(status, headers, value) => Some((status, headers, value)),
        Fault::Drop => None,
        Fault::StoreAndDrop => {
            perform(store, method, path, body, root);
            None
        }
        Fault::StoreAndFail => {
            perform(store, method, path, body, root);
            Some((502, vec![], json!({ "message": "Server Error" })))
        }
        Fault::None => Some(perform(store, method, path, body, root)),
    }
}

fn perform(store: &mut Store, method: &str, path: &str, body: &Value, root: &str) -> Answered {
    let (plain, query) = path.split_once('?').unwrap_or((path, ""));
    let parts: Vec<&str> = plain.trim_start_matches('/').split('/').collect();
    if parts == ["user"] {
        return (403, vec![], json!({ "message": "Resource not accessible by integration" }));
    }
    if parts.get(..3) != Some(&["repos", "o", "r"]) {
        return (404, vec![], json!({ "message": "Not Found" }));
    }
    match (method, &parts[3..]) {
        ("GET", ["issues", "7", "comments"]) => page(&store.comments, plain, query, root),
        ("GET", ["pulls", "7", "comments"]) => page(&store.review_comments, plain, query, root),
        ("GET", ["pulls", "7", "reviews"]) => page(&store.reviews, plain, query, root),
        ("GET", ["code-scanning", "analyses"]) if store.analyses.is_empty() => {
            (404, vec![], json!({ "message": "no analysis found" }))
        }
        ("GET", ["code-scanning", "analyses"]) => (200, vec![], json!(store.analyses)),
        ("POST", ["issues", "7", "comments"]) => too_long(body).unwrap_or_else(|| {
            let entry = own(store, body);
            store.comments.push(entry.clone());
            (201, vec![], entry)
        }),
        ("PATCH", ["issues", "comments", id]) => update(&mut store.comments, id, body),
        ("PATCH", ["pulls", "comments", id]) => update(&mut store.review_comments, id, body),
        ("PUT", ["pulls", "7", "reviews", id]) => update(&mut store.reviews, id, body),
        ("PUT", ["pulls", "7", "reviews", id, "dismissals"]) => {
            let review = store.reviews.iter_mut().find(|r| r["id"].as_u64() == id.parse().ok()).unwrap();
            review["state"] = "DISMISSED".into();
            (200, vec![], review.clone())
        }
        ("POST", ["pulls", "7", "reviews"]) => review(store, body),
        ("POST", ["code-scanning", "sarifs"]) => upload(store, body),
        _ => (404, vec![], json!({ "message": "Not Found" })),
    }
}

fn own(store: &mut Store, body: &Value) -> Value {
    store.next += 1;
    json!({ "id": store.next, "user": { "login": BOT }, "body": body["body"].as_str().unwrap().trim_end() })
}

fn too_long(body: &Value) -> Option<Answered> {
    let units: usize = body["body"].as_str().unwrap_or_default().chars().map(char::len_utf16).sum();
    let refusal = json!({ "message": "Validation Failed", "errors": [{ "field": "body", "message": "body is too long (maximum is 65536 characters)" }] });
    (units > BODY).then(|| (422, vec![], refusal))
}

fn update(list: &mut [Value], id: &str, body: &Value) -> Answered {
    if let Some(refused) = too_long(body) {
        return refused;
    }
    match list.iter_mut().find(|e| e["id"].as_u64() == id.parse().ok()) {
        Some(entry) if entry["user"]["login"] != BOT => (403, vec![], json!({ "message": "Must have admin rights" })),
        Some(entry) => {
            entry["body"] = body["body"].clone();
            (200, vec![], entry.clone())
        }
        None => (404, vec![], json!({ "message": "Not Found" })),
    }
}

fn review(store: &mut Store, body: &Value) -> Answered {
    let comments = body["comments"].as_array().unwrap().clone();
    if body["commit_id"] != SHA {
        return (422, vec![], json!({ "message": "Unprocessable Entity", "errors": ["No commit found for SHA"] }));
    }
    if let Some(refused) = too_long(body).or_else(|| comments.iter().find_map(too_long)) {
        return refused;
    }
    if comments.iter().any(|c| store.refused_lines.contains(&c["line"].as_u64().unwrap())) {
        let why =
            json!({ "message": "Unprocessable Entity", "errors": ["Pull request review thread line must be part of the diff"] });
        return (422, vec![], why);
    }
    let mut entry = own(store, body);
    entry["state"] = match body["event"].as_str().unwrap() {
        "APPROVE" => "APPROVED",
        "REQUEST_CHANGES" => "CHANGES_REQUESTED",
        _ => "COMMENTED",
    }
    .into();
    store.reviews.push(entry.clone());
    for comment in comments.iter().take(BATCH) {
        assert!(comment["side"] == "RIGHT" && comment.get("position").is_none());
        let mut stored = own(store, comment);
        stored["line"] = comment["line"].clone();
        store.review_comments.push(stored);
    }
    if comments.len() > BATCH { (502, vec![], json!({ "message": "Server Error" })) } else { (200, vec![], entry) }
}

pub const SHA: &str = "0123456789abcdef0123456789abcdef01234567";

fn upload(store: &mut Store, body: &Value) -> Answered {
    use base64::Engine;
    let packed = base64::engine::general_purpose::STANDARD.decode(body["sarif"].as_str().unwrap()).unwrap();
    if packed.len() > 10_000_000 {
        return (413, vec![], json!({ "message": "too large" }));
    }
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_string(&mut text).unwrap();
    let log: Value = serde_json::from_str(&text).unwrap();
    let run = &log["runs"][0];
    let count = |list: &Value| list.as_array().map_or(0, Vec::len);
    store.analyses.push(json!({
        "commit_sha": body["commit_sha"], "ref": body["ref"], "error": "", "category": "",
        "results_count": count(&run["results"]), "rules_count": count(&run["tool"]["driver"]["rules"]),
        "tool": { "name": run["tool"]["driver"]["name"] },
    }));
    (202, vec![], json!({ "id": "x" }))
}

fn page(list: &[Value], path: &str, query: &str, root: &str) -> Answered {
    let get = |name: &str| query.split('&').find_map(|p| p.strip_prefix(name)?.strip_prefix('=')?.parse::<usize>().ok());
    let (size, number) = (get("per_page").unwrap_or(30).min(100), get("page").unwrap_or(1));
    let items: Vec<Value> = list.iter().skip((number - 1) * size).take(size).cloned().collect();
    let more = list.len() > number * size;
    let link = format!(
        "<{root}{path}?per_page={size}&page=1>; rel=\"first\", <{root}{path}?per_page={size}&page={}>; rel=\"next\"",
        number + 1
    );
    (200, if more { vec![("link", link)] } else { vec![] }, json!(items))
}
