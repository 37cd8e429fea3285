//! The rule data: TOML files embedded in the program, parsed once when the first scan needs them.
//!
//! One family of services is one file; a file in this folder needs no registration. What a rule may say is
//! [`super::rule::RuleSpec`]; this module holds no logic beyond reading.

use super::rule::{RuleSet, RuleSpec};
use serde::Deserialize;
use std::sync::OnceLock;

/// Every rule file of this folder by name, packed by the build script: reading TOML at every start would cost more than a short scan.
const PACKED: &str = include_str!(concat!(env!("OUT_DIR"), "/secret-rules.json"));

/// A rule file in our own format.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleFile {
    /// In the order of the file.
    pub rules: Vec<RuleSpec>,
}

/// The embedded rules. Data that does not fit [`RuleSpec`] would leave none, and fails the tests of this module.
pub fn builtin() -> &'static RuleSet {
    static SET: OnceLock<RuleSet> = OnceLock::new();
    SET.get_or_init(|| RuleSet::new(specs()))
}

/// The embedded rules' data, file by file in alphabetical order.
pub(super) fn specs() -> Vec<RuleSpec> {
    files().unwrap_or_default().into_iter().flat_map(|(_, rules)| rules).collect()
}

fn files() -> serde_json::Result<Vec<(String, Vec<RuleSpec>)>> {
    serde_json::from_str(PACKED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_file_parses_and_every_rule_is_sound() {
        let mut ids = BTreeSet::new();
        let mut wrong = Vec::new();
        for (name, rules) in files().unwrap() {
            for spec in rules {
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
