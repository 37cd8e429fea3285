//! The pipeline, differences, renderings, numbers.

use crate::documents::{Baseline, Config};
use crate::error::{SecurescanError, from_json, guard, to_json};
use crate::findings::Findings;
use crate::live::Live;
use securescan_core::api::{self, ProcessOptions, Style, Subject};
use std::collections::HashMap;
use std::sync::Arc;

/// Findings, and what was done beside.
#[derive(uniffi::Record)]
pub struct Processed {
    /// What came of it; suppressed ones included and marked.
    pub findings: Arc<Findings>,
    /// JSON: `{"suppressed":{…},"overridden":n,"notices":[…]}`; after a scan also `config_file`, `root`, `cancelled`, `complete`.
    pub about: String,
}

/// The whole pipeline: identify, dedup, override, sort, suppress, tag, number. Idempotent. `root` is the folder that finding paths are relative
/// to: lines are read from there; `files` are texts by path, in its place.
#[uniffi::export(default(root = None, files = None, config = None, baseline = None, suppress = true))]
pub fn process(
    findings: &Findings,
    root: Option<String>,
    files: Option<HashMap<String, Vec<u8>>>,
    config: Option<Arc<Config>>,
    baseline: Option<Arc<Baseline>>,
    suppress: bool,
) -> Result<Processed, SecurescanError> {
    guard(|| {
        let options = ProcessOptions {
            root: root.map(Into::into),
            files: files.unwrap_or_default().into_iter().collect(),
            config: config.map(|config| config.inner.clone()).unwrap_or_default(),
            baseline: baseline.map(|baseline| baseline.inner.clone()),
            suppress,
        };
        let done = api::process(&findings.inner, &options);
        Ok(Processed { about: done.about().to_string(), findings: Findings::shared(done.findings) })
    })
}

/// What changed between two sides, or since a baseline. Immutable.
#[derive(uniffi::Object)]
pub struct Difference {
    inner: api::Difference,
    _live: Live,
}

#[uniffi::export]
impl Difference {
    /// Only on the newer side, or suppressed before and not any more.
    pub fn added(&self) -> Findings {
        Findings::own(self.inner.new.clone())
    }

    /// Only on the older side, where the scanner completed on the newer one: fixed, or disappeared.
    pub fn gone(&self) -> Findings {
        Findings::own(self.inner.gone.clone())
    }

    /// On both sides, as the newer one has them: unchanged, or still present.
    pub fn kept(&self) -> Findings {
        Findings::own(self.inner.kept.clone())
    }

    /// Only on the older side, where the scanner did not look: nothing is known.
    pub fn not_scanned(&self) -> Findings {
        Findings::own(self.inner.not_scanned.clone())
    }

    /// Unchanged findings whose severity rose: a JSON array of pairs, fingerprint and the severity they had.
    pub fn raised(&self) -> Result<String, SecurescanError> {
        guard(|| to_json(&self.inner.raised))
    }
}

/// What is new, fixed and unchanged between two sides, as multisets of fingerprints.
#[uniffi::export]
pub fn diff(base: &Findings, head: &Findings) -> Result<Difference, SecurescanError> {
    guard(|| Ok(Difference { inner: api::diff(&base.inner, &head.inner), _live: Live::new() }))
}

/// What appeared and disappeared since a baseline.
#[uniffi::export]
pub fn compare(baseline: &Baseline, current: &Findings) -> Result<Difference, SecurescanError> {
    guard(|| Ok(Difference { inner: api::compare(&baseline.inner, &current.inner), _live: Live::new() }))
}

/// Renders findings in an output format: UTF-8 text, bytes for `report-pdf`. `options` is a JSON object: `show_suppressed`,
/// `fail_on_severity`, `repo`, `sha`, `time`, … (the reference lists them).
#[uniffi::export(default(options = None))]
pub fn render(findings: &Findings, format: &str, options: Option<String>) -> Result<Vec<u8>, SecurescanError> {
    guard(|| {
        let style: Style = from_json(options.as_deref(), "options")?;
        api::render(Subject::Findings(&findings.inner), format, style)
    })
}

/// Renders a difference, as `render` does findings; `base_ref` and `head_ref` name the sides.
#[uniffi::export(default(options = None))]
pub fn render_difference(difference: &Difference, format: &str, options: Option<String>) -> Result<Vec<u8>, SecurescanError> {
    guard(|| {
        let style: Style = from_json(options.as_deref(), "options")?;
        api::render(Subject::Difference(&difference.inner), format, style)
    })
}

/// Counts by severity and the risk score, over what is not suppressed: a JSON object.
#[uniffi::export]
pub fn summary(findings: &Findings) -> Result<String, SecurescanError> {
    guard(|| to_json(&api::summary(&findings.inner)))
}

/// The risk score: 0 to 100, one decimal.
#[uniffi::export]
pub fn risk_score(findings: &Findings) -> Result<f64, SecurescanError> {
    guard(|| Ok(api::risk_score(&findings.inner)))
}

/// Which controls of which compliance framework the findings touch: a JSON object.
#[uniffi::export]
pub fn coverage(findings: &Findings) -> Result<String, SecurescanError> {
    guard(|| to_json(&api::coverage(&findings.inner)))
}
