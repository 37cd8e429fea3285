//! The error object: what a failed call leaves in `*err`.

use crate::guard::{guard, guard_or};
use crate::status::SecurescanStatus;
use crate::text::{SecurescanStr, write_out};
use crate::version::live;
use securescan_core::{Error, Result, api};

/// What went wrong. Immutable, may be read by several threads, given back with `securescan_error_free`.
#[derive(Debug)]
pub struct SecurescanError {
    status: SecurescanStatus,
    code: &'static str,
    message: String,
    json: String,
}

impl SecurescanError {
    /// An error object of our own, to be released by `securescan_error_free`.
    pub(crate) fn new(error: &Error) -> *mut Self {
        let object = Self {
            status: SecurescanStatus::of(error.kind()),
            code: error.code(),
            message: api::error_text(error),
            json: api::error_json(error),
        };
        live::add();
        Box::into_raw(Box::new(object))
    }
}

/// Writes one view of an error.
///
/// # Safety
/// As the functions below.
unsafe fn view<T>(
    error: *const SecurescanError,
    out: *mut T,
    what: impl FnOnce(&'static SecurescanError) -> T,
) -> SecurescanStatus {
    let body = || -> Result<()> {
        // SAFETY: the caller promises null or a live error object; the view's lifetime is in its documentation.
        let error = unsafe { error.as_ref() }.ok_or_else(|| Error::invalid("`error` is null"))?;
        // SAFETY: the caller promises that `out` is null or may be written.
        unsafe { write_out(out, "out", || what(error)) }
    };
    // SAFETY: no error slot is passed.
    unsafe { guard(std::ptr::null_mut(), body) }
}

/// Writes the status the failed call returned.
///
/// # Safety
/// `error` is null or a live error object; `out` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_error_status(error: *const SecurescanError, out: *mut SecurescanStatus) -> SecurescanStatus {
    // SAFETY: as this function's own.
    guard_or(SecurescanStatus::Internal, || unsafe { view(error, out, |e| e.status) })
}

/// Writes the stable code, for example `parse`. The view lives as long as the program.
///
/// # Safety
/// `error` is null or a live error object; `out` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_error_code(error: *const SecurescanError, out: *mut SecurescanStr) -> SecurescanStatus {
    // SAFETY: as this function's own.
    guard_or(SecurescanStatus::Internal, || unsafe { view(error, out, |e| SecurescanStr::of(e.code)) })
}

/// Writes the message with its place and remedy, one line. The view lives as long as the error object.
///
/// # Safety
/// `error` is null or a live error object; `out` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_error_message(error: *const SecurescanError, out: *mut SecurescanStr) -> SecurescanStatus {
    // SAFETY: as this function's own.
    guard_or(SecurescanStatus::Internal, || unsafe { view(error, out, |e| SecurescanStr::of(&e.message)) })
}

/// Writes the whole error as JSON: `code`, `message` and, where known, `file`, `line`, `column`, `byte`, `hint`.
/// The view lives as long as the error object.
///
/// # Safety
/// `error` is null or a live error object; `out` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_error_json(error: *const SecurescanError, out: *mut SecurescanStr) -> SecurescanStatus {
    // SAFETY: as this function's own.
    guard_or(SecurescanStatus::Internal, || unsafe { view(error, out, |e| SecurescanStr::of(&e.json)) })
}

/// Gives an error object back. Null is fine.
///
/// # Safety
/// `error` is null or an error object that was not freed before and is not used after.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_error_free(error: *mut SecurescanError) {
    guard_or((), || {
        if !error.is_null() {
            // SAFETY: made by `SecurescanError::new`, and the caller promises that it is freed once.
            drop(unsafe { Box::from_raw(error) });
            live::remove();
        }
    });
}
