//! OSV-Scanner: `osv-scanner --format json`, versions 1 and 2. One finding for each advisory of a package: those that the tool groups
//! as aliases of one another stay apart, each knowing the others' ids.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad, clip};
use super::{Input, Parser, ParserMeta, Shape, Top, dependency, locate, score, words};
use crate::Result;
use crate::model::{ScanType, Severity};
use serde_json::Value;
use std::collections::HashMap;

pub(super) struct OsvScanner;

const META: ParserMeta = ParserMeta {
    id: "osv-scanner",
    title: "OSV-Scanner JSON",
    versions_read: "1.x and 2.x",
    upstream: "https://google.github.io/osv-scanner/output/",
    scan_type: ScanType::Dependency,
};

impl Parser for OsvScanner {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let found = shape.has_any(&["results.packages.package", "results.packages.vulnerabilities"])
            || shape.has_all(&["results.packages", "results.source"]);
        let empty = shape.has("results") && shape.has_any(&["experimental_config", "image_metadata", "license_summary"]);
        shape.top == Top::Object && (found || empty)
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [
            Want::Whole("results.source"),
            Want::Whole("results.packageSource"),
            Want::Whole("results.packages.package"),
            Want::Each("results.packages.vulnerabilities"),
            Want::Each("results.packages.groups"),
            Want::End("results.packages"),
            Want::End("results"),
        ];
        let mut here = Here::default();
        json::read(&mut input, &["results"], &wants, report, &mut |report, at, value| match at.place {
            "results.packages.package" => {
                here.package = value;
                Ok(())
            }
            "results.packages.vulnerabilities" => here.vulnerability(report, Fields::of(value)?),
            "results.packages.groups" => {
                here.groups.push(value);
                Ok(())
            }
            "results.packages" => here.end_of_package(report),
            "results" => here.end_of_source(report),
            _ => {
                here.source = value;
                Ok(())
            }
        })
    }
}

/// Where the walk stands. Fields of a package and of its source may come after its vulnerabilities, so findings are completed when
/// the object around them ends.
#[derive(Default)]
struct Here {
    source: Value,
    package: Value,
    groups: Vec<Value>,
    /// Advisories of the package, not complete yet.
    waiting: Vec<Advisory>,
    /// How many findings came from sources that are complete.
    done: usize,
}

/// What is kept of an advisory: its list of affected versions can be megabytes.
struct Advisory {
    item: Fields,
    affected: Vec<Affected>,
}

/// A package that the advisory names, with what fixes it.
struct Affected {
    name: String,
    fixed: Vec<String>,
}

impl Here {
    fn vulnerability(&mut self, report: &Report<'_>, mut item: Fields) -> Result<(), Stop> {
        if !item.has("id") {
            return Err(bad("`id` is missing"));
        }
        // As many as any document may hold findings.
        if self.waiting.len() >= report.options().max_findings {
            return Err(crate::Error::new(crate::ErrorKind::Limit, format!("more than {} findings", self.waiting.len())).into());
        }
        let (mut affected, mut weaknesses, mut severities) = (Vec::new(), Vec::new(), item.list("severity"));
        for entry in item.list("affected") {
            let mut entry = Fields::or_empty(entry);
            weaknesses.extend(entry.list("database_specific.cwes"));
            severities.extend(entry.list("severity"));
            let ranges = entry.list("ranges").into_iter().map(Fields::or_empty);
            let ranges =
                ranges.filter_map(|mut range| (range.text("type").as_deref() != Some("GIT")).then(|| range.list("events")));
            let fixed = ranges.flatten().filter_map(|event| Fields::or_empty(event).text("fixed")).collect();
            affected.push(Affected { name: entry.text("package.name").unwrap_or_default(), fixed });
        }
        weaknesses.extend(item.list("database_specific.cwe_ids"));
        item.keep("cwes", words::cwes(&Value::Array(weaknesses)));
        item.keep("severity", severities);
        self.waiting.push(Advisory { item, affected });
        Ok(())
    }

    fn end_of_package(&mut self, report: &mut Report<'_>) -> Result<(), Stop> {
        let groups: Vec<Group> = std::mem::take(&mut self.groups).into_iter().map(Group::of).collect();
        let mut by_id: HashMap<&str, &Group> = HashMap::new();
        for (group, id) in groups.iter().flat_map(|group| group.ids.iter().map(move |id| (group, id))) {
            by_id.entry(id).or_insert(group);
        }
        let package = Named::of(Fields::or_empty(std::mem::take(&mut self.package)));
        for advisory in std::mem::take(&mut self.waiting) {
            let group = advisory.item.peek("id").and_then(Value::as_str).and_then(|id| by_id.get(id).copied());
            finding(report, advisory, &package, group)?;
        }
        Ok(())
    }

    fn end_of_source(&mut self, report: &mut Report<'_>) -> Result<(), Stop> {
        let mut source = Fields::or_empty(std::mem::take(&mut self.source));
        let kind = source.text("type").unwrap_or_default();
        let written = source.text("path").map(|path| clip(path, MAX_NAME));
        // The name of an image is no path.
        let path = locate::file(written.as_deref().filter(|_| kind != "docker"), report)?;
        let added = report.open_findings().iter_mut().skip(self.done);
        for finding in added {
            finding.file_path.clone_from(&path);
            if let (None, Some(written)) = (&path, &written) {
                finding.metadata.tool.insert("source".to_owned(), written.as_str().into());
            }
        }
        self.done = report.open_findings().len();
        Ok(())
    }
}

/// What a package is called.
struct Named {
    name: String,
    version: Option<String>,
    ecosystem: String,
}

impl Named {
    fn of(mut item: Fields) -> Self {
        let name = item.first_text(&["name", "os_package_name"]).unwrap_or_default();
        let version = item.text("version").or_else(|| item.text("commit"));
        Self {
            name: clip(name, MAX_NAME),
            version: version.map(|version| clip(version, MAX_NAME)),
            ecosystem: clip(item.text("ecosystem").unwrap_or_default(), MAX_NAME),
        }
    }
}

/// Longest name of a package that goes into each of its findings, in characters.
const MAX_NAME: usize = 1000;

/// Advisories that are aliases of one another.
struct Group {
    ids: Vec<String>,
    aliases: Vec<String>,
    severity: Option<Severity>,
    analysis: Value,
}

impl Group {
    fn of(value: Value) -> Self {
        let mut item = Fields::or_empty(value);
        Self {
            ids: item.texts("ids"),
            aliases: item.texts("aliases"),
            severity: item.text("max_severity").and_then(|text| score::severity(&text)),
            analysis: item.value("experimental_analysis").or_else(|| item.value("experimentalAnalysis")).unwrap_or_default(),
        }
    }
}

fn finding(report: &mut Report<'_>, advisory: Advisory, package: &Named, group: Option<&Group>) -> Result<(), Stop> {
    let Advisory { mut item, affected } = advisory;
    let id = item.need("id")?;
    let Named { name, version, ecosystem } = package;
    let mut finding = report.finding(severity(&mut item, &id, group), dependency::title(&id, name));
    let same = |entry: &&Affected| entry.name.eq_ignore_ascii_case(name);
    let fixes = affected.iter().filter(same).flat_map(|entry| entry.fixed.iter().map(String::as_str));
    let fixed = dependency::lowest_fix(fixes, version.as_deref());
    finding.remediation = dependency::remedy(name, fixed.as_deref());
    if !name.is_empty() {
        finding.package = Some(Box::new(words::package(ecosystem, name.clone(), version.clone(), fixed)));
    }
    let others = [item.texts("aliases"), item.texts("upstream")].into_iter().flatten();
    let grouped = group.into_iter().flat_map(|group| group.ids.iter().chain(&group.aliases).cloned());
    finding.vulnerability_ids = dependency::advisories(others.chain(grouped).chain([id.clone()]));
    let weaknesses = item.texts("cwes");
    dependency::weaknesses(&mut finding, &mut item, weaknesses);
    let urls = item.list("references").into_iter().filter_map(|r| Fields::or_empty(r).text("url"));
    finding.references = words::urls(urls);
    finding.description = item.text("details").or_else(|| item.text("summary")).unwrap_or_default();
    if let Some(analysis) = group.and_then(|group| group.analysis.get(&id)) {
        item.keep("analysis", analysis.clone());
    }
    finding.rule_id = Some(id);
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// The database's word, else the score of the group, else that of a vector. Malicious packages have none of them.
///
/// # Source
/// OSV schema 1.7: `severity[].type`; words of GitHub (`MODERATE`) and Ubuntu (`negligible`).
fn severity(item: &mut Fields, id: &str, group: Option<&Group>) -> Severity {
    if id.starts_with("MAL-") {
        return Severity::Critical;
    }
    let word = item.peek("database_specific.severity").and_then(Value::as_str).and_then(words::severity);
    let vectors = item.peek("severity").and_then(Value::as_array).into_iter().flatten();
    let vectors = vectors
        .filter_map(|v| v.get("score")?.as_str())
        .filter_map(|text| score::severity(text).or_else(|| words::severity(text)));
    word.or_else(|| group.and_then(|g| g.severity)).or_else(|| vectors.max()).unwrap_or(Severity::Medium)
}

#[cfg(test)]
mod tests {
    use crate::ingest::{IngestOptions, parse};
    use crate::model::{Finding, ScannerStatus, Severity};
    use serde_json::{Value, json};

    fn read(report: &Value) -> Vec<Finding> {
        parse(report.to_string().as_bytes(), None, &IngestOptions::default()).unwrap().findings
    }

    #[test]
    fn mapping() {
        let vulnerabilities = json!([
            {"id": "GHSA-1", "aliases": ["CVE-2020-1"], "summary": "S", "details": "D", "database_specific": {"severity": "MODERATE", "cwe_ids": ["CWE-1", "CWE-2"]},
             "affected": [{"package": {"name": "P"}, "versions": ["1"], "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.5"}, {"fixed": "2.5"}]}, {"type": "GIT", "events": [{"fixed": "abc123"}]}]},
                          {"package": {"name": "other"}, "ranges": [{"events": [{"fixed": "2.1"}]}]}],
             "references": [{"type": "WEB", "url": "https://u"}, {"url": null}]},
            {"id": "GO-1", "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]},
            {"id": "MAL-1"}, {"id": "X-1"}
        ]);
        let groups = json!([{"ids": ["GO-1"], "aliases": ["BIT-1"], "max_severity": "5.0", "experimental_analysis": {"GO-1": {"called": false}}}]);
        let package = json!({"name": "p", "version": "2.0", "ecosystem": "PyPI"});
        let source = json!({"path": "/src/a/poetry.lock", "type": "lockfile"});
        // The order of fields does not matter.
        let texts = [
            format!(
                r#"{{"results":[{{"source":{source},"packages":[{{"package":{package},"vulnerabilities":{vulnerabilities},"groups":{groups}}}]}}]}}"#
            ),
            format!(
                r#"{{"results":[{{"packages":[{{"groups":{groups},"vulnerabilities":{vulnerabilities},"package":{package}}}],"source":{source}}}]}}"#
            ),
        ];
        let read = texts.map(|text| parse(text.as_bytes(), None, &IngestOptions::default()).unwrap().findings);
        assert_eq!(read[0], read[1]);
        let [f, go, malicious, other] = read[0].as_slice() else { panic!("{read:?}") };
        assert_eq!((f.title.as_str(), f.severity, f.cwe.as_deref()), ("GHSA-1 in p", Severity::Medium, Some("CWE-1")));
        assert_eq!((f.file_path.as_deref(), f.description.as_str()), (Some("/src/a/poetry.lock"), "D"));
        assert_eq!(f.package.as_deref().unwrap().fixed_version.as_deref(), Some("2.5"));
        assert_eq!((f.vulnerability_ids.len(), f.references.len(), f.remediation.as_str()), (2, 1, "Update p to 2.5"));
        assert_eq!(
            (go.severity, go.vulnerability_ids.as_slice()),
            (Severity::Medium, ["BIT-1".to_owned(), "GO-1".to_owned()].as_slice())
        );
        assert_eq!(go.metadata.tool["analysis"]["called"], false);
        assert_eq!((malicious.severity, other.severity), (Severity::Critical, Severity::Medium));
    }

    #[test]
    fn empty_and_odd() {
        for (report, count) in [
            (json!({"results": [], "experimental_config": {}}), 0),
            (json!({"results": null, "experimental_config": {}}), 0),
            (json!({"results": [{"source": {"path": "x"}, "packages": []}]}), 0),
            (
                json!({"results": [{"source": {"path": "alpine:3", "type": "docker"}, "packages": [{"package": {"name": "a"}}, {"package": null, "vulnerabilities": [{"id": "CVE-1"}]}]}]}),
                1,
            ),
        ] {
            let found = read(&report);
            assert_eq!(found.len(), count, "{report}");
            assert!(found.iter().all(|f| f.file_path.is_none()));
        }
        let odd = json!({"results": [{"source": 1, "packages": [{"package": {"name": "a"}, "vulnerabilities": [{"id": "CVE-1", "affected": [null, {"ranges": 3}]}, {}, null, {"id": "CVE-2"}], "groups": [null, {}]}]}]});
        let result = parse(odd.to_string().as_bytes(), None, &IngestOptions::default()).unwrap();
        assert_eq!((result.findings.len(), result.scanners[0].status), (2, ScannerStatus::Partial));
    }
}
