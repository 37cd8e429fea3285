//! `securescan diff`: two snapshots, what is new and what is fixed.

use crate::args::DiffArgs;
use crate::exit::Exit;
use crate::look;
use crate::output::{self, Voice};
use securescan_core::classify::{self, SnapshotDiff};
use securescan_core::ingest::IngestOptions;
use securescan_core::render::{DiffKind, DiffView, RenderInput};
use securescan_core::{Error, Result, score};
use std::fs::File;
use std::io::Cursor;
use std::path::Path;

pub(crate) fn run(args: &DiffArgs, voice: Voice) -> Result<Exit> {
    let format = output::format(&args.show)?;
    let gate = output::gate(args.show.fail_on_severity.as_deref(), None)?;
    let done = compare(&args.base_snapshot, &args.head_snapshot)?;
    let (diff, coverage) = (&done.diff, &done.head);
    let options = output::options(&args.show, &format, gate, voice);
    let view = DiffView {
        kind: DiffKind::Diff,
        new: &diff.new,
        fixed: &diff.fixed,
        not_scanned: &diff.not_scanned,
        unchanged_count: done.unchanged_count,
        ..DiffView::default()
    };
    output::write(&args.show, &format, &RenderInput { options, ..RenderInput::with_diff(coverage, &view) })?;
    if gate.is_some_and(|severity| score::count_at_or_above(&diff.new, severity) > 0) {
        return Ok(Exit::Gate);
    }
    Ok(super::scan::incomplete(coverage, gate.is_some() && !args.allow_incomplete, voice))
}

/// Compares two files. Regular ones are read piece by piece; pipes and the like are read to their end first.
fn compare(base: &Path, head: &Path) -> Result<SnapshotDiff> {
    let options = IngestOptions::default();
    let (base_name, head_name) = (base.display().to_string(), head.display().to_string());
    if base.is_file() && head.is_file() {
        let (base, head) = (open(base, &base_name)?, open(head, &head_name)?);
        return classify::diff_snapshots((&base_name, base), (&head_name, head), &options);
    }
    let (base, head) = (look::read_bytes(base)?, look::read_bytes(head)?);
    classify::diff_snapshots((&base_name, Cursor::new(base)), (&head_name, Cursor::new(head)), &options)
}

fn open(path: &Path, name: &str) -> Result<File> {
    File::open(path).map_err(|e| Error::io(name, &e))
}
