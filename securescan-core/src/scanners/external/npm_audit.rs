//! npm audit: known vulnerabilities of npm packages.

use super::place::Paths;
use super::{No, ONE_FILE, Plan, Setup, Step, Tool, args, option};
use crate::model::ScanType;
use crate::scanners::walk::{FileEntry, VENDORED_DIRS};
use crate::scanners::{LooksAt, ScanRequest, ScannerMeta};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::BTreeSet;

/// The driver: one run for each lock file.
///
/// npm takes configuration from the folder it runs in, registry and all, and expands variables of the environment in it. It
/// therefore sees nothing but copies of `package.json` and the lock file beside a configuration of ours.
///
/// # Source
/// Scanner specification, section 6.5. Exit codes: 0, 1 for vulnerabilities or an error, which the report tells apart.
pub(crate) static NPM_AUDIT: Tool =
    Tool { program: "npm", timeout: None, success: &[0, 1], body, paths: Paths::Subject, lacks, ..Tool::new(&META, plan) };

const META: ScannerMeta = ScannerMeta {
    name: "npm-audit",
    scan_type: ScanType::Dependency,
    about: "known vulnerabilities of npm packages, by npm",
    install_hint: Some("Install Node.js from https://nodejs.org"),
    looks_at: LooksAt::Path,
    per_file: false,
    walks: true,
};

const LOCKS: &[&str] = &["npm-shrinkwrap.json", "package-lock.json"];

const RC: &str = "audit=true\nfund=false\nignore-scripts=true\nupdate-notifier=false\n";

fn lacks(request: &ScanRequest) -> Option<String> {
    (!request.online).then(|| "offline: it asks the registry".to_owned())
}

fn plan(setup: &Setup<'_>) -> Result<Plan, No> {
    let vendored = |file: &FileEntry| file.path.split('/').any(|part| VENDORED_DIRS.contains(&part));
    let wanted = |file: &FileEntry| LOCKS.contains(&file.name()) && (setup.context.request.vendored || !vendored(file));
    let mut locks = setup.files("no package-lock.json", wanted)?;
    // npm reads the shrinkwrap where there are both; it sorts first.
    let mut seen = BTreeSet::new();
    locks.retain(|lock| seen.insert(folder(&lock.path)));
    let registry = ["npm_config_registry", "NPM_CONFIG_REGISTRY"].iter().find_map(std::env::var_os);
    let mut steps = Vec::new();
    for (index, lock) in locks.into_iter().enumerate() {
        let stage = setup.own(&format!("npm-{index}/.npmrc"), RC.as_bytes())?;
        let manifest = format!("{}package.json", folder(&lock.path));
        let mut copied = copy(setup, lock, index);
        let files = setup.context.files;
        let at = files.binary_search_by(|file| file.path.as_str().cmp(&manifest));
        if let Some(file) = at.as_ref().ok().and_then(|at| files.get(*at)) {
            copied = copied.and_then(|()| copy(setup, file, index));
        }
        let mut all = args(&["audit", "--json", "--package-lock-only", "--ignore-scripts", "--no-fund", "--no-update-notifier"]);
        all.push("--loglevel=error".into());
        all.push(option("--cache", setup.home().join("npm-cache")));
        steps.push(Step {
            args: all,
            env: registry.iter().map(|value| ("npm_config_registry", value.clone())).collect(),
            cwd: stage.parent().map(std::path::Path::to_path_buf),
            subject: Some(if at.is_ok() { manifest } else { lock.path.clone() }),
            timeout: Some(ONE_FILE),
            impossible: copied.err(),
        });
    }
    let notes = setup.note(&[".npmrc"], "was not used").into_iter().collect();
    Ok(Plan { steps, notes })
}

/// The folder of a path with its final `/`; empty for the root.
fn folder(path: &str) -> &str {
    path.rfind('/').and_then(|at| path.get(..=at)).unwrap_or_default()
}

fn copy(setup: &Setup<'_>, file: &FileEntry, index: usize) -> Result<(), String> {
    let bytes = setup.context.read(file).map_err(|skipped| format!("`{}` is {}", file.path, skipped.why))?;
    setup.own(&format!("npm-{index}/{}", file.name()), &bytes).map(drop).map_err(No::why)
}

/// What tells a report from an error, both of which are JSON with exit code 1.
#[derive(Deserialize)]
struct Head {
    vulnerabilities: Option<IgnoredAny>,
    advisories: Option<IgnoredAny>,
}

fn body(stdout: &[u8]) -> Result<&[u8], String> {
    let head: Head = serde_json::from_slice(stdout).map_err(|e| format!("the report of `npm` is not JSON: {e}"))?;
    match head {
        Head { vulnerabilities: None, advisories: None } => {
            let said = super::report::error_in(stdout).unwrap_or_else(|| "no message".to_owned());
            Err(format!("`npm` could not audit: {said}"))
        }
        _ => Ok(stdout),
    }
}
