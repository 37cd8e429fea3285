//! What kind of project a folder is, by the files that say so.

use securescan_core::ScanType;
use std::path::Path;

/// More entries of a folder are not looked at: what is not clear by then is asked for with `--scan-types`.
const MAX_ENTRIES: usize = 5_000;
/// Folders in folders.
const MAX_DEPTH: usize = 6;

/// A kind of project that was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    /// For people.
    pub(super) label: &'static str,
    /// What to scan for.
    pub(super) types: &'static [ScanType],
}

const CODE: &[ScanType] = &[ScanType::Code, ScanType::Dependency];
const LANGUAGES: &[(&str, &[&str])] = &[
    ("Python", &["pyproject.toml", "requirements.txt", "Pipfile", "setup.py", "setup.cfg"]),
    ("JavaScript/TypeScript", &["package.json", "package-lock.json", "yarn.lock", "pnpm-lock.yaml"]),
    ("Rust", &["Cargo.toml", "Cargo.lock"]),
    ("Go", &["go.mod", "go.sum"]),
];

/// What there is at the top of a project.
///
/// # Source
/// Spec 04, section 7.
pub(super) fn kinds(root: &Path) -> Vec<Kind> {
    let top = names(root);
    let mut out: Vec<Kind> = LANGUAGES
        .iter()
        .filter(|(_, files)| files.iter().any(|file| root.join(file).is_file()))
        .map(|(label, _)| Kind { label, types: CODE })
        .collect();
    if top.iter().any(|name| is_dockerfile(name) && root.join(name).is_file()) {
        out.push(Kind { label: "Container", types: &[ScanType::Iac] });
    }
    if has_infrastructure(root, &top) {
        out.push(Kind { label: "Infrastructure as code", types: &[ScanType::Iac] });
    }
    out
}

/// The kinds of scan that fit, `baseline` always and last.
pub(super) fn types(kinds: &[Kind]) -> Vec<ScanType> {
    let order = [ScanType::Code, ScanType::Dependency, ScanType::Iac];
    let mut out: Vec<_> = order.into_iter().filter(|t| kinds.iter().any(|kind| kind.types.contains(t))).collect();
    out.push(ScanType::Baseline);
    out
}

fn is_dockerfile(name: &str) -> bool {
    matches!(name, "Dockerfile" | "Containerfile") || name.starts_with("Dockerfile.") || name.ends_with(".Dockerfile")
}

fn is_yaml(name: &str) -> bool {
    name.ends_with(".yml") || name.ends_with(".yaml")
}

fn has_infrastructure(root: &Path, top: &[String]) -> bool {
    let mut budget = MAX_ENTRIES;
    let mut below = |folders: &[&str], fits: fn(&str) -> bool| {
        folders.iter().any(|folder| holds(&root.join(folder), fits, MAX_DEPTH, &mut budget))
    };
    top.iter().any(|name| name.ends_with(".tf") || name == "Chart.yaml")
        || below(&["terraform", "infra", "infrastructure"], |name| name.ends_with(".tf"))
        || below(&["k8s", "kubernetes", "manifests"], is_yaml)
        || below(&["charts"], |name| name == "Chart.yaml")
}

/// Whether a file below a folder fits; links are not followed.
fn holds(folder: &Path, fits: fn(&str) -> bool, depth: usize, budget: &mut usize) -> bool {
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if *budget == 0 {
            return false;
        }
        *budget -= 1;
        match entry.file_type() {
            Ok(kind) if kind.is_file() && entry.file_name().to_str().is_some_and(fits) => return true,
            Ok(kind) if kind.is_dir() => folders.push(entry.path()),
            _ => {}
        }
    }
    depth > 0 && folders.iter().any(|folder| holds(folder, fits, depth - 1, budget))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().take(MAX_ENTRIES);
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}
