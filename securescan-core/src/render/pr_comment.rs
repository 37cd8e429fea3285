//! `github-pr-comment`: the body of a comment on a pull request.
//!
//! The first line is a marker, always, by which the next run finds the comment and replaces it. A plain scan carries the marker of a
//! diff: against nothing, everything is new.
//!
//! # Source
//! Product documentation, "securescan diff"; GitHub, 65,536 characters.

use super::limits::GITHUB_BODY;
use super::markdown::page::{self, Layout};
use super::{DiffKind, RenderInput, Renderer, write_error};
use crate::Result;
use std::io::Write;

pub(super) struct PrComment;

impl Renderer for PrComment {
    fn id(&self) -> &'static str {
        "github-pr-comment"
    }

    fn about(&self) -> &'static str {
        "Markdown for a comment on a GitHub pull request"
    }

    fn media_type(&self) -> &'static str {
        "text/markdown; charset=utf-8"
    }

    fn render(&self, input: &RenderInput<'_>, out: &mut dyn Write) -> Result<()> {
        let marker = match input.diff.map(|diff| diff.kind).unwrap_or_default() {
            DiffKind::Diff => "<!-- securescan:diff -->",
            DiffKind::Compare => "<!-- securescan:compare -->",
        };
        let layout = Layout { marker: Some(marker), limit: GITHUB_BODY.max, size: utf16, rules: false, scanners: false };
        out.write_all(page::compose(input, &layout).as_bytes()).map_err(|e| write_error(&e))
    }
}

/// GitHub does not say what it counts as a character; this is the larger of the two likely ones.
fn utf16(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}
