//! The checks, by area: tables of rules and pure functions from the text of a file to hits.

pub(super) mod accounts;
pub(super) mod cron;
pub(super) mod host;
pub(super) mod login_defs;
pub(super) mod modes;
pub(super) mod mounts;
pub(super) mod network;
pub(super) mod ssh;
pub(super) mod ssh_config;
pub(super) mod sudoers;
pub(super) mod sysctl;

use super::rule::Rule;

/// Every rule of every area.
pub(super) fn all_rules() -> Vec<&'static Rule> {
    let areas = [
        accounts::RULES,
        cron::RULES,
        host::RULES,
        login_defs::RULES,
        modes::RULES,
        mounts::RULES,
        network::RULES,
        sudoers::RULES,
    ];
    let flat = areas.into_iter().flatten().copied();
    flat.chain(ssh::DIRECTIVES.iter().map(|d| &d.rule)).chain(sysctl::SETTINGS.iter().map(|s| &s.rule)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Lines made of what the checks look for, and of anything else.
    fn text() -> impl Strategy<Value = String> {
        let word = prop_oneof![
            Just("root:x:0:0::/:/bin/sh".to_owned()),
            Just("Defaults !authenticate,".to_owned()),
            Just("NOPASSWD: ALL = (".to_owned()),
            Just("* * * * * root /a".to_owned()),
            Just("Include *\nMatch".to_owned()),
            Just("0: 00000000:0016 0 0A".to_owned()),
            Just("PASS_MAX_DAYS -9".to_owned()),
            Just("\\\n#\"=:".to_owned()),
            "\\PC{0,12}",
            any::<String>(),
        ];
        proptest::collection::vec(word, 0..12).prop_map(|words| words.join(" "))
    }

    proptest! {
        /// No text makes a check panic, and lines that hits point at exist.
        #[test]
        fn any_text_does_no_harm(text in text()) {
            let lines = text.lines().count().max(1);
            let mut hits = Vec::new();
            for check in [accounts::passwd, accounts::shadow, accounts::group, login_defs::check, sudoers::check, host::selinux, host::updates] {
                hits.extend(check(&text));
            }
            hits.extend(mounts::check(&text, false));
            hits.extend(ssh::check(&ssh_config::settings("f", &text, &mut ssh_config::NoFiles)).into_iter().map(|(_, h)| h));
            hits.extend(sysctl::check_files(&[("f".to_owned(), text.clone())]).into_iter().map(|(_, h)| h));
            hits.extend(sudoers::check_all(&[&text]));
            hits.extend(network::check(&network::listeners(&text, "udp")));
            for hit in &hits {
                prop_assert!(hit.line.is_none_or(|l| l >= 1 && l as usize <= lines), "{hit:?}");
            }
            for (index, _) in cron::root_commands(&text, true) {
                prop_assert!(index < lines);
            }
        }
    }
}
