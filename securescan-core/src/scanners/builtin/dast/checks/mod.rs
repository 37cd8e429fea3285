//! The checks: each looks at an answer that is at hand and asks for nothing.

pub(super) mod certificate;
pub(super) mod cookies;
pub(super) mod cors;
mod csp;
pub(super) mod errors;
pub(super) mod exposed;
mod headers;
pub(super) mod methods;
mod page;

use super::html::{self, Tag};
use super::report::Sink;
use crate::scanners::http::{Response, Url};
use csp::Policies;

/// A page and what was read from it.
#[derive(Debug)]
struct Page<'a> {
    answer: &'a Response,
    url: &'a Url,
    tags: Vec<Tag>,
    policies: Policies,
    /// Whether it is the page itself, not a redirect that was not followed.
    is_document: bool,
}

/// Looks at the page the target leads to; with `is_document` false only at what holds for a redirect, too.
pub(super) fn page(answer: &Response, is_document: bool, sink: &mut Sink) {
    let kind = answer.header("content-type").unwrap_or("text/html").to_ascii_lowercase();
    let tags = if kind.contains("html") { html::tags(&String::from_utf8_lossy(&answer.body)) } else { Vec::new() };
    let policies = Policies::of(answer, &tags);
    let page = Page { answer, url: &answer.url, tags, policies, is_document };
    headers::check(&page, sink);
    if is_document {
        csp::check(&page, sink);
        page::check(&page, sink);
    }
    errors::check(answer, sink);
}
