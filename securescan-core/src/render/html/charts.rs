//! Charts, as inline SVG: colours come from the style sheet, so that they follow the theme; each chart has a text beside it or
//! in it that says the same.

use super::page::Page;
use crate::model::Severity;
use crate::render::report::words::band;
use crate::render::report::{Counts, Row};
use std::io;

/// The class that carries a severity's colour.
pub(super) fn class(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
        Severity::Info => "info",
    }
}

/// Half a ring, filled up to the score, with the limits of the bands marked on it.
pub(super) fn gauge(page: &mut Page<'_>, score: f64) -> io::Result<()> {
    // The length of the half circle is set to 100 by `pathLength`: a score is a length.
    const ARC: &str = " d=\"M12 72a60 60 0 0 1 120 0\" pathLength=\"100\"";
    let score = if score.is_finite() { score.clamp(0.0, 100.0) } else { 0.0 };
    let (severity, word) = band(score);
    page.raw("<svg class=\"gauge ")?;
    page.raw(class(severity))?;
    page.raw("\" viewBox=\"0 0 144 84\" role=\"img\" aria-labelledby=\"gauge\"><title id=\"gauge\">Risk score ")?;
    page.line(&format!("{score:.1} of 100: {word}"))?;
    page.raw("</title><path class=\"track\"")?;
    page.raw(ARC)?;
    page.raw("/>")?;
    if score > 0.0 {
        page.raw("<path class=\"fill\"")?;
        page.raw(ARC)?;
        page.raw(" stroke-dasharray=\"")?;
        page.figure(score)?;
        page.raw(" 200\"/>")?;
    }
    for limit in [25.0, 50.0, 70.0_f64] {
        tick(page, limit)?;
    }
    page.raw("<text x=\"72\" y=\"66\" class=\"big\">")?;
    page.line(&format!("{score:.1}"))?;
    page.raw("</text><text x=\"72\" y=\"81\" class=\"small\">")?;
    page.line(&format!("of 100: {word}"))?;
    page.raw("</text></svg>")
}

fn tick(page: &mut Page<'_>, at: f64) -> io::Result<()> {
    let (sin, cos) = ((1.0 - at / 100.0) * std::f64::consts::PI).sin_cos();
    page.raw("<path class=\"tick\" d=\"M")?;
    for (radius, after) in [(54.0, "L"), (66.0, "\"/>")] {
        page.figure(72.0 + radius * cos)?;
        page.raw(" ")?;
        page.figure(72.0 - radius * sin)?;
        page.raw(after)?;
    }
    Ok(())
}

/// A ring of the severities with the total in the middle.
pub(super) fn donut(page: &mut Page<'_>, counts: &Counts) -> io::Result<()> {
    const RING: &str = " cx=\"60\" cy=\"60\" r=\"48\" pathLength=\"100\"";
    let total = counts.total();
    page.raw("<svg class=\"donut\" viewBox=\"0 0 120 120\" role=\"img\" aria-labelledby=\"donut\"><title id=\"donut\">")?;
    page.line(&if total == 0 { "No findings".to_owned() } else { format!("Findings by severity: {}", counts.words()) })?;
    page.raw("</title><circle class=\"track\"")?;
    page.raw(RING)?;
    page.raw("/><g transform=\"rotate(-90 60 60)\">")?;
    let parts = counts.each().filter(|(_, n)| *n > 0).count();
    // A hair of space between neighbours; a part never vanishes behind it.
    let gap = if parts > 1 { 0.8 } else { 0.0 };
    let mut start = 0.0;
    for (severity, count) in counts.each().filter(|(_, n)| *n > 0) {
        let share = 100.0 * count as f64 / total.max(1) as f64;
        page.raw("<circle class=\"")?;
        page.raw(class(severity))?;
        page.raw("\"")?;
        page.raw(RING)?;
        page.raw(" stroke-dasharray=\"")?;
        page.figure((share - gap).max(0.3))?;
        page.raw(" 200\" stroke-dashoffset=\"")?;
        page.figure(-start)?;
        page.raw("\"/>")?;
        start += share;
    }
    page.raw("</g><text x=\"60\" y=\"62\" class=\"big\">")?;
    page.count(total)?;
    page.raw("</text><text x=\"60\" y=\"77\" class=\"small\">")?;
    page.raw(if total == 1 { "finding" } else { "findings" })?;
    page.raw("</text></svg>")
}

/// One bar out of parts by severity; `most` is the length of the longest.
pub(super) fn stacked(page: &mut Page<'_>, row: &Row<'_>, most: usize) -> io::Result<()> {
    page.raw("<svg class=\"bar\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" role=\"img\"><title>")?;
    page.line(&row.counts.words())?;
    page.raw("</title>")?;
    let scale = 100.0 / most.max(1) as f64;
    let mut start = 0.0;
    for (severity, count) in row.counts.each().filter(|(_, n)| *n > 0) {
        let width = count as f64 * scale;
        rect(page, class(severity), start, width)?;
        start += width;
    }
    page.raw("</svg>")
}

/// One bar that is a share of the whole.
pub(super) fn share(page: &mut Page<'_>, percent: f64) -> io::Result<()> {
    page.raw("<svg class=\"bar share\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">")?;
    rect(page, "track", 0.0, 100.0)?;
    rect(page, "taken", 0.0, percent.clamp(0.0, 100.0))?;
    page.raw("</svg>")
}

fn rect(page: &mut Page<'_>, class: &'static str, x: f64, width: f64) -> io::Result<()> {
    page.raw("<rect class=\"")?;
    page.raw(class)?;
    page.raw("\" x=\"")?;
    page.figure(x)?;
    page.raw("\" width=\"")?;
    page.figure(width)?;
    page.raw("\" height=\"10\"/>")
}
