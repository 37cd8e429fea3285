//! Any operation by name, and identity.

use crate::error::SecurescanError;
use crate::guard::guarded;
use crate::status::SecurescanStatus;
use crate::text::{SecurescanBytes, SecurescanStr};
use crate::wire::{ask, field, value};
use securescan_core::api;
use serde_json::json;

/// Runs an operation by name over JSON text; the answer is canonical JSON (sorted keys, fixed number form, no final newline), the same
/// bytes as on every other surface. `request` is a JSON object.
///
/// # Safety
/// `op`, `request` are readable for the length given; `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_call(
    op: SecurescanStr,
    request: SecurescanStr,
    out: *mut SecurescanBytes,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe { guarded(out, err, || Ok(SecurescanBytes::new(api::call_json(op.text("op")?, request.text("request")?)?))) }
}

/// Writes the fingerprint of a finding, given as a JSON object: 64 hexadecimal digits. Absent fields are null. `scheme` is `v1` or `v2`,
/// absent for `v2`.
///
/// # Safety
/// `finding`, `scheme` are readable for the length given; `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_fingerprint(
    finding: SecurescanStr,
    scheme: SecurescanStr,
    out: *mut SecurescanBytes,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe {
        guarded(out, err, || {
            let finding = value(finding.text("finding")?, "finding")?;
            let request = json!({ "finding": finding, "scheme": scheme.optional("scheme")?.unwrap_or("v2") });
            Ok(SecurescanBytes::new(field(&ask("fingerprint", &request)?, "fingerprint")?))
        })
    }
}

/// Writes the normal form of a source snippet, as identity uses it. `scheme` as in `securescan_fingerprint`; `path` tells the language and
/// may be absent. An empty context gives an empty buffer.
///
/// # Safety
/// `snippet`, `scheme`, `path` are readable for the length given; `out` may be written; `err` is null or may be written.
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
        guarded(out, err, || {
            let path = path.optional("path")?;
            let request = json!({ "snippet": snippet.text("snippet")?, "scheme": scheme.optional("scheme")?.unwrap_or("v2"), "path": path });
            Ok(SecurescanBytes::new(field(&ask("normalized_line_context", &request)?, "context")?))
        })
    }
}
