//! Single tools and older versions.

use super::{one, read, read_text};
use crate::model::{ScanType, Severity};
use serde_json::json;

#[test]
fn trivy_packages() {
    let f = one(
        json!({"name": "Trivy", "rules": [{"id": "CVE-2019-1549", "name": "OsPackageVulnerability", "shortDescription": {"text": "openssl: x"},
            "fullDescription": {"text": "Long story."}, "properties": {"tags": ["vulnerability", "security", "HIGH"], "security-severity": "7.5"}}]}),
        json!({"ruleId": "CVE-2019-1549", "ruleIndex": 0, "level": "error",
            "message": {"text": "Package: lodash\nInstalled Version: 1.0\nVulnerability CVE-2019-1549\nSeverity: HIGH\nFixed Version: 1.1, 2.0\nLink: [x](https://x)"},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": "web/package-lock.json"}, "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1}}}]}),
    );
    let package = f.package.as_deref().unwrap();
    assert_eq!((f.scanner.as_str(), f.scan_type, f.severity), ("trivy", ScanType::Dependency, Severity::High));
    assert_eq!((package.purl.as_deref(), package.fixed_version.as_deref()), (Some("pkg:npm/lodash@1.0"), Some("1.1")));
    assert_eq!((f.description.as_str(), f.remediation.as_str(), f.line), ("Long story.", "Update lodash to 1.1", None));
    assert_eq!(f.vulnerability_ids, ["CVE-2019-1549"]);
}

#[test]
fn grype_and_osv_packages() {
    let f = one(
        json!({"name": "grype", "rules": [{"id": "CVE-2021-1-openssl", "shortDescription": {"text": "CVE-2021-1 high vulnerability for openssl package"},
            "help": {"text": "Vulnerability CVE-2021-1\nSeverity: high\nPackage: openssl\nVersion: 1.1.1\nFix Version: 1.1.2\nType: apk\nLocation: /lib"},
            "properties": {"security-severity": "7.5"}}]}),
        json!({"ruleId": "CVE-2021-1-openssl", "message": {"text": "A high vulnerability in apk package: openssl, version 1.1.1 was found"}}),
    );
    let package = f.package.as_deref().unwrap();
    assert_eq!((f.rule_id.as_deref(), f.scan_type), (Some("CVE-2021-1"), ScanType::Dependency));
    assert_eq!((package.purl.as_deref(), package.fixed_version.as_deref()), (Some("pkg:apk/openssl@1.1.1"), Some("1.1.2")));
    assert_eq!(f.vulnerability_ids, ["CVE-2021-1"]);
    let f = one(
        json!({"name": "osv-scanner", "rules": [{"id": "CVE-2022-24713", "deprecatedIds": ["RUSTSEC-2022-0013", "CVE-2022-24713"]}]}),
        json!({"ruleId": "CVE-2022-24713", "message": {"text": "Package 'regex@1.5.1' is vulnerable to 'CVE-2022-24713'."},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": "file:///p/Cargo.lock"}}}]}),
    );
    assert_eq!(f.package.as_deref().and_then(|p| p.purl.as_deref()), Some("pkg:cargo/regex@1.5.1"));
    assert_eq!(f.vulnerability_ids, ["CVE-2022-24713", "RUSTSEC-2022-0013"]);
    let f = one(json!({"name": "Some"}), json!({"ruleId": "GHSA-aaaa-bbbb-cccc", "properties": {"purl": "pkg:npm/a@1"}}));
    assert_eq!((f.scan_type, f.package.as_deref().map(|p| p.name.as_str())), (ScanType::Dependency, Some("a")));
}

#[test]
fn secrets_are_taken_out() {
    let secret = "q8Zr1mXv7LwT3pKd9NsB5hGfYc2JuA0TsxpC";
    for (driver, rule) in [("gitleaks", json!({"id": "r"})), ("Other", json!({"id": "r", "properties": {"tags": ["secret"]}}))] {
        let f = one(
            json!({"name": driver, "rules": [rule]}),
            json!({"ruleId": "r", "message": {"text": format!("found {secret} here")}, "properties": {"match": secret},
                "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a"}, "region": {"startLine": 2, "startColumn": 15, "endColumn": 50, "snippet": {"text": secret}}}}]}),
        );
        assert_eq!(f.secret.as_ref().map(|s| (s.kind.as_str(), s.value.as_str())), Some(("r", secret)));
        assert!(!serde_json::to_string(&f).unwrap().contains(secret) && f.metadata.line_snippet.is_none());
    }
    let f = one(
        json!({"name": "Bandit"}),
        json!({"ruleId": "B105", "message": {"text": "Possible hardcoded password: 'hunter2-hunter2'"}}),
    );
    assert!(!serde_json::to_string(&f).unwrap().contains("hunter2"));
    assert_eq!(f.secret.unwrap().value, "hunter2-hunter2");
}

#[test]
fn version_1_0_0() {
    let text = json!({"version": "1.0.0", "runs": [{
        "tool": {"name": "Old", "version": "3"},
        "rules": {"K": {"id": "R1", "shortDescription": "short words", "messageFormats": {"f": "{0} is bad"}, "defaultLevel": "error", "helpUri": "http://h"}},
        "results": [
            {"ruleId": "R1", "ruleKey": "K", "formattedRuleMessage": {"formatId": "f", "arguments": ["it"]},
             "locations": [{"analysisTarget": {"uri": "a.dll"}, "resultFile": {"uri": "src/a.c", "region": {"startLine": 3, "startColumn": 2}}, "fullyQualifiedLogicalName": "N.f"}],
             "codeFlows": [{"locations": [{"physicalLocation": {"uri": "src/b.c", "region": {"startLine": 9}}, "message": "step"}]}],
             "suppressionStates": ["suppressedInSource"]},
            {"message": "plain", "level": "note", "locations": [{"analysisTarget": {"uri": "file:///x/y.c"}}]},
            {"ruleId": "R1", "level": "pass", "message": "fine"}
        ]
    }]});
    let result = read_text(&text.to_string()).unwrap();
    let [a, b] = result.findings.as_slice() else { panic!("{result:?}") };
    assert_eq!((result.scanners[0].name.as_str(), result.scanners[0].version.as_deref()), ("Old", Some("3")));
    assert_eq!((a.title.as_str(), a.description.as_str(), a.severity), ("short words", "it is bad", Severity::High));
    assert_eq!((a.file_path.as_deref(), a.line, a.ignored_in_source), (Some("src/a.c"), Some(3), true));
    assert_eq!(a.metadata.tool["related_locations"], json!([{"file": "src/b.c", "line": 9, "message": "step"}]));
    assert_eq!((b.description.as_str(), b.file_path.as_deref(), b.severity), ("plain", Some("/x/y.c"), Severity::Low));
}

#[test]
fn version_2_0_0_drafts() {
    let text = json!({"version": "2.0.0-csd.2.beta.2018-10-10", "runs": [{
        "tool": {"name": "Draft", "semanticVersion": "1.2.3"},
        "originalUriBaseIds": {"SRC": "file:///w/"},
        "resources": {"rules": {"D1": {"name": {"text": "a rule name"}, "configuration": {"defaultLevel": "note"}, "messageStrings": {"m": "says {0}"}}}},
        "results": [{"ruleId": "D1", "message": {"messageId": "m", "arguments": ["so"]},
            "locations": [{"physicalLocation": {"fileLocation": {"uri": "a.c", "uriBaseId": "SRC"}, "region": {"startLine": 4}}}]}]
    }]});
    let result = read_text(&text.to_string()).unwrap();
    let f = &result.findings[0];
    assert_eq!((f.scanner.as_str(), f.title.as_str(), f.description.as_str()), ("Draft", "a rule name", "says so"));
    assert_eq!((f.file_path.as_deref(), f.line, f.severity), (Some("a.c"), Some(4), Severity::Low));
}

#[test]
fn names_of_tools() {
    for (name, want) in [("Semgrep OSS", "semgrep"), ("ESLint", "eslint"), (" My Tool ", "My Tool"), ("Snyk Open Source", "snyk")]
    {
        let result = read(json!({"tool": {"driver": {"name": name}}, "results": [{"ruleId": "r"}]}));
        assert_eq!((result.scanners[0].name.as_str(), result.findings[0].scanner.as_str()), (want, want));
    }
}
