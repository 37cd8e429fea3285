//! Where a report says something is, as findings say it.

use super::report::{Report, Stop, bad};
use crate::path;

/// Longer paths are none, in bytes: one stands in each of a file's findings.
const MAX_PATH: usize = 16 << 10;

/// A place as a report writes it: a path of any system or a `file:` URI, absolute or not. Blank is nothing. Relative to the
/// root of [`super::IngestOptions`] when it lies below it. What climbs out of the root keeps its `..`: [`Report::push`] takes it from
/// the finding.
///
/// # Errors
/// Quarantines what no system would take for a path.
pub(super) fn file(raw: Option<&str>, report: &Report<'_>) -> Result<Option<String>, Stop> {
    let Some(raw) = raw.map(str::trim).filter(|raw| !raw.is_empty()) else { return Ok(None) };
    if raw.len() > MAX_PATH {
        return Err(bad(format!("a path of {} bytes", raw.len())));
    }
    let plain = match raw.get(..5) {
        Some(scheme) if scheme.eq_ignore_ascii_case("file:") => from_uri(raw.get(5..).unwrap_or_default()),
        _ => raw.to_owned(),
    };
    let normal = path::normalize(&plain, report.options().root.as_deref());
    Ok(Some(normal).filter(|path| !path.is_empty() && path != "/"))
}

/// Whether a path that [`file`] gave climbs out of the root.
pub(super) fn climbs(path: &str) -> bool {
    path == ".." || path.starts_with("../")
}

/// The path of a `file:` URI without its scheme: host dropped, percent escapes decoded, `/C:/x` as `C:/x`.
fn from_uri(rest: &str) -> String {
    let path = match rest.strip_prefix("//") {
        Some(with_host) => with_host.find('/').map_or("", |slash| with_host.get(slash..).unwrap_or_default()),
        None => rest,
    };
    let path = percent_decoded(path);
    let drive = path.strip_prefix('/').filter(|p| p.as_bytes().get(1) == Some(&b':')).map(str::to_owned);
    drive.unwrap_or(path)
}

/// Percent escapes decoded; what does not decode to UTF-8 stays as it is.
pub(super) fn percent_decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let hex = tail.get(..2).and_then(|h| std::str::from_utf8(h).ok()).and_then(|h| u8::from_str_radix(h, 16).ok());
        match hex.filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// A URL as an endpoint: never its query's values, never user and password.
pub(super) fn endpoint(url: &str, method: Option<&str>) -> Option<crate::model::Endpoint> {
    let (scheme, rest) = url.trim().split_once("://")?;
    let rest = rest.split('#').next().unwrap_or_default();
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash));
    let host_port = authority.rsplit('@').next().unwrap_or_default();
    let (host, port) = match host_port.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => (host, port.parse().ok()),
        _ => (host_port, None),
    };
    let scheme = scheme.to_ascii_lowercase();
    let implied = match scheme.as_str() {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    };
    let mut parameters: Vec<String> = query
        .split(['&', ';'])
        .filter_map(|pair| pair.split('=').next())
        .filter(|name| !name.is_empty())
        .take(100)
        .map(percent_decoded)
        .collect();
    parameters.sort();
    parameters.dedup();
    (!host.is_empty()).then(|| crate::model::Endpoint {
        method: method.filter(|m| !m.is_empty()).map(str::to_ascii_uppercase),
        host: Some(host.trim_matches(['[', ']']).to_ascii_lowercase()),
        port: port.filter(|port| Some(*port) != implied),
        scheme: Some(scheme),
        protocol: None,
        path: Some(path.to_owned()),
        parameters,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_and_urls() {
        assert_eq!(from_uri("///src/a%20b.py"), "/src/a b.py");
        assert_eq!(from_uri("///C:/x/y.cs"), "C:/x/y.cs");
        assert_eq!(from_uri("//host/share/x"), "/share/x");
        assert_eq!(percent_decoded("a%zz%2"), "a%zz%2");
        let e = endpoint("HTTPS://user:pw@Example.com:8443/a/b?token=x&b=1#f", Some("get")).unwrap();
        assert_eq!((e.host.as_deref(), e.port, e.path.as_deref()), (Some("example.com"), Some(8443), Some("/a/b")));
        assert_eq!((e.method.as_deref(), e.parameters), (Some("GET"), vec!["b".to_owned(), "token".to_owned()]));
        assert_eq!(endpoint("http://h:80", None).unwrap().port, None);
        assert!(endpoint("nothing", None).is_none() && endpoint("http://", None).is_none());
    }
}
