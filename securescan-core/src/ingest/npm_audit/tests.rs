#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use crate::Result;
use crate::ingest::{IngestOptions, parse};
use crate::model::{Finding, ScanResult, Severity};

fn read(text: &str) -> Result<ScanResult> {
    parse(text.as_bytes(), None, &IngestOptions::default())
}

fn one(text: &str) -> Finding {
    let mut found = read(text).unwrap().findings;
    assert_eq!(found.len(), 1, "{text}");
    found.remove(0)
}

#[test]
fn npm_7() {
    let finding = one(r#"{"auditReportVersion": 2, "vulnerabilities": {"lodash": {"name": "lodash", "severity": "moderate",
        "isDirect": true, "via": ["other", {"source": 1, "title": "Prototype Pollution", "cwe": ["CWE-1321", "CWE-20"],
        "url": "https://github.com/advisories/GHSA-jf85-cpcp-j695", "cvss": {"score": 9.1}, "range": "<4.17.12"}],
        "range": "<4.17.12", "nodes": ["node_modules/lodash"],
        "fixAvailable": {"name": "lodash", "version": "4.17.21", "isSemVerMajor": false}}}}"#);
    assert_eq!(finding.rule_id.as_deref(), Some("npm-audit/lodash"));
    assert_eq!((finding.severity, finding.title.as_str()), (Severity::Medium, "Vulnerable npm package: lodash"));
    assert_eq!(finding.description, "Prototype Pollution");
    assert_eq!(finding.remediation, "Update lodash to 4.17.21");
    assert_eq!(finding.cwe.as_deref(), Some("CWE-1321"));
    assert_eq!(finding.vulnerability_ids, ["GHSA-jf85-cpcp-j695"]);
    assert_eq!(finding.references, ["https://github.com/advisories/GHSA-jf85-cpcp-j695"]);
    let package = finding.package.unwrap();
    assert_eq!((package.ecosystem.as_str(), package.fixed_version.as_deref()), ("npm", Some("4.17.21")));
    let tool = finding.metadata.tool;
    assert_eq!(tool["advisories"][0]["cvss"]["score"], 9.1);
    assert_eq!((tool["via"][0].as_str(), tool["range"].as_str()), (Some("other"), Some("<4.17.12")));
}

#[test]
fn fixes_in_words() {
    let with = |fix: &str| {
        one(&format!(r#"{{"auditReportVersion": 2, "vulnerabilities": {{"a": {{"via": ["b"], "fixAvailable": {fix}}}}}}}"#))
    };
    assert_eq!(with("true").remediation, "Run `npm audit fix`: a fixed a fits what depends on it");
    assert_eq!(with("false").remediation, "No fix is available for a: look for an update or an alternative");
    let other = with(r#"{"name": "b", "version": "2.0.0", "isSemVerMajor": true}"#);
    assert_eq!(other.remediation, "Update b to 2.0.0, which is a breaking change: it brings a fixed a");
    assert_eq!(other.package.unwrap().fixed_version, None);
    assert_eq!((other.description.as_str(), other.severity), ("It depends on vulnerable versions of b.", Severity::Medium));
}

#[test]
fn npm_6_and_pnpm() {
    let finding = one(r#"{"actions": [], "advisories": {"1179": {"findings": [{"version": "1.2.0", "paths": ["a>minimist"]},
        {"version": "0.0.10", "paths": []}], "id": 1179, "title": "Prototype Pollution", "module_name": "minimist",
        "cves": ["CVE-2020-7598"], "vulnerable_versions": "<0.2.1 || >=1.0.0 <1.2.3", "cwe": "CWE-471",
        "patched_versions": ">=0.2.1 <1.0.0 || >=1.2.3", "overview": "Long.", "recommendation": "Upgrade.",
        "references": "- [commit](https://github.com/x/y/commit/1)\n- https://example.com/a.", "severity": "low",
        "url": "https://npmjs.com/advisories/1179"}}, "muted": [], "metadata": {"vulnerabilities": {"low": 1}}}"#);
    assert_eq!((finding.rule_id.as_deref(), finding.severity), (Some("npm-audit/1179"), Severity::Low));
    assert_eq!((finding.title.as_str(), finding.description.as_str()), ("minimist: Prototype Pollution", "Long."));
    assert_eq!((finding.remediation.as_str(), finding.cwe.as_deref()), ("Update minimist to 0.2.1", Some("CWE-471")));
    assert_eq!(finding.vulnerability_ids, ["CVE-2020-7598"]);
    assert_eq!(
        finding.references,
        ["https://example.com/a", "https://github.com/x/y/commit/1", "https://npmjs.com/advisories/1179"]
    );
    let package = finding.package.unwrap();
    assert_eq!(package.purl.as_deref(), Some("pkg:npm/minimist@0.0.10"));
    let bare = one(r#"{"advisories": {"7": {"module_name": "x", "github_advisory_id": "GHSA-x", "cvss": {"score": 9.8}}}}"#);
    assert_eq!((bare.rule_id.as_deref(), bare.severity), (Some("GHSA-x"), Severity::Critical));
    assert_eq!(bare.title, "Vulnerable npm package: x");
}

#[test]
fn odd_items_cost_themselves() {
    let result = read(
        r#"{"auditReportVersion": 2, "vulnerabilities": {"a": null, "b": {"severity": 7, "via": 3, "cwe": {}},
        "c": [], "": {}}}"#,
    )
    .unwrap();
    assert_eq!((result.findings.len(), result.scanners[0].skipped.len()), (1, 3));
    assert!(read(r#"{"auditReportVersion": 2}"#).is_err());
    assert!(read(r#"{"auditReportVersion": 2, "vulnerabilities": "none"}"#).is_err());
    assert!(read(r#"{"auditReportVersion": 2, "vulnerabilities": {"a": null}}"#).is_err());
    assert!(read(r#"{"auditReportVersion": 2, "vulnerabilities": {}}"#).unwrap().findings.is_empty());
}

#[test]
fn a_failed_audit_is_an_error() {
    for (text, why) in [
        (r#"{"error": {"code": "ENOLOCK", "summary": "no lock file", "detail": "Try creating\none"}}"#, "no lock file"),
        (r#"{"error": {"code": "ERR_PNPM_AUDIT_BAD_RESPONSE", "message": "responded with 500"}}"#, "responded with 500"),
        (
            r#"{"message": "request failed", "method": "POST", "uri": "https://r", "statusCode": 503, "error": {"summary": "", "detail": ""}}"#,
            "request failed",
        ),
        (
            "{\"message\": \"first\", \"method\": \"POST\", \"uri\": \"u\", \"statusCode\": 1}\n{\"error\": {\"summary\": \"\", \"detail\": \"\"}}",
            "first",
        ),
    ] {
        let error = read(text).unwrap_err();
        assert_eq!(error.code(), "scanner", "{text}: {error}");
        assert!(error.message().contains(why), "{error}");
    }
}
