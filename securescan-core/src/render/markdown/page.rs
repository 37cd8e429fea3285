//! The page: what is said in which order, and what is cut when it does not fit.
//!
//! Whole rows are cut, the least severe first, and the page says how many. Everything else is bounded by its own limits, so the
//! marker, the numbers and the warning of an incomplete scan are always there.

use super::parts;
use crate::model::{Finding, Severity};
use crate::render::counts::{BySeverity, counted, ranked};
use crate::render::{Completeness, DiffKind, DiffView, RenderInput, completeness};

/// How a page differs from the other kind.
pub(in crate::render) struct Layout {
    /// The first line, by which a comment is found again.
    pub(in crate::render) marker: Option<&'static str>,
    /// The most the host accepts, as `size` measures.
    pub(in crate::render) limit: usize,
    pub(in crate::render) size: fn(&str) -> usize,
    /// Whether there is a column of rules.
    pub(in crate::render) rules: bool,
    /// Whether all scanners are listed at the end.
    pub(in crate::render) scanners: bool,
}

/// A list of findings with what stands around it.
struct Section<'a> {
    open: String,
    close: &'static str,
    findings: Vec<&'a Finding>,
    row: Box<dyn Fn(&Finding) -> String + 'a>,
}

/// What is left out of a section is said in at most so many characters.
const MORE: usize = 60;

/// The whole page, ending with one line feed.
pub(in crate::render) fn compose(input: &RenderInput<'_>, layout: &Layout) -> String {
    let sections = sections(input, layout);
    let mut page = String::new();
    if let Some(marker) = layout.marker {
        page.push_str(marker);
        page.push('\n');
    }
    let empty = sections.is_empty();
    if layout.marker.is_none() || !empty {
        let kind = input.diff.map_or("scan", |diff| command(diff.kind));
        page.push_str(&format!("### SecureScan {kind}\n\n"));
    }
    page.push_str(&if empty { nothing(input, layout) } else { numbers(input, layout) });
    page.push_str(&parts::notes(input));
    let end = end(input, layout, empty);
    let fixed: usize = sections.iter().map(|s| (layout.size)(&s.open) + (layout.size)(s.close) + MORE).sum();
    let mut left = layout.limit.saturating_sub((layout.size)(&page) + (layout.size)(&end) + fixed);
    for section in &sections {
        page.push_str(&section.open);
        let shown = rows(section, layout, &mut left, &mut page);
        if shown < section.findings.len() {
            page.push_str(&format!("\n… and {} more (see SARIF)\n", section.findings.len() - shown));
        }
        page.push_str(section.close);
    }
    page.push_str(&end);
    page
}

/// Writes as many rows as fit; gives their number.
fn rows(section: &Section<'_>, layout: &Layout, left: &mut usize, page: &mut String) -> usize {
    for (index, finding) in section.findings.iter().enumerate() {
        let row = (section.row)(finding);
        let Some(rest) = left.checked_sub((layout.size)(&row)) else {
            // Nothing less severe slips in behind the first that did not fit.
            *left = 0;
            return index;
        };
        *left = rest;
        page.push_str(&row);
    }
    section.findings.len()
}

fn command(kind: DiffKind) -> &'static str {
    match kind {
        DiffKind::Diff => "diff",
        DiffKind::Compare => "compare",
    }
}

/// The lists that have findings. The words `New findings` and their like are what other tools look for.
fn sections<'a>(input: &'a RenderInput<'a>, layout: &Layout) -> Vec<Section<'a>> {
    let Some(diff) = input.diff else {
        let findings = ranked(input, &input.result.findings);
        return if findings.is_empty() { Vec::new() } else { vec![table(input, layout, "Findings", findings)] };
    };
    let (new, gone) = match diff.kind {
        DiffKind::Diff => ("New findings", "Fixed findings"),
        DiffKind::Compare => ("New since baseline", "Disappeared from baseline"),
    };
    let mut sections = Vec::new();
    let findings = ranked(input, diff.new);
    if !findings.is_empty() {
        sections.push(table(input, layout, new, findings));
    }
    for (title, list) in [(gone, diff.fixed), ("Not scanned", diff.not_scanned)] {
        let findings = ranked(input, list);
        if !findings.is_empty() {
            let open = format!("\n<details><summary>{title} ({})</summary>\n\n", findings.len());
            let row = Box::new(parts::item);
            sections.push(Section { open, close: "\n</details>\n", findings, row });
        }
    }
    sections
}

fn table<'a>(input: &'a RenderInput<'a>, layout: &Layout, title: &str, findings: Vec<&'a Finding>) -> Section<'a> {
    let tags = findings.iter().any(|finding| !finding.compliance_tags.is_empty());
    let columns = parts::columns(layout.rules, tags);
    let open = format!("\n**{title}**\n\n{}", parts::table_head(&columns));
    Section { open, close: "", findings, row: Box::new(move |finding| parts::table_row(input, finding, &columns)) }
}

/// What is said when there is no finding to show. It never sounds clean when the scan is not complete.
fn nothing(input: &RenderInput<'_>, layout: &Layout) -> String {
    let incomplete = completeness(input.result) == Completeness::Incomplete;
    let words = match input.diff.map(|diff| diff.kind) {
        None if incomplete => "_No findings in what was scanned._",
        None => "_No findings._",
        Some(_) if incomplete => "_Nothing new in what was scanned._",
        Some(DiffKind::Diff) => "_No new or fixed findings._",
        Some(DiffKind::Compare) => "_No drift since baseline._",
    };
    let suppressed = suppressed(input);
    let gap = if suppressed.is_empty() { "" } else { "\n" };
    format!("{words}\n{gap}{}", joined(&suppressed, layout))
}

/// The numbers: counts, suppressed, the gate.
fn numbers(input: &RenderInput<'_>, layout: &Layout) -> String {
    let mut lines = vec![match input.diff {
        Some(diff) => changes(diff),
        None => {
            let counts = BySeverity::of(input.result.findings.iter().filter(|f| !f.is_suppressed()));
            format!("{}{}", counted(counts.total(), "finding"), severities(counts))
        }
    }];
    lines.extend(suppressed(input));
    if let Some(score) = input.risk_score.filter(|_| layout.scanners) {
        lines.push(format!("Risk score: {score:.1}"));
    }
    lines.push(match input.gated() {
        None => "fail-on-severity: none".to_owned(),
        Some((threshold, 0)) => format!("fail-on-severity: {threshold} (passed)"),
        Some((threshold, count)) => format!("fail-on-severity: {threshold} (failed: {} at or above)", counted(count, "finding")),
    });
    joined(&lines, layout)
}

/// Lines of one paragraph, each on its own: a comment breaks at line ends anyway, a page only where told.
fn joined(lines: &[String], layout: &Layout) -> String {
    let end = if layout.marker.is_some() { "\n" } else { "\\\n" };
    if lines.is_empty() { String::new() } else { format!("{}\n", lines.join(end)) }
}

fn changes(diff: &DiffView<'_>) -> String {
    let count = |list: &[Finding]| list.iter().filter(|f| !f.is_suppressed()).count();
    let new = BySeverity::of(diff.new.iter().filter(|f| !f.is_suppressed()));
    let (fixed, stayed, lost) = (count(diff.fixed), diff.unchanged_count, count(diff.not_scanned));
    let mut line = match diff.kind {
        DiffKind::Diff => {
            let noun = if new.total() == 1 { "finding" } else { "findings" };
            format!("{} new {noun}{} · {fixed} fixed · {stayed} unchanged", new.total(), severities(new))
        }
        DiffKind::Compare => {
            format!("{} new since baseline{} · {fixed} disappeared · {stayed} still present", new.total(), severities(new))
        }
    };
    if lost > 0 {
        line.push_str(&format!(" · {lost} not scanned"));
    }
    line
}

/// ` (●1 critical, ●2 high)`; nothing for none.
fn severities(counts: BySeverity) -> String {
    let words: Vec<String> =
        counts.worst_first().filter(|(_, n)| *n > 0).map(|(severity, n)| format!("●{n} {severity}")).collect();
    if words.is_empty() { String::new() } else { format!(" ({})", words.join(", ")) }
}

fn suppressed(input: &RenderInput<'_>) -> Vec<String> {
    let all = Some(input.suppressed).filter(|counts| counts.total() > 0).map(|counts| format!("Suppressed: {}", counts.words()));
    let own = input.silenced_by_change().map(|counts| format!("**Suppressed by this change: {}**", counts.words()));
    all.into_iter().chain(own).collect()
}

fn end(input: &RenderInput<'_>, layout: &Layout, empty: bool) -> String {
    let mut end = if layout.scanners { parts::scanners(input) } else { String::new() };
    if layout.marker.is_some() && !empty {
        let command = input.diff.map_or("scan", |diff| command(diff.kind));
        end.push_str(&format!(
            "\n<sub>Run `securescan {command}` locally to reproduce. Markers identify this comment for upsert.</sub>\n"
        ));
    }
    end
}

/// The dot before a severity, for eyes that scan.
pub(super) fn dotted(severity: Severity) -> String {
    format!("● {severity}")
}
