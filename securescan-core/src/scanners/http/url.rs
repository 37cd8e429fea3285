//! A web address: the part of RFC 3986 that `http` and `https` need, and what of one may be shown.

use super::{HttpError, Kind};
use std::fmt::{self, Write};
use std::net::{IpAddr, Ipv6Addr};

/// The longest address that is read, in bytes.
const MAX_BYTES: usize = 8192;

/// An absolute `http` or `https` address without user name, password and fragment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Url {
    https: bool,
    host: String,
    port: u16,
    path: String,
    query: Option<String>,
}

impl Url {
    /// Reads an address. What must be escaped in a path or query is escaped; a fragment is dropped.
    ///
    /// # Errors
    /// Another scheme than `http` and `https`, a user name or password, a host that is none.
    pub fn parse(text: &str) -> Result<Self, HttpError> {
        let text = text.trim();
        if text.len() > MAX_BYTES {
            return Err(bad(format!("a URL longer than {MAX_BYTES} bytes")));
        }
        let (scheme, rest) = text.split_once("://").ok_or_else(|| bad("not a URL: write `http://…` or `https://…`"))?;
        let https = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(bad("the scheme of the URL is neither `http` nor `https`")),
        };
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at(end);
        if authority.contains('@') {
            return Err(bad("the URL holds a user name or password: leave them out"));
        }
        let (host, port) = split_port(authority)?;
        let mut out =
            Self { https, host: host_of(host)?, port: port.unwrap_or(default_port(https)), path: String::new(), query: None };
        out.set_tail(tail);
        Ok(out)
    }

    /// The address that a reference in a page or in `Location` means.
    ///
    /// # Errors
    /// As [`Url::parse`].
    pub fn join(&self, reference: &str) -> Result<Self, HttpError> {
        let reference: String = reference.trim().chars().filter(|c| !c.is_control()).take(MAX_BYTES).collect();
        let scheme = if self.https { "https" } else { "http" };
        if reference.starts_with("//") || reference.starts_with("\\\\") || reference.starts_with("/\\") {
            return Self::parse(&format!("{scheme}://{}", reference.get(2..).unwrap_or_default()));
        }
        if has_scheme(&reference) {
            return Self::parse(&reference);
        }
        let mut out = self.clone();
        match reference.chars().next() {
            None | Some('#') => {}
            Some('/' | '\\') => out.set_tail(&reference),
            Some('?') => out.set_tail(&format!("{}{reference}", self.path)),
            Some(_) => {
                let folder = self.path.rsplit_once('/').map_or("", |(folder, _)| folder);
                out.set_tail(&format!("{folder}/{reference}"));
            }
        }
        Ok(out)
    }

    /// The same server, another path. Without a query.
    #[must_use]
    pub fn at(&self, path: &str) -> Self {
        let mut out = self.clone();
        out.set_tail(path);
        out
    }

    /// The same host and path on `https` or `http` and another port.
    #[must_use]
    pub fn on(&self, https: bool, port: u16) -> Self {
        Self { https, port, ..self.clone() }
    }

    /// Whether it is `https`.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> &'static str {
        if self.https { "https" } else { "http" }
    }

    /// Host name or address, lower case; an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The host as names of certificates state it: an IPv6 address without brackets.
    pub fn bare_host(&self) -> &str {
        self.host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(&self.host)
    }

    /// The port, also where the scheme implies it.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The path, at least `/`, escaped.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Names of the query's parameters, sorted, each once; never their values.
    pub fn parameters(&self) -> Vec<String> {
        let query = self.query.as_deref().unwrap_or_default();
        let names = query.split('&').filter_map(|p| p.split('=').next()).filter(|n| !n.is_empty());
        let mut names: Vec<String> = names.map(|n| n.chars().take(100).collect()).take(100).collect();
        names.sort();
        names.dedup();
        names
    }

    /// `https://host[:port]`.
    pub fn origin(&self) -> String {
        let mut out = format!("{}://{}", self.scheme(), self.host);
        if self.port != default_port(self.https) {
            let _ = write!(out, ":{}", self.port);
        }
        out
    }

    /// The address as a report may show it: without the query, whose values may be secrets.
    pub fn shown(&self) -> String {
        self.origin() + &self.path
    }

    fn set_tail(&mut self, tail: &str) {
        let tail = tail.split('#').next().unwrap_or_default();
        let (path, query) = tail.split_once('?').map_or((tail, None), |(p, q)| (p, Some(q)));
        self.path = escaped(&without_dots(&path.replace('\\', "/")));
        self.query = query.map(escaped);
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())?;
        self.query.as_ref().map_or(Ok(()), |query| write!(f, "?{query}"))
    }
}

/// What of a user's address may be shown, whether it can be read or not: no user name, password, query or fragment.
pub fn shown(text: &str) -> String {
    if let Ok(url) = Url::parse(text) {
        return url.shown();
    }
    let text = text.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let rest: String = rest.chars().filter(|c| !c.is_control()).take(200).collect();
    if scheme.is_empty() { rest } else { format!("{scheme}://{rest}") }
}

/// A value as it may stand in a query.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(byte as char),
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}

fn bad(why: impl Into<String>) -> HttpError {
    HttpError::new(Kind::BadUrl, why)
}

fn default_port(https: bool) -> u16 {
    if https { 443 } else { 80 }
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), HttpError> {
    let after_host = authority.rfind(']').unwrap_or(0);
    let Some(colon) = authority.rfind(':').filter(|at| *at >= after_host) else { return Ok((authority, None)) };
    let (host, port) = authority.split_at(colon);
    match port.strip_prefix(':') {
        None | Some("") => Ok((host, None)),
        Some(port) => {
            let number = port.parse().ok().filter(|n| *n != 0 && port.bytes().all(|b| b.is_ascii_digit()));
            number.map(|n| (host, Some(n))).ok_or_else(|| bad("the port of the URL is not a number from 1 to 65535"))
        }
    }
}

fn host_of(host: &str) -> Result<String, HttpError> {
    if let Some(inner) = host.strip_prefix('[') {
        let address = inner.strip_suffix(']').and_then(|a| a.parse::<Ipv6Addr>().ok());
        return address.map(|a| format!("[{a}]")).ok_or_else(|| bad("the IPv6 address in the URL is none"));
    }
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
    if !host.is_ascii() {
        return Err(bad("the host of the URL is not ASCII: write it as `xn--…`"));
    }
    if host.is_empty() || host.len() > 253 || !host.bytes().all(fits) {
        return Err(bad("the URL has no valid host"));
    }
    Ok(host.parse::<IpAddr>().map_or(host, |a| a.to_string()))
}

fn has_scheme(reference: &str) -> bool {
    let Some((scheme, _)) = reference.split_once(':') else { return false };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

/// A path without `.` and `..`, starting with `/`.
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let parts: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
    let last = parts.len().saturating_sub(1);
    for (index, part) in parts.into_iter().enumerate() {
        match part {
            "." => {}
            ".." => drop(kept.pop()),
            _ => kept.push(part),
        }
        if index == last && matches!(part, "." | "..") {
            kept.push("");
        }
    }
    format!("/{}", kept.join("/"))
}

/// Escapes what may not stand in a path or query; what is escaped already stays.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(byte as char),
            b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' | b':'
            | b'@' | b'/' | b'?' | b'%' => out.push(byte as char),
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::{Url, encode, shown};

    #[test]
    fn reads_and_shows() {
        for (text, whole, short) in [
            ("http://Example.org", "http://example.org/", "http://example.org/"),
            ("https://h:443/a?token=x#f", "https://h/a?token=x", "https://h/a"),
            ("https://h:8443?q", "https://h:8443/?q", "https://h:8443/"),
            ("http://[::1]:80/a b/ü", "http://[::1]/a%20b/%C3%BC", "http://[::1]/a%20b/%C3%BC"),
            (" HTTP://h./a/../b/./c\n", "http://h/b/c", "http://h/b/c"),
        ] {
            let url = Url::parse(text).unwrap();
            assert_eq!((url.to_string().as_str(), url.shown().as_str()), (whole, short));
            assert_eq!(Url::parse(whole).unwrap(), url, "what is written reads the same");
        }
        for text in [
            "",
            "h",
            "ftp://h/",
            "http://",
            "http://u:p@h/",
            "http://h:0/",
            "http://h:99999/",
            "http://h:+1/",
            "http://[::g]/",
            "http://ü/",
            "http://a b/",
        ] {
            assert!(Url::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn joins() {
        let base = Url::parse("https://h/a/b?c=d").unwrap();
        for (reference, joined) in [
            ("e", "https://h/a/e"),
            ("./../e/", "https://h/e/"),
            ("../../../..", "https://h/"),
            ("/e?f", "https://h/e?f"),
            ("?f", "https://h/a/b?f"),
            ("", "https://h/a/b?c=d"),
            ("#x", "https://h/a/b?c=d"),
            ("//o:1/x", "https://o:1/x"),
            ("\\\\o\\x", "https://o/x"),
            ("/\\o/x", "https://o/x"),
            ("HTTP://o", "http://o/"),
            ("a:b", ""),
            ("javascript:alert(1)", ""),
            ("e/f:g", "https://h/a/e/f:g"),
        ] {
            assert_eq!(base.join(reference).map(|u| u.to_string()).unwrap_or_default(), joined, "{reference}");
        }
        assert_eq!(Url::parse("http://h/?b=1&a=2&b&=3").unwrap().parameters(), ["a", "b"]);
    }

    #[test]
    fn what_is_shown_holds_no_secret() {
        assert_eq!(shown("https://user:pw@h/x?token=1"), "https://h/x");
        assert_eq!(shown("user:pw@h"), "h");
        assert_eq!(shown("ftp://u:p@h/x#y"), "ftp://h/x");
        assert_eq!(encode("http://h/?a=b c"), "http%3A%2F%2Fh%2F%3Fa%3Db%20c");
    }
}
