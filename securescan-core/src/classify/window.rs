//! A moving window over a document: only the piece that is being read is in memory.

use super::json::{Json, Stop};
use std::io::{self, Read};

/// How much is read at once, unless one item is longer. In bytes.
const STEP: usize = 256 << 10;

/// Why a document is not read on.
#[derive(Debug)]
pub(super) enum Halt {
    /// It is left to the model's own reader.
    Odd,
    /// It cannot be read.
    Io(io::Error),
}

impl From<io::Error> for Halt {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

pub(super) struct Window<R> {
    reader: R,
    buffer: Vec<u8>,
    /// What of the buffer holds bytes, and from where they are not used yet.
    filled: usize,
    used: usize,
    /// Where in the document the buffer starts.
    offset: u64,
}

impl<R: Read> Window<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, buffer: vec![0; STEP], filled: 0, used: 0, offset: 0 }
    }

    /// Where in the document the next byte stands.
    pub(super) fn place(&self) -> u64 {
        self.offset + self.used as u64
    }

    /// Reads one thing, with as many more bytes as it takes. What is read is used up.
    pub(super) fn read<T>(&mut self, mut thing: impl FnMut(&mut Json<'_>) -> Result<T, Stop>) -> Result<T, Halt> {
        loop {
            let mut json = Json::new(self.buffer.get(self.used..self.filled).unwrap_or_default());
            match thing(&mut json) {
                Ok(out) => {
                    self.used += json.at;
                    return Ok(out);
                }
                Err(Stop::More) if self.fill()? => {}
                Err(_) => return Err(Halt::Odd),
            }
        }
    }

    /// Whether only white space is left.
    pub(super) fn is_at_end(&mut self) -> io::Result<bool> {
        loop {
            let rest = self.buffer.get(self.used..self.filled).unwrap_or_default();
            if !rest.iter().all(|b| matches!(b, b' ' | b'\n' | b'\r' | b'\t')) {
                return Ok(false);
            }
            self.used = self.filled;
            if !self.fill()? {
                return Ok(true);
            }
        }
    }

    /// Moves on and fills the buffer. A thing that does not fit makes it twice as long, so that reading it again and again stays linear.
    fn fill(&mut self) -> io::Result<bool> {
        self.buffer.copy_within(self.used..self.filled, 0);
        self.offset += self.used as u64;
        self.filled -= self.used;
        self.used = 0;
        if self.filled * 2 > self.buffer.len() {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        let before = self.filled;
        while let Some(room) = self.buffer.get_mut(self.filled..).filter(|room| !room.is_empty()) {
            match self.reader.read(room) {
                Ok(0) => break,
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.filled > before)
    }
}
