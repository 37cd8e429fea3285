//! testssl.sh: `--jsonfile`, `--jsonfile-pretty` and `--csvfile`. A finding is what testssl.sh itself rates from LOW up; lines that
//! are OK or INFO are facts.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop, bad};
use super::{Input, Parser, ParserMeta, Shape, Top, dependency, words};
use crate::model::{Endpoint, ScanType, Severity};
use crate::{Error, Result};
use serde_json::{Map, Value};

pub(super) struct Testssl;

const META: ParserMeta = ParserMeta {
    id: "testssl",
    title: "testssl.sh JSON or CSV",
    versions_read: "3.x (`jsonfile`, `jsonfile-pretty`, `csvfile`)",
    upstream: "https://testssl.sh/doc/testssl.1.html",
    scan_type: ScanType::Network,
};

/// testssl.sh's ratings that are findings.
///
/// # Source
/// testssl.sh manual, `--severity`: LOW, MEDIUM, HIGH, CRITICAL; OK and INFO below, WARN and FATAL for what could not be tested.
const SEVERITIES: &[(&str, Severity)] = &[
    ("LOW", Severity::Low),
    ("MEDIUM", Severity::Medium),
    ("HIGH", Severity::High),
    ("CRITICAL", Severity::Critical),
    ("NOT ok", Severity::High),
];

impl Parser for Testssl {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        match shape.top {
            Top::Array => shape.has_all(&["id", "ip", "port", "severity", "finding"]),
            Top::Object => shape.has_all(&["Invocation", "scanResult"]),
            Top::Text => is_csv(shape.first_line()),
            Top::Xml => false,
        }
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        if input.top == Top::Text {
            return csv(input, report);
        }
        let wants = [Want::Each(""), Want::Each("scanResult"), Want::Whole("version")];
        json::read(&mut input, &["", "scanResult"], &wants, report, &mut |report, at, value| match at.place {
            "version" => {
                report.version(value.as_str().map(|text| text.split_whitespace().next().unwrap_or_default().to_owned()));
                Ok(())
            }
            "scanResult" => host(report, Fields::of(value)?),
            _ => line(report, Fields::of(value)?, None, None),
        })
    }
}

fn is_csv(line: &str) -> bool {
    line.replace('"', "").starts_with("id,fqdn/ip,port,severity,finding")
}

fn csv(mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
    let mut rows = ::csv::ReaderBuilder::new().flexible(true).from_reader(input.reader());
    let names = rows.headers().map_err(|e| Error::parse(format!("the heading is not CSV: {e}")).at(1, 1))?.clone();
    if !names.iter().any(|name| name == "finding") {
        return Err(Error::parse("the heading has no `finding`: this is not a report of testssl").at(1, 1));
    }
    for row in rows.records() {
        let index = report.next_item();
        let done = match row {
            Ok(row) => {
                let cells: Map<String, Value> = names.iter().zip(&row).map(|(n, cell)| (n.to_owned(), cell.into())).collect();
                line(report, Fields::or_empty(cells.into()), None, None)
            }
            Err(e) if e.is_io_error() => return Err(Error::parse(format!("row {} is not CSV: {e}", index + 1))),
            Err(e) => Err(bad(e.to_string())),
        };
        match done {
            Ok(()) => {}
            Err(Stop::Item(why)) => report.quarantine(format!("row {}", index + 1), why)?,
            Err(Stop::Document(error)) => return Err(error),
        }
    }
    Ok(())
}

/// A host of the pretty form: lists of lines, one list for each kind of test.
fn host(report: &mut Report<'_>, mut item: Fields) -> Result<(), Stop> {
    let host = item.first_text(&["targetHost", "ip"]);
    let port = item.text("port");
    for (name, lines) in item.entries() {
        let Value::Array(lines) = lines else { continue };
        report.each(&name, lines, &mut |report, value| line(report, Fields::of(value)?, host.as_deref(), port.as_deref()))?;
    }
    Ok(())
}

fn line(report: &mut Report<'_>, mut item: Fields, host: Option<&str>, port: Option<&str>) -> Result<(), Stop> {
    let id = item.text("id").ok_or_else(|| bad("`id` is missing"))?;
    let text = item.text("finding").unwrap_or_default();
    // `host.example/192.0.2.1`
    let place = item.first_text(&["fqdn/ip", "ip"]).or_else(|| host.map(str::to_owned)).unwrap_or_default();
    let name = place.split('/').find(|part| !part.is_empty()).unwrap_or_default().to_owned();
    let port = item.text("port").or_else(|| port.map(str::to_owned)).and_then(|port| port.trim().parse::<u16>().ok());
    let word = item.text("severity").unwrap_or_default();
    match word.as_str() {
        "WARN" => report.missed(format!("{name}: {id}"), text.clone()),
        "FATAL" => report.failed(text.clone()),
        _ => {}
    }
    let Some(severity) = words::pick(&word, SEVERITIES) else { return Ok(()) };
    let mut finding = report.finding(severity, format!("{}: {}", id.trim(), words::first_sentence(&text)));
    finding.vulnerability_ids = dependency::advisories(item.text("cve").unwrap_or_default().split([' ', ',']).map(str::to_owned));
    let weaknesses = item.text("cwe").map(|text| words::cwes(&text.replace(' ', ",").into())).unwrap_or_default();
    dependency::weaknesses(&mut finding, &mut item, weaknesses);
    finding.description = text;
    finding.rule_id = Some(format!("testssl-{}", id.trim()));
    finding.metadata.endpoint = Some(Box::new(Endpoint {
        host: Some(name.to_ascii_lowercase()),
        port,
        protocol: Some("tcp".to_owned()),
        ..Endpoint::default()
    }));
    item.keep("address", place);
    finding.metadata.tool = item.rest();
    report.push(finding)
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};
    use crate::model::Severity;

    #[test]
    fn every_form() {
        let lines = r#"{"id":"SSLv2","ip":"h.example/192.0.2.1","port":"443","severity":"OK","finding":"not offered"},
            {"id":"DROWN","ip":"h.example/192.0.2.1","port":"443","severity":"HIGH","finding":"vulnerable to DROWN","cve":"CVE-2016-0800 CVE-2016-0703","cwe":"CWE-310"},
            {"id":"grade","ip":"h.example/192.0.2.1","port":"443","severity":"WARN","finding":"not tested"}"#;
        let pretty = r#"{"Invocation":"testssl","version":"3.0.8 ","scanResult":[{"targetHost":"h.example","ip":"192.0.2.1","port":"443","protocols":[{"id":"SSLv2","severity":"OK","finding":"no"}],
            "vulnerabilities":[{"id":"DROWN","severity":"HIGH","cve":"CVE-2016-0800 CVE-2016-0703","cwe":"CWE-310","finding":"vulnerable to DROWN"},{"id":"grade","severity":"WARN","finding":"x"}]}]}"#;
        let rows = "\"id\",\"fqdn/ip\",\"port\",\"severity\",\"finding\",\"cve\",\"cwe\"\n\"SSLv2\",\"h.example/1.2.3.4\",\"443\",\"OK\",\"no\",\"\",\"\"\n\
            \"DROWN\",\"h.example/1.2.3.4\",\"443\",\"HIGH\",\"vulnerable to DROWN\",\"CVE-2016-0800 CVE-2016-0703\",\"CWE-310\"\n\
            \"grade\",\"h.example/1.2.3.4\",\"443\",\"WARN\",\"not tested\",\"\",\"\"\n";
        for text in [format!("[{lines}]"), pretty.to_owned(), rows.to_owned()] {
            let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
            let [f] = result.findings.as_slice() else { panic!("{text} {result:?}") };
            assert_eq!(
                (f.title.as_str(), f.severity, f.cwe.as_deref()),
                ("DROWN: vulnerable to DROWN", Severity::High, Some("CWE-310"))
            );
            assert_eq!(
                (f.vulnerability_ids.len(), f.scanner.as_str(), f.rule_id.as_deref()),
                (2, "testssl", Some("testssl-DROWN"))
            );
            let endpoint = f.metadata.endpoint.as_deref().unwrap();
            assert_eq!((endpoint.host.as_deref(), endpoint.port), (Some("h.example"), Some(443)));
            assert_eq!(result.scanners[0].status.as_str(), "partial");
        }
    }
}
