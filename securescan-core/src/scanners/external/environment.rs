//! What a tool sees of this machine beyond what the process runner allows everybody.

use super::find::scanned_folder;
use crate::scanners::ScanRequest;
use crate::scanners::process;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Where version managers keep the programs behind their stand-ins: folders, no credentials.
const MANAGERS: &[&str] = &["PYENV_ROOT", "VOLTA_HOME", "ASDF_DIR", "ASDF_DATA_DIR", "MISE_DATA_DIR"];

/// Extra environment of a tool: PATH without the scanned folder, git told to run nothing that a repository configures, Python
/// told to do the same twice, and where the tool's own installation lies when that is below the person's home, which the tool does not see.
pub(super) fn of(request: &ScanRequest, program: &Path) -> Vec<(&'static str, OsString)> {
    let mut env = git();
    let path = process::search_path(scanned_folder(request).as_deref());
    env.push(("PATH", std::env::join_paths(path).unwrap_or_default()));
    // Tools in Python write what they keep in sets in an order of chance otherwise.
    env.push(("PYTHONHASHSEED", "0".into()));
    env.extend(MANAGERS.iter().filter_map(|name| Some((*name, std::env::var_os(name)?))));
    env.extend(user_base(program).map(|base| ("PYTHONUSERBASE", base.into_os_string())));
    env
}

/// Tools that ask git about the target must not start what its configuration names.
fn git() -> Vec<(&'static str, OsString)> {
    let values = [
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_OPTIONAL_LOCKS", "0"),
        ("GIT_CONFIG_COUNT", "3"),
        ("GIT_CONFIG_KEY_0", "core.fsmonitor"),
        ("GIT_CONFIG_VALUE_0", "false"),
        ("GIT_CONFIG_KEY_1", "core.hooksPath"),
        ("GIT_CONFIG_VALUE_1", "/dev/null"),
        ("GIT_CONFIG_KEY_2", "protocol.allow"),
        ("GIT_CONFIG_VALUE_2", "never"),
    ];
    values.map(|(name, value)| (name, OsString::from(value))).to_vec()
}

/// The folder of `pip install --user`, when the program comes from there: Python finds it by the home of the person.
fn user_base(program: &Path) -> Option<PathBuf> {
    let own = std::env::var_os("PYTHONUSERBASE").map(PathBuf::from);
    let usual = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local"));
    own.or(usual).filter(|base| base.is_absolute() && program.starts_with(base))
}
