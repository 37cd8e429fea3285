//! The C ABI as C and C++ programs see it: as C11 over the shared library, as C++17 over the static one.

use crate::check::{Done, StepResult};
use crate::conformance;
use crate::shell::{cargo, command, has, root, run, target};
use std::path::{Path, PathBuf};

const WARNINGS: &[&str] = &["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g"];

struct Language {
    name: &'static str,
    compiler: &'static str,
    flags: &'static [&'static str],
    is_static: bool,
}

const LANGUAGES: &[Language] = &[
    Language { name: "c11", compiler: "cc", flags: &["-std=c11", "-D_POSIX_C_SOURCE=200809L"], is_static: false },
    Language { name: "cpp17", compiler: "c++", flags: &["-x", "c++", "-std=c++17"], is_static: true },
];

pub(crate) fn check() -> StepResult {
    let packed = target().join("conformance");
    println!("{}", conformance::pack()?);
    run(cargo().args(["build", "--quiet", "-p", "securescan-ffi"]))?;
    let mut output = String::new();
    let memcheck = has("valgrind", "--version");
    for language in LANGUAGES {
        let misuse = compile(language, "securescan-ffi/tests/misuse.c")?;
        let suite = compile(language, "securescan-ffi/tests/conformance.c")?;
        let example = compile(language, "examples/c/fingerprint.c")?;
        output.push_str(&run(&mut command(misuse.clone()))?);
        output.push_str(&run(command(suite.clone()).arg(&packed))?);
        run(&mut command(example))?;
        if memcheck && !language.is_static {
            // Counted once above; here only whether memory is clean.
            run(valgrind().arg(misuse))?;
            run(valgrind().arg(suite).arg(&packed))?;
        }
    }
    if !memcheck {
        println!("skipped: valgrind is not installed");
    }
    Ok(Done::Ran(output))
}

fn valgrind() -> std::process::Command {
    let mut command = command("valgrind");
    command.args(["--quiet", "--error-exitcode=9", "--leak-check=full", "--errors-for-leak-kinds=definite,indirect"]);
    command
}

/// Compiles one program; gives its path.
fn compile(language: &Language, source: &str) -> Result<PathBuf, crate::shell::Failure> {
    let libraries = target().join("debug");
    let folder = target().join("c");
    std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let stem = Path::new(source).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let program = folder.join(format!("{stem}-{}", language.name));
    let mut compiler = command(language.compiler);
    compiler.args(language.flags).args(WARNINGS).arg("-Isecurescan-ffi/include").arg(root().join(source));
    // `-x` holds for all that follows, so libraries come after it is taken back.
    compiler.args(["-x", "none", "-o"]).arg(&program);
    if language.is_static {
        compiler.arg(libraries.join("libsecurescan.a")).args(["-lpthread", "-ldl", "-lm"]);
    } else {
        compiler
            .arg("-L")
            .arg(&libraries)
            .arg("-lsecurescan")
            .arg("-lpthread")
            .arg(format!("-Wl,-rpath,{}", libraries.display()));
    }
    run(&mut compiler)?;
    Ok(program)
}
