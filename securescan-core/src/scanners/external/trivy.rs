//! trivy: known vulnerabilities of the packages that lock files name.

use super::{No, Plan, Setup, Step, Tool, args, option};
use crate::model::ScanType;
use crate::scanners::walk::{FileEntry, VENDORED_DIRS};
use crate::scanners::{LooksAt, ScanRequest, ScannerMeta};
use std::ffi::OsString;
use std::path::PathBuf;

/// The driver.
///
/// # Source
/// Scanner specification, section 6.3. Exit code: 0 whether or not there are findings.
pub(crate) static TRIVY: Tool = Tool { lacks, ..Tool::new(&META, plan) };

const META: ScannerMeta = ScannerMeta {
    name: "trivy",
    scan_type: ScanType::Dependency,
    about: "known vulnerabilities of packages of many ecosystems, by trivy",
    install_hint: Some("See https://trivy.dev/docs/latest/getting-started/installation/"),
    looks_at: LooksAt::Path,
    per_file: false,
    walks: true,
};

/// Files that name packages, as trivy's documentation lists them for folders.
const NAMES: &[&str] = &[
    "Cargo.lock",
    "Directory.Packages.props",
    "Gemfile.lock",
    "Manifest.toml",
    "Package.resolved",
    "Packages.props",
    "Pipfile.lock",
    "Podfile.lock",
    "Project.toml",
    "build.sbt.lock",
    "bun.lock",
    "composer.lock",
    "conan.lock",
    "environment.yaml",
    "environment.yml",
    "go.mod",
    "go.sum",
    "gradle.lockfile",
    "installed.json",
    "mix.lock",
    "package-lock.json",
    "packages.config",
    "packages.lock.json",
    "pnpm-lock.yaml",
    "poetry.lock",
    "pom.xml",
    "pubspec.lock",
    "pylock.toml",
    "uv.lock",
    "yarn.lock",
];

/// Databases of the packages of an installed system, below its root.
const SYSTEM: &[&str] = &["var/lib/dpkg/status", "lib/apk/db/installed", "var/lib/rpm/", "usr/lib/sysimage/rpm/"];

fn lacks(request: &ScanRequest) -> Option<String> {
    let database = cache().is_some_and(|cache| cache.join("db").join("trivy.db").is_file());
    (!request.online && !database).then(|| "offline, and it has no vulnerability database yet".to_owned())
}

/// Where trivy keeps its databases: its own usual place, so that one download serves everybody.
fn cache() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let user = set("XDG_CACHE_HOME")
        .or_else(|| Some(set("HOME")?.join(if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" })));
    set("TRIVY_CACHE_DIR").or_else(|| Some(user?.join("trivy")))
}

fn is_of_trivy(file: &FileEntry) -> bool {
    let (name, path) = (file.name(), file.path.as_str());
    NAMES.contains(&name)
        || name.starts_with("requirements") && name.ends_with(".txt")
        || [".deps.json", ".jar", ".war", ".ear"].iter().any(|end| name.ends_with(end))
        || SYSTEM.iter().any(|system| path.starts_with(system))
}

fn plan(setup: &Setup<'_>) -> Result<Plan, No> {
    setup.files("no lock file or package database that trivy reads", is_of_trivy)?;
    let request = setup.context.request;
    let mut all = args(&["fs", "--format=json", "--scanners=vuln", "--quiet", "--no-progress"]);
    all.push(option("--cache-dir", cache().unwrap_or_else(|| setup.home().join("trivy"))));
    all.push(option("--config", setup.own("trivy.yaml", b"{}\n")?));
    all.push(option("--ignorefile", setup.own("trivyignore", b"")?));
    if !request.online {
        all.extend(args(&["--offline-scan", "--skip-db-update", "--skip-java-db-update", "--skip-check-update"]));
    }
    if let Some(left) = setup.context.cancel.remaining() {
        // Later than ours, so that it is ours that is told as such.
        all.push(format!("--timeout={}s", left.as_secs() + 60).into());
    }
    if !request.vendored {
        all.extend(VENDORED_DIRS.iter().map(|folder| OsString::from(format!("--skip-dirs=**/{folder}"))));
    }
    all.push("--".into());
    all.push(setup.target().into());
    let used = ["trivy.yaml", ".trivyignore", ".trivyignore.yaml"];
    let notes = setup.note(&used, "was not used").into_iter().collect();
    Ok(Plan { steps: vec![Step { args: all, ..Step::default() }], notes })
}
