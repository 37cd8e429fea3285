//! `Findings`, the native collection: reading, looking at, choosing.

use crate::error::{SecurescanError, from_json, guard, to_json};
use crate::live::Live;
use securescan_core::ingest::{self, IngestOptions};
use securescan_core::{Error, Filter, api, model};
use std::sync::Arc;

/// Findings with the coverage they rest on: immutable, usable from any thread. They stay native; a filter, an order or a slice shares them.
#[derive(uniffi::Object)]
#[uniffi::export(Eq)]
pub struct Findings {
    pub(crate) inner: model::Findings,
    _live: Live,
}

/// One part of a grouping.
#[derive(uniffi::Record)]
pub struct Group {
    /// What they have in common; none for those without one.
    pub name: Option<String>,
    /// The part.
    pub findings: Arc<Findings>,
}

impl PartialEq for Findings {
    fn eq(&self, other: &Self) -> bool {
        self.inner == other.inner
    }
}

impl Findings {
    pub(crate) fn own(inner: model::Findings) -> Self {
        Self { inner, _live: Live::new() }
    }

    pub(crate) fn shared(inner: model::Findings) -> Arc<Self> {
        Arc::new(Self::own(inner))
    }
}

#[uniffi::export]
impl Findings {
    /// Reads a bare array of findings, a snapshot, or any object with `findings`.
    #[uniffi::constructor]
    pub fn from_json(json: &str) -> Result<Self, SecurescanError> {
        guard(|| model::Findings::from_json(json).map(Self::own))
    }

    /// The bare array, indented, with a final newline.
    pub fn to_json(&self) -> Result<String, SecurescanError> {
        guard(|| Ok(self.inner.to_json()))
    }

    /// The snapshot: schema, target, coverage and findings. `diff` needs the coverage, to tell fixed from not scanned.
    pub fn to_snapshot(&self) -> Result<String, SecurescanError> {
        guard(|| Ok(self.inner.to_snapshot_json()))
    }

    /// How many.
    pub fn len(&self) -> u64 {
        self.inner.len() as u64
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.inner.is_empty()
    }

    /// One finding as a JSON object; `InvalidArgument` beyond the end.
    pub fn get(&self, index: u64) -> Result<String, SecurescanError> {
        guard(|| {
            let finding = usize::try_from(index).ok().and_then(|index| self.inner.get(index));
            to_json(finding.ok_or_else(|| Error::invalid(format!("no finding {index}: there are {}", self.inner.len())))?)
        })
    }

    /// What was scanned, as the user named it; empty when unknown.
    pub fn target(&self) -> String {
        self.inner.target().to_owned()
    }

    /// The coverage: a JSON array with one object for each scanner.
    pub fn scanners(&self) -> Result<String, SecurescanError> {
        guard(|| to_json(&self.inner.scanners()))
    }

    /// Those that meet every condition of a JSON object: `severity`, `min_severity`, `scanner`, `scan_type`, `rule_id`, `cwe`, `path`,
    /// `compliance_tag`, `suppressed`, `text`. A list is met by any of its items.
    pub fn filter(&self, conditions: &str) -> Result<Self, SecurescanError> {
        guard(|| Ok(Self::own(self.inner.filter(&from_json::<Filter>(Some(conditions), "conditions")?))))
    }

    /// All of them in another order: `canonical`, `severity`, `scanner`, `rule_id`, `file_path` or `title`.
    #[uniffi::method(default(by = "canonical", reverse = false))]
    pub fn sorted(&self, by: &str, reverse: bool) -> Result<Self, SecurescanError> {
        guard(|| Ok(Self::own(self.inner.sorted(by.parse()?, reverse))))
    }

    /// Parts by `severity`, `scanner`, `scan_type`, `rule_id`, `file_path`, `cwe` or `package`; severities from the worst, others by name.
    pub fn group_by(&self, by: &str) -> Result<Vec<Group>, SecurescanError> {
        guard(|| {
            let parts = self.inner.group_by(by.parse()?).into_iter();
            Ok(parts.map(|(name, findings)| Group { name, findings: Self::shared(findings) }).collect())
        })
    }

    /// Those from one position up to before another; positions beyond the end are left out.
    pub fn slice(&self, start: u64, end: u64) -> Result<Self, SecurescanError> {
        let at = |position: u64| usize::try_from(position).unwrap_or(usize::MAX).min(self.inner.len());
        guard(|| Ok(Self::own(self.inner.select(at(start)..at(end)))))
    }

    /// These, then those of another; the coverage of both.
    pub fn concat(&self, other: &Self) -> Result<Self, SecurescanError> {
        guard(|| Ok(Self::own(self.inner.concat(&other.inner))))
    }

    /// One finding for one thing, whoever reports it; identified and in canonical order.
    pub fn deduplicated(&self) -> Result<Self, SecurescanError> {
        guard(|| Ok(Self::own(api::deduplicate(&self.inner))))
    }
}

/// Reads the report of any known tool; `data` need not be UTF-8. `tool` names the format, else the content tells it. `root` is the folder that
/// was scanned, as the report writes it.
#[uniffi::export(default(tool = None, root = None, max_bytes = None, max_findings = None))]
pub fn parse(
    // Not borrowed: Kotlin would have to hand in a direct buffer, and Ruby's generated code passes none at all.
    data: Vec<u8>,
    tool: Option<String>,
    root: Option<String>,
    max_bytes: Option<u64>,
    max_findings: Option<u64>,
) -> Result<Findings, SecurescanError> {
    guard(|| {
        let mut options = IngestOptions { root, ..IngestOptions::default() };
        options.max_bytes = max_bytes.unwrap_or(options.max_bytes);
        let most = max_findings.map(|most| usize::try_from(most).unwrap_or(usize::MAX));
        options.max_findings = most.unwrap_or(options.max_findings);
        ingest::parse(&data, tool.as_deref(), &options).map(|result| Findings::own(model::Findings::from_result(result)))
    })
}

/// One finding for one thing, whoever reports it; identified and in canonical order.
#[uniffi::export]
pub fn deduplicate(findings: &Findings) -> Result<Findings, SecurescanError> {
    findings.deduplicated()
}
