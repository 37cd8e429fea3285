//! The one way into and out of a call: arguments are checked, outputs written, panics turned into `internal`.

use crate::error::SecurescanError;
use crate::status::SecurescanStatus;
use securescan_core::{Error, ErrorKind, Result};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs the body of a fallible function; its error goes to `*err` if the caller asked for it.
///
/// # Safety
/// `err` is null or valid for one pointer-sized write.
pub(crate) unsafe fn guard(err: *mut *mut SecurescanError, body: impl FnOnce() -> Result<()>) -> SecurescanStatus {
    let error = match caught(body) {
        Ok(()) => return SecurescanStatus::Ok,
        Err(error) => error,
    };
    let status = SecurescanStatus::of(error.kind());
    if !err.is_null() {
        // A panic while describing an error must not cross the border either: then the caller gets the number alone.
        if let Ok(owned) = catch_unwind(AssertUnwindSafe(|| SecurescanError::new(&error))) {
            // SAFETY: the caller promises that a non-null `err` may be written.
            unsafe { err.write(owned) };
        }
    }
    status
}

/// [`guard`] around a body that makes one value for `out`, which is refused before any work is done when it is null.
///
/// # Safety
/// As [`guard`]; `out` is null or valid for one write.
pub(crate) unsafe fn guarded<T>(
    out: *mut T,
    err: *mut *mut SecurescanError,
    make: impl FnOnce() -> Result<T>,
) -> SecurescanStatus {
    let body = || {
        if out.is_null() {
            return Err(Error::invalid("`out` is null"));
        }
        let value = make()?;
        // SAFETY: not null, and the caller promises that it may be written.
        unsafe { out.write(value) };
        Ok(())
    };
    // SAFETY: as this function's own.
    unsafe { guard(err, body) }
}

/// Runs the body of a function that cannot report: a panic gives the fallback.
pub(crate) fn guard_or<T>(fallback: T, body: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(fallback)
}

fn caught(body: impl FnOnce() -> Result<()>) -> Result<()> {
    // Nothing of ours outlives the body, so nothing half-changed can be seen after a panic.
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| Err(Error::new(ErrorKind::Internal, panic_message(&*payload))))
}

fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    format!("unexpected fault: {}", text.and_then(|t| t.lines().next()).unwrap_or("no message"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{securescan_error_code, securescan_error_free};
    use crate::text::SecurescanStr;

    #[test]
    fn a_panic_becomes_internal() {
        let mut err = std::ptr::null_mut();
        // SAFETY: `err` is a local variable.
        let status = unsafe { guard(&raw mut err, || panic!("boom")) };
        assert_eq!(status, SecurescanStatus::Internal);
        let mut code = SecurescanStr::EMPTY;
        // SAFETY: `err` was written by the failed call, `code` is a local variable.
        unsafe {
            assert_eq!(securescan_error_code(err, &raw mut code), SecurescanStatus::Ok);
            assert_eq!(code.text("code").unwrap(), "internal");
            securescan_error_free(err);
        }
        assert_eq!(guard_or(7, || panic!("boom")), 7);
    }

    #[test]
    fn a_panic_without_an_error_slot_is_a_status() {
        // SAFETY: a null `err` is allowed.
        let status = unsafe { guard(std::ptr::null_mut(), || panic!("{}", String::from("boom"))) };
        assert_eq!(status, SecurescanStatus::Internal);
    }
}
