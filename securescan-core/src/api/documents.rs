//! Operations from and to documents: reports, configuration, baselines, renderings.

use super::findings::read_findings;
use crate::baseline::Baseline;
use crate::config::{Config, Issue};
use crate::ingest::{self, IngestOptions};
use crate::model::{Finding, ScanResult, ScanType, ScannerRun};
use crate::render::{self, RenderInput, RenderOptions};
use crate::sbom::{self, SbomOptions};
use crate::{Error, Result, score};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// No fields: any object will do.
#[derive(Deserialize)]
pub(super) struct Nothing {}

pub(super) fn version(_request: Nothing) -> Result<Value> {
    Ok(json!({ "version": crate::VERSION }))
}

#[derive(Deserialize)]
pub(super) struct Report {
    text: String,
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
    ingest::parse(request.text.as_bytes(), request.format.as_deref(), &options).map(ResultOut::from)
}

#[derive(Deserialize)]
pub(super) struct Render {
    findings: Value,
    format: String,
    #[serde(default)]
    options: Option<RenderOptions>,
}

pub(super) fn render(request: Render) -> Result<Value> {
    let result = read_findings(&request.findings)?;
    let mut out = Vec::new();
    let options = request.options.unwrap_or_default();
    let risk_score = Some(score::risk_score(&result.findings));
    render::render(&request.format, &RenderInput { options, risk_score, ..RenderInput::new(&result) }, &mut out)?;
    let text = String::from_utf8(out).map_err(|_| Error::new(crate::ErrorKind::Render, "the rendering is not UTF-8"))?;
    Ok(json!({ "text": text }))
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
    let mut findings = read_findings(&request.findings)?.findings;
    crate::identity::identify(&mut findings, &crate::source::NoSources);
    let bytes = Baseline::from_findings(&findings, &request.target_path, &request.scan_types).to_bytes();
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
    files: BTreeMap<String, String>,
    format: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    created: Option<String>,
}

pub(super) fn sbom(request: Manifests) -> Result<Value> {
    let format = request.format.parse()?;
    let files = request.files.into_iter().map(|(path, text)| (crate::path::normalize(&path, None), text.into_bytes())).collect();
    let bill = sbom::collect_files(&files);
    let options = SbomOptions { name: request.name, created: request.created, ..SbomOptions::default() };
    Ok(json!({ "text": sbom::render(&bill, format, &options)?, "unread": bill.unread }))
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
