//! The collection every surface hands around, and the documents it is read from and written to.

use super::{Finding, ScanResult, ScannerRun};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// The schema name our snapshots carry.
pub const SNAPSHOT_SCHEMA: &str = "securescan/snapshot@1";

/// An immutable list of findings with the coverage they rest on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Findings {
    result: ScanResult,
}

#[derive(Deserialize)]
struct SnapshotIn {
    #[serde(default)]
    schema: Option<String>,
    #[serde(default)]
    target: Option<String>,
    #[serde(default)]
    scanners: Vec<ScannerRun>,
    findings: Vec<Finding>,
}

#[derive(Serialize)]
struct SnapshotOut<'a> {
    schema: &'a str,
    target: &'a str,
    scanners: &'a [ScannerRun],
    findings: &'a [Finding],
}

impl Findings {
    /// Wraps a scan result.
    pub fn from_result(result: ScanResult) -> Self {
        Self { result }
    }

    /// Wraps findings without coverage.
    pub fn from_vec(findings: Vec<Finding>) -> Self {
        Self { result: ScanResult { findings, ..ScanResult::default() } }
    }

    /// Reads a bare array of findings, a snapshot, or any object with a `findings` array.
    ///
    /// # Errors
    /// `parse` with line and column when the text is not that; `unsupported` for a snapshot of a newer schema.
    pub fn from_json(text: &str) -> Result<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let start = text.trim_start();
        let wrong = |e: serde_json::Error| {
            Error::parse(format!("not a list of findings or a snapshot: {e}")).at(e.line() as u64, e.column() as u64)
        };
        if start.starts_with('[') {
            let findings: Vec<Finding> = serde_json::from_str(text).map_err(wrong)?;
            return Ok(Self::from_vec(findings));
        }
        let snapshot: SnapshotIn = serde_json::from_str(text).map_err(wrong)?;
        if let Some(schema) = snapshot.schema.as_deref()
            && schema != SNAPSHOT_SCHEMA
        {
            return Err(Error::new(crate::ErrorKind::Unsupported, format!("snapshot schema `{schema}` is not known"))
                .hint(format!("this version reads `{SNAPSHOT_SCHEMA}`")));
        }
        Ok(Self {
            result: ScanResult {
                target: snapshot.target.unwrap_or_default(),
                scanners: snapshot.scanners,
                findings: snapshot.findings,
            },
        })
    }

    /// The bare array of findings, indented by two spaces, with a final newline.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(&self.result.findings).unwrap_or_default();
        text.push('\n');
        text
    }

    /// The snapshot: schema, target, coverage and findings, with a final newline.
    pub fn to_snapshot_json(&self) -> String {
        let out = SnapshotOut {
            schema: SNAPSHOT_SCHEMA,
            target: &self.result.target,
            scanners: &self.result.scanners,
            findings: &self.result.findings,
        };
        let mut text = serde_json::to_string_pretty(&out).unwrap_or_default();
        text.push('\n');
        text
    }

    /// The findings.
    pub fn as_slice(&self) -> &[Finding] {
        &self.result.findings
    }

    /// The scan result.
    pub fn result(&self) -> &ScanResult {
        &self.result
    }

    /// The scan result, owned.
    pub fn into_result(self) -> ScanResult {
        self.result
    }
}
