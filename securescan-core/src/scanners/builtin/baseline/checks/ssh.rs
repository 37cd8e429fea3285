//! The SSH server's settings, as `ssh_config` reads them.

use super::super::rule::{Hit, Rule};
use super::ssh_config::Setting;
use crate::model::Severity::{High, Info, Low, Medium};

/// One keyword, what is wrong with it and what holds when it is not set.
#[derive(Debug)]
pub(in super::super) struct Directive {
    /// Lower-cased.
    keyword: &'static str,
    /// OpenSSH's own default. None: what is not set is not judged.
    default: Option<&'static str>,
    /// Whether a value is wrong; given lower-cased.
    wrong: fn(&str) -> bool,
    /// The rule it breaks.
    pub rule: Rule,
}

const fn row(keyword: &'static str, default: Option<&'static str>, wrong: fn(&str) -> bool, rule: Rule) -> Directive {
    Directive { keyword, default, wrong, rule }
}

/// # Source
/// Defaults: sshd_config(5), OpenSSH 9.9. Limits: CIS Ubuntu Linux 24.04 section 5.1, Lynis SSH-7408.
pub(in super::super) static DIRECTIVES: &[Directive] = &[
    row(
        "permitrootlogin",
        Some("prohibit-password"),
        |v| v == "yes",
        Rule::new(
            "BASELINE-SSH-001",
            High,
            "SSH root login enabled",
            250,
            "5.1.20",
            "The SSH server lets root log in with a password.",
            "Set `PermitRootLogin no` (or `prohibit-password`) and log in as a user who may become root.",
        ),
    ),
    row(
        "passwordauthentication",
        Some("yes"),
        |v| v != "no",
        Rule::new(
            "BASELINE-SSH-002",
            Medium,
            "SSH password authentication enabled",
            308,
            "",
            "The SSH server accepts passwords, which can be guessed.",
            "Set `PasswordAuthentication no` and use keys.",
        ),
    ),
    row(
        "protocol",
        None,
        |v| v.split(',').any(|p| p.trim() == "1"),
        Rule::new(
            "BASELINE-SSH-003",
            High,
            "SSH Protocol version 1 allowed",
            327,
            "",
            "Version 1 of the protocol is broken.",
            "Remove the `Protocol` line or set it to 2.",
        ),
    ),
    row(
        "permitemptypasswords",
        Some("no"),
        |v| v == "yes",
        Rule::new(
            "BASELINE-SSH-004",
            High,
            "SSH empty passwords permitted",
            258,
            "5.1.19",
            "Accounts without a password can log in over SSH.",
            "Set `PermitEmptyPasswords no`.",
        ),
    ),
    row(
        "x11forwarding",
        Some("no"),
        |v| v == "yes",
        Rule::new(
            "BASELINE-SSH-005",
            Low,
            "SSH X11 forwarding enabled",
            1188,
            "5.1.8",
            "A compromised server can reach the displays of those who log in.",
            "Set `X11Forwarding no`.",
        ),
    ),
    row(
        "maxauthtries",
        Some("6"),
        |v| over(v, 4),
        Rule::new(
            "BASELINE-SSH-006",
            Low,
            "SSH allows many authentication tries",
            307,
            "5.1.16",
            "More than four tries a connection make guessing cheaper.",
            "Set `MaxAuthTries 4`.",
        ),
    ),
    row(
        "logingracetime",
        Some("120"),
        |v| seconds(v).is_some_and(|s| s == 0 || s > 60),
        Rule::new(
            "BASELINE-SSH-007",
            Low,
            "SSH login grace time too long",
            400,
            "5.1.13",
            "Connections that never log in are kept for more than a minute.",
            "Set `LoginGraceTime 60`.",
        ),
    ),
    row(
        "clientaliveinterval",
        Some("0"),
        |v| seconds(v) == Some(0),
        Rule::new(
            "BASELINE-SSH-008",
            Low,
            "SSH idle sessions never end",
            613,
            "5.1.7",
            "Sessions whose client is gone stay open.",
            "Set `ClientAliveInterval 15` and `ClientAliveCountMax 3`.",
        ),
    ),
    row(
        "hostbasedauthentication",
        Some("no"),
        |v| v == "yes",
        Rule::new(
            "BASELINE-SSH-009",
            High,
            "SSH host-based authentication enabled",
            290,
            "5.1.10",
            "Users are trusted because of the host they come from.",
            "Set `HostbasedAuthentication no`.",
        ),
    ),
    row(
        "ignorerhosts",
        Some("yes"),
        |v| v == "no",
        Rule::new(
            "BASELINE-SSH-010",
            Medium,
            "SSH honours .rhosts files",
            290,
            "5.1.11",
            "Users can decide themselves which hosts are trusted.",
            "Set `IgnoreRhosts yes`.",
        ),
    ),
    row(
        "permituserenvironment",
        Some("no"),
        |v| v != "no",
        Rule::new(
            "BASELINE-SSH-011",
            Medium,
            "SSH users may set environment variables",
            426,
            "5.1.21",
            "Variables such as LD_PRELOAD can get around restricted commands.",
            "Set `PermitUserEnvironment no`.",
        ),
    ),
    row(
        "usepam",
        None,
        |v| v == "no",
        Rule::new(
            "BASELINE-SSH-012",
            Low,
            "SSH does not use PAM",
            287,
            "5.1.22",
            "Account and session rules of PAM do not apply to SSH logins.",
            "Set `UsePAM yes`.",
        ),
    ),
    row(
        "loglevel",
        Some("info"),
        |v| matches!(v, "quiet" | "fatal" | "error"),
        Rule::new(
            "BASELINE-SSH-013",
            Low,
            "SSH logs too little",
            778,
            "5.1.14",
            "Logins are not logged.",
            "Set `LogLevel INFO` or `VERBOSE`.",
        ),
    ),
    row(
        "ciphers",
        None,
        |v| weak(v, WEAK_CIPHERS),
        Rule::new(
            "BASELINE-SSH-014",
            Medium,
            "SSH weak ciphers allowed",
            327,
            "5.1.6",
            "The list of ciphers names broken or outdated ones (CBC mode, RC4, 3DES).",
            "Remove the `Ciphers` line or list only AES-GCM, AES-CTR and ChaCha20.",
        ),
    ),
    row(
        "macs",
        None,
        |v| weak(v, WEAK_MACS),
        Rule::new(
            "BASELINE-SSH-015",
            Medium,
            "SSH weak MACs allowed",
            328,
            "5.1.15",
            "The list of message authentication codes names weak ones (MD5, SHA-1, 64 bits).",
            "Remove the `MACs` line or list only SHA-2 codes, -etm variants first.",
        ),
    ),
    row(
        "kexalgorithms",
        None,
        |v| weak(v, WEAK_KEX),
        Rule::new(
            "BASELINE-SSH-016",
            Medium,
            "SSH weak key exchange allowed",
            326,
            "5.1.12",
            "The list of key exchanges names weak ones (SHA-1, 1024-bit groups).",
            "Remove the `KexAlgorithms` line or list only curve25519, sntrup761 and SHA-2 groups.",
        ),
    ),
    row(
        "hostkeyalgorithms",
        None,
        |v| weak(v, WEAK_KEYS),
        Rule::new(
            "BASELINE-SSH-017",
            Medium,
            "SSH weak host keys allowed",
            326,
            "",
            "The list of host key algorithms names DSA or RSA with SHA-1.",
            "Remove the `HostKeyAlgorithms` line.",
        ),
    ),
    row(
        "pubkeyacceptedalgorithms",
        None,
        |v| weak(v, WEAK_KEYS),
        Rule::new(
            "BASELINE-SSH-018",
            Medium,
            "SSH weak user keys accepted",
            326,
            "",
            "The list of accepted key algorithms names DSA or RSA with SHA-1.",
            "Remove the `PubkeyAcceptedAlgorithms` line.",
        ),
    ),
    row(
        "strictmodes",
        Some("yes"),
        |v| v == "no",
        Rule::new(
            "BASELINE-SSH-019",
            Medium,
            "SSH ignores unsafe file modes of users",
            732,
            "",
            "Keys in a home that others can write to are accepted.",
            "Set `StrictModes yes`.",
        ),
    ),
    row(
        "gatewayports",
        Some("no"),
        |v| v != "no",
        Rule::new(
            "BASELINE-SSH-020",
            Low,
            "SSH forwarded ports open to other hosts",
            1327,
            "",
            "Ports that users forward can be reached from everywhere.",
            "Set `GatewayPorts no`.",
        ),
    ),
    row(
        "permittunnel",
        Some("no"),
        |v| v != "no",
        Rule::new(
            "BASELINE-SSH-021",
            Low,
            "SSH tunnel devices permitted",
            1327,
            "5.1.8",
            "Users can join networks through the server.",
            "Set `PermitTunnel no`.",
        ),
    ),
    row(
        "allowtcpforwarding",
        None,
        |v| v == "yes",
        Rule::new(
            "BASELINE-SSH-022",
            Info,
            "SSH TCP forwarding enabled",
            1327,
            "5.1.8",
            "Users can reach through the server what the server can reach.",
            "Set `AllowTcpForwarding no` or `DisableForwarding yes` where it is not needed.",
        ),
    ),
    row(
        "maxsessions",
        Some("10"),
        |v| over(v, 10),
        Rule::new(
            "BASELINE-SSH-023",
            Low,
            "SSH allows many sessions a connection",
            770,
            "5.1.17",
            "More than ten sessions a connection make exhausting the server cheaper.",
            "Set `MaxSessions 10`.",
        ),
    ),
    row(
        "maxstartups",
        Some("10:30:100"),
        startups,
        Rule::new(
            "BASELINE-SSH-024",
            Low,
            "SSH allows many unauthenticated connections",
            770,
            "5.1.18",
            "Many connections that have not logged in can exhaust the server.",
            "Set `MaxStartups 10:30:60`.",
        ),
    ),
    row(
        "gssapiauthentication",
        Some("no"),
        |v| v == "yes",
        Rule::new(
            "BASELINE-SSH-025",
            Info,
            "SSH GSSAPI authentication enabled",
            287,
            "5.1.9",
            "A rarely needed way to log in is open.",
            "Set `GSSAPIAuthentication no` where Kerberos is not used.",
        ),
    ),
    row(
        "banner",
        None,
        |v| v == "none",
        Rule::new(
            "BASELINE-SSH-026",
            Info,
            "SSH shows no warning banner",
            1053,
            "5.1.5",
            "Nothing tells who may use the system.",
            "Set `Banner /etc/issue.net`.",
        ),
    ),
];

const WEAK_CIPHERS: &[&str] = &[
    "3des-cbc",
    "aes128-cbc",
    "aes192-cbc",
    "aes256-cbc",
    "arcfour",
    "blowfish-cbc",
    "cast128-cbc",
    "des",
    "rijndael-cbc",
    "none",
];
const WEAK_MACS: &[&str] = &["hmac-md5", "hmac-ripemd160", "hmac-sha1", "umac-64", "none"];
const WEAK_KEX: &[&str] =
    &["diffie-hellman-group1-", "diffie-hellman-group14-sha1", "diffie-hellman-group-exchange-sha1", "gss-", "rsa1024-"];
const WEAK_KEYS: &[&str] = &["ssh-dss", "ssh-rsa"];

/// Judges the settings. A hit carries its file where it stands in one; what holds by default has none.
pub(in super::super) fn check(settings: &[Setting]) -> Vec<(Option<String>, Hit)> {
    let mut first = std::collections::BTreeMap::new();
    for setting in settings {
        first.entry(setting.keyword.as_str()).or_insert(setting);
    }
    // Older names of two keywords.
    for (old, new) in [
        ("pubkeyacceptedkeytypes", "pubkeyacceptedalgorithms"),
        ("challengeresponseauthentication", "kbdinteractiveauthentication"),
    ] {
        if let Some(setting) = first.get(old).copied() {
            first.entry(new).or_insert(setting);
        }
    }
    DIRECTIVES.iter().filter_map(|d| judge(d, first.get(d.keyword).copied())).collect()
}

fn judge(directive: &'static Directive, setting: Option<&Setting>) -> Option<(Option<String>, Hit)> {
    match (setting, directive.default) {
        (Some(setting), _) => {
            let value = setting.value.to_ascii_lowercase();
            (directive.wrong)(&value).then(|| {
                (Some(setting.file.clone()), directive.rule.at(setting.index, format!("{} {}", directive.keyword, setting.value)))
            })
        }
        (None, Some(default)) if (directive.wrong)(default) => {
            let note = format!("It is not set; OpenSSH's default is `{default}`.");
            Some((None, directive.rule.hit(format!("{} {default}", directive.keyword)).note(note)))
        }
        _ => None,
    }
}

/// Whether a list names something weak. A list that starts with `-` only takes away.
fn weak(list: &str, names: &[&str]) -> bool {
    let list = list.trim_start_matches(['+', '^']);
    !list.starts_with('-') && list.split(',').map(str::trim).any(|item| names.iter().any(|n| named(item, n)))
}

/// `hmac-md5` names `hmac-md5-96` and `hmac-md5-etm@openssh.com`, but `ssh-rsa` does not name `ssh-rsa-sha2`.
fn named(item: &str, name: &str) -> bool {
    item.strip_prefix(name).is_some_and(|rest| {
        rest.is_empty()
            || name.ends_with('-')
            || rest.starts_with(['-', '@'])
            || name == "arcfour" && rest.starts_with(|c: char| c.is_ascii_digit())
    })
}

fn over(value: &str, limit: u32) -> bool {
    value.parse::<u32>().is_ok_and(|v| v > limit)
}

/// `MaxStartups start:rate:full`.
fn startups(value: &str) -> bool {
    let mut parts = value.split(':').map(|p| p.trim().parse::<u32>().ok());
    let (start, _, full) = (parts.next().flatten(), parts.next(), parts.next().flatten());
    start.is_some_and(|s| s > 10) || full.is_some_and(|f| f > 100)
}

/// A time of sshd_config(5): `120`, `2m`, `1h30m`.
fn seconds(value: &str) -> Option<u64> {
    let mut total = 0u64;
    let mut number = String::new();
    for c in value.chars() {
        let unit = match c {
            '0'..='9' => {
                number.push(c);
                continue;
            }
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return None,
        };
        total = total.saturating_add(number.parse::<u64>().ok()?.saturating_mul(unit));
        number.clear();
    }
    if number.is_empty() { (!value.is_empty()).then_some(total) } else { Some(total.saturating_add(number.parse().ok()?)) }
}

#[cfg(test)]
mod tests {
    use super::super::ssh_config::{NoFiles, settings};
    use super::*;

    fn hits(text: &str) -> Vec<String> {
        let all = check(&settings("f", text, &mut NoFiles));
        all.into_iter()
            .map(|(file, h)| {
                format!(
                    "{} {} {}",
                    h.rule.id.trim_start_matches("BASELINE-SSH-"),
                    file.map_or("default".into(), |_| h.line.unwrap().to_string()),
                    h.subject
                )
            })
            .collect()
    }

    /// What a good configuration leaves open, so that a case shows only its own hit.
    const GOOD: &str = "PasswordAuthentication no\nMaxAuthTries 3\nLoginGraceTime 1m\nClientAliveInterval 15\n";

    #[test]
    fn one_wrong_setting_each() {
        for (text, hit) in [
            ("permitrootlogin = \"yes\"", Some("001 5 permitrootlogin yes")),
            ("PermitRootLogin prohibit-password", None),
            ("PermitRootLogin no\nPermitRootLogin yes", None),
            ("Match User x\nPermitRootLogin yes", None),
            ("Protocol 2,1", Some("003 5 protocol 2,1")),
            ("Ciphers aes256-gcm@openssh.com,aes128-cbc", Some("014 5 ciphers aes256-gcm@openssh.com,aes128-cbc")),
            ("Ciphers -aes128-cbc", None),
            ("MACs hmac-sha2-256,umac-64-etm@openssh.com", Some("015 5 macs hmac-sha2-256,umac-64-etm@openssh.com")),
            ("MACs hmac-sha2-256,umac-128@openssh.com", None),
            ("KexAlgorithms +diffie-hellman-group1-sha1", Some("016 5 kexalgorithms +diffie-hellman-group1-sha1")),
            ("HostKeyAlgorithms rsa-sha2-512,ssh-ed25519", None),
            ("MaxStartups 100", Some("024 5 maxstartups 100")),
            ("PermitUserEnvironment LANG", Some("011 5 permituserenvironment LANG")),
        ] {
            assert_eq!(hits(&format!("{GOOD}{text}\n")), hit.into_iter().collect::<Vec<_>>(), "{text}");
        }
    }

    #[test]
    fn defaults_are_said_to_be_defaults() {
        assert_eq!(
            hits(""),
            [
                "002 default passwordauthentication yes",
                "006 default maxauthtries 6",
                "007 default logingracetime 120",
                "008 default clientaliveinterval 0"
            ]
        );
        assert_eq!(
            (seconds("1h30m"), seconds("2x"), seconds(""), seconds("99999999999999999999")),
            (Some(5400), None, None, None)
        );
    }
}
