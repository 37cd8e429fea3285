//! Paths of findings as URI references.

use crate::render::escape;

/// The symbol every relative location is relative to.
pub(super) const ROOT: &str = "%SRCROOT%";

/// The location of a finding that is about no file. GitHub refuses a file with a result that has no artifact location,
/// and URLs as locations; a name that says what it is, is accepted and shown.
///
/// # Source
/// github/codeql-action issues 1738 and 2459 (`locationFromSarifResult: expected at least one location`).
pub(super) const NO_FILE: &str = "no-file-associated";

/// A location: a URI reference, and whether it is relative to [`ROOT`].
pub(super) fn location(path: &str) -> (String, bool) {
    let bytes = real_bytes(path);
    let drive = matches!(bytes.as_slice(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    if let [b'/', b'/', rest @ ..] | [b'/', rest @ ..] = bytes.as_slice() {
        return (format!("file:///{}", escape::uri_path(rest)), false);
    }
    match (drive, bytes.get(..1), bytes.get(2..)) {
        (true, Some(letter), Some(rest)) => {
            let gap = if rest.starts_with(b"/") { "" } else { "/" };
            (format!("file:///{}:{gap}{}", escape::uri_path(letter), escape::uri_path(rest)), false)
        }
        _ => (escape::uri_path(&bytes), true),
    }
}

/// The bytes of the file's real name: [`crate::path::from_os`] writes bytes outside UTF-8 as `%XX` and then `%` as
/// `%25`; any other `%` is a literal one. The same on every system, unlike [`crate::path::to_os`].
pub(super) fn real_bytes(path: &str) -> Vec<u8> {
    let bytes = path.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, tail)) = rest.split_first() {
        let hex = |at: usize| tail.get(at).and_then(|b| char::from(*b).to_digit(16)).and_then(|d| u8::try_from(d).ok());
        match (first, hex(0), hex(1)) {
            (b'%', Some(high), Some(low)) => {
                out.push(high << 4 | low);
                rest = tail.get(2..).unwrap_or_default();
            }
            _ => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    if std::str::from_utf8(&out).is_err() { out } else { bytes.to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations() {
        let relative = |path| location(path).0;
        assert_eq!(relative("src/with space.py"), "src/with%20space.py");
        assert_eq!(relative("a%20b.py"), "a%2520b.py");
        assert_eq!(relative("caf%E9/100%25.py"), "caf%E9/100%25.py");
        assert_eq!(relative("a:b.py"), "a%3Ab.py".replace("a%3A", "file:///a:/"));
        assert_eq!(relative("ab:c.py"), "ab%3Ac.py");
        assert_eq!(location("/etc/passwd"), ("file:///etc/passwd".into(), false));
        assert_eq!(location("C:/x y"), ("file:///C:/x%20y".into(), false));
        assert_eq!(location("../x"), ("../x".into(), true));
    }
}
