//! A scan on a thread of its own, so that Python's signals and callbacks stay with the caller's thread.

use crate::convert;
use crate::documents::{Baseline, Config};
use crate::errors::raise;
use crate::findings::Findings;
use pyo3::prelude::*;
use securescan_core::api::{self, ConfigSource, ScanOptions, Scanned};
use securescan_core::scanners::{self, Event, EventSink};
use securescan_core::{Error, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often signals are looked at.
const TICK: Duration = Duration::from_millis(50);
/// How long the end of the interpreter waits for scans to end.
const AT_EXIT: Duration = Duration::from_secs(5);

/// Scans under way, and what stops them.
static RUNNING: AtomicUsize = AtomicUsize::new(0);
static STOPS: Mutex<Vec<scanners::Cancel>> = Mutex::new(Vec::new());

/// Stops a scan from another thread.
#[pyclass(frozen, module = "securescan", name = "_Cancel")]
pub(crate) struct Cancel(scanners::Cancel);

#[pymethods]
impl Cancel {
    #[new]
    fn new() -> Self {
        Self(scanners::Cancel::new())
    }

    /// Asks the scan to stop.
    fn cancel(&self) {
        self.0.cancel();
    }

    /// Whether that was asked.
    fn cancelled(&self) -> bool {
        self.0.is_cancelled()
    }
}

/// Sends events as they come; the receiver is gone only when nobody listens any more.
struct Send(Mutex<Sender<Told>>);

enum Told {
    Event(serde_json::Value),
    Done(Box<Result<Scanned, Error>>),
}

impl EventSink for Send {
    fn event(&self, event: &Event) {
        let _ = self.0.lock().unwrap_or_else(PoisonError::into_inner).send(Told::Event(event.to_json()));
    }
}

/// Runs a scan; see `securescan.scan`. Gives the findings and what happened beside.
#[pyfunction]
#[pyo3(signature = (options_json, config, baseline, on_event, cancel))]
pub(crate) fn scan<'py>(
    py: Python<'py>,
    options_json: &str,
    config: Option<&Bound<'py, Config>>,
    baseline: Option<&Bound<'py, Baseline>>,
    on_event: Option<&Bound<'py, PyAny>>,
    cancel: &Bound<'py, Cancel>,
) -> PyResult<(Findings, Bound<'py, PyAny>)> {
    let mut options = ScanOptions::from_json(options_json).map_err(|e| raise(py, &e))?;
    if let Some(config) = config {
        options.config = ConfigSource::Given(Box::new(config.get().0.clone()));
    }
    if let Some(baseline) = baseline {
        options.baseline = Some(baseline.get().0.clone());
    }
    options.request.cancel = cancel.get().0.clone();
    let stop = options.request.cancel.clone();
    let events = start(options).map_err(|e| raise(py, &e))?;
    let done = wait(py, &events, on_event, &stop)?.map_err(|e| raise(py, &e))?;
    Ok((Findings(done.processed.findings.clone()), convert::to_py(py, &done.about())?))
}

fn start(options: ScanOptions) -> Result<Mutex<Receiver<Told>>, Error> {
    let (sender, receiver) = channel();
    let stop = options.request.cancel.clone();
    let work = move || {
        let sink = Send(Mutex::new(sender.clone()));
        let caught = catch_unwind(AssertUnwindSafe(|| api::scan(&options, &sink)));
        let fault = || Err(Error::new(ErrorKind::Internal, "the scan ended in an internal fault"));
        let _ = sender.send(Told::Done(Box::new(caught.unwrap_or_else(|_| fault()))));
        RUNNING.fetch_sub(1, Ordering::SeqCst);
    };
    RUNNING.fetch_add(1, Ordering::SeqCst);
    let mut stops = STOPS.lock().unwrap_or_else(PoisonError::into_inner);
    // Those of scans that ended are of no more use.
    if RUNNING.load(Ordering::SeqCst) == 1 {
        stops.clear();
    }
    stops.push(stop);
    drop(stops);
    std::thread::Builder::new().name("securescan".to_owned()).spawn(work).map(|_| Mutex::new(receiver)).map_err(|error| {
        RUNNING.fetch_sub(1, Ordering::SeqCst);
        Error::new(ErrorKind::Internal, format!("no thread to scan on: {error}"))
    })
}

/// Hands events on until the scan ends. A callback that raises, or a signal handler that does, stops the scan; its end is awaited, so that
/// nothing is left running, and the exception goes on.
fn wait(
    py: Python<'_>,
    events: &Mutex<Receiver<Told>>,
    on_event: Option<&Bound<'_, PyAny>>,
    stop: &scanners::Cancel,
) -> PyResult<Result<Scanned, Error>> {
    let mut raised: Option<PyErr> = None;
    loop {
        let told = py.detach(|| events.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(TICK));
        let outcome = match told {
            Ok(Told::Done(done)) => return raised.map_or(Ok(*done), Err),
            Ok(Told::Event(event)) => match on_event.filter(|_| raised.is_none()) {
                Some(callback) => convert::to_py(py, &event).and_then(|event| callback.call1((event,)).map(|_| ())),
                None => Ok(()),
            },
            Err(RecvTimeoutError::Timeout) => Ok(()),
            Err(RecvTimeoutError::Disconnected) => {
                return Err(raise(py, &Error::new(ErrorKind::Internal, "the scan ended without a word")));
            }
        };
        if let Err(error) = outcome.and_then(|()| py.check_signals()) {
            stop.cancel();
            raised.get_or_insert(error);
        }
    }
}

/// Stops every scan and waits for it, within bounds: the interpreter ends.
#[pyfunction]
pub(crate) fn stop_all(py: Python<'_>) {
    for stop in STOPS.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
        stop.cancel();
    }
    let until = Instant::now() + AT_EXIT;
    py.detach(|| {
        while RUNNING.load(Ordering::SeqCst) > 0 && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(10));
        }
    });
}

/// A child process has none of its parent's threads.
#[pyfunction]
pub(crate) fn after_fork() {
    RUNNING.store(0, Ordering::SeqCst);
    if let Ok(mut stops) = STOPS.try_lock() {
        stops.clear();
    }
}
