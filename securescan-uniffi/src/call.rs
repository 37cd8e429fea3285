//! Any operation by name, identity, and what this library is.

use crate::error::{SecurescanError, ask, ask_text, guard, to_json, value};
use securescan_core::{api, webhook};
use serde_json::json;

/// Runs an operation by name over JSON text. The answer is canonical JSON (sorted keys, no spaces): the same bytes as on every other surface.
#[uniffi::export]
pub fn call(operation: &str, request: &str) -> Result<String, SecurescanError> {
    guard(|| api::call_json(operation, request))
}

/// The fingerprint of a finding, given as a JSON object: 64 hexadecimal digits. Absent fields are null. `scheme` is `v1` or `v2`.
#[uniffi::export(default(scheme = "v2"))]
pub fn fingerprint(finding: &str, scheme: &str) -> Result<String, SecurescanError> {
    guard(|| ask_text("fingerprint", &json!({ "finding": value(finding, "finding")?, "scheme": scheme }), "fingerprint"))
}

/// A source snippet as identity sees it. `path` tells the language.
#[uniffi::export(default(scheme = "v2", path = None))]
pub fn normalized_line_context(snippet: &str, scheme: &str, path: Option<String>) -> Result<String, SecurescanError> {
    let request = json!({ "snippet": snippet, "scheme": scheme, "path": path });
    guard(|| ask_text("normalized_line_context", &request, "context"))
}

/// The compliance tags of one finding, given as a JSON object.
#[uniffi::export]
pub fn compliance_tags(finding: &str) -> Result<Vec<String>, SecurescanError> {
    guard(|| {
        let tags = ask("compliance_tags", &json!({ "finding": value(finding, "finding")? }), "tags")?;
        Ok(tags.as_array().into_iter().flatten().filter_map(|tag| tag.as_str().map(str::to_owned)).collect())
    })
}

/// The bill of materials of the project below `path`: `format` is `cyclonedx` (1.6) or `spdx` (2.3). `created` is an ISO 8601 moment; without
/// one the bill carries none.
#[uniffi::export(default(format = "cyclonedx", name = None, created = None))]
pub fn sbom(path: &str, format: &str, name: Option<String>, created: Option<String>) -> Result<String, SecurescanError> {
    let request = json!({ "path": path, "format": format, "name": name, "created": created });
    guard(|| ask_text("sbom", &request, "text"))
}

/// Whether `header` (`X-SecureScan-Signature`) is a signature of this very body, made within `tolerance` seconds of `now`; without `now` the
/// clock of this machine counts. Takes the same time whatever differs.
#[uniffi::export(default(tolerance = 300, now = None))]
pub fn verify_webhook(
    secret: &str,
    header: &str,
    body: Vec<u8>,
    tolerance: u64,
    now: Option<i64>,
) -> Result<bool, SecurescanError> {
    guard(|| Ok(webhook::verify(secret, header, &body, tolerance, now.unwrap_or_else(webhook::now))))
}

/// Each scanner and whether it can run here: a JSON array of `{name, scan_type, about, available, installed, version, notes, install_hint}`.
#[uniffi::export]
pub fn status() -> Result<String, SecurescanError> {
    guard(|| to_json(&api::scanner_status()))
}

/// The version of the engine, for example `0.1.0`.
#[uniffi::export]
pub fn version() -> String {
    securescan_core::VERSION.to_owned()
}

/// How this library was built: JSON with `version`, `profile` (`debug` is many times slower), `platform`, `arch`.
#[uniffi::export]
pub fn build_info() -> String {
    json!({
        "version": securescan_core::VERSION,
        "profile": if cfg!(debug_assertions) { "debug" } else { "release" },
        "platform": std::env::consts::OS,
        "arch": std::env::consts::ARCH,
    })
    .to_string()
}
