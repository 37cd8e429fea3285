//! What a check hits, and how a hit becomes a finding.

use super::rules::Rule;
use crate::model::{Confidence, Endpoint, Finding, ScanType, Severity};
use crate::scanners::http::Url;
use crate::scanners::redact;
use std::collections::BTreeSet;

/// What a hit is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    /// One path, asked with this method.
    Path(&'static str),
    /// The server as a whole.
    Server,
}

/// One place where a rule is broken.
#[derive(Debug)]
pub(super) struct Hit {
    rule: &'static Rule,
    url: Url,
    about: About,
    parameters: Vec<String>,
    subject: String,
    detail: String,
    severity: Severity,
    confidence: Confidence,
    extra: Vec<(&'static str, String)>,
}

impl Hit {
    /// About what a `GET` of this address gave.
    pub(super) fn page(rule: &'static Rule, url: &Url) -> Self {
        Self {
            rule,
            url: url.clone(),
            about: About::Path("GET"),
            parameters: Vec::new(),
            subject: String::new(),
            detail: String::new(),
            severity: rule.severity,
            confidence: Confidence::High,
            extra: Vec::new(),
        }
    }

    /// About the server as a whole.
    pub(super) fn server(rule: &'static Rule, url: &Url) -> Self {
        Self { about: About::Server, ..Self::page(rule, url) }
    }

    /// Asked with another method.
    pub(super) fn method(mut self, method: &'static str) -> Self {
        self.about = About::Path(method);
        self
    }

    /// What exactly, beyond the rule; shown first. Nothing here may be a secret.
    pub(super) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// The name of a header.
    pub(super) fn header(mut self, name: &str) -> Self {
        self.subject = clean(name, 100);
        self.extra.push(("header", self.subject.clone()));
        self
    }

    /// The name of a cookie, which tells this hit from one about another.
    pub(super) fn cookie(mut self, name: &str) -> Self {
        self.subject = clean(&redact(name), 100);
        self.extra.push(("cookie", self.subject.clone()));
        self.named()
    }

    /// The subject tells this hit from one about another.
    pub(super) fn named(mut self) -> Self {
        self.parameters = vec![self.subject.clone()];
        self
    }

    /// The value of a header, secrets masked.
    pub(super) fn value(mut self, value: &str) -> Self {
        self.extra.push(("value", shown(value)));
        self
    }

    pub(super) fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    pub(super) fn sure(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    fn endpoint(&self) -> Endpoint {
        let (method, path) = match self.about {
            About::Path(method) => (Some(method.to_owned()), Some(self.url.path().to_owned())),
            About::Server => (None, None),
        };
        Endpoint {
            method,
            scheme: Some(self.url.scheme().to_owned()),
            host: Some(self.url.bare_host().to_owned()),
            port: Some(self.url.port()),
            protocol: None,
            path: path.map(|p| redact(&p)),
            parameters: self.parameters.clone(),
        }
    }

    fn finding(self) -> Finding {
        let endpoint = self.endpoint();
        let Self { rule, url, about, subject, detail, severity, confidence, extra, .. } = self;
        let mut out = Finding::new(super::NAME, ScanType::Dast, severity, rule.title.replace("{}", &subject));
        let target = if about == About::Server { url.origin() } else { redact(&url.shown()) };
        let detail = if detail.is_empty() { String::new() } else { format!("{detail}. ") };
        out.description = format!("{target}: {detail}{}", rule.why);
        out.remediation = rule.fix.to_owned();
        out.rule_id = Some(rule.id.to_owned());
        out.cwe = Some(format!("CWE-{}", rule.cwe));
        out.confidence = Some(confidence);
        out.references = rule.references.iter().map(|r| (*r).to_owned()).collect();
        out.metadata.extra.insert("target_url".to_owned(), target.into());
        for (key, value) in extra {
            out.metadata.extra.insert(key.to_owned(), value.into());
        }
        out.metadata.endpoint = Some(Box::new(endpoint));
        out
    }
}

/// Collects hits: a rule hits an endpoint once.
#[derive(Debug, Default)]
pub(super) struct Sink {
    seen: BTreeSet<(&'static str, Endpoint)>,
    findings: Vec<Finding>,
}

impl Sink {
    pub(super) fn add(&mut self, hit: Hit) {
        if self.seen.insert((hit.rule.id, hit.endpoint())) {
            self.findings.push(hit.finding());
        }
    }

    /// Adds the first hit of its rule only: what one setting of a server causes on every page is found once.
    pub(super) fn add_first(&mut self, hit: Hit) {
        if !self.seen.iter().any(|(rule, _)| *rule == hit.rule.id) {
            self.add(hit);
        }
    }

    pub(super) fn finish(self) -> Vec<Finding> {
        self.findings
    }
}

/// Text of the server as a report may show it: secrets masked, one line, in backticks, short.
pub(super) fn quoted(text: &str) -> String {
    format!("`{}`", shown(text))
}

fn shown(text: &str) -> String {
    let head: String = text.chars().take(1000).collect();
    clean(&redact(&head), 120)
}

fn clean(text: &str, most: usize) -> String {
    let bidi = |c| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let out: String = text.chars().map(|c| if c.is_control() || c == '`' || bidi(c) { ' ' } else { c }).take(most).collect();
    let more = if text.chars().nth(most).is_some() { "…" } else { "" };
    format!("{}{more}", out.trim())
}
