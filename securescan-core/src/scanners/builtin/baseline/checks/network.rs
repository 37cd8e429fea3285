//! Who listens, and whether a firewall stands before it: read from `/proc/net` and the firewalls' own configuration.

use super::super::rule::{Hit, Rule};
use crate::model::Severity::{Low, Medium};
use std::collections::BTreeSet;

static LISTENS: Rule = Rule::new(
    "BASELINE-PORT-001",
    Low,
    "Service listening on all interfaces port {}",
    1327,
    "2.1",
    "The service can be reached from every network the host is in.",
    "Bind it to the address that needs it, or close the port in the firewall.",
);
/// No firewall is set up.
pub(in super::super) static NO_FIREWALL: Rule = Rule::new(
    "BASELINE-FW-001",
    Medium,
    "No active firewall detected",
    284,
    "4.1",
    "Neither ufw nor firewalld, nftables or iptables-persistent is set up to start, and no rules are loaded.",
    "Set up one of them and deny what is not needed.",
);

/// Every rule of this file.
pub(in super::super) static RULES: &[&Rule] = &[&LISTENS, &NO_FIREWALL];

/// TCP ports that are expected to be open to everybody.
const USUAL_TCP: &[u16] = &[22, 53, 80, 443, 8080, 8443];
/// UDP ports likewise: DNS and the DHCP clients.
const USUAL_UDP: &[u16] = &[53, 68, 546];
/// From here on UDP sockets are most often clients that come and go.
const EPHEMERAL: u16 = 32_768;

/// A listening socket on all addresses: protocol and port.
pub(in super::super) type Listener = (&'static str, u16);

/// The listening sockets of one of `/proc/net/{tcp,tcp6,udp,udp6}`.
pub(in super::super) fn listeners(text: &str, protocol: &'static str) -> BTreeSet<Listener> {
    // TCP_LISTEN, and TCP_CLOSE for UDP sockets without a peer.
    let state = if protocol == "tcp" { "0A" } else { "07" };
    let mut out = BTreeSet::new();
    for line in text.lines().skip(1) {
        let mut words = line.split_whitespace().skip(1);
        let (Some(local), Some(_), Some(found)) = (words.next(), words.next(), words.next()) else { continue };
        let Some((address, port)) = local.split_once(':') else { continue };
        let Ok(port) = u16::from_str_radix(port, 16) else { continue };
        if found == state && !address.is_empty() && address.bytes().all(|b| b == b'0') {
            out.insert((protocol, port));
        }
    }
    out
}

/// Judges the sockets of all tables.
pub(in super::super) fn check(listeners: &BTreeSet<Listener>) -> Vec<Hit> {
    let unusual = listeners.iter().filter(|(protocol, port)| match *protocol {
        "tcp" => !USUAL_TCP.contains(port),
        _ => !USUAL_UDP.contains(port) && *port < EPHEMERAL,
    });
    unusual
        .map(|(protocol, port)| LISTENS.hit(if *protocol == "tcp" { port.to_string() } else { format!("{port}/udp") }))
        .collect()
}

/// Whether `ufw.conf` turns ufw on.
pub(in super::super) fn ufw_enabled(text: &str) -> bool {
    text.lines().any(|l| l.trim().to_ascii_lowercase().replace(' ', "") == "enabled=yes")
}

/// Whether a file of saved iptables or nftables rules holds any.
pub(in super::super) fn has_rules(text: &str) -> bool {
    text.lines().map(str::trim).any(|l| l.starts_with("-A ") || l.starts_with("chain ") || l.contains(" hook input"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets() {
        let tcp = "  sl  local_address rem_address   st\n   0: 00000000:1538 00000000:0000 0A 0\n   1: 0100007F:1539 00000000:0000 0A 0\n   2: 00000000:0016 00000000:0000 0A 0\n   3: 00000000:1540 00000000:0000 01 0\nodd\n";
        let tcp6 = "h\n 0: 00000000000000000000000000000000:1538 0:0 0A\n";
        let udp =
            "h\n 0: 00000000:0202 00000000:0000 07\n 1: 00000000:D431 00000000:0000 07\n 2: 00000000:0044 00000000:0000 07\n";
        let mut all = listeners(tcp, "tcp");
        all.extend(listeners(tcp6, "tcp"));
        all.extend(listeners(udp, "udp"));
        assert_eq!(check(&all).iter().map(|h| h.subject.as_str()).collect::<Vec<_>>(), ["5432", "514/udp"]);
    }

    #[test]
    fn firewalls() {
        assert!(ufw_enabled("# x\nENABLED=yes\n") && !ufw_enabled("ENABLED=no\n# ENABLED=yes\n"));
        assert!(has_rules("*filter\n-A INPUT -j DROP\n") && !has_rules("*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n"));
    }
}
