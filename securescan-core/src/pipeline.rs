//! The steps in the life of a finding, in order. Nothing here but that list.

use crate::baseline::Baseline;
use crate::compliance::Frameworks;
use crate::config::Config;
use crate::model::Finding;
use crate::source::Sources;
use crate::suppress::{self, Policy, Suppressed};
use crate::{dedup, identity, order, severity};

/// What the steps need beside the findings.
#[derive(Clone, Copy)]
pub struct PipelineOptions<'a> {
    /// Severity overrides and ignored rules.
    pub config: &'a Config,
    /// What is known already.
    pub baseline: Option<&'a Baseline>,
    /// Whether anything is suppressed at all.
    pub suppress: bool,
    /// What compliance tags come from.
    pub frameworks: &'a Frameworks,
    /// Where the lines that findings point to are read from.
    pub sources: &'a dyn Sources,
}

impl std::fmt::Debug for PipelineOptions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PipelineOptions").field("suppress", &self.suppress).finish_non_exhaustive()
    }
}

/// What the pipeline gave.
#[derive(Debug, Default)]
pub struct Processed {
    /// In canonical order, identified, suppressed ones included and marked.
    pub findings: Vec<Finding>,
    /// How many were suppressed and why, and what is odd about the suppressions.
    pub suppressed: Suppressed,
    /// How many severities the configuration changed.
    pub overridden: usize,
}

/// Identify, dedup, override, sort, suppress, tag, number. Shapes: any order in, canonical order out; idempotent.
pub fn run(mut findings: Vec<Finding>, options: &PipelineOptions<'_>) -> Processed {
    identity::identify(&mut findings, options.sources);
    let mut findings = dedup::deduplicate(findings);
    let overridden = severity::apply_overrides(&mut findings, &options.config.severity_overrides);
    order::sort(&mut findings);
    let policy = Policy {
        ignored_rules: if options.suppress { &options.config.ignored_rules } else { &[] },
        baseline: options.baseline.filter(|_| options.suppress),
        inline: options.suppress,
    };
    let suppressed = suppress::apply(&mut findings, &policy, options.sources);
    options.frameworks.tag_all(&mut findings);
    identity::number(&mut findings);
    Processed { findings, suppressed, overridden }
}
