//! Who may become root: `sudoers` and the files in `sudoers.d`.

use super::super::rule::{Hit, Rule};
use crate::model::Severity::{High, Low, Medium};

static NOPASSWD: Rule = Rule::new(
    "BASELINE-SUDO-001",
    High,
    "Broad NOPASSWD sudo access",
    269,
    "5.2.4",
    "Whoever gets into the account has root at once: any command may be run without a password.",
    "Ask for the password, or list the commands that may be run without one.",
);
static NO_AUTHENTICATE: Rule = Rule::new(
    "BASELINE-SUDO-002",
    Medium,
    "sudo authentication disabled",
    306,
    "5.2.5",
    "`!authenticate` lets users run commands without a password.",
    "Remove `!authenticate`.",
);
static NO_PTY: Rule = Rule::new(
    "BASELINE-SUDO-003",
    Low,
    "sudo does not use a pseudo-terminal",
    269,
    "5.2.2",
    "A program started by sudo can keep hold of the user's terminal.",
    "Add `Defaults use_pty`.",
);
static NO_LOG: Rule = Rule::new(
    "BASELINE-SUDO-004",
    Low,
    "sudo has no log file of its own",
    778,
    "5.2.3",
    "What is done with sudo is harder to find.",
    "Add `Defaults logfile=\"/var/log/sudo.log\"`.",
);
static VISIBLE: Rule = Rule::new(
    "BASELINE-SUDO-005",
    Medium,
    "sudo shows passwords as they are typed",
    549,
    "",
    "`visiblepw` lets sudo read a password from a terminal that shows it.",
    "Remove `visiblepw`.",
);

/// Every rule of this file.
pub(in super::super) static RULES: &[&Rule] = &[&NOPASSWD, &NO_AUTHENTICATE, &NO_PTY, &NO_LOG, &VISIBLE];

/// Whether sudo reads a file of `sudoers.d`: names with a dot or a final `~` are left out.
pub(in super::super) fn is_read(name: &str) -> bool {
    !name.contains('.') && !name.ends_with('~')
}

/// One file.
pub(in super::super) fn check(text: &str) -> Vec<Hit> {
    let mut out = Vec::new();
    for (i, line) in logical_lines(text) {
        if let Some(flags) = defaults(&line) {
            let has = |name: &str| flags.split(',').any(|f| f.trim() == name);
            if has("!authenticate") {
                out.push(NO_AUTHENTICATE.at(i, line.trim()));
            }
            if has("visiblepw") {
                out.push(VISIBLE.at(i, line.trim()));
            }
        } else if grants_all_without_password(&line) {
            out.push(NOPASSWD.at(i, line.trim()));
        }
    }
    out
}

/// All files together: defaults that somebody has to set.
pub(in super::super) fn check_all(texts: &[&str]) -> Vec<Hit> {
    let sets = |name: &str| {
        let lines = texts.iter().flat_map(|t| logical_lines(t));
        lines
            .into_iter()
            .filter_map(|(_, l)| defaults(&l).map(str::to_owned))
            .any(|flags| flags.split(',').map(str::trim).any(|f| f.split('=').next().map(str::trim) == Some(name)))
    };
    let mut out = Vec::new();
    if !sets("use_pty") {
        out.push(NO_PTY.hit("Defaults use_pty"));
    }
    if !sets("logfile") && !sets("log_output") {
        out.push(NO_LOG.hit("Defaults logfile"));
    }
    out
}

/// Lines with `\` continuations joined and comments dropped, with the index of their first line. `#include` and `#1000` are no comments.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let mut out: Vec<(usize, String)> = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (i, raw) in text.lines().enumerate() {
        let (index, mut line) = open.take().unwrap_or((i, String::new()));
        let code = without_comment(raw);
        let goes_on = code.ends_with('\\');
        line.push_str(code.trim_end_matches('\\'));
        if goes_on {
            open = Some((index, line));
        } else if !line.trim().is_empty() {
            out.push((index, line));
        }
    }
    out.extend(open);
    out
}

fn without_comment(line: &str) -> &str {
    for (at, _) in line.match_indices('#') {
        let rest = line.get(at + 1..).unwrap_or_default();
        let is_uid = rest.starts_with(|c: char| c.is_ascii_digit()) && at == line.len() - line.trim_start().len();
        let escaped = line.get(..at).is_some_and(|before| before.ends_with('\\'));
        if !is_uid && !escaped {
            return line.get(..at).unwrap_or_default();
        }
    }
    line
}

/// The flags of a `Defaults` line, whoever they are for.
fn defaults(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix("Defaults")?;
    match rest.chars().next() {
        Some(c) if c.is_whitespace() => Some(rest),
        // `Defaults:user`, `Defaults@host`, `Defaults>runas`, `Defaults!cmnd`
        Some(':' | '@' | '>' | '!') => rest.split_once(char::is_whitespace).map(|(_, flags)| flags),
        _ => None,
    }
}

/// Whether a rule lets somebody run `ALL` under the tag `NOPASSWD`. A tag holds for the commands after it until its opposite.
fn grants_all_without_password(line: &str) -> bool {
    let Some((_, grants)) = line.split_once('=') else { return false };
    let mut free = false;
    for item in grants.split([',', ':', ')']).map(str::trim) {
        match item {
            "NOPASSWD" => free = true,
            "PASSWD" => free = false,
            "ALL" if free => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_and_defaults() {
        for (line, hit) in [
            ("%wheel ALL=(ALL) NOPASSWD: ALL", Some("BASELINE-SUDO-001")),
            ("ci ALL=(ALL:ALL) NOPASSWD:ALL", Some("BASELINE-SUDO-001")),
            ("ci ALL = NOPASSWD: /bin/x, ALL", Some("BASELINE-SUDO-001")),
            ("ci ALL=(ALL) \\\n NOPASSWD: ALL", Some("BASELINE-SUDO-001")),
            ("#1000 ALL=(ALL) NOPASSWD: ALL", Some("BASELINE-SUDO-001")),
            ("ci ALL=(ALL) NOPASSWD: /usr/bin/ALLOW", None),
            ("ci ALL=(ALL) NOPASSWD: /bin/x, PASSWD: ALL", None),
            ("# ci ALL=(ALL) NOPASSWD: ALL", None),
            ("ci ALL=(ALL) ALL", None),
            ("Defaults:ci !authenticate", Some("BASELINE-SUDO-002")),
            ("Defaults env_reset, visiblepw", Some("BASELINE-SUDO-005")),
            ("Defaults !visiblepw", None),
        ] {
            let ids: Vec<_> = check(line).iter().map(|h| h.rule.id).collect();
            assert_eq!(ids, hit.into_iter().collect::<Vec<_>>(), "{line}");
        }
        assert_eq!(check_all(&["Defaults use_pty", "Defaults logfile = /x"]).len(), 0);
        assert_eq!(check_all(&["# Defaults use_pty"]).len(), 2);
        assert!(is_read("90-cloud") && !is_read("a.rpmsave") && !is_read("a~"));
    }
}
