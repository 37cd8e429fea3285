//! The UniFFI surface: the library built, four languages generated from it and their declarations compared, Python's and Ruby's run.

use crate::check::{Done, StepResult};
use crate::shell::{Failure, cargo, command, has, root, run, target};
use crate::surface;
use std::path::{Path, PathBuf};

const LANGUAGES: &[&str] = &["python", "ruby", "kotlin", "swift"];

pub(crate) fn check() -> StepResult {
    let folder = target().join("uniffi");
    let library = generate(&folder)?;
    println!("{}", surface::check(&folder)?);
    let python = folder.join("python");
    copy(&library, &python)?;
    let mut output = run(command("python3")
        .arg(root().join("securescan-uniffi/tests/python/run.py"))
        .env("PYTHONPATH", &python)
        .env("PYTHONDONTWRITEBYTECODE", "1"))?;
    // What fails from here on takes nothing away from the tests counted so far.
    let counted = |failure: Failure, output: &str| Failure { output: format!("{output}{}", failure.output), ..failure };
    if !has("ruby", "--version") {
        output.push_str("skipped: ruby: not installed\n");
    } else if !has("ruby", "-rffi") {
        output.push_str("skipped: ruby: the gem `ffi` is not installed\n");
    } else {
        let ruby = folder.join("ruby");
        copy(&library, &ruby)?;
        let mut tests = command("ruby");
        tests.arg("-W1").arg("-I").arg(&ruby).arg(root().join("securescan-uniffi/tests/ruby/run.rb"));
        let ran = run(tests.envs(["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"].map(|name| (name, &ruby))));
        output.push_str(&ran.map_err(|failure| counted(failure, &output))?);
    }
    Ok(Done::Ran(output))
}

/// Builds the library and writes the bindings below `folder`, a folder each; gives the library's path.
fn generate(folder: &Path) -> Result<PathBuf, Failure> {
    run(cargo().args(["build", "--quiet", "--package", "securescan-uniffi", "--features", "cli"]))?;
    let built = target().join("debug");
    let library = built.join(format!("{}securescan_uniffi{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX));
    for language in LANGUAGES {
        let mut bindgen = command(built.join(format!("uniffi-bindgen{}", std::env::consts::EXE_SUFFIX)));
        bindgen.args(["generate", "--no-format", "--language", language, "--out-dir"]).arg(folder.join(language)).arg(&library);
        run(&mut bindgen)?;
    }
    Ok(library)
}

fn copy(library: &Path, into: &Path) -> Result<(), Failure> {
    let name = library.file_name().unwrap_or_default();
    std::fs::copy(library, into.join(name)).map(drop).map_err(|e| format!("{}: {e}", into.display()).into())
}
