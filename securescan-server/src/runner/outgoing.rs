//! The end of a scan: its row, what webhooks and notifications say of it, and its last event.
//!
//! # Source
//! Payloads: the documentation's page on webhooks; notifications: its page on them.

use super::ScanEvent;
use super::events::{error_text, seconds};
use super::look::Seen;
use super::payload;
use crate::storage::{Finished, NewScan, Note, Outgoing, ScanStatus};
use securescan_core::score::{self, Summary};
use securescan_core::{Coverage, Error, ScannerStatus, Severity};
use serde_json::{Value, json};
use std::time::Duration;

/// The end of a scan that saw its target.
pub(super) fn completed(scan: &NewScan, started_at: i64, completed_at: i64, seen: Seen) -> Finished {
    let Seen { findings, coverage, advice } = seen;
    let (mut run, mut skipped, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    for line in &coverage {
        let reason = line.reason.clone().unwrap_or_else(|| line.status.as_str().to_owned());
        match line.status {
            ScannerStatus::Ok | ScannerStatus::Partial => run.push(line.name.clone()),
            ScannerStatus::Skipped | ScannerStatus::NotApplicable => {
                skipped.push((line.name.clone(), reason, line.install_hint.clone()));
            }
            ScannerStatus::Failed | ScannerStatus::TimedOut => failed.push((line.name.clone(), error_text(&reason))),
        }
    }
    run.sort();
    skipped.sort();
    failed.sort();
    let summary = score::summary(&findings, run.clone());
    let mut end = Finished {
        status: ScanStatus::Completed,
        completed_at,
        error: None,
        suppressed: summary.suppressed,
        severities: [summary.critical, summary.high, summary.medium, summary.low, summary.info],
        risk_score: Some(summary.risk_score),
        advice,
        findings,
        coverage,
        scanners_run: run,
        scanners_skipped: skipped,
        scanners_failed: failed,
        outgoing: Vec::new(),
        notes: Vec::new(),
    };
    (end.outgoing, end.notes) = scanner_failures(scan, &end.coverage);
    end.outgoing.push(Outgoing { event: "scan.complete", payload: payload::end(scan, started_at, &end) });
    end.notes.extend(found(scan, &end, &summary));
    end
}

/// The end of a scan that did not.
pub(super) fn failed(scan: &NewScan, started_at: i64, completed_at: i64, error: &Error) -> Finished {
    let error = error_text(error.message());
    let mut end = Finished {
        status: ScanStatus::Failed,
        completed_at,
        error: Some(error.clone()),
        findings: Vec::new(),
        coverage: Vec::new(),
        suppressed: 0,
        severities: [0; 5],
        risk_score: None,
        advice: None,
        scanners_run: Vec::new(),
        scanners_skipped: Vec::new(),
        scanners_failed: Vec::new(),
        outgoing: Vec::new(),
        notes: Vec::new(),
    };
    end.outgoing.push(Outgoing { event: "scan.failed", payload: payload::end(scan, started_at, &end) });
    end.notes.push(Note {
        kind: "scan.failed",
        title: format!("Scan failed: {} — {error}", scan.target_path),
        body: Some(error),
        severity: "high",
        scanner: String::new(),
    });
    end
}

/// The last event of a scan.
pub(super) fn event(scan: &NewScan, started_at: i64, end: &Finished) -> ScanEvent {
    if !end.is_complete() {
        return ScanEvent::new("scan.failed", json!({"error": end.error}));
    }
    ScanEvent::new(
        "scan.complete",
        json!({
            "findings_count": end.findings.len(),
            "risk_score": end.risk_score,
            "scanners_run": end.scanners_run,
            "scanners_skipped": skips(end),
            "target": scan.target_path,
            "duration_s": duration(started_at, end.completed_at),
            "scanner_count": end.scanners_run.len(),
        }),
    )
}

fn skips(end: &Finished) -> Vec<Value> {
    let skip =
        |(name, reason, hint): &(String, String, Option<String>)| json!({"name": name, "reason": reason, "install_hint": hint});
    end.scanners_skipped.iter().map(skip).collect()
}

fn scanner_failures(scan: &NewScan, coverage: &Coverage) -> (Vec<Outgoing>, Vec<Note>) {
    let failed = coverage.iter().filter(|line| matches!(line.status, ScannerStatus::Failed | ScannerStatus::TimedOut));
    failed
        .map(|line| {
            let error = error_text(line.reason.as_deref().unwrap_or(line.status.as_str()));
            let short: String = error.chars().take(100).collect();
            let note = Note {
                kind: "scanner.failed",
                title: format!("Scanner failed: {}", line.name),
                body: Some(format!("{} failed: {short}", line.name)),
                severity: "medium",
                scanner: line.name.clone(),
            };
            (Outgoing { event: "scanner.failed", payload: payload::scanner_failed(scan, line, &error) }, note)
        })
        .unzip()
}

/// The notification about findings, when there are any that count.
fn found(scan: &NewScan, end: &Finished, summary: &Summary) -> Option<Note> {
    let by_severity = [
        (Severity::Critical, summary.critical),
        (Severity::High, summary.high),
        (Severity::Medium, summary.medium),
        (Severity::Low, summary.low),
        (Severity::Info, summary.info),
    ];
    let (severity, count) = by_severity.into_iter().find(|(_, count)| *count > 0)?;
    let plural = if count == 1 { "" } else { "s" };
    Some(Note {
        kind: "scan.complete",
        title: format!("{count} {severity} finding{plural} on {}", scan.target_path),
        body: Some(format!("Scanners run: {}", end.scanners_run.join(", "))),
        severity: severity.as_str(),
        scanner: String::new(),
    })
}

pub(super) fn duration(from: i64, to: i64) -> f64 {
    seconds(Duration::from_micros(u64::try_from(to.saturating_sub(from)).unwrap_or(0)))
}
