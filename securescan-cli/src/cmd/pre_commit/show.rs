//! What the hook shows: one line for each thing, since it interrupts somebody.

use crate::output::Voice;
use securescan_core::render::escape;
use securescan_core::{Error, Finding, Result, ScanResult, ScannerStatus};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// Findings and files that are listed at most.
const MAX_LINES: usize = 50;

/// Tells what was not looked at; returns how many files.
pub(super) fn not_looked_at(result: &ScanResult, voice: Voice) -> usize {
    let lines = result.scanners.iter().flat_map(|line| &line.skipped);
    let all: BTreeSet<(&str, &str)> = lines.map(|file| (file.path.as_str(), file.why.as_str())).collect();
    for (path, why) in all.iter().take(MAX_LINES) {
        voice.warn(&format!("not looked at: {path} ({why})"));
    }
    if all.len() > MAX_LINES {
        voice.warn(&format!("and {} more files not looked at", all.len() - MAX_LINES));
    }
    all.len()
}

/// One line for each finding that is left, the worst first.
pub(super) fn findings(all: &[Finding]) -> Result<()> {
    let mut left: Vec<&Finding> = all.iter().filter(|finding| !finding.is_suppressed()).collect();
    left.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let mut text = String::new();
    for finding in left.iter().take(MAX_LINES) {
        text.push_str(&escape::terminal(&line_of(finding)));
        text.push('\n');
    }
    if left.len() > MAX_LINES {
        text.push_str(&format!("and {} more; `securescan scan --staged` lists all\n", left.len() - MAX_LINES));
    }
    write(&text)
}

fn line_of(finding: &Finding) -> String {
    let place = match (&finding.file_path, finding.line) {
        (Some(path), Some(line)) => format!("{path}:{line}"),
        (Some(path), None) => path.clone(),
        (None, _) => finding.scanner.clone(),
    };
    let rule = finding.rule_id.as_deref().map(|rule| format!(" ({rule})")).unwrap_or_default();
    format!("{place}: {}: {}{rule}", finding.severity, finding.title)
}

pub(super) fn say(line: &str) -> Result<()> {
    write(&format!("{line}\n"))
}

/// To standard output; a reader that went away is not an error.
fn write(text: &str) -> Result<()> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(Error::io("standard output", &e)),
        _ => Ok(()),
    }
}

/// That all is well, and who looked; when verbose, who had nothing to look at.
pub(super) fn well(result: &ScanResult, files: usize, voice: Voice) {
    let ran = result.scanners.iter().filter(|line| matches!(line.status, ScannerStatus::Ok | ScannerStatus::Partial));
    let ran: Vec<_> = ran.map(|line| line.name.as_str()).collect();
    voice.note(&format!("securescan: {files} file(s) looked at ({})", ran.join(", ")));
    for line in result.scanners.iter().filter(|line| voice.verbose && !ran.contains(&line.name.as_str())) {
        let why = line.reason.as_deref().unwrap_or_default();
        voice.note(&format!("  {} {}: {why}", line.name, line.status.as_str()));
    }
}
