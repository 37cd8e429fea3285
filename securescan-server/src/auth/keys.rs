//! API keys: `ssk_<id>_<secret>`, how they are made, kept and checked.

use crate::ids::{hex, random};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

const PREFIX: &str = "ssk_";
const ID_CHARS: usize = 10;
const SECRET_CHARS: usize = 32;

/// As long as the shown prefix: `ssk_`, the id, `_` and one character of the secret.
const SHOWN_CHARS: usize = 16;

/// A well-formed hash that no key has, for ids that are not there.
pub(super) const DUMMY_HASH: &str =
    "00000000000000000000000000000000$0000000000000000000000000000000000000000000000000000000000000000";

/// A key that was just made; the only moment at which it is known whole.
pub(crate) struct Fresh {
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) prefix: String,
    pub(crate) hash: String,
}

/// Makes a key.
pub(crate) fn fresh() -> Fresh {
    let id: String = URL_SAFE_NO_PAD.encode(random::<8>()).chars().take(ID_CHARS).map(plain).collect();
    let secret: String = URL_SAFE_NO_PAD.encode(random::<24>()).chars().take(SECRET_CHARS).collect();
    let key = format!("{PREFIX}{id}_{secret}");
    let prefix = key.chars().take(SHOWN_CHARS).collect();
    let hash = hashed(&key, &random::<16>());
    Fresh { id, key, prefix, hash }
}

/// The id's alphabet has no separator in it.
fn plain(c: char) -> char {
    match c {
        '-' => 'x',
        '_' => 'y',
        c => c,
    }
}

/// The id in a key, and the key.
pub(crate) fn parse(key: &str) -> Option<(&str, &str)> {
    let (id, secret) = key.strip_prefix(PREFIX)?.split_once('_')?;
    (id.len() == ID_CHARS && id.is_ascii() && !secret.is_empty()).then_some((id, key))
}

/// `hex(salt)$hex(SHA-256(salt ‖ key))`
fn hashed(key: &str, salt: &[u8; 16]) -> String {
    let digest = Sha256::new().chain_update(salt).chain_update(key.as_bytes()).finalize();
    format!("{}${}", hex(salt), hex(&digest))
}

/// Whether a key has this hash. What is no hash fits nothing.
pub(crate) fn verify(key: &str, stored: &str) -> bool {
    let Some(salt) = stored.split_once('$').and_then(|(salt, _)| unhex(salt)) else { return false };
    bool::from(hashed(key, &salt).as_bytes().ct_eq(stored.as_bytes()))
}

fn unhex(text: &str) -> Option<[u8; 16]> {
    let digits: Vec<u8> = text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits.chunks_exact(2).filter_map(|pair| Some(pair.first()? << 4 | pair.last()?)).collect();
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vector_of_the_specification() {
        let salt: [u8; 16] = std::array::from_fn(|i| u8::try_from(i).unwrap());
        let key = "ssk_5a7c8f9eab_abcdefghijABCDEFGHIJ0123456789xy";
        let stored = "000102030405060708090a0b0c0d0e0f$5428a0a3fbec601cd121b5579d38310bf1e3721fc007c3b4d377a03f3611d541";
        assert_eq!(hashed(key, &salt), stored);
        assert!(verify(key, stored) && !verify("ssk_5a7c8f9eab_x", stored));
        assert_eq!(parse(key), Some(("5a7c8f9eab", key)));
    }

    #[test]
    fn malformed_hashes_and_keys_fit_nothing() {
        for stored in ["", "$", "zz$00", "00$00", DUMMY_HASH, "é$é"] {
            assert!(!verify("ssk_5a7c8f9eab_abc", stored), "{stored}");
        }
        for key in ["", "ssk_", "ssk_short_x", "ssk_5a7c8f9eab", "ssk_5a7c8f9eab_", "key_5a7c8f9eab_x", "ssk_5a7c8f9eéb_x"] {
            assert_eq!(parse(key), None, "{key}");
        }
    }

    #[test]
    fn fresh_keys_have_the_documented_form() {
        for _ in 0..200 {
            let made = fresh();
            assert_eq!((made.key.len(), made.prefix.len(), made.id.len()), (47, 16, 10));
            assert_eq!(parse(&made.key).unwrap().0, made.id);
            assert!(made.key.starts_with(&made.prefix) && verify(&made.key, &made.hash));
        }
    }
}
