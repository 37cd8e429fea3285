//! The collection every surface hands around: immutable, cheap to clone; a slice, a filter or an order of it shares its findings.

mod read;
mod select;

pub use select::{Filter, GroupKey, SortKey};

use super::{Finding, ScanResult, ScannerRun};
use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};
use std::borrow::Cow;
use std::sync::Arc;

/// The schema name our snapshots carry.
pub const SNAPSHOT_SCHEMA: &str = "securescan/snapshot@1";

/// An immutable list of findings with the coverage they rest on. Clones and selections share the findings.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    source: Arc<ScanResult>,
    /// Which of the source's findings, in which order; none: all of them as they stand.
    rows: Option<Arc<[u32]>>,
}

/// A snapshot as it is written: schema, target, coverage and all findings. Wall times are left out (null), so that the
/// same scan gives the same bytes.
#[derive(Debug, Serialize)]
pub struct Snapshot<'a> {
    schema: &'static str,
    target: &'a str,
    scanners: Vec<ScannerRun>,
    findings: Rows<'a>,
}

impl<'a> Snapshot<'a> {
    /// The snapshot of a scan result.
    pub fn new(result: &'a ScanResult) -> Self {
        Self::of(result, Rows { all: &result.findings, rows: None })
    }

    fn of(result: &'a ScanResult, findings: Rows<'a>) -> Self {
        let scanners = result.scanners.iter().map(|run| ScannerRun { duration_s: None, ..run.clone() }).collect();
        Self { schema: SNAPSHOT_SCHEMA, target: &result.target, scanners, findings }
    }
}

/// Some of a list, in some order; an array in JSON.
#[derive(Debug, Clone, Copy)]
struct Rows<'a> {
    all: &'a [Finding],
    rows: Option<&'a [u32]>,
}

impl<'a> Rows<'a> {
    fn len(self) -> usize {
        self.rows.map_or(self.all.len(), <[u32]>::len)
    }

    fn get(self, index: usize) -> Option<&'a Finding> {
        match self.rows {
            None => self.all.get(index),
            Some(rows) => self.all.get(*rows.get(index)? as usize),
        }
    }
}

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(self.len()))?;
        for finding in (0..self.len()).filter_map(|index| self.get(index)) {
            seq.serialize_element(finding)?;
        }
        seq.end()
    }
}

impl Findings {
    /// Wraps a scan result.
    pub fn from_result(result: ScanResult) -> Self {
        Self { source: Arc::new(result), rows: None }
    }

    /// Wraps findings without coverage.
    pub fn from_vec(findings: Vec<Finding>) -> Self {
        Self::from_result(ScanResult { findings, ..ScanResult::default() })
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.view().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One of them, by position.
    pub fn get(&self, index: usize) -> Option<&Finding> {
        self.view().get(index)
    }

    /// Each of them, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Finding> + Clone {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    /// What was scanned, as the user named it; empty when unknown.
    pub fn target(&self) -> &str {
        &self.source.target
    }

    /// The coverage manifest; empty when unknown. A selection keeps it whole.
    pub fn scanners(&self) -> &[ScannerRun] {
        &self.source.scanners
    }

    /// The bare array of findings, indented by two spaces, with a final newline.
    pub fn to_json(&self) -> String {
        lines(&self.view())
    }

    /// The snapshot: schema, target, coverage and findings, with a final newline.
    pub fn to_snapshot_json(&self) -> String {
        lines(&Snapshot::of(&self.source, self.view()))
    }

    /// The scan result: borrowed where nothing is selected, else a copy of what is.
    pub fn to_result(&self) -> Cow<'_, ScanResult> {
        match self.rows {
            None => Cow::Borrowed(&self.source),
            Some(_) => Cow::Owned(self.copied()),
        }
    }

    /// The scan result, owned; copied where somebody else holds the findings too.
    pub fn into_result(self) -> ScanResult {
        match self.rows {
            None => Arc::unwrap_or_clone(self.source),
            Some(_) => self.copied(),
        }
    }

    /// Those at the given positions, in that order; positions beyond the end are left out.
    #[must_use]
    pub fn select(&self, positions: impl IntoIterator<Item = usize>) -> Self {
        let row = |position: usize| match &self.rows {
            None => u32::try_from(position).ok().filter(|_| position < self.source.findings.len()),
            Some(rows) => rows.get(position).copied(),
        };
        Self { source: Arc::clone(&self.source), rows: Some(positions.into_iter().filter_map(row).collect()) }
    }

    /// These, then those of another; the target of the first and the coverage of both.
    #[must_use]
    pub fn concat(&self, other: &Self) -> Self {
        let mut result = self.clone().into_result();
        let more = other.to_result();
        result.scanners.extend(more.scanners.iter().filter(|run| !self.scanners().contains(run)).cloned());
        result.findings.extend(more.findings.iter().cloned());
        Self::from_result(result)
    }

    fn view(&self) -> Rows<'_> {
        Rows { all: &self.source.findings, rows: self.rows.as_deref() }
    }

    fn copied(&self) -> ScanResult {
        ScanResult {
            target: self.source.target.clone(),
            scanners: self.source.scanners.clone(),
            findings: self.iter().cloned().collect(),
        }
    }
}

/// Equal when target, coverage and every finding in order are ([`Finding::is_same`]); what a selection was taken from does not count.
impl PartialEq for Findings {
    fn eq(&self, other: &Self) -> bool {
        let same = Arc::ptr_eq(&self.source, &other.source);
        (same && self.rows == other.rows)
            || (self.len() == other.len()
                && (same || (self.target() == other.target() && self.scanners() == other.scanners()))
                && self.iter().zip(other.iter()).all(|(a, b)| a.is_same(b)))
    }
}

impl Serialize for Findings {
    /// The bare array.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.view().serialize(serializer)
    }
}

fn lines(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ScanType, Severity};

    fn three() -> Findings {
        let one = |scanner: &str, severity| Finding::new(scanner, ScanType::Code, severity, scanner);
        Findings::from_vec(vec![one("a", Severity::Low), one("b", Severity::Critical), one("c", Severity::High)])
    }

    #[test]
    fn selections_share_and_nest() {
        let all = three();
        let some = all.select([2, 0, 9]);
        assert_eq!(some.iter().map(|f| f.scanner.as_str()).collect::<Vec<_>>(), ["c", "a"]);
        assert_eq!(some.select([1]).get(0).unwrap().scanner, "a");
        assert!(Arc::ptr_eq(&all.source, &some.source));
        assert_eq!(some, Findings::from_vec(vec![all.get(2).unwrap().clone(), all.get(0).unwrap().clone()]));
        assert_ne!(some, all);
        assert_eq!(Findings::from_json(&some.to_json()).unwrap(), some);
        assert_eq!(some.to_result().findings.len(), 2);
        assert_eq!(some.concat(&all).len(), 5);
    }
}
