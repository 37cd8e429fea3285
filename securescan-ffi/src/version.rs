//! What the caller checks at load time, and at the end.

use crate::guard::guard_or;
use crate::text::SecurescanStr;

/// The version of the binary interface this header describes. Raised when a symbol or signature changes or goes.
pub const SECURESCAN_ABI_VERSION: u32 = 1;

/// The number of buffers and error objects handed out and not yet given back.
pub(crate) mod live {
    use std::sync::atomic::{AtomicU64, Ordering};

    static LIVE: AtomicU64 = AtomicU64::new(0);

    pub(crate) fn add() {
        LIVE.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn remove() {
        LIVE.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn count() -> u64 {
        LIVE.load(Ordering::Relaxed)
    }
}

/// The version of the binary interface of the loaded library: compare it with `SECURESCAN_ABI_VERSION` once, at start.
#[unsafe(no_mangle)]
pub extern "C" fn securescan_abi_version() -> u32 {
    guard_or(0, || SECURESCAN_ABI_VERSION)
}

/// The version of the engine, for example `0.1.0`. The view lives as long as the program.
#[unsafe(no_mangle)]
pub extern "C" fn securescan_version() -> SecurescanStr {
    guard_or(SecurescanStr::EMPTY, || SecurescanStr::of(securescan_core::VERSION))
}

/// How many buffers and error objects the caller still owns: 0 when everything was given back.
#[unsafe(no_mangle)]
pub extern "C" fn securescan_live_handles() -> u64 {
    guard_or(0, live::count)
}
