//! Tools that are shell scripts, and a target that every driver has something to look at in.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use securescan_core::model::{Finding, ScanType, ScannerRun};
use securescan_core::scanners::{NoEvents, RawScan, ScanRequest, scan};
use std::ffi::OsStr;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// The scanners that run somebody else's program.
pub const TOOLS: &[&str] = &["semgrep", "bandit", "trivy", "checkov", "safety", "npm-audit", "nmap"];

/// Whether reports of a tool can be read, said aloud when not.
pub fn is_read(tool: &str) -> bool {
    let known = securescan_core::ingest::formats().any(|meta| meta.id == tool);
    if !known {
        eprintln!("skipped: reports of {tool} are not read");
    }
    known
}

/// A folder of pretended tools, which write down their numbers and what they were called with.
pub struct Fakes(pub tempfile::TempDir);

impl Fakes {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A tool that says its version, notes its number and then does what `script` says. Written by another process: a file
    /// this one holds open for writing could not be executed while another test forks.
    pub fn tool(&self, name: &str, script: &str) -> PathBuf {
        let path = self.path(name);
        let here = self.0.path().display();
        let text = format!(
            "#!/bin/sh\nif [ \"$1\" = --version ]; then echo \"{name} 1.2.3\"; exit 0; fi\necho $$ >> '{here}/pids'\n\
             HERE='{here}'; NAME='{name}'\nprintf '%s\\0' \"$@\" >> \"$HERE/argv.$NAME\"\n{script}\n"
        );
        let mut child = Command::new("/bin/sh")
            .args(["-c", "cat > \"$1\" && chmod 755 \"$1\"", "sh"])
            .arg(&path)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
        path
    }

    /// The arguments a tool was called with.
    pub fn argv(&self, name: &str) -> Vec<String> {
        let bytes = std::fs::read(self.path(&format!("argv.{name}"))).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        text.split_terminator('\0').map(str::to_owned).collect()
    }

    /// Numbers of tools, or of what they started, that still run. A killed process is gone a moment after the kill, so this
    /// looks again for a while before it says so.
    pub fn alive(&self) -> Vec<String> {
        let pids = std::fs::read_to_string(self.path("pids")).unwrap_or_default();
        let running = |pid: &&str| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            !stat.is_empty() && !stat.contains(") Z ")
        };
        let mut left: Vec<String> = Vec::new();
        for _ in 0..500 {
            left = pids.lines().filter(running).map(str::to_owned).collect();
            if left.is_empty() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        left
    }
}

/// Writes files into a folder.
pub fn write(root: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

pub const PYTHON: &str = "import subprocess\n\ndef run(cmd):\n    return subprocess.call(cmd, shell=True)\n";

/// Something for everybody.
pub const FILES: &[(&str, &str)] = &[
    ("app/a.py", PYTHON),
    ("app/requirements.txt", "flask==0.12.2\n"),
    ("web/package.json", "{\"name\": \"w\", \"version\": \"1.0.0\", \"dependencies\": {\"lodash\": \"4.17.4\"}}\n"),
    (
        "web/package-lock.json",
        "{\"name\": \"w\", \"version\": \"1.0.0\", \"lockfileVersion\": 3, \"packages\": {\"\": {\"name\": \"w\", \"version\": \"1.0.0\", \
         \"dependencies\": {\"lodash\": \"4.17.4\"}}, \"node_modules/lodash\": {\"version\": \"4.17.4\"}}}\n",
    ),
    ("infra/main.tf", "resource \"aws_s3_bucket\" \"b\" {\n  bucket = \"x\"\n}\n"),
    ("infra/Dockerfile", "FROM ubuntu:latest\nUSER root\n"),
    ("rules/r.yaml", "rules:\n- {id: r, languages: [python], severity: ERROR, message: m, pattern: subprocess.call(...)}\n"),
];

/// A request for everything, with every tool at `tool`.
pub fn request(root: &Path, tool: &Path) -> ScanRequest {
    let mut request = ScanRequest::new(root);
    request.target_host = Some("127.0.0.1".to_owned());
    request.types = vec![ScanType::Code, ScanType::Dependency, ScanType::Iac, ScanType::Network];
    request.semgrep_rules = vec![root.join("rules/r.yaml")];
    for name in TOOLS.iter().chain(&["gitleaks"]) {
        request.tool_paths.insert((*name).to_owned(), tool.to_owned());
        request.scanner_timeouts.insert((*name).to_owned(), Duration::from_secs(60));
    }
    request
}

pub fn run(request: &ScanRequest) -> RawScan {
    scan(request, &NoEvents).unwrap()
}

/// One scanner's line of the coverage.
pub fn line<'a>(raw: &'a RawScan, name: &str) -> &'a ScannerRun {
    raw.coverage.iter().find(|line| line.name == name).unwrap()
}

/// Findings of the engine's own scanners, those of gitleaks aside.
pub fn own(raw: &RawScan) -> Vec<&Finding> {
    let theirs =
        |f: &&Finding| !TOOLS.contains(&f.scanner.as_str()) && !f.rule_id.as_deref().unwrap_or_default().starts_with("gitleaks/");
    raw.findings.iter().filter(theirs).collect()
}

/// Where real tools are: the folder named by `SECURESCAN_TEST_TOOLS`, which `cargo xtask check tools` fills.
pub fn real_tools() -> Option<PathBuf> {
    let folder = std::env::var_os("SECURESCAN_TEST_TOOLS").map(PathBuf::from).filter(|folder| folder.is_dir());
    if folder.is_none() {
        eprintln!("skipped: SECURESCAN_TEST_TOOLS names no folder of real tools");
    }
    folder
}

/// A real tool, said aloud when it is not there.
pub fn real_tool(program: &str) -> Option<PathBuf> {
    let path = real_tools()?.join(program);
    let is_there = path.exists();
    if !is_there {
        eprintln!("skipped: no {program} in the folder of real tools");
    }
    is_there.then_some(path)
}

/// Whether this process was started by [`again`].
pub fn is_again() -> bool {
    std::env::var_os("SECURESCAN_TEST_AGAIN").is_some()
}

/// Runs the test of this name again as a process of its own, whose environment and working folder can be chosen; gives what it
/// printed.
#[track_caller]
pub fn again(test: &str, cwd: &Path, env: &[(&str, &OsStr)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).current_dir(cwd).env("SECURESCAN_TEST_AGAIN", "1").envs(env.iter().copied());
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}{errors}", String::from_utf8_lossy(&output.stdout));
    eprint!("{errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// A service on a loopback port that stands in for one of the network, and counts who asks.
pub struct StandIn {
    pub port: u16,
    asked: Arc<AtomicUsize>,
}

impl StandIn {
    /// Answers each request, by its path and body, with JSON; `None` is 404.
    pub fn new(answer: impl Fn(&str, &str) -> Option<String> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, asked) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
        let count = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::SeqCst);
                // Who hangs up early has what it wants.
                let _ = serve(stream, &answer);
            }
        });
        Self { port, asked }
    }

    /// How many connections there were.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }
}

fn serve(mut stream: TcpStream, answer: &impl Fn(&str, &str) -> Option<String>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let (mut bytes, mut chunk) = (Vec::new(), [0; 8192]);
    let (head, body) = loop {
        let read = stream.read(&mut chunk)?;
        bytes.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let whole = text.split_once("\r\n\r\n").filter(|(head, _)| {
            let length = |line: &str| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse::<usize>().ok();
            let start = bytes.windows(4).position(|w| w == b"\r\n\r\n").unwrap_or(0) + 4;
            match head.lines().find_map(length) {
                Some(length) => bytes.len() - start >= length,
                None => !head.to_ascii_lowercase().contains("chunked") || bytes.ends_with(b"0\r\n\r\n"),
            }
        });
        match whole {
            Some((head, body)) => break (head.to_owned(), body.to_owned()),
            None if read == 0 => return Ok(()),
            None => {}
        }
    };
    let path = head.split(' ').nth(1).unwrap_or_default();
    let (status, text) = match answer(path, &body) {
        Some(text) => ("200 OK", text),
        None => ("404 Not Found", "{}".to_owned()),
    };
    let length = text.len();
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    stream.write_all(text.as_bytes())
}
