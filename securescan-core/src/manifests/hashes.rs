//! Digests of packages, as lock files write them.

use base64::Engine;
use std::fmt::Write;

/// How a digest was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HashAlgorithm {
    /// MD5.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

const ALGORITHMS: &[(&str, HashAlgorithm, usize)] = &[
    ("md5", HashAlgorithm::Md5, 32),
    ("sha1", HashAlgorithm::Sha1, 40),
    ("sha256", HashAlgorithm::Sha256, 64),
    ("sha384", HashAlgorithm::Sha384, 96),
    ("sha512", HashAlgorithm::Sha512, 128),
];

/// A digest in lower-case hexadecimal.
pub type Hash = (HashAlgorithm, String);

/// A digest by the name of its algorithm; none when the length does not fit it.
pub(super) fn plain(algorithm: &str, hex: &str) -> Option<Hash> {
    let (_, algorithm, length) = ALGORITHMS.iter().find(|(name, ..)| name.eq_ignore_ascii_case(algorithm))?;
    let fits = hex.len() == *length && hex.bytes().all(|b| b.is_ascii_hexdigit());
    fits.then(|| (*algorithm, hex.to_ascii_lowercase()))
}

/// `sha256:<hex>` or `sha256=<hex>`.
pub(super) fn labelled(text: &str) -> Option<Hash> {
    let (algorithm, hex) = text.trim().split_once([':', '='])?;
    plain(algorithm, hex)
}

/// A digest in Base64, as NuGet and subresource integrity have it.
pub(super) fn encoded(algorithm: &str, base64: &str) -> Option<Hash> {
    // No digest is longer.
    let base64 = Some(base64).filter(|text| text.len() <= 100)?;
    let bytes = base64::engine::general_purpose::STANDARD.decode(base64).ok()?;
    let mut hex = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(hex, "{byte:02x}");
    }
    plain(algorithm, &hex)
}

/// Subresource integrity: `sha512-<base64>`, several with blanks between them.
pub(super) fn integrity(text: &str) -> Vec<Hash> {
    text.split_whitespace().take(8).filter_map(|one| one.split_once('-')).filter_map(|(a, b)| encoded(a, b)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let empty = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
        assert_eq!(integrity("sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk= odd"), [(HashAlgorithm::Sha1, empty.to_owned())]);
        assert_eq!(labelled(&format!("sha1:{}", empty.to_uppercase())), Some((HashAlgorithm::Sha1, empty.to_owned())));
        assert_eq!((labelled("sha1:zz"), plain("sha3", empty), encoded("sha1", "?")), (None, None, None));
    }
}
