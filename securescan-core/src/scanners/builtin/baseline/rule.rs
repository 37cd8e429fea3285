//! What a check says: rules, and hits of them. A check is a pure function from text to hits.

use crate::model::{Confidence, Finding, ScanType, Severity};

/// A rule. The tables of rules stand beside the checks.
#[derive(Debug)]
pub(super) struct Rule {
    /// `BASELINE-XXX-nnn`.
    pub id: &'static str,
    /// How bad, unless the hit says otherwise.
    pub severity: Severity,
    /// One line; `{}` stands for the hit's subject.
    pub title: &'static str,
    /// The CWE number.
    pub cwe: u16,
    /// Section of the CIS benchmark for Ubuntu Linux 24.04, approximate; empty without one.
    pub cis: &'static str,
    /// What is wrong and why it matters.
    pub why: &'static str,
    /// What to do.
    pub fix: &'static str,
}

impl Rule {
    /// A row of a table, in the order of the fields.
    pub(super) const fn new(
        id: &'static str,
        severity: Severity,
        title: &'static str,
        cwe: u16,
        cis: &'static str,
        why: &'static str,
        fix: &'static str,
    ) -> Self {
        Self { id, severity, title, cwe, cis, why, fix }
    }

    /// A hit without a line.
    pub(super) fn hit(&'static self, subject: impl Into<String>) -> Hit {
        let subject = subject.into();
        Hit { rule: self, line: None, subject, identity: None, severity: None, note: String::new(), confidence: Confidence::High }
    }

    /// A hit on the line with a 0-based index.
    pub(super) fn at(&'static self, index: usize, subject: impl Into<String>) -> Hit {
        Hit { line: u32::try_from(index.saturating_add(1)).ok(), ..self.hit(subject) }
    }
}

/// One place where a rule is broken.
#[derive(Debug)]
pub(super) struct Hit {
    /// Which.
    pub rule: &'static Rule,
    /// The 1-based line. None where the line may hold a password hash: a finding must not lead to its text.
    pub line: Option<u32>,
    /// What it is about (a user, a setting, a path): goes into the title's `{}` and makes the finding's identity.
    pub subject: String,
    /// What makes the finding's identity instead of the subject, where that changes from day to day.
    pub identity: Option<&'static str>,
    /// Another severity than the rule's.
    pub severity: Option<Severity>,
    /// A sentence more for the description; never a secret, never a value that changes from run to run.
    pub note: String,
    /// How sure.
    pub confidence: Confidence,
}

impl Hit {
    /// With another severity.
    pub(super) fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// With a sentence more.
    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// With an identity of its own.
    pub(super) fn identity(mut self, identity: &'static str) -> Self {
        self.identity = Some(identity);
        self
    }

    /// Not quite sure.
    pub(super) fn unsure(mut self) -> Self {
        self.confidence = Confidence::Low;
        self
    }

    /// The finding, about a file or about the host as a whole.
    pub(super) fn finding(self, file_path: Option<String>, scope: &str) -> Finding {
        let Self { rule, line, subject, identity, severity, note, confidence } = self;
        let subject: String = subject.chars().take(200).map(|c| if c.is_control() { ' ' } else { c }).collect();
        let mut out =
            Finding::new("baseline", ScanType::Baseline, severity.unwrap_or(rule.severity), rule.title.replace("{}", &subject));
        out.description = if note.is_empty() { rule.why.to_owned() } else { format!("{} {note}", rule.why) };
        out.remediation = rule.fix.to_owned();
        out.confidence = Some(confidence);
        out.rule_id = Some(rule.id.to_owned());
        out.cwe = Some(format!("CWE-{}", rule.cwe));
        out.line = line.filter(|_| file_path.is_some());
        out.file_path = file_path;
        out.metadata.baseline_scope = Some(scope.to_owned());
        if !rule.cis.is_empty() {
            out.metadata.extra.insert("cis".into(), rule.cis.into());
        }
        if !subject.is_empty() {
            out.metadata.extra.insert("subject".into(), subject.clone().into());
            out.metadata.line_snippet = Some(identity.map_or(subject, str::to_owned));
        }
        out
    }
}
