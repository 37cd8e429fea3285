//! `securescan compare`: a scan now against a baseline.

use crate::args::CompareArgs;
use crate::exit::Exit;
use crate::look::{self, Look};
use crate::output::{self, Voice};
use securescan_core::baseline::Baseline;
use securescan_core::classify;
use securescan_core::render::{DiffKind, DiffView, RenderInput};
use securescan_core::{Error, Result, ScanType};
use std::path::Path;

pub(crate) fn run(args: &CompareArgs, voice: Voice) -> Result<Exit> {
    let (target, file) = match args.paths.as_slice() {
        [file] => (Path::new("."), file.as_path()),
        [target, file, ..] => (target.as_path(), file.as_path()),
        [] => return Err(Error::invalid("no baseline file")),
    };
    if !file.exists() {
        return Err(
            Error::invalid(format!("baseline file not found: {}", file.display())).hint("`securescan baseline` writes one")
        );
    }
    let targets = output::targets(&args.show, "github-pr-comment")?;
    let baseline = Baseline::read(file)?;
    let config = look::load_config(&args.how.config, target, voice)?;
    let look = Look::with_config(target, &args.how, config, &[ScanType::Code])?;
    let gate = output::gate(args.show.fail_on_severity.as_deref(), None)?;
    let (mut raw, interrupt) = look.scan(voice)?;
    let (result, processed) = look.process(&mut raw, None, !args.no_suppress);
    crate::cmd::scan::tell(&processed, voice);
    let done = classify::compare(&baseline.as_findings(), result.clone());
    let view = DiffView {
        kind: DiffKind::Compare,
        new: &done.new,
        fixed: &done.disappeared,
        not_scanned: &done.not_scanned,
        unchanged_count: done.still_present.len(),
        ..DiffView::default()
    };
    let options = output::hosted(output::options(gate, voice), &args.host, None);
    output::write_all(&args.show, &targets, &RenderInput { options, ..RenderInput::with_diff(&result, &view) }, voice)?;
    if let Some(exit) = interrupt.exit() {
        return Ok(exit);
    }
    // Drift is told, not judged, unless a gate was asked for.
    if gate.is_some_and(|severity| securescan_core::score::count_at_or_above(&done.new, severity) > 0) {
        return Ok(Exit::Gate);
    }
    Ok(crate::cmd::scan::incomplete(&result, gate.is_some(), voice))
}
