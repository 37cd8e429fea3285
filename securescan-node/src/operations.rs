//! The operations that are functions: each as the promise of its value, and at once where that makes sense (`…Sync`).

use crate::baseline::Baseline;
use crate::bytes::{Bytes, Files};
use crate::config::Config;
use crate::difference::Difference;
use crate::errors::{self, guard};
use crate::findings::Findings;
use crate::task::{Job, promise};
use napi::Env;
use napi::bindgen_prelude::{AsyncTask, Buffer};
use napi_derive::napi;
use securescan_core::api::{self, ProcessOptions, Style, Subject};
use securescan_core::ingest::{self, IngestOptions};
use securescan_core::{Result, model, sbom};
use serde::Deserialize;
use std::path::PathBuf;
use std::sync::Arc;

/// How a report is read.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Reading {
    pub(crate) tool: Option<String>,
    root: Option<String>,
    max_bytes: Option<u64>,
    max_findings: Option<usize>,
}

impl Reading {
    pub(crate) fn ingest(&self) -> IngestOptions {
        let default = IngestOptions::default();
        IngestOptions {
            root: self.root.clone(),
            max_bytes: self.max_bytes.unwrap_or(default.max_bytes),
            max_findings: self.max_findings.unwrap_or(default.max_findings),
        }
    }
}

fn read(report: &[u8], options: &str) -> Result<Findings> {
    let reading: Reading = errors::options(options)?;
    let result = ingest::parse(report, reading.tool.as_deref(), &reading.ingest())?;
    Ok(Findings::fresh(model::Findings::from_result(result)))
}

/// Reads a report.
#[napi(ts_return_type = "Promise<Findings>")]
pub fn parse(report: &mut Bytes, options: String) -> AsyncTask<Job<Findings>> {
    let report = report.take();
    promise(move || read(&report, &options))
}

/// Reads a report at once.
#[napi]
pub fn parse_sync(env: Env, report: &mut Bytes, options: String) -> napi::Result<Findings> {
    let report = report.take();
    Ok(guard(|| read(&report, &options))?.told(&env))
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Processing {
    root: Option<PathBuf>,
    suppress: Option<bool>,
}

fn processing(
    findings: &Findings,
    options: &str,
    files: Option<&mut Files>,
    config: Option<&Config>,
    baseline: Option<&Baseline>,
) -> impl FnOnce() -> Result<Findings> + Send + 'static {
    let options = options.to_owned();
    let (findings, files) = (findings.core(), files.map(Files::take).unwrap_or_default());
    let (config, baseline) = (config.map(Config::core), baseline.map(Baseline::shared));
    move || {
        let given: Processing = errors::options(&options)?;
        let options = ProcessOptions {
            root: given.root,
            files,
            config: config.unwrap_or_default(),
            baseline: baseline.map(Arc::unwrap_or_clone),
            suppress: given.suppress.unwrap_or(true),
        };
        Ok(Findings::fresh(api::process(&findings, &options).findings))
    }
}

/// The whole pipeline.
#[napi(ts_return_type = "Promise<Findings>")]
pub fn process(
    findings: &Findings,
    options: String,
    files: Option<&mut Files>,
    config: Option<&Config>,
    baseline: Option<&Baseline>,
) -> AsyncTask<Job<Findings>> {
    promise(processing(findings, &options, files, config, baseline))
}

/// The whole pipeline, at once.
#[napi]
pub fn process_sync(
    env: Env,
    findings: &Findings,
    options: String,
    files: Option<&mut Files>,
    config: Option<&Config>,
    baseline: Option<&Baseline>,
) -> napi::Result<Findings> {
    Ok(guard(processing(findings, &options, files, config, baseline))?.told(&env))
}

/// What is new, fixed and unchanged.
#[napi(ts_return_type = "Promise<Difference>")]
pub fn diff(base: &Findings, head: &Findings) -> AsyncTask<Job<Difference>> {
    let (base, head) = (base.core(), head.core());
    promise(move || Ok(Difference::new(api::diff(&base, &head))))
}

/// What is new, fixed and unchanged, at once.
#[napi]
pub fn diff_sync(base: &Findings, head: &Findings) -> napi::Result<Difference> {
    guard(|| Ok(Difference::new(api::diff(&base.core(), &head.core()))))
}

/// What appeared and disappeared since a baseline.
#[napi(ts_return_type = "Promise<Difference>")]
pub fn compare(baseline: &Baseline, current: &Findings) -> AsyncTask<Job<Difference>> {
    let (baseline, current) = (baseline.shared(), current.core());
    promise(move || Ok(Difference::new(api::compare(&baseline, &current))))
}

/// What appeared and disappeared since a baseline, at once.
#[napi]
pub fn compare_sync(baseline: &Baseline, current: &Findings) -> napi::Result<Difference> {
    guard(|| Ok(Difference::new(api::compare(&baseline.shared(), &current.core()))))
}

fn rendered(subject: Subject<'_>, format: &str, style: &str) -> Result<Buffer> {
    api::render(subject, format, errors::options::<Style>(style)?).map(Buffer::from)
}

/// Findings in a format.
#[napi(ts_return_type = "Promise<Buffer>")]
pub fn render_findings(findings: &Findings, format: String, style: String) -> AsyncTask<Job<Buffer>> {
    let findings = findings.core();
    promise(move || rendered(Subject::Findings(&findings), &format, &style))
}

/// Findings in a format, at once.
#[napi]
pub fn render_findings_sync(findings: &Findings, format: String, style: String) -> napi::Result<Buffer> {
    guard(|| rendered(Subject::Findings(&findings.core()), &format, &style))
}

/// A difference in a format.
#[napi(ts_return_type = "Promise<Buffer>")]
pub fn render_difference(difference: &Difference, format: String, style: String) -> AsyncTask<Job<Buffer>> {
    let difference = difference.shared();
    promise(move || rendered(Subject::Difference(&difference), &format, &style))
}

/// A difference in a format, at once.
#[napi]
pub fn render_difference_sync(difference: &Difference, format: String, style: String) -> napi::Result<Buffer> {
    guard(|| rendered(Subject::Difference(&difference.shared()), &format, &style))
}

/// Whether a format is bytes and no text.
#[napi]
pub fn is_binary(format: String) -> napi::Result<bool> {
    guard(|| api::is_binary(&format))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bill {
    #[serde(default = "cyclonedx")]
    format: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    created: Option<String>,
}

fn cyclonedx() -> String {
    "cyclonedx".to_owned()
}

fn billing(path: Option<String>, files: Option<&mut Files>, options: String) -> impl FnOnce() -> Result<String> + Send + 'static {
    let files = files.map(Files::take).unwrap_or_default();
    move || {
        let given: Bill = errors::options(&options)?;
        let format = given.format.parse()?;
        let bill = match path {
            Some(path) => sbom::collect(path.as_ref())?,
            None => {
                let normal = |path: &str| securescan_core::path::normalize(path, None);
                sbom::collect_files(&files.into_iter().map(|(path, text)| (normal(&path), text)).collect())
            }
        };
        let name = given.name.or_else(|| bill.name.clone());
        sbom::render(&bill, format, &sbom::SbomOptions { name, created: given.created, ..Default::default() })
    }
}

/// The bill of materials of a folder or of files.
#[napi(ts_return_type = "Promise<string>")]
pub fn sbom(path: Option<String>, files: Option<&mut Files>, options: String) -> AsyncTask<Job<String>> {
    promise(billing(path, files, options))
}

/// The bill of materials of a folder or of files, at once.
#[napi]
pub fn sbom_sync(path: Option<String>, files: Option<&mut Files>, options: String) -> napi::Result<String> {
    guard(billing(path, files, options))
}

/// Each scanner and whether it can run here, JSON.
#[napi(ts_return_type = "Promise<string>")]
pub fn status() -> AsyncTask<Job<String>> {
    promise(|| errors::json(&api::scanner_status()))
}

/// Each scanner and whether it can run here, JSON, at once.
#[napi]
pub fn status_sync() -> napi::Result<String> {
    guard(|| errors::json(&api::scanner_status()))
}

/// Whether a signature is right. Without `now` the clock of this machine says it.
#[napi]
pub fn verify_webhook(secret: String, header: String, body: &mut Bytes, tolerance: f64, now: Option<f64>) -> bool {
    use securescan_core::webhook;
    let now = now.map_or_else(webhook::now, |now| now as i64);
    webhook::verify(&secret, &header, &body.take(), tolerance as u64, now)
}
