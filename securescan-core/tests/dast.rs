//! The built-in scanner `builtin_dast` against servers on the loopback interface: good ones, bad ones and hostile ones.
#![cfg(feature = "scanners")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

mod web;

use securescan_core::model::{Finding, ScannerStatus, Severity};
use securescan_core::scanners::Cancel;
use std::time::Duration;
use web::{Asked, Duplex, Server, answer, rules, scan_url};

const NAME: &str = "builtin_dast";

const GOOD: &[(&str, &str)] = &[
    ("Content-Type", "text/html; charset=utf-8"),
    ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
    (
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self' 'nonce-abc' 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer, strict-origin-when-cross-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(self)"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Embedder-Policy", "require-corp"),
    ("Cross-Origin-Resource-Policy", "same-site"),
    ("X-XSS-Protection", "0"),
    ("Set-Cookie", "__Host-sid=s3cr3tcookievalue; Secure; HttpOnly; Path=/; SameSite=Lax"),
    ("Set-Cookie", "gone=; Max-Age=0"),
];

fn good(asked: &Asked, to: &mut dyn Duplex) {
    match (asked.method.as_str(), asked.path.as_str()) {
        ("GET", "/.well-known/security.txt") => answer(to, 200, &[], b"Contact: mailto:x@example.org\n"),
        ("GET", "/" | "/app?token=q") => {
            let page =
                br#"<script src="/x.js"></script><script src=https://cdn.example/x.js integrity=sha384-x crossorigin></script>
                <form action="/login"></form><img src="data:x">"#;
            answer(to, 200, GOOD, page);
        }
        ("OPTIONS", _) => answer(to, 204, &[("Allow", "GET, HEAD, OPTIONS")], b""),
        ("GET", _) => answer(to, 404, &[], b"<h1>Not found</h1>"),
        _ => answer(to, 405, &[], b""),
    }
}

const BAD: &[(&str, &str)] = &[
    ("Content-Type", "text/html"),
    ("Server", "nginx/1.18.0"),
    ("X-Powered-By", "PHP/5.4"),
    ("X-AspNet-Version", "4.0.30319"),
    ("Public-Key-Pins", "x"),
    ("Set-Cookie", "session=s3cr3tcookievalue; Path=/"),
    ("Set-Cookie", "__Secure-a=1; HttpOnly; SameSite=None"),
    ("Set-Cookie", "b=1; Secure; HttpOnly; SameSite=Sometimes"),
];

fn bad(asked: &Asked, to: &mut dyn Duplex) {
    match (asked.method.as_str(), asked.path.as_str()) {
        ("TRACE", _) => answer(to, 200, &[("Content-Type", "message/http")], asked.head.as_bytes()),
        ("OPTIONS", _) => answer(to, 200, &[("Allow", "GET, PUT, delete")], b""),
        ("GET", "/") => {
            let mut headers = BAD.to_vec();
            let origin = asked.header("Origin").unwrap_or_default().to_owned();
            headers.push(("Access-Control-Allow-Origin", &origin));
            headers.push(("Access-Control-Allow-Credentials", "true"));
            answer(to, 200, &headers, b"<script src='//cdn.example/x.js'></script><input type=password>");
        }
        ("GET", "/.git/HEAD") => answer(to, 200, &[], b"ref: refs/heads/main\n"),
        ("GET", "/.env") => answer(to, 200, &[], b"DB_PASSWORD=hunter2hunter2\n"),
        ("GET", "/.htpasswd") => answer(to, 200, &[], b"bob:$apr1$abc$def\n"),
        ("GET", "/dump.sql") => answer(to, 200, &[], b"-- MySQL dump 10.13\n"),
        ("GET", "/server-status") => answer(to, 200, &[], b"<h1>Apache Server Status for h</h1>"),
        ("GET", "/phpinfo.php") => answer(to, 200, &[], b"<title>phpinfo()</title>PHP Version 8"),
        ("GET", "/actuator") => answer(to, 200, &[], br#"{"_links":{"env":{"href":"http://h/actuator/env"}}}"#),
        ("GET", "/openapi.json") => answer(to, 200, &[], br#"{"openapi":"3.0.0"}"#),
        ("GET", "/.DS_Store") => answer(to, 200, &[], b"\0\0\0\x01Bud1\0"),
        ("GET", "/.svn/wc.db") => answer(to, 200, &[], b"SQLite format 3\0..."),
        ("GET", "/id_rsa") => answer(to, 200, &[], b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n"),
        ("GET", "/uploads/") => answer(to, 200, &[], b"<title>Index of /uploads</title>"),
        ("GET", "/backup/") => answer(to, 500, &[], b"<title>x</title>Werkzeug Debugger"),
        _ => answer(to, 500, &[], b"<pre>Traceback (most recent call last):\n</pre>"),
    }
}

fn by_rule<'a>(findings: &'a [Finding], rule: &str) -> &'a Finding {
    findings.iter().find(|f| f.rule_id.as_deref() == Some(rule)).unwrap_or_else(|| panic!("no {rule} in {:?}", rules(findings)))
}

#[test]
fn a_well_configured_server_is_left_in_peace() {
    let server = Server::http(good);
    let (line, findings) = scan_url(NAME, &server.url("/app?token=q"), |_| {});
    assert_eq!((line.status, line.reason.as_deref()), (ScannerStatus::Ok, None));
    assert_eq!(line.targets, [server.url("/app")], "without the query");
    // It is served over plain HTTP after all, where browsers refuse the cookie.
    assert_eq!(rules(&findings), ["cookie-prefix-violated", "no-https"]);
    let all = serde_json::to_string(&findings).unwrap();
    assert!(!all.contains("s3cr3tcookievalue") && !all.contains("token"), "{all}");
}

#[test]
fn every_rule_that_plain_http_can_show() {
    let server = Server::http(bad);
    let (line, findings) = scan_url(NAME, &server.url("/"), |_| {});
    assert_eq!(line.status, ScannerStatus::Ok, "{:?}", line.reason);
    let expected = [
        "cookie-invalid-samesite",
        "cookie-missing-httponly",
        "cookie-missing-samesite",
        "cookie-missing-secure",
        "cookie-prefix-violated",
        "cookie-samesite-none-insecure",
        "cors-null-origin",
        "cors-reflected-origin-credentials",
        "debug-mode",
        "deprecated-header",
        "directory-listing",
        "error-stack-trace",
        "exposed-actuator",
        "exposed-api-description",
        "exposed-backup",
        "exposed-ds-store",
        "exposed-env",
        "exposed-git",
        "exposed-password-file",
        "exposed-phpinfo",
        "exposed-private-key",
        "exposed-status-page",
        "exposed-version-control",
        "http-method-trace",
        "http-methods-announced",
        "info-disclosure-header",
        "info-disclosure-server",
        "info-disclosure-x-powered-by",
        "missing-header-content-security-policy",
        "missing-header-cross-origin-resource-policy",
        "missing-header-permissions-policy",
        "missing-header-referrer-policy",
        "missing-header-x-content-type-options",
        "missing-header-x-frame-options",
        "missing-security-txt",
        "missing-subresource-integrity",
        "no-https",
        "password-over-http",
    ];
    // Who reflects a stranger is not asked for the rest.
    let expected: Vec<_> = expected.into_iter().filter(|r| *r != "cors-null-origin").collect();
    assert_eq!(rules(&findings), expected);
    let all = serde_json::to_string(&findings).unwrap();
    assert!(!all.contains("s3cr3tcookievalue") && !all.contains("hunter2") && !all.contains("b3Bl"), "{all}");
    for finding in &findings {
        let endpoint = finding.metadata.endpoint.as_deref().unwrap();
        assert_eq!((endpoint.scheme.as_deref(), endpoint.host.as_deref()), (Some("http"), Some("127.0.0.1")));
        assert_eq!(endpoint.port, Some(server.address.port()));
        assert!(finding.file_path.is_none() && finding.confidence.is_some() && !finding.references.is_empty(), "{finding:?}");
        assert!(finding.cwe.is_some() && !finding.remediation.is_empty());
    }
    let cookie = by_rule(&findings, "cookie-missing-secure");
    assert_eq!(cookie.title, "Cookie missing Secure flag: __Secure-a");
    assert_eq!(cookie.metadata.endpoint.as_deref().unwrap().parameters, ["__Secure-a"]);
    assert_eq!(by_rule(&findings, "exposed-actuator").severity, Severity::High);
    assert_eq!(by_rule(&findings, "info-disclosure-server").title, "Information disclosure header: Server");
    assert_eq!(by_rule(&findings, "info-disclosure-server").metadata.extra["value"], "nginx/1.18.0");
    let trace = by_rule(&findings, "http-method-trace").metadata.endpoint.as_deref().unwrap();
    assert_eq!((trace.method.as_deref(), trace.path.as_deref()), (Some("TRACE"), Some("/")));
    let traces = findings.iter().filter(|f| f.rule_id.as_deref() == Some("error-stack-trace"));
    let paths: Vec<_> = traces.map(|f| f.metadata.endpoint.as_deref().unwrap().path.as_deref().unwrap()).collect();
    assert_eq!(paths, ["/securescan-no-such-page"], "once, not for each page that has one");
    let (_, again) = scan_url(NAME, &server.url("/"), |_| {});
    assert_eq!(findings, again, "the same from run to run");
}

#[test]
fn requests_are_few_and_harmless() {
    let server = Server::http(bad);
    scan_url(NAME, &server.url("/"), |_| {});
    let asked = server.asked();
    assert!(asked.len() <= 45, "{} requests", asked.len());
    assert!(asked.iter().all(|a| matches!(a.method.as_str(), "GET" | "OPTIONS" | "TRACE")));
    let agent = format!("securescan/{}", env!("CARGO_PKG_VERSION"));
    assert!(asked.iter().all(|a| a.header("User-Agent") == Some(&agent) && a.header("Cookie").is_none()));
}

/// Scans a server whose page has these headers and this body.
fn page(headers: &'static [(&'static str, &'static str)], body: &'static str) -> Vec<String> {
    let server = Server::http(move |asked, to| match asked.path.as_str() {
        "/" if asked.method == "GET" => answer(to, 200, headers, body.as_bytes()),
        _ => good(asked, to),
    });
    let (line, findings) = scan_url(NAME, &server.url("/"), |_| {});
    assert_eq!(line.status, ScannerStatus::Ok, "{:?}", line.reason);
    let quiet = |r: &String| !r.starts_with("missing-header-") && r != "no-https";
    rules(&findings).into_iter().filter(quiet).collect()
}

#[test]
fn values_of_headers() {
    let weak = page(
        &[
            ("X-Content-Type-Options", "sniff"),
            ("X-Frame-Options", "ALLOW-FROM https://a.example"),
            ("Referrer-Policy", "unsafe-url"),
            ("Permissions-Policy", "camera=*, usb=(self)"),
            ("Cross-Origin-Resource-Policy", "everybody"),
            ("Access-Control-Allow-Origin", "*"),
            ("Access-Control-Allow-Credentials", "true"),
        ],
        "",
    );
    assert_eq!(
        weak,
        [
            "cors-wildcard-credentials",
            "weak-header-cross-origin-policy",
            "weak-header-permissions-policy",
            "weak-header-referrer-policy",
            "weak-header-x-content-type-options",
            "weak-header-x-frame-options",
        ]
    );
    assert_eq!(page(&[("Referrer-Policy", "future-policy")], ""), ["weak-header-referrer-policy"]);
    assert_eq!(page(&[("Access-Control-Allow-Origin", "*")], ""), ["cors-wildcard"]);
    assert_eq!(page(&[("Access-Control-Allow-Origin", "null")], ""), ["cors-null-origin"]);
    assert_eq!(page(&[("Access-Control-Allow-Origin", "https://partner.example")], ""), [""; 0]);
}

#[test]
fn origins() {
    let allows = |rule: fn(&str) -> bool, credentials: bool| {
        let server = Server::http(move |asked, to| {
            let origin = asked.header("Origin").unwrap_or_default().to_owned();
            if asked.path != "/" || asked.method != "GET" || !rule(&origin) {
                return good(asked, to);
            }
            let mut headers = GOOD.to_vec();
            headers.push(("Access-Control-Allow-Origin", &origin));
            headers.extend(credentials.then_some(("Access-Control-Allow-Credentials", "true")));
            answer(to, 200, &headers, b"");
        });
        let (_, findings) = scan_url(NAME, &server.url("/"), |_| {});
        let cors = findings.into_iter().filter(|f| f.rule_id.as_deref().unwrap().starts_with("cors-"));
        cors.map(|f| (f.rule_id.unwrap(), f.severity)).collect::<Vec<_>>()
    };
    let one = |rule: &str, severity| vec![(rule.to_owned(), severity)];
    assert_eq!(allows(|o| o.starts_with("https://"), false), one("cors-reflected-origin", Severity::Medium));
    assert_eq!(allows(|o| o.starts_with("https://"), true), one("cors-reflected-origin-credentials", Severity::High));
    assert_eq!(allows(|o| o == "null", true), one("cors-null-origin", Severity::High));
    assert_eq!(allows(|o| o.starts_with("http://127.0.0.1"), false), one("cors-weak-origin-match", Severity::Medium));
    assert_eq!(allows(|o| o == "https://partner.example", true), []);
}

#[test]
fn content_security_policies() {
    let csp = |value: &'static str| {
        let headers: &'static [(&str, &str)] = Box::leak(Box::new([("Content-Security-Policy", value)]));
        let found = page(headers, "");
        found.into_iter().map(|r| r.strip_prefix("csp-").unwrap_or(&r).to_owned()).collect::<Vec<_>>()
    };
    const TAIL: &str = "; base-uri 'none'; frame-ancestors 'none'";
    let with_tail = |value: &str| csp(Box::leak(format!("{value}{TAIL}").into_boxed_str()));
    assert_eq!(csp("default-src 'self'"), ["missing-base-uri", "missing-frame-ancestors"]);
    assert_eq!(with_tail("default-src 'self' 'unsafe-inline' 'unsafe-eval'"), ["unsafe-eval", "unsafe-inline"]);
    assert_eq!(with_tail("script-src https:"), ["missing-object-src", "wildcard-source"]);
    assert_eq!(with_tail("default-src 'none'; script-src *"), ["wildcard-source"]);
    assert_eq!(with_tail("style-src 'self'"), ["missing-object-src", "missing-script-src"]);
    assert_eq!(with_tail("object-src 'none'; script-src 'nonce-x' 'strict-dynamic' 'unsafe-inline' https:"), [""; 0]);
    // A page obeys all of its policies.
    assert_eq!(with_tail("default-src 'self' 'unsafe-inline', default-src 'self'"), [""; 0]);
    let meta = r#"<meta http-equiv="Content-Security-Policy" content="default-src 'self'; base-uri 'none'">"#;
    assert_eq!(page(&[("Content-Type", "text/html"), ("X-Frame-Options", "DENY")], meta), [""; 0]);
}

#[test]
fn pages_that_look_like_everything_are_nothing() {
    let server = Server::http(|asked, to| match asked.method.as_str() {
        "GET" => answer(to, 200, GOOD, b"<html>Welcome! phpinfo() and .env explained. A=1 ref: refs/heads</html>"),
        _ => answer(to, 200, &[], b"ok"),
    });
    let (_, findings) = scan_url(NAME, &server.url("/"), |_| {});
    assert_eq!(rules(&findings), ["cookie-prefix-violated", "missing-security-txt", "no-https"]);
}

#[test]
fn redirects() {
    let (server, other) =
        (Server::http(|a, to| answer(to, 302, &[("Location", &format!("{}x", a.path))], b"")), Server::http(good));
    let (line, findings) = scan_url(NAME, &server.url("/"), |_| {});
    assert_eq!((line.status, findings.len()), (ScannerStatus::Failed, 0));
    assert!(line.reason.as_deref().unwrap().ends_with("more than 10 redirects"), "{:?}", line.reason);

    // Another host is not looked at, and that is said.
    let elsewhere = format!("http://localhost:{}/?token=t0pS3cr3t", other.address.port());
    let away = Server::http(move |_, to| answer(to, 301, &[("Location", &elsewhere), ("Set-Cookie", "id=1")], b""));
    let (line, findings) = scan_url(NAME, &away.url("/"), |_| {});
    assert_eq!(line.status, ScannerStatus::Partial);
    assert!(line.reason.as_deref().unwrap().contains("redirects to another host"), "{:?}", line.reason);
    assert!(other.asked().is_empty() && !format!("{line:?}").contains("t0pS3cr3t"));
    let rules = rules(&findings);
    assert!(rules.contains(&"cookie-missing-secure".to_owned()) && !rules.contains(&"missing-header-x-frame-options".to_owned()));

    // The same host is.
    let same = Server::http(|asked, to| match asked.path.as_str() {
        "/" => answer(to, 302, &[("Location", "start"), ("Set-Cookie", "early=1")], b""),
        "/start" => answer(to, 200, GOOD, b""),
        _ => good(asked, to),
    });
    let (line, findings) = scan_url(NAME, &same.url("/"), |_| {});
    assert_eq!(line.status, ScannerStatus::Ok);
    assert_eq!(by_rule(&findings, "cookie-missing-httponly").title, "Cookie missing HttpOnly flag: early");
}

#[test]
fn no_answer_is_a_failed_run() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let cases = [
        (format!("http://{gone}/"), "connection refused"),
        ("ftp://h/".to_owned(), "neither `http` nor `https`"),
        ("http://user:hunter2@127.0.0.1/".to_owned(), "leave them out"),
        ("http://no-such-host.invalid/?key=hunter2".to_owned(), "leads to no address"),
    ];
    for (url, why) in cases {
        let (line, findings) = scan_url(NAME, &url, |_| {});
        assert_eq!((line.status, findings.len()), (ScannerStatus::Failed, 0), "{url}");
        assert!(line.reason.as_deref().unwrap().contains(why), "{:?}", line.reason);
        assert!(!format!("{line:?}").contains("hunter2"), "{line:?}");
    }
}

#[test]
fn hostile_answers_are_bounded() {
    let garbage =
        Server::raw("http", |s| drop(std::io::Write::write_all(s, &[0x16, 3, 1, 0xff, 0xff, b'\r', b'\n', b'\r', b'\n'])));
    let flood = Server::http(|_, to| {
        let _ = to.write_all(b"HTTP/1.1 200 OK\r\n");
        while to.write_all(b"X-More: and more and more and more\r\n").is_ok() {}
    });
    let many = Server::http(|_, to| {
        let fields: String = (0..1000).map(|n| format!("X-{n}: y\r\n")).collect();
        let _ = to.write_all(format!("HTTP/1.1 200 OK\r\n{fields}\r\n").as_bytes());
    });
    let nothing = Server::http(|_, _| {});
    for server in [&garbage, &flood, &many, &nothing] {
        let (line, findings) = scan_url(NAME, &server.url("/"), |_| {});
        assert_eq!((line.status, findings.len()), (ScannerStatus::Failed, 0), "{:?}", line.reason);
    }
    let no_tls = Server::raw("https", |s| drop(std::io::Write::write_all(s, b"HTTP/1.1 400 Bad Request\r\n\r\n")));
    let (line, findings) = scan_url(NAME, &no_tls.url("/"), |_| {});
    assert_eq!((line.status, findings.len()), (ScannerStatus::Failed, 0));
    assert!(line.reason.as_deref().unwrap().contains("TLS"), "{:?}", line.reason);
}

/// A gzip stream of zeros: each 13 bits stand for 258 bytes.
fn bomb(bytes: usize) -> Vec<u8> {
    let mut bits: Vec<bool> = vec![true, true, false];
    bits.extend([false, false, true, true, false, false, false, false]);
    for _ in 0..bytes / 258 {
        bits.extend([true, true, false, false, false, true, false, true]);
        bits.extend([false; 5]);
    }
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    out.extend(bits.chunks(8).map(|byte| byte.iter().enumerate().fold(0_u8, |b, (at, bit)| b | (u8::from(*bit) << at))));
    out
}

#[test]
fn large_bodies_are_looked_at_in_part() {
    let huge = Server::http(|asked, to| match asked.path.as_str() {
        "/" if asked.header("Origin").is_none() && asked.method == "GET" => {
            let _ = to.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<input type=password>");
            while to.write_all(&[b' '; 4096]).is_ok() {}
        }
        _ => good(asked, to),
    });
    let zipped = Server::http(|asked, to| match asked.path.as_str() {
        "/" if asked.method == "GET" => {
            answer(to, 200, &[("Content-Encoding", "gzip"), ("Content-Type", "text/html")], &bomb(40 << 20))
        }
        _ => good(asked, to),
    });
    for (server, shows) in [(&huge, true), (&zipped, false)] {
        let (line, findings) = scan_url(NAME, &server.url("/"), |_| {});
        assert_eq!(line.status, ScannerStatus::Partial);
        assert_eq!(line.skipped.len(), 1);
        assert_eq!(line.skipped[0].why, "larger than 2097152 bytes: only the beginning");
        assert_eq!(rules(&findings).contains(&"password-over-http".to_owned()), shows);
    }
}

#[test]
fn slow_answers_end_with_the_time_limit() {
    let drip = |first: &'static [u8]| {
        Server::http(move |_, to| {
            let _ = to.write_all(first);
            while to.write_all(b"a").and_then(|()| to.flush()).is_ok() {
                std::thread::sleep(Duration::from_millis(20));
            }
        })
    };
    let body = drip(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
    let header = drip(b"HTTP/1.1 200 OK\r\nX-Slow: ");
    for server in [&body, &header] {
        let (line, _) = scan_url(NAME, &server.url("/"), |r| {
            r.scanner_timeouts.insert(NAME.to_owned(), Duration::from_millis(700));
        });
        assert_eq!(line.status, ScannerStatus::TimedOut, "{:?}", line.reason);
        assert_eq!(line.reason.as_deref(), Some("stopped after the time limit of 0.7 s"));
    }
}

#[test]
fn an_interrupted_run_is_partial() {
    let cancel = Cancel::new();
    let stop = cancel.clone();
    let server = Server::http(move |asked, to| {
        if asked.path == "/.env" {
            stop.cancel();
            std::thread::sleep(Duration::from_secs(3));
        }
        good(asked, to);
    });
    let (line, findings) = scan_url(NAME, &server.url("/"), |r| r.cancel = cancel);
    assert_eq!((line.status, line.reason.as_deref()), (ScannerStatus::Partial, Some("interrupted")));
    assert!(rules(&findings).contains(&"no-https".to_owned()));
    assert!(!server.asked().iter().any(|a| a.path == "/.htpasswd"), "nothing is asked afterwards");
}

#[test]
fn a_server_that_has_enough_is_left_alone() {
    let busy = Server::http(|asked, to| match asked.path.as_str() {
        "/.env" => answer(to, 429, &[], b""),
        _ => good(asked, to),
    });
    let (line, _) = scan_url(NAME, &busy.url("/"), |_| {});
    assert_eq!(line.status, ScannerStatus::Partial);
    assert!(line.skipped[0].why.contains("429") && line.skipped[0].path.ends_with("/.env"), "{:?}", line.skipped);
    assert_eq!(busy.asked().last().unwrap().path, "/.env");

    let silent = Server::http(|asked, to| {
        if matches!(asked.path.as_str(), "/" | "/securescan-no-such-page" | "/.git/HEAD") {
            good(asked, to)
        }
    });
    let (line, _) = scan_url(NAME, &silent.url("/"), |_| {});
    assert_eq!((line.status, line.skipped.len()), (ScannerStatus::Partial, 3), "{:?}", line.skipped);
}
