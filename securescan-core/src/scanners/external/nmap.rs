//! nmap: open ports of a host.

use super::place::Paths;
use super::{No, Plan, Setup, Step, Tool, args};
use crate::model::ScanType;
use crate::scanners::{LooksAt, ScannerMeta};
use std::net::IpAddr;
use std::time::Duration;

/// The driver.
///
/// # Source
/// Scanner specification, section 6.9. Exit code: 0, also when no host answered, which the report tells.
pub(crate) static NMAP: Tool = Tool { tells_version: true, paths: Paths::None, ..Tool::new(&META, plan) };

const META: ScannerMeta = ScannerMeta {
    name: "nmap",
    scan_type: ScanType::Network,
    about: "open ports and the services behind them, by nmap",
    install_hint: Some("Install nmap: https://nmap.org/download.html"),
    looks_at: LooksAt::Host,
    per_file: false,
    walks: false,
};

/// The most addresses of one range, as bits of the host part: 256.
const MAX_HOST_BITS: u32 = 8;

fn plan(setup: &Setup<'_>) -> Result<Plan, No> {
    let asked = setup.context.request.target_host.as_deref().unwrap_or_default();
    let target = Target::parse(asked).map_err(No::Failed)?;
    let limit = setup.context.cancel.remaining().unwrap_or(super::WHOLE);
    // Somewhat less than what is left: a host that is given up is reported, a program that is killed reports nothing.
    let limit = limit.mul_f64(0.9).max(Duration::from_secs(1));
    let mut all = args(&["-sT", "-sV", "--noninteractive", "-n", "--max-retries", "2", "--top-ports", "1000", "-oX", "-"]);
    all.extend(["--host-timeout".into(), format!("{}s", limit.as_secs()).into()]);
    if target.is_v6 {
        all.push("-6".into());
    }
    all.push("--".into());
    all.push(target.text.into());
    Ok(Plan { steps: vec![Step { args: all, ..Step::default() }], notes: Vec::new() })
}

/// A host that may be looked at.
#[derive(Debug, PartialEq, Eq)]
struct Target {
    text: String,
    is_v6: bool,
}

impl Target {
    /// A host name, an address or a CIDR range of at most 256 addresses.
    fn parse(asked: &str) -> Result<Self, String> {
        let text = asked.trim();
        let shown: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(100).collect();
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let Ok(ip) = address.parse::<IpAddr>() else {
            if prefix.is_none() && is_host_name(text) {
                return Ok(Self { text: text.to_owned(), is_v6: false });
            }
            return Err(format!("`{shown}` is neither a host name nor an address nor a CIDR range"));
        };
        let bits = if ip.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => bits,
            Some(digits) if digits.len() <= 3 && digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().unwrap_or(u32::MAX),
            Some(_) => u32::MAX,
        };
        if prefix > bits {
            return Err(format!("`{shown}`: the part after `/` is not a number from 0 to {bits}"));
        }
        if bits - prefix > MAX_HOST_BITS {
            let least = bits - MAX_HOST_BITS;
            return Err(format!("`{shown}` is more than 256 addresses; scan ranges of /{least} or smaller"));
        }
        if is_nowhere(ip) {
            return Err(format!("`{shown}` is not the address of a host"));
        }
        let text = if prefix == bits { ip.to_string() } else { format!("{ip}/{prefix}") };
        Ok(Self { text, is_v6: ip.is_ipv6() })
    }
}

/// Whether an address is none of a host: unspecified (with all of `0.0.0.0/8`), multicast, broadcast.
fn is_nowhere(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.octets().first() == Some(&0) || v4.is_multicast() || v4.is_broadcast(),
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_nowhere(IpAddr::V4(v4)),
            None => v6.is_unspecified() || v6.is_multicast(),
        },
    }
}

/// Dot-separated labels of letters, digits and inner hyphens; the last one holds a letter, which tells a name from `10.0.0.1-9`.
fn is_host_name(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = text.rsplit('.').next().unwrap_or_default();
    text.len() <= 253 && text.split('.').all(label) && last.bytes().any(|b| b.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        let ok = |asked: &str| Target::parse(asked).map(|t| format!("{}{}", t.text, if t.is_v6 { " -6" } else { "" }));
        let good = [
            ("localhost", "localhost"),
            (" 10.0.0.1\n", "10.0.0.1"),
            ("10.0.0.0/24", "10.0.0.0/24"),
            ("127.0.0.1/32", "127.0.0.1"),
            ("::1", "::1 -6"),
            ("2001:db8::/120", "2001:db8::/120 -6"),
            ("a-b.example.com", "a-b.example.com"),
            ("xn--nxasmq6b", "xn--nxasmq6b"),
        ];
        for (asked, text) in good {
            assert_eq!(ok(asked).as_deref(), Ok(text), "{asked}");
        }
        let bad = [
            "",
            " ",
            "-iL",
            "--script=x",
            "10.0.0.1-254",
            "10.0.0.*",
            "10.0.0.1,2",
            "999.1.1.1",
            "10.0.0.0/23",
            "0.0.0.0/0",
            "::/0",
            "::",
            "0.0.0.0",
            "0.1.2.3",
            "224.0.0.1",
            "ff02::1",
            "255.255.255.255",
            "::ffff:224.0.0.1",
            "10.0.0.1/",
            "10.0.0.1/+1",
            "10.0.0.1/33",
            "a b",
            "a\nb",
            "a_b.example",
            "example.com/24",
            "example.com.",
            "fe80::1%eth0",
            "[::1]",
            "é.example",
            "1.2.3",
            "a..b",
            "$(id)",
            ";id",
            "2001:db8::/64",
        ];
        for asked in bad {
            assert!(ok(asked).is_err(), "{asked}");
        }
    }
}
