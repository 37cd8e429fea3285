//! What was and was not looked at: incomplete is not clean.

use super::{Finding, ScanType};
use serde::{Deserialize, Serialize};

/// How a scanner's run ended. A crash is a status, never a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScannerStatus {
    /// Ran to the end over everything.
    Ok,
    /// Ran, but some of the target was not looked at.
    Partial,
    /// Started and failed.
    Failed,
    /// Started and ran out of time.
    TimedOut,
    /// Not installed, or not possible here.
    Skipped,
    /// Nothing for it in the target.
    NotApplicable,
}

impl ScannerStatus {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::TimedOut => "timed_out",
            Self::Skipped => "skipped",
            Self::NotApplicable => "not_applicable",
        }
    }

    /// Whether the absence of a finding of this scanner means anything: it looked at everything it was asked to.
    pub fn is_complete(self) -> bool {
        matches!(self, Self::Ok | Self::NotApplicable)
    }
}

/// Something that should have been looked at and was not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedFile {
    /// Relative to the scan root.
    pub path: String,
    /// Why, in one of a few fixed sentences.
    pub why: String,
}

/// One line of the coverage manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScannerRun {
    /// Registry name, or the tool's name for imported reports.
    pub name: String,
    /// What it scans.
    pub scan_type: ScanType,
    /// How it ended.
    pub status: ScannerStatus,
    /// Why, when not `ok`: one line.
    #[serde(default)]
    pub reason: Option<String>,
    /// How to install it, when skipped.
    #[serde(default)]
    pub install_hint: Option<String>,
    /// The tool's version.
    #[serde(default)]
    pub version: Option<String>,
    /// Wall time in seconds; null in every deterministic output.
    #[serde(default)]
    pub duration_s: Option<f64>,
    /// Findings before dedup.
    #[serde(default)]
    pub findings_count: u64,
    /// What it was pointed at, relative to the scan root.
    #[serde(default)]
    pub targets: Vec<String>,
    /// Files that should have been looked at and were not, sorted by path.
    #[serde(default)]
    pub skipped: Vec<SkippedFile>,
}

impl ScannerRun {
    /// A run that ended with a status; everything else empty.
    pub fn new(name: impl Into<String>, scan_type: ScanType, status: ScannerStatus) -> Self {
        Self {
            name: name.into(),
            scan_type,
            status,
            reason: None,
            install_hint: None,
            version: None,
            duration_s: None,
            findings_count: 0,
            targets: Vec::new(),
            skipped: Vec::new(),
        }
    }
}

/// The coverage manifest: one entry for each scanner asked for, in registry order.
pub type Coverage = Vec<ScannerRun>;

/// Findings with the coverage they rest on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ScanResult {
    /// What was scanned, as the user named it.
    pub target: String,
    /// The coverage manifest; empty when unknown (a bare array of findings was read).
    pub scanners: Coverage,
    /// In canonical order, suppressed ones included.
    pub findings: Vec<Finding>,
}

impl ScanResult {
    /// Whether every scanner that started also finished; skipped ones do not count against it.
    pub fn is_complete(&self) -> bool {
        !self
            .scanners
            .iter()
            .any(|s| matches!(s.status, ScannerStatus::Failed | ScannerStatus::TimedOut | ScannerStatus::Partial))
    }

    /// Whether a scanner that started failed or ran out of time: what makes a gate answer "incomplete" instead of "clean".
    pub fn has_failed(&self) -> bool {
        self.scanners.iter().any(|s| matches!(s.status, ScannerStatus::Failed | ScannerStatus::TimedOut))
    }
}
