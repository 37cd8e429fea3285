//! Files that should not be served: a fixed list of addresses, each matched by what comes back, never by the status alone.

use crate::model::Severity;
use crate::scanners::builtin::dast::report::{Hit, Sink};
use crate::scanners::builtin::dast::rules::{self, Rule};
use crate::scanners::http::Response;

/// An address and what its content would be.
#[derive(Debug)]
pub(in crate::scanners::builtin::dast) struct Probe {
    /// At the root of the server.
    pub path: &'static str,
    rule: Option<&'static Rule>,
    matches: fn(&str) -> bool,
}

const fn probe(path: &'static str, rule: &'static Rule, matches: fn(&str) -> bool) -> Probe {
    Probe { path, rule: Some(rule), matches }
}

/// The addresses that are asked for, in this order. Those without a rule are there for what every answer is also looked at for: error
/// pages and listings of folders.
pub(in crate::scanners::builtin::dast) static PROBES: &[Probe] = &[
    Probe { path: "/securescan-no-such-page", rule: None, matches: |_| false },
    probe("/.git/HEAD", &rules::EXPOSED_GIT, git_head),
    probe("/.svn/wc.db", &rules::EXPOSED_VCS, |t| t.starts_with("SQLite format 3\0")),
    probe("/.hg/requires", &rules::EXPOSED_VCS, |t| t.len() < 500 && t.lines().any(|l| matches!(l, "revlogv1" | "dotencode"))),
    probe("/.env", &rules::EXPOSED_ENV, is_env),
    probe("/.DS_Store", &rules::EXPOSED_DS_STORE, |t| t.starts_with("\0\0\0\u{1}Bud1")),
    probe("/.htpasswd", &rules::EXPOSED_PASSWORDS, is_htpasswd),
    probe("/id_rsa", &rules::EXPOSED_KEY, |t| t.trim_start().starts_with("-----BEGIN ") && t.contains("PRIVATE KEY-----")),
    probe("/wp-config.php.bak", &rules::EXPOSED_BACKUP, |t| t.contains("<?php") && t.contains("DB_PASSWORD")),
    probe("/backup.sql", &rules::EXPOSED_BACKUP, is_sql),
    probe("/dump.sql", &rules::EXPOSED_BACKUP, is_sql),
    probe("/server-status", &rules::EXPOSED_STATUS, |t| t.contains("Apache Server Status for")),
    probe("/debug/pprof/", &rules::EXPOSED_STATUS, |t| t.contains("Types of profiles available")),
    probe("/elmah.axd", &rules::EXPOSED_STATUS, |t| t.contains("Error Log for <span") || t.contains("<title>Error log for")),
    probe("/phpinfo.php", &rules::EXPOSED_PHPINFO, is_phpinfo),
    probe("/info.php", &rules::EXPOSED_PHPINFO, is_phpinfo),
    probe("/actuator", &rules::EXPOSED_ACTUATOR, |t| json(t, "_links") && t.contains("/actuator")),
    probe("/openapi.json", &rules::EXPOSED_API, |t| json(t, "openapi") || json(t, "swagger")),
    probe("/swagger.json", &rules::EXPOSED_API, |t| json(t, "openapi") || json(t, "swagger")),
    Probe { path: "/uploads/", rule: None, matches: |_| false },
    Probe { path: "/backup/", rule: None, matches: |_| false },
];

/// Where a site says whom to tell of a hole.
pub(in crate::scanners::builtin::dast) const SECURITY_TXT: &str = "/.well-known/security.txt";

/// Looks at what came back for a probe.
pub(in crate::scanners::builtin::dast) fn check(probe: &Probe, answer: &Response, sink: &mut Sink) {
    let Some(rule) = probe.rule.filter(|_| answer.status == 200) else { return };
    let text = String::from_utf8_lossy(&answer.body);
    if !(probe.matches)(&text) {
        return;
    }
    let hit = Hit::page(rule, &answer.url);
    let dangerous =
        rule.id == rules::EXPOSED_ACTUATOR.id && ["\"env\"", "\"heapdump\"", "\"shutdown\""].iter().any(|w| text.contains(w));
    sink.add(if dangerous { hit.severity(Severity::High).detail("Settings or memory can be read") } else { hit });
}

/// Looks at what came back for `security.txt`.
pub(in crate::scanners::builtin::dast) fn security_txt(answer: &Response, sink: &mut Sink) {
    let text = String::from_utf8_lossy(&answer.body);
    let found = answer.status == 200 && text.lines().any(|l| l.get(..8).is_some_and(|w| w.eq_ignore_ascii_case("contact:")));
    if !found && !matches!(answer.status, 300..=399 | 401 | 403) {
        sink.add(Hit::server(&rules::NO_SECURITY_TXT, &answer.url));
    }
}

fn git_head(text: &str) -> bool {
    let text = text.trim();
    text.len() < 300
        && (text.starts_with("ref: refs/") || (matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit())))
}

/// Nothing but assignments, comments and empty lines.
fn is_env(text: &str) -> bool {
    let mut assignments = 0_usize;
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')).take(500) {
        let line = line.strip_prefix("export ").unwrap_or(line);
        let Some((name, _)) = line.split_once('=') else { return false };
        let first = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if !first || !name.trim_end().bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.')) {
            return false;
        }
        assignments += 1;
    }
    assignments > 0
}

fn is_htpasswd(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')).take(100).peekable();
    let entry = |line: &str| {
        let Some((name, hash)) = line.split_once(':') else { return false };
        !name.is_empty() && ["$apr1$", "$2y$", "$2a$", "$2b$", "$1$", "$5$", "$6$", "{SHA}"].iter().any(|p| hash.starts_with(p))
    };
    lines.peek().is_some() && lines.all(entry)
}

fn is_sql(text: &str) -> bool {
    let head: String = text.chars().take(4000).collect();
    !head.contains("<html")
        && ["-- MySQL dump", "-- MariaDB dump", "-- PostgreSQL database dump", "INSERT INTO ", "CREATE TABLE "]
            .iter()
            .any(|m| head.contains(m))
}

fn is_phpinfo(text: &str) -> bool {
    text.contains("phpinfo()") && text.contains("PHP Version")
}

/// A JSON object with this key.
fn json(text: &str, key: &str) -> bool {
    serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).is_ok_and(|map| map.contains_key(key))
}

#[cfg(test)]
mod tests {
    use super::{git_head, is_env, is_htpasswd, is_sql};

    #[test]
    fn content_decides() {
        assert!(git_head("ref: refs/heads/main\n") && git_head(&"a1".repeat(20)) && !git_head("<html>ref: refs/"));
        assert!(is_env("# x\nDB_HOST=a\nexport TOKEN = b\n\n") && !is_env("") && !is_env("<html a=b>") && !is_env("A=1\nhello"));
        assert!(is_htpasswd("bob:$apr1$x$y\n") && !is_htpasswd("") && !is_htpasswd("Not found: sorry"));
        assert!(is_sql("-- MySQL dump 10\n") && !is_sql("<html>INSERT INTO </html>") && !is_sql("x"));
    }
}
