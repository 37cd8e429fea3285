//! A TLS handshake's first message, made by hand: asks a server whether it still accepts what the TLS library does not even offer.
//!
//! # Source
//! RFC 2246 and 4346 (TLS 1.0, 1.1), RFC 5246 section 7.4.1 (the shape), IANA's registry of cipher suites.

use crate::scanners::http::{Client, HttpError, Url};
use std::io::{Read, Write};

/// Versions that are outdated: their bytes and names.
pub(super) const LEGACY: &[([u8; 2], &str)] = &[([3, 0], "SSL 3.0"), ([3, 1], "TLS 1.0"), ([3, 2], "TLS 1.1")];

/// What servers of old versions accept.
const COMMON: &[u16] = &[0xc013, 0xc014, 0xc009, 0xc00a, 0x0033, 0x0039, 0x002f, 0x0035, 0xc012, 0x0016, 0x000a, 0x0005, 0x0004];

/// Suites that protect nothing, and why.
const BROKEN: &[(u16, &str)] = &[
    (0x0001, "NULL"),
    (0x0002, "NULL"),
    (0x003b, "NULL"),
    (0xc006, "NULL"),
    (0xc010, "NULL"),
    (0x0003, "export"),
    (0x0006, "export"),
    (0x0008, "export"),
    (0x0011, "export"),
    (0x0014, "export"),
    (0x0019, "export"),
    (0x0018, "anonymous"),
    (0x001b, "anonymous"),
    (0x0034, "anonymous"),
    (0x003a, "anonymous"),
    (0xc018, "anonymous"),
    (0xc019, "anonymous"),
    (0x0004, "RC4"),
    (0x0005, "RC4"),
    (0xc007, "RC4"),
    (0xc011, "RC4"),
    (0x0009, "DES"),
    (0x0012, "DES"),
    (0x0015, "DES"),
    (0x000a, "3DES"),
    (0x0013, "3DES"),
    (0x0016, "3DES"),
    (0xc008, "3DES"),
    (0xc012, "3DES"),
];

/// Whether a server agrees to a version.
///
/// # Errors
/// The server cannot be reached.
pub(super) fn accepts_version(client: &Client, url: &Url, version: [u8; 2]) -> Result<bool, HttpError> {
    Ok(ask(client, url, version, COMMON)?.is_some_and(|hello| hello.version == version))
}

/// Which kind of broken suite a server agrees to with TLS 1.2.
///
/// # Errors
/// The server cannot be reached.
pub(super) fn broken_suite(client: &Client, url: &Url) -> Result<Option<&'static str>, HttpError> {
    let suites: Vec<u16> = BROKEN.iter().map(|(suite, _)| *suite).collect();
    let hello = ask(client, url, [3, 3], &suites)?;
    Ok(hello.and_then(|h| BROKEN.iter().find(|(suite, _)| Some(*suite) == h.suite)).map(|(_, why)| *why))
}

/// What a server agreed to.
#[derive(Debug, PartialEq, Eq)]
struct Hello {
    version: [u8; 2],
    suite: Option<u16>,
}

/// Sends one hello and reads the first answer; none when the server declines, whether it says so or hangs up.
fn ask(client: &Client, url: &Url, version: [u8; 2], suites: &[u16]) -> Result<Option<Hello>, HttpError> {
    let mut wire = client.dial(url)?;
    if wire.write_all(&client_hello(url.bare_host(), version, suites)).is_err() {
        return Ok(None);
    }
    let mut answer = Vec::new();
    let mut chunk = [0; 256];
    // The suite stands within the first 80 bytes.
    while answer.len() < 80 {
        match wire.read(&mut chunk) {
            Ok(0) | Err(_) => break,
            Ok(count) => answer.extend_from_slice(chunk.get(..count).unwrap_or_default()),
        }
        if answer.first() != Some(&22) {
            break;
        }
    }
    Ok(server_hello(&answer))
}

/// Reads the record that holds a `ServerHello`.
fn server_hello(answer: &[u8]) -> Option<Hello> {
    let handshake = answer.get(5..).filter(|_| answer.first() == Some(&22))?;
    let body = handshake.get(4..).filter(|_| handshake.first() == Some(&2))?;
    let [major, minor] = body.first_chunk::<2>().copied()?;
    let session = usize::from(body.get(34).copied().unwrap_or(0));
    let suite = body.get(35 + session..).and_then(|b| b.first_chunk::<2>()).map(|b| u16::from_be_bytes(*b));
    Some(Hello { version: [major, minor], suite })
}

/// A length and what it counts.
fn counted<const N: usize>(content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u64).to_be_bytes();
    let mut out = length.get(8 - N..).unwrap_or_default().to_vec();
    out.extend_from_slice(content);
    out
}

fn client_hello(host: &str, version: [u8; 2], suites: &[u16]) -> Vec<u8> {
    let mut body = version.to_vec();
    // No secret hangs on it: the handshake goes no further.
    body.extend((0..32_u8).map(|n| n.wrapping_mul(37).wrapping_add(11)));
    body.push(0);
    let mut list: Vec<u8> = suites.iter().flat_map(|s| s.to_be_bytes()).collect();
    // Says that renegotiation is done safely; some servers want it said.
    list.extend([0x00, 0xff]);
    body.extend(counted::<2>(&list));
    body.extend([1, 0]);
    if version != [3, 0] {
        body.extend(counted::<2>(&extensions(host, version)));
    }
    let mut message = vec![1];
    message.extend(counted::<3>(&body));
    let mut record = vec![22, 3, u8::from(version != [3, 0])];
    record.extend(counted::<2>(&message));
    record
}

fn extensions(host: &str, version: [u8; 2]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut add = |id: u16, content: &[u8]| {
        out.extend(id.to_be_bytes());
        out.extend(counted::<2>(content));
    };
    if host.parse::<std::net::IpAddr>().is_err() {
        let mut name = vec![0];
        name.extend(counted::<2>(host.as_bytes()));
        add(0, &counted::<2>(&name));
    }
    // P-256, P-384, P-521, x25519; uncompressed points.
    add(10, &counted::<2>(&[0, 23, 0, 24, 0, 25, 0, 29]));
    add(11, &counted::<1>(&[0]));
    if version == [3, 3] {
        add(13, &counted::<2>(&[4, 1, 5, 1, 6, 1, 4, 3, 5, 3, 2, 1, 2, 3, 8, 4]));
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "tests")]
    use super::{Hello, client_hello, server_hello};

    #[test]
    fn lengths_add_up() {
        for version in [[3, 0], [3, 1], [3, 3]] {
            let hello = client_hello("example.org", version, &[0x002f]);
            let record = usize::from(u16::from_be_bytes([hello[3], hello[4]]));
            assert_eq!(hello.len(), 5 + record);
            let message = usize::from(u16::from_be_bytes([hello[7], hello[8]]));
            assert_eq!((hello[5], hello[6], message), (1, 0, record - 4));
            assert_eq!(&hello[9..11], &version);
        }
    }

    #[test]
    fn reads_the_answer() {
        let mut answer = vec![22, 3, 1, 0, 50, 2, 0, 0, 46, 3, 1];
        answer.extend([0; 32]);
        answer.extend([2, 9, 9, 0, 0x2f, 0]);
        assert_eq!(server_hello(&answer), Some(Hello { version: [3, 1], suite: Some(0x2f) }));
        assert_eq!(server_hello(&answer[..11]), Some(Hello { version: [3, 1], suite: None }));
        for bad in [&b""[..], &[21, 3, 1, 0, 2, 2, 70], &[22, 3, 1, 0, 1], b"HTTP/1.1 400"] {
            assert_eq!(server_hello(bad), None);
        }
    }
}
