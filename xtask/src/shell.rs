//! Running other programs: shown as they run, and kept to be read afterwards.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or_else(|| Path::new("."))
}

/// Where everything generated goes, as an absolute path.
pub(crate) fn target() -> PathBuf {
    let named = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    root().join(named)
}

/// The cargo that runs us.
pub(crate) fn cargo() -> Command {
    let mut command = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // Set for us by `cargo run`; a build that sees them would build everything again.
    command.env_remove("CARGO_MANIFEST_DIR").env_remove("CARGO_PKG_VERSION");
    command
}

/// A program, started in the root.
pub(crate) fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// Whether a program can be started at all.
pub(crate) fn has(program: &str, argument: &str) -> bool {
    let status = command(program).arg(argument).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// Runs a command, showing its output; gives all of it, or an error when it fails.
pub(crate) fn run(command: &mut Command) -> Result<String, Failure> {
    println!("$ {}", shown(command));
    let fail = |why: String| Failure { why, output: String::new() };
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| fail(format!("cannot start `{}`: {e}", command.get_program().to_string_lossy())))?;
    let errors = child.stderr.take().map(|pipe| std::thread::spawn(move || copy(pipe, std::io::stderr())));
    let mut output = child.stdout.take().map(|pipe| copy(pipe, std::io::stdout())).unwrap_or_default();
    if let Some(text) = errors.and_then(|thread| thread.join().ok()) {
        output.push_str(&text);
    }
    let status = child.wait().map_err(|e| fail(e.to_string()))?;
    if status.success() { Ok(output) } else { Err(Failure { why: format!("{} ended with {status}", shown(command)), output }) }
}

/// Why a command failed, and what it said: the tests it counted are still counted.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) why: String,
    pub(crate) output: String,
}

impl From<String> for Failure {
    fn from(why: String) -> Self {
        Self { why, output: String::new() }
    }
}

/// The command as a reader would type it in the root.
fn shown(command: &Command) -> String {
    let root = format!("{}/", root().display());
    let program = Path::new(command.get_program());
    let program = match program.strip_prefix(&root) {
        Ok(inside) => inside.as_os_str(),
        Err(_) => program.file_name().unwrap_or(program.as_os_str()),
    };
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy().replace(&root, "")).collect::<Vec<_>>().join(" ")
}

fn copy(from: impl Read, mut to: impl Write) -> String {
    let mut kept = String::new();
    let mut reader = BufReader::new(from);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
        // Our own output may be closed; the command must still be read to its end.
        let _ = to.write_all(&line).and_then(|()| to.flush());
        kept.push_str(&String::from_utf8_lossy(&line));
        line.clear();
    }
    kept
}
