//! Token buckets in bounded memory, and the note that a key was used.

use crate::storage::Store;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// More callers than this are not remembered; the ones idle for longest are forgotten.
const MAX_BUCKETS: usize = 10_000;

/// A bucket nobody used for so long is full anyway. In seconds.
const IDLE: f64 = 3600.0;

/// Buckets by caller.
#[derive(Debug)]
pub(crate) struct Buckets {
    per_minute: u32,
    capacity: f64,
    buckets: Mutex<HashMap<String, Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    /// Unix seconds.
    at: f64,
}

/// What a caller is told about the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) allowed: bool,
    pub(crate) limit: u32,
    pub(crate) remaining: u64,
    /// Unix seconds at which the bucket is full again.
    pub(crate) reset: u64,
    /// Seconds until one token is back, when refused.
    pub(crate) retry_after: u64,
}

impl Buckets {
    /// Buckets that refill with so many tokens a minute and hold the greater of that and `burst`.
    pub(crate) fn new(per_minute: u32, burst: u32) -> Self {
        Self { per_minute, capacity: f64::from(per_minute.max(burst)), buckets: Mutex::default() }
    }

    /// Takes a token, if there is one.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating is right: none is negative")]
    pub(crate) fn take(&self, caller: &str, now: f64) -> Verdict {
        let rate = f64::from(self.per_minute) / 60.0;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MAX_BUCKETS && !buckets.contains_key(caller) {
            forget(&mut buckets, now);
        }
        let bucket = buckets.entry(caller.to_owned()).or_insert(Bucket { tokens: self.capacity, at: now });
        // A clock that went back refills nothing and takes nothing.
        bucket.tokens = ((now - bucket.at).max(0.0) * rate + bucket.tokens).min(self.capacity);
        bucket.at = bucket.at.max(now);
        let allowed = bucket.tokens >= 1.0;
        if allowed {
            bucket.tokens -= 1.0;
        }
        let retry_after = if allowed { 0 } else { (((1.0 - bucket.tokens) / rate).ceil() as u64).max(1) };
        let reset = (now + (self.capacity - bucket.tokens) / rate).ceil() as u64;
        Verdict { allowed, limit: self.per_minute, remaining: bucket.tokens as u64, reset, retry_after }
    }
}

/// Drops what is idle, and if that is not enough the quarter that was used least lately.
fn forget(buckets: &mut HashMap<String, Bucket>, now: f64) {
    buckets.retain(|_, bucket| now - bucket.at < IDLE);
    if buckets.len() < MAX_BUCKETS {
        return;
    }
    let mut times: Vec<f64> = buckets.values().map(|bucket| bucket.at).collect();
    let (_, oldest, _) = times.select_nth_unstable_by(MAX_BUCKETS / 4, f64::total_cmp);
    let oldest = *oldest;
    buckets.retain(|_, bucket| bucket.at > oldest);
}

/// When each key's use was last written down: once a minute is enough.
#[derive(Debug, Default)]
pub(crate) struct Touched(Mutex<HashMap<String, i64>>);

impl Touched {
    /// Notes a use; a write that fails costs only the note.
    pub(crate) async fn note(&self, store: &Store, id: &str, stored: Option<i64>, now: i64) {
        const EVERY: i64 = 60 * crate::time::SECOND;
        let due = {
            let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let before = last.get(id).copied().max(stored).unwrap_or(i64::MIN);
            let due = now.saturating_sub(before) >= EVERY;
            if due {
                last.insert(id.to_owned(), now);
            }
            due
        };
        if due {
            let _ = store.touch_key(id, now).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification() {
        let buckets = Buckets::new(3, 1);
        let at = 1_795_450_813.0;
        let remaining: Vec<_> = (0..3).map(|_| buckets.take("a", at)).map(|v| (v.allowed, v.remaining)).collect();
        assert_eq!(remaining, [(true, 2), (true, 1), (true, 0)]);
        let refused = buckets.take("a", at);
        assert_eq!((refused.allowed, refused.retry_after, refused.remaining, refused.limit), (false, 20, 0, 3));
        assert_eq!(refused.reset, 1_795_450_873);
        assert!(buckets.take("b", at).allowed);
        assert!(!buckets.take("a", at + 19.0).allowed && buckets.take("a", at + 20.5).allowed);
        assert!(!buckets.take("a", at - 1000.0).allowed);
    }

    #[test]
    fn the_greater_of_rate_and_burst_is_the_capacity() {
        let buckets = Buckets::new(2, 5);
        assert_eq!((0..9).filter(|_| buckets.take("a", 0.0).allowed).count(), 5);
    }

    #[test]
    fn memory_is_bounded_and_the_latest_are_kept() {
        let buckets = Buckets::new(1, 1);
        for n in 0..25_000 {
            buckets.take(&n.to_string(), f64::from(n) / 1000.0);
        }
        assert!(buckets.buckets.lock().unwrap().len() <= MAX_BUCKETS);
        assert!(!buckets.take("24999", 25.0).allowed);
        buckets.take("later", 4000.0);
        assert!(buckets.buckets.lock().unwrap().len() <= MAX_BUCKETS);
    }
}
