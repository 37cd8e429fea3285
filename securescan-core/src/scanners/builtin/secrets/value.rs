//! What a captured value looks like: random, human, a placeholder, or no value at all but code. Only the value is judged,
//! never the line around it: a real key in a line that says `example` is still a real key.

use super::names::Promise;

/// Shannon entropy in bits a byte; 0 for nothing.
pub(super) fn entropy(value: &[u8]) -> f64 {
    let mut counts = [0u32; 256];
    for byte in value {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let total = value.len() as f64;
    counts.iter().filter(|c| **c > 0).map(|c| f64::from(*c) / total).map(|p| -p * p.log2()).sum()
}

/// Words that mark a value as made up, whatever rule matched. Never part of a random token by chance.
const CERTAIN: &[&str] = &[
    "example",
    "placeholder",
    "changeme",
    "change_me",
    "change-me",
    "your_",
    "your-",
    "yourapi",
    "yourkey",
    "yourtoken",
    "yoursecret",
    "insert_",
    "insert-",
    "redacted",
    "notreal",
    "not-real",
    "not_real",
    "my-secret",
    "my_secret",
    "xxxxx",
    "****",
    "...",
    "-here",
    "_here",
];

/// Words and runs that mark a value as very likely made up.
const LIKELY: &[&str] = &[
    "yourpass",
    "replace",
    "dummy",
    "foobar",
    "fake",
    "mysecret",
    "secret-key",
    "secret_key",
    "secretkey",
    "access_token",
    "api_key",
    "api-key",
    "apikey",
    "supersecret",
    "some-",
    "some_",
    "lorem",
    "deadbeef",
    "badcafe",
    "cafebabe",
    "xxxx",
    "____",
    "----",
    "000000",
    "1111111",
    "aaaaaaa",
    "1234567",
    "7654321",
    "abcdef",
    "0123456",
    "fedcba",
    "qwerty",
    "asdfgh",
    "abc123",
    "123abc",
    "abcd1234",
    "1234abcd",
    "todo_",
    "enter_",
    "enter-",
    "hunter2",
    "testtest",
    "undefined",
    "sample",
];

/// Whole values that standards and vendors print in their documentation, or that are public by design.
const PUBLISHED: &[&[u8]] = &[
    // RFC 5849, RFC 6749, RFC 6750
    b"2YotnFZFEjr1zCsicMWpAA",
    b"tGzv3JOkF0XG5Qx2TlKWIA",
    b"0685bd9184jfhq22",
    b"ad180jjd733klru7",
    b"dpf43f3p2l4k5l03",
    b"nnch734d00sl2jdk",
    b"kd94hf93k423kf44",
    b"mF_9.B5f-4.1JqM",
    // The account key of Azure's storage emulator
    b"Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
    // The search key of DocSearch, public by design
    b"6fe4476ee5a1832882e326b506d14126",
];

fn holds_any(value: &[u8], words: &[&str]) -> bool {
    let lower = value.to_ascii_lowercase();
    words.iter().any(|word| memchr::memmem::find(&lower, word.as_bytes()).is_some())
}

/// Whether a value is a placeholder that somebody is meant to fill in.
pub(super) fn is_placeholder(value: &[u8]) -> bool {
    holds_any(value, CERTAIN)
        || [&b"null"[..], b"none", b"true", b"false"].iter().any(|w| value.eq_ignore_ascii_case(w))
        || is_monotone(value)
}

/// Whether a value was very likely typed by hand to look like a secret.
pub(super) fn is_made_up(value: &[u8]) -> bool {
    holds_any(value, LIKELY) || PUBLISHED.contains(&value)
}

/// Whether a value runs along the alphabet, the digits or the keyboard.
pub(super) fn is_typed(value: &[u8]) -> bool {
    holds_any(value, &["abcdef", "123456", "qwerty", "zyxwvu", "654321", "uvwxyz"]) && !is_monotone(value)
}

/// One character over and over, or two taking turns.
fn is_monotone(value: &[u8]) -> bool {
    let mut seen: Vec<u8> = Vec::with_capacity(3);
    for byte in value {
        if !seen.contains(byte) {
            if seen.len() == 2 {
                return false;
            }
            seen.push(*byte);
        }
    }
    true
}

/// Whether a value is code, a variable, a template or a path instead of a literal.
pub(super) fn is_reference(value: &[u8]) -> bool {
    let first = value.first().copied().unwrap_or_default();
    let last = value.last().copied().unwrap_or_default();
    let holds = |what: &[u8]| memchr::memmem::find(value, what).is_some();
    let paired =
        value.len() > 2 && matches!((first, last), (b'%', b'%') | (b'<', b'>') | (b'@', b'@') | (b'{', b'}') | (b'[', b']'));
    let variable = first == b'$' && value.get(1).is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'{' | b'(' | b'_'));
    let dunder = value.starts_with(b"__") && value.ends_with(b"__");
    let path = value.starts_with(b"./")
        || value.starts_with(b"../")
        || value.starts_with(b"~/")
        || value.starts_with(b"C:\\")
        || is_path(value);
    paired
        || variable
        || dunder
        || path
        || [&b"${"[..], b"$(", b"{{", b"<%", b"#{", b"%(", b"%{", b"%s", b"%d", b"%v", b"%@"].iter().any(|m| holds(m))
        || is_call(value)
        || [&b"process.env"[..], b"os.environ", b"getenv", b"ENV[", b"System.get", b"secrets.", b"vault:", b"arn:aws:"]
            .iter()
            .any(|m| holds(m))
}

/// `name(…` or `name[…`.
fn is_call(value: &[u8]) -> bool {
    let name = value.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':')).count();
    name > 1 && matches!(value.get(name), Some(b'(' | b'['))
}

/// An absolute path of at least two folders with words in them.
fn is_path(value: &[u8]) -> bool {
    if value.first() != Some(&b'/') {
        return false;
    }
    let mut parts = value.split(|b| *b == b'/').filter(|p| !p.is_empty());
    parts.clone().count() >= 2 && parts.all(is_wordy)
}

/// Words, not noise: letters with at most two digits, all of one case or with a capital in front.
fn is_wordy(part: &[u8]) -> bool {
    let digits = part.iter().filter(|b| b.is_ascii_digit()).count();
    let capitals = part.iter().skip(1).filter(|b| b.is_ascii_uppercase()).count();
    let letters = part.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let plain = part.iter().all(|b| b.is_ascii_alphanumeric() || !b.is_ascii());
    // `key2` and `2fa` are words, `w8Qz` is noise.
    let digit_inside =
        capitals > 0 && part.windows(2).any(|w| matches!(w, [a, b] if a.is_ascii_digit() && b.is_ascii_alphabetic()));
    plain
        && !digit_inside
        && ((digits <= 2 && (capitals <= 2 || capitals == letters.saturating_sub(1)))
            || (letters == 0 && digits <= 12)
            || (letters <= 1 && digits <= 6))
}

/// Whether a value reads like names joined by punctuation: `my-app-secret`, `config.auth.key2`, `MAX_TOKEN_64`.
fn is_identifier(value: &[u8]) -> bool {
    let mut parts = value.split(|b| matches!(b, b'-' | b'_' | b'.' | b'/' | b':' | b'+' | b'=' | b'@')).filter(|p| !p.is_empty());
    parts.clone().count() >= 2 && parts.all(is_wordy)
}

fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(i, b)| if matches!(i, 8 | 13 | 18 | 23) { *b == b'-' } else { b.is_ascii_hexdigit() })
}

/// Whether a value keeps what its name promises.
///
/// `strict` is for bare values in source code, where most of what follows a name is code.
pub(super) fn keeps(promise: Promise, value: &[u8], strict: bool) -> bool {
    if is_placeholder(value) || is_made_up(value) || is_reference(value) {
        return false;
    }
    if memchr::memmem::find(value, b"://").is_some() {
        return false;
    }
    match promise {
        Promise::Password => !strict && is_password(value),
        Promise::BareToken if is_uuid(value) => false,
        Promise::Key | Promise::BareToken => {
            is_key(value, if strict { 20 } else { 12 }) && (!strict || has_three_classes(value) || value.len() >= 32)
        }
        Promise::BareKey => {
            !strict
                && value.len() >= 32
                && has_three_classes(value)
                && !is_uuid(value)
                && is_key(value, 32)
                && entropy(value) >= 4.2
        }
    }
}

/// Whether the value of a credential in an env file is filled in: anything but a placeholder, a reference, a plain word or number.
pub(super) fn is_env_secret(value: &[u8]) -> bool {
    let plain = value.iter().all(u8::is_ascii_lowercase) || value.iter().all(u8::is_ascii_digit);
    let url = value.starts_with(b"http://") || value.starts_with(b"https://");
    !plain
        && !url
        && !is_placeholder(value)
        && !is_made_up(value)
        && !is_reference(value)
        && !is_identifier(value)
        && !names_itself(value)
        && entropy(value) >= 2.2
}

fn has_three_classes(value: &[u8]) -> bool {
    value.iter().any(u8::is_ascii_lowercase) && value.iter().any(u8::is_ascii_uppercase) && value.iter().any(u8::is_ascii_digit)
}

fn is_key(value: &[u8], least: usize) -> bool {
    let charset = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'+' | b'/' | b'=' | b'~' | b'-');
    if value.len() < least || value.len() > 256 || !value.iter().all(charset) {
        return false;
    }
    if is_uuid(value) {
        return entropy(value) > 3.0;
    }
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    let letters = value.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let hex = value.iter().all(u8::is_ascii_hexdigit);
    let body = value.trim_ascii_end();
    let padding = body.iter().rev().take_while(|b| **b == b'=').count();
    let equals = body.iter().filter(|b| **b == b'=').count();
    if equals != padding || names_a_secret(value) {
        return false;
    }
    let needed = if hex { 3.0 } else { 3.5 };
    let derived = [&b"sha256"[..], b"sha512", b"sha1-", b"MII", b"AAAA", b"ssh-"].iter().any(|p| value.starts_with(p));
    (digits >= 2 || has_three_classes(value))
        && letters >= 2
        && entropy(value) >= needed
        && !derived
        && !is_identifier(value)
        && !super::stopwords::holds(value)
}

/// Characters of which a password in quotes may consist.
fn is_password(value: &[u8]) -> bool {
    if value.len() < 6
        || value.len() > 128
        || value.iter().any(|b| {
            b.is_ascii_whitespace()
                || b.is_ascii_control()
                || matches!(b, b'{' | b'}' | b'<' | b'>' | b'(' | b')' | b'[' | b']' | b';' | b',')
        })
    {
        return false;
    }
    let letters = value.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    let marks = value
        .iter()
        .filter(|b| {
            b.is_ascii_punctuation() && !matches!(b, b'-' | b'_' | b'.' | b'/' | b':' | b'=' | b'?' | b'*' | b'\\' | b'\'')
        })
        .count();
    let distinct = entropy(value) >= if value.len() < 8 { 2.2 } else { 2.5 };
    letters >= 2
        && digits + marks >= 1
        && distinct
        && !is_hash(value)
        && !is_identifier(value)
        && !names_itself(value)
        && (marks > 0 || digits >= 2 || value.len() >= 8 || has_three_classes(value))
}

/// A key that says it is one.
fn names_a_secret(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    ["secret", "password", "token", "apikey"].iter().any(|w| memchr::memmem::find(&lower, w.as_bytes()).is_some())
}

/// A hash as crypt(3) and LDAP write it.
fn is_hash(value: &[u8]) -> bool {
    let crypt = value.first() == Some(&b'$') && value.iter().take(6).filter(|b| **b == b'$').count() >= 2;
    crypt || value.starts_with(b"{SSHA}") || value.starts_with(b"pbkdf2")
}

/// A password that says it is one, or whose name is used as its value.
pub(super) fn names_itself(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    [
        "password", "passwd", "passwort", "secret", "token", "username", "email", "required", "invalid", "login", "p@ssw",
        "passw0rd", "admin123", "test123", "pass123", "letmein", "welcome1", "foobar", "barbaz", "barbut", "mustbe", "exampl",
        "f00b", "chars",
    ]
    .iter()
    .any(|w| memchr::memmem::find(&lower, w.as_bytes()).is_some())
        || memchr::memmem::find(&lower, b"test").is_some()
        || lower.starts_with(b"pass")
        || lower.starts_with(b"user")
        || lower.starts_with(b"#")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        for value in
            ["IlPmpeLiGXgs6fOILoRUEVKl", "6fb1cff7690db9ac066cadbbde8e3c078efdabcf", "dafa7817-e246-48f3-91a7-e87653d587b8"]
        {
            assert!(keeps(Promise::Key, value.as_bytes(), false), "{value}");
        }
        for value in [
            "my-app-secret-2023",
            "config.auth.key2",
            "${TOKEN_ABCDEF12}",
            "your_api_key_12345",
            "abcdefghijklmnop",
            "getToken(12345678)",
            "/etc/keys/server1",
            "AKIAIOSFODNN7EXAMPLE",
            "0.11.2",
        ] {
            assert!(!keeps(Promise::Key, value.as_bytes(), false), "{value}");
        }
    }

    #[test]
    fn passwords() {
        for value in ["LWzn6TzL", "super$ecre7", "QQlJZec87Z", "hX9!kk2p", "w8Qz-11Lp-Yt5R"] {
            assert!(keeps(Promise::Password, value.as_bytes(), false), "{value}");
        }
        for value in [
            "password",
            "new_password",
            "changeme",
            "Enter it",
            "xxxxxx1x",
            "$PASSWORD",
            "{{ pw }}",
            "%s",
            "<secret>",
            "auth.password1",
        ] {
            assert!(!keeps(Promise::Password, value.as_bytes(), false), "{value}");
        }
    }

    #[test]
    fn entropy_of_known_strings() {
        assert!(entropy(b"").abs() < 1e-9 && entropy(b"aaaa").abs() < 1e-9 && (entropy(b"ab") - 1.0).abs() < 1e-9);
    }
}
