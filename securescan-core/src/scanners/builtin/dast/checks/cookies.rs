//! Cookies that the page and the redirects before it set. Their values are never kept.

use crate::model::Confidence;
use crate::scanners::builtin::dast::report::{Hit, Sink, quoted};
use crate::scanners::builtin::dast::rules;
use crate::scanners::http::Response;

/// One `Set-Cookie` without its value.
#[derive(Debug, Default)]
struct Cookie<'a> {
    name: &'a str,
    secure: bool,
    http_only: bool,
    same_site: Option<&'a str>,
    domain: bool,
    root_path: bool,
    deleted: bool,
}

fn parse(header: &str) -> Cookie<'_> {
    let mut parts = header.split(';');
    let pair = parts.next().unwrap_or_default();
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let mut out = Cookie { name: name.trim(), ..Cookie::default() };
    let mut ended = false;
    for part in parts.take(50) {
        let (key, value) = part.split_once('=').map_or((part.trim(), None), |(k, v)| (k.trim(), Some(v.trim())));
        match (key.to_ascii_lowercase().as_str(), value) {
            ("secure", _) => out.secure = true,
            ("httponly", _) => out.http_only = true,
            ("samesite", value) => out.same_site = Some(value.unwrap_or_default()),
            ("domain", Some(value)) => out.domain = !value.is_empty(),
            ("path", Some(value)) => out.root_path = value == "/",
            ("max-age", Some(value)) => ended |= value == "0" || value.starts_with('-'),
            ("expires", Some(value)) => ended |= value.contains("1970"),
            _ => {}
        }
    }
    out.deleted = ended && value.trim().is_empty();
    out
}

/// Looks at the cookies of one answer.
pub(in crate::scanners::builtin::dast) fn check(answer: &Response, sink: &mut Sink) {
    for header in answer.all("set-cookie") {
        let cookie = parse(header);
        if !cookie.deleted {
            one(&cookie, answer, sink);
        }
    }
}

fn one(cookie: &Cookie<'_>, answer: &Response, sink: &mut Sink) {
    let lower = cookie.name.to_ascii_lowercase();
    let anti_forgery = lower.contains("csrf") || lower.contains("xsrf");
    let session = ["sess", "sid", "auth", "token", "login", "jwt"].iter().any(|w| lower.contains(w));
    let sure = if session && !anti_forgery { Confidence::High } else { Confidence::Medium };
    let hit = |rule, sure| Hit::page(rule, &answer.url).cookie(cookie.name).sure(sure);
    if !cookie.secure {
        sink.add(hit(&rules::COOKIE_SECURE, sure));
    }
    if !cookie.http_only {
        // Scripts are meant to read these.
        sink.add(hit(&rules::COOKIE_HTTPONLY, if anti_forgery { Confidence::Low } else { sure }));
    }
    match cookie.same_site.map(str::to_ascii_lowercase).as_deref() {
        None => sink.add(hit(&rules::COOKIE_SAMESITE, sure)),
        Some("lax" | "strict") => {}
        Some("none") => {
            if !cookie.secure {
                sink.add(hit(&rules::COOKIE_NONE_INSECURE, Confidence::High));
            }
        }
        Some(other) => {
            let hit = hit(&rules::COOKIE_SAMESITE_INVALID, Confidence::High);
            sink.add(hit.detail(format!("The value is {}", quoted(other))));
        }
    }
    let secure = cookie.secure && answer.url.is_https();
    let violated = (lower.starts_with("__secure-") && !secure)
        || (lower.starts_with("__host-") && !(secure && cookie.root_path && !cookie.domain));
    if violated {
        sink.add(hit(&rules::COOKIE_PREFIX, Confidence::High));
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn attributes_in_any_shape() {
        let c = parse("id=a=b; SECURE;HttpOnly ; samesite = Lax; Path=/; Domain=h");
        assert!(c.name == "id" && c.secure && c.http_only && c.same_site == Some("Lax") && c.root_path && c.domain && !c.deleted);
        let c = parse("x=; Max-Age=0");
        assert!(c.deleted && !c.secure && c.same_site.is_none());
        let c = parse("x=v; Expires=Thu, 01 Jan 1970 00:00:00 GMT; SameSite");
        assert!(!c.deleted && c.same_site == Some(""));
        assert_eq!(parse("").name, "");
    }
}
