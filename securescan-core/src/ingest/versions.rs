//! Versions as far as reports need them: which of several fixed versions is the next one up.
//!
//! One order for all ecosystems: numbers compare as numbers, a pre-release is below its release. Where that is not enough the
//! report's own order stands.

use super::words;
use std::cmp::Ordering;

/// A part of a version.
#[derive(Debug, PartialEq, Eq)]
enum Part<'a> {
    /// A number without leading zeros.
    Number(&'a str),
    Word(&'a str),
}

/// Orders versions as most ecosystems do: number by number, a pre-release before its release. Epochs (`1:`) and a leading `v` are
/// read as such. It needs no ecosystem and is only used to choose among fixes.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let ((epoch_a, a), (epoch_b, b)) = (epoch(a), epoch(b));
    let by_epoch = number(epoch_a, epoch_b);
    if by_epoch != Ordering::Equal {
        return by_epoch;
    }
    let (mut left, mut right) = (parts(a), parts(b));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (Some(part), None) => against_nothing(&part),
            (None, Some(part)) => against_nothing(&part).reverse(),
            (Some(Part::Number(a)), Some(Part::Number(b))) => number(a, b),
            (Some(Part::Word(a)), Some(Part::Word(b))) => {
                rank(a).cmp(&rank(b)).then_with(|| a.to_ascii_lowercase().cmp(&b.to_ascii_lowercase()))
            }
            (Some(Part::Number(_)), Some(Part::Word(_))) => Ordering::Greater,
            (Some(Part::Word(_)), Some(Part::Number(_))) => Ordering::Less,
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn epoch(version: &str) -> (&str, &str) {
    let version = version.trim();
    match version.split_once(':') {
        Some((epoch, rest)) if !epoch.is_empty() && epoch.bytes().all(|b| b.is_ascii_digit()) => {
            (epoch.trim_start_matches('0'), rest)
        }
        _ => ("", version.strip_prefix(['v', 'V']).unwrap_or(version)),
    }
}

/// Runs of digits and of letters; a `~` is a word of its own, what is built from (`+…`) is left out.
fn parts(version: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = version.split('+').next().unwrap_or_default();
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| !c.is_ascii_alphanumeric() && c != '~');
        let first = rest.chars().next()?;
        let same = |c: char| match first {
            '~' => false,
            f if f.is_ascii_digit() => c.is_ascii_digit(),
            _ => c.is_ascii_alphabetic(),
        };
        let end = rest.char_indices().skip(1).find(|(_, c)| !same(*c)).map_or(rest.len(), |(at, _)| at);
        let (part, tail) = rest.split_at_checked(end)?;
        rest = tail;
        Some(if first.is_ascii_digit() { Part::Number(part.trim_start_matches('0')) } else { Part::Word(part) })
    })
}

/// Numbers of any length, without leading zeros.
fn number(a: &str, b: &str) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// How a part compares with the end of the other version: `1.0` and `1.0.0` are the same, a pre-release comes before.
fn against_nothing(part: &Part<'_>) -> Ordering {
    match part {
        Part::Number(digits) => number(digits, ""),
        Part::Word(word) => rank(word).cmp(&RELEASE),
    }
}

/// The rank of a release itself among the words after a version.
const RELEASE: u8 = 5;

/// What a word after a version makes of it.
///
/// # Source
/// PEP 440 and the comparison of versions in Maven; `~` as in Debian.
fn rank(word: &str) -> u8 {
    const WORDS: &[(&str, u8)] = &[
        ("~", 0),
        ("dev", 0),
        ("a", 1),
        ("alpha", 1),
        ("b", 2),
        ("beta", 2),
        ("m", 2),
        ("milestone", 2),
        ("c", 3),
        ("rc", 3),
        ("cr", 3),
        ("pre", 3),
        ("preview", 3),
        ("canary", 3),
        ("next", 3),
        ("snapshot", 4),
        ("final", RELEASE),
        ("ga", RELEASE),
        ("release", RELEASE),
    ];
    words::pick(word, WORDS).unwrap_or(RELEASE + 1)
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
