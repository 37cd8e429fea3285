//! The keys of the configuration: which exist, what type each has, and every way a file can get them wrong.

use super::yaml::{self, Node, Value, shown};
use super::{Config, Issue, IssueSeverity, VERSION, nearest};
use crate::model::{ScanType, Severity};
use crate::{Error, ErrorKind, Result};
use std::str::FromStr;

/// Every key, in the order messages name them.
const KEYS: &[&str] =
    &["version", "scan_types", "severity_overrides", "ignored_rules", "semgrep_rules", "fail_on_severity", "ai"];

/// More violations than this in one file are not collected.
const MAX_PROBLEMS: usize = 1000;

/// A 1-based line and column.
pub(super) type Place = (u64, u64);

/// One violation of the schema.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) location: Option<String>,
    pub(super) place: Place,
    pub(super) message: String,
    pub(super) hint: String,
}

/// A file that was read: the configuration as far as it is right, what is wrong, and where the lists' items stand.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) config: Config,
    pub(super) problems: Vec<Problem>,
    pub(super) is_empty: bool,
    pub(super) overrides_at: Vec<(String, Place)>,
    pub(super) ignored_at: Vec<Place>,
    pub(super) semgrep_at: Vec<Place>,
}

impl Config {
    /// Reads a configuration file's text. An empty file is the default configuration.
    ///
    /// # Errors
    /// `config`, with file, line and column, for the first problem in the file's order.
    pub fn parse(text: &str, file: &str) -> Result<Self> {
        let mut read = read(text, file)?;
        read.problems.sort_by_key(|problem| problem.place);
        match read.problems.into_iter().next() {
            Some(problem) => Err(problem.into_error(file)),
            None => Ok(read.config),
        }
    }
}

impl Problem {
    fn into_error(self, file: &str) -> Error {
        let message = match &self.location {
            Some(location) if !self.message.starts_with("unknown key") => format!("`{}`: {}", shown(location), self.message),
            _ => self.message,
        };
        Error::new(ErrorKind::Config, message).in_file(file).at(self.place.0, self.place.1).hint(self.hint)
    }

    pub(super) fn into_issue(self) -> Issue {
        Issue {
            severity: IssueSeverity::Error,
            message: format!("{}; {}", self.message, self.hint),
            location: self.location,
            line: Some(self.place.0),
            column: Some(self.place.1),
        }
    }
}

/// Reads the text and checks every key. The error is only for text that is no YAML mapping at all.
pub(super) fn read(text: &str, file: &str) -> Result<Read> {
    let root = yaml::parse(text, file)?;
    let pairs = match root.value {
        Value::Null => Vec::new(),
        Value::Map(pairs) => pairs,
        other => {
            let message = format!("top-level YAML must be a mapping, got {}", other.kind());
            let error = Error::new(ErrorKind::Config, message).in_file(file).at(root.line, root.column);
            return Err(error.hint("write `key: value` lines, for example `ignored_rules: [B106]`"));
        }
    };
    let mut read = Read { is_empty: pairs.is_empty(), ..Read::default() };
    for (key, value) in pairs {
        read.key(&key, value);
    }
    Ok(read)
}

impl Read {
    fn problem(&mut self, location: impl Into<String>, place: Place, message: impl Into<String>, hint: impl Into<String>) {
        if self.problems.len() >= MAX_PROBLEMS {
            return;
        }
        self.problems.push(Problem { location: Some(location.into()), place, message: message.into(), hint: hint.into() });
    }

    fn key(&mut self, key: &Node, value: Node) {
        let place = (key.line, key.column);
        let Value::Text(name) = &key.value else {
            let text = shown(&key.value.text());
            return self.problem(text, place, format!("a key must be a text, not {}", key.value.kind()), known_keys());
        };
        match name.as_str() {
            "version" => self.version(&value),
            "scan_types" => {
                let words = self.words("scan_types", &value, "a scan type", ScanType::ALL.iter().map(|t| t.as_str()));
                self.config.scan_types = words.into_iter().map(|(word, _)| word).collect();
            }
            "severity_overrides" => self.overrides(value),
            "ignored_rules" => {
                let (ids, places) = self.texts("ignored_rules", value, "a rule id").into_iter().unzip();
                (self.config.ignored_rules, self.ignored_at) = (ids, places);
            }
            "semgrep_rules" => self.semgrep(value),
            "fail_on_severity" => {
                if !matches!(value.value, Value::Null) {
                    self.config.fail_on_severity = self.severity("fail_on_severity", &value);
                }
            }
            "ai" => self.ai(&value),
            other => {
                let hint = match nearest(&other.to_ascii_lowercase().replace('-', "_"), KEYS) {
                    Some(known) => format!("did you mean `{known}`?"),
                    None => known_keys(),
                };
                self.problem(shown(other), place, format!("unknown key `{}`", shown(other)), hint);
            }
        }
    }

    fn version(&mut self, node: &Node) {
        match node.value {
            Value::Number(_, Some(number)) if number == f64::from(VERSION) => self.config.version = Some(VERSION),
            _ => {
                let message = match &node.value {
                    Value::Number(text, _) => format!("version {} is not known", shown(text)),
                    other => format!("expected a number, found {}", other.kind()),
                };
                self.problem(
                    "version",
                    (node.line, node.column),
                    message,
                    format!("write `version: {VERSION}`, or leave it out"),
                );
            }
        }
    }

    fn ai(&mut self, node: &Node) {
        let value = match &node.value {
            Value::Null => return,
            Value::Bool(value) => Some(*value),
            Value::Number(_, Some(number)) if *number == 0.0 || *number == 1.0 => Some(*number == 1.0),
            Value::Text(word) => match word.to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "y" | "t" | "1" => Some(true),
                "false" | "no" | "off" | "n" | "f" | "0" => Some(false),
                _ => None,
            },
            _ => None,
        };
        match value {
            Some(value) => self.config.ai = Some(value),
            None => {
                let message = format!("expected a boolean, found {}", node.value.kind());
                self.problem("ai", (node.line, node.column), message, "write `ai: true` or `ai: false`");
            }
        }
    }

    fn overrides(&mut self, node: Node) {
        let Value::Map(pairs) = node.value else {
            let message = format!("expected a mapping of rule ids to severities, found {}", node.value.kind());
            return self.problem("severity_overrides", (node.line, node.column), message, "write `RULE-ID: low` lines below it");
        };
        for (key, value) in pairs {
            let location = match key.value.text() {
                name if name.is_empty() && !matches!(key.value, Value::Text(_)) => "severity_overrides".to_owned(),
                name => format!("severity_overrides.{name}"),
            };
            let place = (key.line, key.column);
            let Value::Text(rule) = key.value else {
                self.problem(location, place, not_a_text("a rule id", &key.value), "put it in quotes");
                continue;
            };
            if let Some(severity) = self.severity(&location, &value) {
                self.overrides_at.push((rule.clone(), place));
                self.config.severity_overrides.insert(rule, severity);
            }
        }
    }

    fn semgrep(&mut self, node: Node) {
        for (index, (rule, place)) in self.texts("semgrep_rules", node, "a path").into_iter().enumerate() {
            let location = format!("semgrep_rules[{index}]");
            // An operand that looks like an option would be one for Semgrep.
            if rule.trim().is_empty() || rule.starts_with('-') || rule.contains('\0') {
                self.problem(
                    location,
                    place,
                    format!("`{}` is not a path", shown(&rule)),
                    "name a file, a folder, `p/…` or a URL",
                );
                continue;
            }
            self.config.semgrep_rules.push(rule);
            self.semgrep_at.push(place);
        }
    }

    fn severity(&mut self, location: &str, node: &Node) -> Option<Severity> {
        self.word(location, node, "a severity", &Severity::ALL.iter().rev().map(|s| s.as_str()).collect::<Vec<_>>())
    }

    /// One word of a closed list, in lower case.
    fn word<T: FromStr>(&mut self, location: &str, node: &Node, what: &str, known: &[&str]) -> Option<T> {
        let place = (node.line, node.column);
        let list = || format!("choose one of: {}", known.join(", "));
        let Value::Text(word) = &node.value else {
            self.problem(location, place, format!("expected {what}, found {}", node.value.kind()), list());
            return None;
        };
        if let Ok(value) = word.parse() {
            return Some(value);
        }
        let hint = match nearest(&word.to_ascii_lowercase(), known) {
            Some(close) => format!("did you mean `{close}`?"),
            None => list(),
        };
        self.problem(location, place, format!("`{}` is not {what}", shown(word)), hint);
        None
    }

    fn words<T: FromStr>(
        &mut self,
        key: &str,
        node: &Node,
        what: &str,
        known: impl Iterator<Item = &'static str>,
    ) -> Vec<(T, Place)> {
        let known: Vec<&str> = known.collect();
        let Value::List(items) = &node.value else {
            self.not_a_list(key, node);
            return Vec::new();
        };
        let mut out = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let value = self.word(&format!("{key}[{index}]"), item, what, &known);
            out.extend(value.map(|value| (value, (item.line, item.column))));
        }
        out
    }

    fn texts(&mut self, key: &str, node: Node, what: &str) -> Vec<(String, Place)> {
        let Value::List(items) = node.value else {
            self.not_a_list(key, &node);
            return Vec::new();
        };
        let mut out = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            let place = (item.line, item.column);
            match item.value {
                Value::Text(text) => out.push((text, place)),
                other => self.problem(format!("{key}[{index}]"), place, not_a_text(what, &other), "put it in quotes"),
            }
        }
        out
    }

    fn not_a_list(&mut self, key: &str, node: &Node) {
        let message = format!("expected a list, found {}", node.value.kind());
        self.problem(key, (node.line, node.column), message, format!("write `{key}: [first, second]`, or remove the key"));
    }
}

fn not_a_text(what: &str, value: &Value) -> String {
    match value {
        Value::List(_) | Value::Map(_) | Value::Null => format!("expected {what}, found {}", value.kind()),
        scalar => format!("expected {what}, and YAML reads `{}` as {}", shown(&scalar.text()), scalar.kind()),
    }
}

fn known_keys() -> String {
    format!("known keys: {}", KEYS.join(", "))
}
