//! The clock, and how a moment looks: microseconds since 1970 inside, text on the wire.

use jiff::Timestamp;

/// Microseconds in a second.
pub(crate) const SECOND: i64 = 1_000_000;

/// Now, in microseconds.
pub(crate) fn now() -> i64 {
    Timestamp::now().as_microsecond()
}

/// As answers show it: UTC without offset, microseconds, no fraction when it is zero (`2026-04-29T20:14:22.123456`).
pub(crate) fn wire(at: i64) -> String {
    let whole = to_second(at);
    match at.rem_euclid(SECOND) {
        0 => whole,
        micros => format!("{whole}.{micros:06}"),
    }
}

/// As webhooks and logs show it: always microseconds, with `Z`.
pub(crate) fn zulu(at: i64) -> String {
    format!("{}.{:06}Z", to_second(at), at.rem_euclid(SECOND))
}

/// To the second, without offset.
pub(crate) fn to_second(at: i64) -> String {
    let moment = Timestamp::from_second(at.div_euclid(SECOND)).unwrap_or(Timestamp::UNIX_EPOCH);
    moment.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        let at = 1_777_493_662_123_456;
        assert_eq!(wire(at), "2026-04-29T20:14:22.123456");
        assert_eq!(wire(at - 123_456), "2026-04-29T20:14:22");
        assert_eq!(zulu(at - 123_456), "2026-04-29T20:14:22.000000Z");
        assert_eq!(wire(-1), "1969-12-31T23:59:59.999999");
        assert_eq!(wire(i64::MAX), "1970-01-01T00:00:00.775807");
        assert!(now() > at);
    }
}
