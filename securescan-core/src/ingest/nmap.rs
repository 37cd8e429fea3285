//! Nmap's XML: one finding for each open port.

use super::report::{Report, Stop};
use super::xml::{self, Element};
use super::{Input, Parser, ParserMeta, Shape, Top};
use crate::Result;
use crate::model::{Endpoint, ScanType, Severity};
use serde_json::{Map, Value, json};

pub(super) struct Nmap;

const META: ParserMeta = ParserMeta {
    id: "nmap",
    title: "Nmap XML",
    versions_read: "4 – 7 (`xmloutputversion` 1.x)",
    upstream: "https://nmap.org/book/nmap-dtd.html",
    scan_type: ScanType::Network,
};

/// Services that should not be reachable, by port and by what Nmap calls them: severity, and what is wrong with them.
///
/// # Source
/// Scanner specification, section 6.9: its rule for severity, its list of services beyond it.
const SERVICES: &[(&[u16], &[&str], Severity, &str)] = &[
    (&[21], &["ftp"], Severity::High, "FTP sends credentials and data in clear."),
    (&[23], &["telnet"], Severity::High, "Telnet sends credentials and data in clear."),
    (
        &[512, 513, 514],
        &["rsh", "rlogin", "rexec", "shell", "login", "exec"],
        Severity::High,
        "The r-services trust addresses and send everything in clear.",
    ),
    (&[5900, 5901], &["vnc", "vnc-http"], Severity::High, "VNC often has a weak password or none, and no encryption."),
    (&[6379], &["redis"], Severity::High, "Redis has no authentication by default."),
    (&[27017], &["mongod", "mongodb"], Severity::High, "MongoDB has no authentication by default."),
    (&[11211], &["memcached", "memcache"], Severity::High, "Memcached has no authentication and can be used to amplify attacks."),
    (&[2375], &["docker"], Severity::High, "An open Docker API gives whoever reaches it the host."),
    (&[2379, 2380], &["etcd-client", "etcd-server"], Severity::High, "etcd holds the secrets of a cluster."),
    (&[10250, 10255], &["kubelet"], Severity::High, "An open kubelet lets whoever reaches it run commands in its pods."),
    (&[9200, 9300], &["elasticsearch", "wap-wsp"], Severity::High, "Elasticsearch has no authentication by default."),
    (&[8888], &["jupyter"], Severity::High, "A Jupyter server runs any code it is given."),
    (&[6000], &["x11"], Severity::High, "An open X server shows screen and keyboard to whoever connects."),
    (&[873], &["rsync"], Severity::High, "rsync modules are often readable without a password, and never encrypted."),
    (&[623], &["asf-rmcp", "ipmi"], Severity::High, "IPMI gives away password hashes by design."),
    (&[3306], &["mysql", "mariadb"], Severity::Medium, "A database should not be reachable from outside."),
    (&[5432], &["postgresql", "postgres"], Severity::Medium, "A database should not be reachable from outside."),
    (&[1433], &["ms-sql-s", "mssql"], Severity::Medium, "A database should not be reachable from outside."),
    (&[1521], &["oracle", "oracle-tns"], Severity::Medium, "A database should not be reachable from outside."),
    (&[135], &["msrpc"], Severity::Medium, "Windows RPC should not be reachable from outside."),
    (&[139], &["netbios-ssn"], Severity::Medium, "File sharing should not be reachable from outside."),
    (&[445], &["microsoft-ds"], Severity::Medium, "File sharing should not be reachable from outside."),
    (&[3389], &["ms-wbt-server"], Severity::Medium, "Remote desktop is a common way in; put it behind a gateway."),
    (&[5985, 5986], &["wsman", "winrm"], Severity::Medium, "Remote management should not be reachable from outside."),
    (&[2049], &["nfs"], Severity::Medium, "NFS trusts addresses."),
    (&[389], &["ldap"], Severity::Medium, "LDAP sends credentials in clear."),
    (&[161], &["snmp"], Severity::Medium, "SNMP before version 3 sends its password in clear."),
    (&[5601], &["kibana", "esmagent"], Severity::Medium, "A management interface should not be reachable from outside."),
    (&[15672], &["rabbitmq"], Severity::Medium, "A management interface should not be reachable from outside."),
];

impl Parser for Nmap {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        shape.top == Top::Xml && shape.root() == "nmaprun"
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let items = ["host", "runstats", "target"];
        xml::read(&mut input, &["nmaprun"], &["nmaprun"], &items, report, &mut |report, _, element| {
            match element.name.as_str() {
                "nmaprun" => report.version(element.attribute("version").map(str::to_owned)),
                "runstats" => ended(report, &element),
                // <target specification="…" status="skipped" reason="invalid"/>
                "target" => report.missed(
                    element.attribute("specification").unwrap_or("target"),
                    element.attribute("reason").or(element.attribute("status")).unwrap_or("skipped"),
                ),
                _ => host(report, &element)?,
            }
            Ok(())
        })
    }
}

/// How the run ended: nothing that answered is not "nothing open".
fn ended(report: &mut Report<'_>, stats: &Element) {
    if let Some(finished) = stats.child("finished")
        && finished.attribute("exit").is_some_and(|exit| exit != "success")
    {
        report.failed(finished.attribute("errormsg").unwrap_or("nmap ended with an error"));
    }
    if stats.child("hosts").and_then(|h| h.attribute("up")) == Some("0") {
        report.missed("hosts", "no host answered");
    }
}

fn host(report: &mut Report<'_>, host: &Element) -> Result<(), Stop> {
    let kind = |kind: &'static str| host.all("address").find(move |a| a.attribute("addrtype") == Some(kind));
    let address = kind("ipv4").or_else(|| kind("ipv6")).or_else(|| host.child("address")).and_then(|a| a.attribute("addr"));
    let names = host.child("hostnames").into_iter().flat_map(|h| h.all("hostname")).filter_map(|h| h.attribute("name"));
    let names: Vec<&str> = names.take(20).collect();
    let shown = address.or(names.first().copied()).unwrap_or("unknown host").to_owned();
    if host.child("status").and_then(|s| s.attribute("state")) == Some("up") {
        report.target(shown.clone());
    }
    for port in host.all("ports").flat_map(|ports| ports.all("port")) {
        if port.child("state").and_then(|s| s.attribute("state")) == Some("open") {
            open(report, &shown, &names, port)?;
        }
    }
    Ok(())
}

fn open(report: &mut Report<'_>, host: &str, names: &[&str], port: &Element) -> Result<(), Stop> {
    let Some(number) = port.attribute("portid").and_then(|p| p.trim().parse::<u16>().ok()) else {
        return report.quarantine(format!("port of {host}"), "`portid` is not a port number".to_owned()).map_err(Stop::from);
    };
    let protocol = port.attribute("protocol").unwrap_or("tcp").to_ascii_lowercase();
    let of_service = |name: &str| port.child("service").and_then(|s| s.attribute(name)).map(str::to_owned);
    let (service, product, version) = (of_service("name"), of_service("product"), of_service("version"));
    let parts: Vec<&str> = [&service, &product, &version].into_iter().filter_map(|p| p.as_deref()).collect();
    let what = if parts.is_empty() { "unknown".to_owned() } else { parts.join(" ") };
    let known = known(number, service.as_deref());
    let severity = known.map_or(Severity::Info, |(severity, _)| severity);
    let mut finding = report.finding(severity, format!("Open port {number}/{protocol}: {what}"));
    let why = known.map(|(_, why)| format!(" {why}")).unwrap_or_default();
    finding.description = format!("Port {number}/{protocol} of {host} is open ({what}).{why}");
    finding.remediation = match severity {
        Severity::Info => "Close the port or filter it if the service is not meant to be reachable.".to_owned(),
        _ => "Close the port or let only those reach it who must; replace the service by an encrypted, authenticated one."
            .to_owned(),
    };
    finding.rule_id = Some(format!("open-port-{number}"));
    finding.metadata.endpoint = Some(Box::new(Endpoint {
        host: Some(host.to_ascii_lowercase()),
        port: Some(number),
        protocol: Some(protocol),
        ..Endpoint::default()
    }));
    finding.metadata.tool = facts(port, names, [("service", service), ("product", product), ("version", version)]);
    report.push(finding)
}

/// By what the service is called, else by its port: a service on another port is still that service.
fn known(port: u16, service: Option<&str>) -> Option<(Severity, &'static str)> {
    let service = service.map(str::to_ascii_lowercase);
    let by_name = SERVICES.iter().find(|(_, names, ..)| service.as_deref().is_some_and(|s| names.contains(&s)));
    by_name.or_else(|| SERVICES.iter().find(|(ports, ..)| ports.contains(&port))).map(|(_, _, severity, why)| (*severity, *why))
}

fn facts(port: &Element, names: &[&str], service: [(&str, Option<String>); 3]) -> Map<String, Value> {
    let mut tool: Map<String, Value> =
        service.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into()))).collect();
    if !names.is_empty() {
        tool.insert("hostnames".to_owned(), json!(names));
    }
    let cpes: Vec<&str> = port.child("service").into_iter().flat_map(|s| s.all("cpe")).map(|c| c.text.trim()).take(20).collect();
    if !cpes.is_empty() {
        tool.insert("cpe".to_owned(), json!(cpes));
    }
    let scripts: Map<String, Value> = port
        .all("script")
        .filter_map(|s| Some((s.attribute("id")?.to_owned(), s.attribute("output")?.trim().into())))
        .take(50)
        .collect();
    if !scripts.is_empty() {
        tool.insert("scripts".to_owned(), scripts.into());
    }
    tool
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};

    #[test]
    fn ports_are_findings_and_silence_is_not_clean() {
        let text = r#"<?xml version="1.0"?><!DOCTYPE nmaprun><nmaprun scanner="nmap" version="7.93"><host><status state="up"/>
            <address addr="AA:BB" addrtype="mac"/><address addr="10.0.0.2" addrtype="ipv4"/><hostnames><hostname name="db"/></hostnames>
            <ports><port protocol="tcp" portid="6380"><state state="open"/><service name="redis" product="Redis" version="7"/></port>
            <port protocol="tcp" portid="22"><state state="open"/><service name="ssh"/><script id="x" output="y&#xa;"/></port>
            <port protocol="udp" portid="53"><state state="open|filtered"/></port>
            <port protocol="tcp" portid="99999"><state state="open"/></port></ports></host>
            <runstats><finished exit="success"/><hosts up="1" down="0" total="1"/></runstats></nmaprun>"#;
        let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
        let found: Vec<_> =
            result.findings.iter().map(|f| (f.title.as_str(), f.severity.as_str(), f.rule_id.as_deref().unwrap())).collect();
        assert_eq!(
            found,
            [("Open port 6380/tcp: redis Redis 7", "high", "open-port-6380"), ("Open port 22/tcp: ssh", "info", "open-port-22"),]
        );
        let endpoint = result.findings[0].metadata.endpoint.as_deref().unwrap();
        assert_eq!(
            (endpoint.host.as_deref(), endpoint.port, endpoint.protocol.as_deref()),
            (Some("10.0.0.2"), Some(6380), Some("tcp"))
        );
        assert_eq!(result.scanners[0].targets, ["10.0.0.2"]);
        assert_eq!(result.scanners[0].status.as_str(), "partial", "one port has no number");

        let nobody = r#"<nmaprun version="7"><runstats><finished exit="success"/><hosts up="0"/></runstats></nmaprun>"#;
        assert_eq!(parse(nobody.as_bytes(), None, &IngestOptions::default()).unwrap().scanners[0].status.as_str(), "partial");
        let cut = r#"<nmaprun version="7"><host>"#;
        assert_eq!(parse(cut.as_bytes(), None, &IngestOptions::default()).unwrap_err().message(), "the report is cut short");
        let entities = "<!DOCTYPE nmaprun [<!ENTITY a 'b'>]><nmaprun/>";
        assert_eq!(parse(entities.as_bytes(), Some("nmap"), &IngestOptions::default()).unwrap_err().code(), "parse");
    }
}
