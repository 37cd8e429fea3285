//! The rest of a host: names in the environment, pending updates, mandatory access control.

use super::super::rule::{Hit, Rule};
use crate::model::Severity::{Info, Low, Medium};

static ENV_SECRET: Rule = Rule::new(
    "BASELINE-ENV-001",
    Low,
    "Potential secret in environment: {}",
    526,
    "",
    "The environment of the scanning process holds a variable that is named like a secret; every child process gets it.",
    "Hand secrets over in files or through a secret manager.",
);
static SECURITY_UPDATES: Rule = Rule::new(
    "BASELINE-PKG-001",
    Medium,
    "{} security update(s) available",
    1395,
    "1.2.2.1",
    "Known weaknesses of installed packages are not closed.",
    "Install the updates.",
);
static UPDATES: Rule = Rule::new(
    "BASELINE-PKG-002",
    Low,
    "{} package update(s) available",
    1395,
    "1.2.2.1",
    "Installed packages are not up to date.",
    "Install the updates.",
);
static REBOOT: Rule = Rule::new(
    "BASELINE-PKG-003",
    Low,
    "Restart required to finish updates",
    1395,
    "1.2.2.1",
    "The running kernel or libraries are older than the installed ones.",
    "Restart the system.",
);
static SELINUX: Rule = Rule::new(
    "BASELINE-MAC-001",
    Medium,
    "SELinux is not enforcing",
    693,
    "1.3.1",
    "SELinux is set to permissive or disabled and holds nobody back.",
    "Set SELINUX=enforcing.",
);
static NOT_A_ROOT: Rule = Rule::new(
    "BASELINE-SCOPE-001",
    Info,
    "Baseline scope: no host-config files under target",
    1188,
    "",
    "There are no host-config files (etc/ssh/sshd_config, etc/passwd, etc/shadow, …) under the target, so nothing was checked.",
    "Scan `/` to check this machine, pass `--baseline-host-probes` to check it beside another target, or point at the root of a filesystem.",
);

/// Every rule of this file.
pub(in super::super) static RULES: &[&Rule] = &[&ENV_SECRET, &SECURITY_UPDATES, &UPDATES, &REBOOT, &SELINUX, &NOT_A_ROOT];

/// Nothing to look at.
pub(in super::super) fn no_files() -> Hit {
    NOT_A_ROOT.hit("")
}

/// Parts of names that secrets have.
const SECRET_WORDS: &[&str] =
    &["API_KEY", "APIKEY", "SECRET", "PASSWORD", "PASSWD", "TOKEN", "PRIVATE_KEY", "CREDENTIALS", "ACCESS_KEY"];

/// Names in an environment that look like secrets, given each name with the length of its value. Values are never looked
/// at. Our own variables are left out.
pub(in super::super) fn environment(names: impl IntoIterator<Item = (String, usize)>) -> Vec<Hit> {
    let looks_secret = |name: &str| {
        let upper = name.to_ascii_uppercase();
        !upper.starts_with("SECURESCAN_") && SECRET_WORDS.iter().any(|w| upper.contains(w))
    };
    let mut found: Vec<String> =
        names.into_iter().filter(|(n, length)| *length >= 4 && looks_secret(n)).map(|(n, _)| n).collect();
    found.sort();
    found.dedup();
    found.into_iter().map(|name| ENV_SECRET.hit(name).unsure()).collect()
}

/// The text that Ubuntu's update notifier leaves behind: `12 updates can be applied immediately. 3 of these updates are
/// standard security updates.` The identity does not depend on the numbers.
pub(in super::super) fn updates(text: &str) -> Vec<Hit> {
    let count = |line: &str| line.split_whitespace().next().and_then(|n| n.parse::<u32>().ok()).filter(|n| *n > 0);
    let find = |words: &[&str]| text.lines().find(|l| words.iter().all(|w| l.contains(w))).and_then(count);
    let security = find(&["security update", "of these"]).or_else(|| find(&["security update", "can be"]));
    let all = find(&["update", "applied immediately"]);
    let hit = |rule: &'static Rule, n: Option<u32>| n.map(|n| rule.hit(n.to_string()).identity("updates"));
    hit(&SECURITY_UPDATES, security).into_iter().chain(hit(&UPDATES, all)).collect()
}

/// A restart is pending.
pub(in super::super) fn reboot_required() -> Hit {
    REBOOT.hit("reboot-required")
}

/// `selinux/config`.
pub(in super::super) fn selinux(text: &str) -> Vec<Hit> {
    let set = text.lines().enumerate().filter_map(|(i, l)| Some((i, l.trim().strip_prefix("SELINUX=")?.trim()))).last();
    set.filter(|(_, mode)| matches!(mode.to_ascii_lowercase().as_str(), "permissive" | "disabled"))
        .map(|(i, mode)| SELINUX.at(i, format!("SELINUX={mode}")))
        .into_iter()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environment_names() {
        let names = [("DB_PASSWORD", 8), ("HOME", 9), ("SECURESCAN_API_KEY", 30), ("MY_TOKEN", 3), ("AWS_SECRET_X", 4)];
        let hits = environment(names.map(|(n, l)| (n.to_owned(), l)));
        assert_eq!(hits.iter().map(|h| h.subject.as_str()).collect::<Vec<_>>(), ["AWS_SECRET_X", "DB_PASSWORD"]);
    }

    #[test]
    fn notices() {
        let text = "\n12 updates can be applied immediately.\n3 of these updates are standard security updates.\nTo see …\n";
        assert_eq!(
            updates(text).iter().map(|h| format!("{} {}", h.rule.id, h.subject)).collect::<Vec<_>>(),
            ["BASELINE-PKG-001 3", "BASELINE-PKG-002 12"]
        );
        assert!(updates("0 updates can be applied immediately.\n").is_empty() && updates("").is_empty());
        assert_eq!(selinux("# SELINUX=x\nSELINUX=disabled\n")[0].line, Some(2));
        assert!(selinux("SELINUX=enforcing\n").is_empty());
    }
}
