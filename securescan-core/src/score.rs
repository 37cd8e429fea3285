//! Risk score, summary and the gate's count. Suppressed findings count nowhere here.

use crate::model::{Finding, Severity};
use serde::Serialize;

/// Weight of one finding. Summed in tenths, so that order never changes the sum.
fn tenths(severity: Severity) -> u64 {
    match severity {
        Severity::Critical => 150,
        Severity::High => 80,
        Severity::Medium => 30,
        Severity::Low => 10,
        Severity::Info => 2,
    }
}

/// `min(100, 20·ln(1 + Σ weight))` to one decimal, ties to even on the exact binary value; 0 without findings.
///
/// # Source
/// Findings core specification, section 7.
pub fn risk_score<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> f64 {
    let raw = findings.into_iter().filter(|f| !f.is_suppressed()).map(|f| tenths(f.severity)).sum::<u64>();
    let score = (20.0 * (raw as f64 / 10.0).ln_1p()).min(100.0);
    // Decimal formatting rounds the exact binary value, which multiplying by ten would not.
    format!("{score:.1}").parse().unwrap_or(score)
}

/// Counts by severity and the score, over what is not suppressed.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Summary {
    /// All of them.
    pub total: u64,
    /// Critical ones.
    pub critical: u64,
    /// High ones.
    pub high: u64,
    /// Medium ones.
    pub medium: u64,
    /// Low ones.
    pub low: u64,
    /// Informational ones.
    pub info: u64,
    /// Suppressed ones, in none of the other counts.
    pub suppressed: u64,
    /// 0.0 to 100.0, one decimal.
    pub risk_score: f64,
    /// Scanners that ran, as given.
    pub scanners_run: Vec<String>,
}

/// Summarises findings.
pub fn summary(findings: &[Finding], scanners_run: Vec<String>) -> Summary {
    let mut out = Summary { risk_score: risk_score(findings), scanners_run, ..Summary::default() };
    for finding in findings {
        if finding.is_suppressed() {
            out.suppressed += 1;
            continue;
        }
        out.total += 1;
        *match finding.severity {
            Severity::Critical => &mut out.critical,
            Severity::High => &mut out.high,
            Severity::Medium => &mut out.medium,
            Severity::Low => &mut out.low,
            Severity::Info => &mut out.info,
        } += 1;
    }
    out
}

/// How many findings, not suppressed, are of a severity or above.
pub fn count_at_or_above(findings: &[Finding], threshold: Severity) -> usize {
    findings.iter().filter(|f| !f.is_suppressed() && f.severity >= threshold).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ScanType;

    fn score(words: &[(Severity, usize)]) -> f64 {
        let findings: Vec<_> = words.iter().flat_map(|(s, n)| vec![Finding::new("s", ScanType::Code, *s, "t"); *n]).collect();
        risk_score(&findings)
    }

    #[test]
    fn scores_of_the_specification() {
        use Severity::{Critical, High, Info, Low, Medium};
        let singles = [(Info, 3.6), (Low, 13.9), (Medium, 27.7), (High, 43.9), (Critical, 55.5)];
        for (severity, expected) in singles {
            assert_eq!(score(&[(severity, 1)]), expected);
        }
        assert_eq!(score(&[(Info, 3)]), 9.4);
        assert_eq!(score(&[(Critical, 1), (High, 3), (Medium, 5), (Low, 2), (Info, 1)]), 80.9);
        assert_eq!(score(&[(Critical, 10)]), 100.0);
        assert_eq!(score(&[]), 0.0);
    }
}
