//! WPScan: `--format json`. A finding is a vulnerability of WordPress, a theme or a plugin, a copy of the configuration or of the
//! database that can be read, or something WPScan calls interesting.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, dependency, locate, words};
use crate::Result;
use crate::model::{Package, ScanType, Severity};
use serde_json::Value;

pub(super) struct WpScan;

const META: ParserMeta = ParserMeta {
    id: "wpscan",
    title: "WPScan JSON",
    versions_read: "3.x",
    upstream: "https://github.com/wpscanteam/wpscan",
    scan_type: ScanType::Dast,
};

const PARTS: &[Want] = &[
    Want::Each("interesting_findings"),
    Want::Whole("version"),
    Want::Whole("main_theme"),
    Want::Entries("themes"),
    Want::Entries("plugins"),
    Want::Entries("timthumbs"),
    Want::Entries("config_backups"),
    Want::Entries("db_exports"),
    Want::Whole("banner.version"),
    Want::Whole("target_url"),
    Want::Whole("scan_aborted"),
    Want::Whole("vuln_api.error"),
    Want::End(""),
];

impl Parser for WpScan {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        let ours = shape.has_any(&["interesting_findings", "scan_aborted", "effective_url"]);
        shape.top == Top::Object && shape.has_all(&["banner", "target_url"]) && ours
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let mut url = String::new();
        // The address stands at the beginning; where it does not, findings have no endpoint.
        json::read(&mut input, &["target_url", "scan_aborted"], PARTS, report, &mut |report, at, value| {
            match at.place {
                "banner.version" => report.version(value.as_str().map(str::to_owned)),
                "target_url" => {
                    url = value.as_str().unwrap_or_default().to_owned();
                    report.target(url.clone());
                }
                "scan_aborted" => report.failed(value.as_str().unwrap_or("the scan was aborted")),
                "vuln_api.error" => report.missed("vulnerabilities", value.as_str().unwrap_or("no answer of the API")),
                "interesting_findings" => return interesting(report, Fields::of(value)?),
                "version" => return part(report, value, "wordpress", &url),
                "main_theme" | "themes" | "plugins" => {
                    let own = value.get("slug").and_then(Value::as_str).unwrap_or(at.key).to_owned();
                    return part(report, value, &own, &url);
                }
                "config_backups" => return exposed(report, at.key, "Copy of the WordPress configuration can be read"),
                "db_exports" => return exposed(report, at.key, "Export of the database can be read"),
                "timthumbs" => return part(report, value, "timthumb", at.key),
                _ => {}
            }
            Ok(())
        })
    }
}

/// WordPress itself, a theme or a plugin, with its vulnerabilities.
fn part(report: &mut Report<'_>, value: Value, name: &str, url: &str) -> Result<(), Stop> {
    let mut part = Fields::or_empty(value);
    let version = part.text("number").or_else(|| part.text("version.number"));
    let url = part.text("location").unwrap_or_else(|| url.to_owned());
    let found = part.list("vulnerabilities");
    report.each(name, found, &mut |report, value| {
        let package = words::package("wordpress", name.to_owned(), version.clone(), None);
        vulnerability(report, Fields::of(value)?, package, &url)
    })
}

fn vulnerability(report: &mut Report<'_>, mut item: Fields, package: Package, url: &str) -> Result<(), Stop> {
    let title = item.text("title").ok_or_else(|| bad("`title` is missing"))?;
    let score = item.number("cvss.score");
    let mut finding = report.finding(score.and_then(words::severity_of_score).unwrap_or(Severity::Medium), title);
    let fixed = item.text("fixed_in");
    finding.remediation = dependency::remedy(&package.name, fixed.as_deref());
    let mut others = item.object("references");
    let cves = others.texts("cve").into_iter().map(|id| if id.starts_with("CVE-") { id } else { format!("CVE-{id}") });
    finding.vulnerability_ids = cves.collect();
    finding.references = words::urls(others.texts("url"));
    let own = others.texts("wpvulndb").into_iter().next();
    finding.rule_id = finding.vulnerability_ids.first().cloned().or_else(|| own.as_ref().map(|id| format!("wpscan-{id}")));
    own.into_iter().for_each(|id| finding.references.push(format!("https://wpscan.com/vulnerability/{id}")));
    finding.rule_id = finding.rule_id.take().or_else(|| Some(format!("wpscan-{}", package.name)));
    finding.description = item.text("description").unwrap_or_default();
    finding.cwe = item.text("cwe").and_then(|text| words::cwe(&text));
    finding.package = Some(Box::new(Package { fixed_version: fixed, ..package }));
    finding.metadata.endpoint = locate::endpoint(url, None).map(Box::new);
    item.keep("references", others.rest());
    finding.metadata.tool = item.rest();
    report.push(finding)
}

fn interesting(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let (kind, said, url) = (item.text("type"), item.text("to_s"), item.text("url"));
    let title = match (said.filter(|said| !said.contains("://")), &kind) {
        (Some(said), _) => said,
        (None, Some(kind)) => format!("Interesting: {}", kind.replace('_', " ")),
        (None, None) => return Err(bad("neither `to_s` nor `type`")),
    };
    let mut finding = report.finding(Severity::Info, title);
    finding.rule_id = kind.map(|kind| format!("wpscan-{}", kind.replace('_', "-")));
    finding.references = words::urls(item.object("references").texts("url"));
    finding.description = item.texts("interesting_entries").join("\n");
    finding.metadata.endpoint = url.as_deref().and_then(|url| locate::endpoint(url, None)).map(Box::new);
    finding.metadata.tool = item.rest();
    report.push(finding)
}

fn exposed(report: &mut Report<'_>, url: &str, title: &str) -> Result<(), Stop> {
    let mut finding = report.finding(Severity::High, title);
    finding.rule_id = Some("wpscan-exposed-copy".to_owned());
    finding.cwe = Some("CWE-530".to_owned());
    finding.metadata.endpoint = locate::endpoint(url, None).map(Box::new);
    report.push(finding)
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};
    use crate::model::Severity;

    #[test]
    fn every_field_is_mapped() {
        let text = r#"{"banner":{"description":"d","version":"3.8.17"},"target_url":"https://w.example/","effective_url":"https://w.example/",
            "interesting_findings":[{"url":"https://w.example/robots.txt","to_s":"https://w.example/robots.txt","type":"robots_txt","interesting_entries":["a"]},{}],
            "version":{"number":"4.7.6","vulnerabilities":[{"title":"Host Header","fixed_in":null,"references":{"cve":["2017-8295"],"url":["https://a.b"],"wpvulndb":["b3f2"]},"cvss":{"score":"9.8"}}]},
            "main_theme":null,"plugins":{"nextgen":{"slug":"nextgen","location":"https://w.example/p/","version":{"number":"2.2"},"vulnerabilities":[{"title":"Paths","fixed_in":"2.2.50","references":{"wpvulndb":["1097"]}}]}},
            "config_backups":{"https://w.example/wp-config.php.bak":{"found_by":"x"}},"vuln_api":{"error":"No WPScan API Token given"}}"#;
        let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
        let [robots, core, plugin, backup] = result.findings.as_slice() else { panic!("{result:?}") };
        assert_eq!((robots.title.as_str(), robots.rule_id.as_deref()), ("Interesting: robots txt", Some("wpscan-robots-txt")));
        assert_eq!(
            (core.rule_id.as_deref(), core.severity, core.references.len()),
            (Some("CVE-2017-8295"), Severity::Critical, 2)
        );
        assert_eq!(plugin.remediation, "Update nextgen to 2.2.50");
        assert_eq!(
            (plugin.package.as_deref().unwrap().version.as_deref(), plugin.rule_id.as_deref()),
            (Some("2.2"), Some("wpscan-1097"))
        );
        assert_eq!(backup.metadata.endpoint.as_deref().unwrap().path.as_deref(), Some("/wp-config.php.bak"));
        assert_eq!((result.scanners[0].version.as_deref(), result.scanners[0].skipped.len()), (Some("3.8.17"), 2));
    }

    #[test]
    fn an_aborted_scan_has_failed() {
        let text = r#"{"banner":{"version":"3"},"scan_aborted":"The url seems to be down","target_url":"https://w/"}"#;
        assert_eq!(parse(text.as_bytes(), None, &IngestOptions::default()).unwrap().scanners[0].status.as_str(), "failed");
    }
}
