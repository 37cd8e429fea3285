//! What a rule is: its data as written, what is compiled from it on first use, and the set that shares one prefilter.
//!
//! Nothing here looks at a file; [`super::detect`] does.

use super::allow::Allowlist;
use super::validate::Check;
use crate::model::{Confidence, Severity};
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// A rule as its file writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSpec {
    /// Kebab-case; findings say `secrets/<id>`.
    pub id: String,
    /// What was found, in a few words.
    pub title: String,
    /// How bad a live secret of this kind is.
    pub severity: Severity,
    /// How sure a match is.
    #[serde(default = "medium")]
    pub confidence: Confidence,
    /// Lower-case literals; at least one stands near the match.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// The shape; the group `secret`, else group 1, else the whole match is the secret. Bytes, ASCII classes.
    #[serde(default)]
    pub regex: Option<String>,
    /// Lower-case names of a service, instead of `regex`: `value` is looked for where one of them is followed by an operator
    /// or a credential word; see `frame`. They are the keywords too.
    #[serde(default)]
    pub vendor: Vec<String>,
    /// The shape of a vendor's key, from its first byte; entropy at least 3 and a digit in it unless said otherwise.
    #[serde(default)]
    pub value: Option<String>,
    /// The secret must not be preceded or followed by one of `[A-Za-z0-9_-]`.
    #[serde(default = "yes")]
    pub boundary: bool,
    /// Lower-case words of which one stands on the same line or within 40 bytes.
    #[serde(default)]
    pub context: Vec<String>,
    /// Least Shannon entropy of the secret, in bits a character.
    #[serde(default)]
    pub entropy: Option<f64>,
    /// Least number of digits in the secret.
    #[serde(default)]
    pub min_digits: usize,
    /// A shape of the file's path. Without `regex` the path alone is the finding.
    #[serde(default)]
    pub path: Option<String>,
    /// An offline check by name; see `validate`.
    #[serde(default)]
    pub validate: Option<String>,
    /// Shapes of the secret that are no finding.
    #[serde(default)]
    pub allow: Vec<String>,
    /// Shapes of the line that are no finding.
    #[serde(default)]
    pub allow_line: Vec<String>,
    /// `generic`: a secret that holds an ordinary word is no finding.
    #[serde(default)]
    pub stopwords: Option<String>,
    /// Other tools' ids for the same thing.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// A weak rule: yields to any specific one on the same text, silent in tests, documents and examples.
    #[serde(default)]
    pub generic: bool,
    /// `CWE-798` form.
    #[serde(default = "hard_coded")]
    pub cwe: String,
    /// How far a match may reach from its keyword, in bytes; default 256 before and 1024 after. A match that
    /// touches the far end is followed further by itself.
    #[serde(default)]
    pub window: Option<usize>,
    /// Found by code instead of a regex: `key`, `password` (assignments), `env` (env files) or `pem`.
    #[serde(default)]
    pub detector: Option<Detector>,
    /// Which capture group is the secret; only in rules read from other tools' files.
    #[serde(skip)]
    pub group: Option<usize>,
    /// Allow-lists of rules read from other tools' files.
    #[serde(skip)]
    pub allowlists: Vec<std::sync::Arc<Allowlist>>,
}

/// The detectors that are code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Detector {
    /// A key, token or secret assigned to a name.
    Key,
    /// A password assigned to a name.
    Password,
    /// Any credential in an env file.
    Env,
    /// A private key in PEM form.
    Pem,
}

fn medium() -> Confidence {
    Confidence::Medium
}

fn yes() -> bool {
    true
}

fn hard_coded() -> String {
    "CWE-798".to_owned()
}

impl RuleSpec {
    /// A rule with a name and nothing in it: no keywords, no shape, no boundary.
    pub(super) fn named(id: String, severity: Severity, confidence: Confidence) -> Self {
        Self {
            title: id.clone(),
            id,
            severity,
            confidence,
            keywords: Vec::new(),
            regex: None,
            vendor: Vec::new(),
            value: None,
            boundary: false,
            context: Vec::new(),
            entropy: None,
            min_digits: 0,
            path: None,
            validate: None,
            allow: Vec::new(),
            allow_line: Vec::new(),
            stopwords: None,
            aliases: Vec::new(),
            generic: false,
            cwe: hard_coded(),
            window: None,
            detector: None,
            group: None,
            allowlists: Vec::new(),
        }
    }

    /// Compiles everything once to find out whether it can be.
    ///
    /// # Errors
    /// One line: the rule and what is wrong with it.
    pub fn check(&self) -> Result<(), String> {
        let wrong = |what: &str, why: &dyn std::fmt::Display| {
            let why = why.to_string();
            Err(format!("rule `{}`: {what}: {}", self.id, why.lines().last().unwrap_or_default().trim()))
        };
        if self.regex.is_none() && self.path.is_none() && self.detector.is_none() && self.value.is_none() {
            return wrong("regex", &"a rule needs `regex`, `path`, or `vendor` and `value`");
        }
        if self.vendor.is_empty() != self.value.is_none() || (self.value.is_some() && self.regex.is_some()) {
            return wrong("vendor", &"`vendor` and `value` go together, and without `regex`");
        }
        if self.keywords.is_empty() && self.vendor.is_empty() && self.path.is_none() && self.detector.is_none() {
            return wrong("keywords", &"a rule without `path` needs at least one");
        }
        if let Some(bad) =
            self.keywords.iter().chain(&self.vendor).find(|k| k.is_empty() || k.bytes().any(|b| b.is_ascii_uppercase()))
        {
            return wrong("keywords", &format!("`{bad}` is empty or not lower case"));
        }
        for pattern in self.regex.iter().chain(&self.value).chain(&self.path).chain(&self.allow).chain(&self.allow_line) {
            if let Err(error) = compile(pattern) {
                return wrong(&format!("`{pattern}`"), &error);
            }
        }
        if let Some(name) = &self.validate
            && Check::named(name).is_none()
        {
            return wrong("validate", &format!("no check is called `{name}`"));
        }
        match self.stopwords.as_deref() {
            None | Some("generic") => Ok(()),
            Some(other) => wrong("stopwords", &format!("no list is called `{other}`")),
        }
    }
}

/// Compiles a pattern over bytes with ASCII classes; one that needs Unicode classes gets them.
pub(super) fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    let build = |unicode: bool| RegexBuilder::new(pattern).unicode(unicode).size_limit(8 << 20).dfa_size_limit(8 << 20).build();
    build(false).or_else(|first| build(true).map_err(|_| first))
}

/// A rule with what is compiled from it on first use.
#[derive(Debug)]
pub(super) struct Rule {
    /// The data.
    pub spec: RuleSpec,
    regex: OnceLock<Option<Regex>>,
    path: OnceLock<Option<Regex>>,
    allow: OnceLock<Option<RegexSet>>,
    allow_line: OnceLock<Option<RegexSet>>,
    check: Option<Check>,
}

fn set(patterns: &[String]) -> Option<RegexSet> {
    if patterns.is_empty() {
        return None;
    }
    RegexSetBuilder::new(patterns).unicode(false).build().or_else(|_| RegexSet::new(patterns)).ok()
}

impl Rule {
    fn new(spec: RuleSpec) -> Self {
        let check = spec.validate.as_deref().and_then(Check::named);
        Self { spec, regex: OnceLock::new(), path: OnceLock::new(), allow: OnceLock::new(), allow_line: OnceLock::new(), check }
    }

    /// The shape, if the rule has one; of a vendor rule the value's, from its first byte.
    pub(super) fn regex(&self) -> Option<&Regex> {
        self.regex
            .get_or_init(|| match (&self.spec.regex, &self.spec.value) {
                (Some(pattern), _) => compile(pattern).ok(),
                (None, Some(value)) => compile(&format!(r"^(?:{value})\b{{end-half}}")).ok(),
                (None, None) => None,
            })
            .as_ref()
    }

    /// Whether the value is found by its vendor's name.
    pub(super) fn is_framed(&self) -> bool {
        self.spec.value.is_some()
    }

    /// Whether the rule looks at files with this path.
    pub(super) fn wants_path(&self, path: &str) -> bool {
        match &self.spec.path {
            None => true,
            Some(pattern) => {
                self.path.get_or_init(|| compile(pattern).ok()).as_ref().is_some_and(|r| r.is_match(path.as_bytes()))
            }
        }
    }

    pub(super) fn allows(&self, secret: &[u8]) -> bool {
        self.allow.get_or_init(|| set(&self.spec.allow)).as_ref().is_some_and(|s| s.is_match(secret))
    }

    pub(super) fn has_allow_line(&self) -> bool {
        !self.spec.allow_line.is_empty()
    }

    pub(super) fn allows_line(&self, line: &[u8]) -> bool {
        self.allow_line.get_or_init(|| set(&self.spec.allow_line)).as_ref().is_some_and(|s| s.is_match(line))
    }

    pub(super) fn check(&self) -> Option<Check> {
        self.check
    }

    /// A token that says what it is: the rules that also look into lock files and bundles, and survive in tests.
    pub(super) fn is_self_identifying(&self) -> bool {
        self.spec.confidence == Confidence::High && !self.spec.generic && self.spec.context.is_empty()
    }
}

/// What a keyword hit leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lead {
    /// Run this rule's regex around the hit.
    Rule(u32),
    /// Look whether a credential word is part of an assigned name.
    Word,
    /// Look for a PEM block.
    Pem,
}

/// Rules with their shared prefilter.
#[derive(Debug)]
pub struct RuleSet {
    rules: Vec<Rule>,
    prefilter: Option<AhoCorasick>,
    leads: Vec<Vec<Lead>>,
    always: Vec<u32>,
    path_only: Vec<u32>,
    detectors: BTreeMap<Detector, u32>,
    pub(super) allowlists: Vec<Allowlist>,
}

impl RuleSet {
    /// A set of rules; of two with one id the later counts.
    pub fn new(specs: Vec<RuleSpec>) -> Self {
        let mut unique: Vec<RuleSpec> = Vec::with_capacity(specs.len());
        let mut at: BTreeMap<String, usize> = BTreeMap::new();
        for spec in specs {
            match at.get(&spec.id).and_then(|i| unique.get_mut(*i)) {
                Some(old) => *old = spec,
                None => {
                    at.insert(spec.id.clone(), unique.len());
                    unique.push(spec);
                }
            }
        }
        let rules: Vec<Rule> = unique.into_iter().map(Rule::new).collect();
        let (mut always, mut path_only, mut detectors) = (Vec::new(), Vec::new(), BTreeMap::new());
        let mut words: BTreeMap<String, Vec<Lead>> = BTreeMap::new();
        for (index, rule) in (0u32..).zip(&rules) {
            let spec = &rule.spec;
            if let Some(detector) = spec.detector {
                detectors.insert(detector, index);
            } else if rule.is_framed() {
                // Found by its vendor's names below.
            } else if spec.regex.is_none() {
                path_only.push(index);
            } else if spec.keywords.is_empty() {
                always.push(index);
            }
            if spec.detector.is_none() && (spec.regex.is_some() || rule.is_framed()) {
                for word in spec.keywords.iter().chain(&spec.vendor) {
                    words.entry(word.to_ascii_lowercase()).or_default().push(Lead::Rule(index));
                }
            }
        }
        if detectors.keys().any(|d| *d != Detector::Pem) {
            for word in super::assign::WORDS {
                words.entry((*word).to_owned()).or_default().push(Lead::Word);
            }
        }
        if detectors.contains_key(&Detector::Pem) {
            words.entry("private key".to_owned()).or_default().push(Lead::Pem);
        }
        // A DFA costs a few milliseconds and a MiB more than the default for this many words, and reads text twice as fast.
        let kind = Some(AhoCorasickKind::DFA);
        let prefilter = AhoCorasick::builder().ascii_case_insensitive(true).kind(kind).build(words.keys()).ok();
        let leads = words
            .into_values()
            .map(|mut leads| {
                leads.sort_unstable();
                leads.dedup();
                leads
            })
            .collect();
        Self { rules, prefilter, leads, always, path_only, detectors, allowlists: Vec::new() }
    }

    /// Every rule, in the order of the files.
    pub fn rules(&self) -> impl Iterator<Item = &RuleSpec> {
        self.rules.iter().map(|r| &r.spec)
    }

    pub(super) fn get(&self, index: u32) -> Option<&Rule> {
        self.rules.get(index as usize)
    }

    pub(super) fn len(&self) -> usize {
        self.rules.len()
    }

    pub(super) fn prefilter(&self) -> Option<&AhoCorasick> {
        self.prefilter.as_ref()
    }

    pub(super) fn leads(&self, pattern: usize) -> &[Lead] {
        self.leads.get(pattern).map_or(&[], Vec::as_slice)
    }

    /// Rules without keywords: they look at every byte.
    pub(super) fn always(&self) -> &[u32] {
        &self.always
    }

    pub(super) fn path_only(&self) -> &[u32] {
        &self.path_only
    }

    pub(super) fn detector(&self, detector: Detector) -> Option<u32> {
        self.detectors.get(&detector).copied()
    }
}
