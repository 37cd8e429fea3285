//! HTTP methods beyond reading.

use crate::model::Confidence;
use crate::scanners::builtin::dast::report::{Hit, Sink};
use crate::scanners::builtin::dast::rules;
use crate::scanners::http::Response;

/// A header that an answer to TRACE repeats.
pub(in crate::scanners::builtin::dast) const MARK: (&str, &str) = ("X-Securescan-Trace", "repeated-by-trace");

/// Looks at the answer to `OPTIONS`.
pub(in crate::scanners::builtin::dast) fn options(answer: &Response, sink: &mut Sink) {
    const WRITING: &[&str] = &["PUT", "DELETE", "CONNECT", "TRACE", "TRACK", "MOVE", "COPY", "PROPPATCH", "MKCOL"];
    let announced =
        answer.all("allow").chain(answer.all("public")).flat_map(|v| v.split(',')).map(|m| m.trim().to_ascii_uppercase());
    let announced: std::collections::BTreeSet<_> = announced.filter(|m| WRITING.contains(&m.as_str())).collect();
    if answer.status < 400 && !announced.is_empty() {
        let names: Vec<_> = announced.into_iter().collect();
        let hit = Hit::page(&rules::METHODS_ANNOUNCED, &answer.url).method("OPTIONS");
        sink.add(hit.detail(format!("Announced: {}", names.join(", "))).sure(Confidence::Low));
    }
}

/// Looks at the answer to `TRACE`.
pub(in crate::scanners::builtin::dast) fn trace(answer: &Response, sink: &mut Sink) {
    let text = String::from_utf8_lossy(&answer.body);
    if answer.status == 200 && text.starts_with("TRACE ") && text.contains(MARK.1) {
        sink.add(Hit::page(&rules::METHOD_TRACE, &answer.url).method("TRACE"));
    }
}
