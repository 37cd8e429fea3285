//! Whether a match is a finding, and how much of one. Everything that can excuse or demote a match stands here, in one order.

use super::allow::Seen;
use super::docs::Docs;
use super::paths::Kind;
use super::rule::{Rule, RuleSet};
use super::text::line_around;
use super::validate::Verdict;
use super::{stopwords, value};
use std::ops::Range;

/// What is being looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene<'a> {
    pub path: &'a str,
    pub kind: Kind,
    pub text: &'a [u8],
    pub rules: &'a RuleSet,
    pub docs: &'a Docs,
    /// The text was decoded from another one: weak rules are silent, and nothing is decoded again.
    pub decoded: bool,
}

impl Scene<'_> {
    /// Whether a rule takes part here.
    pub(super) fn wants(&self, rule: &Rule) -> bool {
        let strong = rule.is_self_identifying();
        if (self.kind.tokens_only && !strong) || (rule.spec.generic && (self.kind.demo || self.decoded)) {
            return false;
        }
        rule.wants_path(self.path)
    }
}

/// A match that counts.
#[derive(Debug, Clone)]
pub(super) struct Hit {
    pub rule: u32,
    pub secret: Range<usize>,
    pub verdict: Verdict,
    /// Made up by its look, or in a test, document or example.
    pub doubtful: bool,
    /// Another tool's ignore comment on the line.
    pub foreign: Option<&'static str>,
    /// How the text it was found in was encoded, and the decoded secret.
    pub decoded: Option<(&'static str, Vec<u8>)>,
}

/// Ignore comments of other tools. They silence weak rules only: a comment must not hide a token that says what it is.
const FOREIGN: &[&str] = &[
    "gitleaks:allow",
    "betterleaks:allow",
    "kingfisher:ignore",
    "trufflehog:ignore",
    "ggignore",
    "pragma: allowlist secret",
    "noseyparker:ignore",
    "nosec",
];

/// How near a context word may stand on another line, in bytes.
const NEAR: usize = 40;

/// Judges one match; `None` when it is no finding.
pub(super) fn judge(scene: &Scene<'_>, index: u32, rule: &Rule, secret: Range<usize>, whole: Range<usize>) -> Option<Hit> {
    let spec = &rule.spec;
    let bytes = scene.text.get(secret.clone())?;
    if bytes.is_empty() || bytes.iter().filter(|b| b.is_ascii_digit()).count() < spec.min_digits {
        return None;
    }
    if spec.entropy.is_some_and(|least| value::entropy(bytes) < least) || rule.allows(bytes) {
        return None;
    }
    if !spec.context.is_empty() && !has_context(scene.text, &whole, &spec.context) {
        return None;
    }
    let line = line_around(scene.text, secret.start);
    if (rule.has_allow_line() && rule.allows_line(line)) || (spec.stopwords.is_some() && stopwords::holds(bytes)) {
        return None;
    }
    let seen = Seen { rule: &spec.id, path: scene.path, secret: bytes, whole: scene.text.get(whole.clone())?, line };
    if spec.allowlists.iter().any(|a| a.excuses(seen)) || scene.rules.allowlists.iter().any(|a| a.excuses(seen)) {
        return None;
    }
    if secret != whole && value::is_reference(bytes) {
        return None;
    }
    let foreign = foreign_marker(line);
    if spec.generic && foreign.is_some() {
        return None;
    }
    let verdict = rule.check().map_or(Verdict::Open, |check| check.run(bytes, seen.whole));
    let doubtful = match verdict {
        Verdict::No => return None,
        Verdict::Good => false,
        _ => doubt(scene, rule, bytes, verdict, scene.docs.hold(scene.text, secret.start))?,
    };
    Some(Hit { rule: index, secret, verdict, doubtful, foreign, decoded: None })
}

/// Whether a match is doubtful; `None` when it is beyond doubt no secret.
fn doubt(scene: &Scene<'_>, rule: &Rule, bytes: &[u8], verdict: Verdict, documented: bool) -> Option<bool> {
    let demo = scene.kind.demo || documented;
    let key_block = bytes.starts_with(b"-----BEGIN");
    if !key_block && value::is_placeholder(bytes) {
        return None;
    }
    let made_up = !key_block && (value::is_made_up(bytes) || (rule.is_framed() && value::is_typed(bytes)));
    if (made_up && rule.spec.generic) || (demo && (verdict == Verdict::Bad || rule.spec.generic)) {
        return None;
    }
    Some(made_up || demo)
}

fn foreign_marker(line: &[u8]) -> Option<&'static str> {
    FOREIGN.iter().copied().find(|marker| memchr::memmem::find(line, marker.as_bytes()).is_some())
}

fn has_context(text: &[u8], whole: &Range<usize>, words: &[String]) -> bool {
    let holds = |part: &[u8]| {
        let lower = part.to_ascii_lowercase();
        words.iter().any(|w| memchr::memmem::find(&lower, w.as_bytes()).is_some())
    };
    let near = text.get(whole.start.saturating_sub(NEAR)..text.len().min(whole.end + NEAR)).unwrap_or_default();
    holds(near) || holds(line_around(text, whole.start))
}

/// Whether a secret stands alone: no character of a token's alphabet touches it. An escape such as `\n`, `%3D` or
/// `\u003d` in front is a boundary.
pub(super) fn is_bounded(text: &[u8], secret: &Range<usize>) -> bool {
    let inside = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    let first_matters = text.get(secret.start).is_some_and(inside);
    let last_matters = text.get(secret.end.wrapping_sub(1)).is_some_and(inside);
    let before = text.get(secret.start.saturating_sub(6)..secret.start).unwrap_or_default();
    let left = !first_matters || !before.last().is_some_and(inside) || ends_with_escape(before);
    left && (!last_matters || !text.get(secret.end).is_some_and(inside))
}

fn ends_with_escape(before: &[u8]) -> bool {
    match before {
        [.., b'\\', b'n' | b'r' | b't'] => true,
        [.., b'%', a, b] => a.is_ascii_hexdigit() && b.is_ascii_hexdigit(),
        [b'\\', b'u', rest @ ..] => rest.len() == 4 && rest.iter().all(u8::is_ascii_hexdigit),
        [.., b'\\', b'x', a, b] => a.is_ascii_hexdigit() && b.is_ascii_hexdigit(),
        _ => false,
    }
}

/// Of hits that overlap only the best stays: raw text beats decoded, specific beats generic, checked beats unchecked, surer
/// beats less sure, longer beats shorter, then the rule that comes first.
pub(super) fn resolve(rules: &RuleSet, hits: Vec<Hit>) -> Vec<Hit> {
    let rank = |hit: &Hit| {
        let spec = rules.get(hit.rule).map(|r| &r.spec);
        let generic = spec.is_some_and(|s| s.generic);
        let confidence = spec.map(|s| s.confidence);
        let length = hit.secret.len();
        (
            hit.decoded.is_some(),
            generic,
            hit.verdict != Verdict::Good,
            std::cmp::Reverse(confidence),
            std::cmp::Reverse(length),
            hit.rule,
        )
    };
    let mut order = hits;
    order.sort_by_cached_key(|hit| (rank(hit), hit.secret.start));
    let mut taken: std::collections::BTreeMap<usize, usize> = std::collections::BTreeMap::new();
    let mut kept: Vec<Hit> = Vec::with_capacity(order.len());
    for hit in order {
        let span = hit.secret.clone();
        let overlaps = taken.range(..span.end).next_back().is_some_and(|(_, end)| *end > span.start);
        if !overlaps {
            taken.insert(span.start, span.end);
            kept.push(hit);
        }
    }
    kept.sort_by_key(|hit| hit.secret.start);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boundaries() {
        let bounded = |text: &str| {
            let at = text.find("AKIA").unwrap();
            is_bounded(text.as_bytes(), &(at..at + 8))
        };
        for text in ["AKIA1234", "=AKIA1234;", "\\nAKIA1234", "%3DAKIA1234", "\\u003dAKIA1234", "\\x3dAKIA1234", "(AKIA1234)"] {
            assert!(bounded(text), "{text}");
        }
        for text in ["xAKIA1234", "AKIA12345", "_AKIA1234", "AKIA1234-"] {
            assert!(!bounded(text), "{text}");
        }
    }
}
