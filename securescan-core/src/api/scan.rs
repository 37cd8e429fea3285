//! A scan from beginning to end, as every surface offers it: configuration, scanners, pipeline.

use super::steps::{self, ProcessOptions, Processed};
use crate::baseline::Baseline;
use crate::config::Config;
use crate::model::{ScanResult, ScanType, ScannerRun};
use crate::scanners::{self, EventSink, RawScan, ScanRequest};
use crate::source::DirSources;
use crate::{Error, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where the configuration of a scan comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ConfigSource {
    /// The file that applies to the target: `.securescan.yml` there or above, up to the repository.
    #[default]
    Discover,
    /// This file.
    File(PathBuf),
    /// This, as if it stood in a file of the target.
    Given(Box<Config>),
    /// None at all.
    Nothing,
}

/// What to scan and how. [`ScanOptions::new`] has every default.
#[derive(Debug, Clone)]
pub struct ScanOptions {
    /// Target, types, scanners, limits, …
    pub request: ScanRequest,
    /// Configuration; default: the one that applies to the target.
    pub config: ConfigSource,
    /// What is known already; default nothing.
    pub baseline: Option<Baseline>,
    /// Whether comments, configuration and baseline suppress; default yes.
    pub suppress: bool,
}

/// What a scan gave.
#[derive(Debug, Clone, Default)]
pub struct Scanned {
    /// Findings with their coverage, and what was suppressed.
    pub processed: Processed,
    /// The configuration file that was found, if one was.
    pub config_file: Option<PathBuf>,
    /// The folder finding paths are relative to.
    pub root: PathBuf,
    /// Whether it was stopped before its end: what there is, is incomplete.
    pub cancelled: bool,
}

impl ScanOptions {
    /// The defaults for a target: a folder, a file, an `http(s)://` address, or a host when only `network` is asked for.
    pub fn new(target: impl Into<PathBuf>) -> Self {
        Self { request: ScanRequest::new(target), config: ConfigSource::Discover, baseline: None, suppress: true }
    }

    /// From the options object that the surfaces take; all keys but `target` may be left out. See [`OPTION_KEYS`].
    ///
    /// # Errors
    /// `invalid_argument` for a key that is not known or a value of the wrong kind; `config` and `baseline` when a text given
    /// for them is wrong, `io` and `baseline` for a baseline file.
    pub fn from_json(text: &str) -> Result<Self> {
        super::read::<Wire>(text)?.options()
    }
}

macro_rules! wire {
    ($($(#[doc = $doc:literal])+ $key:ident: $type:ty,)+) => {
        /// The options object of every surface.
        #[derive(Debug, Default, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub(super) struct Wire { $($key: Option<$type>,)+ }

        /// Every key of the options object of `scan`, with what it means, one line.
        pub const OPTION_KEYS: &[(&str, &str)] = &[$((stringify!($key), concat!($($doc),+))),+];
    };
}

wire! {
    /// a folder, a file, an `http(s)://` address or a host
    target: PathBuf,
    /// kinds of scan: list of `code`, `dependency`, `iac`, `baseline`, `dast`, `network`; default the configuration's, else the first four
    types: Vec<ScanType>,
    /// scanners by name; default all of the kinds
    scanners: Vec<String>,
    /// where `dast` scanners look
    target_url: String,
    /// where `network` scanners look
    target_host: String,
    /// text of a configuration file, in the place of the one found
    config: String,
    /// path of a configuration file, in the place of the one found
    config_file: PathBuf,
    /// whether to use no configuration at all; default false
    no_config: bool,
    /// text of a baseline file: what it records is suppressed
    baseline: String,
    /// path of a baseline file
    baseline_file: PathBuf,
    /// whether comments, configuration and baseline suppress; default true
    suppress: bool,
    /// threads; default one a core
    jobs: usize,
    /// limit of the whole scan in seconds; default none
    timeout: f64,
    /// limits in seconds by scanner
    scanner_timeouts: BTreeMap<String, f64>,
    /// Semgrep rule files or folders in the place of its registry
    semgrep_rules: Vec<PathBuf>,
    /// whether tools may ask their makers for rules and advisories; default true
    online: bool,
    /// whether files that `.gitignore` excludes are looked at; default false
    no_ignore: bool,
    /// whether vendored trees are looked at; default false
    vendored: bool,
    /// larger files are skipped and listed in the coverage, in bytes; default 10 MiB
    max_file_bytes: u64,
    /// whether to look at what is staged in git; default false
    staged: bool,
    /// whether to look for secrets in the whole git history; default false
    history: bool,
    /// whether the `baseline` scanner probes this machine; default false
    host_probes: bool,
    /// gitleaks-format files with more secret rules
    secret_rules: Vec<PathBuf>,
    /// where tools are, by scanner name
    tool_paths: BTreeMap<String, PathBuf>,
    /// where ZAP listens; default `http://127.0.0.1:8090`
    zap_address: String,
    /// the key of ZAP's API
    zap_api_key: String,
}

impl Wire {
    pub(super) fn options(self) -> Result<ScanOptions> {
        let mut options = ScanOptions::new(self.target.unwrap_or_default());
        let request = &mut options.request;
        request.types = self.types.unwrap_or_default();
        request.scanners = self.scanners.unwrap_or_default();
        request.target_url = self.target_url;
        request.target_host = self.target_host;
        request.jobs = self.jobs;
        request.timeout = self.timeout.map(|s| seconds("timeout", s)).transpose()?;
        for (name, limit) in self.scanner_timeouts.unwrap_or_default() {
            request.scanner_timeouts.insert(scanners::named(&name)?.name.to_owned(), seconds(&name, limit)?);
        }
        request.semgrep_rules = self.semgrep_rules.unwrap_or_default();
        request.online = self.online.unwrap_or(request.online);
        request.no_ignore = self.no_ignore.unwrap_or(false);
        request.vendored = self.vendored.unwrap_or(false);
        request.max_file_bytes = self.max_file_bytes.unwrap_or(request.max_file_bytes);
        request.staged = self.staged.unwrap_or(false);
        request.history = self.history.unwrap_or(false);
        request.host_probes = self.host_probes.unwrap_or(false);
        request.secret_rules = self.secret_rules.unwrap_or_default();
        request.tool_paths = self.tool_paths.unwrap_or_default();
        request.zap_address = self.zap_address;
        request.zap_api_key = self.zap_api_key;
        options.config = config_source(self.no_config.unwrap_or(false), self.config_file, self.config.as_deref())?;
        options.baseline = match (self.baseline, self.baseline_file) {
            (Some(_), Some(_)) => return Err(Error::invalid("`baseline` and `baseline_file` exclude each other")),
            (Some(text), None) => Some(Baseline::parse(text.as_bytes(), "baseline")?),
            (None, Some(file)) => Some(Baseline::read(&file)?),
            (None, None) => None,
        };
        options.suppress = self.suppress.unwrap_or(true);
        Ok(options)
    }
}

fn config_source(none: bool, file: Option<PathBuf>, text: Option<&str>) -> Result<ConfigSource> {
    match (none, file, text) {
        (false, None, None) => Ok(ConfigSource::Discover),
        (true, None, None) => Ok(ConfigSource::Nothing),
        (false, Some(file), None) => Ok(ConfigSource::File(file)),
        (false, None, Some(text)) => Ok(ConfigSource::Given(Box::new(Config::parse(text, "config")?))),
        _ => Err(Error::invalid("`config`, `config_file` and `no_config` exclude each other")),
    }
}

fn seconds(name: &str, value: f64) -> Result<Duration> {
    Duration::try_from_secs_f64(value).ok().filter(|limit| !limit.is_zero()).ok_or_else(|| {
        Error::invalid(format!(
            "time limit {value} of `{}` is no positive number of seconds",
            name.chars().take(60).collect::<String>()
        ))
    })
}

/// Scans: finds the configuration, runs the scanners, sends what they say through the pipeline. Stopping it by the request's
/// `cancel` gives what there is, marked.
///
/// # Errors
/// Before any scanner starts: `config` for the configuration, `invalid_argument` for scanners and targets that are none, `io`
/// for a target that is not there. A scanner that fails is no error: its line in the coverage says so.
pub fn scan(options: &ScanOptions, events: &dyn EventSink) -> Result<Scanned> {
    let (file, config) = configuration(&options.config, &options.request.target)?;
    let mut request = options.request.clone();
    aim(&mut request);
    apply(&mut request, &config, file.as_deref(), &[]);
    scanners::chosen(&request)?;
    let mut raw = scanners::scan(&request, events)?;
    let process =
        ProcessOptions { config, baseline: options.baseline.clone(), suppress: options.suppress, ..ProcessOptions::default() };
    let processed = pipeline(&mut raw, &request, &process);
    Ok(Scanned { processed, config_file: file, root: raw.root, cancelled: raw.cancelled })
}

/// The pipeline over what a scan gave.
fn pipeline(raw: &mut RawScan, request: &ScanRequest, options: &ProcessOptions) -> Processed {
    let result = ScanResult {
        target: target_name(request),
        scanners: std::mem::take(&mut raw.coverage),
        findings: std::mem::take(&mut raw.findings),
    };
    steps::finish(result, options, &DirSources::new(raw.source_root()))
}

/// The configuration of a scan and the file it stands in, if it stands in one.
///
/// # Errors
/// `config` or `io` for a file that is wrong or not there.
pub fn configuration(source: &ConfigSource, target: &Path) -> Result<(Option<PathBuf>, Config)> {
    let found = match source {
        ConfigSource::Nothing => None,
        ConfigSource::Given(config) => return Ok((None, (**config).clone())),
        ConfigSource::File(path) => Some((path.clone(), Config::load(path)?)),
        ConfigSource::Discover => Config::discover(if target.exists() { target } else { Path::new(".") })?,
    };
    Ok(found.map_or_else(Default::default, |(path, config)| (Some(path), config)))
}

/// Lets a configuration decide what the request leaves open: kinds of scan and Semgrep's rules. Without kinds in either,
/// `fallback` counts; empty leaves the choice to the engine.
pub fn apply(request: &mut ScanRequest, config: &Config, file: Option<&Path>, fallback: &[ScanType]) {
    if request.semgrep_rules.is_empty() {
        let folder = file.and_then(Path::parent).unwrap_or(Path::new("."));
        request.semgrep_rules = config.semgrep_configs(folder).into_iter().map(Into::into).collect();
    }
    if request.types.is_empty() && !request.target.as_os_str().is_empty() {
        request.types.clone_from(&config.scan_types);
        if request.types.is_empty() {
            request.types = fallback.to_vec();
        }
    }
}

/// Where the scan goes: a URL and a host may stand in the place of the folder.
pub fn aim(request: &mut ScanRequest) {
    let remote = |t: &ScanType| matches!(t, ScanType::Dast | ScanType::Network);
    let only_remote = !request.types.is_empty() && request.types.iter().all(remote);
    let named = request.target.to_str().unwrap_or_default().to_owned();
    let is_url =
        ["http://", "https://"].iter().any(|scheme| named.get(..scheme.len()).is_some_and(|n| n.eq_ignore_ascii_case(scheme)));
    if is_url {
        if request.types.contains(&ScanType::Network) && request.target_host.is_none() {
            request.target_host = host_of(&named);
        }
        request.target_url.get_or_insert(named);
        request.target.clear();
    } else if only_remote {
        if !matches!(named.as_str(), "" | ".") && request.types.contains(&ScanType::Network) && !request.target.exists() {
            request.target_host.get_or_insert(named);
        }
        if request.target_url.is_some() || request.target_host.is_some() {
            request.target.clear();
        }
    }
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

/// What is looked at, for people: the folder, else the URL, else the host.
pub fn target_name(request: &ScanRequest) -> String {
    let path = Some(request.target.display().to_string()).filter(|path| !path.is_empty());
    path.or_else(|| request.target_url.clone()).or_else(|| request.target_host.clone()).unwrap_or_default()
}

impl Scanned {
    /// Whether every scanner that started also finished, and nobody stopped the scan: only then is nothing found something known.
    pub fn is_complete(&self) -> bool {
        !self.cancelled && self.processed.findings.to_result().is_complete()
    }

    /// What happened beside the findings, as every surface tells it: [`Processed::about`], then `config_file`, `root`, `cancelled`,
    /// `complete`.
    pub fn about(&self) -> Value {
        joined(
            self.processed.about(),
            json!({
                "config_file": self.config_file.as_ref().map(|file| file.display().to_string()),
                "root": self.root.display().to_string(),
                "cancelled": self.cancelled,
                "complete": self.is_complete(),
            }),
        )
    }

    /// The answer of the operation `scan`: the snapshot's fields beside [`Scanned::about`].
    pub fn to_json(&self) -> Value {
        let findings = &self.processed.findings;
        // Wall times would make the same scan give other bytes.
        let timeless = |run: &ScannerRun| ScannerRun { duration_s: None, ..run.clone() };
        let scanners: Vec<_> = findings.scanners().iter().map(timeless).collect();
        joined(self.about(), json!({ "target": findings.target(), "scanners": scanners, "findings": findings }))
    }
}

/// One object of the keys of two.
fn joined(mut object: Value, more: Value) -> Value {
    if let (Value::Object(object), Value::Object(more)) = (&mut object, more) {
        object.extend(more);
    }
    object
}

/// The operation `scan`: without events.
pub(super) fn operation(request: Wire) -> Result<Value> {
    Ok(scan(&request.options()?, &scanners::NoEvents)?.to_json())
}

/// The operation `status`: each scanner, and whether it can run here.
pub(super) fn status(_request: super::documents::Nothing) -> Result<Value> {
    Ok(json!({ "scanners": scanner_status() }))
}

/// Each scanner as an object: `name`, `scan_type`, `about`, `available`, `installed`, `version`, `notes`, `install_hint`.
pub fn scanner_status() -> Vec<Value> {
    let line = |status: scanners::Status| {
        let (meta, probe) = (status.meta, status.probe);
        json!({
            "name": meta.name,
            "scan_type": meta.scan_type,
            "about": meta.about,
            "available": probe.available,
            "installed": probe.installed,
            "version": probe.version,
            "notes": probe.notes,
            "install_hint": meta.install_hint,
        })
    };
    scanners::status().into_iter().map(line).collect()
}
