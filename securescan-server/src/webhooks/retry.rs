//! What comes after a try. Nothing here looks at a clock or throws dice: both are told.
//!
//! # Source
//! Events specification, sections 5 and 10; `Retry-After`: RFC 9110, section 10.2.3.

use crate::storage::{MAX_AGE, Next};
use crate::time::SECOND;
use std::time::Duration;

/// The longest wait between two tries, in seconds.
const LONGEST: u64 = 300;

/// The shortest, in seconds: a receiver that is down is not asked again within it.
const SHORTEST: f64 = 1.0;

/// How long to wait after this many tries: anything between the floor and five seconds doubled with each try. `random` is from 0
/// to 1.
pub(super) fn backoff(tries: i64, random: f64) -> Duration {
    let doublings = u32::try_from(tries.saturating_sub(1).clamp(0, 16)).unwrap_or(0);
    let most = 5_u64.saturating_mul(1 << doublings).min(LONGEST);
    let chosen = random.clamp(0.0, 1.0) * f64::from(u32::try_from(most).unwrap_or(u32::MAX));
    Duration::from_secs_f64(chosen.max(SHORTEST))
}

/// How long a receiver asks to be left alone: seconds or a date. Not longer than the longest wait.
pub(super) fn retry_after(header: Option<&str>, now: i64) -> Option<Duration> {
    let text = header?.trim();
    let seconds = if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        text.parse().unwrap_or(u64::MAX)
    } else {
        let at = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?.as_microsecond();
        u64::try_from(at.saturating_sub(now)).unwrap_or(0).div_ceil(SECOND.unsigned_abs())
    };
    Some(Duration::from_secs(seconds.min(LONGEST)))
}

/// One try and what it was a try of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Try {
    /// Which it was, from 1.
    pub(super) number: i64,
    pub(super) created_at: i64,
    pub(super) now: i64,
    /// The status that came back.
    pub(super) code: Option<u16>,
    /// See [`retry_after`].
    pub(super) wait: Option<Duration>,
}

/// What comes after it.
pub(super) fn next(tried: Try, random: f64) -> Next {
    match tried.code {
        Some(200..=299) => return Next::Succeeded,
        Some(410) => return Next::Gone,
        _ => {}
    }
    if tried.now.saturating_sub(tried.created_at) > MAX_AGE {
        return Next::Failed;
    }
    let wait = backoff(tried.number, random).max(tried.wait.unwrap_or_default());
    Next::Retry(tried.now.saturating_add(i64::try_from(wait.as_micros()).unwrap_or(i64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_jitter_with_a_cap_and_a_floor() {
        let caps: Vec<u64> = (1..=9).map(|n| backoff(n, 1.0).as_secs()).collect();
        assert_eq!(caps, [5, 10, 20, 40, 80, 160, 300, 300, 300]);
        for n in [i64::MIN, 0, 1, 2, 40, i64::MAX] {
            assert_eq!(backoff(n, 0.0), Duration::from_secs(1));
            assert!(backoff(n, 7.0) <= Duration::from_secs(300) && backoff(n, f64::NAN) >= Duration::from_secs(1));
        }
        assert_eq!(backoff(3, 0.5), Duration::from_secs(10));
        assert_eq!(backoff(2, 0.25), Duration::from_millis(2500));
    }

    #[test]
    fn what_receivers_ask_for() {
        let now = 784_111_777 * SECOND;
        for (header, seconds) in [
            (None, None),
            (Some("7"), Some(7)),
            (Some(" 0 "), Some(0)),
            (Some("301"), Some(300)),
            (Some("99999999999999999999999"), Some(300)),
            (Some("-1"), None),
            (Some("soon"), None),
            (Some(""), None),
            (Some("Sun, 06 Nov 1994 08:49:47 GMT"), Some(10)),
            (Some("Sun, 06 Nov 1994 08:49:27 GMT"), Some(0)),
            (Some("Sun, 06 Nov 1994 08:49"), None),
            (Some("Sat, 06 Nov 2094 08:49:37 GMT"), Some(300)),
        ] {
            assert_eq!(retry_after(header, now), seconds.map(Duration::from_secs), "{header:?}");
        }
    }

    #[test]
    fn the_state_machine() {
        let after = |code, age_s: i64, wait: Option<u64>| {
            let tried = Try { number: 1, created_at: 0, now: age_s * SECOND, code, wait: wait.map(Duration::from_secs) };
            next(tried, 0.6)
        };
        for code in [200, 204, 299] {
            assert_eq!(after(Some(code), 99_999, None), Next::Succeeded);
        }
        for code in [None, Some(100), Some(301), Some(400), Some(404), Some(429), Some(500)] {
            assert_eq!(after(code, 1_800, None), Next::Retry(1_803 * SECOND), "{code:?}");
            assert_eq!(after(code, 1_801, None), Next::Failed, "{code:?}");
        }
        assert_eq!(after(Some(410), 0, None), Next::Gone);
        assert_eq!(after(Some(503), 0, Some(120)), Next::Retry(120 * SECOND));
        assert_eq!(after(Some(503), 0, Some(1)), Next::Retry(3 * SECOND));
    }
}
