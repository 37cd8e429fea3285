//! What cargo checks.

use crate::check::{Done, StepResult};
use crate::shell::{Failure, cargo, has, run};

/// Everything whose tests are Rust. The same selection everywhere, so that nothing is built twice.
pub(crate) const TESTED: &[&str] = &["--workspace", "--exclude", "securescan-py", "--exclude", "securescan-node"];

/// What a build without the feature `scanners` must not link: a runtime, sockets, TLS, threads pools, processes.
const NOT_IN_BARE_CORE: &[&str] = &["tokio", "ureq", "rustls", "ring", "rayon", "rustix", "tempfile", "ignore"];

pub(crate) fn fmt() -> StepResult {
    run(cargo().args(["fmt", "--all", "--check"])).map(Done::Ran)
}

pub(crate) fn clippy() -> StepResult {
    run(cargo().args(["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])).map(Done::Ran)
}

/// nextest where it is installed, cargo's own runner otherwise.
pub(crate) fn test() -> StepResult {
    if has("cargo-nextest", "--version") {
        return run(cargo().args(["nextest", "run"]).args(TESTED).args([
            "--no-fail-fast",
            "--status-level",
            "fail",
            "--cargo-quiet",
        ]))
        .map(Done::Ran);
    }
    run(cargo().arg("test").args(TESTED).args(["--all-targets", "--no-fail-fast", "--quiet"])).map(Done::Ran)
}

/// nextest runs no documentation examples.
pub(crate) fn doctest() -> StepResult {
    run(cargo().args(["test", "--doc", "--quiet", "-p", "securescan-core", "-p", "securescan-server"])).map(Done::Ran)
}

/// Again, and alone, because what these two say about their counts must be seen; the tests themselves are counted above.
pub(crate) fn conformance() -> StepResult {
    let output = run(cargo().arg("test").args(TESTED).args(["--test", "conformance", "--quiet", "--", "--nocapture"]))?;
    Ok(Done::Ran(output.lines().filter(|line| line.contains(": ran ")).map(|line| format!("{line}\n")).collect()))
}

/// The core without scanners builds and is safe to link into anything.
pub(crate) fn bare_core() -> StepResult {
    run(cargo().args(["check", "--quiet", "-p", "securescan-core", "--no-default-features"]))?;
    let tree = ["tree", "-p", "securescan-core", "--no-default-features", "--edges", "normal", "--prefix", "none"];
    let listed = run(cargo().args(tree).args(["--format", "{p}"]))?;
    let found: Vec<_> =
        NOT_IN_BARE_CORE.iter().filter(|name| listed.lines().any(|l| l.split(' ').next() == Some(**name))).collect();
    if found.is_empty() {
        return Ok(Done::Ran(String::new()));
    }
    Err(Failure::from(format!("the core without `scanners` depends on {found:?}")))
}

pub(crate) fn docs() -> StepResult {
    run(cargo().args(["doc", "--no-deps", "--quiet"]).env("RUSTDOCFLAGS", "-D warnings")).map(Done::Ran)
}

/// Licences, bans and sources; advisories need a database from the network.
pub(crate) fn deny() -> StepResult {
    if !has("cargo-deny", "--version") {
        return Ok(Done::Skipped("cargo-deny is not installed".to_owned()));
    }
    run(cargo().args(["deny", "--offline", "check", "bans", "licenses", "sources"])).map(Done::Ran)
}
