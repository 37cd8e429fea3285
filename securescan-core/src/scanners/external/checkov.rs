//! checkov: infrastructure as code that is set up badly.

use super::{No, Plan, Setup, Step, Tool, args, option};
use crate::model::ScanType;
use crate::scanners::walk::{FileEntry, VENDORED_DIRS};
use crate::scanners::{LooksAt, ScannerMeta};

/// The driver.
///
/// checkov looks for its configuration, which may name Python to execute, in the folder it is pointed at with `-d <folder>`.
/// `--directory=<folder>` as one argument does not make it look there; the tests hold it to that.
///
/// # Source
/// Scanner specification, section 6.7. Exit codes: 0, 1 for failed checks.
pub(crate) static CHECKOV: Tool =
    Tool { tells_version: true, success: &[0, 1], rests_on: |_| Some(String::new()), ..Tool::new(&META, plan) };

const META: ScannerMeta = ScannerMeta {
    name: "checkov",
    scan_type: ScanType::Iac,
    about: "infrastructure as code that is set up badly, by checkov",
    install_hint: Some("pip install checkov"),
    looks_at: LooksAt::Path,
    per_file: false,
    walks: true,
};

/// JSON and YAML that is never infrastructure.
const NEVER: &[&str] = &[
    "bun.lock",
    "composer.json",
    "composer.lock",
    "package-lock.json",
    "package.json",
    "pnpm-lock.yaml",
    "pnpm-workspace.yaml",
    "tsconfig.json",
];

fn is_of_checkov(file: &FileEntry) -> bool {
    let name = file.name();
    let kind = matches!(
        file.extension().as_str(),
        "tf" | "hcl" | "tfvars" | "yml" | "yaml" | "json" | "template" | "bicep" | "dockerfile" | "containerfile"
    );
    let docker = ["Dockerfile", "Containerfile"].iter().any(|start| name.starts_with(start));
    (kind || docker) && !NEVER.contains(&name)
}

fn plan(setup: &Setup<'_>) -> Result<Plan, No> {
    setup.files("no infrastructure as code", is_of_checkov)?;
    let request = setup.context.request;
    let operand = if setup.context.single_file { "--file" } else { "--directory" };
    let mut all = vec![option(operand, setup.target())];
    all.extend(args(&["-o", "json", "--quiet", "--compact", "--skip-download", "--download-external-modules", "false"]));
    if !request.vendored && !setup.context.single_file {
        all.push(format!("--skip-path=(^|/)({})(/|$)", VENDORED_DIRS.join("|").replace('.', "\\.")).into());
    }
    let env = vec![("PYTHONUTF8", "1".into())];
    let notes = setup.note(&[".checkov.yaml", ".checkov.yml"], "was not used").into_iter().collect();
    Ok(Plan { steps: vec![Step { args: all, env, ..Step::default() }], notes })
}
