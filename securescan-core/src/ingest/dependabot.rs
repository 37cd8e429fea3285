//! Dependabot: the alerts of GitHub's REST API (`GET /repos/{owner}/{repo}/dependabot/alerts`).

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, dependency, locate, words};
use crate::Result;
use crate::model::{ScanType, Severity};

pub(super) struct Dependabot;

const META: ParserMeta = ParserMeta {
    id: "dependabot",
    title: "Dependabot alerts (GitHub REST API)",
    versions_read: "2022-11-28",
    upstream: "https://docs.github.com/rest/dependabot/alerts",
    scan_type: ScanType::Dependency,
};

impl Parser for Dependabot {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        shape.top == Top::Array && shape.has_all(&["security_advisory", "security_vulnerability"])
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        json::read(&mut input, &[""], &[Want::Each("")], report, &mut |report, _, value| alert(report, Fields::of(value)?))
    }
}

fn alert(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let mut advisory = item.object("security_advisory");
    let mut about = item.object("security_vulnerability");
    let ids = [advisory.text("ghsa_id"), advisory.text("cve_id")];
    let id = ids.iter().flatten().next().cloned().ok_or_else(|| bad("`security_advisory.ghsa_id` is missing"))?;
    let mut dependency = item.object("dependency");
    let name = dependency.text("package.name").or_else(|| about.text("package.name")).unwrap_or_default();
    let system = dependency.text("package.ecosystem").or_else(|| about.text("package.ecosystem")).unwrap_or_default();
    let words_given = [about.text("severity"), advisory.text("severity")];
    let severity = words_given.iter().flatten().find_map(|word| words::severity(word)).unwrap_or(Severity::Medium);
    let title = advisory.text("summary").unwrap_or_else(|| id.clone());
    let mut finding = report.finding(severity, dependency::title(&title, &name));
    finding.description = advisory.text("description").unwrap_or_default();
    let fixed = about.text("first_patched_version.identifier");
    finding.remediation = dependency::remedy(&name, fixed.as_deref());
    let weaknesses = advisory.value("cwes").map(|value| words::cwes(&value)).unwrap_or_default();
    dependency::weaknesses(&mut finding, &mut item, weaknesses);
    let named = advisory.list("identifiers").into_iter().filter_map(|value| Fields::or_empty(value).text("value"));
    finding.vulnerability_ids = dependency::advisories(ids.into_iter().flatten().chain(named));
    let links = advisory.list("references").into_iter().filter_map(|value| Fields::or_empty(value).text("url"));
    finding.references = words::urls(links.chain(item.text("html_url")));
    finding.file_path = locate::file(dependency.text("manifest_path").as_deref(), report)?;
    if !name.is_empty() {
        finding.package = Some(Box::new(words::package(&system, name, None, fixed)));
    }
    // Dismissed by someone, or gone since.
    finding.ignored_in_source = item.peek("state").is_some_and(|state| state != "open");
    finding.rule_id = Some(id);
    item.keep("affected", about.text("vulnerable_version_range").unwrap_or_default());
    item.keep("dependency", dependency.rest());
    item.value("repository");
    finding.metadata.tool = item.rest();
    report.push(finding)
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};
    use crate::model::Severity;

    #[test]
    fn every_field_is_mapped() {
        let text = r#"[{"number":2,"state":"dismissed","dependency":{"package":{"ecosystem":"pip","name":"django"},"manifest_path":"path/requirements.txt","scope":"runtime"},
            "security_advisory":{"ghsa_id":"GHSA-rf4j-j272-fj86","cve_id":"CVE-2018-6188","summary":"Leak","description":"d","severity":"high",
            "identifiers":[{"type":"GHSA","value":"GHSA-rf4j-j272-fj86"}],"references":[{"url":"https://nvd.nist.gov/x"}],"cwes":[{"cwe_id":"CWE-200","name":"n"}]},
            "security_vulnerability":{"severity":"high","vulnerable_version_range":">= 2.0.0, < 2.0.2","first_patched_version":{"identifier":"2.0.2"}},
            "html_url":"https://github.com/o/r/security/dependabot/2"},{"security_advisory":null}]"#;
        let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
        let f = &result.findings[0];
        assert_eq!((f.title.as_str(), f.severity, f.cwe.as_deref()), ("Leak in django", Severity::High, Some("CWE-200")));
        assert_eq!((f.rule_id.as_deref(), f.vulnerability_ids.len(), f.references.len()), (Some("GHSA-rf4j-j272-fj86"), 2, 2));
        assert_eq!(
            (f.file_path.as_deref(), f.ignored_in_source, f.remediation.as_str()),
            (Some("path/requirements.txt"), true, "Update django to 2.0.2")
        );
        assert_eq!(
            (f.package.as_deref().unwrap().purl.as_deref(), result.scanners[0].skipped.len()),
            (Some("pkg:pypi/django"), 1)
        );
    }
}
