//! The command that `.pre-commit-hooks.yaml` names: `securescan pre-commit`, by another name.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let mut command = Command::new(program());
    command.arg("pre-commit").args(std::env::args_os().skip(1));
    #[cfg(unix)]
    let error = std::os::unix::process::CommandExt::exec(&mut command);
    #[cfg(not(unix))]
    let error = match command.status() {
        Ok(status) => return ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(70)),
        Err(error) => error,
    };
    eprintln!("pre-commit-securescan: `securescan` could not be started: {error}; install it beside this program or on PATH");
    ExitCode::from(2)
}

/// The one that was installed together with this program, else the one on PATH.
fn program() -> PathBuf {
    let name = format!("securescan{}", std::env::consts::EXE_SUFFIX);
    let beside = std::env::current_exe().ok().and_then(|own| own.canonicalize().ok()).map(|own| own.with_file_name(&name));
    beside.filter(|path| path.is_file()).unwrap_or_else(|| name.into())
}
