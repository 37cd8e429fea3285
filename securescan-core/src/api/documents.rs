//! Operations from and to documents: reports, configuration, baselines, renderings.

use super::findings::read_findings;
use super::rendering::{self, Style, Subject};
use super::steps::{self, Difference};
use crate::baseline::Baseline;
use crate::config::{Config, Issue};
use crate::ingest::{self, IngestOptions};
use crate::model::{Finding, Findings, ScanResult, ScanType, ScannerRun};
use crate::sbom::{self, SbomOptions};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// No fields: any object will do.
#[derive(Deserialize)]
pub(super) struct Nothing {}

pub(super) fn version(_request: Nothing) -> Result<Value> {
    Ok(json!({ "version": crate::VERSION }))
}

#[derive(Deserialize)]
pub(super) struct Report {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    base64: Option<String>,
    #[serde(default)]
    format: Option<String>,
    #[serde(default)]
    root: Option<String>,
}

#[derive(Serialize)]
pub(super) struct ResultOut {
    target: String,
    scanners: Vec<ScannerRun>,
    findings: Vec<Finding>,
}

impl From<ScanResult> for ResultOut {
    fn from(r: ScanResult) -> Self {
        Self { target: r.target, scanners: r.scanners, findings: r.findings }
    }
}

pub(super) fn parse(request: Report) -> Result<ResultOut> {
    let options = IngestOptions { root: request.root, ..IngestOptions::default() };
    let bytes = bytes(request.text, request.base64, "the report")?;
    ingest::parse(&bytes, request.format.as_deref(), &options).map(ResultOut::from)
}

/// Bytes as JSON can carry them: `text`, or `base64` for what is not UTF-8.
pub(super) fn bytes(text: Option<String>, base64: Option<String>, what: &str) -> Result<Vec<u8>> {
    use base64::Engine as _;
    match (text, base64) {
        (Some(text), None) => Ok(text.into_bytes()),
        (None, Some(coded)) => base64::engine::general_purpose::STANDARD
            .decode(coded)
            .map_err(|e| Error::invalid(format!("{what} is not base64: {e}"))),
        _ => Err(Error::invalid(format!("{what} is given as `text` or as `base64`, one of them"))),
    }
}

/// One of three subjects: `findings`; `base` and `head`; `baseline` and `current`.
#[derive(Deserialize)]
pub(super) struct Render {
    #[serde(default)]
    findings: Option<Value>,
    #[serde(default)]
    base: Option<Value>,
    #[serde(default)]
    head: Option<Value>,
    #[serde(default)]
    baseline: Option<String>,
    #[serde(default)]
    current: Option<Value>,
    format: String,
    #[serde(default)]
    options: Option<Style>,
}

/// `text`, or `base64` for the formats that are none.
pub(super) fn render(request: Render) -> Result<Value> {
    use base64::Engine as _;
    let findings = |value: Value| read_findings(&value).map(Findings::from_result);
    let style = request.options.unwrap_or_default();
    let (format, difference) =
        (request.format.as_str(), |d: Difference| rendering::render(Subject::Difference(&d), &request.format, style.clone()));
    let out = match (request.findings, (request.base, request.head), (request.baseline, request.current)) {
        (Some(all), (None, None), (None, None)) => rendering::render(Subject::Findings(&findings(all)?), format, style.clone())?,
        (None, (Some(base), Some(head)), (None, None)) => difference(steps::diff(&findings(base)?, &findings(head)?))?,
        (None, (None, None), (Some(known), Some(current))) => {
            difference(steps::compare(&Baseline::parse(known.as_bytes(), "baseline")?, &findings(current)?))?
        }
        _ => {
            return Err(Error::invalid("what to render is not clear")
                .hint("give `findings`, or `base` and `head`, or `baseline` and `current`"));
        }
    };
    Ok(match String::from_utf8(out) {
        Ok(text) => json!({ "text": text }),
        Err(bytes) => json!({ "base64": base64::engine::general_purpose::STANDARD.encode(bytes.as_bytes()) }),
    })
}

#[derive(Deserialize)]
pub(super) struct ToBaseline {
    findings: Value,
    #[serde(default = "here")]
    target_path: String,
    #[serde(default)]
    scan_types: Vec<ScanType>,
}

fn here() -> String {
    ".".to_owned()
}

pub(super) fn baseline(request: ToBaseline) -> Result<Value> {
    let findings = Findings::from_result(read_findings(&request.findings)?);
    let bytes = steps::baseline(&findings, &request.target_path, &request.scan_types).to_bytes();
    Ok(json!({ "text": String::from_utf8_lossy(&bytes) }))
}

#[derive(Deserialize)]
pub(super) struct ConfigText {
    text: String,
    #[serde(default = "config_name")]
    file: String,
}

fn config_name() -> String {
    ".securescan.yml".to_owned()
}

pub(super) fn config_parse(request: ConfigText) -> Result<Value> {
    Ok(json!({ "config": super::answer(Config::parse(&request.text, &request.file)?)? }))
}

#[derive(Serialize)]
pub(super) struct Issues {
    issues: Vec<Issue>,
}

/// Rule packs are taken to exist: the facade opens no files.
pub(super) fn config_lint(request: ConfigText) -> Result<Issues> {
    Ok(Issues { issues: Config::lint(&request.text, &request.file, &|_| true) })
}

#[derive(Deserialize)]
pub(super) struct Manifests {
    #[serde(default)]
    files: Option<BTreeMap<String, String>>,
    #[serde(default)]
    path: Option<PathBuf>,
    format: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    created: Option<String>,
}

pub(super) fn sbom(request: Manifests) -> Result<Value> {
    let format = request.format.parse()?;
    let bill = match (request.files, request.path) {
        (Some(files), None) => {
            let files = files.into_iter().map(|(path, text)| (crate::path::normalize(&path, None), text.into_bytes())).collect();
            sbom::collect_files(&files)
        }
        (None, Some(path)) => collected(&path)?,
        _ => return Err(Error::invalid("a bill is made of `files` or of a `path`, one of them")),
    };
    let name = request.name.or_else(|| bill.name.clone());
    let options = SbomOptions { name, created: request.created, ..SbomOptions::default() };
    Ok(json!({ "text": sbom::render(&bill, format, &options)?, "unread": bill.unread }))
}

#[cfg(feature = "scanners")]
fn collected(path: &std::path::Path) -> Result<sbom::Bill> {
    sbom::collect(path)
}

#[cfg(not(feature = "scanners"))]
fn collected(_path: &std::path::Path) -> Result<sbom::Bill> {
    Err(Error::new(crate::ErrorKind::Unsupported, "this build reads no folders")
        .hint("give `files`, or enable the feature `scanners`"))
}

/// A delivery to check. Without `now` the clock of this machine says it.
#[derive(Deserialize)]
pub(super) struct Delivery {
    secret: String,
    header: String,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    base64: Option<String>,
    #[serde(default = "tolerance")]
    tolerance: u64,
    #[serde(default)]
    now: Option<i64>,
}

fn tolerance() -> u64 {
    crate::webhook::DEFAULT_TOLERANCE
}

pub(super) fn verify_webhook(request: Delivery) -> Result<Value> {
    let body = bytes(request.text, request.base64, "the body")?;
    let now = request.now.unwrap_or_else(crate::webhook::now);
    Ok(json!({ "valid": crate::webhook::verify(&request.secret, &request.header, &body, request.tolerance, now) }))
}

#[derive(Deserialize)]
pub(super) struct OneText {
    path: String,
    text: String,
}

/// Findings of the built-in scanners that look at one file at a time, identified.
#[cfg(feature = "scanners")]
pub(super) fn scan_text(request: OneText) -> Result<Value> {
    use crate::source::MemorySources;
    let mut findings = crate::scanners::scan_text(&request.path, &request.text);
    let sources = MemorySources([(request.path, request.text.into_bytes().into())].into());
    crate::identity::identify(&mut findings, &sources);
    crate::order::sort(&mut findings);
    crate::identity::number(&mut findings);
    Ok(json!({ "findings": super::answer(findings)? }))
}

/// Without the feature `scanners` there is nothing to scan with.
#[cfg(not(feature = "scanners"))]
pub(super) fn scan_text(request: OneText) -> Result<Value> {
    let _ = (request.path, request.text);
    Err(Error::new(crate::ErrorKind::Unsupported, "this build has no scanners").hint("enable the feature `scanners`"))
}
