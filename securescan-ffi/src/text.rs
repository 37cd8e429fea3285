//! Text across the border: borrowed views in, owned buffers out.

use crate::guard::{guard, guard_or};
use crate::status::SecurescanStatus;
use crate::version::live;
use securescan_core::{Error, Result};

/// A borrowed view of UTF-8 text; not terminated by a NUL. `ptr` may be null when `len` is 0.
/// A view the library hands out says in its function's comment how long it lives.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct SecurescanStr {
    /// The first byte.
    pub ptr: *const u8,
    /// The number of bytes.
    pub len: usize,
}

/// An owned buffer, to be given back with `securescan_bytes_free` and never with `free`.
/// The bytes may be read by any thread; a zeroed value is an empty buffer.
#[repr(C)]
#[derive(Debug)]
pub struct SecurescanBytes {
    /// The first byte; null when there are none.
    pub ptr: *mut u8,
    /// The number of bytes.
    pub len: usize,
}

impl SecurescanStr {
    pub(crate) const EMPTY: Self = Self { ptr: std::ptr::null(), len: 0 };

    /// A view of a text, valid as long as that text.
    pub(crate) fn of(text: &str) -> Self {
        Self { ptr: text.as_ptr(), len: text.len() }
    }

    /// The text of the argument called `name`.
    ///
    /// # Safety
    /// A non-null `ptr` is valid for reading `len` bytes that nobody changes during `'a`.
    pub(crate) unsafe fn text<'a>(&self, name: &str) -> Result<&'a str> {
        // SAFETY: as this function's own.
        let bytes = unsafe { self.bytes(name) }?;
        std::str::from_utf8(bytes).map_err(|e| Error::invalid(format!("`{name}` is not UTF-8")).at_byte(e.valid_up_to() as u64))
    }

    /// The text of an optional argument; none when it is absent or empty.
    ///
    /// # Safety
    /// As [`SecurescanStr::text`].
    pub(crate) unsafe fn optional<'a>(&self, name: &str) -> Result<Option<&'a str>> {
        // SAFETY: as this function's own.
        Ok(Some(unsafe { self.text(name) }?).filter(|text| !text.is_empty()))
    }

    /// The bytes of the argument called `name`, which need not be UTF-8.
    ///
    /// # Safety
    /// As [`SecurescanStr::text`].
    pub(crate) unsafe fn bytes<'a>(&self, name: &str) -> Result<&'a [u8]> {
        if self.len == 0 {
            return Ok(&[]);
        }
        if self.ptr.is_null() {
            return Err(Error::invalid(format!("`{name}` is null but its length is {}", self.len)));
        }
        if isize::try_from(self.len).is_err() {
            return Err(Error::invalid(format!("`{name}` is longer than memory")));
        }
        // SAFETY: not null, not longer than an allocation can be, and the caller promises `len` readable bytes.
        Ok(unsafe { std::slice::from_raw_parts(self.ptr, self.len) })
    }
}

impl SecurescanBytes {
    pub(crate) fn new(text: impl Into<Vec<u8>>) -> Self {
        let bytes = text.into();
        if bytes.is_empty() {
            return Self { ptr: std::ptr::null_mut(), len: 0 };
        }
        live::add();
        let bytes = bytes.into_boxed_slice();
        let len = bytes.len();
        Self { ptr: Box::into_raw(bytes).cast(), len }
    }
}

/// Writes a value to an output argument called `name`.
///
/// # Safety
/// `out` is null or valid for one write of `T`.
pub(crate) unsafe fn write_out<T>(out: *mut T, name: &str, value: impl FnOnce() -> T) -> Result<()> {
    if out.is_null() {
        return Err(Error::invalid(format!("`{name}` is null")));
    }
    // SAFETY: not null, and the caller promises that it may be written.
    unsafe { out.write(value()) };
    Ok(())
}

/// Gives a buffer back and empties it, so that a second call does nothing. Null is fine.
///
/// # Safety
/// `bytes` is null or points at a value that is zeroed or was written by this library, and no copy of it was freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_bytes_free(bytes: *mut SecurescanBytes) -> SecurescanStatus {
    let release = || {
        // SAFETY: the caller promises null or a valid value.
        let Some(bytes) = (unsafe { bytes.as_mut() }) else { return Ok(()) };
        let (ptr, len) = (std::mem::replace(&mut bytes.ptr, std::ptr::null_mut()), std::mem::take(&mut bytes.len));
        if !ptr.is_null() {
            // SAFETY: the pointer and length are those `SecurescanBytes::new` took from a boxed slice.
            drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(ptr, len)) });
            live::remove();
        }
        Ok(())
    };
    guard_or(SecurescanStatus::Internal, || {
        // SAFETY: no error slot is passed.
        unsafe { guard(std::ptr::null_mut(), release) }
    })
}
