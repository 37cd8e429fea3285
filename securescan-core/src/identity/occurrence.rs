//! Occurrence: findings with one fingerprint are real repeats. They are numbered, never collapsed.

use super::hex_digest;
use crate::model::Finding;
use rustc_hash::FxHashMap;

/// Numbers findings with equal fingerprints 1, 2, … in the order given (the canonical one) and derives each `id`:
/// `f-` and the first 12 hex digits of `sha256("<fingerprint>:<occurrence>")`.
pub fn number(findings: &mut [Finding]) {
    let mut seen: FxHashMap<String, u32> = FxHashMap::default();
    seen.reserve(findings.len());
    for finding in findings {
        let occurrence = seen.entry(finding.fingerprint.clone()).and_modify(|n| *n = n.saturating_add(1)).or_insert(1);
        finding.occurrence = *occurrence;
        let digest = hex_digest(format!("{}:{occurrence}", finding.fingerprint).as_bytes());
        finding.id = format!("f-{}", digest.get(..12).unwrap_or_default());
    }
}
