//! Scanners: what looks at a target and reports findings. The only part of the engine that touches disk, processes and network.
//!
//! A built-in scanner is a folder in `builtin/`, a driver of somebody else's tool a file in `external/`; either is a
//! [`Scanner`] and one line in [`SCANNERS`]. The walk of the target happens once ([`walk`]); scanners share its list of
//! files.

mod background;
pub mod builtin;
mod external;
pub mod git;
pub mod http;
mod kept;
mod orchestrate;
mod process;
mod registry;
mod revision;
mod rules;
mod staged;
mod store;
mod target;
pub mod walk;

pub use background::{Scanning, scan_async};
pub(crate) use builtin::licenses::InstalledCopies;
pub use builtin::secrets::redact;
pub use orchestrate::{DEFAULT_TYPES, chosen, scan, types_of};
pub use registry::{SCANNERS, Status, named, status};
pub use revision::{Revisions, RevisionsRequest, scan_revisions};
pub use rules::{Rule, rules};

use crate::Result;
use crate::model::{Coverage, Finding, ScanType, ScannerStatus, Severity};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What a scanner is, as the registry, `status`, docs and coverage state it.
#[derive(Debug)]
pub struct ScannerMeta {
    /// Registry name, kebab-case.
    pub name: &'static str,
    /// What kind of scan it belongs to.
    pub scan_type: ScanType,
    /// One line: what it looks for.
    pub about: &'static str,
    /// How to install it; none for built-in scanners.
    pub install_hint: Option<&'static str>,
    /// What it looks at.
    pub looks_at: LooksAt,
    /// Whether each finding depends on the content of one file alone.
    pub per_file: bool,
    /// Whether it looks at the list of files; a scan of only such as do not makes none.
    pub walks: bool,
}

/// What a scanner looks at: the part of a [`ScanRequest`] without which it is skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LooksAt {
    /// The folder or file of [`ScanRequest::target`].
    Path,
    /// [`ScanRequest::target_url`].
    Url,
    /// [`ScanRequest::target_host`].
    Host,
}

/// Whether a scanner can run here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Whether it can.
    pub available: bool,
    /// Whether it is there at all: what is there and cannot run needs no installing.
    pub installed: bool,
    /// Its version, where it says one.
    pub version: Option<String>,
    /// Why not, one line; or what a person should know although it can.
    pub notes: Option<String>,
}

impl Probe {
    /// It can run, in this version.
    pub fn ready(version: Option<String>) -> Self {
        Self { available: true, installed: true, version, notes: None }
    }

    /// It cannot run, and why: `not installed`, `no answer from …`.
    pub fn missing(why: impl Into<String>) -> Self {
        Self { available: false, installed: false, version: None, notes: Some(why.into()) }
    }

    /// It is there and cannot run for this request, and why: `offline: …`.
    pub fn unusable(why: impl Into<String>) -> Self {
        Self { installed: true, ..Self::missing(why) }
    }
}

/// Something that looks at a target.
pub trait Scanner: Sync {
    /// Who it is.
    fn meta(&self) -> &'static ScannerMeta;

    /// Whether it can run here, within a few seconds at most. Built-in scanners always can.
    fn probe(&self, _request: &ScanRequest) -> Probe {
        Probe::ready(Some(crate::VERSION.to_owned()))
    }

    /// Wall-clock limit of one run when the request sets none; default none. A scanner that has one is held to it by what
    /// it runs, through [`ScanContext::cancel`].
    fn default_timeout(&self) -> Option<Duration> {
        None
    }

    /// Names of files, or ends of names, that a finding in another file may depend on although [`ScannerMeta::per_file`] is set.
    fn companions(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether it waits for another program or for the network instead of using the engine's own threads.
    fn waits(&self) -> bool {
        self.meta().install_hint.is_some() || self.meta().looks_at != LooksAt::Path
    }

    /// What its findings depend on beside the files and the common settings of a request: its program and version, rules. `None`, the
    /// default: on more than can be said (the network, this machine), or it is so quick that nothing is gained by keeping them.
    fn depends_on(&self, _request: &ScanRequest) -> Option<String> {
        None
    }

    /// Looks at the target. Never panics on content; what could not be looked at goes into [`Outcome::skipped`].
    fn scan(&self, context: &ScanContext<'_>) -> Outcome;
}

/// Why something was not looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// Path relative to the scan root.
    pub path: String,
    /// One of a few fixed sentences: `larger than N bytes`, `not readable: …`, `not a regular file`, `binary`.
    pub why: String,
}

/// What a scanner's run gave.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How it ended; `None` means `ok`, or `partial` when something in `skipped` should have been looked at.
    pub status: Option<ScannerStatus>,
    /// Why, when not ok: one line.
    pub reason: Option<String>,
    /// In any order.
    pub findings: Vec<Finding>,
    /// What it should have looked at and could not.
    pub skipped: Vec<Skipped>,
    /// What it looked at; empty means the target as a whole (`.`, the URL, the host).
    pub targets: Vec<String>,
    /// The version of the tool, where only the run told it.
    pub version: Option<String>,
}

impl Outcome {
    /// Cannot run here.
    pub fn skipped(reason: impl Into<String>) -> Self {
        Self { status: Some(ScannerStatus::Skipped), reason: Some(reason.into()), ..Self::default() }
    }

    /// Nothing for this scanner in the target.
    pub fn not_applicable(reason: impl Into<String>) -> Self {
        Self { status: Some(ScannerStatus::NotApplicable), reason: Some(reason.into()), ..Self::default() }
    }

    /// The scanner failed.
    pub fn failed(reason: impl Into<String>) -> Self {
        Self { status: Some(ScannerStatus::Failed), reason: Some(reason.into()), ..Self::default() }
    }

    /// Findings over everything.
    pub fn ok(findings: Vec<Finding>) -> Self {
        Self { findings, ..Self::default() }
    }
}

/// Cancellation and deadline, shared by everything one scan runs.
#[derive(Debug, Clone, Default)]
pub struct Cancel {
    flag: Arc<AtomicBool>,
    deadline: Option<Instant>,
}

impl Cancel {
    /// A token without a deadline.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same flag, with a deadline from now.
    #[must_use]
    pub fn with_timeout(&self, timeout: Option<Duration>) -> Self {
        let wanted = timeout.and_then(|t| Instant::now().checked_add(t));
        let deadline = match (self.deadline, wanted) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Self { flag: Arc::clone(&self.flag), deadline }
    }

    /// Asks everything to stop.
    pub fn cancel(&self) {
        self.flag.store(true, Ordering::Relaxed);
    }

    /// Whether somebody asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.flag.load(Ordering::Relaxed)
    }

    /// Whether the deadline has passed.
    pub fn is_late(&self) -> bool {
        self.deadline.is_some_and(|d| Instant::now() >= d)
    }

    /// Whether work should end now, for either reason. Scanners ask this once a file.
    pub fn should_stop(&self) -> bool {
        self.is_cancelled() || self.is_late()
    }

    /// Time left, if there is a deadline.
    pub fn remaining(&self) -> Option<Duration> {
        self.deadline.map(|d| d.saturating_duration_since(Instant::now()))
    }
}

/// What a scan should do. Every field has a documented default ([`ScanRequest::new`]).
#[derive(Debug, Clone)]
pub struct ScanRequest {
    /// A folder or a file. Empty: none, only what looks at a URL or a host runs.
    pub target: PathBuf,
    /// Where `dast` scanners look: `http://…` or `https://…`; default none.
    pub target_url: Option<String>,
    /// Where `network` scanners look: a host name, an address or a CIDR range; default none.
    pub target_host: Option<String>,
    /// Where ZAP listens; default `http://127.0.0.1:8090`.
    pub zap_address: Option<String>,
    /// What ZAP wants to see in `X-ZAP-API-Key`; default nothing.
    pub zap_api_key: Option<String>,
    /// Which kinds; empty: [`DEFAULT_TYPES`], or what the URL and host are for when there is no folder.
    pub types: Vec<ScanType>,
    /// Which scanners by name; empty: all of the kinds.
    pub scanners: Vec<String>,
    /// Threads; `None`: one a core.
    pub jobs: Option<usize>,
    /// Wall-clock limit for the whole scan; default none.
    pub timeout: Option<Duration>,
    /// Wall-clock limits by scanner name, and by `gitleaks` for what `git-hygiene` asks of it; default each scanner's own.
    pub scanner_timeouts: BTreeMap<String, Duration>,
    /// Semgrep rule files or folders to use instead of its registry; default none.
    pub semgrep_rules: Vec<PathBuf>,
    /// Whether tools may fetch rules, advisories and databases from their makers; default yes.
    pub online: bool,
    /// Look at files that `.gitignore` and the like exclude; default no.
    pub no_ignore: bool,
    /// Look at vendored trees (`node_modules`, `site-packages`, `vendor`, …); default no.
    pub vendored: bool,
    /// Larger files are skipped and listed in the coverage; default 10 MiB.
    pub max_file_bytes: u64,
    /// Look at what is staged in git instead of the working tree; default no.
    pub staged: bool,
    /// With `staged`: look at these files and folders below the target as the index has them, whether they differ from the last
    /// commit or not; empty: at what is staged.
    pub staged_paths: Vec<String>,
    /// With `staged`: what git told the hook that asks; default nothing.
    pub hook: git::HookEnv,
    /// Look for secrets in the whole git history too, each blob once; default no.
    pub history: bool,
    /// The `baseline` scanner also probes this machine; default no (always for target `/`).
    pub host_probes: bool,
    /// Extra secret rules: gitleaks-format TOML files.
    pub secret_rules: Vec<PathBuf>,
    /// Where tools are, by scanner name (`npm-audit`, and `gitleaks` for what `git-hygiene` asks of it): looked at before
    /// anything else and taken at their word; default none.
    pub tool_paths: BTreeMap<String, PathBuf>,
    /// Stops the scan from outside.
    pub cancel: Cancel,
}

impl ScanRequest {
    /// A request with every default.
    pub fn new(target: impl Into<PathBuf>) -> Self {
        Self {
            target: target.into(),
            target_url: None,
            target_host: None,
            zap_address: None,
            zap_api_key: None,
            types: Vec::new(),
            scanners: Vec::new(),
            jobs: None,
            timeout: None,
            scanner_timeouts: BTreeMap::new(),
            semgrep_rules: Vec::new(),
            online: true,
            no_ignore: false,
            vendored: false,
            max_file_bytes: 10 << 20,
            staged: false,
            staged_paths: Vec::new(),
            hook: git::HookEnv::default(),
            history: false,
            host_probes: false,
            secret_rules: Vec::new(),
            tool_paths: BTreeMap::new(),
            cancel: Cancel::new(),
        }
    }
}

/// What a scanner gets to see.
#[derive(Debug, Clone, Copy)]
pub struct ScanContext<'a> {
    /// The folder that finding paths are relative to and that files are read from.
    pub root: &'a Path,
    /// The files to look at, sorted by path. For a file target: that one.
    pub files: &'a [walk::FileEntry],
    /// Whether the target is one file.
    pub single_file: bool,
    /// The git repository around the target, if any. With `staged`, `root` is a temporary copy and this is the real one.
    pub repo: Option<&'a git::Repo>,
    /// The paths below `root` that git tracks, where `root` is a revision written out: all of them.
    pub tracked: Option<&'a BTreeSet<String>>,
    /// The request.
    pub request: &'a ScanRequest,
    /// Asked once a file; holds this scanner's own deadline.
    pub cancel: &'a Cancel,
}

impl ScanContext<'_> {
    /// Reads one file whole.
    ///
    /// # Errors
    /// A [`Skipped`] when it is too large, special or unreadable.
    pub fn read(&self, file: &walk::FileEntry) -> Result<Vec<u8>, Skipped> {
        walk::read(self.root, file, self.request.max_file_bytes)
    }
}

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

/// What a scan gave before the pipeline: raw findings and coverage.
#[derive(Debug)]
pub struct RawScan {
    /// The folder finding paths are relative to.
    pub root: PathBuf,
    /// A temporary copy of the staged tree or of a revision, kept alive while its sources are needed.
    pub tree: Option<tempfile::TempDir>,
    /// The scanned folder inside that copy, `/`-separated; empty for its top.
    pub tree_prefix: String,
    /// In registry order.
    pub coverage: Coverage,
    /// Scanner by scanner in registry order, sorted within each.
    pub findings: Vec<Finding>,
    /// Whether the scan was interrupted.
    pub cancelled: bool,
}

impl RawScan {
    /// Where to read sources from: the temporary copy when there is one, else the root.
    pub fn source_root(&self) -> PathBuf {
        self.tree.as_ref().map_or_else(|| self.root.clone(), |tree| tree.path().join(crate::path::to_os(&self.tree_prefix)))
    }
}

/// The built-in scanners that look at one file at a time, over one text. Pure; the findings are not identified yet.
pub fn scan_text(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = builtin::secrets::scan_bytes(path, text.as_bytes(), builtin::secrets::builtin());
    if builtin::dockerfile::is_dockerfile(path.rsplit('/').next().unwrap_or(path)) {
        findings.extend(builtin::dockerfile::scan_text(path, text));
    }
    findings
}
