//! The few facts of a certificate that the checks need. Reads DER as far as these lie and no further; nothing is verified here.
//!
//! # Source
//! RFC 5280, section 4.1 (the shape), RFC 3279 and 5758 (the algorithm ids).

/// What a certificate says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// First second it is valid, since 1970.
    pub not_before: i64,
    /// Last second it is valid.
    pub not_after: i64,
    /// Whether it names itself as its issuer.
    pub self_issued: bool,
    /// The broken hash its signature uses: `MD5`, `SHA-1`, …
    pub weak_hash: Option<&'static str>,
    /// Its public key.
    pub key: Key,
}

/// A public key's kind and size in bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// RSA, by its modulus.
    Rsa(usize),
    /// An elliptic curve, by its field.
    Curve(usize),
    /// Another kind.
    Other,
}

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OID: u8 = 0x06;

/// One element: tag, content, and what follows.
fn element(data: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = data.split_first()?;
    let (first, mut rest) = rest.split_first()?;
    let length = if first & 0x80 == 0 {
        usize::from(*first)
    } else {
        let count = usize::from(first & 0x7f);
        if count == 0 || count > 4 {
            return None;
        }
        let (bytes, after) = rest.split_at_checked(count)?;
        rest = after;
        bytes.iter().try_fold(0_usize, |n, b| n.checked_mul(256)?.checked_add(usize::from(*b)))?
    };
    let (content, after) = rest.split_at_checked(length)?;
    Some((*tag, content, after))
}

/// The content of the next element, which must have this tag, and what follows.
fn expect(data: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    element(data).filter(|(found, ..)| *found == tag).map(|(_, content, rest)| (content, rest))
}

impl Facts {
    /// Reads a certificate in DER; none when it is not one.
    pub fn read(der: &[u8]) -> Option<Self> {
        let (certificate, _) = expect(der, SEQUENCE)?;
        let (body, after) = expect(certificate, SEQUENCE)?;
        let (algorithm, _) = expect(after, SEQUENCE)?;
        let (algorithm, parameters) = expect(algorithm, OID)?;
        // An explicit version, then the serial number and the signature's algorithm again.
        let body = match element(body)? {
            (0xa0, _, rest) => rest,
            _ => body,
        };
        let (_, body) = expect(body, INTEGER)?;
        let (_, body) = expect(body, SEQUENCE)?;
        let (issuer, body) = expect(body, SEQUENCE)?;
        let (validity, body) = expect(body, SEQUENCE)?;
        let (subject, body) = expect(body, SEQUENCE)?;
        let (public_key, _) = expect(body, SEQUENCE)?;
        let (tag, first, validity) = element(validity)?;
        let not_before = time(tag, first)?;
        let (tag, last, _) = element(validity)?;
        let not_after = time(tag, last)?;
        Some(Self {
            not_before,
            not_after,
            self_issued: issuer == subject,
            weak_hash: weak_hash(algorithm, parameters),
            key: key(public_key).unwrap_or(Key::Other),
        })
    }
}

/// The broken hash of a signature algorithm.
fn weak_hash(oid: &[u8], parameters: &[u8]) -> Option<&'static str> {
    match oid {
        // 1.2.840.113549.1.1.n: RSA with …
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, n] => match n {
            2 => Some("MD2"),
            3 => Some("MD4"),
            4 => Some("MD5"),
            5 => Some("SHA-1"),
            // RSASSA-PSS names its hash in the parameters; without any it is SHA-1.
            10 => expect(parameters, SEQUENCE).filter(|(p, _)| p.first().is_none_or(|t| *t != 0xa0)).map(|_| "SHA-1"),
            _ => None,
        },
        // 1.2.840.10045.4.1: ECDSA with SHA-1; 1.2.840.10040.4.3: DSA with SHA-1; 1.3.14.3.2.29: RSA with SHA-1, old.
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1] | [0x2a, 0x86, 0x48, 0xce, 0x38, 4, 3] | [0x2b, 0x0e, 3, 2, 29] => Some("SHA-1"),
        _ => None,
    }
}

fn key(public_key: &[u8]) -> Option<Key> {
    let (algorithm, rest) = expect(public_key, SEQUENCE)?;
    let (oid, parameters) = expect(algorithm, OID)?;
    match oid {
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, _] => {
            let (bits, _) = expect(rest, BIT_STRING)?;
            let (numbers, _) = expect(bits.get(1..)?, SEQUENCE)?;
            let (modulus, _) = expect(numbers, INTEGER)?;
            let start = modulus.iter().position(|b| *b != 0)?;
            let significant = modulus.get(start..)?;
            let top = significant.first()?.leading_zeros() as usize;
            Some(Key::Rsa(significant.len() * 8 - top))
        }
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1] => {
            let (curve, _) = expect(parameters, OID)?;
            Some(match curve {
                [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 1] => Key::Curve(192),
                [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7] => Key::Curve(256),
                [0x2b, 0x81, 4, 0, 33] => Key::Curve(224),
                [0x2b, 0x81, 4, 0, 34] => Key::Curve(384),
                [0x2b, 0x81, 4, 0, 35] => Key::Curve(521),
                [0x2b, 0x81, 4, 0, 8 | 9 | 28 | 29 | 30] => Key::Curve(160),
                _ => Key::Other,
            })
        }
        _ => Some(Key::Other),
    }
}

/// `YYMMDDhhmmssZ` (tag 0x17) or `YYYYMMDDhhmmssZ` (tag 0x18), in seconds since 1970.
fn time(tag: u8, text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let split = match (tag, text.len()) {
        (0x17, 10 | 12) => 2,
        (0x18, 12 | 14) => 4,
        _ => return None,
    };
    let (year, rest) = text.split_at(split);
    let year: i64 = year.parse().ok()?;
    let year = if split == 4 {
        year
    } else if year < 50 {
        2000 + year
    } else {
        1900 + year
    };
    let field = |at: usize| rest.get(at..at + 2).map_or(Some(0), |t| t.parse::<i64>().ok());
    let (month, day, hour, minute, second) = (field(0)?, field(2)?, field(4)?, field(6)?, field(8)?);
    let in_range = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second <= 60;
    in_range.then(|| days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
}

/// Days since 1970-01-01 in the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::{Facts, days, time};

    #[test]
    fn dates() {
        assert_eq!((days(1970, 1, 1), days(2000, 3, 1), days(2024, 2, 29)), (0, 11_017, 19_782));
        assert_eq!(time(0x17, b"700101000000Z"), Some(0));
        assert_eq!(time(0x17, b"491231235959Z"), Some(2_524_607_999));
        assert_eq!(time(0x18, b"20240229120000Z"), Some(1_709_208_000));
        for bad in [&b"20241329120000Z"[..], b"2024", b"20240229120000", b"2024022912000xZ", b"Z", "é40229120000Z".as_bytes()] {
            assert_eq!(time(0x18, bad), None);
        }
    }

    #[test]
    fn what_is_no_certificate_is_none() {
        for bad in [
            &b""[..],
            b"\x30",
            b"\x30\x80\x00",
            b"\x30\x84\xff\xff\xff\xff",
            b"\x30\x03\x30\x01\x00",
            b"\x30\x85\x01\x01\x01\x01\x01",
        ] {
            assert_eq!(Facts::read(bad), None);
        }
    }
}
