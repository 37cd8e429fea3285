//! `securescan diff`: two snapshots, what is new and what is fixed.

use crate::args::DiffArgs;
use crate::exit::Exit;
use crate::look;
use crate::output::{self, Voice};
use securescan_core::ingest::{self, IngestOptions};
use securescan_core::render::{DiffKind, DiffView, RenderInput, RenderOptions};
use securescan_core::{Error, Result, ScanResult, classify, score};
use std::path::Path;

pub(crate) fn run(args: &DiffArgs, voice: Voice) -> Result<Exit> {
    let format = output::format(&args.show)?;
    let gate = output::gate(args.show.fail_on_severity.as_deref(), None)?;
    let base = read(&args.base_snapshot)?;
    let head = read(&args.head_snapshot)?;
    let coverage = ScanResult { target: head.target.clone(), scanners: head.scanners.clone(), findings: Vec::new() };
    let diff = classify::diff(base, head);
    let options = RenderOptions {
        show_suppressed: output::shows_suppressed(&args.show, &format),
        color: voice.colors_stdout(args.show.output_file.is_some()),
        fail_on_severity: gate,
        verbose: voice.verbose,
        ..RenderOptions::default()
    };
    let view = DiffView {
        kind: DiffKind::Diff,
        new: &diff.new,
        fixed: &diff.fixed,
        not_scanned: &diff.not_scanned,
        unchanged_count: diff.unchanged.len(),
        base_ref: None,
        head_ref: None,
    };
    output::write(&args.show, &format, &RenderInput { options, ..RenderInput::with_diff(&coverage, &view) })?;
    if gate.is_some_and(|severity| score::count_at_or_above(&diff.new, severity) > 0) {
        return Ok(Exit::Gate);
    }
    Ok(super::scan::incomplete(&coverage, gate.is_some() && !args.allow_incomplete, voice))
}

fn read(path: &Path) -> Result<ScanResult> {
    let shown = path.display().to_string();
    let bytes = look::read_bytes(path)?;
    ingest::parse(&bytes, None, &IngestOptions::default())
        .map_err(|e: Error| if e.file().is_none() { e.in_file(shown) } else { e })
}
