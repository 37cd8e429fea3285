//! Private keys in PEM form, over several lines or in one string with `\n` escapes.

use std::ops::Range;

/// What may stand between `BEGIN` and `PRIVATE KEY`. Sources: RFC 7468, RFC 5915, OpenSSL, OpenSSH, OpenPGP, ssh.com.
const LABELS: &[&[u8]] = &[
    b"",
    b"RSA",
    b"DSA",
    b"EC",
    b"DH",
    b"X25519",
    b"ED25519",
    b"ANY",
    b"ENCRYPTED",
    b"OPENSSH",
    b"PGP",
    b"SSH2 ENCRYPTED",
    b"TSS2",
];

/// Longest block looked at, in bytes.
const REACH: usize = 32 << 10;
/// Least characters of base64 between the two lines.
const LEAST_BODY: usize = 64;
/// Least length of one unbroken run of it: code that writes a key holds none.
const LEAST_RUN: usize = 30;

/// A block found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub range: Range<usize>,
    /// Needs a passphrase to be used.
    pub encrypted: bool,
}

/// The block whose opening line holds `PRIVATE KEY` at `word`.
pub(super) fn read(text: &[u8], word: usize) -> Option<Block> {
    const BEGIN: &[u8] = b"-----BEGIN ";
    let low = word.saturating_sub(48);
    let start = low + memchr::memmem::rfind(text.get(low..word)?, BEGIN)?;
    let label = text.get(start + BEGIN.len()..word)?;
    if !LABELS.contains(&label.trim_ascii()) {
        return None;
    }
    let after = text.get(word + 11..text.len().min(word + REACH))?;
    let after = after.strip_prefix(b" BLOCK").unwrap_or(after);
    let after = after.strip_prefix(b"-----")?;
    let body_start = text.len().min(word + REACH) - after.len();
    let end_line = memchr::memmem::find(after, b"-----END ")?;
    let body = after.get(..end_line)?;
    // A second opening line inside means that the first was never closed.
    if memchr::memmem::find(body, BEGIN).is_some() {
        return None;
    }
    let tail = after.get(end_line + 9..)?;
    let close = memchr::memmem::find(tail.get(..tail.len().min(64))?, b"-----")?;
    let size = content(body);
    if size < LEAST_BODY {
        return None;
    }
    let holds = |what: &[u8]| memchr::memmem::find(body, what).is_some();
    let encrypted = label.starts_with(b"ENCRYPTED") || holds(b"ENCRYPTED") || holds(b"YmNyeXB0");
    Some(Block { range: start..body_start + end_line + 9 + close + 5, encrypted })
}

/// Whether a block is shorter than its own DER header says: cut for display, no key. The header is `30 82` and two bytes of length (X.690,
/// 8.1.3), which is `MII` and five more characters in base64.
pub(super) fn is_cut(block: &[u8]) -> bool {
    use base64::Engine;
    let body = memchr::memmem::find(block, b"MII").and_then(|start| block.get(start..)).unwrap_or_default();
    let body = memchr::memmem::find(body, b"-----END").and_then(|end| body.get(..end)).unwrap_or_default();
    let Some(Ok(head)) = body.get(..8).map(|head| base64::engine::general_purpose::STANDARD_NO_PAD.decode(head)) else {
        return false;
    };
    let [0x30, 0x82, high, low, ..] = head.as_slice() else { return false };
    let needed = (usize::from(u16::from_be_bytes([*high, *low])) + 4) * 4 / 3;
    body.iter().filter(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/')).count() * 10 < needed * 9
}

/// How much of a body is base64, header lines, escapes and quotes aside; 0 when too much of it is something else.
fn content(body: &[u8]) -> usize {
    let (mut size, mut other, mut run, mut longest) = (0, 0, 0, 0);
    let mut rest = body;
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        let coded = first.is_ascii_alphanumeric() || matches!(first, b'+' | b'/' | b'=');
        run = if coded { run + 1 } else { 0 };
        longest = longest.max(run);
        match first {
            _ if coded => size += 1,
            b'\\' => rest = tail.get(1..).unwrap_or_default(),
            b'\r' | b'\n' | b' ' | b'\t' | b'"' | b'\'' | b',' | b';' | b'`' | b'&' | b'#' | b'*' | b'>' | b'|' => {}
            // `Proc-Type: 4,ENCRYPTED` and armour headers.
            b':' | b'-' | b'.' | b'(' | b')' => {}
            _ => other += 1,
        }
    }
    if other * 8 > size || longest < LEAST_RUN { 0 } else { size }
}

/// Whether the body repeats itself or is filler.
pub(super) fn is_filler(block: &[u8]) -> bool {
    super::value::entropy(block) < 4.0 || memchr::memmem::find(block, b"...").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body() -> String {
        "MIIEpAIBAAKCAQEAy8Dbv8prpJ/0kKhlGeJYozo2t60EG8L0561g13R29LvMR5hy".repeat(2)
    }

    fn find(text: &str) -> Option<Block> {
        read(text.as_bytes(), text.find("PRIVATE KEY")?)
    }

    #[test]
    fn blocks() {
        let plain = format!("x\n-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----\ny", body());
        let block = find(&plain).unwrap();
        let shown = plain.get(block.range).unwrap();
        assert!(shown.starts_with("-----BEGIN") && shown.ends_with("KEY-----") && !block.encrypted);
        let json = format!("\"key\": \"-----BEGIN PRIVATE KEY-----\\n{}\\n-----END PRIVATE KEY-----\\n\"", body());
        assert!(find(&json).is_some());
        let encrypted = plain.replace("RSA PRIVATE KEY-----\nM", "RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nM");
        assert!(find(&encrypted).unwrap().encrypted);
        let pgp = format!("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{}\n-----END PGP PRIVATE KEY BLOCK-----", body());
        assert!(find(&pgp).is_some());
    }

    #[test]
    fn not_blocks() {
        assert_eq!(find("-----BEGIN PRIVATE KEY-----"), None);
        assert_eq!(find("-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----"), None);
        assert_eq!(find("the PRIVATE KEY"), None);
        let code =
            "-----BEGIN PGP PRIVATE KEY BLOCK-----\n'); result.push(header(comment, config)); result.push(body(data, sum));";
        assert_eq!(find(&format!("{code} result.push('-----END PGP PRIVATE KEY BLOCK-----\n');")), None);
    }
}
