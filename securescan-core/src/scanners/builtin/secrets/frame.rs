//! Vendor rules: the name of a service, then an operator or a credential word, then a value of the service's shape.
//!
//! Most services hand out plain hex or alphanumeric keys that say nothing by themselves; only their surroundings do.
//! One reader for all of them costs less than a regex a rule, and bounds what may stand between name and value:
//! `ACME_API_KEY = "…"`, `"acmeToken": "…"`, `<acmeKey>…</acmeKey>`, `env('ACME_KEY', '…')`, `acme key …`.

use super::judge::{self, Hit, Scene};
use super::rule::Rule;
use super::value;
use std::ops::Range;

/// Farthest a value may start after the vendor's name, in bytes.
const REACH: usize = 72;
/// Most letters and digits between the last operator or credential word and the value.
const FILLER: usize = 20;
/// Longest value, in bytes.
const VALUE: usize = 2048;
/// Least entropy of a value where the rule names none, in bits a character.
const ENTROPY: f64 = 3.0;

/// Words that say the value is a credential where no operator does. Lower case.
const WORDS: &[&str] = &["secret", "private", "access", "key", "token", "auth", "passw", "pwd", "cred", "login"];

/// Looks for the value that belongs to a vendor's name at `name`.
pub(super) fn read(scene: &Scene<'_>, index: u32, rule: &Rule, name: Range<usize>) -> Option<Hit> {
    let text = scene.text;
    if inside_word(text, &name) {
        return None;
    }
    let shape = rule.regex()?;
    let mut lines = 0;
    for at in name.end..text.len().min(name.end + REACH) {
        let byte = *text.get(at)?;
        let before = text.get(at.wrapping_sub(1)).copied().unwrap_or_default();
        if !before.is_ascii_alphanumeric()
            && before != b'_'
            && at > name.start
            && let Some(found) = shape.find(text.get(at..text.len().min(at + VALUE))?)
        {
            let secret = at..at + found.end();
            if (is_asked_for(text.get(name.start..at)?) || stands_next(text.get(name.end..at)?))
                && ends_here(text, secret.end)
                && is_random(rule, text.get(secret.clone())?)
            {
                return judge::judge(scene, index, rule, secret.clone(), name.start..secret.end);
            }
        }
        lines += usize::from(byte == b'\n');
        if lines > 2 || !is_filler(byte) {
            return None;
        }
    }
    None
}

/// The name is part of a longer word: `lob` in `global`. `myLobKey` holds the name, though.
fn inside_word(text: &[u8], name: &Range<usize>) -> bool {
    let before = name.start.checked_sub(1).and_then(|i| text.get(i)).copied().unwrap_or_default();
    let first = text.get(name.start).copied().unwrap_or_default();
    (before.is_ascii_lowercase() && first.is_ascii_lowercase()) || (before.is_ascii_uppercase() && first.is_ascii_uppercase())
}

/// What may stand between name and value.
fn is_filler(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || byte.is_ascii_whitespace()
        || matches!(
            byte,
            b'_' | b'.' | b'-' | b'"' | b'\'' | b'`' | b'[' | b']' | b'(' | b'{' | b':' | b'=' | b'>' | b',' | b'|' | b'?' | b'\\'
        )
}

/// An operator or a credential word stands before the value, with little between.
fn is_asked_for(before: &[u8]) -> bool {
    let operator = before.iter().rposition(|b| matches!(b, b'=' | b':' | b'>' | b','));
    let filler = |from: usize| before.iter().skip(from).filter(|b| b.is_ascii_alphanumeric()).count();
    if operator.is_some_and(|at| filler(at) <= FILLER) {
        return true;
    }
    let lower = before.to_ascii_lowercase();
    let word = WORDS.iter().filter_map(|w| memchr::memmem::rfind(&lower, w.as_bytes()).map(|at| at + w.len())).max();
    word.is_some_and(|at| filler(at) <= FILLER)
}

/// Only blanks and quotes between name and value.
fn stands_next(between: &[u8]) -> bool {
    !between.is_empty() && !between.iter().any(u8::is_ascii_alphanumeric)
}

fn ends_here(text: &[u8], end: usize) -> bool {
    let last = text.get(end.wrapping_sub(1)).copied().unwrap_or_default();
    let next = text.get(end).copied().unwrap_or_default();
    !last.is_ascii_alphanumeric() || !(next.is_ascii_alphanumeric() || matches!(next, b'_' | b'-'))
}

/// Letters and digits, and no pattern in them: a word of the right length is no key. What was typed along the keyboard is
/// let through; it is judged doubtful later.
fn is_random(rule: &Rule, value: &[u8]) -> bool {
    let digits = value.iter().any(u8::is_ascii_digit);
    let letters = value.iter().any(u8::is_ascii_alphabetic) || rule.spec.entropy.is_some();
    (digits && letters && value::entropy(value) >= rule.spec.entropy.unwrap_or(ENTROPY)) || value::is_typed(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_a_value() {
        for text in ["acme_key = '", "ACME_TOKEN=", "acme => \"", "acmeKey\", \"", "acme SECRET ", "acmeToken>\n  "] {
            assert!(is_asked_for(text.as_bytes()), "{text}");
        }
        for text in ["acme ", "acme is a service for ", "acme.get.", "acme key of the third and last kind of them "] {
            assert!(!is_asked_for(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn names_in_words() {
        let inside = |text: &str| {
            let at = text.to_lowercase().find("lob").unwrap();
            inside_word(text.as_bytes(), &(at..at + 3))
        };
        assert!(inside("global_key") && inside("BLOB_KEY"));
        assert!(!inside("lob_key") && !inside("myLobKey") && !inside("MY_LOB") && !inside("the lob"));
    }
}
