//! Where source text comes from, when a step wants to look at the line a finding points to.
//!
//! Steps never open files themselves: they ask a [`Sources`]. A path that leaves the root, a special file or a file that
//! is too large reads as "no text", never as an error: identity and suppression then go on without it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files larger than this are not read back for context, in bytes.
pub const MAX_SOURCE_BYTES: u64 = 64 << 20;

/// A place to read source files from, by the path findings carry (relative to the scan root, `/`-separated).
pub trait Sources: Sync {
    /// The file's bytes, or `None` when there is no such regular file inside the root.
    fn read(&self, path: &str) -> Option<Arc<[u8]>>;
}

/// No sources: every context comes from the finding's own fields.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSources;

impl Sources for NoSources {
    fn read(&self, _path: &str) -> Option<Arc<[u8]>> {
        None
    }
}

/// Sources held in memory, by path.
#[derive(Debug, Clone, Default)]
pub struct MemorySources(pub BTreeMap<String, Arc<[u8]>>);

impl Sources for MemorySources {
    fn read(&self, path: &str) -> Option<Arc<[u8]>> {
        self.0.get(path).cloned()
    }
}

/// A folder on disk. Links that lead out of it are not followed.
#[derive(Debug, Clone)]
pub struct DirSources {
    root: PathBuf,
    canonical: Option<PathBuf>,
}

impl DirSources {
    /// Sources below a folder.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        let canonical = std::fs::canonicalize(&root).ok();
        Self { root, canonical }
    }

    fn confined(&self, path: &str) -> Option<PathBuf> {
        if !crate::path::is_confined(path) {
            return None;
        }
        let full = std::fs::canonicalize(self.root.join(crate::path::to_os(path))).ok()?;
        full.starts_with(self.canonical.as_deref()?).then_some(full)
    }
}

impl Sources for DirSources {
    fn read(&self, path: &str) -> Option<Arc<[u8]>> {
        let full = self.confined(path)?;
        read_regular(&full, MAX_SOURCE_BYTES).map(Arc::from)
    }
}

/// Reads a regular file of at most `max` bytes; anything else is `None`. Never blocks on a FIFO or device.
fn read_regular(path: &Path, max: u64) -> Option<Vec<u8>> {
    let meta = std::fs::metadata(path).ok()?;
    if !meta.is_file() || meta.len() > max {
        return None;
    }
    use std::io::Read;
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or(0));
    std::fs::File::open(path).ok()?.take(max).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// Byte ranges of a text's lines: split on `\n` and `\r\n` only, so that numbers agree with every scanner.
#[derive(Debug)]
pub struct LineIndex<'a> {
    text: &'a [u8],
    starts: Vec<u32>,
}

impl<'a> LineIndex<'a> {
    /// Indexes a text of less than 4 GiB.
    pub fn new(text: &'a [u8]) -> Self {
        let mut starts = vec![0u32];
        starts.extend(memchr::memchr_iter(b'\n', text).map(|i| u32::try_from(i + 1).unwrap_or(u32::MAX)));
        Self { text, starts }
    }

    /// How many lines there are; a text that ends in a newline has an empty last line.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Never: a text has at least one line.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// The 1-based line without its line ending.
    pub fn line(&self, number: u32) -> Option<&'a [u8]> {
        let index = usize::try_from(number.checked_sub(1)?).ok()?;
        let start = *self.starts.get(index)? as usize;
        let end = self.starts.get(index + 1).map_or(self.text.len(), |next| (*next as usize).saturating_sub(1));
        let line = self.text.get(start..end)?;
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }

    /// The 1-based line that holds a byte offset.
    pub fn line_of(&self, offset: usize) -> u32 {
        let offset = u32::try_from(offset).unwrap_or(u32::MAX);
        u32::try_from(self.starts.partition_point(|start| *start <= offset)).unwrap_or(u32::MAX)
    }

    /// The byte offset at which a 1-based line starts.
    pub fn start_of(&self, number: u32) -> Option<usize> {
        self.starts.get(usize::try_from(number.checked_sub(1)?).ok()?).map(|s| *s as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let index = LineIndex::new(b"a\r\nb\n\nc");
        let all: Vec<_> = (1..=5).map(|n| index.line(n)).collect();
        assert_eq!(all, [Some(&b"a"[..]), Some(b"b"), Some(b""), Some(b"c"), None]);
        assert_eq!((index.line_of(0), index.line_of(3), index.line_of(6)), (1, 2, 4));
    }

    #[test]
    fn stays_inside_the_root() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("root")).unwrap();
        std::fs::write(dir.path().join("outside"), "x").unwrap();
        std::fs::write(dir.path().join("root/in"), "y").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("../outside", dir.path().join("root/link")).unwrap();
        let sources = DirSources::new(dir.path().join("root"));
        assert_eq!(sources.read("in").as_deref(), Some(&b"y"[..]));
        assert!(sources.read("link").is_none() && sources.read("../outside").is_none() && sources.read("none").is_none());
    }
}
