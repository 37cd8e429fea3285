//! Anchore: vulnerabilities of Anchore Engine (`anchore-cli --json image vuln`), of Anchore Enterprise's page and of `anchorectl`.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, dependency, locate, words};
use crate::Result;
use crate::model::{ScanType, Severity};
use serde_json::Value;

pub(super) struct Anchore;

const META: ParserMeta = ParserMeta {
    id: "anchore",
    title: "Anchore vulnerabilities (JSON)",
    versions_read: "Engine 0.x and 1.x, Enterprise `securityEvaluation`, anchorectl",
    upstream: "https://docs.anchore.com/current/docs/vulnerability_management/images/",
    scan_type: ScanType::Dependency,
};

impl Parser for Anchore {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let engine = shape.has_all(&["vulnerability_type", "vulnerabilities"]) || shape.has("vulnerabilities.package_cpe");
        // anchorectl writes names in camel case, with `--json-raw` as the API has them.
        let of_bill = shape.has_any(&["sbomId", "sbom_id"]) && shape.has("vulnerabilities")
            || shape.has_all(&["vulnerabilities.vuln", "vulnerabilities.packageName"]);
        let unified = shape.has_any(&["vulnerabilities.sbomId", "vulnerabilities.sbom_id"]);
        let row = |names: &[&str]| shape.has_all(names) && shape.has("severity");
        match shape.top {
            Top::Object => engine || of_bill || unified || shape.has("securityEvaluation"),
            Top::Array => {
                row(&["vuln", "packageName"])
                    || row(&["vuln", "package_name"])
                    || row(&["vulnerabilityId", "packageName", "fixState"])
                    || row(&["vulnerability_id", "package_name", "fix_state"])
            }
            Top::Xml | Top::Text => false,
        }
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants =
            [Want::Each(""), Want::Each("vulnerabilities"), Want::Each("securityEvaluation"), Want::Whole("imageFullTag")];
        json::read(&mut input, &["", "vulnerabilities", "securityEvaluation"], &wants, report, &mut |report, at, value| {
            match (at.place, value) {
                ("imageFullTag", Value::String(image)) => report.target(image),
                ("imageFullTag", _) => {}
                (_, value) => {
                    let mut item = Fields::of(value)?;
                    // The unified report has a report inside.
                    if item.peek("vulnerabilities").is_some_and(|inner| inner.is_array() || inner.is_null()) {
                        let inner = item.list("vulnerabilities");
                        return report.each("vulnerabilities", inner, &mut |report, value| found(report, Fields::of(value)?));
                    }
                    return found(report, item);
                }
            }
            Ok(())
        })
    }
}

/// The first name that holds something other than `None`.
fn given(item: &mut Fields, names: &[&str]) -> Option<String> {
    item.first_text(names).filter(|text| !text.eq_ignore_ascii_case("none"))
}

fn found(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let id = given(&mut item, &["vuln", "vulnerabilityId", "vulnerability_id"]).ok_or_else(|| bad("`vuln` is missing"))?;
    let named = given(&mut item, &["package_name", "packageName"]);
    let version = given(&mut item, &["package_version", "packageVersion"]);
    // Where only name and version together are given: `apt-1.4.9`.
    let both = given(&mut item, &["package"]).unwrap_or_default();
    let split = both.char_indices().zip(both.chars().skip(1)).find(|((_, c), next)| *c == '-' && next.is_ascii_digit());
    let (name, rest) = split.and_then(|((at, _), _)| both.split_at_checked(at)).unwrap_or((both.as_str(), ""));
    let (name, version) = match named {
        Some(named) => (named, version.map(|v| v.trim_start_matches(&format!("{name}-")).to_owned())),
        None => (name.to_owned(), version.or_else(|| Some(rest.trim_start_matches('-').to_owned()).filter(|v| !v.is_empty()))),
    };
    let severity = item.text("severity").and_then(|word| words::severity(&word)).unwrap_or(Severity::Info);
    let mut finding = report.finding(severity, dependency::title(&id, &name));
    let path = given(&mut item, &["package_path", "packagePath", "path"]);
    finding.file_path = locate::file(path.as_deref().filter(|path| *path != "pkgdb"), report)?;
    let fixes = [item.texts("fixVersions"), item.texts("fix_versions")].into_iter().flatten();
    let fixes: Vec<String> = given(&mut item, &["fix", "fixAvailable"]).into_iter().chain(fixes).collect();
    let fixed = dependency::lowest_fix(fixes.iter().map(String::as_str), version.as_deref());
    finding.remediation = dependency::remedy(&name, fixed.as_deref());
    if !name.is_empty() {
        let kind = given(&mut item, &["package_type", "packageType"]).unwrap_or_default();
        finding.package = Some(Box::new(dependency::package(&kind, name, version, fixed, item.text("purl"))));
    }
    let others = item.text("cves").unwrap_or_default();
    let others = others.split([',', ' ']).map(str::to_owned);
    finding.vulnerability_ids = dependency::advisories(others.chain([id.clone()]));
    finding.references = words::urls(given(&mut item, &["url", "link"]));
    finding.description = given(&mut item, &["extra.description", "description"]).unwrap_or_default();
    finding.rule_id = Some(id);
    finding.metadata.tool = item.rest();
    report.push(finding)
}

#[cfg(test)]
mod tests {
    use crate::ingest::{IngestOptions, parse};
    use crate::model::{ScannerStatus, Severity};
    use serde_json::json;

    #[test]
    fn every_form() {
        let engine = json!({"vuln": "CVE-1", "package": "apt-1.4.9", "package_name": "apt", "package_version": "apt-1.4.9", "package_type": "dpkg", "package_path": "pkgdb", "package_cpe": "None", "fix": "1.5", "severity": "High", "url": "https://u"});
        let page = json!({"vulnerabilityId": "CVE-1", "cves": "CVE-1", "package": "apt-1.4.9", "packageType": "dpkg", "fixAvailable": "1.5,2.0", "severity": "High", "link": "https://u"});
        let ctl = json!({"vuln": "CVE-1", "package": "apt-1.4.9", "packageName": "apt", "packageVersion": "1.4.9", "packageType": "dpkg", "packagePath": "None", "fix": "1.5", "severity": "High", "url": "https://u"});
        for report in [
            json!({"imageDigest": "d", "vulnerability_type": "all", "vulnerabilities": [engine, {}]}),
            json!({"metadata": {}, "securityEvaluation": [page, null]}),
            json!([ctl.clone(), 1]),
        ] {
            let result = parse(report.to_string().as_bytes(), None, &IngestOptions::default()).unwrap();
            let [f] = result.findings.as_slice() else { panic!("{report} {:?}", result.findings) };
            assert_eq!((f.title.as_str(), f.severity, f.file_path.as_deref()), ("CVE-1 in apt", Severity::High, None));
            assert_eq!((f.remediation.as_str(), f.references.len()), ("Update apt to 1.5", 1));
            let package = f.package.as_deref().unwrap();
            assert_eq!((package.ecosystem.as_str(), package.version.as_deref()), ("deb", Some("1.4.9")));
            assert_eq!(result.scanners[0].status, ScannerStatus::Partial);
        }
        let raw = json!({"vulnerability_id": "CVE-1", "package_name": "apt", "package_version": "1.4.9", "package_type": "deb",
            "fix_state": "fixed", "fix_versions": ["1.5"], "severity": "high", "purl": "pkg:deb/debian/apt@1.4.9"});
        let bill = json!({"sbomId": "s", "vulnerabilities": [ctl]});
        for report in [json!([raw]), bill.clone(), json!({"sbom": {}, "policyEvaluation": {}, "vulnerabilities": bill})] {
            let result = parse(report.to_string().as_bytes(), None, &IngestOptions::default()).unwrap();
            let [f] = result.findings.as_slice() else { panic!("{report} {:?}", result.findings) };
            assert_eq!((f.title.as_str(), f.remediation.as_str()), ("CVE-1 in apt", "Update apt to 1.5"));
        }
        let clean = json!({"sbomId": "s", "vulnerabilities": []});
        assert!(parse(clean.to_string().as_bytes(), None, &IngestOptions::default()).unwrap().findings.is_empty());
        let clean = json!({"imageDigest": "d", "vulnerability_type": "all", "vulnerabilities": []});
        assert!(parse(clean.to_string().as_bytes(), None, &IngestOptions::default()).unwrap().findings.is_empty());
    }
}
