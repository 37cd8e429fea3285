//! One comment at a line.

use super::suggestion::{self, Head};
use super::words::short;
use crate::model::Finding;
use crate::render::Changes;
use crate::render::escape::github::{inline, paragraph};
use crate::render::limits::{REVIEW_TEXT, REVIEW_TITLE, cut};
use serde::Serialize;

/// Characters of a description.
const DESCRIPTION: usize = 200;

/// A comment as the Reviews API takes it. Keys in alphabetical order.
#[derive(Debug, Serialize)]
pub(super) struct Comment {
    body: String,
    line: u32,
    path: String,
    side: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_side: Option<&'static str>,
}

/// Where a finding is shown.
#[derive(Debug)]
pub(super) struct Anchor<'a> {
    pub(super) finding: &'a Finding,
    /// From the top of the repository.
    pub(super) path: String,
    pub(super) first: u32,
    /// The last line of the finding within the same hunk.
    pub(super) last: u32,
    pub(super) marker: String,
}

impl<'a> Anchor<'a> {
    /// None when the diff does not show the finding's first line, or nothing would tie the comment to the finding.
    pub(super) fn of(finding: &'a Finding, changes: &Changes<'_>, marker: Option<String>) -> Option<Self> {
        let path = changes.path(finding.file_path.as_deref()?);
        let first = finding.line?;
        let last = changes.lines.file(&path)?.last_of(first, finding.end_line.unwrap_or(first))?;
        Some(Self { finding, path, first, last, marker: marker? })
    }

    /// The comment. With a suggestion it stands at the first line alone, since a suggestion replaces all lines it stands at.
    pub(super) fn comment(self, helpers: &Helpers<'_>) -> Comment {
        let ignore = helpers.ignore(&self);
        let start = Some(self.first).filter(|_| self.last > self.first && ignore.is_none());
        let line = if ignore.is_some() { self.first } else { self.last };
        let mut blocks = vec![head(self.finding, helpers.links)];
        blocks.extend(Some(paragraph(&short(&self.finding.description, DESCRIPTION))).filter(|text| !text.is_empty()));
        let remediation = inline(&cut(&self.finding.remediation, REVIEW_TEXT));
        blocks.extend(Some(remediation).filter(|text| !text.is_empty()).map(|text| format!("_Remediation:_ {text}")));
        blocks.extend(ignore);
        blocks.extend(suggestion::pin(self.finding).filter(|_| helpers.on));
        blocks.push(self.marker);
        Comment {
            body: blocks.join("\n\n"),
            line,
            path: self.path,
            side: "RIGHT",
            start_line: start,
            start_side: start.map(|_| "RIGHT"),
        }
    }
}

/// What comments of one file share.
pub(super) struct Helpers<'a> {
    /// Whether helper blocks are wanted.
    pub(super) on: bool,
    /// Whether titles link to their weakness.
    pub(super) links: bool,
    /// The file, where it is at hand and no finding of its line is about a secret.
    pub(super) head: Option<&'a Head>,
    /// Lines of the file with a secret.
    pub(super) secret_lines: &'a std::collections::BTreeSet<(&'a str, u32)>,
}

impl Helpers<'_> {
    fn ignore(&self, anchor: &Anchor<'_>) -> Option<String> {
        let head = self.head.filter(|_| self.on)?;
        let file = anchor.finding.file_path.as_deref()?;
        if self.secret_lines.contains(&(file, anchor.first)) {
            return None;
        }
        head.ignore(file, anchor.first, anchor.finding.rule_id.as_deref()?)
    }
}

fn head(finding: &Finding, links: bool) -> String {
    let scanner = inline(&cut(&finding.scanner, REVIEW_TITLE));
    let scanner = if scanner.is_empty() { "scanner" } else { &scanner };
    format!("**{}: {scanner}** — {}", finding.severity.as_str().to_uppercase(), title(finding, links))
}

/// The title, linked to its weakness where it is known.
pub(super) fn title(finding: &Finding, links: bool) -> String {
    let named = [finding.title.as_str(), finding.rule_id.as_deref().unwrap_or_default(), "finding without a title"];
    let title = named.into_iter().find(|text| !text.trim().is_empty()).unwrap_or_default();
    let title = inline(&cut(title.trim(), REVIEW_TITLE));
    match finding.cwe.as_deref().and_then(weakness).filter(|_| links) {
        Some(number) => format!("[{title}](https://cwe.mitre.org/data/definitions/{number}.html)"),
        None => title,
    }
}

fn weakness(cwe: &str) -> Option<&str> {
    let (word, number) = cwe.trim().split_once('-')?;
    let fits = word.eq_ignore_ascii_case("cwe") && (1..=6).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    fits.then_some(number)
}
