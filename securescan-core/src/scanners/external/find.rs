//! Where a tool is on this machine, and which version.
//!
//! Looked for in this order: [`ScanRequest::tool_paths`], `SECURESCAN_<TOOL>_PATH`, the absolute folders of PATH, the folder of
//! the running program, the active virtual environment, the usual folders of installers. What somebody named is taken at their
//! word; what was only found is refused when it lies inside the scanned folder, whose content may be hostile.

use super::Tool;
use crate::scanners::process::{self, Run};
use crate::scanners::{Cancel, ScanRequest};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

/// How long a tool may take to say its version.
const VERSION_TIME: Duration = Duration::from_secs(5);

/// More than this is no version, in bytes.
const VERSION_BYTES: u64 = 64 << 10;

/// Finds a tool's program, as an absolute path.
///
/// # Errors
/// Why it is not there, for people.
pub(super) fn find(tool: &Tool, request: &ScanRequest) -> Result<PathBuf, String> {
    let given = [tool.name, tool.program].iter().find_map(|name| request.tool_paths.get(*name));
    if let Some(path) = given {
        return named(path, "tool_paths");
    }
    let variable = format!("SECURESCAN_{}_PATH", tool.program.to_ascii_uppercase().replace('-', "_"));
    if let Some(path) = std::env::var_os(&variable).filter(|path| !path.is_empty()) {
        return named(Path::new(&path), &variable);
    }
    let target = scanned_folder(request);
    let mut refused = false;
    for folder in process::search_path(None).into_iter().chain(usual_folders()) {
        let Some(path) = process::executable(&folder, OsStr::new(tool.program)) else { continue };
        if target.as_deref().is_some_and(|target| process::is_inside(&path, target)) {
            refused = true;
            continue;
        }
        return Ok(path);
    }
    Err(match refused {
        true => format!("found only inside the scanned folder, which is not trusted; name it in `{variable}` to use it"),
        false => "not installed".to_owned(),
    })
}

/// A program that somebody named.
fn named(path: &Path, by: &str) -> Result<PathBuf, String> {
    match std::path::absolute(path) {
        Ok(path) if process::is_executable(&path) => Ok(path),
        _ => Err(format!("`{}`, named in `{by}`, is not an executable file", path.display())),
    }
}

/// The folder that is scanned, or that of the scanned file.
pub(super) fn scanned_folder(request: &ScanRequest) -> Option<PathBuf> {
    let target = request.target.canonicalize().ok()?;
    if target.is_dir() { Some(target) } else { target.parent().map(Path::to_path_buf) }
}

/// Where installers put programs that PATH may not name.
fn usual_folders() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    folders.extend(std::env::current_exe().ok().and_then(|exe| Some(exe.parent()?.to_path_buf())));
    let below = |variable: &str, rest: &str| std::env::var_os(variable).map(|folder| PathBuf::from(folder).join(rest));
    folders.extend(below("VIRTUAL_ENV", if cfg!(windows) { "Scripts" } else { "bin" }));
    folders.extend(below("HOME", ".local/bin"));
    folders.extend(["/usr/local/bin", "/opt/homebrew/bin"].map(PathBuf::from));
    folders.retain(|folder| folder.is_absolute());
    folders
}

/// What a program is remembered by.
type Key = (PathBuf, Option<SystemTime>, u64);

/// Versions said so far, with the time and size of the program.
static VERSIONS: Mutex<BTreeMap<Key, String>> = Mutex::new(BTreeMap::new());

/// What a tool says of its version: the first `1.2` or `1.2.3` of its output, asked once as long as the program stays the same.
/// `None` when it says none within five seconds.
///
/// # Errors
/// Why the program does not start at all, for people.
pub(super) fn version(tool: &Tool, path: &Path, env: Vec<(&'static str, OsString)>) -> Result<Option<String>, String> {
    let meta = std::fs::metadata(path).ok();
    let key = (path.to_path_buf(), meta.as_ref().and_then(|m| m.modified().ok()), meta.map_or(0, |m| m.len()));
    let lock = || VERSIONS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(known) = lock().get(&key) {
        return Ok(Some(known.clone()));
    }
    let scratch = tempfile::tempdir().map_err(|e| format!("no temporary folder: {e}"))?;
    let output = process::run(Run {
        program: path,
        args: vec!["--version".into()],
        cwd: scratch.path().to_path_buf(),
        stdin: Vec::new(),
        env,
        home: Some(scratch.path().to_path_buf()),
        max_stdout: VERSION_BYTES,
        grace: Duration::from_millis(200),
        watched: false,
        cancel: Cancel::new().with_timeout(Some(VERSION_TIME)),
    });
    let output = match output {
        Ok(output) => output,
        Err(error) if error.code() == "cancelled" => return Ok(None),
        Err(error) => return Err(error.message().to_owned()),
    };
    if let Some(code @ (126 | 127)) = output.code {
        let said = output.said().map(|said| format!(": {said}")).unwrap_or_default();
        return Err(format!("`{}` is there but does not start, exit code {code}{said}", tool.program));
    }
    let found = first_version(&String::from_utf8_lossy(&output.stdout));
    if let Some(version) = &found {
        lock().insert(key, version.clone());
    }
    Ok(found)
}

/// The first digits with dots between them.
fn first_version(text: &str) -> Option<String> {
    text.split(|c: char| !c.is_ascii_digit() && c != '.')
        .map(|token| token.trim_matches('.'))
        .find(|token| token.contains('.') && token.split('.').all(|part| !part.is_empty() && part.len() <= 9))
        .map(str::to_owned)
}

/// Whether a version is at least `major.minor`.
pub(super) fn is_at_least(version: &str, wanted: (u64, u64)) -> bool {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) >= wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        let said = |text: &str| first_version(text).unwrap_or_default();
        assert_eq!(said("1.182.0\n"), "1.182.0");
        assert_eq!(said("bandit 1.7.10\n  python version = 3.11.7"), "1.7.10");
        assert_eq!(said("safety, version 3.2.11"), "3.2.11");
        assert_eq!(said("Nmap version 7.93 ( https://nmap.org )"), "7.93");
        assert_eq!(said("v8.30.1 build 3"), "8.30.1");
        assert_eq!(said("gitleaks version 8"), "");
        assert_eq!(said(".... 5. .6"), "");
        assert!(is_at_least("1.117.0", (1, 117)) && is_at_least("2.0", (1, 117)) && !is_at_least("1.90.0", (1, 117)));
    }
}
