//! Scanners: what looks at a target and reports findings. The only part of the engine that touches disk, processes and network.
//!
//! A built-in scanner is a folder in `builtin/`, a driver of somebody else's tool a file in `external/`; either is a
//! [`Scanner`] and one line in [`SCANNERS`]. The walk of the target happens once ([`walk`]); scanners share its list of
//! files.

mod background;
pub mod builtin;
mod cancel;
mod events;
mod external;
pub mod git;
pub mod http;
mod kept;
mod orchestrate;
mod process;
mod registry;
mod request;
mod revision;
mod rules;
mod staged;
mod store;
mod target;
pub mod walk;

pub use background::{Scanning, scan_async};
pub(crate) use builtin::licenses::InstalledCopies;
pub use builtin::secrets::redact;
pub use cancel::Cancel;
pub use events::{Event, EventSink, NoEvents};
pub use orchestrate::{DEFAULT_TYPES, chosen, scan, types_of};
pub use process::ENV_ALLOWED;
pub use registry::{SCANNERS, Status, named, status};
pub use request::ScanRequest;
pub use revision::{Revisions, RevisionsRequest, scan_revisions};
pub use rules::{Rule, rules};

use crate::Result;
use crate::model::{Coverage, Finding, ScanType, ScannerStatus};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

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

    /// What stands in its way and is known at once, without running or asking anything; default nothing. [`Scanner::probe`] says the
    /// same, later.
    fn absent(&self, _request: &ScanRequest) -> Option<Probe> {
        None
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
