//! What a refresh of a baseline does, in words: whoever commits the file should know what it swallows.

use crate::output::Voice;
use securescan_core::baseline::Refresh;
use securescan_core::{Finding, Severity};
use std::collections::BTreeMap;
use std::path::Path;

/// Entries of one kind that are listed at most.
const MAX_LISTED: usize = 10;

/// Tells it on standard error, in some twenty lines at most.
pub(super) fn refresh(file: &Path, done: &Refresh, voice: Voice) {
    let (added, gone) = (by_severity(&done.added), by_severity(&done.gone));
    voice.note(&format!("Refreshed {}: {added} new, {gone} gone, {} unchanged", file.display(), done.unchanged));
    list('+', &done.added, voice);
    list('-', &done.gone, voice);
    if !done.silenced.is_empty() {
        voice.note(&format!("  {} let go: a comment or the configuration silences them now", done.silenced.len()));
    }
    if done.rewritten > 0 {
        voice.note(&format!("  {} found again by an older fingerprint, written with the present one", done.rewritten));
    }
    if !done.unseen.is_empty() {
        let mut scanners: BTreeMap<&str, usize> = BTreeMap::new();
        for finding in &done.unseen {
            *scanners.entry(if finding.scanner.is_empty() { "no scanner named" } else { &finding.scanner }).or_default() += 1;
        }
        let named: Vec<_> = scanners.iter().take(MAX_LISTED).map(|(name, count)| format!("{name} {count}")).collect();
        let more = if scanners.len() > MAX_LISTED { ", …" } else { "" };
        voice.note(&format!(
            "  {} kept, since nobody looked: {}{more}; --fresh lets them go",
            done.unseen.len(),
            named.join(", ")
        ));
    }
}

/// `3 (1 critical, 2 low)`, or `0`.
fn by_severity(findings: &[Finding]) -> String {
    let count = |severity: &Severity| findings.iter().filter(|f| f.severity == *severity).count();
    let parts = Severity::ALL.iter().rev().map(|s| (s, count(s))).filter(|(_, n)| *n > 0).map(|(s, n)| format!("{n} {s}"));
    let parts: Vec<_> = parts.collect();
    if parts.is_empty() { "0".to_owned() } else { format!("{} ({})", findings.len(), parts.join(", ")) }
}

/// The worst first.
fn list(mark: char, findings: &[Finding], voice: Voice) {
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    for finding in sorted.iter().take(MAX_LISTED) {
        let place = match (&finding.file_path, finding.line) {
            (Some(path), Some(line)) => format!("{path}:{line}"),
            (Some(path), None) => path.clone(),
            (None, _) => finding.scanner.clone(),
        };
        let rule = finding.rule_id.as_deref().map(|rule| format!(" ({rule})")).unwrap_or_default();
        voice.note(&format!("  {mark} {}  {place}  {}{rule}", finding.severity, finding.title));
    }
    if sorted.len() > MAX_LISTED {
        voice.note(&format!("  {mark} and {} more", sorted.len() - MAX_LISTED));
    }
}
