//! The two helper blocks of a comment: a suggestion that adds an ignore comment, and a severity to pin.
//!
//! A suggestion replaces the line it stands at, so it repeats that line. It is left out wherever it could break the file or show
//! what must not be shown: other file types than those with comments to the end of a line, inside strings over several lines,
//! behind a continued line, on lines with a secret, and for rule ids that the directive cannot name.

use super::words;
use crate::model::{Finding, Severity};
use crate::source::Sources;
use crate::suppress;
use std::ops::Range;
use std::sync::Arc;

/// Longer lines are not repeated, in characters.
const MAX_LINE: usize = 1_000;
/// Longer rule ids are not written into files, in characters.
const MAX_RULE: usize = 200;

/// One file of the head side, by lines.
pub(super) struct Head {
    text: Arc<[u8]>,
    lines: Vec<Line>,
}

struct Line {
    range: Range<usize>,
    /// It starts inside a string that began on an earlier line, as far as quotes tell.
    inside: bool,
}

impl Head {
    /// Reads a file, by the path its findings carry.
    pub(super) fn read(path: &str, sources: &dyn Sources) -> Option<Self> {
        let text = sources.read(path)?;
        let quotes = long_quotes(path);
        let (mut lines, mut start, mut open) = (Vec::new(), 0, None);
        for line in text.split(|b| *b == b'\n') {
            let end = start + line.len();
            lines.push(Line { range: start..end, inside: open.is_some() });
            open = still_open(line, quotes, open);
            start = end + 1;
        }
        Some(Self { text, lines })
    }

    fn line(&self, number: u32) -> Option<(&str, &Line)> {
        let line = self.lines.get(usize::try_from(number.checked_sub(1)?).ok()?)?;
        Some((std::str::from_utf8(self.text.get(line.range.clone())?).ok()?, line))
    }

    /// The ignore comment and the line itself; none where the file or the rule does not take it.
    pub(super) fn ignore(&self, path: &str, number: u32, rule: &str) -> Option<String> {
        let comment = suppress::line_comment(path)?;
        let (line, at) = self.line(number)?;
        let fits =
            line.len() <= MAX_LINE * 4 && line.chars().count() <= MAX_LINE && !line.chars().any(|c| c != '\t' && words::acts(c));
        let continued = number > 1 && self.line(number - 1).is_none_or(|(before, _)| before.ends_with('\\'));
        if !fits || at.inside || continued || !is_plain(rule) || line.contains("securescan:") || holds_secret(line) {
            return None;
        }
        let indent = line.get(..line.len() - line.trim_start().len()).unwrap_or_default();
        let text = format!("{indent}{comment} securescan: ignore {rule}\n{line}");
        let read = suppress::marks(path, text.as_bytes());
        let as_meant = read.first().is_some_and(|mark| mark.rule_ids == [rule] && mark.silences(2, rule));
        as_meant.then(|| {
            let block = words::block("suggestion", &text);
            format!("Suppress this finding for the line below by committing this:\n\n{block}")
        })
    }
}

/// Strings of these languages that may run over lines, by what opens and closes them.
fn long_quotes(path: &str) -> &'static [&'static [u8]] {
    match path.rsplit('.').next().unwrap_or_default() {
        "py" | "pyi" | "pyw" => &[b"\"\"\"", b"'''"],
        "js" | "mjs" | "cjs" | "ts" | "jsx" | "tsx" | "go" => &[b"`"],
        "kt" | "kts" | "scala" | "java" | "swift" | "groovy" => &[b"\"\"\""],
        _ => &[],
    }
}

fn still_open(line: &[u8], quotes: &[&'static [u8]], mut open: Option<&'static [u8]>) -> Option<&'static [u8]> {
    let mut rest = line;
    while !rest.is_empty() && !quotes.is_empty() {
        let found = quotes.iter().copied().find(|quote| open.is_none_or(|o| o == *quote) && rest.starts_with(quote));
        let step = found.map_or(1, <[u8]>::len);
        if let Some(quote) = found {
            open = if open.is_some() { None } else { Some(quote) };
        }
        rest = rest.get(step..).unwrap_or_default();
    }
    open
}

/// The lines that pin a rule's severity one step lower.
pub(super) fn pin(finding: &Finding) -> Option<String> {
    let rule = finding.rule_id.as_deref().filter(|rule| is_plain(rule))?;
    let lower = match finding.severity {
        Severity::Critical => Severity::High,
        Severity::High => Severity::Medium,
        Severity::Medium => Severity::Low,
        Severity::Low | Severity::Info => Severity::Info,
    };
    let block = words::block("yaml", &format!("severity_overrides:\n  {}: {}", yaml_key(rule)?, lower.as_str()));
    Some(format!("Pin this rule's severity in `.securescan.yml`:\n\n{block}"))
}

/// A rule id that can be written into a file and be found there again.
fn is_plain(rule: &str) -> bool {
    !rule.is_empty()
        && rule.len() <= MAX_RULE
        && !rule.contains(['`', '<', '>'])
        && !rule.contains("securescan:")
        && !rule.chars().any(|c| c.is_whitespace() || words::acts(c))
}

/// A key that YAML reads as this text, quoted unless it can be nothing else.
fn yaml_key(rule: &str) -> Option<String> {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/');
    let word = matches!(rule.to_ascii_lowercase().as_str(), "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n" | "null");
    if !word && rule.starts_with(|c: char| c.is_ascii_alphabetic()) && rule.chars().all(safe) {
        return Some(rule.to_owned());
    }
    serde_json::to_string(rule).ok()
}

/// Whether a finding is about a secret, so that its line is shown nowhere.
pub(super) fn about_secret(finding: &Finding) -> bool {
    let scanners =
        std::iter::once(finding.scanner.as_str()).chain(finding.metadata.also_reported_by.iter().map(|r| r.scanner.as_str()));
    let known = ["secrets", "gitleaks", "trufflehog", "betterleaks", "kingfisher", "noseyparker", "ggshield", "detect-secrets"];
    finding.secret.is_some()
        || matches!(finding.cwe.as_deref(), Some("CWE-798" | "CWE-259" | "CWE-321" | "CWE-312" | "CWE-522"))
        || scanners.into_iter().any(|scanner| known.contains(&scanner))
}

/// Whether a line holds what the engine knows as a secret, whoever reported what about it.
#[cfg(feature = "scanners")]
fn holds_secret(line: &str) -> bool {
    crate::scanners::redact(line) != line
}

/// Without the scanners nobody can tell, so there is no suggestion.
#[cfg(not(feature = "scanners"))]
fn holds_secret(_line: &str) -> bool {
    true
}
