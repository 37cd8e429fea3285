#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests"
)]

use crate::ingest::{IngestOptions, parse};
use crate::model::{ScanResult, ScannerStatus, Severity};
use serde_json::{Value, json};

fn read(text: &str) -> ScanResult {
    parse(text.as_bytes(), None, &IngestOptions::default()).unwrap()
}

fn bill(fields: Value) -> ScanResult {
    let mut bill = json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1});
    bill.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    read(&bill.to_string())
}

#[test]
fn mapping() {
    let result = bill(json!({
        "vulnerabilities": [
            {"bom-ref": "v", "id": "CVE-2020-1", "source": {"name": "ghsa", "url": "https://s"}, "references": [{"id": "GHSA-1"}],
             "ratings": [{"source": {"name": "nvd"}, "severity": "low"}, {"source": {"name": "ghsa"}, "severity": "critical"}], "cwes": [79, 20],
             "description": "D", "detail": "More", "recommendation": "Upgrade it", "advisories": [{"url": "https://a"}, {"title": "t"}],
             "analysis": {"state": "not_affected"},
             "affects": [{"ref": "urn:cdx:3e671687/1#p", "versions": [{"version": "1.0", "status": "affected"}, {"version": "1.2", "status": "unaffected"}]}, {"ref": "q"}]},
            {"id": "6290db55", "references": [{"id": "CVE-2021-2"}], "affects": [{"ref": "pkg:npm/%40a/b@2.0"}], "ratings": [{"score": 7.5}]},
            {"id": "X-1", "affects": [{"ref": "nowhere"}], "ratings": [{"severity": "unknown", "vector": "AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]},
            {"id": "CVE-3", "affects": [{"ref": "q"}]}
        ],
        "metadata": {"tools": [{"vendor": "aqua", "name": "Trivy", "version": "0.76.0"}], "component": {"bom-ref": "root", "name": "app"}},
        "components": [
            {"bom-ref": "p", "name": "log4j", "group": "org.a", "version": "1.0", "purl": "pkg:maven/org.a/log4j@1.0", "components": [
                {"bom-ref": "q", "name": "libc", "purl": "pkg:deb/debian/libc@3", "properties": [{"name": "syft:location:0:path", "value": "/lib/status"}]}]}
        ]
    }));
    let [f, opaque, lost, nested] = result.findings.as_slice() else { panic!("{:?}", result.findings) };
    assert_eq!((f.scanner.as_str(), result.scanners[0].version.as_deref()), ("trivy", Some("0.76.0")));
    assert_eq!(
        (f.title.as_str(), f.severity, f.cwe.as_deref()),
        ("CVE-2020-1 in org.a:log4j", Severity::Critical, Some("CWE-79"))
    );
    assert_eq!((f.description.as_str(), f.remediation.as_str()), ("D\n\nMore", "Upgrade it"));
    assert_eq!(f.references, ["https://a", "https://s"]);
    assert!(f.ignored_in_source && !opaque.ignored_in_source);
    let package = f.package.as_deref().unwrap();
    assert_eq!((package.ecosystem.as_str(), package.fixed_version.as_deref()), ("maven", Some("1.2")));
    assert_eq!((f.vulnerability_ids.len(), f.metadata.tool["affects"].as_array().unwrap().len()), (2, 2));
    assert_eq!((opaque.rule_id.as_deref(), opaque.severity), (Some("CVE-2021-2"), Severity::High));
    assert_eq!((opaque.title.as_str(), &opaque.metadata.tool["id"]), ("CVE-2021-2 in @a/b", &json!("6290db55")));
    assert_eq!((lost.title.as_str(), lost.severity, lost.package.is_none()), ("X-1", Severity::Critical, true));
    let package = nested.package.as_deref().unwrap();
    assert_eq!((package.ecosystem.as_str(), package.name.as_str(), package.version.as_deref()), ("deb", "libc", Some("3")));
    assert_eq!((nested.file_path.as_deref(), nested.severity), (Some("/lib/status"), Severity::Medium));
}

#[test]
fn a_bill_without_vulnerabilities_has_no_findings() {
    for fields in [json!({}), json!({"components": []}), json!({"vulnerabilities": null}), json!({"vulnerabilities": []})] {
        let result = bill(fields);
        assert_eq!((result.findings.len(), result.scanners[0].name.as_str()), (0, "cyclonedx"));
    }
    let tools = json!({"tools": {"components": [{"name": "syft", "version": "1.11.0"}, {"name": "cyclonedx-py"}]}});
    assert_eq!(bill(json!({"metadata": tools})).scanners[0].name, "syft");
    assert!(parse(br#"{"bomFormat":"AnotherFormat"}"#, None, &IngestOptions::default()).is_err());
    assert_eq!(read("<bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\" version=\"1\"/>").findings.len(), 0);
}

#[test]
fn odd_entries() {
    let result = bill(json!({"components": [null, 1, {}], "vulnerabilities": [
        {}, null, {"description": "Something is wrong. Really."}, {"id": "CVE-1", "affects": {"ref": 3}, "ratings": "x", "cwes": {}, "references": [null]}
    ]}));
    assert_eq!((result.findings.len(), result.scanners[0].status), (2, ScannerStatus::Partial));
    assert_eq!(result.findings[0].title, "Something is wrong");
}

#[test]
fn xml_is_read_alike() {
    let text = r#"<?xml version="1.0"?><x:bom xmlns:x="http://cyclonedx.org/schema/bom/1.4"><x:metadata><x:tools><x:tool><x:name>Dep Track</x:name></x:tool></x:tools>
        <x:component type="application" bom-ref="root"><x:name>app</x:name></x:component></x:metadata>
        <x:components><x:component type="library" bom-ref="c"><x:name>n</x:name><x:version>2</x:version><x:purl>pkg:npm/n@2</x:purl>
          <x:components><x:component bom-ref="d"><x:group>g</x:group><x:name>m</x:name></x:component></x:components></x:component></x:components>
        <x:vulnerabilities><x:vulnerability><x:id>CVE-1</x:id><x:source><x:name>NVD</x:name><x:url>https://s</x:url></x:source>
          <x:ratings><x:rating><x:score>9.8</x:score><x:method>CVSSv3</x:method></x:rating></x:ratings><x:cwes><x:cwe>184</x:cwe></x:cwes>
          <x:advisories><x:advisory><x:url>https://a</x:url></x:advisory></x:advisories><x:tools><x:tool><x:name>other</x:name></x:tool></x:tools>
          <x:analysis><x:state>false_positive</x:state></x:analysis>
          <x:affects><x:target><x:ref>d</x:ref><x:versions><x:version><x:version>3</x:version></x:version></x:versions></x:target></x:affects></x:vulnerability></x:vulnerabilities></x:bom>"#;
    let result = read(text);
    let [f] = result.findings.as_slice() else { panic!("{:?}", result.findings) };
    assert_eq!((f.title.as_str(), f.severity, f.cwe.as_deref()), ("CVE-1 in g/m", Severity::Critical, Some("CWE-184")));
    assert_eq!((f.references.len(), f.ignored_in_source, f.scanner.as_str()), (2, true, "dep-track"));
    assert_eq!(f.package.as_deref().unwrap().version.as_deref(), Some("3"));
}

#[test]
fn the_extension_puts_vulnerabilities_inside_components() {
    let text = r#"<bom xmlns="http://cyclonedx.org/schema/bom/1.3" xmlns:v="http://cyclonedx.org/schema/ext/vulnerability/1.0"><components>
        <component type="library"><name>n</name><version>2</version><v:vulnerabilities><v:vulnerability ref="pkg:npm/n@2"><v:id>CVE-1</v:id><v:source name="NVD"><v:url>https://s</v:url></v:source>
          <v:ratings><v:rating><v:score><v:base>9.8</v:base></v:score><v:severity>Critical</v:severity></v:rating></v:ratings><v:cwes><v:cwe>184</v:cwe></v:cwes>
          <v:description>D</v:description><v:recommendations><v:recommendation>Upgrade</v:recommendation></v:recommendations><v:advisories><v:advisory>https://a</v:advisory></v:advisories></v:vulnerability>
          <v:vulnerability><v:id>CVE-2</v:id></v:vulnerability></v:vulnerabilities></component></components></bom>"#;
    let result = read(text);
    let [first, second] = result.findings.as_slice() else { panic!("{:?}", result.findings) };
    assert_eq!((first.title.as_str(), first.severity, first.remediation.as_str()), ("CVE-1 in n", Severity::Critical, "Upgrade"));
    assert_eq!((first.references.len(), second.title.as_str()), (2, "CVE-2 in n"));
}
