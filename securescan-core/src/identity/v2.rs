//! Scheme v2: the recipe with escaped fields and a normalised path.

use super::hex_digest;
use crate::model::Finding;
use crate::path::normalize;

/// The v2 fingerprint with a given context.
pub(super) fn fingerprint(finding: &Finding, context: &str) -> String {
    let mut payload = String::with_capacity(context.len() + 160);
    push(&mut payload, &finding.scanner);
    payload.push('|');
    push(&mut payload, finding.rule_id.as_deref().unwrap_or_default());
    payload.push('|');
    match finding.file_path.as_deref() {
        Some(path) if is_normal(path) => push(&mut payload, path),
        Some(path) => push(&mut payload, &normalize(path, None)),
        None => {}
    }
    payload.push('|');
    push(&mut payload, context);
    payload.push('|');
    push(&mut payload, finding.cwe.as_deref().unwrap_or_default());
    hex_digest(payload.as_bytes())
}

/// `|` and `\` are escaped, so that no two field lists give one payload.
fn push(payload: &mut String, field: &str) {
    if !field.contains(['|', '\\']) {
        payload.push_str(field);
        return;
    }
    for c in field.chars() {
        if matches!(c, '|' | '\\') {
            payload.push('\\');
        }
        payload.push(c);
    }
}

/// Whether normalising would change nothing: the usual case, told without allocating.
fn is_normal(path: &str) -> bool {
    !path.contains('\\') && !path.split('/').any(|part| matches!(part, "" | "." | ".."))
}
