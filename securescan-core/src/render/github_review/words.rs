//! Pieces of the texts of a review that are more than a line of prose ([`crate::render::escape::github`]).

use crate::render::escape;
use crate::render::limits::{Limit, cut};

/// Whether a character acts on a terminal or misleads a reader; tabs and line breaks too.
pub(super) fn acts(c: char) -> bool {
    c.is_control() || escape::terminal(c.encode_utf8(&mut [0; 4])).starts_with("\\u{")
}

/// A block of code in a language, whatever it holds.
pub(super) fn block(language: &str, text: &str) -> String {
    let fence = "`".repeat((longest_run(text) + 1).max(3));
    format!("{fence}{language}\n{text}\n{fence}")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// The first sentence if it fits the limit, else as much of the whole as fits, in characters.
///
/// # Source
/// Spec 03, section 5, with weak point 19: a point before a lower-case word (`e.g. this`) ends no sentence.
pub(super) fn short(text: &str, limit: usize) -> String {
    let text = escape::line(text);
    let bytes = text.as_bytes();
    let ends = text.match_indices(['.', '!', '?']).map(|(at, _)| at + 1);
    let first = ends.into_iter().find(|end| {
        bytes.get(*end) == Some(&b' ')
            && !text.get(end + 1..).and_then(|rest| rest.chars().next()).is_some_and(char::is_lowercase)
    });
    let sentence = first.and_then(|end| text.get(..end)).filter(|s| s.chars().count() <= limit);
    match sentence {
        Some(sentence) => sentence.to_owned(),
        None => cut(&text, Limit { max: limit, what: "", source: "" }).into_owned(),
    }
}

/// Characters as the strictest reader counts them: those outside the basic plane twice.
pub(super) fn length(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_hold_anything() {
        assert_eq!(block("x", "a\n````\nb"), "`````x\na\n````\nb\n`````");
    }

    #[test]
    fn short_texts() {
        assert_eq!(
            (short("Hello! World", 120), short("Use e.g. foo. Then bar.", 120)),
            ("Hello!".into(), "Use e.g. foo.".into())
        );
        assert_eq!(
            (short("Version 1.2 is bad", 120), short("abcdef", 3), short("  ", 3)),
            ("Version 1.2 is bad".into(), "ab…".into(), String::new())
        );
        assert_eq!(length("a𐍈"), 3);
    }
}
