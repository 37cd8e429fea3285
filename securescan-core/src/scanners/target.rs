//! Where a scan looks, and what follows from it.

use super::walk::{self, FileEntry, Walk};
use super::{Cancel, LooksAt, ScanRequest};
use crate::path::from_os;
use crate::{Error, Result};
use std::path::{Path, PathBuf};

/// Where a scan looks: a folder, or one file and the folder its path is relative to.
pub(super) struct Target {
    pub(super) root: PathBuf,
    pub(super) file: Option<FileEntry>,
}

impl Target {
    /// Finds the folder. Without one in the request, the root is empty.
    ///
    /// # Errors
    /// `io` or `invalid_argument` when there is no such folder or file, or nothing to look at at all.
    pub(super) fn resolve(request: &ScanRequest) -> Result<Self> {
        if request.target.as_os_str().is_empty() {
            if request.target_url.is_none() && request.target_host.is_none() {
                return Err(Error::invalid("nothing to scan").hint("name a folder, a file, a URL or a host"));
            }
            return Ok(Self { root: PathBuf::new(), file: None });
        }
        let named = request.target.display().to_string();
        let meta = std::fs::metadata(&request.target).map_err(|e| {
            let error = Error::io(&named, &e);
            if e.kind() == std::io::ErrorKind::NotFound { error.hint("name an existing folder or file") } else { error }
        })?;
        let full = std::fs::canonicalize(&request.target).map_err(|e| Error::io(&named, &e))?;
        if meta.is_dir() {
            return Ok(Self { root: full, file: None });
        }
        if !meta.is_file() {
            return Err(
                Error::invalid(format!("`{named}` is neither a folder nor a regular file")).hint("name a folder or a file")
            );
        }
        let root = project_root(&full);
        let path = from_os(full.strip_prefix(&root).unwrap_or(&full));
        Ok(Self { root, file: Some(FileEntry { path, size: meta.len() }) })
    }

    /// The files to look at.
    pub(super) fn files(&self, request: &ScanRequest, threads: usize, cancel: &Cancel) -> Result<Walk> {
        match &self.file {
            Some(file) => Ok(Walk { files: vec![file.clone()], ..Walk::default() }),
            None => walk::walk(&self.root, request, threads, cancel),
        }
    }
}

/// The folder that the path of a single-file target is relative to: the project around it, so that a finding has the same
/// identity as in a scan of the project. Without a project: the file's own folder.
fn project_root(file: &Path) -> PathBuf {
    let folder = file.parent().unwrap_or(file);
    let marks = [".git", ".securescan.yml", ".securescan.yaml", "securescan.yml"];
    folder.ancestors().take(25).find(|a| marks.iter().any(|m| a.join(m).exists())).unwrap_or(folder).to_path_buf()
}

/// What a scanner lacks to run, as the reason it is skipped.
pub(super) fn lacking(looks_at: LooksAt, request: &ScanRequest) -> Option<&'static str> {
    match looks_at {
        LooksAt::Path => request.target.as_os_str().is_empty().then_some("no target folder"),
        LooksAt::Url => request.target_url.is_none().then_some("no target_url"),
        LooksAt::Host => request.target_host.is_none().then_some("no target_host"),
    }
}
