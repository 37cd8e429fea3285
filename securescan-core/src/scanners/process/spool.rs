//! What a program writes, kept within bounds while it runs.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::process::{ChildStderr, ChildStdout};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// More output than this goes to a file without a name, in bytes.
const IN_MEMORY: usize = 8 << 20;

/// The last part of the error output that is kept, in bytes.
const STDERR_TAIL: usize = 64 << 10;

const BUFFER: usize = 64 << 10;

/// Output so far.
#[derive(Default)]
struct Kept {
    memory: Vec<u8>,
    file: Option<File>,
    length: u64,
    error: Option<std::io::Error>,
}

impl Kept {
    fn add(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.length += bytes.len() as u64;
        if self.file.is_none() && self.memory.len() + bytes.len() > IN_MEMORY {
            let mut file = tempfile::tempfile()?;
            file.write_all(&self.memory)?;
            self.memory = Vec::new();
            self.file = Some(file);
        }
        match &mut self.file {
            Some(file) => file.write_all(bytes),
            None => {
                self.memory.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    fn take(&mut self) -> std::io::Result<Vec<u8>> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        let Some(file) = &mut self.file else { return Ok(std::mem::take(&mut self.memory)) };
        file.rewind()?;
        let mut bytes = Vec::with_capacity(usize::try_from(self.length).unwrap_or_default());
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Standard output, read by a thread of its own.
pub(super) struct Spool {
    kept: Arc<Mutex<Kept>>,
    max: u64,
    done: Receiver<()>,
}

impl Spool {
    /// Starts to read. Reading ends past `max` bytes, which the program sees as a closed pipe.
    pub(super) fn start(pipe: Option<ChildStdout>, max: u64) -> Self {
        let (kept, (sender, done)) = (Arc::new(Mutex::new(Kept::default())), channel());
        if let Some(mut pipe) = pipe {
            let kept = Arc::clone(&kept);
            std::thread::spawn(move || {
                let mut buffer = vec![0u8; BUFFER];
                while let Some(read) = read_some(&mut pipe, &mut buffer) {
                    let mut kept = lock(&kept);
                    if let Err(error) = kept.add(read) {
                        kept.error = Some(error);
                        break;
                    }
                    if kept.length > max {
                        break;
                    }
                }
                drop(sender);
            });
        }
        Self { kept, max, done }
    }

    /// Whether there is more than may be, or it cannot be kept.
    pub(super) fn is_over(&self) -> bool {
        let kept = lock(&self.kept);
        kept.length > self.max
    }

    /// All of it, when the program has ended. Somebody who left the group may still hold the pipe: then what there is after
    /// `patience`.
    pub(super) fn take(&self, patience: Duration) -> std::io::Result<Vec<u8>> {
        let _ = self.done.recv_timeout(patience);
        let mut kept = lock(&self.kept);
        if kept.length > self.max { Ok(Vec::new()) } else { kept.take() }
    }
}

/// The end of the error output, read by a thread of its own.
pub(super) struct Tail {
    kept: Arc<Mutex<Vec<u8>>>,
    done: Receiver<()>,
}

impl Tail {
    /// Starts to read.
    pub(super) fn start(pipe: Option<ChildStderr>) -> Self {
        let (kept, (sender, done)) = (Arc::new(Mutex::new(Vec::new())), channel());
        if let Some(mut pipe) = pipe {
            let kept = Arc::clone(&kept);
            std::thread::spawn(move || {
                let mut buffer = vec![0u8; BUFFER];
                while let Some(read) = read_some(&mut pipe, &mut buffer) {
                    let mut kept = lock(&kept);
                    kept.extend_from_slice(read);
                    if kept.len() > 2 * STDERR_TAIL {
                        let excess = kept.len() - STDERR_TAIL;
                        kept.drain(..excess);
                    }
                }
                drop(sender);
            });
        }
        Self { kept, done }
    }

    /// What it said last, trimmed; waits for the rest as [`Spool::take`] does.
    pub(super) fn take(&self, patience: Duration) -> String {
        let _ = self.done.recv_timeout(patience);
        let kept = lock(&self.kept);
        let tail = kept.get(kept.len().saturating_sub(STDERR_TAIL)..).unwrap_or_default();
        String::from_utf8_lossy(tail).trim().to_owned()
    }
}

/// The next bytes; none at the end or on an error, which for a pipe is the end.
fn read_some<'b>(pipe: &mut impl Read, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
    loop {
        match pipe.read(buffer) {
            Ok(0) => return None,
            Ok(count) => return buffer.get(..count),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}
