//! gitleaks: secrets by its rules, as a part of the scanner `git-hygiene` where it is installed.
//!
//! Its findings are `git-hygiene`'s, under the rules `gitleaks/<id>`: a scan lists who looked, and a finding belongs to one of
//! those. A report of gitleaks that somebody imports is another matter and keeps the tool's own name.

use super::{No, Plan, Setup, Step, Tool, WHOLE, args, find, option};
use crate::scanners::{Outcome, ScanContext, ScanRequest, ScannerMeta};
use std::collections::BTreeSet;

/// Exit code 0 whether or not there are findings, as asked for.
///
/// # Source
/// Scanner specification, built-in scanners, section 2.
const fn tool(meta: &'static ScannerMeta) -> Tool {
    Tool { name: "gitleaks", program: "gitleaks", format: "gitleaks", ..Tool::new(meta, plan) }
}

fn plan(setup: &Setup<'_>) -> Result<Plan, No> {
    setup.files("no file to look at", |_| true)?;
    let request = setup.context.request;
    let mut all = args(&["dir", "--report-format=json", "--report-path=-", "--no-banner", "--no-color", "--exit-code=0"]);
    all.push("--log-level=error".into());
    all.push(format!("--max-target-megabytes={}", (request.max_file_bytes >> 20).max(1)).into());
    all.push(option("--config", setup.own("gitleaks.toml", b"[extend]\nuseDefault = true\n")?));
    all.push(option("--gitleaks-ignore-path", setup.empty()));
    all.push("--".into());
    all.push(setup.target().into());
    let notes = setup.note(&[".gitleaksignore"], "may keep gitleaks from reporting").into_iter().collect();
    let timeout = Some(request.scanner_timeouts.get("gitleaks").copied().unwrap_or(WHOLE));
    Ok(Plan { steps: vec![Step { args: all, timeout, ..Step::default() }], notes })
}

/// Whether it is installed.
pub(crate) fn is_installed(meta: &'static ScannerMeta, request: &ScanRequest) -> bool {
    find::find(&tool(meta), request).is_ok()
}

/// Which installation it is, where there is one.
pub(crate) fn installation(meta: &'static ScannerMeta, request: &ScanRequest) -> Option<String> {
    tool(meta).installation(request)
}

/// What it finds in the files of the walk; it looks at others, too, which `.gitignore` keeps out of the repository.
pub(crate) fn scan(meta: &'static ScannerMeta, context: &ScanContext<'_>) -> Outcome {
    let tool = tool(meta);
    let mut outcome = tool.run(context);
    let listed: BTreeSet<&str> = context.files.iter().map(|file| file.path.as_str()).collect();
    outcome.findings.retain(|finding| finding.file_path.as_deref().is_some_and(|path| listed.contains(path)));
    for finding in &mut outcome.findings {
        finding.rule_id = finding.rule_id.take().map(|id| format!("gitleaks/{id}"));
    }
    outcome
}
