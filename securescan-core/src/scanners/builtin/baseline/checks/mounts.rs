//! Mount options of folders that everybody writes to: `/proc/mounts` of a host, `fstab` of a copy.

use super::super::rule::{Hit, Rule};
use crate::model::Severity::Low;

static NODEV: Rule = Rule::new(
    "BASELINE-MNT-001",
    Low,
    "Mount {} without nodev",
    1188,
    "1.1.2",
    "Device files on it are honoured.",
    "Add the option nodev.",
);
static NOSUID: Rule = Rule::new(
    "BASELINE-MNT-002",
    Low,
    "Mount {} without nosuid",
    1188,
    "1.1.2",
    "Setuid programs on it are honoured.",
    "Add the option nosuid.",
);
static NOEXEC: Rule = Rule::new(
    "BASELINE-MNT-003",
    Low,
    "Mount {} without noexec",
    1188,
    "1.1.2",
    "Programs can be dropped and run there.",
    "Add the option noexec.",
);
static NOT_SEPARATE: Rule = Rule::new(
    "BASELINE-MNT-004",
    Low,
    "{} is not a separate filesystem",
    1188,
    "1.1.2.1.1",
    "Everybody can fill the system's filesystem from there, and its options cannot be narrowed.",
    "Mount a tmpfs or a partition of its own there.",
);

/// Every rule of this file.
pub(in super::super) static RULES: &[&Rule] = &[&NODEV, &NOSUID, &NOEXEC, &NOT_SEPARATE];

/// Mount point and whether programs may be run there.
const POINTS: &[(&str, bool)] = &[
    ("/tmp", false),
    ("/var/tmp", false),
    ("/dev/shm", false),
    ("/home", true),
    ("/var", true),
    ("/var/log", false),
    ("/var/log/audit", false),
];

/// Judges a table of mounts: device, mount point, type, options. The last entry for a point counts.
/// `complete`: what is not listed is not mounted (true for `/proc/mounts`).
pub(in super::super) fn check(text: &str, complete: bool) -> Vec<Hit> {
    let mut last = std::collections::BTreeMap::new();
    for (i, line) in text.lines().enumerate() {
        let mut words = line.split_whitespace();
        if let (Some(device), Some(point), Some(_), Some(options)) = (words.next(), words.next(), words.next(), words.next())
            && !device.starts_with('#')
        {
            last.insert(point, (i, options));
        }
    }
    let mut out = Vec::new();
    for (point, exec) in POINTS {
        match last.get(point) {
            Some((i, options)) => {
                let has = |option: &str| options.split(',').any(|o| o == option);
                let wanted = [("nodev", &NODEV), ("nosuid", &NOSUID), ("noexec", &NOEXEC)];
                for (option, rule) in wanted.into_iter().filter(|(o, _)| !has(o) && (!*exec || *o != "noexec")) {
                    // Lines of /proc/mounts move; those of fstab do not.
                    let hit = if complete { rule.hit(*point) } else { rule.at(*i, *point) };
                    out.push(hit.note(format!("The option {option} is missing.")));
                }
            }
            None if complete && *point == "/tmp" => out.push(NOT_SEPARATE.hit(*point)),
            None => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables() {
        let show = |text, complete| {
            check(text, complete).iter().map(|h| format!("{} {} {:?}", h.rule.id, h.subject, h.line)).collect::<Vec<_>>()
        };
        assert_eq!(
            show("tmpfs /dev/shm tmpfs rw,nosuid,nodev 0 0\n", true),
            ["BASELINE-MNT-004 /tmp None", "BASELINE-MNT-003 /dev/shm None"]
        );
        assert_eq!(
            show("# x\nUUID=1 /home ext4 defaults 0 2\n", false),
            ["BASELINE-MNT-001 /home Some(2)", "BASELINE-MNT-002 /home Some(2)"]
        );
    }
}
