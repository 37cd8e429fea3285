//! The first section: the score, the severities, where the findings come from and stand, and what to look at first.

use super::charts::{self, class};
use super::findings::anchor;
use super::page::Page;
use crate::render::limits::REPORT_CHART_NAME;
use crate::render::report::words::{self, counted};
use crate::render::report::{Report, Row};
use crate::render::{RenderInput, place};
use std::io;

/// Bars of a chart.
const BARS: usize = 8;
/// Findings to look at first.
const FIRST: usize = 5;

pub(super) fn write(page: &mut Page<'_>, input: &RenderInput<'_>, report: &Report<'_>) -> io::Result<()> {
    page.raw("<section id=\"summary\" aria-labelledby=\"summary-h\">\n<h2 id=\"summary-h\">Summary</h2>\n")?;
    page.around("<p class=\"lead\">", &words::sentence(input, report), "</p>\n")?;
    if let Some(text) = words::suppressed(input.suppressed, input.options.show_suppressed) {
        page.around("<p class=\"muted\">", &text, "</p>\n")?;
    }
    page.raw("<div class=\"grid\">\n")?;
    if let Some(score) = input.risk_score {
        page.raw("<div class=\"card score\"><h3>Risk score</h3>")?;
        charts::gauge(page, score)?;
        page.raw("</div>\n")?;
    }
    severities(page, report)?;
    bars(page, "By scanner", "Scanner", &report.scanners)?;
    bars(page, "Where most findings are", "Place", &report.places)?;
    page.raw("</div>\n")?;
    first(page, report)?;
    page.raw("</section>\n")
}

fn severities(page: &mut Page<'_>, report: &Report<'_>) -> io::Result<()> {
    page.raw("<div class=\"card\"><h3>By severity</h3><div class=\"beside\">")?;
    charts::donut(page, &report.counts)?;
    page.raw("<table class=\"legend\"><caption class=\"hidden\">Findings by severity</caption><tbody>")?;
    for (severity, count) in report.counts.each() {
        page.raw("<tr class=\"")?;
        page.raw(class(severity))?;
        page.raw("\"><th scope=\"row\"><i class=\"dot\"></i>")?;
        page.raw(words::severity(severity))?;
        page.raw("</th><td>")?;
        page.count(count)?;
        page.raw("</td></tr>")?;
    }
    page.raw("</tbody></table></div></div>\n")
}

fn bars(page: &mut Page<'_>, heading: &'static str, column: &'static str, rows: &[Row<'_>]) -> io::Result<()> {
    let Some(most) = rows.first().map(|row| row.counts.total()) else { return Ok(()) };
    page.raw("<div class=\"card wide\"><h3>")?;
    page.raw(heading)?;
    page.raw("</h3><table class=\"bars\"><colgroup><col class=\"name\"><col><col class=\"sum\"></colgroup><thead class=\"hidden\"><tr><th scope=\"col\">")?;
    page.raw(column)?;
    page.raw("</th><th scope=\"col\">Severities</th><th scope=\"col\">Findings</th></tr></thead><tbody>\n")?;
    for row in rows.iter().take(BARS) {
        page.raw("<tr><th scope=\"row\">")?;
        page.exact(&place::end_of(&row.name, REPORT_CHART_NAME))?;
        page.raw("</th><td>")?;
        charts::stacked(page, row, most)?;
        page.raw("</td><td>")?;
        page.count(row.counts.total())?;
        page.raw("</td></tr>\n")?;
    }
    page.raw("</tbody></table>")?;
    if let Some(more) = rows.get(BARS..).filter(|more| !more.is_empty()) {
        let count = more.iter().map(|row| row.counts.total()).sum();
        let text = format!("and {} more with {}", words::grouped(more.len()), counted(count, "finding"));
        page.around("<p class=\"muted\">", &text, "</p>")?;
    }
    page.raw("</div>\n")
}

fn first(page: &mut Page<'_>, report: &Report<'_>) -> io::Result<()> {
    let mut some = report.first_to_mend(FIRST).peekable();
    if some.peek().is_none() {
        return Ok(());
    }
    page.raw("<h3>Look at these first</h3>\n<ol class=\"first\">\n")?;
    for (number, entry) in some {
        let finding = entry.finding;
        page.raw("<li class=\"")?;
        page.raw(class(finding.severity))?;
        page.raw("\"><span class=\"sev\"><i class=\"dot\"></i>")?;
        page.raw(words::severity(finding.severity))?;
        page.raw("</span><a href=\"#")?;
        anchor(page, number)?;
        page.raw("\">")?;
        page.line(words::title(finding))?;
        page.raw("</a> <code>")?;
        page.exact(&words::place(finding))?;
        page.raw("</code>")?;
        if let Some(cwe) = finding.cwe.as_deref() {
            page.around(" <span class=\"muted\">", cwe, "</span>")?;
        }
        page.raw("</li>\n")?;
    }
    page.raw("</ol>\n")
}
