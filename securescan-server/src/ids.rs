//! Random names. The operating system's generator; when it fails, nothing that needs a secret may go on.

/// Random bytes.
///
/// Aborts the request (a caught panic, answered with 500) when the operating system has none: a guessable key is worse.
#[expect(clippy::panic, reason = "no randomness means no secrets; there is nothing to fall back to")]
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if let Err(error) = getrandom::fill(&mut bytes) {
        panic!("the operating system gives no random bytes: {error}");
    }
    bytes
}

/// A UUID of version 4.
pub(crate) fn uuid() -> String {
    let mut bytes = random::<16>();
    if let Some(byte) = bytes.get_mut(6) {
        *byte = (*byte & 0x0f) | 0x40;
    }
    if let Some(byte) = bytes.get_mut(8) {
        *byte = (*byte & 0x3f) | 0x80;
    }
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&hex(&[*byte]));
    }
    text
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |n: u8| char::from_digit(u32::from(n), 16).unwrap_or('0');
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_have_their_version_and_variant() {
        let id = uuid();
        assert_eq!(id.len(), 36);
        assert_eq!(id.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
        let at = |n: usize| id.chars().nth(n).unwrap();
        assert!(at(14) == '4' && "89ab".contains(at(19)), "{id}");
        assert_ne!(id, uuid());
        assert_eq!(hex(&[0, 0xab, 0xff]), "00abff");
    }
}
