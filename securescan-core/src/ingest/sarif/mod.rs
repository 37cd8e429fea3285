//! SARIF of any tool: 2.1.0 and what nearly is it, the drafts of 2.0.0, and 1.0.0.
//!
//! The document is read with types of this format's own ([`wire`], on [`lenient`]), result by result. A run's tool, rules,
//! files and base URIs may come before its results or hundreds of megabytes behind them; so results are held in a short form
//! ([`item`]) until their run ends and become findings then, one after the other.
//! - `log`: the walk over log, runs and results;
//! - `run`: the end of a run: who reports, what it says of itself, its results as findings;
//! - `rules`, `facts`: which rule a result means, and what is said there;
//! - `place`: URIs, base URIs and regions as paths and lines;
//! - `tools`, `package`: what is known of single tools and how they write packages;
//! - `own`: what our own writer adds.
//!
//! # Source
//! SARIF 2.1.0 (OASIS standard, errata 01); committee specification drafts of 2.0.0; the 1.0.0 schema at schemastore.org.

mod facts;
mod finding;
mod item;
mod lenient;
mod log;
mod own;
mod package;
mod place;
mod related;
mod rules;
mod run;
#[cfg(test)]
mod tests;
mod tools;
mod wire;

use super::report::Report;
use super::{Input, Parser, ParserMeta, Shape, Top};
use crate::Result;
use crate::model::ScanType;

pub(super) struct Sarif;

const META: ParserMeta = ParserMeta {
    id: "sarif",
    title: "SARIF of any tool",
    versions_read: "2.1.0, drafts of 2.0.0, 1.0.0",
    upstream: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/",
    scan_type: ScanType::Code,
};

impl Parser for Sarif {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let named = shape.text("$schema").is_some_and(|schema| schema.to_ascii_lowercase().contains("sarif"));
        let runs = shape.has_any(&["runs.tool", "runs.results", "runs.invocations", "runs.artifacts"]);
        let empty = shape.text("version").is_some_and(|version| version.starts_with("2.") || version.starts_with("1.0"));
        shape.top == Top::Object && (named || shape.has("runs") && (runs || empty))
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        log::read(&mut input, report)
    }
}
