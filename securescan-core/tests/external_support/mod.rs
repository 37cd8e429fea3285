//! Tools that are shell scripts, and a target that every driver has something to look at in.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use securescan_core::model::{Finding, ScanType, ScannerRun};
use securescan_core::scanners::{NoEvents, RawScan, ScanRequest, scan};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
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

    /// Numbers of tools, or of what they started, that still run.
    pub fn alive(&self) -> Vec<String> {
        let pids = std::fs::read_to_string(self.path("pids")).unwrap_or_default();
        let running = |pid: &&str| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            !stat.is_empty() && !stat.contains(") Z ")
        };
        pids.lines().filter(running).map(str::to_owned).collect()
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
