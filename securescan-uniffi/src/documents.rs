//! The two files users keep: `Baseline` and `Config`.

use crate::error::{SecurescanError, guard, to_json};
use crate::findings::Findings;
use crate::live::Live;
use securescan_core::{Error, ScanType, api, baseline, config};
use std::path::Path;
use std::sync::Arc;

/// The findings a project has decided to live with. Immutable.
#[derive(uniffi::Object)]
pub struct Baseline {
    pub(crate) inner: baseline::Baseline,
    _live: Live,
}

impl Baseline {
    fn own(inner: baseline::Baseline) -> Self {
        Self { inner, _live: Live::new() }
    }
}

#[uniffi::export]
impl Baseline {
    /// Reads the text of a baseline file, of this version or of the Python one, or a snapshot; `file` names it in errors.
    #[uniffi::constructor(default(file = "baseline"))]
    pub fn parse(data: Vec<u8>, file: &str) -> Result<Self, SecurescanError> {
        guard(|| baseline::Baseline::parse(&data, file).map(Self::own))
    }

    /// Reads a baseline file.
    #[uniffi::constructor]
    pub fn load(path: &str) -> Result<Self, SecurescanError> {
        guard(|| baseline::Baseline::read(Path::new(path)).map(Self::own))
    }

    /// A baseline of these findings, suppressed ones included.
    #[uniffi::constructor(default(target_path = ".", scan_types = None))]
    pub fn from_findings(
        findings: &Findings,
        target_path: &str,
        scan_types: Option<Vec<String>>,
    ) -> Result<Self, SecurescanError> {
        guard(|| {
            let types = scan_types.unwrap_or_default();
            let types = types.iter().map(|word| word.parse()).collect::<Result<Vec<ScanType>, Error>>()?;
            Ok(Self::own(api::baseline(&findings.inner, target_path, &types)))
        })
    }

    /// The text of the file, the same for the same findings.
    pub fn to_text(&self) -> Result<String, SecurescanError> {
        guard(|| Ok(String::from_utf8_lossy(&self.inner.to_bytes()).into_owned()))
    }

    /// Writes the file, whole or not at all.
    pub fn write(&self, path: &str) -> Result<(), SecurescanError> {
        guard(|| self.inner.write(Path::new(path)).map(drop))
    }

    /// How many findings it stands for.
    pub fn len(&self) -> u64 {
        self.inner.len() as u64
    }

    /// Whether it knows nothing.
    pub fn is_empty(&self) -> bool {
        self.inner.is_empty()
    }

    /// One object for each finding it stands for: a JSON array.
    pub fn entries(&self) -> Result<String, SecurescanError> {
        guard(|| to_json(&self.inner.entries()))
    }
}

/// A configuration. Immutable.
#[derive(uniffi::Object)]
pub struct Config {
    pub(crate) inner: config::Config,
    _live: Live,
}

impl Config {
    fn own(inner: config::Config) -> Self {
        Self { inner, _live: Live::new() }
    }
}

#[uniffi::export]
impl Config {
    /// Reads the text of a configuration file; `file` names it in errors.
    #[uniffi::constructor(default(file = ".securescan.yml"))]
    pub fn parse(text: &str, file: &str) -> Result<Self, SecurescanError> {
        guard(|| config::Config::parse(text, file).map(Self::own))
    }

    /// Reads a configuration file.
    #[uniffi::constructor]
    pub fn load(path: &str) -> Result<Self, SecurescanError> {
        guard(|| config::Config::load(Path::new(path)).map(Self::own))
    }

    /// Its values: a JSON object with every key.
    pub fn to_json(&self) -> Result<String, SecurescanError> {
        guard(|| to_json(&self.inner))
    }
}

/// A configuration and the file it was found in.
#[derive(uniffi::Record)]
pub struct Discovered {
    /// The file.
    pub file: String,
    /// What it says.
    pub config: Arc<Config>,
}

/// The configuration that applies to a folder: there or above, up to the repository. None when there is none.
#[uniffi::export]
pub fn discover_config(start: &str) -> Result<Option<Discovered>, SecurescanError> {
    let found = guard(|| config::Config::discover(Path::new(start)))?;
    Ok(found.map(|(file, inner)| Discovered { file: file.display().to_string(), config: Arc::new(Config::own(inner)) }))
}

/// Every problem of a configuration text: a JSON array of `{severity, message, location, line, column}`. Rule packs are taken to exist.
#[uniffi::export(default(file = ".securescan.yml"))]
pub fn lint_config(text: &str, file: &str) -> Result<String, SecurescanError> {
    guard(|| to_json(&config::Config::lint(text, file, &|_| true)))
}
