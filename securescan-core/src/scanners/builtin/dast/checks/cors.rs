//! Whether other sites may read answers.

use crate::model::Severity;
use crate::scanners::builtin::dast::report::{Hit, Sink};
use crate::scanners::builtin::dast::rules;
use crate::scanners::http::{Response, Url};

/// An origin nobody can have.
const STRANGER: &str = "https://securescan.invalid";

/// The origins to ask with, in this order.
pub(in crate::scanners::builtin::dast) fn origins(url: &Url) -> [String; 3] {
    [STRANGER.to_owned(), "null".to_owned(), format!("{}://{}.securescan.invalid", url.scheme(), url.bare_host())]
}

/// Looks at what came back for a request with an origin. Answers whether the origin was allowed by name.
pub(in crate::scanners::builtin::dast) fn check(origin: &str, answer: &Response, sink: &mut Sink) -> bool {
    let Some(allowed) = answer.header("access-control-allow-origin") else { return false };
    let credentials = answer.header("access-control-allow-credentials").is_some_and(|v| v == "true");
    if allowed == "*" {
        let rule = if credentials { &rules::CORS_WILDCARD_CREDENTIALS } else { &rules::CORS_WILDCARD };
        sink.add(Hit::page(rule, &answer.url));
        return false;
    }
    if !allowed.eq_ignore_ascii_case(origin) {
        return false;
    }
    let severe = |hit: Hit| if credentials { hit.severity(Severity::High).detail("Credentials are allowed, too") } else { hit };
    match origin {
        STRANGER if credentials => sink.add(Hit::page(&rules::CORS_CREDENTIALS, &answer.url)),
        STRANGER => sink.add(Hit::page(&rules::CORS_REFLECTED, &answer.url)),
        "null" => sink.add(severe(Hit::page(&rules::CORS_NULL, &answer.url))),
        _ => sink.add(severe(Hit::page(&rules::CORS_WEAK_MATCH, &answer.url))),
    }
    true
}
