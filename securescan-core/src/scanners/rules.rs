//! Every rule of every built-in scanner in one form: for `list rules`, `explain` and the documentation. The rules themselves
//! stand in the scanners' own tables.

use super::builtin::{baseline, dockerfile, git_hygiene, licenses, secrets};
use crate::model::Severity;

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The scanner it belongs to.
    pub scanner: &'static str,
    /// The rule id that findings carry.
    pub id: String,
    /// What it finds, one line.
    pub title: String,
    /// How bad, as a rule.
    pub severity: Severity,
    /// `CWE-89` form.
    pub cwe: Option<String>,
    /// Why it matters.
    pub why: String,
    /// What to do.
    pub fix: String,
    /// What other tools call the same thing.
    pub aliases: Vec<&'static str>,
    /// Further reading.
    pub references: Vec<String>,
}

/// Every rule, by id.
pub fn rules() -> Vec<Rule> {
    let mut all: Vec<Rule> = Vec::new();
    all.extend(secrets::builtin().rules().map(|rule| Rule {
        scanner: "secrets",
        id: format!("secrets/{}", rule.id),
        title: rule.title.clone(),
        severity: rule.severity,
        cwe: Some(rule.cwe.clone()),
        why: String::new(),
        fix: secrets::report::REMEDIATION.to_owned(),
        aliases: Vec::new(),
        references: Vec::new(),
    }));
    all.extend(dockerfile::rules().into_iter().map(|rule| Rule {
        scanner: "dockerfile",
        id: format!("dockerfile/{}", rule.id),
        title: rule.title.to_owned(),
        severity: rule.severity,
        cwe: rule.cwe.map(str::to_owned),
        why: rule.why.to_owned(),
        fix: rule.fix.to_owned(),
        aliases: rule.aliases.to_vec(),
        references: rule.references.iter().map(|r| (*r).to_owned()).collect(),
    }));
    all.extend(baseline::rules());
    all.extend(git_hygiene::rules());
    all.extend(licenses::rules());
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all
}

#[cfg(test)]
mod tests {
    #[test]
    fn ids_are_unique_and_titles_are_lines() {
        let rules = super::rules();
        assert!(rules.windows(2).all(|pair| pair[0].id != pair[1].id), "two rules of one id");
        assert!(rules.iter().all(|rule| !rule.title.is_empty() && !rule.title.contains('\n')));
        for scanner in ["secrets", "dockerfile", "baseline", "git-hygiene", "licenses"] {
            assert!(rules.iter().any(|rule| rule.scanner == scanner), "{scanner}");
        }
    }
}
