//! `report-pdf`: the report for people on A4, set by this module: title, score and charts, contents, tables, findings, an index by
//! rule; tagged, with bookmarks and page numbers. Reduced against `report-html`: at most so many findings and rows, and it says
//! what it left out.
//!
//! No browser and no outside font: [`fonts`] carries three, and what they lack is written by its code.

mod cover;
mod emit;
mod findings;
mod fonts;
mod layout;
mod sheet;
mod table;
mod tables;

use super::report::{Report, title};
use super::{RenderInput, Renderer, write_error};
use crate::Result;
use layout::Layout;
use std::io::Write;

pub(super) struct ReportPdf;

impl Renderer for ReportPdf {
    fn id(&self) -> &'static str {
        "report-pdf"
    }

    fn about(&self) -> &'static str {
        "for people: the report on A4, with contents and bookmarks"
    }

    fn media_type(&self) -> &'static str {
        "application/pdf"
    }

    fn render(&self, input: &RenderInput<'_>, out: &mut dyn Write) -> Result<()> {
        let report = Report::new(input);
        let mut layout = Layout::new()?;
        let contents = cover::write(&mut layout, input, &report);
        tables::compliance(&mut layout, &report);
        tables::scanners(&mut layout, input);
        findings::write(&mut layout, input, &report);
        tables::rules(&mut layout, &report);
        cover::contents(&mut layout, &contents);
        let bytes = emit::document(&layout, title(input))?;
        // A PDF ends with a line end, as all our outputs do; a reader looks for `%%EOF` near the end.
        out.write_all(&bytes).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()).map_err(|e| write_error(&e))
    }
}
