//! A throw-away project folder and the binary run over it, with a clean environment.
#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::new_without_default,
    missing_debug_implementations,
    reason = "each test file uses a part of it"
)]

#[cfg(unix)]
pub mod service;

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
    if let Some(value) = std::env::var_os("TMPDIR") {
        command.env("TMPDIR", value);
    }
    for tool in TOOLS {
        command.env(format!("SECURESCAN_{tool}_PATH"), NO_TOOL);
    }
    command.env("PATH", only_git()).env("HOME", cwd).envs(env.iter().copied());
    command
}

/// Other people's scanners, by the variable that names each: a scan here must do the same on every machine, and call nobody.
const TOOLS: &[&str] = &["SEMGREP", "BANDIT", "TRIVY", "CHECKOV", "SAFETY", "NPM", "GITLEAKS", "NMAP"];

const NO_TOOL: &str = "/no/such/tool";

/// What is said of a tool that is named and is not there, as it is said of one that nobody names.
pub fn as_not_installed(text: &str) -> String {
    TOOLS.iter().fold(text.to_owned(), |text, tool| {
        text.replace(&format!("`{NO_TOOL}`, named in `SECURESCAN_{tool}_PATH`, is not an executable file"), "not installed")
    })
}

/// A folder in which git is and nothing else.
fn only_git() -> &'static Path {
    static FOLDER: std::sync::OnceLock<PathBuf> = std::sync::OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("only-git-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let name = format!("git{}", std::env::consts::EXE_SUFFIX);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let git = std::env::split_paths(&path).map(|folder| folder.join(&name)).find(|path| path.is_file());
        #[cfg(unix)]
        if let Some(git) = git {
            let _ = std::fs::remove_file(folder.join(&name));
            std::os::unix::fs::symlink(git, folder.join(&name)).unwrap();
        }
        // Elsewhere a link needs rights that not everybody has; the folder of git holds no scanner.
        #[cfg(not(unix))]
        if let Some(folder) = git.as_deref().and_then(Path::parent) {
            return folder.to_path_buf();
        }
        folder
    })
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
