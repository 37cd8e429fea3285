//! What findings weigh, told to the garbage collector, and where they are freed: never on the event loop.

use napi::Env;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};

/// About what a finding takes, in bytes.
const FINDING: usize = 1500;
/// About what a handle takes.
const HANDLE: usize = 200;
/// What a row of a selection takes.
const ROW: usize = 4;

/// What a handle holds, in bytes, and whether the garbage collector was told: what is taken back must have been given, or V8 ends
/// the process.
pub(crate) struct Weight {
    bytes: i64,
    is_told: AtomicBool,
}

impl Weight {
    /// Of findings that nobody else holds.
    pub(crate) fn of_findings(count: usize) -> Self {
        Self::of(HANDLE + count.saturating_mul(FINDING))
    }

    /// Of a selection that shares its findings.
    pub(crate) fn of_rows(count: usize) -> Self {
        Self::of(HANDLE + count.saturating_mul(ROW))
    }

    fn of(bytes: usize) -> Self {
        Self { bytes: i64::try_from(bytes).unwrap_or(i64::MAX / 4), is_told: AtomicBool::new(false) }
    }

    /// Tells the garbage collector, once.
    pub(crate) fn tell(&self, env: &Env) {
        if !self.is_told.swap(true, Ordering::Relaxed) && env.adjust_external_memory(self.bytes).is_err() {
            self.is_told.store(false, Ordering::Relaxed);
        }
    }

    /// Takes it back, if it was told.
    pub(crate) fn take_back(&self, env: &Env) {
        if self.is_told.swap(false, Ordering::Relaxed) {
            let _ = env.adjust_external_memory(-self.bytes);
        }
    }
}

static REAPER: LazyLock<Option<Sender<Box<dyn Send>>>> = LazyLock::new(|| {
    let (sender, receiver) = channel::<Box<dyn Send>>();
    let run = move || receiver.into_iter().for_each(drop);
    std::thread::Builder::new().name("securescan-free".into()).spawn(run).ok().map(|_| sender)
});

/// Frees something on another thread: a hundred thousand findings take longer than an event loop should stand still.
pub(crate) fn free(thing: impl Send + 'static) {
    if let Some(reaper) = &*REAPER {
        let _ = reaper.send(Box::new(thing));
    }
}
