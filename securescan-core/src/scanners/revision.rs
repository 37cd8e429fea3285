//! Two revisions of a repository, scanned beside each other. Both are written out from git's objects into temporary folders, so that
//! the user's own files are neither needed nor touched, whatever state they are in.
//!
//! A scanner that looks at one file at a time looks at a file that both sides share once, on the head side; the base side takes
//! its findings over. The result is the same as with `full`.

use super::git::{Repo, path as git_path};
use super::kept::{Kept, Tree};
use super::orchestrate::{self, Narrowed, Place};
use super::walk::{self, FileEntry, Walk};
use super::{Cancel, EventSink, NoEvents, RawScan, ScanRequest, Scanner, Skipped};
use crate::path::{is_confined, to_os};
use crate::source::DirSources;
use crate::{Error, ErrorKind, Result};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// What to compare.
#[derive(Debug, Clone)]
pub struct RevisionsRequest {
    /// How to scan each side; the target is a folder of the repository. `staged` and `history` have no meaning here.
    pub scan: ScanRequest,
    /// The revision before: any name git knows.
    pub base: String,
    /// The revision after; `HEAD` by default.
    pub head: String,
    /// Compare with `base` itself instead of the commit where head parted from it; default no.
    pub exact: bool,
    /// Look at every file on both sides; default no.
    pub full: bool,
    /// Further paths from the top of the repository that scanners need (rule files): these, or what lies below them.
    pub needed: Vec<String>,
    /// An absolute folder in which results of slow scanners over the base are kept for the next comparison; `None`: nowhere. Makes no
    /// difference to the result.
    pub cache: Option<PathBuf>,
}

/// Both sides, raw.
#[derive(Debug)]
pub struct Revisions {
    /// The repository.
    pub repo: Repo,
    /// The commit that was compared with: where head parted from the base, or the base itself.
    pub base_commit: String,
    /// The commit that was looked at.
    pub head_commit: String,
    /// The side before.
    pub base: RawScan,
    /// The side after.
    pub head: RawScan,
    /// The scanners that did not have to run on the base, since their results were kept.
    pub from_cache: Vec<&'static str>,
}

/// Scans two revisions at once. Events are those of the head side.
///
/// # Errors
/// `invalid_argument` for what can be known before any scanner starts: no repository, no such revision, none in common;
/// `scanner` when git fails; `io` when the temporary folders cannot be written.
pub fn scan_revisions(request: &RevisionsRequest, events: &dyn EventSink) -> Result<Revisions> {
    let scan = &request.scan;
    let scanners = orchestrate::chosen(scan)?;
    super::builtin::secrets::check(scan)?;
    let cancel = scan.cancel.with_timeout(scan.timeout);
    let repo = Repo::open(&scan.target)?;
    let head_commit = repo.commit(&request.head, &cancel)?;
    let named_base = repo.commit(&request.base, &cancel)?;
    let base_commit = if request.exact { named_base } else { repo.merge_base(&named_base, &head_commit, &cancel)? };
    let threads = orchestrate::threads(scan);
    let half = threads.div_ceil(2);
    let (base_side, head_side) = std::thread::scope(|scope| {
        let base = scope.spawn(|| Side::export(&repo, &base_commit, request, half, &cancel));
        let head = Side::export(&repo, &head_commit, request, half, &cancel);
        (base.join().unwrap_or_else(|_| Err(fault())), head)
    });
    let (base_side, head_side) = (base_side?, head_side?);
    let shared = Shared::of(&base_side, &head_side);
    let files: Vec<FileEntry> = base_side.walk.files.iter().filter(|f| !shared.paths.contains(&f.path)).cloned().collect();
    let once: Vec<_> = scanners.iter().filter(|s| shared.applies_to(**s, request.full)).map(|s| s.meta().name).collect();
    let narrowed = Narrowed { scanners: once.clone(), files: &files };
    // Rule files are head's on both sides: with different rules there would be nothing to compare.
    let mut scan = scan.clone();
    for rule in scan.semgrep_rules.iter_mut().filter(|rule| rule.is_relative()) {
        if rule.to_str().is_none_or(|name| !crate::config::is_registry_ref(name)) {
            *rule = head_side.tree.path().join(&*rule);
        }
    }
    let scan = &scan;
    let (base, head) = std::thread::scope(|scope| {
        let base = scope.spawn(|| {
            let kept = Kept::open(request.cache.as_deref(), &base_side.described(), &scanners, scan);
            let names = kept.names();
            let rest: Vec<_> = scanners.iter().copied().filter(|s| !names.contains(&s.meta().name)).collect();
            let mut raw = base_side.scan(narrowed, &rest, scan, &cancel, half, &NoEvents)?;
            kept.complete(&mut raw, &scanners, &DirSources::new(base_side.root()));
            Ok((raw, names))
        });
        let head = head_side.scan(Narrowed::default(), &scanners, scan, &cancel, half, events);
        (base.join().unwrap_or_else(|_| Err(fault())), head)
    });
    let ((mut base, from_cache), head) = (base?, head?);
    once.iter().for_each(|scanner| take_over(&mut base, &head, scanner, &shared.paths));
    let (base, head) = (base_side.into_raw(base, scan), head_side.into_raw(head, scan));
    Ok(Revisions { repo, base_commit, head_commit, base, head, from_cache })
}

fn fault() -> Error {
    Error::new(ErrorKind::Internal, "one side ended in an internal fault")
}

/// What both sides have alike.
struct Shared {
    /// Files of one path and one content that both walks list.
    paths: BTreeSet<String>,
    /// Names of the files that differ.
    changed: BTreeSet<String>,
}

impl Shared {
    fn of(base: &Side, head: &Side) -> Self {
        let listed: BTreeSet<&str> = head.walk.files.iter().map(|f| f.path.as_str()).collect();
        let same = |path: &str| listed.contains(path) && base.blobs.get(path) == head.blobs.get(path);
        let paths = base.walk.files.iter().filter(|f| same(&f.path)).map(|f| f.path.clone()).collect();
        let differs = |(path, blob): &(&String, &String), other: &Side| other.blobs.get(*path) != Some(*blob);
        let gone = base.blobs.iter().filter(|entry| differs(entry, head));
        let come = head.blobs.iter().filter(|entry| differs(entry, base));
        let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
        Self { paths, changed: gone.chain(come).map(|(path, _)| name(path)).collect() }
    }

    /// Whether what a scanner says of the shared files is the same on both sides.
    fn applies_to(&self, scanner: &dyn Scanner, full: bool) -> bool {
        let depends = |name: &String| scanner.companions().iter().any(|end| name.ends_with(end));
        !full && scanner.meta().per_file && !self.changed.iter().any(depends)
    }
}

/// Copies what head says of shared files to base.
fn take_over(base: &mut RawScan, head: &RawScan, scanner: &str, shared: &BTreeSet<String>) {
    let is_shared = |f: &&crate::Finding| f.scanner == scanner && f.file_path.as_ref().is_some_and(|p| shared.contains(p));
    let before = base.findings.len();
    base.findings.extend(head.findings.iter().filter(is_shared).cloned());
    let taken = (base.findings.len() - before) as u64;
    if let Some(line) = base.coverage.iter_mut().find(|line| line.name == scanner) {
        line.findings_count += taken;
        // With nothing left to look at, "nothing for it here" would be wrong when head has something.
        if let Some(theirs) = head.coverage.iter().find(|line| line.name == scanner).filter(|_| !shared.is_empty()) {
            use crate::ScannerStatus::{NotApplicable, Ok as Fine, Partial};
            match (line.status, theirs.status) {
                (NotApplicable, _) => (line.status, line.reason) = (theirs.status, theirs.reason.clone()),
                // A file that head could not look at is the same file here.
                (Fine, status @ (Partial | crate::ScannerStatus::TimedOut | crate::ScannerStatus::Failed)) => {
                    (line.status, line.reason) = (status, theirs.reason.clone());
                }
                _ => {}
            }
        }
    }
}

/// One revision on disk.
struct Side {
    /// What git calls the content of the whole revision.
    id: String,
    tree: TempDir,
    /// The scanned folder from the top of the repository.
    prefix: String,
    /// Paths below the scanned folder.
    walk: Walk,
    tracked: BTreeSet<String>,
    /// The content of each tracked file, as git names it.
    blobs: BTreeMap<String, String>,
}

impl Side {
    fn root(&self) -> PathBuf {
        self.tree.path().join(to_os(&self.prefix))
    }

    fn described(&self) -> Tree<'_> {
        let files = self.walk.files.iter().map(|file| file.path.as_str()).collect();
        Tree { id: &self.id, prefix: &self.prefix, files }
    }

    fn scan(
        &self,
        narrowed: Narrowed<'_>,
        scanners: &[&'static dyn Scanner],
        request: &ScanRequest,
        cancel: &Cancel,
        threads: usize,
        events: &dyn EventSink,
    ) -> Result<RawScan> {
        let root = self.root();
        let (walk, tracked) = (&self.walk, Some(&self.tracked));
        let place = Place { root: &root, walk, narrowed, single_file: false, repo: None, tracked };
        orchestrate::run_at(&place, scanners, request, cancel, threads, events)
    }

    fn into_raw(self, raw: RawScan, request: &ScanRequest) -> RawScan {
        RawScan { root: request.target.clone(), tree: Some(self.tree), tree_prefix: self.prefix, ..raw }
    }

    fn export(repo: &Repo, commit: &str, request: &RevisionsRequest, threads: usize, cancel: &Cancel) -> Result<Self> {
        let tree =
            tempfile::Builder::new().prefix("securescan-diff-").tempdir().map_err(|e| Error::io("temporary folder", &e))?;
        let prefix = repo.prefix.clone();
        let below = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        let mut skipped = Vec::new();
        let mut by_blob: HashMap<String, Vec<String>> = HashMap::new();
        let id = repo.git(&["rev-parse", "--verify", &format!("{commit}^{{tree}}")], Vec::new(), cancel)?;
        let id = String::from_utf8_lossy(&id).trim().to_owned();
        let mut out = Self { id, tree, prefix, walk: Walk::default(), tracked: BTreeSet::new(), blobs: BTreeMap::new() };
        for entry in entries(repo, commit, cancel)? {
            let relative = entry.path.strip_prefix(&below).map(str::to_owned);
            let wanted = relative.is_some()
                || is_ignore_file_above(&entry.path, &below)
                || request
                    .needed
                    .iter()
                    .any(|n| entry.path == *n || entry.path.strip_prefix(n.as_str()).is_some_and(|r| r.starts_with('/')));
            if !wanted || !is_confined(&entry.path) {
                continue;
            }
            if let Some(path) = &relative {
                out.tracked.insert(path.clone());
                out.blobs.insert(path.clone(), entry.blob.clone());
            }
            let shown = relative.unwrap_or_else(|| entry.path.clone());
            match entry.kind {
                Kind::File if entry.size > request.scan.max_file_bytes => {
                    skipped.push(Skipped { path: shown, why: format!("larger than {} bytes", request.scan.max_file_bytes) });
                }
                Kind::File => by_blob.entry(entry.blob).or_default().push(entry.path),
                Kind::Submodule => skipped.push(Skipped { path: shown, why: "a submodule: another repository".to_owned() }),
                // As in a working tree: links are not followed.
                Kind::Link => {}
            }
        }
        std::fs::create_dir_all(out.root()).map_err(|e| Error::io("temporary folder", &e))?;
        write(repo, out.tree.path(), &by_blob, cancel)?;
        // What is written out lies below a folder of this machine, whose ignore files are nothing to it.
        let listed = walk::list(out.tree.path(), false, &request.scan, threads, cancel)?;
        let strip = |path: String| path.strip_prefix(&below).map(str::to_owned);
        out.walk.files =
            listed.files.into_iter().filter_map(|f| Some(FileEntry { path: strip(f.path)?, size: f.size })).collect();
        out.walk.vendored = listed.vendored.into_iter().filter_map(strip).collect();
        // A submodule is nothing that was asked for, but whoever reads the result should know.
        skipped.retain(|s| !s.why.starts_with("a submodule"));
        out.walk.skipped = skipped;
        out.walk.skipped.sort();
        Ok(out)
    }
}

/// An ignore file of a folder above the scanned one.
fn is_ignore_file_above(path: &str, below: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
    matches!(name, ".gitignore" | ".ignore")
        && (folder.is_empty() || below.strip_prefix(folder).is_some_and(|r| r.starts_with('/')))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Link,
    Submodule,
}

struct Entry {
    path: String,
    blob: String,
    kind: Kind,
    size: u64,
}

/// Everything a commit holds, by path from the top.
fn entries(repo: &Repo, commit: &str, cancel: &Cancel) -> Result<Vec<Entry>> {
    let out = repo.git(&["ls-tree", "-r", "-z", "-l", "--full-tree", "--end-of-options", commit], Vec::new(), cancel)?;
    let mut entries = Vec::new();
    for line in out.split(|b| *b == 0) {
        let Some(tab) = line.iter().position(|b| *b == b'\t') else { continue };
        let head = String::from_utf8_lossy(line.get(..tab).unwrap_or_default()).into_owned();
        let mut fields = head.split_whitespace();
        let (mode, blob) = (fields.next().unwrap_or_default(), fields.nth(1).unwrap_or_default());
        let size = fields.next().and_then(|s| s.parse().ok()).unwrap_or(0);
        let kind = match mode {
            "120000" => Kind::Link,
            "160000" => Kind::Submodule,
            _ => Kind::File,
        };
        entries.push(Entry { path: git_path(line.get(tab + 1..).unwrap_or_default()), blob: blob.to_owned(), kind, size });
    }
    Ok(entries)
}

/// Writes blobs to the paths that have them, one blob in memory at a time.
pub(super) fn write(repo: &Repo, root: &Path, by_blob: &HashMap<String, Vec<String>>, cancel: &Cancel) -> Result<()> {
    let mut ids: Vec<&str> = by_blob.keys().map(String::as_str).collect();
    if ids.is_empty() {
        return Ok(());
    }
    ids.sort_unstable();
    let mut seen = 0usize;
    repo.blobs(&ids, cancel, |id, content| {
        seen += 1;
        for path in by_blob.get(id).into_iter().flatten() {
            let file = root.join(to_os(path));
            let written = file.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(&file, &content));
            written.map_err(|e| Error::io(path.clone(), &e))?;
        }
        Ok(())
    })?;
    if seen < ids.len() {
        let missing = ids.len() - seen;
        return Err(Error::new(ErrorKind::Scanner, format!("{missing} of the files' contents are not in this clone"))
            .hint("it is a partial clone: `git fetch --refetch --no-filter` brings them"));
    }
    Ok(())
}
