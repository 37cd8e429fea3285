//! Dependency-Track: its findings as a file (File Packaging Format), and the answer of its findings API.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, dependency, words};
use crate::Result;
use crate::model::{ScanType, Severity};

pub(super) struct DependencyTrack;

const META: ParserMeta = ParserMeta {
    id: "dependency-track",
    title: "Dependency-Track findings (FPF, API)",
    versions_read: "FPF 1.0 – 1.3, API of 3 and 4",
    upstream: "https://docs.dependencytrack.org/integrations/file-formats/",
    scan_type: ScanType::Dependency,
};

/// What an analyst may have decided that makes a finding none.
///
/// # Source
/// Dependency-Track, `AnalysisState`.
const DISMISSED: &[&str] = &["NOT_AFFECTED", "FALSE_POSITIVE", "RESOLVED"];

impl Parser for DependencyTrack {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        match shape.top {
            Top::Object => shape.text("meta.application") == Some("Dependency-Track"),
            Top::Array => shape.has_all(&["component", "vulnerability.vulnId"]),
            Top::Xml | Top::Text => false,
        }
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [Want::Each(""), Want::Each("findings"), Want::Whole("meta.version"), Want::Whole("project.name")];
        json::read(&mut input, &["", "findings"], &wants, report, &mut |report, at, value| {
            match (at.place, value.as_str()) {
                ("meta.version", text) => report.version(text.map(str::to_owned)),
                ("project.name", text) => text.into_iter().for_each(|name| report.target(name.to_owned())),
                _ => finding(report, Fields::of(value)?)?,
            }
            Ok(())
        })
    }
}

fn finding(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let mut about = item.object("vulnerability");
    let id = about.text("vulnId").ok_or_else(|| bad("`vulnerability.vulnId` is missing"))?;
    let mut component = item.object("component");
    let (group, name) = (component.text("group"), component.text("name").unwrap_or_default());
    let (version, purl) = (component.text("version"), component.text("purl"));
    let package = purl.as_deref().and_then(words::package_of_purl).unwrap_or_else(|| {
        let full = group.filter(|_| !name.is_empty()).map_or_else(|| name.clone(), |group| format!("{group}:{name}"));
        words::package("", full, version.clone(), None)
    });
    let score = about.number("cvssV3BaseScore").or_else(|| about.number("cvssV2BaseScore"));
    let word = about.text("severity").filter(|word| !word.eq_ignore_ascii_case("UNASSIGNED"));
    let severity = word.and_then(|word| words::severity(&word)).or_else(|| score.and_then(words::severity_of_score));
    let title = about.text("title").unwrap_or_else(|| id.clone());
    let mut finding = report.finding(severity.unwrap_or(Severity::Info), dependency::title(&title, &package.name));
    finding.description = about.text("description").unwrap_or_default();
    finding.remediation = about.text("recommendation").unwrap_or_default();
    finding.references = words::urls(words::links(&about.text("references").unwrap_or_default()));
    finding.references.extend(words::urls(item.text("attribution.referenceUrl")));
    let weaknesses = [about.value("cwes"), about.value("cweId")];
    let weaknesses = weaknesses.into_iter().flatten().map(|value| words::cwes(&value)).find(|found| !found.is_empty());
    dependency::weaknesses(&mut finding, &mut item, weaknesses.unwrap_or_default());
    let mut aliases = vec![id.clone()];
    for alias in about.list("aliases") {
        let mut alias = Fields::or_empty(alias);
        aliases.extend(["cveId", "ghsaId", "osvId", "snykId", "sonatypeId", "gsdId"].iter().filter_map(|key| alias.text(key)));
    }
    finding.vulnerability_ids = dependency::advisories(aliases);
    let state = item.text("analysis.state").unwrap_or_default();
    finding.ignored_in_source =
        item.flag("analysis.isSuppressed").unwrap_or(false) || DISMISSED.iter().any(|word| state.eq_ignore_ascii_case(word));
    if !package.name.is_empty() {
        finding.package = Some(Box::new(crate::model::Package { version: package.version.or(version), ..package }));
    }
    finding.rule_id = Some(id);
    item.keep("analysis_state", state);
    item.keep("vulnerability", about.rest());
    item.keep("component", component.rest());
    score.into_iter().for_each(|score| item.keep("cvss", score));
    finding.metadata.tool = item.rest();
    report.push(finding)
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};
    use crate::model::Severity;

    const ITEM: &str = r#"{"component":{"group":"com.x","name":"a","version":"1","purl":"pkg:maven/com.x/a@1?type=jar","uuid":"u"},
        "vulnerability":{"vulnId":"GHSA-1","source":"GITHUB","title":"Bad","severity":"HIGH","cweId":400,"cwes":[{"cweId":400},{"cweId":502}],
        "aliases":[{"cveId":"CVE-2022-1","ghsaId":"GHSA-1"}],"recommendation":"Upgrade","references":"* [x](https://e.x/1)"},
        "analysis":{"state":"FALSE_POSITIVE","isSuppressed":false},"attribution":{"analyzerIdentity":"OSS"}}"#;

    #[test]
    fn every_field_is_mapped() {
        let text = format!(
            r#"{{"version":"1.2","meta":{{"application":"Dependency-Track","version":"4.9"}},"project":{{"name":"shop"}},"findings":[{ITEM},{{}}]}}"#
        );
        let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
        let f = &result.findings[0];
        assert_eq!((f.title.as_str(), f.severity, f.cwe.as_deref()), ("Bad in com.x:a", Severity::High, Some("CWE-400")));
        assert_eq!(
            (f.vulnerability_ids.as_slice(), f.ignored_in_source),
            (&["CVE-2022-1".to_owned(), "GHSA-1".to_owned()][..], true)
        );
        let package = f.package.as_deref().unwrap();
        assert_eq!(
            (package.ecosystem.as_str(), package.name.as_str(), package.version.as_deref()),
            ("maven", "com.x:a", Some("1"))
        );
        assert_eq!((f.rule_id.as_deref(), f.remediation.as_str()), (Some("GHSA-1"), "Upgrade"));
        assert_eq!(f.references, ["https://e.x/1"]);
        let run = &result.scanners[0];
        assert_eq!(
            (run.version.as_deref(), run.targets.as_slice(), run.skipped.len()),
            (Some("4.9"), &["shop".to_owned()][..], 1)
        );
    }

    #[test]
    fn api_answers_and_nothing() {
        let options = IngestOptions::default();
        assert_eq!(parse(format!("[{ITEM}]").as_bytes(), None, &options).unwrap().scanners[0].name, "dependency-track");
        let head = r#"{"meta":{"application":"Dependency-Track"}"#;
        for (rest, found) in [(r#","findings":[]}"#, Some(0)), (r#","findings":null}"#, Some(0)), ("}", None)] {
            let read = parse(format!("{head}{rest}").as_bytes(), None, &options).ok();
            assert_eq!(read.map(|r| r.findings.len()), found, "{rest}");
        }
    }
}
