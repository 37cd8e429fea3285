//! A throw-away project folder and the binary run over it, with a clean environment.
#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::new_without_default,
    missing_debug_implementations,
    reason = "each test file uses a part of it"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

pub struct Project {
    dir: tempfile::TempDir,
}

/// A token of GitHub's shape with a right checksum, put together here so that no source file holds it whole.
pub fn github_token() -> String {
    ["ghp", "_", "zQWBuTSOoRi4A9spHcVY", "5ncnsDkxkJ", "0mLq17"].concat()
}

pub fn aws_key() -> String {
    ["AKIA", "Z7QX4MTPLWDN", "3KVB"].concat()
}

impl Project {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) -> &Self {
        let full = self.path().join(path);
        std::fs::create_dir_all(full.parent().unwrap()).unwrap();
        std::fs::write(full, text).unwrap();
        self
    }

    pub fn git(&self, args: &[&str]) -> &Self {
        let base = [
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.org",
            "-c",
            "commit.gpgsign=false",
            "-c",
            "init.defaultBranch=main",
        ];
        let out = Command::new("git").args(base).args(args).current_dir(self.path()).output().unwrap();
        assert!(out.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&out.stderr));
        self
    }

    pub fn run(&self, args: &[&str]) -> Run {
        run_in(self.path(), args, &[])
    }

    pub fn run_with_input(&self, args: &[&str], input: &str) -> Run {
        use std::io::Write;
        let mut command = command(self.path(), args, &[]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        finish(child.wait_with_output().unwrap())
    }
}

pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {}", self.stdout))
    }

    pub fn rules(&self) -> Vec<String> {
        self.json().as_array().unwrap().iter().filter_map(|f| f["rule_id"].as_str().map(str::to_owned)).collect()
    }
}

pub fn binary() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_securescan"))
}

pub fn command(cwd: &Path, args: &[&str], env: &[(&str, &str)]) -> Command {
    let mut command = Command::new(binary());
    command.args(args).current_dir(cwd).env_clear().stdin(Stdio::null());
    for name in ["PATH", "TMPDIR"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command.env("HOME", cwd).envs(env.iter().copied());
    command
}

pub fn run_in(cwd: &Path, args: &[&str], env: &[(&str, &str)]) -> Run {
    finish(command(cwd, args, env).output().unwrap())
}

pub fn finish(out: Output) -> Run {
    Run {
        code: out.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&out.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&out.stderr).into_owned(),
    }
}
