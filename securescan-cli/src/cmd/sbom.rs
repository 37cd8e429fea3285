//! `securescan sbom`: what a project is made of.

use crate::args::SbomArgs;
use crate::exit::Exit;
use crate::output::{self, Voice};
use securescan_core::path::from_os;
use securescan_core::sbom::{self, SbomOptions};
use securescan_core::{Error, Result};
use std::io::{ErrorKind, Write};
use std::path::Path;

pub(crate) fn run(args: &SbomArgs, voice: Voice) -> Result<Exit> {
    let bill = sbom::collect(&args.path)?;
    let name = args.name.clone().or_else(|| bill.name.clone()).or_else(|| last_part(&args.path));
    let options = SbomOptions { name, created: args.created.clone(), ..SbomOptions::default() };
    let text = sbom::render(&bill, args.format.parse()?, &options)?;
    // The document says it too; who reads only this must not take the bill for whole.
    for unread in &bill.unread {
        voice.warn(&format!("not in the bill: {}: {}", unread.path, unread.why));
    }
    if bill.manifests.is_empty() {
        voice.warn("no manifest or lock file of a known kind was found: the bill is empty");
    }
    match &args.output_file {
        Some(file) => {
            output::write_file(file, |out| {
                out.write_all(text.as_bytes()).map_err(|e| Error::io(file.display().to_string(), &e))
            })?;
            let counts = format!("{} packages of {} manifests", bill.components.len(), bill.manifests.len());
            voice.note(&format!("Wrote bill of materials to {} ({counts})", file.display()));
        }
        None => match std::io::stdout().lock().write_all(text.as_bytes()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => return Err(Error::io("standard output", &error)),
            _ => {}
        },
    }
    Ok(Exit::Ok)
}

/// The name of the folder itself, whatever it is called from here.
fn last_part(path: &Path) -> Option<String> {
    let full = std::fs::canonicalize(path).ok()?;
    let folder = if full.is_dir() { Some(full.as_path()) } else { full.parent() };
    folder?.file_name().map(|name| from_os(Path::new(name)))
}
