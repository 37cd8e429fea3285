//! The sections that are tables: compliance, scanners, and the index by rule.

use super::charts::{self, class};
use super::findings::anchor;
use super::page::Page;
use crate::compliance::FrameworkCoverage;
use crate::model::{ScannerRun, ScannerStatus};
use crate::render::RenderInput;
use crate::render::coverage::{explanation, status_words};
use crate::render::report::{Report, Rule, words};
use std::io;

/// Findings a rule links to in the index.
const LINKS: usize = 12;

pub(super) fn compliance(page: &mut Page<'_>, report: &Report<'_>) -> io::Result<()> {
    page.raw("<section id=\"compliance\" aria-labelledby=\"compliance-h\">\n<h2 id=\"compliance-h\">Compliance</h2>\n")?;
    page.raw("<p class=\"muted\">Controls that at least one finding touches. A control that no finding touches is not thereby met.</p>\n")?;
    page.raw(
        "<div class=\"scroll\"><table class=\"rows\"><thead><tr><th scope=\"col\">Framework</th><th scope=\"col\">Version</th>",
    )?;
    page.raw("<th scope=\"col\" class=\"num\">Controls</th><th scope=\"col\" class=\"num\">Touched</th>")?;
    page.raw(
        "<th scope=\"col\" class=\"num\">Clear</th><th scope=\"col\" class=\"shares\">Share touched</th></tr></thead><tbody>\n",
    )?;
    for framework in report.compliance.frameworks.values() {
        framework_row(page, framework)?;
    }
    page.raw("</tbody></table></div>\n")?;
    for framework in report.compliance.frameworks.values().filter(|f| !f.observed.is_empty()) {
        controls(page, framework)?;
    }
    page.raw("</section>\n")
}

fn framework_row(page: &mut Page<'_>, framework: &FrameworkCoverage) -> io::Result<()> {
    let (all, touched) = (framework.controls.len(), framework.observed.len());
    page.around("<tr><th scope=\"row\">", &framework.name, "</th>")?;
    page.around("<td>", &framework.version, "</td>")?;
    for count in [all, touched, all.saturating_sub(touched)] {
        page.raw("<td class=\"num\">")?;
        page.count(count)?;
        page.raw("</td>")?;
    }
    page.raw("<td><div class=\"part\">")?;
    charts::share(page, framework.coverage_pct)?;
    page.around("<span>", &format!("{:.1} %", framework.coverage_pct), "</span></div></td></tr>\n")
}

fn controls(page: &mut Page<'_>, framework: &FrameworkCoverage) -> io::Result<()> {
    page.around("<div class=\"controls\"><h3>", &framework.name, "</h3><ul class=\"chips\">")?;
    for id in &framework.observed {
        page.around("<li>", id, " <b>")?;
        page.count(framework.findings.get(id).copied().unwrap_or_default())?;
        page.raw("</b></li>")?;
    }
    page.raw("</ul></div>\n")
}

pub(super) fn scanners(page: &mut Page<'_>, input: &RenderInput<'_>) -> io::Result<()> {
    page.raw("<section id=\"scanners\" aria-labelledby=\"scanners-h\">\n<h2 id=\"scanners-h\">Scanners</h2>\n")?;
    if input.result.scanners.is_empty() {
        return page.raw("<p class=\"muted\">It is not known which scanners ran.</p>\n</section>\n");
    }
    let timed = input.options.timings;
    page.raw(
        "<div class=\"scroll\"><table class=\"rows\"><thead><tr><th scope=\"col\">Scanner</th><th scope=\"col\">Looks at</th>",
    )?;
    page.raw("<th scope=\"col\">Status</th><th scope=\"col\">Version</th><th scope=\"col\" class=\"num\">Findings</th>")?;
    page.raw(if timed { "<th scope=\"col\" class=\"num\">Time</th>" } else { "" })?;
    page.raw("<th scope=\"col\">Why</th></tr></thead><tbody>\n")?;
    for run in &input.result.scanners {
        scanner_row(page, run, timed)?;
    }
    page.raw("</tbody></table></div>\n</section>\n")
}

fn scanner_row(page: &mut Page<'_>, run: &ScannerRun, timed: bool) -> io::Result<()> {
    page.around("<tr><th scope=\"row\">", &run.name, "</th><td>")?;
    page.raw(run.scan_type.as_str())?;
    page.raw("</td><td class=\"status ")?;
    page.raw(tone(run.status))?;
    page.raw("\"><i class=\"dot\"></i>")?;
    page.raw(status_words(run.status))?;
    page.around("</td><td>", run.version.as_deref().unwrap_or_default(), "</td><td class=\"num\">")?;
    if matches!(run.status, ScannerStatus::Ok | ScannerStatus::Partial) || run.findings_count > 0 {
        page.count(usize::try_from(run.findings_count).unwrap_or(usize::MAX))?;
    }
    if timed {
        page.around("</td><td class=\"num\">", &run.duration_s.map(words::duration).unwrap_or_default(), "")?;
    }
    page.raw("</td><td class=\"free\">")?;
    page.code(&explanation(run))?;
    page.raw("</td></tr>\n")
}

/// The class that carries a status's colour.
fn tone(status: ScannerStatus) -> &'static str {
    match status {
        ScannerStatus::Ok => "good",
        ScannerStatus::Failed | ScannerStatus::TimedOut => "critical",
        ScannerStatus::Partial => "medium",
        ScannerStatus::Skipped | ScannerStatus::NotApplicable => "info",
    }
}

pub(super) fn rules(page: &mut Page<'_>, report: &Report<'_>) -> io::Result<()> {
    page.raw("<section id=\"rules\" aria-labelledby=\"rules-h\">\n<h2 id=\"rules-h\">Index by rule</h2>\n")?;
    if report.rules.is_empty() {
        return page.raw("<p class=\"muted\">No finding, no rule.</p>\n</section>\n");
    }
    page.raw("<div class=\"scroll\"><table class=\"rows\"><thead><tr><th scope=\"col\">Rule</th><th scope=\"col\">Scanner</th>")?;
    page.raw("<th scope=\"col\">Worst</th><th scope=\"col\">CWE</th><th scope=\"col\" class=\"num\">Findings</th>")?;
    page.raw("<th scope=\"col\">Numbers</th></tr></thead><tbody>\n")?;
    for (index, rule) in report.rules.iter().enumerate() {
        rule_row(page, index, rule)?;
    }
    page.raw("</tbody></table></div>\n</section>\n")
}

fn rule_row(page: &mut Page<'_>, index: usize, rule: &Rule<'_>) -> io::Result<()> {
    page.raw("<tr id=\"r")?;
    page.digits(index + 1)?;
    page.raw("\"><th scope=\"row\" class=\"free\"><code>")?;
    page.line(if rule.id.trim().is_empty() { "(no rule)" } else { rule.id })?;
    page.around("</code></th><td>", rule.scanner, "</td><td class=\"status ")?;
    page.raw(class(rule.severity))?;
    page.raw("\"><i class=\"dot\"></i>")?;
    page.raw(rule.severity.as_str())?;
    page.around("</td><td>", rule.first.cwe.as_deref().unwrap_or_default(), "</td><td class=\"num\">")?;
    page.count(rule.numbers.len())?;
    page.raw("</td><td class=\"numbers\">")?;
    for number in rule.numbers.iter().take(LINKS) {
        page.raw("<a href=\"#")?;
        anchor(page, *number)?;
        page.raw("\">")?;
        page.digits(*number)?;
        page.raw("</a> ")?;
    }
    let more = rule.numbers.len().saturating_sub(LINKS);
    if more > 0 {
        page.line(&format!("and {} more", words::grouped(more)))?;
    }
    page.raw("</td></tr>\n")
}
