//! What `builtin_dast` says of TLS: certificates, versions, and pages that come over it.
#![cfg(feature = "scanners")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod web;

use securescan_core::model::{Finding, ScannerRun, ScannerStatus};
use securescan_core::scanners::http::{Facts, Key};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use web::{Asked, Authority, Duplex, Identity, Server, answer, certificate, days_from_now, rules, scan_url, self_signed};

const HEADERS: &[(&str, &str)] = &[
    ("Content-Type", "text/html"),
    ("Strict-Transport-Security", "max-age=63072000"),
    ("Content-Security-Policy", "default-src 'self'; base-uri 'none'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", "camera=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Embedder-Policy", "require-corp"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Set-Cookie", "__Host-sid=x; Secure; HttpOnly; Path=/; SameSite=Strict"),
];

fn good(asked: &Asked, to: &mut dyn Duplex) {
    match (asked.method.as_str(), asked.path.as_str()) {
        ("GET", "/") => answer(to, 200, HEADERS, b"<script src=/x.js></script>"),
        ("GET", "/.well-known/security.txt") => answer(to, 200, &[], b"# hello\ncontact: https://h/\n"),
        _ => answer(to, 404, &[], b""),
    }
}

fn scan(identity: Identity) -> (ScannerRun, Vec<Finding>) {
    let server = Server::https(identity, good);
    let (line, findings) = scan_url("builtin_dast", &server.url("/"), |_| {});
    assert_eq!(line.status, ScannerStatus::Ok, "{:?}", line.reason);
    (line, findings)
}

#[test]
fn certificates() {
    let authority = Authority::new();
    let (_, found) = scan(self_signed(&certificate()));
    assert_eq!(rules(&found), ["tls-certificate-self-signed"], "and nothing else");
    let endpoint = found[0].metadata.endpoint.as_deref().unwrap();
    assert_eq!((endpoint.method.as_deref(), endpoint.path.as_deref(), endpoint.scheme.as_deref()), (None, None, Some("https")));

    let (_, found) = scan(authority.sign(&certificate()));
    assert_eq!(rules(&found), ["tls-certificate-untrusted"]);
    assert!(found[0].description.contains("no trusted root issued it"), "{}", found[0].description);

    let mut old = certificate();
    old.not_before = days_from_now(-700);
    old.not_after = days_from_now(-1);
    assert_eq!(rules(&scan(authority.sign(&old)).1), ["tls-certificate-expired", "tls-certificate-untrusted"]);

    let mut early = certificate();
    early.not_before = days_from_now(1);
    assert_eq!(rules(&scan(self_signed(&early)).1), ["tls-certificate-not-yet-valid", "tls-certificate-self-signed"]);

    let mut soon = certificate();
    soon.not_after = days_from_now(10);
    assert_eq!(rules(&scan(authority.sign(&soon)).1), ["tls-certificate-expires-soon", "tls-certificate-untrusted"]);

    let mut elsewhere = certificate();
    elsewhere.subject_alt_names = vec![rcgen::SanType::DnsName("other.example".try_into().unwrap())];
    assert_eq!(rules(&scan(authority.sign(&elsewhere)).1), ["tls-certificate-name-mismatch", "tls-certificate-untrusted"]);
}

#[test]
fn pages_over_tls() {
    let authority = Authority::new();
    let server = Server::https(authority.sign(&certificate()), |asked, to| match (asked.method.as_str(), asked.path.as_str()) {
        ("GET", "/") => {
            let page = br#"<script src="http://a.example/x.js"></script><img src=http://b.example/x.png>
                <link rel=stylesheet href=http://c.example/x.css><form action=http://d.example/login>"#;
            let weak = [
                ("Strict-Transport-Security", "max-age=300"),
                ("Content-Security-Policy", "default-src 'self' http://a.example; base-uri 'none'; frame-ancestors 'none'"),
                ("Cross-Origin-Opener-Policy", "unsafe-none"),
            ];
            answer(to, 200, &weak, page);
        }
        _ => good(asked, to),
    });
    let (_, findings) = scan_url("builtin_dast", &server.url("/"), |_| {});
    let expected = [
        "csp-insecure-source",
        "form-insecure-action",
        "missing-header-cross-origin-embedder-policy",
        "missing-header-cross-origin-resource-policy",
        "missing-header-permissions-policy",
        "missing-header-referrer-policy",
        "missing-header-x-content-type-options",
        "missing-subresource-integrity",
        "mixed-content-active",
        "mixed-content-passive",
        "tls-certificate-untrusted",
        "weak-header-cross-origin-policy",
        "weak-header-strict-transport-security",
    ];
    assert_eq!(rules(&findings), expected);

    let bare = Server::https(self_signed(&certificate()), |_, to| answer(to, 200, &[], b""));
    let (_, findings) = scan_url("builtin_dast", &bare.url("/"), |_| {});
    assert!(rules(&findings).contains(&"missing-header-strict-transport-security".to_owned()));

    let plain = Server::http(good);
    let downgrade = plain.url("/");
    let away = Server::https(self_signed(&certificate()), move |_, to| answer(to, 302, &[("Location", &downgrade)], b""));
    let (line, findings) = scan_url("builtin_dast", &away.url("/"), |_| {});
    assert_eq!(line.status, ScannerStatus::Ok);
    assert!(rules(&findings).contains(&"https-downgrade-redirect".to_owned()), "{:?}", rules(&findings));
}

/// Answers the first message of a handshake as a server of old times would.
fn old_server(stream: &mut TcpStream) {
    let mut hello = [0; 11];
    if stream.read_exact(&mut hello).is_err() {
        return;
    }
    let _ = stream.set_read_timeout(Some(std::time::Duration::from_millis(50)));
    let mut rest = vec![0; 4096];
    let length = stream.read(&mut rest).unwrap_or(0);
    let offers = |suite: [u8; 2]| rest[..length].windows(2).any(|w| w == suite);
    let reply = match (hello[9], hello[10]) {
        (3, 1) => server_hello([3, 1], [0, 0x2f]),
        (3, 3) if offers([0xc0, 0x12]) && !offers([0xc0, 0x2f]) => server_hello([3, 3], [0xc0, 0x12]),
        _ => vec![21, 3, 1, 0, 2, 2, 70],
    };
    let _ = stream.write_all(&reply);
}

fn server_hello(version: [u8; 2], suite: [u8; 2]) -> Vec<u8> {
    let mut out = vec![22, 3, 1, 0, 42, 2, 0, 0, 38, version[0], version[1]];
    out.extend([7; 32]);
    out.extend([0, suite[0], suite[1], 0]);
    out
}

#[test]
fn outdated_versions() {
    let server = Server::raw("https", old_server);
    let (line, findings) = scan_url("builtin_dast", &server.url("/"), |_| {});
    // No library talks to it, so the page was not looked at; what the handshakes tell is kept.
    assert_eq!(line.status, ScannerStatus::Failed);
    assert_eq!(rules(&findings), ["tls-legacy-protocol", "tls-weak-cipher"]);
    let legacy = findings.iter().find(|f| f.rule_id.as_deref() == Some("tls-legacy-protocol")).unwrap();
    assert!(legacy.description.contains("Accepted: TLS 1.0. "), "{}", legacy.description);
    assert!(findings.iter().any(|f| f.description.contains("of the kind 3DES")));
}

fn openssl(folder: &std::path::Path, arguments: &[&str]) -> bool {
    let run = Command::new("openssl").args(arguments).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null()).status();
    run.is_ok_and(|status| status.success())
}

#[test]
fn certificates_of_another_maker() {
    let folder = tempfile::tempdir().unwrap();
    let make = |key: &str, hash: &str, extra: &[&str]| {
        let mut all =
            vec!["req", "-x509", "-nodes", "-newkey", key, hash, "-days", "30", "-subj", "/CN=127.0.0.1", "-outform", "DER"];
        all.extend(["-out", "c.der", "-keyout", "k.pem"]);
        all.extend(extra);
        openssl(folder.path(), &all).then(|| Facts::read(&std::fs::read(folder.path().join("c.der")).unwrap()).unwrap())
    };
    let Some(weak) = make("rsa:1024", "-sha1", &[]) else {
        eprintln!("skipped: no openssl to make weak certificates with");
        return;
    };
    assert_eq!((weak.key, weak.weak_hash, weak.self_issued), (Key::Rsa(1024), Some("SHA-1"), true));
    assert_eq!(weak.not_after - weak.not_before, 30 * 86_400);
    let strong = make("rsa:2048", "-sha256", &[]).unwrap();
    assert_eq!((strong.key, strong.weak_hash), (Key::Rsa(2048), None));
    let pss = make("rsa:2048", "-sha256", &["-sigopt", "rsa_padding_mode:pss"]).unwrap();
    assert_eq!(pss.weak_hash, None);
    assert_eq!(make("ec", "-sha384", &["-pkeyopt", "ec_paramgen_curve:P-384"]).unwrap().key, Key::Curve(384));
    // Cut short or changed anywhere, it is read or not, and nothing else.
    let whole = std::fs::read(folder.path().join("c.der")).unwrap();
    for at in 0..whole.len() {
        let _ = Facts::read(&whole[..at]);
        let mut changed = whole.clone();
        changed[at] ^= 0xff;
        let _ = Facts::read(&changed);
    }
    assert_eq!(Facts::read(&whole[..100]), None);
}

#[test]
fn a_real_server_with_old_settings() {
    let folder = tempfile::tempdir().unwrap();
    let request = [
        "req", "-x509", "-nodes", "-newkey", "rsa:1024", "-sha1", "-days", "30", "-subj", "/CN=x", "-out", "c.pem", "-keyout",
        "k.pem",
    ];
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let accept = free.to_string();
    let serve = [
        "s_server",
        "-accept",
        &accept,
        "-cert",
        "c.pem",
        "-key",
        "k.pem",
        "-cipher",
        "ALL:@SECLEVEL=0",
        "-min_protocol",
        "TLSv1",
        "-www",
        "-quiet",
    ];
    if !openssl(folder.path(), &request) {
        eprintln!("skipped: no openssl to serve with");
        return;
    }
    let server = Command::new("openssl")
        .args(serve)
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut server = server.unwrap();
    let mut up = false;
    for _ in 0..100 {
        up = up || TcpStream::connect(free).is_ok();
        std::thread::sleep(std::time::Duration::from_millis(if up { 0 } else { 50 }));
    }
    // It never answers a method it does not know: the limit ends the run, which has seen the rest by then.
    let (line, findings) = scan_url("builtin_dast", &format!("https://{free}/"), |r| {
        r.scanner_timeouts.insert("builtin_dast".to_owned(), std::time::Duration::from_secs(6));
    });
    let _ = server.kill();
    let _ = server.wait();
    assert!(up && line.status != ScannerStatus::Failed, "{:?}", line.reason);
    let rules = rules(&findings);
    for rule in [
        "tls-certificate-self-signed",
        "tls-certificate-name-mismatch",
        "tls-weak-key",
        "tls-weak-signature",
        "tls-legacy-protocol",
    ] {
        assert!(rules.contains(&rule.to_owned()), "{rule} is not in {rules:?}");
    }
    let legacy = findings.iter().find(|f| f.rule_id.as_deref() == Some("tls-legacy-protocol")).unwrap();
    assert!(legacy.description.contains("Accepted: TLS 1.0, TLS 1.1. "), "{}", legacy.description);
}
