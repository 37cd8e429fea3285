//! Suppression: who silences a finding, and the audit trail of it.
//!
//! Three mechanisms, the most local wins: a comment in the source, `ignored_rules` of the configuration, an entry of the
//! baseline. A suppressed finding is stamped and counted, never removed: callers and renderers decide what to show.
//! Reading source files is [`crate::source`]'s business, reading a baseline [`crate::baseline`]'s.

mod comment;
mod counted;
mod inline;
mod marks;

pub(crate) use comment::line_comment;
pub use marks::{Directive, Mark, marks};

use crate::baseline::Baseline;
use crate::model::{Finding, SuppressedBy};
use crate::source::Sources;
use serde::Serialize;
use std::collections::HashSet;

/// What may silence a finding. The default silences nothing, and [`apply`] with it only clears stamps (`--no-suppress`).
#[derive(Debug, Clone, Copy, Default)]
pub struct Policy<'a> {
    /// Rule ids of the configuration; compared exactly with a finding's own rule id.
    pub ignored_rules: &'a [String],
    /// The baseline, if one is in use.
    pub baseline: Option<&'a Baseline>,
    /// Whether comments in the source count.
    pub inline: bool,
}

/// One thing to tell the author of a policy: a comment, rule or entry that does not do what it seems to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Notice {
    /// The source file, when it is about one.
    pub file: Option<String>,
    /// The 1-based line in it.
    pub line: Option<u32>,
    /// One line: what, and what to do.
    pub message: String,
}

impl std::fmt::Display for Notice {
    /// `src/a.py:3: …`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.file, self.line) {
            (Some(file), Some(line)) => write!(f, "{file}:{line}: {}", self.message),
            (Some(file), None) => write!(f, "{file}: {}", self.message),
            _ => f.write_str(&self.message),
        }
    }
}

/// How many findings each mechanism silenced, and what deserves a look.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Suppressed {
    /// By a comment in the source.
    pub inline: usize,
    /// By `ignored_rules`.
    pub config: usize,
    /// By the baseline.
    pub baseline: usize,
    /// Directives that match nothing or are mistyped (in files that have findings), ignored rules and baseline entries
    /// that match nothing. Sorted; at most a few for each file.
    pub audit: Vec<Notice>,
}

impl Suppressed {
    /// All three together.
    pub fn total(&self) -> usize {
        self.inline + self.config + self.baseline
    }
}

/// Clears every stamp, then stamps `metadata.suppressed_by` anew. Shapes: order and number of findings stay; the
/// outcome does not depend on their order, and a second call changes nothing.
///
/// An entry of the baseline stands for one finding, also when that finding is silenced by a comment or a rule: a second
/// copy of a known problem stays visible. Findings must be identified.
///
/// # Source
/// Spec 02, section 2, with weak points 6 and 7; spec 10, section 4.
pub fn apply(findings: &mut [Finding], policy: &Policy<'_>, sources: &dyn Sources) -> Suppressed {
    let mut out = Suppressed::default();
    let in_source = match policy.inline {
        true => inline::silenced(findings, sources, &mut out.audit),
        false => Vec::new(),
    };
    let known = policy.baseline.map(|baseline| counted::known(findings, baseline, &mut out.audit)).unwrap_or_default();
    let ignored: HashSet<&str> = policy.ignored_rules.iter().map(String::as_str).collect();
    let mut met = HashSet::new();
    for (index, finding) in findings.iter_mut().enumerate() {
        let rule = finding.rule_id.as_deref().and_then(|rule| ignored.get(rule).copied());
        met.extend(rule);
        let foreign = policy.inline && finding.ignored_in_source;
        let reason = if foreign || in_source.get(index) == Some(&true) {
            out.inline += 1;
            Some(SuppressedBy::Inline)
        } else if rule.is_some() {
            out.config += 1;
            Some(SuppressedBy::Config)
        } else if known.get(index) == Some(&true) {
            out.baseline += 1;
            Some(SuppressedBy::Baseline)
        } else {
            None
        };
        finding.metadata.suppressed_by = reason;
    }
    let unmet = ignored.difference(&met).map(|rule| {
        let rule: String = rule.chars().take(100).collect();
        Notice { file: None, line: None, message: format!("`ignored_rules` names `{rule}`, which matches no finding") }
    });
    out.audit.extend(unmet);
    out.audit.sort();
    out
}

/// What is wrong with the directives of one file: those that look like one and have no effect. Sorted by line.
pub fn audit(path: &str, text: &[u8]) -> Vec<Notice> {
    inline::mistakes(path, text)
}

#[cfg(test)]
mod tests;
