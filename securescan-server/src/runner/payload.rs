//! What webhooks are told about the end of a scan: the `data` of the envelope, keys in the documented order.
//!
//! # Source
//! The documentation's page on webhooks.

use super::outgoing::duration;
use crate::storage::{Finished, NewScan};
use crate::time::zulu;
use securescan_core::{ScanType, ScannerRun};
use serde::Serialize;

#[derive(Serialize)]
struct Skip<'a> {
    name: &'a str,
    reason: &'a str,
    install_hint: Option<&'a str>,
}

#[derive(Serialize)]
struct Counts {
    critical: u64,
    high: u64,
    medium: u64,
    low: u64,
    info: u64,
}

#[derive(Serialize)]
struct Completed<'a> {
    scan_id: &'a str,
    target_path: &'a str,
    scan_types: &'a [ScanType],
    scanners_run: &'a [String],
    scanners_skipped: Vec<Skip<'a>>,
    findings_count: usize,
    severity_counts: Counts,
    risk_score: Option<f64>,
    duration_s: f64,
    started_at: String,
    completed_at: String,
}

#[derive(Serialize)]
struct Failed<'a> {
    scan_id: &'a str,
    target_path: &'a str,
    scan_types: &'a [ScanType],
    error: Option<&'a str>,
    scanners_run: &'a [String],
    scanners_skipped: Vec<Skip<'a>>,
    started_at: String,
    completed_at: String,
}

#[derive(Serialize)]
struct ScannerFailed<'a> {
    scan_id: &'a str,
    scanner: &'a str,
    scan_type: ScanType,
    error: &'a str,
    duration_s: Option<f64>,
}

/// Of `scan.complete` and `scan.failed`.
pub(super) fn end(scan: &NewScan, started_at: i64, end: &Finished) -> String {
    let skipped = end.scanners_skipped.iter();
    let scanners_skipped = skipped.map(|(name, reason, hint)| Skip { name, reason, install_hint: hint.as_deref() }).collect();
    let (started, completed) = (zulu(started_at), zulu(end.completed_at));
    let [critical, high, medium, low, info] = end.severities;
    if !end.is_complete() {
        return json(&Failed {
            scan_id: &scan.id,
            target_path: &scan.target_path,
            scan_types: &scan.scan_types,
            error: end.error.as_deref(),
            scanners_run: &end.scanners_run,
            scanners_skipped,
            started_at: started,
            completed_at: completed,
        });
    }
    json(&Completed {
        scan_id: &scan.id,
        target_path: &scan.target_path,
        scan_types: &scan.scan_types,
        scanners_run: &end.scanners_run,
        scanners_skipped,
        findings_count: end.findings.len(),
        severity_counts: Counts { critical, high, medium, low, info },
        risk_score: end.risk_score,
        duration_s: duration(started_at, end.completed_at),
        started_at: started,
        completed_at: completed,
    })
}

/// Of `scanner.failed`.
pub(super) fn scanner_failed(scan: &NewScan, line: &ScannerRun, error: &str) -> String {
    json(&ScannerFailed { scan_id: &scan.id, scanner: &line.name, scan_type: line.scan_type, error, duration_s: line.duration_s })
}

fn json(data: &impl Serialize) -> String {
    serde_json::to_string(data).unwrap_or_else(|_| "{}".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::ScanStatus;

    fn scan() -> NewScan {
        NewScan {
            id: "s".into(),
            target_path: "/srv/demo".into(),
            scan_types: vec![ScanType::Code, ScanType::Iac],
            target_url: None,
            target_host: None,
            created_at: 1,
            created_by: String::new(),
            ai: false,
        }
    }

    #[test]
    fn documented_keys_in_documented_order() {
        let mut done = Finished {
            status: ScanStatus::Completed,
            completed_at: 1_777_493_469_456_789,
            error: None,
            findings: Vec::new(),
            coverage: Vec::new(),
            suppressed: 0,
            severities: [1, 3, 5, 2, 1],
            advice: None,
            risk_score: Some(34.2),
            scanners_run: vec!["bandit".into(), "semgrep".into()],
            scanners_skipped: vec![("checkov".into(), "binary not on PATH".into(), Some("pip install checkov".into()))],
            scanners_failed: Vec::new(),
            outgoing: Vec::new(),
            notes: Vec::new(),
        };
        let started_at = done.completed_at - 81_300_000;
        assert_eq!(
            end(&scan(), started_at, &done),
            r#"{"scan_id":"s","target_path":"/srv/demo","scan_types":["code","iac"],"scanners_run":["bandit","semgrep"],"scanners_skipped":[{"name":"checkov","reason":"binary not on PATH","install_hint":"pip install checkov"}],"findings_count":0,"severity_counts":{"critical":1,"high":3,"medium":5,"low":2,"info":1},"risk_score":34.2,"duration_s":81.3,"started_at":"2026-04-29T20:09:48.156789Z","completed_at":"2026-04-29T20:11:09.456789Z"}"#
        );
        (done.status, done.error) = (ScanStatus::Failed, Some("broken".into()));
        done.scanners_skipped.clear();
        assert_eq!(
            end(&scan(), started_at, &done),
            r#"{"scan_id":"s","target_path":"/srv/demo","scan_types":["code","iac"],"error":"broken","scanners_run":["bandit","semgrep"],"scanners_skipped":[],"started_at":"2026-04-29T20:09:48.156789Z","completed_at":"2026-04-29T20:11:09.456789Z"}"#
        );
    }
}
