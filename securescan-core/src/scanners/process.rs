//! The process runner: the only place that spawns. No shell around what it runs, own process group, environment by allow-list,
//! time and output limits, ended as a group.
//!
//! A tool never outlives its run: not a limit, a cancellation, a panic, an early return, nor (on Unix) the death of this
//! process.

mod group;
mod lookup;
mod spool;
mod stream;

pub(crate) use lookup::{executable, is_executable, is_inside, on_path, search_path};
pub(crate) use stream::{Stream, stream};

use super::Cancel;
use crate::{Error, ErrorKind, Result};
use group::Group;
use spool::{Spool, Tail};
use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Environment variables a child may see besides PATH and its home; everything else is withheld.
pub const ENV_ALLOWED: &[&str] = &[
    "LANG",
    "LC_ALL",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "SystemRoot",
];

/// Where a child's own files go: variables that name the home of the person, its parts, and the place of temporary files.
const ENV_HOME: &[&str] = &[
    "HOME",
    "XDG_CONFIG_HOME",
    "XDG_CACHE_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "TMPDIR",
    "TMP",
    "TEMP",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
];

/// Those of the person's own that a child sees when it is given no other home.
const ENV_OWN_HOME: &[&str] = &["HOME", "TMPDIR", "USERPROFILE"];

/// How long a program that was asked to end may take before it is killed.
pub(crate) const GRACE: Duration = Duration::from_secs(5);

/// The most a program may write, in bytes, unless its run says otherwise.
pub(crate) const MAX_STDOUT: u64 = 256 << 20;

/// The longest quotation of a program's words in a message, in characters.
const SAID: usize = 300;

/// One run of a program.
#[derive(Debug)]
pub(crate) struct Run<'a> {
    /// Program: an absolute path, or a name that is looked for on PATH, never inside `cwd`.
    pub program: &'a Path,
    /// Arguments.
    pub args: Vec<OsString>,
    /// Working folder.
    pub cwd: PathBuf,
    /// Written to standard input, which is then closed; empty: there is none.
    pub stdin: Vec<u8>,
    /// Extra environment. Names of ours and of credentials are left out.
    pub env: Vec<(&'static str, OsString)>,
    /// What the program takes for the home of the person and for the place of temporary files; `None`: the real ones.
    pub home: Option<PathBuf>,
    /// More output than this is an error, in bytes.
    pub max_stdout: u64,
    /// Time between asking the program to end and killing it.
    pub grace: Duration,
    /// Whether it is ended when this process dies, too, at the cost of one more small process.
    pub watched: bool,
    /// Stops the program.
    pub cancel: Cancel,
}

/// What a program said.
#[derive(Debug)]
pub(crate) struct Output {
    /// Exit code; `None` when killed by a signal.
    pub code: Option<i32>,
    /// Standard output, whole.
    pub stdout: Vec<u8>,
    /// The end of the error output, lossy UTF-8, trimmed.
    pub stderr: String,
}

impl Output {
    /// The last line of the error output for a message: secrets masked, no control characters, cut to 300 characters.
    pub(crate) fn said(&self) -> Option<String> {
        let clean = super::redact(&self.stderr);
        let line = clean.lines().rev().map(str::trim).find(|line| !line.is_empty())?;
        Some(line.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SAID).collect())
    }
}

/// Starts a program in its own group with the allowed environment and three pipes.
fn spawn(spec: &Run<'_>) -> Result<Child> {
    let failed = |why: &str| Error::new(ErrorKind::Scanner, format!("`{}` could not be started: {why}", name(spec.program)));
    let program = match spec.program.is_absolute() {
        true => spec.program.to_path_buf(),
        false => on_path(spec.program.as_os_str(), Some(&spec.cwd)).ok_or_else(|| failed("it is not on PATH"))?,
    };
    let mut command = Command::new(program);
    command.args(&spec.args).current_dir(&spec.cwd).env_clear();
    let path = std::env::join_paths(search_path(Some(&spec.cwd))).unwrap_or_default();
    command.env("PATH", path);
    let (kept, home) = match &spec.home {
        Some(home) => (ENV_ALLOWED.to_vec(), Some(home)),
        None => ([ENV_ALLOWED, ENV_OWN_HOME].concat(), None),
    };
    command.envs(kept.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    command.envs(home.into_iter().flat_map(|home| ENV_HOME.iter().map(move |name| (name, home))));
    command.envs(spec.env.iter().filter(|(name, _)| !is_withheld(name)).map(|(name, value)| (name, value)));
    command.stdin(if spec.stdin.is_empty() { Stdio::null() } else { Stdio::piped() });
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn().map_err(|e| failed(&e.to_string()))
}

/// Whether a variable is never handed on, whoever asks for it.
fn is_withheld(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    name.starts_with("SECURESCAN_") || name.ends_with("_TOKEN") || name.ends_with("_KEY")
}

/// A program's own name: a path of this machine does not belong into a message.
fn name(program: &Path) -> String {
    program.file_name().unwrap_or(OsStr::new("?")).to_string_lossy().into_owned()
}

/// Feeds standard input from a thread, which ends with the program at the latest.
fn feed(child: &mut Child, input: Vec<u8>) {
    if let Some(mut pipe) = child.stdin.take() {
        std::thread::spawn(move || drop(pipe.write_all(&input)));
    }
}

/// Runs a program to its end. What it started and left behind in its group ends with it.
///
/// # Errors
/// `scanner` when it cannot be started or says too much; `cancelled` when stopped by request or deadline.
pub(crate) fn run(spec: Run<'_>) -> Result<Output> {
    let failed = |text: String| Error::new(ErrorKind::Scanner, text);
    let mut child = spawn(&spec)?;
    feed(&mut child, spec.stdin);
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let mut group = Group::new(child, spec.grace, spec.watched);
    let spool = Spool::start(stdout, spec.max_stdout);
    let errors = Tail::start(stderr);
    let mut pause = Duration::from_micros(200);
    while !group.has_ended() {
        if spec.cancel.should_stop() {
            group.stop();
            return Err(Error::new(ErrorKind::Cancelled, format!("`{}` was stopped", name(spec.program))));
        }
        if spool.is_over() {
            group.stop();
            break;
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
    let status = group.reap().map_err(|e| failed(format!("`{}` could not be waited for: {e}", name(spec.program))))?;
    let stdout = spool.take(spec.grace);
    if spool.is_over() {
        return Err(failed(format!("`{}` wrote more than {} bytes", name(spec.program), spec.max_stdout)));
    }
    let stdout = stdout.map_err(|e| failed(format!("the output of `{}` could not be kept: {e}", name(spec.program))))?;
    Ok(Output { code: status.code(), stdout, stderr: errors.take(spec.grace) })
}

#[cfg(all(test, unix))]
mod tests;
