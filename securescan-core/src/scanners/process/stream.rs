//! A program whose output is read while it runs.

use super::group::Group;
use super::spool::Tail;
use super::{Cancel, Run, feed, name, spawn};
use crate::{Error, ErrorKind, Result};
use std::io::Read;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

/// A running program. Dropping it kills the program.
pub(crate) struct Stream {
    group: Group,
    program: String,
    chunks: Receiver<std::io::Result<Vec<u8>>>,
    chunk: Vec<u8>,
    at: usize,
    errors: Tail,
    grace: Duration,
    cancel: Cancel,
}

/// Size and number of the pieces in which output waits to be read.
const CHUNK: usize = 64 << 10;
const CHUNKS: usize = 8;

/// Starts a program and gives its output piece by piece; at most half a MiB waits. `max_stdout` is not looked at.
///
/// # Errors
/// `scanner` when it cannot be started.
pub(crate) fn stream(spec: Run<'_>) -> Result<Stream> {
    let mut child = spawn(&spec)?;
    feed(&mut child, spec.stdin);
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (sender, chunks) = sync_channel(CHUNKS);
    if let Some(mut pipe) = stdout {
        std::thread::spawn(move || {
            loop {
                let mut chunk = vec![0; CHUNK];
                let read = pipe.read(&mut chunk).map(|n| {
                    chunk.truncate(n);
                    chunk
                });
                let last = read.as_ref().map_or(true, Vec::is_empty);
                if sender.send(read).is_err() || last {
                    return;
                }
            }
        });
    }
    Ok(Stream {
        group: Group::new(child, spec.grace, spec.watched),
        program: name(spec.program),
        chunks,
        chunk: Vec::new(),
        at: 0,
        errors: Tail::start(stderr),
        grace: spec.grace,
        cancel: spec.cancel,
    })
}

impl Stream {
    /// Waits for the end of the program, whose output has been read to the end.
    ///
    /// # Errors
    /// `scanner` with the program's last words when it failed.
    pub(crate) fn finish(mut self) -> Result<()> {
        if self.group.wait().is_ok_and(|s| s.success()) {
            return Ok(());
        }
        let said = self.errors.take(self.grace);
        let said = said.lines().last().unwrap_or("no message").to_owned();
        Err(Error::new(ErrorKind::Scanner, format!("`{}`: {said}", self.program)))
    }

    /// The next piece; empty at the end.
    fn next_chunk(&mut self) -> std::io::Result<Vec<u8>> {
        loop {
            if self.cancel.should_stop() {
                return Err(std::io::Error::other("stopped"));
            }
            match self.chunks.recv_timeout(Duration::from_millis(50)) {
                Ok(chunk) => return chunk,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(Vec::new()),
            }
        }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.at >= self.chunk.len() {
            self.chunk = self.next_chunk()?;
            self.at = 0;
        }
        let rest = self.chunk.get(self.at..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(rest) {
            *to = *from;
        }
        self.at += count;
        Ok(count)
    }
}
