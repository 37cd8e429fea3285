//! What deduplication knows of a rule or a finding, for people.

use super::authority::{Class, class};
use super::classes::table;
use super::subjects::{self, Subject};
use crate::model::Finding;

/// A class of rules that say the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleClass {
    /// Its name: `command-injection`.
    pub name: String,
    /// The weaknesses that mean it, `CWE-78` form.
    pub cwes: Vec<String>,
    /// The rules in it, each as `tool id`.
    pub rules: Vec<String>,
}

/// The classes that a rule of any tool belongs to: by its id, whatever the letter case.
pub fn classes_of_rule(rule: &str) -> Vec<RuleClass> {
    let rows = table().rows().iter().filter(|row| row.rules.values().flatten().any(|id| id.eq_ignore_ascii_case(rule)));
    rows.map(|row| RuleClass {
        name: row.name.clone(),
        cwes: row.cwe.iter().map(|number| format!("CWE-{number}")).collect(),
        rules: row.rules.iter().flat_map(|(tool, ids)| ids.iter().map(move |id| format!("{tool} {id}"))).collect(),
    })
    .collect()
}

/// The names of the classes that a finding belongs to.
pub fn classes_of(finding: &Finding) -> Vec<String> {
    let name = |subject: &Subject<'_>| match subject {
        Subject::Secret => Some("secret".to_owned()),
        Subject::Class(id) => table().row(*id).map(|row| row.name.clone()),
        Subject::Cwe(..) | Subject::Rule(_) => None,
    };
    subjects::unbound(finding, class(finding)).iter().filter_map(name).collect()
}

/// Whether a finding is about a secret, so that its line must not be shown.
pub fn is_secret(finding: &Finding) -> bool {
    class(finding) == Class::Secret
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ScanType, Severity};

    #[test]
    fn rules_and_findings_have_classes() {
        let found = classes_of_rule("b602");
        assert!(found.iter().any(|class| class.rules.iter().any(|rule| rule == "bandit B602")), "{found:?}");
        assert!(classes_of_rule("no-such-rule").is_empty());
        let mut finding = Finding::new("gitleaks", ScanType::Code, Severity::High, "Key");
        finding.rule_id = Some("aws-access-token".to_owned());
        assert!(is_secret(&finding) && classes_of(&finding) == ["secret"]);
    }
}
