//! Burp Suite: the XML of its issues. What was sent and what came back is left out: sessions and passwords stand there.

use super::fields::Fields;
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, dependency, locate, words, xml};
use crate::Result;
use crate::model::{ScanType, Severity};

pub(super) struct Burp;

const META: ParserMeta = ParserMeta {
    id: "burp",
    title: "Burp Suite XML",
    versions_read: "1.x, 2.x, 2020 and later",
    upstream: "https://portswigger.net/burp/documentation/desktop/reporting",
    scan_type: ScanType::Dast,
};

impl Parser for Burp {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        shape.top == Top::Xml && shape.root() == "issues" && shape.text("burpVersion").is_some()
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        xml::read(&mut input, &["issues"], &["issues"], &["issue"], report, &mut |report, _, element| {
            if element.name == "issues" {
                report.version(element.attribute("burpVersion").map(str::to_owned));
                return Ok(());
            }
            issue(report, Fields::of(element.into())?)
        })
    }
}

fn issue(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let (kind, name) = (item.text("type"), item.text("name"));
    if kind.is_none() && name.is_none() {
        return Err(bad("neither `type` nor `name`"));
    }
    let word = item.text("severity").unwrap_or_default();
    let severity = words::severity(&word).unwrap_or(Severity::Info);
    let mut finding = report.finding(severity, name.unwrap_or_default());
    finding.confidence = item.text("confidence").and_then(|word| words::confidence(&word));
    finding.ignored_in_source = word.trim().eq_ignore_ascii_case("false positive");
    finding.rule_id = kind.map(|kind| format!("burp-{kind}"));
    let mut html = |name: &str| item.text(name).map(|text| words::plain_html(&text));
    let said = [html("issueDetail"), html("issueBackground")];
    finding.description = said.into_iter().flatten().collect::<Vec<_>>().join("\n\n");
    let advice = [html("remediationDetail"), html("remediationBackground")];
    finding.remediation = advice.into_iter().flatten().collect::<Vec<_>>().join("\n\n");
    let classes = item.text("vulnerabilityClassifications").unwrap_or_default();
    let weaknesses = words::cwes(&words::plain_html(&classes).into());
    dependency::weaknesses(&mut finding, &mut item, weaknesses);
    let links = [item.text("references").unwrap_or_default(), classes].concat();
    finding.references = words::urls(words::links(&links));
    // `<host ip="…">https://host</host>`; without an address it is the text alone.
    let host = item.text("host.text").or_else(|| item.text("host")).unwrap_or_default();
    let path = item.text("path").unwrap_or_else(|| "/".to_owned());
    let location = item.text("location").unwrap_or_default();
    let mut endpoint = locate::endpoint(&format!("{}{path}", host.trim_end_matches('/')), None);
    // `/search [q parameter]`
    let parameter = location.rsplit_once('[').and_then(|(_, rest)| rest.strip_suffix(" parameter]"));
    if let (Some(endpoint), Some(parameter)) = (endpoint.as_mut(), parameter) {
        endpoint.parameters = vec![parameter.to_owned()];
    }
    finding.metadata.endpoint = endpoint.map(Box::new);
    for field in [
        "requestresponse",
        "issueDetailItems",
        "collaboratorEvent",
        "infiltratorEvent",
        "dynamicAnalysis",
        "staticAnalysis",
        "location",
    ] {
        item.value(field);
    }
    finding.metadata.tool = item.rest();
    report.push(finding)
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};
    use crate::model::{Confidence, Severity};

    #[test]
    fn every_field_is_mapped() {
        let text = r#"<?xml version="1.0"?><!DOCTYPE issues [<!ELEMENT issues (issue*)><!ATTLIST issues burpVersion CDATA "">]>
            <issues burpVersion="2.1.02"><issue><serialNumber>1</serialNumber><type>2097920</type><name><![CDATA[XSS]]></name>
            <host ip="127.0.0.1">https://shop.example:8443</host><path><![CDATA[/search]]></path><location><![CDATA[/search [q parameter]]]></location>
            <severity>High</severity><confidence>Certain</confidence><issueBackground><![CDATA[<p>B</p>]]></issueBackground>
            <remediationBackground><![CDATA[<p>R</p>]]></remediationBackground><issueDetail><![CDATA[<b>D</b>]]></issueDetail>
            <vulnerabilityClassifications><![CDATA[<ul><li><a href="https://cwe.mitre.org/data/definitions/79.html">CWE-79: XSS</a></li><li>CWE-80: y</li></ul>]]></vulnerabilityClassifications>
            <requestresponse><request method="GET" base64="true">UGFzc3dvcmQ=</request></requestresponse></issue>
            <issue><name>N</name><host>http://a</host><severity>False positive</severity></issue><issue/></issues>"#;
        let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
        let [f, other] = result.findings.as_slice() else { panic!("{result:?}") };
        assert_eq!((f.title.as_str(), f.severity, f.confidence), ("XSS", Severity::High, Some(Confidence::High)));
        assert_eq!((f.description.as_str(), f.remediation.as_str()), ("D\n\nB", "R"));
        assert_eq!((f.rule_id.as_deref(), f.cwe.as_deref()), (Some("burp-2097920"), Some("CWE-79")));
        let endpoint = f.metadata.endpoint.as_deref().unwrap();
        assert_eq!(
            (endpoint.host.as_deref(), endpoint.port, endpoint.path.as_deref()),
            (Some("shop.example"), Some(8443), Some("/search"))
        );
        assert_eq!(endpoint.parameters, ["q"]);
        assert!(!serde_json::to_string(f).unwrap().contains("UGFzc3dvcmQ="));
        assert!(other.ignored_in_source && other.metadata.endpoint.is_some());
        assert_eq!((result.scanners[0].version.as_deref(), result.scanners[0].skipped.len()), (Some("2.1.02"), 1));
    }
}
