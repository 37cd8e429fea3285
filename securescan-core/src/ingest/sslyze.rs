//! SSLyze: `--json_out`. It lists facts: a finding is one that is a known weakness of TLS, one for each server.

use super::fields::Fields;
use super::json::{self, Want};
use super::report::{Report, Stop};
use super::{Input, Parser, ParserMeta, Shape, Top};
use crate::Result;
use crate::model::{Endpoint, ScanType, Severity};
use serde_json::Value;
use std::collections::BTreeMap;

pub(super) struct Sslyze;

const META: ParserMeta = ParserMeta {
    id: "sslyze",
    title: "SSLyze JSON",
    versions_read: "3.x – 6.x",
    upstream: "https://nabla-c0d3.github.io/sslyze/documentation/json-output.html",
    scan_type: ScanType::Network,
};

/// Where SSLyze writes a fact: since version 5, and before.
macro_rules! at {
    ($fact:literal) => {
        concat!("server_scan_results.scan_result.", $fact)
    };
    (old $fact:literal) => {
        concat!("server_scan_results.scan_commands_results.", $fact)
    };
}

/// A weakness: where the fact stands, what it is then, severity, title, CVE or nothing, what to do.
type Weakness = ([&'static str; 2], fn(&Value) -> bool, Severity, &'static str, &'static str, &'static str);

const OLD: &str = "Allow TLS 1.2 and 1.3 only";
const RENEGOTIATION: &str = "Turn off renegotiation by clients";

/// # Source
/// RFC 6176 (SSL 2), RFC 7568 (SSL 3), RFC 8996 (TLS 1.0 and 1.1), RFC 5746 (renegotiation); the CVEs named.
const WEAKNESSES: &[Weakness] = &[
    (
        [at!("heartbleed.result.is_vulnerable_to_heartbleed"), at!(old "heartbleed.is_vulnerable_to_heartbleed")],
        yes,
        Severity::Critical,
        "Heartbleed",
        "CVE-2014-0160",
        "Update OpenSSL and replace the keys",
    ),
    (
        [
            at!("openssl_ccs_injection.result.is_vulnerable_to_ccs_injection"),
            at!(old "openssl_ccs_injection.is_vulnerable_to_ccs_injection"),
        ],
        yes,
        Severity::High,
        "OpenSSL CCS injection",
        "CVE-2014-0224",
        "Update OpenSSL",
    ),
    (
        [at!("robot.result.robot_result"), at!(old "robot.robot_result")],
        vulnerable,
        Severity::High,
        "ROBOT: RSA decryption oracle",
        "CVE-2017-13099",
        "Turn off RSA key exchange",
    ),
    (
        [at!("tls_compression.result.supports_compression"), at!(old "tls_compression.supports_compression")],
        yes,
        Severity::Medium,
        "TLS compression (CRIME)",
        "CVE-2012-4929",
        "Turn off TLS compression",
    ),
    (
        [
            at!("session_renegotiation.result.supports_secure_renegotiation"),
            at!(old "session_renegotiation.supports_secure_renegotiation"),
        ],
        no,
        Severity::Medium,
        "Insecure renegotiation",
        "CVE-2009-3555",
        "Turn on secure renegotiation (RFC 5746)",
    ),
    (
        [
            at!("session_renegotiation.result.is_vulnerable_to_client_renegotiation_dos"),
            at!(old "session_renegotiation.accepts_client_renegotiation"),
        ],
        yes,
        Severity::Low,
        "Renegotiation started by clients",
        "CVE-2011-1473",
        RENEGOTIATION,
    ),
    (
        [at!("ssl_2_0_cipher_suites.result.accepted_cipher_suites"), at!(old "ssl_2_0_cipher_suites.accepted_cipher_suites")],
        some,
        Severity::High,
        "SSL 2.0 is accepted",
        "CVE-2016-0800",
        OLD,
    ),
    (
        [at!("ssl_3_0_cipher_suites.result.accepted_cipher_suites"), at!(old "ssl_3_0_cipher_suites.accepted_cipher_suites")],
        some,
        Severity::High,
        "SSL 3.0 is accepted",
        "CVE-2014-3566",
        OLD,
    ),
    (
        [at!("tls_1_0_cipher_suites.result.accepted_cipher_suites"), at!(old "tls_1_0_cipher_suites.accepted_cipher_suites")],
        some,
        Severity::Medium,
        "TLS 1.0 is accepted",
        "",
        OLD,
    ),
    (
        [at!("tls_1_1_cipher_suites.result.accepted_cipher_suites"), at!(old "tls_1_1_cipher_suites.accepted_cipher_suites")],
        some,
        Severity::Medium,
        "TLS 1.1 is accepted",
        "",
        OLD,
    ),
];

const CERTIFICATES: [&str; 2] =
    [at!("certificate_info.result.certificate_deployments"), at!(old "certificate_info.certificate_deployments")];
const NAMES: [&str; 2] = [
    at!("certificate_info.result.certificate_deployments.leaf_certificate_subject_matches_hostname"),
    at!(old "certificate_info.certificate_deployments.leaf_certificate_subject_matches_hostname"),
];
const PATHS: [&str; 2] = [
    at!("certificate_info.result.certificate_deployments.path_validation_results"),
    at!(old "certificate_info.certificate_deployments.path_validation_results"),
];
const VALID: [&str; 2] = [
    at!("certificate_info.result.certificate_deployments.path_validation_results.was_validation_successful"),
    at!(old "certificate_info.certificate_deployments.path_validation_results.was_validation_successful"),
];
const INVALID: [&str; 2] = [
    at!("certificate_info.result.certificate_deployments.path_validation_results.openssl_error_string"),
    at!(old "certificate_info.certificate_deployments.path_validation_results.openssl_error_string"),
];

/// How the tests went, since version 5.
const STATUSES: &[&str] = &[
    at!("heartbleed.status"),
    at!("openssl_ccs_injection.status"),
    at!("robot.status"),
    at!("tls_compression.status"),
    at!("session_renegotiation.status"),
    at!("ssl_2_0_cipher_suites.status"),
    at!("ssl_3_0_cipher_suites.status"),
    at!("tls_1_0_cipher_suites.status"),
    at!("tls_1_1_cipher_suites.status"),
    at!("certificate_info.status"),
];

const LOCATIONS: [&str; 2] = ["server_scan_results.server_location", "server_scan_results.server_info.server_location"];
const CONNECTED: &str = "server_scan_results.connectivity_status";

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
        let mut wants = vec![
            Want::Each("server_connectivity_errors"),
            Want::Whole("sslyze_version"),
            Want::End("server_scan_results"),
            Want::Whole(CONNECTED),
        ];
        // One by one: beside the facts stand the numbers of keys, which are longer than any number that JSON readers hold.
        let whole = WEAKNESSES.iter().flat_map(|weakness| weakness.0).chain(STATUSES.iter().copied());
        wants.extend(whole.chain(NAMES).chain(VALID).chain(INVALID).chain(LOCATIONS).map(Want::Whole));
        wants.extend(CERTIFICATES.into_iter().chain(PATHS).map(Want::End));
        let mut server = Server::default();
        json::read(&mut input, &["server_scan_results"], &wants, report, &mut |report, at, value| match at.place {
            "sslyze_version" => {
                report.version(value.as_str().map(str::to_owned));
                Ok(())
            }
            "server_connectivity_errors" => {
                let mut server = Fields::or_empty(value);
                let place = ["server_location", "server_info.server_location"].iter().find_map(|place| server.peek(place));
                let place = shown(&endpoint(place.unwrap_or_default()));
                report.missed(place, server.text("error_message").unwrap_or_else(|| "no connection".to_owned()));
                Ok(())
            }
            "server_scan_results" => std::mem::take(&mut server).finish(report),
            place => {
                server.take(place, value);
                Ok(())
            }
        })
    }
}

/// What is known of a server when its object ends.
#[derive(Default)]
struct Server {
    place: Value,
    connected: Option<String>,
    facts: BTreeMap<&'static str, Value>,
    failed: Vec<&'static str>,
    other_name: bool,
    untrusted: bool,
    /// Of the certificate being read: whether each store trusts it.
    trusted: Vec<bool>,
    /// Of the store being read: what it says, and whether it gives an error.
    success: Option<bool>,
    error: bool,
}

impl Server {
    fn take(&mut self, place: &'static str, value: Value) {
        if LOCATIONS.contains(&place) {
            self.place = value;
        } else if place == CONNECTED {
            self.connected = value.as_str().map(str::to_owned);
        } else if STATUSES.contains(&place) {
            self.failed.extend(value.as_str().filter(|status| *status == "ERROR").map(|_| place));
        } else if NAMES.contains(&place) {
            self.other_name |= no(&value);
        } else if VALID.contains(&place) {
            self.success = value.as_bool();
        } else if INVALID.contains(&place) {
            self.error = value.is_string();
        } else if PATHS.contains(&place) {
            // Before version 5 only the error tells.
            self.trusted.push(self.success.take().unwrap_or(!self.error));
            self.error = false;
        } else if CERTIFICATES.contains(&place) {
            let trusted = std::mem::take(&mut self.trusted);
            self.untrusted |= !trusted.is_empty() && !trusted.contains(&true);
        } else {
            self.facts.insert(place, value);
        }
    }

    fn finish(self, report: &mut Report<'_>) -> Result<(), Stop> {
        let endpoint = endpoint(&self.place);
        let place = shown(&endpoint);
        if let Some(status) = self.connected.filter(|status| status != "COMPLETED") {
            report.missed(place, status);
            return Ok(());
        }
        report.target(place.clone());
        for test in self.failed {
            report.missed(format!("{place}: {}", test_of(test)), "the test failed");
        }
        for (places, is_weak, severity, title, cve, advice) in WEAKNESSES {
            let weak = places.iter().find(|place| self.facts.get(*place).is_some_and(is_weak));
            if let Some(place) = weak {
                push(report, &endpoint, test_of(place), (*severity, title, cve, advice))?;
            }
        }
        let renew = "Use a certificate for this name, from an authority that is trusted";
        if self.other_name {
            push(report, &endpoint, "certificate-name", (Severity::High, "The certificate is for another name", "", renew))?;
        }
        if self.untrusted {
            push(report, &endpoint, "certificate-trust", (Severity::High, "The certificate is not trusted", "", renew))?;
        }
        Ok(())
    }
}

/// The test in a place.
fn test_of(place: &str) -> &str {
    place.split('.').nth(2).unwrap_or_default()
}

fn endpoint(place: &Value) -> Endpoint {
    let host = place.get("hostname").or_else(|| place.get("ip_address")).and_then(Value::as_str);
    Endpoint {
        host: host.map(str::to_ascii_lowercase),
        port: place.get("port").and_then(Value::as_u64).and_then(|port| u16::try_from(port).ok()),
        protocol: Some("tcp".to_owned()),
        ..Endpoint::default()
    }
}

fn shown(endpoint: &Endpoint) -> String {
    let host = endpoint.host.as_deref().unwrap_or("a server");
    endpoint.port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
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
                "robot": {"status": "ERROR", "result": null}, "session_resumption": {"result": {"n": "modulus"}},
                "certificate_info": {"status": "COMPLETED", "result": chain(json!({"was_validation_successful": false}))}}},
            {"connectivity_status": "ERROR", "server_location": place, "scan_result": null}]});
        let old = json!({"sslyze_version": "3.0.7", "total_scan_time": 1.0,
            "server_connectivity_errors": [{"server_location": place, "error_message": "refused"}, {}],
            "server_scan_results": [{"server_info": {"server_location": place}, "scan_commands_results": {
                "heartbleed": {"is_vulnerable_to_heartbleed": true}, "tls_1_0_cipher_suites": {"accepted_cipher_suites": [{}]},
                "certificate_info": chain(json!({"openssl_error_string": "self signed"}))}}]});
        for (report, version) in [(new, "6.2.0"), (old, "3.0.7")] {
            let text = report.to_string().replace("\"modulus\"", &"9".repeat(600));
            let result = parse(text.as_bytes(), None, &IngestOptions::default()).unwrap();
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
