//! Event tokens: a scan's stream of events for a few minutes, for browsers that cannot send a header.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How long a token is good, in seconds.
pub(crate) const TTL: i64 = 300;

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) scan_id: String,
    /// The key's id, `env` or `dev`.
    pub(crate) key_id: String,
    /// Unix seconds; good up to and with it.
    pub(crate) expires_at: i64,
}

impl Token {
    /// A token for now and the next [`TTL`] seconds.
    pub(crate) fn new(scan_id: &str, key_id: &str, now: i64) -> Self {
        Self { scan_id: scan_id.into(), key_id: key_id.into(), expires_at: now.saturating_add(TTL) }
    }

    fn body(&self) -> String {
        format!("{}|{}|{}", self.scan_id, self.key_id, self.expires_at)
    }

    /// Signs it and writes it out.
    pub(crate) fn write(&self, secret: &[u8]) -> String {
        let body = self.body();
        let signature = mac(secret, &body).map(|mac| URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())).unwrap_or_default();
        URL_SAFE_NO_PAD.encode(format!("{body}|{signature}"))
    }

    /// Reads a token: none when it is malformed, forged or expired. Decoding, signature, expiry, in this order.
    pub(crate) fn read(token: &str, secret: &[u8], now: i64) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
        let (body, signature) = text.rsplit_once('|')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        mac(secret, body)?.verify_slice(&signature).ok()?;
        let mut parts = body.split('|');
        let (scan_id, key_id, expires_at) = (parts.next()?, parts.next()?, parts.next()?.parse::<i64>().ok()?);
        let token = Self { scan_id: scan_id.into(), key_id: key_id.into(), expires_at };
        (parts.next().is_none() && expires_at >= now).then_some(token)
    }
}

fn mac(secret: &[u8], body: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    mac.update(body.as_bytes());
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCAN: &str = "0f1a93cb-44c2-4c8e-9f92-0a7c5a2e1b51";

    #[test]
    fn the_vector_of_the_specification() {
        let token = Token::new(SCAN, "5a7c8f9eab", 1_700_000_000);
        let written = token.write(b"test-secret");
        assert_eq!(
            written,
            "MGYxYTkzY2ItNDRjMi00YzhlLTlmOTItMGE3YzVhMmUxYjUxfDVhN2M4ZjllYWJ8MTcwMDAwMDMwMHx4MnRRWE4wcjhxSjZwYTNtQmZFQnJVRlF0QU5Ld05FZ0p1VUtiOGxyeFRF"
        );
        assert_eq!(Token::read(&written, b"test-secret", 1_700_000_300), Some(token));
    }

    #[test]
    fn expired_forged_and_malformed_tokens_say_nothing() {
        let written = Token::new(SCAN, "env", 1000).write(b"a");
        assert!(Token::read(&written, b"a", 1300).is_some());
        assert!(Token::read(&written, b"a", 1301).is_none());
        assert!(Token::read(&written, b"b", 1000).is_none());
        let forged = URL_SAFE_NO_PAD.encode(format!("{SCAN}|env|9999999999|AAAA"));
        for bad in ["", "!", "AAAA", forged.as_str(), written.get(1..).unwrap(), &format!("{written}A")] {
            assert!(Token::read(bad, b"a", 1000).is_none(), "{bad}");
        }
    }
}
