//! The table of rule classes (`classes.toml`): which rules of which tools say the same, which CWEs do, and how far apart two tools may
//! put one thing. Facts are in the table; this file reads and asks it.

use super::authority::Class;
use crate::model::Finding;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A class of the table, by its place in it.
pub(super) type ClassId = u16;

/// How much of a file one report of a class is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Scope {
    /// The line.
    #[default]
    Line,
    /// The line, or the whole file when there is none.
    FileOrLine,
    /// The whole file, whatever line a tool gives.
    File,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClassRow {
    pub name: String,
    pub kind: Class,
    #[serde(default)]
    pub cwe: Vec<u32>,
    #[serde(default)]
    pub scope: Scope,
    #[serde(default)]
    pub rules: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SpanRow {
    pub kind: Class,
    pub tool: Option<String>,
    pub lines: Option<u32>,
}

/// The file as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    pub broad_cwes: Vec<u32>,
    pub span: Vec<SpanRow>,
    pub class: Vec<ClassRow>,
}

/// The table, ready to be asked.
#[derive(Debug, Default)]
pub(super) struct Classes {
    rows: Vec<ClassRow>,
    spans: Vec<SpanRow>,
    broad: FxHashSet<u32>,
    /// Tools with a rule that may be about a whole file.
    file_tools: Vec<String>,
    by_name: FxHashMap<String, ClassId>,
    by_rule: FxHashMap<String, FxHashMap<String, Vec<ClassId>>>,
    by_cwe: FxHashMap<(Class, u32), Vec<ClassId>>,
}

/// The file's text.
pub(super) const TEXT: &str = include_str!("classes.toml");

/// The table; read once. A test makes sure that it can be read.
pub(super) fn table() -> &'static Classes {
    static TABLE: LazyLock<Classes> = LazyLock::new(|| Classes::new(toml::from_str(TEXT).unwrap_or_default()));
    &TABLE
}

impl Classes {
    fn new(table: Table) -> Self {
        let mut out = Self { broad: table.broad_cwes.into_iter().collect(), spans: table.span, ..Self::default() };
        for (id, row) in (0..ClassId::MAX).zip(&table.class) {
            out.by_name.insert(row.name.clone(), id);
            for cwe in &row.cwe {
                out.by_cwe.entry((row.kind, *cwe)).or_default().push(id);
            }
            for (tool, rules) in &row.rules {
                if row.scope != Scope::Line && !out.file_tools.contains(tool) {
                    out.file_tools.push(tool.clone());
                }
                let of_tool = out.by_rule.entry(tool.clone()).or_default();
                for rule in rules {
                    of_tool.entry(canonical(tool, rule).into_owned()).or_default().push(id);
                }
            }
        }
        out.rows = table.class;
        out
    }

    /// Every class.
    pub(super) fn rows(&self) -> &[ClassRow] {
        &self.rows
    }

    /// A class's row.
    pub(super) fn row(&self, id: ClassId) -> Option<&ClassRow> {
        self.rows.get(usize::from(id))
    }

    /// The class of that name.
    pub(super) fn named(&self, name: &str) -> Option<ClassId> {
        self.by_name.get(name).copied()
    }

    /// The classes of a tool's rule, in the table's order; none for a rule that is not listed.
    pub(super) fn of_rule(&self, tool: &str, rule: &str) -> &[ClassId] {
        let name = canonical(tool, rule);
        let tool = if is_bandit(&name) { "bandit" } else { tool };
        let found = self.by_rule.get(tool).and_then(|rules| {
            let short = if tool == "semgrep" { name.rsplit('.').next() } else { None };
            rules.get(short.unwrap_or(&name))
        });
        found.map_or(&[], Vec::as_slice)
    }

    /// The classes that a CWE means in findings of this kind.
    pub(super) fn of_cwe(&self, kind: Class, cwe: u32) -> &[ClassId] {
        self.by_cwe.get(&(kind, cwe)).map_or(&[], Vec::as_slice)
    }

    /// Whether a CWE is a parent of so much that naming it says nothing.
    pub(super) fn is_broad(&self, cwe: u32) -> bool {
        self.broad.contains(&cwe)
    }

    /// Whether a tool has rules that may be about a whole file.
    pub(super) fn tells_of_files(&self, tool: &str) -> bool {
        self.file_tools.iter().any(|name| name == tool)
    }

    /// How many lines below a tool's line another tool's line may lie, inside the tool's own range.
    pub(super) fn span(&self, kind: Class, tool: &str) -> Option<u32> {
        let fits = |row: &&SpanRow| row.kind == kind && row.tool.as_deref().is_none_or(|t| t == tool);
        self.spans.iter().filter(fits).map(|row| row.lines.unwrap_or(u32::MAX)).max()
    }
}

/// The classes of a finding's own rule.
pub(super) fn of(finding: &Finding) -> &'static [ClassId] {
    finding.rule_id.as_deref().map_or(&[], |rule| table().of_rule(&finding.scanner, rule))
}

/// A CWE's number.
pub(super) fn cwe_number(cwe: &str) -> Option<u32> {
    cwe.strip_prefix("CWE-")?.parse().ok()
}

/// One spelling of a rule's name: lower case, Bandit's number for those who follow Bandit, Trivy's short ids, no prefix that repeats
/// the tool.
pub(super) fn canonical<'a>(tool: &str, rule: &'a str) -> Cow<'a, str> {
    let lower =
        if rule.bytes().any(|b| b.is_ascii_uppercase()) { Cow::Owned(rule.to_ascii_lowercase()) } else { Cow::Borrowed(rule) };
    match tool {
        "ruff" | "flake8" | "flake8-bandit" => bandit_number(&lower, "s").map_or(lower, Cow::Owned),
        "semgrep" => match lower.rsplit_once("bandit.").and_then(|(_, tail)| bandit_number(tail.get(..4)?, "b")) {
            Some(name) => Cow::Owned(name),
            None => lower,
        },
        "zizmor" => match lower.strip_prefix("zizmor/") {
            Some(rest) => Cow::Owned(rest.to_owned()),
            None => lower,
        },
        _ => trivy_short(&lower).map_or(lower, Cow::Owned),
    }
}

fn is_bandit(name: &str) -> bool {
    bandit_number(name, "b").is_some()
}

fn bandit_number(name: &str, letter: &str) -> Option<String> {
    let digits = name.strip_prefix(letter)?;
    (digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| format!("b{digits}"))
}

/// `avd-ds-0002`, `ds002` → `ds-0002`; `avd-aws-0107` → `aws-0107`.
fn trivy_short(name: &str) -> Option<String> {
    if let Some(rest) = name.strip_prefix("avd-") {
        return Some(rest.to_owned());
    }
    ["ds", "ksv"].into_iter().find_map(|prefix| {
        let digits = name.strip_prefix(prefix)?;
        (digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| format!("{prefix}-0{digits}"))
    })
}
