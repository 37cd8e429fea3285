//! The bytes of a delivery: body, signature, headers. Made afresh for each try, because the time of the try is in all three.
//!
//! # Source
//! Events specification, section 6.

use super::chat;
use crate::storage::Claimed;
use crate::time::{SECOND, zulu};
use securescan_core::webhook::sign;

/// What we call ourselves; the number is that of the payload's shape.
const USER_AGENT: &str = "SecureScan-Webhook/0.9";

/// A delivery as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
}

/// A delivery as it is sent at a moment.
pub(super) fn message(delivery: &Claimed, now: i64) -> Message {
    let body = match chat::Kind::of(&delivery.url) {
        None => envelope(&delivery.event, &delivery.payload, now),
        Some(kind) => {
            ascii(&kind.body(&delivery.event, &serde_json::from_str(&delivery.payload).unwrap_or_default()).to_string())
        }
    };
    let headers = vec![
        ("content-type", "application/json".to_owned()),
        ("user-agent", USER_AGENT.to_owned()),
        ("x-securescan-event", delivery.event.clone()),
        ("x-securescan-webhook-id", delivery.webhook_id.clone()),
        ("x-securescan-delivery", delivery.id.clone()),
        ("x-securescan-signature", signature(&delivery.secret, delivery.previous_secret.as_deref(), &body, now)),
    ];
    Message { headers, body }
}

/// `{"event":…,"data":…,"delivered_at":…}`: these keys in this order, without space, in ASCII. `data` is JSON.
fn envelope(event: &str, data: &str, now: i64) -> String {
    let event = serde_json::Value::from(event);
    ascii(&format!("{{\"event\":{event},\"data\":{data},\"delivered_at\":\"{}\"}}", zulu(now)))
}

/// JSON with everything else than ASCII escaped, which can stand in strings alone.
fn ascii(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

/// `t=…,v1=…`; with one more `v1` while the secret before a rotation still counts.
fn signature(secret: &str, previous: Option<&str>, body: &str, now: i64) -> String {
    let time = now.div_euclid(SECOND);
    let mut header = sign(secret, body.as_bytes(), time);
    let other = previous.map(|previous| sign(previous, body.as_bytes(), time));
    if let Some((_, other)) = other.as_deref().and_then(|other| other.split_once(',')) {
        header.push(',');
        header.push_str(other);
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;
    use securescan_core::webhook::verify;

    fn delivery(url: &str, payload: &str) -> Claimed {
        Claimed {
            seq: 1,
            id: "d".into(),
            webhook_id: "w".into(),
            event: "scan.complete".into(),
            payload: payload.into(),
            attempt: 0,
            created_at: 0,
            url: url.into(),
            secret: "whsecret-test".into(),
            previous_secret: None,
        }
    }

    #[test]
    fn the_published_vector() {
        let data = r#"{"scan_id":"0f1a93cb-44c2-4c8e-9f92-0a7c5a2e1b51","findings_count":3}"#;
        let body = envelope("scan.complete", data, 1_777_493_470_001_234);
        assert_eq!(
            body,
            r#"{"event":"scan.complete","data":{"scan_id":"0f1a93cb-44c2-4c8e-9f92-0a7c5a2e1b51","findings_count":3},"delivered_at":"2026-04-29T20:11:10.001234Z"}"#
        );
        assert_eq!(body.len(), 147);
        assert_eq!(
            signature("whsecret-test", None, &body, 1_700_000_000 * SECOND + 999_999),
            "t=1700000000,v1=0dc9321a0eafaf835c61049ea5d42ba6f2dabd336ddaf825e65202f96f091d9b"
        );
    }

    #[test]
    fn headers_and_bytes() {
        let now = 1_777_493_470_001_234;
        let sent = message(&delivery("https://a/b", r#"{"b":"é😀","a":1}"#), now);
        assert_eq!(
            sent.body,
            r#"{"event":"scan.complete","data":{"b":"\u00e9\ud83d\ude00","a":1},"delivered_at":"2026-04-29T20:11:10.001234Z"}"#
        );
        let header = |name: &str| sent.headers.iter().find(|(n, _)| *n == name).map(|(_, v)| v.clone()).unwrap();
        assert_eq!(header("content-type"), "application/json");
        assert_eq!(header("user-agent"), "SecureScan-Webhook/0.9");
        assert_eq!(header("x-securescan-event"), "scan.complete");
        assert_eq!((header("x-securescan-webhook-id"), header("x-securescan-delivery")), ("w".into(), "d".into()));
        let signed = header("x-securescan-signature");
        assert!(verify("whsecret-test", &signed, sent.body.as_bytes(), 0, now / SECOND), "{signed}");
        assert_eq!(signed.matches("v1=").count(), 1);
        assert_ne!(message(&delivery("https://a/b", "{}"), now + SECOND).headers, sent.headers);
    }

    #[test]
    fn two_secrets_sign_during_a_rotation() {
        let now = 1_777_493_470_001_234;
        let turning = Claimed { previous_secret: Some("before".into()), ..delivery("https://a/b", "{}") };
        let sent = message(&turning, now);
        let signed = &sent.headers.last().unwrap().1;
        assert_eq!(signed.matches("v1=").count(), 2);
        for (secret, good) in [("whsecret-test", true), ("before", true), ("other", false)] {
            assert_eq!(verify(secret, signed, sent.body.as_bytes(), 0, now / SECOND), good, "{secret}");
        }
    }

    #[test]
    fn chat_bodies_are_signed_as_they_are_sent() {
        let now = 1_777_493_470_001_234;
        let sent = message(&delivery("https://hooks.slack.com/services/T/B/x", r#"{"scan_id":"é"}"#), now);
        assert!(sent.body.is_ascii() && sent.body.contains("\"blocks\""), "{}", sent.body);
        assert!(verify("whsecret-test", &sent.headers.last().unwrap().1, sent.body.as_bytes(), 0, now / SECOND));
        // What cannot be read still gives a message.
        assert!(message(&delivery("https://discord.com/api/webhooks/1/x", "no json"), now).body.contains("embeds"));
    }
}
