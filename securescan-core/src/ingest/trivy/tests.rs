#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests"
)]

use crate::ingest::{IngestOptions, parse};
use crate::model::{Confidence, Finding, ScanType, ScannerStatus, Severity};
use serde_json::{Value, json};

fn read(report: &Value) -> crate::model::ScanResult {
    parse(report.to_string().as_bytes(), None, &IngestOptions::default()).unwrap()
}

fn found(results: Value) -> Vec<Finding> {
    read(&json!({"SchemaVersion": 2, "ArtifactName": ".", "ArtifactType": "filesystem", "Results": results})).findings
}

#[test]
fn vulnerabilities() {
    let findings = found(json!([{
        "Target": "app/package-lock.json", "Class": "lang-pkgs", "Type": "npm",
        "Packages": [
            {"ID": "a@1.1.0", "Name": "a", "Version": "1.1.0", "Identifier": {"UID": "u"}, "Locations": [{"StartLine": 7, "EndLine": 9}]},
            {"Name": "b", "Locations": "odd"}, null
        ],
        "Vulnerabilities": [{
            "VulnerabilityID": "CVE-2020-1", "VendorIDs": ["GHSA-x", "odd one"], "PkgID": "a@1.1.0", "PkgName": "a",
            "PkgIdentifier": {"PURL": "pkg:npm/a@1.1.0"}, "InstalledVersion": "1.1.0", "FixedVersion": "2.0.1, 1.1.2, 1.0.9",
            "Severity": "CRITICAL", "CweIDs": ["CWE-1321", "CWE-20"], "PrimaryURL": "https://a.example/p", "Status": "fixed",
            "References": ["https://b.example", "ftp://c"], "Title": "T", "Description": "D", "DataSource": {"ID": "ghsa"},
            "CVSS": {"nvd": {"V3Score": 9.8}}
        }]
    }]));
    let [f] = findings.as_slice() else { panic!("{findings:?}") };
    assert_eq!((f.title.as_str(), f.severity, f.scan_type), ("CVE-2020-1 in a", Severity::Critical, ScanType::Dependency));
    assert_eq!((f.file_path.as_deref(), f.line, f.end_line), (Some("app/package-lock.json"), Some(7), Some(9)));
    assert_eq!((f.rule_id.as_deref(), f.cwe.as_deref()), (Some("CVE-2020-1"), Some("CWE-1321")));
    assert_eq!(f.vulnerability_ids, ["CVE-2020-1", "GHSA-x"]);
    assert_eq!(f.references, ["https://a.example/p", "https://b.example"]);
    assert_eq!((f.description.as_str(), f.remediation.as_str()), ("D", "Update a to 1.1.2"));
    let package = f.package.as_deref().unwrap();
    assert_eq!((package.ecosystem.as_str(), package.name.as_str(), package.version.as_deref()), ("npm", "a", Some("1.1.0")));
    assert_eq!((package.fixed_version.as_deref(), package.purl.as_deref()), (Some("1.1.2"), Some("pkg:npm/a@1.1.0")));
    let tool = &f.metadata.tool;
    assert_eq!((&tool["cwes"], &tool["Status"]), (&json!(["CWE-1321", "CWE-20"]), &json!("fixed")));
    assert_eq!((&tool["PrimaryURL"], &tool["DataSource"]["ID"]), (&json!("https://a.example/p"), &json!("ghsa")));
    assert_eq!((&tool["CVSS"]["nvd"]["V3Score"], &tool["FixedVersion"]), (&json!(9.8), &json!("2.0.1, 1.1.2, 1.0.9")));
}

#[test]
fn a_label_is_no_path() {
    let vulnerability = json!([{"VulnerabilityID": "CVE-1", "PkgName": "musl"}, {"VulnerabilityID": "CVE-2", "PkgName": "x", "PkgPath": "usr/x/p.json"}]);
    for (target, class, kind) in [
        ("alpine:3.10 (alpine 3.10.2)", "os-pkgs", "alpine"),
        ("alpine:3.10 (alpine 3.10.2)", "", ""),
        ("Node.js", "lang-pkgs", "node-pkg"),
    ] {
        let findings = found(json!([{"Target": target, "Class": class, "Type": kind, "Vulnerabilities": vulnerability}]));
        assert_eq!(
            (findings[0].file_path.as_deref(), findings[1].file_path.as_deref()),
            (None, Some("usr/x/p.json")),
            "{target}"
        );
        assert_eq!(findings[0].metadata.tool["Target"], target);
        let ecosystem = if kind == "node-pkg" { "npm" } else { "apk" };
        assert_eq!(findings[0].package.as_deref().unwrap().ecosystem, ecosystem);
    }
}

#[test]
fn misconfigurations_secrets_licenses() {
    let findings = found(json!([
        {"Target": "infra/Dockerfile", "Class": "config", "Type": "dockerfile", "MisconfSummary": {"Failures": 1}, "Misconfigurations": [
            {"ID": "DS-0001", "Status": "PASS", "Severity": "LOW"},
            {"ID": "DS-0009", "Status": "EXCEPTION"},
            {"ID": "DS-0002", "Title": "latest", "Description": "d", "Message": "m", "Resolution": "r", "Severity": "HIGH", "Status": "FAIL",
             "References": null, "PrimaryURL": "https://p", "CauseMetadata": {"StartLine": 1, "EndLine": 2, "Provider": "Dockerfile",
             "Code": {"Lines": [{"Number": 1, "Content": "FROM a", "IsCause": true, "Highlighted": "\u{1b}[0m"}, {"Number": 2, "Content": "X", "IsCause": false}]}}}
        ]},
        {"Target": "/app/a.js", "Class": "secret", "Secrets": [
            {"RuleID": "private-key", "Category": "K", "Severity": "HIGH", "Title": "Key", "StartLine": 3, "EndLine": 3, "Code": {"Lines": null}, "Match": "----*"}
        ]},
        {"Target": "OS Packages", "Class": "license", "Licenses": [
            {"Severity": "HIGH", "Category": "restricted", "PkgName": "p", "FilePath": "", "Name": "GPL-2.0", "Confidence": 1, "Link": ""}
        ]}
    ]));
    let [config, secret, license] = findings.as_slice() else { panic!("{findings:?}") };
    assert_eq!((config.scan_type, config.rule_id.as_deref(), config.severity), (ScanType::Iac, Some("DS-0002"), Severity::High));
    assert_eq!((config.line, config.end_line, config.metadata.line_snippet.as_deref()), (Some(1), Some(2), Some("FROM a")));
    assert_eq!((config.description.as_str(), config.remediation.as_str()), ("m\n\nd", "r"));
    assert!(config.metadata.tool["CauseMetadata"].get("Code").is_none());
    assert_eq!((secret.scan_type, secret.file_path.as_deref(), secret.line), (ScanType::Code, Some("/app/a.js"), Some(3)));
    assert!(secret.metadata.tool.get("Match").is_none() && secret.metadata.line_snippet.is_none());
    assert_eq!((license.title.as_str(), license.confidence), ("License GPL-2.0 of p", Some(Confidence::High)));
    assert_eq!((license.file_path.as_deref(), license.rule_id.as_deref()), (None, Some("license/GPL-2.0")));
}

#[test]
fn every_schema() {
    let item = json!({"Target": "go.sum", "Type": "gomod", "Vulnerabilities": [{"VulnerabilityID": "CVE-1"}]});
    let cluster = json!({"Target": "Deployment/x", "Class": "config", "Type": "kubernetes", "Misconfigurations": [{"ID": "KSV001", "Severity": "LOW"}]});
    let resource = json!({"Namespace": "n", "Kind": "Deployment", "Name": "x", "Results": [cluster]});
    for (report, count) in [
        (json!([item]), 1),
        (json!([{"Target": "x", "Vulnerabilities": null}]), 0),
        (
            json!([{"SchemaVersion": 2, "ArtifactName": "a", "Results": [item, item]}, {"SchemaVersion": 2, "ArtifactName": "b"}]),
            2,
        ),
        (json!({"SchemaVersion": 2, "ArtifactName": "a", "ArtifactType": "x"}), 0),
        (json!({"SchemaVersion": 2, "ArtifactName": "a", "Results": null}), 0),
        (json!({"ClusterName": "c", "Resources": [resource]}), 1),
        (json!({"ClusterName": "c", "Findings": [resource, resource]}), 2),
        (json!({"ClusterName": "c", "Vulnerabilities": [], "Misconfigurations": [resource]}), 1),
        (json!({"ClusterName": "c"}), 0),
    ] {
        let result = read(&report);
        assert_eq!(result.findings.len(), count, "{report}");
        assert_eq!(result.scanners[0].name, "trivy");
    }
    let findings = read(&json!({"ClusterName": "c", "Resources": [resource]})).findings;
    assert_eq!(findings[0].file_path.as_deref(), Some("n/Deployment/x"));
}

#[test]
fn odd_items_cost_only_themselves() {
    let result = read(&json!({"SchemaVersion": 2, "ArtifactName": 1, "Trivy": {"Version": "0.76.0"}, "Results": [
        {"Target": "a", "Type": "pip", "Vulnerabilities": [
            {"VulnerabilityID": "CVE-1", "Severity": "odd", "References": "https://a", "CweIDs": null, "PkgIdentifier": [], "CVSS": {"x": 1}},
            {"VulnerabilityID": "CVE-2", "CVSS": {"nvd": {"V3Score": 7.5}, "x": {"V2Score": 2.0}}},
            {"PkgName": "nameless"}, {}, null, 7, []
        ]},
        {"Target": "../out", "Type": "pip", "Vulnerabilities": [{"VulnerabilityID": "CVE-3"}]},
        {"Odd": 1}, "x"
    ]}));
    let severities: Vec<_> = result.findings.iter().map(|f| f.severity).collect();
    assert_eq!(severities, [Severity::Info, Severity::High, Severity::Info, Severity::Info]);
    assert_eq!(result.findings[2].title, "Vulnerability in nameless");
    assert_eq!((result.scanners[0].status, result.scanners[0].skipped.len()), (ScannerStatus::Partial, 7));
    assert_eq!(result.scanners[0].version.as_deref(), Some("0.76.0"));
}
