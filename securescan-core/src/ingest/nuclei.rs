//! Nuclei: `-jsonl` lines and `-json-export` lists.

use super::fields::Fields;
use super::report::{Report, Stop};
use super::{Input, Parser, ParserMeta, Shape, Top, json, locate, words};
use crate::Result;
use crate::model::{Endpoint, ScanType, Severity};

pub(super) struct Nuclei;

const META: ParserMeta = ParserMeta {
    id: "nuclei",
    title: "Nuclei JSON lines or JSON",
    versions_read: "2 and 3 (`templateID` and `template-id`)",
    upstream: "https://docs.projectdiscovery.io/tools/nuclei/running#output",
    scan_type: ScanType::Dast,
};

impl Parser for Nuclei {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        matches!(shape.top, Top::Object | Top::Array)
            && shape.has_any(&["template-id", "templateID"])
            && shape.has_any(&["info", "info.name", "host", "matched-at"])
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        json::read_many(&mut input, report, &mut |report, _, value| result(report, Fields::of(value)?))
    }
}

fn result(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let template = item.first_text(&["template-id", "templateID"]).map_or_else(|| item.need("template"), Ok)?;
    let severity = item.text("info.severity").and_then(|word| words::severity(&word)).unwrap_or(Severity::Info);
    let title = item.text("info.name").unwrap_or_else(|| template.clone());
    let mut finding = report.finding(severity, title);
    let kind = item.text("type").unwrap_or_default();
    finding.scan_type = match kind.as_str() {
        "network" | "tcp" | "ssl" | "dns" | "whois" => ScanType::Network,
        "file" => ScanType::Code,
        _ => ScanType::Dast,
    };
    finding.description = item.text("info.description").unwrap_or_default().trim().to_owned();
    finding.remediation = item.text("info.remediation").unwrap_or_default().trim().to_owned();
    // Older templates write their references as one text with a dash before each.
    let references = item.texts("info.reference").into_iter();
    finding.references = words::urls(references.flat_map(|r| r.split_whitespace().map(str::to_owned).collect::<Vec<_>>()));
    finding.vulnerability_ids = item
        .texts("info.classification.cve-id")
        .into_iter()
        .filter(|id| words::is_advisory(id))
        .map(|id| id.to_ascii_uppercase())
        .collect();
    finding.cwe = item.value("info.classification.cwe-id").and_then(|v| words::cwes(&v).into_iter().next());
    let matched = item.first_text(&["matched-at", "matched"]);
    let host = item.text("host");
    let method = item.text("request").and_then(|r| r.split_whitespace().next().map(str::to_owned)).filter(|m| m.len() <= 10);
    if finding.scan_type == ScanType::Code {
        finding.file_path = locate::file(matched.as_deref(), report)?;
    } else {
        let place = matched.as_deref().or(host.as_deref());
        finding.metadata.endpoint = place.and_then(|place| endpoint(place, method.as_deref(), host.as_deref())).map(Box::new);
    }
    // Requests, answers and what was taken out of them: sessions and personal data stand there.
    for field in ["response", "curl-command", "timestamp", "interaction", "extracted-results", "meta", "ip"] {
        item.value(field);
    }
    if finding.vulnerability_ids.is_empty() && words::is_advisory(&template) {
        finding.vulnerability_ids.push(template.to_ascii_uppercase());
    }
    finding.rule_id = Some(template);
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// A URL, or `host:port`.
fn endpoint(place: &str, method: Option<&str>, host: Option<&str>) -> Option<Endpoint> {
    if place.contains("://") {
        return locate::endpoint(place, method);
    }
    let (name, port) = match place.rsplit_once(':') {
        Some((name, port)) => (name, port.parse().ok()),
        None => (place, None),
    };
    let name = if name.is_empty() { host? } else { name };
    Some(Endpoint {
        host: Some(name.trim_matches(['[', ']']).to_ascii_lowercase()),
        port,
        protocol: Some("tcp".to_owned()),
        ..Endpoint::default()
    })
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};

    #[test]
    fn a_template_may_be_named_after_its_advisory() {
        let text =
            r#"{"template-id":"CVE-2021-44228","info":{"name":"L","severity":"critical"},"type":"http","host":"https://a"}"#;
        let result = super::super::parse(text.as_bytes(), None, &super::super::IngestOptions::default()).unwrap();
        assert_eq!(result.findings[0].vulnerability_ids, ["CVE-2021-44228"]);
    }

    #[test]
    fn lines_are_findings_and_a_broken_one_costs_itself() {
        let text = concat!(
            r#"{"template-id":"CVE-2021-1","info":{"name":"X","severity":"critical","classification":{"cve-id":["cve-2021-1"],"cwe-id":["cwe-79"]},"reference":null},"type":"http","host":"https://a","matched-at":"https://a/b?q=secret","curl-command":"curl -H 'Authorization: t'"}"#,
            "\n{\"template-id\":\n",
            r#"{"templateID":"ssh","info":{"name":"S","severity":"low"},"type":"network","host":"h","matched":"h:22"}"#,
            "\n"
        );
        let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
        let [web, net] = result.findings.as_slice() else { panic!("{result:?}") };
        assert_eq!(
            (web.cwe.as_deref(), web.vulnerability_ids.as_slice()),
            (Some("CWE-79"), ["CVE-2021-1".to_owned()].as_slice())
        );
        assert_eq!(web.metadata.endpoint.as_ref().unwrap().parameters, ["q"]);
        assert!(!serde_json::to_string(web).unwrap().contains("Authorization"));
        assert_eq!((net.scan_type.as_str(), net.metadata.endpoint.as_ref().unwrap().port), ("network", Some(22)));
        assert_eq!(result.scanners[0].skipped.len(), 1);
    }
}
