//! Kernel parameters: live values of a host, explicit settings of a copy.

use super::super::rule::{Hit, Rule};
use crate::model::Severity::{Low, Medium};
use std::collections::BTreeMap;

/// One parameter.
#[derive(Debug)]
pub(in super::super) struct Setting {
    /// Dotted name.
    pub key: &'static str,
    /// Whether a value is wrong.
    wrong: fn(i64) -> bool,
    /// The rule it breaks.
    pub rule: Rule,
}

const fn row(key: &'static str, wrong: fn(i64) -> bool, rule: Rule) -> Setting {
    Setting { key, wrong, rule }
}

/// # Source
/// CIS Ubuntu Linux 24.04 sections 1.5 and 3.3; Lynis KRNL-6000; kernel documentation admin-guide/sysctl.
pub(in super::super) static SETTINGS: &[Setting] = &[
    row(
        "net.ipv4.ip_forward",
        |v| v != 0,
        Rule::new(
            "BASELINE-KERN-001",
            Medium,
            "IP forwarding enabled",
            1188,
            "3.3.1",
            "The host passes packets on between networks.",
            "Set net.ipv4.ip_forward = 0 unless the host is a router or runs containers.",
        ),
    ),
    row(
        "net.ipv4.conf.all.accept_redirects",
        |v| v != 0,
        Rule::new(
            "BASELINE-KERN-002",
            Medium,
            "ICMP redirects accepted",
            1188,
            "3.3.5",
            "Neighbours can change the host's routes.",
            "Set net.ipv4.conf.all.accept_redirects = 0.",
        ),
    ),
    row(
        "kernel.randomize_va_space",
        |v| v != 2,
        Rule::new(
            "BASELINE-KERN-003",
            Medium,
            "ASLR not fully enabled",
            693,
            "1.5.1",
            "Memory layouts can be predicted, which makes exploits reliable.",
            "Set kernel.randomize_va_space = 2.",
        ),
    ),
    row(
        "net.ipv4.conf.default.accept_redirects",
        |v| v != 0,
        Rule::new(
            "BASELINE-KERN-004",
            Medium,
            "ICMP redirects accepted on new interfaces",
            1188,
            "3.3.5",
            "Neighbours can change the host's routes.",
            "Set net.ipv4.conf.default.accept_redirects = 0.",
        ),
    ),
    row(
        "net.ipv4.conf.all.send_redirects",
        |v| v != 0,
        Rule::new(
            "BASELINE-KERN-005",
            Low,
            "ICMP redirects sent",
            1188,
            "3.3.2",
            "A host that is no router should not send redirects.",
            "Set net.ipv4.conf.all.send_redirects = 0.",
        ),
    ),
    row(
        "net.ipv4.conf.all.accept_source_route",
        |v| v != 0,
        Rule::new(
            "BASELINE-KERN-006",
            Medium,
            "Source-routed packets accepted",
            1188,
            "3.3.8",
            "Senders can choose the way of packets and get around filters.",
            "Set net.ipv4.conf.all.accept_source_route = 0.",
        ),
    ),
    row(
        "net.ipv4.conf.all.secure_redirects",
        |v| v != 0,
        Rule::new(
            "BASELINE-KERN-007",
            Low,
            "Secure ICMP redirects accepted",
            1188,
            "3.3.6",
            "A compromised gateway can change the host's routes.",
            "Set net.ipv4.conf.all.secure_redirects = 0.",
        ),
    ),
    row(
        "net.ipv4.conf.all.rp_filter",
        |v| v == 0,
        Rule::new(
            "BASELINE-KERN-008",
            Low,
            "Reverse path filtering off",
            290,
            "3.3.7",
            "Packets with forged source addresses are accepted.",
            "Set net.ipv4.conf.all.rp_filter = 1.",
        ),
    ),
    row(
        "net.ipv4.conf.all.log_martians",
        |v| v == 0,
        Rule::new(
            "BASELINE-KERN-009",
            Low,
            "Suspicious packets not logged",
            778,
            "3.3.9",
            "Packets with impossible addresses leave no trace.",
            "Set net.ipv4.conf.all.log_martians = 1.",
        ),
    ),
    row(
        "net.ipv4.icmp_echo_ignore_broadcasts",
        |v| v != 1,
        Rule::new(
            "BASELINE-KERN-010",
            Low,
            "Broadcast pings answered",
            406,
            "3.3.4",
            "The host can be used to amplify attacks.",
            "Set net.ipv4.icmp_echo_ignore_broadcasts = 1.",
        ),
    ),
    row(
        "net.ipv4.icmp_ignore_bogus_error_responses",
        |v| v != 1,
        Rule::new(
            "BASELINE-KERN-011",
            Low,
            "Bogus ICMP errors logged",
            400,
            "3.3.3",
            "Bogus answers can fill the log.",
            "Set net.ipv4.icmp_ignore_bogus_error_responses = 1.",
        ),
    ),
    row(
        "net.ipv4.tcp_syncookies",
        |v| v == 0,
        Rule::new(
            "BASELINE-KERN-012",
            Medium,
            "TCP SYN cookies off",
            400,
            "3.3.10",
            "Half-open connections can exhaust the host.",
            "Set net.ipv4.tcp_syncookies = 1.",
        ),
    ),
    row(
        "net.ipv6.conf.all.accept_redirects",
        |v| v != 0,
        Rule::new(
            "BASELINE-KERN-013",
            Medium,
            "IPv6 redirects accepted",
            1188,
            "3.3.5",
            "Neighbours can change the host's routes.",
            "Set net.ipv6.conf.all.accept_redirects = 0.",
        ),
    ),
    row(
        "net.ipv6.conf.all.accept_ra",
        |v| v != 0,
        Rule::new(
            "BASELINE-KERN-014",
            Low,
            "IPv6 router advertisements accepted",
            1188,
            "3.3.11",
            "Neighbours can make themselves the host's router.",
            "Set net.ipv6.conf.all.accept_ra = 0 where addresses are static.",
        ),
    ),
    row(
        "net.ipv6.conf.all.accept_source_route",
        |v| v > 0,
        Rule::new(
            "BASELINE-KERN-015",
            Medium,
            "IPv6 source-routed packets accepted",
            1188,
            "3.3.8",
            "Senders can choose the way of packets and get around filters.",
            "Set net.ipv6.conf.all.accept_source_route = 0.",
        ),
    ),
    row(
        "kernel.kptr_restrict",
        |v| v == 0,
        Rule::new(
            "BASELINE-KERN-016",
            Low,
            "Kernel addresses shown to everybody",
            200,
            "",
            "Addresses make exploits of kernel faults reliable.",
            "Set kernel.kptr_restrict = 1 or 2.",
        ),
    ),
    row(
        "kernel.dmesg_restrict",
        |v| v == 0,
        Rule::new(
            "BASELINE-KERN-017",
            Low,
            "Kernel log readable for everybody",
            200,
            "",
            "The kernel log tells addresses and devices.",
            "Set kernel.dmesg_restrict = 1.",
        ),
    ),
    row(
        "kernel.yama.ptrace_scope",
        |v| v == 0,
        Rule::new(
            "BASELINE-KERN-018",
            Low,
            "Processes may trace each other",
            269,
            "1.5.2",
            "A compromised program can read the memory of the user's other programs.",
            "Set kernel.yama.ptrace_scope = 1.",
        ),
    ),
    row(
        "kernel.unprivileged_bpf_disabled",
        |v| v == 0,
        Rule::new(
            "BASELINE-KERN-019",
            Medium,
            "BPF open to everybody",
            269,
            "",
            "Unprivileged users can load BPF programs, a frequent way to exploit the kernel.",
            "Set kernel.unprivileged_bpf_disabled = 1.",
        ),
    ),
    row(
        "kernel.perf_event_paranoid",
        |v| v < 2,
        Rule::new(
            "BASELINE-KERN-020",
            Low,
            "Performance events open to everybody",
            200,
            "",
            "Unprivileged users can measure the kernel.",
            "Set kernel.perf_event_paranoid = 2 or more.",
        ),
    ),
    row(
        "fs.protected_hardlinks",
        |v| v == 0,
        Rule::new(
            "BASELINE-KERN-021",
            Medium,
            "Hard links not protected",
            59,
            "",
            "Users can link to files of others in shared folders and trick programs.",
            "Set fs.protected_hardlinks = 1.",
        ),
    ),
    row(
        "fs.protected_symlinks",
        |v| v == 0,
        Rule::new(
            "BASELINE-KERN-022",
            Medium,
            "Symbolic links not protected",
            59,
            "",
            "Programs can be tricked by links in shared folders.",
            "Set fs.protected_symlinks = 1.",
        ),
    ),
    row(
        "fs.protected_fifos",
        |v| v == 0,
        Rule::new(
            "BASELINE-KERN-023",
            Low,
            "FIFOs in shared folders not protected",
            59,
            "",
            "Programs can be tricked by FIFOs in shared folders.",
            "Set fs.protected_fifos = 1.",
        ),
    ),
    row(
        "fs.protected_regular",
        |v| v == 0,
        Rule::new(
            "BASELINE-KERN-024",
            Low,
            "Files in shared folders not protected",
            59,
            "",
            "Programs can be tricked by files in shared folders.",
            "Set fs.protected_regular = 1.",
        ),
    ),
    row(
        "fs.suid_dumpable",
        |v| v != 0,
        Rule::new(
            "BASELINE-KERN-025",
            Low,
            "Setuid programs may dump core",
            528,
            "1.5.3",
            "Core dumps of privileged programs can hold secrets.",
            "Set fs.suid_dumpable = 0.",
        ),
    ),
    row(
        "kernel.kexec_load_disabled",
        |v| v == 0,
        Rule::new(
            "BASELINE-KERN-026",
            Low,
            "Kernel can be replaced at run time",
            269,
            "",
            "Root can boot another kernel past secure boot.",
            "Set kernel.kexec_load_disabled = 1 where kdump is not used.",
        ),
    ),
    row(
        "net.ipv6.conf.all.forwarding",
        |v| v != 0,
        Rule::new(
            "BASELINE-KERN-027",
            Medium,
            "IPv6 forwarding enabled",
            1188,
            "3.3.1",
            "The host passes packets on between networks.",
            "Set net.ipv6.conf.all.forwarding = 0 unless the host is a router.",
        ),
    ),
];

/// Judges one value; `index` is the 0-based line it stands on in a file, if it does.
pub(in super::super) fn check(setting: &'static Setting, value: &str, index: Option<usize>) -> Option<Hit> {
    let number: i64 = value.split_whitespace().next()?.parse().ok()?;
    if !(setting.wrong)(number) {
        return None;
    }
    let subject = format!("{} = {number}", setting.key);
    Some(match index {
        Some(index) => setting.rule.at(index, subject),
        None => setting.rule.hit(subject),
    })
}

/// Explicit settings of files in the order the system reads them: the last value counts. Given path and text of each.
pub(in super::super) fn check_files(files: &[(String, String)]) -> Vec<(String, Hit)> {
    let mut last: BTreeMap<String, (&str, usize, &str)> = BTreeMap::new();
    for (path, text) in files {
        for (i, line) in text.lines().enumerate() {
            let line = line.trim();
            let Some((key, value)) = line.split_once('=').filter(|_| !line.starts_with(['#', ';'])) else { continue };
            last.insert(key.trim().trim_start_matches('-').replace('/', "."), (path, i, value.trim()));
        }
    }
    let found = SETTINGS
        .iter()
        .filter_map(|s| last.get(s.key).and_then(|(path, i, value)| Some(((*path).to_owned(), check(s, value, Some(*i))?))));
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_files() {
        let forward = &SETTINGS[0];
        assert_eq!(check(forward, "1\n", None).unwrap().subject, "net.ipv4.ip_forward = 1");
        assert!(check(forward, "0", None).is_none() && check(forward, "x", None).is_none() && check(forward, "", None).is_none());
        let files = [
            ("a".to_owned(), "net.ipv4.ip_forward=1\nkernel/randomize_va_space = 0\n# x=1\n".to_owned()),
            ("b".to_owned(), "net.ipv4.ip_forward = 0\n".to_owned()),
        ];
        let hits: Vec<_> =
            check_files(&files).into_iter().map(|(p, h)| format!("{p}:{} {}", h.line.unwrap(), h.subject)).collect();
        assert_eq!(hits, ["a:2 kernel.randomize_va_space = 0"]);
    }
}
