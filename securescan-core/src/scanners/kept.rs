//! What scanners say of a base revision, kept from one comparison to the next.
//!
//! Only of scanners that take longer than reading a file ([`Scanner::depends_on`]), and only what depends on nothing but the files, the
//! program in its version, and the request: never what a network could answer otherwise tomorrow. Findings are identified before they are
//! kept, since a raw secret is never written and identity is made from it.

use super::store::{Store, hex};
use super::{RawScan, ScanRequest, Scanner};
use crate::model::{Finding, ScannerRun, ScannerStatus};
use crate::source::Sources;
use crate::{identity, path::is_confined};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Rule files larger than this together are not read to tell them apart, in bytes.
const MAX_RULE_BYTES: u64 = 64 << 20;

/// What a side is, beside its request.
pub(super) struct Tree<'a> {
    /// How git names the content of the whole revision.
    pub(super) id: &'a str,
    /// The scanned folder in it.
    pub(super) prefix: &'a str,
    /// The files to look at: they follow from the tree and the request, and are small enough to say so.
    pub(super) files: Vec<&'a str>,
}

/// What was kept of a base, and what is to be.
#[derive(Default)]
pub(super) struct Kept {
    store: Option<Store>,
    keys: BTreeMap<&'static str, String>,
    found: BTreeMap<&'static str, Given>,
}

/// What a scanner gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Given {
    line: ScannerRun,
    findings: Vec<Item>,
}

/// A finding with what its own form leaves out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Item {
    finding: Finding,
    legacy: Option<String>,
    ignored: bool,
}

impl Kept {
    /// Looks up what is kept of these scanners. Without a folder: nothing, and nothing will be.
    pub(super) fn open(cache: Option<&Path>, tree: &Tree<'_>, scanners: &[&'static dyn Scanner], request: &ScanRequest) -> Self {
        let depends = |s: &&'static dyn Scanner| Some((s.meta().name, s.depends_on(request)?));
        let wanted: Vec<_> = cache.into_iter().flat_map(|_| scanners.iter().filter_map(depends)).collect();
        let Some(store) = cache.filter(|_| !wanted.is_empty()).and_then(Store::open) else { return Self::default() };
        let files = hex(tree.files.join("\0").as_bytes());
        let mut kept = Self { store: None, keys: BTreeMap::new(), found: BTreeMap::new() };
        for (name, depends) in wanted {
            let settings = format!("{} {} {} {}", request.no_ignore, request.vendored, request.max_file_bytes, request.online);
            let parts = [crate::VERSION, name, &depends, tree.id, tree.prefix, &files, &settings];
            let key = serde_json::to_string(&parts).unwrap_or_default();
            kept.found.extend(store.load(&key).and_then(|body| Given::read(&body, name)).map(|result| (name, result)));
            kept.keys.insert(name, key);
        }
        kept.store = Some(store);
        kept
    }

    /// The scanners that need not run.
    pub(super) fn names(&self) -> Vec<&'static str> {
        self.found.keys().copied().collect()
    }

    /// Keeps what a scan gave of the scanners that had to run, where they completed, and adds what was kept of the others, in the order
    /// of the registry.
    pub(super) fn complete(self, raw: &mut RawScan, scanners: &[&'static dyn Scanner], sources: &dyn Sources) {
        let Some(store) = &self.store else { return };
        let mut by_name: BTreeMap<String, Vec<Finding>> = BTreeMap::new();
        for finding in std::mem::take(&mut raw.findings) {
            by_name.entry(finding.scanner.clone()).or_default().push(finding);
        }
        let mut lines = std::mem::take(&mut raw.coverage);
        for (name, key) in self.keys.iter().filter(|(name, _)| !self.found.contains_key(*name)) {
            let Some(line) = lines.iter().find(|line| line.name == *name && line.status == ScannerStatus::Ok) else { continue };
            let findings = by_name.entry((*name).to_owned()).or_default();
            identity::identify(findings, sources);
            if let Some(body) = Given::of(line, findings).body(name) {
                store.save(key, &body);
            }
        }
        for (name, result) in self.found {
            lines.push(result.line);
            by_name.entry(name.to_owned()).or_default().extend(result.findings.into_iter().map(Item::finding));
        }
        for name in scanners.iter().map(|scanner| scanner.meta().name) {
            raw.coverage.extend(lines.iter().find(|line| line.name == name).cloned());
            raw.findings.extend(by_name.remove(name).unwrap_or_default());
        }
        raw.findings.extend(by_name.into_values().flatten());
    }
}

impl Given {
    fn of(line: &ScannerRun, findings: &[Finding]) -> Self {
        Self { line: ScannerRun { duration_s: None, ..line.clone() }, findings: findings.iter().map(Item::of).collect() }
    }

    /// As it is kept, when it comes back the same.
    fn body(&self, name: &str) -> Option<Vec<u8>> {
        let body = serde_json::to_vec(self).ok()?;
        (Self::read(&body, name).as_ref() == Some(self)).then_some(body)
    }

    /// Reads what was kept of a scanner; nothing that it could not have said.
    fn read(body: &[u8], name: &str) -> Option<Self> {
        let mut result: Self = serde_json::from_slice(body).ok()?;
        for item in &mut result.findings {
            item.finding.legacy_fingerprint.clone_from(&item.legacy);
            item.finding.ignored_in_source = item.ignored;
        }
        let fine = |f: &Finding| {
            f.scanner == name
                && is_fingerprint(&f.fingerprint)
                && f.legacy_fingerprint.as_deref().is_none_or(is_fingerprint)
                && f.metadata.suppressed_by.is_none()
                && f.metadata.also_reported_by.is_empty()
                && f.metadata.line_snippet.is_none()
                && f.file_path.as_deref().is_none_or(is_confined)
        };
        let line = &result.line;
        let right = line.name == name && line.status == ScannerStatus::Ok && line.duration_s.is_none();
        (right && result.findings.iter().all(|item| fine(&item.finding))).then_some(result)
    }
}

impl Item {
    fn of(finding: &Finding) -> Self {
        Self { finding: finding.clone(), legacy: finding.legacy_fingerprint.clone(), ignored: finding.ignored_in_source }
    }

    fn finding(self) -> Finding {
        self.finding
    }
}

fn is_fingerprint(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// What rule files and folders hold, as one word; `None` when they cannot be read or are too large for that.
pub(super) fn content_of<'a>(paths: impl Iterator<Item = &'a Path>) -> Option<String> {
    let mut left = MAX_RULE_BYTES;
    let mut all = String::new();
    for path in paths {
        let mut pending = vec![(String::new(), path.to_path_buf())];
        let mut files = BTreeMap::new();
        while let Some((name, path)) = pending.pop() {
            // Through links, as tools read; a folder that contains itself ends by the length of its own paths.
            let meta = fs::metadata(&path).ok()?;
            if meta.is_dir() {
                for entry in fs::read_dir(&path).ok()? {
                    let entry = entry.ok()?;
                    pending.push((format!("{name}/{}", crate::path::from_os(Path::new(&entry.file_name()))), entry.path()));
                }
                left = left.checked_sub(4096)?;
            } else if meta.is_file() {
                left = left.checked_sub(meta.len().saturating_add(256))?;
                files.insert(name, hex(&fs::read(&path).ok()?));
            } else {
                return None;
            }
        }
        all.push_str(&serde_json::to_string(&files).ok()?);
    }
    Some(hex(all.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ScanType, Severity, SuppressedBy};
    use crate::source::NoSources;

    fn given(change: impl Fn(&mut Finding)) -> Given {
        let mut finding = Finding::new("bandit", ScanType::Code, Severity::Low, "t");
        finding.file_path = Some("a.py".to_owned());
        finding.secret = Some(Box::new(crate::model::Secret { kind: "k".to_owned(), value: "hunter2-hunter2".to_owned() }));
        finding.metadata.line_snippet = Some("x = 'hunter2-hunter2'".to_owned());
        let mut findings = vec![finding];
        identity::identify(&mut findings, &NoSources);
        findings.iter_mut().for_each(&change);
        let mut line = ScannerRun::new("bandit", ScanType::Code, ScannerStatus::Ok);
        line.duration_s = Some(1.5);
        Given::of(&line, &findings)
    }

    #[test]
    fn what_a_scanner_gave_comes_back_whole() {
        let fine = given(|finding| finding.ignored_in_source = true);
        let body = fine.body("bandit").unwrap();
        assert!(!String::from_utf8_lossy(&body).contains("hunter2"));
        let back = Given::read(&body, "bandit").unwrap();
        assert_eq!(back, fine);
        assert!(back.findings[0].finding.ignored_in_source && back.findings[0].finding.fingerprint.len() == 64);
        assert_eq!(Given::read(&body, "semgrep"), None);
    }

    #[test]
    fn what_it_cannot_have_said_is_not_read() {
        let changes: [fn(&mut Finding); 7] = [
            |f| f.scanner = "secrets".to_owned(),
            |f| f.fingerprint = String::new(),
            |f| f.fingerprint = "A".repeat(64),
            |f| f.legacy_fingerprint = Some("x".to_owned()),
            |f| f.metadata.suppressed_by = Some(SuppressedBy::Inline),
            |f| f.file_path = Some("../../etc/passwd".to_owned()),
            |f| f.occurrence = 7,
        ];
        for (number, change) in changes.into_iter().enumerate() {
            assert_eq!(given(change).body("bandit"), None, "{number}");
        }
        for body in ["", "null", "{}", "[]", "{\"line\":1,\"findings\":[]}"] {
            assert_eq!(Given::read(body.as_bytes(), "bandit"), None);
        }
    }

    #[test]
    fn rules_are_told_apart_by_what_they_hold() {
        let dir = tempfile::tempdir().unwrap();
        let (folder, file) = (dir.path().join("rules"), dir.path().join("rules/sub/a.yml"));
        fs::create_dir_all(folder.join("sub")).unwrap();
        fs::write(&file, "a").unwrap();
        let now = || content_of([folder.as_path()].into_iter());
        let first = now().unwrap();
        assert_eq!(now().unwrap(), first);
        fs::write(&file, "b").unwrap();
        let second = now().unwrap();
        fs::rename(&file, folder.join("b.yml")).unwrap();
        let third = now().unwrap();
        assert!(first != second && second != third && first != third);
        assert_eq!(content_of([dir.path().join("none").as_path()].into_iter()), None);
        #[cfg(unix)]
        {
            // A folder that holds itself twice is no end of work.
            std::os::unix::fs::symlink(".", folder.join("self")).unwrap();
            std::os::unix::fs::symlink(".", folder.join("again")).unwrap();
            assert_eq!(now(), None);
        }
    }
}
