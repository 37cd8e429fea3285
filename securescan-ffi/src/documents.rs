//! The two files users keep: baseline and configuration.

use crate::error::SecurescanError;
use crate::guard::guarded;
use crate::handle::{self, SecurescanBaseline, SecurescanConfig, SecurescanFindings, give, take};
use crate::status::SecurescanStatus;
use crate::text::{SecurescanBytes, SecurescanStr};
use crate::wire::{from_json, to_json};
use securescan_core::baseline::Baseline;
use securescan_core::config::Config;
use securescan_core::model::Findings;
use securescan_core::{ScanType, api};
use std::path::Path;

/// The name of a configuration that has none.
const CONFIG: &str = ".securescan.yml";

/// A baseline of these findings, suppressed ones included. `target_path` is written as it is and may be absent (`.`);
/// `scan_types` is a JSON array of words or absent.
///
/// # Safety
/// `target_path`, `scan_types` are readable for the length given; `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_baseline_from_findings(
    findings: *const SecurescanFindings,
    target_path: SecurescanStr,
    scan_types: SecurescanStr,
    out: *mut *mut SecurescanBaseline,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe {
        guarded(out, err, || {
            let types: Vec<ScanType> = from_json(scan_types.optional("scan_types")?, "scan_types")?;
            let target = target_path.optional("target_path")?.unwrap_or(".");
            Ok(give(api::baseline(&*take::<Findings>(findings, "findings")?, target, &types)))
        })
    }
}

/// Reads a baseline file, of this version or of SecureScan for Python, or a snapshot. Fails with `baseline`.
///
/// # Safety
/// `data` is readable for the length given; `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_baseline_parse(
    data: SecurescanStr,
    out: *mut *mut SecurescanBaseline,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe { guarded(out, err, || Ok(give(Baseline::parse(data.bytes("data")?, "baseline")?))) }
}

/// Writes the text of the file, the same for the same findings.
///
/// # Safety
/// `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_baseline_to_bytes(
    baseline: *const SecurescanBaseline,
    out: *mut SecurescanBytes,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe { guarded(out, err, || Ok(SecurescanBytes::new(take::<Baseline>(baseline, "baseline")?.to_bytes()))) }
}

/// Writes how many findings it stands for.
///
/// # Safety
/// `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_baseline_len(
    baseline: *const SecurescanBaseline,
    out: *mut usize,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe { guarded(out, err, || Ok(take::<Baseline>(baseline, "baseline")?.len())) }
}

/// Gives a baseline back. Null is fine; a second time is refused.
#[unsafe(no_mangle)]
pub extern "C" fn securescan_baseline_free(handle: *mut SecurescanBaseline) -> SecurescanStatus {
    // `free` runs inside the guard.
    handle::free::<Baseline>(handle)
}

/// Reads the text of a configuration file. `file` is the name that errors give and may be absent. Fails with `config`, line and column.
///
/// # Safety
/// `text`, `file` are readable for the length given; `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_config_parse(
    text: SecurescanStr,
    file: SecurescanStr,
    out: *mut *mut SecurescanConfig,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe { guarded(out, err, || Ok(give(Config::parse(text.text("text")?, file.optional("file")?.unwrap_or(CONFIG))?))) }
}

/// Reads a configuration file; of a folder, the one that applies to it, the default when there is none.
///
/// # Safety
/// `path` is readable for the length given; `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_config_load(
    path: SecurescanStr,
    out: *mut *mut SecurescanConfig,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe {
        guarded(out, err, || {
            let path = Path::new(path.optional("path")?.unwrap_or("."));
            let config = match path.is_dir() {
                true => Config::discover(path)?.map(|(_, config)| config).unwrap_or_default(),
                false => Config::load(path)?,
            };
            Ok(give(config))
        })
    }
}

/// Writes every problem of a text: a JSON array of `{severity, message, location, line, column}`. `file` as in `securescan_config_parse`.
///
/// # Safety
/// `text`, `file` are readable for the length given; `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_config_lint(
    text: SecurescanStr,
    file: SecurescanStr,
    out: *mut SecurescanBytes,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe {
        guarded(out, err, || {
            let issues = Config::lint(text.text("text")?, file.optional("file")?.unwrap_or(CONFIG), &|_| true);
            Ok(SecurescanBytes::new(to_json(&issues)?))
        })
    }
}

/// Writes every key as a JSON object.
///
/// # Safety
/// `out` may be written; `err` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn securescan_config_to_json(
    config: *const SecurescanConfig,
    out: *mut SecurescanBytes,
    err: *mut *mut SecurescanError,
) -> SecurescanStatus {
    // SAFETY: the promises of this function are those its parts ask for.
    unsafe { guarded(out, err, || Ok(SecurescanBytes::new(to_json(&*take::<Config>(config, "config")?)?))) }
}

/// Gives a configuration back. Null is fine; a second time is refused.
#[unsafe(no_mangle)]
pub extern "C" fn securescan_config_free(handle: *mut SecurescanConfig) -> SecurescanStatus {
    // `free` runs inside the guard.
    handle::free::<Config>(handle)
}
