//! ZAP: the traditional reports, JSON and XML, and the answer of its alerts API.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, locate, words, xml};
use crate::Result;
use crate::model::{Confidence, Endpoint, ScanType, Severity};
use serde_json::{Value, json};

pub(super) struct Zap;

const META: ParserMeta = ParserMeta {
    id: "zap",
    title: "ZAP JSON, XML or alerts API",
    versions_read: "2.4 – 2.16",
    upstream: "https://www.zaproxy.org/docs/desktop/addons/report-generation/report-traditional-json/",
    scan_type: ScanType::Dast,
};

/// ZAP's risk, as a number (reports) and as a word (API).
///
/// # Source
/// `org.parosproxy.paros.core.scanner.Alert` of ZAP 2.16: RISK_INFO 0 … RISK_HIGH 3.
const RISKS: &[(&str, Severity)] = &[
    ("0", Severity::Info),
    ("1", Severity::Low),
    ("2", Severity::Medium),
    ("3", Severity::High),
    ("informational", Severity::Info),
    ("info", Severity::Info),
    ("low", Severity::Low),
    ("medium", Severity::Medium),
    ("high", Severity::High),
];

/// ZAP's confidence; 0 is "false positive", which ZAP itself leaves out of its reports.
const CONFIDENCES: &[(&str, Confidence)] = &[
    ("0", Confidence::Low),
    ("1", Confidence::Low),
    ("2", Confidence::Medium),
    ("3", Confidence::High),
    ("4", Confidence::High),
    ("false positive", Confidence::Low),
    ("low", Confidence::Low),
    ("medium", Confidence::Medium),
    ("high", Confidence::High),
    ("confirmed", Confidence::High),
    ("user confirmed", Confidence::High),
];

/// How many places of one alert are kept.
const MAX_INSTANCES: usize = 100;

impl Parser for Zap {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        match shape.top {
            Top::Xml => shape.root() == "OWASPZAPReport",
            Top::Object => {
                let report = shape.has("site") && shape.has_any(&["@version", "@generated", "site.alerts"]);
                report || (shape.has("alerts") && shape.has_any(&["alerts.pluginId", "alerts.pluginid"]))
            }
            Top::Array | Top::Text => false,
        }
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        if input.top == Top::Xml {
            let (root, heads) = (["OWASPZAPReport"], ["OWASPZAPReport"]);
            return xml::read(&mut input, &root, &heads, &["alertitem"], report, &mut |report, around, element| {
                if element.name == "OWASPZAPReport" {
                    report.version(element.attribute("version").map(str::to_owned));
                    return Ok(());
                }
                let site = around.iter().rev().find(|e| e.name == "site").and_then(|e| e.attribute("name")).map(str::to_owned);
                alert(report, Fields::of(element.into())?, site.as_deref())
            });
        }
        let wants = [Want::Each("site"), Want::Each("alerts"), Want::Whole("@version")];
        json::read(&mut input, &["site", "alerts"], &wants, report, &mut |report, at, value| match at.place {
            "site" => site(report, Fields::of(value)?),
            "alerts" => alert(report, Fields::of(value)?, None),
            _ => {
                report.version(value.as_str().map(str::to_owned));
                Ok(())
            }
        })
    }
}

fn site(report: &mut Report<'_>, mut site: Fields) -> Result<(), Stop> {
    let name = site.text("@name");
    for (index, value) in site.list("alerts").into_iter().enumerate() {
        let done = Fields::of(value).and_then(|fields| alert(report, fields, name.as_deref()));
        match done {
            Err(Stop::Item(why)) => report.quarantine(format!("site.alerts[{index}]"), why)?,
            other => other?,
        }
    }
    Ok(())
}

/// What a risk is to us, code or word; anything else is informational.
pub(crate) fn severity(risk: &str) -> Severity {
    words::pick(risk, RISKS).unwrap_or(Severity::Info)
}

/// What a confidence is to us, code or word.
pub(crate) fn confidence(word: &str) -> Option<Confidence> {
    words::pick(word, CONFIDENCES)
}

fn alert(report: &mut Report<'_>, mut item: Fields, site: Option<&str>) -> Result<(), Stop> {
    let plugin = item.first_text(&["pluginid", "pluginId"]);
    let name = item.first_text(&["alert", "name"]);
    if plugin.is_none() && name.is_none() {
        return Err(bad("neither `pluginid` nor `alert`"));
    }
    let risk = item.first_text(&["riskcode", "risk"]);
    let by_words = item.text("riskdesc").and_then(|d| d.split(['(', ' ']).next().map(str::to_owned));
    let severity = risk.or(by_words).map_or(Severity::Info, |word| severity(&word));
    let mut finding = report.finding(severity, name.unwrap_or_default());
    finding.confidence = item.first_text(&["confidence", "confidencedesc"]).and_then(|word| confidence(&word));
    finding.rule_id = plugin.map(|plugin| format!("zap-{plugin}"));
    finding.description = item.first_text(&["desc", "description"]).map(|t| words::plain_html(&t)).unwrap_or_default();
    finding.remediation = item.text("solution").map(|t| words::plain_html(&t)).unwrap_or_default();
    let references = item.text("reference").map(|t| words::plain_html(&t)).unwrap_or_default();
    finding.references = words::urls(references.split_whitespace().flat_map(addresses));
    finding.cwe = item.text("cweid").and_then(|id| words::cwe(&id));
    let tags = item.object("tags").entries().map(|(name, _)| name).filter(|name| words::is_advisory(name));
    finding.vulnerability_ids = tags.collect();

    let (endpoints, instances) = places(&mut item);
    finding.metadata.endpoint = endpoint(endpoints, site).map(Box::new);
    // What was sent and what came back: a session's tokens stand there.
    for field in ["evidence", "attack", "other", "otherinfo", "messageId", "id", "sourceMessageId"] {
        item.value(field);
    }
    if !instances.is_empty() {
        item.keep("instances", instances);
    }
    finding.metadata.tool = item.rest();
    report.push(finding)
}

/// The addresses in a word: XML reports have them without anything between them.
fn addresses(word: &str) -> Vec<String> {
    let begins = |at: &usize| {
        let before = word.get(..*at).unwrap_or_default();
        ["http://", "https://"].iter().any(|scheme| word.get(*at..).is_some_and(|rest| rest.starts_with(scheme)))
            && !before.ends_with('=')
            && !before.starts_with("https://web.archive.org")
    };
    let mut starts: Vec<usize> = word.match_indices("http").map(|(at, _)| at).filter(begins).take(100).collect();
    starts.push(word.len());
    starts.windows(2).filter_map(|pair| word.get(*pair.first()?..*pair.last()?)).map(str::to_owned).collect()
}

/// Where the alert was raised: as endpoints, and as what is kept of it. Values of queries are left out.
fn places(item: &mut Fields) -> (Vec<Endpoint>, Vec<Value>) {
    let own = [item.first_text(&["url", "uri"]), item.text("method"), item.text("param")];
    let mut instances = item.list("instances");
    // XML: <instances><instance/>…</instances>
    if let [Value::Object(only)] = instances.as_slice()
        && let Some(inner) = only.get("instance").cloned()
    {
        instances = if let Value::Array(list) = inner { list } else { vec![inner] };
    }
    let listed = instances.into_iter().map(Fields::or_empty).map(|mut i| [i.text("uri"), i.text("method"), i.text("param")]);
    let all: Vec<_> = std::iter::once(own).chain(listed).filter(|place| place.first().is_some_and(Option::is_some)).collect();
    let mut kept = Vec::new();
    let mut endpoints = Vec::new();
    for [uri, method, parameter] in all {
        let Some(uri) = uri else { continue };
        let bare = uri.split(['?', '#']).next().unwrap_or_default().to_owned();
        if let Some(mut endpoint) = locate::endpoint(&uri, method.as_deref()) {
            endpoint.parameters.extend(parameter.clone());
            endpoint.parameters.sort();
            endpoint.parameters.dedup();
            endpoints.push(endpoint);
        }
        if kept.len() < MAX_INSTANCES {
            kept.push(json!({"uri": bare, "method": method, "param": parameter}));
        }
    }
    (endpoints, kept)
}

/// One place is the endpoint; of several, what they share: the host.
fn endpoint(mut endpoints: Vec<Endpoint>, site: Option<&str>) -> Option<Endpoint> {
    if endpoints.len() == 1 {
        return endpoints.pop();
    }
    let shared = site.and_then(|name| locate::endpoint(name, None)).or_else(|| endpoints.into_iter().next())?;
    Some(Endpoint { method: None, path: Some("/".to_owned()), parameters: Vec::new(), ..shared })
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};

    #[test]
    fn addresses_without_anything_between_them() {
        let text = r#"<OWASPZAPReport version="2.9.0"><site name="https://h"><alerts><alertitem><pluginid>1</pluginid><alert>A</alert><riskcode>1</riskcode>
            <reference>http://a.b/1/http://c.d/2https://web.archive.org/web/1/http://e.f/?u=http://g.h</reference></alertitem></alerts></site></OWASPZAPReport>"#;
        let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
        assert_eq!(
            result.findings[0].references,
            ["http://a.b/1/", "http://c.d/2", "http://e.f/?u=http://g.h", "https://web.archive.org/web/1/"]
        );
    }
}
