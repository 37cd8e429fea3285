//! Operations from findings to findings.

use crate::baseline::Baseline;
use crate::compliance::Frameworks;
use crate::config::Config;
use crate::identity::{self, Scheme};
use crate::model::{Finding, ScanResult};
use crate::pipeline::{self, PipelineOptions};
use crate::source::MemorySources;
use crate::{Error, Result, classify, score};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

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
    findings: Vec<Finding>,
}

pub(super) fn dedup(request: Many) -> Result<FindingsOut> {
    let mut findings = read_findings(&request.findings)?.findings;
    identity::identify(&mut findings, &crate::source::NoSources);
    let mut findings = crate::dedup::deduplicate(findings);
    crate::order::sort(&mut findings);
    identity::number(&mut findings);
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
    files: BTreeMap<String, String>,
    #[serde(default = "yes")]
    suppress: bool,
}

fn yes() -> bool {
    true
}

pub(super) fn process(request: Process) -> Result<Value> {
    let findings = read_findings(&request.findings)?.findings;
    let config = request.config.as_deref().map_or(Ok(Config::default()), |text| Config::parse(text, "config"))?;
    let baseline = request.baseline.as_deref().map(|text| Baseline::parse(text.as_bytes(), "baseline")).transpose()?;
    let sources = MemorySources(request.files.into_iter().map(|(path, text)| (path, text.into_bytes().into())).collect());
    let options = PipelineOptions {
        config: &config,
        baseline: baseline.as_ref(),
        suppress: request.suppress,
        frameworks: Frameworks::builtin(),
        sources: &sources,
    };
    let done = pipeline::run(findings, &options);
    let s = &done.suppressed;
    Ok(json!({
        "findings": super::answer(&done.findings)?,
        "suppressed": { "inline": s.inline, "config": s.config, "baseline": s.baseline },
        "overridden": done.overridden,
    }))
}

#[derive(Deserialize)]
pub(super) struct Sides {
    base: Value,
    head: Value,
}

/// Identified already or not: what has no fingerprint gets one.
fn identified(value: &Value) -> Result<ScanResult> {
    let mut side = read_findings(value)?;
    identity::identify(&mut side.findings, &crate::source::NoSources);
    crate::order::sort(&mut side.findings);
    identity::number(&mut side.findings);
    Ok(side)
}

pub(super) fn diff(request: Sides) -> Result<Value> {
    let diff = classify::diff(identified(&request.base)?, identified(&request.head)?);
    Ok(json!({
        "new": super::answer(diff.new)?,
        "fixed": super::answer(diff.fixed)?,
        "unchanged": super::answer(diff.unchanged)?,
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
    let done = classify::compare(&baseline.as_findings(), identified(&request.current)?);
    Ok(json!({
        "new": super::answer(done.new)?,
        "disappeared": super::answer(done.disappeared)?,
        "still_present": super::answer(done.still_present)?,
        "not_scanned": super::answer(done.not_scanned)?,
    }))
}

pub(super) fn summary(request: Many) -> Result<score::Summary> {
    let result = read_findings(&request.findings)?;
    let run = result.scanners.iter().map(|s| s.name.clone()).collect();
    Ok(score::summary(&result.findings, run))
}

pub(super) fn compliance_tags(request: OneFinding) -> Result<Value> {
    Ok(json!({ "tags": Frameworks::builtin().tag(&lenient_finding(request.finding)?) }))
}

pub(super) fn coverage(request: Many) -> Result<Value> {
    let findings = read_findings(&request.findings)?.findings;
    super::answer(Frameworks::builtin().coverage(&findings))
}
