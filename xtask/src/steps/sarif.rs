//! SARIF against its official schema: the renderer's snapshots, and what the command line writes of the sample project.

use crate::check::{Done, StepResult};
use crate::setup::venv;
use crate::shell::{Failure, cargo, command, root, run, target};
use std::path::PathBuf;

/// Where the official schema lies when it is at hand: it is too large to carry.
fn schema() -> Option<PathBuf> {
    let shared = std::env::var_os("SECURESCAN_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    Some(shared.join("schemas/sarif-schema-2.1.0.json")).filter(|path| path.is_file())
}

pub(crate) fn check() -> StepResult {
    let Some(schema) = schema() else {
        return Ok(Done::Skipped("no schemas/sarif-schema-2.1.0.json beside the repository or in SECURESCAN_SHARED".to_owned()));
    };
    let python = venv()?;
    let written = target().join("weak-shop.sarif");
    let mut scan = cargo();
    scan.args([
        "run",
        "--quiet",
        "--",
        "scan",
        "examples/weak-shop",
        "--show-suppressed",
        "--offline",
        "--output",
        "sarif",
        "--output-file",
    ]);
    run(scan.arg(&written))?;
    let snapshots = root().join("securescan-core/tests/snapshots");
    let entries = std::fs::read_dir(&snapshots).map_err(|e| Failure::from(format!("{}: {e}", snapshots.display())))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("render__sarif")));
    files.sort();
    let mut validate = command(&python);
    validate.arg("securescan-core/tests/sarif_schema.py").arg(&schema).args(&files).arg(&written);
    Ok(Done::Ran(run(&mut validate)?))
}
