//! The writer. INVARIANT: markup is a literal of this program; everything else passes [`escape`].

use crate::render::escape;
use crate::render::limits::{REPORT_LINE, REPORT_TEXT, cut};
use crate::render::report::words;
use std::io::{self, BufWriter, Write};

/// A page on its way out. Nothing is kept: a page of any size costs the memory of one text.
pub(super) struct Page<'w> {
    out: BufWriter<&'w mut dyn Write>,
}

impl<'w> Page<'w> {
    pub(super) fn new(out: &'w mut dyn Write) -> Self {
        Self { out: BufWriter::with_capacity(1 << 16, out) }
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Markup, as it stands.
    pub(super) fn raw(&mut self, markup: &'static str) -> io::Result<()> {
        self.out.write_all(markup.as_bytes())
    }

    /// One line of text: white space is one space.
    pub(super) fn line(&mut self, text: &str) -> io::Result<()> {
        // White space goes first, so that a text of nothing else is not cut to an ellipsis.
        let text = cut(text.trim(), REPORT_LINE);
        let line = escape::terminal_line(&text);
        self.out.write_all(escape::html(&line).as_bytes())
    }

    /// A file path or another text in which white space counts.
    pub(super) fn exact(&mut self, text: &str) -> io::Result<()> {
        let text = cut(text, REPORT_LINE);
        let line = escape::terminal(&text);
        self.out.write_all(escape::html(&line).as_bytes())
    }

    /// Prose: its line breaks stay, up to two in a row.
    pub(super) fn prose(&mut self, text: &str) -> io::Result<()> {
        let text = cut(text.trim(), REPORT_TEXT);
        let mut blank = false;
        for (index, line) in text.lines().map(str::trim_end).enumerate() {
            if line.is_empty() {
                blank = true;
                continue;
            }
            let gap = if blank { "\n\n" } else { "\n" };
            self.raw(if index == 0 { "" } else { gap })?;
            self.spans(line)?;
            blank = false;
        }
        Ok(())
    }

    /// One line of text in which code stands between backticks.
    pub(super) fn code(&mut self, text: &str) -> io::Result<()> {
        let text = cut(text.trim(), REPORT_LINE);
        self.spans(&escape::terminal_line(&text))
    }

    /// Backticks in pairs mark code; anything less clear stays as it is.
    fn spans(&mut self, line: &str) -> io::Result<()> {
        let marked = line.contains('`') && !line.contains("``") && line.matches('`').count().is_multiple_of(2);
        if !marked {
            return self.out.write_all(escape::html(line).as_bytes());
        }
        for (index, part) in line.split('`').enumerate() {
            let (open, close) = if index % 2 == 1 { ("<code>", "</code>") } else { ("", "") };
            self.raw(open)?;
            self.out.write_all(escape::html(part).as_bytes())?;
            self.raw(close)?;
        }
        Ok(())
    }

    /// `20,000`.
    pub(super) fn count(&mut self, count: usize) -> io::Result<()> {
        self.out.write_all(words::grouped(count).as_bytes())
    }

    /// Digits only, for ids and coordinates.
    pub(super) fn digits(&mut self, number: usize) -> io::Result<()> {
        write!(self.out, "{number}")
    }

    /// A coordinate, to two decimals, without trailing zeros.
    pub(super) fn figure(&mut self, number: f64) -> io::Result<()> {
        let text = format!("{number:.2}");
        self.out.write_all(text.trim_end_matches('0').trim_end_matches('.').as_bytes())
    }

    /// An element around one line of text.
    pub(super) fn around(&mut self, open: &'static str, text: &str, close: &'static str) -> io::Result<()> {
        self.raw(open)?;
        self.line(text)?;
        self.raw(close)
    }

    /// A link to a page of the web, if it is one that may be linked; else the text.
    pub(super) fn link(&mut self, url: &str, text: &str) -> io::Result<()> {
        let Some(address) = escape::web_link(url) else { return self.around("<span>", text, "</span>") };
        self.raw("<a rel=\"noopener noreferrer\" href=\"")?;
        self.out.write_all(escape::html(address).as_bytes())?;
        self.raw("\">")?;
        self.line(text)?;
        self.raw("</a>")
    }
}
