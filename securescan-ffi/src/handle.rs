//! Handles: what C holds of an object. A handle is a number that looks like a pointer; it is looked up and never followed, so one that was
//! freed, made up or of another kind is told from a live one and refused.
//!
//! Objects are immutable and shared: a handle may be used by several threads at once, and freeing one while another thread is in a call
//! with it is safe.

use crate::guard::{guard, guard_or};
use crate::status::SecurescanStatus;
use crate::version::live;
use securescan_core::api::Difference;
use securescan_core::baseline::Baseline;
use securescan_core::config::Config;
use securescan_core::model::Findings;
use securescan_core::scanners::Cancel;
use securescan_core::{Error, Result};
use std::any::Any;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

/// Findings, held natively. See `securescan_findings_free`.
#[derive(Debug)]
pub struct SecurescanFindings(());
/// A baseline. See `securescan_baseline_free`.
#[derive(Debug)]
pub struct SecurescanBaseline(());
/// A configuration. See `securescan_config_free`.
#[derive(Debug)]
pub struct SecurescanConfig(());
/// What changed between two sides, or since a baseline. See `securescan_diff_free`.
#[derive(Debug)]
pub struct SecurescanDiff(());
/// Stops a scan from another thread. See `securescan_cancel_free`.
#[derive(Debug)]
pub struct SecurescanCancel(());

/// Any object, and the word for its kind.
struct Object {
    kind: &'static str,
    held: Arc<dyn Any + Send + Sync>,
}

static OBJECTS: LazyLock<RwLock<HashMap<usize, Object>>> = LazyLock::new(RwLock::default);

/// Numbers are never used again. They step by 16, so that they look like pointers to those who check alignment.
static NEXT: AtomicUsize = AtomicUsize::new(STEP);
const STEP: usize = 16;

/// What handles stand for.
pub(crate) trait Held: Any + Send + Sync + Sized {
    /// The type C sees.
    type Handle;
    /// The word for it in messages.
    const KIND: &'static str;
}

macro_rules! held {
    ($($object:ty, $handle:ty, $kind:literal;)+) => {
        $(impl Held for $object {
            type Handle = $handle;
            const KIND: &'static str = $kind;
        })+
    };
}

held! {
    Findings, SecurescanFindings, "findings";
    Baseline, SecurescanBaseline, "baseline";
    Config, SecurescanConfig, "config";
    Difference, SecurescanDiff, "diff";
    Cancel, SecurescanCancel, "cancel";
}

/// A new handle, to be given back by the `_free` of its kind.
pub(crate) fn give<T: Held>(object: T) -> *mut T::Handle {
    let number = NEXT.fetch_add(STEP, Ordering::Relaxed);
    let object = Object { kind: T::KIND, held: Arc::new(object) };
    OBJECTS.write().unwrap_or_else(PoisonError::into_inner).insert(number, object);
    live::add();
    std::ptr::without_provenance_mut(number)
}

/// The object of a handle.
///
/// # Errors
/// `invalid_argument` for null, for a handle of another kind, and for one that is not or no longer there.
pub(crate) fn take<T: Held>(handle: *const T::Handle, name: &str) -> Result<Arc<T>> {
    optional(handle, name)?.ok_or_else(|| Error::invalid(format!("`{name}` is null")))
}

/// As [`take`], null being none.
pub(crate) fn optional<T: Held>(handle: *const T::Handle, name: &str) -> Result<Option<Arc<T>>> {
    if handle.is_null() {
        return Ok(None);
    }
    let objects = OBJECTS.read().unwrap_or_else(PoisonError::into_inner);
    let Some(object) = objects.get(&handle.addr()) else {
        return Err(Error::invalid(format!("`{name}` is no handle of this library, or was freed")));
    };
    let kind = object.kind;
    let held = Arc::clone(&object.held);
    drop(objects);
    let wrong = |_| Error::invalid(format!("`{name}` is a handle of {kind}, not of {}", T::KIND));
    held.downcast::<T>().map(Some).map_err(wrong)
}

/// Gives a handle back. Null is fine.
///
/// # Errors
/// As [`take`]: a second time is an error, not a fault.
pub(crate) fn free<T: Held>(handle: *mut T::Handle) -> SecurescanStatus {
    let release = || {
        if handle.is_null() {
            return Ok(());
        }
        take::<T>(handle, "handle")?;
        let gone = OBJECTS.write().unwrap_or_else(PoisonError::into_inner).remove(&handle.addr());
        // Between the two somebody else may have freed it.
        let Some(object) = gone else { return Err(Error::invalid("`handle` was freed")) };
        drop(object);
        live::remove();
        Ok(())
    };
    guard_or(SecurescanStatus::Internal, || {
        // SAFETY: no error slot is passed.
        unsafe { guard(std::ptr::null_mut(), release) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_live_handle_of_the_kind_is_told() {
        let handle = give(Findings::default());
        assert!(take::<Findings>(handle, "f").is_ok());
        let other: *const SecurescanBaseline = handle.cast();
        assert!(take::<Baseline>(other, "b").unwrap_err().message().contains("a handle of findings, not of baseline"));
        assert_eq!(free::<Baseline>(handle.cast()), SecurescanStatus::InvalidArgument);
        assert_eq!(free::<Findings>(handle), SecurescanStatus::Ok);
        assert_eq!(free::<Findings>(handle), SecurescanStatus::InvalidArgument);
        assert!(take::<Findings>(handle, "f").unwrap_err().message().contains("was freed"));
        assert_eq!(free::<Findings>(std::ptr::null_mut()), SecurescanStatus::Ok);
        assert!(take::<Findings>(std::ptr::null(), "f").unwrap_err().message().contains("null"));
        assert!(take::<Findings>(std::ptr::without_provenance(8), "f").is_err());
    }
}
