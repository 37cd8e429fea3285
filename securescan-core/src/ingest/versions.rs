//! Versions as far as reports need them: which of several fixed versions is the next one up.
//!
//! No ecosystem's full order is implemented: numbers compare as numbers, a pre-release is below its release. Where that is
//! not enough the report's own order stands.

use std::cmp::Ordering;

/// One part of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// `rc1`, `beta`, `dev`: below nothing at all.
    Before(String),
    /// A number, without leading zeros; compared by length, then digits, so that no number is too long.
    Number(String),
    /// Any other word: above nothing at all.
    After(String),
}

impl Part {
    fn rank(&self) -> u8 {
        match self {
            Self::Before(_) => 0,
            Self::Number(n) if n.is_empty() => 1,
            Self::After(_) => 2,
            Self::Number(_) => 3,
        }
    }
}

const BEFORE: &[&str] = &["a", "alpha", "b", "beta", "c", "rc", "pre", "preview", "dev", "m", "milestone", "snapshot", "canary"];

fn parts(version: &str) -> Vec<Part> {
    let version = version.trim();
    let version = version.strip_prefix(['v', 'V']).unwrap_or(version);
    let version = version.split('+').next().unwrap_or_default();
    let mut parts = Vec::new();
    let mut rest = version.get(..version.floor_char_boundary(200)).unwrap_or(version);
    while let Some(first) = rest.chars().next() {
        let digit = first.is_ascii_digit();
        let same = |c: char| if digit { c.is_ascii_digit() } else { c.is_alphabetic() };
        let end = rest.find(|c| !same(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end.max(if digit || first.is_alphabetic() { 1 } else { first.len_utf8() }));
        rest = after;
        if digit {
            parts.push(Part::Number(word.trim_start_matches('0').to_owned()));
        } else if first.is_alphabetic() {
            let word = word.to_ascii_lowercase();
            parts.push(if BEFORE.contains(&word.as_str()) { Part::Before(word) } else { Part::After(word) });
        }
    }
    parts
}

/// How two versions compare; missing parts are zero.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (parts(a), parts(b));
    let zero = Part::Number(String::new());
    for at in 0..a.len().max(b.len()) {
        let (x, y) = (a.get(at).unwrap_or(&zero), b.get(at).unwrap_or(&zero));
        let order = match (x, y) {
            (Part::Number(x), Part::Number(y)) => x.len().cmp(&y.len()).then_with(|| x.cmp(y)),
            (Part::Before(x), Part::Before(y)) | (Part::After(x), Part::After(y)) => x.cmp(y),
            _ => x.rank().cmp(&y.rank()),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

/// Of several fixed versions the lowest above the installed one; without an installed one, the lowest of all. None when all
/// of them are below the installed one.
pub(super) fn next_fix(fixes: &[String], installed: Option<&str>) -> Option<String> {
    let above = |fix: &&String| installed.is_none_or(|installed| compare(fix, installed) == Ordering::Greater);
    let fixes = fixes.iter().take(1000).filter(|fix| fix.starts_with(|c: char| c.is_ascii_alphanumeric()));
    fixes.filter(above).min_by(|a, b| compare(a, b)).cloned()
}

/// The lowest versions of the alternatives of a range: `>=0.2.1 <1.0.0 || >=1.2.3` gives 0.2.1 and 1.2.3; `^1.2`, `~> 2.1.3`
/// and `~> 5.2.4, >= 5.2.4.3` give theirs. Anything without a lower bound gives nothing.
pub(super) fn lower_bounds(range: &str) -> Vec<String> {
    range.split('|').take(200).filter_map(lower_bound).collect()
}

fn lower_bound(range: &str) -> Option<String> {
    let spaced = range.replace([',', '&'], " ").replace("~>", "~").replace(">=", "^");
    let mut words = spaced.split_whitespace().take(20);
    let mut lowest: Option<String> = None;
    while let Some(word) = words.next() {
        let Some(version) = word.strip_prefix(['^', '~', '=']) else { continue };
        // `>= 1.2` may have a space in it.
        let version = if version.is_empty() { words.next().unwrap_or_default() } else { version.trim_start_matches('=') };
        let is_version = version.len() <= 100 && version.starts_with(|c: char| c.is_ascii_digit() || c == 'v');
        if is_version && lowest.as_deref().is_none_or(|lowest| compare(lowest, version) == Ordering::Less) {
            lowest = Some(version.to_owned());
        }
    }
    lowest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order() {
        for (low, high) in [
            ("1.9", "1.10"),
            ("1.0", "1.0.1"),
            ("1.0-rc1", "1.0"),
            ("1.0.0a1", "1.0.0b1"),
            ("1.0.dev3", "1.0"),
            ("2.0.0.Beta1", "2.0.0.Final"),
            ("9", "99999999999999999999999999"),
            ("1.0", "1.0.post1"),
        ] {
            assert_eq!(compare(low, high), Ordering::Less, "{low} {high}");
            assert_eq!(compare(high, low), Ordering::Greater, "{low} {high}");
        }
        assert_eq!(compare("v1.2.0+build", "1.2"), Ordering::Equal);
        for odd in ["", "é", "....", "-", "1é2", "🦀"] {
            assert_eq!(compare(odd, odd), Ordering::Equal, "{odd}");
        }
    }

    #[test]
    fn fixes() {
        let fixes: Vec<String> = ["2.2.25", "3.1.14", "3.2.10"].map(str::to_owned).into();
        assert_eq!(next_fix(&fixes, Some("3.2.9")).as_deref(), Some("3.2.10"));
        assert_eq!(next_fix(&fixes, None).as_deref(), Some("2.2.25"));
        assert_eq!(next_fix(&fixes, Some("4")), None);
        assert_eq!(lower_bounds(">=0.2.1 <1.0.0 || >=1.2.3"), ["0.2.1", "1.2.3"]);
        assert_eq!(lower_bounds("~> 2.1.3"), ["2.1.3"]);
        assert_eq!(lower_bounds("~> 5.2.4, >= 5.2.4.3"), ["5.2.4.3"]);
        assert_eq!(lower_bounds(">=1.1.0|^2"), ["1.1.0", "2"]);
        assert_eq!(lower_bounds(">= 2.2.0, < 3"), ["2.2.0"]);
        assert_eq!(lower_bounds("^1.2"), ["1.2"]);
        for none in ["<0.0.0", "", "*", ">1", "<2"] {
            assert!(lower_bounds(none).is_empty(), "{none}");
        }
    }
}
