//! JFrog Xray: summaries of artifacts, exported reports, lists of issues, and scans on demand (`jf scan`).

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, dependency, locate, score, words};
use crate::Result;
use crate::model::{Package, ScanType, Severity};
use serde_json::Value;

pub(super) struct JfrogXray;

const META: ParserMeta = ParserMeta {
    id: "jfrog-xray",
    title: "JFrog Xray issues (JSON)",
    versions_read: "artifact summary, exported reports (`rows`), issues (`data`), on-demand scans",
    upstream: "https://jfrog.com/help/r/xray-rest-apis",
    scan_type: ScanType::Dependency,
};

impl Parser for JfrogXray {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let summary = shape.has_any(&["artifacts.issues", "artifacts.general.component_id"]);
        let rows = shape.has_all(&["total_rows", "rows"]);
        let issues = shape.has("total_count") && shape.has_any(&["data.source_comp_id", "data.component_versions"]);
        let scan = shape.has_all(&["scan_id", "component_id"]) || shape.has_all(&["scan_id", "vulnerabilities.issue_id"]);
        match shape.top {
            Top::Object => summary || rows || issues || scan,
            Top::Array => scan,
            Top::Xml | Top::Text => false,
        }
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [
            Want::Each("artifacts"),
            Want::Each("rows"),
            Want::Each("data"),
            Want::Each("vulnerabilities"),
            Want::Whole("scan_id"),
        ];
        let proof = ["artifacts", "rows", "data", "vulnerabilities", "scan_id"];
        json::read(&mut input, &proof, &wants, report, &mut |report, at, value| match at.place {
            "scan_id" => Ok(()),
            "artifacts" => {
                let mut artifact = Fields::of(value)?;
                artifact.first_text(&["general.path", "general.name"]).into_iter().for_each(|name| report.target(name));
                report.each("issues", artifact.list("issues"), &mut |report, value| issue(report, Fields::of(value)?))
            }
            _ => issue(report, Fields::of(value)?),
        })
    }
}

fn issue(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let mut cves: Vec<Fields> =
        item.list("cves").into_iter().chain(item.list("component_versions.more_details.cves")).map(Fields::or_empty).collect();
    let names: Vec<String> = cves.iter_mut().filter_map(|cve| cve.text("cve")).collect();
    let own = item.first_text(&["issue_id", "id"]);
    let summary = item.text("summary");
    let id = own.or_else(|| names.first().cloned());
    if id.is_none() && summary.is_none() {
        return Err(bad("`issue_id` is missing"));
    }
    let (package, fixes) = package(&mut item);
    let scores = cves.iter().flat_map(|cve| ["cvss_v3", "cvss_v3_vector", "cvss_v3_score", "cvss_v2"].map(|name| cve.peek(name)));
    // A score stands before the vector: `9.8/CVSS:3.0/AV:N/…`.
    let of_score = |value: &Value| {
        value.as_f64().and_then(words::severity_of_score).or_else(|| score::severity(value.as_str()?.split('/').next()?))
    };
    let word = item.text("severity").filter(|word| !word.eq_ignore_ascii_case("unknown")).and_then(|word| words::severity(&word));
    let severity = word.or_else(|| scores.flatten().filter_map(of_score).max()).unwrap_or(Severity::Info);
    let shown = names.first().or(id.as_ref()).or(summary.as_ref()).cloned().unwrap_or_default();
    let name = package.as_ref().map(|package| package.name.clone()).unwrap_or_default();
    let mut finding = report.finding(severity, dependency::title(&shown, &name));
    finding.file_path = locate::file(item.text("path").as_deref(), report)?;
    let version = package.as_ref().and_then(|package| package.version.clone());
    let fixed = dependency::lowest_fix(fixes.iter().map(String::as_str), version.as_deref());
    finding.remediation = dependency::remedy(&name, fixed.as_deref());
    finding.package = package.map(|package| Box::new(Package { fixed_version: fixed, ..package }));
    let weaknesses = cves.iter_mut().flat_map(|cve| cve.list("cwe")).collect();
    let weaknesses = words::cwes(&Value::Array(weaknesses));
    dependency::weaknesses(&mut finding, &mut item, weaknesses);
    finding.vulnerability_ids = dependency::advisories(names);
    finding.references = words::urls(item.texts("references").iter().flat_map(|text| text.lines()).map(str::to_owned));
    let details = item.first_text(&["description", "component_versions.more_details.description"]);
    finding.description = details.or(summary).unwrap_or_default();
    item.keep("cves", cves.into_iter().map(|cve| Value::Object(cve.rest())).collect::<Vec<_>>());
    finding.rule_id = id;
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// The package an issue is about, and the versions that fix it.
fn package(item: &mut Fields) -> (Option<Package>, Vec<String>) {
    let plain = |text: String| text.trim_matches(['[', ']', '(', ')', ' ', '≥']).to_owned();
    let mut fixes = item.texts("fixed_versions");
    fixes.extend(item.texts("component_versions.fixed_versions"));
    let mut id = item.first_text(&["vulnerable_component", "source_comp_id"]);
    if let Some((component, details)) = item.object("components").entries().next() {
        fixes.extend(Fields::or_empty(details).texts("fixed_versions"));
        id = id.or(Some(component));
    }
    let kind = item.text("package_type");
    let package = id.or_else(|| item.text("component")).map(|id| component(&id, kind.as_deref()));
    (package, fixes.into_iter().map(plain).collect())
}

/// A component of Xray: `gav://group:name:version`, `npm://name:version`, `deb://debian:stretch:libx11:2:1.6.4-3`.
fn component(id: &str, kind: Option<&str>) -> Package {
    let (scheme, rest) = id.split_once("://").unwrap_or((kind.unwrap_or_default(), id));
    let ecosystem = if scheme.eq_ignore_ascii_case("gav") { "maven" } else { scheme };
    let rest = rest.trim_start_matches('/');
    let (name, version) = match ecosystem {
        // Distribution and release first; the version may have an epoch.
        "deb" | "rpm" | "alpine" => {
            let parts: Vec<&str> = rest.split(':').collect();
            let from = parts
                .iter()
                .skip(1)
                .position(|part| !part.starts_with(|c: char| c.is_ascii_digit()) && part.len() > 1)
                .map_or(0, |at| at + 1);
            let from = if ecosystem == "deb" && parts.len() > 3 { 2 } else { from };
            (parts.get(from).copied().unwrap_or(rest).to_owned(), parts.get(from + 1..).unwrap_or_default().join(":"))
        }
        "maven" if rest.matches(':').count() < 2 => (rest.to_owned(), String::new()),
        _ => rest
            .rsplit_once(':')
            .map_or((rest.to_owned(), String::new()), |(name, version)| (name.to_owned(), version.to_owned())),
    };
    words::package(ecosystem, name, Some(version).filter(|version| !version.is_empty()), None)
}

#[cfg(test)]
mod tests {
    use super::component;
    use crate::ingest::{IngestOptions, parse};
    use crate::model::{ScannerStatus, Severity};
    use serde_json::json;

    #[test]
    fn components() {
        for (id, ecosystem, name, version) in [
            ("gav://org.a:b:1.0", "maven", "org.a:b", Some("1.0")),
            ("npm://@a/b:1.0", "npm", "@a/b", Some("1.0")),
            ("deb://debian:stretch:libx11:2:1.6.4-3", "deb", "libx11", Some("2:1.6.4-3")),
            ("pypi://Jinja2:2.11.2", "pypi", "Jinja2", Some("2.11.2")),
            ("gav://test", "maven", "test", None),
            ("", "", "", None),
        ] {
            let package = component(id, None);
            assert_eq!(
                (package.ecosystem.as_str(), package.name.as_str(), package.version.as_deref()),
                (ecosystem, name, version),
                "{id}"
            );
        }
    }

    #[test]
    fn every_form() {
        let cves = json!([{"cve": "CVE-1", "cwe": ["CWE-79"], "cvss_v3": "9.8/CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]);
        for report in [
            json!({"artifacts": [{"general": {"path": "p", "component_id": "c"}, "issues": [{"issue_id": "XRAY-1", "summary": "S", "severity": "Critical", "cves": cves}, null], "licenses": []}]}),
            json!({"total_rows": 1, "rows": [{"issue_id": "XRAY-1", "cves": cves, "vulnerable_component": "pypi://a:1", "fixed_versions": ["2"], "summary": "S"}, {}]}),
            json!({"total_count": 1, "data": [{"id": "XRAY-1", "source_comp_id": "npm://a:1", "summary": "S", "component_versions": {"fixed_versions": ["≥ 2"], "more_details": {"cves": cves}}}, 1]}),
            json!([{"scan_id": "s", "component_id": "gav://x:y:1", "vulnerabilities": [{"issue_id": "XRAY-1", "summary": "S", "cves": cves, "components": {"npm://a:1": {"fixed_versions": ["[2]"]}}}, []]}]),
        ] {
            let result = parse(report.to_string().as_bytes(), None, &IngestOptions::default()).unwrap();
            let [f] = result.findings.as_slice() else { panic!("{report} {:?}", result.findings) };
            assert_eq!(
                (f.severity, f.rule_id.as_deref(), f.cwe.as_deref()),
                (Severity::Critical, Some("XRAY-1"), Some("CWE-79"))
            );
            assert_eq!((f.vulnerability_ids.as_slice(), f.description.as_str()), (["CVE-1".to_owned()].as_slice(), "S"));
            if let Some(package) = f.package.as_deref() {
                assert_eq!((package.name.as_str(), package.fixed_version.as_deref()), ("a", Some("2")));
            }
            assert_eq!((result.scanners[0].name.as_str(), result.scanners[0].status), ("jfrog-xray", ScannerStatus::Partial));
        }
    }
}
