//! The Python the checks use: a virtual environment under the target folder, made once.

use crate::shell::{Failure, command, root, run, target};
use std::path::PathBuf;

/// Makes the environment if it is missing or its requirements changed; gives its interpreter.
pub(crate) fn venv() -> Result<PathBuf, String> {
    let folder = target().join("venv");
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let requirements = root().join("securescan-py/requirements-dev.txt");
    let wanted = std::fs::read_to_string(&requirements).map_err(|e| format!("{}: {e}", requirements.display()))?;
    let stamp = folder.join("securescan-requirements.txt");
    if python.exists() && std::fs::read_to_string(&stamp).is_ok_and(|had| had == wanted) {
        return Ok(python);
    }
    let why = |failure: Failure| failure.why;
    run(command("python3").args(["-m", "venv", "--clear"]).arg(&folder)).map_err(why)?;
    let mut install = command(&python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(&requirements);
    run(&mut install).map_err(why)?;
    std::fs::write(&stamp, wanted).map_err(|e| format!("{}: {e}", stamp.display()))?;
    Ok(python)
}
