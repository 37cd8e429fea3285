//! What was not looked at, in words. Incomplete is not clean, and every format says so with these.

use crate::model::{ScanResult, ScannerRun, ScannerStatus};

/// What the absence of findings means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    /// Every scanner that started looked at everything, and at least one did.
    Complete,
    /// A scanner failed, ran out of time or left something out, or none could run.
    Incomplete,
    /// Nothing is known about what ran.
    Unknown,
}

/// What the coverage of a result says.
pub fn completeness(result: &ScanResult) -> Completeness {
    if result.scanners.is_empty() {
        Completeness::Unknown
    } else if !result.is_complete() || result.scanners.iter().all(|run| run.status == ScannerStatus::Skipped) {
        Completeness::Incomplete
    } else {
        Completeness::Complete
    }
}

/// The scanners that did not look at everything, in registry order.
pub(super) fn gaps(result: &ScanResult) -> impl Iterator<Item = &ScannerRun> {
    result.scanners.iter().filter(|run| !run.status.is_complete())
}

/// The scanners that make the result incomplete, in registry order: those that started and did not finish; all that were
/// skipped when none could run; none when the result is complete or nothing is known.
pub(super) fn unfinished(result: &ScanResult) -> impl Iterator<Item = &ScannerRun> {
    let is_unfinished = is_unfinished(result);
    result.scanners.iter().filter(move |run| is_unfinished(run))
}

/// Which scanners those are.
pub(super) fn is_unfinished(result: &ScanResult) -> impl Fn(&ScannerRun) -> bool + use<> {
    let incomplete = completeness(result) == Completeness::Incomplete;
    let none_ran = result.is_complete();
    move |run| incomplete && !run.status.is_complete() && (none_ran || run.status != ScannerStatus::Skipped)
}

/// Why, and what to do: the reason and the install hint; empty when neither is known. Not escaped.
pub(super) fn explanation(run: &ScannerRun) -> String {
    let reason = run.reason.as_deref().unwrap_or_default();
    match run.install_hint.as_deref() {
        Some(hint) if run.status == ScannerStatus::Skipped && reason.is_empty() => format!("install: {hint}"),
        Some(hint) if run.status == ScannerStatus::Skipped => format!("{reason}; install: {hint}"),
        _ => reason.to_owned(),
    }
}

/// The status in words for people.
pub(super) fn status_words(status: ScannerStatus) -> &'static str {
    match status {
        ScannerStatus::Ok => "ok",
        ScannerStatus::Partial => "partial",
        ScannerStatus::Failed => "failed",
        ScannerStatus::TimedOut => "timed out",
        ScannerStatus::Skipped => "skipped",
        ScannerStatus::NotApplicable => "nothing to scan",
    }
}
