//! A file's bytes as text to search: encodings, and from byte offsets to lines and columns.

use crate::source::LineIndex;
use std::borrow::Cow;

/// How far binary files are recognised by a NUL, in bytes.
const SNIFF: usize = 8 << 10;

/// The bytes to search: UTF-16 and UTF-32-free text as it is (UTF-8, Latin-1, …), UTF-16 with a byte order mark as UTF-8.
/// `None` for binary content: a NUL in the first 8 KiB.
pub(super) fn decode(bytes: &[u8]) -> Option<Cow<'_, [u8]>> {
    let unit: Option<fn([u8; 2]) -> u16> = match bytes {
        [0xff, 0xfe, 0, 0, ..] => None,
        [0xff, 0xfe, ..] => Some(u16::from_le_bytes),
        [0xfe, 0xff, ..] => Some(u16::from_be_bytes),
        _ => None,
    };
    if let Some(unit) = unit {
        let units = bytes.get(2..).unwrap_or_default().chunks_exact(2).filter_map(|c| c.try_into().ok()).map(unit);
        let text: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        return Some(Cow::Owned(text.into_bytes()));
    }
    let head = bytes.get(..SNIFF.min(bytes.len())).unwrap_or_default();
    memchr::memchr(0, head).is_none().then_some(Cow::Borrowed(bytes))
}

/// A 1-based line and a 1-based column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub line: u32,
    pub column: u32,
}

/// Turns offsets into positions. Ask in rising order where lines are long: each line is counted once.
#[derive(Debug)]
pub(super) struct Locator<'a> {
    text: &'a [u8],
    index: LineIndex<'a>,
    last: (u32, usize, u32),
}

impl<'a> Locator<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, index: LineIndex::new(text), last: (0, 0, 0) }
    }

    pub(super) fn position(&mut self, offset: usize) -> Position {
        let line = self.index.line_of(offset);
        let start = self.index.start_of(line).unwrap_or(0);
        let (from, before) = match self.last {
            (last_line, last_offset, column) if last_line == line && last_offset <= offset => (last_offset, column),
            _ => (start, 1),
        };
        let column = before.saturating_add(characters(self.text.get(from..offset).unwrap_or_default()));
        self.last = (line, offset, column);
        Position { line, column }
    }
}

/// How far a line is looked at on either side of a match, in bytes.
const LINE_REACH: usize = 2 << 10;

/// The line an offset stands on, without its ending, at most 2 KiB to either side.
pub(super) fn line_around(text: &[u8], offset: usize) -> &[u8] {
    let offset = offset.min(text.len());
    let low = offset.saturating_sub(LINE_REACH);
    let before = text.get(low..offset).unwrap_or_default();
    let start = memchr::memrchr(b'\n', before).map_or(low, |i| low + i + 1);
    let after = text.get(offset..text.len().min(offset + LINE_REACH)).unwrap_or_default();
    let end = memchr::memchr(b'\n', after).map_or(offset + after.len(), |i| offset + i);
    text.get(start..end).unwrap_or_default()
}

/// Characters of UTF-8 text; of other text, as many as a lossy reader sees.
fn characters(bytes: &[u8]) -> u32 {
    let count = bytes.utf8_chunks().map(|c| c.valid().chars().count() + usize::from(!c.invalid().is_empty())).sum::<usize>();
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings() {
        assert_eq!(decode(b"\xff\xfea\0b\0").as_deref(), Some(&b"ab"[..]));
        assert_eq!(decode(b"\xfe\xff\0a\0b").as_deref(), Some(&b"ab"[..]));
        assert_eq!(decode(b"a\0b"), None);
        assert_eq!(decode(b"caf\xe9").as_deref(), Some(&b"caf\xe9"[..]));
    }

    #[test]
    fn columns_are_characters() {
        let text = "é = x\nab\n".as_bytes();
        let mut at = Locator::new(text);
        assert_eq!(at.position(5), Position { line: 1, column: 5 });
        assert_eq!(at.position(8), Position { line: 2, column: 2 });
        assert_eq!(at.position(0), Position { line: 1, column: 1 });
        assert_eq!(line_around(text, 8), b"ab");
    }
}
