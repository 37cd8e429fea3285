//! Password policy: `login.defs`.

use super::super::rule::{Hit, Rule};
use crate::model::Severity::{Low, Medium};

static MAX_DAYS: Rule = Rule::new(
    "BASELINE-PWD-001",
    Medium,
    "Password max age too long",
    263,
    "5.4.1.1",
    "New accounts get passwords that hold for more than 90 days.",
    "Set PASS_MAX_DAYS to 90 or less.",
);
static MIN_DAYS: Rule = Rule::new(
    "BASELINE-PWD-002",
    Low,
    "Password min age too short",
    262,
    "5.4.1.2",
    "Users can change a password back at once and so get around its history.",
    "Set PASS_MIN_DAYS to 1 or more.",
);
static MIN_LENGTH: Rule = Rule::new(
    "BASELINE-PWD-003",
    Medium,
    "Minimum password length too short",
    521,
    "5.3.3.2",
    "Passwords of fewer than 8 characters are allowed (systems with PAM take the length from pwquality instead).",
    "Set PASS_MIN_LEN to 14 and minlen in pwquality.conf alike.",
);
static UMASK: Rule = Rule::new(
    "BASELINE-PWD-004",
    Low,
    "Default umask too open",
    276,
    "5.4.3.3",
    "New files of users can be read by everybody or written by their group.",
    "Set UMASK to 027 or stricter.",
);
static METHOD: Rule = Rule::new(
    "BASELINE-PWD-005",
    Medium,
    "Weak password hashing method",
    916,
    "5.4.1.4",
    "New passwords are hashed with a method that can be broken quickly.",
    "Set ENCRYPT_METHOD to YESCRYPT or SHA512.",
);
static WARN_AGE: Rule = Rule::new(
    "BASELINE-PWD-006",
    Low,
    "Password expiry warning too short",
    263,
    "5.4.1.3",
    "Users are warned less than a week before their password expires.",
    "Set PASS_WARN_AGE to 7 or more.",
);

/// Every rule of this file.
pub(in super::super) static RULES: &[&Rule] = &[&MAX_DAYS, &MIN_DAYS, &MIN_LENGTH, &UMASK, &METHOD, &WARN_AGE];

/// `login.defs`. The last value of a keyword counts; what is not set is not judged.
pub(in super::super) fn check(text: &str) -> Vec<Hit> {
    let mut last = std::collections::BTreeMap::new();
    for (i, line) in text.lines().enumerate() {
        let mut words = line.split_whitespace();
        if let (Some(key), Some(value)) = (words.next().filter(|k| !k.starts_with('#')), words.next()) {
            last.insert(key, (i, value));
        }
    }
    let mut out: Vec<Hit> = last
        .into_iter()
        .filter_map(|(key, (i, value))| rule(key, value.trim_matches('"')).map(|rule| rule.at(i, format!("{key} {value}"))))
        .collect();
    out.sort_by_key(|h| h.line);
    out
}

/// The rule a keyword's value breaks.
fn rule(key: &str, value: &str) -> Option<&'static Rule> {
    let number = value.parse::<i64>().ok();
    match key {
        "PASS_MAX_DAYS" => number.filter(|n| !(0..=90).contains(n)).map(|_| &MAX_DAYS),
        "PASS_MIN_DAYS" => number.filter(|n| *n < 1).map(|_| &MIN_DAYS),
        "PASS_MIN_LEN" => number.filter(|n| *n < 8).map(|_| &MIN_LENGTH),
        "PASS_WARN_AGE" => number.filter(|n| *n < 7).map(|_| &WARN_AGE),
        "UMASK" => u32::from_str_radix(value, 8).ok().filter(|mask| mask & 0o027 != 0o027).map(|_| &UMASK),
        "ENCRYPT_METHOD" => matches!(value.to_ascii_uppercase().as_str(), "DES" | "MD5").then_some(&METHOD),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        let bad = "PASS_MAX_DAYS 90\nPASS_MAX_DAYS\t99999\n#PASS_MIN_LEN 1\nPASS_MIN_DAYS 0\nPASS_MIN_LEN 5\nUMASK 022\nENCRYPT_METHOD md5\nPASS_WARN_AGE 3\n";
        let ids: Vec<_> =
            check(bad).iter().map(|h| format!("{} {}", h.rule.id.trim_start_matches("BASELINE-PWD-"), h.line.unwrap())).collect();
        assert_eq!(ids, ["001 2", "002 4", "003 5", "004 6", "005 7", "006 8"]);
        let good = "PASS_MAX_DAYS 60\nPASS_MIN_DAYS 1\nPASS_MIN_LEN 14\nUMASK 077\nENCRYPT_METHOD YESCRYPT\nPASS_WARN_AGE 7\nUMASK\nUMASK x\n";
        assert!(check(good).is_empty());
    }
}
