//! `github-annotations`: workflow commands, printed in a step, that GitHub shows beside the lines of the code.
//!
//! Critical and high become errors, medium warnings, the rest notices. GitHub makes annotations of ten of each kind, so the most severe
//! come first and no more than ten are printed; a last notice says how many were left out. What did not look at everything takes the
//! first of the warnings. The last line is a plain one, for the log.
//!
//! # Source
//! GitHub, "Workflow commands for GitHub Actions"; actions/runner, `ActionCommand.cs` (escapes) and `ActionCommandManager.cs`
//! (columns are dropped when lines differ).

use super::counts::{BySeverity, counted, ranked};
use super::coverage::{explanation, gaps, status_words, unfinished};
use super::limits::{ANNOTATION_TEXT, ANNOTATION_TITLE, ANNOTATIONS, cut};
use super::{Completeness, RenderInput, Renderer, completeness, escape, place, write_error};
use crate::Result;
use crate::model::{Finding, Severity};
use std::fmt::Write as _;
use std::io::Write;

pub(super) struct Annotations;

impl Renderer for Annotations {
    fn id(&self) -> &'static str {
        "github-annotations"
    }

    fn about(&self) -> &'static str {
        "workflow commands that annotate lines in GitHub Actions"
    }

    fn media_type(&self) -> &'static str {
        "text/plain; charset=utf-8"
    }

    fn render(&self, input: &RenderInput<'_>, out: &mut dyn Write) -> Result<()> {
        out.write_all(commands(input).as_bytes()).map_err(|e| write_error(&e))
    }
}

/// The kinds of annotation, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Error,
    Warning,
    Notice,
}

impl Kind {
    fn of(severity: Severity) -> Self {
        match severity {
            Severity::Critical | Severity::High => Self::Error,
            Severity::Medium => Self::Warning,
            Severity::Low | Severity::Info => Self::Notice,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

fn commands(input: &RenderInput<'_>) -> String {
    let findings = ranked(input, input.subject());
    let warning = incomplete(input);
    let of_kind = |kind| findings.iter().filter(move |finding| Kind::of(finding.severity) == kind);
    let counts = [Kind::Error, Kind::Warning, Kind::Notice].map(|kind| of_kind(kind).count());
    let [errors, warnings, notices] = counts;
    let room = ANNOTATIONS.max - usize::from(warning.is_some());
    let over = errors.saturating_sub(ANNOTATIONS.max) + warnings.saturating_sub(room);
    // The notice of what was left out needs a place itself.
    let notice_room = if over > 0 || notices > ANNOTATIONS.max { ANNOTATIONS.max - 1 } else { ANNOTATIONS.max };
    let over = over + notices.saturating_sub(notice_room);
    let mut out = String::new();
    if let Some(text) = warning {
        command(&mut out, Kind::Warning, &[("title", "SecureScan: incomplete scan")], &text);
    }
    for (kind, most) in [(Kind::Error, ANNOTATIONS.max), (Kind::Warning, room), (Kind::Notice, notice_room)] {
        of_kind(kind).take(most).for_each(|finding| annotation(&mut out, kind, finding));
    }
    if over > 0 {
        let text =
            format!("{} without an annotation: GitHub shows {} of each kind.", counted(over, "more finding"), ANNOTATIONS.max);
        command(&mut out, Kind::Notice, &[("title", "SecureScan")], &text);
    }
    out.push_str(&last_line(input, &findings));
    out
}

fn annotation(out: &mut String, kind: Kind, finding: &Finding) {
    let suppressed = finding.metadata.suppressed_by.map(|by| format!("[SUPPRESSED:{}] ", by.as_str())).unwrap_or_default();
    let title = escape::line(&finding.title);
    let title = if title.is_empty() { "(untitled)" } else { &title };
    let title = format!("{suppressed}{} ({}): {title}", finding.severity, escape::line(&finding.scanner));
    let title = cut(&title, ANNOTATION_TITLE);
    let numbers = place::lines(finding).map(|(line, end)| (line.to_string(), end.map(|end| end.to_string())));
    let column = finding.column.filter(|n| *n > 0).map(|column| column.to_string());
    let file = place::file(finding).map(escape::line);
    let mut properties: Vec<(&str, &str)> = Vec::new();
    if let Some(file) = &file {
        properties.push(("file", file));
        if let Some((line, end)) = &numbers {
            properties.push(("line", line));
            match (end, &column) {
                (Some(end), _) => properties.push(("endLine", end)),
                (None, Some(column)) => properties.push(("col", column)),
                (None, None) => {}
            }
        }
    }
    properties.push(("title", &title));
    command(out, kind, &properties, &message(finding));
}

/// The description (or the title), then what names it and what to do.
fn message(finding: &Finding) -> String {
    let text = |text: &str| escape::lines(text).trim().to_owned();
    let description = text(&finding.description);
    let mut parts = vec![if description.is_empty() { text(&finding.title) } else { description }];
    if place::file(finding).is_none() {
        parts.extend(place::elsewhere(finding).map(|place| format!("Where: {}", escape::line(&place))));
    }
    if let Some(rule) = finding.rule_id.as_deref().map(escape::line).filter(|rule| !rule.is_empty()) {
        parts.push(format!("Rule: {rule}"));
    }
    let fix = text(&finding.remediation);
    if !fix.is_empty() {
        parts.push(format!("Fix: {fix}"));
    }
    parts.retain(|part| !part.is_empty());
    if parts.is_empty() { "No description.".to_owned() } else { parts.join("\n") }
}

/// What was not looked at, if anything that should have been.
fn incomplete(input: &RenderInput<'_>) -> Option<String> {
    let mut parts: Vec<String> = unfinished(input.result)
        .map(|run| {
            let why = escape::line(&explanation(run));
            let colon = if why.is_empty() { "" } else { ": " };
            format!("{} {}{colon}{why}", escape::line(&run.name), status_words(run.status))
        })
        .collect();
    let lost = input.diff.map_or(0, |diff| diff.not_scanned.iter().filter(|f| !f.is_suppressed()).count());
    if lost > 0 {
        parts.push(format!("{} of the base not scanned on the head side", counted(lost, "finding")));
    }
    (!parts.is_empty()).then(|| format!("{}\nFindings may be missing.", parts.join("\n")))
}

/// One command on its line.
fn command(out: &mut String, kind: Kind, properties: &[(&str, &str)], message: &str) {
    let properties: Vec<String> = properties.iter().map(|(name, value)| format!("{name}={}", property(value))).collect();
    let _ = writeln!(out, "::{} {}::{}", kind.word(), properties.join(","), data(&cut(message, ANNOTATION_TEXT)));
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// For the log: nothing in it comes from a finding.
fn last_line(input: &RenderInput<'_>, findings: &[&Finding]) -> String {
    let counts = BySeverity::of(findings.iter().copied());
    let words: Vec<String> =
        counts.worst_first().filter(|(_, n)| *n > 0).map(|(severity, n)| format!("{n} {severity}")).collect();
    let severities = if words.is_empty() { String::new() } else { format!(" ({})", words.join(", ")) };
    let noun = if input.diff.is_some() { "new finding" } else { "finding" };
    let mut line = format!("SecureScan: {}{severities}", counted(counts.total(), noun));
    if let Some(diff) = input.diff {
        let _ = write!(line, ", {} gone, {} unchanged", input.shown(diff.fixed).count(), diff.unchanged_count);
    }
    if input.suppressed.total() > 0 {
        let _ = write!(line, "; suppressed: {}", input.suppressed.words());
    }
    match completeness(input.result) {
        Completeness::Incomplete => line.push_str("; incomplete"),
        _ if gaps(input.result).next().is_some() => {
            let _ = write!(line, "; {} not run", counted(gaps(input.result).count(), "scanner"));
        }
        _ => {}
    }
    line.push('\n');
    line
}
