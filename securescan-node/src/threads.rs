//! Threads of our own, and waiting for their end when JavaScript lets go of them.

use securescan_core::{Error, ErrorKind, Result};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How long the end of an environment waits for what it started; a tool gets less than that to end.
const GRACE: Duration = Duration::from_secs(5);

/// Tells when a thread is through.
#[derive(Default, Clone)]
pub(crate) struct Ended(Arc<(Mutex<bool>, Condvar)>);

impl Ended {
    /// Waits, for a while.
    pub(crate) fn wait(&self) {
        let (ended, told) = &*self.0;
        let guard = ended.lock().unwrap_or_else(PoisonError::into_inner);
        drop(told.wait_timeout_while(guard, GRACE, |ended| !*ended));
    }
}

/// Sets it, however the thread ends.
struct Tells(Ended);

impl Drop for Tells {
    fn drop(&mut self) {
        let (ended, told) = &*self.0.0;
        *ended.lock().unwrap_or_else(PoisonError::into_inner) = true;
        told.notify_all();
    }
}

/// Starts a thread.
pub(crate) fn start(name: &str, run: impl FnOnce() + Send + 'static) -> Result<Ended> {
    let ended = Ended::default();
    let tells = Tells(ended.clone());
    let spawned = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
        let _tells = tells;
        run();
    });
    spawned.map_err(|e| Error::new(ErrorKind::Io, format!("cannot start a thread: {e}")))?;
    Ok(ended)
}
