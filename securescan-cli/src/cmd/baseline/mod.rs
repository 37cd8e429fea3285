//! `securescan baseline`: records what is there now.

mod told;

use crate::args::BaselineArgs;
use crate::exit::Exit;
use crate::look::Look;
use crate::output::Voice;
use securescan_core::baseline::{self, Baseline};
use securescan_core::path::from_os;
use securescan_core::{Error, ErrorKind, Result, ScanType};
use std::path::{Path, PathBuf};

pub(crate) fn run(args: &BaselineArgs, voice: Voice) -> Result<Exit> {
    let look = Look::prepare(&args.look, voice, &[ScanType::Code])?;
    let old = existing(args)?;
    let (mut raw, interrupt) = look.scan(voice)?;
    let root = raw.root.clone();
    let (result, _) = look.process(&mut raw, None, true);
    if let Some(exit) = interrupt.exit() {
        voice.warn("interrupted: no baseline written");
        return Ok(exit);
    }
    if result.has_failed() {
        let failed: Vec<_> = result.scanners.iter().filter(|s| s.reason.is_some()).map(|s| s.name.as_str()).collect();
        return Err(Error::new(ErrorKind::Scanner, format!("no baseline written: {} did not finish", failed.join(", ")))
            .hint("a baseline of half a scan would report the other half as new"));
    }
    let file = absolute(&args.output_file);
    let target = baseline::target_path(&from_os(&root), &from_os(&file));
    let types = &look.request.types;
    let baseline = match old {
        Some(old) => {
            same_target(args, &old, &target)?;
            let done = old.refreshed(result, &target, types);
            told::refresh(&args.output_file, &done, voice);
            done.baseline
        }
        None => {
            // What a comment or the configuration already ignores needs no entry.
            let kept: Vec<_> = result.findings.into_iter().filter(|f| !f.is_suppressed()).collect();
            Baseline::from_findings(&kept, &target, types)
        }
    };
    let (shown, count) = (args.output_file.display(), baseline.len());
    if args.dry_run {
        let bytes = baseline.to_bytes().len();
        voice.note(&format!("Nothing written: the baseline {shown} would hold {count} findings, {bytes} bytes"));
        return Ok(Exit::Ok);
    }
    let bytes = baseline.write(&args.output_file)?;
    voice.note(&format!("Wrote baseline to {shown} ({count} findings, {bytes} bytes)"));
    Ok(Exit::Ok)
}

/// The baseline that is there already, unless it is to count for nothing.
fn existing(args: &BaselineArgs) -> Result<Option<Baseline>> {
    if args.fresh || !args.output_file.exists() {
        return Ok(None);
    }
    Baseline::read(&args.output_file).map(Some).map_err(|error| error.hint("write it anew with --fresh, or name another file"))
}

/// Refuses a baseline of something else: its paths mean other files, and every entry would be let go.
fn same_target(args: &BaselineArgs, old: &Baseline, target: &str) -> Result<()> {
    let was = old.target_path();
    if old.is_empty() || was.is_empty() || was == target {
        return Ok(());
    }
    let file = args.output_file.display();
    Err(Error::new(
        ErrorKind::Baseline,
        format!("`{file}` is a baseline of `{was}`, not of `{target}` (both as seen from its folder)"),
    )
    .hint("scan the same folder, write to another file, or start anew with --fresh"))
}

/// The file's path with links of its folders resolved, as the target's are, whether it exists yet or not.
pub(crate) fn absolute(file: &Path) -> PathBuf {
    let path = std::path::absolute(file).unwrap_or_else(|_| file.to_path_buf());
    match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) => existing_canonical(folder).join(name),
        _ => path,
    }
}

/// Canonical as far as it exists, the rest as named.
fn existing_canonical(folder: &Path) -> PathBuf {
    let mut rest = Vec::new();
    let mut at = folder;
    loop {
        if let Ok(full) = std::fs::canonicalize(at) {
            return rest.iter().rev().fold(full, |path, name| path.join(name));
        }
        match (at.parent(), at.file_name()) {
            (Some(parent), Some(name)) => {
                rest.push(name.to_owned());
                at = parent;
            }
            _ => return folder.to_path_buf(),
        }
    }
}
