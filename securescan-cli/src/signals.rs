//! Ctrl-C and SIGTERM: the first asks the scan to stop, so that what was found is still written; the second ends at once.

use crate::exit::Exit;
use securescan_core::scanners::Cancel;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Which signal asked to stop.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interrupt(Arc<AtomicUsize>);

impl Interrupt {
    /// Cancels a scan when a signal comes.
    pub(crate) fn watch(cancel: &Cancel) -> Self {
        let seen = Self::default();
        #[cfg(unix)]
        {
            use signal_hook::consts::{SIGINT, SIGTERM};
            use signal_hook::iterator::Signals;
            let (seen, cancel) = (seen.clone(), cancel.clone());
            if let Ok(mut signals) = Signals::new([SIGINT, SIGTERM]) {
                std::thread::spawn(move || {
                    for signal in signals.forever() {
                        if seen.0.swap(signal.unsigned_abs() as usize, Ordering::SeqCst) != 0 {
                            std::process::exit(128 + signal);
                        }
                        cancel.cancel();
                    }
                });
            }
        }
        let _ = cancel;
        seen
    }

    /// The exit a signal asks for.
    pub(crate) fn exit(&self) -> Option<Exit> {
        match self.0.load(Ordering::SeqCst) {
            0 => None,
            15 => Some(Exit::Terminated),
            _ => Some(Exit::Interrupted),
        }
    }
}
