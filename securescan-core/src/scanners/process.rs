//! The process runner: the only place that spawns. No shell, own process group, time and output limits, killed as a group.

use super::Cancel;
use crate::{Error, ErrorKind, Result};
use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// Environment variables a child may see; everything else is withheld.
const ENV_ALLOWED: &[&str] = &["PATH", "HOME", "LANG", "TMPDIR", "SystemRoot", "USERPROFILE"];

/// The last part of the error output that is kept for messages, in bytes.
const STDERR_TAIL: usize = 64 << 10;

/// One run of a program.
#[derive(Debug)]
pub(crate) struct Run<'a> {
    /// Program, by name (found on PATH) or path.
    pub program: &'a str,
    /// Arguments.
    pub args: Vec<OsString>,
    /// Working folder.
    pub cwd: PathBuf,
    /// Written to standard input, which is then closed.
    pub stdin: Vec<u8>,
    /// Extra environment.
    pub env: Vec<(&'static str, &'static str)>,
    /// More output than this is an error, in bytes.
    pub max_stdout: usize,
    /// Stops the program.
    pub cancel: Cancel,
}

/// What a program said.
#[derive(Debug)]
pub(crate) struct Output {
    /// Exit code; `None` when killed by a signal.
    pub code: Option<i32>,
    /// Standard output, whole.
    pub stdout: Vec<u8>,
    /// The end of the error output, lossy UTF-8, trimmed.
    pub stderr: String,
}

/// Kills the whole group when dropped, so that a panic or early return leaves no process behind.
struct Group(Child);

impl Group {
    fn kill(&mut self) {
        #[cfg(unix)]
        if let Some(pid) = i32::try_from(self.0.id()).ok().and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            self.kill();
        }
    }
}

/// Starts a program in its own group with the allowed environment and three pipes.
fn spawn(spec: &Run<'_>) -> Result<Child> {
    let mut command = Command::new(spec.program);
    command.args(&spec.args).current_dir(&spec.cwd).env_clear();
    for name in ENV_ALLOWED {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command.envs(spec.env.iter().copied()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn().map_err(|e| Error::new(ErrorKind::Scanner, format!("`{}` could not be started: {e}", spec.program)))
}

/// A program whose output is read while it runs. Dropping it kills the program.
pub(crate) struct Stream {
    group: Group,
    program: String,
    chunks: Receiver<std::io::Result<Vec<u8>>>,
    chunk: Vec<u8>,
    at: usize,
    errors: Option<std::thread::JoinHandle<String>>,
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
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let input = spec.stdin;
    if let Some(mut pipe) = stdin {
        std::thread::spawn(move || drop(pipe.write_all(&input)));
    }
    let (sender, chunks) = std::sync::mpsc::sync_channel(CHUNKS);
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
    let errors = stderr.map(|pipe| std::thread::spawn(move || tail(pipe)));
    let program = spec.program.to_owned();
    Ok(Stream { group: Group(child), program, chunks, chunk: Vec::new(), at: 0, errors, cancel: spec.cancel })
}

impl Stream {
    /// Waits for the end of the program, whose output has been read to the end.
    ///
    /// # Errors
    /// `scanner` with the program's last words when it failed.
    pub(crate) fn finish(mut self) -> Result<()> {
        let status = self.group.0.wait();
        if status.is_ok_and(|s| s.success()) {
            return Ok(());
        }
        let said = self.errors.take().and_then(|h| h.join().ok()).unwrap_or_default();
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

/// Runs a program to its end.
///
/// # Errors
/// `scanner` when it cannot be started or says too much; `cancelled` when stopped by request or deadline.
pub(crate) fn run(spec: Run<'_>) -> Result<Output> {
    let failed = |text: String| Error::new(ErrorKind::Scanner, text);
    let mut child = spawn(&spec)?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let mut group = Group(child);
    let input = spec.stdin;
    let feeder = stdin.map(|mut pipe| std::thread::spawn(move || drop(pipe.write_all(&input))));
    let max = spec.max_stdout;
    let reader = stdout.map(|pipe| {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = pipe.take(max as u64 + 1).read_to_end(&mut bytes);
            bytes
        })
    });
    let errors = stderr.map(|pipe| std::thread::spawn(move || tail(pipe)));
    let mut pause = Duration::from_micros(200);
    let status = loop {
        match group.0.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) => {}
            Err(e) => return Err(failed(format!("`{}` could not be waited for: {e}", spec.program))),
        }
        if spec.cancel.should_stop() {
            group.kill();
            return Err(Error::new(ErrorKind::Cancelled, format!("`{}` was stopped", spec.program)));
        }
        if reader.as_ref().is_some_and(std::thread::JoinHandle::is_finished) && pause > Duration::from_millis(50) {
            // Output is over or too long: a program that goes on writing past the limit would block for ever.
            let start = Instant::now();
            while matches!(group.0.try_wait(), Ok(None)) && start.elapsed() < Duration::from_secs(2) {
                std::thread::sleep(Duration::from_millis(10));
            }
            if matches!(group.0.try_wait(), Ok(None)) {
                group.kill();
            }
            continue;
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(60));
    };
    drop(feeder.map(std::thread::JoinHandle::join));
    let stdout = reader.and_then(|h| h.join().ok()).unwrap_or_default();
    let stderr = errors.and_then(|h| h.join().ok()).unwrap_or_default();
    if stdout.len() > max {
        return Err(failed(format!("`{}` wrote more than {max} bytes", spec.program)));
    }
    Ok(Output { code: status.code(), stdout, stderr })
}

fn tail(mut pipe: impl Read) -> String {
    let mut kept = Vec::new();
    let mut buffer = [0u8; 8192];
    while let Ok(n @ 1..) = pipe.read(&mut buffer) {
        kept.extend_from_slice(buffer.get(..n).unwrap_or_default());
        if kept.len() > 2 * STDERR_TAIL {
            kept.drain(..kept.len() - STDERR_TAIL);
        }
    }
    String::from_utf8_lossy(&kept).trim().to_owned()
}
