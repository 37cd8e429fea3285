//! Inline suppression: which findings a directive in the source silences, and which directives silence nothing.

use super::{Notice, marks};
use crate::model::Finding;
use crate::source::Sources;
use std::collections::{BTreeMap, HashMap, HashSet};

/// More notices than this about one file say nothing new.
const MAX_NOTICES_PER_FILE: usize = 20;

/// For each finding whether a directive silences it; notices about the files that were read go to `audit`.
///
/// Shapes: one file is read once, however many findings it has. Findings without file, line or rule are never silenced.
pub(super) fn silenced(findings: &[Finding], sources: &dyn Sources, audit: &mut Vec<Notice>) -> Vec<bool> {
    let mut out = vec![false; findings.len()];
    let mut by_file: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, finding) in findings.iter().enumerate() {
        if let Some(path) = finding.file_path.as_deref().filter(|path| !path.is_empty()) {
            by_file.entry(path).or_default().push(index);
        }
    }
    for (path, indices) in by_file {
        let Some(text) = sources.read(path) else { continue };
        let found = marks::find(path, &text);
        drop(text);
        let table = Table::new(&found.marks);
        let mut used = HashSet::new();
        for index in indices {
            let hit = findings.get(index).is_some_and(|finding| table.silences(finding, &mut used));
            if let Some(slot) = out.get_mut(index) {
                *slot = hit;
            }
        }
        let stale = stale(&found.marks, &used);
        report(path, found.mistakes.iter().map(|(line, m)| (*line, m.text().to_owned())).chain(stale), audit);
    }
    out
}

/// The mistyped directives of one file.
pub(super) fn mistakes(path: &str, text: &[u8]) -> Vec<Notice> {
    let found = marks::find(path, text);
    let mut out = Vec::new();
    report(path, found.mistakes.iter().map(|(line, m)| (*line, m.text().to_owned())), &mut out);
    out
}

/// The rules silenced on each line. Source text decides the keys, so the hash is the keyed one.
struct Table<'m>(HashMap<u32, HashSet<&'m str>>);

impl<'m> Table<'m> {
    fn new(marks: &'m [marks::Mark]) -> Self {
        let mut table: HashMap<u32, HashSet<&'m str>> = HashMap::new();
        for mark in marks {
            for line in mark.first_line..=mark.last_line {
                table.entry(line).or_default().extend(mark.rule_ids.iter().map(String::as_str));
            }
        }
        Self(table)
    }

    /// A finding is silenced by its own rule, by a rule of a reporter merged into it, or by `*`.
    fn silences(&self, finding: &Finding, used: &mut HashSet<(u32, &'m str)>) -> bool {
        let (Some(line), Some(rule)) = (finding.line, finding.rule_id.as_deref().filter(|rule| !rule.is_empty())) else {
            return false;
        };
        let Some(silenced) = self.0.get(&line) else { return false };
        let others = finding.metadata.also_reported_by.iter().filter_map(|r| r.rule_id.as_deref());
        let mut hit = false;
        for id in [rule, "*"].into_iter().chain(others) {
            if let Some(id) = silenced.get(id) {
                used.insert((line, *id));
                hit = true;
            }
        }
        hit
    }
}

fn stale<'a>(marks: &'a [marks::Mark], used: &'a HashSet<(u32, &str)>) -> impl Iterator<Item = (u32, String)> + 'a {
    marks.iter().flat_map(move |mark| {
        let unused = move |id: &&String| !(mark.first_line..=mark.last_line).any(|line| used.contains(&(line, id.as_str())));
        mark.rule_ids.iter().filter(unused).map(move |id| {
            (
                mark.line,
                format!("`{}` of `{}` matches no finding; remove it or check the rule id", mark.directive.as_str(), cut(id)),
            )
        })
    })
}

impl marks::Mistake {
    fn text(self) -> &'static str {
        match self {
            Self::UnknownDirective => {
                "this looks like a securescan comment, but the word after the colon is not known; use `ignore`, `ignore-this-line` or `ignore-next-line`"
            }
            Self::NoRuleId => "this securescan comment names no rule; write `securescan: ignore RULE-ID`",
            Self::NotInComment => {
                "this securescan directive does not stand in a comment of this file's language, so it has no effect"
            }
        }
    }
}

fn report(path: &str, notices: impl Iterator<Item = (u32, String)>, out: &mut Vec<Notice>) {
    let mut notices: Vec<(u32, String)> = notices.take(MAX_NOTICES_PER_FILE * 50).collect();
    notices.sort();
    notices.dedup();
    let left_out = notices.len().saturating_sub(MAX_NOTICES_PER_FILE);
    notices.truncate(MAX_NOTICES_PER_FILE);
    let file = || Some(path.to_owned());
    out.extend(notices.into_iter().map(|(line, message)| Notice { file: file(), line: Some(line), message }));
    if left_out > 0 {
        out.push(Notice { file: file(), line: None, message: "more such comments in this file are not listed".to_owned() });
    }
}

fn cut(id: &str) -> String {
    id.chars().take(100).collect()
}
