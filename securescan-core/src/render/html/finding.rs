//! One finding: a row that opens.

use super::findings::anchor;
use super::page::Page;
use crate::model::Finding;
use crate::render::limits::REPORT_LIST;
use crate::render::report::{Entry, words};
use std::io;

pub(super) fn write(page: &mut Page<'_>, number: usize, entry: &Entry<'_>, open: bool) -> io::Result<()> {
    let finding = entry.finding;
    page.raw("<details id=\"")?;
    anchor(page, number)?;
    page.raw(match (finding.is_suppressed(), open) {
        (true, _) => "\" class=\"f off\"",
        (false, true) => "\" class=\"f\" open",
        (false, false) => "\" class=\"f\"",
    })?;
    page.raw("><summary><span class=\"no\">")?;
    page.digits(number)?;
    page.raw("</span><span class=\"title\">")?;
    page.line(words::title(finding))?;
    page.raw("</span>")?;
    if let Some(by) = finding.metadata.suppressed_by {
        page.around("<span class=\"mark\">", words::suppressed_by(by), "</span>")?;
    }
    let spot = words::spot(finding);
    if !spot.is_empty() {
        page.around("<span class=\"spot\">", &spot, "</span>")?;
    }
    page.raw("</summary><div class=\"body\">\n")?;
    told(page, entry)?;
    facts(page, entry)?;
    page.raw("</div></details>\n")
}

/// The texts, or where they stand already.
fn told(page: &mut Page<'_>, entry: &Entry<'_>) -> io::Result<()> {
    let finding = entry.finding;
    if let Some(number) = entry.told_by {
        page.raw("<p class=\"muted\">Explained at <a href=\"#")?;
        anchor(page, number)?;
        page.raw("\">finding ")?;
        page.digits(number)?;
        return page.raw("</a>.</p>\n");
    }
    let said = finding.description.trim();
    if !said.is_empty() && said != finding.title.trim() {
        page.raw("<p class=\"prose\">")?;
        page.prose(said)?;
        page.raw("</p>\n")?;
    }
    if !finding.remediation.trim().is_empty() {
        page.raw("<div class=\"fix\"><b>What to do</b><p class=\"prose\">")?;
        page.prose(&finding.remediation)?;
        page.raw("</p></div>\n")?;
    }
    Ok(())
}

fn facts(page: &mut Page<'_>, entry: &Entry<'_>) -> io::Result<()> {
    let finding = entry.finding;
    page.raw("<dl>\n")?;
    place(page, finding)?;
    rule(page, entry)?;
    if let Some(was) = finding.metadata.original_severity.filter(|was| *was != finding.severity) {
        fact(page, "Severity", &format!("{}, reported as {was}", finding.severity))?;
    }
    if let Some(confidence) = finding.confidence {
        fact(page, "Confidence", confidence.as_str())?;
    }
    cwe(page, finding.cwe.as_deref().unwrap_or_default())?;
    package(page, finding)?;
    linked(page, "Known as", &finding.vulnerability_ids, advisory)?;
    chips(page, &finding.compliance_tags)?;
    fact(page, "Also reported by", &words::reporters(finding))?;
    if entry.told_by.is_none() {
        linked(page, "References", &finding.references, str::to_owned)?;
    }
    if !finding.fingerprint.is_empty() {
        page.around("<dt>Fingerprint</dt><dd><code>", &words::fingerprint(finding), "</code></dd>\n")?;
    }
    page.raw("</dl>\n")
}

fn fact(page: &mut Page<'_>, name: &'static str, value: &str) -> io::Result<()> {
    if value.trim().is_empty() {
        return Ok(());
    }
    page.raw("<dt>")?;
    page.raw(name)?;
    page.around("</dt><dd>", value, "</dd>\n")
}

fn place(page: &mut Page<'_>, finding: &Finding) -> io::Result<()> {
    let place = words::place(finding);
    if place.is_empty() {
        return Ok(());
    }
    page.raw("<dt>Place</dt><dd><code>")?;
    page.exact(&place)?;
    page.raw("</code></dd>\n")
}

fn rule(page: &mut Page<'_>, entry: &Entry<'_>) -> io::Result<()> {
    let id = entry.finding.rule_id.as_deref().unwrap_or_default();
    page.raw("<dt>Rule</dt><dd><a href=\"#r")?;
    page.digits(entry.rule + 1)?;
    page.raw("\"><code>")?;
    page.line(if id.trim().is_empty() { "(no rule)" } else { id })?;
    page.around("</code></a> of ", &entry.finding.scanner, "</dd>\n")
}

fn cwe(page: &mut Page<'_>, cwe: &str) -> io::Result<()> {
    let number = cwe.strip_prefix("CWE-").filter(|n| !n.is_empty() && n.len() <= 5 && n.bytes().all(|b| b.is_ascii_digit()));
    let Some(number) = number else { return fact(page, "CWE", cwe) };
    page.raw("<dt>CWE</dt><dd>")?;
    page.link(&format!("https://cwe.mitre.org/data/definitions/{number}.html"), cwe)?;
    page.raw("</dd>\n")
}

fn package(page: &mut Page<'_>, finding: &Finding) -> io::Result<()> {
    let Some(package) = finding.package.as_deref() else { return Ok(()) };
    page.around("<dt>Package</dt><dd>", &words::package(package), "")?;
    if let Some(fixed) = package.fixed_version.as_deref().filter(|v| !v.trim().is_empty()) {
        page.around(", <strong>fixed in ", fixed, "</strong>")?;
    }
    page.raw("</dd>\n")
}

/// The page of an advisory; empty for what does not look like one.
fn advisory(id: &str) -> String {
    let shaped =
        id.contains('-') && id.len() <= 40 && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b':' | b'.'));
    if shaped { format!("https://osv.dev/vulnerability/{id}") } else { String::new() }
}

fn linked(page: &mut Page<'_>, name: &'static str, items: &[String], address: fn(&str) -> String) -> io::Result<()> {
    let mut items = items.iter().filter(|item| !item.trim().is_empty()).peekable();
    if items.peek().is_none() {
        return Ok(());
    }
    page.raw("<dt class=\"wide\">")?;
    page.raw(name)?;
    page.raw("</dt><dd class=\"wide\"><ul>")?;
    for item in items.by_ref().take(REPORT_LIST.max) {
        page.raw("<li>")?;
        page.link(&address(item), item)?;
        page.raw("</li>")?;
    }
    more(page, items.count())?;
    page.raw("</ul></dd>\n")
}

fn chips(page: &mut Page<'_>, tags: &[String]) -> io::Result<()> {
    if tags.is_empty() {
        return Ok(());
    }
    page.raw("<dt>Compliance</dt><dd><ul class=\"chips\">")?;
    for tag in tags.iter().take(REPORT_LIST.max) {
        page.around("<li>", tag, "</li>")?;
    }
    more(page, tags.len().saturating_sub(REPORT_LIST.max))?;
    page.raw("</ul></dd>\n")
}

fn more(page: &mut Page<'_>, count: usize) -> io::Result<()> {
    if count == 0 { Ok(()) } else { page.around("<li>", &format!("and {} more", words::grouped(count)), "</li>") }
}
