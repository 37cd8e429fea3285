//! The bytes of a report: text that is in memory, or a stream that is read once.

use crate::{Error, ErrorKind, Result};
use std::io::{BufRead, BufReader, Read};

/// How much of the start of a report is looked at to tell its format, in bytes.
pub(super) const HEAD: usize = 1 << 20;

/// A report being read.
pub struct Input<'a> {
    kind: Kind<'a>,
    /// What it is at its top: for formats that come as JSON and as XML.
    pub(super) top: super::Top,
}

enum Kind<'a> {
    Text(&'a str),
    Stream(Box<dyn BufRead + 'a>),
}

impl std::fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.kind {
            Kind::Text(_) => "Input::Text",
            Kind::Stream(_) => "Input::Stream",
        })
    }
}

impl<'a> Input<'a> {
    /// A report in memory: UTF-8 with or without a byte order mark.
    ///
    /// # Errors
    /// `parse` when it is not UTF-8 text.
    pub(super) fn text(bytes: &'a [u8]) -> Result<Self> {
        refuse_binary(bytes)?;
        let text = simdutf8::compat::from_utf8(bytes)
            .map_err(|e| Error::parse("the report is not valid UTF-8").at_byte(e.valid_up_to() as u64))?;
        Ok(Self { kind: Kind::Text(text.strip_prefix('\u{feff}').unwrap_or(text)), top: super::Top::Text })
    }

    /// A report that is read piece by piece, with its first bytes for telling what it is.
    ///
    /// # Errors
    /// `io` when it cannot be read; `parse` when it is not UTF-8 text.
    pub(super) fn stream(mut source: impl Read + 'a, max_bytes: u64) -> Result<(Self, String)> {
        let mut head = Vec::new();
        source.by_ref().take(HEAD as u64).read_to_end(&mut head).map_err(|e| Error::io("the report", &e))?;
        refuse_binary(&head)?;
        if head.starts_with("\u{feff}".as_bytes()) {
            head.drain(..3);
        }
        let valid = match std::str::from_utf8(&head) {
            Ok(text) => text,
            // The cut may go through a character.
            Err(e) if e.error_len().is_none() => {
                std::str::from_utf8(head.get(..e.valid_up_to()).unwrap_or_default()).unwrap_or_default()
            }
            Err(e) => return Err(Error::parse("the report is not valid UTF-8").at_byte(e.valid_up_to() as u64)),
        };
        let valid = valid.to_owned();
        let whole = std::io::Cursor::new(head).chain(source);
        let bounded = Bounded { inner: BufReader::with_capacity(1 << 16, whole), left: max_bytes };
        Ok((Self { kind: Kind::Stream(Box::new(bounded)), top: super::Top::Text }, valid))
    }

    /// The start of a report in memory, at most [`HEAD`] bytes.
    pub(super) fn head(&self) -> &'a str {
        match self.kind {
            Kind::Text(text) => text.get(..text.floor_char_boundary(HEAD)).unwrap_or(text),
            Kind::Stream(_) => "",
        }
    }

    /// Drops what stands before the document itself; see [`super::shape::banner`].
    pub(super) fn skip(&mut self, bytes: usize) {
        match &mut self.kind {
            Kind::Text(text) => *text = text.get(bytes..).unwrap_or_default(),
            Kind::Stream(stream) => drop(std::io::copy(&mut stream.take(bytes as u64), &mut std::io::sink())),
        }
    }

    /// Whether the document begins as XML does. Takes the white space before it.
    ///
    /// # Errors
    /// Of the stream.
    pub(super) fn begins_xml(&mut self) -> Result<bool> {
        let stream = match &mut self.kind {
            Kind::Text(text) => return Ok(text.trim_ascii_start().starts_with('<')),
            Kind::Stream(stream) => stream,
        };
        loop {
            let buffer = stream.fill_buf().map_err(|e| read_error(&e))?;
            let blank = buffer.iter().take_while(|b| b.is_ascii_whitespace()).count();
            let first = buffer.get(blank).copied();
            stream.consume(blank);
            if first.is_some() || blank == 0 {
                return Ok(first == Some(b'<'));
            }
        }
    }

    /// The text, when it is in memory.
    pub(super) fn as_text(&self) -> Option<&'a str> {
        match self.kind {
            Kind::Text(text) => Some(text),
            Kind::Stream(_) => None,
        }
    }

    /// The first line, at most what is at hand without reading further; nothing is taken.
    ///
    /// # Errors
    /// `io`, `limit`.
    pub(super) fn first_line(&mut self) -> Result<String> {
        let mut reader = self.reader();
        let buffer = reader.fill_buf().map_err(|e| read_error(&e))?;
        let buffer = buffer.get(..4096).unwrap_or(buffer);
        Ok(String::from_utf8_lossy(buffer.split(|b| *b == b'\n').next().unwrap_or_default()).trim().to_owned())
    }

    /// Whatever is left, as bytes piece by piece.
    pub(super) fn reader(&mut self) -> Box<dyn BufRead + '_> {
        match &mut self.kind {
            Kind::Text(text) => Box::new(text.as_bytes()),
            Kind::Stream(stream) => Box::new(stream),
        }
    }

    /// The whole text, for formats that are small or have a reader of their own.
    ///
    /// # Errors
    /// `io`, `limit`, or `parse` when it is not UTF-8.
    pub(super) fn into_text(self) -> Result<std::borrow::Cow<'a, str>> {
        match self.kind {
            Kind::Text(text) => Ok(text.into()),
            Kind::Stream(mut stream) => {
                let mut bytes = Vec::new();
                stream.read_to_end(&mut bytes).map_err(|e| read_error(&e))?;
                String::from_utf8(bytes)
                    .map(Into::into)
                    .map_err(|e| Error::parse("the report is not valid UTF-8").at_byte(e.utf8_error().valid_up_to() as u64))
            }
        }
    }
}

/// An error of the stream, which may be its limit.
pub(super) fn read_error(error: &std::io::Error) -> Error {
    if error.get_ref().is_some_and(|inner| inner.is::<TooLong>()) {
        return Error::new(ErrorKind::Limit, "the report is longer than the limit");
    }
    Error::io("the report", error)
}

#[derive(Debug)]
struct TooLong;

impl std::fmt::Display for TooLong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the report is longer than the limit")
    }
}

impl std::error::Error for TooLong {}

/// A reader that fails after so many bytes.
struct Bounded<R> {
    inner: BufReader<R>,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.spend(read)?;
        Ok(read)
    }
}

impl<R: Read> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        let left = usize::try_from(self.left).unwrap_or(usize::MAX);
        let buffer = self.inner.fill_buf()?;
        match buffer.get(..left) {
            Some([]) if !buffer.is_empty() => Err(std::io::Error::other(TooLong)),
            Some(allowed) => Ok(allowed),
            None => Ok(buffer),
        }
    }

    fn consume(&mut self, amount: usize) {
        self.left = self.left.saturating_sub(amount as u64);
        self.inner.consume(amount);
    }
}

impl<R> Bounded<R> {
    fn spend(&mut self, bytes: usize) -> std::io::Result<()> {
        match self.left.checked_sub(bytes as u64) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(std::io::Error::other(TooLong)),
        }
    }
}

/// The text of what begins with the byte order mark of UTF-16, as PowerShell writes what is redirected to a file; nothing for
/// anything else.
///
/// # Errors
/// `parse` when it is not UTF-16 all the way.
pub(super) fn from_utf16(bytes: &[u8]) -> Option<Result<String>> {
    let unit: fn([u8; 2]) -> u16 = match bytes.get(..2)? {
        [0xff, 0xfe] => u16::from_le_bytes,
        [0xfe, 0xff] => u16::from_be_bytes,
        _ => return None,
    };
    let (pairs, odd) = bytes.get(2..).unwrap_or_default().as_chunks::<2>();
    let text = char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect::<std::result::Result<String, _>>();
    let whole = text.ok().filter(|_| odd.is_empty());
    Some(whole.ok_or_else(|| Error::parse("the report is not valid UTF-16").at_byte(0).hint("write it as UTF-8")))
}

/// What is no text at all, told by its first bytes.
fn refuse_binary(bytes: &[u8]) -> Result<()> {
    let what = match bytes {
        [0x1f, 0x8b, ..] => "gzip-compressed",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => "zstd-compressed",
        [b'P', b'K', 3, 4, ..] => "a zip archive",
        [b'%', b'P', b'D', b'F', ..] => "a PDF",
        _ => return Ok(()),
    };
    Err(Error::parse(format!("the report is {what}")).at_byte(0).hint("unpack it first"))
}
