//! Scans, listening to them, and stopping them.

use crate::documents::{Baseline, Config};
use crate::error::{SecurescanError, caught, guard};
use crate::findings::Findings;
use crate::live::Live;
use crate::steps::Processed;
use securescan_core::api::{self, ConfigSource, ScanOptions, Scanned};
use securescan_core::scanners::{self, Event, EventSink, NoEvents};
use securescan_core::{Error, ErrorKind, Result};
use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// Stops scans, from any thread.
#[derive(uniffi::Object)]
pub struct Cancel {
    inner: scanners::Cancel,
    _live: Live,
}

#[uniffi::export]
impl Cancel {
    /// One that nobody has asked yet.
    #[uniffi::constructor]
    #[allow(clippy::new_without_default, reason = "the other languages know no `default`")]
    pub fn new() -> Self {
        Self { inner: scanners::Cancel::new(), _live: Live::new() }
    }

    /// Asks the scans that were given this object to stop; as often as wanted.
    pub fn cancel(&self) {
        self.inner.cancel();
    }

    /// Whether that was asked.
    pub fn is_cancelled(&self) -> bool {
        self.inner.is_cancelled()
    }
}

/// What a listener throws to stop the scan. Anything else it throws stops the scan too.
#[derive(Debug, uniffi::Error)]
pub enum ListenerError {
    /// It does not want any more.
    Stopped {
        /// Why.
        reason: String,
    },
}

impl fmt::Display for ListenerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Stopped { reason } = self;
        f.write_str(reason)
    }
}

impl std::error::Error for ListenerError {}

impl From<uniffi::UnexpectedUniFFICallbackError> for ListenerError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Stopped { reason: error.reason }
    }
}

/// Hears of a scan while it runs.
#[uniffi::export(foreign)]
pub trait EventListener: Send + Sync {
    /// One event as JSON: `{"event":"scanner.start","name":"secrets"}`. Called on the thread that called `scan`. What it throws stops the scan,
    /// which then fails with `Cancelled`.
    fn on_event(&self, event: String) -> Result<(), ListenerError>;
}

/// Scans a folder, a file, a URL or a host, through the whole pipeline; returns at the end.
///
/// `options` is a JSON object with `target` and, as wanted, `types`, `scanners`, `timeout`, `online`, … (the reference lists them). Without
/// `config` and `baseline`, `config_file`, `baseline_file` or the configuration found at the target count. Stopped by `cancel`, it gives what
/// there is. A scanner that fails is no error: the coverage says so.
#[uniffi::export(default(config = None, baseline = None, cancel = None, listener = None))]
pub fn scan(
    options: &str,
    config: Option<Arc<Config>>,
    baseline: Option<Arc<Baseline>>,
    cancel: Option<Arc<Cancel>>,
    listener: Option<Arc<dyn EventListener>>,
) -> Result<Processed, SecurescanError> {
    guard(|| {
        let mut options = ScanOptions::from_json(options)?;
        if let Some(config) = config {
            options.config = ConfigSource::Given(Box::new(config.inner.clone()));
        }
        if let Some(baseline) = baseline {
            options.baseline = Some(baseline.inner.clone());
        }
        if let Some(cancel) = cancel {
            options.request.cancel = cancel.inner.clone();
        }
        let done = match listener {
            Some(listener) => heard(&options, &*listener)?,
            None => api::scan(&options, &NoEvents)?,
        };
        Ok(Processed { about: done.about().to_string(), findings: Findings::shared(done.processed.findings) })
    })
}

/// Hands events to the thread that waits.
struct Hand {
    to: SyncSender<String>,
    stop: scanners::Cancel,
}

impl EventSink for Hand {
    fn event(&self, event: &Event) {
        if self.to.send(event.to_json().to_string()).is_err() {
            // Nobody waits any more: the call of the listener ended in a fault.
            self.stop.cancel();
        }
    }
}

/// Scans on a thread of its own and calls the listener on this one: Ruby's lock is held by the caller, so a call from another thread would
/// never come back.
fn heard(options: &ScanOptions, listener: &dyn EventListener) -> Result<Scanned> {
    // Without room: the scan waits at an event until the listener is done with the one before, so that a stop is not too late.
    let (to, events) = sync_channel(0);
    let hand = Hand { to, stop: options.request.cancel.clone() };
    thread::scope(|scope| {
        let work = move || caught(|| api::scan(options, &hand));
        let scanning = thread::Builder::new().name("securescan".to_owned()).spawn_scoped(scope, work);
        let scanning = scanning.map_err(|e| Error::new(ErrorKind::Internal, format!("no thread to scan on: {e}")))?;
        let stopped = hand_on(events, options, listener);
        let done = scanning.join().unwrap_or_else(|_| Err(Error::new(ErrorKind::Internal, "unexpected fault")))?;
        stopped.map_or(Ok(done), |why| {
            let why = why.to_string();
            let line = why.lines().next().unwrap_or_default();
            Err(Error::new(ErrorKind::Cancelled, format!("the listener stopped the scan: {line}")))
        })
    })
}

/// Until the scan ends; gives why the listener stopped it, if it did. Owns its end of the channel, so that a fault in the listener lets go of
/// the scan, which would wait for ever.
fn hand_on(events: Receiver<String>, options: &ScanOptions, listener: &dyn EventListener) -> Option<ListenerError> {
    let mut stopped = None;
    for event in events {
        if stopped.is_none() {
            stopped = listener.on_event(event).err();
            if stopped.is_some() {
                options.request.cancel.cancel();
            }
        }
    }
    stopped
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;
    use crate::live::live_objects;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/weak-shop");

    fn options() -> String {
        serde_json::json!({ "target": SHOP, "scanners": ["dockerfile"], "online": false }).to_string()
    }

    struct Counts(AtomicUsize);

    impl EventListener for Counts {
        fn on_event(&self, event: String) -> Result<(), ListenerError> {
            assert!(event.starts_with('{'));
            self.0.fetch_add(1, Ordering::Relaxed);
            Ok(())
        }
    }

    struct Panics;

    impl EventListener for Panics {
        fn on_event(&self, _event: String) -> Result<(), ListenerError> {
            panic!("boom")
        }
    }

    #[test]
    fn a_listener_hears_and_is_let_go() {
        let listener = Arc::new(Counts(AtomicUsize::new(0)));
        let before = live_objects();
        let done = scan(&options(), None, None, None, Some(listener.clone())).unwrap();
        assert!(!done.findings.is_empty());
        assert!(listener.0.load(Ordering::Relaxed) >= 4);
        assert_eq!((Arc::strong_count(&listener), live_objects()), (1, before + 1));
    }

    #[test]
    fn a_listener_that_panics_is_an_internal_fault() {
        let outcome = scan(&options(), None, None, None, Some(Arc::new(Panics)));
        assert!(matches!(outcome, Err(SecurescanError::Internal { .. })));
    }
}
