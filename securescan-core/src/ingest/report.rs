//! What reading a report has given so far: findings, what the tool said about its own run, and what could not be read.

use super::{IngestOptions, ParserMeta};
use crate::model::{Finding, ScanResult, ScanType, ScannerRun, ScannerStatus, SkippedFile};
use crate::{Error, ErrorKind, Result};
use serde_json::Value;

/// Why something ended early.
#[derive(Debug)]
pub(super) enum Stop {
    /// This item cannot be read; the rest goes on.
    Item(String),
    /// Nothing can be read any more.
    Document(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Document(error)
    }
}

/// This item is quarantined.
pub(super) fn bad(why: impl Into<String>) -> Stop {
    Stop::Item(why.into())
}

/// Reads the parts of an item: one that cannot be read is quarantined and costs none of the others.
///
/// # Errors
/// Whatever ends the document.
pub(super) fn each_part<T>(
    report: &mut Report<'_>,
    at: &str,
    parts: impl IntoIterator<Item = T>,
    mut read: impl FnMut(&mut Report<'_>, T) -> Result<(), Stop>,
) -> Result<(), Stop> {
    for (index, part) in parts.into_iter().enumerate() {
        match read(report, part) {
            Err(Stop::Item(why)) => report.quarantine(format!("{}[{index}]", clip(at.to_owned(), 100)), why)?,
            done => done?,
        }
    }
    Ok(())
}

/// How many quarantined items and missed files are listed; the count goes on.
const MAX_LISTED: usize = 1000;

/// Longest title, in characters.
const MAX_TITLE: usize = 300;

/// Longest description or remediation, in bytes.
const MAX_TEXT: usize = 8 << 10;

/// Largest [`crate::model::Metadata::tool`], in bytes of JSON.
const MAX_TOOL: usize = 32 << 10;

/// The result being built.
#[derive(Debug)]
pub(super) struct Report<'o> {
    meta: &'static ParserMeta,
    options: &'o IngestOptions,
    run: ScannerRun,
    done: Vec<ScannerRun>,
    findings: Vec<Finding>,
    /// Findings of the runs that are closed.
    closed: usize,
    items: usize,
    quarantined: usize,
    first_bad: Option<String>,
    missed: usize,
    /// A result that came whole.
    whole: Option<ScanResult>,
}

impl<'o> Report<'o> {
    pub(super) fn new(meta: &'static ParserMeta, options: &'o IngestOptions) -> Self {
        Self {
            meta,
            options,
            run: ScannerRun::new(meta.id, meta.scan_type, ScannerStatus::Ok),
            done: Vec::new(),
            findings: Vec::new(),
            closed: 0,
            items: 0,
            quarantined: 0,
            first_bad: None,
            missed: 0,
            whole: None,
        }
    }

    /// The format, for messages.
    pub(super) fn format(&self) -> &'static str {
        self.meta.id
    }

    /// The limits and the root.
    pub(super) fn options(&self) -> &'o IngestOptions {
        self.options
    }

    /// Who reports: the name findings carry, and what kind of scan it was.
    pub(super) fn tool(&mut self, name: &str, scan_type: ScanType) {
        name.clone_into(&mut self.run.name);
        self.run.scan_type = scan_type;
    }

    /// The tool's version, where the report says one.
    pub(super) fn version(&mut self, version: Option<String>) {
        self.run.version = version.or(self.run.version.take());
    }

    /// What the tool looked at.
    pub(super) fn target(&mut self, target: String) {
        self.run.targets.push(target);
    }

    /// Something the tool should have looked at and did not.
    pub(super) fn missed(&mut self, path: impl Into<String>, why: impl Into<String>) {
        self.missed += 1;
        if self.run.skipped.len() < MAX_LISTED {
            self.run.skipped.push(SkippedFile { path: clip(path.into(), 500), why: clip(why.into(), 500) });
        }
        if self.run.status == ScannerStatus::Ok {
            self.run.status = ScannerStatus::Partial;
        }
    }

    /// Something people should know about the run, which takes nothing away from it.
    pub(super) fn note(&mut self, note: impl Into<String>) {
        self.run.reason.get_or_insert_with(|| clip(note.into(), 1000));
    }

    /// The tool said that its run failed.
    pub(super) fn failed(&mut self, why: impl Into<String>) {
        self.run.status = ScannerStatus::Failed;
        self.run.reason = Some(clip(why.into(), 1000));
    }

    /// An item that could not be read.
    ///
    /// # Errors
    /// Never; the signature is that of what it stands in for.
    pub(super) fn quarantine(&mut self, at: String, why: String) -> Result<()> {
        self.quarantined += 1;
        if self.first_bad.is_none() {
            self.first_bad = Some(format!("{at}: {why}"));
        }
        self.missed(at, format!("not readable: {why}"));
        Ok(())
    }

    /// Keeps a part that cannot be read from costing the rest of its item: it is quarantined by itself.
    ///
    /// # Errors
    /// Whatever ends the document.
    pub(super) fn settle(&mut self, done: Result<(), Stop>, at: impl FnOnce() -> String) -> Result<(), Stop> {
        match done {
            Err(Stop::Item(why)) => Ok(self.quarantine(at(), why)?),
            other => other,
        }
    }

    /// Counts an item, readable or not; gives its number.
    pub(super) fn next_item(&mut self) -> usize {
        self.items += 1;
        self.items - 1
    }

    /// A finding with the tool's name and kind of scan.
    pub(super) fn finding(&self, severity: crate::model::Severity, title: impl Into<String>) -> Finding {
        Finding::new(self.run.name.clone(), self.run.scan_type, severity, title)
    }

    /// Takes a finding: cut to the limits, with every secret in its texts masked.
    ///
    /// # Errors
    /// `limit` when there are too many.
    pub(super) fn push(&mut self, mut finding: Finding) -> Result<(), Stop> {
        if self.findings.len() >= self.options.max_findings {
            let max = self.options.max_findings;
            return Err(Error::new(ErrorKind::Limit, format!("more than {max} findings")).into());
        }
        if finding.title.trim().is_empty() {
            finding.title = finding.rule_id.clone().unwrap_or_else(|| "untitled".to_owned());
        }
        finding.title = clip(one_line(&finding.title), MAX_TITLE);
        finding.description = clip_bytes(finding.description, MAX_TEXT);
        finding.remediation = clip_bytes(finding.remediation, MAX_TEXT);
        finding.vulnerability_ids.sort();
        finding.vulnerability_ids.dedup();
        finding.references.sort();
        finding.references.dedup();
        finding.end_line = finding.end_line.filter(|end| finding.line.is_some_and(|line| *end >= line));
        self.confine(&mut finding);
        finding.metadata.tool = bounded(std::mem::take(&mut finding.metadata.tool));
        super::mask::mask(&mut finding);
        self.findings.push(finding);
        Ok(())
    }

    /// A place outside of the scanned folder is none that anybody may open: the finding is kept without it, and told apart from
    /// others by it; the coverage says so.
    fn confine(&mut self, finding: &mut Finding) {
        let Some(path) = finding.file_path.take_if(|path| super::locate::climbs(path)) else { return };
        self.missed(path.clone(), "climbs out of the root: its findings are kept without their place");
        (finding.line, finding.column, finding.end_line, finding.end_column) = (None, None, None, None);
        let place = clip(path, 500);
        finding.metadata.line_snippet.get_or_insert_with(|| place.clone());
        finding.metadata.tool.insert("path_outside_root".to_owned(), place.into());
    }

    /// Reads a list inside an item, where each entry stands for itself: one that cannot be read costs no other.
    ///
    /// # Errors
    /// What ends the document.
    pub(super) fn each(
        &mut self,
        name: &str,
        entries: Vec<Value>,
        read: &mut dyn FnMut(&mut Self, Value) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        for (index, entry) in entries.into_iter().enumerate() {
            self.next_item();
            match read(self, entry) {
                Err(Stop::Item(why)) => self.quarantine(format!("{name}[{index}]"), why)?,
                other => other?,
            }
        }
        Ok(())
    }

    /// Findings of the run that is open.
    pub(super) fn open_findings(&mut self) -> &mut [Finding] {
        self.findings.get_mut(self.closed..).unwrap_or_default()
    }

    /// Ends one tool's run and starts another, for reports that hold several.
    pub(super) fn close_run(&mut self) {
        let next = ScannerRun::new(self.meta.id, self.meta.scan_type, ScannerStatus::Ok);
        let run = std::mem::replace(&mut self.run, next);
        self.seal(run);
    }

    fn seal(&mut self, mut run: ScannerRun) {
        run.findings_count = (self.findings.len() - self.closed) as u64;
        self.closed = self.findings.len();
        if run.status == ScannerStatus::Partial {
            let first = run.skipped.first().map(|s| format!(": {} ({})", s.path, s.why)).unwrap_or_default();
            let count = std::mem::take(&mut self.missed);
            let note = run.reason.take().map(|note| format!("; {note}")).unwrap_or_default();
            run.reason = Some(format!("{count} not read or not looked at{first}{note}"));
        }
        self.missed = 0;
        self.done.push(run);
    }

    /// A result that another reader gave whole.
    pub(super) fn replace(&mut self, result: ScanResult) {
        self.whole = Some(result);
    }

    /// The result.
    ///
    /// # Errors
    /// `parse` when there were items and none could be read: that is not "no findings".
    pub(super) fn finish(mut self) -> Result<ScanResult> {
        if let Some(whole) = self.whole {
            return Ok(whole);
        }
        if self.quarantined > 0 && self.quarantined >= self.items && self.findings.is_empty() {
            let first = self.first_bad.unwrap_or_default();
            return Err(Error::parse(format!("none of {} items could be read as {}: {first}", self.quarantined, self.meta.id))
                .hint("is it the report of another tool?"));
        }
        let run = std::mem::replace(&mut self.run, ScannerRun::new("", ScanType::Code, ScannerStatus::Ok));
        if self.done.is_empty() || self.findings.len() > self.closed || run.status != ScannerStatus::Ok {
            self.seal(run);
        }
        Ok(ScanResult { target: String::new(), scanners: self.done, findings: self.findings })
    }
}

/// White space of any kind as single spaces.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// At most so many characters; what is left out shows as `…`.
pub(super) fn clip(text: String, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text,
        Some(_) => {
            let end = text.char_indices().nth(max - 1).map_or(0, |(i, _)| i);
            format!("{}…", text.get(..end).unwrap_or_default())
        }
    }
}

fn clip_bytes(mut text: String, max: usize) -> String {
    if text.len() > max {
        text.truncate(text.floor_char_boundary(max));
        text.push('…');
    }
    text
}

/// At most [`MAX_TOOL`] bytes of a tool's own fields, smallest first; the names of what is left out are listed.
fn bounded(tool: serde_json::Map<String, Value>) -> serde_json::Map<String, Value> {
    if tool.iter().map(|(key, value)| size(value) + key.len() + 4).sum::<usize>() <= MAX_TOOL {
        return tool;
    }
    let mut sized: Vec<(usize, String, Value)> = tool.into_iter().map(|(k, v)| (size(&v) + k.len() + 4, k, v)).collect();
    sized.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
    let (mut left, mut kept, mut dropped) = (MAX_TOOL, serde_json::Map::new(), Vec::new());
    for (size, key, value) in sized {
        match left.checked_sub(size) {
            Some(rest) => {
                left = rest;
                kept.insert(key, value);
            }
            None => dropped.push(Value::from(clip(key, 100))),
        }
    }
    dropped.truncate(50);
    kept.insert("left_out".into(), dropped.into());
    kept
}

/// About how many bytes of JSON a value is.
fn size(value: &Value) -> usize {
    match value {
        Value::String(s) => s.len() + 2,
        Value::Array(items) => 2 + items.iter().map(|v| size(v) + 1).sum::<usize>(),
        Value::Object(map) => 2 + map.iter().map(|(k, v)| k.len() + 4 + size(v)).sum::<usize>(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 5,
    }
}
