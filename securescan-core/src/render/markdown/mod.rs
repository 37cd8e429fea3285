//! `markdown`: a page of GitHub's Markdown, for a step summary (`$GITHUB_STEP_SUMMARY`), a wiki or a chat.
//!
//! The [`page`] with its parts is shared with `github-pr-comment`.

pub(super) mod page;
mod parts;

use super::limits::STEP_SUMMARY_BYTES;
use super::{RenderInput, Renderer, write_error};
use crate::Result;
use page::Layout;
use std::io::Write;

pub(super) struct Markdown;

impl Renderer for Markdown {
    fn id(&self) -> &'static str {
        "markdown"
    }

    fn about(&self) -> &'static str {
        "Markdown, for a GitHub step summary"
    }

    fn media_type(&self) -> &'static str {
        "text/markdown; charset=utf-8"
    }

    fn render(&self, input: &RenderInput<'_>, out: &mut dyn Write) -> Result<()> {
        let layout = Layout { marker: None, limit: STEP_SUMMARY_BYTES.max, size: str::len, rules: true, scanners: true };
        out.write_all(page::compose(input, &layout).as_bytes()).map_err(|e| write_error(&e))
    }
}
