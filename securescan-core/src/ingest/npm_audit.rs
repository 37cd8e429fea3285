//! npm: `npm audit --json` of npm 6 (`advisories`) and of npm 7 and later (`vulnerabilities`), and `pnpm audit --json`,
//! which writes the older form.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, versions, words};
use crate::model::{ScanType, Severity};
use crate::{Error, ErrorKind, Result};
use serde_json::Value;

pub(super) struct NpmAudit;

const META: ParserMeta = ParserMeta {
    id: "npm-audit",
    title: "npm audit and pnpm audit JSON",
    versions_read: "npm 6 (`advisories`), npm 7 and later (`vulnerabilities`, report version 2), pnpm",
    upstream: "https://docs.npmjs.com/cli/commands/npm-audit",
    scan_type: ScanType::Dependency,
};

/// Severity where the report states none or an unknown word.
///
/// # Source
/// npm's words (info, low, moderate, high, critical) are in the common table; anything else was medium in SecureScan for Python.
const UNSTATED: Severity = Severity::Medium;

impl Parser for NpmAudit {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let older = shape.has("advisories")
            && (shape.has_all(&["metadata", "metadata.vulnerabilities"]) || shape.has_under("advisories", "module_name"));
        let failed = shape.has_any(&["error.summary", "error.detail"])
            || shape.text("error.code").is_some_and(|code| code.starts_with("ERR_PNPM_") || code.starts_with('E'))
            || shape.has_all(&["message", "method", "uri", "statusCode"]);
        shape.top == Top::Object && !shape.has("type") && (shape.has("auditReportVersion") || older || failed)
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [Want::Entries("vulnerabilities"), Want::Entries("advisories"), Want::Whole("error"), Want::Whole("message")];
        let mut failure = None;
        let read =
            json::read(&mut input, &["vulnerabilities", "advisories"], &wants, report, &mut |report, at, value| match at.place {
                "vulnerabilities" => package(report, at.key, Fields::of(value)?),
                "advisories" => advisory(report, at.key, Fields::of(value)?),
                _ => {
                    failure = failed(value).or(failure.take());
                    Ok(())
                }
            });
        match failure {
            Some(why) => Err(Error::new(ErrorKind::Scanner, format!("the audit failed: {why}"))
                .hint("nothing was audited; repair the cause and run it again")),
            None => read,
        }
    }
}

/// What npm says where it has no report to give: an object, or its message alone.
fn failed(value: Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text,
        other => {
            let mut error = Fields::or_empty(other);
            let code = error.text("code");
            let texts = [code, error.text("summary").or_else(|| error.text("message")), error.text("detail")];
            texts.into_iter().flatten().collect::<Vec<_>>().join(": ")
        }
    };
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then(|| super::report::clip(line, 500))
}

/// A package that is affected, itself or through what it depends on.
fn package(report: &mut Report<'_>, key: &str, mut item: Fields) -> Result<(), Stop> {
    let name = item.text("name").unwrap_or_else(|| key.to_owned());
    if name.trim().is_empty() {
        return Err(bad("the package has no name"));
    }
    let (mut through, mut advisories) = (Vec::new(), Vec::new());
    for via in item.list("via") {
        match via {
            Value::String(name) => through.push(name),
            other => advisories.extend(Fields::of(other).ok()),
        }
    }
    let word = item.text("severity").and_then(|word| words::severity(&word));
    let mut finding = report.finding(word.unwrap_or(UNSTATED), format!("Vulnerable npm package: {name}"));
    finding.rule_id = Some(format!("npm-audit/{name}"));
    let (mut titles, mut weaknesses, mut kept) = (Vec::new(), Vec::new(), Vec::new());
    for mut advisory in advisories {
        titles.extend(advisory.peek("title").and_then(Value::as_str).map(str::to_owned));
        weaknesses.extend(advisory.value("cwe").map(|v| words::cwes(&v)).unwrap_or_default());
        let url = advisory.text("url");
        finding.vulnerability_ids.extend(url.as_deref().and_then(words::advisory_of_url));
        finding.vulnerability_ids.extend(advisory.texts("cves").into_iter().filter(|id| words::is_advisory(id)));
        if let Some(url) = url {
            advisory.keep("url", url.clone());
            finding.references.extend(words::urls([url]));
        }
        kept.push(Value::Object(advisory.rest()));
    }
    titles.dedup();
    finding.description = match (titles.is_empty(), through.is_empty()) {
        (false, _) => titles.join("; "),
        (true, false) => format!("It depends on vulnerable versions of {}.", through.join(", ")),
        (true, true) => format!("Vulnerability in {name}"),
    };
    set_weaknesses(&mut finding, &mut item, weaknesses);
    let fixed = fix(&name, &mut item, &mut finding.remediation);
    finding.package = Some(Box::new(words::package("npm", name, None, fixed)));
    item.keep("via", through);
    item.keep("advisories", kept);
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// First weakness, and the list when there are several.
pub(super) fn set_weaknesses(finding: &mut crate::model::Finding, item: &mut Fields, mut weaknesses: Vec<String>) {
    let mut seen = std::collections::BTreeSet::new();
    weaknesses.retain(|cwe| seen.insert(cwe.clone()));
    if weaknesses.len() > 1 {
        item.keep("cwes", weaknesses.clone());
    }
    finding.cwe = weaknesses.into_iter().next();
}

/// What npm would do about a package, in words; the version it would have then, where the report tells.
fn fix(name: &str, item: &mut Fields, remediation: &mut String) -> Option<String> {
    let value = item.peek("fixAvailable").cloned()?;
    let mut plan = Fields::or_empty(value.clone());
    if let (Some(target), Some(version)) = (plan.text("name"), plan.text("version")) {
        let major = if plan.flag("isSemVerMajor") == Some(true) { ", which is a breaking change" } else { "" };
        let own = target == name;
        *remediation = match own {
            true => format!("Update {name} to {version}{major}"),
            false => format!("Update {target} to {version}{major}: it brings a fixed {name}"),
        };
        return own.then_some(version);
    }
    *remediation = match value {
        Value::Bool(true) | Value::Object(_) => format!("Run `npm audit fix`: a fixed {name} fits what depends on it"),
        _ => format!("No fix is available for {name}: look for an update or an alternative"),
    };
    None
}

/// An advisory as npm 6, pnpm and yarn 1 write it, with the versions of the package it concerns.
pub(super) fn advisory(report: &mut Report<'_>, key: &str, mut item: Fields) -> Result<(), Stop> {
    let name = item.first_text(&["module_name", "name"]);
    let number = item.text("id").unwrap_or_else(|| key.to_owned());
    let (url, title) = (item.text("url"), item.text("title").unwrap_or_default());
    if name.is_none() && title.is_empty() && url.is_none() {
        return Err(bad("`module_name`, `title` and `url` are missing"));
    }
    let score = item.peek("cvss.score").and_then(Value::as_f64).filter(|score| *score > 0.0).and_then(words::severity_of_score);
    let word = item.text("severity").and_then(|word| words::severity(&word));
    let title = match (&name, title.trim()) {
        (Some(name), "") => format!("Vulnerable npm package: {name}"),
        (Some(name), title) => format!("{name}: {title}"),
        (None, title) => title.to_owned(),
    };
    let mut finding = report.finding(word.or(score).unwrap_or(UNSTATED), title);
    let github = item.text("github_advisory_id").or_else(|| url.as_deref().and_then(words::advisory_of_url));
    finding.rule_id = Some(github.clone().unwrap_or_else(|| format!("npm-audit/{number}")));
    let cves = item.texts("cves").into_iter().filter(|id| words::is_advisory(id));
    finding.vulnerability_ids = github.into_iter().chain(cves).collect();
    finding.description = item.first_text(&["overview", "description"]).unwrap_or_default();
    let weaknesses = item.value("cwe").map(|v| words::cwes(&v)).unwrap_or_default();
    set_weaknesses(&mut finding, &mut item, weaknesses);
    let references = item.texts("references");
    finding.references = words::urls(url);
    finding.references.extend(references.iter().flat_map(|text| words::links(text)));

    let installed = installed(&item);
    let patched = item.peek("patched_versions").and_then(Value::as_str).map(versions::lower_bounds).unwrap_or_default();
    let fixed = versions::next_fix(&patched, installed.as_deref());
    let advice = item.text("recommendation").filter(|text| !text.eq_ignore_ascii_case("none"));
    finding.remediation = match (&name, &fixed) {
        (Some(name), Some(fixed)) => format!("Update {name} to {fixed}"),
        _ => advice.unwrap_or_default(),
    };
    finding.package = name.map(|name| Box::new(words::package("npm", name, installed, fixed)));
    item.keep("advisory", number);
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// The version that is installed, the lowest where there are several.
fn installed(item: &Fields) -> Option<String> {
    let findings = item.peek("findings")?.as_array()?;
    let versions = findings.iter().take(1000).filter_map(|f| f.get("version")?.as_str()).filter(|v| !v.is_empty());
    versions.min_by(|a, b| versions::compare(a, b)).map(str::to_owned)
}

#[cfg(test)]
mod tests;
