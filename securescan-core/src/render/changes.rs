//! What a renderer is told of the change itself.

use crate::diff_lines::DiffLines;
use crate::source::Sources;
use std::fmt;

/// The change that a diff is about, for formats that comment on its lines.
#[derive(Clone, Copy)]
pub struct Changes<'a> {
    /// The lines it shows, by paths from the top of the repository. For GitHub: of the diff from the merge base to the head.
    pub lines: &'a DiffLines,
    /// The files of the head side, by the paths that findings carry. [`crate::source::NoSources`] when they are not at hand:
    /// there are then no suggestions, which must repeat the line they replace.
    pub head: &'a dyn Sources,
    /// The scanned folder's path from the top of the repository, `/`-separated; empty when they are the same.
    pub prefix: &'a str,
}

impl Changes<'_> {
    /// A finding's path as the repository has it.
    pub(super) fn path(&self, file: &str) -> String {
        match self.prefix.trim_matches('/') {
            "" => file.to_owned(),
            prefix => format!("{prefix}/{file}"),
        }
    }
}

impl fmt::Debug for Changes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes").field("lines", self.lines).field("prefix", &self.prefix).finish_non_exhaustive()
    }
}
