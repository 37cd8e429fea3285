//! Bills of materials against their official schemas: of the sample project, and of the shared corpus of manifests.

use crate::check::{Done, StepResult};
use crate::setup::venv;
use crate::shell::{cargo, command, root, run, target};
use std::path::PathBuf;

/// Where the official schemas and the corpus lie when they are at hand: they are too large to carry.
fn shared() -> PathBuf {
    std::env::var_os("SECURESCAN_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from)
}

pub(crate) fn check() -> StepResult {
    let schemas = shared().join("schemas");
    if !schemas.join("bom-1.6.schema.json").is_file() || !schemas.join("spdx-2.3.schema.json").is_file() {
        return Ok(Done::Skipped("no schemas of CycloneDX and SPDX beside the repository or in SECURESCAN_SHARED".to_owned()));
    }
    let python = venv()?;
    let corpus = shared().join("fixtures/manifests");
    let projects = [("weak-shop", root().join("examples/weak-shop")), ("repository", root().to_path_buf()), ("corpus", corpus)];
    let mut written = Vec::new();
    for (name, project) in projects.iter().filter(|(_, project)| project.is_dir()) {
        for format in ["cyclonedx", "spdx"] {
            let file = target().join(format!("{name}.{format}.json"));
            let mut sbom = cargo();
            sbom.args(["run", "--quiet", "--", "--quiet", "sbom", "--format", format, "--output-file"]).arg(&file).arg(project);
            run(&mut sbom)?;
            written.push(file);
        }
    }
    let mut validate = command(&python);
    validate.arg("securescan-core/tests/sbom_schema.py").arg(&schemas).args(&written);
    Ok(Done::Ran(run(&mut validate)?))
}
