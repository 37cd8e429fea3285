//! Severity overrides of the configuration.

use crate::model::{Finding, Severity};
use std::collections::BTreeMap;

/// Sets the severity of each finding whose rule is in the map and stamps the one it had; equal severities are stamped and
/// counted too. A finding that carries a stamp is left alone, so that a second pass changes nothing. Gives the count.
///
/// # Source
/// Findings core specification, section 6.
pub fn apply_overrides(findings: &mut [Finding], overrides: &BTreeMap<String, Severity>) -> usize {
    if overrides.is_empty() {
        return 0;
    }
    let mut count = 0;
    for finding in findings.iter_mut().filter(|f| f.metadata.original_severity.is_none()) {
        if let Some(severity) = finding.rule_id.as_ref().and_then(|rule| overrides.get(rule)) {
            finding.metadata.original_severity = Some(finding.severity);
            finding.severity = *severity;
            count += 1;
        }
    }
    count
}
