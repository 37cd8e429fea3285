//! The Node package: the addon built by cargo, put beside its JavaScript, tested by Node's own runner.

use crate::check::{Done, StepResult};
use crate::shell::{Failure, cargo, command, has, root, run, target};

/// The name the loader looks for on this machine.
const ADDON: &str = if cfg!(all(target_os = "linux", target_env = "musl", target_arch = "x86_64")) {
    "securescan.linux-x64-musl.node"
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

pub(crate) fn check() -> StepResult {
    if !has("node", "--version") {
        return Err(Failure::from("node is not installed".to_owned()));
    }
    run(cargo().args(["build", "--quiet", "-p", "securescan-node"]))?;
    let built = format!("{}securescan_node{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let built = target().join("debug").join(built);
    let package = root().join("securescan-node");
    std::fs::copy(&built, package.join(ADDON)).map_err(|e| format!("{}: {e}", built.display()))?;
    let output = run(command("node").args(["--test", "--test-reporter=tap"]).current_dir(&package))?;
    run(command("node").arg("examples/node/fingerprint.mjs"))?;
    Ok(Done::Ran(output))
}
