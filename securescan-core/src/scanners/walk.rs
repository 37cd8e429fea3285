//! The one walk over the target: which files there are to look at, and reading one safely.

use super::{Cancel, ScanRequest, Skipped};
use crate::path::{from_os, to_os};
use crate::{Error, Result};
use std::io::Read;
use std::path::Path;
use std::sync::Mutex;

/// A regular file below the root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileEntry {
    /// Relative to the root, `/`-separated; bytes outside UTF-8 as `%XX`.
    pub path: String,
    /// In bytes, when it was listed.
    pub size: u64,
}

impl FileEntry {
    /// The last part of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// What follows the last `.` of the name, lower-cased; empty without one.
    pub fn extension(&self) -> String {
        self.name().rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase()).unwrap_or_default()
    }
}

/// Folder names that hold other people's code or build products. Skipped unless the request says `vendored`.
pub const VENDORED_DIRS: &[&str] = &[
    "node_modules",
    "bower_components",
    "jspm_packages",
    "site-packages",
    "dist-packages",
    ".venv",
    "venv",
    "virtualenv",
    "__pycache__",
    ".tox",
    ".nox",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".next",
    ".nuxt",
    ".gradle",
    ".terraform",
    ".cargo-home",
    "Pods",
];

/// Folder names that are never looked into: the version control systems' own stores.
pub const VCS_DIRS: &[&str] = &[".git", ".hg", ".svn", ".jj"];

/// What the walk gave.
#[derive(Debug, Default)]
pub struct Walk {
    /// Sorted by path.
    pub files: Vec<FileEntry>,
    /// What could not be listed.
    pub skipped: Vec<Skipped>,
    /// Folders left out because they are vendored, sorted.
    pub vendored: Vec<String>,
}

/// Lists the regular files below a folder. Links are not followed; special files are left out and named.
///
/// # Errors
/// `io` when the root itself cannot be read.
pub fn walk(root: &Path, request: &ScanRequest, threads: usize, cancel: &Cancel) -> Result<Walk> {
    list(root, !request.no_ignore, request, threads, cancel)
}

/// As [`walk`]; `parents` says whether ignore files of the folders above the root count.
pub(super) fn list(root: &Path, parents: bool, request: &ScanRequest, threads: usize, cancel: &Cancel) -> Result<Walk> {
    std::fs::read_dir(root).map_err(|e| Error::io(root.display().to_string(), &e))?;
    let out = Mutex::new(Walk::default());
    let vendored = request.vendored;
    let lock = || out.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    ignore::WalkBuilder::new(root)
        .hidden(false)
        .git_ignore(!request.no_ignore)
        .git_exclude(!request.no_ignore)
        .git_global(false)
        .ignore(!request.no_ignore)
        .parents(parents)
        .require_git(false)
        .follow_links(false)
        .threads(threads)
        .build_parallel()
        .run(|| {
            let lock = &lock;
            Box::new(move |entry| {
                if cancel.should_stop() {
                    return ignore::WalkState::Quit;
                }
                let entry = match entry {
                    Ok(entry) => entry,
                    Err(error) => {
                        let (path, why) = describe(&error, root);
                        lock().skipped.push(Skipped { path, why });
                        return ignore::WalkState::Continue;
                    }
                };
                let Some(kind) = entry.file_type() else { return ignore::WalkState::Continue };
                let Ok(relative) = entry.path().strip_prefix(root) else { return ignore::WalkState::Continue };
                if relative.as_os_str().is_empty() {
                    return ignore::WalkState::Continue;
                }
                if kind.is_dir() {
                    let name = entry.file_name().to_str().unwrap_or_default();
                    if VCS_DIRS.contains(&name) {
                        return ignore::WalkState::Skip;
                    }
                    if !vendored && VENDORED_DIRS.contains(&name) {
                        lock().vendored.push(from_os(relative));
                        return ignore::WalkState::Skip;
                    }
                } else if kind.is_file() {
                    match entry.metadata() {
                        Ok(meta) => lock().files.push(FileEntry { path: from_os(relative), size: meta.len() }),
                        Err(error) => {
                            lock().skipped.push(Skipped { path: from_os(relative), why: format!("not readable: {error}") })
                        }
                    }
                } else if !kind.is_symlink() {
                    lock().skipped.push(Skipped { path: from_os(relative), why: "not a regular file".to_owned() });
                }
                ignore::WalkState::Continue
            })
        });
    let mut out = out.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    out.files.sort();
    out.skipped.sort();
    out.vendored.sort();
    Ok(out)
}

fn describe(error: &ignore::Error, root: &Path) -> (String, String) {
    match error {
        ignore::Error::WithPath { path, err } => {
            (from_os(path.strip_prefix(root).unwrap_or(path)), format!("not readable: {err}"))
        }
        ignore::Error::WithDepth { err, .. } => describe(err, root),
        other => (String::new(), format!("not readable: {other}")),
    }
}

/// Reads a listed file whole. Refuses what is larger than `max` bytes or is no longer a regular file; never follows a link that
/// leaves the root (the walk lists none).
///
/// # Errors
/// A [`Skipped`] that says why.
pub fn read(root: &Path, file: &FileEntry, max: u64) -> Result<Vec<u8>, Skipped> {
    let skipped = |why: String| Skipped { path: file.path.clone(), why };
    if file.size > max {
        return Err(skipped(format!("larger than {max} bytes")));
    }
    let handle = open_regular(&root.join(to_os(&file.path))).map_err(skipped)?;
    let mut bytes = Vec::with_capacity(usize::try_from(file.size.min(max)).unwrap_or(0) + 1);
    handle.take(max + 1).read_to_end(&mut bytes).map_err(|e| skipped(format!("not readable: {e}")))?;
    if bytes.len() as u64 > max {
        return Err(skipped(format!("larger than {max} bytes")));
    }
    Ok(bytes)
}

/// Opens without blocking on a FIFO that replaced the file since it was listed.
fn open_regular(path: &Path) -> Result<std::fs::File, String> {
    let mut options = std::fs::OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags((rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::CLOEXEC).bits().cast_signed());
    }
    let file = options.open(path).map_err(|e| format!("not readable: {e}"))?;
    match file.metadata() {
        Ok(meta) if meta.is_file() => Ok(file),
        Ok(_) => Err("not a regular file".to_owned()),
        Err(e) => Err(format!("not readable: {e}")),
    }
}
