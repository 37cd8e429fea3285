//! GitLab's security reports: SAST, secret detection, dependency, container and infrastructure scanning, DAST, fuzzing.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, dependency, locate, words};
use crate::Result;
use crate::model::{Endpoint, Finding, ScanType, Secret, Severity};
use serde_json::{Map, Value};

pub(super) struct GitLab;

const META: ParserMeta = ParserMeta {
    id: "gitlab",
    title: "GitLab security report",
    versions_read: "2 – 15",
    upstream: "https://gitlab.com/gitlab-org/security-products/security-report-schemas",
    scan_type: ScanType::Code,
};

/// GitLab's `scan.type`, and `category` of a vulnerability.
const TYPES: &[(&str, ScanType)] = &[
    ("sast", ScanType::Code),
    ("secret_detection", ScanType::Code),
    ("coverage_fuzzing", ScanType::Code),
    ("dependency_scanning", ScanType::Dependency),
    ("container_scanning", ScanType::Dependency),
    ("cluster_image_scanning", ScanType::Dependency),
    ("iac", ScanType::Iac),
    ("dast", ScanType::Dast),
    ("api_fuzzing", ScanType::Dast),
];

impl Parser for GitLab {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        // Parts of a report, without the version and the scan.
        let typed = shape.has_all(&["vulnerabilities.identifiers.type", "vulnerabilities.identifiers.value"]);
        let ours = shape.text("scan.type").is_some_and(|word| words::pick(word, TYPES).is_some())
            || shape.has_any(&["remediations", "vulnerabilities.identifiers", "vulnerabilities.cve"])
                && !shape.has_any(&["report_meta", "vulnerabilities.vulnerability_id", "dependencyFiles"]);
        // Parts of reports go around without their head.
        let headless = shape.has_all(&["vulnerabilities.identifiers", "vulnerabilities.location"])
            && shape.has_any(&["vulnerabilities.scanner", "vulnerabilities.cve"]);
        let whole = shape.has_all(&["version", "vulnerabilities"]) && ours;
        shape.top == Top::Object && !shape.has("bomFormat") && (whole || headless || typed)
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        // The scan stands after the vulnerabilities as often as before: what it says is applied in the end.
        let mut scan = Scan::default();
        let wants = [Want::Each("vulnerabilities"), Want::Whole("scan")];
        json::read(&mut input, &["vulnerabilities"], &wants, report, &mut |report, at, value| {
            if at.place == "scan" {
                scan.read(report, Fields::of(value)?);
                return Ok(());
            }
            vulnerability(report, Fields::of(value)?)
        })?;
        scan.apply(report);
        Ok(())
    }
}

#[derive(Default)]
struct Scan {
    scan_type: Option<ScanType>,
    tool: Option<String>,
}

impl Scan {
    fn read(&mut self, report: &mut Report<'_>, mut scan: Fields) {
        self.scan_type = scan.text("type").and_then(|word| words::pick(&word, TYPES));
        self.tool = scan.first_text(&["scanner.id", "scanner.name"]);
        report.version(scan.text("scanner.version"));
        if scan.text("status").is_some_and(|status| status == "failure") {
            report.failed("the scanner reported a failure");
        }
        for mut message in scan.list("messages").into_iter().map(Fields::or_empty) {
            if message.text("level").is_some_and(|level| level == "fatal") {
                report.failed(message.text("value").unwrap_or_default());
            }
        }
    }

    /// Findings that do not say themselves who found them and how take it from the scan.
    fn apply(&self, report: &mut Report<'_>) {
        for finding in report.open_findings() {
            if finding.scanner == META.id
                && let Some(tool) = &self.tool
            {
                finding.scanner.clone_from(tool);
            }
            let located = finding.package.is_some() || finding.metadata.endpoint.is_some();
            if let Some(scan_type) = self.scan_type.filter(|_| !located) {
                finding.scan_type = scan_type;
            }
        }
        if let Some(tool) = &self.tool {
            report.tool(tool, self.scan_type.unwrap_or(META.scan_type));
        }
    }
}

fn vulnerability(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let severity = item.text("severity").and_then(|word| words::severity(&word)).unwrap_or(Severity::Medium);
    let (name, message) = (item.text("name"), item.text("message"));
    let description = item.text("description").unwrap_or_default();
    let identifiers: Vec<Fields> = item.list("identifiers").into_iter().map(Fields::or_empty).collect();
    if name.is_none() && message.is_none() && description.is_empty() && identifiers.is_empty() {
        return Err(bad("no name, message, description or identifier"));
    }
    let named = name.or(message.clone());
    let first = words::first_sentence(&description);
    let mut finding = report.finding(severity, named.clone().unwrap_or(first));
    if let Some(scanner) = item.first_text(&["scanner.id", "scanner.name"]) {
        finding.scanner = scanner;
    }
    finding.scan_type = item.text("category").and_then(|word| words::pick(&word, TYPES)).unwrap_or(finding.scan_type);
    finding.confidence = item.text("confidence").and_then(|word| words::confidence(&word));
    finding.description = if description.is_empty() { message.unwrap_or_default() } else { description };
    finding.remediation = item.text("solution").filter(|s| s != "No solution provided").unwrap_or_default();
    let rule_kind = identify(&mut finding, identifiers);
    let links = item.list("links").into_iter().map(Fields::or_empty).filter_map(|mut link| link.text("url"));
    finding.references.extend(words::urls(links.collect::<Vec<_>>()));
    let location = place(report, &mut finding, item.object("location"))?;
    if let (Some(package), Some(id)) = (finding.package.as_deref_mut(), &finding.rule_id) {
        // As GitLab shows a vulnerability without a name.
        if named.is_none() {
            finding.title = dependency::title(id, &package.name);
        }
        package.fixed_version = fixed_version(&finding.remediation);
    }
    if !location.is_empty() {
        item.keep("location", location);
    }
    // Secret detection names its rules after the tools it runs.
    let is_secret = ["gitleaks", "trufflehog"].iter().any(|tool| rule_kind.contains(tool));
    match item.text("raw_source_code_extract") {
        Some(value) if is_secret => {
            finding.secret = Some(Box::new(Secret { kind: finding.rule_id.clone().unwrap_or_default(), value }));
        }
        other => finding.metadata.line_snippet = other,
    }
    item.value("cve");
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// The version that GitLab's analyzers say to take: `Upgrade apt from 1.4.8 to 1.4.9`.
fn fixed_version(solution: &str) -> Option<String> {
    let (_, version) = solution.trim().strip_prefix("Upgrade ")?.rsplit_once(" to ")?;
    let version = version.trim_end_matches('.').trim_start_matches("version ");
    let plain = !version.contains(char::is_whitespace) && version.starts_with(|c: char| c.is_ascii_digit() || c == 'v');
    plain.then(|| version.to_owned())
}

/// The first identifier is the rule, as GitLab itself tells vulnerabilities apart; gives what kind of identifier it is.
fn identify(finding: &mut Finding, identifiers: Vec<Fields>) -> String {
    let mut rule_kind = String::new();
    for mut identifier in identifiers {
        let (kind, value) = (identifier.text("type").unwrap_or_default(), identifier.first_text(&["value", "name"]));
        finding.references.extend(words::urls(identifier.text("url")));
        let Some(value) = value else { continue };
        if kind.eq_ignore_ascii_case("cwe") {
            finding.cwe = finding.cwe.take().or_else(|| words::cwe(&value));
            continue;
        }
        if words::is_advisory(&value) {
            finding.vulnerability_ids.push(value.clone());
        }
        if finding.rule_id.is_none() {
            rule_kind = kind.to_ascii_lowercase();
            finding.rule_id = Some(value);
        }
    }
    finding.rule_id = finding.rule_id.take().or_else(|| finding.cwe.clone());
    rule_kind
}

/// Where it is; gives what of the location has no field.
fn place(report: &Report<'_>, finding: &mut Finding, mut location: Fields) -> Result<Map<String, Value>, Stop> {
    finding.file_path = locate::file(location.text("file").as_deref(), report)?;
    finding.line = location.position("start_line");
    finding.end_line = location.position("end_line");
    finding.column = location.position("start_column");
    finding.end_column = location.position("end_column");
    let (package, version) = (location.text("dependency.package.name"), location.text("dependency.version"));
    if let Some(package) = package {
        let system = location.text("operating_system").unwrap_or_default();
        let word = system.split([' ', ':']).next().filter(|word| !word.eq_ignore_ascii_case("unknown"));
        let word = word.unwrap_or_default().to_owned();
        finding.scan_type = ScanType::Dependency;
        finding.package = Some(Box::new(words::package(&word, package, version, None)));
    }
    if let Some(host) = location.text("hostname") {
        let (method, path) = (location.text("method"), location.text("path"));
        let url = format!("{}{}", host.trim_end_matches('/'), path.unwrap_or_else(|| "/".to_owned()));
        let mut endpoint = locate::endpoint(&url, method.as_deref()).unwrap_or_else(|| Endpoint {
            host: Some(host),
            method,
            ..Endpoint::default()
        });
        endpoint.parameters.extend(location.text("param"));
        finding.scan_type = ScanType::Dast;
        finding.metadata.endpoint = Some(Box::new(endpoint));
    }
    Ok(location.rest())
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};
    use crate::model::Severity;

    #[test]
    fn the_scan_may_stand_after_what_it_found() {
        let text = r#"{"version":"15.0.0","vulnerabilities":[
            {"id":"1","name":"N","description":"D","severity":"Critical","solution":"S","identifiers":[
                {"type":"semgrep_id","name":"r","value":"a.b.c","url":"https://x/r"},{"type":"cwe","name":"CWE-89","value":"89"}],
             "location":{"file":"src/a.py","start_line":3,"end_line":4,"class":"C"},"raw_source_code_extract":"x = 1"},
            {"id":"2","name":"K","severity":"Unknown","identifiers":[{"type":"gitleaks_rule_id","name":"k","value":"k"}],
             "location":{"file":"k.env","start_line":1},"raw_source_code_extract":"hunter2hunter2"},
            {"id":"3","severity":"High","name":"CVE-2020-1 in p","identifiers":[{"type":"cve","name":"CVE-2020-1","value":"CVE-2020-1"}],
             "location":{"dependency":{"package":{"name":"p"},"version":"1"},"operating_system":"debian 10","image":"i:1"}},
            {"id":"4"}],
            "scan":{"type":"sast","scanner":{"id":"semgrep","name":"Semgrep","version":"1.2"},"status":"success"}}"#;
        let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
        let [a, k, p] = result.findings.as_slice() else { panic!("{result:?}") };
        assert_eq!((a.scanner.as_str(), a.rule_id.as_deref(), a.cwe.as_deref()), ("semgrep", Some("a.b.c"), Some("CWE-89")));
        assert_eq!((a.line, a.end_line, a.metadata.line_snippet.as_deref()), (Some(3), Some(4), Some("x = 1")));
        assert_eq!((k.severity, k.secret.is_some()), (Severity::Info, true));
        assert!(!serde_json::to_string(k).unwrap().contains("hunter2"));
        let package = p.package.as_deref().unwrap();
        assert_eq!((package.purl.as_deref(), p.scan_type.as_str()), (Some("pkg:deb/p@1"), "dependency"));
        assert_eq!(result.scanners[0].version.as_deref(), Some("1.2"));

        let headless = r#"{"vulnerabilities":[{"description":"Long. Text.","severity":"High","solution":"Upgrade p from 1 to 1.1","scanner":{"id":"trivy"},
            "identifiers":[{"type":"cve","name":"CVE-1","value":"CVE-2020-1"}],"location":{"dependency":{"package":{"name":"p"},"version":"1"},"operating_system":"Unknown"}}]}"#;
        let part = parse(headless.as_bytes(), None, &IngestOptions::default()).unwrap();
        let package = part.findings[0].package.as_deref().unwrap();
        assert_eq!((part.findings[0].title.as_str(), package.fixed_version.as_deref()), ("CVE-2020-1 in p", Some("1.1")));
        assert_eq!((package.ecosystem.as_str(), package.purl.as_deref()), ("", None));
        assert_eq!(result.scanners[0].skipped[0].why, "not readable: no name, message, description or identifier");
    }
}
