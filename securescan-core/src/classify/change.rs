//! What a change silences itself: a pull request does not judge itself silently.

use super::matching::Pairs;
use crate::model::{Finding, SuppressedBy};
use crate::source::NoSources;
use crate::suppress::{self, Policy};

/// The suppressed findings of head that would not be suppressed without the change: by their place in `head`, in order.
///
/// A comment counts as the change's own unless the same finding was silenced by a comment in base; a rule or a baseline entry
/// unless `base_policy` has it too. Both sides must be identified and their suppression applied.
pub fn suppressed_by_change(base: &[Finding], head: &[Finding], base_policy: &Policy<'_>) -> Vec<usize> {
    let mut judged = head.to_vec();
    suppress::apply(&mut judged, &Policy { inline: false, ..*base_policy }, &NoSources);
    let pairs = Pairs::of(base, head);
    let by_comment = |index: usize| {
        let before = pairs.base_of(index).and_then(|b| base.get(b));
        before.is_some_and(|finding| finding.metadata.suppressed_by == Some(SuppressedBy::Inline))
    };
    let own = |index: usize, finding: &Finding| match finding.metadata.suppressed_by {
        None => false,
        // The tool that reports it was told so; whether by this change cannot be known.
        Some(SuppressedBy::Inline) if finding.ignored_in_source => false,
        Some(SuppressedBy::Inline) => !by_comment(index),
        Some(SuppressedBy::Config | SuppressedBy::Baseline) => !judged.get(index).is_some_and(Finding::is_suppressed),
    };
    head.iter().enumerate().filter(|(index, finding)| own(*index, finding)).map(|(index, _)| index).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ScanType, Severity};

    fn finding(rule: &str, print: &str, by: Option<SuppressedBy>) -> Finding {
        let mut finding = Finding::new("s", ScanType::Code, Severity::High, "t");
        finding.rule_id = Some(rule.to_owned());
        finding.fingerprint = print.repeat(64);
        finding.metadata.suppressed_by = by;
        finding
    }

    #[test]
    fn only_what_the_change_adds_counts() {
        use SuppressedBy::{Config, Inline};
        let base = [finding("old", "a", Some(Inline)), finding("x", "b", None)];
        let head = [
            finding("old", "a", Some(Inline)),
            finding("x", "b", Some(Inline)),
            finding("new", "c", Some(Inline)),
            finding("known", "d", Some(Config)),
            finding("added", "e", Some(Config)),
            finding("free", "f", None),
        ];
        let ignored = ["known".to_owned()];
        let policy = Policy { ignored_rules: &ignored, baseline: None, inline: true };
        assert_eq!(suppressed_by_change(&base, &head, &policy), [1, 2, 4]);
    }
}
