//! A running service and a client of few words.

use super::Project;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// A service over `data/scans.db` of a project. Ends with the value.
pub struct Service {
    child: Child,
    pub address: String,
}

impl Service {
    pub fn start(project: &Project, env: &[(&str, &str)]) -> Self {
        let args = ["serve", "--port", "0", "--database", "data/scans.db"];
        let mut child = super::command(project.path(), &args, env).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = lines
            .by_ref()
            .map(|line| line.unwrap())
            .find_map(|line| line.strip_prefix("securescan listening on http://").map(str::to_owned))
            .unwrap();
        // Somebody must read what it says, or it stops saying.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }

    pub fn ask(&self, method: &str, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        if head.to_ascii_lowercase().contains("transfer-encoding: chunked") { joined(body) } else { body.to_owned() }
    }

    pub fn scan(&self, path: &str) -> Value {
        let body = serde_json::json!({"target_path": path, "scan_types": ["code", "dependency", "iac", "baseline"]});
        serde_json::from_str(&self.ask("POST", "/api/v1/scans", &body.to_string())).unwrap()
    }

    pub fn get(&self, path: &str) -> Value {
        serde_json::from_str(&self.ask("GET", path, "")).unwrap()
    }

    pub fn ended(&self, id: &str) -> Value {
        let begun = Instant::now();
        loop {
            let scan = self.get(&format!("/api/v1/scans/{id}"));
            if !matches!(scan["status"].as_str(), Some("pending" | "running")) {
                return scan;
            }
            assert!(begun.elapsed() < Duration::from_secs(120), "{scan}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn signal(&mut self, signal: &str) -> Option<i32> {
        let sent = std::process::Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn joined(mut body: &str) -> String {
    let mut out = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        out.push_str(&rest[..size]);
        body = rest[size..].strip_prefix("\r\n").unwrap();
    }
    out
}
