//! What a renderer is given.

use super::{Changes, ReviewEvent};
use crate::model::{Finding, ScanResult, Severity, SuppressedBy};
use serde::{Deserialize, Serialize};

/// How many findings each mechanism silenced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SuppressedCounts {
    /// By a comment in the source.
    pub inline: usize,
    /// By `ignored_rules` of the configuration.
    pub config: usize,
    /// By the baseline.
    pub baseline: usize,
}

impl SuppressedCounts {
    /// Counts the stamps of findings.
    pub fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        let mut counts = Self::default();
        for finding in findings {
            match finding.metadata.suppressed_by {
                Some(SuppressedBy::Inline) => counts.inline += 1,
                Some(SuppressedBy::Config) => counts.config += 1,
                Some(SuppressedBy::Baseline) => counts.baseline += 1,
                None => {}
            }
        }
        counts
    }

    /// All three together.
    pub fn total(self) -> usize {
        self.inline + self.config + self.baseline
    }

    /// In words: `3 (inline=1, config=1, baseline=1)`.
    pub(super) fn words(self) -> String {
        let Self { inline, config, baseline } = self;
        format!("{} (inline={inline}, config={config}, baseline={baseline})", self.total())
    }
}

/// What a diff is between.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DiffKind {
    /// Two revisions: `diff`.
    #[default]
    Diff,
    /// A baseline and now: `compare`.
    Compare,
}

/// A classified diff. Shapes: each list is in canonical order, suppressed findings included.
#[derive(Debug, Clone, Copy, Default)]
pub struct DiffView<'a> {
    /// Only in head.
    pub new: &'a [Finding],
    /// Only in base, where the scanner looked on both sides.
    pub fixed: &'a [Finding],
    /// In both, suppressed ones included.
    pub unchanged_count: usize,
    /// Only in base, but the scanner did not finish on head: nobody knows.
    pub not_scanned: &'a [Finding],
    /// The base as the user named it.
    pub base_ref: Option<&'a str>,
    /// The head as the user named it.
    pub head_ref: Option<&'a str>,
    /// Which words to use.
    pub kind: DiffKind,
    /// How many of the suppressed are silenced by lines, configuration or baseline entries that this change itself adds; none:
    /// not known.
    pub suppressed_by_change: Option<SuppressedCounts>,
}

/// Choices of the caller. All off by default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RenderOptions {
    /// Show suppressed findings too, marked.
    pub show_suppressed: bool,
    /// Colours, in `text`.
    pub color: bool,
    /// Wrap `text` at so many columns; none: never wrap.
    pub width: Option<usize>,
    /// Show the matched source in `text`, where the pipeline kept it and it is no secret.
    pub show_source: bool,
    /// The gate, for the summary.
    pub fail_on_severity: Option<Severity>,
    /// `owner/name` on the code host.
    pub repo: Option<String>,
    /// The commit that was scanned.
    pub sha: Option<String>,
    /// Show wall times in `text`, `report-html` and `report-pdf`; they differ from run to run.
    pub timings: bool,
    /// More about each finding and scanner, in `text`.
    pub verbose: bool,
    /// The moment of the scan, for formats that demand one: ISO 8601 in UTC, to the second (`2026-01-02T03:04:05`, with or without `Z`).
    /// None: the fixed `1970-01-01T00:00:00`, so that the same scan gives the same bytes.
    pub time: Option<String>,
    /// When the output was made, as it is to be shown in `report-html` and `report-pdf`; none: not shown. No renderer looks at a
    /// clock.
    pub generated_at: Option<String>,
    /// What a review does beside commenting, in `github-review`.
    pub review_event: ReviewEvent,
    /// Leave out what readers may commit or copy, in `github-review`.
    pub no_suggestions: bool,
}

/// Everything a renderer may look at.
#[derive(Debug, Clone)]
pub struct RenderInput<'a> {
    /// The scan, or the head side of a diff: coverage and all findings in canonical order.
    pub result: &'a ScanResult,
    /// How many findings were suppressed (of the new ones, with a diff).
    pub suppressed: SuppressedCounts,
    /// The risk score, if computed.
    pub risk_score: Option<f64>,
    /// Choices of the caller.
    pub options: RenderOptions,
    /// The diff, if it is one.
    pub diff: Option<&'a DiffView<'a>>,
    /// The change itself, for formats that comment on its lines; without it they have nowhere to.
    pub changes: Option<&'a Changes<'a>>,
}

impl<'a> RenderInput<'a> {
    /// A scan result with every option at its default; suppressed findings are counted.
    pub fn new(result: &'a ScanResult) -> Self {
        Self {
            result,
            suppressed: SuppressedCounts::of(&result.findings),
            risk_score: None,
            options: RenderOptions::default(),
            diff: None,
            changes: None,
        }
    }

    /// A diff whose head side is `result`; suppressed new findings are counted.
    pub fn with_diff(result: &'a ScanResult, diff: &'a DiffView<'a>) -> Self {
        Self { suppressed: SuppressedCounts::of(diff.new), diff: Some(diff), ..Self::new(result) }
    }

    /// The findings this output is about: the new ones of a diff, else all.
    pub(super) fn subject(&self) -> &'a [Finding] {
        self.diff.map_or(&self.result.findings, |diff| diff.new)
    }

    /// Those of a list that are to be shown.
    pub(super) fn shown<'b>(&self, findings: &'b [Finding]) -> impl Iterator<Item = &'b Finding> + Clone + use<'b> {
        let all = self.options.show_suppressed;
        findings.iter().filter(move |finding| all || !finding.is_suppressed())
    }

    /// How many findings this change itself silences, if it is known and any.
    pub(super) fn silenced_by_change(&self) -> Option<SuppressedCounts> {
        self.diff?.suppressed_by_change.filter(|counts| counts.total() > 0)
    }

    /// Findings at or above the gate that count, if there is a gate.
    pub(super) fn gated(&self) -> Option<(Severity, usize)> {
        let threshold = self.options.fail_on_severity?;
        let count = self.subject().iter().filter(|f| !f.is_suppressed() && f.severity >= threshold).count();
        Some((threshold, count))
    }
}
