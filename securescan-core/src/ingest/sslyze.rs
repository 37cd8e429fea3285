//! SSLyze: `--json_out`. It lists facts: a finding is one that is a known weakness of TLS, one for each server.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop};
use super::{Input, Parser, ParserMeta, Shape, Top};
use crate::Result;
use crate::model::{Endpoint, ScanType, Severity};
use serde_json::Value;

pub(super) struct Sslyze;

const META: ParserMeta = ParserMeta {
    id: "sslyze",
    title: "SSLyze JSON",
    versions_read: "3.x – 6.x",
    upstream: "https://nabla-c0d3.github.io/sslyze/documentation/json-output.html",
    scan_type: ScanType::Network,
};

/// A weakness: where the fact stands, what it is then, severity, title, CVE or nothing, what to do.
type Weakness = (&'static str, &'static str, fn(&Value) -> bool, Severity, &'static str, &'static str, &'static str);

const OLD: &str = "Allow TLS 1.2 and 1.3 only";

/// # Source
/// RFC 6176 (SSL 2), RFC 7568 (SSL 3), RFC 8996 (TLS 1.0 and 1.1), RFC 5746 (renegotiation); the CVEs named.
const WEAKNESSES: &[Weakness] = &[
    (
        "heartbleed",
        "is_vulnerable_to_heartbleed",
        yes,
        Severity::Critical,
        "Heartbleed",
        "CVE-2014-0160",
        "Update OpenSSL and replace the keys",
    ),
    (
        "openssl_ccs_injection",
        "is_vulnerable_to_ccs_injection",
        yes,
        Severity::High,
        "OpenSSL CCS injection",
        "CVE-2014-0224",
        "Update OpenSSL",
    ),
    (
        "robot",
        "robot_result",
        vulnerable,
        Severity::High,
        "ROBOT: RSA decryption oracle",
        "CVE-2017-13099",
        "Turn off RSA key exchange",
    ),
    (
        "tls_compression",
        "supports_compression",
        yes,
        Severity::Medium,
        "TLS compression (CRIME)",
        "CVE-2012-4929",
        "Turn off TLS compression",
    ),
    (
        "session_renegotiation",
        "supports_secure_renegotiation",
        no,
        Severity::Medium,
        "Insecure renegotiation",
        "CVE-2009-3555",
        "Turn on secure renegotiation (RFC 5746)",
    ),
    (
        "session_renegotiation",
        "accepts_client_renegotiation",
        yes,
        Severity::Low,
        "Renegotiation started by clients",
        "CVE-2011-1473",
        "Turn off renegotiation by clients",
    ),
    (
        "session_renegotiation",
        "is_vulnerable_to_client_renegotiation_dos",
        yes,
        Severity::Low,
        "Renegotiation started by clients",
        "CVE-2011-1473",
        "Turn off renegotiation by clients",
    ),
    ("ssl_2_0_cipher_suites", "accepted_cipher_suites", some, Severity::High, "SSL 2.0 is accepted", "CVE-2016-0800", OLD),
    ("ssl_3_0_cipher_suites", "accepted_cipher_suites", some, Severity::High, "SSL 3.0 is accepted", "CVE-2014-3566", OLD),
    ("tls_1_0_cipher_suites", "accepted_cipher_suites", some, Severity::Medium, "TLS 1.0 is accepted", "", OLD),
    ("tls_1_1_cipher_suites", "accepted_cipher_suites", some, Severity::Medium, "TLS 1.1 is accepted", "", OLD),
];

fn yes(value: &Value) -> bool {
    value == &Value::Bool(true)
}

fn no(value: &Value) -> bool {
    value == &Value::Bool(false)
}

fn vulnerable(value: &Value) -> bool {
    value.as_str().is_some_and(|word| word.starts_with("VULNERABLE"))
}

fn some(value: &Value) -> bool {
    value.as_array().is_some_and(|list| !list.is_empty())
}

impl Parser for Sslyze {
    fn meta(&self) -> &'static ParserMeta {
        &META
    }

    fn detect(&self, shape: &Shape<'_>) -> bool {
        shape.top == Top::Object
            && shape.has("server_scan_results")
            && shape.has_any(&["sslyze_version", "date_scans_started", "total_scan_time"])
    }

    fn parse(&self, mut input: Input<'_>, report: &mut Report<'_>) -> Result<()> {
        let wants = [Want::Each("server_scan_results"), Want::Each("server_connectivity_errors"), Want::Whole("sslyze_version")];
        json::read(&mut input, &["server_scan_results"], &wants, report, &mut |report, at, value| {
            match at.place {
                "sslyze_version" => report.version(value.as_str().map(str::to_owned)),
                "server_connectivity_errors" => {
                    let mut server = Fields::or_empty(value);
                    let (place, why) = (endpoint(&server), server.text("error_message"));
                    report.missed(shown(&place), why.unwrap_or_else(|| "no connection".to_owned()));
                }
                _ => server(report, Fields::of(value)?)?,
            }
            Ok(())
        })
    }
}

fn endpoint(server: &Fields) -> Endpoint {
    let at = |name: &str| {
        ["server_location", "server_info.server_location"].iter().find_map(|place| server.peek(&format!("{place}.{name}")))
    };
    let host = at("hostname").or_else(|| at("ip_address")).and_then(Value::as_str);
    Endpoint {
        host: host.map(str::to_ascii_lowercase),
        port: at("port").and_then(Value::as_u64).and_then(|port| u16::try_from(port).ok()),
        protocol: Some("tcp".to_owned()),
        ..Endpoint::default()
    }
}

fn shown(endpoint: &Endpoint) -> String {
    let host = endpoint.host.as_deref().unwrap_or("a server");
    endpoint.port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn server(report: &mut Report<'_>, mut server: Fields) -> Result<(), Stop> {
    let endpoint = endpoint(&server);
    let place = shown(&endpoint);
    let failed = server.text("connectivity_status").filter(|status| status != "COMPLETED");
    let Some(results) = server.value("scan_result").or_else(|| server.value("scan_commands_results")) else {
        report.missed(place, failed.unwrap_or_else(|| "not scanned".to_owned()));
        return Ok(());
    };
    report.target(place.clone());
    // Since version 5 a result stands below its status.
    let fact = |test: &str, name: &str| {
        let test = results.get(test)?;
        test.get("result").filter(|result| result.is_object()).unwrap_or(test).get(name)
    };
    for (test, _) in
        results.as_object().into_iter().flatten().filter(|(_, test)| test.get("status").is_some_and(|s| s == "ERROR"))
    {
        report.missed(format!("{place}: {test}"), "the test failed");
    }
    for (test, name, is_weak, severity, title, cve, advice) in WEAKNESSES {
        if fact(test, name).is_some_and(is_weak) {
            push(report, &endpoint, test, (*severity, title, cve, advice))?;
        }
    }
    let deployments = fact("certificate_info", "certificate_deployments").and_then(Value::as_array);
    let any = |is: fn(&Value) -> bool| deployments.into_iter().flatten().any(is);
    let renew = "Use a certificate for this name, from an authority that is trusted";
    if any(|d| d.get("leaf_certificate_subject_matches_hostname").is_some_and(no)) {
        push(report, &endpoint, "certificate-name", (Severity::High, "The certificate is for another name", "", renew))?;
    }
    if any(is_untrusted) {
        push(report, &endpoint, "certificate-trust", (Severity::High, "The certificate is not trusted", "", renew))?;
    }
    Ok(())
}

/// Whether no store trusts it. Before version 6 only the error tells.
fn is_untrusted(deployment: &Value) -> bool {
    let results = deployment.get("path_validation_results").and_then(Value::as_array);
    let failed = |result: &Value| match result.get("was_validation_successful") {
        Some(success) => no(success),
        None => result.get("openssl_error_string").is_some_and(Value::is_string),
    };
    results.is_some_and(|results| !results.is_empty() && results.iter().all(failed))
}

type Said<'a> = (Severity, &'a str, &'a str, &'a str);

fn push(report: &mut Report<'_>, endpoint: &Endpoint, test: &str, (severity, title, cve, advice): Said<'_>) -> Result<(), Stop> {
    let mut finding = report.finding(severity, title);
    finding.description = format!("{}: {title}.", shown(endpoint));
    finding.remediation = advice.to_owned();
    finding.rule_id = Some(format!("sslyze-{}", test.replace('_', "-")));
    finding.cwe = Some(if test.starts_with("certificate") { "CWE-295" } else { "CWE-326" }.to_owned());
    finding.vulnerability_ids = Some(cve.to_owned()).filter(|cve| !cve.is_empty()).into_iter().collect();
    finding.metadata.endpoint = Some(Box::new(endpoint.clone()));
    report.push(finding)
}

#[cfg(test)]
mod tests {
    use super::super::{IngestOptions, parse};
    use serde_json::json;

    #[test]
    fn weaknesses_of_old_and_new() {
        let place = json!({"hostname": "H.example", "port": 443, "ip_address": "1.2.3.4"});
        let chain = |ok: serde_json::Value| json!({"certificate_deployments": [{"leaf_certificate_subject_matches_hostname": false, "path_validation_results": [ok]}]});
        let new = json!({"date_scans_started": "d", "sslyze_version": "6.2.0", "server_scan_results": [
            {"connectivity_status": "COMPLETED", "server_location": place, "scan_result": {
                "heartbleed": {"status": "COMPLETED", "result": {"is_vulnerable_to_heartbleed": true}},
                "tls_1_0_cipher_suites": {"status": "COMPLETED", "result": {"accepted_cipher_suites": [{}]}},
                "robot": {"status": "ERROR", "result": null},
                "certificate_info": {"status": "COMPLETED", "result": chain(json!({"was_validation_successful": false}))}}},
            {"connectivity_status": "ERROR", "server_location": place, "scan_result": null}]});
        let old = json!({"sslyze_version": "3.0.7", "total_scan_time": 1.0,
            "server_connectivity_errors": [{"server_location": place, "error_message": "refused"}, {}],
            "server_scan_results": [{"server_info": {"server_location": place}, "scan_commands_results": {
                "heartbleed": {"is_vulnerable_to_heartbleed": true}, "tls_1_0_cipher_suites": {"accepted_cipher_suites": [{}]},
                "certificate_info": chain(json!({"openssl_error_string": "self signed"}))}}]});
        for (report, version) in [(new, "6.2.0"), (old, "3.0.7")] {
            let result = parse(report.to_string().as_bytes(), None, &IngestOptions::default()).unwrap();
            let rules: Vec<_> = result.findings.iter().map(|f| f.rule_id.as_deref().unwrap()).collect();
            assert_eq!(
                rules,
                ["sslyze-heartbleed", "sslyze-tls-1-0-cipher-suites", "sslyze-certificate-name", "sslyze-certificate-trust"]
            );
            let f = &result.findings[0];
            assert_eq!((f.vulnerability_ids.as_slice(), f.severity.as_str()), (&["CVE-2014-0160".to_owned()][..], "critical"));
            assert_eq!(f.metadata.endpoint.as_deref().unwrap().host.as_deref(), Some("h.example"));
            assert_eq!((result.scanners[0].version.as_deref(), result.scanners[0].skipped.len()), (Some(version), 2));
        }
    }
}
