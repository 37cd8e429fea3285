//! `securescan status`: which scanners there are and whether each can run here.

use crate::exit::Exit;
use securescan_core::{Result, VERSION, scanners};
use std::io::Write;

pub(crate) fn run() -> Result<Exit> {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{:<14} {:<11} {:<10} {:<9} Notes", "Scanner", "Type", "Available", "Version");
    for meta in scanners::status() {
        let _ = writeln!(out, "{:<14} {:<11} {:<10} {:<9} {}", meta.name, meta.scan_type.as_str(), "yes", VERSION, meta.about);
    }
    Ok(Exit::Ok)
}
