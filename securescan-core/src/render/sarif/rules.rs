//! The rules of the driver: one for each rule id, sorted, with texts that do not depend on single instances.

use super::results::Text;
use crate::model::{Confidence, Finding, Severity};
use crate::render::escape;
use crate::render::limits::{SARIF_ID, SARIF_RULE_NAME, SARIF_RULE_TAGS_SHOWN, SARIF_RULE_TEXT, SARIF_TEXT, cut};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

/// The rules, sorted by id.
pub(super) struct Rules<'a> {
    rules: Vec<Rule<'a>>,
    /// The rule of each finding, as an index, in the order of the findings.
    pub(super) indices: Vec<usize>,
}

impl Rules<'_> {
    /// The id of a rule.
    pub(super) fn id(&self, index: usize) -> &str {
        self.rules.get(index).map(|rule| rule.id.as_ref()).unwrap_or_default()
    }
}

impl Serialize for Rules<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.rules.serialize(s)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule<'a> {
    id: Cow<'a, str>,
    name: Cow<'a, str>,
    short_description: Text<'a>,
    full_description: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<&'a str>,
    help: Help<'a>,
    default_configuration: Configuration,
    properties: Properties<'a>,
}

#[derive(Serialize)]
struct Help<'a> {
    text: Cow<'a, str>,
    markdown: String,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Properties<'a> {
    tags: Vec<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    precision: Option<&'static str>,
    #[serde(rename = "problem.severity")]
    problem_severity: &'static str,
    #[serde(rename = "security-severity")]
    security_severity: &'static str,
}

/// The rule id of a finding: its own, or one made of scanner and title.
pub(super) fn rule_id(finding: &Finding) -> Cow<'_, str> {
    match finding.rule_id.as_deref().map(str::trim) {
        Some(id) if !id.is_empty() => cut(id, SARIF_ID),
        _ => {
            let title: String = finding.title.to_lowercase().replace(' ', "-").chars().take(50).collect();
            format!("{}/{title}", finding.scanner).into()
        }
    }
}

/// SARIF's level of a severity.
pub(super) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// The number GitHub turns back into a severity: above 9 critical, from 7 high, from 4 medium, above 0 low.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "7.5",
        Severity::Medium => "5.0",
        Severity::Low => "2.5",
        Severity::Info => "0.5",
    }
}

/// What the findings of one rule have in common.
struct Common<'a> {
    first: &'a Finding,
    severity: Severity,
    confidence: Option<Confidence>,
    same_title: bool,
    same_description: bool,
    same_remediation: bool,
    cwes: BTreeSet<&'a str>,
    scanners: BTreeSet<&'a str>,
}

impl<'a> Common<'a> {
    fn of(finding: &'a Finding) -> Self {
        Self {
            first: finding,
            severity: finding.severity,
            confidence: finding.confidence,
            same_title: true,
            same_description: true,
            same_remediation: true,
            cwes: finding.cwe.as_deref().into_iter().collect(),
            scanners: BTreeSet::from([finding.scanner.as_str()]),
        }
    }

    fn add(&mut self, finding: &'a Finding) {
        self.severity = self.severity.max(finding.severity);
        self.confidence = self.confidence.max(finding.confidence);
        self.same_title &= self.first.title == finding.title;
        self.same_description &= self.first.description == finding.description;
        self.same_remediation &= self.first.remediation == finding.remediation;
        if self.cwes.len() < SARIF_RULE_TAGS_SHOWN.max {
            self.cwes.extend(finding.cwe.as_deref());
        }
        if self.scanners.len() < SARIF_RULE_TAGS_SHOWN.max {
            self.scanners.insert(&finding.scanner);
        }
    }
}

/// Collects the rules of findings.
pub(super) fn collect<'a>(findings: &[&'a Finding]) -> Rules<'a> {
    let mut groups: Vec<(Cow<'a, str>, Common<'a>)> = Vec::new();
    let mut group_of: HashMap<Cow<'a, str>, usize> = HashMap::new();
    let mut indices = Vec::with_capacity(findings.len());
    for &finding in findings {
        let id = rule_id(finding);
        let group = match group_of.get(&id) {
            Some(&group) => {
                if let Some((_, common)) = groups.get_mut(group) {
                    common.add(finding);
                }
                group
            }
            None => {
                groups.push((id.clone(), Common::of(finding)));
                group_of.insert(id, groups.len() - 1);
                groups.len() - 1
            }
        };
        indices.push(group);
    }
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_unstable_by_key(|&group| groups.get(group).map(|(id, _)| id));
    let mut position = vec![0; groups.len()];
    for (at, &group) in order.iter().enumerate() {
        if let Some(slot) = position.get_mut(group) {
            *slot = at;
        }
    }
    indices.iter_mut().for_each(|index| *index = position.get(*index).copied().unwrap_or(0));
    groups.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    Rules { rules: groups.into_iter().map(|(id, common)| rule(id, &common)).collect(), indices }
}

fn rule<'a>(id: Cow<'a, str>, common: &Common<'a>) -> Rule<'a> {
    let first = common.first;
    let filled = |text: &'a str, same: bool| Some(text).filter(|text| same && !text.trim().is_empty());
    let title: Cow<'a, str> = match filled(&first.title, common.same_title) {
        Some(title) => title.into(),
        None => id.clone(),
    };
    let description: Cow<'a, str> = match filled(&first.description, common.same_description) {
        Some(description) => description.into(),
        None => title.clone(),
    };
    let remediation = filled(&first.remediation, common.same_remediation);
    let help_uri = first.references.iter().map(String::as_str).find(|url| is_web_url(url));
    Rule {
        name: own_cut(&title, SARIF_RULE_NAME),
        short_description: Text { text: own_cut(&title, SARIF_RULE_TEXT) },
        full_description: Text { text: own_cut(&description, SARIF_RULE_TEXT) },
        help_uri,
        help: help(&description, remediation, &first.references),
        default_configuration: Configuration { level: level(common.severity) },
        properties: Properties {
            tags: tags(common),
            precision: common.confidence.map(Confidence::as_str),
            problem_severity: match level(common.severity) {
                "note" => "recommendation",
                other => other,
            },
            security_severity: security_severity(common.severity),
        },
        id,
    }
}

fn own_cut<'a>(text: &Cow<'a, str>, limit: crate::render::limits::Limit) -> Cow<'a, str> {
    match text {
        Cow::Borrowed(text) => cut(text, limit),
        Cow::Owned(text) => cut(text, limit).into_owned().into(),
    }
}

fn help<'a>(description: &Cow<'a, str>, remediation: Option<&'a str>, references: &[String]) -> Help<'a> {
    let text = remediation.map_or_else(|| own_cut(description, SARIF_TEXT), |r| cut(r, SARIF_TEXT));
    let mut markdown = escape::markdown(&cut(description, SARIF_TEXT));
    if let Some(remediation) = remediation {
        markdown.push_str("\n\n**Remediation:** ");
        markdown.push_str(&escape::markdown(&cut(remediation, SARIF_TEXT)));
    }
    let mut links = references.iter().filter(|url| is_web_url(url)).take(20).peekable();
    if links.peek().is_some() {
        markdown.push_str("\n\n**References:**\n");
        links.for_each(|url| markdown.push_str(&format!("\n- <{url}>")));
    }
    Help { text, markdown }
}

/// Whether a reference may stand as a link: an http(s) URL of plain URL characters.
fn is_web_url(url: &str) -> bool {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    host.is_some_and(|rest| rest.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric()))
        && url.len() <= SARIF_ID.max
        && url.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=%".contains(&b))
        && !url.split('%').skip(1).any(|after| !after.bytes().take(2).all(|b| b.is_ascii_hexdigit()) || after.len() < 2)
        && url.matches('#').count() <= 1
}

/// `security`, the CWEs as they are and in GitHub's form, the scanners.
fn tags<'a>(common: &Common<'a>) -> Vec<Cow<'a, str>> {
    let mut tags: Vec<Cow<'a, str>> = vec!["security".into()];
    for cwe in common.cwes.iter().filter(|cwe| !cwe.trim().is_empty()) {
        let number = cwe.strip_prefix("CWE-").filter(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
        tags.push(cut(cwe, SARIF_ID));
        tags.extend(number.map(|n| format!("external/cwe/cwe-{n}").into()));
    }
    tags.extend(common.scanners.iter().filter(|s| !s.is_empty()).map(|s| cut(s, SARIF_ID)));
    let mut seen = BTreeSet::new();
    tags.retain(|tag| seen.insert(tag.clone()));
    tags.truncate(SARIF_RULE_TAGS_SHOWN.max);
    tags
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ScanType;

    #[test]
    fn texts_of_single_instances_are_not_the_rules() {
        let mut a = Finding::new("s", ScanType::Code, Severity::Low, "eval at line 3");
        a.rule_id = Some("r".into());
        a.description = "same".into();
        let mut b = a.clone();
        b.title = "eval at line 9".into();
        b.severity = Severity::High;
        let rules = collect(&[&a, &b]);
        let rule = rules.rules.first().unwrap();
        assert_eq!((rule.name.as_ref(), rule.full_description.text.as_ref()), ("r", "same"));
        assert_eq!((rule.default_configuration.level, rule.properties.security_severity), ("error", "7.5"));
    }

    #[test]
    fn links() {
        assert!(is_web_url("https://cwe.mitre.org/data/definitions/95.html?a=%20#x"));
        for bad in
            ["javascript:x", "https://", "http://a b", "https://a>b", "https://a/%zz", "https://a/%2", "ftp://a", "https://a#b#c"]
        {
            assert!(!is_web_url(bad), "{bad}");
        }
    }
}
