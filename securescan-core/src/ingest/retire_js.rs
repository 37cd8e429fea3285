//! Retire.js: `retire --outputformat json`, `jsonsimple` and the list that versions before 2 wrote.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop};
use super::{Input, Parser, ParserMeta, Shape, Top, dependency, locate, words};
use crate::Result;
use crate::model::{ScanType, Severity};

pub(super) struct RetireJs;

const META: ParserMeta = ParserMeta {
    id: "retire-js",
    title: "Retire.js JSON",
    versions_read: "1 – 5 (`json`, `jsonsimple`)",
    upstream: "https://retirejs.github.io/retire.js/",
    scan_type: ScanType::Dependency,
};

impl Parser for RetireJs {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        match shape.top {
            Top::Object => {
                shape.has_all(&["data.results.component", "data.results.vulnerabilities"])
                    || shape.has_all(&["version", "start", "data", "errors"])
            }
            Top::Array => shape.has_all(&["results.component", "results.vulnerabilities"]),
            Top::Xml | Top::Text => false,
        }
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [Want::Each(""), Want::Each("data"), Want::Each("errors"), Want::Whole("version")];
        json::read(&mut input, &["", "data"], &wants, report, &mut |report, at, value| match at.place {
            "version" => {
                report.version(value.as_str().map(str::to_owned));
                Ok(())
            }
            "errors" => {
                report.missed(".", super::fields::text_of(value).unwrap_or_else(|| "not looked at".to_owned()));
                Ok(())
            }
            _ => file(report, Fields::of(value)?),
        })
    }
}

/// A file, or a module of Node, with the libraries in it.
fn file(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let path = locate::file(item.text("file").as_deref(), report)?;
    let libraries = item.list("results");
    report.each("results", libraries, &mut |report, value| {
        let mut library = Fields::of(value)?;
        let found = library.list("vulnerabilities");
        report.each("vulnerabilities", found, &mut |report, value| {
            vulnerability(report, Fields::of(value)?, &library, path.as_deref())
        })
    })
}

fn vulnerability(report: &mut Report<'_>, mut item: Fields, library: &Fields, path: Option<&str>) -> Result<(), Stop> {
    let of = |name: &str| library.peek(name).cloned().and_then(super::fields::text_of);
    let name = of("npmname").or_else(|| of("component")).unwrap_or_default();
    let mut names = item.object("identifiers");
    let ids: Vec<String> = ["CVE", "githubID", "OSVDB", "osvdb"].iter().flat_map(|key| names.texts(key)).collect();
    let summary = names.text("summary");
    let id = ids.iter().find(|id| words::is_advisory(id)).cloned().or_else(|| {
        // What has no number of its own is told apart by what it says.
        let own = names.first_text(&["retid", "issue", "bug", "PR", "commit", "release"]);
        let tail = own.or_else(|| summary.as_deref().map(slug)).filter(|tail| !tail.is_empty());
        Some(tail.map_or_else(|| format!("retire-js/{name}"), |tail| format!("retire-js/{name}-{tail}")))
    });
    let severity = item.text("severity").and_then(|word| words::severity(&word)).unwrap_or(Severity::Medium);
    let title = summary.clone().or_else(|| id.clone()).unwrap_or_default();
    let mut finding = report.finding(severity, dependency::title(&words::first_sentence(&title), &name));
    finding.description = summary.unwrap_or_default();
    let fixed = item.text("below");
    finding.remediation = dependency::remedy(&name, fixed.as_deref());
    finding.references = words::urls(item.texts("info"));
    let weaknesses = item.value("cwe").map(|value| words::cwes(&value)).unwrap_or_default();
    dependency::weaknesses(&mut finding, &mut item, weaknesses);
    finding.vulnerability_ids = dependency::advisories(ids);
    finding.file_path = path.map(str::to_owned);
    if !name.is_empty() {
        finding.package = Some(Box::new(words::package("npm", name, of("version"), fixed)));
    }
    finding.rule_id = id;
    item.keep("identifiers", names.rest());
    of("detection").into_iter().for_each(|how| item.keep("detection", how));
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// The first words of a text, for an id.
fn slug(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.take(8).map(|word| super::report::clip(word.to_ascii_lowercase(), 40)).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};
    use crate::model::Severity;

    const FILE: &str = r#"{"file":"web/jquery.js","results":[{"version":"1.8.3","component":"jquery","detection":"filecontent","vulnerabilities":[
        {"info":["https://nvd/CVE-2012-6708","x"],"below":"1.9.0b1","atOrAbove":"1.4.0","severity":"medium","cwe":["CWE-64","CWE-79"],
         "identifiers":{"CVE":["CVE-2012-6708"],"bug":"11290","summary":"Selector interpreted as HTML"}},
        {"severity":"low","identifiers":{"issue":"162","summary":"s"}}, {"identifiers":null},
        {"identifiers":{"summary":"Quoteless attributes: XSS"}}]}]}"#;

    #[test]
    fn every_field_is_mapped() {
        let text = format!(
            r#"{{"version":"4.3.2","start":"2024-01-01T00:00:00Z","data":[{FILE}],"messages":[],"errors":["no access"],"time":1.2}}"#
        );
        let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
        let f = &result.findings[0];
        assert_eq!((f.title.as_str(), f.severity), ("Selector interpreted as HTML in jquery", Severity::Medium));
        assert_eq!((f.rule_id.as_deref(), f.cwe.as_deref()), (Some("CVE-2012-6708"), Some("CWE-64")));
        let package = f.package.as_deref().unwrap();
        assert_eq!((package.purl.as_deref(), package.fixed_version.as_deref()), (Some("pkg:npm/jquery@1.8.3"), Some("1.9.0b1")));
        assert_eq!((f.file_path.as_deref(), f.references.len()), (Some("web/jquery.js"), 1));
        assert_eq!(result.findings[1].rule_id.as_deref(), Some("retire-js/jquery-162"));
        assert_eq!((result.findings.len(), result.scanners[0].skipped[0].why.as_str()), (4, "no access"));
        assert_eq!(result.findings[3].rule_id.as_deref(), Some("retire-js/jquery-quoteless-attributes-xss"));
    }

    #[test]
    fn lists_and_nothing() {
        let options = IngestOptions::default();
        assert_eq!(parse(format!("[{FILE}]").as_bytes(), None, &options).unwrap().scanners[0].name, "retire-js");
        let none = br#"{"version":"5.2.0","start":"s","data":[],"messages":[],"errors":[],"time":0.1}"#;
        assert_eq!(parse(none, None, &options).unwrap().findings.len(), 0);
    }
}
