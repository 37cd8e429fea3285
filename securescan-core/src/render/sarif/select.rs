//! Which findings go into the file: most severe first, within GitHub's limits.

use crate::model::Finding;
use crate::render::RenderInput;
use crate::render::limits::{SARIF_GZIP_BYTES, SARIF_RESULTS, SARIF_TEXT};

/// The chosen findings.
pub(super) struct Selection<'a> {
    /// In rank order.
    pub(super) findings: Vec<&'a Finding>,
    /// How many were left out because of the number of results.
    pub(super) over_count: usize,
    /// How many were left out because of the size of the file.
    pub(super) over_size: usize,
}

/// What a result costs after compression without its texts, in bytes: fingerprints do not compress.
const RESULT_BYTES: usize = 130;
/// What a text costs that stands a few results above already.
const REPEAT_BYTES: usize = 12;

/// Chooses. Severity ranks; within one severity the canonical order stays. With a diff all findings are new, so novelty
/// does not tell them apart.
pub(super) fn select<'a>(input: &RenderInput<'a>) -> Selection<'a> {
    let mut findings: Vec<&Finding> = input.shown(input.subject()).collect();
    if !findings.is_sorted_by(|a, b| a.severity >= b.severity) {
        findings.sort_by_key(|f| std::cmp::Reverse(f.severity));
    }
    let total = findings.len();
    findings.truncate(SARIF_RESULTS.max);
    let over_count = total - findings.len();
    let fits = fitting(&findings);
    let over_size = findings.len() - fits;
    findings.truncate(fits);
    Selection { findings, over_count, over_size }
}

/// How many of the findings fit the host's size, by a careful estimate: a new text hardly compresses (one that a hostile
/// author wrote), one equal to that of the finding before nearly vanishes, and a new rule repeats the texts far away.
fn fitting(findings: &[&Finding]) -> usize {
    let mut left = SARIF_GZIP_BYTES.max;
    let mut previous: Option<&Finding> = None;
    for (index, finding) in findings.iter().enumerate() {
        let cost = cost(finding, previous);
        let Some(rest) = left.checked_sub(cost) else { return index };
        left = rest;
        previous = Some(finding);
    }
    findings.len()
}

fn cost(finding: &Finding, previous: Option<&Finding>) -> usize {
    let text = |get: fn(&Finding) -> &str| {
        let text = get(finding);
        if previous.is_some_and(|p| get(p) == text) { REPEAT_BYTES } else { text.len().min(SARIF_TEXT.max * 4) / 8 * 7 }
    };
    let texts = text(|f| &f.title) + text(|f| &f.description) + text(|f| &f.remediation);
    let rule = text(|f| f.rule_id.as_deref().unwrap_or_default());
    let copies = if rule > REPEAT_BYTES { 2 } else { 1 };
    let tags = finding.compliance_tags.iter().chain(&finding.vulnerability_ids).map(String::len).sum::<usize>();
    let path = finding.file_path.as_deref().unwrap_or_default().len();
    RESULT_BYTES + (texts + rule) * copies + path / 4 + tags.min(10_000) / 4
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ScanResult, ScanType, Severity};

    fn result(findings: Vec<Finding>) -> ScanResult {
        ScanResult { findings, ..ScanResult::default() }
    }

    #[test]
    fn severity_ranks_before_the_cut() {
        let low = Finding::new("s", ScanType::Code, Severity::Low, "low");
        let high = Finding::new("s", ScanType::Code, Severity::High, "high");
        let mut all = vec![low; SARIF_RESULTS.max];
        all.push(high);
        let result = result(all);
        let selection = select(&RenderInput::new(&result));
        assert_eq!((selection.findings.len(), selection.over_count, selection.over_size), (SARIF_RESULTS.max, 1, 0));
        assert_eq!(selection.findings.first().unwrap().title, "high");
    }

    #[test]
    fn size_cuts_too() {
        let all = (0..10_000)
            .map(|n| {
                let mut finding = Finding::new("s", ScanType::Code, Severity::Low, "t");
                finding.description = format!("{n}").repeat(4_000);
                finding
            })
            .collect();
        let result = result(all);
        let selection = select(&RenderInput::new(&result));
        assert!(selection.findings.len() < 10_000);
        assert_eq!(selection.findings.len() + selection.over_size, 10_000);
    }
}
