//! Two snapshots that were made before.

use crate::args::DiffArgs;
use crate::exit::Exit;
use crate::look;
use crate::output::{self, Voice};
use securescan_core::classify::{self, SnapshotDiff};
use securescan_core::ingest::IngestOptions;
use securescan_core::render::{DiffView, RenderInput};
use securescan_core::{Error, Result, score};
use std::fs::File;
use std::io::Cursor;
use std::path::Path;

pub(super) fn run(args: &DiffArgs, base: &Path, head: &Path, voice: Voice) -> Result<Exit> {
    let targets = output::targets(&args.show, "json")?;
    let gate = output::gate(args.show.fail_on_severity.as_deref(), None)?;
    let done = compare(base, head)?;
    let (diff, coverage) = (&done.diff, &done.head);
    let view = DiffView {
        new: &diff.new,
        fixed: &diff.fixed,
        not_scanned: &diff.not_scanned,
        unchanged_count: done.unchanged_count,
        ..DiffView::default()
    };
    let options = output::hosted(output::options(gate, voice), &args.host, None);
    output::write_all(&args.show, &targets, &RenderInput { options, ..RenderInput::with_diff(coverage, &view) }, voice)?;
    if gate.is_some_and(|severity| score::count_at_or_above(&diff.new, severity) > 0) {
        return Ok(Exit::Gate);
    }
    Ok(crate::cmd::scan::incomplete(coverage, gate.is_some() && !args.judge.allow_incomplete, voice))
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
