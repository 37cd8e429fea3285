//! Ignore comments written for hadolint, Checkov and Trivy, honoured through the rules' aliases.
//!
//! A finding they name is kept and marked as ignored in its source, with the comment's own words in `metadata.foreign_ignore`:
//! counted and shown like any other suppression, never silently gone.
//!
//! # Source
//! hadolint README "Inline ignores" (2.14), Checkov "Suppressing and skipping policies" (3.2), Trivy "Filtering" (0.66).

use super::parse::Dockerfile;
use super::report::Rule;
use std::collections::HashMap;

/// The ignore comments of one file.
#[derive(Debug, Default)]
pub(super) struct Ignores {
    /// For the whole file: upper-case id → the comment.
    global: HashMap<String, String>,
    /// For one instruction: its index and the id → the comment.
    local: HashMap<(usize, String), String>,
    /// First and last line of each instruction, ascending.
    spans: Vec<(u32, u32)>,
}

/// How far a comment reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    File,
    /// The next instruction, or the whole file before the first one.
    NextOrFile,
    Next,
}

impl Ignores {
    pub(super) fn of(file: &Dockerfile<'_>) -> Self {
        let spans: Vec<_> = file.instructions.iter().map(|i| (i.line, i.end_line)).collect();
        let mut out = Self { spans, ..Self::default() };
        for comment in &file.comments {
            let Some((tool, ids, reach)) = read(comment.text) else { continue };
            // The instruction that ends at or after the comment: the next one, or the one it stands inside of.
            let next = out.spans.partition_point(|(_, end)| *end < comment.line);
            for id in ids {
                let said = format!("{tool} {id}");
                if reach == Reach::File || (reach == Reach::NextOrFile && next == 0) {
                    out.global.insert(id, said);
                } else {
                    out.local.insert((next, id), said);
                }
            }
        }
        out
    }

    /// The comment that silences a rule on a line.
    pub(super) fn find(&self, rule: &Rule, line: u32) -> Option<&str> {
        let index = self.spans.partition_point(|(_, end)| *end < line);
        let named = |id: &str| self.global.get(id).or_else(|| self.local.get(&(index, id.to_owned())));
        rule.aliases.iter().copied().find_map(named).map(String::as_str)
    }
}

/// Reads a comment: the tool's wording, the ids in canonical form, the reach.
fn read(comment: &str) -> Option<(&'static str, Vec<String>, Reach)> {
    let lower = comment.to_ascii_lowercase();
    if let Some(rest) = lower.strip_prefix("hadolint") {
        let rest = rest.trim_start();
        let (rest, reach, tool) = match rest.strip_prefix("global") {
            Some(rest) => (rest.trim_start(), Reach::File, "hadolint global ignore"),
            None => (rest, Reach::Next, "hadolint ignore"),
        };
        let list = rest.strip_prefix("ignore")?.trim_start().strip_prefix('=')?;
        return Some((tool, list.split(',').filter_map(id).collect(), reach));
    }
    if let Some(rest) = lower.strip_prefix("checkov:skip=") {
        return Some(("checkov:skip", rest.split(',').map_while(id).collect(), Reach::File));
    }
    let rest = lower.strip_prefix("trivy:ignore:").or_else(|| lower.strip_prefix("tfsec:ignore:"))?;
    let ids = rest.split_whitespace().next()?.split("trivy:ignore:").filter_map(id).map(|id| trivy(&id)).collect();
    Some(("trivy:ignore", ids, Reach::NextOrFile))
}

/// The id at the start of a list item: a reason may follow after a colon or white space.
fn id(item: &str) -> Option<String> {
    let item = item.trim();
    let len = item.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')).count();
    item.get(..len).filter(|i| !i.is_empty()).map(str::to_ascii_uppercase)
}

/// `AVD-DS-0002` and the older `DS002` as `DS-0002`.
fn trivy(id: &str) -> String {
    let id = id.strip_prefix("AVD-").unwrap_or(id);
    match id.strip_prefix("DS").filter(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())) {
        Some(number) => format!("DS-{number:0>4}"),
        None => id.to_owned(),
    }
}
