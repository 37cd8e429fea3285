//! Every scanner there is, one line each, and whether each can run here.

use super::builtin::{baseline, dast, dockerfile, git_hygiene, licenses, secrets};
use super::external::{bandit, checkov, nmap, npm_audit, safety, semgrep, trivy, zap};
use super::{Probe, ScanRequest, Scanner, ScannerMeta};
use crate::{Error, Result};

/// Every scanner, in registry order: the order of coverage and of merging.
///
/// # Source
/// Scanner specification, section 1.
pub const SCANNERS: &[&dyn Scanner] = &[
    &semgrep::SEMGREP,
    &bandit::BANDIT,
    &trivy::TRIVY,
    &checkov::CHECKOV,
    &baseline::Baseline,
    &secrets::Secrets,
    &safety::SAFETY,
    &licenses::Licenses,
    &dockerfile::Dockerfile,
    &npm_audit::NPM_AUDIT,
    &git_hygiene::GitHygiene,
    &dast::Dast,
    &zap::Zap,
    &nmap::NMAP,
];

/// One scanner and whether it can run here.
#[derive(Debug)]
pub struct Status {
    /// What it is.
    pub meta: &'static ScannerMeta,
    /// Whether it can run.
    pub probe: Probe,
}

/// What each scanner is and whether it can run here, in registry order; asked of all at once.
pub fn status() -> Vec<Status> {
    let request = ScanRequest::new("");
    std::thread::scope(|scope| {
        let asked: Vec<_> = SCANNERS
            .iter()
            .map(|scanner| {
                let request = &request;
                (scanner.meta(), scope.spawn(move || scanner.probe(request)))
            })
            .collect();
        asked
            .into_iter()
            .map(|(meta, handle)| Status { meta, probe: handle.join().unwrap_or_else(|_| Probe::missing("internal fault")) })
            .collect()
    })
}

/// A scanner by name.
///
/// # Errors
/// `invalid_argument` for an unknown name.
pub(super) fn find(name: &str) -> Result<&'static dyn Scanner> {
    SCANNERS.iter().copied().find(|s| s.meta().name == name).ok_or_else(|| {
        let known: Vec<_> = SCANNERS.iter().map(|s| s.meta().name).collect();
        Error::invalid(format!("unknown scanner `{}`", name.chars().take(60).collect::<String>()))
            .hint(format!("choose one of: {}", known.join(", ")))
    })
}

/// What a scanner is, by name.
///
/// # Errors
/// `invalid_argument` for an unknown name.
pub fn named(name: &str) -> Result<&'static ScannerMeta> {
    find(name).map(|scanner| scanner.meta())
}
