//! What our own writer wrote comes back.

use super::read_text;
use crate::model::{
    Confidence, Endpoint, Finding, Package, ScanResult, ScanType, ScannerRun, ScannerStatus, Severity, SuppressedBy,
};
use crate::render::{self, RenderInput};

fn findings() -> Vec<Finding> {
    let mut code = Finding::new("semgrep", ScanType::Code, Severity::Critical, "Eval of input");
    code.confidence = Some(Confidence::Medium);
    code.description = "The input reaches eval in three steps.".to_owned();
    code.remediation = "Use a parser.".to_owned();
    code.file_path = Some("src/a b%20.py".to_owned());
    (code.line, code.column, code.end_line, code.end_column) = (Some(3), Some(5), Some(4), Some(2));
    (code.rule_id, code.cwe) = (Some("py.eval".to_owned()), Some("CWE-95".to_owned()));
    code.references = vec!["https://example.com/a".to_owned(), "https://example.com/b".to_owned()];
    code.compliance_tags = vec!["OWASP-A03".to_owned(), "PCI-6.5.1".to_owned()];
    code.fingerprint = "ab".repeat(32);
    code.legacy_fingerprint = Some("cd".repeat(32));
    code.metadata.original_severity = Some(Severity::Low);
    let again = code.clone();
    let mut package = Finding::new("trivy", ScanType::Dependency, Severity::Low, "Old package");
    package.rule_id = Some("CVE-2020-1".to_owned());
    package.vulnerability_ids = vec!["CVE-2020-1".to_owned(), "GHSA-a-b-c".to_owned()];
    package.package = Some(Box::new(Package {
        ecosystem: "npm".to_owned(),
        name: "@a/b".to_owned(),
        version: Some("1.0".to_owned()),
        fixed_version: None,
        purl: Some("pkg:npm/%40a/b@1.0".to_owned()),
    }));
    package.fingerprint = "ef".repeat(32);
    package.metadata.suppressed_by = Some(SuppressedBy::Config);
    let mut web = Finding::new("zap", ScanType::Dast, Severity::Info, "No header");
    web.metadata.endpoint = Some(Box::new(Endpoint {
        method: Some("GET".to_owned()),
        host: Some("h.example".to_owned()),
        port: Some(8080),
        path: Some("/a".to_owned()),
        ..Endpoint::default()
    }));
    web.fingerprint = "12".repeat(32);
    vec![code, again, package, web]
}

#[test]
fn our_own_findings_come_back() {
    let mut all = findings();
    all[1].occurrence = 2;
    all.iter_mut().filter(|f| f.occurrence == 0).for_each(|f| f.occurrence = 1);
    let run = ScannerRun::new("semgrep", ScanType::Code, ScannerStatus::Ok);
    let result = ScanResult { target: "t".to_owned(), scanners: vec![run], findings: all.clone() };
    let mut input = RenderInput::new(&result);
    input.options.show_suppressed = true;
    let mut written = Vec::new();
    render::render("sarif", &input, &mut written).unwrap();
    let text = String::from_utf8(written).unwrap();
    let mut read = read_text(&text).unwrap().findings;
    // The writer ranks by severity and needs a rule id; what it has no place for is not asked of it.
    read.sort_by_key(|f| all.iter().position(|other| other.fingerprint == f.fingerprint && other.occurrence == f.occurrence));
    assert_eq!(read.len(), all.len());
    for (read, wrote) in read.iter().zip(&all) {
        assert_eq!(read, wrote);
    }
}
