//! Nikto: `-Format json` and `-Format xml`. Nikto has no severities: an item is a remark.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, words, xml};
use crate::Result;
use crate::model::{ScanType, Severity};

pub(super) struct Nikto;

const META: ParserMeta = ParserMeta {
    id: "nikto",
    title: "Nikto JSON or XML",
    versions_read: "2.1 and 2.5",
    upstream: "https://github.com/sullo/nikto/wiki/Export-Formats",
    scan_type: ScanType::Dast,
};

impl Parser for Nikto {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        match shape.top {
            Top::Xml => shape.root() == "niktoscan",
            Top::Object | Top::Array => shape.has_all(&["host", "ip", "port", "banner", "vulnerabilities"]),
            Top::Text => false,
        }
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        if input.top == Top::Xml {
            let heads = ["niktoscan", "scandetails"];
            return xml::read(&mut input, &["niktoscan"], &heads, &["item"], report, &mut |report, around, element| {
                match element.name.as_str() {
                    "niktoscan" => report.version(element.attribute("version").map(str::to_owned)),
                    "scandetails" => element.attribute("sitename").into_iter().for_each(|site| report.target(site.to_owned())),
                    _ => {
                        let site = around.iter().rev().find_map(|e| e.attribute("sitename")).unwrap_or_default().to_owned();
                        item(report, Fields::of(element.into())?, &site)?;
                    }
                }
                Ok(())
            });
        }
        let wants = [
            Want::Each(""),
            Want::Whole("host"),
            Want::Whole("ip"),
            Want::Whole("port"),
            Want::Whole("vulnerabilities"),
            Want::End(""),
        ];
        // One host alone comes field by field.
        let mut single = Fields::default();
        json::read(&mut input, &["", "vulnerabilities"], &wants, report, &mut |report, at, value| match (at.place, at.end) {
            ("", false) => host(report, Fields::of(value)?),
            ("", true) if single.has("vulnerabilities") => host(report, std::mem::take(&mut single)),
            ("", true) => Ok(()),
            (place, _) => {
                single.keep(place, value);
                Ok(())
            }
        })
    }
}

fn host(report: &mut Report<'_>, mut of: Fields) -> Result<(), Stop> {
    let name = of.text("host").into_iter().chain(of.text("ip")).next().unwrap_or_default();
    let port = of.text("port").unwrap_or_default();
    let scheme = if port == "443" || port == "8443" { "https" } else { "http" };
    let site = format!("{scheme}://{name}:{port}");
    if !name.is_empty() {
        report.target(site.clone());
    }
    let found = of.list("vulnerabilities");
    report.each("vulnerabilities", found, &mut |report, value| item(report, Fields::of(value)?, &site))
}

fn item(report: &mut Report<'_>, mut item: Fields, site: &str) -> Result<(), Stop> {
    let text = item.first_text(&["msg", "description"]).ok_or_else(|| bad("neither `msg` nor `description`"))?;
    let text = text.trim().to_owned();
    if let Some(error) = text.strip_prefix("ERROR:") {
        report.missed(site, error.trim());
        return Ok(());
    }
    let path = item.first_text(&["url", "uri"]).unwrap_or_else(|| "/".to_owned());
    // `/admin/: This might be interesting`: the path is not repeated.
    let said = text.strip_prefix(path.as_str()).and_then(|rest| rest.strip_prefix(':')).map_or(text.as_str(), str::trim);
    let mut finding = report.finding(Severity::Info, words::first_sentence(said));
    finding.rule_id = item.text("id").map(|id| format!("nikto-{id}"));
    finding.references =
        words::urls(item.texts("references").iter().flat_map(|text| text.split([' ', ',', '\n'])).map(str::to_owned));
    let osvdb = item.first_text(&["OSVDB", "osvdbid"]).filter(|id| id != "0");
    finding.vulnerability_ids = osvdb.map(|id| format!("OSVDB-{id}")).into_iter().chain(words::advisory_in(&text)).collect();
    let link = item.text("namelink").filter(|link| link.contains("://"));
    let url = link.unwrap_or_else(|| format!("{}/{}", site.trim_end_matches('/'), path.trim_start_matches('/')));
    finding.metadata.endpoint = locate::endpoint(&url, item.text("method").as_deref()).map(Box::new);
    finding.description = text;
    ["osvdblink", "iplink"].iter().for_each(|name| drop(item.value(name)));
    finding.metadata.tool = item.rest();
    report.push(finding)
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};

    #[test]
    fn json() {
        let host = r#"{"host":"www.x.com","ip":"1.2.3.4","port":"443","banner":"nginx","vulnerabilities":[
            {"id":"999978","references":"https://developer.mozilla.org/X","OSVDB":"0","method":"GET","url":"/a","msg":"/a: Header is deprecated. More."},
            {"id":"0","method":"GET","url":"/","msg":"ERROR: Cannot resolve"},{"id":"1","OSVDB":"877","msg":"x"},{}]}"#;
        for text in [host.to_owned(), format!("[{host}]")] {
            let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
            let f = &result.findings[0];
            assert_eq!((f.title.as_str(), f.rule_id.as_deref()), ("Header is deprecated", Some("nikto-999978")));
            let endpoint = f.metadata.endpoint.as_deref().unwrap();
            assert_eq!(
                (endpoint.host.as_deref(), endpoint.path.as_deref(), endpoint.method.as_deref()),
                (Some("www.x.com"), Some("/a"), Some("GET"))
            );
            assert_eq!((result.findings.len(), result.scanners[0].skipped.len()), (2, 2));
            assert_eq!(result.findings[1].vulnerability_ids, ["OSVDB-877"]);
        }
        let none = br#"[{"host":"h","ip":"1","port":"80","banner":"","vulnerabilities":[]}]"#;
        assert!(parse(none, None, &IngestOptions::default()).unwrap().findings.is_empty());
    }

    #[test]
    fn xml() {
        let text = r#"<?xml version="1.0" ?><!DOCTYPE niktoscan SYSTEM "docs/nikto.dtd"><niktoscan><niktoscan version="2.1.6">
            <scandetails targetip="1" sitename="http://h:8080/"><item id="999979" osvdbid="0" method="GET"><description><![CDATA[IP found.]]></description>
            <uri><![CDATA[/]]></uri><namelink><![CDATA[http://h:8080/]]></namelink></item></scandetails></niktoscan></niktoscan>"#;
        let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
        assert_eq!((result.findings[0].title.as_str(), result.scanners[0].version.as_deref()), ("IP found", Some("2.1.6")));
        assert_eq!(result.findings[0].metadata.endpoint.as_deref().unwrap().port, Some(8080));
    }
}
