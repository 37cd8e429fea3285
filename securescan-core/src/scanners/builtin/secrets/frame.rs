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

/// Words that say the value is derived from something: a pinned commit or a checksum. Lower case.
const DERIVED: &[&str] = &[
    "sha1",
    "sha256",
    "sha512",
    "sha\"",
    "sha:",
    "sha=",
    "sha =",
    "md5",
    "hash",
    "checksum",
    "digest",
    "commit",
    "revision",
    "rev\"",
    "rev:",
    "rev=",
    "rev =",
    "integrity",
    "etag",
    "fingerprint",
];

/// Looks for the value that belongs to a vendor's name at `name`.
pub(super) fn read(scene: &Scene<'_>, index: u32, rule: &Rule, name: Range<usize>) -> Option<Hit> {
    let text = scene.text;
    if inside_word(text, &name) || goes_on(text, name.end) {
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
                && !is_derived(text.get(name.end..at)?)
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

/// The name goes on as another word: `cohere` in `coherence`. `herokutoken` and `checklyhq` hold the name, though.
fn goes_on(text: &[u8], end: usize) -> bool {
    let last = text.get(end.wrapping_sub(1)).copied().unwrap_or_default();
    let rest = text.get(end..text.len().min(end + 24)).unwrap_or_default();
    let same =
        |b: &&u8| (last.is_ascii_lowercase() && b.is_ascii_lowercase()) || (last.is_ascii_uppercase() && b.is_ascii_uppercase());
    let word: Vec<u8> = rest.iter().take_while(same).map(u8::to_ascii_lowercase).collect();
    let known = |w: &&str| memchr::memmem::find(&word, w.as_bytes()).is_some();
    word.len() > 2 && !WORDS.iter().chain(&["api", "app", "client"]).any(known)
}

/// What may stand between name and value.
fn is_filler(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || byte.is_ascii_whitespace()
        || matches!(
            byte,
            b'_' | b'.'
                | b'-'
                | b'"'
                | b'\''
                | b'`'
                | b'['
                | b']'
                | b'('
                | b'{'
                | b':'
                | b'='
                | b'>'
                | b','
                | b'|'
                | b'?'
                | b'\\'
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

fn is_derived(between: &[u8]) -> bool {
    let lower = between.to_ascii_lowercase();
    DERIVED.iter().any(|w| memchr::memmem::find(&lower, w.as_bytes()).is_some())
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
    let random = digits && letters && value::entropy(value) >= rule.spec.entropy.unwrap_or(ENTROPY);
    (random && !is_wording(value)) || value::is_typed(value)
}

/// Long, nearly without digits, and in the case of an identifier: `GetRoute53HealthChecksOutput`, `MAX_POOL_SIZE_PER_HOST_2`.
fn is_wording(value: &[u8]) -> bool {
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    let upper = value.iter().filter(|b| b.is_ascii_uppercase()).count();
    let lower = value.iter().filter(|b| b.is_ascii_lowercase()).count();
    let joined = value.iter().any(|b| matches!(b, b'_' | b'-' | b'.'));
    value.len() >= 20 && digits <= 2 && ((upper * 4 <= value.len() && lower > 0) || (lower == 0 && joined))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str = r#"
        id = "acme-key"
        title = "Acme key"
        severity = "high"
        vendor = ["acme"]
        value = "[0-9a-f]{32}|[0-9a-f]{40}"
    "#;

    #[test]
    fn forms() {
        let rules = super::super::RuleSet::new(vec![toml::from_str(RULE).unwrap()]);
        let found = |text: &str| -> Vec<String> {
            let findings = super::super::scan_bytes("src/a.conf", text.as_bytes(), &rules);
            findings.into_iter().filter_map(|f| f.secret.map(|s| s.value)).collect()
        };
        let (short, long) = ("8f14e45fceea167a5a36dedd4bea2543", "c0f3b1a9d27e4856a1b2093847fe6d5c8e917a34");
        for (before, after) in [
            ("ACME_API_KEY=", ""),
            ("acmeToken := `", "`"),
            ("\"acme-token\": \"", "\","),
            ("<acmeKey>\n    ", "\n</acmeKey>"),
            ("env('ACME_KEY', '", "')"),
            ("acme SECRET ", "\n"),
            ("\\\"acme\\\": \\\"", "\\\""),
        ] {
            for value in [short, long] {
                assert_eq!(found(&format!("{before}{value}{after}")), [value], "{before}");
            }
        }
        for text in [
            format!("acme is a service; key = '{short}'"),
            format!("acme/{short}"),
            format!("\"acme\": {{ \"sha\": \"{long}\" }}"),
            format!("acme_checksum = '{short}'"),
            format!("acme_key = '{short}0'"),
            format!("acme_key = 'x{short}'"),
            "acme_key = '00000000000000000000000000000000'".to_owned(),
            format!("placme_key = '{short}'"),
        ] {
            assert_eq!(found(&text), Vec::<String>::new(), "{text}");
        }
    }

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
    fn wording() {
        for text in ["GetRoute53HealthChecksOutput", "get_route53_health_checks_output", "MAX_POOL_SIZE_PER_HOST_2"] {
            assert!(is_wording(text.as_bytes()), "{text}");
        }
        for text in [
            "8r2xmPn0C5FDvRAlmcJimiTZKVRsk260",
            "xuc7853jtk90i1wglyzkwvze0yzr21",
            "QfTvXpLzKwRmNbHsJdGc",
            "s0me-w0rd5-4nd-d1g1t5",
        ] {
            assert!(!is_wording(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn names_in_words() {
        let inside = |text: &str| {
            let at = text.to_lowercase().find("lob").unwrap();
            inside_word(text.as_bytes(), &(at..at + 3))
        };
        assert!(inside("global_key") && inside("BLOB_KEY"));
        assert!(goes_on(b"coherenceInstance", 6) && goes_on(b"COHERENCE_KEY", 6));
        assert!(
            !goes_on(b"coherekey", 6) && !goes_on(b"cohereApi", 6) && !goes_on(b"COHERE_KEY", 6) && !goes_on(b"checklyhq", 7)
        );
        assert!(!inside("lob_key") && !inside("myLobKey") && !inside("MY_LOB") && !inside("the lob"));
    }
}
