//! From a stored request to findings: the same orchestrator, configuration and pipeline as the command line.

use super::{ScanEvent, Shared};
use crate::ai::{self, Advice};
use crate::settings::Settings;
use crate::storage::NewScan;
use securescan_core::api::{self, ScanOptions};
use securescan_core::scanners::{Cancel, Event, EventSink, LooksAt, SCANNERS};
use securescan_core::{Coverage, Error, ErrorKind, Finding, Result};
use serde_json::json;
use std::sync::Arc;

/// What a scan saw.
#[derive(Debug)]
pub(super) struct Seen {
    /// Through the whole pipeline, in canonical order.
    pub(super) findings: Vec<Finding>,
    pub(super) coverage: Coverage,
    /// Of a model, when it was asked.
    pub(super) advice: Option<Advice>,
}

/// Scans, on a thread of its own. Ends early, with what was found, when cancelled.
pub(super) async fn look(settings: &Settings, scan: &NewScan, cancel: &Cancel, shared: &Arc<Shared>) -> Result<Seen> {
    let options = options(settings, scan, cancel);
    let sink = Sink { scan: scan.clone(), shared: Arc::clone(shared) };
    let (ai, cancel) = (settings.ai.clone().ok().filter(|_| scan.ai), cancel.clone());
    let work = tokio::task::spawn_blocking(move || {
        let result = api::scan(&options, &sink)?.processed.findings.into_result();
        let mut findings = result.findings;
        for finding in &mut findings {
            finding.scan_id = Some(sink.scan.id.clone());
        }
        let advice = ai.filter(|_| !cancel.is_cancelled()).map(|ai| ai::advise(&ai, &findings, &cancel));
        if let Some((advice, error)) = advice.as_ref().and_then(|a| Some((a, a.error.as_ref()?))) {
            let fields = [("scan_id", json!(sink.scan.id)), ("unanswered", json!(advice.unanswered)), ("error", json!(error))];
            sink.shared.log.warning("securescan.ai", "the model did not answer", &fields);
        }
        Ok(Seen { findings, coverage: result.scanners, advice })
    });
    work.await.unwrap_or_else(|_| Err(Error::new(ErrorKind::Internal, "the scan ended in an internal fault")))
}

/// The scan as the engine takes it. Configuration is found as the command line finds it.
fn options(settings: &Settings, scan: &NewScan, cancel: &Cancel) -> ScanOptions {
    let mut options = ScanOptions::new(&scan.target_path);
    let request = &mut options.request;
    request.types.clone_from(&scan.scan_types);
    request.target_url.clone_from(&scan.target_url);
    request.target_host.clone_from(&scan.target_host);
    request.zap_address.clone_from(&settings.zap_address);
    request.zap_api_key.clone_from(&settings.zap_api_key);
    request.cancel = cancel.clone();
    for scanner in SCANNERS {
        let meta = scanner.meta();
        let limit = if meta.looks_at == LooksAt::Url { settings.dast_timeout } else { None };
        if let Some(limit) = limit.or(settings.scan_timeout) {
            request.scanner_timeouts.insert(meta.name.to_owned(), limit);
        }
    }
    options
}

/// Passes the engine's events on, in the names of the API.
struct Sink {
    scan: NewScan,
    shared: Arc<Shared>,
}

impl EventSink for Sink {
    fn event(&self, event: &Event) {
        if let Some(event) = ScanEvent::of(event, &self.scan.scan_types, &self.scan.target_path) {
            self.shared.tell(&self.scan.id, &event);
        }
    }
}
