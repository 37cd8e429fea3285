//! Package managers: what is installed with too much beside it, from old lists or from the wrong index.

use super::super::parse::{Instruction, Keyword};
use super::super::report::{Hit, Rule, Sink};
use super::super::shell::Command;
use super::remote::is_pip;
use super::{Analysis, Script};
use crate::model::Severity;
use std::collections::BTreeSet;

const RECOMMENDS: Rule = Rule {
    id: "DL004",
    severity: Severity::Low,
    cwe: None,
    title: "apt-get install without --no-install-recommends",
    why: "Recommended packages nobody asked for come along: more to update, more to attack.",
    fix: "Add `--no-install-recommends` and name what is really needed.",
    aliases: &["DL3015", "DS-0029"],
    references: &[],
};

const PIP_CACHE: Rule = Rule {
    id: "DL009",
    severity: Severity::Low,
    cwe: None,
    title: "pip install without --no-cache-dir",
    why: "pip keeps every downloaded package in the image layer, where nothing uses it.",
    fix: "Add `--no-cache-dir`, set `PIP_NO_CACHE_DIR=1`, or mount the cache: `RUN --mount=type=cache,target=$PIP_CACHE_DIR`.",
    aliases: &["DL3042"],
    references: &[],
};

const UPDATE_ALONE: Rule = Rule {
    id: "package-update-alone",
    severity: Severity::Low,
    cwe: Some("CWE-1104"),
    title: "Package lists updated in a layer of their own",
    why: "The layer is cached: later installs then use lists, and with them packages, from long ago.",
    fix: "Update and install in one RUN: `apt-get update && apt-get install …`.",
    aliases: &["DS-0017"],
    references: &["https://docs.docker.com/build/building/best-practices/#apt-get"],
};

const DIST_UPGRADE: Rule = Rule {
    id: "dist-upgrade",
    severity: Severity::Low,
    cwe: None,
    title: "Whole distribution upgraded while building",
    why: "What comes out depends on the day of the build and may be another release than the base image says.",
    fix: "Move to a newer base image instead.",
    aliases: &["DS-0024"],
    references: &[],
};

const EXTRA_INDEX: Rule = Rule {
    id: "pip-extra-index-url",
    severity: Severity::Low,
    cwe: Some("CWE-427"),
    title: "pip looks for packages in several indexes",
    why: "pip takes the highest version from any of them: who registers an internal package's name on the public index decides what is installed.",
    fix: "Use one index (`--index-url`) that proxies the public one, or install with `--require-hashes`.",
    aliases: &[],
    references: &[],
};

pub(super) const RULES: &[&Rule] = &[&RECOMMENDS, &PIP_CACHE, &UPDATE_ALONE, &DIST_UPGRADE, &EXTRA_INDEX];

pub(super) fn check(analysis: &Analysis<'_, '_>, sink: &mut Sink) {
    let configured = stages_without_recommends(analysis);
    for script in analysis.scripts.iter().filter(|s| s.is_run()) {
        let is_configured = analysis.stage_index(script.index).is_some_and(|i| configured.contains(&i));
        for command in &script.commands {
            apt(command, is_configured, sink);
            if is_pip(command) && subcommand(command, &["install"]).is_some() {
                pip(analysis, script, command, sink);
            }
        }
        update_alone(script, sink);
    }
}

/// The arguments after a subcommand, when it is one of these.
pub(super) fn subcommand<'c>(command: &'c Command, names: &[&str]) -> Option<Vec<&'c str>> {
    let mut texts = command.texts();
    texts.by_ref().find(|t| names.contains(t))?;
    Some(texts.collect())
}

fn is_apt(command: &Command) -> bool {
    matches!(command.name(), "apt-get" | "apt")
}

fn apt(command: &Command, is_configured: bool, sink: &mut Sink) {
    if !is_apt(command) {
        return;
    }
    if subcommand(command, &["dist-upgrade", "full-upgrade"]).is_some() {
        sink.add(Hit::new(&DIST_UPGRADE, command.line, ""));
    }
    let no_recommends = |t: &str| t.to_ascii_lowercase().contains("install-recommends");
    if subcommand(command, &["install"]).is_some() && !command.texts().any(no_recommends) && !is_configured {
        sink.add(Hit::new(&RECOMMENDS, command.line, ""));
    }
}

/// Stages in which a configuration file says for all installs what the option says for one.
fn stages_without_recommends(analysis: &Analysis<'_, '_>) -> BTreeSet<usize> {
    let writes = |c: &Command| {
        matches!(c.name(), "echo" | "printf") && c.texts().any(|t| t.contains("Install-Recommends")) && !c.redirects.is_empty()
    };
    let scripts = analysis.scripts.iter().filter(|s| s.commands.iter().any(writes));
    scripts.filter_map(|s| analysis.stage_index(s.index)).collect()
}

fn pip(analysis: &Analysis<'_, '_>, script: &Script<'_, '_>, command: &Command, sink: &mut Sink) {
    if command.texts().any(|t| t == "--extra-index-url" || t.starts_with("--extra-index-url="))
        && !command.has(&["--require-hashes"])
    {
        sink.add(Hit::new(&EXTRA_INDEX, command.line, ""));
    }
    let says_no = |value: &str| !matches!(value.to_ascii_lowercase().as_str(), "" | "0" | "false" | "no" | "off");
    let inline = script.commands.iter().flat_map(|c| &c.assignments).any(|(n, v)| n == "PIP_NO_CACHE_DIR" && says_no(&v.text));
    let stage = analysis.stage_of(script.index);
    let in_env = stage.and_then(|s| analysis.stages.variable(s, "PIP_NO_CACHE_DIR")).is_some_and(says_no);
    if !(inline || in_env || command.has(&["--no-cache-dir"]) || mounts_cache(script.instruction)) {
        sink.add(Hit::new(&PIP_CACHE, command.line, ""));
    }
}

/// Whether a cache that pip may use is mounted over its folder.
fn mounts_cache(run: &Instruction<'_>) -> bool {
    run.flag_values("mount").any(|m| {
        let is_cache = m.split(',').any(|p| p == "type=cache" || p == "type=tmpfs");
        is_cache && m.split(',').any(|p| p.ends_with("/.cache") || p.ends_with("/.cache/") || p.contains("pip"))
    })
}

fn update_alone(script: &Script<'_, '_>, sink: &mut Sink) {
    let mut updates = script.commands.iter().filter(|c| is_apt(c) && subcommand(c, &["update"]).is_some());
    let Some(update) = updates.next() else { return };
    let is_alone = !script.commands.iter().any(|c| {
        let installs = ["install", "upgrade", "dist-upgrade", "full-upgrade", "build-dep", "source", "download"];
        subcommand(c, &installs).is_some() || is_script(c)
    });
    if is_alone && script.instruction.keyword == Keyword::Run {
        sink.add(Hit::new(&UPDATE_ALONE, update.line, ""));
    }
}

/// A script of the project's own may install what the update is for.
fn is_script(command: &Command) -> bool {
    command.words.first().is_some_and(|w| w.text.starts_with('/') || w.text.starts_with("./") || w.text.ends_with(".sh"))
}
