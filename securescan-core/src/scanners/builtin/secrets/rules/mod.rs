//! The rule data: TOML files embedded in the program, parsed once when the first scan needs them.
//!
//! One family of services is one file; adding a file is adding one line to [`FILES`]. What a rule may say is
//! [`super::rule::RuleSpec`]; this module holds no logic beyond reading.

use super::rule::{RuleSet, RuleSpec};
use serde::Deserialize;
use std::sync::OnceLock;

/// Every rule file: its name, for messages, and its text.
pub(super) const FILES: &[(&str, &str)] = &[
    ("core.toml", include_str!("core.toml")),
    ("cloud.toml", include_str!("cloud.toml")),
    ("vcs-ci.toml", include_str!("vcs-ci.toml")),
    ("packages.toml", include_str!("packages.toml")),
    ("ai.toml", include_str!("ai.toml")),
    ("payments.toml", include_str!("payments.toml")),
    ("messaging.toml", include_str!("messaging.toml")),
    ("saas-a-f.toml", include_str!("saas-a-f.toml")),
    ("saas-g-m.toml", include_str!("saas-g-m.toml")),
    ("saas-n-z.toml", include_str!("saas-n-z.toml")),
    ("monitoring.toml", include_str!("monitoring.toml")),
    ("identity.toml", include_str!("identity.toml")),
    ("crypto.toml", include_str!("crypto.toml")),
    ("databases.toml", include_str!("databases.toml")),
    ("web.toml", include_str!("web.toml")),
];

/// A rule file in our own format.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleFile {
    /// In the order of the file.
    pub rules: Vec<RuleSpec>,
}

/// The embedded rules. A file that does not parse is left out here and fails the tests of this module.
pub fn builtin() -> &'static RuleSet {
    static SET: OnceLock<RuleSet> = OnceLock::new();
    SET.get_or_init(|| RuleSet::new(specs()))
}

/// The embedded rules' data, in the order of [`FILES`].
pub(super) fn specs() -> Vec<RuleSpec> {
    FILES.iter().filter_map(|(_, text)| toml::from_str::<RuleFile>(text).ok()).flat_map(|file| file.rules).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_file_parses_and_every_rule_is_sound() {
        let mut ids = BTreeSet::new();
        let mut wrong = Vec::new();
        for (name, text) in FILES {
            let file: RuleFile = toml::from_str(text).unwrap_or_else(|e| panic!("{name}: {e}"));
            for spec in file.rules {
                let id = spec.id.clone();
                if !id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
                    wrong.push(format!("{name}: `{id}` is not kebab-case"));
                }
                if let Err(why) = spec.check() {
                    wrong.push(format!("{name}: {why}"));
                }
                if !ids.insert(id.clone()) {
                    wrong.push(format!("{name}: `{id}` stands twice"));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert_eq!(builtin().rules().count(), ids.len());
    }
}
