//! Where programs are: the absolute folders of PATH, less those that hold what is being scanned.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The folders of PATH in which programs may be looked for: absolute ones (an empty or relative entry means whatever folder a
/// program happens to run in), and none inside `outside`, whose content may be hostile.
pub(crate) fn search_path(outside: Option<&Path>) -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .filter(|folder| folder.is_absolute() && !outside.is_some_and(|outside| is_inside(folder, outside)))
        .collect()
}

/// The first executable of a name in [`search_path`].
pub(crate) fn on_path(name: &OsStr, outside: Option<&Path>) -> Option<PathBuf> {
    search_path(outside).iter().find_map(|folder| executable(folder, name))
}

/// The executable regular file of a name in a folder.
pub(crate) fn executable(folder: &Path, name: &OsStr) -> Option<PathBuf> {
    let suffixes: &[&str] = if cfg!(windows) { &[".exe", ".cmd", ".bat"] } else { &[""] };
    let named = |suffix: &str| {
        let mut file = name.to_owned();
        file.push(suffix);
        folder.join(file)
    };
    suffixes.iter().map(|suffix| named(suffix)).find(|path| is_executable(path))
}

/// Whether a path is a regular file (or a link to one) that may be executed.
pub(crate) fn is_executable(path: &Path) -> bool {
    let Ok(meta) = std::fs::metadata(path) else { return false };
    #[cfg(unix)]
    let allowed = rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok();
    #[cfg(not(unix))]
    let allowed = true;
    meta.is_file() && allowed
}

/// Whether a path lies in a folder, as written or once links are followed. Everything lies in the root, which says nothing.
pub(crate) fn is_inside(path: &Path, folder: &Path) -> bool {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
    if folder.parent().is_none() {
        return false;
    }
    let real = |path: &Path| path.canonicalize().is_ok_and(|path| path.starts_with(&folder));
    path.starts_with(&folder) || real(path) || path.parent().is_some_and(real)
}
