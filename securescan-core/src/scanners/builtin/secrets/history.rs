//! The whole git history: every blob reachable from any ref, each once.
//!
//! Only plumbing commands are run (`rev-list`, `cat-file`, `diff-tree`): they read no pager, signature, textconv or
//! external-diff setting of the repository. Memory is bounded by one batch of objects.

use super::rule::RuleSet;
use super::{paths, scan_bytes};
use crate::model::Finding;
use crate::scanners::git::{Repo, broken};
use crate::scanners::{Cancel, ScanContext, Skipped};
use crate::{Error, ErrorKind, Result};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};

/// Objects asked about at once.
const BATCH: usize = 8192;
/// Blob bytes scanned at once.
const BATCH_BYTES: usize = 32 << 20;

/// What makes two findings the same secret in the same file: path, rule, value.
type Key = (String, String, String);

/// What the history gave.
#[derive(Debug, Default)]
pub(super) struct History {
    /// Each secret of each path once, at its oldest blob.
    pub findings: Vec<Finding>,
    /// Blobs too large to be looked at.
    pub skipped: Vec<Skipped>,
}

/// A blob to look at.
struct Blob {
    id: String,
    path: String,
}

/// Looks through the history for secrets that `known` (the working tree's findings) does not have.
///
/// # Errors
/// `scanner` when git fails, `cancelled` when stopped.
pub(super) fn scan(context: &ScanContext<'_>, repo: &Repo, rules: &RuleSet, known: &[Finding]) -> Result<History> {
    let known: BTreeSet<Key> = known.iter().filter_map(key).collect();
    let mut pass = Pass { context, repo, rules, known, found: BTreeMap::new(), skipped: Vec::new() };
    let mut args = vec!["rev-list", "--objects", "--all"];
    if !repo.prefix.is_empty() {
        args.extend(["--", repo.prefix.as_str()]);
    }
    let mut objects = BufReader::new(repo.stream(&args, Vec::new(), context.cancel)?);
    loop {
        let batch = read_batch(&mut objects, context.cancel)?;
        if batch.is_empty() {
            break;
        }
        let blobs = pass.choose(batch)?;
        pass.look(&blobs)?;
    }
    objects.into_inner().finish()?;
    pass.finish()
}

/// The next lines `id path`; commits, which have no path, left out.
fn read_batch(objects: &mut impl BufRead, cancel: &Cancel) -> Result<Vec<u8>> {
    let mut batch = Vec::new();
    let mut count = 0;
    let mut line = Vec::new();
    while count < BATCH {
        line.clear();
        if objects.read_until(b'\n', &mut line).map_err(|e| broken(&e, cancel))? == 0 {
            break;
        }
        let path = line.splitn(2, |b| *b == b' ').nth(1).map(<[u8]>::trim_ascii_end);
        if path.is_some_and(|p| !p.is_empty()) {
            batch.extend_from_slice(&line);
            count += 1;
        }
    }
    Ok(batch)
}

struct Pass<'a> {
    context: &'a ScanContext<'a>,
    repo: &'a Repo,
    rules: &'a RuleSet,
    known: BTreeSet<Key>,
    /// The blob and finding of each secret; a later blob is an older one.
    found: BTreeMap<Key, (String, Finding)>,
    skipped: Vec<Skipped>,
}

impl Pass<'_> {
    /// Of the objects named, the blobs worth reading.
    fn choose(&mut self, batch: Vec<u8>) -> Result<Vec<Blob>> {
        let form = "--batch-check=%(objectname) %(objecttype) %(objectsize) %(rest)";
        let answer = self.repo.git(&["cat-file", form], batch, self.context.cancel)?;
        let mut blobs = Vec::new();
        for line in answer.split(|b| *b == b'\n') {
            let mut fields = line.splitn(4, |b| *b == b' ').map(String::from_utf8_lossy);
            let (Some(id), Some(kind), Some(size), Some(path)) = (fields.next(), fields.next(), fields.next(), fields.next())
            else {
                continue;
            };
            let Some(path) = self.relative(&path) else { continue };
            if kind != "blob" || paths::kind(&path).opaque {
                continue;
            }
            let max = self.context.request.max_file_bytes;
            if size.parse::<u64>().is_ok_and(|size| size > max) {
                self.skipped.push(Skipped { path, why: format!("larger than {max} bytes") });
                continue;
            }
            blobs.push(Blob { id: id.into_owned(), path });
        }
        Ok(blobs)
    }

    /// The path below the scanned folder.
    fn relative(&self, path: &str) -> Option<String> {
        if self.repo.prefix.is_empty() {
            return Some(path.to_owned());
        }
        path.strip_prefix(&self.repo.prefix)?.strip_prefix('/').map(str::to_owned)
    }

    fn look(&mut self, blobs: &[Blob]) -> Result<()> {
        if blobs.is_empty() {
            return Ok(());
        }
        let path_of: BTreeMap<&str, &str> = blobs.iter().map(|b| (b.id.as_str(), b.path.as_str())).collect();
        let ids: Vec<&str> = blobs.iter().map(|b| b.id.as_str()).collect();
        let mut waiting: Vec<(String, String, Vec<u8>)> = Vec::new();
        let mut bytes = 0;
        let (repo, cancel) = (self.repo, self.context.cancel);
        repo.blobs(&ids, cancel, |id, content| {
            let Some(path) = path_of.get(id) else { return Ok(()) };
            bytes += content.len();
            waiting.push((id.to_owned(), (*path).to_owned(), content));
            if bytes >= BATCH_BYTES {
                bytes = 0;
                self.keep(std::mem::take(&mut waiting))?;
            }
            Ok(())
        })?;
        self.keep(waiting)
    }

    /// Scans blobs side by side and keeps what is new, in the order of the blobs.
    fn keep(&mut self, blobs: Vec<(String, String, Vec<u8>)>) -> Result<()> {
        if self.context.cancel.should_stop() {
            return Err(Error::new(ErrorKind::Cancelled, "the history was not read to its end"));
        }
        let rules = self.rules;
        let found: Vec<Vec<Finding>> = blobs.par_iter().map(|(_, path, content)| with_snippets(path, content, rules)).collect();
        for ((id, _, _), findings) in blobs.into_iter().zip(found) {
            for finding in findings {
                let Some(key) = key(&finding).filter(|k| !self.known.contains(k)) else { continue };
                self.found.insert(key, (id.clone(), finding));
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<History> {
        let wanted: BTreeSet<&str> = self.found.values().map(|(id, _)| id.as_str()).collect();
        let commits = introduced(self.repo, &wanted, self.context.cancel)?;
        let mut out = History { findings: Vec::new(), skipped: self.skipped };
        for (_, (id, mut finding)) in self.found {
            let extra = &mut finding.metadata.extra;
            extra.insert("in_history".to_owned(), true.into());
            if let Some(commit) = commits.get(&id) {
                extra.insert("commit".to_owned(), commit.clone().into());
            }
            out.findings.push(finding);
        }
        out.skipped.sort();
        out.skipped.dedup();
        Ok(out)
    }
}

/// Findings that carry the line they stand on: the working tree does not have it.
fn with_snippets(path: &str, content: &[u8], rules: &RuleSet) -> Vec<Finding> {
    let mut findings = scan_bytes(path, content, rules);
    if findings.is_empty() {
        return findings;
    }
    let Some(text) = super::text::decode(content) else { return findings };
    let lines = crate::source::LineIndex::new(&text);
    for finding in &mut findings {
        let line = finding.line.and_then(|n| lines.line(n)).filter(|l| l.len() <= 4096);
        finding.metadata.line_snippet = line.map(|l| String::from_utf8_lossy(l).into_owned());
    }
    findings
}

fn key(finding: &Finding) -> Option<Key> {
    let secret = finding.secret.as_ref().map(|s| s.value.clone()).unwrap_or_default();
    Some((finding.file_path.clone()?, finding.rule_id.clone()?, secret))
}

/// The first commit that brought each blob, oldest first; a blob that only a merge brought has none.
fn introduced(repo: &Repo, wanted: &BTreeSet<&str>, cancel: &Cancel) -> Result<BTreeMap<String, String>> {
    let mut out = BTreeMap::new();
    if wanted.is_empty() {
        return Ok(out);
    }
    let commits = repo.git(&["rev-list", "--all", "--reverse", "--topo-order"], Vec::new(), cancel)?;
    let args = ["diff-tree", "--stdin", "--root", "-r", "--raw", "--no-renames", "--no-abbrev", "--no-ext-diff", "--no-textconv"];
    let mut changes = BufReader::new(repo.stream(&args, commits, cancel)?);
    let mut commit = String::new();
    let mut line = Vec::new();
    while out.len() < wanted.len() {
        line.clear();
        if changes.read_until(b'\n', &mut line).map_err(|e| broken(&e, cancel))? == 0 {
            changes.into_inner().finish()?;
            break;
        }
        let text = String::from_utf8_lossy(&line);
        if !text.starts_with(':') {
            commit = text.trim().to_owned();
        } else if let Some(id) = text.split(' ').nth(3)
            && wanted.contains(id)
        {
            out.entry(id.to_owned()).or_insert_with(|| commit.clone());
        }
    }
    Ok(out)
}
