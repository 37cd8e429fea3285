//! The wheel as a stranger gets it: alone in an empty environment, and built from the source distribution where no repository is around.

use crate::check::{Done, StepResult};
use crate::setup::venv;
use crate::shell::{Failure, command, root, run, target};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// Nothing but Python's own modules and ours may be there, or be needed: every module of the package is imported.
const ALONE: &str = "import importlib, importlib.metadata as m, pkgutil, sys
import securescan
for found in pkgutil.iter_modules(securescan.__path__):
    found.name == '__main__' or importlib.import_module('securescan.' + found.name)
there = sorted(d.metadata['Name'] for d in m.distributions())
foreign = {n.partition('.')[0] for n in sys.modules} - sys.stdlib_module_names - {'securescan', '__main__', 'sitecustomize', 'usercustomize'}
foreign = sorted(n for n in foreign if not n.startswith(('_distutils_hack', '__editable__', '_sysconfigdata')))
assert there == ['securescan'] and m.requires('securescan') is None, there
assert not foreign, foreign
print('alone:', securescan.__version__)";

/// Installs a wheel into an empty environment and runs what the README says, the command line in both forms, and [`ALONE`].
pub(super) fn trial(python: &Path, wheel: &Path) -> Result<String, Failure> {
    let folder = target().join("empty-venv");
    run(command(python).args(["-m", "venv", "--clear", "--without-pip"]).arg(&folder))?;
    let bin = folder.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let inside = bin.join(if cfg!(windows) { "python.exe" } else { "python" });
    // Dependencies would be looked for, and not be found. No setting of the machine may help.
    let mut install = command(python);
    install.args(["-m", "pip", "--isolated", "--python"]).arg(&inside).args(["install", "--quiet", "--no-index"]).arg(wheel);
    run(&mut install)?;
    let mut output = run(command(&inside).args(["-I", "-c", ALONE]))?;
    for snippet in snippets()? {
        output.push_str(&run(command(&inside).args(["-I", "-c", &snippet]))?);
    }
    let version = run(command(&inside).args(["-I", "-m", "securescan", "--version"]))?;
    let script = run(command(bin.join("securescan")).arg("--version"))?;
    if script != version || !version.starts_with("securescan ") {
        return Err(Failure::from(format!("`python -m securescan` says `{}`, the script `{}`", version.trim(), script.trim())));
    }
    Ok(output + &version)
}

/// The Python of the README.
fn snippets() -> Result<Vec<String>, String> {
    let text = std::fs::read_to_string(root().join("README.md")).map_err(|e| format!("README.md: {e}"))?;
    let found: Vec<_> =
        text.split("```python\n").skip(1).filter_map(|rest| rest.split("```").next()).map(str::to_owned).collect();
    if found.is_empty() { Err("the README has no Python".to_owned()) } else { Ok(found) }
}

/// Packs the sources, unpacks them outside the repository, and builds, installs and tries a wheel of them the way pip does.
pub(crate) fn sdist() -> StepResult {
    let python = venv()?;
    // The same place each time, so that cargo replaces what it built there; another checkout has another.
    let mut name = DefaultHasher::new();
    root().hash(&mut name);
    let folder = std::env::temp_dir().join(format!("securescan-sdist-{:016x}", name.finish()));
    let outcome = in_folder(&python, &folder);
    let cleared = clear(&folder);
    let output = outcome?;
    cleared?;
    Ok(Done::Ran(output))
}

fn clear(folder: &Path) -> Result<(), Failure> {
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    Ok(())
}

fn in_folder(python: &Path, folder: &Path) -> Result<String, Failure> {
    clear(folder)?;
    std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut pack = command(python);
    run(pack.args(["-m", "maturin", "sdist", "--manifest-path", "securescan-py/Cargo.toml", "--out"]).arg(folder))?;
    let packed = only(folder, "gz")?;
    // With the time of now (-m): cargo must see that these are new.
    run(command("tar").arg("-xzmf").arg(&packed).arg("-C").arg(folder))?;
    let sources = packed.with_extension("").with_extension("");
    for needed in ["LICENSE", "PKG-INFO", "Cargo.lock", "python/securescan/_native.pyi"] {
        if !sources.join(needed).is_file() {
            return Err(Failure::from(format!("the source distribution has no `{needed}`")));
        }
    }
    // A copy, since a package can hold nothing from outside its folder.
    if std::fs::read(sources.join("LICENSE")).ok() != std::fs::read(root().join("LICENSE")).ok() {
        return Err(Failure::from("securescan-py/LICENSE is not the LICENSE of the repository".to_owned()));
    }
    let mut paths: Vec<PathBuf> = python.parent().map(Path::to_path_buf).into_iter().collect();
    paths.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
    let paths = std::env::join_paths(paths).map_err(|e| e.to_string())?;
    let wheels = folder.join("wheels");
    let mut build = command(python);
    build.args([
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--no-build-isolation",
        "--no-cache-dir",
        "--wheel-dir",
    ]);
    build.arg(&wheels).arg(&sources).current_dir(folder);
    // The crates of others are built already; ours are at another path and built again.
    build.env("PATH", paths).env("CARGO_TARGET_DIR", target()).env("MATURIN_PEP517_ARGS", "--profile dev");
    run(build.env_remove("CARGO_MANIFEST_DIR").env_remove("CARGO_PKG_VERSION"))?;
    trial(python, &only(&wheels, "whl")?)
}

/// The one file of a kind in a folder.
pub(super) fn only(folder: &Path, extension: &str) -> Result<PathBuf, Failure> {
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let found: Vec<_> =
        entries.filter_map(|e| Some(e.ok()?.path())).filter(|p| p.extension().is_some_and(|e| e == extension)).collect();
    match found.as_slice() {
        [one] => Ok(one.clone()),
        other => Err(Failure::from(format!("expected one .{extension} in {}, found {}", folder.display(), other.len()))),
    }
}
