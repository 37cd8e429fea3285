//! Patience: what is worth another try, how long to wait for it, and when to give up.

use super::wire::{Answer, Lost, Wire};
use crate::scanners::Cancel;
use crate::{Error, ErrorKind, Result};
use std::cell::Cell;
use std::time::{Duration, Instant, SystemTime};

/// The longest that a whole run waits for the host.
pub const MAX_WAIT: Duration = Duration::from_secs(15 * 60);
/// How often one request is sent.
const MAX_TRIES: u32 = 6;
/// Between two calls that write, as GitHub asks for.
const BETWEEN_WRITES: Duration = Duration::from_secs(1);
/// What a secondary limit without further word asks for, at least.
const SECONDARY: u64 = 60;

/// The time, so that tests need not wait.
pub trait Clock {
    /// Seconds since 1970.
    fn now(&self) -> u64;

    /// Waits; false when somebody asked to stop.
    fn sleep(&self, time: Duration) -> bool;
}

/// The machine's time.
#[derive(Debug, Clone, Default)]
pub struct SystemClock(pub Cancel);

impl Clock for SystemClock {
    fn now(&self) -> u64 {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }

    fn sleep(&self, time: Duration) -> bool {
        let until = Instant::now() + time;
        while !self.0.should_stop() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            std::thread::sleep(left.min(Duration::from_millis(100)));
        }
        false
    }
}

/// A failure of a call that writes.
#[derive(Debug)]
pub struct Failure {
    /// What went wrong.
    pub error: Error,
    /// Whether the host may have done it all the same, so that it must be asked before anything is sent again.
    pub unsure: bool,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, unsure: false }
    }
}

/// A way to the host, with patience.
pub struct Session<'a> {
    wire: &'a dyn Wire,
    clock: &'a dyn Clock,
    max_wait: Duration,
    waited: Cell<Duration>,
    wrote: Cell<bool>,
}

impl std::fmt::Debug for Session<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("max_wait", &self.max_wait).field("waited", &self.waited).finish_non_exhaustive()
    }
}

impl<'a> Session<'a> {
    /// With the longest that all waiting together may take.
    pub fn new(wire: &'a dyn Wire, clock: &'a dyn Clock, max_wait: Duration) -> Self {
        Self { wire, clock, max_wait, waited: Cell::new(Duration::ZERO), wrote: Cell::new(false) }
    }

    /// Reads; refusals are answers.
    pub(super) fn get(&self, target: &str, what: &str) -> Result<Answer> {
        self.send("GET", target, None, what).map_err(|failure| failure.error)
    }

    /// Writes; refusals are answers.
    pub(super) fn write(&self, method: &'static str, target: &str, body: &[u8], what: &str) -> Result<Answer, Failure> {
        if self.wrote.replace(true) {
            self.wait(BETWEEN_WRITES, what)?;
        }
        self.send(method, target, Some(body), what)
    }

    /// Sends until there is an answer that waiting would not change.
    fn send(&self, method: &'static str, target: &str, body: Option<&[u8]>, what: &str) -> Result<Answer, Failure> {
        let repeatable = method != "POST";
        for attempt in 1.. {
            let last = attempt >= MAX_TRIES;
            match self.wire.send(method, target, body) {
                Err(Lost::Stopped) => return Err(Error::new(ErrorKind::Cancelled, "publishing was stopped").into()),
                Err(Lost::Refused(error)) => return Err(error.into()),
                Err(Lost::Broken(why)) if last || !repeatable => return Err(broken(what, &why, !repeatable)),
                Err(Lost::Unsent(why)) if last => return Err(broken(what, &why, false)),
                Err(_) => self.back_off(attempt)?,
                Ok(answer) => match self.asked_to_wait(&answer, attempt) {
                    Some(time) if last => return Err(limited(what, time).into()),
                    Some(time) => self.wait(time, what)?,
                    None if answer.status < 500 => return Ok(answer),
                    None if last || !repeatable => {
                        let why = format!("it answered {}", answer.status);
                        return Err(broken(what, &why, !repeatable));
                    }
                    None => self.back_off(attempt)?,
                },
            }
        }
        Err(broken(what, "no answer", true))
    }

    /// How long the host asks to wait; none when it does not.
    ///
    /// # Source
    /// GitHub, "Rate limits for the REST API": `retry-after`, else `x-ratelimit-reset` when nothing remains, else a minute and more.
    fn asked_to_wait(&self, answer: &Answer, attempt: u32) -> Option<Duration> {
        if !matches!(answer.status, 403 | 429 | 503) {
            return None;
        }
        let number = |name| answer.header(name).and_then(|value| value.trim().parse::<u64>().ok());
        if let Some(seconds) = number("retry-after") {
            return Some(Duration::from_secs(seconds.max(1)));
        }
        if answer.status == 503 {
            return None;
        }
        if number("x-ratelimit-remaining") == Some(0) {
            let reset = number("x-ratelimit-reset").unwrap_or_default();
            return Some(Duration::from_secs(reset.saturating_sub(self.clock.now()).saturating_add(1)));
        }
        let said = super::explain::said(answer).to_lowercase();
        let secondary = answer.status == 429 || said.contains("secondary rate limit") || said.contains("abuse detection");
        secondary.then(|| Duration::from_secs(SECONDARY << (attempt - 1).min(3)))
    }

    /// Waits before another try: 1, 2, 4, … seconds.
    ///
    /// # Errors
    /// `cancelled`; `io` when the run has waited long enough.
    pub(super) fn back_off(&self, attempt: u32) -> Result<()> {
        self.wait(Duration::from_secs(1 << (attempt - 1).min(5)), "go on")
    }

    fn wait(&self, time: Duration, what: &str) -> Result<()> {
        let total = self.waited.get().saturating_add(time);
        if total > self.max_wait {
            return Err(limited(what, time));
        }
        self.waited.set(total);
        if self.clock.sleep(time) { Ok(()) } else { Err(Error::new(ErrorKind::Cancelled, "publishing was stopped")) }
    }
}

fn limited(what: &str, time: Duration) -> Error {
    Error::new(
        ErrorKind::Io,
        format!("GitHub: cannot {what}: it asks to wait {} s more, which is too long (rate limit)", time.as_secs()),
    )
    .hint("run it again later; it goes on where it stopped")
}

fn broken(what: &str, why: &str, unsure: bool) -> Failure {
    let error = Error::new(ErrorKind::Io, format!("GitHub: cannot {what}: {why}"));
    Failure { error: error.hint("run it again; it goes on where it stopped"), unsure }
}
