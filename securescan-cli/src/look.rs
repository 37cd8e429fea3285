//! From arguments to a processed result: configuration, scan, pipeline. Shared by the commands that scan.

use crate::args::LookArgs;
use crate::output::Voice;
use crate::progress::Progress;
use crate::signals::Interrupt;
use securescan_core::baseline::Baseline;
use securescan_core::compliance::Frameworks;
use securescan_core::config::Config;
use securescan_core::pipeline::{self, PipelineOptions, Processed};
use securescan_core::scanners::{self, RawScan, ScanRequest};
use securescan_core::source::DirSources;
use securescan_core::{Error, Result, ScanResult, ScanType};
use std::path::Path;
use std::time::Duration;

/// Files that steer a scan are small; anything larger is a mistake. In bytes.
const MAX_STEERING_BYTES: u64 = 256 << 20;

/// A request with the configuration that applies to it.
#[derive(Debug)]
pub(crate) struct Look {
    pub(crate) request: ScanRequest,
    pub(crate) config: Config,
    frameworks: Option<Frameworks>,
}

impl Look {
    /// Reads the arguments and the configuration; everything that can be wrong is found here, before any scanner starts.
    /// Without types in the arguments or the configuration, `fallback` counts; empty leaves the choice to the engine.
    pub(crate) fn prepare(args: &LookArgs, voice: Voice, fallback: &[ScanType]) -> Result<Self> {
        let mut request = ScanRequest::new(&args.target);
        request.scanners.clone_from(&args.scanner);
        request.jobs = args.jobs.map(usize::from);
        request.timeout = args.timeout.map(|s| Duration::from_secs(u64::from(s)));
        request.no_ignore = args.no_ignore;
        request.vendored = args.vendored;
        request.max_file_bytes = args.max_file_size;
        request.host_probes = args.baseline_host_probes;
        request.secret_rules.clone_from(&args.secret_rules);
        request.types = args.types.iter().map(|t| t.parse()).collect::<Result<_>>()?;
        let config = load_config(args, voice)?;
        if request.types.is_empty() {
            request.types.clone_from(&config.scan_types);
        }
        if request.types.is_empty() {
            request.types = fallback.to_vec();
        }
        scanners::chosen(&request)?;
        let frameworks = args.compliance_dir.as_deref().map(Frameworks::with_dir).transpose()?;
        Ok(Self { request, config, frameworks })
    }

    /// Scans.
    pub(crate) fn scan(&self, voice: Voice) -> Result<(RawScan, Interrupt)> {
        let interrupt = Interrupt::watch(&self.request.cancel);
        let types = if self.request.types.is_empty() { scanners::DEFAULT_TYPES } else { &self.request.types };
        let words: Vec<_> = types.iter().map(|t| t.as_str()).collect();
        if std::io::IsTerminal::is_terminal(&std::io::stderr()) {
            voice.note(&format!("Scanning {} ({})", self.request.target.display(), words.join(", ")));
        }
        let progress = Progress::new(voice);
        Ok((scanners::scan(&self.request, &progress)?, interrupt))
    }

    /// Runs the pipeline over what a scan gave.
    pub(crate) fn process(&self, raw: &mut RawScan, baseline: Option<&Baseline>, suppress: bool) -> (ScanResult, Processed) {
        let sources = DirSources::new(raw.source_root());
        let options = PipelineOptions {
            config: &self.config,
            baseline,
            suppress,
            frameworks: self.frameworks.as_ref().unwrap_or_else(|| Frameworks::builtin()),
            sources: &sources,
        };
        let mut done = pipeline::run(std::mem::take(&mut raw.findings), &options);
        let result = ScanResult {
            target: self.request.target.display().to_string(),
            scanners: std::mem::take(&mut raw.coverage),
            findings: std::mem::take(&mut done.findings),
        };
        (result, done)
    }
}

fn load_config(args: &LookArgs, voice: Voice) -> Result<Config> {
    if args.no_config {
        return Ok(Config::default());
    }
    if let Some(path) = &args.config {
        return Config::load(path);
    }
    let Some((path, config)) = Config::discover(&args.target)? else { return Ok(Config::default()) };
    voice.note(&format!("loaded config from {}", path.display()));
    Ok(config)
}

/// Reads a baseline for suppression. A file that is not there is a warning, unless strict: the gate then sees everything.
pub(crate) fn load_baseline(path: &Path, strict: bool, voice: Voice) -> Result<Option<Baseline>> {
    let shown = path.display().to_string();
    if !path.exists() && !strict {
        voice.warn(&format!("baseline file not found: {shown}; skipping"));
        return Ok(None);
    }
    let baseline = Baseline::read(path)?;
    voice.note(&format!("loaded {} baseline entries from {shown}", baseline.len()));
    Ok(Some(baseline))
}

/// Reads a regular file of bounded size.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>> {
    let shown = path.display().to_string();
    let meta = std::fs::metadata(path).map_err(|e| Error::io(&shown, &e))?;
    if meta.is_dir() {
        return Err(Error::invalid(format!("`{shown}` is a folder")).hint("name a file"));
    }
    if meta.len() > MAX_STEERING_BYTES {
        return Err(Error::new(
            securescan_core::ErrorKind::Limit,
            format!("`{shown}` is larger than {MAX_STEERING_BYTES} bytes"),
        ));
    }
    std::fs::read(path).map_err(|e| Error::io(&shown, &e))
}
