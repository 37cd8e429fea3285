//! What is staged in git, as a temporary tree: the very blobs that a commit would record, whatever the working tree holds.

use super::git::Repo;
use super::walk::{FileEntry, Walk};
use super::{Cancel, ScanRequest, Skipped};
use crate::path::to_os;
use crate::{Error, Result};
use std::path::Path;
use tempfile::TempDir;

/// One entry of the index.
struct Entry {
    blob: String,
    path: String,
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
    let entries = entries(repo, cancel)?;
    let sizes = sizes(repo, &entries, cancel)?;
    let mut wanted = Vec::new();
    for (entry, size) in entries.into_iter().zip(sizes) {
        match size {
            Some(size) if size <= request.max_file_bytes => wanted.push((entry, size)),
            Some(_) => {
                walk.skipped.push(Skipped { path: entry.path, why: format!("larger than {} bytes", request.max_file_bytes) });
            }
            None => walk.skipped.push(Skipped { path: entry.path, why: "not readable: git has no such blob".to_owned() }),
        }
    }
    // Groups of bounded size keep memory near the size limit of one file, not near that of the whole index.
    for group in groups(&wanted) {
        let ids: String = group.iter().flat_map(|(e, _)| [e.blob.as_str(), "\n"]).collect();
        let out = repo.git(&["cat-file", "--batch"], ids.into_bytes(), cancel)?;
        let mut rest = out.as_slice();
        for (entry, _) in group {
            let (body, tail) = blob(rest).ok_or_else(|| Error::invalid("git cat-file gave an unexpected answer"))?;
            rest = tail;
            let file = tree.path().join(to_os(&entry.path));
            let written = file.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(&file, body));
            written.map_err(|e| Error::io(entry.path.clone(), &e))?;
            walk.files.push(FileEntry { path: entry.path.clone(), size: body.len() as u64 });
        }
    }
    walk.files.sort();
    walk.skipped.sort();
    Ok((tree, walk))
}

const GROUP_BYTES: u64 = 64 << 20;

fn groups(wanted: &[(Entry, u64)]) -> Vec<&[(Entry, u64)]> {
    let mut out = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (index, (_, size)) in wanted.iter().enumerate() {
        if bytes + size > GROUP_BYTES && index > start {
            out.extend(wanted.get(start..index));
            (start, bytes) = (index, 0);
        }
        bytes += size;
    }
    out.extend(wanted.get(start..).filter(|g| !g.is_empty()));
    out
}

/// Staged regular files below the target, with the blob the index holds for each.
fn entries(repo: &Repo, cancel: &Cancel) -> Result<Vec<Entry>> {
    let staged = repo.staged(cancel)?;
    let out = repo.git_below(&["ls-files", "--stage", "-z"], cancel)?;
    let mut entries = Vec::new();
    for line in out.split(|b| *b == 0) {
        let Some(tab) = line.iter().position(|b| *b == b'\t') else { continue };
        let (head, path) = (line.get(..tab).unwrap_or_default(), line.get(tab + 1..).unwrap_or_default());
        let head = String::from_utf8_lossy(head);
        let mut fields = head.split(' ');
        let (mode, blob) = (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
        let path = super::git::path(path);
        if mode.starts_with("100") && staged.contains(&path) && crate::path::is_confined(&path) {
            entries.push(Entry { blob: blob.to_owned(), path });
        }
    }
    Ok(entries)
}

fn sizes(repo: &Repo, entries: &[Entry], cancel: &Cancel) -> Result<Vec<Option<u64>>> {
    let ids: String = entries.iter().flat_map(|e| [e.blob.as_str(), "\n"]).collect();
    let out = repo.git(&["cat-file", "--batch-check=%(objectsize)"], ids.into_bytes(), cancel)?;
    let mut sizes: Vec<Option<u64>> = String::from_utf8_lossy(&out).lines().map(|l| l.trim().parse().ok()).collect();
    sizes.resize(entries.len(), None);
    Ok(sizes)
}

/// Splits `<id> blob <size>\n<body>\n` off the front.
fn blob(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(b'\n', text)?;
    let size: usize = std::str::from_utf8(text.get(..end)?).ok()?.rsplit(' ').next()?.parse().ok()?;
    let body = text.get(end + 1..)?;
    Some((body.get(..size)?, body.get(size + 1..)?))
}
