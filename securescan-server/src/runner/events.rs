//! What is told while a scan runs, and who hears it.
//!
//! A listener is one line in [`super::Runner::start`]. Listeners are called from scanner threads and must not wait.

use crate::logging::{Level, Log};
use securescan_core::ScanType;
use securescan_core::scanners::Event;
use serde_json::{Value, json};
use std::time::Duration;

/// Something that happened to a scan.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ScanEvent {
    /// `scan.start`, `scanner.complete`, …
    pub(crate) name: &'static str,
    /// An object.
    pub(crate) data: Value,
}

/// Hears of everything that happens to every scan.
pub(crate) trait Listener: Send + Sync + std::fmt::Debug {
    /// Something happened.
    fn event(&self, scan_id: &str, event: &ScanEvent);
}

impl ScanEvent {
    pub(crate) fn new(name: &'static str, data: Value) -> Self {
        Self { name, data }
    }

    /// The API's form of an event of the engine: the documented keys, and the Python service's beside them. None for what only the
    /// end of a scan tells, which is told when it is recorded.
    pub(super) fn of(event: &Event, types: &[ScanType], target: &str) -> Option<Self> {
        Some(match event {
            Event::ScanStart { scanners, .. } => {
                Self::new("scan.start", json!({"scan_types": types, "target": target, "scanner_count": scanners.len()}))
            }
            Event::ScannerStart { scanner } => Self::new("scanner.start", json!({"name": scanner, "scanner": scanner})),
            Event::ScannerSkipped { scanner, reason, install_hint, .. } => Self::new(
                "scanner.skipped",
                json!({"name": scanner, "scanner": scanner, "reason": reason, "install_hint": install_hint}),
            ),
            Event::ScannerEnd { scanner, status, reason, duration, findings } => {
                let mut data = json!({"name": scanner, "scanner": scanner, "duration_s": seconds(*duration)});
                let failed = !status.is_complete() && *status != securescan_core::ScannerStatus::Partial;
                let (key, value) = match failed {
                    true => ("error", json!(error_text(reason.as_deref().unwrap_or(status.as_str())))),
                    false => ("findings_count", json!(findings)),
                };
                if let Some(data) = data.as_object_mut() {
                    data.insert(key.into(), value);
                }
                Self::new(if failed { "scanner.failed" } else { "scanner.complete" }, data)
            }
            Event::ScannerWaiting { .. } | Event::ScanEnd { .. } | Event::ScanFailed { .. } => return None,
        })
    }

    /// Whether nothing follows.
    pub(crate) fn is_terminal(&self) -> bool {
        matches!(self.name, "scan.complete" | "scan.failed" | "scan.cancelled")
    }
}

/// Wall time in seconds, two decimals.
pub(super) fn seconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 100.0).round() / 100.0
}

/// An error as events, logs and webhooks show it: one line, 200 characters, no secret.
pub(super) fn error_text(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    securescan_core::scanners::redact(line).chars().take(200).collect()
}

/// Writes every event into the log.
#[derive(Debug)]
pub(super) struct Logged(pub(super) Log);

impl Listener for Logged {
    fn event(&self, scan_id: &str, event: &ScanEvent) {
        let level = if event.name.ends_with(".failed") { Level::Warning } else { Level::Info };
        let known = ["target", "scanner_count", "scanner", "reason", "duration_s", "findings_count", "error"];
        let mut fields = vec![("event", json!(event.name))];
        fields.extend(known.into_iter().filter_map(|key| Some((key, event.data.get(key)?.clone()))));
        fields.push(("scan_id", json!(scan_id)));
        self.0.write(level, "securescan.scan", event.name, &fields);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use securescan_core::ScannerStatus;

    #[test]
    fn documented_payloads() {
        let of = |event| ScanEvent::of(&event, &[ScanType::Code], "/srv/demo").map(|e| (e.name, e.data));
        let end = |status, reason: Option<&str>| Event::ScannerEnd {
            scanner: "secrets",
            status,
            reason: reason.map(str::to_owned),
            duration: Duration::from_millis(1234),
            findings: 3,
        };
        assert_eq!(
            of(end(ScannerStatus::Ok, None)),
            Some(("scanner.complete", json!({"name":"secrets","scanner":"secrets","duration_s":1.23,"findings_count":3})))
        );
        assert_eq!(of(end(ScannerStatus::Partial, None)).unwrap().0, "scanner.complete");
        assert_eq!(
            of(end(ScannerStatus::TimedOut, Some("late\nmore"))),
            Some(("scanner.failed", json!({"name":"secrets","scanner":"secrets","duration_s":1.23,"error":"late"})))
        );
        assert_eq!(
            of(Event::ScanStart { scanners: vec!["secrets"], files: 1 }),
            Some(("scan.start", json!({"scan_types":["code"],"target":"/srv/demo","scanner_count":1})))
        );
        assert_eq!(of(Event::ScanFailed { error: String::new() }), None);
        assert!(
            ScanEvent::new("scan.cancelled", json!({})).is_terminal() && !ScanEvent::new("scan.start", json!({})).is_terminal()
        );
        assert_eq!(error_text(&"é".repeat(300)).chars().count(), 200);
    }
}
