//! The bill of a folder: its manifests found by the walk, and the licences that installed copies state.

use super::{Bill, Unread, build, select};
use crate::manifests::{Installed, kind};
use crate::path::from_os;
use crate::scanners::walk::{self, FileEntry};
use crate::scanners::{Cancel, InstalledCopies, ScanRequest};
use crate::source::{DirSources, Sources};
use crate::{Error, Result};
use std::collections::BTreeMap;
use std::path::Path;

/// Collects the bill of a folder, or of one manifest. Files that are ignored by git and vendored trees are left out; links
/// are not followed. Installed copies are asked for their licence and nothing else; nothing is executed.
///
/// # Errors
/// `io` when the folder cannot be read, `invalid_argument` for a file that is no manifest.
pub fn collect(path: &Path) -> Result<Bill> {
    let meta = std::fs::metadata(path).map_err(|e| Error::io(path.display().to_string(), &e))?;
    if meta.is_file() {
        return one(path, meta.len());
    }
    let walk = walk::walk(path, &ScanRequest::new(path), 0, &Cancel::new())?;
    let files: BTreeMap<String, FileEntry> = walk.files.into_iter().map(|file| (file.path.clone(), file)).collect();
    let mut bill = of(path, files);
    // What could not be listed may hold manifests.
    let unlisted =
        walk.skipped.into_iter().filter(|s| s.why.starts_with("not readable") || kind(select::name(&s.path)).is_some());
    bill.unread.extend(unlisted.map(|s| Unread { path: s.path, why: s.why }));
    bill.unread.sort();
    Ok(bill)
}

fn one(path: &Path, size: u64) -> Result<Bill> {
    let name = path.file_name().map(|name| from_os(Path::new(name))).unwrap_or_default();
    if kind(&name).is_none() {
        return Err(Error::invalid(format!("`{name}` is no manifest or lock file of a known kind")).hint("name a folder"));
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(of(folder, BTreeMap::from([(name.clone(), FileEntry { path: name, size })])))
}

fn of(root: &Path, files: BTreeMap<String, FileEntry>) -> Bill {
    let sources = DirSources::new(root);
    let mut copies = InstalledCopies::new(root);
    let paths = files.keys().cloned().collect();
    let mut read = |path: &str| match files.get(path) {
        Some(file) => walk::read(root, file, build::MAX_MANIFEST as u64).map_err(|skipped| skipped.why),
        // A list of requirements may include what the walk leaves out.
        None => sources.read(path).map(|bytes| bytes.to_vec()).ok_or_else(|| "not there".to_owned()),
    };
    let mut license = |kind: &'static crate::manifests::Kind, folder: &str, entry: &crate::manifests::Entry| {
        (kind.installed != Installed::Nowhere).then(|| copies.find(kind.installed, folder, entry)?.license).flatten()
    };
    build::bill(paths, &mut read, Some(&mut license))
}
