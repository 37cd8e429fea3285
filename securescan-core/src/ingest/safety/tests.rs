#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

use crate::Result;
use crate::ingest::{IngestOptions, parse, parse_reader};
use crate::model::{ScanResult, Severity};

fn read(text: &str) -> Result<ScanResult> {
    let options = IngestOptions { root: Some("/src".into()), ..IngestOptions::default() };
    let whole = parse(text.as_bytes(), None, &options);
    let streamed = parse_reader(text.as_bytes(), None, &options);
    assert_eq!(whole.as_ref().ok(), streamed.as_ref().ok());
    whole
}

const CHECK: &str = r#"{
  "report_meta": {"scan_target": "files", "scanned": ["/src/requirements.txt"], "safety_version": "3.2.3"},
  "scanned_packages": {"pillow": {"name": "pillow", "version": "5.4.1"}},
  "vulnerabilities": [
    {"vulnerability_id": "40595", "package_name": "pillow", "ignored": {}, "vulnerable_spec": ["<8.2.0"],
     "analyzed_version": "5.4.1", "advisory": "Slow.\r\nhttps://example.com/x.", "fixed_versions": ["9.0", "8.2.0", "5.0"],
     "resources": ["https://r"], "CVE": "CVE-2021-28677", "more_info_url": "https://data.safetycli.com/v/40595/97c",
     "severity": {"source": "CVE-2021-28677", "cvssv2": null, "cvssv3": {"base_score": 5.3, "base_severity": "MEDIUM"}}},
    {"vulnerability_id": "PVE-2021-1", "package_name": "Flask", "fixed_versions": [], "CVE": null, "severity": null}],
  "ignored_vulnerabilities": [{"vulnerability_id": "1", "package_name": "x"}],
  "remediations": {"flask": {"recommended_version": null, "requirements": {"==1.0": {"recommended_version": "2.3.2"}}}}
}"#;

#[test]
fn check() {
    let result = read(CHECK).unwrap();
    let [pillow, flask] = &result.findings[..] else { panic!("{result:?}") };
    assert_eq!(result.scanners[0].version.as_deref(), Some("3.2.3"));
    assert_eq!((pillow.rule_id.as_deref(), pillow.severity), (Some("safety/40595"), Severity::Medium));
    assert_eq!((pillow.title.as_str(), pillow.description.lines().count()), ("Vulnerable package: pillow", 2));
    assert_eq!((pillow.file_path.as_deref(), pillow.remediation.as_str()), (Some("requirements.txt"), "Update pillow to 8.2.0"));
    assert_eq!(pillow.vulnerability_ids, ["CVE-2021-28677"]);
    assert_eq!(pillow.references, ["https://data.safetycli.com/v/40595/97c", "https://example.com/x", "https://r"]);
    assert_eq!(pillow.package.as_ref().unwrap().purl.as_deref(), Some("pkg:pypi/pillow@5.4.1"));
    assert_eq!((flask.severity, flask.vulnerability_ids.as_slice()), (Severity::High, &["PVE-2021-1".to_owned()][..]));
    assert_eq!(flask.remediation, "Update Flask to 2.3.2");
}

#[test]
fn notices_around_the_report() {
    let text = format!("\n\n+=====+\n\nDEPRECATED: this command\n\n{CHECK}\n\n+====+\nDEPRECATED\n");
    assert_eq!(read(&text).unwrap().findings.len(), 2);
    assert!(read(&format!("{CHECK}\n{CHECK}")).is_err());
    assert!(read(&CHECK[..CHECK.len() - 3]).is_err());
}

#[test]
fn rows() {
    let result = read(
        r#"[["pyyaml", "<5.4", "5.3.1", "Fix of CVE-2020-1747. See CVE-2020-14343.", "39611", null, 9.8],
        ["requests", "<=2.19.1", "2.9.0", "text", 36546], [], "odd", [null]]"#,
    )
    .unwrap();
    let [yaml, requests] = &result.findings[..] else { panic!("{result:?}") };
    assert_eq!((yaml.rule_id.as_deref(), yaml.severity), (Some("safety/39611"), Severity::Critical));
    assert_eq!(yaml.vulnerability_ids, ["CVE-2020-14343"]);
    assert_eq!((requests.rule_id.as_deref(), requests.severity), (Some("safety/36546"), Severity::High));
    assert_eq!(result.scanners[0].skipped.len(), 3);
    assert!(read("[[\"\"]]").is_err() && read("[[]]").is_err());
}

#[test]
fn scan() {
    let result = read(
        r#"{"meta": {"scan_type": "scan", "telemetry": {"safety_version": "3.6.0"}, "schema_version": "3.0"},
        "scan_results": {"projects": [{"id": "p", "files": [{"location": "/src/app/requirements.txt", "type": "requirements.txt",
        "results": {"dependencies": [{"name": "django", "specifications": [{"raw": "django==2.2", "vulnerabilities":
        {"known_vulnerabilities": [{"id": "44742", "vulnerable_spec": "<2.2.26"},
        {"id": "2", "ignored": {"code": "manual", "reason": "r", "expires": null}, "vulnerable_spec": "*"}],
        "remediation": {"vulnerabilities_found": 1, "recommended": "4.2.8", "other_recommended": []}}}]}]}}]}]}}"#,
    )
    .unwrap();
    let [finding] = &result.findings[..] else { panic!("{result:?}") };
    assert_eq!((finding.rule_id.as_deref(), finding.file_path.as_deref()), (Some("safety/44742"), Some("app/requirements.txt")));
    let package = finding.package.as_ref().unwrap();
    assert_eq!((package.version.as_deref(), package.fixed_version.as_deref()), (Some("2.2"), Some("4.2.8")));
    assert_eq!((result.scanners[0].version.as_deref(), finding.remediation.as_str()), (Some("3.6.0"), "Update django to 4.2.8"));
    let none = r#"{"meta": {"telemetry": {}}, "scan_results": {"projects": [{"files": []}]}}"#;
    assert!(read(none).unwrap().findings.is_empty());
}
