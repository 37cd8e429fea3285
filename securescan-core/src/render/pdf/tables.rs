//! The sections that are tables: compliance, scanners, what a diff says of the other findings, and the index by rule.

use super::cover::color;
use super::layout::{Layout, Style};
use super::sheet::{ACCENT, Color, LEFT, RIGHT, Role};
use super::table::{self, Cell, Column};
use crate::model::{Finding, ScannerStatus, Severity};
use crate::render::RenderInput;
use crate::render::coverage::{explanation, status_words};
use crate::render::limits::REPORT_PDF_ROWS;
use crate::render::report::{Report, words};

/// Numbers of findings that a rule lists.
const NUMBERS: usize = 12;

fn column(heading: &'static str, share: f32) -> Column {
    Column { heading, share, number: false }
}

fn number(heading: &'static str, share: f32) -> Column {
    Column { heading, share, number: true }
}

fn mono(text: impl Into<String>) -> Cell {
    Cell::styled(text, Style { size: 7.0, ..Style::MONO })
}

fn dotted(text: &str, dot: Color) -> Cell {
    Cell { dot: Some(dot), ..Cell::new(text) }
}

fn small(count: usize) -> Cell {
    Cell::new(words::grouped(count))
}

pub(super) fn compliance(layout: &mut Layout, report: &Report<'_>) {
    layout.within(Role::Section, |l| {
        l.heading(1, "Compliance", 90.0);
        let note = "Controls that at least one finding touches. A control that no finding touches is not thereby met.";
        l.paragraph(LEFT, RIGHT - LEFT, Style::SMALL, note);
        l.gap(6.0);
        let columns = [
            column("Framework", 2.2),
            column("Version", 2.4),
            number("Controls", 1.0),
            number("Touched", 1.0),
            number("Clear", 0.9),
            column("Share touched", 2.4),
        ];
        let rows = report.compliance.frameworks.values().map(|f| {
            let (all, touched) = (f.controls.len(), f.observed.len());
            let share = Cell { bar: Some(f.coverage_pct), ..Cell::new(format!("{:.1} %", f.coverage_pct)) };
            let counts = [all, touched, all.saturating_sub(touched)].map(small);
            [Cell::new(&f.name), Cell::new(&f.version)].into_iter().chain(counts).chain([share]).collect()
        });
        table::write(l, &columns, rows.collect());
        for framework in report.compliance.frameworks.values().filter(|f| !f.observed.is_empty()) {
            let ids = framework.observed.iter().map(|id| match framework.findings.get(id) {
                Some(count) => format!("{id} ({})", words::grouped(*count)),
                None => id.clone(),
            });
            let text = format!("{}: {}", framework.name, ids.collect::<Vec<_>>().join(", "));
            l.paragraph(LEFT, RIGHT - LEFT, Style { size: 8.0, ..Style::BODY }, &text);
        }
    });
}

pub(super) fn scanners(layout: &mut Layout, input: &RenderInput<'_>) {
    let timed = input.options.timings;
    layout.within(Role::Section, |l| {
        l.heading(1, "Scanners", 60.0);
        if input.result.scanners.is_empty() {
            return l.paragraph(LEFT, RIGHT - LEFT, Style::BODY, "It is not known which scanners ran.");
        }
        let mut columns = vec![
            column("Scanner", 1.7),
            column("Looks at", 1.5),
            column("Status", 1.8),
            column("Version", 1.2),
            number("Findings", 1.1),
            column("Why", if timed { 3.6 } else { 4.6 }),
        ];
        if timed {
            columns.insert(5, number("Time", 1.2));
        }
        let rows = input.result.scanners.iter().map(|run| {
            let told = matches!(run.status, ScannerStatus::Ok | ScannerStatus::Partial) || run.findings_count > 0;
            let found = usize::try_from(run.findings_count).unwrap_or(usize::MAX);
            let mut row = vec![
                Cell::new(&run.name),
                Cell::new(run.scan_type.as_str()),
                dotted(status_words(run.status), tone(run.status)),
                Cell::new(run.version.as_deref().unwrap_or_default()),
                if told { small(found) } else { Cell::new("") },
                Cell::new(explanation(run)),
            ];
            if timed {
                row.insert(5, Cell::new(run.duration_s.map(words::duration).unwrap_or_default()));
            }
            row
        });
        table::write(l, &columns, rows.collect());
    });
}

fn tone(status: ScannerStatus) -> Color {
    match status {
        ScannerStatus::Ok => ACCENT,
        ScannerStatus::Failed | ScannerStatus::TimedOut => color(Severity::Critical),
        ScannerStatus::Partial => color(Severity::Medium),
        ScannerStatus::Skipped | ScannerStatus::NotApplicable => color(Severity::Info),
    }
}

/// A section for findings that need no details; nothing when there is none.
pub(super) fn others(layout: &mut Layout, input: &RenderInput<'_>, (heading, about): (&str, &str), list: &[Finding]) {
    let count = input.shown(list).count();
    if count == 0 {
        return;
    }
    layout.within(Role::Section, |l| {
        l.heading(1, &format!("{heading} ({})", words::grouped(count)), 70.0);
        l.paragraph(LEFT, RIGHT - LEFT, Style::SMALL, about);
        l.gap(6.0);
        let columns =
            [column("Severity", 1.1), column("Finding", 3.6), column("Place", 3.0), column("Scanner", 1.2), column("Rule", 2.2)];
        let rows = input.shown(list).take(REPORT_PDF_ROWS.max).map(|f| {
            vec![
                dotted(f.severity.as_str(), color(f.severity)),
                Cell::new(words::title(f)),
                mono(words::place(f)),
                Cell::new(&f.scanner),
                mono(f.rule_id.as_deref().unwrap_or_default()),
            ]
        });
        table::write(l, &columns, rows.collect());
        left_out(l, count, "finding");
    });
}

pub(super) fn rules(layout: &mut Layout, report: &Report<'_>) {
    if report.rules.is_empty() {
        return;
    }
    layout.within(Role::Section, |l| {
        l.heading(1, "Index by rule", 60.0);
        let columns = [
            column("Rule", 3.8),
            column("Scanner", 1.6),
            column("Worst", 1.3),
            column("CWE", 1.2),
            number("Findings", 1.0),
            column("Numbers", 2.6),
        ];
        let rows = report.rules.iter().take(REPORT_PDF_ROWS.max).map(|rule| {
            let mut numbers: Vec<String> = rule.numbers.iter().take(NUMBERS).map(usize::to_string).collect();
            let more = rule.numbers.len().saturating_sub(NUMBERS);
            numbers.extend((more > 0).then(|| format!("and {} more", words::grouped(more))));
            vec![
                mono(if rule.id.trim().is_empty() { "(no rule)" } else { rule.id }),
                Cell::new(rule.scanner),
                dotted(rule.severity.as_str(), color(rule.severity)),
                Cell::new(rule.first.cwe.as_deref().unwrap_or_default()),
                small(rule.numbers.len()),
                Cell::new(numbers.join(", ")),
            ]
        });
        table::write(l, &columns, rows.collect());
        left_out(l, report.rules.len(), "rule");
    });
}

fn left_out(layout: &mut Layout, count: usize, noun: &str) {
    let more = count.saturating_sub(REPORT_PDF_ROWS.max);
    if more > 0 {
        let text = format!("{} more are left out here; `report-html` has all.", words::counted(more, noun));
        layout.paragraph(LEFT, RIGHT - LEFT, Style::SMALL, &text);
    }
}
