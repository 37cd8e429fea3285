//! Rendering: a scan result or a diff in, the bytes of one output format out.
//!
//! One file or folder is one format, with one line in [`RENDERERS`]. A renderer is a pure function of its input: no
//! clock, no environment, no file. It escapes for its medium ([`escape`]), keeps within the limits of the host that reads
//! it ([`limits`]) and says in the output what it left out. What does not belong here: choosing findings (suppression,
//! classification) and computing numbers about them.

mod annotations;
mod changes;
mod counts;
mod coverage;
mod csv;
pub mod escape;
pub mod github_review;
mod gitlab;
mod html;
mod input;
mod json;
mod junit;
pub mod limits;
mod markdown;
mod origin;
#[cfg(feature = "pdf")]
mod pdf;
mod place;
mod pr_comment;
mod report;
pub mod review_marker;
mod sarif;
mod snapshot;
mod text;
mod time;
mod uri;

pub use changes::Changes;
pub use coverage::{Completeness, completeness};
pub use github_review::ReviewEvent;
pub use input::{DiffKind, DiffView, RenderInput, RenderOptions, SuppressedCounts};

use crate::{Error, ErrorKind, Result};
use std::io::{BufWriter, Write};

/// An output format.
pub trait Renderer: Sync {
    /// Name on every surface, kebab-case.
    fn id(&self) -> &'static str;

    /// One line: what it is for.
    fn about(&self) -> &'static str;

    /// The media type of what it writes.
    fn media_type(&self) -> &'static str;

    /// Writes the output, in large pieces: `out` need not be buffered.
    ///
    /// # Errors
    /// `io` when `out` fails; `render` when the input cannot be expressed in the format.
    fn render(&self, input: &RenderInput<'_>, out: &mut dyn Write) -> Result<()>;
}

/// Every output format, in alphabetical order. `table` is an alias of `text`.
pub const RENDERERS: &[&dyn Renderer] = &[
    &csv::Csv,
    &annotations::Annotations,
    &pr_comment::PrComment,
    &github_review::GithubReview,
    &gitlab::CodeQuality,
    &gitlab::Sast,
    &json::Json,
    &junit::Junit,
    &markdown::Markdown,
    &html::ReportHtml,
    #[cfg(feature = "pdf")]
    &pdf::ReportPdf,
    &sarif::Sarif,
    &snapshot::SnapshotJson,
    &text::Text,
];

/// Finds a format by its name or alias.
///
/// # Errors
/// `invalid_argument` for an unknown one, with the list and the nearest name.
pub fn find(format: &str) -> Result<&'static dyn Renderer> {
    let wanted = if format == "table" { "text" } else { format };
    RENDERERS.iter().copied().find(|r| r.id() == wanted).ok_or_else(|| unknown(format))
}

/// Whether a format is bytes, not text: not for a terminal, not for a string.
pub fn is_binary(renderer: &dyn Renderer) -> bool {
    renderer.media_type() == "application/pdf"
}

/// Renders in a named format.
///
/// # Errors
/// `invalid_argument` for an unknown format; otherwise those of [`Renderer::render`].
pub fn render(format: &str, input: &RenderInput<'_>, out: &mut dyn Write) -> Result<()> {
    find(format)?.render(input, out)
}

fn unknown(format: &str) -> Error {
    if format == "report-pdf" {
        return Error::new(ErrorKind::Unsupported, "this build cannot write `report-pdf`")
            .hint("build it with the feature `pdf`, or write `report-html` and print it from a browser");
    }
    let known: Vec<&str> = RENDERERS.iter().map(|r| r.id()).collect();
    let shown: String = format.chars().take(60).collect();
    let list = known.join(", ");
    let nearest = known.iter().map(|id| (distance(id, &shown.to_lowercase()), id)).min().filter(|(d, _)| *d <= 2);
    Error::invalid(format!("unknown output format `{}`", escape::terminal(&shown))).hint(match nearest {
        Some((_, id)) => format!("did you mean `{id}`? choose one of: {list}"),
        None => format!("choose one of: {list}"),
    })
}

/// How many single-character edits lie between two short words.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (y, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let best = (diagonal + usize::from(x != *y)).min(left + 1).min(*cell + 1);
            diagonal = std::mem::replace(cell, best);
            left = best;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

fn write_error(error: &std::io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("cannot write the output: {error}"))
}

/// Writes a value as JSON indented by two spaces, with a final newline.
fn write_json<T: serde::Serialize>(value: &T, out: &mut dyn Write) -> Result<()> {
    let mut out = buffered(out);
    serde_json::to_writer_pretty(&mut out, value).map_err(|e| match e.io_error_kind() {
        Some(kind) => write_error(&kind.into()),
        None => Error::new(ErrorKind::Render, e.to_string()),
    })?;
    out.write_all(b"\n").and_then(|()| out.flush()).map_err(|e| write_error(&e))
}

/// Small writes stay on this side of the dynamic call.
fn buffered(out: &mut dyn Write) -> BufWriter<&mut dyn Write> {
    BufWriter::with_capacity(1 << 16, out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registry_is_sorted_and_unique() {
        let ids: Vec<_> = RENDERERS.iter().map(|r| r.id()).collect();
        assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
        assert_eq!(find("table").unwrap().id(), "text");
    }

    #[test]
    fn unknown_formats_get_help() {
        let error = find("sariff").err().unwrap();
        assert_eq!(error.code(), "invalid_argument");
        let pdf = if cfg!(feature = "pdf") { "report-pdf, " } else { "" };
        let list = format!(
            "did you mean `sarif`? choose one of: csv, github-annotations, github-pr-comment, github-review, gitlab-codequality, gitlab-sast, json, junit, \
             markdown, report-html, {pdf}sarif, snapshot, text"
        );
        assert_eq!(error.remedy().unwrap(), list);
        let absent = find("report-pdf").err().map(|e| e.code());
        assert_eq!(absent, (!cfg!(feature = "pdf")).then_some("unsupported"));
        assert!(find("yaml\u{1b}").err().unwrap().remedy().unwrap().starts_with("choose one of"));
    }

    #[test]
    fn distances() {
        assert_eq!(
            (distance("text", "text"), distance("text", "txt"), distance("", "ab"), distance("json", "jsno")),
            (0, 1, 2, 2)
        );
    }
}
