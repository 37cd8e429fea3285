//! Semgrep: `semgrep scan --json`, and the vulnerabilities of its supply chain API.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, words};
use crate::Result;
use crate::model::{ScanType, Severity};
use serde_json::Value;

pub(super) struct Semgrep;

const META: ParserMeta = ParserMeta {
    id: "semgrep",
    title: "Semgrep JSON",
    versions_read: "0.x and 1.x (`results`), web API (`findings`, `vulns`)",
    upstream: "https://semgrep.dev/docs/semgrep-appsec-platform/json-and-sarif",
    scan_type: ScanType::Code,
};

/// Semgrep's words for severity.
///
/// # Source
/// Rule syntax of Semgrep 1.182: ERROR, WARNING, INFO, and CRITICAL, HIGH, MEDIUM, LOW since 1.72.
const SEVERITIES: &[(&str, Severity)] = &[
    ("CRITICAL", Severity::Critical),
    ("HIGH", Severity::High),
    ("ERROR", Severity::High),
    ("MEDIUM", Severity::Medium),
    ("WARNING", Severity::Medium),
    ("LOW", Severity::Low),
    ("INFO", Severity::Low),
    ("INVENTORY", Severity::Info),
    ("EXPERIMENT", Severity::Info),
];

impl Parser for Semgrep {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let results = shape.has("results.check_id")
            || (shape.has_all(&["results", "errors"]) && !shape.has_any(&["results.test_id", "metrics", "generated_at"]));
        // The errors stand first, and may be longer than what is looked at.
        let errors = shape.has("errors.code") && (shape.has_all(&["errors.level", "errors.type"]) || shape.has("errors.rule_id"));
        let supply_chain = shape.has_all(&["vulns", "vulns.advisory"]);
        let api = shape.has_all(&["findings.rule_name", "findings.rule_message"]);
        shape.top == Top::Object && (results || errors || supply_chain || api)
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants =
            [Want::Each("results"), Want::Each("findings"), Want::Each("vulns"), Want::Each("errors"), Want::Whole("version")];
        json::read(&mut input, &["results", "findings", "vulns"], &wants, report, &mut |report, at, value| match at.place {
            "results" => result(report, Fields::of(value)?),
            "findings" => api_finding(report, Fields::of(value)?),
            "vulns" => vulnerability(report, Fields::of(value)?),
            "errors" => error(report, Fields::or_empty(value)),
            _ => {
                report.version(value.as_str().map(str::to_owned));
                Ok(())
            }
        })
    }
}

/// A finding of the web API: `GET /deployments/{slug}/findings`.
fn api_finding(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let rule = item.first_text(&["rule_name", "rule.name"]).ok_or_else(|| bad("`rule_name` is missing"))?;
    let message = item.first_text(&["rule_message", "rule.message"]).unwrap_or_default();
    let severity = item.text("severity").and_then(|word| words::severity(&word)).unwrap_or(Severity::Low);
    let mut finding = report.finding(severity, title(&rule, &message));
    finding.file_path = locate::file(item.text("location.file_path").as_deref(), report)?;
    finding.line = item.position("location.line");
    finding.column = item.position("location.column");
    finding.end_line = item.position("location.end_line");
    finding.end_column = item.position("location.end_column");
    finding.confidence = item.text("confidence").and_then(|word| words::confidence(&word));
    finding.cwe = item.texts("rule.cwe_names").iter().find_map(|text| words::cwe(text));
    finding.remediation = item.text("assistant.guidance.summary").unwrap_or_default();
    finding.references = words::urls(item.text("line_of_code_url"));
    let states = [item.text("state"), item.text("status"), item.text("triage_state")];
    finding.ignored_in_source = states.iter().flatten().any(|word| word == "muted" || word == "ignored");
    for name in ["location", "rule", "review_comments", "external_ticket", "created_at", "state_updated_at", "triaged_at"] {
        item.value(name);
    }
    finding.rule_id = Some(rule);
    finding.description = message;
    finding.metadata.tool = item.rest();
    report.push(finding)
}

fn result(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let rule = item.need("check_id")?;
    let message = item.text("extra.message").unwrap_or_default();
    let severity = item.text("extra.severity").and_then(|word| words::pick(&word, SEVERITIES)).unwrap_or(Severity::Low);
    let mut finding = report.finding(severity, title(&rule, &message));
    finding.file_path = locate::file(item.text("path").as_deref(), report)?;
    finding.line = item.position("start.line");
    finding.column = item.position("start.col");
    finding.end_line = item.position("end.line");
    finding.end_column = item.position("end.col");
    finding.metadata.line_snippet = item.text("extra.lines");
    finding.confidence = item.text("extra.metadata.confidence").and_then(|word| words::confidence(&word));
    let weaknesses = item.value("extra.metadata.cwe").map(|v| words::cwes(&v)).unwrap_or_default();
    finding.references =
        words::urls(item.texts("extra.metadata.references").into_iter().chain(item.texts("extra.metadata.source")));
    finding.ignored_in_source = item.flag("extra.is_ignored").unwrap_or(false);
    item.value("extra.fingerprint");
    if weaknesses.len() > 1 {
        item.keep("cwes", weaknesses.clone());
    }
    finding.cwe = weaknesses.into_iter().next();
    finding.rule_id = Some(rule);
    finding.description = message;
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// An entry of the supply chain API's list of vulnerabilities.
fn vulnerability(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let rule = item.first_text(&["advisory.ruleId", "groupKey"]).ok_or_else(|| bad("`advisory.ruleId` is missing"))?;
    // The rule's own text, some kilobytes for each finding.
    item.value("advisory.ruleText");
    let severity = item.text("advisory.severity").and_then(|word| words::pick(&word, SEVERITIES)).unwrap_or(Severity::Medium);
    let title = item.text("title").or_else(|| item.text("advisory.title")).unwrap_or_else(|| rule.clone());
    let mut finding = report.finding(severity, title);
    finding.scan_type = ScanType::Dependency;
    let mut dependency = item.object("dependencyData");
    let manifest = dependency.first_text(&["lockfileFilePath", "manifestFilePath"]);
    finding.file_path = locate::file(item.text("dependencyFileLocation.path").or(manifest).as_deref(), report)?;
    finding.line = item.first_text(&["dependencyFileLocation.startLine"]).and_then(|n| n.parse().ok()).filter(|n| *n > 0);
    let weaknesses = item.value("advisory.references.cweIds").map(|v| words::cwes(&v)).unwrap_or_default();
    finding.cwe = weaknesses.into_iter().next();
    finding.vulnerability_ids = item.texts("advisory.references.cveIds");
    finding.references = words::urls(item.texts("advisory.references.urls"));
    let ecosystem = item.text("advisory.ecosystem").unwrap_or_default();
    if let Some(name) = item.first_text(&["matchedDependency.name"]).or_else(|| dependency.text("name")) {
        let version = item.text("matchedDependency.versionSpecifier").or_else(|| dependency.text("version"));
        let fixed = item.texts("closestSafeDependency.versionSpecifier").into_iter().next();
        finding.package = Some(Box::new(words::package(&ecosystem, name, version, fixed)));
    }
    finding.rule_id = Some(rule);
    finding.description = item.first_text(&["advisory.description", "description"]).unwrap_or_default();
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// The last part of the rule's name as words, else the message's first sentence.
fn title(rule: &str, message: &str) -> String {
    let name = rule.rsplit('.').next().unwrap_or_default().replace(['-', '_'], " ");
    if name.trim().is_empty() { words::first_sentence(message) } else { name }
}

/// What Semgrep could not look at: its own errors, not its warnings.
fn error(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let level = item.text("level").unwrap_or_else(|| "error".to_owned());
    if level == "error" {
        let path = item.first_text(&["path", "rule_id"]).unwrap_or_else(|| ".".to_owned());
        let kind = item.value("type").and_then(|v| match v {
            Value::Array(parts) => parts.into_iter().next().and_then(|first| first.as_str().map(str::to_owned)),
            other => other.as_str().map(str::to_owned),
        });
        let message = item.first_text(&["message", "long_msg", "short_msg"]).unwrap_or_default();
        report.missed(path, format!("{}: {}", kind.unwrap_or_else(|| level.clone()), words::first_sentence(&message)));
    }
    Ok(())
}
