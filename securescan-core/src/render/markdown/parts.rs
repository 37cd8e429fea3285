//! The pieces of the page: rows, list items, notes. Everything that comes from a finding or a scanner is escaped here.

use super::page::dotted;
use crate::model::{Finding, ScannerRun, ScannerStatus};
use crate::render::coverage::{explanation, gaps, status_words, unfinished};
use crate::render::escape::github::{code, inline};
use crate::render::limits::{MARKDOWN_REASON, MARKDOWN_SCANNERS, MARKDOWN_TAGS, MARKDOWN_TEXT, cut};
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
        Column::Scanner => text(&finding.scanner),
        Column::Rule => code(&cut(finding.rule_id.as_deref().unwrap_or_default(), MARKDOWN_TEXT)),
        Column::Title => title(finding),
        Column::Where => spot(input, finding),
        Column::Compliance => tags(finding),
    };
    let cells: Vec<String> = columns.iter().map(cell).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// One finding as a list item.
pub(super) fn item(input: &RenderInput<'_>, finding: &Finding) -> String {
    let place = spot(input, finding);
    let gap = if place.is_empty() { "" } else { " · " };
    format!("- {} · {} · {}{gap}{place}\n", dotted(finding.severity), text(&finding.scanner), title(finding))
}

fn text(text: &str) -> String {
    inline(&cut(text, MARKDOWN_TEXT))
}

fn title(finding: &Finding) -> String {
    let title = text(&finding.title);
    let title = if title.is_empty() { "(untitled)".to_owned() } else { title };
    match finding.metadata.suppressed_by {
        Some(by) => format!("`[SUPPRESSED:{}]` {title}", by.as_str()),
        None => title,
    }
}

/// Where it is; a link when repository and commit are known.
fn spot(input: &RenderInput<'_>, finding: &Finding) -> String {
    let shown = place::words(finding).map(|words| code(&cut(&words, MARKDOWN_TEXT))).unwrap_or_default();
    let path = place::file(finding).filter(|path| path.len() <= MARKDOWN_TEXT.max);
    let url = path.and_then(|path| Origin::of(&input.options)?.file_url(path, place::lines(finding)));
    match url {
        Some(url) if !shown.is_empty() => format!("[{shown}]({url})"),
        _ => shown,
    }
}

fn tags(finding: &Finding) -> String {
    let tags: Vec<String> = finding.compliance_tags.iter().take(MARKDOWN_TAGS.max).map(|tag| text(tag)).collect();
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
        let verb = if lost == 1 { "is" } else { "are" };
        warning.push(format!("{lost} of the base {verb} neither fixed nor unchanged: not scanned on the head side."));
    }
    let mut out = String::new();
    if !warning.is_empty() {
        out.push_str(&format!("\n> [!WARNING]\n> {}\n", warning.join("\\\n> ")));
    }
    if result.scanners.iter().any(|run| run.status != ScannerStatus::Skipped) {
        let skipped = gaps(result).filter(|run| run.status == ScannerStatus::Skipped);
        let names = named(skipped);
        if !names.is_empty() {
            out.push_str(&format!("\nNot run: {names}\n"));
        }
    }
    out
}

/// `trivy failed (exit code 2), semgrep timed out`.
fn named<'a>(runs: impl Iterator<Item = &'a ScannerRun>) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut more = 0;
    for run in runs {
        if words.len() == MARKDOWN_SCANNERS.max {
            more += 1;
            continue;
        }
        let why = inline(&cut(&explanation(run), MARKDOWN_REASON));
        let why = if why.is_empty() { why } else { format!(" ({why})") };
        words.push(format!("{} {}{why}", inline(&cut(&run.name, MARKDOWN_REASON)), status_words(run.status)));
    }
    if more > 0 {
        words.push(format!("and {more} more"));
    }
    words.join(", ")
}

/// All scanners, each with how it ended.
pub(super) fn scanners(input: &RenderInput<'_>) -> String {
    let runs = &input.result.scanners;
    if runs.is_empty() {
        return String::new();
    }
    let mut out = String::from("\n**Scanners**\n\n| Scanner | Status | Findings | Why |\n| --- | --- | ---: | --- |\n");
    for run in runs.iter().take(MARKDOWN_SCANNERS.max) {
        let why = inline(&cut(&explanation(run), MARKDOWN_REASON));
        let (name, status) = (inline(&cut(&run.name, MARKDOWN_REASON)), status_words(run.status));
        out.push_str(&format!("| {name} | {status} | {} | {why} |\n", run.findings_count));
    }
    if runs.len() > MARKDOWN_SCANNERS.max {
        out.push_str(&format!("\n… and {} more scanners\n", runs.len() - MARKDOWN_SCANNERS.max));
    }
    out
}
