//! Stopping a scan: by asking, or by the clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Cancellation and deadline, shared by everything one scan runs.
#[derive(Debug, Clone, Default)]
pub struct Cancel {
    flag: Arc<AtomicBool>,
    deadline: Option<Instant>,
}

impl Cancel {
    /// A token without a deadline.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same flag, with a deadline from now.
    #[must_use]
    pub fn with_timeout(&self, timeout: Option<Duration>) -> Self {
        let wanted = timeout.and_then(|t| Instant::now().checked_add(t));
        let deadline = match (self.deadline, wanted) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Self { flag: Arc::clone(&self.flag), deadline }
    }

    /// Asks everything to stop.
    pub fn cancel(&self) {
        self.flag.store(true, Ordering::Relaxed);
    }

    /// Whether somebody asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.flag.load(Ordering::Relaxed)
    }

    /// Whether the deadline has passed.
    pub fn is_late(&self) -> bool {
        self.deadline.is_some_and(|d| Instant::now() >= d)
    }

    /// Whether work should end now, for either reason. Scanners ask this once a file.
    pub fn should_stop(&self) -> bool {
        self.is_cancelled() || self.is_late()
    }

    /// Time left, if there is a deadline.
    pub fn remaining(&self) -> Option<Duration> {
        self.deadline.map(|d| d.saturating_duration_since(Instant::now()))
    }
}
