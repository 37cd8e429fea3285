//! What a driver plans with: the target, its files, and folders of our own.

use super::{No, Tool, environment, find};
use crate::path::to_os;
use crate::scanners::ScanContext;
use crate::scanners::walk::FileEntry;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The room a tool runs in.
pub(super) struct Setup<'a> {
    pub(super) context: &'a ScanContext<'a>,
    pub(super) program: &'a Path,
    /// Environment of every run.
    pub(super) env: Vec<(&'static str, OsString)>,
    tool: &'a Tool,
    scratch: TempDir,
}

impl<'a> Setup<'a> {
    /// Makes the folders: an empty one to run in, one as home, one for our files.
    pub(super) fn new(tool: &'a Tool, context: &'a ScanContext<'a>, program: &'a Path) -> Result<Self, String> {
        let scratch = tempfile::Builder::new()
            .prefix("securescan-")
            .tempdir()
            .and_then(|dir| {
                ["empty", "home", "own"].iter().try_for_each(|n| std::fs::create_dir(dir.path().join(n))).map(|()| dir)
            })
            .map_err(|e| format!("no temporary folder: {e}"))?;
        let env = environment::of(context.request, program);
        Ok(Self { context, program, env, tool, scratch })
    }

    /// An empty folder.
    pub(super) fn empty(&self) -> PathBuf {
        self.scratch.path().join("empty")
    }

    /// What the tool takes for the person's home.
    pub(super) fn home(&self) -> PathBuf {
        self.scratch.path().join("home")
    }

    /// The folder that everything of ours is below.
    pub(super) fn scratch(&self) -> &Path {
        self.scratch.path()
    }

    /// Writes a file of our own and gives its path.
    pub(super) fn own(&self, name: &str, content: &[u8]) -> Result<PathBuf, No> {
        let path = self.scratch.path().join("own").join(name);
        let written = path.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(&path, content));
        written.map(|()| path).map_err(|e| No::Failed(format!("no temporary file: {e}")))
    }

    /// What to look at, absolute: the folder, or the one file.
    pub(super) fn target(&self) -> PathBuf {
        match self.context.files.first() {
            Some(file) if self.context.single_file => self.full(file),
            _ => self.context.root.to_path_buf(),
        }
    }

    /// A file, absolute.
    pub(super) fn full(&self, file: &FileEntry) -> PathBuf {
        self.context.root.join(to_os(&file.path))
    }

    /// The files for which a test holds, or that there is none for this scanner.
    pub(super) fn files(&self, none: &str, wanted: impl Fn(&FileEntry) -> bool) -> Result<Vec<&'a FileEntry>, No> {
        let files: Vec<_> = self.context.files.iter().filter(|file| wanted(file)).collect();
        if files.is_empty() { Err(No::Nothing(none.to_owned())) } else { Ok(files) }
    }

    /// The tool's version, asked if need be.
    pub(super) fn version(&self) -> Option<String> {
        find::version(self.tool, self.program, self.env.clone()).ok().flatten()
    }

    /// A note on files of the target that could have told the tool what to leave out, by name.
    pub(super) fn note(&self, names: &[&str], what: &str) -> Option<String> {
        let found: Vec<_> = self.context.files.iter().filter(|file| names.contains(&file.name())).collect();
        let first = found.first()?;
        let more = if found.len() > 1 { format!(" (and {} more)", found.len() - 1) } else { String::new() };
        Some(format!("the target's own `{}`{more} {what}", first.path))
    }
}
