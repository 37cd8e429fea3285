//! The rows of findings: severity, scanner, place, title, rule.

use super::details;
use super::style::{Page, Style, chars};
use crate::model::Finding;
use crate::render::escape::{terminal, terminal_line};
use crate::render::limits::{TEXT_LINE, cut};
use crate::render::{RenderInput, place};
use std::borrow::Cow;
use std::fmt::Write;
use std::io;

/// Findings shown together, with common columns.
pub(super) struct Block<'a> {
    pub(super) findings: &'a [&'a Finding],
    pub(super) indent: usize,
}

/// Columns are at least so wide, and longer entries than the most push only their own row.
const TAG: (usize, usize) = (8, 10);
const SCANNER: (usize, usize) = (7, 20);
const PLACE: (usize, usize) = (21, 48);
const TAG_GAP: usize = 1;
const GAP: usize = 3;
/// With less room than this for the title beside the columns, it goes below.
const MIN_TITLE: usize = 36;

struct Columns {
    tag: usize,
    scanner: usize,
    place: usize,
}

impl Columns {
    /// Where the title starts.
    fn start(&self, indent: usize) -> usize {
        indent + self.tag + TAG_GAP + self.scanner + GAP + self.place + GAP
    }
}

pub(super) fn write(page: &mut Page<'_>, input: &RenderInput<'_>, block: &Block<'_>) -> io::Result<()> {
    let columns = columns(block);
    for finding in block.findings {
        row(page, finding, block.indent, &columns)?;
        details::write(page, input, finding, block.indent + columns.tag + TAG_GAP)?;
    }
    Ok(())
}

fn columns(block: &Block<'_>) -> Columns {
    let mut columns = Columns { tag: TAG.0, scanner: SCANNER.0, place: PLACE.0 };
    let grow = |width: &mut usize, length: usize, most: usize| {
        if length <= most {
            *width = (*width).max(length);
        }
    };
    for finding in block.findings {
        grow(&mut columns.tag, finding.severity.as_str().len() + 2, TAG.1);
        grow(&mut columns.scanner, chars(&finding.scanner), SCANNER.1);
        grow(&mut columns.place, place_length(finding), PLACE.1);
    }
    columns
}

fn row(page: &mut Page<'_>, finding: &Finding, indent: usize, columns: &Columns) -> io::Result<()> {
    let (place, scanner) = (place(finding), terminal_line(&finding.scanner));
    let (title, rule) = (title(finding), rule(finding));
    let pieces: &[(&str, Style)] = &[(&title, Style::Plain), (&rule, Style::Dim)];
    let pieces = if rule.is_empty() { pieces.get(..1).unwrap_or(pieces) } else { pieces };
    page.spaces(indent)?;
    page.cell(tag(finding), columns.tag + TAG_GAP, Style::of(finding.severity))?;
    page.cell(&scanner, columns.scanner, Style::Plain)?;
    page.spaces(GAP)?;
    page.text(&place, Style::Plain)?;
    let place_width = columns.place.max(chars(&place));
    let start = columns.start(indent) + chars(&scanner).saturating_sub(columns.scanner) + place_width - columns.place;
    let below = indent + columns.tag + TAG_GAP;
    if fits_beside(page.width(), columns.start(indent), start, pieces) {
        page.spaces(place_width - chars(&place) + GAP)?;
        page.wrapped(pieces, start, start)
    } else {
        page.end_line()?;
        page.spaces(below)?;
        page.wrapped(pieces, below, below)
    }
}

/// Whether the title goes beside the columns: they leave room for titles at all, and for this one's longest word.
fn fits_beside(width: Option<usize>, column: usize, start: usize, pieces: &[(&str, Style)]) -> bool {
    let Some(width) = width else { return true };
    let longest = pieces.iter().flat_map(|(text, _)| text.split(' ')).map(chars).max().unwrap_or(0);
    column + MIN_TITLE <= width && start + longest <= width
}

fn tag(finding: &Finding) -> &'static str {
    use crate::model::Severity::{Critical, High, Info, Low, Medium};
    match finding.severity {
        Critical => "[CRITICAL]",
        High => "[HIGH]",
        Medium => "[MEDIUM]",
        Low => "[LOW]",
        Info => "[INFO]",
    }
}

fn title(finding: &Finding) -> Cow<'_, str> {
    let title = cut(&finding.title, TEXT_LINE);
    let line = match title {
        Cow::Borrowed(text) => terminal_line(text),
        Cow::Owned(text) => terminal_line(&text).into_owned().into(),
    };
    let line = if line.is_empty() { "(untitled)".into() } else { line };
    match finding.metadata.original_severity {
        Some(was) if was != finding.severity => format!("{line} (was: {was})").into(),
        _ => line,
    }
}

fn rule(finding: &Finding) -> String {
    match finding.rule_id.as_deref() {
        Some(id) if !id.trim().is_empty() => format!("({})", terminal_line(&cut(id, TEXT_LINE))),
        _ => String::new(),
    }
}

/// `path:line:column`, so that terminals and editors can open it; without a file the package, the endpoint, or `-`.
fn place(finding: &Finding) -> Cow<'_, str> {
    let Some(path) = finding.file_path.as_deref().filter(|path| !path.is_empty()) else { return elsewhere(finding) };
    let path = terminal(path);
    let Some(line) = finding.line.filter(|n| *n > 0) else { return path };
    let mut out = path.into_owned();
    let _ = write!(out, ":{line}");
    if let Some(column) = finding.column.filter(|n| *n > 0) {
        let _ = write!(out, ":{column}");
    }
    out.into()
}

fn elsewhere(finding: &Finding) -> Cow<'_, str> {
    place::elsewhere(finding).map_or("-".into(), |text| terminal_line(&text).into_owned().into())
}

/// The length of [`place`] without building it, exact for what needs no escaping.
fn place_length(finding: &Finding) -> usize {
    let digits = |n: Option<u32>| n.map_or(0, |n| n.checked_ilog10().unwrap_or(0) as usize + 2);
    match finding.file_path.as_deref() {
        Some(path) if !path.is_empty() => {
            chars(path) + digits(finding.line) + if finding.line.is_some() { digits(finding.column) } else { 0 }
        }
        _ => chars(&elsewhere(finding)),
    }
}
