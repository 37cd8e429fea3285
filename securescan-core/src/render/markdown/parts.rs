//! The pieces of the page: rows, list items, notes. Everything that comes from a finding or a scanner is escaped here.

use super::page::dotted;
use crate::model::{Finding, ScannerRun};
use crate::render::counts::counted;
use crate::render::coverage::{explanation, gaps, is_unfinished, status_words, unfinished};
use crate::render::escape::github::{code, inline};
use crate::render::limits::{
    Limit, MARKDOWN_NAME, MARKDOWN_PLACE, MARKDOWN_REASON, MARKDOWN_SCANNER_ROWS, MARKDOWN_SCANNERS, MARKDOWN_TAG, MARKDOWN_TAGS,
    MARKDOWN_TEXT, cut,
};
use crate::render::origin::Origin;
use crate::render::{Completeness, RenderInput, completeness, place};

/// A column of the table of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Severity,
    Scanner,
    Rule,
    Title,
    Where,
    Compliance,
}

/// The columns to show.
pub(super) fn columns(rules: bool, tags: bool) -> Vec<Column> {
    use Column::{Compliance, Rule, Scanner, Severity, Title, Where};
    let shown = |column: &Column| match column {
        Rule => rules,
        Compliance => tags,
        _ => true,
    };
    [Severity, Scanner, Rule, Title, Where, Compliance].into_iter().filter(shown).collect()
}

pub(super) fn table_head(columns: &[Column]) -> String {
    let names: Vec<String> = columns.iter().map(|column| format!("{column:?}")).collect();
    let rules = vec!["---"; columns.len()];
    format!("| {} |\n| {} |\n", names.join(" | "), rules.join(" | "))
}

pub(super) fn table_row(input: &RenderInput<'_>, finding: &Finding, columns: &[Column]) -> String {
    let cell = |column: &Column| match column {
        Column::Severity => dotted(finding.severity),
        Column::Scanner => text(&finding.scanner, MARKDOWN_NAME),
        Column::Rule => code(&cut(finding.rule_id.as_deref().unwrap_or_default(), MARKDOWN_TEXT)),
        Column::Title => title(finding),
        Column::Where => spot(input, finding),
        Column::Compliance => tags(finding),
    };
    let cells: Vec<String> = columns.iter().map(cell).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// One finding of the base side as a list item. It has no link: its line is of another commit than the one that is known.
pub(super) fn item(finding: &Finding) -> String {
    let place = spot_words(finding);
    let gap = if place.is_empty() { "" } else { " · " };
    format!("- {} · {} · {}{gap}{place}\n", dotted(finding.severity), text(&finding.scanner, MARKDOWN_NAME), title(finding))
}

fn text(text: &str, limit: Limit) -> String {
    inline(&cut(text, limit))
}

fn title(finding: &Finding) -> String {
    let title = text(&finding.title, MARKDOWN_TEXT);
    let title = if title.is_empty() { "(untitled)".to_owned() } else { title };
    match finding.metadata.suppressed_by {
        Some(by) => format!("`[SUPPRESSED:{}]` {title}", by.as_str()),
        None => title,
    }
}

/// Where it is; a link when repository and commit are known.
fn spot(input: &RenderInput<'_>, finding: &Finding) -> String {
    let shown = spot_words(finding);
    let path = place::file(finding).filter(|path| path.len() <= MARKDOWN_TEXT.max);
    let url = path.and_then(|path| Origin::of(&input.options)?.file_url(path, place::lines(finding)));
    match url {
        Some(url) if !shown.is_empty() => format!("[{shown}]({url})"),
        _ => shown,
    }
}

fn spot_words(finding: &Finding) -> String {
    place::clipped(finding, MARKDOWN_PLACE).map(|words| code(&words)).unwrap_or_default()
}

fn tags(finding: &Finding) -> String {
    let tags: Vec<String> = finding.compliance_tags.iter().take(MARKDOWN_TAGS.max).map(|tag| text(tag, MARKDOWN_TAG)).collect();
    let more = finding.compliance_tags.len().saturating_sub(MARKDOWN_TAGS.max);
    if more > 0 { format!("{}, +{more}", tags.join(", ")) } else { tags.join(", ") }
}

/// What was not looked at: a warning when the scan is incomplete, a line when scanners are not installed.
pub(super) fn notes(input: &RenderInput<'_>) -> String {
    let result = input.result;
    let lost = input.diff.map_or(0, |diff| diff.not_scanned.iter().filter(|f| !f.is_suppressed()).count());
    let mut warning = Vec::new();
    if completeness(result) == Completeness::Incomplete {
        warning.push(format!("**Incomplete:** {}. Findings may be missing.", named(unfinished(result))));
    }
    if lost > 0 {
        let (count, verb) = (counted(lost, "finding"), if lost == 1 { "is" } else { "are" });
        warning.push(format!("{count} of the base {verb} neither fixed nor unchanged: not scanned on the head side."));
    }
    let mut out = String::new();
    if !warning.is_empty() {
        out.push_str(&format!("\n> [!WARNING]\n> {}\n", warning.join("\\\n> ")));
    }
    let is_unfinished = is_unfinished(result);
    let not_run = grouped(gaps(result).filter(|run| !is_unfinished(run)));
    if !not_run.is_empty() {
        out.push_str(&format!("\nNot run: {not_run}\n"));
    }
    out
}

/// `trivy failed (exit code 2), semgrep timed out`.
fn named<'a>(mut runs: impl Iterator<Item = &'a ScannerRun>) -> String {
    let words = runs.by_ref().take(MARKDOWN_SCANNERS.max).map(|run| {
        let (name, status, why) = (name(run), status_words(run.status), why(&explanation(run)));
        if why.is_empty() { format!("{name} {status}") } else { format!("{name} {status} ({why})") }
    });
    let words = words.collect();
    and_more(words, runs.count())
}

/// `semgrep, trivy (not installed), zap (no target)`: what has one reason stands together. How to install a scanner is no concern of
/// who reads a comment.
fn grouped<'a>(mut runs: impl Iterator<Item = &'a ScannerRun>) -> String {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for run in runs.by_ref().take(MARKDOWN_SCANNERS.max) {
        let why = why(run.reason.as_deref().unwrap_or_default());
        match groups.iter_mut().find(|(reason, _)| *reason == why) {
            Some((_, names)) => names.push(name(run)),
            None => groups.push((why, vec![name(run)])),
        }
    }
    let words = groups.into_iter().map(|(why, names)| {
        let names = names.join(", ");
        if why.is_empty() { names } else { format!("{names} ({why})") }
    });
    and_more(words.collect(), runs.count())
}

fn and_more(mut words: Vec<String>, more: usize) -> String {
    if more > 0 {
        words.push(format!("and {more} more"));
    }
    words.join(", ")
}

fn name(run: &ScannerRun) -> String {
    inline(&cut(&run.name, MARKDOWN_NAME))
}

fn why(reason: &str) -> String {
    inline(&cut(reason, MARKDOWN_REASON))
}

/// All scanners, each with how it ended.
pub(super) fn scanners(input: &RenderInput<'_>) -> String {
    let runs = &input.result.scanners;
    if runs.is_empty() {
        return String::new();
    }
    let mut out = String::from("\n**Scanners**\n\n| Scanner | Status | Findings | Why |\n| --- | --- | ---: | --- |\n");
    for run in runs.iter().take(MARKDOWN_SCANNER_ROWS.max) {
        let status = status_words(run.status);
        out.push_str(&format!("| {} | {status} | {} | {} |\n", name(run), run.findings_count, why(&explanation(run))));
    }
    let more = runs.len().saturating_sub(MARKDOWN_SCANNER_ROWS.max);
    if more > 0 {
        out.push_str(&format!("\n… and {more} more scanners\n"));
    }
    out
}
