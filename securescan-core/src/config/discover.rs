//! Finding the configuration file: from a folder upwards to the repository's root.

use super::{Config, FILE_NAMES, MAX_BYTES};
use crate::{Error, ErrorKind, Result};
use std::io::Read;
use std::path::{Path, PathBuf};

/// How many folders are looked at.
const MAX_LEVELS: usize = 25;

impl Config {
    /// Finds and reads the configuration for a folder (or the folder a file is in); `None` when there is none.
    ///
    /// # Errors
    /// `config` when the file is wrong, `io` when it cannot be read.
    pub fn discover(start: &Path) -> Result<Option<(PathBuf, Self)>> {
        match Self::find(start) {
            Some(path) => Self::load(&path).map(|config| Some((path, config))),
            None => Ok(None),
        }
    }

    /// The configuration file for a folder: the first of [`FILE_NAMES`] there or in a folder above, up to the one that
    /// holds `.git` and at most 25 folders.
    ///
    /// # Source
    /// Spec 02, section 5.1.
    pub fn find(start: &Path) -> Option<PathBuf> {
        let start = std::fs::canonicalize(start).ok()?;
        let folder = if start.is_dir() { start.as_path() } else { start.parent()? };
        for folder in folder.ancestors().take(MAX_LEVELS) {
            let file = FILE_NAMES.iter().map(|name| folder.join(name)).find(|path| path.is_file());
            if file.is_some() {
                return file;
            }
            if folder.join(".git").symlink_metadata().is_ok() {
                return None;
            }
        }
        None
    }

    /// Reads a configuration file.
    ///
    /// # Errors
    /// `config` when it is wrong, larger than [`MAX_BYTES`], no regular file, or a link that leaves its repository; `io`
    /// when it cannot be read.
    pub fn load(path: &Path) -> Result<Self> {
        Self::parse(&Self::read_text(path)?, &path.display().to_string())
    }

    /// The text of a configuration file, for [`Config::parse`] and [`Config::lint`].
    ///
    /// # Errors
    /// As [`Config::load`], the text's content apart.
    pub fn read_text(path: &Path) -> Result<String> {
        let file = path.display().to_string();
        let wrong = |message: &str, hint: &str| Error::new(ErrorKind::Config, message).in_file(file.as_str()).hint(hint);
        let meta = std::fs::metadata(path).map_err(|e| Error::io(file.as_str(), &e))?;
        if !meta.is_file() {
            return Err(wrong("the configuration is not a regular file", "name a file"));
        }
        if meta.len() > MAX_BYTES {
            return Err(wrong("the configuration is larger than 1 MiB", "name the right file, or shorten it"));
        }
        if leaves_its_repository(path) {
            return Err(wrong("the configuration is a link to a file outside its repository", "put a copy in its place"));
        }
        let mut bytes = Vec::new();
        let opened = std::fs::File::open(path).and_then(|f| f.take(MAX_BYTES + 1).read_to_end(&mut bytes));
        opened.map_err(|e| Error::io(file.as_str(), &e))?;
        String::from_utf8(bytes)
            .map_err(|e| wrong("the configuration is not UTF-8", "save it as UTF-8").at_byte(e.utf8_error().valid_up_to() as u64))
    }
}

/// Messages quote what they read, so a link in a hostile repository must not make them quote another file.
fn leaves_its_repository(path: &Path) -> bool {
    if !path.symlink_metadata().is_ok_and(|meta| meta.is_symlink()) {
        return false;
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (Ok(folder), Ok(target)) = (std::fs::canonicalize(folder), std::fs::canonicalize(path)) else { return true };
    let is_root = |folder: &&Path| folder.join(".git").symlink_metadata().is_ok();
    let root = folder.ancestors().take(MAX_LEVELS).find(is_root).unwrap_or(&folder);
    !target.starts_with(root)
}
