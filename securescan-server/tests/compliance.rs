//! Frameworks and coverage: section 11.13 of the server specification.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

mod common;

use common::{Service, target};
use serde_json::{Value, json};

#[test]
fn frameworks() {
    let service = Service::start(&[]);
    let list = service.get("/api/v1/compliance/frameworks").json();
    let ids: Vec<&str> = list["frameworks"].as_array().unwrap().iter().map(|f| f["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["cis-controls-v8", "owasp-top10-2021", "pci-dss-v4", "soc2"]);
    let owasp =
        json!({"id": "owasp-top10-2021", "name": "OWASP Top 10", "version": "2021", "key": "OWASP", "total_controls": 10});
    assert_eq!(list["frameworks"][1], owasp);
}

/// Both shapes say the same, and the same as the findings.
#[test]
fn coverage() {
    let service = Service::start(&[]);
    let target = target(service.folder.path());
    let scan = service.scan(&target, &["code", "iac"]);
    let id = scan["id"].as_str().unwrap();
    let answer = service.get(&format!("/api/v1/compliance/coverage?scan_id={id}")).json();
    let findings = service.get(&format!("/api/v1/scans/{id}/findings?suppressed=false")).json();
    let tags: std::collections::BTreeSet<&str> = findings
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|f| f["compliance_tags"].as_array().unwrap().iter().map(|tag| tag.as_str().unwrap()))
        .collect();
    assert!(!tags.is_empty());
    let mut observed = std::collections::BTreeSet::new();
    for (key, framework) in answer["frameworks"].as_object().unwrap() {
        let list = |name: &str| framework[name].as_array().unwrap().clone();
        observed.extend(list("observed").iter().map(|id| format!("{key}-{}", id.as_str().unwrap())));
        let line: &Value =
            answer["coverage"].as_array().unwrap().iter().find(|line| line["framework_id"] == framework["id"]).unwrap();
        assert_eq!(line["controls_violated"], framework["observed"]);
        assert_eq!(line["coverage_percentage"], framework["coverage_pct"]);
        let parts = line["controls_clear"].as_array().unwrap().len() + list("observed").len();
        assert_eq!((parts, &line["total_controls"]), (list("controls").len(), &json!(parts)));
        for detail in line["violated_details"].as_array().unwrap() {
            assert!(detail["name"].as_str().unwrap().len() > 3 && detail["name"] != detail["id"], "{detail}");
        }
    }
    assert_eq!(observed.iter().map(String::as_str).collect::<Vec<_>>(), tags.into_iter().collect::<Vec<_>>());
    assert_eq!(answer["frameworks"]["OWASP"]["controls"][0], "A01");
}

#[test]
fn refused() {
    let service = Service::start(&[]);
    let missing = service.get("/api/v1/compliance/coverage");
    let item = json!({"type": "missing", "loc": ["query", "scan_id"], "msg": "Field required", "input": null});
    assert_eq!((missing.status, missing.json()), (422, json!({"detail": [item]})));
    for id in ["nobody", "", "%25", "x'%20OR%20'1'='1", "%00"] {
        let answer = service.get(&format!("/api/v1/compliance/coverage?scan_id={id}"));
        assert_eq!((answer.status, answer.json()), (404, json!({"detail": "Scan not found"})), "{id}");
    }
}
