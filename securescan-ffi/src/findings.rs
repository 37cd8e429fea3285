//! Findings: reading, looking at, choosing.

use crate::error::SecurescanError;
use crate::guard::guarded;
use crate::handle::{self, SecurescanFindings, give, take};
use crate::status::SecurescanStatus;
use crate::text::{SecurescanBytes, SecurescanStr};
use crate::wire::{from_json, to_json};
use securescan_core::ingest::{self, IngestOptions};
use securescan_core::model::{Filter, Findings};
use securescan_core::{Error, api};
use serde::Deserialize;

/// What `securescan_parse` may be told.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct ParseOptions {
    root: Option<String>,
    max_bytes: Option<u64>,
    max_findings: Option<usize>,
}

/// Reads the report of any known tool.
///
/// `data` need not be UTF-8. `tool` names the format; absent, the content tells it. `options` is a JSON object or absent:
/// `root` (the folder that was scanned, as the report writes it), `max_bytes` (default 4 GiB), `max_findings` (default 5 million).
/// Fails with `parse`, `limit`, `unsupported` or `invalid_argument`.
///
/// # Safety
/// `data`, `tool`, `options` are readable for the length given; `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_parse(
    data: SecurescanStr,
    tool: SecurescanStr,
    options: SecurescanStr,
    out: *mut *mut SecurescanFindings,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe {
        guarded(out, err, || {
            let given: ParseOptions = from_json(options.optional("options")?, "options")?;
            let mut options = IngestOptions { root: given.root, ..IngestOptions::default() };
            options.max_bytes = given.max_bytes.unwrap_or(options.max_bytes);
            options.max_findings = given.max_findings.unwrap_or(options.max_findings);
            let result = ingest::parse(data.bytes("data")?, tool.optional("tool")?, &options)?;
            Ok(give(Findings::from_result(result)))
        })
    }
}

/// Reads the JSON of findings: a bare array, a snapshot, or any object with `findings`.
///
/// # Safety
/// `json` is readable for the length given; `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_findings_from_json(
    json: SecurescanStr,
    out: *mut *mut SecurescanFindings,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe { guarded(out, err, || Ok(give(Findings::from_json(json.text("json")?)?))) }
}

/// Writes the bare array, indented, with a final newline.
///
/// # Safety
/// `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_findings_to_json(
    findings: *const SecurescanFindings,
    out: *mut SecurescanBytes,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe { guarded(out, err, || Ok(SecurescanBytes::new(take::<Findings>(findings, "findings")?.to_json()))) }
}

/// Writes the snapshot: schema, target, coverage and findings. Comparing needs the coverage, to tell fixed from not scanned.
///
/// # Safety
/// `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_findings_to_snapshot(
    findings: *const SecurescanFindings,
    out: *mut SecurescanBytes,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe { guarded(out, err, || Ok(SecurescanBytes::new(take::<Findings>(findings, "findings")?.to_snapshot_json()))) }
}

/// Writes how many there are.
///
/// # Safety
/// `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_findings_len(
    findings: *const SecurescanFindings,
    out: *mut usize,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe { guarded(out, err, || Ok(take::<Findings>(findings, "findings")?.len())) }
}

/// Writes one finding as a JSON object. A position beyond the end is `invalid_argument`.
///
/// # Safety
/// `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_findings_get(
    findings: *const SecurescanFindings,
    index: usize,
    out: *mut SecurescanBytes,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe {
        guarded(out, err, || {
            let findings = take::<Findings>(findings, "findings")?;
            let beyond = || Error::invalid(format!("`index` is {index}, and there are {} findings", findings.len()));
            Ok(SecurescanBytes::new(to_json(findings.get(index).ok_or_else(beyond)?)?))
        })
    }
}

/// Writes 1 when two collections are equal in target, coverage and every finding, else 0.
///
/// # Safety
/// `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_findings_equal(
    a: *const SecurescanFindings,
    b: *const SecurescanFindings,
    out: *mut i32,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe { guarded(out, err, || Ok(i32::from(take::<Findings>(a, "a")? == take::<Findings>(b, "b")?))) }
}

/// Keeps those that meet every condition of a JSON object: `severity`, `min_severity`, `scanner`, `scan_type`, `rule_id`, `cwe`,
/// `path`, `compliance_tag`, `suppressed`, `text`. A list is met by any of its items. The findings are shared, not copied.
///
/// # Safety
/// `filter` is readable for the length given; `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_findings_filter(
    findings: *const SecurescanFindings,
    filter: SecurescanStr,
    out: *mut *mut SecurescanFindings,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe {
        guarded(out, err, || {
            let filter: Filter = from_json(filter.optional("filter")?, "filter")?;
            Ok(give(take::<Findings>(findings, "findings")?.filter(&filter)))
        })
    }
}

/// Puts them in another order: `canonical`, `severity`, `scanner`, `rule_id`, `file_path` or `title`; reversed when `reverse` is not 0.
///
/// # Safety
/// `by` is readable for the length given; `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_findings_sort(
    findings: *const SecurescanFindings,
    by: SecurescanStr,
    reverse: i32,
    out: *mut *mut SecurescanFindings,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe {
        guarded(out, err, || {
            let key = by.text("by")?.parse()?;
            Ok(give(take::<Findings>(findings, "findings")?.sorted(key, reverse != 0)))
        })
    }
}

/// Takes at most `count` from `start` on; what lies beyond the end is left out.
///
/// # Safety
/// `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_findings_slice(
    findings: *const SecurescanFindings,
    start: usize,
    count: usize,
    out: *mut *mut SecurescanFindings,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe {
        guarded(out, err, || {
            let findings = take::<Findings>(findings, "findings")?;
            let end = start.saturating_add(count).min(findings.len());
            Ok(give(findings.select(start.min(end)..end)))
        })
    }
}

/// Those of `a`, then those of `b`.
///
/// # Safety
/// `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_findings_concat(
    a: *const SecurescanFindings,
    b: *const SecurescanFindings,
    out: *mut *mut SecurescanFindings,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe { guarded(out, err, || Ok(give(take::<Findings>(a, "a")?.concat(&*take::<Findings>(b, "b")?)))) }
}

/// One finding for one thing, whoever reports it; identified and in canonical order.
///
/// # Safety
/// `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_findings_dedup(
    findings: *const SecurescanFindings,
    out: *mut *mut SecurescanFindings,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe { guarded(out, err, || Ok(give(api::deduplicate(&*take::<Findings>(findings, "findings")?)))) }
}

/// Gives findings back. Null is fine; a second time is refused.
#[unsafe(no_mangle)]
pub extern "C" fn securescan_findings_free(handle: *mut SecurescanFindings) -> SecurescanStatus {
    // `free` runs inside the guard.
    handle::free::<Findings>(handle)
}
