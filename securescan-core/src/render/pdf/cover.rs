//! The first pages: facts, what is missing, the numbers with their charts, what to look at first, and the contents.

use super::fonts::Face;
use super::layout::{Layout, Style};
use super::sheet::{ACCENT, BOTTOM, Color, Drawing, LEFT, LINE, MUTED, RIGHT, Role, SOFT, STRONG, TOP, Target, WARNING};
use crate::model::Severity;
use crate::render::limits::{Limit, REPORT_CHART_NAME, REPORT_LINE, cut};
use crate::render::report::words;
use crate::render::report::{Report, Row, SEVERITIES, title};
use crate::render::{RenderInput, escape, place};

/// Bars of a chart.
const BARS: usize = 8;
/// Findings to look at first.
const FIRST: usize = 5;
/// Reasons of an incomplete scan told on the first page; the table of scanners has all.
const REASONS: usize = 6;
const CONTENTS_LEADING: f32 = 15.0;

/// The place kept for the contents.
pub(super) struct Kept {
    node: usize,
    place: (usize, f32),
}

/// The colour of a severity, as in the style sheet of `report-html`.
pub(super) fn color(severity: Severity) -> Color {
    match severity {
        Severity::Critical => [207, 64, 64],
        Severity::High => [223, 108, 50],
        Severity::Medium => [222, 156, 49],
        Severity::Low => [113, 170, 173],
        Severity::Info => [133, 145, 154],
    }
}

pub(super) fn write(layout: &mut Layout, input: &RenderInput<'_>, report: &Report<'_>) -> Kept {
    let brand = Style { face: Face::Bold, size: 9.0, color: ACCENT };
    layout.within(Role::Paragraph, |l| l.word(LEFT, TOP, brand, "SecureScan"));
    let heading = Style { face: Face::Bold, size: 22.0, color: STRONG };
    layout.within(Role::Heading(1, title(input).to_owned()), |l| l.word(LEFT, TOP + 16.0, heading, title(input)));
    layout.gap(54.0);
    facts(layout, input, report);
    warning(layout, input);
    layout.heading(1, "Summary", 60.0);
    let lead = Style { size: 10.5, color: STRONG, ..Style::BODY };
    layout.paragraph(LEFT, RIGHT - LEFT, lead, &words::sentence(input, report));
    if let Some(text) = words::suppressed(input.suppressed, input.options.show_suppressed) {
        layout.paragraph(LEFT, RIGHT - LEFT, Style::SMALL, &text);
    }
    layout.gap(10.0);
    charts(layout, input, report);
    let kept = keep_contents(layout, planned(input, report));
    bars(layout, "By scanner", &report.scanners, Face::Regular);
    bars(layout, "Where most findings are", &report.places, Face::Mono);
    first(layout, report);
    kept
}

fn facts(layout: &mut Layout, input: &RenderInput<'_>, report: &Report<'_>) {
    let y = layout.y;
    let mut lowest = y;
    let all = words::facts(input, report);
    let columns = all.len().clamp(1, 4);
    let width = (RIGHT - LEFT) / columns as f32;
    for (index, (name, value)) in all.iter().enumerate() {
        let x = LEFT + width * (index % columns) as f32;
        if index > 0 && index % columns == 0 {
            layout.y = lowest + 6.0;
        }
        let top = layout.y;
        let lines = layout.lines(Style::BOLD, &cut(value, REPORT_LINE), width - 12.0);
        layout.within(Role::Paragraph, |l| {
            l.word(x, top, Style::SMALL, name);
            for (row, line) in (0..).zip(lines.iter().take(4)) {
                l.word(x, top + 12.0 + Style::BOLD.leading() * row as f32, Style::BOLD, line);
            }
        });
        lowest = lowest.max(top + 12.0 + Style::BOLD.leading() * lines.len().min(4) as f32);
        layout.y = top;
    }
    layout.y = lowest + 12.0;
}

fn warning(layout: &mut Layout, input: &RenderInput<'_>) {
    let Some((heading, reasons)) = words::warning(input) else { return };
    let width = RIGHT - LEFT - 24.0;
    let mut lines = Vec::new();
    for reason in reasons.iter().take(REASONS) {
        lines.extend(layout.lines(Style::BODY, &cut(reason, REPORT_LINE), width));
    }
    if let Some(more) = reasons.len().checked_sub(REASONS).filter(|n| *n > 0) {
        lines.push(format!("and {more} more: see the scanners"));
    }
    let (y, height) = (layout.y, 26.0 + Style::BODY.leading() * lines.len() as f32);
    layout.decorate(Drawing::Rect { x: LEFT, y, width: RIGHT - LEFT, height, color: WARNING });
    layout.gap(8.0);
    layout.paragraph(LEFT + 12.0, width, Style::BOLD, heading);
    layout.within(Role::Paragraph, |l| l.set(LEFT + 12.0, Style::BODY, &lines));
    layout.y = y + height + 4.0;
}

/// Score, ring and legend side by side.
fn charts(layout: &mut Layout, input: &RenderInput<'_>, report: &Report<'_>) {
    const HEIGHT: f32 = 118.0;
    layout.need(HEIGHT);
    let y = layout.y;
    let mut x = LEFT;
    if let Some(score) = input.risk_score {
        gauge(layout, LEFT + 82.0, y + 84.0, score);
        x += 190.0;
    }
    donut(layout, x + 58.0, y + 56.0, report);
    legend(layout, x + 140.0, y + 8.0, report);
    layout.y = y + HEIGHT;
}

fn gauge(layout: &mut Layout, x: f32, y: f32, score: f64) {
    let score = if score.is_finite() { score.clamp(0.0, 100.0) } else { 0.0 };
    let (severity, word) = words::band(score);
    layout.within(Role::Figure(format!("Risk score {score:.1} of 100: {word}")), |l| {
        let (radius, width) = (62.0, 13.0);
        l.draw(Drawing::Arc { x, y, radius, width, from: 0.0, to: 0.5, color: SOFT });
        if score > 0.0 {
            let to = (score / 200.0) as f32;
            l.draw(Drawing::Arc { x, y, radius, width, from: 0.0, to, color: color(severity) });
        }
        for limit in [25.0, 50.0, 70.0_f32] {
            let at = limit / 200.0;
            l.draw(Drawing::Arc { x, y, radius, width, from: at - 0.0015, to: at + 0.0015, color: [255, 255, 255] });
        }
        let big = Style { face: Face::Bold, size: 24.0, color: STRONG };
        l.word_to(x, y - 26.0, big, &format!("{score:.1}"), 0.5);
        l.word_to(x, y + 3.0, Style::SMALL, &format!("risk score of 100: {word}"), 0.5);
    });
}

fn donut(layout: &mut Layout, x: f32, y: f32, report: &Report<'_>) {
    let total = report.counts.total();
    let about = if total == 0 { "No findings".to_owned() } else { format!("Findings by severity: {}", report.counts.words()) };
    layout.within(Role::Figure(about), |l| {
        let (radius, width) = (44.0, 14.0);
        l.draw(Drawing::Arc { x, y, radius, width, from: 0.0, to: 1.0, color: SOFT });
        let parts = report.counts.each().filter(|(_, n)| *n > 0).count();
        let gap = if parts > 1 { 0.003 } else { 0.0 };
        let mut from = 0.25;
        for (severity, count) in report.counts.each().filter(|(_, n)| *n > 0) {
            let share = count as f32 / total.max(1) as f32;
            let (start, end) = (from + gap, (from + share - gap).max(from + gap + 0.001));
            l.draw(Drawing::Arc { x, y, radius, width, from: start, to: end, color: color(severity) });
            from += share;
        }
        l.word_to(x, y - 15.0, Style { face: Face::Bold, size: 19.0, color: STRONG }, &words::grouped(total), 0.5);
        l.word_to(x, y + 7.0, Style::SMALL, if total == 1 { "finding" } else { "findings" }, 0.5);
    });
}

fn legend(layout: &mut Layout, x: f32, mut y: f32, report: &Report<'_>) {
    layout.within(Role::Table, |l| {
        for (severity, count) in report.counts.each() {
            l.within(Role::Row, |l| {
                l.decorate(Drawing::Dot { x: x + 3.0, y: y + 6.5, radius: 3.0, color: color(severity) });
                l.within(Role::RowCell, |l| l.word(x + 14.0, y, Style::BODY, words::severity(severity)));
                l.within(Role::Cell, |l| l.word_to(x + 110.0, y, Style::BOLD, &words::grouped(count), 1.0));
            });
            y += 19.0;
        }
    });
}

fn bars(layout: &mut Layout, heading: &str, rows: &[Row<'_>], face: Face) {
    let Some(most) = rows.first().map(|row| row.counts.total()) else { return };
    let shown = rows.len().min(BARS);
    layout.need(30.0 + 15.0 * shown as f32);
    layout.gap(12.0);
    layout.paragraph(LEFT, RIGHT - LEFT, Style { size: 10.5, ..Style::BOLD }, heading);
    layout.gap(3.0);
    let style = Style { face, size: if face == Face::Mono { 7.5 } else { 9.0 }, ..Style::BODY };
    layout.within(Role::Table, |l| {
        for row in rows.iter().take(BARS) {
            l.within(Role::Row, |l| bar(l, row, most, style));
        }
    });
    if let Some(more) = rows.get(BARS..).filter(|more| !more.is_empty()) {
        let count = more.iter().map(|row| row.counts.total()).sum();
        let text = format!("and {} more with {}", words::grouped(more.len()), words::counted(count, "finding"));
        layout.paragraph(LEFT, RIGHT - LEFT, Style::SMALL, &text);
    }
}

/// A name on one line, its end kept.
fn fitted(layout: &mut Layout, name: &str, style: Style, width: f32) -> String {
    let whole = escape::terminal(name);
    for max in (1..=REPORT_CHART_NAME.max).rev() {
        let lines = layout.lines(style, &place::end_of(&whole, Limit { max, ..REPORT_CHART_NAME }), width);
        if let [line] = lines.as_slice() {
            return line.clone();
        }
    }
    String::new()
}

fn bar(layout: &mut Layout, row: &Row<'_>, most: usize, style: Style) {
    const NAME: f32 = 190.0;
    const COUNT: f32 = 40.0;
    let y = layout.y;
    let name = fitted(layout, &row.name, style, NAME - 10.0);
    layout.within(Role::RowCell, |l| l.word(LEFT, y, style, &name));
    let full = RIGHT - LEFT - NAME - COUNT;
    layout.within(Role::Cell, |l| {
        l.within(Role::Figure(row.counts.words()), |l| {
            let mut x = LEFT + NAME;
            for (severity, count) in row.counts.each().filter(|(_, n)| *n > 0) {
                let width = full * count as f32 / most.max(1) as f32;
                l.draw(Drawing::Rect { x, y: y + 2.0, width, height: 8.0, color: color(severity) });
                x += width;
            }
        });
    });
    layout.within(Role::Cell, |l| l.word_to(RIGHT, y, Style::BOLD, &words::grouped(row.counts.total()), 1.0));
    layout.gap(15.0);
}

fn first(layout: &mut Layout, report: &Report<'_>) {
    let some: Vec<_> = report.first_to_mend(FIRST).collect();
    if some.is_empty() {
        return;
    }
    layout.need(40.0);
    layout.gap(12.0);
    layout.paragraph(LEFT, RIGHT - LEFT, Style { size: 10.5, ..Style::BOLD }, "Look at these first");
    layout.gap(3.0);
    for (number, entry) in some {
        let finding = entry.finding;
        let cwe = finding.cwe.as_deref().map(|cwe| format!(", {cwe}")).unwrap_or_default();
        let title =
            layout.lines(Style::BODY, &cut(&format!("{number}. {}", words::title(finding)), REPORT_LINE), RIGHT - LEFT - 70.0);
        let place = layout.lines(Style::MONO, &cut(&format!("{}{cwe}", words::place(finding)), REPORT_LINE), RIGHT - LEFT - 70.0);
        layout.need(Style::BODY.leading() * (title.len() + place.len()).min(20) as f32 + 6.0);
        let y = layout.y;
        layout.decorate(Drawing::Dot { x: LEFT + 3.0, y: y + 6.5, radius: 3.0, color: color(finding.severity) });
        layout.within(Role::Paragraph, |l| {
            l.word(LEFT + 14.0, y, Style::BODY, words::severity(finding.severity));
            l.set(LEFT + 70.0, Style { face: Face::Bold, ..Style::BODY }, &title);
            l.set(LEFT + 70.0, Style { color: MUTED, ..Style::MONO }, &place);
        });
        layout.gap(4.0);
    }
}

/// How many lines the contents will have: the sections, and a line for each severity.
fn planned(input: &RenderInput<'_>, report: &Report<'_>) -> usize {
    let severities = SEVERITIES.iter().filter(|s| !report.of_severity(**s).1.is_empty()).count();
    let lists = input.diff.map_or([&[][..]; 2], |diff| [diff.fixed, diff.not_scanned]);
    let others = lists.iter().filter(|list| input.shown(list).next().is_some()).count();
    4 + severities + others + usize::from(!report.rules.is_empty())
}

/// Leaves room for the contents: below the charts, or on a page of its own.
fn keep_contents(layout: &mut Layout, lines: usize) -> Kept {
    let height = 34.0 + CONTENTS_LEADING * lines as f32;
    layout.need(height);
    let kept = Kept { node: layout.node(Role::Contents), place: layout.place() };
    layout.y = if layout.y + height > BOTTOM - 60.0 { BOTTOM } else { layout.y + height };
    kept
}

/// Fills the room kept for the contents, now that the pages are known.
pub(super) fn contents(layout: &mut Layout, kept: &Kept) {
    let was = layout.go_to(kept.place.0, kept.place.1 + 14.0);
    let items: Vec<(u16, String, usize)> = layout.bookmarks.iter().map(|b| (b.level, b.title.clone(), b.sheet + 1)).collect();
    let y = layout.y;
    layout.word_at_root(LEFT, y, Style { size: 10.5, ..Style::BOLD }, "Contents");
    layout.gap(20.0);
    layout.inside(kept.node, |l| {
        for (index, (level, title, page)) in items.iter().enumerate() {
            let indent = if *level > 1 { 14.0 } else { 0.0 };
            let y = l.y;
            l.within(Role::ContentsItem, |l| {
                l.linked(LEFT + indent, y, Style::BODY, title, Target::Bookmark(index));
                l.within(Role::Paragraph, |l| l.word_to(RIGHT, y, Style::BODY, &page.to_string(), 1.0));
            });
            l.decorate(Drawing::Rect { x: LEFT + indent, y: y + 13.0, width: RIGHT - LEFT - indent, height: 0.4, color: LINE });
            l.gap(CONTENTS_LEADING);
        }
    });
    layout.go_to(was.0, was.1);
}
