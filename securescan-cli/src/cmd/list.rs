//! `securescan list`: what there is, one a line, tabs between: for people and for `cut`.

use crate::args::ListWhat;
use crate::exit::Exit;
use securescan_core::{Result, ingest, render, scanners};
use std::io::Write;

pub(crate) fn run(what: ListWhat) -> Result<Exit> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut line = |cells: &[&str]| drop(writeln!(out, "{}", cells.join("\t")));
    match what {
        ListWhat::Scanners => {
            scanners::SCANNERS.iter().map(|s| s.meta()).for_each(|m| line(&[m.name, m.scan_type.as_str(), m.about]));
        }
        ListWhat::Formats => ingest::formats().for_each(|m| line(&[m.id, m.title, m.versions_read])),
        ListWhat::Outputs => render::RENDERERS.iter().for_each(|r| line(&[r.id(), r.media_type(), r.about()])),
        ListWhat::Rules => {
            scanners::rules().iter().for_each(|r| line(&[&r.id, r.severity.as_str(), r.cwe.as_deref().unwrap_or("-"), &r.title]));
        }
    }
    Ok(Exit::Ok)
}
