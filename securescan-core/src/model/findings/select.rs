//! Choosing, ordering and grouping findings.

use super::Findings;
use crate::model::{Finding, ScanType, Severity};
use crate::{Error, Result, order};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::str::FromStr;

/// Which findings to keep: those that meet every condition given. The default keeps all. A list is met by any of its items.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Filter {
    /// Of one of these severities.
    pub severity: Option<Vec<Severity>>,
    /// At least this severe.
    pub min_severity: Option<Severity>,
    /// Reported by one of these scanners, exact names.
    pub scanner: Option<Vec<String>>,
    /// Of one of these kinds of scan.
    pub scan_type: Option<Vec<ScanType>>,
    /// Of one of these rules, exact ids.
    pub rule_id: Option<Vec<String>>,
    /// Of one of these weaknesses, `CWE-95` form.
    pub cwe: Option<Vec<String>>,
    /// In one of these files, or below one of these folders.
    pub path: Option<Vec<String>>,
    /// With one of these compliance tags.
    pub compliance_tag: Option<Vec<String>>,
    /// Suppressed (`true`) or not (`false`).
    pub suppressed: Option<bool>,
    /// With this text in title, description, rule or path, letter case aside.
    pub text: Option<String>,
}

impl Filter {
    /// Whether a finding meets every condition.
    pub fn matches(&self, finding: &Finding) -> bool {
        let one_of = |wanted: &Option<Vec<String>>, value: Option<&str>| match wanted {
            None => true,
            Some(list) => value.is_some_and(|value| list.iter().any(|item| item == value)),
        };
        self.severity.as_ref().is_none_or(|list| list.contains(&finding.severity))
            && self.min_severity.is_none_or(|least| finding.severity >= least)
            && self.scan_type.as_ref().is_none_or(|list| list.contains(&finding.scan_type))
            && self.suppressed.is_none_or(|wanted| wanted == finding.is_suppressed())
            && one_of(&self.scanner, Some(&finding.scanner))
            && one_of(&self.rule_id, finding.rule_id.as_deref())
            && one_of(&self.cwe, finding.cwe.as_deref())
            && self.path.as_ref().is_none_or(|list| {
                finding.file_path.as_deref().is_some_and(|path| list.iter().any(|place| is_below(path, place)))
            })
            && self.compliance_tag.as_ref().is_none_or(|list| list.iter().any(|tag| finding.compliance_tags.contains(tag)))
            && self.text.as_ref().is_none_or(|text| mentions(finding, &text.to_lowercase()))
    }
}

/// Whether a path is a place or lies below it.
fn is_below(path: &str, place: &str) -> bool {
    let place = place.strip_prefix("./").unwrap_or(place).trim_end_matches('/');
    match path.strip_prefix(place) {
        Some(rest) => rest.is_empty() || rest.starts_with('/') || place.is_empty(),
        None => place == ".",
    }
}

fn mentions(finding: &Finding, lower: &str) -> bool {
    let texts =
        [Some(finding.title.as_str()), Some(&finding.description), finding.rule_id.as_deref(), finding.file_path.as_deref()];
    texts.into_iter().flatten().any(|text| text.to_lowercase().contains(lower))
}

/// What to order by. Findings that are alike in it keep the canonical order among each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortKey {
    /// The order of every output: severity, scanner, rule, file, line, title, …
    #[default]
    Canonical,
    /// By severity, the worst first.
    Severity,
    /// By scanner.
    Scanner,
    /// By rule.
    RuleId,
    /// By file and line.
    FilePath,
    /// By title.
    Title,
}

/// What to group by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupKey {
    /// The severity, the worst first.
    Severity,
    /// The scanner.
    Scanner,
    /// The kind of scan.
    ScanType,
    /// The rule.
    RuleId,
    /// The file.
    FilePath,
    /// The weakness.
    Cwe,
    /// The package's name.
    Package,
}

impl GroupKey {
    fn of(self, finding: &Finding) -> Option<&str> {
        match self {
            Self::Severity => Some(finding.severity.as_str()),
            Self::Scanner => Some(&finding.scanner),
            Self::ScanType => Some(finding.scan_type.as_str()),
            Self::RuleId => finding.rule_id.as_deref(),
            Self::FilePath => finding.file_path.as_deref(),
            Self::Cwe => finding.cwe.as_deref(),
            Self::Package => finding.package.as_ref().map(|package| package.name.as_str()),
        }
    }
}

/// Reads a key by its word on the wire.
fn word<T: for<'de> Deserialize<'de>>(word: &str, what: &str, known: &str) -> Result<T> {
    serde_json::from_value(word.into()).map_err(|_| {
        Error::invalid(format!("cannot {what} by `{}`", word.chars().take(60).collect::<String>()))
            .hint(format!("choose one of: {known}"))
    })
}

impl FromStr for SortKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        word(text, "sort", "canonical, severity, scanner, rule_id, file_path, title")
    }
}

impl FromStr for GroupKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        word(text, "group", "severity, scanner, scan_type, rule_id, file_path, cwe, package")
    }
}

impl Findings {
    /// Those that meet a filter, in the order they have.
    #[must_use]
    pub fn filter(&self, filter: &Filter) -> Self {
        self.select(self.iter().enumerate().filter(|(_, finding)| filter.matches(finding)).map(|(index, _)| index))
    }

    /// All of them in another order; reversed when asked to.
    #[must_use]
    pub fn sorted(&self, key: SortKey, reverse: bool) -> Self {
        let mut rows: Vec<(usize, &Finding)> = self.iter().enumerate().collect();
        rows.sort_by(|(_, a), (_, b)| {
            let first = match key {
                SortKey::Canonical => std::cmp::Ordering::Equal,
                SortKey::Severity => b.severity.cmp(&a.severity),
                SortKey::Scanner => a.scanner.cmp(&b.scanner),
                SortKey::RuleId => a.rule_id.cmp(&b.rule_id),
                SortKey::FilePath => a.file_path.cmp(&b.file_path).then_with(|| a.line.cmp(&b.line)),
                SortKey::Title => a.title.cmp(&b.title),
            };
            first.then_with(|| order::compare(a, b))
        });
        if reverse {
            rows.reverse();
        }
        self.select(rows.into_iter().map(|(index, _)| index))
    }

    /// Parts by a key: severities from the worst, anything else by name, findings without one last under none.
    pub fn group_by(&self, key: GroupKey) -> Vec<(Option<String>, Self)> {
        let mut groups: BTreeMap<(bool, u8, Option<&str>), Vec<usize>> = BTreeMap::new();
        for (index, finding) in self.iter().enumerate() {
            let value = key.of(finding);
            let rank = if key == GroupKey::Severity { u8::MAX - finding.severity as u8 } else { 0 };
            groups.entry((value.is_none(), rank, value)).or_default().push(index);
        }
        groups.into_iter().map(|((_, _, value), rows)| (value.map(str::to_owned), self.select(rows))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Findings {
        let mut list = Vec::new();
        for (scanner, severity, path, line) in [
            ("bandit", Severity::High, Some("src/a.py"), 9),
            ("bandit", Severity::Low, Some("src/a.py"), 2),
            ("semgrep", Severity::High, Some("srcs/b.py"), 1),
            ("nmap", Severity::Info, None, 0),
        ] {
            let mut finding = Finding::new(scanner, ScanType::Code, severity, format!("Title of {scanner}"));
            finding.file_path = path.map(str::to_owned);
            finding.line = (line > 0).then_some(line);
            list.push(finding);
        }
        Findings::from_vec(list)
    }

    fn kept(filter: Filter) -> Vec<usize> {
        let all = some();
        all.iter().enumerate().filter(|(_, f)| filter.matches(f)).map(|(i, _)| i).collect()
    }

    #[test]
    fn conditions_add_up() {
        assert_eq!(kept(Filter::default()), [0, 1, 2, 3]);
        assert_eq!(kept(Filter { min_severity: Some(Severity::Medium), ..Filter::default() }), [0, 2]);
        let scanner = Some(vec!["bandit".to_owned(), "nmap".to_owned()]);
        assert_eq!(kept(Filter { scanner: scanner.clone(), ..Filter::default() }), [0, 1, 3]);
        assert_eq!(kept(Filter { scanner, severity: Some(vec![Severity::Low]), ..Filter::default() }), [1]);
        assert_eq!(kept(Filter { path: Some(vec!["./src/".to_owned()]), ..Filter::default() }), [0, 1]);
        assert_eq!(kept(Filter { path: Some(vec![".".to_owned()]), ..Filter::default() }), [0, 1, 2]);
        assert_eq!(kept(Filter { text: Some("TITLE OF N".to_owned()), ..Filter::default() }), [3]);
        assert_eq!(kept(Filter { suppressed: Some(true), ..Filter::default() }), [0; 0]);
    }

    #[test]
    fn orders_and_groups() {
        let all = some();
        let places = |f: &Findings| f.iter().map(|f| f.line.unwrap_or(0)).collect::<Vec<_>>();
        assert_eq!(places(&all.sorted("file_path".parse().unwrap(), false)), [0, 2, 9, 1]);
        assert_eq!(places(&all.sorted(SortKey::Severity, true)), [0, 2, 1, 9]);
        let groups = all.group_by("severity".parse().unwrap());
        let names: Vec<_> = groups.iter().map(|(name, f)| (name.as_deref().unwrap(), f.len())).collect();
        assert_eq!(names, [("high", 2), ("low", 1), ("info", 1)]);
        assert_eq!(all.group_by(GroupKey::FilePath).last().unwrap().0, None);
        assert_eq!("colour".parse::<SortKey>().unwrap_err().code(), "invalid_argument");
    }
}
