//! `config validate`: everything that is wrong or odd about a configuration file, all at once.

use super::schema::{self, Place};
use super::yaml::shown;
use super::{Config, Issue, IssueSeverity, is_registry_ref};
use std::collections::HashSet;

impl Config {
    /// Every issue of a configuration file: errors, then warnings, then infos, each in the order of the checks. `exists`
    /// tells whether an entry of `semgrep_rules` exists (a path as written, relative to the file's folder); registry
    /// names and URLs are not asked for.
    ///
    /// # Source
    /// Spec 02, section 6, with decision D7 and weak point 12.
    pub fn lint(text: &str, file: &str, exists: &dyn Fn(&str) -> bool) -> Vec<Issue> {
        let read = match schema::read(text, file) {
            Ok(read) => read,
            Err(error) => {
                let message = match error.remedy() {
                    Some(remedy) => format!("{}; {remedy}", error.message()),
                    None => error.message().to_owned(),
                };
                let (line, column) = (error.line(), error.column());
                return vec![Issue { severity: IssueSeverity::Error, message, location: None, line, column }];
            }
        };
        let mut issues = Vec::new();
        if read.is_empty {
            let message = "the configuration file is empty; every default applies".to_owned();
            issues.push(Issue { severity: IssueSeverity::Info, message, location: None, line: None, column: None });
        }
        if !read.problems.is_empty() {
            issues.extend(read.problems.into_iter().map(schema::Problem::into_issue));
            return issues;
        }
        issues.extend(missing_paths(&read, exists));
        issues.extend(odd_ids(&read));
        issues.extend(collisions(&read));
        issues.sort_by_key(|issue| issue.severity);
        issues
    }
}

fn issue(severity: IssueSeverity, location: String, place: Place, message: String) -> Issue {
    Issue { severity, message, location: Some(location), line: Some(place.0), column: Some(place.1) }
}

fn missing_paths(read: &schema::Read, exists: &dyn Fn(&str) -> bool) -> Vec<Issue> {
    let rules = read.config.semgrep_rules.iter().zip(&read.semgrep_at).enumerate();
    rules
        .filter(|(_, (rule, _))| !is_registry_ref(rule) && !exists(rule))
        .map(|(index, (rule, place))| {
            let message = format!("semgrep_rules path does not exist: `{}`; correct it or remove the entry", shown(rule));
            issue(IssueSeverity::Error, format!("semgrep_rules[{index}]"), *place, message)
        })
        .collect()
}

fn odd_ids(read: &schema::Read) -> Vec<Issue> {
    let overrides = read.overrides_at.iter().map(|(rule, place)| (format!("severity_overrides.{rule}"), rule, *place));
    let ignored = read.config.ignored_rules.iter().zip(&read.ignored_at).enumerate();
    let ignored = ignored.map(|(index, (rule, place))| (format!("ignored_rules[{index}]"), rule, *place));
    overrides
        .chain(ignored)
        .filter(|(_, rule, _)| !looks_like_a_rule(rule))
        .map(|(location, rule, place)| {
            let message = format!(
                "`{}` does not look like a rule id; ids are letters, digits, `.`, `_`, `-` and `/`, and match exactly",
                shown(rule)
            );
            issue(IssueSeverity::Warning, location, place, message)
        })
        .collect()
}

fn looks_like_a_rule(rule: &str) -> bool {
    rule.starts_with(|c: char| c.is_ascii_alphanumeric())
        && rule.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/'))
}

fn collisions(read: &schema::Read) -> Vec<Issue> {
    let ignored: HashSet<&str> = read.config.ignored_rules.iter().map(String::as_str).collect();
    read.overrides_at
        .iter()
        .filter(|(rule, _)| ignored.contains(rule.as_str()))
        .map(|(rule, place)| {
            let message = format!(
                "rule `{}` is in both `ignored_rules` and `severity_overrides`; its findings are suppressed, so remove one",
                shown(rule)
            );
            issue(IssueSeverity::Warning, format!("severity_overrides.{rule}"), *place, message)
        })
        .collect()
}
