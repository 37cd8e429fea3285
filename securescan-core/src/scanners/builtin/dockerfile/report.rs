//! What a rule is, what it hits, and how a hit becomes a finding.

use super::ignore::Ignores;
use crate::model::{Confidence, Finding, ScanType, Secret, Severity};
use serde_json::Value;
use std::collections::HashSet;

/// One rule. Its id on the wire is `dockerfile/<id>`.
#[derive(Debug)]
pub struct Rule {
    /// `DL001` … `DL010` (older ids, kept) or a kebab-case name.
    pub id: &'static str,
    /// How bad a hit is.
    pub severity: Severity,
    /// `CWE-250` form.
    pub cwe: Option<&'static str>,
    /// One line.
    pub title: &'static str,
    /// Why it matters; one or two sentences.
    pub why: &'static str,
    /// What to do.
    pub fix: &'static str,
    /// What hadolint (`DL3002`), Checkov (`CKV_DOCKER_8`) and Trivy (`DS-0002`) call the same thing, sorted.
    pub aliases: &'static [&'static str],
    /// Further reading; the hadolint pages of the aliases are added.
    pub references: &'static [&'static str],
}

impl Rule {
    /// The rule's further reading: its own, then the hadolint page of each alias that has one.
    fn references(&self) -> Vec<String> {
        let own = self.references.iter().map(|r| (*r).to_owned());
        let hadolint = self.aliases.iter().filter(|a| a.starts_with("DL"));
        own.chain(hadolint.map(|a| format!("https://github.com/hadolint/hadolint/wiki/{a}"))).collect()
    }
}

/// Where a rule hit.
#[derive(Debug, Clone)]
pub(super) struct Hit {
    pub rule: &'static Rule,
    pub line: u32,
    pub end_line: u32,
    /// What exactly; the first sentence of the description. Never a secret's value.
    pub detail: String,
    pub confidence: Confidence,
    pub severity: Severity,
    pub secret: Option<Secret>,
}

impl Hit {
    /// A sure hit on one line.
    pub(super) fn new(rule: &'static Rule, line: u32, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { rule, line, end_line: line, detail, confidence: Confidence::High, severity: rule.severity, secret: None }
    }

    pub(super) fn to(mut self, end_line: u32) -> Self {
        self.end_line = end_line.max(self.line);
        self
    }

    pub(super) fn sure(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    pub(super) fn secret(mut self, kind: &str, value: &str) -> Self {
        self.secret = Some(Secret { kind: kind.to_owned(), value: value.to_owned() });
        self
    }
}

/// Collects hits: a rule hits a line once.
#[derive(Debug, Default)]
pub(super) struct Sink {
    hits: Vec<Hit>,
    seen: HashSet<(&'static str, u32, String)>,
}

impl Sink {
    pub(super) fn add(&mut self, hit: Hit) {
        // Two secrets on one line are two findings; two `curl -k` are not.
        let which = hit.secret.as_ref().map_or_else(String::new, |_| hit.detail.clone());
        if self.seen.insert((hit.rule.id, hit.line, which)) {
            self.hits.push(hit);
        }
    }

    /// The findings, by line and rule.
    pub(super) fn finish(mut self, path: &str, ignores: &Ignores) -> Vec<Finding> {
        self.hits.sort_by(|a, b| (a.line, a.rule.id, &a.detail).cmp(&(b.line, b.rule.id, &b.detail)));
        self.hits.into_iter().map(|hit| finding(hit, path, ignores)).collect()
    }
}

fn finding(hit: Hit, path: &str, ignores: &Ignores) -> Finding {
    let rule = hit.rule;
    let mut out = Finding::new("dockerfile", ScanType::Iac, hit.severity, rule.title);
    out.confidence = Some(hit.confidence);
    out.description = if hit.detail.is_empty() { rule.why.to_owned() } else { format!("{}. {}", hit.detail, rule.why) };
    out.remediation = rule.fix.to_owned();
    out.file_path = Some(path.to_owned());
    out.line = Some(hit.line);
    out.end_line = (hit.end_line > hit.line).then_some(hit.end_line);
    out.rule_id = Some(format!("dockerfile/{}", rule.id));
    out.cwe = rule.cwe.map(str::to_owned);
    out.references = rule.references();
    if !rule.aliases.is_empty() {
        let aliases = rule.aliases.iter().map(|a| Value::from(*a)).collect();
        out.metadata.extra.insert("aliases".to_owned(), Value::Array(aliases));
    }
    if let Some(pragma) = ignores.find(rule, hit.line) {
        out.ignored_in_source = true;
        out.metadata.extra.insert("foreign_ignore".to_owned(), Value::from(pragma));
    }
    out.secret = hit.secret.map(Box::new);
    out
}

/// A piece of the source as a message may show it: one line, at most 80 characters, in backticks.
pub(super) fn quoted(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() || c == '`' || is_bidi(c) { ' ' } else { c }).take(80).collect();
    let more = if text.chars().nth(80).is_some() { "…" } else { "" };
    format!("`{}{more}`", clean.trim())
}

/// Characters that change the direction of the text around them.
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
