//! Operations from findings to findings.

use super::steps::{self, ProcessOptions};
use crate::baseline::Baseline;
use crate::compliance::Frameworks;
use crate::config::Config;
use crate::identity::{self, Scheme};
use crate::model::{Filter, Finding, Findings, ScanResult};
use crate::{Error, Result, score};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Findings as any surface hands them in: a bare array, or a snapshot.
pub(super) fn read_findings(value: &Value) -> Result<ScanResult> {
    if !(value.is_array() || value.is_object()) {
        return Err(Error::invalid("findings are neither a list nor a snapshot"));
    }
    crate::ingest::from_value(value)
}

#[derive(Deserialize)]
pub(super) struct OneFinding {
    finding: Map<String, Value>,
    #[serde(default)]
    scheme: Option<String>,
}

/// A mapping that has the identity fields is enough: what a finding must have beside them is filled in.
fn lenient_finding(mut map: Map<String, Value>) -> Result<Finding> {
    for (key, value) in [("scanner", ""), ("scan_type", "code"), ("severity", "info"), ("title", "")] {
        if map.get(key).is_none_or(Value::is_null) {
            map.insert(key.into(), value.into());
        }
    }
    serde_json::from_value(Value::Object(map)).map_err(|e| Error::invalid(format!("not a finding: {e}")))
}

pub(super) fn fingerprint(request: OneFinding) -> Result<Value> {
    let scheme = request.scheme.as_deref().map_or(Ok(Scheme::V2), str::parse)?;
    Ok(json!({ "fingerprint": identity::fingerprint(&lenient_finding(request.finding)?, scheme) }))
}

#[derive(Deserialize)]
pub(super) struct Context {
    snippet: Value,
    #[serde(default)]
    scheme: Option<String>,
    #[serde(default)]
    path: Option<String>,
}

pub(super) fn normalized_line_context(request: Context) -> Result<Value> {
    let scheme = request.scheme.as_deref().map_or(Ok(Scheme::V2), str::parse)?;
    if !(request.snippet.is_string() || request.snippet.is_array() || request.snippet.is_null()) {
        return Err(Error::invalid("a snippet is text or a list of texts"));
    }
    let snippet = identity::v1::snippet_text(&request.snippet).unwrap_or_default();
    Ok(json!({ "context": identity::normalized_line_context(&snippet, scheme, request.path.as_deref()) }))
}

#[derive(Deserialize)]
pub(super) struct Many {
    findings: Value,
}

#[derive(Serialize)]
pub(super) struct FindingsOut {
    findings: Findings,
}

pub(super) fn dedup(request: Many) -> Result<FindingsOut> {
    Ok(FindingsOut { findings: steps::deduplicate(&collection(&request.findings)?) })
}

/// Findings of a document, as the steps take them.
fn collection(value: &Value) -> Result<Findings> {
    read_findings(value).map(Findings::from_result)
}

/// Which findings, in which order.
#[derive(Deserialize)]
pub(super) struct Choice {
    findings: Value,
    #[serde(default)]
    filter: Filter,
    #[serde(default)]
    sort: Option<String>,
    #[serde(default)]
    reverse: bool,
}

pub(super) fn filter(request: Choice) -> Result<FindingsOut> {
    let kept = collection(&request.findings)?.filter(&request.filter);
    let findings = match request.sort {
        None if request.reverse => kept.select((0..kept.len()).rev()),
        None => kept,
        Some(key) => kept.sorted(key.parse()?, request.reverse),
    };
    Ok(FindingsOut { findings })
}

#[derive(Deserialize)]
pub(super) struct Process {
    findings: Value,
    #[serde(default)]
    config: Option<String>,
    #[serde(default)]
    baseline: Option<String>,
    #[serde(default)]
    root: Option<PathBuf>,
    #[serde(default)]
    files: BTreeMap<String, String>,
    #[serde(default = "yes")]
    suppress: bool,
}

fn yes() -> bool {
    true
}

pub(super) fn process(request: Process) -> Result<Value> {
    let options = ProcessOptions {
        root: request.root,
        files: request.files.into_iter().map(|(path, text)| (path, text.into_bytes())).collect(),
        config: request.config.as_deref().map_or(Ok(Config::default()), |text| Config::parse(text, "config"))?,
        baseline: request.baseline.as_deref().map(|text| Baseline::parse(text.as_bytes(), "baseline")).transpose()?,
        suppress: request.suppress,
    };
    let done = steps::process(&collection(&request.findings)?, &options);
    Ok(json!({
        "findings": super::answer(&done.findings)?,
        "suppressed": done.suppressed,
        "overridden": done.overridden,
    }))
}

#[derive(Deserialize)]
pub(super) struct Sides {
    base: Value,
    head: Value,
}

pub(super) fn diff(request: Sides) -> Result<Value> {
    let diff = steps::diff(&collection(&request.base)?, &collection(&request.head)?);
    Ok(json!({
        "new": super::answer(diff.new)?,
        "fixed": super::answer(diff.gone)?,
        "unchanged": super::answer(diff.kept)?,
        "not_scanned": super::answer(diff.not_scanned)?,
    }))
}

#[derive(Deserialize)]
pub(super) struct Against {
    baseline: String,
    current: Value,
}

pub(super) fn compare(request: Against) -> Result<Value> {
    let baseline = Baseline::parse(request.baseline.as_bytes(), "baseline")?;
    let done = steps::compare(&baseline, &collection(&request.current)?);
    Ok(json!({
        "new": super::answer(done.new)?,
        "disappeared": super::answer(done.gone)?,
        "still_present": super::answer(done.kept)?,
        "not_scanned": super::answer(done.not_scanned)?,
    }))
}

pub(super) fn summary(request: Many) -> Result<score::Summary> {
    Ok(steps::summary(&collection(&request.findings)?))
}

pub(super) fn compliance_tags(request: OneFinding) -> Result<Value> {
    Ok(json!({ "tags": Frameworks::builtin().tag(&lenient_finding(request.finding)?) }))
}

pub(super) fn coverage(request: Many) -> Result<Value> {
    super::answer(steps::coverage(&collection(&request.findings)?))
}
