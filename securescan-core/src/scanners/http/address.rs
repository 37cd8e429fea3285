//! Which addresses may be connected to. Judged on the address itself, after the name was resolved, so that no name leads
//! around it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Which addresses may be connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AddressPolicy {
    /// Any: who runs the program says where it looks.
    #[default]
    Any,
    /// Only addresses of the public internet: no loopback, link-local, private, shared (CGNAT), multicast, reserved or cloud
    /// metadata address, nor one of these inside an IPv6 address (mapped, compatible, NAT64, 6to4, Teredo).
    Public,
}

impl AddressPolicy {
    /// Why an address may not be connected to; none when it may.
    pub fn refuses(self, address: IpAddr) -> Option<&'static str> {
        match (self, address) {
            (Self::Any, _) => None,
            (Self::Public, IpAddr::V4(address)) => refused_v4(address),
            (Self::Public, IpAddr::V6(address)) => refused_v6(address),
        }
    }
}

/// # Source
/// IANA registry of special-purpose IPv4 addresses; Azure's documentation for 168.63.129.16.
fn refused_v4(address: Ipv4Addr) -> Option<&'static str> {
    let [a, b, c, d] = address.octets();
    Some(match (a, b, c, d) {
        (127, ..) => "a loopback address",
        (169, 254, ..) => "a link-local or metadata address",
        (168, 63, 129, 16) => "a metadata address",
        (10, ..) | (172, 16..=31, ..) | (192, 168, ..) => "a private address",
        (100, 64..=127, ..) => "a shared address",
        (224..=239, ..) => "a multicast address",
        (0, ..)
        | (192, 0, 0 | 2, _)
        | (192, 88, 99, _)
        | (198, 18 | 19, ..)
        | (198, 51, 100, _)
        | (203, 0, 113, _)
        | (240.., ..) => "a reserved address",
        _ => return None,
    })
}

/// # Source
/// IANA registry of special-purpose IPv6 addresses.
fn refused_v6(address: Ipv6Addr) -> Option<&'static str> {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let low = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    if address.is_loopback() {
        return Some("a loopback address");
    }
    match (a, b) {
        // Mapped, compatible and unspecified; NAT64; 6to4: judged by the IPv4 address within.
        (0, 0) if (c, d, e) == (0, 0, 0) && matches!(f, 0 | 0xffff) => refused_v4(low(g, h)),
        (0, 0) if (c, d, e, f) == (0, 0, 0xffff, 0) => refused_v4(low(g, h)),
        (0x64, 0xff9b) if (c, d, e, f) == (0, 0, 0, 0) => refused_v4(low(g, h)),
        (0x2002, _) => refused_v4(low(b, c)),
        (0x2001, 0) => Some("a tunnel address"),
        (0xfe80..=0xfebf, _) => Some("a link-local or metadata address"),
        (0xfc00..=0xfdff | 0xfec0..=0xfeff, _) => Some("a private address"),
        (0xff00.., _) => Some("a multicast address"),
        (0x2001, 0xdb8) | (0x2001, 0x10..=0x2f) => Some("a reserved address"),
        (0x2000..=0x3fff, _) if (a, b & 0xf000) != (0x3fff, 0) => None,
        _ => Some("a reserved address"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::AddressPolicy::{Any, Public};

    #[test]
    fn only_the_public_internet() {
        for address in [
            "127.0.0.1",
            "127.255.1.2",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.100.100.200",
            "192.0.0.192",
            "168.63.129.16",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "::1",
            "::",
            "::ffff:127.0.0.1",
            "::ffff:10.1.2.3",
            "::127.0.0.1",
            "::ffff:0:7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2001:0:1::1",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "100::1",
            "3fff:fff::1",
        ] {
            assert!(Public.refuses(address.parse().unwrap()).is_some(), "{address}");
            assert_eq!(Any.refuses(address.parse().unwrap()), None);
        }
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "172.15.0.1",
            "172.32.0.1",
            "100.128.0.1",
            "192.0.1.1",
            "2606:4700::1111",
            "2a00::1",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2002:808:808::",
        ] {
            assert_eq!(Public.refuses(address.parse().unwrap()), None, "{address}");
        }
    }
}
