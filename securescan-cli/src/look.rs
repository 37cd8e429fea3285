//! From arguments to a processed result: configuration, scan, pipeline. Shared by the commands that scan.

use crate::args::{ConfigArgs, HowArgs, LookArgs};
use crate::output::Voice;
use crate::progress::Progress;
use crate::signals::Interrupt;
use securescan_core::api;
use securescan_core::baseline::Baseline;
use securescan_core::compliance::Frameworks;
use securescan_core::config::Config;
use securescan_core::pipeline::{self, PipelineOptions, Processed};
use securescan_core::scanners::{self, RawScan, ScanRequest};
use securescan_core::source::DirSources;
use securescan_core::{Error, Result, ScanResult, ScanType};
use std::path::{Path, PathBuf};
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
        let config = load_config(&args.how.config, &args.target, voice)?;
        Self::with_config(&args.target, &args.how, config, fallback)
    }

    /// As [`Look::prepare`], with a configuration that was found already.
    pub(crate) fn with_config(
        target: &Path,
        args: &HowArgs,
        config: Option<(PathBuf, Config)>,
        fallback: &[ScanType],
    ) -> Result<Self> {
        let mut request = ScanRequest::new(target);
        request.scanners.clone_from(&args.scanner);
        request.jobs = args.jobs.map(usize::from);
        for (name, seconds) in &args.timeout {
            let limit = Duration::from_secs(u64::from(*seconds));
            match name {
                None => request.timeout = Some(limit),
                Some(name) => drop(request.scanner_timeouts.insert(scanners::named(name)?.name.to_owned(), limit)),
            }
        }
        for name in &args.require {
            scanners::named(name)?;
        }
        request.no_ignore = args.no_ignore;
        request.vendored = args.vendored;
        request.max_file_bytes = args.max_file_size;
        request.host_probes = args.baseline_host_probes;
        request.online = !args.offline;
        request.secret_rules.clone_from(&args.secret_rules);
        request.types = args.types.iter().map(|t| t.parse()).collect::<Result<_>>()?;
        request.target_url.clone_from(&args.target_url);
        request.target_host.clone_from(&args.target_host);
        api::aim(&mut request);
        let user = user_settings();
        let setting = |name: &str| std::env::var(name).ok().or_else(|| user.get(name).cloned()).filter(|v| !v.is_empty());
        request.zap_address = setting("SECURESCAN_ZAP_ADDRESS");
        request.zap_api_key = setting("SECURESCAN_ZAP_API_KEY");
        let (file, config) = config.map_or_else(Default::default, |(file, config)| (Some(file), config));
        api::apply(&mut request, &config, file.as_deref(), fallback);
        scanners::chosen(&request)?;
        let frameworks = args.compliance_dir.as_deref().map(Frameworks::with_dir).transpose()?;
        Ok(Self { request, config, frameworks })
    }

    /// Scans.
    pub(crate) fn scan(&self, voice: Voice) -> Result<(RawScan, Interrupt)> {
        let interrupt = Interrupt::watch(&self.request.cancel);
        let words: Vec<_> = scanners::types_of(&self.request).iter().map(|t| t.as_str()).collect();
        if std::io::IsTerminal::is_terminal(&std::io::stderr()) {
            voice.note(&format!("Scanning {} ({})", api::target_name(&self.request), words.join(", ")));
        }
        let progress = Progress::new(voice);
        Ok((scanners::scan(&self.request, &progress)?, interrupt))
    }

    /// Runs the pipeline over what a scan gave.
    pub(crate) fn process(&self, raw: &mut RawScan, baseline: Option<&Baseline>, suppress: bool) -> (ScanResult, Processed) {
        self.process_by(raw, &self.config, baseline, suppress)
    }

    /// As [`Look::process`], by another configuration.
    pub(crate) fn process_by(
        &self,
        raw: &mut RawScan,
        config: &Config,
        baseline: Option<&Baseline>,
        suppress: bool,
    ) -> (ScanResult, Processed) {
        let sources = DirSources::new(raw.source_root());
        let options = PipelineOptions {
            config,
            baseline,
            suppress,
            frameworks: self.frameworks.as_ref().unwrap_or_else(|| Frameworks::builtin()),
            sources: &sources,
        };
        let mut done = pipeline::run(std::mem::take(&mut raw.findings), &options);
        let result = ScanResult {
            target: api::target_name(&self.request),
            scanners: std::mem::take(&mut raw.coverage),
            findings: std::mem::take(&mut done.findings),
        };
        (result, done)
    }
}

/// The user's own settings: `NAME=value` lines of `~/.config/securescan/.env`, for what should not stand on a command line.
fn user_settings() -> std::collections::BTreeMap<String, String> {
    let folder = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).filter(|p| p.is_absolute());
    let folder = folder.or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".config")));
    let text = folder.and_then(|folder| std::fs::read_to_string(folder.join("securescan/.env")).ok()).unwrap_or_default();
    securescan_core::config::parse_env(&text).into_iter().collect()
}

/// The configuration that counts for a target, with the file it stands in.
pub(crate) fn load_config(args: &ConfigArgs, target: &Path, voice: Voice) -> Result<Option<(PathBuf, Config)>> {
    if args.no_config {
        return Ok(None);
    }
    let source = args.file.clone().map_or(api::ConfigSource::Discover, api::ConfigSource::File);
    let (path, config) = api::configuration(&source, target)?;
    let found = path.map(|path| (path, config));
    if args.file.is_some() {
        return Ok(found);
    }
    if let Some((path, _)) = &found {
        voice.note(&format!("loaded config from {}", path.display()));
    }
    Ok(found)
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
