//! From arguments to a processed result: configuration, scan, pipeline. Shared by the commands that scan.

use crate::args::{ConfigArgs, HowArgs, LookArgs};
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
        aim(&mut request, target, args);
        let user = user_settings();
        let setting = |name: &str| std::env::var(name).ok().or_else(|| user.get(name).cloned()).filter(|v| !v.is_empty());
        request.zap_address = setting("SECURESCAN_ZAP_ADDRESS");
        request.zap_api_key = setting("SECURESCAN_ZAP_API_KEY");
        let config = match config {
            Some((path, config)) => {
                let folder = path.parent().unwrap_or(Path::new("."));
                request.semgrep_rules = config.semgrep_configs(folder).into_iter().map(Into::into).collect();
                config
            }
            None => Config::default(),
        };
        if request.types.is_empty() && !request.target.as_os_str().is_empty() {
            request.types.clone_from(&config.scan_types);
            if request.types.is_empty() {
                request.types = fallback.to_vec();
            }
        }
        scanners::chosen(&request)?;
        let frameworks = args.compliance_dir.as_deref().map(Frameworks::with_dir).transpose()?;
        Ok(Self { request, config, frameworks })
    }

    /// Scans.
    pub(crate) fn scan(&self, voice: Voice) -> Result<(RawScan, Interrupt)> {
        let interrupt = Interrupt::watch(&self.request.cancel);
        let words: Vec<_> = scanners::types_of(&self.request).iter().map(|t| t.as_str()).collect();
        if std::io::IsTerminal::is_terminal(&std::io::stderr()) {
            voice.note(&format!("Scanning {} ({})", self.target(), words.join(", ")));
        }
        let progress = Progress::new(voice);
        Ok((scanners::scan(&self.request, &progress)?, interrupt))
    }

    /// What is looked at, for people.
    fn target(&self) -> String {
        let request = &self.request;
        let path = Some(request.target.display().to_string()).filter(|path| !path.is_empty());
        path.or_else(|| request.target_url.clone()).or_else(|| request.target_host.clone()).unwrap_or_default()
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
            target: self.target(),
            scanners: std::mem::take(&mut raw.coverage),
            findings: std::mem::take(&mut done.findings),
        };
        (result, done)
    }
}

/// Where the scan goes: a URL and a host may stand in the place of the folder.
fn aim(request: &mut ScanRequest, target: &Path, args: &HowArgs) {
    request.target_url.clone_from(&args.target_url);
    request.target_host.clone_from(&args.target_host);
    let remote = |t: &ScanType| matches!(t, ScanType::Dast | ScanType::Network);
    let only_remote = !request.types.is_empty() && request.types.iter().all(remote);
    let named = target.to_str().unwrap_or_default();
    let is_url =
        ["http://", "https://"].iter().any(|scheme| named.get(..scheme.len()).is_some_and(|n| n.eq_ignore_ascii_case(scheme)));
    if is_url {
        request.target_url.get_or_insert_with(|| named.to_owned());
        if request.types.contains(&ScanType::Network) && request.target_host.is_none() {
            request.target_host = host_of(named);
        }
        request.target.clear();
    } else if only_remote {
        if named != "." && request.types.contains(&ScanType::Network) && !target.exists() {
            request.target_host.get_or_insert_with(|| named.to_owned());
        }
        if request.target_url.is_some() || request.target_host.is_some() {
            request.target.clear();
        }
    }
}

/// The user's own settings: `NAME=value` lines of `~/.config/securescan/.env`, for what should not stand on a command line.
fn user_settings() -> std::collections::BTreeMap<String, String> {
    let folder = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).filter(|p| p.is_absolute());
    let folder = folder.or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".config")));
    let text = folder.and_then(|folder| std::fs::read_to_string(folder.join("securescan/.env")).ok()).unwrap_or_default();
    securescan_core::config::parse_env(&text).into_iter().collect()
}

/// The host of a URL, without user, port and brackets.
fn host_of(url: &str) -> Option<String> {
    let authority = url.split("://").nth(1)?.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next()?,
        None => host.split(':').next()?,
    };
    (!host.is_empty()).then(|| host.to_owned())
}

/// The configuration that counts for a target, with the file it stands in.
pub(crate) fn load_config(args: &ConfigArgs, target: &Path, voice: Voice) -> Result<Option<(PathBuf, Config)>> {
    if args.no_config {
        return Ok(None);
    }
    if let Some(path) = &args.file {
        return Ok(Some((path.clone(), Config::load(path)?)));
    }
    let start = if target.exists() { target } else { Path::new(".") };
    let found = Config::discover(start)?;
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
