//! A scan as a future, for any executor: it runs on threads of its own, so nothing that awaits it is blocked.

use super::{Cancel, EventSink, RawScan, ScanRequest, scan};
use crate::{Error, ErrorKind, Result};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

/// A scan under way. Awaiting it gives what [`scan`] gives; dropping it before the end cancels the scan and kills what it runs.
#[must_use = "a scan that is dropped is cancelled"]
pub struct Scanning {
    shared: Arc<Shared>,
    cancel: Cancel,
    done: bool,
}

impl std::fmt::Debug for Scanning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scanning").field("done", &self.done).finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    result: Option<Result<RawScan>>,
    waker: Option<Waker>,
}

/// Starts a scan; events come from its threads.
pub fn scan_async(request: ScanRequest, events: Arc<dyn EventSink + Send + Sync>) -> Scanning {
    let shared = Arc::new(Shared::default());
    let cancel = request.cancel.clone();
    let theirs = Arc::clone(&shared);
    let work = move || {
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| scan(&request, &*events)));
        let fault = || Err(Error::new(ErrorKind::Internal, "the scan ended in an internal fault"));
        theirs.finish(caught.unwrap_or_else(|_| fault()));
    };
    if let Err(error) = std::thread::Builder::new().name("securescan".to_owned()).spawn(work) {
        shared.finish(Err(Error::new(ErrorKind::Internal, format!("no thread to scan on: {error}"))));
    }
    Scanning { shared, cancel, done: false }
}

impl Shared {
    fn finish(&self, result: Result<RawScan>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.result = Some(result);
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
    }
}

impl Future for Scanning {
    type Output = Result<RawScan>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let taken = {
            let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
            let taken = state.result.take();
            if taken.is_none() {
                state.waker = Some(context.waker().clone());
            }
            taken
        };
        match taken {
            Some(result) => {
                self.done = true;
                Poll::Ready(result)
            }
            None => Poll::Pending,
        }
    }
}

impl Drop for Scanning {
    fn drop(&mut self) {
        if !self.done {
            self.cancel.cancel();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scanners::NoEvents;

    struct Unpark(std::thread::Thread);

    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    fn block_on<F: Future + Unpin>(mut future: F) -> F::Output {
        let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
        loop {
            match Pin::new(&mut future).poll(&mut Context::from_waker(&waker)) {
                Poll::Ready(output) => return output,
                Poll::Pending => std::thread::park(),
            }
        }
    }

    #[test]
    fn awaiting_gives_what_scanning_gives_and_dropping_cancels() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("Dockerfile"), "FROM scratch\nADD http://x/y /y\n").unwrap();
        let mut request = ScanRequest::new(folder.path());
        request.scanners = vec!["dockerfile".to_owned()];
        let raw = block_on(scan_async(request.clone(), Arc::new(NoEvents))).unwrap();
        assert_eq!(raw.findings.len(), scan(&request, &NoEvents).unwrap().findings.len());
        assert!(!raw.findings.is_empty());

        let missing = ScanRequest::new(folder.path().join("no"));
        assert_eq!(block_on(scan_async(missing, Arc::new(NoEvents))).unwrap_err().code(), "io");

        let dropped = ScanRequest::new(folder.path());
        drop(scan_async(dropped.clone(), Arc::new(NoEvents)));
        assert!(dropped.cancel.is_cancelled());
    }
}
