//! Comparing two snapshots as documents: what is in both is counted without reading more of it than its identity.
//!
//! The result is that of reading both whole and calling [`super::diff`], for documents in canonical order as we write them; only what ends up in a list is read whole. Documents that hold
//! anything odd, findings without a fingerprint among it, are read by the model's own reader, which also words every error.

use super::json::{Brief, Json, Stop};
use super::matching::{Item, Pairs};
use super::window::{Halt, Window};
use super::{Diff, Looks, Verdict, diff_in_order};
use crate::ingest::{self, IngestOptions};
use crate::model::{Coverage, Finding, SNAPSHOT_SCHEMA, ScanResult};
use crate::source::NoSources;
use crate::{Error, ErrorKind, Result, identity, order};
use std::io::{BufReader, Read, Seek, SeekFrom};

/// What changed between two snapshots.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SnapshotDiff {
    /// The lists; `unchanged` is empty.
    pub diff: Diff,
    /// How many findings are in both.
    pub unchanged_count: usize,
    /// What was scanned on head and the coverage it rests on, without findings.
    pub head: ScanResult,
}

/// Compares two snapshots, each given by the name to use in errors and its bytes from the start (a file, or a cursor over memory). Also
/// reads bare arrays of findings and every report [`ingest::parse`] reads; findings without a fingerprint are identified first.
///
/// Memory: that of the lists, and about 100 bytes for each finding.
///
/// # Errors
/// As [`ingest::parse`], with the name of the document; `io` when it cannot be read or changes meanwhile.
pub fn diff_snapshots<R: Read + Seek + Send>(base: (&str, R), head: (&str, R), options: &IngestOptions) -> Result<SnapshotDiff> {
    let (mut base, mut head) = (Document { name: base.0, bytes: base.1 }, Document { name: head.0, bytes: head.1 });
    let (base_outline, head_outline) = std::thread::scope(|scope| {
        let other = std::thread::Builder::new().spawn_scoped(scope, || base.outline(options));
        let head = head.outline(options);
        (other.ok().and_then(|thread| thread.join().ok()), head)
    });
    let base_outline = base_outline.unwrap_or(Ok(None))?;
    if let (Some(b), Some(h)) = (base_outline, head_outline?)
        && let Some(done) = by_outline(&mut base, b, &mut head, h)?
    {
        return Ok(done);
    }
    in_full(base.whole(options)?, head.whole(options)?)
}

/// The comparison of what was read whole.
fn in_full(base: ScanResult, head: ScanResult) -> Result<SnapshotDiff> {
    let coverage = ScanResult { target: head.target.clone(), scanners: head.scanners.clone(), findings: Vec::new() };
    let mut diff = diff_in_order(base, head);
    let unchanged_count = std::mem::take(&mut diff.unchanged).len();
    Ok(SnapshotDiff { diff, unchanged_count, head: coverage })
}

/// The comparison by what was read of each finding; `None` when a finding that is in one side only does not read as it did.
fn by_outline<R: Read + Seek>(
    base: &mut Document<'_, R>,
    base_outline: Outline,
    head: &mut Document<'_, R>,
    head_outline: Outline,
) -> Result<Option<SnapshotDiff>> {
    let (bases, heads) = (&base_outline.entries, &head_outline.entries);
    let pairs = Pairs::of(bases, heads);
    let mut out = SnapshotDiff::default();
    let mut new = Vec::new();
    for (index, entry) in heads.iter().enumerate() {
        let before = pairs.base_of(index).and_then(|b| bases.get(b)).map(|b| (b.brief.suppressed, b.brief.severity));
        match Verdict::of(before, (entry.brief.suppressed, entry.brief.severity)) {
            Verdict::New => new.push(entry),
            Verdict::Unchanged => out.unchanged_count += 1,
            Verdict::Raised(before) => {
                out.unchanged_count += 1;
                out.diff.raised.push((String::from_utf8_lossy(&entry.brief.fingerprint).into_owned(), before));
            }
        }
    }
    let gone: Vec<_> = bases.iter().enumerate().filter(|(index, _)| !pairs.is_base_paired(*index)).map(|(_, e)| e).collect();
    let (Some(new), Some(gone)) = (head.findings(&new)?, base.findings(&gone)?) else { return Ok(None) };
    out.diff.new = new;
    out.head = ScanResult { target: head_outline.target, scanners: head_outline.scanners, findings: Vec::new() };
    let looks = Looks::of(&out.head.scanners);
    (out.diff.fixed, out.diff.not_scanned) = gone.into_iter().partition(|finding| looks.reached(finding));
    for list in [&mut out.diff.new, &mut out.diff.fixed, &mut out.diff.not_scanned] {
        order::sort(list);
    }
    out.diff.raised.sort();
    Ok(Some(out))
}

/// A finding of a document: what pairing needs, and where all of it stands.
#[derive(Debug)]
struct Entry {
    brief: Brief,
    offset: u64,
    length: u32,
}

impl Item for Entry {
    fn suppressed(&self) -> bool {
        self.brief.suppressed
    }

    fn place(&self) -> u32 {
        self.brief.line
    }

    fn own(&self) -> &[u8] {
        &self.brief.fingerprint
    }

    fn any(&self) -> impl Iterator<Item = &[u8]> {
        std::iter::once(self.brief.fingerprint.as_slice()).chain(self.brief.reporters.iter().map(String::as_bytes))
    }
}

/// What was read of a document.
#[derive(Debug, Default)]
struct Outline {
    target: String,
    scanners: Coverage,
    entries: Vec<Entry>,
}

struct Document<'a, R> {
    name: &'a str,
    bytes: R,
}

impl<R: Read + Seek> Document<'_, R> {
    fn failed(&self, error: &std::io::Error) -> Error {
        Error::io(self.name, error)
    }

    /// Reads what pairing needs; `None` when the document is left to the model's own reader.
    fn outline(&mut self, options: &IngestOptions) -> Result<Option<Outline>> {
        let length = self.bytes.seek(SeekFrom::End(0)).map_err(|e| self.failed(&e))?;
        if length > options.max_bytes {
            let message = format!("the report is {length} bytes, more than {}", options.max_bytes);
            return Err(Error::new(ErrorKind::Limit, message).in_file(self.name));
        }
        self.bytes.rewind().map_err(|e| self.failed(&e))?;
        match outline(&mut self.bytes, options.max_findings) {
            Ok(outline) => Ok(Some(outline)),
            Err(Halt::Odd) => Ok(None),
            Err(Halt::Io(error)) => Err(self.failed(&error)),
        }
    }

    /// Reads findings whole; `None` when one is not what it was.
    fn findings(&mut self, entries: &[&Entry]) -> Result<Option<Vec<Finding>>> {
        self.bytes.rewind().map_err(|e| self.failed(&e))?;
        let (mut bytes, mut at, mut text) = (BufReader::with_capacity(32 << 10, &mut self.bytes), 0, Vec::new());
        let mut out = Vec::with_capacity(entries.len());
        for entry in entries {
            text.resize(entry.length as usize, 0);
            let ahead = i64::try_from(entry.offset.saturating_sub(at)).unwrap_or(i64::MAX);
            if let Err(error) = bytes.seek_relative(ahead).and_then(|()| bytes.read_exact(&mut text)) {
                return Err(Error::io(self.name, &error));
            }
            at = entry.offset + u64::from(entry.length);
            match serde_json::from_slice::<Finding>(&text) {
                Ok(finding) if entry.is(&finding) => out.push(finding),
                _ => return Ok(None),
            }
        }
        Ok(Some(out))
    }

    /// Reads all of it, findings without a fingerprint identified.
    fn whole(&mut self, options: &IngestOptions) -> Result<ScanResult> {
        let mut all = Vec::new();
        self.bytes.rewind().and_then(|()| self.bytes.read_to_end(&mut all)).map_err(|e| self.failed(&e))?;
        let read = ingest::parse(&all, None, options);
        let mut result = read.map_err(|e| if e.file().is_none() { e.in_file(self.name) } else { e })?;
        if result.findings.iter().any(|f| f.fingerprint.is_empty()) {
            identity::identify(&mut result.findings, &NoSources);
        }
        Ok(result)
    }
}

impl Entry {
    fn is(&self, finding: &Finding) -> bool {
        let brief = &self.brief;
        finding.fingerprint.as_bytes() == brief.fingerprint
            && finding.severity == brief.severity
            && finding.is_suppressed() == brief.suppressed
    }
}

/// Reads an array of findings, or a snapshot with no names but ours.
fn outline<R: Read>(reader: R, max_findings: usize) -> Result<Outline, Halt> {
    let mut window = Window::new(reader);
    let mut out = Outline::default();
    // A byte order mark is left to the other reader too.
    if window.read(|json| json.either(b'[', b'{'))? {
        entries(&mut window, &mut out.entries, max_findings)?;
    } else {
        members(&mut window, &mut out, max_findings)?;
    }
    if window.is_at_end()? { Ok(out) } else { Err(Halt::Odd) }
}

fn members<R: Read>(window: &mut Window<R>, out: &mut Outline, max_findings: usize) -> Result<(), Halt> {
    let names: [&[u8]; 4] = [b"schema", b"target", b"scanners", b"findings"];
    let mut seen = [false; 4];
    loop {
        let name = window.read(|json| json.key().map(|key| names.iter().position(|n| *n == key)))?.ok_or(Halt::Odd)?;
        if seen.get_mut(name).is_none_or(|slot| std::mem::replace(slot, true)) {
            return Err(Halt::Odd);
        }
        match name {
            0 if member::<Option<String>, _>(window)?.is_some_and(|schema| schema != SNAPSHOT_SCHEMA) => return Err(Halt::Odd),
            0 => {}
            1 => out.target = member::<Option<String>, _>(window)?.unwrap_or_default(),
            2 => out.scanners = member::<Option<Coverage>, _>(window)?.unwrap_or_default(),
            _ => {
                window.read(|json| json.mark(b'['))?;
                entries(window, &mut out.entries, max_findings)?;
            }
        }
        if window.read(|json| json.either(b'}', b','))? {
            let [.., has_findings] = seen;
            return if has_findings { Ok(()) } else { Err(Halt::Odd) };
        }
    }
}

/// A value that is read whole.
fn member<T: serde::de::DeserializeOwned, R: Read>(window: &mut Window<R>) -> Result<T, Halt> {
    let bytes = window.read(|json| {
        let start = json.at;
        json.value(1)?;
        Ok(json.since(start).to_vec())
    })?;
    let text = simdutf8::basic::from_utf8(&bytes).map_err(|_| Halt::Odd)?;
    serde_json::from_str(text).map_err(|_| Halt::Odd)
}

/// The findings, behind `[`.
fn entries<R: Read>(window: &mut Window<R>, out: &mut Vec<Entry>, max_findings: usize) -> Result<(), Halt> {
    if window.read(|json| json.space().map(|byte| byte == b']'))? {
        return window.read(|json| json.mark(b']'));
    }
    loop {
        window.read(|json| json.space())?;
        let offset = window.place();
        let (brief, length) = window.read(entry)?;
        if out.len() >= max_findings {
            return Err(Halt::Odd);
        }
        out.push(Entry { brief, offset, length });
        if window.read(|json| json.either(b']', b','))? {
            return Ok(());
        }
    }
}

fn entry(json: &mut Json<'_>) -> Result<(Brief, u32), Stop> {
    let brief = json.finding()?;
    let text = json.since(0);
    simdutf8::basic::from_utf8(text).map_err(|_| Stop::Odd)?;
    Ok((brief, u32::try_from(text.len()).map_err(|_| Stop::Odd)?))
}

#[cfg(test)]
#[path = "snapshot_tests.rs"]
mod tests;
