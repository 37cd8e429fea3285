//! Documents one after the other: one a line, or each over several lines. A broken one costs itself, not the rest.

use crate::Result;
use std::io::BufRead;

/// Longer documents are not read, in bytes.
const MAX_DOCUMENT: usize = 256 << 20;

/// Deeper documents are not read.
const MAX_DEPTH: usize = 200;

/// Whether the first character that is not white space opens a list. Takes the white space before it.
pub(super) fn starts_with_list(reader: &mut impl BufRead) -> std::io::Result<bool> {
    Ok(first_byte(reader)? == Some(b'['))
}

/// The first byte that is not white space. Takes the white space before it.
pub(super) fn first_byte(reader: &mut impl BufRead) -> std::io::Result<Option<u8>> {
    loop {
        let buffer = reader.fill_buf()?;
        let blank = buffer.iter().take_while(|b| b.is_ascii_whitespace()).count();
        let first = buffer.get(blank).copied();
        reader.consume(blank);
        if first.is_some() || blank == 0 {
            return Ok(first);
        }
    }
}

/// Called with the line a document starts on (from 1) and its text, or why there is none.
pub(super) type OnDocument<'f> = dyn FnMut(usize, Result<&[u8], &'static str>) -> Result<()> + 'f;

/// Splits at the ends of documents, line by line where something is broken.
///
/// # Errors
/// Of the stream, and what `found` gives.
pub(super) fn each(mut reader: impl BufRead, found: &mut OnDocument<'_>) -> Result<()> {
    let mut split = Splitter::default();
    loop {
        let buffer = reader.fill_buf().map_err(|e| super::input::read_error(&e))?;
        if buffer.is_empty() {
            return split.finish(found);
        }
        for byte in buffer {
            split.take(*byte, found)?;
        }
        let used = buffer.len();
        reader.consume(used);
    }
}

#[derive(Default)]
struct Splitter {
    text: Vec<u8>,
    open: Vec<u8>,
    in_string: bool,
    escaped: bool,
    /// Whether the rest of the line is given up.
    lost: bool,
    line: usize,
    start: usize,
    /// Whether a document ended on the line it started on: then one that does not is cut short where the next starts.
    by_line: bool,
    line_start: bool,
}

impl Splitter {
    fn take(&mut self, byte: u8, found: &mut OnDocument<'_>) -> Result<()> {
        let line_start = std::mem::replace(&mut self.line_start, byte == b'\n');
        if line_start && self.by_line && byte == b'{' && !self.open.is_empty() {
            self.give_up("cut short", false, found)?;
        }
        if byte == b'\n' {
            self.line += 1;
            self.lost = false;
            if self.in_string {
                return self.give_up("a string is not closed", false, found);
            }
        }
        if self.lost {
            return Ok(());
        }
        if self.open.is_empty() {
            return self.outside(byte, found);
        }
        self.text.push(byte);
        if self.text.len() > MAX_DOCUMENT {
            return self.give_up("longer than 256 MiB", true, found);
        }
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return Ok(());
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' if self.open.len() >= MAX_DEPTH => return self.give_up("nested too deeply", true, found),
            b'{' | b'[' => self.open.push(byte),
            b'}' | b']' => {
                let opened = self.open.pop();
                if opened != Some(if byte == b'}' { b'{' } else { b'[' }) {
                    return self.give_up("brackets do not match", true, found);
                }
                if self.open.is_empty() {
                    self.by_line |= self.start == self.line;
                    found(self.start + 1, Ok(&self.text))?;
                    self.text.clear();
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn outside(&mut self, byte: u8, found: &mut OnDocument<'_>) -> Result<()> {
        match byte {
            b if b.is_ascii_whitespace() => {}
            b'{' | b'[' => {
                self.start = self.line;
                self.open.push(byte);
                self.text.push(byte);
            }
            _ => {
                self.lost = true;
                found(self.line + 1, Err("not JSON"))?;
            }
        }
        Ok(())
    }

    fn give_up(&mut self, why: &'static str, lost: bool, found: &mut OnDocument<'_>) -> Result<()> {
        let start = self.start + 1;
        *self = Self { line: self.line, by_line: self.by_line, line_start: self.line_start, lost, ..Self::default() };
        found(start, Err(why))
    }

    fn finish(mut self, found: &mut OnDocument<'_>) -> Result<()> {
        if self.open.is_empty() { Ok(()) } else { self.give_up("cut short", true, found) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<(usize, std::result::Result<String, &'static str>)> {
        let mut out = Vec::new();
        each(text.as_bytes(), &mut |line, found| {
            out.push((line, found.map(|t| String::from_utf8(t.to_vec()).unwrap())));
            Ok(())
        })
        .unwrap();
        out
    }

    #[test]
    fn documents_are_told_apart() {
        assert_eq!(split("{\"a\":\"}\\\"\"}\n{\n \"b\": [1]\n}{}\n").len(), 3);
        let mixed = split("warning: hello\n{\"a\":1}\n{\"a\":[}\n{\"b\":\"x\ny\"}\n{\"c\":3}\n{\"d\":");
        let texts: Vec<_> = mixed.iter().map(|(_, r)| r.as_deref().map_err(|why| *why)).collect();
        let want = [
            Err("not JSON"),
            Ok("{\"a\":1}"),
            Err("brackets do not match"),
            Err("a string is not closed"),
            Err("not JSON"),
            Ok("{\"c\":3}"),
            Err("cut short"),
        ];
        assert_eq!(texts, want);
        assert_eq!(mixed.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7]);
        assert!(starts_with_list(&mut &b" \n ["[..]).unwrap());
        assert!(!starts_with_list(&mut &b" {"[..]).unwrap() && !starts_with_list(&mut &b""[..]).unwrap());
    }
}
