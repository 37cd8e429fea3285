//! Scheme v1: byte-compatible with SecureScan 0.11 for Python. For reading its baselines, databases and snapshots.

use super::hex;
use crate::model::Finding;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// The v1 fingerprint of a finding from its own fields, as a process in the folder `cwd` would have written it.
pub fn fingerprint_in(finding: &Finding, cwd: &str) -> String {
    with_path(finding, Some(cwd), &context(finding.metadata.line_snippet.as_deref().unwrap_or_default()))
}

/// The v1 fingerprint with a given context.
pub(super) fn fingerprint(finding: &Finding, context: &str) -> String {
    with_path(finding, None, context)
}

fn with_path(finding: &Finding, cwd: Option<&str>, context: &str) -> String {
    let path = finding.file_path.as_deref().unwrap_or_default();
    let path = if cwd.is_some() || path.contains('\\') { Cow::Owned(self::path(path, cwd)) } else { Cow::Borrowed(path) };
    let rule = finding.rule_id.as_deref().unwrap_or_default();
    let mut hasher = Sha256::new_with_prefix(&finding.scanner);
    for field in [rule, &path, context, finding.cwe.as_deref().unwrap_or_default()] {
        hasher.update(b"|");
        hasher.update(field);
    }
    hex(&hasher.finalize())
}

/// A path as v1 sees it: `\` to `/`, and relative to the process folder when it lies below it. Nothing else is cleaned.
/// Paths here are relative to the scan root already, so the engine passes no folder; the vectors do.
pub fn path(path: &str, cwd: Option<&str>) -> String {
    let path = path.replace('\\', "/");
    let cwd = cwd.unwrap_or_default().replace('\\', "/");
    // The root folder is no prefix: a path directly below it stays absolute.
    let folder = cwd.trim_end_matches('/');
    if folder.is_empty() || !path.starts_with('/') {
        return path;
    }
    match path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')) {
        Some(rest) => rest.to_owned(),
        None => path,
    }
}

/// Unicode White_Space and the four separators that Python's `\s` has beside it.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// A snippet as v1 sees it: comments of any language cut wherever they seem to start, white space folded, lower case.
pub(super) fn context(snippet: &str) -> String {
    let unix = match snippet.contains('\r') {
        true => Cow::Owned(snippet.replace("\r\n", "\n").replace('\r', "\n")),
        false => Cow::Borrowed(snippet),
    };
    let mut out = String::with_capacity(unix.len());
    for line in unix.split('\n') {
        for word in strip_comments(&strip_blocks(line)).split(is_space).filter(|w| !w.is_empty()) {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(word);
        }
    }
    if out.is_ascii() {
        out.make_ascii_lowercase();
        return out;
    }
    out.to_lowercase()
}

fn strip_comments(mut line: &str) -> &str {
    for mark in ["#", "//", "--"] {
        if let Some((head, _)) = line.split_once(mark) {
            line = head;
        }
    }
    line
}

/// `/* … */` on one line, the shortest match, becomes one space.
fn strip_blocks(line: &str) -> Cow<'_, str> {
    if !line.contains("/*") {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((head, tail)) = rest.split_once("/*") {
        let Some((_, after)) = tail.split_once("*/") else { break };
        out.push_str(head);
        out.push(' ');
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The text of a `line_snippet` value: a string as it is, a list joined by one space with each part as Python's `str()` shows it.
/// Anything else, or nothing in it, is no snippet.
pub fn snippet_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(parts) => Some(parts.iter().map(python_str).collect::<Vec<_>>().join(" ")),
        _ => None,
    }
    .filter(|text| !text.is_empty())
}

fn python_str(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => python_repr(other),
    }
}

/// How Python shows a value inside a list or dictionary. Depth is bounded by the JSON parser.
fn python_repr(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(n) => n.to_string(),
        Value::String(text) => {
            let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
            let escaped = text.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t").replace('\r', "\\r");
            let escaped = if quote == '\'' { escaped.replace('\'', "\\'") } else { escaped };
            format!("{quote}{escaped}{quote}")
        }
        Value::Array(items) => format!("[{}]", items.iter().map(python_repr).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let entries: Vec<_> =
                map.iter().map(|(k, v)| format!("{}: {}", python_repr(&Value::String(k.clone())), python_repr(v))).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}
