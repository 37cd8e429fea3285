//! The configuration file `.securescan.yml`: finding it, reading it, and saying what is wrong with it.
//!
//! What its keys do is decided where they are used: [`crate::suppress`], [`crate::severity`], the scanners, the CLI.

mod discover;
mod env_file;
mod lint;
mod nearest;
mod schema;
mod yaml;

pub use env_file::parse_env;
pub(crate) use nearest::nearest;

use crate::model::{ScanType, Severity};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// The names a configuration file may have, in the order they are looked for.
pub const FILE_NAMES: &[&str] = &[".securescan.yml", ".securescan.yaml", "securescan.yml"];

/// A larger configuration file is refused, in bytes.
pub const MAX_BYTES: u64 = 1 << 20;

/// The newest `version:` this program reads.
pub const VERSION: u32 = 1;

/// A configuration; the default is that of an empty file.
///
/// # Source
/// Spec 02, section 5.2, with decisions D3 and D4.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Config {
    /// Version of the format, when given: 1.
    pub version: Option<u32>,
    /// Which scans to run when the command line names none; as written, copies included.
    pub scan_types: Vec<ScanType>,
    /// Rule id to severity.
    pub severity_overrides: BTreeMap<String, Severity>,
    /// Rules whose findings are suppressed, exact ids.
    pub ignored_rules: Vec<String>,
    /// Semgrep rule packs in place of `auto`: paths relative to the file's folder, registry names or URLs, as written.
    pub semgrep_rules: Vec<String>,
    /// The gate when the command line names none.
    pub fail_on_severity: Option<Severity>,
    /// Whether AI enrichment may run; between the command line and the default.
    pub ai: Option<bool>,
}

/// How much an [`Issue`] matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum IssueSeverity {
    /// The file cannot be used.
    Error,
    /// It probably does not do what was meant.
    Warning,
    /// Worth knowing.
    Info,
}

impl IssueSeverity {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// One thing the linter says about a configuration file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Issue {
    /// How much it matters.
    pub severity: IssueSeverity,
    /// One line: what is wrong and what to do.
    pub message: String,
    /// The key, dotted, list positions 0-based in brackets: `severity_overrides.B105`, `scan_types[0]`.
    pub location: Option<String>,
    /// 1-based line.
    pub line: Option<u64>,
    /// 1-based column, in characters.
    pub column: Option<u64>,
}

impl std::fmt::Display for Issue {
    /// `error: severity_overrides.B105: … (line 3, column 9)`; `->` stands for the whole file.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}: {}", self.severity.as_str(), self.location.as_deref().unwrap_or("->"), self.message)?;
        match (self.line, self.column) {
            (Some(line), Some(column)) => write!(f, " (line {line}, column {column})"),
            _ => Ok(()),
        }
    }
}

impl Config {
    /// What `config validate` prints below `<file>: OK`, one line for each key that is set, indented by two spaces.
    ///
    /// # Source
    /// Spec 02, decision D6.
    pub fn describe(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut line = |key: &str, value: String| lines.push(format!("  {key}: {value}"));
        if let Some(version) = self.version {
            line("version", version.to_string());
        }
        if !self.scan_types.is_empty() {
            line("scan_types", self.scan_types.iter().map(|t| t.as_str()).collect::<Vec<_>>().join(", "));
        }
        if !self.ignored_rules.is_empty() {
            line("ignored_rules", self.ignored_rules.len().to_string());
        }
        if !self.severity_overrides.is_empty() {
            line("severity_overrides", self.severity_overrides.len().to_string());
        }
        if !self.semgrep_rules.is_empty() {
            line("semgrep_rules", self.semgrep_rules.iter().map(|rule| yaml::shown(rule)).collect::<Vec<_>>().join(", "));
        }
        if let Some(severity) = self.fail_on_severity {
            line("fail_on_severity", severity.to_string());
        }
        if let Some(ai) = self.ai {
            line("ai", ai.to_string());
        }
        lines
    }

    /// The Semgrep rule packs as Semgrep wants them: paths joined to the configuration file's folder, registry names and
    /// URLs as they are.
    pub fn semgrep_configs(&self, folder: &Path) -> Vec<String> {
        let place = |rule: &String| match is_registry_ref(rule) {
            true => rule.clone(),
            false => folder.join(rule).to_string_lossy().into_owned(),
        };
        self.semgrep_rules.iter().map(place).collect()
    }
}

/// Whether an entry of `semgrep_rules` names something Semgrep fetches itself: `auto`, `p/ci`, `r/…`, `s/…`, a URL.
pub fn is_registry_ref(rule: &str) -> bool {
    rule == "auto"
        || ["p/", "r/", "s/"].iter().any(|prefix| rule.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty()))
        || rule.starts_with("https://")
        || rule.starts_with("http://")
}

#[cfg(test)]
mod tests;
