//! The pipeline, differences, renderings, numbers, bills.

use crate::error::SecurescanError;
use crate::guard::guarded;
use crate::handle::{self, SecurescanBaseline, SecurescanConfig, SecurescanDiff, SecurescanFindings, give, optional, take};
use crate::status::SecurescanStatus;
use crate::text::{SecurescanBytes, SecurescanStr, write_out};
use crate::wire::{from_json, to_json};
use securescan_core::api::{self, Difference, ProcessOptions, Style, Subject};
use securescan_core::baseline::Baseline;
use securescan_core::config::Config;
use securescan_core::model::Findings;
use securescan_core::webhook;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What `securescan_process` may be told.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Options {
    root: Option<PathBuf>,
    files: BTreeMap<String, String>,
    suppress: Option<bool>,
}

/// What `securescan_sbom` may be told.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Naming {
    name: Option<String>,
    created: Option<String>,
}

/// The whole pipeline: identify, dedup, override, sort, suppress, tag, number. Idempotent.
///
/// `options` is a JSON object or absent: `root` (the folder that finding paths are relative to; lines are read from there), `files` (texts by
/// path, in its place), `suppress` (default true). `config` and `baseline` may be null. What is suppressed stays, marked. `beside` may be
/// null; else it gets `{"suppressed":{…},"overridden":n,"notices":[…]}`.
///
/// # Safety
/// `options` is readable for the length given; `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_process(
    findings: *const SecurescanFindings,
    options: SecurescanStr,
    config: *const SecurescanConfig,
    baseline: *const SecurescanBaseline,
    beside: *mut SecurescanBytes,
    out: *mut *mut SecurescanFindings,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe {
        guarded(out, err, || {
            let given: Options = from_json(options.optional("options")?, "options")?;
            let options = ProcessOptions {
                root: given.root,
                files: given.files.into_iter().map(|(path, text)| (path, text.into_bytes())).collect(),
                config: optional::<Config>(config, "config")?.map(|config| (*config).clone()).unwrap_or_default(),
                baseline: optional::<Baseline>(baseline, "baseline")?.map(|baseline| (*baseline).clone()),
                suppress: given.suppress.unwrap_or(true),
            };
            let done = api::process(&*take::<Findings>(findings, "findings")?, &options);
            if !beside.is_null() {
                write_out(beside, "beside", || SecurescanBytes::new(done.about().to_string()))?;
            }
            Ok(give(done.findings))
        })
    }
}

/// What is new, fixed and unchanged between two sides, as multisets of fingerprints. Fixed is said only where the scanner completed on `head`.
///
/// # Safety
/// `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_diff(
    base: *const SecurescanFindings,
    head: *const SecurescanFindings,
    out: *mut *mut SecurescanDiff,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe { guarded(out, err, || Ok(give(api::diff(&*take::<Findings>(base, "base")?, &*take::<Findings>(head, "head")?)))) }
}

/// What appeared and disappeared since a baseline.
///
/// # Safety
/// `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_compare(
    baseline: *const SecurescanBaseline,
    current: *const SecurescanFindings,
    out: *mut *mut SecurescanDiff,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe {
        guarded(out, err, || {
            Ok(give(api::compare(&*take::<Baseline>(baseline, "baseline")?, &*take::<Findings>(current, "current")?)))
        })
    }
}

/// Those only on the newer side, or suppressed before and not any more.
///
/// # Safety
/// `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_difference_new(
    difference: *const SecurescanDiff,
    out: *mut *mut SecurescanFindings,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe { guarded(out, err, || Ok(give(take::<Difference>(difference, "difference")?.new.clone()))) }
}

/// Those only on the older side, where the scanner completed on the newer one: fixed, or disappeared.
///
/// # Safety
/// `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_difference_gone(
    difference: *const SecurescanDiff,
    out: *mut *mut SecurescanFindings,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe { guarded(out, err, || Ok(give(take::<Difference>(difference, "difference")?.gone.clone()))) }
}

/// Those on both sides, as the newer one has them: unchanged, or still present.
///
/// # Safety
/// `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_difference_kept(
    difference: *const SecurescanDiff,
    out: *mut *mut SecurescanFindings,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe { guarded(out, err, || Ok(give(take::<Difference>(difference, "difference")?.kept.clone()))) }
}

/// Those only on the older side, where the scanner did not look: nothing is known.
///
/// # Safety
/// `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_difference_not_scanned(
    difference: *const SecurescanDiff,
    out: *mut *mut SecurescanFindings,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe { guarded(out, err, || Ok(give(take::<Difference>(difference, "difference")?.not_scanned.clone()))) }
}

/// Gives a difference back. Null is fine; a second time is refused.
#[unsafe(no_mangle)]
pub extern "C" fn securescan_difference_free(handle: *mut SecurescanDiff) -> SecurescanStatus {
    // `free` runs inside the guard.
    handle::free::<Difference>(handle)
}

/// Renders findings in an output format: UTF-8 text, bytes for `report-pdf`. `options` is a JSON object or absent:
/// `show_suppressed`, `fail_on_severity`, `repo`, `sha`, `time`, … (the reference lists them).
///
/// # Safety
/// `format`, `options` are readable for the length given; `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_render(
    findings: *const SecurescanFindings,
    format: SecurescanStr,
    options: SecurescanStr,
    out: *mut SecurescanBytes,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe {
        guarded(out, err, || {
            let style: Style = from_json(options.optional("options")?, "options")?;
            let findings = take::<Findings>(findings, "findings")?;
            Ok(SecurescanBytes::new(api::render(Subject::Findings(&findings), format.text("format")?, style)?))
        })
    }
}

/// Renders a difference, as `securescan_render` does findings; `base_ref` and `head_ref` name the sides.
///
/// # Safety
/// `format`, `options` are readable for the length given; `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_render_difference(
    difference: *const SecurescanDiff,
    format: SecurescanStr,
    options: SecurescanStr,
    out: *mut SecurescanBytes,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe {
        guarded(out, err, || {
            let style: Style = from_json(options.optional("options")?, "options")?;
            let difference = take::<Difference>(difference, "difference")?;
            Ok(SecurescanBytes::new(api::render(Subject::Difference(&difference), format.text("format")?, style)?))
        })
    }
}

/// Writes counts by severity and the risk score as JSON, over what is not suppressed.
///
/// # Safety
/// `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_summary(
    findings: *const SecurescanFindings,
    out: *mut SecurescanBytes,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe { guarded(out, err, || Ok(SecurescanBytes::new(to_json(&api::summary(&*take::<Findings>(findings, "findings")?))?))) }
}

/// Writes the risk score: 0 to 100, one decimal.
///
/// # Safety
/// `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_risk_score(
    findings: *const SecurescanFindings,
    out: *mut f64,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe { guarded(out, err, || Ok(api::risk_score(&*take::<Findings>(findings, "findings")?))) }
}

/// Writes which controls of which compliance framework the findings touch, as JSON.
///
/// # Safety
/// `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_coverage(
    findings: *const SecurescanFindings,
    out: *mut SecurescanBytes,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe { guarded(out, err, || Ok(SecurescanBytes::new(to_json(&api::coverage(&*take::<Findings>(findings, "findings")?))?))) }
}

/// Writes the compliance tags of one finding, given as a JSON object: a JSON array of texts.
///
/// # Safety
/// `finding` is readable for the length given; `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_compliance_tags(
    finding: SecurescanStr,
    out: *mut SecurescanBytes,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe {
        guarded(out, err, || {
            let answer = crate::wire::ask(
                "compliance_tags",
                &json!({ "finding": crate::wire::value(finding.text("finding")?, "finding")? }),
            )?;
            Ok(SecurescanBytes::new(to_json(answer.get("tags").unwrap_or_default())?))
        })
    }
}

/// Writes the bill of materials of the project below `path`: `format` is `cyclonedx` (1.6) or `spdx` (2.3), absent for the first.
/// `options` is a JSON object or absent: `name`, `created` (an ISO 8601 moment; without one the bill carries none).
///
/// # Safety
/// `path`, `format`, `options` are readable for the length given; `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_sbom(
    path: SecurescanStr,
    format: SecurescanStr,
    options: SecurescanStr,
    out: *mut SecurescanBytes,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe {
        guarded(out, err, || {
            let given: Naming = from_json(options.optional("options")?, "options")?;
            let format = format.optional("format")?.unwrap_or("cyclonedx");
            let request = json!({ "path": path.text("path")?, "format": format, "name": given.name, "created": given.created });
            Ok(SecurescanBytes::new(crate::wire::field(&crate::wire::ask("sbom", &request)?, "text")?))
        })
    }
}

/// Writes 1 when `header` (X-SecureScan-Signature) is a signature of this very body, made within `tolerance` seconds of `now`, else 0. A
/// negative `now` means the clock of this machine. Takes the same time whatever differs.
///
/// # Safety
/// `secret`, `header`, `body` are readable for the length given; `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_verify_webhook(
    secret: SecurescanStr,
    header: SecurescanStr,
    body: SecurescanStr,
    tolerance: u64,
    now: i64,
    out: *mut i32,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe {
        guarded(out, err, || {
            let now = if now < 0 { webhook::now() } else { now };
            Ok(i32::from(webhook::verify(secret.text("secret")?, header.text("header")?, body.bytes("body")?, tolerance, now)))
        })
    }
}

/// Writes each scanner and whether it can run here: a JSON array of `{name, scan_type, about, available, installed, version, notes, install_hint}`.
///
/// # Safety
/// `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_status_json(out: *mut SecurescanBytes, err: *mut *mut SecurescanError) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe { guarded(out, err, || Ok(SecurescanBytes::new(to_json(&api::scanner_status())?))) }
}
