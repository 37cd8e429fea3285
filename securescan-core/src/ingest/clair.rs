//! Clair: reports of clair-scanner and klar, layers of the API of versions 1 and 2, vulnerability reports of version 4. One finding
//! for each vulnerability; version 4 may list several packages for one.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, dependency, words};
use crate::Result;
use crate::model::{ScanType, Severity};
use serde_json::Value;
use std::collections::HashMap;

pub(super) struct Clair;

const META: ParserMeta = ParserMeta {
    id: "clair",
    title: "Clair JSON",
    versions_read: "clair-scanner, klar, layers of 1 and 2, vulnerability reports of 4",
    upstream: "https://quay.github.io/clair/",
    scan_type: ScanType::Dependency,
};

/// Clair's words.
///
/// # Source
/// Clair 2, `database.Severity`; claircore, `Severity`.
const SEVERITIES: &[(&str, Severity)] = &[
    ("Defcon1", Severity::Critical),
    ("Critical", Severity::Critical),
    ("High", Severity::High),
    ("Medium", Severity::Medium),
    ("Low", Severity::Low),
    ("Negligible", Severity::Info),
    ("Unknown", Severity::Info),
];

impl Parser for Clair {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let scanner = shape.has("vulnerabilities.featurename") || shape.has_all(&["image", "unapproved", "vulnerabilities"]);
        let klar = shape.has_all(&["LayerCount", "Vulnerabilities"]);
        let layers = shape.has_any(&["Layer.Features", "Layers.Layer.Features"]);
        let four =
            shape.has_all(&["manifest_hash", "vulnerabilities"]) || shape.has_all(&["package_vulnerabilities", "packages"]);
        shape.top == Top::Object && (scanner || klar || layers || four)
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [
            Want::Whole("vulnerabilities"),
            Want::Entries("Vulnerabilities"),
            Want::Each("Layer.Features"),
            Want::Each("Layers.Layer.Features"),
            Want::Whole("packages"),
            Want::Whole("package_vulnerabilities"),
            Want::Whole("image"),
            Want::Whole("manifest_hash"),
        ];
        let proof = ["vulnerabilities", "Vulnerabilities", "Layer.Features", "Layers.Layer.Features", "manifest_hash"];
        let mut four = Four::default();
        json::read(&mut input, &proof, &wants, report, &mut |report, at, value| match at.place {
            "vulnerabilities" => match value {
                Value::Null => Ok(()),
                Value::Array(items) => {
                    report.each("vulnerabilities", items, &mut |report, value| scanned(report, Fields::of(value)?, None))
                }
                Value::Object(map) => {
                    four.vulnerabilities = map.into_iter().collect();
                    Ok(())
                }
                _ => Err(crate::Error::parse("`vulnerabilities` is neither a list nor an object").into()),
            },
            "Vulnerabilities" => {
                let items = value.as_array().cloned().unwrap_or_default();
                report.each("Vulnerabilities", items, &mut |report, value| scanned(report, Fields::of(value)?, None))
            }
            "Layer.Features" | "Layers.Layer.Features" => feature(report, Fields::of(value)?),
            "packages" => {
                four.packages = Fields::or_empty(value);
                Ok(())
            }
            "package_vulnerabilities" => {
                four.found_in = Fields::or_empty(value);
                Ok(())
            }
            _ => {
                value.as_str().filter(|name| !name.is_empty()).into_iter().for_each(|name| report.target(name.to_owned()));
                Ok(())
            }
        })?;
        four.finish(report)
    }
}

/// A package of a layer with what is wrong with it.
fn feature(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let found = item.list("Vulnerabilities");
    report.each("Vulnerabilities", found, &mut |report, value| scanned(report, Fields::of(value)?, Some(&item)))
}

/// A vulnerability as the tools around versions 1 and 2 write it, in either case.
fn scanned(report: &mut Report<'_>, mut item: Fields, around: Option<&Fields>) -> Result<(), Stop> {
    let id = item.first_text(&["vulnerability", "Name"]).ok_or_else(|| bad("`vulnerability` is missing"))?;
    let of_feature = |name: &str| around.and_then(|feature| feature.peek(name)?.as_str().map(str::to_owned));
    let name = item.first_text(&["featurename", "FeatureName"]).or_else(|| of_feature("Name")).unwrap_or_default();
    let version = item.first_text(&["featureversion", "FeatureVersion"]).or_else(|| of_feature("Version"));
    let namespace = item.first_text(&["namespace", "NamespaceName"]).or_else(|| of_feature("NamespaceName")).unwrap_or_default();
    let fixed = item.first_text(&["fixedby", "FixedBy"]);
    let word = item.first_text(&["severity", "Severity"]).unwrap_or_default();
    let mut finding = report.finding(words::pick(&word, SEVERITIES).unwrap_or(Severity::Info), dependency::title(&id, &name));
    finding.description = item.first_text(&["description", "Description"]).unwrap_or_default();
    finding.references = words::urls(item.first_text(&["link", "Link"]));
    finding.remediation = dependency::remedy(&name, fixed.as_deref());
    if !name.is_empty() {
        finding.package = Some(Box::new(words::package(&namespace, name, version, fixed)));
    }
    finding.vulnerability_ids = dependency::advisories([id.clone()]);
    item.keep("namespace", namespace);
    finding.rule_id = Some(id);
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// The parts of a report of version 4, which refer to one another.
#[derive(Default)]
struct Four {
    vulnerabilities: Vec<(String, Value)>,
    packages: Fields,
    found_in: Fields,
}

impl Four {
    fn finish(self, report: &mut Report<'_>) -> Result<()> {
        let packages: HashMap<String, Fields> =
            self.packages.entries().map(|(id, value)| (id, Fields::or_empty(value))).collect();
        let mut found_in: HashMap<String, Vec<String>> = HashMap::new();
        for (package, ids) in self.found_in.entries() {
            for id in ids.as_array().into_iter().flatten().filter_map(Value::as_str) {
                found_in.entry(id.to_owned()).or_default().push(package.clone());
            }
        }
        for (key, value) in self.vulnerabilities {
            report.next_item();
            let ids = found_in.get(&key).map(Vec::as_slice).unwrap_or_default();
            let names = ids.iter().filter_map(|id| packages.get(id));
            match Fields::of(value).and_then(|item| listed(report, item, names)) {
                Err(Stop::Document(error)) => return Err(error),
                Err(Stop::Item(why)) => report.quarantine(format!("vulnerabilities.{}", super::report::clip(key, 80)), why)?,
                Ok(()) => {}
            }
        }
        Ok(())
    }
}

/// A vulnerability of version 4, with the packages it was found in.
fn listed<'a>(report: &mut Report<'_>, mut item: Fields, found_in: impl Iterator<Item = &'a Fields>) -> Result<(), Stop> {
    let written = item.text("name").ok_or_else(|| bad("`name` is missing"))?;
    // Some databases put the title beside the id: `CVE-2022-1 on Ubuntu 20.04`.
    let id = written.split_whitespace().find(|word| words::is_advisory(word)).unwrap_or(&written).to_owned();
    let mut packages: Vec<(String, Option<String>)> = found_in
        .map(|package| {
            let text = |name: &str| package.peek(name).and_then(Value::as_str).map(str::to_owned).filter(|text| !text.is_empty());
            (text("name").unwrap_or_default(), text("version"))
        })
        .collect();
    packages.sort();
    packages.dedup();
    let own = item.text("package.name").unwrap_or_default();
    let (name, version) = packages.first().cloned().unwrap_or((own, None));
    // Where nothing fixes it, the version is empty or the end of a range.
    let fixed = item.text("fixed_in_version").and_then(|text| dependency::lowest_fix([fixed_in(&text)], version.as_deref()));
    let words_given = [item.text("normalized_severity"), item.text("severity")];
    let severity = words_given.iter().flatten().find_map(|word| words::pick(word, SEVERITIES));
    let mut finding = report.finding(severity.unwrap_or(Severity::Info), dependency::title(&id, &name));
    finding.description = item.text("description").unwrap_or_default();
    let links = item.text("links").unwrap_or_default();
    finding.references = words::urls(links.split_whitespace().map(str::to_owned));
    finding.remediation = dependency::remedy(&name, fixed.as_deref());
    let system = item.text("distribution.did").or_else(|| ecosystem(item.peek("repository.name")?.as_str()?)).unwrap_or_default();
    if !name.is_empty() {
        finding.package = Some(Box::new(words::package(&system, name, version, fixed)));
    }
    let texts = finding.references.iter().filter_map(|url| url.rsplit('/').next());
    let texts = texts.filter(|text| text.starts_with("CVE-") && id.starts_with("GHSA-")).map(str::to_owned);
    finding.vulnerability_ids = dependency::advisories(texts.chain([id.clone()]));
    if packages.len() > 1 {
        item.keep("packages", packages.into_iter().map(|(name, _)| name).collect::<Vec<_>>());
    }
    for (key, value) in ["normalized_severity", "severity"].into_iter().zip(words_given) {
        value.into_iter().for_each(|value| item.keep(key, value));
    }
    finding.rule_id = Some(id);
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// A fix is a version, or written like a query: `fixed=1.2&introduced=1.0`.
fn fixed_in(text: &str) -> &str {
    text.split('&').find_map(|part| part.strip_prefix("fixed=")).unwrap_or(text)
}

/// Repositories of languages in version 4.
fn ecosystem(repository: &str) -> Option<String> {
    let known = ["pypi", "maven", "go", "rubygems", "npm"].into_iter().find(|name| repository.eq_ignore_ascii_case(name));
    known.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use crate::ingest::{IngestOptions, parse};
    use crate::model::{ScanResult, ScannerStatus, Severity};
    use serde_json::{Value, json};

    fn read(report: &Value) -> ScanResult {
        parse(report.to_string().as_bytes(), None, &IngestOptions::default()).unwrap()
    }

    #[test]
    fn tools_around_versions_1_and_2() {
        let lower = json!({"featurename": "tar", "featureversion": "1.2", "vulnerability": "CVE-1", "namespace": "ubuntu:18.04", "description": "D", "link": "http://l", "severity": "Negligible", "fixedby": "1.3"});
        let upper = json!({"Name": "CVE-1", "NamespaceName": "ubuntu:18.04", "FeatureName": "tar", "FeatureVersion": "1.2", "Severity": "Negligible", "Description": "D", "Link": "http://l", "FixedBy": "1.3"});
        let inner = json!({"Name": "CVE-1", "NamespaceName": "ubuntu:18.04", "Severity": "Negligible", "Description": "D", "Link": "http://l", "FixedBy": "1.3"});
        let features = json!([{"Name": "tar", "Version": "1.2", "NamespaceName": "ubuntu:18.04", "Vulnerabilities": [inner]}, {"Name": "clean"}]);
        for report in [
            json!({"image": "i", "unapproved": ["CVE-1"], "vulnerabilities": [lower]}),
            json!({"LayerCount": 2, "Vulnerabilities": {"Negligible": [upper], "High": null}}),
            json!({"Layer": {"Name": "l", "Features": features}}),
            json!({"ImageName": "i", "Layers": [{"Layer": {"Features": features}}, {"Layer": {"Features": null}}]}),
        ] {
            let result = read(&report);
            let [f] = result.findings.as_slice() else { panic!("{report} {:?}", result.findings) };
            assert_eq!((f.title.as_str(), f.severity, f.description.as_str()), ("CVE-1 in tar", Severity::Info, "D"));
            let package = f.package.as_deref().unwrap();
            assert_eq!((package.ecosystem.as_str(), package.version.as_deref()), ("deb", Some("1.2")));
            assert_eq!((f.remediation.as_str(), f.references.len()), ("Update tar to 1.3", 1));
        }
        for clean in
            [json!({"image": "i", "unapproved": [], "vulnerabilities": []}), json!({"LayerCount": 1, "Vulnerabilities": {}})]
        {
            assert_eq!(read(&clean).findings.len(), 0);
        }
    }

    #[test]
    fn version_4() {
        let result = read(
            &json!({"manifest_hash": "sha256:1", "packages": {"10": {"id": "10", "name": "bash", "version": "4.4"}, "11": {"name": "bash-doc", "version": "4.4"}},
            "vulnerabilities": {
                "1": {"id": "1", "name": "CVE-2019-1 on Ubuntu 20.04 LTS", "description": "D", "links": "https://a https://b", "severity": "Negligible", "normalized_severity": "Low",
                      "package": {"name": "bash"}, "distribution": {"did": "ubuntu"}, "fixed_in_version": "4.5"},
                "2": {"name": "GHSA-1", "links": "https://nvd.nist.gov/vuln/detail/CVE-2020-2", "package": {"name": "x"}, "repository": {"name": "pypi"}, "fixed_in_version": "fixed=2.0&introduced=1"},
                "3": {}, "4": null},
            "package_vulnerabilities": {"10": ["1"], "11": ["1", 3]}, "environments": {}}),
        );
        let [f, language] = result.findings.as_slice() else { panic!("{:?}", result.findings) };
        assert_eq!((f.title.as_str(), f.severity, f.references.len()), ("CVE-2019-1 in bash", Severity::Low, 2));
        assert_eq!(f.package.as_deref().unwrap().fixed_version.as_deref(), Some("4.5"));
        assert_eq!(f.metadata.tool["packages"], json!(["bash", "bash-doc"]));
        assert_eq!(language.vulnerability_ids, ["CVE-2020-2", "GHSA-1"]);
        assert_eq!(language.package.as_deref().unwrap().fixed_version.as_deref(), Some("2.0"));
        assert_eq!((result.scanners[0].status, result.scanners[0].skipped.len()), (ScannerStatus::Partial, 2));
    }
}
