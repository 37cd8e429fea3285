//! Accounts: `passwd`, `shadow` and `group`. Password hashes never enter a hit, and lines that hold one are not pointed at.

use super::super::rule::{Hit, Rule};
use crate::model::Severity::{Critical, High, Low, Medium};
use std::collections::BTreeMap;

static UID_0: Rule = Rule::new(
    "BASELINE-USER-001",
    Critical,
    "Non-root user '{}' has UID 0",
    269,
    "5.4.2.1",
    "The account has all of root's rights under another name.",
    "Give the account a user id of its own.",
);
static NO_PASSWORD: Rule = Rule::new(
    "BASELINE-USER-002",
    Critical,
    "User '{}' has no password set",
    258,
    "7.2.2",
    "The password field is empty: anyone can become this user without a password.",
    "Set a password, or lock the account with `passwd -l`.",
);
static DUPLICATE_UID: Rule = Rule::new(
    "BASELINE-USER-003",
    Medium,
    "User '{}' shares its UID with another user",
    286,
    "7.2.5",
    "Users with one id own each other's files, and logs cannot tell them apart.",
    "Give each user an id of its own.",
);
static DUPLICATE_USER: Rule = Rule::new(
    "BASELINE-USER-004",
    Medium,
    "User name '{}' is defined twice",
    286,
    "7.2.7",
    "Only the first entry counts for some programs, only the last for others.",
    "Remove or rename one entry.",
);
static LEGACY: Rule = Rule::new(
    "BASELINE-USER-005",
    High,
    "Legacy '+' entry in {}",
    1188,
    "7.2.1",
    "The entry takes in accounts from a directory service, in some versions without any password.",
    "Remove the line; use nsswitch.conf.",
);
static HASH_IN_PASSWD: Rule = Rule::new(
    "BASELINE-USER-006",
    High,
    "Password of user '{}' is not shadowed",
    256,
    "7.2.1",
    "The password hash stands in a file that every user can read.",
    "Run `pwconv`.",
);
static DUPLICATE_GID: Rule = Rule::new(
    "BASELINE-USER-007",
    Medium,
    "Group '{}' shares its GID with another group",
    286,
    "7.2.6",
    "Members of one group have the rights of the other.",
    "Give each group an id of its own.",
);
static DUPLICATE_GROUP: Rule = Rule::new(
    "BASELINE-USER-008",
    Medium,
    "Group name '{}' is defined twice",
    286,
    "7.2.8",
    "Which members count depends on the program.",
    "Remove or rename one entry.",
);
static SYSTEM_SHELL: Rule = Rule::new(
    "BASELINE-USER-009",
    Low,
    "System account '{}' has a login shell",
    284,
    "5.4.2.7",
    "An account for a service can be used to log in.",
    "Set its shell to /usr/sbin/nologin.",
);
static WEAK_HASH: Rule = Rule::new(
    "BASELINE-USER-010",
    Medium,
    "Password of user '{}' is hashed weakly",
    916,
    "5.4.1.4",
    "The hash method (DES or MD5) can be broken quickly.",
    "Set ENCRYPT_METHOD to YESCRYPT or SHA512 and change the password.",
);
static SHADOW_GROUP: Rule = Rule::new(
    "BASELINE-USER-011",
    High,
    "User '{}' is a member of group shadow",
    269,
    "7.2.4",
    "Members of the group can read all password hashes.",
    "Remove the user from the group.",
);
static NEVER_EXPIRES: Rule = Rule::new(
    "BASELINE-USER-012",
    Low,
    "Password of user '{}' does not expire",
    263,
    "5.4.1.1",
    "The maximum password age of the account is unset or longer than a year.",
    "Run `chage --maxdays 365` for the user.",
);

/// Every rule of this file.
pub(in super::super) static RULES: &[&Rule] = &[
    &UID_0,
    &NO_PASSWORD,
    &DUPLICATE_UID,
    &DUPLICATE_USER,
    &LEGACY,
    &HASH_IN_PASSWD,
    &DUPLICATE_GID,
    &DUPLICATE_GROUP,
    &SYSTEM_SHELL,
    &WEAK_HASH,
    &SHADOW_GROUP,
    &NEVER_EXPIRES,
];

/// The entries of a file of `:`-separated fields: index and fields.
fn entries(text: &str) -> impl Iterator<Item = (usize, Vec<&str>)> {
    text.lines()
        .enumerate()
        .filter(|(_, l)| !l.trim().is_empty() && !l.starts_with('#'))
        .map(|(i, l)| (i, l.split(':').collect()))
}

fn field<'a>(fields: &[&'a str], index: usize) -> &'a str {
    fields.get(index).map_or("", |f| f.trim())
}

/// A field that says that there is no password to log in with: locked or not set yet.
fn is_locked(password: &str) -> bool {
    password.starts_with(['!', '*'])
}

/// A hit on a line, unless the line holds a password hash.
fn place(rule: &'static Rule, index: usize, password: &str, subject: &str) -> Hit {
    if matches!(password, "" | "x") || is_locked(password) { rule.at(index, subject) } else { rule.hit(subject) }
}

/// `passwd`.
pub(in super::super) fn passwd(text: &str) -> Vec<Hit> {
    let mut out = Vec::new();
    let mut ids: BTreeMap<u32, &str> = BTreeMap::new();
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for (i, fields) in entries(text) {
        let (name, password) = (field(&fields, 0), field(&fields, 1));
        if name.starts_with('+') {
            out.push(LEGACY.at(i, "passwd"));
            continue;
        }
        // A line of fewer fields is no entry.
        if fields.len() < 3 {
            continue;
        }
        match password {
            "" => out.push(NO_PASSWORD.at(i, name)),
            "x" => {}
            locked if is_locked(locked) => {}
            _ => out.push(HASH_IN_PASSWD.hit(name)),
        }
        if names.insert(name, i).is_some() {
            out.push(place(&DUPLICATE_USER, i, password, name));
        }
        let Ok(uid) = field(&fields, 2).parse::<u32>() else { continue };
        if uid == 0 && name != "root" {
            out.push(place(&UID_0, i, password, name));
        } else if let Some(other) = ids.get(&uid).filter(|o| **o != name) {
            out.push(place(&DUPLICATE_UID, i, password, name).note(format!("The other one is `{other}`.")));
        }
        ids.entry(uid).or_insert(name);
        if (1..1000).contains(&uid) && has_shell(name, field(&fields, 6)) {
            out.push(place(&SYSTEM_SHELL, i, password, name));
        }
    }
    out
}

fn has_shell(name: &str, shell: &str) -> bool {
    let program = shell.rsplit('/').next().unwrap_or_default();
    !matches!(name, "sync" | "shutdown" | "halt" | "operator") && !matches!(program, "nologin" | "false" | "sync" | "true")
}

/// `shadow`.
pub(in super::super) fn shadow(text: &str) -> Vec<Hit> {
    let mut out = Vec::new();
    for (i, fields) in entries(text) {
        let (name, password) = (field(&fields, 0), field(&fields, 1));
        if name.starts_with('+') {
            out.push(LEGACY.at(i, "shadow"));
            continue;
        }
        if fields.len() < 2 || is_locked(password) {
            continue;
        }
        if password.is_empty() {
            out.push(NO_PASSWORD.at(i, name));
            continue;
        }
        let is_des = password.len() == 13 && !password.starts_with(['$', '_']);
        if is_des || password.starts_with('_') || password.starts_with("$1$") || password.starts_with("$md5") {
            out.push(WEAK_HASH.hit(name));
        }
        let max = field(&fields, 4);
        if max.parse::<i64>().map_or(max.is_empty(), |days| !(0..=365).contains(&days)) {
            out.push(NEVER_EXPIRES.hit(name));
        }
    }
    out
}

/// `group`.
pub(in super::super) fn group(text: &str) -> Vec<Hit> {
    let mut out = Vec::new();
    let mut ids: BTreeMap<u32, &str> = BTreeMap::new();
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for (i, fields) in entries(text) {
        let (name, password) = (field(&fields, 0), field(&fields, 1));
        if name.starts_with('+') {
            out.push(LEGACY.at(i, "group"));
            continue;
        }
        if names.insert(name, i).is_some() {
            out.push(place(&DUPLICATE_GROUP, i, password, name));
        }
        if let Ok(gid) = field(&fields, 2).parse::<u32>() {
            if let Some(other) = ids.get(&gid).filter(|o| **o != name) {
                out.push(place(&DUPLICATE_GID, i, password, name).note(format!("The other one is `{other}`.")));
            }
            ids.entry(gid).or_insert(name);
        }
        if name == "shadow" {
            out.extend(
                field(&fields, 3)
                    .split(',')
                    .map(str::trim)
                    .filter(|m| !m.is_empty())
                    .map(|member| place(&SHADOW_GROUP, i, password, member)),
            );
        }
    }
    out
}

/// Names and home folders of root and of the people (ids from 1000), from `passwd`.
pub(in super::super) fn homes(text: &str) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = entries(text)
        .filter(|(_, f)| field(f, 2).parse::<u32>().is_ok_and(|uid| uid == 0 || (1000..65_534).contains(&uid)))
        .map(|(_, f)| (field(&f, 0).to_owned(), field(&f, 5).trim_matches('/').to_owned()))
        .filter(|(_, home)| !home.is_empty() && home != "nonexistent")
        .collect();
    out.sort_by(|a, b| (&a.1, &a.0).cmp(&(&b.1, &b.0)));
    out.dedup_by(|a, b| a.1 == b.1);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(hits: Vec<Hit>) -> Vec<String> {
        hits.iter()
            .map(|h| format!("{} {} {}", h.rule.id.trim_start_matches("BASELINE-USER-"), h.line.unwrap_or(0), h.subject))
            .collect()
    }

    #[test]
    fn passwd_entries() {
        let text = "root:x:0:0:r:/root:/bin/bash\ntoor:x:0:0::/:/bin/sh\na::1000:1000::/home/a:/bin/sh\nb:$6$x$hash:1000:1::/home/b:/bin/sh\na:x:1001:1::/home/a2:/bin/sh\n+::::::\nwww:x:33:33::/var/www:/bin/bash\nsync:x:4:65534::/bin:/bin/sync\nodd\n#c\n";
        assert_eq!(show(passwd(text)), ["001 2 toor", "002 3 a", "006 0 b", "003 0 b", "004 5 a", "005 6 passwd", "009 7 www"]);
        assert_eq!(homes(text).iter().map(|h| h.1.as_str()).collect::<Vec<_>>(), ["home/a", "home/a2", "home/b", "root"]);
    }

    #[test]
    fn shadow_entries() {
        let text = "root::19000:0:99999:7:::\nl:!!:1:0:99999\ns:*:1::\nn:!:1::\nmd5:$1$abc$secret:1:0:90:7\nok:$y$j9T$x$y:1:0:365\nlong:$6$a$b:1:0:99999\ndes:abcdefghijklm:1:0:90\n";
        assert_eq!(show(shadow(text)), ["002 1 root", "010 0 md5", "012 0 long", "010 0 des"]);
        assert!(shadow(text).iter().all(|h| !format!("{h:?}").contains("secret")));
    }

    #[test]
    fn groups() {
        assert_eq!(
            show(group("root:x:0:\na:x:0:\nb:x:5:\nb:x:6:\nshadow:x:42:eve, mallory\n")),
            ["007 2 a", "008 4 b", "011 5 eve", "011 5 mallory"]
        );
    }
}
