//! When two findings say the same.

use super::authority::{Class, class};
use crate::identity::purl_name;
use crate::model::Finding;
use rustc_hash::{FxHashMap, FxHasher};
use std::borrow::Cow;
use std::hash::{Hash, Hasher};

/// A place and a subject, by numbers that stand for their texts. Two findings of different scanners that share a key may be merged
/// ([`may_absorb`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key {
    file: u32,
    line: u32,
    subject: u32,
}

/// The keys of many findings.
pub(super) struct Keys {
    keys: Vec<Key>,
    /// Where the keys of each finding end.
    ends: Vec<usize>,
}

impl Keys {
    /// The keys of each finding, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[Key]> {
        let mut start = 0;
        self.ends.iter().map(move |end| self.keys.get(std::mem::replace(&mut start, *end)..*end).unwrap_or_default())
    }
}

/// Gives texts numbers.
#[derive(Default)]
struct Numbers<'a> {
    known: FxHashMap<Cow<'a, str>, u32>,
}

impl<'a> Numbers<'a> {
    fn of(&mut self, text: &'a str) -> u32 {
        let next = u32::try_from(self.known.len()).unwrap_or(u32::MAX);
        *self.known.entry(Cow::Borrowed(text)).or_insert(next)
    }

    /// Of a text that is only there for now: kept only when it is new.
    fn of_built(&mut self, text: &str) -> u32 {
        if let Some(number) = self.known.get(text) {
            return *number;
        }
        let next = u32::try_from(self.known.len()).unwrap_or(u32::MAX);
        self.known.insert(Cow::Owned(text.to_owned()), next);
        next
    }
}

/// The keys of all findings: what would have to be equal in another scanner's finding of the same thing. None when its place is
/// unknown: such findings are never merged across scanners.
pub(super) fn all(findings: &[Finding]) -> Keys {
    let (mut files, mut subjects) = (Numbers::default(), Numbers::default());
    let mut out = Keys { keys: Vec::with_capacity(2 * findings.len()), ends: Vec::with_capacity(findings.len()) };
    let mut texts = Texts::default();
    for finding in findings {
        let (file, class) = (finding.file_path.as_deref().unwrap_or_default(), class(finding));
        texts.clear();
        let line = if class == Class::Dependency {
            package_subjects(finding, &mut texts);
            Some(0)
        } else {
            place_subjects(finding, class, &mut texts);
            finding.line.filter(|_| !file.is_empty())
        };
        if let Some(line) = line {
            let file = files.of(file);
            let keys = texts.sorted().iter().map(|text| Key { file, line, subject: subjects.of_built(text) });
            out.keys.extend(keys);
        }
        out.ends.push(out.keys.len());
    }
    out
}

/// A list of texts that is filled again and again without giving its memory back.
#[derive(Default)]
struct Texts {
    list: Vec<String>,
    used: usize,
}

impl Texts {
    fn clear(&mut self) {
        self.used = 0;
    }

    fn add(&mut self, write: impl FnOnce(&mut String)) {
        if self.used == self.list.len() {
            self.list.push(String::new());
        }
        if let Some(text) = self.list.get_mut(self.used) {
            text.clear();
            write(text);
            self.used += 1;
        }
    }

    /// Sorted and unique.
    fn sorted(&mut self) -> &[String] {
        let Some(used) = self.list.get_mut(..self.used) else { return &[] };
        used.sort_unstable();
        let mut kept = 0;
        for index in 0..used.len() {
            if index == 0 || used.get(index) != used.get(kept - 1) {
                used.swap(kept, index);
                kept += 1;
            }
        }
        self.list.get(..kept).unwrap_or_default()
    }
}

fn place_subjects(finding: &Finding, class: Class, out: &mut Texts) {
    let aliases = finding.metadata.extra.get("aliases").and_then(serde_json::Value::as_array);
    let aliases = aliases.into_iter().flatten().take(64).filter_map(serde_json::Value::as_str);
    // A rule's name without its scanner, and its aliases: `dockerfile/last-user-root` with alias `DL3002` meets hadolint's `DL3002`.
    for name in finding.rule_id.as_deref().into_iter().chain(aliases) {
        out.add(|text| {
            text.push_str("rule ");
            text.push_str(name);
            text.make_ascii_lowercase();
        });
    }
    let group = match class {
        Class::Secret => return out.add(|text| text.push_str("secret")),
        Class::Code => "Code ",
        Class::Container => "Container ",
        Class::Iac => "Iac ",
        Class::Dependency | Class::Other => return,
    };
    if let Some(cwe) = finding.cwe.as_deref() {
        out.add(|text| {
            text.push_str(group);
            text.push_str(cwe);
        });
    }
}

/// One subject for each advisory id of a package in a manifest: aliases meet in any of them.
fn package_subjects(finding: &Finding, out: &mut Texts) {
    let Some(package) = finding.package.as_deref() else { return };
    let name = purl_name(&package.ecosystem, &package.name);
    let rule = finding.rule_id.iter().filter(|rule| is_advisory(rule));
    for id in finding.vulnerability_ids.iter().chain(rule) {
        out.add(|text| {
            text.extend([&package.ecosystem, "/", &name, " "]);
            let start = text.len();
            text.push_str(id);
            text.get_mut(start..).into_iter().for_each(str::make_ascii_uppercase);
        });
    }
}

fn is_advisory(rule: &str) -> bool {
    ["CVE-", "GHSA-", "PYSEC-", "RUSTSEC-", "OSV-", "GO-", "SNYK-", "MAL-"]
        .iter()
        .any(|p| rule.get(..p.len()).is_some_and(|r| r.eq_ignore_ascii_case(p)))
}

/// Whether a finding that shares a key with an owner is the same thing: another scanner's, not one of two that the other scanner
/// itself tells apart, and at overlapping columns where both know theirs.
pub(super) fn may_absorb(owner: &Finding, other: &Finding) -> bool {
    if owner.scanner == other.scanner {
        return false;
    }
    let mut theirs = owner.metadata.also_reported_by.iter().filter(|r| r.scanner == other.scanner);
    if theirs.next().is_some() {
        return false;
    }
    if let (Some(a), Some(b)) = (owner.package.as_deref(), other.package.as_deref()) {
        return a.version.is_none() || b.version.is_none() || a.version == b.version;
    }
    overlap(owner, other)
}

fn overlap(a: &Finding, b: &Finding) -> bool {
    let (Some(a_start), Some(b_start)) = (a.column, b.column) else { return true };
    if class(a) != Class::Secret {
        return true;
    }
    let end = |f: &Finding, start: u32| {
        if f.end_line.is_some_and(|l| Some(l) > f.line) { u32::MAX } else { f.end_column.unwrap_or(start + 1) }
    };
    a_start < end(b, b_start) && b_start < end(a, a_start)
}

/// A hash over what makes one scanner's result a copy of another, as a key.
pub(super) fn copy_key(finding: &Finding) -> Key {
    let mut hasher = FxHasher::default();
    (&finding.fingerprint, finding.line, finding.column).hash(&mut hasher);
    if finding.fingerprint.is_empty() {
        (&finding.title, &finding.rule_id, &finding.file_path).hash(&mut hasher);
    }
    let hash = hasher.finish();
    Key { file: (hash >> 32) as u32, line: finding.line.unwrap_or(0), subject: hash as u32 }
}

/// Whether one scanner said the very same twice.
pub(super) fn is_copy(a: &Finding, b: &Finding) -> bool {
    a.scanner == b.scanner
        && a.rule_id == b.rule_id
        && a.file_path == b.file_path
        && (a.line, a.column, a.end_line, a.end_column) == (b.line, b.column, b.end_line, b.end_column)
        && a.title == b.title
        && a.description == b.description
        && a.fingerprint == b.fingerprint
        && a.package == b.package
        && a.metadata.endpoint == b.metadata.endpoint
        && a.vulnerability_ids == b.vulnerability_ids
        // Two copies that differ in what the tool said about them (a commit, an installation path) are two results.
        && a.metadata.tool == b.metadata.tool
        && a.metadata.extra == b.metadata.extra
}
