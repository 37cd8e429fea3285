//! `report-html`: one page for people, whole in itself. No script, no font, no image, nothing fetched; its policy forbids all
//! but the one style sheet by hash. Reads on paper, on a phone and in the dark.
//!
//! The page is written as it goes; [`Page`] is the only way in, and it escapes.

mod charts;
mod finding;
mod findings;
mod head;
mod page;
mod sections;
mod summary;

use super::report::Report;
use super::{RenderInput, Renderer, write_error};
use crate::Result;
use page::Page;
use std::io::{self, Write};

/// The style sheet. Tokens come from the dashboard's design rules.
const STYLE: &str = include_str!("style.css");

pub(super) struct ReportHtml;

impl Renderer for ReportHtml {
    fn id(&self) -> &'static str {
        "report-html"
    }

    fn about(&self) -> &'static str {
        "for people: one self-contained page with charts, for the browser and for paper"
    }

    fn media_type(&self) -> &'static str {
        "text/html; charset=utf-8"
    }

    fn render(&self, input: &RenderInput<'_>, out: &mut dyn Write) -> Result<()> {
        let report = Report::new(input);
        let mut page = Page::new(out);
        write(&mut page, input, &report).and_then(|()| page.finish()).map_err(|e| write_error(&e))
    }
}

fn write(page: &mut Page<'_>, input: &RenderInput<'_>, report: &Report<'_>) -> io::Result<()> {
    head::write(page, input, report)?;
    page.raw("<main>\n")?;
    summary::write(page, input, report)?;
    sections::compliance(page, report)?;
    sections::scanners(page, input)?;
    findings::write(page, input, report)?;
    sections::rules(page, report)?;
    page.raw("</main>\n")?;
    head::footer(page, input)?;
    page.raw("</body>\n</html>\n")
}
