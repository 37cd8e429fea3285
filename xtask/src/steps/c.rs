//! The C ABI as C and C++ programs see it: as C11 over the shared library, as C++17 over the static one, installed in a prefix; the C++
//! wrapper; the examples outside of the repository.

use crate::check::{Done, StepResult};
use crate::shell::{Failure, command, has, root, run, target};
use crate::{abi, conformance, install};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const WARNINGS: &[&str] = &["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g"];

const SANITIZERS: &[&str] = &["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

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
    let shop = root().join("examples/weak-shop");
    println!("{}", conformance::pack()?);
    let prefix = target().join("c/prefix");
    println!("{}", install::c(&prefix, false)?);
    exports()?;
    let mut output = String::new();
    let memcheck = has("valgrind", "--version");
    for language in LANGUAGES {
        let misuse = compile(language, "securescan-ffi/tests/misuse.c", &[])?;
        let suite = compile(language, "securescan-ffi/tests/conformance.c", &[])?;
        let handles = compile(language, "securescan-ffi/tests/handles.c", &[])?;
        output.push_str(&run(&mut command(misuse.clone()))?);
        output.push_str(&run(command(handles.clone()).arg(&shop))?);
        output.push_str(&run(command(suite.clone()).arg(&packed))?);
        if memcheck && !language.is_static {
            // Counted once above; here only whether memory is clean.
            run(valgrind().arg(misuse))?;
            run(valgrind().arg(suite).arg(&packed))?;
            run(valgrind().arg(handles).arg(&shop))?;
        }
    }
    if !memcheck {
        println!("skipped: valgrind is not installed");
    }
    let Some((shared, _)) = LANGUAGES.split_first() else { return Ok(Done::Ran(output)) };
    match compile(shared, "securescan-ffi/tests/handles.c", SANITIZERS) {
        Ok(handles) => drop(run(command(handles).arg(&shop))?),
        Err(_) => output.push_str("skipped: the compiler has no address and undefined-behaviour sanitizers\n"),
    }
    for standard in ["-std=c++17", "-std=c++20"] {
        let wrapper =
            Language { name: standard.trim_start_matches("-std="), compiler: "c++", flags: &["-Wconversion"], is_static: false };
        let program = compile(&wrapper, "securescan-ffi/tests/wrapper.cpp", &[standard])?;
        output.push_str(&run(command(program).arg(&shop))?);
    }
    output.push_str(&examples(&prefix, &shop)?);
    output.push_str(&readme(shared)?);
    Ok(Done::Ran(output))
}

/// What the library exports is what the header declares.
fn exports() -> Result<(), Failure> {
    let listed = run(command("nm").args(["-D", "--defined-only"]).arg(target().join("debug/libsecurescan.so")))?;
    let names = listed.lines().filter_map(|line| line.split_whitespace().nth(2)?.split('@').next());
    let exported: BTreeSet<&str> = names.filter(|name| !name.starts_with("SECURESCAN_")).collect();
    let header = std::fs::read_to_string(root().join("securescan-ffi/include/securescan.h")).map_err(|e| e.to_string())?;
    let list = abi::list(&header);
    let name = |line: &str| line.split('(').next()?.rsplit([' ', '*']).next().map(str::to_owned);
    let declared: Vec<String> =
        list.lines().filter(|line| !line.starts_with("typedef") && line.contains('(')).filter_map(name).collect();
    let declared: BTreeSet<&str> = declared.iter().map(String::as_str).collect();
    let differ: Vec<&&str> = exported.symmetric_difference(&declared).collect();
    if differ.is_empty() { Ok(()) } else { Err(format!("exported or declared, but not both: {differ:?}").into()) }
}

/// The examples outside of the repository, by pkg-config and by CMake.
fn examples(prefix: &Path, shop: &Path) -> Result<String, Failure> {
    let outside = std::env::temp_dir().join(format!("securescan-c-{}", std::process::id()));
    let done = outside_in(&outside, prefix, shop);
    let _ = std::fs::remove_dir_all(&outside);
    done
}

fn outside_in(outside: &Path, prefix: &Path, shop: &Path) -> Result<String, Failure> {
    let failed = |e: std::io::Error| e.to_string();
    std::fs::create_dir_all(outside).map_err(failed)?;
    for file in ["CMakeLists.txt", "fingerprint.c", "scan.c", "diff.cpp"] {
        std::fs::copy(root().join("examples/c").join(file), outside.join(file)).map_err(failed)?;
    }
    let mut output = String::new();
    let (empty, some) = (outside.join("empty.json"), outside.join("some.json"));
    std::fs::write(&empty, "[]").map_err(failed)?;
    std::fs::write(&some, r#"[{"scanner":"x","scan_type":"code","severity":"low","title":"t"}]"#).map_err(failed)?;
    let tried = |folder: &Path, how: &str| -> Result<String, Failure> {
        run(&mut command(folder.join("fingerprint")))?;
        let status = |program: &str, args: &[&Path]| {
            command(folder.join(program)).args(args).output().map(|o| (o.status.code(), o.stdout))
        };
        let (code, text) = status("scan", &[shop]).map_err(failed)?;
        let (same, _) = status("diff", &[&empty, &empty]).map_err(failed)?;
        let (new, comment) = status("diff", &[&empty, &some]).map_err(failed)?;
        let right = (code, same, new) == (Some(1), Some(0), Some(1))
            && !text.is_empty()
            && comment.starts_with(b"<!-- securescan:diff -->");
        if right {
            Ok(format!("c examples by {how}: 3 passed, 0 failed\n"))
        } else {
            Err(format!("the examples built by {how} do not do what they say").into())
        }
    };
    if has("pkg-config", "--version") {
        let flags = |option: &str| {
            let asked =
                command("pkg-config").env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig")).args([option, "securescan"]).output();
            asked
                .map(|o| String::from_utf8_lossy(&o.stdout).split_whitespace().map(str::to_owned).collect::<Vec<_>>())
                .map_err(failed)
        };
        for (compiler, standard, file) in
            [("cc", "-std=c11", "fingerprint.c"), ("cc", "-std=c11", "scan.c"), ("c++", "-std=c++17", "diff.cpp")]
        {
            let stem = file.split('.').next().unwrap_or(file);
            let mut build = command(compiler);
            build.current_dir(outside).arg(standard).args(WARNINGS).args(flags("--cflags")?).arg(file).args(flags("--libs")?);
            run(build.arg(format!("-Wl,-rpath,{}", prefix.join("lib").display())).args(["-o", stem]))?;
        }
        output.push_str(&tried(outside, "pkg-config")?);
    } else {
        output.push_str("skipped: pkg-config is not installed\n");
    }
    let Some(cmake) = cmake() else {
        output.push_str("skipped: CMake is not installed and cannot be had from PyPI\n");
        return Ok(output);
    };
    let build = outside.join("build");
    run(command(&cmake).arg("-S").arg(outside).arg("-B").arg(&build).arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display())))?;
    run(command(&cmake).arg("--build").arg(&build))?;
    output.push_str(&tried(&build, "CMake")?);
    run(command(build.join("scan_static")).arg(root().join("securescan-ffi/include")))?;
    Ok(output)
}

/// CMake, from PyPI where the machine has none.
fn cmake() -> Option<PathBuf> {
    if has("cmake", "--version") {
        return Some(PathBuf::from("cmake"));
    }
    let python = crate::setup::venv().ok()?;
    run(command(&python).args(["-m", "pip", "install", "--quiet", "cmake"])).ok()?;
    Some(python.with_file_name("cmake")).filter(|program| program.exists())
}

/// The C of the README, as it is printed.
fn readme(language: &Language) -> Result<String, Failure> {
    let text = std::fs::read_to_string(root().join("README.md")).map_err(|e| e.to_string())?;
    let snippet =
        text.split("```c\n").nth(1).and_then(|rest| rest.split("```").next()).ok_or("the README has no C".to_owned())?;
    let file = target().join("c/readme.c");
    std::fs::write(&file, snippet).map_err(|e| e.to_string())?;
    let program = compile_file(language, &file, &[])?;
    run(&mut command(program))?;
    Ok("c of the README: 1 passed, 0 failed\n".to_owned())
}

fn valgrind() -> std::process::Command {
    let mut command = command("valgrind");
    command.args(["--quiet", "--error-exitcode=9", "--leak-check=full", "--errors-for-leak-kinds=definite,indirect"]);
    command
}

/// Compiles one program of the repository; gives its path.
fn compile(language: &Language, source: &str, more: &[&str]) -> Result<PathBuf, Failure> {
    compile_file(language, &root().join(source), more)
}

fn compile_file(language: &Language, source: &Path, more: &[&str]) -> Result<PathBuf, Failure> {
    let prefix = target().join("c/prefix/lib");
    let stem = source.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let variant = if more == SANITIZERS { "-sanitized" } else { "" };
    let program = target().join("c").join(format!("{stem}-{}{variant}", language.name));
    let mut compiler = command(language.compiler);
    compiler.args(language.flags).args(WARNINGS).args(more).arg("-Isecurescan-ffi/include").arg(source);
    // `-x` holds for all that follows, so libraries come after it is taken back.
    compiler.args(["-x", "none", "-o"]).arg(&program);
    if language.is_static {
        compiler.arg(prefix.join("libsecurescan.a")).args(["-lpthread", "-ldl", "-lm"]);
    } else {
        compiler.arg("-L").arg(&prefix).args(["-lsecurescan", "-lpthread"]).arg(format!("-Wl,-rpath,{}", prefix.display()));
    }
    run(&mut compiler)?;
    Ok(program)
}
