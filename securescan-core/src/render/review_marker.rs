//! The hidden mark that ties a comment on a code host to a finding: `<!-- securescan:fp:0123456789ab -->`.
//!
//! It is always the last one of a body that counts: whatever a title or description quotes stands before it.
//!
//! # Source
//! Spec 03, section 8.1, with weak point 12.

use regex::Regex;
use std::borrow::Cow;
use std::sync::LazyLock;

/// Digits of a fingerprint in a marker.
const DIGITS: usize = 12;

#[allow(clippy::unwrap_used, reason = "fixed patterns; covered by every test of this module")]
static MARKER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)<!--[\s\x1c-\x1f]*securescan:fp:[\s\x1c-\x1f]*([0-9a-f]+)[\s\x1c-\x1f]*-->").unwrap());
#[allow(clippy::unwrap_used, reason = "fixed patterns; covered by every test of this module")]
static TRAILING: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[ \t]+\n").unwrap());
#[allow(clippy::unwrap_used, reason = "fixed patterns; covered by every test of this module")]
static GAPS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\n{3,}").unwrap());

/// The marker of a fingerprint: its first 12 digits, lower case. None for what is no hexadecimal text of at least 12 digits.
pub fn marker(fingerprint: &str) -> Option<String> {
    let fits = fingerprint.len() >= DIGITS && fingerprint.bytes().all(|b| b.is_ascii_hexdigit());
    let digits = fingerprint.get(..DIGITS).filter(|_| fits)?;
    Some(format!("<!-- securescan:fp:{} -->", digits.to_ascii_lowercase()))
}

/// A body with a marker at its end, behind a blank line. None when [`marker`] has none.
pub fn add(body: &str, fingerprint: &str) -> Option<String> {
    let marker = marker(fingerprint)?;
    let gap = match body {
        "" => "",
        _ if body.ends_with("\n\n") => "",
        _ if body.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    Some(format!("{body}{gap}{marker}"))
}

/// The digits of the last marker in a body, lower case.
pub fn extract(body: &str) -> Option<String> {
    MARKER.captures_iter(body).last()?.get(1).map(|digits| digits.as_str().to_ascii_lowercase())
}

/// A body without any marker, without blanks at the ends of lines and without gaps of more than one line.
pub fn strip(body: &str) -> Cow<'_, str> {
    let bare = MARKER.replace_all(body, "");
    let bare = TRAILING.replace_all(&bare, "\n");
    let bare = GAPS.replace_all(&bare, "\n\n");
    let end = if body.ends_with('\n') && !bare.trim_end().is_empty() { "\n" } else { "" };
    format!("{}{end}", bare.trim_end()).into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use std::path::{Path, PathBuf};

    #[test]
    fn what_the_reference_does() {
        let shared = std::env::var_os("SECURESCAN_SHARED")
            .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"), PathBuf::from);
        let Ok(text) = std::fs::read_to_string(shared.join("vectors/review_marker.json")) else {
            println!("skipped: the reference vectors are not here");
            return;
        };
        let set: serde_json::Value = serde_json::from_str(&text).unwrap();
        let (mut same, mut ours) = (0, 0);
        for case in set["cases"].as_array().unwrap() {
            let (body, fingerprint) = (case["input"]["body"].as_str().unwrap(), case["input"]["fingerprint"].as_str().unwrap());
            let expected = &case["expected"];
            assert_eq!(strip(body), expected["stripped"].as_str().unwrap(), "{case}");
            let (added, extracted) = (add(body, fingerprint), extract(body));
            assert_eq!(added.is_none(), expected["added"].is_object(), "{case}");
            // On purpose: a marker that stands there already does not keep ours away, and the last one counts, not the first.
            if MARKER.is_match(body) {
                ours += 1;
                assert!(added.is_none_or(|a| a.ends_with(&marker(fingerprint).unwrap())));
                assert!(extracted.is_some());
                continue;
            }
            same += 1;
            assert_eq!(added.as_deref(), expected["added"].as_str(), "{case}");
            assert_eq!(extracted.as_deref(), expected["extracted"].as_str(), "{case}");
        }
        assert_eq!((same + ours, same > 10), (42, true));
    }

    #[test]
    fn the_last_marker_counts() {
        let body = add("quoted <!-- securescan:fp:deadbeefdead -->", "0123456789ABCDEF").unwrap();
        assert_eq!(extract(&body).as_deref(), Some("0123456789ab"));
        assert_eq!((marker("0123"), marker("zzzzzzzzzzzz"), extract("none")), (None, None, None));
    }
}
