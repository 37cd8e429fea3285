//! The findings: by severity, then by place; and what a diff says of the others.

use super::charts::class;
use super::finding;
use super::page::Page;
use crate::model::{Finding, Severity};
use crate::render::report::{Entry, Report, SEVERITIES, words};
use crate::render::{Completeness, RenderInput, completeness};
use std::io;

/// Critical and high findings stand open when there are no more than this.
const OPEN: usize = 20;

/// The id of a finding's place in the page, without `#`.
pub(super) fn anchor(page: &mut Page<'_>, number: usize) -> io::Result<()> {
    page.raw("n")?;
    page.digits(number)
}

pub(super) fn write(page: &mut Page<'_>, input: &RenderInput<'_>, report: &Report<'_>) -> io::Result<()> {
    page.raw("<section id=\"findings\" aria-labelledby=\"findings-h\">\n<h2 id=\"findings-h\">")?;
    page.raw(if input.diff.is_some() { "New findings" } else { "Findings" })?;
    page.raw("</h2>\n")?;
    if report.entries.is_empty() {
        let clean = completeness(input.result) == Completeness::Complete;
        page.around("<p class=\"empty\">", words::nothing(clean), "</p>\n")?;
    }
    let urgent = report.entries.iter().filter(|e| e.finding.severity >= Severity::High).count();
    for severity in SEVERITIES {
        let (first, entries) = report.of_severity(severity);
        let open = urgent <= OPEN && severity >= Severity::High;
        if !entries.is_empty() {
            severity_block(page, severity, first, entries, open)?;
        }
    }
    page.raw("</section>\n")?;
    let Some(diff) = input.diff else { return Ok(()) };
    others(page, input, "<section id=\"gone\"><h2>", words::gone(diff.kind), diff.fixed)?;
    others(page, input, "<section id=\"unknown\"><h2>", words::UNKNOWN, diff.not_scanned)
}

fn severity_block(page: &mut Page<'_>, severity: Severity, first: usize, entries: &[Entry<'_>], open: bool) -> io::Result<()> {
    page.raw("<section class=\"block ")?;
    page.raw(class(severity))?;
    page.raw("\"><h3><i class=\"dot\"></i>")?;
    page.raw(words::severity(severity))?;
    page.raw(" <span class=\"tally\">")?;
    page.count(entries.len())?;
    page.raw("</span></h3>\n")?;
    let mut number = first;
    for group in entries.chunk_by(|a, b| a.group == b.group) {
        page.raw("<section class=\"group\"><h4>")?;
        match group.first().map(|entry| entry.group.as_ref()) {
            None | Some("") => page.raw("No place given")?,
            Some(name) => page.exact(name)?,
        }
        page.raw(" <span class=\"tally\">")?;
        page.count(group.len())?;
        page.raw("</span></h4>\n")?;
        for entry in group {
            finding::write(page, number, entry, open)?;
            number += 1;
        }
        page.raw("</section>\n")?;
    }
    page.raw("</section>\n")
}

/// A table of findings that need no details.
fn others(
    page: &mut Page<'_>,
    input: &RenderInput<'_>,
    open: &'static str,
    (heading, about): (&'static str, &'static str),
    list: &[Finding],
) -> io::Result<()> {
    let count = input.shown(list).count();
    if count == 0 {
        return Ok(());
    }
    page.raw(open)?;
    page.raw(heading)?;
    page.raw(" <span class=\"tally\">")?;
    page.count(count)?;
    page.around("</span></h2>\n<p class=\"muted\">", about, "</p>\n")?;
    page.raw(
        "<div class=\"scroll\"><table class=\"rows\"><thead><tr><th scope=\"col\">Severity</th><th scope=\"col\">Finding</th>",
    )?;
    page.raw("<th scope=\"col\">Place</th><th scope=\"col\">Scanner</th><th scope=\"col\">Rule</th></tr></thead><tbody>\n")?;
    for finding in input.shown(list) {
        page.raw("<tr><td class=\"status ")?;
        page.raw(class(finding.severity))?;
        page.raw("\"><i class=\"dot\"></i>")?;
        page.raw(finding.severity.as_str())?;
        page.around("</td><th scope=\"row\">", words::title(finding), "</th><td><code>")?;
        page.exact(&words::place(finding))?;
        page.around("</code></td><td>", &finding.scanner, "</td><td><code>")?;
        page.around("", finding.rule_id.as_deref().unwrap_or_default(), "</code></td></tr>\n")?;
    }
    page.raw("</tbody></table></div>\n</section>\n")
}
