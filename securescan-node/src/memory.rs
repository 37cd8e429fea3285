//! What findings weigh, told to the garbage collector, and where they are freed: never on the event loop.

use napi::Env;
use std::sync::LazyLock;
use std::sync::mpsc::{Sender, channel};

/// About what a finding takes, in bytes.
const FINDING: usize = 1500;
/// About what a handle takes.
const HANDLE: usize = 200;

/// The weight of findings that nobody else holds.
pub(crate) fn of_findings(count: usize) -> i64 {
    i64::try_from(HANDLE + count.saturating_mul(FINDING)).unwrap_or(i64::MAX / 4)
}

/// The weight of a selection that shares its findings.
pub(crate) fn of_rows(count: usize) -> i64 {
    i64::try_from(HANDLE + count.saturating_mul(4)).unwrap_or(i64::MAX / 4)
}

/// Tells the garbage collector; a failure only makes it less well informed.
pub(crate) fn tell(env: &Env, weight: i64) {
    let _ = env.adjust_external_memory(weight);
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
