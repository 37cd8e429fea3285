//! Reports in JSON against their schemas: the renderers' snapshots, and what the command line writes of the sample project.

use crate::check::{Done, StepResult};
use crate::setup::venv;
use crate::shell::{Failure, cargo, command, root, run, target};
use std::path::{Path, PathBuf};

/// A format, and its schema where it is at hand: SARIF's is too large to carry.
const SCHEMAS: &[(&str, &str)] = &[
    ("sarif", "sarif-schema-2.1.0.json"),
    ("gitlab-sast", "gitlab-sast-report.schema.json"),
    ("gitlab-codequality", "gitlab-code-quality.schema.json"),
];

pub(crate) fn check() -> StepResult {
    let shared = std::env::var_os("SECURESCAN_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from).join("schemas");
    if let Some((_, missing)) = SCHEMAS.iter().find(|(_, schema)| !shared.join(schema).is_file()) {
        return Ok(Done::Skipped(format!("no schemas/{missing} beside the repository or in SECURESCAN_SHARED")));
    }
    let python = venv()?;
    let mut said = String::new();
    for (format, schema) in SCHEMAS {
        let written = target().join(format!("weak-shop.{format}.json"));
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
            format,
            "--output-file",
        ]);
        run(scan.arg(&written))?;
        let mut validate = command(&python);
        validate.arg("securescan-core/tests/json_schema.py").arg(shared.join(schema)).args(snapshots(format)?).arg(&written);
        said.push_str(&run(&mut validate)?);
    }
    Ok(Done::Ran(said))
}

/// The snapshots of a format.
fn snapshots(format: &str) -> Result<Vec<PathBuf>, Failure> {
    let folder = root().join("securescan-core/tests/snapshots");
    let entries = std::fs::read_dir(&folder).map_err(|e| Failure::from(format!("{}: {e}", folder.display())))?;
    let ours =
        |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&format!("render__{format}-")));
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| ours(path)).collect();
    files.sort();
    Ok(files)
}
