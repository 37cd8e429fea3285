//! No secret leaves the reader: what a report shows in clear is masked in every text of its finding.

use crate::model::{Finding, Secret};
use serde_json::Value;

/// Masks the finding's own secret wherever it is quoted and, where the engine's rules are built in, every other secret.
pub(super) fn mask(finding: &mut Finding) {
    // What we say ourselves quotes nothing, and a password may be a word of it.
    let own = (finding.remediation == super::leak::REMEDIATION).then(|| std::mem::take(&mut finding.remediation));
    mask_quoted(finding);
    if let Some(own) = own {
        finding.remediation = own;
    }
}

fn mask_quoted(finding: &mut Finding) {
    if let Some(secret) = finding.secret.as_deref().map(|s| s.value.clone()).filter(|v| !v.trim().is_empty()) {
        let shown = Secret::masked(&secret);
        // A secret of several lines is quoted line by line.
        let parts: Vec<&str> = secret.lines().map(str::trim).filter(|line| line.len() >= 4).collect();
        let parts = if parts.is_empty() { vec![secret.as_str()] } else { parts };
        // A password that is a word of the rule's name, as `Password`, is no secret there.
        let named = finding.rule_id.clone().unwrap_or_default();
        let parts: Vec<&str> = std::iter::once(secret.as_str()).chain(parts).filter(|part| !named.contains(part)).collect();
        each_text(finding, &mut |text| {
            for part in &parts {
                if text.contains(part) {
                    *text = replaced(text, part, &shown);
                }
            }
        });
    }
    #[cfg(feature = "scanners")]
    redact(finding);
}

/// A secret replaced wherever it stands. One that is short may well be part of a word, or a word (`pass` of `password`): it is
/// replaced where it stands by itself, a very short one only between quotes.
fn replaced(text: &str, secret: &str, shown: &str) -> String {
    let length = secret.chars().count();
    if length >= 8 {
        return text.replace(secret, shown);
    }
    let (mut out, mut done) = (String::with_capacity(text.len()), 0);
    for (at, _) in text.match_indices(secret) {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let after = text.get(at + secret.len()..).and_then(|t| t.chars().next());
        let quoted = |c: Option<char>| c.is_some_and(|c| matches!(c, '\'' | '"' | '`'));
        let edge = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
        if if length < 4 { quoted(before) && quoted(after) } else { edge(before) && edge(after) } {
            out.push_str(text.get(done..at).unwrap_or_default());
            out.push_str(shown);
            done = at + secret.len();
        }
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

/// Masks further secrets that a report shows beside the finding's own.
pub(super) fn hide<'s>(finding: &mut Finding, others: impl IntoIterator<Item = &'s str>) {
    for secret in others.into_iter().filter(|secret| secret.trim().len() >= 8).take(100) {
        let shown = Secret::masked(secret);
        each_text(finding, &mut |text| {
            if text.contains(secret) {
                *text = text.replace(secret, &shown);
            }
        });
    }
}

/// One look at all texts of a finding together; only what holds a secret is touched.
#[cfg(feature = "scanners")]
fn redact(finding: &mut Finding) {
    let hidden = TEXTS.with_borrow_mut(|all| {
        all.clear();
        each_text(finding, &mut |text| {
            all.push_str(text);
            all.push('\n');
        });
        let hidden = crate::scanners::builtin::secrets::masks(all);
        all.clear();
        all.shrink_to(MAX_KEPT);
        hidden
    });
    if hidden.is_empty() {
        return;
    }
    each_text(finding, &mut |text| {
        for (secret, shown) in &hidden {
            if text.contains(secret.as_str()) {
                *text = text.replace(secret.as_str(), shown);
            }
        }
    });
}

#[cfg(feature = "scanners")]
thread_local! {
    /// The texts of the finding that is looked at. Kept from one to the next: asking for a thousand bytes or more makes the
    /// usual allocator tidy up first, which costs more than the look itself.
    static TEXTS: std::cell::RefCell<String> = const { std::cell::RefCell::new(String::new()) };
}

/// How much of that room is kept, in bytes.
#[cfg(feature = "scanners")]
const MAX_KEPT: usize = 64 << 10;

/// Every text that can quote something.
fn each_text(finding: &mut Finding, visit: &mut dyn FnMut(&mut String)) {
    for text in [&mut finding.title, &mut finding.description, &mut finding.remediation] {
        visit(text);
    }
    finding.references.iter_mut().for_each(&mut *visit);
    for map in [&mut finding.metadata.tool, &mut finding.metadata.extra] {
        map.values_mut().for_each(|value| strings(value, visit));
    }
}

/// Depth is bounded by the JSON reader's own limit.
fn strings(value: &mut Value, visit: &mut dyn FnMut(&mut String)) {
    match value {
        Value::String(text) => visit(text),
        Value::Array(items) => items.iter_mut().for_each(|item| strings(item, visit)),
        Value::Object(map) => map.values_mut().for_each(|item| strings(item, visit)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
