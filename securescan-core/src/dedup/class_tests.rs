//! The table of classes is what it says it is.

use super::authority::Class;
use super::classes::{TEXT, Table, canonical, table};
use std::collections::{BTreeMap, BTreeSet};

fn raw() -> Table {
    toml::from_str(TEXT).unwrap()
}

#[test]
fn names_rules_and_cwes_are_in_order() {
    let raw = raw();
    let names: BTreeSet<&str> = raw.class.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names.len(), raw.class.len(), "each class once");
    let mut places: BTreeMap<(String, String), Vec<&str>> = BTreeMap::new();
    for class in &raw.class {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(!class.name.is_empty() && class.name.chars().all(plain), "{}", class.name);
        assert!(!class.rules.is_empty() || !class.cwe.is_empty(), "{} is about nothing", class.name);
        for (tool, rules) in &class.rules {
            assert!(tool.chars().all(plain) && !rules.is_empty(), "{} {tool}", class.name);
            let mut sorted = rules.clone();
            sorted.sort_by_key(|rule| rule.to_ascii_lowercase());
            sorted.dedup_by_key(|rule| rule.to_ascii_lowercase());
            assert_eq!(&sorted, rules, "{} {tool}: sorted, each once", class.name);
            for rule in rules {
                assert!(tool != "semgrep" || !rule.contains('.'), "{rule}: Semgrep's last segment only");
                assert!(!matches!(tool.as_str(), "ruff" | "flake8"), "{rule}: by Bandit's number");
                places.entry((tool.clone(), canonical(tool, rule).into_owned())).or_default().push(&class.name);
            }
        }
    }
    for ((tool, rule), classes) in &places {
        assert!(classes.len() <= 2, "{tool} {rule} in {classes:?}");
        let kinds: BTreeSet<_> = classes.iter().map(|name| raw.class.iter().find(|c| c.name == **name).unwrap().kind).collect();
        assert_eq!(kinds.len(), 1, "{tool} {rule} is of one kind");
        assert!(!table().of_rule(tool, rule).is_empty(), "{tool} {rule} is found");
    }
    assert!(raw.class.len() > 150 && places.len() > 800, "{} {}", raw.class.len(), places.len());
}

#[test]
fn a_cwe_means_one_thing_and_a_broad_one_nothing() {
    let raw = raw();
    let mut means: BTreeMap<(Class, u32), Vec<&str>> = BTreeMap::new();
    for class in &raw.class {
        for cwe in &class.cwe {
            assert!(!raw.broad_cwes.contains(cwe), "{}: CWE-{cwe} is broad", class.name);
            means.entry((class.kind, *cwe)).or_default().push(&class.name);
        }
    }
    // A broken algorithm is a hash or a cipher, and tools do not say which.
    let several: Vec<_> = means.iter().filter(|(_, classes)| classes.len() > 1).map(|((_, cwe), _)| *cwe).collect();
    assert_eq!(several, [327]);
    for broad in [20, 74, 119, 200, 284, 693, 703, 707, 710] {
        assert!(table().is_broad(broad));
    }
}

#[cfg(feature = "scanners")]
#[test]
fn our_rules_are_listed_with_their_aliases() {
    for rule in crate::scanners::builtin::dockerfile::rules() {
        assert!(rule.aliases.len() <= super::subjects::MAX_ALIASES);
        if rule.aliases.is_empty() {
            continue;
        }
        let ours = table().of_rule("dockerfile", &format!("dockerfile/{}", rule.id));
        assert!(!ours.is_empty(), "{} has aliases and no class", rule.id);
        for alias in rule.aliases {
            let theirs: Vec<_> = ["hadolint", "trivy", "checkov"].iter().flat_map(|tool| table().of_rule(tool, alias)).collect();
            assert!(theirs.iter().any(|id| ours.contains(id)), "{} and {alias} share no class", rule.id);
        }
    }
}

#[test]
fn one_spelling() {
    let same = [
        (("ruff", "S602"), "b602"),
        (("flake8", "S602"), "b602"),
        (("bandit", "B602"), "b602"),
        (("semgrep", "bandit.B602-1"), "b602"),
        (("trivy", "AVD-DS-0002"), "ds-0002"),
        (("trivy", "DS002"), "ds-0002"),
        (("trivy", "AVD-AWS-0107"), "aws-0107"),
        (("trivy", "KSV017"), "ksv-0017"),
        (("zizmor", "zizmor/unpinned-uses"), "unpinned-uses"),
        (("hadolint", "DL3008"), "dl3008"),
        (("shellcheck", "S602"), "s602"),
        (("ruff", "S6021"), "s6021"),
        (("x", "é"), "é"),
    ];
    for ((tool, rule), name) in same {
        assert_eq!(canonical(tool, rule), name, "{tool} {rule}");
    }
}
