//! From hits to findings. The secret goes into [`Finding::secret`] for identification and nowhere else.

use super::judge::Hit;
use super::rule::{Rule, RuleSet};
use super::text::{Locator, Position};
use super::validate::Verdict;
use crate::model::{Finding, ScanType, Secret, Severity};
use serde_json::Value;

pub(in crate::scanners) const REMEDIATION: &str = "Revoke or rotate it at its issuer first. Then take it out of the file, load it from the environment or a secret \
     manager, and remove it from the repository's history: whoever has a copy of the history still has the secret.";

/// Findings of one text, in the order they stand.
pub(super) fn findings(path: &str, text: &[u8], rules: &RuleSet, hits: Vec<Hit>) -> Vec<Finding> {
    if hits.is_empty() {
        return Vec::new();
    }
    let mut locator = Locator::new(text);
    let found = hits.into_iter().filter_map(|hit| finding(path, text, rules.get(hit.rule)?, &hit, &mut locator));
    found.collect()
}

fn finding(path: &str, text: &[u8], rule: &Rule, hit: &Hit, locator: &mut Locator<'_>) -> Option<Finding> {
    let value = text.get(hit.secret.clone())?;
    let start = locator.position(hit.secret.start);
    let end = locator.position(hit.secret.end);
    let mut out = base(path, rule, severity(rule, hit));
    place(&mut out, start, end);
    out.description = describe(rule, hit);
    let shown = hit.decoded.as_ref().map_or(value, |(_, plain)| plain);
    let extra = &mut out.metadata.extra;
    extra.insert("redacted_match".to_owned(), Value::String(redact(shown)));
    match hit.verdict {
        Verdict::Good => drop(extra.insert("validity".to_owned(), "checksum_ok".into())),
        Verdict::Bad => drop(extra.insert("validity".to_owned(), "checksum_bad".into())),
        _ => {}
    }
    if hit.doubtful {
        extra.insert("likely_false_positive".to_owned(), true.into());
    }
    if let Some(marker) = hit.foreign {
        extra.insert("foreign_ignore".to_owned(), marker.into());
    }
    if let Some((how, _)) = &hit.decoded {
        extra.insert("decoded".to_owned(), (*how).into());
    }
    let value = String::from_utf8_lossy(value).into_owned();
    out.secret = Some(Box::new(Secret { kind: rule.spec.id.clone(), value }));
    Some(out)
}

/// A finding about a path alone.
pub(super) fn path_finding(path: &str, rule: &Rule, demo: bool) -> Finding {
    let mut out = base(path, rule, if demo { rule.spec.severity.min(Severity::Low) } else { rule.spec.severity });
    out.description = format!("{}: by its name this file holds key material. Check whether it belongs here.", rule.spec.title);
    out
}

fn base(path: &str, rule: &Rule, severity: Severity) -> Finding {
    let spec = &rule.spec;
    let mut out = Finding::new("secrets", ScanType::Code, severity, &spec.title);
    out.confidence = Some(spec.confidence);
    out.remediation = REMEDIATION.to_owned();
    out.file_path = Some(path.to_owned());
    out.rule_id = Some(format!("secrets/{}", spec.id));
    out.cwe = Some(spec.cwe.clone());
    if !spec.aliases.is_empty() {
        let aliases = spec.aliases.iter().cloned().map(Value::String).collect();
        out.metadata.extra.insert("aliases".to_owned(), Value::Array(aliases));
    }
    out
}

fn place(out: &mut Finding, start: Position, end: Position) {
    out.line = Some(start.line);
    out.column = Some(start.column);
    out.end_line = Some(end.line);
    out.end_column = Some(end.column);
}

fn severity(rule: &Rule, hit: &Hit) -> Severity {
    let least = hit.doubtful || matches!(hit.verdict, Verdict::Bad | Verdict::Minor);
    if least { rule.spec.severity.min(Severity::Low) } else { rule.spec.severity }
}

fn describe(rule: &Rule, hit: &Hit) -> String {
    let mut out = format!("{} in plain text: anybody who can read this file can use it.", rule.spec.title);
    let note = match hit.verdict {
        Verdict::Good => " Its checksum holds.",
        Verdict::Bad => " Its checksum does not hold: it is of an older form, or made up.",
        Verdict::Minor => " It is encrypted, local or a default.",
        _ => "",
    };
    out.push_str(note);
    if hit.doubtful {
        out.push_str(" It looks like a test or sample value.");
    }
    if let Some((how, _)) = hit.decoded {
        out.push_str(" It is encoded (");
        out.push_str(how);
        out.push_str(").");
    }
    out
}

/// As [`crate::model::Secret::masked`]; bytes outside UTF-8 count as one character each.
pub(super) fn redact(secret: &[u8]) -> String {
    crate::model::Secret::masked(&String::from_utf8_lossy(secret))
}

#[cfg(test)]
mod tests {
    use super::redact;

    #[test]
    fn redaction_shows_a_quarter_at_most() {
        assert_eq!(redact(b"ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaz9"), "ghp_********z9");
        assert_eq!(redact(b"LWzn6TzL"), "LW********");
        assert_eq!(redact(b"abc"), "********");
        assert_eq!(redact(b""), "********");
    }
}
