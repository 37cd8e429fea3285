//! What root's cron jobs run.

use super::super::rule::Rule;
use crate::model::Severity::Critical;

/// A job of root runs a file that everybody can change.
pub(in super::super) static WRITABLE: Rule = Rule::new(
    "BASELINE-CRON-001",
    Critical,
    "Root cron job executes world-writable script",
    732,
    "2.4.1",
    "Every local user can change what root will run.",
    "Make the script writable for root only (chmod 755).",
);

/// Every rule of this file.
pub(in super::super) static RULES: &[&Rule] = &[&WRITABLE];

/// The commands that root runs: 0-based line and absolute path of the program and of the script an interpreter is given.
/// `with_user`: the table has a user column (`crontab`, `cron.d`; not the spool).
pub(in super::super) fn root_commands(text: &str, with_user: bool) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') || is_assignment(line) {
            continue;
        }
        let mut words = line.split_whitespace();
        // `@daily` stands for the five columns of the time.
        let columns = if line.starts_with('@') { 1 } else { 5 };
        if words.by_ref().take(columns).count() < columns || with_user && words.next() != Some("root") {
            continue;
        }
        let command = words.map(|w| w.trim_matches(['"', '\'', '(', ')', ';', '&'])).filter(|w| w.starts_with('/'));
        out.extend(command.map(|w| (i, w.trim_start_matches('/').to_owned())));
    }
    out
}

/// `NAME = value` sets a variable of the jobs' environment.
fn is_assignment(line: &str) -> bool {
    line.split_once('=').is_some_and(|(name, _)| {
        let name = name.trim();
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables() {
        let text = "PATH=/bin\n# x\n17 * * * * root /opt/a.sh >/dev/null\n* * * * * eve /opt/b.sh\n@daily root cd / && /bin/sh \"/opt/c.sh\"\n* * *\n";
        let found: Vec<_> = root_commands(text, true).into_iter().map(|(i, p)| format!("{i} {p}")).collect();
        assert_eq!(found, ["2 opt/a.sh", "4 ", "4 bin/sh", "4 opt/c.sh"]);
        assert_eq!(root_commands("0 0 * * * /opt/a.sh x\n", false), [(0, "opt/a.sh".to_owned())]);
    }
}
