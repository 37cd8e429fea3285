//! The Python package: the wheel built by maturin, installed into the environment of the checks, tested and typed.

use crate::check::{Done, StepResult};
use crate::setup::venv;
use crate::shell::{Failure, command, root, run, target};
use std::path::{Path, PathBuf};

/// The examples in the package's documentation, those of the native classes included.
const DOCTEST: &str =
    "import doctest, inspect, securescan, securescan._native as n, securescan._scan, securescan._types, securescan.migrate
results = [doctest.testmod(m) for m in (securescan, securescan._scan, securescan._types, securescan.migrate)]
for name, value in vars(n).items():
    for member in [value, *(vars(value).values() if inspect.isclass(value) else ())]:
        doc = getattr(member, '__doc__', None)
        if isinstance(doc, str) and '>>>' in doc:
            results.append(doctest.DocTestRunner().run(doctest.DocTestParser().get_doctest(doc, {}, name, None, 0)))
print(sum(r.attempted for r in results), 'lines of examples')
exit(any(r.failed for r in results) or not results[0].attempted)";

pub(crate) fn check() -> StepResult {
    let python = venv()?;
    let wheel = build(&python)?;
    run(command(&python).args(["-m", "pip", "install", "--quiet", "--no-deps", "--force-reinstall"]).arg(&wheel))?;
    // Without these a few tests skip themselves and say so.
    if let Err(failure) =
        run(command(&python).args(["-m", "pip", "install", "--quiet", "-r", "securescan-py/requirements-more.txt"]))
    {
        println!("skipped: not all of requirements-more.txt could be installed: {failure:?}");
    }
    let package = root().join("securescan-py");
    let in_package = || {
        let mut command = command(&python);
        command.current_dir(&package).env("PYTHONDONTWRITEBYTECODE", "1");
        command
    };
    // Isolated (-I), so that the installed package is tested and not the folder beside it.
    let output = run(in_package().args(["-I", "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider"]))?;
    // What fails from here on takes nothing away from the tests counted so far.
    let counted = |failure: Failure| Failure { output: output.clone(), ..failure };
    let cache = target().join("mypy");
    run(in_package().args(["-m", "mypy", "--cache-dir"]).arg(&cache)).map_err(counted)?;
    run(in_package().args(["-I", "-m", "mypy.stubtest", "securescan._native"])).map_err(counted)?;
    run(in_package().args(["-I", "-c", DOCTEST])).map_err(counted)?;
    run(command(&python).arg("-I").arg(root().join("examples/python/fingerprint.py"))).map_err(counted)?;
    Ok(Done::Ran(output))
}

/// Builds the wheel into an empty folder; gives its path. The development profile: the checks ask for right, not for fast.
fn build(python: &Path) -> Result<PathBuf, Failure> {
    let folder = target().join("wheels");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    let mut maturin = command(python);
    maturin.args(["-m", "maturin", "build", "--quiet", "--manifest-path", "securescan-py/Cargo.toml", "--out"]).arg(&folder);
    run(&mut maturin)?;
    let entries = std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let wheels: Vec<_> =
        entries.filter_map(|e| Some(e.ok()?.path())).filter(|p| p.extension().is_some_and(|e| e == "whl")).collect();
    match wheels.as_slice() {
        [wheel] => Ok(wheel.clone()),
        other => Err(Failure::from(format!("expected one wheel, found {}", other.len()))),
    }
}
