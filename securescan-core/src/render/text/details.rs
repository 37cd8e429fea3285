//! The lines under a row, in verbose output: remediation, tags, other reporters, source.

use super::style::{Page, Style};
use crate::model::Finding;
use crate::render::RenderInput;
use crate::render::escape::{terminal, terminal_line};
use crate::render::limits::{TEXT_LINE, cut};
use std::io;

/// At most so many lines of source are shown.
const SOURCE_LINES: usize = 5;

pub(super) fn write(page: &mut Page<'_>, input: &RenderInput<'_>, finding: &Finding, indent: usize) -> io::Result<()> {
    if input.options.show_source {
        source(page, finding, indent)?;
    }
    if input.options.verbose {
        detail(page, "fix", &finding.remediation, indent)?;
        let cwe = finding.cwe.as_deref().unwrap_or_default();
        let tags: Vec<&str> = std::iter::once(cwe).chain(finding.compliance_tags.iter().map(String::as_str)).collect();
        detail(page, "tags", &tags.join(" "), indent)?;
        let ids = finding.vulnerability_ids.join(" ");
        detail(page, "ids", &ids, indent)?;
        let also: Vec<&str> = finding.metadata.also_reported_by.iter().map(|r| r.scanner.as_str()).collect();
        detail(page, "also reported by", &also.join(", "), indent)?;
    }
    Ok(())
}

fn detail(page: &mut Page<'_>, label: &str, text: &str, indent: usize) -> io::Result<()> {
    let text = cut(text, TEXT_LINE);
    let text = terminal_line(&text);
    if text.is_empty() {
        return Ok(());
    }
    page.spaces(indent)?;
    let label = format!("{label}:");
    page.wrapped(&[(&label, Style::Dim), (&text, Style::Plain)], indent, indent + 2)
}

/// The matched source, where the pipeline kept it. Never for a finding about a secret, masked or not.
fn source(page: &mut Page<'_>, finding: &Finding, indent: usize) -> io::Result<()> {
    let about_secret = finding.secret.is_some() || finding.scanner == "secrets" || finding.cwe.as_deref() == Some("CWE-798");
    let Some(snippet) = finding.metadata.line_snippet.as_deref().filter(|_| !about_secret) else { return Ok(()) };
    for line in snippet.lines().take(SOURCE_LINES) {
        let line = line.replace('\t', "    ");
        page.spaces(indent)?;
        page.text("| ", Style::Dim)?;
        page.text(&terminal(&cut(&line, TEXT_LINE)), Style::Plain)?;
        page.end_line()?;
    }
    Ok(())
}
