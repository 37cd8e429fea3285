//! What is told while a scan runs.

use crate::model::{ScannerStatus, Severity};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// Something that happened during a scan.
///
/// # Source
/// Names and payloads: the documentation's page on live events; `waiting` is ours.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// `scan.start`: the walk is done; scanners start.
    ScanStart {
        /// Scanners that were asked for, in registry order.
        scanners: Vec<&'static str>,
        /// Files to look at.
        files: usize,
    },
    /// `scanner.start`
    ScannerStart {
        /// Its name.
        scanner: &'static str,
    },
    /// `scanner.waiting`: still at it, every five seconds.
    ScannerWaiting {
        /// Its name.
        scanner: &'static str,
        /// Since its start.
        duration: Duration,
    },
    /// `scanner.skipped`: it cannot run here, or has nothing to look at.
    ScannerSkipped {
        /// Its name.
        scanner: &'static str,
        /// `skipped` or `not_applicable`.
        status: ScannerStatus,
        /// Why.
        reason: String,
        /// How to install it.
        install_hint: Option<&'static str>,
    },
    /// `scanner.complete` with status `ok` or `partial`, `scanner.failed` with `failed` or `timed_out`.
    ScannerEnd {
        /// Its name.
        scanner: &'static str,
        /// How.
        status: ScannerStatus,
        /// Why, when not ok.
        reason: Option<String>,
        /// Wall time.
        duration: Duration,
        /// Findings before dedup.
        findings: usize,
    },
    /// `scan.complete`, or `scan.cancelled` when it was stopped: all scanners ended.
    ScanEnd {
        /// Findings before dedup, by severity.
        findings: Vec<(Severity, usize)>,
        /// Wall time.
        duration: Duration,
        /// Whether it was stopped.
        cancelled: bool,
    },
    /// `scan.failed`: nothing was scanned.
    ScanFailed {
        /// Why.
        error: String,
    },
}

/// Where events go. Called from scanner threads.
pub trait EventSink: Sync {
    /// Something happened.
    fn event(&self, event: &Event);
}

/// Drops every event.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoEvents;

impl EventSink for NoEvents {
    fn event(&self, _event: &Event) {}
}

/// Seconds to two decimals.
fn rounded(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 100.0).round() / 100.0
}

impl Event {
    /// Its name, as live events and the surfaces use it: `scanner.complete`.
    pub fn name(&self) -> &'static str {
        use ScannerStatus::{Failed, TimedOut};
        match self {
            Self::ScanStart { .. } => "scan.start",
            Self::ScannerStart { .. } => "scanner.start",
            Self::ScannerWaiting { .. } => "scanner.waiting",
            Self::ScannerSkipped { .. } => "scanner.skipped",
            Self::ScannerEnd { status: Failed | TimedOut, .. } => "scanner.failed",
            Self::ScannerEnd { .. } => "scanner.complete",
            Self::ScanEnd { cancelled: true, .. } => "scan.cancelled",
            Self::ScanEnd { .. } => "scan.complete",
            Self::ScanFailed { .. } => "scan.failed",
        }
    }

    /// Name and payload: `{"event":"scanner.start","name":"secrets"}`.
    ///
    /// # Source
    /// Events specification, section 1; what is there beyond its keys is ours.
    pub fn to_json(&self) -> Value {
        let mut data = match self {
            Self::ScanStart { scanners, files } => {
                json!({ "scanners": scanners, "scanner_count": scanners.len(), "files": files })
            }
            Self::ScannerStart { scanner } => json!({ "name": scanner }),
            Self::ScannerWaiting { scanner, duration } => json!({ "name": scanner, "duration_s": rounded(*duration) }),
            Self::ScannerSkipped { scanner, status, reason, install_hint } => {
                json!({ "name": scanner, "status": status, "reason": reason, "install_hint": install_hint })
            }
            Self::ScannerEnd { scanner, status, reason, duration, findings } => json!({
                "name": scanner, "status": status, "error": reason, "duration_s": rounded(*duration), "findings_count": findings,
            }),
            Self::ScanEnd { findings, duration, .. } => json!({
                "findings_count": findings.iter().map(|(_, count)| count).sum::<usize>(),
                "severity_counts": findings.iter().map(|(s, count)| (s.as_str(), *count)).collect::<BTreeMap<_, _>>(),
                "duration_s": rounded(*duration),
            }),
            Self::ScanFailed { error } => json!({ "error": error }),
        };
        if let Value::Object(map) = &mut data {
            map.insert("event".to_owned(), self.name().into());
        }
        data
    }
}
