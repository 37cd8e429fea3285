//! A piece of text joined from several source lines, which still knows where each byte came from.

use std::borrow::Cow;

/// Joined text with the source line of every byte.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text<'a> {
    text: Cow<'a, str>,
    /// Byte offset at which a source line starts, ascending.
    marks: Vec<(usize, u32)>,
}

impl<'a> Text<'a> {
    /// A text that stands on one source line.
    pub fn on_line(text: impl Into<Cow<'a, str>>, line: u32) -> Self {
        Self { text: text.into(), marks: vec![(0, line)] }
    }

    /// A text of several lines as it stands in the source; `line` is its first.
    pub fn block(text: &'a str, line: u32) -> Self {
        let starts = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
        let marks = std::iter::once(0).chain(starts).zip(line..).collect();
        Self { text: Cow::Borrowed(text), marks }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The source line of a byte offset, 1-based.
    pub fn line_at(&self, offset: usize) -> u32 {
        let index = self.marks.partition_point(|(start, _)| *start <= offset);
        self.marks.get(index.saturating_sub(1)).map_or(1, |(_, line)| *line)
    }

    /// Appends what another source line adds.
    pub(super) fn push(&mut self, more: &str, line: u32) {
        self.marks.push((self.text.len(), line));
        self.text.to_mut().push_str(more);
    }

    /// The part from a byte offset on; empty when the offset is not a character boundary.
    pub(super) fn tail(&self, from: usize) -> Text<'_> {
        let first = (0, self.line_at(from));
        let later = self.marks.iter().filter(|(at, _)| *at > from).map(|(at, line)| (at - from, *line));
        Text {
            text: Cow::Borrowed(self.text.get(from..).unwrap_or_default()),
            marks: std::iter::once(first).chain(later).collect(),
        }
    }
}
