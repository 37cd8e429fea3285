//! safety: known vulnerabilities of Python packages.

use super::place::Paths;
use super::{No, ONE_FILE, Plan, Setup, Step, Tool, option};
use crate::model::ScanType;
use crate::scanners::walk::{FileEntry, VENDORED_DIRS};
use crate::scanners::{LooksAt, ScanRequest, ScannerMeta};

/// The driver: one run for each file that names packages.
///
/// # Source
/// Scanner specification, section 6.4. Exit codes: 0, 64 for vulnerabilities.
pub(crate) static SAFETY: Tool =
    Tool { timeout: None, success: &[0, 64], body, paths: Paths::Subject, lacks, ..Tool::new(&META, plan) };

const META: ScannerMeta = ScannerMeta {
    name: "safety",
    scan_type: ScanType::Dependency,
    about: "known vulnerabilities of Python packages, by safety",
    install_hint: Some("pip install safety"),
    looks_at: LooksAt::Path,
    per_file: false,
    walks: true,
};

fn lacks(request: &ScanRequest) -> Option<String> {
    (!request.online).then(|| "offline: it asks its maker's database".to_owned())
}

fn names_packages(file: &FileEntry) -> bool {
    let name = file.name();
    let text = name.ends_with(".txt") && (name.starts_with("requirements") || name.starts_with("constraints"));
    let folder = name.ends_with(".txt") && file.path.rsplit('/').nth(1) == Some("requirements");
    text || folder || matches!(name, "Pipfile.lock" | "poetry.lock")
}

fn plan(setup: &Setup<'_>) -> Result<Plan, No> {
    let vendored = |file: &FileEntry| file.path.split('/').any(|part| VENDORED_DIRS.contains(&part));
    let wanted = |file: &FileEntry| names_packages(file) && (setup.context.request.vendored || !vendored(file));
    let files = setup.files("no requirements file or Python lock file", wanted)?;
    let policy = setup.own("policy.yml", b"security:\n    ignore-cvss-severity-below: 0\n")?;
    let steps = files.into_iter().map(|file| Step {
        args: vec!["check".into(), option("--file", setup.full(file)), option("--policy-file", &policy), "--output=json".into()],
        subject: Some(file.path.clone()),
        timeout: Some(ONE_FILE),
        ..Step::default()
    });
    let notes = setup.note(&[".safety-policy.yml"], "was not used").into_iter().collect();
    Ok(Plan { steps: steps.collect(), notes })
}

/// Some versions write an announcement before the report.
fn body(stdout: &[u8]) -> Result<&[u8], String> {
    let start = memchr::memchr2(b'{', b'[', stdout).ok_or("the report of `safety` is not JSON")?;
    Ok(stdout.get(start..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_announcements() {
        let is = |path: &str| names_packages(&FileEntry { path: path.to_owned(), size: 1 });
        assert!(is("requirements.txt") && is("a/requirements-dev.txt") && is("requirements/base.txt") && is("x/poetry.lock"));
        assert!(!is("a/base.txt") && !is("requirements.in") && !is("notes.txt"));
        assert_eq!(body(b"+==+\n WARNING \n{\"a\":1}"), Ok(b"{\"a\":1}".as_slice()));
        assert!(body(b"usage").is_err());
    }
}
