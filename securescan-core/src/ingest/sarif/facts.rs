//! What a rule says of all its results, worked out once.

use super::wire::{Message, Rule};
use crate::ingest::fields::{Fields, text_of};
use crate::ingest::words;
use crate::model::{Confidence, ScanType, Severity};
use serde_json::{Map, Value};

/// What a rule gives its results.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) title: Option<String>,
    /// The rule's own description.
    pub(super) description: Option<String>,
    pub(super) remediation: Option<String>,
    /// By CVSS score.
    pub(super) scored: Option<Severity>,
    /// By the level of its configuration, else its `problem.severity`.
    pub(super) level: Option<Severity>,
    pub(super) confidence: Option<Confidence>,
    pub(super) cwes: Vec<String>,
    pub(super) advisories: Vec<String>,
    pub(super) references: Vec<String>,
    pub(super) scan_type: Option<ScanType>,
    /// Whether its results are secrets.
    pub(super) secrets: bool,
    /// The help text, which some tools write package facts into.
    pub(super) help: Option<String>,
    pub(super) purl: Option<String>,
    /// What else it says, for `metadata.tool`.
    pub(super) rest: Map<String, Value>,
}

/// Most bytes of a text that a rule's results carry on.
const MAX_VALUE: usize = 300;

impl Facts {
    pub(super) fn of(rule: &Rule) -> Self {
        let mut bag = Fields::or_empty(Value::Object(rule.properties.clone()));
        let tags = tags(&mut bag);
        let id = rule.id.as_deref().unwrap_or_default();
        let mut facts = Self {
            title: title(rule, id),
            description: said(&rule.full).or_else(|| said(&rule.short)),
            scored: score(&mut bag),
            help: said(&rule.help),
            confidence: tags.iter().find_map(|tag| words::confidence(tag.strip_suffix(" CONFIDENCE")?)),
            purl: purl(&bag),
            ..Self::default()
        };
        let problem = bag.peek_named("problem.severity").and_then(Value::as_str);
        let configured = rule.configuration.level.as_deref().or(rule.default_level.as_deref());
        facts.level = configured.and_then(level).or_else(|| problem.and_then(level));
        facts.remediation = bag.first_text(&["solution.text", "remediation", "recommendation"]).or_else(|| advice(&rule.help));
        let precision = bag.peek_named("precision").and_then(Value::as_str).and_then(words::confidence);
        facts.confidence =
            facts.confidence.or(precision).or_else(|| bag.text("confidence").and_then(|word| words::confidence(&word)));
        facts.weaknesses(rule, &tags, &mut bag);
        let deprecated = rule.deprecated.iter().flatten().map(String::as_str);
        let named = tags.iter().map(String::as_str).chain(deprecated).chain([id]);
        facts.advisories = named.filter(|text| words::is_advisory(text)).map(str::to_owned).collect();
        if facts.description.as_ref().is_some_and(|text| text.len() <= MAX_VALUE) {
            let texts = facts.description.iter().chain(&facts.title);
            facts.advisories.extend(texts.flat_map(|text| mentioned(text)).collect::<Vec<_>>());
        }
        let links = bag.texts("references").into_iter().chain(bag.texts("reference"));
        facts.references = words::urls(rule.help_uri.clone().into_iter().chain(links));
        facts.kind(rule, &tags);
        for same in ["id", "name", "description"] {
            bag.value(same);
        }
        if !tags.is_empty() {
            bag.keep("tags", tags);
        }
        facts.rest = bag.rest().into_iter().filter(|(_, value)| is_short(value)).take(30).collect();
        facts
    }

    fn weaknesses(&mut self, rule: &Rule, tags: &[String], bag: &mut Fields) {
        let mut add = |cwe: String| {
            if !self.cwes.contains(&cwe) && self.cwes.len() < 50 {
                self.cwes.push(cwe);
            }
        };
        for relation in &rule.relationships {
            let target = &relation.target;
            if is_cwe(target.component.name.as_deref()) {
                target.id.as_deref().and_then(words::cwe).into_iter().for_each(&mut add);
            }
        }
        let own = ["cwe", "cwes", "CWE"].iter().filter_map(|name| bag.value(name)).collect::<Vec<_>>();
        own.iter().flat_map(words::cwes).for_each(&mut add);
        tags.iter().filter(|tag| names_cwe(tag)).filter_map(|tag| words::cwe(tag)).for_each(&mut add);
        rule.id.iter().filter(|id| names_cwe(id)).filter_map(|id| words::cwe(id)).for_each(&mut add);
    }

    fn kind(&mut self, rule: &Rule, tags: &[String]) {
        let tagged = |word: &str| tags.iter().any(|tag| tag.eq_ignore_ascii_case(word));
        let name = rule.name.text.as_deref().unwrap_or_default();
        self.secrets = tagged("secret") || tagged("secrets") || name == "Secret";
        self.scan_type = match () {
            () if self.secrets => Some(ScanType::Code),
            () if tagged("vulnerability") || name.ends_with("PackageVulnerability") => Some(ScanType::Dependency),
            () if tagged("misconfiguration") || tagged("iac") || name == "Misconfiguration" => Some(ScanType::Iac),
            () if tagged("license") || name == "License" => Some(ScanType::Dependency),
            () => None,
        };
    }
}

/// A level of SARIF, or a word that tools write in its place.
pub(super) fn level(word: &str) -> Option<Severity> {
    if word.trim().eq_ignore_ascii_case("recommendation") { Some(Severity::Low) } else { words::severity(word) }
}

/// `security-severity`: a CVSS score, as text or number. 0 says that there is none.
pub(super) fn score(bag: &mut Fields) -> Option<Severity> {
    let value = bag.peek_named("security-severity")?;
    let score: f64 = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    words::severity_of_score(score)
}

/// Takes the tags of a property bag.
pub(super) fn tags(bag: &mut Fields) -> Vec<String> {
    bag.texts("tags").into_iter().filter(|tag| tag.len() <= MAX_VALUE).take(50).collect()
}

/// Whether a text names a weakness as such: words that merely hold the letters do not.
pub(super) fn names_cwe(text: &str) -> bool {
    let begins = |text: &str| text.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("cwe"));
    begins(text) || text.split('/').any(begins)
}

/// Whether a component is the list of weaknesses.
pub(super) fn is_cwe(name: Option<&str>) -> bool {
    name.is_some_and(|name| name.trim().get(..3).is_some_and(|start| start.eq_ignore_ascii_case("cwe")))
}

/// The ids of well-known advisory databases that a text mentions.
pub(super) fn mentioned(text: &str) -> Vec<String> {
    let known = |word: &&str| ["CVE-", "GHSA-", "RUSTSEC-", "PYSEC-", "GO-20"].iter().any(|start| word.starts_with(start));
    let whole = |word: &&str| word.matches('-').count() >= 2 && word.bytes().any(|b| b.is_ascii_digit()) && word.len() <= 40;
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    words.filter(known).filter(whole).filter(|w| words::is_advisory(w)).take(20).map(str::to_owned).collect()
}

/// The package URL in a property bag.
pub(super) fn purl(bag: &Fields) -> Option<String> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(items) if items.len() == 1 => items.first().and_then(Value::as_str).map(str::to_owned),
        _ => None,
    };
    ["purl", "purls", "packageUrl", "package_url", "packageURL"]
        .iter()
        .find_map(|name| bag.peek_named(name).and_then(text))
        .filter(|purl| purl.starts_with("pkg:") && purl.len() <= 1000)
}

fn said(message: &Message) -> Option<String> {
    message.text.clone().or_else(|| message.markdown.clone())
}

/// The short description; the name in words; the first sentence of the full description. What is no title is left out: the id
/// again, a template, a single word.
fn title(rule: &Rule, id: &str) -> Option<String> {
    let template = |text: &str| text.contains("{}") || text.contains("{0}") || text.contains(" => [");
    let short = said(&rule.short).map(|text| words::first_sentence(&text));
    let repeats = short.as_deref().is_some_and(|text| text.starts_with("Semgrep Finding: ") || text == id);
    let last = || id.rsplit('.').next().unwrap_or_default();
    let name = if repeats { last() } else { rule.name.text.as_deref().unwrap_or_default().trim() };
    let name = Some(name).filter(|name| repeats || *name != id).map(|name| name.replace(['-', '_'], " "));
    let help = || rule.help.text.as_deref().filter(|text| text.len() <= 120 && !text.contains('\n')).map(words::first_sentence);
    short
        .filter(|text| !repeats && !template(text))
        .or_else(|| name.filter(|name| name.trim().contains(' ')))
        .or_else(|| {
            said(&rule.full).map(|text| words::first_sentence(&text)).filter(|text| !template(text) && !text.starts_with('#'))
        })
        .or_else(help)
        .filter(|text| text.trim().contains(' ') || text.len() > 3 && rule.short.text.is_some())
}

/// Verbs that advice begins with.
const ADVICE: &[&str] = &[
    "add",
    "always",
    "apply",
    "avoid",
    "bind",
    "change",
    "check",
    "configure",
    "consider",
    "disable",
    "do",
    "don't",
    "enable",
    "encrypt",
    "ensure",
    "escape",
    "fix",
    "instead",
    "limit",
    "make",
    "move",
    "never",
    "parameterize",
    "pin",
    "prefer",
    "remove",
    "replace",
    "restrict",
    "review",
    "rotate",
    "run",
    "sanitize",
    "set",
    "specify",
    "store",
    "switch",
    "update",
    "upgrade",
    "use",
    "validate",
    "verify",
];

/// The first paragraph of a help text, if it reads as advice.
fn advice(help: &Message) -> Option<String> {
    let text = help.text.as_deref()?.trim();
    let first = text.split("\n\n").next()?.trim();
    let word = first.split(|c: char| !c.is_alphabetic() && c != '\'').next()?.to_ascii_lowercase();
    let whole = first.split_whitespace().nth(2).is_some() && !first.lines().skip(1).any(|line| line.contains(": "));
    let begins = first.starts_with(char::is_uppercase) && !first.starts_with("Use of ");
    (begins && whole && ADVICE.contains(&word.as_str())).then(|| first.to_owned())
}

/// Whether a value is short enough to be carried by every result.
fn is_short(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => text.len() <= MAX_VALUE,
        Value::Array(items) => {
            items.len() <= 50 && items.iter().all(|i| text_of(i.clone()).is_some_and(|t| t.len() <= MAX_VALUE))
        }
        Value::Object(_) => false,
    }
}
