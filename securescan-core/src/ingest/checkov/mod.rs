//! Checkov: the object of one framework, the list of several, and the flat object of counters when nothing was found.

mod checks;

use super::fields::Fields;
use super::json::{self, Want};
use super::leak::{Leak, Validity};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, words};
use crate::Result;
use crate::model::{Finding, ScanType, Severity};
use serde_json::Value;

pub(super) struct Checkov;

const META: ParserMeta = ParserMeta {
    id: "checkov",
    title: "Checkov JSON",
    versions_read: "1 – 3",
    upstream: "https://www.checkov.io/8.Outputs/JSON.html",
    scan_type: ScanType::Iac,
};

/// Longest block of source that is taken for identity, in bytes.
const MAX_BLOCK: usize = 64 << 10;

impl Parser for Checkov {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let counters = shape.has_all(&["checkov_version", "failed", "passed"]);
        let results = shape.has("results.failed_checks") || shape.has_all(&["check_type", "results"]);
        match shape.top {
            Top::Object => counters || results,
            Top::Array => results,
            Top::Xml | Top::Text => false,
        }
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [
            Want::Whole("check_type"),
            Want::Each("results.failed_checks"),
            Want::Each("results.parsing_errors"),
            Want::Whole("summary.checkov_version"),
            Want::Whole("checkov_version"),
            Want::Whole("failed"),
            Want::Whole("parsing_errors"),
            Want::Whole("parsingerrors"),
            Want::End(""),
        ];
        let mut kind = String::new();
        json::read(&mut input, &["results.failed_checks", "failed"], &wants, report, &mut |report, at, value| {
            match at.place {
                "results.failed_checks" => return failed(report, &kind, Fields::of(value)?),
                "results.parsing_errors" => {
                    report.missed(super::fields::text_of(value).unwrap_or_else(|| "?".to_owned()), "checkov could not parse it");
                }
                "check_type" => kind = super::fields::text_of(value).unwrap_or_default(),
                "summary.checkov_version" | "checkov_version" => report.version(super::fields::text_of(value)),
                "" => kind.clear(),
                place => counter(report, place, &value),
            }
            Ok(())
        })
    }
}

/// The flat object says how many only; it is written when there are none.
fn counter(report: &mut Report<'_>, place: &str, value: &Value) {
    let count = value.as_u64().unwrap_or(0);
    match place {
        _ if count == 0 => {}
        "failed" => report.missed(".", format!("{count} failed checks are counted but not listed")),
        _ => report.missed(".", format!("{count} files could not be parsed by checkov")),
    }
}

fn failed(report: &mut Report<'_>, kind: &str, mut item: Fields) -> Result<(), Stop> {
    let (check, vendor) = (item.text("check_id"), item.text("bc_check_id"));
    let name = item.text("check_name");
    let Some(rule) = check.or_else(|| vendor.clone()).or_else(|| name.clone()) else {
        return Err(bad("`check_id` is missing"));
    };
    let name = name.unwrap_or_else(|| rule.clone());
    let file = file(report, &mut item)?;
    let severity = item.text("severity").and_then(|word| words::severity(&word));
    let details = item.object("vulnerability_details");
    let mut finding = match () {
        () if details.has("id") => vulnerability(report, severity, details),
        () if details.has("license") => licence(report, &rule, severity, details),
        () if kind == "secrets" || rule.starts_with("CKV_SECRET_") => secret(report, &rule, &name, severity)?,
        () => check_of(report, &rule, &name, severity),
    };
    finding.file_path = file;
    finding.rule_id = finding.rule_id.or(Some(rule));
    place(&mut finding, &mut item);
    let guideline = item.text("guideline").or_else(|| item.text("check_result.guideline"));
    finding.references.extend(words::urls(guideline));
    if finding.remediation.is_empty()
        && let Some(url) = finding.references.first()
    {
        finding.remediation = format!("See {url}");
    }
    // The whole resource as it was parsed, and another one beside it.
    for name in ["check_result.entity", "check_result.results_configuration", "connected_node", "fixed_definition", "breadcrumbs"]
    {
        item.value(name);
    }
    if !kind.is_empty() {
        item.keep("check_type", kind);
    }
    if let Some(vendor) = vendor {
        item.keep("bc_check_id", vendor);
    }
    let mut rest = item.rest();
    rest.append(&mut finding.metadata.tool);
    finding.metadata.tool = rest;
    report.push(finding)
}

/// `file_path` is relative to the folder that was scanned, with a slash before it; for what lies outside, as a module beside
/// it, the others say more.
fn file(report: &Report<'_>, item: &mut Fields) -> Result<Option<String>, Stop> {
    let relative = item.text("file_path").map(|path| path.trim_start_matches(['/', '\\']).to_owned());
    let (in_repository, absolute) = (item.text("repo_file_path"), item.text("file_abs_path"));
    let in_repository = in_repository.map(|path| path.trim_start_matches(['/', '\\']).to_owned());
    let (mut first_error, mut outside) = (None, None);
    for path in [relative, in_repository, absolute].iter().flatten() {
        match locate::file(Some(path), report) {
            Ok(None) => {}
            Ok(Some(path)) if locate::climbs(&path) => outside = outside.or(Some(path)),
            Ok(found) => return Ok(found),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    match (outside, first_error) {
        (Some(path), _) => Ok(Some(path)),
        (None, error) => error.map_or(Ok(None), Err),
    }
}

fn place(finding: &mut Finding, item: &mut Fields) {
    let range: Vec<u32> =
        item.list("file_line_range").iter().map(|n| n.as_u64().and_then(|n| u32::try_from(n).ok()).unwrap_or(0)).collect();
    finding.line = range.first().copied().filter(|line| *line > 0);
    finding.end_line = range.get(1).copied().filter(|line| *line > 0);
    let block = item.list("code_block");
    let mut source = String::new();
    for line in &block {
        source.push_str(line.get(1).and_then(Value::as_str).unwrap_or_default());
        if source.len() > MAX_BLOCK {
            return;
        }
    }
    let is_source = finding.scan_type == ScanType::Iac && !source.trim().is_empty();
    finding.metadata.line_snippet = is_source.then_some(source);
}

/// A check of infrastructure code.
fn check_of(report: &Report<'_>, rule: &str, name: &str, severity: Option<Severity>) -> Finding {
    let (known, cwe) = checks::of(rule).unwrap_or((Severity::Medium, None));
    let mut finding = report.finding(severity.unwrap_or(known), format!("{rule}: {name}"));
    finding.description = name.to_owned();
    finding.cwe = cwe.map(str::to_owned);
    finding
}

/// A secret; Checkov masks it itself.
fn secret(report: &Report<'_>, rule: &str, name: &str, severity: Option<Severity>) -> Result<Finding, Stop> {
    let (rule, description) = (rule.to_owned(), name.to_owned());
    let mut finding = Leak { rule, description, value: None, validity: Validity::Unknown, file: None }.finding(report)?;
    finding.scan_type = ScanType::Code;
    finding.severity = severity.unwrap_or(finding.severity);
    Ok(finding)
}

/// A package with a known vulnerability.
fn vulnerability(report: &Report<'_>, severity: Option<Severity>, mut details: Fields) -> Finding {
    let id = details.text("id").unwrap_or_default();
    let package = details.text("package_name").unwrap_or_default();
    let said = details.text("severity").and_then(|word| words::severity(&word));
    let score = details.number("cvss").and_then(words::severity_of_score);
    let title = if package.is_empty() { id.clone() } else { format!("{id} in {package}") };
    let mut finding = report.finding(severity.or(said).or(score).unwrap_or(Severity::Medium), title);
    finding.scan_type = ScanType::Dependency;
    finding.description = details.text("description").unwrap_or_default();
    finding.references = words::urls(details.text("link"));
    finding.vulnerability_ids = Some(id.clone()).into_iter().filter(|id| words::is_advisory(id)).collect();
    finding.rule_id = Some(id);
    let fixed = details.text("lowest_fixed_version").filter(|v| v.starts_with(|c: char| c.is_ascii_digit()));
    if let Some(fixed) = &fixed {
        finding.remediation = format!("Update {package} to {fixed}");
    }
    if !package.is_empty() {
        let kind = details.text("package_type").unwrap_or_default();
        finding.package = Some(Box::new(words::package(&kind, package, details.text("package_version"), fixed)));
    }
    finding.metadata.tool = details.rest();
    finding
}

/// A package whose licence a policy forbids or does not know.
fn licence(report: &Report<'_>, rule: &str, severity: Option<Severity>, mut details: Fields) -> Finding {
    let package = details.text("package_name").unwrap_or_default();
    let licence = details.text("license").unwrap_or_default();
    let mut finding = report.finding(severity.unwrap_or(Severity::Low), format!("Licence {licence} of {package}"));
    finding.scan_type = ScanType::Dependency;
    finding.rule_id = Some(rule.to_owned());
    let kind = details.text("package_type").unwrap_or_default();
    finding.package = Some(Box::new(words::package(&kind, package, details.text("package_version"), None)));
    details.keep("license", licence);
    finding.metadata.tool = details.rest();
    finding
}

#[cfg(test)]
mod tests {
    use crate::ingest::{IngestOptions, parse};
    use crate::model::{ScanResult, ScanType, ScannerStatus, Severity};
    use serde_json::{Value, json};

    fn read(doc: &Value) -> ScanResult {
        parse(doc.to_string().as_bytes(), None, &IngestOptions::default()).unwrap()
    }

    fn framework(kind: &str, failed: &Value) -> Value {
        json!({"check_type": kind, "results": {"passed_checks": [{"check_id": "CKV_AWS_1"}], "failed_checks": failed, "skipped_checks":
            [{"check_id": "CKV_AWS_2"}], "parsing_errors": []}, "summary": {"failed": 1, "checkov_version": "3.3.30"}, "url": "x"})
    }

    #[test]
    fn checks() {
        let failed = json!([{"check_id": "CKV_AWS_24", "bc_check_id": "BC_1", "check_name": "No ingress to port 22", "severity": null,
            "check_result": {"result": "FAILED", "entity": {"password": "x"}, "evaluated_keys": ["ingress"]},
            "code_block": [[5, "resource \"x\" {\n"], [6, "}\n"]], "file_path": "/main.tf", "file_abs_path": "/src/infra/main.tf",
            "repo_file_path": "/infra/main.tf", "file_line_range": [5, 6], "resource": "aws_security_group.open",
            "evaluations": {"a": 1}, "guideline": "https://docs/x"},
            {"check_id": "CKV_X_1", "check_name": "n", "severity": "CRITICAL", "file_path": "/../../mod/m.tf", "repo_file_path": "/mod/m.tf",
             "file_line_range": [0, 0], "code_block": null}, {"file_path": "/x"}, {"check_id": "C", "file_path": "/../x"}]);
        let result = read(&framework("terraform", &failed));
        assert_eq!((result.findings.len(), result.scanners[0].skipped.len()), (3, 2));
        let f = &result.findings[0];
        assert_eq!((f.rule_id.as_deref(), f.title.as_str()), (Some("CKV_AWS_24"), "CKV_AWS_24: No ingress to port 22"));
        assert_eq!((f.severity, f.cwe.as_deref(), f.file_path.as_deref()), (Severity::High, Some("CWE-284"), Some("main.tf")));
        assert_eq!((f.line, f.end_line, f.metadata.line_snippet.as_deref()), (Some(5), Some(6), Some("resource \"x\" {\n}\n")));
        assert_eq!((f.remediation.as_str(), f.references.len(), f.scan_type), ("See https://docs/x", 1, ScanType::Iac));
        assert_eq!(f.metadata.tool["check_type"], "terraform");
        assert!(f.metadata.tool.contains_key("resource") && f.metadata.tool.contains_key("evaluations"));
        let f = &result.findings[1];
        assert_eq!((f.severity, f.file_path.as_deref(), f.line), (Severity::Critical, Some("mod/m.tf"), None));
    }

    #[test]
    fn other_kinds() {
        let secret = json!([{"check_id": "CKV_SECRET_2", "check_name": "AWS Access Key", "file_path": "/a.py", "file_line_range": [3, 4],
            "code_block": [[3, "key = 'AKIA**********'\n"]], "resource": "0f1e"}]);
        let package = json!([{"check_id": "CKV_CVE_2019_19844", "check_name": "SCA package scan", "severity": "CRITICAL",
            "file_path": "/requirements.txt", "file_line_range": [0, 0], "vulnerability_details": {"id": "CVE-2019-19844", "package_name": "django",
            "package_version": "1.2", "package_type": "python", "lowest_fixed_version": "1.11.27", "link": "https://nvd/x", "cvss": 9.8}},
            {"check_id": "BC_LIC_1", "check_name": "l", "file_path": "/r.txt", "vulnerability_details": {"package_name": "p",
             "package_version": "1", "license": "GPL-3.0", "package_type": "python"}}]);
        let result = read(&json!([framework("secrets", &secret), framework("sca_package", &package)]));
        let [secret, package, licence] = &result.findings[..] else { panic!("{result:?}") };
        assert_eq!(
            (secret.scan_type, secret.severity, secret.cwe.as_deref()),
            (ScanType::Code, Severity::Critical, Some("CWE-798"))
        );
        assert_eq!((package.rule_id.as_deref(), package.title.as_str()), (Some("CVE-2019-19844"), "CVE-2019-19844 in django"));
        assert_eq!(package.remediation, "Update django to 1.11.27");
        assert_eq!(package.package.as_ref().unwrap().purl.as_deref(), Some("pkg:pypi/django@1.2"));
        assert_eq!((licence.scan_type, licence.metadata.tool.get("license")), (ScanType::Dependency, Some(&json!("GPL-3.0"))));
        assert_eq!(result.scanners[0].version.as_deref(), Some("3.3.30"));
    }

    #[test]
    fn nothing_found_or_parsed() {
        let none =
            json!({"passed": 0, "failed": 0, "skipped": 0, "parsing_errors": 0, "resource_count": 0, "checkov_version": "2.1"});
        let result = read(&none);
        assert_eq!((result.findings.len(), result.scanners[0].status), (0, ScannerStatus::Ok));
        let mut some = none.clone();
        some["parsing_errors"] = 2.into();
        assert_eq!(read(&some).scanners[0].status, ScannerStatus::Partial);
        let mut broken = framework("terraform", &json!([]));
        broken["results"]["parsing_errors"] = json!(["/src/broken.tf"]);
        assert_eq!(read(&broken).scanners[0].skipped[0].path, "/src/broken.tf");
        let options = IngestOptions::default();
        assert!(parse(br#"{"check_type":"terraform","results":{}}"#, None, &options).is_err());
    }
}
