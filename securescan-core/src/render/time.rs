//! The one moment a report states, where its format demands one. Never the clock's.

use super::RenderOptions;
use crate::{Error, Result};

/// What stands where nobody gave a time: a moment that is plainly none, the same in every run.
const NO_TIME: &str = "1970-01-01T00:00:00";

/// The moment as `YYYY-MM-DDTHH:MM:SS`, the form that GitLab and JUnit share.
///
/// # Errors
/// `invalid_argument` when the caller's time is none.
pub(super) fn moment(options: &RenderOptions) -> Result<&str> {
    let Some(given) = options.time.as_deref() else { return Ok(NO_TIME) };
    let text = given.strip_suffix('Z').or_else(|| given.strip_suffix("+00:00")).unwrap_or(given);
    if is_moment(text) {
        return Ok(text);
    }
    let shown: String = given.chars().take(40).collect();
    Err(Error::invalid(format!("invalid time `{}`", super::escape::terminal(&shown)))
        .hint("write it in UTC, to the second: `2026-01-02T03:04:05Z`"))
}

fn is_moment(text: &str) -> bool {
    const PARTS: [(usize, u32, u32); 5] = [(5, 1, 12), (8, 1, 31), (11, 0, 23), (14, 0, 59), (17, 0, 59)];
    let shape = |(at, byte): (usize, u8)| match at {
        4 | 7 => byte == b'-',
        10 => byte == b'T',
        13 | 16 => byte == b':',
        _ => byte.is_ascii_digit(),
    };
    let within = |(at, least, most): (usize, u32, u32)| {
        text.get(at..at + 2).and_then(|part| part.parse::<u32>().ok()).is_some_and(|n| (least..=most).contains(&n))
    };
    text.len() == NO_TIME.len() && text.bytes().enumerate().all(shape) && PARTS.into_iter().all(within) && days_exist(text)
}

/// The day is one that its month has.
fn days_exist(text: &str) -> bool {
    let number = |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse::<u32>().ok()).unwrap_or(0);
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    year > 0 && day <= last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        let of = |text: &str| {
            let options = RenderOptions { time: Some(text.into()), ..RenderOptions::default() };
            moment(&options).map(str::to_owned)
        };
        assert_eq!(moment(&RenderOptions::default()).unwrap(), NO_TIME);
        assert_eq!(of("2026-01-02T03:04:05Z").unwrap(), "2026-01-02T03:04:05");
        assert_eq!(of("2024-02-29T23:59:59").unwrap(), "2024-02-29T23:59:59");
        for bad in ["", "now", "2026-13-01T00:00:00", "2025-02-29T00:00:00", "2026-01-02 03:04:05", "2026-01-02T03:04:05.5", "é"]
        {
            assert_eq!(of(bad).unwrap_err().code(), "invalid_argument", "{bad}");
        }
    }
}
