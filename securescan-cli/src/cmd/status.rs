//! `securescan status`: which scanners there are and whether each can run here.

use crate::exit::Exit;
use securescan_core::{Result, scanners};
use std::io::Write;

pub(crate) fn run() -> Result<Exit> {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{:<14} {:<11} {:<10} {:<9} Notes", "Scanner", "Type", "Available", "Version");
    for status in scanners::status() {
        let (meta, probe) = (status.meta, status.probe);
        let available = if probe.available { "yes" } else { "no" };
        let notes = match (&probe.notes, meta.install_hint.filter(|_| !probe.installed)) {
            (Some(why), Some(hint)) => format!("{why}; {hint}"),
            (Some(notes), None) => notes.clone(),
            (None, _) => meta.about.to_owned(),
        };
        let version = probe.version.as_deref().unwrap_or("-");
        let _ = writeln!(out, "{:<14} {:<11} {available:<10} {version:<9} {notes}", meta.name, meta.scan_type.as_str());
    }
    Ok(Exit::Ok)
}
