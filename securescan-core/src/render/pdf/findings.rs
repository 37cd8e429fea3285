//! The findings, most severe first, and what a diff says of the others.

use super::cover::color;
use super::fonts::Face;
use super::layout::{Layout, Style};
use super::sheet::{ACCENT, ACCENT_SOFT, Drawing, LEFT, LINE, MUTED, RIGHT, Role, Target};
use super::tables;
use crate::model::Finding;
use crate::render::escape;
use crate::render::limits::{REPORT_LINE, REPORT_PDF_FINDINGS, REPORT_TEXT, cut};
use crate::render::report::{Entry, Report, SEVERITIES, words};
use crate::render::{Completeness, RenderInput, completeness};

/// References of a finding.
const REFERENCES: usize = 3;
const INDENT: f32 = LEFT + 26.0;
const WIDTH: f32 = RIGHT - INDENT;

pub(super) fn write(layout: &mut Layout, input: &RenderInput<'_>, report: &Report<'_>) {
    layout.within(Role::Section, |l| {
        l.heading(1, if input.diff.is_some() { "New findings" } else { "Findings" }, 80.0);
        if report.entries.is_empty() {
            let clean = completeness(input.result) == Completeness::Complete;
            l.paragraph(LEFT, RIGHT - LEFT, Style::BODY, words::nothing(clean));
        }
        severities(l, report);
        let more = report.entries.len().saturating_sub(REPORT_PDF_FINDINGS.max);
        if more > 0 {
            let text = format!("{} more, less severe, are left out here; `report-html` has all.", words::counted(more, "finding"));
            l.paragraph(LEFT, RIGHT - LEFT, Style::BODY, &text);
        }
        if l.lacked {
            let text = "Characters that the fonts of this document lack are written by their code, as in \\u{6f22}; `report-html` shows them.";
            l.gap(6.0);
            l.paragraph(LEFT, RIGHT - LEFT, Style::SMALL, text);
        }
    });
    let Some(diff) = input.diff else { return };
    tables::others(layout, input, words::gone(diff.kind), diff.fixed);
    tables::others(layout, input, words::UNKNOWN, diff.not_scanned);
}

fn severities(layout: &mut Layout, report: &Report<'_>) {
    for severity in SEVERITIES {
        let (first, entries) = report.of_severity(severity);
        let room = (REPORT_PDF_FINDINGS.max + 1).saturating_sub(first);
        if entries.is_empty() || room == 0 {
            continue;
        }
        layout.heading(2, &format!("{} ({})", words::severity(severity), words::grouped(entries.len())), 70.0);
        for (number, entry) in (first..).zip(entries.iter().take(room)) {
            finding(layout, number, entry);
        }
    }
}

fn finding(layout: &mut Layout, number: usize, entry: &Entry<'_>) {
    let finding = entry.finding;
    let style = Style { size: 9.5, ..Style::BOLD };
    let titles = layout.lines(style, &cut(words::title(finding), REPORT_LINE), WIDTH);
    layout.need(style.leading() * titles.len() as f32 + 40.0);
    layout.rule(LINE);
    layout.gap(6.0);
    let y = layout.y;
    layout.decorate(Drawing::Dot { x: LEFT + 3.0, y: y + 6.6, radius: 3.0, color: color(finding.severity) });
    layout.within(Role::Heading(4, words::title(finding).chars().take(100).collect()), |l| {
        l.word_to(INDENT - 6.0, y + 0.5, Style { color: MUTED, ..Style::BODY }, &number.to_string(), 1.0);
        l.set(INDENT, style, &titles);
    });
    let place = words::place(finding);
    if !place.is_empty() {
        layout.paragraph(INDENT, WIDTH, Style { color: MUTED, ..Style::MONO }, &cut(&place, REPORT_LINE));
    }
    layout.paragraph(INDENT, WIDTH, Style::SMALL, &facts(finding));
    layout.gap(3.0);
    match entry.told_by {
        Some(number) => layout.paragraph(INDENT, WIDTH, Style::BODY, &format!("Explained at finding {number}.")),
        None => told(layout, finding),
    }
    layout.gap(7.0);
}

/// Everything short, in one paragraph.
fn facts(finding: &Finding) -> String {
    let mut out = Vec::new();
    let mut add = |name: &str, value: &str| {
        let value = cut(value.trim(), REPORT_LINE);
        if !value.is_empty() {
            out.push(if name.is_empty() { value.into_owned() } else { format!("{name} {value}") });
        }
    };
    add("", finding.metadata.suppressed_by.map(words::suppressed_by).unwrap_or_default());
    add("", &finding.scanner);
    add("", finding.rule_id.as_deref().unwrap_or_default());
    add("", finding.cwe.as_deref().unwrap_or_default());
    add("confidence", finding.confidence.map(|c| c.as_str()).unwrap_or_default());
    if let Some(was) = finding.metadata.original_severity.filter(|was| *was != finding.severity) {
        add("reported as", was.as_str());
    }
    if let Some(package) = finding.package.as_deref() {
        add("package", &words::package(package));
        add("fixed in", package.fixed_version.as_deref().unwrap_or_default());
    }
    add("known as", &words::list(&finding.vulnerability_ids));
    add("also reported by", &words::reporters(finding));
    add("touches", &words::list(&finding.compliance_tags));
    add("fingerprint", &words::fingerprint(finding));
    out.join("  ·  ")
}

fn told(layout: &mut Layout, finding: &Finding) {
    let said = finding.description.trim();
    if !said.is_empty() && said != finding.title.trim() {
        layout.paragraph(INDENT, WIDTH, Style::BODY, &cut(said, REPORT_TEXT));
        layout.gap(3.0);
    }
    remedy(layout, finding.remediation.trim());
    for url in finding.references.iter().filter_map(|url| escape::web_link(url)).take(REFERENCES) {
        let style = Style { size: 8.0, color: ACCENT, ..Style::BODY };
        for line in layout.lines(style, &cut(url, REPORT_LINE), WIDTH) {
            layout.need(style.leading());
            let y = layout.y;
            layout.within(Role::Paragraph, |l| l.linked(INDENT, y, style, &line, Target::Web(url.to_owned())));
            layout.gap(style.leading());
        }
    }
}

/// What to do, on a tint; line by line, so that a long one may go over pages.
fn remedy(layout: &mut Layout, text: &str) {
    if text.is_empty() {
        return;
    }
    let heading = Style { face: Face::Bold, size: 8.0, ..Style::BODY };
    let lines = layout.lines(Style::BODY, &cut(text, REPORT_TEXT), WIDTH - 16.0);
    layout.need(heading.leading() + Style::BODY.leading() * lines.len().min(6) as f32 + 8.0);
    tint(layout, heading.leading() + 5.0);
    layout.gap(4.0);
    layout.paragraph(INDENT + 8.0, WIDTH - 16.0, heading, "What to do");
    layout.within(Role::Paragraph, |l| {
        for line in &lines {
            l.need(Style::BODY.leading() + 5.0);
            tint(l, Style::BODY.leading() + 1.0);
            l.set(INDENT + 8.0, Style::BODY, std::slice::from_ref(line));
        }
    });
    tint(layout, 5.0);
    layout.gap(9.0);
}

fn tint(layout: &mut Layout, height: f32) {
    let y = layout.y;
    layout.decorate(Drawing::Rect { x: INDENT, y, width: WIDTH, height, color: ACCENT_SOFT });
}
