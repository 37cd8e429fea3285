//! The baseline file: the findings a project has decided to live with, one entry for each.
//!
//! Here are its records and its bytes. What an entry silences is decided by [`crate::suppress`], what appeared or
//! disappeared since by [`crate::classify`].

mod disk;
mod read;
mod refresh;

pub use disk::MAX_BYTES;
pub use refresh::Refresh;

use crate::model::{Finding, ScanType, Severity};
use serde::Serialize;
use std::collections::BTreeMap;

/// The version of the format that is written, and the newest that is read.
pub const VERSION: u64 = 1;

/// The file `securescan baseline` writes, relative to the scan root.
pub const DEFAULT_PATH: &str = ".securescan/baseline.json";

/// One finding of a baseline. Keys in alphabetical order, all written, nulls included.
///
/// # Source
/// Spec 02, section 4.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Weakness.
    pub cwe: Option<String>,
    /// Path relative to the scan root.
    pub file_path: Option<String>,
    /// What the entry is matched by; never empty.
    pub fingerprint: String,
    /// 1-based line at the time; only used to choose between equal fingerprints. SecureScan for Python also wrote 0.
    pub line_start: Option<u32>,
    /// The scanner's rule.
    pub rule_id: Option<String>,
    /// What kind of scan; `None` when the file does not say.
    pub scan_type: Option<ScanType>,
    /// The scanner; `None` when the file does not say.
    pub scanner: Option<String>,
    /// How bad; `None` when the file does not say.
    pub severity: Option<Severity>,
    /// One line.
    pub title: Option<String>,
}

/// A baseline. Shapes: entries keep their order and their copies; each stands for one finding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    entries: Vec<Entry>,
    generated_by: String,
    scan_types: Vec<ScanType>,
    target_path: String,
}

/// The file as written: keys in alphabetical order.
#[derive(Serialize)]
struct Document<'a> {
    findings: &'a [Entry],
    generated_by: &'a str,
    scan_types: &'a [ScanType],
    target_path: &'a str,
    version: u64,
}

impl Baseline {
    /// A baseline of all the findings given, in canonical order. Whoever wants suppressed findings left out leaves them
    /// out before. Scan types are sorted by name; `target_path` is written as it is (see [`target_path`]).
    pub fn from_findings(findings: &[Finding], target_path: &str, scan_types: &[ScanType]) -> Self {
        let mut sorted: Vec<&Finding> = findings.iter().filter(|finding| !finding.fingerprint.is_empty()).collect();
        sorted.sort_by(|a, b| crate::order::compare(a, b));
        let mut scan_types = scan_types.to_vec();
        scan_types.sort_by_key(|scan_type| scan_type.as_str());
        Self {
            entries: sorted.into_iter().map(Entry::of).collect(),
            generated_by: "securescan".to_owned(),
            scan_types,
            target_path: target_path.to_owned(),
        }
    }

    /// The empty baseline `init` writes.
    pub fn initial() -> Self {
        Self { generated_by: "securescan init".to_owned(), target_path: ".".to_owned(), ..Self::default() }
    }

    /// The file's bytes: UTF-8, two spaces, keys sorted, line feeds, one at the end. The same baseline, the same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let document = Document {
            findings: &self.entries,
            generated_by: &self.generated_by,
            scan_types: &self.scan_types,
            target_path: &self.target_path,
            version: VERSION,
        };
        let mut bytes = serde_json::to_vec_pretty(&document).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// The entries, in file order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What was scanned, relative to the file's folder; empty when the file does not say.
    pub fn target_path(&self) -> &str {
        &self.target_path
    }

    /// What was scanned for; empty when the file does not say.
    pub fn scan_types(&self) -> &[ScanType] {
        &self.scan_types
    }

    /// How many entries each fingerprint has.
    pub fn counts(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for entry in &self.entries {
            *counts.entry(entry.fingerprint.as_str()).or_default() += 1;
        }
        counts
    }

    /// The entries as findings, for comparing. What the file does not say is filled with the emptiest value there is:
    /// type `code`, severity `info`, empty texts.
    pub fn as_findings(&self) -> Vec<Finding> {
        self.entries.iter().map(Entry::as_finding).collect()
    }
}

impl Entry {
    fn of(finding: &Finding) -> Self {
        Self {
            cwe: finding.cwe.clone(),
            file_path: finding.file_path.clone(),
            fingerprint: finding.fingerprint.clone(),
            line_start: finding.line,
            rule_id: finding.rule_id.clone(),
            scan_type: Some(finding.scan_type),
            scanner: Some(finding.scanner.clone()),
            severity: Some(finding.severity),
            title: Some(finding.title.clone()),
        }
    }

    fn as_finding(&self) -> Finding {
        let mut finding = Finding::new(
            self.scanner.clone().unwrap_or_default(),
            self.scan_type.unwrap_or(ScanType::Code),
            self.severity.unwrap_or(Severity::Info),
            self.title.clone().unwrap_or_default(),
        );
        finding.cwe.clone_from(&self.cwe);
        finding.file_path.clone_from(&self.file_path);
        finding.fingerprint.clone_from(&self.fingerprint);
        finding.line = self.line_start.filter(|line| *line > 0);
        finding.rule_id.clone_from(&self.rule_id);
        finding
    }
}

/// The scan target as a baseline file names it: relative to the file's folder, both given relative to one folder or both
/// absolute; as it is when there is no relative way.
pub fn target_path(target: &str, file: &str) -> String {
    let target = crate::path::normalize(target, None);
    let file = crate::path::normalize(file, None);
    if target.starts_with('/') != file.starts_with('/') || file == ".." || file.starts_with("../") {
        return target;
    }
    let parts = |path: &str| path.split('/').filter(|p| !p.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let (target, mut folder) = (parts(&target), parts(&file));
    folder.pop();
    let common = target.iter().zip(&folder).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..", folder.len() - common);
    let down = target.iter().skip(common).map(String::as_str);
    let path = up.chain(down).collect::<Vec<_>>().join("/");
    if path.is_empty() { ".".to_owned() } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn target_paths() {
        assert_eq!(target_path(".", ".securescan/baseline.json"), "..");
        assert_eq!(target_path("a/./b/", "x.json"), "a/b");
        assert_eq!(target_path("..", "baseline.json"), "..");
        assert_eq!(target_path("sub", "out/x/b.json"), "../../sub");
        assert_eq!(target_path("/srv/p", "/srv/p/.securescan/b.json"), "..");
        assert_eq!(target_path("/srv/p", "b.json"), "/srv/p");
        assert_eq!(target_path("p", "../b.json"), "p");
    }

    #[test]
    fn an_empty_file_is_the_one_init_writes() {
        let text = String::from_utf8(Baseline::initial().to_bytes()).unwrap();
        let expected = "{\n  \"findings\": [],\n  \"generated_by\": \"securescan init\",\n  \"scan_types\": [],\n  \"target_path\": \".\",\n  \"version\": 1\n}\n";
        assert_eq!(text, expected);
    }
}
