//! Reports of Sonatype's tools on OSS Index: Nancy (Go) and AuditJS (npm). One finding for each vulnerability of a package.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, dependency, score, words};
use crate::Result;
use crate::model::{ScanType, Severity};

pub(super) struct AuditJs;
pub(super) struct Nancy;

const AUDITJS: ParserMeta = ParserMeta {
    id: "auditjs",
    title: "AuditJS JSON",
    versions_read: "4 (`auditjs ossi --json`)",
    upstream: "https://github.com/sonatype-nexus-community/auditjs",
    scan_type: ScanType::Dependency,
};

const NANCY: ParserMeta = ParserMeta {
    id: "nancy",
    title: "Nancy JSON",
    versions_read: "0.x and 1.x (`nancy sleuth --output json`)",
    upstream: "https://github.com/sonatype-nexus-community/nancy",
    scan_type: ScanType::Dependency,
};

impl Parser for AuditJs {
    fn meta(&self) -> &'static ParserMeta {
        &AUDITJS
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        shape.top == Top::Array && shape.has_all(&["coordinates", "vulnerabilities"])
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        json::read(&mut input, &[""], &[Want::Each("")], report, &mut |report, _, value| package(report, Fields::of(value)?))
    }
}

impl Parser for Nancy {
    fn meta(&self) -> &'static ParserMeta {
        &NANCY
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        shape.top == Top::Object
            && (shape.has_all(&["audited", "vulnerable"]) || shape.has_all(&["num_audited", "num_vulnerable"]))
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [Want::Each("vulnerable"), Want::Each("invalid"), Want::Whole("version")];
        json::read(&mut input, &["vulnerable", "num_vulnerable"], &wants, report, &mut |report, at, value| match at.place {
            "version" => {
                report.version(value.as_str().map(str::to_owned));
                Ok(())
            }
            "invalid" => {
                let name = Fields::or_empty(value).first_text(&["Coordinates", "coordinates"]);
                report.missed(name.unwrap_or_else(|| "a package".to_owned()), "its version is none that OSS Index knows");
                Ok(())
            }
            _ => package(report, Fields::of(value)?),
        })
    }
}

fn package(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let purl = item.first_text(&["Coordinates", "coordinates"]).ok_or_else(|| bad("`coordinates` is missing"))?;
    let found = [item.list("Vulnerabilities"), item.list("vulnerabilities")].concat();
    report.each("vulnerabilities", found, &mut |report, value| vulnerability(report, Fields::of(value)?, &purl))
}

/// Nancy writes the names of fields with capitals, AuditJS without.
fn vulnerability(report: &mut Report<'_>, mut item: Fields, purl: &str) -> Result<(), Stop> {
    let own = item.first_text(&["Id", "id", "ID"]);
    let title = item.first_text(&["Title", "title"]);
    let cve = item.first_text(&["Cve", "cve", "CVE"]);
    let id = cve.clone().or_else(|| own.clone()).or_else(|| title.clone()).ok_or_else(|| bad("`id` is missing"))?;
    let package = words::package_of_purl(purl);
    let name = package.as_ref().map(|package| package.name.clone()).unwrap_or_default();
    let number = item.number("CvssScore").or_else(|| item.number("cvssScore"));
    let vector = item.first_text(&["CvssVector", "cvssVector"]);
    let severity = number.and_then(words::severity_of_score).or_else(|| vector.as_deref().and_then(score::severity));
    // `[CVE-2018-3717] connect node module before …`: the id is not repeated, and what is cut short is no title.
    let said = title.map(|title| match title.trim().split_once(']') {
        Some((before, after)) if before.starts_with('[') => after.trim().to_owned(),
        _ => title,
    });
    let said = said.filter(|said| !said.is_empty() && !said.ends_with("..."));
    let title = said.as_deref().map_or(id.as_str(), |said| said);
    let mut finding = report.finding(severity.unwrap_or(Severity::Medium), dependency::title(title, &name));
    finding.description = item.first_text(&["Description", "description"]).unwrap_or_default();
    finding.references = words::urls(item.first_text(&["Reference", "reference"]));
    finding.cwe = item.first_text(&["Cwe", "cwe"]).or(said).and_then(|text| words::cwe(&text));
    finding.vulnerability_ids = dependency::advisories(cve.into_iter().chain(own.clone()));
    // Told to Nancy in its own ignore file.
    finding.ignored_in_source = item.flag("Excluded").unwrap_or(false);
    finding.package = package.map(Box::new);
    finding.rule_id = Some(id);
    own.into_iter().for_each(|own| item.keep("id", own));
    number.into_iter().for_each(|number| item.keep("cvss", number));
    vector.into_iter().for_each(|vector| item.keep("cvss_vector", vector));
    finding.metadata.tool = item.rest();
    report.push(finding)
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};
    use crate::model::Severity;

    #[test]
    fn nancy() {
        let text = r#"{"audited":[],"exclusions":[],"invalid":[{"Coordinates":"pkg:golang/a/b@x"}],"num_audited":3,"num_vulnerable":1,"version":"1.0.51",
            "vulnerable":[{"Coordinates":"pkg:golang/github.com/bitly/oauth2_proxy@0.1","Vulnerabilities":[{"Id":"9eb9","Title":"[CVE-2017-1000070] URL Redirection",
            "Description":"d","CvssScore":"6.1","CvssVector":"CVSS:3.0/AV:N","Cve":"CVE-2017-1000070","Reference":"https://o/9eb9","Excluded":true}]}]}"#;
        let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
        let f = &result.findings[0];
        assert_eq!((f.title.as_str(), f.severity), ("URL Redirection in github.com/bitly/oauth2_proxy", Severity::Medium));
        assert_eq!((f.rule_id.as_deref(), f.ignored_in_source), (Some("CVE-2017-1000070"), true));
        assert_eq!((f.package.as_deref().unwrap().version.as_deref(), f.references.len()), (Some("0.1"), 1));
        assert_eq!((result.scanners[0].version.as_deref(), result.scanners[0].status.as_str()), (Some("1.0.51"), "partial"));
        let none = br#"{"audited":[],"exclusions":null,"invalid":null,"num_audited":0,"num_vulnerable":0,"version":"1","vulnerable":null}"#;
        assert_eq!(parse(none, None, &IngestOptions::default()).unwrap().findings.len(), 0);
    }

    #[test]
    fn auditjs() {
        let text = r#"[{"coordinates":"pkg:npm/dompurify@2.5.7","reference":"https://o","vulnerabilities":[{"id":"CVE-2024-47875",
            "title":"[CVE-2024-47875] CWE-79: Cross-site Scripting","cvssScore":6.4,"cve":"CVE-2024-47875"},{"id":"u-u-i-d","title":"[x] cut..."},{}]},
            {"coordinates":"pkg:npm/a@1","vulnerabilities":[]}]"#;
        let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
        assert_eq!((result.findings.len(), result.scanners[0].skipped.len()), (2, 1));
        let f = &result.findings[0];
        assert_eq!(
            (f.scanner.as_str(), f.cwe.as_deref(), f.title.as_str()),
            ("auditjs", Some("CWE-79"), "CWE-79: Cross-site Scripting in dompurify")
        );
        assert_eq!(
            (result.findings[1].rule_id.as_deref(), result.findings[1].title.as_str()),
            (Some("u-u-i-d"), "u-u-i-d in dompurify")
        );
    }
}
