//! The built-in scanner `baseline`: hardening of this host, or of a root filesystem that lies in the target.
//!
//! Each check is a pure function from the text of a file to hits (`checks`). Reading goes through one confined tree
//! (`tree`); nothing is run and nothing is sent. What could not be read makes the run partial. Findings are the same
//! from run to run: no process ids, no counters, no values of secrets.

mod audit;
mod checks;
mod live;
mod rule;
mod tree;

use crate::model::{ScanType, ScannerStatus};
use crate::scanners::{LooksAt, Outcome, Rule, ScanContext, Scanner, ScannerMeta};
use audit::{Audit, SIGNS};
use std::path::{Path, PathBuf};
use tree::Tree;

/// The scanner.
#[derive(Debug)]
pub(crate) struct Baseline;

const META: ScannerMeta = ScannerMeta {
    name: "baseline",
    scan_type: ScanType::Baseline,
    about: "hardening of a host or of a root filesystem",
    install_hint: None,
    looks_at: LooksAt::Path,
    per_file: false,
    walks: false,
};

/// Why there is nothing to do, and both ways out.
const NOTHING: &str = "no host-config files under the target; scan `/` to check this machine, or pass --baseline-host-probes to check it beside another target";

/// Every rule, for the common list.
pub(in crate::scanners) fn rules() -> Vec<Rule> {
    let rule = |rule: &'static rule::Rule| Rule {
        scanner: META.name,
        id: rule.id.to_owned(),
        title: rule.title.replace("{}", "…"),
        severity: rule.severity,
        cwe: Some(format!("CWE-{}", rule.cwe)),
        why: rule.why.to_owned(),
        fix: rule.fix.to_owned(),
        aliases: Vec::new(),
        references: Vec::new(),
    };
    checks::all_rules().into_iter().map(rule).collect()
}

impl Scanner for Baseline {
    fn meta(&self) -> &'static ScannerMeta {
        &META
    }

    fn scan(&self, context: &ScanContext<'_>) -> Outcome {
        let root = std::fs::canonicalize(context.root).unwrap_or_else(|_| context.root.to_owned());
        let is_system_root = root == Path::new("/");
        let on_host = context.request.host_probes || is_system_root;
        if on_host && !cfg!(unix) {
            let reason = Some("host probes know Unix only".to_owned());
            return Outcome { status: Some(ScannerStatus::Skipped), reason, ..Outcome::default() };
        }
        let mut audit = Audit {
            tree: Tree::new(if on_host { PathBuf::from("/") } else { root }),
            prefix: if on_host && !is_system_root { "/" } else { "" },
            on_host,
            cancel: context.cancel,
            findings: Vec::new(),
            skipped: Vec::new(),
            notes: Vec::new(),
        };
        if !on_host && (context.single_file || !SIGNS.iter().any(|path| audit.tree.is_file(path))) {
            return nothing(audit, context);
        }
        audit.files();
        if on_host {
            audit.live();
        }
        outcome(audit)
    }
}

fn outcome(audit: Audit<'_>) -> Outcome {
    let Audit { findings, mut skipped, notes, .. } = audit;
    skipped.sort();
    skipped.dedup();
    let reason = (!notes.is_empty()).then(|| notes.join("; "));
    Outcome { status: skipped.is_empty().then_some(ScannerStatus::Ok), reason, findings, skipped, ..Outcome::default() }
}

/// The target is no root filesystem. Who asked for this scanner by name gets it said as a finding, too.
fn nothing(mut audit: Audit<'_>, context: &ScanContext<'_>) -> Outcome {
    let request = context.request;
    let asked = request.types.contains(&ScanType::Baseline) || request.scanners.iter().any(|s| s == META.name);
    if asked {
        audit.add(None, checks::host::no_files());
    }
    Outcome { findings: audit.findings, ..Outcome::not_applicable(NOTHING) }
}

#[cfg(test)]
mod tests {
    use super::checks::all_rules;
    use std::collections::BTreeSet;

    #[test]
    fn the_tables_of_rules_are_sound() {
        let rules = all_rules();
        let ids: BTreeSet<_> = rules.iter().map(|r| r.id).collect();
        assert_eq!(ids.len(), rules.len(), "an id is used twice");
        for rule in &rules {
            let mut parts = rule.id.split('-');
            let (first, area, number) = (parts.next(), parts.next(), parts.next().unwrap_or_default());
            assert!(first == Some("BASELINE") && area.is_some() && number.len() == 3 && parts.next().is_none(), "{}", rule.id);
            assert!(
                rule.cwe > 0 && rule.why.ends_with('.') && rule.fix.ends_with('.') && !rule.title.ends_with('.'),
                "{}",
                rule.id
            );
        }
        assert!(rules.len() >= 80, "{} rules", rules.len());
    }
}
