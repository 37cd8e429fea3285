//! semgrep: patterns of bad code, by rules of the request or of semgrep's registry.

use super::{No, Plan, Setup, Step, Tool, args, find, option};
use crate::model::ScanType;
use crate::scanners::walk::VENDORED_DIRS;
use crate::scanners::{LooksAt, ScanRequest, ScannerMeta, kept};
use std::ffi::OsString;

/// The driver.
///
/// # Source
/// Scanner specification, section 6.1. Exit codes: 0 whether or not there are findings, 1 for findings with `--error`.
pub(crate) static SEMGREP: Tool = Tool { tells_version: true, success: &[0, 1], lacks, rests_on, ..Tool::new(&META, plan) };

const META: ScannerMeta = ScannerMeta {
    name: "semgrep",
    scan_type: ScanType::Code,
    about: "patterns of bad code in many languages, by semgrep",
    install_hint: Some("pip install semgrep"),
    looks_at: LooksAt::Path,
    per_file: false,
    walks: true,
};

/// Since this version it can be told to pass over the target's `.semgrepignore`.
const IGNORES_IGNORE: (u64, u64) = (1, 117);

fn lacks(request: &ScanRequest) -> Option<String> {
    let nothing = request.semgrep_rules.is_empty() && !request.online;
    nothing.then(|| "no rules: none are configured in `semgrep_rules`, and offline the registry's cannot be fetched".to_owned())
}

/// The rules, when they are files: what the registry has tomorrow nobody knows.
fn rests_on(request: &ScanRequest) -> Option<String> {
    let rules = &request.semgrep_rules;
    if rules.is_empty() { None } else { kept::content_of(rules.iter().map(std::path::PathBuf::as_path)) }
}

fn plan(setup: &Setup<'_>) -> Result<Plan, No> {
    let request = setup.context.request;
    setup.files("no file to look at", |_| true)?;
    let mut step = Step {
        args: args(&[
            "scan",
            "--json",
            "--disable-version-check",
            "--no-rewrite-rule-ids",
            "--timeout=30",
            "--timeout-threshold=3",
        ]),
        env: vec![("SEMGREP_ENABLE_VERSION_CHECK", "0".into())],
        ..Step::default()
    };
    step.args.push(format!("--max-target-bytes={}", request.max_file_bytes).into());
    step.args.extend(request.jobs.filter(|jobs| *jobs > 0).map(|jobs| format!("--jobs={jobs}").into()));
    if !request.vendored {
        step.args.extend(VENDORED_DIRS.iter().map(|folder| OsString::from(format!("--exclude={folder}"))));
    }
    let mut notes = Vec::new();
    if request.no_ignore {
        step.args.push("--no-git-ignore".into());
        if setup.version().is_some_and(|version| find::is_at_least(&version, IGNORES_IGNORE)) {
            step.args.push("--x-ignore-semgrepignore-files".into());
        }
    } else {
        notes.extend(setup.note(&[".semgrepignore"], "may keep files from being looked at"));
    }
    step.args.extend(rules(request)?);
    step.args.push("--".into());
    step.args.push(setup.target().into());
    Ok(Plan { steps: vec![step], notes })
}

/// The rules: those of the request, or those of the registry, which it gives only to who sends it metrics.
fn rules(request: &ScanRequest) -> Result<Vec<OsString>, No> {
    if request.semgrep_rules.is_empty() {
        return Ok(args(&["--metrics=auto", "--config=auto"]));
    }
    let mut out = args(&["--metrics=off"]);
    for rule in &request.semgrep_rules {
        let path = rule.canonicalize().map_err(|e| {
            No::Failed(format!("the semgrep rules `{}` cannot be read: {e}; name an existing file or folder", rule.display()))
        })?;
        out.push(option("--config", path));
    }
    Ok(out)
}
