//! Headers of the page, except those with a file of their own.

use super::Page;
use crate::model::Confidence;
use crate::scanners::builtin::dast::report::{Hit, Sink, quoted};
use crate::scanners::builtin::dast::rules::{self, Rule};

/// Half a year, in seconds.
///
/// # Source
/// MDN HTTP Observatory.
const MIN_MAX_AGE: u64 = 15_768_000;

/// # Source
/// OWASP Secure Headers project, list of headers to remove; the first two have rules of their own.
const TELLING: &[&str] = &[
    "X-AspNet-Version",
    "X-AspNetMvc-Version",
    "X-Generator",
    "X-Runtime",
    "X-Version",
    "X-Backend-Server",
    "X-Drupal-Cache",
    "X-Varnish",
    "X-Powered-CMS",
    "Liferay-Portal",
    "Via",
];

const DEPRECATED: &[&str] = &["Public-Key-Pins", "Expect-CT", "Feature-Policy", "P3P", "X-XSS-Protection"];

pub(super) fn check(page: &Page<'_>, sink: &mut Sink) {
    if page.url.is_https() {
        transport_security(page, sink);
    }
    if page.is_document {
        sniffing(page, sink);
        framing(page, sink);
        referrer(page, sink);
        permissions(page, sink);
        cross_origin(page, sink);
    }
    disclosure(page, sink);
}

fn missing(page: &Page<'_>, rule: &'static Rule, header: &str) -> Hit {
    Hit::page(rule, page.url).header(header)
}

fn transport_security(page: &Page<'_>, sink: &mut Sink) {
    const NAME: &str = "Strict-Transport-Security";
    // Browsers read the first one only.
    let Some(value) = page.answer.header("strict-transport-security") else {
        return sink.add(missing(page, &rules::MISSING_HSTS, NAME));
    };
    let why = match max_age(value) {
        None => "The value has no valid `max-age`".to_owned(),
        Some(0) => "`max-age=0` turns it off".to_owned(),
        Some(age) if age < MIN_MAX_AGE => format!("`max-age={age}` is less than half a year"),
        Some(_) => return,
    };
    sink.add(missing(page, &rules::WEAK_HSTS, NAME).detail(why));
}

fn max_age(value: &str) -> Option<u64> {
    let mut ages = value.split(';').filter_map(|d| {
        let (name, value) = d.split_once('=').unwrap_or((d, ""));
        name.trim().eq_ignore_ascii_case("max-age").then(|| value.trim().trim_matches('"').trim())
    });
    let age = ages.next()?;
    let valid = ages.next().is_none() && !age.is_empty() && age.bytes().all(|b| b.is_ascii_digit());
    valid.then(|| age.parse().unwrap_or(u64::MAX))
}

fn sniffing(page: &Page<'_>, sink: &mut Sink) {
    const NAME: &str = "X-Content-Type-Options";
    match page.answer.header("x-content-type-options") {
        None => sink.add(missing(page, &rules::MISSING_NOSNIFF, NAME)),
        Some(value) => {
            if !value.split(',').next().unwrap_or_default().trim().eq_ignore_ascii_case("nosniff") {
                sink.add(missing(page, &rules::WEAK_NOSNIFF, NAME).value(value));
            }
        }
    }
}

fn framing(page: &Page<'_>, sink: &mut Sink) {
    const NAME: &str = "X-Frame-Options";
    if page.policies.header.iter().any(|p| p.has("frame-ancestors")) {
        return;
    }
    let values: Vec<_> = page.answer.all("x-frame-options").filter(|v| !v.is_empty()).collect();
    if values.is_empty() {
        sink.add(missing(page, &rules::MISSING_XFO, NAME));
    } else if !frame_options_valid(page) {
        sink.add(missing(page, &rules::WEAK_XFO, NAME).value(&values.join(", ")));
    }
}

/// Whether a page's framing is limited by `X-Frame-Options`.
pub(super) fn frame_options_valid(page: &Page<'_>) -> bool {
    let mut values = page.answer.all("x-frame-options").flat_map(|v| v.split(',')).map(|v| v.trim().to_ascii_lowercase());
    let Some(first) = values.next() else { return false };
    matches!(first.as_str(), "deny" | "sameorigin") && values.all(|v| v == first)
}

fn referrer(page: &Page<'_>, sink: &mut Sink) {
    const NAME: &str = "Referrer-Policy";
    const SAFE: &[&str] = &["no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"];
    const UNSAFE: &[&str] = &["origin", "origin-when-cross-origin", "unsafe-url", "no-referrer-when-downgrade"];
    let in_page = page.tags.iter().find(|t| t.name == "meta" && t.has_word("name", "referrer")).and_then(|t| t.get("content"));
    let headers: Vec<_> = page.answer.all("referrer-policy").filter(|v| !v.is_empty()).collect();
    let value = if headers.is_empty() { in_page.unwrap_or_default().to_owned() } else { headers.join(", ") };
    if value.is_empty() {
        return sink.add(missing(page, &rules::MISSING_REFERRER, NAME));
    }
    // Browsers take the last one they know, which is what lets a list have fallbacks.
    let mut words = value.split(',').map(|w| w.trim().to_ascii_lowercase());
    let known = words.rfind(|w| SAFE.contains(&w.as_str()) || UNSAFE.contains(&w.as_str()));
    if known.is_none_or(|w| UNSAFE.contains(&w.as_str())) {
        sink.add(missing(page, &rules::WEAK_REFERRER, NAME).value(&value));
    }
}

fn permissions(page: &Page<'_>, sink: &mut Sink) {
    const NAME: &str = "Permissions-Policy";
    const SENSITIVE: &[&str] =
        &["camera", "microphone", "geolocation", "payment", "usb", "display-capture", "serial", "hid", "bluetooth", "midi"];
    let Some(value) = page.answer.header("permissions-policy") else {
        return sink.add(missing(page, &rules::MISSING_PERMISSIONS, NAME));
    };
    let open = value.split(',').filter_map(|d| d.split_once('=')).filter(|(name, list)| {
        let list = list.trim().trim_matches(['(', ')']);
        SENSITIVE.contains(&name.trim()) && list.split_ascii_whitespace().any(|w| w == "*")
    });
    let mut open: Vec<_> = open.map(|(name, _)| name.trim()).collect();
    open.sort_unstable();
    if !open.is_empty() {
        sink.add(missing(page, &rules::WEAK_PERMISSIONS, NAME).detail(format!("Open to every site: {}", open.join(", "))));
    }
}

fn cross_origin(page: &Page<'_>, sink: &mut Sink) {
    // Without TLS browsers ignore the first two.
    let https = page.url.is_https();
    let rows: [(&str, &'static Rule, &[&str], bool); 3] = [
        (
            "Cross-Origin-Opener-Policy",
            &rules::MISSING_COOP,
            &["same-origin", "same-origin-allow-popups", "noopener-allow-popups"],
            https,
        ),
        ("Cross-Origin-Embedder-Policy", &rules::MISSING_COEP, &["require-corp", "credentialless"], https),
        ("Cross-Origin-Resource-Policy", &rules::MISSING_CORP, &["same-origin", "same-site", "cross-origin"], true),
    ];
    for (name, rule, valid, applies) in rows {
        let value = page.answer.header(&name.to_ascii_lowercase());
        let word = value.map(|v| v.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
        match word {
            _ if !applies => {}
            None => sink.add(missing(page, rule, name)),
            Some(word) if valid.contains(&word.as_str()) => {}
            Some(word) => sink.add(missing(page, &rules::WEAK_CROSS_ORIGIN, name).named().value(&word)),
        }
    }
}

fn disclosure(page: &Page<'_>, sink: &mut Sink) {
    for (name, rule) in [("Server", &rules::SERVER), ("X-Powered-By", &rules::POWERED_BY)] {
        if let Some(value) = page.answer.header(&name.to_ascii_lowercase()) {
            sink.add(telling(Hit::page(rule, page.url).header(name), value));
        }
    }
    for name in TELLING {
        if let Some(value) = page.answer.header(&name.to_ascii_lowercase()) {
            sink.add(telling(Hit::page(&rules::OTHER_HEADER, page.url).header(name).named(), value));
        }
    }
    for name in DEPRECATED {
        // `0` is how sites turn the filter of old browsers off, which is right.
        let value = page.answer.header(&name.to_ascii_lowercase());
        if value.is_some_and(|v| *name != "X-XSS-Protection" || !v.starts_with('0')) {
            sink.add(Hit::page(&rules::DEPRECATED_HEADER, page.url).header(name).named());
        }
    }
}

/// A version is what helps an attacker; without one the hit is a weak one.
fn telling(hit: Hit, value: &str) -> Hit {
    let sure = if value.bytes().any(|b| b.is_ascii_digit()) { Confidence::High } else { Confidence::Low };
    hit.value(value).detail(format!("The value is {}", quoted(value))).sure(sure)
}

#[cfg(test)]
mod tests {
    use super::max_age;

    #[test]
    fn ages() {
        for (value, age) in [
            ("max-age=31536000", Some(31_536_000)),
            ("includeSubDomains; MAX-AGE = \"5\" ; preload", Some(5)),
            ("max-age=99999999999999999999999", Some(u64::MAX)),
            ("max-age=", None),
            ("max-age=1;max-age=2", None),
            ("max-age=-1", None),
            ("", None),
        ] {
            assert_eq!(max_age(value), age, "{value}");
        }
    }
}
