//! The end of the page: what was not looked at, then the numbers.

use super::style::{Page, Style, chars};
use crate::model::{Finding, ScannerRun, ScannerStatus};
use crate::render::counts::{BySeverity, counted};
use crate::render::coverage::{explanation, gaps, status_words, unfinished};
use crate::render::escape::terminal_line;
use crate::render::limits::{TEXT_LINE, cut};
use crate::render::{Completeness, DiffKind, DiffView, RenderInput, completeness};
use std::io;

/// One line for each scanner that did not look at everything; all scanners in verbose output.
pub(super) fn coverage(page: &mut Page<'_>, input: &RenderInput<'_>) -> io::Result<()> {
    let all = input.options.verbose || input.options.timings;
    let runs: Vec<&ScannerRun> = if all { input.result.scanners.iter().collect() } else { gaps(input.result).collect() };
    if runs.is_empty() {
        return Ok(());
    }
    page.heading(if all { "Scanners" } else { "Not looked at" })?;
    let name_width = runs.iter().map(|run| chars(&run.name)).max().unwrap_or(0).min(24);
    for run in runs {
        let name = terminal_line(&run.name);
        page.spaces(2)?;
        page.cell(&name, name_width, Style::Plain)?;
        page.spaces(2)?;
        let words = status_words(run.status);
        let why = described(run, input.options.timings);
        let start = 2 + name_width.max(chars(&name)) + 2 + 9 + 2;
        if why.is_empty() {
            page.text(words, Style::of_status(run.status))?;
            page.end_line()?;
        } else {
            page.cell(words, 9, Style::of_status(run.status))?;
            page.spaces(2)?;
            page.wrapped(&[(&why, Style::Plain)], start, start)?;
        }
    }
    Ok(())
}

fn described(run: &ScannerRun, timings: bool) -> String {
    let mut parts = Vec::new();
    if matches!(run.status, ScannerStatus::Ok | ScannerStatus::Partial) {
        let time = run.duration_s.filter(|_| timings).map(|s| format!(" ({s:.2}s)")).unwrap_or_default();
        parts.push(format!("{}{time}", counted(usize::try_from(run.findings_count).unwrap_or(usize::MAX), "finding")));
    }
    let why = explanation(run);
    if !why.is_empty() {
        parts.push(terminal_line(&cut(&why, TEXT_LINE)).into_owned());
    }
    parts.join("; ")
}

/// The summary of a scan.
pub(super) fn scan(page: &mut Page<'_>, input: &RenderInput<'_>) -> io::Result<()> {
    page.heading("Summary")?;
    let kept = input.result.findings.iter().filter(|f| !f.is_suppressed());
    entry(page, 0, "Total", &total(kept))?;
    suppressed(page, input, 0)?;
    if let Some(score) = input.risk_score {
        entry(page, 0, "Risk score", &format!("{score:.1}"))?;
    }
    gate(page, input, 0)?;
    scanned(page, input, 0)
}

/// The summary of a diff: labels in one column.
pub(super) fn diff(page: &mut Page<'_>, input: &RenderInput<'_>, diff: &DiffView<'_>) -> io::Result<()> {
    const WIDTH: usize = 22;
    let count = |list: &[Finding]| list.iter().filter(|f| !f.is_suppressed()).count().to_string();
    let (gone, stayed) = match diff.kind {
        DiffKind::Diff => ("FIXED", "UNCHANGED"),
        DiffKind::Compare => ("DISAPPEARED", "STILL_PRESENT"),
    };
    page.heading("Summary")?;
    entry(page, WIDTH, "NEW", &count(diff.new))?;
    entry(page, WIDTH, gone, &count(diff.fixed))?;
    entry(page, WIDTH, stayed, &diff.unchanged_count.to_string())?;
    if !diff.not_scanned.is_empty() {
        entry(page, WIDTH, "NOT SCANNED", &count(diff.not_scanned))?;
    }
    suppressed(page, input, WIDTH)?;
    gate(page, input, WIDTH)?;
    if let (Some(base), Some(head)) = (diff.base_ref, diff.head_ref) {
        entry(page, WIDTH, "Compared", &format!("{}..{}", terminal_line(base), terminal_line(head)))?;
    }
    scanned(page, input, WIDTH)
}

fn entry(page: &mut Page<'_>, width: usize, label: &str, value: &str) -> io::Result<()> {
    styled(page, width, label, value, Style::Plain)
}

fn styled(page: &mut Page<'_>, width: usize, label: &str, value: &str, style: Style) -> io::Result<()> {
    page.spaces(2)?;
    let label = format!("{label}:");
    let column = width.max(label.len() + 1);
    page.cell(&label, column, Style::Plain)?;
    page.wrapped(&[(value, style)], 2 + column, 2 + column)
}

fn total<'a>(findings: impl Iterator<Item = &'a Finding>) -> String {
    let counts = BySeverity::of(findings);
    match counts.total() {
        0 => "0 findings".into(),
        total => {
            let words: Vec<String> = counts.worst_first().map(|(severity, n)| format!("{n} {severity}")).collect();
            format!("{} ({})", counted(total, "finding"), words.join(", "))
        }
    }
}

fn suppressed(page: &mut Page<'_>, input: &RenderInput<'_>, width: usize) -> io::Result<()> {
    if input.suppressed.total() > 0 {
        entry(page, width, "Suppressed", &input.suppressed.words())?;
    }
    match input.silenced_by_change() {
        Some(counts) => entry(page, width, "Suppressed by this change", &counts.words()),
        None => Ok(()),
    }
}

fn gate(page: &mut Page<'_>, input: &RenderInput<'_>, width: usize) -> io::Result<()> {
    const LABEL: &str = "fail-on-severity";
    match input.gated() {
        None => entry(page, width, LABEL, "none"),
        Some((threshold, 0)) => styled(page, width, LABEL, &format!("{threshold} (passed)"), Style::Green),
        Some((threshold, count)) => {
            let text = format!("{threshold} (failed: {} at or above)", counted(count, "finding"));
            styled(page, width, LABEL, &text, Style::BoldRed)
        }
    }
}

/// What was scanned, with which scanners, and whether that is all.
fn scanned(page: &mut Page<'_>, input: &RenderInput<'_>, width: usize) -> io::Result<()> {
    let result = input.result;
    if !result.target.is_empty() || !result.scanners.is_empty() {
        let ran: Vec<_> = result
            .scanners
            .iter()
            .filter(|run| matches!(run.status, ScannerStatus::Ok | ScannerStatus::Partial))
            .map(|run| terminal_line(&run.name))
            .collect();
        let target = terminal_line(&result.target);
        let scanners = if ran.is_empty() { String::new() } else { format!("({})", ran.join(", ")) };
        let text = [target.as_ref(), scanners.as_str()].join(" ");
        let text = text.trim();
        entry(page, width, "Scanned", if text.is_empty() { "nothing" } else { text })?;
    }
    if completeness(result) == Completeness::Incomplete {
        let unfinished: Vec<_> =
            unfinished(result).map(|run| format!("{} {}", terminal_line(&run.name), status_words(run.status))).collect();
        let text = format!("{}; findings may be missing", unfinished.join(", "));
        styled(page, width, "INCOMPLETE", &text, Style::BoldRed)?;
    }
    Ok(())
}
