//! `sarif`: SARIF 2.1.0 for GitHub code scanning and every other reader.
//!
//! One run, one driver, results in rank order (severity, then canonical order), each with one physical location: GitHub
//! refuses a whole file for one result without. What a host would refuse is cut ([`select`]) and stated as a
//! notification; so is every scanner that did not look at everything.
//!
//! # Source
//! SARIF 2.1.0 (OASIS standard, errata 01); GitHub, "SARIF support for code scanning".

mod log;
mod notifications;
mod results;
mod rules;
mod select;

use super::{RenderInput, Renderer, write_json};
use crate::Result;
use std::io::Write;

pub(super) struct Sarif;

impl Renderer for Sarif {
    fn id(&self) -> &'static str {
        "sarif"
    }

    fn about(&self) -> &'static str {
        "SARIF 2.1.0, for GitHub code scanning and other viewers"
    }

    fn media_type(&self) -> &'static str {
        "application/sarif+json"
    }

    fn render(&self, input: &RenderInput<'_>, out: &mut dyn Write) -> Result<()> {
        let selection = select::select(input);
        let rules = rules::collect(&selection.findings);
        write_json(&log::Log::new(input, &selection, &rules), out)
    }
}
