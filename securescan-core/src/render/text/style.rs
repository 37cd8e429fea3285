//! The page: lines, colours, wrapping. Knows nothing of findings.

use crate::model::{ScannerStatus, Severity};
use crate::render::{RenderOptions, buffered};
use std::io::{self, BufWriter, Write};

/// How a piece of text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Bold,
    Dim,
    Red,
    BoldRed,
    Yellow,
    Cyan,
    Green,
}

impl Style {
    /// The 16 colours every terminal and theme has.
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Bold => "1",
            Self::Dim => "2",
            Self::Red => "31",
            Self::BoldRed => "1;31",
            Self::Yellow => "33",
            Self::Cyan => "36",
            Self::Green => "32",
        }
    }

    pub(super) fn of(severity: Severity) -> Self {
        match severity {
            Severity::Critical => Self::BoldRed,
            Severity::High => Self::Red,
            Severity::Medium => Self::Yellow,
            Severity::Low => Self::Cyan,
            Severity::Info => Self::Dim,
        }
    }

    pub(super) fn of_status(status: ScannerStatus) -> Self {
        match status {
            ScannerStatus::Failed | ScannerStatus::TimedOut => Self::Red,
            ScannerStatus::Partial => Self::Yellow,
            ScannerStatus::Skipped | ScannerStatus::NotApplicable => Self::Dim,
            ScannerStatus::Ok => Self::Green,
        }
    }
}

/// Where lines go. Texts given to it are already escaped.
pub(super) struct Page<'w> {
    out: BufWriter<&'w mut dyn Write>,
    color: bool,
    width: Option<usize>,
    started: bool,
}

/// Narrower than this a terminal gets no wrapping: nothing would be readable.
const MIN_WIDTH: usize = 40;

impl<'w> Page<'w> {
    pub(super) fn new(out: &'w mut dyn Write, options: &RenderOptions) -> Self {
        Self { out: buffered(out), color: options.color, width: options.width.filter(|w| *w >= MIN_WIDTH), started: false }
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// The columns to wrap at, if any.
    pub(super) fn width(&self) -> Option<usize> {
        self.width
    }

    pub(super) fn text(&mut self, text: &str, style: Style) -> io::Result<()> {
        self.started = true;
        if self.color && style != Style::Plain {
            write!(self.out, "\x1b[{}m{text}\x1b[0m", style.code())
        } else {
            self.out.write_all(text.as_bytes())
        }
    }

    pub(super) fn spaces(&mut self, count: usize) -> io::Result<()> {
        const BLANK: &str = "                                                                ";
        let mut left = count;
        while left > 0 {
            let piece = left.min(BLANK.len());
            self.out.write_all(BLANK.get(..piece).unwrap_or_default().as_bytes())?;
            left -= piece;
        }
        Ok(())
    }

    /// A text filled up with spaces to a width in characters.
    pub(super) fn cell(&mut self, text: &str, width: usize, style: Style) -> io::Result<()> {
        self.text(text, style)?;
        self.spaces(width.saturating_sub(chars(text)))
    }

    pub(super) fn end_line(&mut self) -> io::Result<()> {
        self.started = true;
        self.out.write_all(b"\n")
    }

    pub(super) fn line(&mut self, text: &str) -> io::Result<()> {
        self.text(text, Style::Plain)?;
        self.end_line()
    }

    /// A heading, with an empty line before it unless it is the first line.
    pub(super) fn heading(&mut self, text: &str) -> io::Result<()> {
        if self.started {
            self.end_line()?;
        }
        self.text(text, Style::Bold)?;
        self.end_line()
    }

    /// Pieces with one space between, wrapped at the width, later lines indented; the cursor stands at `column`. Without
    /// a width, one line.
    pub(super) fn wrapped(&mut self, pieces: &[(&str, Style)], column: usize, indent: usize) -> io::Result<()> {
        let mut at = column;
        for (index, (text, style)) in pieces.iter().enumerate() {
            let gap = usize::from(index > 0);
            let Some(width) = self.width else {
                self.spaces(gap)?;
                self.text(text, *style)?;
                continue;
            };
            // What of this piece stands on the current line: coloured as one.
            let mut run = String::new();
            let mut lead = gap;
            for word in text.split(' ').filter(|word| !word.is_empty()) {
                let length = chars(word);
                let space = if run.is_empty() { lead } else { 1 };
                if at + space + length > width && at > indent {
                    self.run(lead, &run, *style)?;
                    self.end_line()?;
                    self.spaces(indent)?;
                    (at, lead) = (indent + length, 0);
                    run.clear();
                } else {
                    if !run.is_empty() {
                        run.push(' ');
                    }
                    at += space + length;
                }
                run.push_str(word);
            }
            self.run(lead, &run, *style)?;
        }
        self.end_line()
    }

    fn run(&mut self, lead: usize, text: &str, style: Style) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        self.spaces(lead)?;
        self.text(text, style)
    }
}

/// The length of a text in characters.
pub(super) fn chars(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().count() }
}
