//! The steps over [`Findings`]: what every surface offers as functions of its own.

use crate::baseline::Baseline;
use crate::classify::{self, Positions};
use crate::compliance::{self, Frameworks};
use crate::config::Config;
use crate::model::{Finding, Findings, ScanResult, Severity};
use crate::pipeline::{self, PipelineOptions};
use crate::render::{DiffKind, SuppressedCounts};
use crate::source::{DirSources, MemorySources, NoSources, Sources};
use crate::suppress::Notice;
use crate::{dedup, identity, order, score};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What [`process`] goes by. The default reads no source, knows no configuration and no baseline, and lets both suppress.
#[derive(Debug, Clone)]
pub struct ProcessOptions {
    /// The folder that finding paths are relative to: lines are read from there, links out of it are not followed. Default none.
    pub root: Option<PathBuf>,
    /// Texts by path, in the place of a folder; looked at only without `root`.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Severity overrides and ignored rules.
    pub config: Config,
    /// What is known already.
    pub baseline: Option<Baseline>,
    /// Whether anything is suppressed at all; default yes.
    pub suppress: bool,
}

impl Default for ProcessOptions {
    fn default() -> Self {
        Self { root: None, files: BTreeMap::new(), config: Config::default(), baseline: None, suppress: true }
    }
}

/// What [`process`] gave.
#[derive(Debug, Clone, Default)]
pub struct Processed {
    /// In canonical order, identified, suppressed ones included and marked.
    pub findings: Findings,
    /// How many were suppressed, by what.
    pub suppressed: SuppressedCounts,
    /// How many severities the configuration changed.
    pub overridden: usize,
    /// What is odd about the suppressions.
    pub notices: Vec<Notice>,
}

impl Processed {
    /// What was done beside the findings, as every surface tells it: `suppressed`, `overridden`, `notices`.
    pub fn about(&self) -> Value {
        json!({ "suppressed": self.suppressed, "overridden": self.overridden, "notices": self.notices })
    }
}

/// The whole pipeline. Idempotent.
pub fn process(findings: &Findings, options: &ProcessOptions) -> Processed {
    let sources: Box<dyn Sources> = match &options.root {
        Some(root) => Box::new(DirSources::new(root)),
        None if options.files.is_empty() => Box::new(NoSources),
        None => {
            Box::new(MemorySources(options.files.iter().map(|(path, text)| (path.clone(), text.as_slice().into())).collect()))
        }
    };
    finish(findings.clone().into_result(), options, &*sources)
}

/// The pipeline over a result, its sources at hand.
pub(super) fn finish(mut result: ScanResult, options: &ProcessOptions, sources: &dyn Sources) -> Processed {
    let done = pipeline::run(
        std::mem::take(&mut result.findings),
        &PipelineOptions {
            config: &options.config,
            baseline: options.baseline.as_ref(),
            suppress: options.suppress,
            frameworks: Frameworks::builtin(),
            sources,
        },
    );
    let s = done.suppressed;
    Processed {
        findings: Findings::from_result(ScanResult { findings: done.findings, ..result }),
        suppressed: SuppressedCounts { inline: s.inline, config: s.config, baseline: s.baseline },
        overridden: done.overridden,
        notices: s.audit,
    }
}

/// One finding for one thing, whoever reports it; identified and in canonical order.
pub fn deduplicate(findings: &Findings) -> Findings {
    let mut result = findings.clone().into_result();
    identity::identify(&mut result.findings, &NoSources);
    result.findings = dedup::deduplicate(std::mem::take(&mut result.findings));
    settle(&mut result);
    Findings::from_result(result)
}

fn settle(result: &mut ScanResult) {
    order::sort(&mut result.findings);
    identity::number(&mut result.findings);
}

/// Identified, in canonical order and numbered: shared when it is so already, as after [`process`]; a copy where not.
pub fn identified(findings: &Findings) -> Findings {
    if let Cow::Borrowed(result) = findings.to_result() {
        let ready = |f: &Finding| !f.fingerprint.is_empty() && f.occurrence > 0 && f.secret.is_none();
        let ordered = |(a, b): (&Finding, &Finding)| order::compare(a, b).is_le();
        if result.findings.iter().all(ready) && result.findings.iter().zip(result.findings.iter().skip(1)).all(ordered) {
            return findings.clone();
        }
    }
    let mut result = findings.clone().into_result();
    identity::identify(&mut result.findings, &NoSources);
    settle(&mut result);
    Findings::from_result(result)
}

/// What changed between two sides. Each list shares the findings of its side and is in canonical order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Difference {
    /// Two revisions, or a baseline and now.
    pub kind: DiffKind,
    /// Only in head (now), or suppressed in base and not any more.
    pub new: Findings,
    /// Only in base, and the scanner completed on head: fixed, or disappeared.
    pub gone: Findings,
    /// In both, as head has them: unchanged, or still present.
    pub kept: Findings,
    /// Only in base, and the scanner did not look: nothing is known.
    pub not_scanned: Findings,
    /// Unchanged findings whose severity rose: fingerprint and the severity they had.
    pub raised: Vec<(String, Severity)>,
    /// The head side whole, with the coverage.
    pub head: Findings,
}

/// What is new, fixed and unchanged between two sides, as multisets of fingerprints.
pub fn diff(base: &Findings, head: &Findings) -> Difference {
    let (base, head) = (identified(base), identified(head));
    let split = classify::diff_positions(&base.to_result(), &head.to_result());
    difference(DiffKind::Diff, &base, head, split)
}

/// What appeared and disappeared since a baseline. Entries of the Python version match by their v1 fingerprints.
pub fn compare(baseline: &Baseline, current: &Findings) -> Difference {
    let mut known = baseline.as_findings();
    order::sort(&mut known);
    let known = Findings::from_vec(known);
    let head = identified(current);
    let split = classify::compare_positions(&known.to_result().findings, &head.to_result());
    difference(DiffKind::Compare, &known, head, split)
}

fn difference(kind: DiffKind, base: &Findings, head: Findings, split: Positions) -> Difference {
    let of = |side: &Findings, rows: Vec<u32>| side.select(rows.into_iter().map(|row| row as usize));
    Difference {
        kind,
        new: of(&head, split.new),
        gone: of(base, split.gone),
        kept: of(&head, split.kept),
        not_scanned: of(base, split.not_scanned),
        raised: split.raised,
        head,
    }
}

/// A baseline of all findings given that are identified or can be; suppressed ones included.
pub fn baseline(findings: &Findings, target_path: &str, scan_types: &[crate::ScanType]) -> Baseline {
    Baseline::from_findings(&identified(findings).to_result().findings, target_path, scan_types)
}

/// Counts by severity and the risk score, over what is not suppressed; the scanners are those of the coverage.
pub fn summary(findings: &Findings) -> score::Summary {
    let run = findings.scanners().iter().map(|s| s.name.clone()).collect();
    score::summary(&findings.to_result().findings, run)
}

/// 0 to 100, one decimal.
pub fn risk_score(findings: &Findings) -> f64 {
    score::risk_score(findings.iter())
}

/// Which compliance controls findings touch, framework by framework.
pub fn coverage(findings: &Findings) -> compliance::Coverage {
    Frameworks::builtin().coverage(findings.iter())
}
