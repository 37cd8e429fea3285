//! What a finding is about, in the words in which two findings can say the same.
//!
//! A finding of a rule that the table of classes lists is about its classes; of any other rule, about what its CWE means. A secret is a
//! secret. The rule's own name, and the names it says other tools use, count as well.

use super::authority::Class;
use super::classes::{self, ClassId, canonical, cwe_number, table};
use crate::model::Finding;
use std::borrow::Cow;

/// How many names of other tools a rule may list. They are those of our own rules' tables, which list a few; more come from hostile
/// documents only.
pub(super) const MAX_ALIASES: usize = 64;

/// A subject; in the order in which one is named as the reason when there are several.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Subject<'a> {
    /// A secret, which one told by its columns.
    Secret,
    /// A class of the table.
    Class(ClassId),
    /// A CWE among findings of one kind.
    Cwe(Class, u32),
    /// A rule's canonical name.
    Rule(Cow<'a, str>),
}

impl Subject<'_> {
    /// The same, on its own.
    pub(super) fn into_owned(self) -> Subject<'static> {
        match self {
            Self::Secret => Subject::Secret,
            Self::Class(id) => Subject::Class(id),
            Self::Cwe(kind, number) => Subject::Cwe(kind, number),
            Self::Rule(name) => Subject::Rule(Cow::Owned(name.into_owned())),
        }
    }
}

/// What a finding is about, sorted, unique. One that was merged before is about what it was merged for: else a third finding could join
/// for another reason, and one finding would stand for two things.
pub(super) fn of(finding: &Finding, kind: Class) -> Vec<Subject<'_>> {
    let all = unbound(finding, kind);
    let reasons = finding.metadata.also_reported_by.iter().filter_map(|reporter| parse(reporter.reason.as_deref()?, kind));
    let mut bound: Vec<Subject<'_>> = reasons.filter(|subject| all.binary_search(subject).is_ok()).collect();
    bound.sort();
    bound.dedup();
    if bound.is_empty() { all } else { bound }
}

/// What a finding is about by its own fields.
pub(super) fn unbound(finding: &Finding, kind: Class) -> Vec<Subject<'_>> {
    if kind == Class::Secret {
        return vec![Subject::Secret];
    }
    let mut out: Vec<Subject<'_>> = rule_names(finding).map(Subject::Rule).collect();
    let listed = listed(finding);
    out.extend(listed.iter().map(|id| Subject::Class(*id)));
    if listed.is_empty()
        && let Some(cwe) = finding.cwe.as_deref().and_then(cwe_number)
        && matches!(kind, Class::Code | Class::Container | Class::Iac | Class::Workflow)
        && !table().is_broad(cwe)
    {
        out.push(Subject::Cwe(kind, cwe));
        out.extend(table().of_cwe(kind, cwe).iter().map(|id| Subject::Class(*id)));
    }
    out.sort();
    out.dedup();
    out
}

/// The classes of a finding's rule, else of the names it says others use.
fn listed(finding: &Finding) -> Vec<ClassId> {
    let own = classes::of(finding);
    if !own.is_empty() {
        return own.to_vec();
    }
    aliases(finding)
        .flat_map(|alias| ["hadolint", "trivy", "checkov"].map(|tool| table().of_rule(tool, alias)))
        .flatten()
        .copied()
        .collect()
}

/// A rule's name and its aliases: `dockerfile/DL002` with alias `DL3002` meets hadolint's `DL3002`.
fn rule_names(finding: &Finding) -> impl Iterator<Item = Cow<'_, str>> {
    let own = finding.rule_id.iter().map(|rule| canonical(&finding.scanner, rule));
    own.chain(aliases(finding).map(|alias| canonical("", alias)))
}

fn aliases(finding: &Finding) -> impl Iterator<Item = &str> {
    let listed = finding.metadata.extra.get("aliases").and_then(serde_json::Value::as_array);
    listed.into_iter().flatten().take(MAX_ALIASES).filter_map(|alias| alias.as_str())
}

/// A reason as it is written down. `members` share the subjects; the first whose rule has the name says how it is spelled.
pub(super) fn reason<'a>(subjects: &[&Subject<'_>], members: impl Iterator<Item = &'a Finding>) -> Option<String> {
    let classes = subjects.iter().filter(|s| matches!(s, Subject::Class(_))).count();
    let cwe = subjects.iter().find(|s| matches!(s, Subject::Cwe(..)));
    // A CWE that means several classes says more than one of them taken at random.
    let named = if classes > 1 { cwe.or(subjects.first()) } else { subjects.first() };
    Some(match named? {
        Subject::Secret => "secret".to_owned(),
        Subject::Class(id) => format!("class {}", table().row(*id)?.name),
        Subject::Cwe(_, number) => format!("CWE-{number}"),
        Subject::Rule(name) => {
            let spelled = members.filter_map(|f| f.rule_id.as_deref().filter(|rule| rule.eq_ignore_ascii_case(name))).min();
            format!("rule {}", spelled.unwrap_or(name))
        }
    })
}

/// The subject that a written reason names.
fn parse(reason: &str, kind: Class) -> Option<Subject<'static>> {
    if reason == "secret" {
        return Some(Subject::Secret);
    }
    if let Some(name) = reason.strip_prefix("class ") {
        return table().named(name).map(Subject::Class);
    }
    if let Some(number) = cwe_number(reason) {
        return Some(Subject::Cwe(kind, number));
    }
    reason.strip_prefix("rule ").map(|name| Subject::Rule(Cow::Owned(name.to_ascii_lowercase())))
}
