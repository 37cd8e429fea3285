//! The functions of the package that take and give native objects. Each is one call of the core.

use crate::convert::{self, bytes, invalid};
use crate::documents::{Baseline, Comparison, Config, Diff};
use crate::errors::raise;
use crate::findings::Findings;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use securescan_core::api::{self, ProcessOptions, Style, Subject};
use securescan_core::ingest::{self, IngestOptions};
use securescan_core::{Error, model, webhook};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Reads a report; see `securescan.parse`.
#[pyfunction]
#[pyo3(signature = (data, tool, root, max_bytes, max_findings))]
pub(crate) fn parse(
    py: Python<'_>,
    data: &Bound<'_, PyAny>,
    tool: Option<&str>,
    root: Option<String>,
    max_bytes: Option<u64>,
    max_findings: Option<usize>,
) -> PyResult<Findings> {
    let data = bytes(data, "data")?;
    let mut options = IngestOptions { root, ..IngestOptions::default() };
    options.max_bytes = max_bytes.unwrap_or(options.max_bytes);
    options.max_findings = max_findings.unwrap_or(options.max_findings);
    let read = py.detach(|| ingest::parse(&data, tool, &options));
    read.map(|result| Findings(model::Findings::from_result(result))).map_err(|e| raise(py, &e))
}

/// The whole pipeline; gives the findings and what was done beside.
#[pyfunction]
#[pyo3(signature = (findings, root, files, config, baseline, suppress))]
pub(crate) fn process<'py>(
    py: Python<'py>,
    findings: &Bound<'py, Findings>,
    root: Option<PathBuf>,
    files: Option<BTreeMap<String, Bound<'py, PyAny>>>,
    config: Option<&Bound<'py, Config>>,
    baseline: Option<&Bound<'py, Baseline>>,
    suppress: bool,
) -> PyResult<(Findings, Bound<'py, PyAny>)> {
    let files = files.unwrap_or_default().into_iter().map(|(path, text)| Ok((path, bytes(&text, "a file")?)));
    let options = ProcessOptions {
        root,
        files: files.collect::<PyResult<_>>()?,
        config: config.map(|config| config.get().0.clone()).unwrap_or_default(),
        baseline: baseline.map(|baseline| baseline.get().0.clone()),
        suppress,
    };
    let given = &findings.get().0;
    let done = py.detach(|| api::process(given, &options));
    Ok((Findings(done.findings.clone()), convert::to_py(py, &done.about())?))
}

/// What is new, fixed and unchanged.
#[pyfunction]
pub(crate) fn diff(py: Python<'_>, base: &Bound<'_, Findings>, head: &Bound<'_, Findings>) -> Diff {
    let (base, head) = (&base.get().0, &head.get().0);
    Diff(py.detach(|| api::diff(base, head)))
}

/// What appeared and disappeared since a baseline.
#[pyfunction]
pub(crate) fn compare(py: Python<'_>, baseline: &Bound<'_, Baseline>, current: &Bound<'_, Findings>) -> Comparison {
    let (baseline, current) = (&baseline.get().0, &current.get().0);
    Comparison(py.detach(|| api::compare(baseline, current)))
}

/// Renders findings or a difference: text, or bytes for the formats that are none.
#[pyfunction]
pub(crate) fn render<'py>(
    py: Python<'py>,
    subject: &Bound<'py, PyAny>,
    format: &str,
    options_json: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let style: Style = serde_json::from_str(options_json).map_err(|e| invalid(py, &format!("bad render options: {e}")))?;
    let subject = if let Ok(findings) = subject.cast::<Findings>() {
        Subject::Findings(&findings.get().0)
    } else if let Ok(diff) = subject.cast::<Diff>() {
        Subject::Difference(&diff.get().0)
    } else if let Ok(comparison) = subject.cast::<Comparison>() {
        Subject::Difference(&comparison.get().0)
    } else {
        return Err(invalid(py, "what is rendered is Findings, a ScanResult, a Diff or a Comparison"));
    };
    let (out, binary) = py
        .detach(|| Ok::<_, Error>((api::render(subject, format, style)?, api::is_binary(format)?)))
        .map_err(|e| raise(py, &e))?;
    if binary {
        return Ok(PyBytes::new(py, &out).into_any());
    }
    match String::from_utf8(out) {
        Ok(text) => Ok(text.into_pyobject(py)?.into_any()),
        Err(error) => Ok(PyBytes::new(py, error.as_bytes()).into_any()),
    }
}

/// Counts by severity and the score.
#[pyfunction]
pub(crate) fn summary<'py>(py: Python<'py>, findings: &Bound<'py, Findings>) -> PyResult<Bound<'py, PyAny>> {
    let findings = &findings.get().0;
    convert::json(py, &py.detach(|| api::summary(findings)))
}

/// 0 to 100.
#[pyfunction]
pub(crate) fn risk_score(py: Python<'_>, findings: &Bound<'_, Findings>) -> f64 {
    let findings = &findings.get().0;
    py.detach(|| api::risk_score(findings))
}

/// Which controls of which framework are touched.
#[pyfunction]
pub(crate) fn coverage<'py>(py: Python<'py>, findings: &Bound<'py, Findings>) -> PyResult<Bound<'py, PyAny>> {
    let findings = &findings.get().0;
    convert::json(py, &py.detach(|| api::coverage(findings)))
}

/// Whether a signature is right.
#[pyfunction]
pub(crate) fn verify_webhook(
    secret: &str,
    header: &str,
    body: &Bound<'_, PyAny>,
    tolerance: u64,
    now: Option<i64>,
) -> PyResult<bool> {
    Ok(webhook::verify(secret, header, &bytes(body, "body")?, tolerance, now.unwrap_or_else(webhook::now)))
}

/// Each scanner, and whether it can run here.
#[pyfunction]
pub(crate) fn status(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    convert::json(py, &py.detach(api::scanner_status))
}

/// The command line, in this process; gives its exit code.
#[pyfunction]
pub(crate) fn run_cli(py: Python<'_>, args: Vec<std::ffi::OsString>) -> u8 {
    py.detach(|| securescan_cli::run(args))
}
