//! Reading a root filesystem, the host's or a copy of one: links are resolved inside it as `chroot` would, reads are
//! bounded, and special files are never opened.

use std::cell::Cell;
use std::io::{ErrorKind, Read};
use std::path::{Component, Path, PathBuf};

/// Larger files are not read, in bytes.
const MAX_BYTES: u64 = 8 << 20;
/// No more is read in one run, in bytes.
const MAX_TOTAL: u64 = 256 << 20;
/// More links on the way to one file are taken for a loop.
const MAX_LINKS: usize = 40;
/// More entries of one folder are not listed.
const MAX_ENTRIES: usize = 20_000;

/// Why something could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unread {
    /// It is not there.
    Missing,
    /// It is there, and could not be read: one line.
    Failed(String),
}

/// What the checks need to know about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stat {
    /// Permission bits, with setuid, setgid and sticky.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// A regular file.
    pub is_file: bool,
    /// A folder.
    pub is_dir: bool,
}

/// A root filesystem.
#[derive(Debug)]
pub(super) struct Tree {
    root: PathBuf,
    /// Bytes that may still be read.
    left: Cell<u64>,
}

impl Tree {
    /// The filesystem below a folder.
    pub(super) fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), left: Cell::new(MAX_TOTAL) }
    }

    /// The text of a regular file; bytes outside UTF-8 are replaced.
    pub(super) fn read(&self, path: &str) -> Result<String, Unread> {
        let full = self.resolve(path)?;
        if !std::fs::symlink_metadata(&full).map_err(|e| unread(&e))?.is_file() {
            return Err(Unread::Failed("not a regular file".to_owned()));
        }
        let mut bytes = Vec::new();
        open(&full).and_then(|f| f.take(MAX_BYTES + 1).read_to_end(&mut bytes)).map_err(|e| unread(&e))?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(Unread::Failed(format!("larger than {MAX_BYTES} bytes")));
        }
        let Some(left) = self.left.get().checked_sub(bytes.len() as u64) else {
            return Err(Unread::Failed(format!("more than {MAX_TOTAL} bytes in all")));
        };
        self.left.set(left);
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The names in a folder, sorted.
    pub(super) fn list(&self, path: &str) -> Result<Vec<String>, Unread> {
        let entries = std::fs::read_dir(self.resolve(path)?).map_err(|e| unread(&e))?;
        let mut names: Vec<String> =
            entries.take(MAX_ENTRIES).flatten().filter_map(|e| e.file_name().into_string().ok()).collect();
        names.sort();
        Ok(names)
    }

    /// Mode and kind of what a path leads to.
    pub(super) fn stat(&self, path: &str) -> Result<Stat, Unread> {
        std::fs::symlink_metadata(self.resolve(path)?).map(|m| stat(&m)).map_err(|e| unread(&e))
    }

    /// Mode and kind of the path itself: a link is neither file nor folder.
    pub(super) fn stat_link(&self, path: &str) -> Result<Stat, Unread> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        std::fs::symlink_metadata(self.resolve(folder)?.join(name)).map(|m| stat(&m)).map_err(|e| unread(&e))
    }

    /// Whether a path leads to a regular file.
    pub(super) fn is_file(&self, path: &str) -> bool {
        self.stat(path).is_ok_and(|s| s.is_file)
    }

    /// Follows a path below the root. Absolute links start at the root again, `..` stops there.
    fn resolve(&self, path: &str) -> Result<PathBuf, Unread> {
        let mut pending: Vec<std::ffi::OsString> = parts(Path::new(path));
        let mut done: Vec<std::ffi::OsString> = Vec::new();
        let mut links = 0;
        while let Some(part) = pending.pop() {
            if part == ".." {
                done.pop();
                continue;
            }
            done.push(part);
            let here = self.join(&done);
            let meta = std::fs::symlink_metadata(&here).map_err(|e| unread(&e))?;
            if !meta.file_type().is_symlink() {
                continue;
            }
            links += 1;
            if links > MAX_LINKS {
                return Err(Unread::Failed("too many links".to_owned()));
            }
            let target = std::fs::read_link(&here).map_err(|e| unread(&e))?;
            done.pop();
            if target.is_absolute() {
                done.clear();
            }
            pending.extend(parts(&target));
        }
        Ok(self.join(&done))
    }

    fn join(&self, parts: &[std::ffi::OsString]) -> PathBuf {
        let mut full = self.root.clone();
        full.extend(parts);
        full
    }
}

/// The normal and parent components of a path, last first.
fn parts(path: &Path) -> Vec<std::ffi::OsString> {
    let named = path.components().filter(|c| matches!(c, Component::Normal(_) | Component::ParentDir));
    let mut out: Vec<_> = named.map(|c| c.as_os_str().to_owned()).collect();
    out.reverse();
    out
}

fn unread(error: &std::io::Error) -> Unread {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Unread::Missing,
        ErrorKind::PermissionDenied => Unread::Failed("not readable: permission denied".to_owned()),
        _ => Unread::Failed(format!("not readable: {error}")),
    }
}

#[cfg(unix)]
fn stat(meta: &std::fs::Metadata) -> Stat {
    use std::os::unix::fs::MetadataExt;
    Stat { mode: meta.mode() & 0o7777, uid: meta.uid(), is_file: meta.is_file(), is_dir: meta.is_dir() }
}

/// Elsewhere there are no permission bits: nothing looks too open.
#[cfg(not(unix))]
fn stat(meta: &std::fs::Metadata) -> Stat {
    Stat { mode: 0, uid: 0, is_file: meta.is_file(), is_dir: meta.is_dir() }
}

/// Opens without following a link and without blocking on a FIFO that took the file's place.
fn open(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags((OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC).bits().cast_signed());
    }
    options.open(path)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_stay_inside() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("root");
        std::fs::create_dir_all(root.join("etc")).unwrap();
        std::fs::create_dir_all(root.join("usr")).unwrap();
        std::fs::write(dir.path().join("passwd"), "outside").unwrap();
        std::fs::write(root.join("usr/real"), "inside").unwrap();
        symlink("/usr/real", root.join("etc/absolute")).unwrap();
        symlink("../../../usr/real", root.join("etc/climbing")).unwrap();
        symlink("../../passwd", root.join("etc/leaving")).unwrap();
        symlink("loop", root.join("etc/loop")).unwrap();
        let tree = Tree::new(&root);
        assert_eq!(tree.read("etc/absolute").as_deref(), Ok("inside"));
        assert_eq!(tree.read("etc/climbing").as_deref(), Ok("inside"));
        assert_eq!(tree.read("etc/leaving"), Err(Unread::Missing));
        assert_eq!(tree.read("../passwd"), Err(Unread::Missing));
        assert_eq!(tree.read("etc/loop"), Err(Unread::Failed("too many links".to_owned())));
        assert_eq!(tree.read("etc"), Err(Unread::Failed("not a regular file".to_owned())));
        assert!(!tree.stat_link("etc/absolute").unwrap().is_file && tree.is_file("etc/absolute"));
        assert_eq!(tree.list("etc").unwrap(), ["absolute", "climbing", "leaving", "loop"]);
    }
}
