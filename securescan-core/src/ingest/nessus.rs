//! Nessus: `.nessus` files (NessusClientData_v2), also of Tenable's web application scans. One finding for each item of a host.

use super::fields::Fields;
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, dependency, locate, words, xml};
use crate::Result;
use crate::model::{Endpoint, ScanType, Severity};

pub(super) struct Nessus;

const META: ParserMeta = ParserMeta {
    id: "nessus",
    title: "Nessus XML",
    versions_read: "`.nessus` version 2",
    upstream: "https://docs.tenable.com/quick-reference/nessus-file-format/",
    scan_type: ScanType::Network,
};

/// Nessus's severity of an item.
///
/// # Source
/// Nessus File Format, `ReportItem`: 0 informational, 1 low, 2 medium, 3 high, 4 critical.
const SEVERITIES: &[(&str, Severity)] =
    &[("0", Severity::Info), ("1", Severity::Low), ("2", Severity::Medium), ("3", Severity::High), ("4", Severity::Critical)];

/// How much of what a plugin printed is kept, in characters.
const MAX_OUTPUT: usize = 2000;

impl Parser for Nessus {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        shape.top == Top::Xml && shape.root() == "NessusClientData_v2"
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let root = ["NessusClientData_v2"];
        xml::read(&mut input, &root, &["ReportHost"], &["ReportItem"], report, &mut |report, around, element| {
            if element.name == "ReportHost" {
                element.attribute("name").into_iter().for_each(|name| report.target(name.to_owned()));
                return Ok(());
            }
            let host = around.iter().rev().find(|e| e.name == "ReportHost").and_then(|e| e.attribute("name"));
            found(report, Fields::of(element.into())?, host.unwrap_or_default())
        })
    }
}

fn found(report: &mut Report<'_>, mut item: Fields, host: &str) -> Result<(), Stop> {
    let (plugin, name) = (item.text("pluginID"), item.first_text(&["pluginName", "plugin_name"]));
    if plugin.is_none() && name.is_none() {
        return Err(bad("neither `pluginID` nor `pluginName`"));
    }
    // A check of a policy: its own name says what was checked, and one that passed is no finding.
    let check = item.text("compliance-check-name");
    if item.text("compliance-result").is_some_and(|result| result.eq_ignore_ascii_case("PASSED")) {
        return Ok(());
    }
    let by_word = item.text("risk_factor").and_then(|word| words::severity(&word));
    let severity = item.text("severity").and_then(|code| words::pick(&code, SEVERITIES)).or(by_word);
    let mut finding = report.finding(severity.unwrap_or(Severity::Info), check.or(name).unwrap_or_default());
    finding.rule_id = plugin.map(|plugin| format!("nessus-{plugin}"));
    let said = [item.text("synopsis"), item.text("description")];
    finding.description = said.into_iter().flatten().map(|text| text.trim().to_owned()).collect::<Vec<_>>().join("\n\n");
    finding.remediation = item.text("solution").filter(|text| !text.trim().eq_ignore_ascii_case("n/a")).unwrap_or_default();
    let links = item.texts("see_also");
    finding.references = words::urls(links.iter().flat_map(|text| text.split_whitespace()).map(str::to_owned));
    let others = item.texts("xref");
    let weaknesses =
        words::cwes(&serde_json::json!([item.texts("cwe"), others.iter().filter(|x| x.starts_with("CWE")).collect::<Vec<_>>()]));
    dependency::weaknesses(&mut finding, &mut item, weaknesses);
    let others = others.into_iter().filter(|x| !x.starts_with("CWE")).collect::<Vec<_>>();
    finding.vulnerability_ids = dependency::advisories(item.texts("cve"));
    let port = item.position("port").and_then(|port| u16::try_from(port).ok());
    let protocol = item.text("protocol").filter(|_| port.is_some());
    if !host.is_empty() {
        finding.metadata.endpoint = Some(Box::new(match locate::endpoint(host, None) {
            Some(endpoint) => endpoint,
            None => Endpoint { host: Some(host.to_ascii_lowercase()), port, protocol, ..Endpoint::default() },
        }));
    }
    if let Some(output) = item.text("plugin_output") {
        item.keep("plugin_output", super::report::clip(output, MAX_OUTPUT));
    }
    if !others.is_empty() {
        item.keep("xref", others);
    }
    // Of the plugin, not of the finding.
    for field in ["fname", "plugin_modification_date", "plugin_publication_date", "script_version", "plugin_type", "attachment"] {
        item.value(field);
    }
    finding.metadata.tool = item.rest();
    report.push(finding)
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};
    use crate::model::Severity;

    #[test]
    fn every_field_is_mapped() {
        let text = r#"<?xml version="1.0" ?><NessusClientData_v2><Policy><policyName>P</policyName></Policy>
            <Report name="R" xmlns:cm="http://www.nessus.org/cm"><ReportHost name="10.0.0.5"><HostProperties><tag name="host-ip">10.0.0.5</tag></HostProperties>
            <ReportItem port="443" svc_name="www" protocol="tcp" severity="3" pluginID="42873" pluginName="SSL Medium" pluginFamily="General">
            <description>D</description><synopsis>S</synopsis><solution>Fix it</solution><see_also>https://a.b/1
https://a.b/2</see_also><cve>CVE-2016-2183</cve><cwe>200</cwe><xref>CWE:327</xref><xref>IAVA:2020-A-1</xref><plugin_output>out</plugin_output></ReportItem>
            <ReportItem port="0" protocol="tcp" severity="0" pluginID="21745" pluginName="N"><cm:compliance-check-name>1.1 Set it</cm:compliance-check-name><cm:compliance-result>PASSED</cm:compliance-result></ReportItem>
            <ReportItem port="0" protocol="tcp" severity="3" pluginID="21745" pluginName="N"><cm:compliance-check-name>1.2 Set that</cm:compliance-check-name><cm:compliance-result>FAILED</cm:compliance-result><solution>n/a</solution></ReportItem>
            <ReportItem/></ReportHost></Report></NessusClientData_v2>"#;
        let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
        let [f, check] = result.findings.as_slice() else { panic!("{result:?}") };
        assert_eq!((f.title.as_str(), f.severity, f.rule_id.as_deref()), ("SSL Medium", Severity::High, Some("nessus-42873")));
        assert_eq!((f.description.as_str(), f.remediation.as_str(), f.references.len()), ("S\n\nD", "Fix it", 2));
        assert_eq!((f.cwe.as_deref(), f.vulnerability_ids.as_slice()), (Some("CWE-200"), &["CVE-2016-2183".to_owned()][..]));
        let endpoint = f.metadata.endpoint.as_deref().unwrap();
        assert_eq!(
            (endpoint.host.as_deref(), endpoint.port, endpoint.protocol.as_deref()),
            (Some("10.0.0.5"), Some(443), Some("tcp"))
        );
        assert_eq!((check.title.as_str(), check.remediation.as_str()), ("1.2 Set that", ""));
        assert_eq!((result.scanners[0].targets.as_slice(), result.scanners[0].skipped.len()), (&["10.0.0.5".to_owned()][..], 1));
    }
}
