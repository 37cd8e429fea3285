//! The finding itself, and its JSON form.

use super::{Confidence, Metadata, Package, ScanType, Severity, lenient};
use serde::{Deserialize, Deserializer, Serialize};

/// A secret's raw value, on its way from a scanner to identification and no further.
///
/// Never serialised, never shown by `Debug`; [`crate::identity`] takes it out of the finding.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// What it is, for the masked context: `aws-access-key-id`, `github-pat`, …
    pub kind: String,
    /// The value as it stands in the source.
    pub value: String,
}

impl Secret {
    /// A secret as people may see it: at most a quarter of it, up to 4 characters in front and 2 behind, the rest as 8 stars
    /// whatever its length.
    pub fn masked(secret: &str) -> String {
        let text: Vec<char> = secret.chars().collect();
        let budget = text.len() / 4;
        let tail = if budget >= 6 { 2 } else { 0 };
        let head = (budget - tail).min(4);
        let clean = |c: &char| if c.is_control() { '?' } else { *c };
        let front: String = text.iter().take(head).map(clean).collect();
        let back: String = text.iter().skip(text.len() - tail).map(clean).collect();
        format!("{front}********{back}")
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secret({}, ***)", self.kind)
    }
}

/// One normalised statement of a problem. JSON keys are the field names, in this order, nulls written.
///
/// # Source
/// Architecture, section 3.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// `f-` + 12 hex digits, derived from fingerprint and occurrence; empty until identified.
    pub id: String,
    /// Set by the server and by `scan`; never part of identity.
    pub scan_id: Option<String>,
    /// Registry name of the scanner, or the tool's own name for imported reports.
    pub scanner: String,
    /// What kind of scan.
    pub scan_type: ScanType,
    /// How bad.
    pub severity: Severity,
    /// How sure, where the scanner says.
    pub confidence: Option<Confidence>,
    /// One line.
    pub title: String,
    /// What is wrong and why it matters.
    pub description: String,
    /// What to do.
    pub remediation: String,
    /// Forward slashes, relative to the scan root.
    pub file_path: Option<String>,
    /// First line, 1-based.
    pub line: Option<u32>,
    /// First column, 1-based, in characters.
    pub column: Option<u32>,
    /// Last line, 1-based, inclusive.
    pub end_line: Option<u32>,
    /// Column after the last character, 1-based, exclusive.
    pub end_column: Option<u32>,
    /// The scanner's rule.
    pub rule_id: Option<String>,
    /// `CWE-95` form.
    pub cwe: Option<String>,
    /// CVE, GHSA, PYSEC, … ids and aliases, sorted, unique.
    pub vulnerability_ids: Vec<String>,
    /// The package, for dependency findings.
    pub package: Option<Box<Package>>,
    /// URLs.
    pub references: Vec<String>,
    /// 64 hex digits; empty until identified.
    pub fingerprint: String,
    /// Sorted, unique.
    pub compliance_tags: Vec<String>,
    /// Open object with reserved keys.
    pub metadata: Metadata,
    /// The v1 fingerprint with its line context, where the source was at hand. Not serialised.
    #[serde(skip)]
    pub legacy_fingerprint: Option<String>,
    /// 1 for the first finding with this fingerprint in canonical order, 2 for the next, …; 0 until identified. Not serialised.
    #[serde(skip)]
    pub occurrence: u32,
    /// A comment of another tool in the source silences it (`# hadolint ignore=…`), as the scanner that read the file saw. Set by
    /// built-in scanners only, never read from a document. Not serialised.
    #[serde(skip)]
    pub ignored_in_source: bool,
    /// The raw secret, until identification takes it. Not serialised.
    #[serde(skip)]
    pub secret: Option<Box<Secret>>,
}

impl Finding {
    /// A finding with the required fields; everything else empty.
    pub fn new(scanner: impl Into<String>, scan_type: ScanType, severity: Severity, title: impl Into<String>) -> Self {
        Self {
            id: String::new(),
            scan_id: None,
            scanner: scanner.into(),
            scan_type,
            severity,
            confidence: None,
            title: title.into(),
            description: String::new(),
            remediation: String::new(),
            file_path: None,
            line: None,
            column: None,
            end_line: None,
            end_column: None,
            rule_id: None,
            cwe: None,
            vulnerability_ids: Vec::new(),
            package: None,
            references: Vec::new(),
            fingerprint: String::new(),
            compliance_tags: Vec::new(),
            metadata: Metadata::default(),
            legacy_fingerprint: None,
            occurrence: 0,
            ignored_in_source: false,
            secret: None,
        }
    }

    /// Whether two findings are equal in all that is ever written: what only travels inside the engine (the raw secret, the occurrence,
    /// the v1 fingerprint) does not count, so that one that was written and read again is the same.
    pub fn is_same(&self, other: &Self) -> bool {
        self == other || matches!((serde_json::to_value(self), serde_json::to_value(other)), (Ok(a), Ok(b)) if a == b)
    }

    /// Whether it is suppressed: kept, counted and by default hidden, never gating.
    pub fn is_suppressed(&self) -> bool {
        self.metadata.suppressed_by.is_some()
    }

    /// Its own fingerprint, then those of the reporters merged into it.
    pub fn fingerprints(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.fingerprint.as_str())
            .chain(self.metadata.also_reported_by.iter().map(|r| r.fingerprint.as_str()))
            .filter(|f| !f.is_empty())
    }
}

/// What a finding may look like on input: older names and nulls are accepted, unknown fields ignored.
#[derive(Deserialize)]
struct Wire {
    #[serde(default, deserialize_with = "lenient::text")]
    id: String,
    #[serde(default)]
    scan_id: Option<String>,
    scanner: String,
    scan_type: ScanType,
    severity: Severity,
    #[serde(default)]
    confidence: Option<Confidence>,
    title: String,
    #[serde(default, deserialize_with = "lenient::text")]
    description: String,
    #[serde(default, deserialize_with = "lenient::text")]
    remediation: String,
    #[serde(default)]
    file_path: Option<String>,
    #[serde(default, deserialize_with = "lenient::position")]
    line: Option<u32>,
    #[serde(default, deserialize_with = "lenient::position")]
    line_start: Option<u32>,
    #[serde(default, deserialize_with = "lenient::position")]
    column: Option<u32>,
    #[serde(default, deserialize_with = "lenient::position")]
    end_line: Option<u32>,
    #[serde(default, deserialize_with = "lenient::position")]
    line_end: Option<u32>,
    #[serde(default, deserialize_with = "lenient::position")]
    end_column: Option<u32>,
    #[serde(default)]
    rule_id: Option<String>,
    #[serde(default)]
    cwe: Option<String>,
    #[serde(default, deserialize_with = "lenient::null_default")]
    vulnerability_ids: Vec<String>,
    #[serde(default)]
    package: Option<Box<Package>>,
    #[serde(default, deserialize_with = "lenient::null_default")]
    references: Vec<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    fingerprint: String,
    #[serde(default, deserialize_with = "lenient::null_default")]
    compliance_tags: Vec<String>,
    #[serde(default)]
    metadata: Metadata,
}

impl<'de> Deserialize<'de> for Finding {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let w = Wire::deserialize(d)?;
        Ok(Self {
            id: w.id,
            scan_id: w.scan_id,
            scanner: w.scanner,
            scan_type: w.scan_type,
            severity: w.severity,
            confidence: w.confidence,
            title: w.title,
            description: w.description,
            remediation: w.remediation,
            file_path: w.file_path,
            line: w.line.or(w.line_start),
            column: w.column,
            end_line: w.end_line.or(w.line_end),
            end_column: w.end_column,
            rule_id: w.rule_id,
            cwe: w.cwe,
            vulnerability_ids: w.vulnerability_ids,
            package: w.package,
            references: w.references,
            fingerprint: w.fingerprint,
            compliance_tags: w.compliance_tags,
            metadata: w.metadata,
            legacy_fingerprint: None,
            occurrence: 0,
            ignored_in_source: false,
            secret: None,
        })
    }
}
