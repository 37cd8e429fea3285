//! GitHub's alerts as its API answers them: code scanning, secret scanning, Dependabot (REST and GraphQL).

use super::fields::Fields;
use super::json;
use super::leak::{Leak, Validity};
use super::report::{Report, Stop, bad, each_part};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, words};
use crate::Result;
use crate::model::{Finding, ScanType, Severity};
use serde_json::Value;

pub(super) struct GitHub;

const META: ParserMeta = ParserMeta {
    id: "github",
    title: "GitHub alerts (API)",
    versions_read: "REST 2022-11-28 (code scanning, secret scanning, Dependabot), GraphQL `vulnerabilityAlerts`",
    upstream: "https://docs.github.com/en/rest",
    scan_type: ScanType::Code,
};

/// Where GraphQL answers have their alerts.
const NODES: &[&str] = &[
    "data.repository.vulnerabilityAlerts.nodes",
    "data.repository.search.nodes",
    "data.search.nodes",
    "data.organization.repositories.nodes",
    "data.node.vulnerabilityAlerts.nodes",
];

impl Parser for GitHub {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let code = shape.has_all(&["most_recent_instance", "rule", "html_url"]);
        let secret = shape.has_all(&["secret_type", "html_url"]);
        let dependabot = shape.has_all(&["security_advisory", "security_vulnerability"]);
        let answer = NODES
            .iter()
            .any(|place| shape.has(place) && (place.contains("Alerts") || shape.has(&format!("{place}.vulnerabilityAlerts"))));
        match shape.top {
            Top::Array => code || secret || dependabot,
            Top::Object => code || secret || dependabot || answer,
            Top::Xml | Top::Text => false,
        }
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        json::read_many(&mut input, report, &mut |report, _, value| {
            let item = Fields::of(value)?;
            if item.has("data") { answer(report, item) } else { alert(report, item) }
        })
    }
}

/// An answer of the GraphQL API: alerts, or repositories with their alerts.
fn answer(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    for place in NODES {
        each_part(report, place, item.list(place), |report, part| {
            let mut part = Fields::of(part)?;
            if !part.has("vulnerabilityAlerts") {
                return alert(report, part);
            }
            if part.peek("vulnerabilityAlerts.pageInfo.hasNextPage").is_some_and(|more| more == true) {
                report.missed(".", "this is one page of the alerts");
            }
            let nodes = part.list("vulnerabilityAlerts.nodes");
            each_part(report, "vulnerabilityAlerts.nodes", nodes, |report, part| alert(report, Fields::of(part)?))
        })?;
    }
    Ok(())
}

fn alert(report: &mut Report<'_>, item: Fields) -> Result<(), Stop> {
    match () {
        () if item.has("securityVulnerability") => graphql(report, item),
        () if item.has("security_vulnerability") || item.has("security_advisory") => dependabot(report, item),
        () if item.has("secret_type") => secret(report, item),
        () => code(report, item),
    }
}

/// Alerts that somebody closed are known, and not found again.
fn close(finding: &mut Finding, item: &mut Fields) {
    let state = item.text("state").unwrap_or_default();
    finding.ignored_in_source =
        matches!(state.to_ascii_lowercase().as_str(), "dismissed" | "auto_dismissed" | "fixed" | "resolved");
    if !state.is_empty() {
        item.keep("state", state);
    }
}

fn code(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let rule = item.first_text(&["rule.id", "rule.name"]).ok_or_else(|| bad("`rule.id` is missing"))?;
    let message = item.text("most_recent_instance.message.text").unwrap_or_default();
    let about = item.first_text(&["rule.description", "rule.name"]).unwrap_or_else(|| rule.clone());
    // The level of security, else that of the rule.
    let word = item.text("rule.security_severity_level").filter(|word| words::severity(word).is_some() && word != "none");
    let word = word.or_else(|| item.text("rule.severity"));
    let severity = word.and_then(|word| words::severity(&word)).unwrap_or(Severity::Medium);
    let mut finding = report.finding(severity, about.trim_end_matches('.'));
    if let Some(tool) = item.text("tool.name") {
        finding.scanner = tool.to_lowercase();
    }
    let mut place = item.object("most_recent_instance.location");
    finding.file_path = locate::file(place.text("path").as_deref(), report)?;
    finding.line = place.position("start_line");
    finding.column = place.position("start_column");
    finding.end_line = place.position("end_line");
    finding.end_column = place.position("end_column");
    let tags = item.texts("rule.tags");
    finding.cwe = tags.iter().filter(|tag| tag.contains("cwe")).find_map(|tag| words::cwe(tag));
    let full = item.first_text(&["rule.full_description", "rule.help"]);
    finding.description = if message.is_empty() { full.unwrap_or(about) } else { message };
    finding.references = words::urls([item.text("html_url"), item.text("rule.help_uri")].into_iter().flatten());
    finding.rule_id = Some(rule);
    close(&mut finding, &mut item);
    finish(report, finding, item)
}

fn secret(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let rule = item.need("secret_type")?;
    let description = item.text("secret_type_display_name").unwrap_or_default();
    let validity = match item.text("validity").as_deref() {
        Some("active") => Validity::Works,
        Some("inactive") => Validity::Dead,
        _ => Validity::Unknown,
    };
    let mut place = item.object("first_location_detected");
    let (value, file) = (item.text("secret"), place.text("path"));
    let mut finding = Leak { rule, description, value, validity, file }.finding(report)?;
    finding.line = place.position("start_line");
    finding.column = place.position("start_column");
    finding.end_line = place.position("end_line");
    finding.end_column = place.position("end_column");
    finding.references = words::urls(item.text("html_url"));
    close(&mut finding, &mut item);
    finish(report, finding, item)
}

fn dependabot(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let mut advisory = item.object("security_advisory");
    let mut affected = item.object("security_vulnerability");
    let path = item.text("dependency.manifest_path");
    let name = item.first_text(&["dependency.package.name"]).or_else(|| affected.text("package.name"));
    let system = item.first_text(&["dependency.package.ecosystem"]).or_else(|| affected.text("package.ecosystem"));
    let fixed = affected.text("first_patched_version.identifier");
    let severity = affected.text("severity").or_else(|| advisory.text("severity"));
    let link = item.text("html_url");
    let vulnerability = Vulnerability { name, system, fixed, severity, path, link, version: None };
    vulnerable(report, item, &mut advisory, vulnerability)
}

fn graphql(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let mut affected = item.object("securityVulnerability");
    let mut advisory = affected.object("advisory");
    let vulnerability = Vulnerability {
        name: affected.text("package.name"),
        system: affected.text("package.ecosystem"),
        fixed: affected.text("firstPatchedVersion.identifier"),
        severity: affected.text("severity").or_else(|| advisory.text("severity")),
        path: item.first_text(&["vulnerableManifestPath", "vulnerableManifestFilename"]),
        link: item.text("dependabotUpdate.pullRequest.permalink"),
        // `= 5.3.29` when the manifest pins it.
        version: item.text("vulnerableRequirements").and_then(|text| Some(text.strip_prefix("= ")?.trim().to_owned())),
    };
    vulnerable(report, item, &mut advisory, vulnerability)
}

/// What an alert of Dependabot says besides the advisory.
struct Vulnerability {
    name: Option<String>,
    system: Option<String>,
    version: Option<String>,
    fixed: Option<String>,
    severity: Option<String>,
    path: Option<String>,
    link: Option<String>,
}

fn vulnerable(report: &mut Report<'_>, mut item: Fields, advisory: &mut Fields, about: Vulnerability) -> Result<(), Stop> {
    let mut ids: Vec<String> = advisory.first_text(&["ghsa_id", "ghsaId"]).into_iter().chain(advisory.text("cve_id")).collect();
    for mut identifier in advisory.list("identifiers").into_iter().map(Fields::or_empty) {
        ids.extend(identifier.text("value"));
    }
    let mut seen = std::collections::HashSet::new();
    ids.retain(|id| words::is_advisory(id) && seen.insert(id.clone()));
    let summary = advisory.text("summary");
    if ids.is_empty() && summary.is_none() && about.name.is_none() {
        return Err(bad("neither advisory nor package"));
    }
    let severity = about.severity.and_then(|word| words::severity(&word)).unwrap_or(Severity::Medium);
    let name = about.name.unwrap_or_default();
    let title = summary.or_else(|| Some(format!("{} in {name}", ids.first()?))).unwrap_or_else(|| name.clone());
    let mut finding = report.finding(severity, title);
    finding.scan_type = ScanType::Dependency;
    "dependabot".clone_into(&mut finding.scanner);
    finding.file_path = locate::file(about.path.as_deref(), report)?;
    finding.rule_id = ids.first().cloned();
    finding.description = advisory.text("description").unwrap_or_default();
    if let Some(fixed) = &about.fixed {
        finding.remediation = format!("Update {name} to {fixed}");
    }
    let cwes = advisory.value("cwes").and_then(|value| match value {
        Value::Object(mut nodes) => nodes.remove("nodes"),
        list => Some(list),
    });
    let first = cwes.iter().flat_map(|list| list.as_array().into_iter().flatten());
    let weakness = |cwe: &Value| words::cwe(cwe.get("cwe_id").or(cwe.get("cweId"))?.as_str()?);
    finding.cwe = first.filter_map(weakness).next();
    let links = advisory.list("references").into_iter().filter_map(|link| match link {
        Value::String(url) => Some(url),
        other => other.get("url")?.as_str().map(str::to_owned),
    });
    finding.references = words::urls(about.link.into_iter().chain(links));
    if !name.is_empty() {
        finding.package = Some(Box::new(words::package(&about.system.unwrap_or_default(), name, about.version, about.fixed)));
    }
    finding.vulnerability_ids = ids;
    close(&mut finding, &mut item);
    finish(report, finding, item)
}

/// People and times are no part of a finding.
fn finish(report: &mut Report<'_>, mut finding: Finding, mut item: Fields) -> Result<(), Stop> {
    const LEFT_OUT: &[&str] = &[
        "repository",
        "resolved_by",
        "dismissed_by",
        "created_at",
        "updated_at",
        "createdAt",
        "dismissedAt",
        "fixedAt",
        "fixed_at",
        "dismissed_at",
        "resolved_at",
        "url",
        "locations_url",
        "instances_url",
        "assignees",
        "push_protection_bypassed_by",
        "push_protection_bypass_request_reviewer",
        "push_protection_bypassed_at",
        "id",
    ];
    for name in LEFT_OUT {
        item.value(name);
    }
    finding.metadata.tool = item.rest();
    report.push(finding)
}

#[cfg(test)]
mod tests {
    use crate::ingest::{IngestOptions, parse};
    use crate::model::{Finding, Severity};

    fn read(text: &str) -> Vec<Finding> {
        parse(text.as_bytes(), None, &IngestOptions::default()).unwrap().findings
    }

    #[test]
    fn code_and_secrets() {
        let found = read(
            r#"[{"number":35,"html_url":"https://g/35","state":"dismissed","rule":{"id":"py/x","severity":"error","description":"Clear text.","tags":["security","external/cwe/cwe-312"],
            "security_severity_level":"high"},"tool":{"name":"CodeQL"},"most_recent_instance":{"message":{"text":"This expression."},"location":{"path":"a.py","start_line":4,"end_line":4,"start_column":17,"end_column":23}}}, {"html_url":"x","rule":{}}]"#,
        );
        let [f] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(
            (f.scanner.as_str(), f.rule_id.as_deref(), f.severity, f.cwe.as_deref()),
            ("codeql", Some("py/x"), Severity::High, Some("CWE-312"))
        );
        assert_eq!(
            (f.title.as_str(), f.description.as_str(), f.column, f.ignored_in_source),
            ("Clear text", "This expression.", Some(17), true)
        );
        let found = read(
            r#"[{"number":2,"html_url":"https://g/2","state":"open","secret_type":"adafruit_io_key","secret_type_display_name":"Adafruit IO Key","secret":"aio_q8Zr1mXv7LwT3pKd9NsB5hGfYc2J","resolved_by":{"login":"x"}}]"#,
        );
        assert_eq!((found[0].rule_id.as_deref(), found[0].ignored_in_source), (Some("adafruit_io_key"), false));
        assert!(!serde_json::to_string(&found).unwrap().contains("q8Zr1mXv"));
    }

    #[test]
    fn dependabot() {
        let rest = r#"[{"number":1,"state":"open","dependency":{"package":{"ecosystem":"pip","name":"django"},"manifest_path":"r.txt"},"security_advisory":{"ghsa_id":"GHSA-4wrc-f8pq-fpqp","cve_id":"CVE-2016-1000027","summary":"Bad","description":"D","severity":"high","cwes":[{"cwe_id":"CWE-502"}],"references":[{"url":"https://r"}]},
            "security_vulnerability":{"severity":"low","first_patched_version":{"identifier":"6.0"}},"html_url":"https://g/1"}]"#;
        let alert = r#"{"id":"R","vulnerableManifestPath":"r.txt","state":"OPEN","vulnerableRequirements":"= 5.3","securityVulnerability":{"severity":"LOW","package":{"name":"django","ecosystem":"PIP"},"firstPatchedVersion":{"identifier":"6.0"},"advisory":{"summary":"Bad","description":"D",
            "identifiers":[{"type":"GHSA","value":"GHSA-4wrc-f8pq-fpqp"},{"type":"CVE","value":"CVE-2016-1000027"}],"references":[{"url":"https://r"}],"cwes":{"nodes":[{"cweId":"CWE-502"}]}}}}"#;
        let one = format!(r#"{{"data":{{"repository":{{"vulnerabilityAlerts":{{"nodes":[{alert}]}}}}}}}}"#);
        let search =
            format!(r#"{{"data":{{"search":{{"nodes":[{{"name":"r","vulnerabilityAlerts":{{"nodes":[{alert}]}}}}]}}}}}}"#);
        for text in [rest, &one, &search] {
            let found = read(text);
            let [f] = found.as_slice() else { panic!("{found:?}") };
            assert_eq!(
                (f.scanner.as_str(), f.rule_id.as_deref(), f.severity),
                ("dependabot", Some("GHSA-4wrc-f8pq-fpqp"), Severity::Low)
            );
            assert_eq!(
                (f.vulnerability_ids.len(), f.cwe.as_deref(), f.remediation.as_str()),
                (2, Some("CWE-502"), "Update django to 6.0")
            );
            assert_eq!((f.package.as_ref().unwrap().ecosystem.as_str(), f.file_path.as_deref()), ("pypi", Some("r.txt")));
        }
        assert!(read(r#"{"data":{"search":{"nodes":[{"name":"r","vulnerabilityAlerts":{"nodes":[]}}]}}}"#).is_empty());
    }
}
