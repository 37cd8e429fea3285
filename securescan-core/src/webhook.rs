//! Webhook signatures: `X-SecureScan-Signature: t=<unix seconds>,v1=<hex HMAC-SHA-256>` over `<t>.<body>`.
//!
//! The server signs, receivers verify. Only [`now`] looks at a clock: the caller says what time it is.
//!
//! # Source
//! Events specification, section 6; HMAC: RFC 2104.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

type HmacSha256 = Hmac<Sha256>;

/// How old a signature may be, in seconds, unless the caller says otherwise.
pub const DEFAULT_TOLERANCE: u64 = 300;

/// The longest header that is looked at, in bytes.
const MAX_HEADER_BYTES: usize = 4096;

/// The header for a body sent at a moment (seconds since 1970): `t=…,v1=…`.
pub fn sign(secret: &str, body: &[u8], time: i64) -> String {
    let mut hex = String::with_capacity(64);
    let signature = mac(secret.as_bytes(), &time.to_string(), body).map(|mac| mac.finalize().into_bytes());
    for byte in signature.iter().flatten() {
        hex.push_str(&format!("{byte:02x}"));
    }
    format!("t={time},v1={hex}")
}

/// Whether a header is a signature of this very body by this secret, made within `tolerance` seconds of `now` (seconds since
/// 1970), before or after. Of several `v1` parts, as while a secret is being changed, one has to be right. A malformed header is
/// no signature. Takes the same time whatever byte differs. An empty secret verifies nothing.
pub fn verify(secret: &str, header: &str, body: &[u8], tolerance: u64, now: i64) -> bool {
    if header.len() > MAX_HEADER_BYTES || secret.is_empty() {
        return false;
    }
    let mut time = None;
    let mut given = Vec::new();
    for part in header.split(',') {
        match part.trim().split_once('=') {
            Some(("t", _)) if time.is_some() => return false,
            Some(("t", value)) => time = Some(value),
            Some(("v1", value)) => given.push(value),
            _ => {}
        }
    }
    let Some(text) = time.filter(|t| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit())) else { return false };
    let Ok(time) = text.parse::<i64>() else { return false };
    if now.abs_diff(time) > tolerance {
        return false;
    }
    let Some(right) = mac(secret.as_bytes(), text, body) else { return false };
    // Every part is looked at, so that time does not tell which one was right.
    given.into_iter().filter_map(digest).fold(false, |found, other| found | right.clone().verify_slice(&other).is_ok())
}

/// Seconds since 1970 by the clock of this machine.
pub fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

/// HMAC takes keys of any length; the type only thinks it may refuse one.
fn mac(key: &[u8], time: &str, body: &[u8]) -> Option<HmacSha256> {
    let mut mac = HmacSha256::new_from_slice(key).ok()?;
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    Some(mac)
}

/// 64 hex digits of either case to bytes.
fn digest(hex: &str) -> Option<[u8; 32]> {
    let mut out = [0u8; 32];
    let digits = hex.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    for (slot, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
        for digit in pair {
            *slot = (*slot << 4) | u8::try_from(char::from(*digit).to_digit(16)?).ok()?;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"{"event":"scan.complete","data":{"scan_id":"0f1a93cb-44c2-4c8e-9f92-0a7c5a2e1b51","findings_count":3},"delivered_at":"2026-04-29T20:11:10.001234Z"}"#;
    const SIGNED: &str = "t=1700000000,v1=0dc9321a0eafaf835c61049ea5d42ba6f2dabd336ddaf825e65202f96f091d9b";

    #[test]
    fn the_published_vector() {
        assert_eq!(sign("whsecret-test", BODY.as_bytes(), 1_700_000_000), SIGNED);
        let ok = |header: &str, body: &str, now| verify("whsecret-test", header, body.as_bytes(), DEFAULT_TOLERANCE, now);
        assert!(ok(SIGNED, BODY, 1_700_000_300) && ok(SIGNED, BODY, 1_699_999_700));
        assert!(!ok(SIGNED, BODY, 1_700_000_301) && !ok(SIGNED, &format!("{BODY} "), 1_700_000_000));
        let two = SIGNED.replace("v1=", &format!("v1={}, v1=", "0".repeat(64)));
        assert!(ok(&two, BODY, 1_700_000_000));
        assert!(ok(&SIGNED.replace("dc9321a", "DC9321A"), BODY, 1_700_000_000));
        assert!(!verify("", &sign("", b"", 1), b"", 300, 1));
    }

    #[test]
    fn malformed_headers_are_no_signatures() {
        let long = format!("{SIGNED},{}", "v1=0,".repeat(2000));
        for header in ["", "t=", "v1=", "t=1", "t=x,v1=0", "t=-1,v1=00", "t=1,t=1700000000", "t=99999999999999999999,v1=a", &long]
        {
            assert!(!verify("whsecret-test", header, BODY.as_bytes(), u64::MAX, 1_700_000_000), "{header}");
        }
        assert!(!verify("whsecret-test", &format!("t=1,{SIGNED}"), BODY.as_bytes(), 300, 1_700_000_000));
    }

    #[test]
    fn vectors_of_the_python_version() {
        let shared = std::env::var_os("SECURESCAN_SHARED")
            .map_or_else(|| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"), std::path::PathBuf::from);
        let Ok(text) = std::fs::read_to_string(shared.join("vectors/webhook_signature.json")) else {
            println!("skipped: the shared vectors are not here");
            return;
        };
        let vectors: serde_json::Value = serde_json::from_str(&text).unwrap();
        let cases = vectors["cases"].as_array().unwrap();
        assert!(cases.len() > 3);
        for case in cases {
            let (input, expected) = (&case["input"], &case["expected"]);
            let body = expected["body"].as_str().unwrap().as_bytes();
            let time = input["timestamp"].as_i64().unwrap();
            assert_eq!(sign(input["secret"].as_str().unwrap(), body, time), expected["header"].as_str().unwrap());
        }
    }
}
