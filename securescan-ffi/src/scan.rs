//! Scans, and stopping them.

use crate::error::SecurescanError;
use crate::guard::guarded;
use crate::handle::{self, SecurescanBaseline, SecurescanCancel, SecurescanConfig, SecurescanFindings, give, optional, take};
use crate::status::SecurescanStatus;
use crate::text::{SecurescanBytes, SecurescanStr, write_out};
use securescan_core::api::{self, ConfigSource, ScanOptions};
use securescan_core::baseline::Baseline;
use securescan_core::config::Config;
use securescan_core::scanners::{Cancel, Event, EventSink};
use std::ffi::c_void;
use std::sync::{Mutex, PoisonError};

/// Gets each event of a scan as JSON: `{"event":"scanner.start","name":"secrets"}`. `event` lives until the callback returns.
///
/// Called from the threads of the scan, never twice at once. It may call back into the library, must not unwind, and stops the scan by
/// returning anything but 0.
pub type SecurescanEventCallback = Option<unsafe extern "C" fn(user_data: *mut c_void, event: SecurescanStr) -> i32>;

/// The caller's function with its data. The lock keeps calls apart.
struct Listener {
    callback: SecurescanEventCallback,
    user_data: Mutex<UserData>,
    cancel: Cancel,
}

struct UserData(*mut c_void);

// SAFETY: the library hands the pointer on and never follows it; that it may be used from the threads of the scan is the caller's promise.
unsafe impl Send for UserData {}

impl EventSink for Listener {
    fn event(&self, event: &Event) {
        let Some(callback) = self.callback else { return };
        let user_data = self.user_data.lock().unwrap_or_else(PoisonError::into_inner);
        let text = event.to_json().to_string();
        // SAFETY: the caller promises a function of this type that takes its own data; the text outlives the call.
        if unsafe { callback(user_data.0, SecurescanStr::of(&text)) } != 0 {
            self.cancel.cancel();
        }
    }
}

/// Scans a folder, a file, a URL or a host, through the whole pipeline. Blocks until the end.
///
/// `options` is a JSON object with `target` and, as wanted, `types`, `scanners`, `timeout`, `online`, … (the reference lists them). `config` and
/// `baseline` may be null; then `config_file`, `baseline_file` or the configuration found at the target count. `cancel` may be null;
/// `securescan_cancel_request` on it stops the scan from another thread, and `*out` gets what there is, with `"cancelled":true` beside.
/// `callback` may be null. `beside` may be null; else it gets `{"suppressed":{…},"overridden":n,"notices":[…],"root":…,"config_file":…,
/// "cancelled":…,"complete":…}`. A scanner that fails is no error: the coverage in the snapshot says so.
///
/// # Safety
/// `options` is readable for the length given; `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_scan(
    options: SecurescanStr,
    config: *const SecurescanConfig,
    baseline: *const SecurescanBaseline,
    cancel: *const SecurescanCancel,
    callback: SecurescanEventCallback,
    user_data: *mut c_void,
    beside: *mut SecurescanBytes,
    out: *mut *mut SecurescanFindings,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe {
        guarded(out, err, || {
            let mut options = ScanOptions::from_json(options.text("options")?)?;
            if let Some(config) = optional::<Config>(config, "config")? {
                options.config = ConfigSource::Given(Box::new((*config).clone()));
            }
            if let Some(baseline) = optional::<Baseline>(baseline, "baseline")? {
                options.baseline = Some((*baseline).clone());
            }
            if let Some(cancel) = optional::<Cancel>(cancel, "cancel")? {
                options.request.cancel = (*cancel).clone();
            }
            let listener =
                Listener { callback, user_data: Mutex::new(UserData(user_data)), cancel: options.request.cancel.clone() };
            let done = api::scan(&options, &listener)?;
            if !beside.is_null() {
                write_out(beside, "beside", || SecurescanBytes::new(done.about().to_string()))?;
            }
            Ok(give(done.processed.findings))
        })
    }
}

/// Makes something that stops a scan.
///
/// # Safety
/// `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_cancel_new(
    out: *mut *mut SecurescanCancel,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe { guarded(out, err, || Ok(give(Cancel::new()))) }
}

/// Asks the scans that were given this handle to stop; at once, from any thread, as often as wanted. `*out` gets 1 when it was asked
/// before, else 0.
///
/// # Safety
/// `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_cancel_request(
    cancel: *const SecurescanCancel,
    out: *mut i32,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe {
        guarded(out, err, || {
            let cancel = take::<Cancel>(cancel, "cancel")?;
            let before = cancel.is_cancelled();
            cancel.cancel();
            Ok(i32::from(before))
        })
    }
}

/// Gives it back. Null is fine; a second time is refused.
#[unsafe(no_mangle)]
pub extern "C" fn securescan_cancel_free(handle: *mut SecurescanCancel) -> SecurescanStatus {
    // `free` runs inside the guard.
    handle::free::<Cancel>(handle)
}
