//! Somebody who receives webhooks: a listener on a free port of loopback that keeps what it is sent.

use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// One request.
#[derive(Debug, Clone)]
pub struct Received {
    pub line: String,
    /// Lower-case names.
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Received {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// What it does with the n-th request, from 0.
type Reply = dyn Fn(usize) -> Option<String> + Send + Sync;

/// The listener. Its threads end with the process.
pub struct Receiver {
    pub url: String,
    received: Arc<Mutex<Vec<Received>>>,
}

/// A whole answer.
pub fn status(code: u16, headers: &str, body: &str) -> Option<String> {
    Some(format!("HTTP/1.1 {code} X\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len()))
}

impl Receiver {
    /// Always content.
    pub fn well() -> Self {
        Self::new(|_| status(200, "", "ok"))
    }

    /// Answers as it is told; with none it never does.
    pub fn new(reply: impl Fn(usize) -> Option<String> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let (out, reply): (_, Arc<Reply>) = (Arc::clone(&received), Arc::new(reply));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (out, reply) = (Arc::clone(&out), Arc::clone(&reply));
                std::thread::spawn(move || answer(stream.unwrap(), &out, &*reply));
            }
        });
        Self { url, received }
    }

    pub fn all(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// Waits until it has received so many; gives them all.
    pub fn wait(&self, count: usize) -> Vec<Received> {
        let begun = Instant::now();
        loop {
            let all = self.all();
            if all.len() >= count {
                return all;
            }
            assert!(begun.elapsed() < Duration::from_secs(90), "{count} expected: {all:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn answer(mut stream: TcpStream, out: &Mutex<Vec<Received>>, reply: &Reply) {
    let mut bytes = Vec::new();
    let mut chunk = [0; 8192];
    let request = loop {
        let count = stream.read(&mut chunk).unwrap_or(0);
        if count == 0 {
            return;
        }
        bytes.extend_from_slice(&chunk[..count]);
        if let Some(request) = whole(&bytes) {
            break request;
        }
    };
    let number = {
        let mut out = out.lock().unwrap();
        out.push(request);
        out.len() - 1
    };
    match reply(number) {
        Some(text) => drop(stream.write_all(text.as_bytes())),
        // Until the other side gives up.
        None => drop(stream.read(&mut chunk)),
    }
}

fn whole(bytes: &[u8]) -> Option<Received> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.split("\r\n");
    let line = lines.next()?.to_owned();
    let headers: BTreeMap<String, String> =
        lines.filter_map(|l| l.split_once(": ")).map(|(n, v)| (n.to_ascii_lowercase(), v.to_owned())).collect();
    let length: usize = headers.get("content-length")?.parse().ok()?;
    (body.len() >= length).then(|| Received { line, headers, body: body.to_owned() })
}
