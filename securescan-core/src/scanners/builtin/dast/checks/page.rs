//! What the page loads from where, and what it tells.

use super::Page;
use crate::model::Confidence;
use crate::scanners::builtin::dast::html::Tag;
use crate::scanners::builtin::dast::report::{Hit, Sink};
use crate::scanners::builtin::dast::rules;
use crate::scanners::http::Url;
use std::collections::BTreeSet;

/// More hosts are not named in a finding.
const MAX_NAMED: usize = 10;

pub(super) fn check(page: &Page<'_>, sink: &mut Sink) {
    let base = page.tags.iter().find(|t| t.name == "base").and_then(|t| page.url.join(t.get("href")?).ok());
    let base = base.as_ref().unwrap_or(page.url);
    let mut found = Loaded::default();
    for tag in &page.tags {
        found.look(tag, page.url, base);
    }
    let rows = [
        (&rules::MISSING_SRI, &found.without_integrity),
        (&rules::MIXED_ACTIVE, &found.active),
        (&rules::MIXED_PASSIVE, &found.passive),
        (&rules::FORM_INSECURE, &found.forms),
    ];
    for (rule, origins) in rows {
        if !origins.is_empty() {
            let named: Vec<_> = origins.iter().take(MAX_NAMED).map(|o| format!("`{o}`")).collect();
            sink.add(Hit::page(rule, page.url).detail(format!("From {}", named.join(", "))).sure(Confidence::High));
        }
    }
    let password = page.tags.iter().any(|t| t.name == "input" && t.has_word("type", "password"));
    if password && !page.url.is_https() {
        sink.add(Hit::page(&rules::PASSWORD_OVER_HTTP, page.url));
    }
}

/// Origins by what is wrong with them.
#[derive(Debug, Default)]
struct Loaded {
    without_integrity: BTreeSet<String>,
    active: BTreeSet<String>,
    passive: BTreeSet<String>,
    forms: BTreeSet<String>,
}

impl Loaded {
    fn look(&mut self, tag: &Tag, page: &Url, base: &Url) {
        let attribute = match tag.name.as_str() {
            "link" => "href",
            "form" => "action",
            "object" => "data",
            "script" | "iframe" | "frame" | "img" | "audio" | "video" | "source" | "embed" => "src",
            _ => return,
        };
        let Some(url) = tag.get(attribute).filter(|v| !v.trim().is_empty()).and_then(|v| base.join(v).ok()) else { return };
        let mixed = page.is_https() && !url.is_https();
        let stylesheet = tag.name == "link" && tag.has_word("rel", "stylesheet");
        if tag.name == "script" && !same_site(page.host(), url.host()) && tag.get("integrity").is_none_or(|v| v.trim().is_empty())
        {
            self.without_integrity.insert(url.origin());
        }
        match tag.name.as_str() {
            _ if !mixed => {}
            "script" | "iframe" | "frame" | "object" | "embed" => drop(self.active.insert(url.origin())),
            "link" if stylesheet => drop(self.active.insert(url.origin())),
            "img" | "audio" | "video" | "source" => drop(self.passive.insert(url.origin())),
            "form" => drop(self.forms.insert(url.origin())),
            _ => {}
        }
    }
}

/// Whether one host is the other or below it: who controls one controls the other.
fn same_site(page: &str, other: &str) -> bool {
    let bare = page.strip_prefix("www.").unwrap_or(page);
    other == bare || other.strip_suffix(bare).is_some_and(|rest| rest.ends_with('.'))
}
