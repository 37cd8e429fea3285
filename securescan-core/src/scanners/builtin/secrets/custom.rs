//! Rule files of the user: in gitleaks' format or in our own. Read and checked before anything is scanned.
//!
//! Which format a file has follows from its rules: `title` is ours, `description` is gitleaks'. Unknown keys are tolerated in
//! gitleaks' format (newer versions add some) and refused in ours (a typing mistake must not weaken a rule silently).

use super::allow::{Allowlist, Target};
use super::goregex;
use super::rule::{RuleSet, RuleSpec, compile};
use super::rules::{RuleFile, specs};
use crate::model::{Confidence, Severity};
use crate::scanners::ScanRequest;
use crate::{Error, ErrorKind, Result};
use regex::bytes::RegexSet;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Larger rule files are refused, in bytes.
const MAX_BYTES: u64 = 4 << 20;

/// What the user's files add to the embedded rules, and what they take away.
#[derive(Debug, Default)]
pub struct Custom {
    /// Rules to add.
    pub rules: Vec<RuleSpec>,
    /// Ids (or aliases) of embedded rules to leave out.
    pub disabled: Vec<String>,
    /// Allow-lists over all rules: of files that extend the embedded ones.
    pub allowlists: Vec<Allowlist>,
}

impl Custom {
    /// The embedded rules with these changes.
    pub fn into_set(self) -> RuleSet {
        let off = |spec: &RuleSpec| self.disabled.iter().any(|d| *d == spec.id || spec.aliases.contains(d));
        let mut all: Vec<RuleSpec> = specs().into_iter().filter(|spec| !off(spec)).collect();
        all.extend(self.rules);
        let mut set = RuleSet::new(all);
        set.allowlists = self.allowlists;
        set
    }
}

/// Checks everything the request says about secrets, before any scanner starts.
///
/// # Errors
/// As [`load_custom`].
pub fn check(request: &ScanRequest) -> Result<()> {
    load_custom(&request.secret_rules).map(|_| ())
}

/// Reads rule files, in order. Rules of later files replace those of the same id.
///
/// # Errors
/// `config` with file, line and column for a file that is not a rule file; `io` when it cannot be read.
pub fn load_custom(paths: &[PathBuf]) -> Result<Custom> {
    let mut out = Custom::default();
    for path in paths {
        let name = path.display().to_string();
        let text = read(path, &name)?;
        load_text(&name, &text, &mut out)?;
    }
    Ok(out)
}

/// Rules of one text in our own or in gitleaks' format; `name` stands in errors.
///
/// # Errors
/// As [`load_custom`], `io` apart.
pub fn parse_rules(text: &str, name: &str) -> Result<Custom> {
    let mut out = Custom::default();
    load_text(name, text, &mut out)?;
    Ok(out)
}

fn read(path: &Path, name: &str) -> Result<String> {
    let meta = std::fs::metadata(path).map_err(|e| Error::io(name, &e))?;
    if !meta.is_file() || meta.len() > MAX_BYTES {
        let why = format!("not a regular file of at most {MAX_BYTES} bytes");
        return Err(Error::new(ErrorKind::Config, why).in_file(name));
    }
    std::fs::read_to_string(path).map_err(|e| Error::io(name, &e))
}

/// The two formats apart: nothing but the keys of the rules.
#[derive(Deserialize)]
struct Sniff {
    #[serde(default)]
    rules: Vec<toml::Table>,
}

fn load_text(name: &str, text: &str, out: &mut Custom) -> Result<()> {
    let sniff: Sniff = toml::from_str(text).map_err(|e| located(name, text, &e))?;
    let ours = sniff.rules.iter().any(|rule| rule.contains_key("title"));
    if !ours {
        let file: Gitleaks = toml::from_str(text).map_err(|e| located(name, text, &e))?;
        return file.convert(name, text, out);
    }
    let file: RuleFile = toml::from_str(text).map_err(|e| located(name, text, &e))?;
    for spec in file.rules {
        spec.check().map_err(|why| at_rule(name, text, &spec.id, why))?;
        out.rules.push(spec);
    }
    Ok(())
}

fn located(name: &str, text: &str, error: &toml::de::Error) -> Error {
    let (line, column) = error.span().map_or((1, 1), |span| line_and_column(text, span.start));
    let message = error.message().lines().next().unwrap_or("not TOML").to_lowercase();
    Error::new(ErrorKind::Config, message).in_file(name).at(line, column)
}

/// An error about a rule, placed at the line that names it.
fn at_rule(name: &str, text: &str, id: &str, why: String) -> Error {
    let place = text.lines().position(|l| l.trim_start().starts_with("id") && l.contains(id));
    let line = place.map_or(1, |index| index as u64 + 1);
    Error::new(ErrorKind::Config, why).in_file(name).at(line, 1)
}

fn line_and_column(text: &str, offset: usize) -> (u64, u64) {
    let before = text.get(..offset).unwrap_or_default();
    let line = before.matches('\n').count() as u64 + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() as u64 + 1;
    (line, column)
}

/// A file of gitleaks.
///
/// # Source
/// gitleaks README, "Configuration", version 8.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Gitleaks {
    #[serde(default)]
    rules: Vec<GitleaksRule>,
    #[serde(default)]
    extend: Extend,
    #[serde(default)]
    allowlist: Option<GitleaksAllow>,
    #[serde(default)]
    allowlists: Vec<GitleaksAllow>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Extend {
    use_default: bool,
    disabled_rules: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct GitleaksRule {
    id: String,
    description: String,
    regex: Option<String>,
    secret_group: Option<usize>,
    entropy: Option<f64>,
    keywords: Vec<String>,
    path: Option<String>,
    tags: Vec<String>,
    allowlist: Option<GitleaksAllow>,
    allowlists: Vec<GitleaksAllow>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct GitleaksAllow {
    condition: Option<String>,
    regexes: Vec<String>,
    regex_target: Option<String>,
    paths: Vec<String>,
    stopwords: Vec<String>,
    commits: Vec<String>,
    target_rules: Vec<String>,
}

impl Gitleaks {
    fn convert(self, name: &str, text: &str, out: &mut Custom) -> Result<()> {
        let whole_file = |why: String| Error::new(ErrorKind::Config, why).in_file(name).at(1, 1);
        let mut shared = Vec::new();
        for allow in self.allowlist.into_iter().chain(self.allowlists) {
            let list = allow.convert().map_err(|why| whole_file(format!("allowlist: {why}")))?;
            shared.push(Arc::new(list));
        }
        for rule in self.rules {
            let id = rule.id.clone();
            let mut spec = rule.convert().map_err(|why| at_rule(name, text, &id, format!("rule `{id}`: {why}")))?;
            spec.allowlists.extend(shared.iter().cloned());
            out.rules.push(spec);
        }
        if self.extend.use_default {
            out.disabled.extend(self.extend.disabled_rules);
            out.allowlists.extend(shared.iter().map(|list| Allowlist::clone(list)));
        }
        Ok(())
    }
}

impl GitleaksRule {
    fn convert(self) -> Result<RuleSpec, String> {
        let id: String = self.id.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
        if id.trim_matches('-').is_empty() {
            return Err("`id` is missing".to_owned());
        }
        if self.regex.is_none() && self.path.is_none() {
            return Err("neither `regex` nor `path`".to_owned());
        }
        let regex = self.regex.as_deref().map(translate).transpose()?;
        let path = self.path.as_deref().map(translate).transpose()?;
        let groups = regex.as_deref().and_then(|r| compile(r).ok()).map_or(1, |r| r.captures_len());
        if self.secret_group.is_some_and(|group| group >= groups) {
            return Err(format!("`secretGroup` is more than the {} groups of `regex`", groups - 1));
        }
        let mut allowlists = Vec::new();
        for allow in self.allowlist.into_iter().chain(self.allowlists) {
            allowlists.push(Arc::new(allow.convert()?));
        }
        let title = if self.description.is_empty() { self.id } else { one_line(&self.description) };
        let severity = self.tags.iter().find_map(|tag| tag.to_ascii_lowercase().parse::<Severity>().ok());
        Ok(RuleSpec {
            regex,
            path,
            title,
            entropy: self.entropy.filter(|e| *e > 0.0),
            keywords: self.keywords.into_iter().map(|k| k.to_ascii_lowercase()).filter(|k| !k.is_empty()).collect(),
            group: self.secret_group.filter(|g| *g > 0),
            allowlists,
            ..RuleSpec::named(id, severity.unwrap_or(Severity::High), Confidence::Medium)
        })
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(120).collect()
}

fn translate(pattern: &str) -> Result<String, String> {
    let ours = goregex::translate(pattern);
    match compile(&ours) {
        Ok(_) => Ok(ours),
        Err(error) => Err(format!("`{pattern}`: {}", error.to_string().lines().last().unwrap_or_default().trim())),
    }
}

fn set(patterns: &[String]) -> Result<Option<RegexSet>, String> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let translated = patterns.iter().map(|p| translate(p)).collect::<Result<Vec<_>, _>>()?;
    RegexSet::new(translated).map(Some).map_err(|e| e.to_string().lines().last().unwrap_or_default().trim().to_owned())
}

impl GitleaksAllow {
    /// `commits` say nothing about a file: with the condition AND such a list excuses nothing, with OR it is left out.
    fn convert(self) -> Result<Allowlist, String> {
        let all = match self.condition.as_deref().map(str::to_ascii_uppercase).as_deref() {
            None | Some("" | "OR" | "||") => false,
            Some("AND" | "&&") => true,
            Some(other) => return Err(format!("condition `{other}` is neither AND nor OR")),
        };
        let target = match self.regex_target.as_deref() {
            None | Some("" | "secret") => Target::Secret,
            Some("match") => Target::Match,
            Some("line") => Target::Line,
            Some(other) => return Err(format!("regexTarget `{other}` is none of secret, match, line")),
        };
        if all && !self.commits.is_empty() {
            return Ok(Allowlist::default());
        }
        Ok(Allowlist {
            all,
            target,
            regexes: set(&self.regexes)?,
            paths: set(&self.paths)?,
            stopwords: self.stopwords.iter().map(|w| w.to_ascii_lowercase()).filter(|w| !w.is_empty()).collect(),
            rules: self.target_rules,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::scan_bytes;
    use super::*;

    fn load(text: &str) -> Result<Custom> {
        let mut out = Custom::default();
        load_text("rules.toml", text, &mut out).map(|()| out)
    }

    const GITLEAKS: &str = r##"
title = "x"
[extend]
useDefault = true
disabledRules = ["github-pat"]
[[rules]]
id = "acme"
description = "Acme key"
regex = '''(?i)acme_([0-9a-f]{8})\b'''
secretGroup = 1
keywords = ["ACME_"]
futureKey = 1
[[rules.allowlists]]
regexTarget = "line"
regexes = ['''# ok$''']
[[allowlists]]
paths = ['''^vendor/''']
"##;

    #[test]
    fn gitleaks_rules_find_and_allow() {
        let set = load(GITLEAKS).unwrap().into_set();
        let ids = |path: &str, text: &str| -> Vec<String> {
            scan_bytes(path, text.as_bytes(), &set).into_iter().filter_map(|f| f.rule_id).collect()
        };
        assert_eq!(ids("a.py", "x = acme_0af3b7c9"), ["secrets/acme"]);
        assert!(ids("a.py", "x = acme_0af3b7c9 # ok").is_empty());
        assert!(ids("vendor/a.py", "x = acme_0af3b7c9").is_empty());
        let token = ["ghp_", "kne9z73qVmKL0j6vWFDpiYbx2Bwqb8ideJqr"].concat();
        assert!(ids("a.py", &token).is_empty());
    }

    #[test]
    fn mistakes_are_placed() {
        let of = |text: &str| {
            let error = load(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            (error.line(), error.to_string())
        };
        assert_eq!(of("[[rules]]\nid = ").0, Some(2));
        assert_eq!(of("[[rules]]\nid = \"a\"\ndescription = \"b\"\nregex = '''(a'''").0, Some(2));
        assert!(
            of("[[rules]]\nid = \"a\"\ntitle = \"b\"\nseverity = \"low\"\nkeyword = [\"x\"]")
                .1
                .contains("unknown field `keyword`")
        );
        assert!(of("[[rules]]\nid = \"a\"\ndescription = \"b\"").1.contains("neither `regex` nor `path`"));
        assert!(of("[[rules]]\nid = \"a\"\nregex = 'a(b)'\nsecretGroup = 4").1.contains("secretGroup"));
    }

    #[test]
    fn our_own_format() {
        let text = "[[rules]]\nid = \"acme\"\ntitle = \"Acme\"\nseverity = \"low\"\nkeywords = [\"acme_\"]\nregex = 'acme_[0-9a-f]{8}'\n";
        let set = load(text).unwrap().into_set();
        assert_eq!(scan_bytes("a.py", b"acme_0af3b7c9", &set).len(), 1);
        assert!(load_custom(&[PathBuf::from("no-such-file.toml")]).is_err());
    }
}
