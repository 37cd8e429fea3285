//! From a stored request to findings: the same orchestrator, configuration and pipeline as the command line.

use super::{ScanEvent, Shared};
use crate::settings::Settings;
use crate::storage::NewScan;
use securescan_core::compliance::Frameworks;
use securescan_core::config::Config;
use securescan_core::pipeline::{self, PipelineOptions};
use securescan_core::scanners::{Cancel, Event, EventSink, LooksAt, RawScan, SCANNERS, ScanRequest, scan_async};
use securescan_core::source::DirSources;
use securescan_core::{Coverage, Error, ErrorKind, Finding, Result, ScanType};
use std::path::Path;
use std::sync::Arc;

/// What a scan saw.
#[derive(Debug)]
pub(super) struct Seen {
    /// Through the whole pipeline, in canonical order.
    pub(super) findings: Vec<Finding>,
    pub(super) coverage: Coverage,
}

/// Scans and processes. Ends early, with what was found, when cancelled.
pub(super) async fn look(settings: &Settings, scan: &NewScan, cancel: &Cancel, shared: &Arc<Shared>) -> Result<Seen> {
    let (request, config) = prepare(settings, scan, cancel)?;
    let sink = Arc::new(Sink {
        id: scan.id.clone(),
        types: scan.scan_types.clone(),
        target: scan.target_path.clone(),
        shared: Arc::clone(shared),
    });
    let raw = scan_async(request, sink).await?;
    let id = scan.id.clone();
    let processing = tokio::task::spawn_blocking(move || process(raw, &config, &id));
    processing.await.map_err(|_| Error::new(ErrorKind::Internal, "the findings could not be processed"))
}

/// The request, with the configuration that applies to its target.
fn prepare(settings: &Settings, scan: &NewScan, cancel: &Cancel) -> Result<(ScanRequest, Config)> {
    let target = Path::new(&scan.target_path);
    let mut request = ScanRequest::new(target);
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
    let config = match Config::discover(target)? {
        Some((path, config)) => {
            let folder = path.parent().unwrap_or(Path::new("."));
            request.semgrep_rules = config.semgrep_configs(folder).into_iter().map(Into::into).collect();
            config
        }
        None => Config::default(),
    };
    Ok((request, config))
}

fn process(mut raw: RawScan, config: &Config, scan_id: &str) -> Seen {
    let sources = DirSources::new(raw.source_root());
    let options =
        PipelineOptions { config, baseline: None, suppress: true, frameworks: Frameworks::builtin(), sources: &sources };
    let mut findings = pipeline::run(std::mem::take(&mut raw.findings), &options).findings;
    for finding in &mut findings {
        finding.scan_id = Some(scan_id.to_owned());
    }
    Seen { findings, coverage: std::mem::take(&mut raw.coverage) }
}

/// Passes the engine's events on, in the names of the API.
struct Sink {
    id: String,
    types: Vec<ScanType>,
    target: String,
    shared: Arc<Shared>,
}

impl EventSink for Sink {
    fn event(&self, event: &Event) {
        if let Some(event) = ScanEvent::of(event, &self.types, &self.target) {
            self.shared.tell(&self.id, &event);
        }
    }
}
