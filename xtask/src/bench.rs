//! `cargo xtask bench-compare`: hands over to `benches/compare.py`.

use std::path::Path;
use std::process::{Command, ExitCode};

/// Runs the comparison with the remaining arguments; its exit code is ours.
pub(crate) fn compare(args: &[&str]) -> ExitCode {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../benches/compare.py");
    match Command::new("python3").arg(script).args(args).status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: python3 cannot be run: {error}; install Python 3.10 or newer");
            ExitCode::from(2)
        }
    }
}
