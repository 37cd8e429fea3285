//! Grype: `grype -o json`. What it was told to ignore (`ignoredMatches`) is no finding.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, dependency, locate, score, words};
use crate::Result;
use crate::model::{ScanType, Severity};
use serde_json::Value;

pub(super) struct Grype;

const META: ParserMeta = ParserMeta {
    id: "grype",
    title: "Grype JSON",
    versions_read: "0.x",
    upstream: "https://github.com/anchore/grype#output-formats",
    scan_type: ScanType::Dependency,
};

impl Parser for Grype {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let found = shape.has_all(&["matches.vulnerability", "matches.artifact"]);
        // Tools made from its source write the same form under their own name.
        let named = shape.text("descriptor.name");
        let bare = named.is_none() && shape.has_all(&["source", "distro", "descriptor"]);
        let empty = shape.has("matches") && (named == Some("grype") || bare);
        shape.top == Top::Object && (found || empty)
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [
            Want::Each("matches"),
            Want::Whole("descriptor.version"),
            Want::Whole("source.target.userInput"),
            Want::Each("alertsByPackage"),
        ];
        json::read(&mut input, &["matches"], &wants, report, &mut |report, at, value| match at.place {
            "matches" => found(report, Fields::of(value)?),
            "descriptor.version" => {
                report.version(value.as_str().map(str::to_owned));
                Ok(())
            }
            "alertsByPackage" => {
                alerts(report, Fields::or_empty(value));
                Ok(())
            }
            _ => {
                value.as_str().filter(|name| !name.is_empty()).into_iter().for_each(|name| report.target(name.to_owned()));
                Ok(())
            }
        })
    }
}

/// Packages that grype says it did not match: those of a distribution that it does not know.
fn alerts(report: &mut Report<'_>, mut item: Fields) {
    let name = item.first_text(&["package.name", "package.id"]).unwrap_or_else(|| "package".to_owned());
    for alert in item.list("alerts") {
        let mut alert = Fields::or_empty(alert);
        if alert.text("type").as_deref() == Some("distro-disabled") {
            report.missed(name.clone(), alert.text("message").unwrap_or_default());
        }
    }
}

fn found(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let id = item.text("vulnerability.id");
    if id.is_none() && !item.has("artifact.name") {
        return Err(bad("`vulnerability.id` is missing"));
    }
    let related: Vec<Value> = item.list("relatedVulnerabilities");
    let name = item.text("artifact.name").unwrap_or_default();
    let mut finding =
        report.finding(severity(&mut item, &related), dependency::title(id.as_deref().unwrap_or("Vulnerability"), &name));
    let mut places = item.list("artifact.locations").into_iter().map(Fields::or_empty);
    let path = places.next().and_then(|mut place| place.first_text(&["path", "realPath", "RealPath"]));
    finding.file_path = locate::file(path.as_deref(), report)?;
    let version = item.text("artifact.version");
    let fixes = item.texts("vulnerability.fix.versions");
    let fixed = dependency::lowest_fix(fixes.iter().map(String::as_str), version.as_deref());
    finding.remediation = dependency::remedy(&name, fixed.as_deref());
    let (kind, purl) = (item.text("artifact.type").unwrap_or_default(), item.text("artifact.purl"));
    if !name.is_empty() {
        finding.package = Some(Box::new(dependency::package(&kind, name, version, fixed, purl)));
    }
    let mut related: Vec<Fields> = related.into_iter().map(Fields::or_empty).collect();
    let others = related.iter_mut().filter_map(|other| other.text("id"));
    finding.vulnerability_ids = dependency::advisories(others.chain(id.clone()));
    let urls = [item.text("vulnerability.dataSource")].into_iter().flatten().chain(item.texts("vulnerability.urls"));
    finding.references = words::urls(urls.chain(related.iter_mut().flat_map(|other| other.texts("urls"))));
    let weaknesses = item.list("vulnerability.cwes").into_iter().filter_map(|v| match v {
        Value::Object(mut map) => map.remove("cwe"),
        other => Some(other),
    });
    let weaknesses = words::cwes(&Value::Array(weaknesses.collect()));
    dependency::weaknesses(&mut finding, &mut item, weaknesses);
    let description = item.text("vulnerability.description");
    finding.description =
        description.or_else(|| related.iter_mut().find_map(|other| other.text("description"))).unwrap_or_default();
    if fixes.len() > 1 {
        item.keep("fixes", fixes);
    }
    // Guesses of the cataloguer, many to a package.
    item.value("artifact.cpes");
    finding.rule_id = id;
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// Grype's word; where it knows none, that of the records behind it, then the highest score.
///
/// # Source
/// Grype 0.96, `vulnerability.Severity`: unknown, negligible, low, medium, high, critical.
fn severity(item: &mut Fields, related: &[Value]) -> Severity {
    let known = |word: &str| Some(word).filter(|w| !w.eq_ignore_ascii_case("unknown")).and_then(words::severity);
    if let Some(severity) = item.text("vulnerability.severity").as_deref().and_then(known) {
        return severity;
    }
    let behind = related.iter().filter_map(|r| r.get("severity")?.as_str()).filter_map(known).max();
    let scores = item.peek("vulnerability.cvss").into_iter().chain(related.iter().filter_map(|r| r.get("cvss")));
    let scores = scores.filter_map(Value::as_array).flatten().filter_map(|cvss| {
        let given =
            cvss.get("metrics").and_then(|m| m.get("baseScore")).and_then(Value::as_f64).and_then(words::severity_of_score);
        given.or_else(|| score::severity(cvss.get("vector")?.as_str()?))
    });
    behind.or_else(|| scores.max()).unwrap_or(Severity::Info)
}

#[cfg(test)]
mod tests {
    use crate::ingest::{IngestOptions, parse};
    use crate::model::{ScannerStatus, Severity};
    use serde_json::json;

    #[test]
    fn mapping_and_odd_items() {
        let report = json!({
            "matches": [
                {"vulnerability": {"id": "GHSA-1", "dataSource": "https://d", "severity": "Negligible", "urls": ["https://u"], "cwes": [{"cve": "CVE-2020-1", "cwe": "CWE-79"}],
                    "description": "D", "fix": {"versions": ["3.0", "2.1"], "state": "fixed"}, "advisories": [{"id": "RHSA-1", "link": "x"}]},
                 "relatedVulnerabilities": [{"id": "CVE-2020-1", "urls": ["https://r"], "severity": "High"}],
                 "artifact": {"name": "p", "version": "2.0", "type": "python", "locations": [{"path": "/usr/lib/p/METADATA", "layerID": "l"}], "purl": "pkg:pypi/p@2.0", "cpes": ["c"]}},
                {"vulnerability": {"id": "ELSA-1", "severity": "Unknown", "fix": null}, "relatedVulnerabilities": null, "artifact": {"name": "q", "type": "rpm", "locations": null}},
                {"vulnerability": {"id": "CVE-2", "cvss": [{"vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}, {"metrics": {"baseScore": 5}}]}, "artifact": 7},
                {"artifact": {}}, null, {"artifact": {"name": "nameless"}}
            ],
            "ignoredMatches": [{"vulnerability": {"id": "CVE-9"}}],
            "alertsByPackage": [{"package": {"name": "z"}, "alerts": [{"type": "distro-disabled", "message": "m"}, {"type": "distro-eol"}]}],
            "source": {"type": "image", "target": {"userInput": "i:1"}}, "distro": {}, "descriptor": {"name": "grype", "version": "0.96.0"}
        });
        let result = parse(report.to_string().as_bytes(), None, &IngestOptions::default()).unwrap();
        let run = &result.scanners[0];
        assert_eq!((run.version.as_deref(), run.targets.as_slice()), (Some("0.96.0"), ["i:1".to_owned()].as_slice()));
        assert_eq!((run.status, run.skipped.len()), (ScannerStatus::Partial, 3));
        let [f, erratum, scored, nameless] = result.findings.as_slice() else { panic!("{:?}", result.findings) };
        assert_eq!((f.title.as_str(), f.severity, f.rule_id.as_deref()), ("GHSA-1 in p", Severity::Info, Some("GHSA-1")));
        assert_eq!((f.file_path.as_deref(), f.cwe.as_deref()), (Some("/usr/lib/p/METADATA"), Some("CWE-79")));
        assert_eq!(f.vulnerability_ids, ["CVE-2020-1", "GHSA-1"]);
        assert_eq!(f.references, ["https://d", "https://r", "https://u"]);
        let package = f.package.as_deref().unwrap();
        assert_eq!((package.ecosystem.as_str(), package.fixed_version.as_deref()), ("pypi", Some("2.1")));
        assert_eq!(f.remediation, "Update p to 2.1");
        assert_eq!(f.metadata.tool["vulnerability"]["fix"]["state"], "fixed");
        assert_eq!((erratum.severity, erratum.vulnerability_ids.len()), (Severity::Info, 1));
        assert_eq!((nameless.rule_id.as_deref(), nameless.title.as_str()), (None, "Vulnerability in nameless"));
        assert_eq!((scored.severity, scored.package.is_none()), (Severity::Critical, true));
    }

    #[test]
    fn empty_reports() {
        for report in [
            json!({"matches": [], "source": {"target": "/x"}, "distro": {"name": ""}, "descriptor": {"name": "grype"}}),
            json!({"matches": null, "descriptor": {"name": "grype", "version": "0.1"}}),
        ] {
            let result = parse(report.to_string().as_bytes(), None, &IngestOptions::default()).unwrap();
            assert_eq!((result.findings.len(), result.scanners[0].name.as_str()), (0, "grype"));
        }
    }
}
