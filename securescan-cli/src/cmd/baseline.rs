//! `securescan baseline`: records what is there now.

use crate::args::BaselineArgs;
use crate::exit::Exit;
use crate::look::Look;
use crate::output::{self, Voice};
use securescan_core::baseline::Baseline;
use securescan_core::{Error, ErrorKind, Result, ScanType};
use std::path::{Component, Path, PathBuf};

pub(crate) fn run(args: &BaselineArgs, voice: Voice) -> Result<Exit> {
    let look = Look::prepare(&args.look, voice, &[ScanType::Code])?;
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
    // What a comment or the configuration already ignores needs no entry.
    let kept: Vec<_> = result.findings.into_iter().filter(|f| !f.is_suppressed()).collect();
    let baseline = Baseline::from_findings(&kept, &relative(&root, &args.output_file), &look.request.types);
    let bytes = baseline.to_bytes();
    output::write_file(&args.output_file, |out| out.write_all(&bytes).map_err(|e| Error::io("baseline", &e)))?;
    voice.note(&format!("Wrote baseline to {} ({} findings, {} bytes)", args.output_file.display(), kept.len(), bytes.len()));
    Ok(Exit::Ok)
}

/// The target relative to the baseline file's folder, so that the file reads the same in every checkout.
fn relative(root: &Path, file: &Path) -> String {
    let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_path_buf());
    let folder = absolute.parent().unwrap_or(Path::new("/"));
    let folder = existing_canonical(folder);
    let shared = root.components().zip(folder.components()).take_while(|(a, b)| a == b).count();
    let ups = folder.components().skip(shared).map(|_| Component::ParentDir);
    let path: PathBuf = ups.chain(root.components().skip(shared)).collect();
    if path.as_os_str().is_empty() { ".".to_owned() } else { securescan_core::path::from_os(&path) }
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
