//! Rendering findings or a difference in any format.

use super::steps::Difference;
use crate::model::{Findings, ScanResult};
use crate::render::{self, DiffView, RenderInput, RenderOptions};
use crate::{Result, order, score};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// What is rendered.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'a> {
    /// A scan.
    Findings(&'a Findings),
    /// What changed.
    Difference(&'a Difference),
}

/// How a rendering looks, and what a difference is between. In JSON one object; keys that are not known are refused.
#[derive(Debug, Clone, Default)]
pub struct Style {
    /// The base as the reader knows it: a branch, a commit.
    pub base_ref: Option<String>,
    /// The head as the reader knows it.
    pub head_ref: Option<String>,
    /// Everything else.
    pub options: RenderOptions,
}

impl<'de> Deserialize<'de> for Style {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut map = Map::deserialize(deserializer)?;
        let mut name = |key: &str| Option::deserialize(map.remove(key).unwrap_or_default()).map_err(D::Error::custom);
        let (base_ref, head_ref) = (name("base_ref")?, name("head_ref")?);
        let options = RenderOptions::deserialize(Value::Object(map)).map_err(D::Error::custom)?;
        Ok(Self { base_ref, head_ref, options })
    }
}

/// Renders in a named format; UTF-8 text in all but the binary ones ([`is_binary`]).
///
/// # Errors
/// `invalid_argument` for an unknown format, `unsupported` for one this build has not, `render` when the format cannot hold the input.
pub fn render(subject: Subject<'_>, format: &str, style: Style) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    match subject {
        Subject::Findings(findings) => {
            let result = findings.to_result();
            let risk_score = Some(score::risk_score(&result.findings));
            let input = RenderInput { options: style.options, risk_score, ..RenderInput::new(&result) };
            render::render(format, &input, &mut out)?;
        }
        Subject::Difference(difference) => of_difference(difference, format, style, &mut out)?,
    }
    Ok(out)
}

fn of_difference(difference: &Difference, format: &str, style: Style, out: &mut Vec<u8>) -> Result<()> {
    let lists = [&difference.new, &difference.gone, &difference.not_scanned].map(|list| list.to_result());
    let [new, gone, not_scanned] = &lists;
    let mut result = ScanResult {
        target: difference.head.target().to_owned(),
        scanners: difference.head.scanners().to_vec(),
        findings: difference.new.iter().chain(difference.kept.iter()).cloned().collect(),
    };
    order::sort(&mut result.findings);
    let view = DiffView {
        kind: difference.kind,
        new: &new.findings,
        fixed: &gone.findings,
        not_scanned: &not_scanned.findings,
        unchanged_count: difference.kept.len(),
        base_ref: style.base_ref.as_deref(),
        head_ref: style.head_ref.as_deref(),
        ..DiffView::default()
    };
    render::render(format, &RenderInput { options: style.options, ..RenderInput::with_diff(&result, &view) }, out)
}

/// Whether a format is bytes, not text.
///
/// # Errors
/// As [`render()`] for an unknown format.
pub fn is_binary(format: &str) -> Result<bool> {
    render::find(format).map(render::is_binary)
}
