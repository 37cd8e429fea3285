//! A service on a free port of loopback, and a client of few words.
#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    missing_debug_implementations,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "each test file uses a part of it"
)]

pub mod receiver;

use securescan_server::{Format, Level, Log, ServeOptions, Settings, StartError, serve_until};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Where log lines of a test go.
#[derive(Clone, Default)]
pub struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Lines {
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// A running service. Ends with the value.
pub struct Service {
    pub address: SocketAddr,
    pub folder: Arc<tempfile::TempDir>,
    pub log: Lines,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Result<(), StartError>>>,
}

/// Settings of pairs, with a database in a folder.
pub fn settings(folder: &Path, pairs: &[(&str, &str)]) -> Settings {
    let database = folder.join("data/scans.db").to_str().unwrap().to_owned();
    Settings::read(&|name| match pairs.iter().find(|(n, _)| *n == name) {
        Some((_, value)) => Some((*value).to_owned()),
        None if name == "SECURESCAN_DB_PATH" => Some(database.clone()),
        None => None,
    })
    .unwrap()
}

impl Service {
    pub fn start(pairs: &[(&str, &str)]) -> Self {
        Self::start_in(Arc::new(tempfile::tempdir().unwrap()), pairs, &ServeOptions::default()).unwrap()
    }

    pub fn start_in(folder: Arc<tempfile::TempDir>, pairs: &[(&str, &str)], options: &ServeOptions) -> Result<Self, StartError> {
        let settings = settings(folder.path(), pairs);
        let format = if pairs.contains(&("SECURESCAN_LOG_FORMAT", "json")) { Format::Json } else { Format::Text };
        let lines = Lines::default();
        let log = Log::to(Box::new(lines.clone()), Level::Debug, format);
        let (stop, stopped) = oneshot::channel::<()>();
        let (ready, address) = mpsc::channel();
        let options = ServeOptions { port: 0, ..options.clone() };
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(async {
                let stop = async {
                    let _ = stopped.await;
                };
                let said = move |address| {
                    let _ = ready.send(address);
                };
                serve_until(&options, settings, log, said, stop).await
            })
        });
        match address.recv() {
            Ok(address) => Ok(Self { address, folder, log: lines, stop: Some(stop), thread: Some(thread) }),
            Err(_) => Err(thread.join().unwrap().unwrap_err()),
        }
    }

    /// Stops it in good order and gives its folder.
    pub fn stop(mut self) -> Arc<tempfile::TempDir> {
        drop(self.stop.take());
        self.thread.take().unwrap().join().unwrap().unwrap();
        Arc::clone(&self.folder)
    }

    pub fn ask(&self, method: &str, path: &str) -> Answer {
        self.send(method, path, &[], b"")
    }

    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path)
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.with_key("POST", path, None, Some(body))
    }

    pub fn with_key(&self, method: &str, path: &str, key: Option<&str>, body: Option<&Value>) -> Answer {
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut headers = Vec::new();
        if !body.is_empty() {
            headers.push(("Content-Type", "application/json"));
        }
        headers.extend(key.map(|key| ("X-API-Key", key)));
        self.send(method, path, &headers, body.as_bytes())
    }

    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n",
            self.host(headers),
            body.len()
        );
        for (name, value) in headers.iter().filter(|(name, _)| *name != "Host") {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        self.raw(&[request.as_bytes(), body].concat())
    }

    fn host(&self, headers: &[(&str, &str)]) -> String {
        headers.iter().find(|(name, _)| *name == "Host").map_or_else(|| self.address.to_string(), |(_, host)| (*host).to_owned())
    }

    /// Sends bytes as they are.
    pub fn raw(&self, bytes: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        // A server that refuses a body may close before it has it all.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        Answer::read(&answer)
    }

    /// Starts a scan and waits for its end.
    pub fn scan(&self, target: &Path, types: &[&str]) -> Value {
        let body = serde_json::json!({"target_path": target, "scan_types": types});
        let begun = self.post("/api/v1/scans", &body);
        assert_eq!(begun.status, 200, "{}", begun.text());
        self.ended(begun.json()["id"].as_str().unwrap())
    }

    /// Waits for the end of a scan.
    pub fn ended(&self, id: &str) -> Value {
        let begun = Instant::now();
        loop {
            let scan = self.get(&format!("/api/v1/scans/{id}")).json();
            if !matches!(scan["status"].as_str(), Some("pending" | "running")) {
                return scan;
            }
            assert!(begun.elapsed() < Duration::from_secs(120), "{scan}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Answer {
    fn read(bytes: &[u8]) -> Self {
        let end = bytes
            .windows(4)
            .position(|w| w == b"\r\n\r\n")
            .unwrap_or_else(|| panic!("no answer: {}", String::from_utf8_lossy(bytes)));
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
            let all = headers.entry(name.to_ascii_lowercase()).or_default();
            *all = if all.is_empty() { value.to_owned() } else { format!("{all}, {value}") };
        }
        let body = &bytes[end + 4..];
        let chunked = headers.get("transfer-encoding").is_some_and(|v| v == "chunked");
        Self { status, headers, body: if chunked { joined(body) } else { body.to_vec() } }
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {} {}", self.status, self.text()))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

fn joined(mut body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some(end) = body.windows(2).position(|w| w == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&body[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            break;
        }
        out.extend_from_slice(&body[end + 2..end + 2 + size]);
        body = &body[end + 4 + size..];
    }
    out
}

/// A folder with something to find: two secrets and a Dockerfile.
pub fn target(folder: &Path) -> PathBuf {
    let target = folder.join("demo");
    std::fs::create_dir_all(target.join("svc")).unwrap();
    std::fs::write(target.join("Dockerfile"), "FROM ubuntu:latest\nENV PASSWORD=hunter2hunter2\nRUN curl http://x | sh\n")
        .unwrap();
    let key = ["AKIA", "Z3X7QWERTYUIOPAS"].concat();
    std::fs::write(target.join("svc/app.py"), format!("import os\nkey = '{key}'\n")).unwrap();
    target
}
