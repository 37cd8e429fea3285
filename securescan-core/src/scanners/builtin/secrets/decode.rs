//! Encoded text in text: runs of base64 and of percent escapes, decoded one level deep to be searched again.

use super::validate::base64_any;
use std::ops::Range;

/// Shortest base64 run, in characters.
const LEAST: usize = 24;
/// Longest run of either kind that is decoded, in bytes.
const MOST: usize = 64 << 10;

/// A run and what it decodes to.
#[derive(Debug)]
pub(super) struct Decoded {
    pub range: Range<usize>,
    pub plain: Vec<u8>,
    pub how: &'static str,
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// Calls `found` for every base64 run that decodes to text.
pub(super) fn base64_runs(text: &[u8], mut found: impl FnMut(Decoded)) {
    let mut from = 0;
    // A run of LEAST characters covers its last byte: looking at every LEAST-th byte first skips most of a source file.
    while let Some(byte) = text.get(from + LEAST - 1) {
        if !is_base64(*byte) {
            from += LEAST;
            continue;
        }
        let window = text.get(from..from + LEAST - 1).unwrap_or_default();
        if let Some(bad) = window.iter().rposition(|b| !is_base64(*b)) {
            from += bad + 1;
            continue;
        }
        let rest = text.get(from..).unwrap_or_default();
        let length = rest.iter().position(|b| !is_base64(*b)).unwrap_or(rest.len());
        if let Some(run) = rest.get(..length.min(MOST))
            && let Some(plain) = decode_run(run)
        {
            let padding = rest.get(length..).unwrap_or_default().iter().take(2).take_while(|b| **b == b'=').count();
            found(Decoded {
                range: from..from + length.min(MOST) + if length <= MOST { padding } else { 0 },
                plain,
                how: "base64",
            });
        }
        from += length.max(1);
    }
}

/// Decodes a run when its beginning is printable and nearly all of it is.
fn decode_run(run: &[u8]) -> Option<Vec<u8>> {
    let head = base64_any(run.get(..LEAST)?)?;
    if !head.iter().all(|b| is_text(*b)) {
        return None;
    }
    // Three characters of a group of four are complete, one is not.
    let whole = if run.len() % 4 == 1 { run.get(..run.len() - 1)? } else { run };
    let plain = base64_any(whole).or_else(|| base64_any(whole.get(..whole.len() - whole.len() % 4)?))?;
    let odd = plain.iter().filter(|b| !is_text(**b)).count();
    (odd * 20 <= plain.len()).then_some(plain)
}

fn is_text(byte: u8) -> bool {
    byte.is_ascii_graphic() || matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Calls `found` for every unbroken run of text that holds a percent escape.
pub(super) fn percent_runs(text: &[u8], mut found: impl FnMut(Decoded)) {
    let mut done = 0;
    for at in memchr::memchr_iter(b'%', text) {
        if at < done || !is_escape(text, at) {
            continue;
        }
        let breaks = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'`' | b'<' | b'>');
        let low = at.saturating_sub(256).max(done);
        let start = text.get(low..at).unwrap_or_default().iter().rposition(breaks).map_or(low, |i| low + i + 1);
        let high = text.len().min(at + (4 << 10));
        let end = text.get(at..high).unwrap_or_default().iter().position(breaks).map_or(high, |i| at + i);
        done = end;
        let plain = unescape(text.get(start..end).unwrap_or_default());
        found(Decoded { range: start..end, plain, how: "percent" });
    }
}

fn is_escape(text: &[u8], at: usize) -> bool {
    text.get(at + 1..at + 3).is_some_and(|h| h.iter().all(u8::is_ascii_hexdigit))
}

fn unescape(run: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(run.len());
    let mut at = 0;
    while let Some(byte) = run.get(at) {
        let hex = (*byte == b'%').then(|| run.get(at + 1..at + 3)).flatten();
        match hex.and_then(|h| std::str::from_utf8(h).ok()).and_then(|h| u8::from_str_radix(h, 16).ok()) {
            Some(decoded) => {
                out.push(decoded);
                at += 3;
            }
            None => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs() {
        let mut seen = Vec::new();
        base64_runs(b"x = 'dG9rZW4gPSBhYmNkZWZnaGlqa2xtbm8=' /usr/lib/python/dist/packages/foo", |d| {
            seen.push((d.range, d.plain))
        });
        assert_eq!(seen, [(5..37, b"token = abcdefghijklmno".to_vec())]);
        let mut seen = Vec::new();
        percent_runs(b"a https://x/?t%3Dabc%20d \"100%\" %da", |d| seen.push(d.plain));
        assert_eq!(seen, [b"https://x/?t=abc d".to_vec(), vec![0xda]]);
    }
}
