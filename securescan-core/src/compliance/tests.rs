use super::*;
use crate::model::{ScanType, Severity};

fn finding(cwe: Option<&str>, rule: Option<&str>, title: &str) -> Finding {
    let mut f = Finding::new("semgrep", ScanType::Code, Severity::High, title);
    f.cwe = cwe.map(str::to_owned);
    f.rule_id = rule.map(str::to_owned);
    f
}

fn tags(cwe: Option<&str>, rule: Option<&str>, title: &str) -> Vec<String> {
    tag(&finding(cwe, rule, title))
}

#[test]
fn documented_anchors() {
    let eval = "python.lang.security.audit.eval-detected";
    let expected = ["OWASP-A03", "PCI-DSS-6.5.1", "SOC2-CC7.1"];
    assert_eq!(tags(Some("CWE-95"), Some(eval), "Use of eval()"), expected);
    assert_eq!(tags(None, Some(eval), ""), expected);
    assert_eq!(tags(Some("CWE-95"), None, ""), expected);
    assert!(tags(None, Some("B106"), "").contains(&"SOC2-CC6.1".to_owned()));
}

#[test]
fn documented_coverage() {
    let mut findings = vec![finding(Some("CWE-95"), None, ""), finding(Some("CWE-287"), None, "")];
    findings[1].compliance_tags = vec!["OWASP-A07".into(), "A07".into(), "NOPE".into()];
    findings[0].compliance_tags = tag(&findings[0]);
    let coverage = coverage(&findings);
    let owasp = &coverage.frameworks["OWASP"];
    assert_eq!(owasp.controls, ["A01", "A02", "A03", "A04", "A05", "A06", "A07", "A08", "A09", "A10"]);
    assert_eq!((owasp.observed.clone(), owasp.coverage_pct), (vec!["A03".to_owned(), "A07".to_owned()], 20.0));
    assert_eq!(owasp.findings["A07"], 1);
    let pci = &coverage.frameworks["PCI-DSS"];
    assert_eq!(pci.controls.get(..3).unwrap(), ["1.2", "2.2", "6.5.1"]);
    assert_eq!((pci.observed.clone(), pci.coverage_pct), (vec!["6.5.1".to_owned()], 12.5));
    let json = serde_json::to_value(&coverage).unwrap();
    assert_eq!(json["frameworks"]["PCI-DSS"]["coverage_pct"], 12.5);
}

#[test]
fn the_frameworks_are_whole() {
    let sizes: Vec<_> = Frameworks::builtin().list().iter().map(|f| (f.id.as_str(), f.key.as_str(), f.total_controls)).collect();
    let expected =
        [("cis-controls-v8", "CIS", 18), ("owasp-top10-2021", "OWASP", 10), ("pci-dss-v4", "PCI-DSS", 8), ("soc2", "SOC2", 61)];
    assert_eq!(sizes, expected);
    assert!(file::builtin().is_ok());
    for (_, framework) in file::builtin().unwrap() {
        for (id, control) in framework.controls {
            assert!(!control.name.is_empty(), "{id}");
            assert!(control.cwes.iter().all(|text| cwe::number(text).is_some()), "{id}");
        }
    }
}

#[test]
fn older_ids_are_understood() {
    let pairs = [
        ("A03", "OWASP-A03"),
        ("OWASP-A03", "OWASP-A03"),
        ("CIS-03", "CIS-3"),
        ("CIS-12", "CIS-12"),
        ("PCI-6", "PCI-DSS-6.5.1"),
        ("PCI-2", "PCI-DSS-2.2"),
        ("SOC2-CC6", "SOC2-CC6.1"),
        ("SOC2-CC7", "SOC2-CC7.1"),
    ];
    for (old, new) in pairs {
        assert_eq!(canonical_id(old), Some(new));
        assert_eq!(Frameworks::builtin().control(old).unwrap().tag, new);
    }
    assert_eq!((canonical_id("PCI-5"), canonical_id("a03"), canonical_id("")), (None, None, None));
    let control = Frameworks::builtin().control("OWASP-A03").unwrap();
    assert_eq!((control.framework, control.name), ("OWASP Top 10", "Injection"));
}

#[test]
fn keywords_are_whole_words_and_a_last_resort() {
    let none: [&str; 0] = [];
    for title in ["Data retrieval", "randomness", "Executable file", "hash_map", "evaluate", "Hashes"] {
        assert_eq!(tags(None, None, title), none, "{title}");
    }
    assert_eq!(tags(None, None, "Weak HASH: found"), ["OWASP-A02"]);
    assert!(tags(None, None, "uses default password.").contains(&"PCI-DSS-2.2".to_owned()));
    assert_eq!(tags(Some("CWE-918"), None, "weak hash"), tags(Some("CWE-918"), None, ""));
    assert_eq!(tags(Some("CWE-1333"), None, "weak hash"), ["OWASP-A02"]);
    let mut described = finding(None, None, "x");
    described.description = "This is a weak hash.".into();
    assert_eq!(tag(&described), ["OWASP-A02"]);
}

#[test]
fn rule_words() {
    assert!(tags(None, Some("CKV_AWS_20"), "").contains(&"PCI-DSS-2.2".to_owned()));
    assert!(tags(None, Some("GHSA-xxxx-yyyy-zzzz"), "").contains(&"OWASP-A06".to_owned()));
    assert!(tags(None, Some("secrets/aws-access-key"), "").contains(&"SOC2-CC6.1".to_owned()));
    assert_eq!(tags(None, Some("xssoning"), ""), [""; 0]);
}

#[test]
fn a_long_text_is_read_once() {
    let text = "sql injection ".repeat(200_000);
    assert!(tags(None, None, &text).contains(&"OWASP-A03".to_owned()));
}

#[test]
fn custom_frameworks() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    write("acme.json", r#"{"framework":"ACME","controls":{"A03":{"name":"Ours","cwes":["89"],"rule_ids":{"semgrep":["R"]}}}}"#);
    write("readme.txt", "not read");
    let frameworks = Frameworks::with_dir(dir.path()).unwrap();
    assert_eq!(frameworks.list().len(), 5);
    let mut hit = finding(None, Some("R"), "");
    hit.compliance_tags = frameworks.tag(&hit);
    assert_eq!(hit.compliance_tags, ["acme-A03"]);
    let coverage = frameworks.coverage(&[hit]);
    assert_eq!(coverage.frameworks["acme"].coverage_pct, 100.0);
    assert_eq!(coverage.frameworks["OWASP"].observed, [""; 0]);

    // The Python version's own file in the place of ours: the tags stay those of today.
    write(
        "owasp-top10-2021.json",
        r#"{"framework":"OWASP","version":"2021","controls":{"A03":{"name":"I","keywords":["zap"]}}}"#,
    );
    let frameworks = Frameworks::with_dir(dir.path()).unwrap();
    assert_eq!(frameworks.tag(&finding(None, None, "zap")), ["OWASP-A03"]);
    assert_eq!(frameworks.list().len(), 5);
}

#[test]
fn bad_framework_files_say_where() {
    let dir = tempfile::tempdir().unwrap();
    let error = |text: &str| {
        std::fs::write(dir.path().join("bad.json"), text).unwrap();
        let error = Frameworks::with_dir(dir.path()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
        error.to_string()
    };
    assert!(error("{").contains("bad.json:1:1: "));
    assert!(error("{\"framework\":\"X\",\n\"controls\":[]}").contains("bad.json:2:1"));
    assert!(error(r#"{"framework":"X","controls":{"1":{"name":"a"},"1":{"name":"b"}}}"#).contains("comes twice"));
    assert!(error(r#"{"framework":"X","controls":{"1":{"name":"a","cwes":["x"]}}}"#).contains("is no CWE"));
    assert!(error(r#"{"framework":"X","prefix":"OWASP-","controls":{"A03":{"name":"a"}}}"#).contains("`OWASP-A03`"));
    assert!(error(r#"{"framework":"X","key":"OWASP","prefix":"X-","controls":{}}"#).contains("key `OWASP`"));
    assert_eq!(Frameworks::with_dir(&dir.path().join("none")).unwrap_err().kind(), ErrorKind::Io);
}
