//! `text`: for people at a terminal. Rows in columns, then what was not looked at, then a summary.
//!
//! Nothing of a finding acts on the terminal: everything passes [`escape`](super::escape) first. Colours only on request.

mod details;
mod rows;
mod style;
mod summary;

use super::{Completeness, DiffKind, DiffView, RenderInput, Renderer, completeness, write_error};
use crate::Result;
use crate::model::{Finding, SuppressedBy};
use rows::Block;
use std::io::{self, Write};
use style::Page;

pub(super) struct Text;

impl Renderer for Text {
    fn id(&self) -> &'static str {
        "text"
    }

    fn about(&self) -> &'static str {
        "for people, at a terminal"
    }

    fn media_type(&self) -> &'static str {
        "text/plain; charset=utf-8"
    }

    fn render(&self, input: &RenderInput<'_>, out: &mut dyn Write) -> Result<()> {
        let mut page = Page::new(out, &input.options);
        let written = match input.diff {
            Some(diff) => self::diff(&mut page, input, diff),
            None => scan(&mut page, input),
        };
        written.and_then(|()| page.finish()).map_err(|e| write_error(&e))
    }
}

const REASONS: [SuppressedBy; 3] = [SuppressedBy::Inline, SuppressedBy::Config, SuppressedBy::Baseline];

fn scan(page: &mut Page<'_>, input: &RenderInput<'_>) -> io::Result<()> {
    let kept: Vec<&Finding> = input.result.findings.iter().filter(|f| !f.is_suppressed()).collect();
    if kept.is_empty() {
        page.line(match completeness(input.result) {
            Completeness::Incomplete => "No findings, but the scan is incomplete.",
            _ => "No findings.",
        })?;
    } else {
        rows::write(page, input, &Block { findings: &kept, indent: 0 })?;
    }
    suppressed(page, input, &input.result.findings)?;
    summary::coverage(page, input)?;
    summary::scan(page, input)
}

fn diff(page: &mut Page<'_>, input: &RenderInput<'_>, diff: &DiffView<'_>) -> io::Result<()> {
    let kept = |list| input.shown(list).collect::<Vec<&Finding>>();
    let new: Vec<&Finding> = diff.new.iter().filter(|f| !f.is_suppressed()).collect();
    let (fixed, unknown) = (kept(diff.fixed), kept(diff.not_scanned));
    if new.is_empty() && fixed.is_empty() && unknown.is_empty() {
        page.line(match (diff.kind, completeness(input.result)) {
            (_, Completeness::Incomplete) => "No new findings, but the scan is incomplete.",
            (DiffKind::Diff, _) => "No new or fixed findings.",
            (DiffKind::Compare, _) => "No drift since baseline.",
        })?;
    }
    let gone = match diff.kind {
        DiffKind::Diff => "[FIXED]",
        DiffKind::Compare => "[DISAPPEARED]",
    };
    for (heading, findings) in [("[NEW]", &new), (gone, &fixed), ("[NOT SCANNED]", &unknown)] {
        if !findings.is_empty() {
            page.heading(heading)?;
            rows::write(page, input, &Block { findings, indent: 2 })?;
        }
    }
    suppressed(page, input, diff.new)?;
    summary::coverage(page, input)?;
    summary::diff(page, input, diff)
}

/// One block for each reason that has findings, when they are to be shown.
fn suppressed(page: &mut Page<'_>, input: &RenderInput<'_>, findings: &[Finding]) -> io::Result<()> {
    if !input.options.show_suppressed {
        return Ok(());
    }
    for reason in REASONS {
        let block: Vec<&Finding> = findings.iter().filter(|f| f.metadata.suppressed_by == Some(reason)).collect();
        if !block.is_empty() {
            page.heading(&format!("[SUPPRESSED:{}]", reason.as_str()))?;
            rows::write(page, input, &Block { findings: &block, indent: 2 })?;
        }
    }
    Ok(())
}
