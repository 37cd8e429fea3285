#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use crate::ingest::{IngestOptions, parse, parse_reader};
use crate::model::{ScanResult, ScannerStatus, Severity};

fn read(text: &str) -> crate::Result<ScanResult> {
    let options = IngestOptions { root: Some("/src".into()), ..IngestOptions::default() };
    let whole = parse(text.as_bytes(), None, &options);
    assert_eq!(whole.as_ref().ok(), parse_reader(text.as_bytes(), None, &options).as_ref().ok());
    whole
}

const JSON: &str = r#"{"reportSchema": "1.1", "scanInfo": {"engineVersion": "9.2.0"}, "projectInfo": {"name": ""}, "dependencies": [
  {"isVirtual": true, "fileName": "Django:1.11.29", "filePath": "/src/requirements.txt:Django/1.11.29", "sha256": "ab",
   "packages": [{"id": "pkg:pypi/low@1", "confidence": "LOW"}, {"id": "pkg:pypi/django@1.11.29", "confidence": "HIGHEST"}],
   "vulnerabilities": [{"source": "NVD", "name": "CVE-2022-28346", "severity": "HIGH",
     "cvssv3": {"baseScore": 9.8, "baseSeverity": "CRITICAL"}, "cwes": ["CWE-89", "CWE-20"], "description": "SQL injection.",
     "references": [{"source": "x", "url": "https://a"}, {"url": "javascript:1"}],
     "vulnerableSoftware": [{"software": {"id": "cpe:2.3:a:d:d", "vulnerabilityIdMatched": "true", "versionEndExcluding": "2.2.28"}},
       {"software": {"id": "other", "versionEndExcluding": "9"}}]}, null, {"name": "odd name", "severity": "7.5"}],
   "suppressedVulnerabilities": [{"name": "CVE-1"}]},
  {"fileName": "clean.jar", "filePath": "/src/clean.jar"}]}"#;

#[test]
fn json() {
    let result = read(JSON).unwrap();
    let [django, odd] = &result.findings[..] else { panic!("{result:?}") };
    assert_eq!((django.rule_id.as_deref(), django.severity), (Some("CVE-2022-28346"), Severity::Critical));
    assert_eq!((django.title.as_str(), django.description.as_str()), ("django: CVE-2022-28346", "SQL injection."));
    assert_eq!((django.file_path.as_deref(), django.cwe.as_deref()), (Some("requirements.txt"), Some("CWE-89")));
    assert_eq!(
        (django.references.as_slice(), django.remediation.as_str()),
        (&["https://a".to_owned()][..], "Update django to 2.2.28")
    );
    let package = django.package.as_ref().unwrap();
    assert_eq!((package.version.as_deref(), package.fixed_version.as_deref()), (Some("1.11.29"), Some("2.2.28")));
    assert_eq!(django.metadata.tool["sha256"], "ab");
    assert_eq!((odd.severity, odd.vulnerability_ids.len()), (Severity::High, 0));
    let run = &result.scanners[0];
    assert_eq!((run.version.as_deref(), run.status), (Some("9.2.0"), ScannerStatus::Partial));
    assert!(run.reason.as_ref().unwrap().contains("1 vulnerabilities are suppressed"));
}

#[test]
fn xml_of_old_and_new_schemas() {
    let text = r#"<?xml version="1.0"?><analysis xmlns="https://jeremylong.github.io/DependencyCheck/dependency-check.2.5.xsd">
    <scanInfo><engineVersion>6.5.3</engineVersion><analysisExceptions><exception><message>No network. More</message></exception></analysisExceptions></scanInfo>
    <projectInfo><name>p</name></projectInfo><dependencies>
    <dependency><fileName>a.jar</fileName><filePath>C:\agent\lib\a.jar</filePath>
     <identifiers><package confidence="HIGH"><id>pkg:maven/org.x/a@1.0</id></package><vulnerabilityIds/></identifiers>
     <vulnerabilities><vulnerability source="NVD"><name>CVE-2020-1</name><severity>HIGH</severity>
      <cvssV3><baseScore>5.0</baseScore><baseSeverity>MEDIUM</baseSeverity></cvssV3><cwes><cwe>CWE-79</cwe></cwes>
      <description>d &amp; e</description><references><reference><source>S</source><url>https://r</url></reference></references>
      <vulnerableSoftware><software vulnerabilityIdMatched="true" versionEndExcluding="1.1">cpe:2.3:a</software></vulnerableSoftware>
     </vulnerability><suppressedVulnerability><name>CVE-2</name></suppressedVulnerability></vulnerabilities></dependency>
    <dependency><fileName>b.dll</fileName><filePath>b.dll</filePath>
     <identifiers><identifier type="cpe"><name>(cpe:/a:x)</name></identifier><identifier type="maven" confidence="HIGHEST"><name>(org.owasp:library:6.7.8)</name></identifier></identifiers>
     <vulnerabilities><vulnerability><name>CVE-0000-0001</name><cvssScore>7.5</cvssScore><cwe>CWE-264 Permissions</cwe></vulnerability></vulnerabilities></dependency>
    </dependencies></analysis>"#;
    let result = read(text).unwrap();
    let [new, old] = &result.findings[..] else { panic!("{result:?}") };
    assert_eq!((new.severity, new.file_path.as_deref()), (Severity::Medium, Some("C:/agent/lib/a.jar")));
    assert_eq!((new.title.as_str(), new.description.as_str()), ("org.x:a: CVE-2020-1", "d & e"));
    assert_eq!((new.references[0].as_str(), new.remediation.as_str()), ("https://r", "Update org.x:a to 1.1"));
    assert_eq!((old.severity, old.cwe.as_deref()), (Severity::High, Some("CWE-264")));
    assert_eq!(old.package.as_ref().unwrap().purl.as_deref(), Some("pkg:maven/org.owasp/library@6.7.8"));
    let run = &result.scanners[0];
    assert_eq!((run.version.as_deref(), run.skipped[0].why.as_str()), (Some("6.5.3"), "No network"));
    let none = "<analysis><scanInfo/><projectInfo/><dependencies/></analysis>";
    assert!(read(none).unwrap().findings.is_empty());
    assert!(read("<analysis><scanInfo/><projectInfo/><dependencies><dependency>").is_err());
}

#[test]
fn paths() {
    for (path, name, want) in [
        ("/a/requirements.txt:Django/1.11.29", "Django:1.11.29", "/a/requirements.txt"),
        ("/a/package-lock.json?/lodash:4.17.15", "lodash:4.17.15", "/a/package-lock.json"),
        ("C:\\x\\y.dll", "y.dll", "C:\\x\\y.dll"),
        ("/a/app.war", "", "/a/app.war"),
        ("/a/app.war: lib.jar", "lib.jar", "/a/app.war: lib.jar"),
    ] {
        assert_eq!(super::manifest(path, name), want);
    }
}
