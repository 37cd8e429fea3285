//! What is staged in git, as a temporary tree: the very blobs that a commit would record, whatever the working tree holds.

use super::git::{Repo, path as git_path};
use super::walk::{FileEntry, Walk};
use super::{Cancel, ScanRequest, Skipped, revision};
use crate::{Error, Result};
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use tempfile::TempDir;

/// More paths than this are not handed to git one by one: systems limit the length of a command.
const MAX_NAMED: usize = 200;

/// What the commit would hold of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Entry {
    /// A regular file with this blob.
    File { path: String, blob: String },
    /// A path that several sides of a merge still claim.
    Unmerged { path: String },
}

/// Writes the staged files below the target into a temporary folder and lists them.
///
/// # Errors
/// `invalid_argument` outside a git repository; `scanner` with git's words; `io` when the folder cannot be written.
pub(super) fn export(root: &Path, repo: Option<&Repo>, request: &ScanRequest, cancel: &Cancel) -> Result<(TempDir, Walk)> {
    let repo = repo.ok_or_else(|| {
        Error::invalid(format!("`{}` is not inside a git working tree", root.display())).hint("`--staged` needs a git repository")
    })?;
    let tree = tempfile::Builder::new().prefix("securescan-staged-").tempdir().map_err(|e| Error::io("temporary folder", &e))?;
    let mut walk = Walk::default();
    let mut files = Vec::new();
    let all = if request.staged_paths.is_empty() { staged(repo, cancel)? } else { named(repo, &request.staged_paths, cancel)? };
    for entry in all {
        match entry {
            Entry::Unmerged { path } => walk.skipped.push(Skipped { path, why: "not merged: it is in conflict".to_owned() }),
            // Nothing that git lets into an index, but the index is a file that anybody can write.
            Entry::File { path, .. } if !crate::path::is_confined(&path) => {}
            Entry::File { path, blob } => files.push((path, blob)),
        }
    }
    let sizes = sizes(repo, &files, cancel)?;
    let mut by_blob: HashMap<String, Vec<String>> = HashMap::new();
    for ((path, blob), size) in files.into_iter().zip(sizes) {
        match size {
            Some(size) if size <= request.max_file_bytes => {
                by_blob.entry(blob).or_default().push(path.clone());
                walk.files.push(FileEntry { path, size });
            }
            Some(_) => walk.skipped.push(Skipped { path, why: format!("larger than {} bytes", request.max_file_bytes) }),
            None => walk.skipped.push(Skipped { path, why: "not readable: git has no such blob".to_owned() }),
        }
    }
    revision::write(repo, tree.path(), &by_blob, cancel)?;
    walk.files.sort();
    walk.skipped.sort();
    Ok((tree, walk))
}

/// What differs from the last commit below the target: added, changed, renamed, of another type, or in conflict. Links and
/// submodules are nothing to read.
fn staged(repo: &Repo, cancel: &Cancel) -> Result<Vec<Entry>> {
    let args = [
        "diff",
        "--cached",
        "--raw",
        "--no-abbrev",
        "--relative",
        "--no-renames",
        "--diff-filter=ACMRTU",
        "--no-ext-diff",
        "--no-textconv",
        "-z",
    ];
    let out = repo.git_below(&args, cancel)?;
    let mut fields = out.split(|b| *b == 0);
    let mut entries = BTreeSet::new();
    while let (Some(head), Some(path)) = (fields.next(), fields.next()) {
        // `:<old mode> <new mode> <old id> <new id> <status>`
        let head = String::from_utf8_lossy(head);
        let words: Vec<&str> = head.split(' ').collect();
        match words.as_slice() {
            [_, _, _, _, status] if status.starts_with('U') => drop(entries.insert(Entry::Unmerged { path: git_path(path) })),
            [_, mode, _, blob, _] if is_file(mode) => {
                entries.insert(Entry::File { path: git_path(path), blob: (*blob).to_owned() });
            }
            _ => {}
        }
    }
    Ok(entries.into_iter().collect())
}

/// What the index holds of these paths and of what lies below them.
fn named(repo: &Repo, paths: &[String], cancel: &Cancel) -> Result<Vec<Entry>> {
    let wanted: BTreeSet<&str> = paths.iter().map(|path| if path == "." { "" } else { path.as_str() }).collect();
    let mut args = vec!["ls-files", "--stage", "-z"];
    // A name with `%` may stand for bytes that are no text.
    if wanted.len() <= MAX_NAMED && !wanted.iter().any(|path| path.is_empty() || path.contains('%')) {
        args.push("--");
        args.extend(&wanted);
    }
    let out = repo.git_below(&args, cancel)?;
    let mut entries = BTreeSet::new();
    for line in out.split(|b| *b == 0) {
        let Some(tab) = line.iter().position(|b| *b == b'\t') else { continue };
        let path = git_path(line.get(tab + 1..).unwrap_or_default());
        if !is_below(&path, &wanted) {
            continue;
        }
        // `<mode> <id> <stage>`
        let head = String::from_utf8_lossy(line.get(..tab).unwrap_or_default()).into_owned();
        let words: Vec<&str> = head.split(' ').collect();
        match words.as_slice() {
            [mode, blob, "0"] if is_file(mode) => drop(entries.insert(Entry::File { path, blob: (*blob).to_owned() })),
            [mode, _, stage] if is_file(mode) && *stage != "0" => drop(entries.insert(Entry::Unmerged { path })),
            _ => {}
        }
    }
    Ok(entries.into_iter().collect())
}

/// Whether a path or a folder above it was asked for.
fn is_below(path: &str, wanted: &BTreeSet<&str>) -> bool {
    let mut folders = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
    wanted.contains("") || wanted.contains(path) || folders.any(|folder| wanted.contains(folder))
}

fn is_file(mode: &str) -> bool {
    mode.starts_with("100")
}

fn sizes(repo: &Repo, files: &[(String, String)], cancel: &Cancel) -> Result<Vec<Option<u64>>> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let ids: String = files.iter().flat_map(|(_, blob)| [blob.as_str(), "\n"]).collect();
    let out = repo.git(&["cat-file", "--batch-check=%(objectsize)"], ids.into_bytes(), cancel)?;
    let mut sizes: Vec<Option<u64>> = String::from_utf8_lossy(&out).lines().map(|l| l.trim().parse().ok()).collect();
    sizes.resize(files.len(), None);
    Ok(sizes)
}
