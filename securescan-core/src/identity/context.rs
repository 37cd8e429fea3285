//! What tells two findings of one rule in one file apart: the first of the sources below that applies, by the finding's own fields.
//!
//! # Source
//! Identity specification, section 1.

use super::region::{self, Region};
use crate::model::{Endpoint, Finding, Package, ScanType, Secret};
use std::fmt::Write;

/// Whether the source line would be looked at: packages and endpoints identify by themselves, and what was found in the history is
/// not on that line any more.
pub(super) fn wants_source(finding: &Finding) -> bool {
    finding.package.is_none() && finding.metadata.endpoint.is_none() && !finding.metadata.extra.contains_key("in_history")
}

/// The context of a finding; `region` is its place in the source, when it could be read.
pub(super) fn of(finding: &Finding, region: Option<&Region>) -> String {
    if let Some(package) = finding.package.as_deref().filter(|p| !p.name.is_empty()) {
        return package_context(package);
    }
    if let Some(endpoint) = finding.metadata.endpoint.as_deref() {
        return if is_port(finding, endpoint) { port_context(endpoint) } else { http_context(endpoint) };
    }
    if let Some(secret) = finding.secret.as_deref() {
        return secret_context(secret, finding, region);
    }
    if let Some(region) = region {
        return region.normalized();
    }
    match snippet(finding) {
        Some(snippet) => region::normalize_text(snippet, finding.file_path.as_deref()),
        _ if finding.rule_id.is_none() => digits_masked(&finding.title),
        _ => String::new(),
    }
}

/// The snippet the scanner gave, if it is one.
pub(super) fn snippet(finding: &Finding) -> Option<&str> {
    finding.metadata.line_snippet.as_deref().filter(|snippet| !is_placeholder(snippet))
}

/// What some tools write where the line would be.
fn is_placeholder(snippet: &str) -> bool {
    let text = snippet.trim();
    text.is_empty() || text.eq_ignore_ascii_case("requires login") || text.eq_ignore_ascii_case("requires_login")
}

/// Ecosystem and name, never the version: a bump that keeps the vulnerability keeps the identity.
fn package_context(package: &Package) -> String {
    let ecosystem = package.ecosystem.to_ascii_lowercase();
    format!("{ecosystem}/{}", purl_name(&ecosystem, &package.name))
}

/// The name as the package URL specification normalises it for its type.
pub(crate) fn purl_name(ecosystem: &str, name: &str) -> String {
    match ecosystem {
        "pypi" => {
            let lower = name.to_ascii_lowercase();
            let parts: Vec<_> = lower.split(['-', '_', '.']).filter(|p| !p.is_empty()).collect();
            parts.join("-")
        }
        "npm" | "composer" | "deb" | "apk" | "golang" | "github" | "bitbucket" => name.to_ascii_lowercase(),
        _ => name.to_owned(),
    }
}

fn is_port(finding: &Finding, endpoint: &Endpoint) -> bool {
    finding.scan_type == ScanType::Network
        || (endpoint.protocol.is_some() && endpoint.path.is_none() && endpoint.method.is_none())
}

fn port_context(endpoint: &Endpoint) -> String {
    let host = endpoint.host.as_deref().unwrap_or_default();
    let port = endpoint.port.map(|p| p.to_string()).unwrap_or_default();
    format!("{host}/{port}/{}", endpoint.protocol.as_deref().unwrap_or_default()).to_ascii_lowercase()
}

/// `METHOD host[:port]/path?name1&name2`: names sorted, values never, numbers and UUIDs in the path masked.
fn http_context(endpoint: &Endpoint) -> String {
    let mut out = String::new();
    let (method, host) = (endpoint.method.as_deref().unwrap_or_default(), endpoint.host.as_deref().unwrap_or_default());
    let _ = write!(out, "{} {}", method.to_ascii_uppercase(), host.to_ascii_lowercase());
    if let Some(port) = endpoint.port {
        let _ = write!(out, ":{port}");
    }
    for part in endpoint.path.as_deref().unwrap_or_default().split('/').filter(|p| !p.is_empty()) {
        out.push('/');
        out.push_str(match part {
            p if p.bytes().all(|b| b.is_ascii_digit()) => "{n}",
            p if is_uuid(p) => "{uuid}",
            p => p,
        });
    }
    let mut names: Vec<&str> = endpoint.parameters.iter().map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    if !names.is_empty() {
        let _ = write!(out, "?{}", names.join("&"));
    }
    out
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(i, b)| if matches!(i, 8 | 13 | 18 | 23) { b == b'-' } else { b.is_ascii_hexdigit() })
}

/// The source context with the secret replaced by its kind and the first 12 bits of its hash: another secret in the same place
/// is another finding, and a guesser learns next to nothing. A secret that does not stand in the source as it is (it was
/// decoded) is its own context.
fn secret_context(secret: &Secret, finding: &Finding, region: Option<&Region>) -> String {
    let digest = super::hex_digest(secret.value.as_bytes());
    let mark = format!("<{}:{}>", secret.kind, digest.get(..3).unwrap_or_default());
    let masked = match region {
        Some(region) => region.masked(&secret.value, &mark),
        None => snippet(finding)
            .filter(|s| !secret.value.is_empty() && s.contains(&secret.value))
            .map(|s| region::normalize_text(&s.replace(&secret.value, &mark), finding.file_path.as_deref())),
    };
    match masked {
        Some(text) if text.contains(&mark) => text,
        // The secret stands in a comment, or beyond the limits: the rest of the line does not tell it from another.
        Some(text) => text + &mark,
        None => mark,
    }
}

/// Runs of digits as `#`, so that counts and line numbers in a title do not matter.
fn digits_masked(title: &str) -> String {
    let mut out = String::with_capacity(title.len());
    let mut in_digits = false;
    for c in title.chars() {
        let digit = c.is_ascii_digit();
        if !digit {
            out.push(c);
        } else if !in_digits {
            out.push('#');
        }
        in_digits = digit;
    }
    out
}
