//! Versions: packages installed without one.
//!
//! Low where anybody may publish under a name, info where a distribution vouches for its packages.

use super::super::report::{Hit, Rule, Sink, quoted};
use super::super::shell::Command;
use super::Analysis;
use super::packages::subcommand;
use super::remote::is_pip;
use crate::model::{Confidence, Severity};

const PIN_WHY: &str =
    "Without a version the next build may take in something else, with other holes, without any change in this file.";

/// A rule about versions of one package manager: low where names are a public free-for-all, info where a distribution vouches for them.
const fn unpinned(
    id: &'static str,
    severity: Severity,
    title: &'static str,
    fix: &'static str,
    aliases: &'static [&'static str],
) -> Rule {
    Rule { id, severity, cwe: Some("CWE-829"), title, why: PIN_WHY, fix, aliases, references: &[] }
}

const APK: Rule =
    unpinned("unpinned-apk-package", Severity::Info, "apk package without a version", "Write `name=version`.", &["DL3018"]);
const APT: Rule =
    unpinned("unpinned-apt-package", Severity::Info, "apt package without a version", "Write `name=version`.", &["DL3008"]);
const DNF: Rule =
    unpinned("unpinned-dnf-package", Severity::Info, "dnf package without a version", "Write `name-version`.", &["DL3041"]);
const GEM: Rule =
    unpinned("unpinned-gem", Severity::Low, "gem without a version", "Write `gem install name:version`.", &["DL3028"]);
const GO: Rule = unpinned(
    "unpinned-go-module",
    Severity::Low,
    "Go module without a version",
    "Write `go install module@v1.2.3`.",
    &["DL3062"],
);
const NPM: Rule = unpinned(
    "unpinned-npm-package",
    Severity::Low,
    "npm package without a version",
    "Write `name@version`, or `npm ci` with a lock file.",
    &["DL3016"],
);
const PIP: Rule = unpinned(
    "unpinned-pip-package",
    Severity::Low,
    "pip package without a version",
    "Write `name==version`, or install from a file with hashes.",
    &["DL3013"],
);
const YUM: Rule =
    unpinned("unpinned-yum-package", Severity::Info, "yum package without a version", "Write `name-version`.", &["DL3033"]);
const ZYPPER: Rule =
    unpinned("unpinned-zypper-package", Severity::Info, "zypper package without a version", "Write `name=version`.", &["DL3037"]);

pub(super) const RULES: &[&Rule] = &[&APK, &APT, &DNF, &GEM, &GO, &NPM, &PIP, &YUM, &ZYPPER];

/// A package manager's command line, as far as it matters here.
struct Manager {
    names: &'static [&'static str],
    rule: &'static Rule,
    /// Subcommands that install.
    install: &'static [&'static str],
    /// Options that take the next word.
    values: &'static [&'static str],
    /// Options that say where versions come from, so that operands need none.
    settled_by: &'static [&'static str],
    pinned: fn(&str) -> bool,
}

const MANAGERS: &[Manager] = &[
    Manager {
        names: &["apk"],
        rule: &APK,
        install: &["add"],
        values: &["-t", "--virtual", "-X", "--repository", "-p", "--root"],
        settled_by: &[],
        pinned: |p| p.contains(['=', '<', '>', '~']),
    },
    Manager {
        names: &["apt", "apt-get"],
        rule: &APT,
        install: &["install"],
        values: &["-t", "-o", "-c", "--target-release"],
        settled_by: &[],
        pinned: |p| p.contains(['=', '/']),
    },
    Manager {
        names: &["dnf", "microdnf", "tdnf"],
        rule: &DNF,
        install: &["install"],
        values: &["--setopt", "--repo", "-x"],
        settled_by: &[],
        pinned: pinned_rpm,
    },
    Manager {
        names: &["gem"],
        rule: &GEM,
        install: &["install", "i"],
        values: &["-v", "--version", "-i", "-n"],
        settled_by: &["-v", "--version"],
        pinned: |p| p.contains(':') || p.ends_with(".gem"),
    },
    Manager {
        names: &["go"],
        rule: &GO,
        install: &["install", "get"],
        values: &["-ldflags", "-tags", "-o"],
        settled_by: &[],
        pinned: pinned_go,
    },
    Manager {
        names: &["npm"],
        rule: &NPM,
        install: &["install", "i", "add"],
        values: &["--registry", "--prefix", "-C", "--loglevel"],
        settled_by: &[],
        pinned: pinned_npm,
    },
    Manager {
        names: &["yum"],
        rule: &YUM,
        install: &["install"],
        values: &["--setopt", "-x", "-c"],
        settled_by: &[],
        pinned: pinned_rpm,
    },
    Manager {
        names: &["zypper"],
        rule: &ZYPPER,
        install: &["install", "in"],
        values: &["-r", "--repo", "-t"],
        settled_by: &[],
        pinned: |p| p.contains(['=', '<', '>']) || p.ends_with(".rpm"),
    },
];

/// pip goes by many names.
const PIP_MANAGER: Manager = Manager {
    names: &[],
    rule: &PIP,
    install: &["install"],
    values: &[
        "-i",
        "--index-url",
        "--extra-index-url",
        "-t",
        "--target",
        "--trusted-host",
        "-f",
        "--find-links",
        "--timeout",
        "--prefix",
        "--root",
        "--proxy",
        "--retries",
        "--progress-bar",
        "--python-version",
        "--platform",
        "--upgrade-strategy",
        "--src",
        "--cache-dir",
    ],
    settled_by: &["-r", "--requirement", "-c", "--constraint", "-e", "--editable"],
    pinned: pinned_pip,
};

pub(super) fn check(analysis: &Analysis<'_, '_>, sink: &mut Sink) {
    for script in analysis.scripts.iter().filter(|s| s.is_run()) {
        for command in &script.commands {
            let name = command.name();
            let manager = MANAGERS.iter().find(|m| m.names.contains(&name)).or_else(|| is_pip(command).then_some(&PIP_MANAGER));
            if let Some((manager, package)) = manager.and_then(|m| Some((m, first_unpinned(m, command)?))) {
                let detail = format!("{} has no version", quoted(package));
                sink.add(Hit::new(manager.rule, command.line, detail).sure(Confidence::Medium));
            }
        }
    }
}

/// The first package of a command that has no version.
fn first_unpinned<'c>(manager: &Manager, command: &'c Command) -> Option<&'c str> {
    if command.has(manager.settled_by) {
        return None;
    }
    let mut args = subcommand(command, manager.install)?.into_iter();
    while let Some(arg) = args.next() {
        if arg.starts_with('-') {
            if manager.values.contains(&arg) {
                args.next();
            }
        } else if !arg.is_empty() && !is_opaque(arg) && !(manager.pinned)(arg) {
            return Some(arg);
        }
    }
    None
}

/// A variable, a path or a URL: what it names cannot be told from here.
fn is_opaque(arg: &str) -> bool {
    arg.contains(['$', '`', '*']) || arg.starts_with(['.', '/', '~', '%']) || arg.contains("://")
}

fn pinned_rpm(package: &str) -> bool {
    package.ends_with(".rpm")
        || package.starts_with('@')
        || package.split('-').skip(1).any(|p| p.starts_with(|c: char| c.is_ascii_digit()))
}

fn pinned_go(module: &str) -> bool {
    let is_local = module.starts_with('.') || !module.contains('.');
    is_local || module.split_once('@').is_some_and(|(_, v)| v != "latest")
}

fn pinned_npm(package: &str) -> bool {
    let name = package.strip_prefix('@').unwrap_or(package);
    let is_archive = package.ends_with(".tgz") || package.ends_with(".tar.gz");
    let is_git = !package.starts_with('@') && name.contains('/');
    is_archive || is_git || name.split_once('@').is_some_and(|(_, v)| !v.is_empty() && v != "latest")
}

fn pinned_pip(package: &str) -> bool {
    let is_file = [".whl", ".zip", ".tar.gz", ".tgz"].iter().any(|e| package.ends_with(e)) || package.contains('/');
    is_file
        || package.contains("==")
        || package.contains("~=")
        || package.contains('@')
        || package.contains('<')
        || package.contains('>')
}
