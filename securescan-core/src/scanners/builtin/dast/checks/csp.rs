//! Content-Security-Policy: what the policies of a page allow together.
//!
//! # Source
//! CSP level 3; what counts as weak: MDN HTTP Observatory, CSP Evaluator.

use super::{Page, headers};
use crate::scanners::builtin::dast::html::Tag;
use crate::scanners::builtin::dast::report::{Hit, Sink};
use crate::scanners::builtin::dast::rules::{self, Rule};
use crate::scanners::http::Response;
use std::collections::BTreeMap;

/// One policy: directives with their sources, lower case.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Policy(BTreeMap<String, Vec<String>>);

/// The policies of a page. A page obeys all of them at once.
#[derive(Debug, Default)]
pub(super) struct Policies {
    /// From headers.
    pub header: Vec<Policy>,
    /// From `<meta>`, which cannot limit framing.
    pub meta: Vec<Policy>,
    /// Whether there is one that only reports.
    pub report_only: bool,
}

impl Policy {
    fn parse(text: &str) -> Option<Self> {
        let mut directives = BTreeMap::new();
        for directive in text.split(';').take(200) {
            let mut words = directive.split_ascii_whitespace().map(str::to_ascii_lowercase);
            if let Some(name) = words.next() {
                // Browsers ignore a directive that is there already.
                directives.entry(name).or_insert_with(|| words.take(1000).collect());
            }
        }
        (!directives.is_empty()).then_some(Self(directives))
    }

    /// Whether a directive is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn sources(&self, name: &str) -> Option<&[String]> {
        self.0.get(name).or_else(|| self.0.get("default-src")).map(Vec::as_slice)
    }

    /// The sources of scripts, if they are limited.
    fn scripts(&self) -> Option<&[String]> {
        self.sources("script-src")
    }
}

impl Policies {
    pub(super) fn of(answer: &Response, tags: &[Tag]) -> Self {
        let header = answer.all("content-security-policy").flat_map(|v| v.split(',')).filter_map(Policy::parse).collect();
        let meta = tags.iter().filter(|t| t.name == "meta" && t.has_word("http-equiv", "content-security-policy"));
        Self {
            header,
            meta: meta.filter_map(|t| Policy::parse(t.get("content")?)).collect(),
            report_only: answer.header("content-security-policy-report-only").is_some(),
        }
    }
}

/// What is weak about a policy; the text may be empty.
type Weakness = fn(&Policy) -> Option<String>;

pub(super) fn check(page: &Page<'_>, sink: &mut Sink) {
    const NAME: &str = "Content-Security-Policy";
    let policies: Vec<&Policy> = page.policies.header.iter().chain(&page.policies.meta).collect();
    if policies.is_empty() {
        let hit = Hit::page(&rules::MISSING_CSP, page.url).header(NAME);
        let report_only = "There is a policy that only reports (`Content-Security-Policy-Report-Only`)";
        return sink.add(if page.policies.report_only { hit.detail(report_only) } else { hit });
    }
    let weaknesses: [(&'static Rule, Weakness); 7] = [
        (&rules::CSP_NO_SCRIPT_SRC, |p| p.scripts().is_none().then(String::new)),
        (&rules::CSP_UNSAFE_INLINE, unsafe_inline),
        (&rules::CSP_UNSAFE_EVAL, |p| p.scripts()?.iter().any(|s| s == "'unsafe-eval'").then(String::new)),
        (&rules::CSP_WILDCARD, wildcard),
        (&rules::CSP_NO_OBJECT_SRC, |p| p.sources("object-src").is_none().then(String::new)),
        (&rules::CSP_NO_BASE_URI, |p| (!p.has("base-uri")).then(String::new)),
        (&rules::CSP_HTTP_SOURCE, |p| insecure(p).then(String::new)),
    ];
    for (rule, weakness) in weaknesses {
        // A page obeys all policies: it is weak where every one of them is.
        let found: Option<Vec<String>> = policies.iter().map(|p| weakness(p)).collect();
        let applies = rule.id != rules::CSP_HTTP_SOURCE.id || page.url.is_https();
        if let Some(details) = found.filter(|_| applies) {
            sink.add(Hit::page(rule, page.url).header(NAME).detail(details.into_iter().next().unwrap_or_default()));
        }
    }
    let framing_limited = page.policies.header.iter().any(|p| p.has("frame-ancestors")) || headers::frame_options_valid(page);
    if !framing_limited {
        sink.add(Hit::page(&rules::CSP_NO_FRAME_ANCESTORS, page.url).header(NAME));
    }
}

/// Nonces, hashes and `'strict-dynamic'` make browsers ignore `'unsafe-inline'`.
fn unsafe_inline(policy: &Policy) -> Option<String> {
    let sources = policy.scripts()?;
    let strict = |s: &String| s.starts_with("'nonce-") || s.starts_with("'sha") || s == "'strict-dynamic'";
    (sources.iter().any(|s| s == "'unsafe-inline'") && !sources.iter().any(strict)).then(String::new)
}

fn wildcard(policy: &Policy) -> Option<String> {
    let broad = |s: &&String| matches!(s.as_str(), "*" | "*:*" | "http:" | "https:" | "data:" | "http://*" | "https://*" | "//*");
    for name in ["script-src", "object-src"] {
        let Some(sources) = policy.sources(name) else { continue };
        // With it browsers ignore hosts and schemes among the sources of scripts.
        if name == "script-src" && sources.iter().any(|s| s == "'strict-dynamic'") {
            continue;
        }
        if let Some(source) = sources.iter().find(broad) {
            return Some(format!("`{name}` allows `{source}`"));
        }
    }
    None
}

fn insecure(policy: &Policy) -> bool {
    let fetching = policy.0.iter().filter(|(name, _)| name.ends_with("-src") || name.ends_with("-src-elem"));
    fetching.into_iter().any(|(_, sources)| sources.iter().any(|s| s == "http:" || s.starts_with("http://")))
        && !policy.has("upgrade-insecure-requests")
}
