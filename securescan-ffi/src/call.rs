//! The operations: one function that runs any of them by name, and one for each that has an idiomatic face.

use crate::error::SecurescanError;
use crate::guard::guard;
use crate::status::SecurescanStatus;
use crate::text::{SecurescanBytes, SecurescanStr, write_out};
use securescan_core::{Error, Result, api};
use serde_json::{Value, json};

/// Runs an operation by name: `*out` gets the response.
///
/// Shapes: `request` is a JSON object; the response is canonical JSON (sorted keys, fixed number form, no final newline).
/// On success `*out` is written and `*err` is not; on failure `*err` is written, if `err` is not null, and `*out` is not.
/// May be called from several threads at once.
///
/// # Safety
/// `op` and `request` are readable for their lengths; `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_call(
    op: SecurescanStr,
    request: SecurescanStr,
    out: *mut SecurescanBytes,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe {
        guard(err, || {
            check_out(out)?;
            let response = api::call_json(op.text("op")?, request.text("request")?)?;
            write_out(out, "out", || SecurescanBytes::new(response))
        })
    }
}

/// Writes the fingerprint of a finding: 64 hexadecimal digits.
///
/// Shapes: `finding` is a JSON object; absent fields are null. `scheme` is `v1` or `v2`; empty means `v2`.
/// Outputs as in `securescan_call`.
///
/// # Safety
/// `finding` and `scheme` are readable for their lengths; `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_fingerprint(
    finding: SecurescanStr,
    scheme: SecurescanStr,
    out: *mut SecurescanBytes,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe {
        guard(err, || {
            check_out(out)?;
            let finding: Value = serde_json::from_str(finding.text("finding")?).map_err(|e| not_json("finding", &e))?;
            let request = json!({"finding": finding, "scheme": scheme_or_default(scheme)?});
            let text = field(&api::call_json("fingerprint", &request.to_string())?, "fingerprint")?;
            write_out(out, "out", || SecurescanBytes::new(text))
        })
    }
}

/// Writes the normal form of a source snippet, as identity uses it.
///
/// Shapes: `scheme` as in `securescan_fingerprint`; `path` tells the language and may be absent (null, 0).
/// An empty context gives an empty buffer. Outputs as in `securescan_call`.
///
/// # Safety
/// The three texts are readable for their lengths; `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_normalized_line_context(
    snippet: SecurescanStr,
    scheme: SecurescanStr,
    path: SecurescanStr,
    out: *mut SecurescanBytes,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe {
        guard(err, || {
            check_out(out)?;
            let path = if path.is_absent() { None } else { Some(path.text("path")?) };
            let request = json!({"snippet": snippet.text("snippet")?, "scheme": scheme_or_default(scheme)?, "path": path});
            let text = field(&api::call_json("normalized_line_context", &request.to_string())?, "context")?;
            write_out(out, "out", || SecurescanBytes::new(text))
        })
    }
}

/// Refuses a null output before any work is done for it.
fn check_out<T>(out: *mut T) -> Result<()> {
    if out.is_null() { Err(Error::invalid("`out` is null")) } else { Ok(()) }
}

/// The scheme an empty argument stands for.
///
/// # Safety
/// As [`SecurescanStr::text`].
unsafe fn scheme_or_default<'a>(scheme: SecurescanStr) -> Result<&'a str> {
    // SAFETY: as this function's own.
    let text = unsafe { scheme.text("scheme") }?;
    Ok(if text.is_empty() { "v2" } else { text })
}

fn not_json(name: &str, error: &serde_json::Error) -> Error {
    Error::invalid(format!("`{name}` is not JSON: {error}")).at(error.line() as u64, error.column() as u64)
}

/// The text field of a response.
fn field(response: &str, name: &str) -> Result<String> {
    serde_json::from_str::<Value>(response)
        .ok()
        .and_then(|value| value.get(name).and_then(Value::as_str).map(str::to_owned))
        .ok_or_else(|| Error::new(securescan_core::ErrorKind::Internal, format!("the response has no `{name}`")))
}
