//! Occurrence: findings with one fingerprint are real repeats. They are numbered, never collapsed.

use super::push_hex;
use crate::model::Finding;
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Numbers findings with equal fingerprints 1, 2, … in the order given (the canonical one) and derives each `id`:
/// `f-` and the first 12 hex digits of `sha256("<fingerprint>:<occurrence>")`.
pub fn number(findings: &mut [Finding]) {
    let mut seen: FxHashMap<&str, u32> = FxHashMap::default();
    seen.reserve(findings.len());
    let occurrences: Vec<u32> = findings
        .iter()
        .map(|finding| *seen.entry(finding.fingerprint.as_str()).and_modify(|n| *n = n.saturating_add(1)).or_insert(1))
        .collect();
    let mut text = String::new();
    for (finding, occurrence) in findings.iter_mut().zip(occurrences) {
        text.clear();
        // Writing to a string cannot fail.
        let _ = write!(text, "{}:{occurrence}", finding.fingerprint);
        finding.occurrence = occurrence;
        finding.id.clear();
        finding.id.push_str("f-");
        push_hex(&mut finding.id, Sha256::digest(text.as_bytes()).get(..6).unwrap_or_default());
    }
}
