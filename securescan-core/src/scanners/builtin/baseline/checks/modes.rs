//! Who may read and change the files the system's safety rests on.

use super::super::rule::{Hit, Rule};
use super::super::tree::Stat;
use crate::model::Severity::{self, Critical, High, Low, Medium};

static TOO_OPEN: Rule = Rule::new(
    "BASELINE-PERM-001",
    High,
    "Insecure permissions on {}",
    732,
    "7.1",
    "Others than its owner can read or change the file.",
    "Take the surplus permissions away with chmod.",
);
static NOT_ROOTS: Rule = Rule::new(
    "BASELINE-PERM-002",
    High,
    "Wrong owner of {}",
    708,
    "7.1",
    "The file belongs to somebody else than root, who can change it at will.",
    "Run chown root on it.",
);
static WRITABLE: Rule = Rule::new(
    "BASELINE-WWRITE-001",
    Medium,
    "World-writable file {}",
    732,
    "7.1.11",
    "Every local user can change the file.",
    "Take the write permission for others away (chmod o-w).",
);
static NOT_STICKY: Rule = Rule::new(
    "BASELINE-WWRITE-002",
    Medium,
    "World-writable directory without sticky bit {}",
    732,
    "7.1.11",
    "Every local user can delete and replace the files of others in it.",
    "Set the sticky bit (chmod +t) or take the write permission for others away.",
);
static TRUST: Rule = Rule::new(
    "BASELINE-PERM-003",
    High,
    "Host trust file {} exists",
    290,
    "7.2.10",
    "The file lets users of other hosts in without a password.",
    "Remove the file.",
);

/// Every rule of this file.
pub(in super::super) static RULES: &[&Rule] = &[&TOO_OPEN, &NOT_ROOTS, &WRITABLE, &NOT_STICKY, &TRUST];

/// A path, the most it may allow, how bad more is, and whether it is looked at in a copy of a filesystem, too.
pub(in super::super) struct Limit {
    /// Relative to the root.
    pub path: &'static str,
    max: u32,
    severity: Severity,
    /// A checkout of configuration keeps two modes only, so just those files are judged there that matter most.
    pub in_target: bool,
}

const fn row(path: &'static str, max: u32, severity: Severity, in_target: bool) -> Limit {
    Limit { path, max, severity, in_target }
}

/// # Source
/// CIS Ubuntu Linux 24.04, sections 7.1, 5.1.1, 2.4.1 and 1.4.2; modes that the distributions ship are not called too open.
pub(in super::super) const LIMITS: &[Limit] = &[
    row("etc/passwd", 0o644, High, true),
    row("etc/passwd-", 0o644, High, true),
    row("etc/group", 0o644, High, true),
    row("etc/group-", 0o644, High, true),
    row("etc/shadow", 0o640, Critical, true),
    row("etc/shadow-", 0o640, Critical, true),
    row("etc/gshadow", 0o640, Critical, true),
    row("etc/gshadow-", 0o640, Critical, true),
    row("etc/security/opasswd", 0o600, High, false),
    row("etc/sudoers", 0o440, High, false),
    row("etc/sudoers.d", 0o755, High, false),
    row("etc/ssh/sshd_config", 0o644, Medium, false),
    row("etc/crontab", 0o644, Medium, false),
    row("etc/cron.d", 0o755, Medium, false),
    row("etc/cron.hourly", 0o755, Medium, false),
    row("etc/cron.daily", 0o755, Medium, false),
    row("etc/cron.weekly", 0o755, Medium, false),
    row("etc/cron.monthly", 0o755, Medium, false),
    row("boot/grub/grub.cfg", 0o600, Low, false),
    row("boot/grub2/grub.cfg", 0o600, Low, false),
    row("var/run/docker.sock", 0o660, Critical, false),
];

/// Files in a home folder that others may not read.
pub(in super::super) const HOME_LIMITS: &[(&str, u32, Severity)] = &[
    (".ssh", 0o700, High),
    (".ssh/authorized_keys", 0o600, High),
    (".ssh/id_rsa", 0o600, Critical),
    (".ssh/id_ecdsa", 0o600, Critical),
    (".ssh/id_ed25519", 0o600, Critical),
    (".netrc", 0o600, High),
    (".pgpass", 0o600, High),
];

/// Files that let other hosts in, in `etc` and in a home folder.
pub(in super::super) const TRUST_FILES: &[&str] = &["etc/hosts.equiv", "etc/shosts.equiv"];

/// The same in a home folder.
pub(in super::super) const HOME_TRUST_FILES: &[&str] = &[".rhosts", ".shosts"];

/// Judges a file of [`LIMITS`]; `shown` is the path as findings write it. Owners are judged on a host only: a copy belongs to whoever made it.
pub(in super::super) fn check(limit: &Limit, stat: Stat, shown: &str, on_host: bool) -> Vec<Hit> {
    let mut out: Vec<Hit> = too_open(shown, stat, limit.max, limit.severity).into_iter().collect();
    if on_host && stat.uid != 0 {
        out.push(NOT_ROOTS.hit(shown));
    }
    out
}

/// Whether a file allows more than it may.
pub(in super::super) fn too_open(shown: &str, stat: Stat, max: u32, severity: Severity) -> Option<Hit> {
    let surplus = stat.mode & 0o777 & !max;
    (surplus != 0).then(|| {
        TOO_OPEN.hit(shown).severity(severity).note(format!("Its mode is {:o}; at most {max:o} is safe.", stat.mode & 0o777))
    })
}

/// A file that trusts hosts.
pub(in super::super) fn trust(shown: &str) -> Hit {
    TRUST.hit(shown)
}

/// A host's private SSH key: readable for nobody but root, or for the group that Red Hat's systems have for it.
pub(in super::super) fn host_key(name: &str, stat: Stat, shown: &str) -> Option<Hit> {
    let is_key = name.starts_with("ssh_host_") && name.ends_with("_key");
    is_key.then(|| too_open(shown, stat, 0o640, Critical)).flatten()
}

/// A file or folder that everybody may write to.
pub(in super::super) fn world_writable(shown: &str, stat: Stat) -> Option<Hit> {
    match stat {
        Stat { mode, is_file: true, .. } if mode & 0o002 != 0 => Some(WRITABLE.hit(shown)),
        Stat { mode, is_dir: true, .. } if mode & 0o1002 == 0o002 => Some(NOT_STICKY.hit(shown)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn file(mode: u32) -> Stat {
        Stat { mode, uid: 0, is_file: true, is_dir: false }
    }

    #[test]
    fn limits() {
        let shadow = LIMITS.iter().find(|l| l.path == "etc/shadow").unwrap();
        assert!(check(shadow, file(0o640), "etc/shadow", true).is_empty());
        assert_eq!(check(shadow, Stat { uid: 7, ..file(0o644) }, "etc/shadow", true).len(), 2);
        assert_eq!(check(shadow, Stat { uid: 7, ..file(0o644) }, "etc/shadow", false).len(), 1);
        assert!(
            host_key("ssh_host_rsa_key", file(0o644), "k").is_some()
                && host_key("ssh_host_rsa_key.pub", file(0o644), "k").is_none()
        );
        assert!(world_writable("f", file(0o666)).is_some() && world_writable("f", file(0o664)).is_none());
        let dir = |mode| Stat { mode, uid: 0, is_file: false, is_dir: true };
        assert!(world_writable("d", dir(0o777)).is_some() && world_writable("d", dir(0o1777)).is_none());
    }
}
