//! Who runs, and with what rights.

use super::super::parse::Keyword;
use super::super::report::{Hit, Rule, Sink, quoted};
use super::super::shell::Command;
use super::super::stage::{Image, Stage};
use super::Analysis;
use crate::model::{Confidence, Severity};

const ROOT: Rule = Rule {
    id: "DL002",
    severity: Severity::High,
    cwe: Some("CWE-250"),
    title: "Running as root user",
    why: "A process that is broken into then owns the whole container, and has one barrier less to the host.",
    fix: "Create a user and switch to it last: `RUN useradd --system app` and `USER app`.",
    aliases: &["CKV_DOCKER_8", "DL3002", "DS-0002"],
    references: &["https://docs.docker.com/build/building/best-practices/#user"],
};

const NO_USER: Rule = Rule {
    id: "DL010",
    severity: Severity::Medium,
    cwe: Some("CWE-250"),
    title: "No USER directive found",
    why: "Without `USER` in the final stage the container runs as the base image's user, which is nearly always root.",
    fix: "Create a user and switch to it last: `RUN useradd --system app` and `USER app`.",
    aliases: &["CKV_DOCKER_3", "DL3002", "DS-0002"],
    references: &["https://docs.docker.com/build/building/best-practices/#user"],
};

const WORLD_WRITABLE: Rule = Rule {
    id: "DL008",
    severity: Severity::Medium,
    cwe: Some("CWE-732"),
    title: "Setting world-writable permissions (777)",
    why: "Any process in the container may change these files, so a small hole in one becomes control over the others.",
    fix: "Give files to the user that needs them (`COPY --chown=app`) with mode 755 or 644.",
    aliases: &[],
    references: &[],
};

const SUDO: Rule = Rule {
    id: "sudo",
    severity: Severity::Medium,
    cwe: Some("CWE-250"),
    title: "sudo used in the image",
    why: "A build step is root already or should not be; sudo left in an image is a way to become root again.",
    fix: "Run the step before `USER`, or switch with `USER root` and back; in entry points use `gosu` or `su-exec`.",
    aliases: &["CKV2_DOCKER_1", "DL3004", "DS-0010"],
    references: &[],
};

const NOPASSWD: Rule = Rule {
    id: "sudo-without-password",
    severity: Severity::High,
    cwe: Some("CWE-269"),
    title: "User may become root without a password",
    why: "With `NOPASSWD` in sudoers, running as another user protects nothing.",
    fix: "Remove the sudoers entry; do what needs root while building.",
    aliases: &[],
    references: &[],
};

const SETUID: Rule = Rule {
    id: "setuid-bit",
    severity: Severity::Medium,
    cwe: Some("CWE-250"),
    title: "Set-user-ID or set-group-ID bit set",
    why: "Whoever may run the file gets its owner's rights, root's most of the time.",
    fix: "Leave the bit off; grant the one capability that is needed (`setcap`) or run the step while building.",
    aliases: &[],
    references: &[],
};

const INSECURE: Rule = Rule {
    id: "insecure-build-step",
    severity: Severity::High,
    cwe: Some("CWE-250"),
    title: "Build step without a sandbox",
    why: "`RUN --security=insecure` gives the step every privilege on the build host.",
    fix: "Remove the flag; do what needs privileges outside the build.",
    aliases: &[],
    references: &["https://docs.docker.com/reference/dockerfile/#run---security"],
};

const HOST_NETWORK: Rule = Rule {
    id: "host-network-build-step",
    severity: Severity::Medium,
    cwe: Some("CWE-653"),
    title: "Build step in the host's network",
    why: "`RUN --network=host` lets the step reach services that listen only on the build host.",
    fix: "Remove the flag, or use `--network=none` for steps that need no network.",
    aliases: &[],
    references: &["https://docs.docker.com/reference/dockerfile/#run---network"],
};

const SOCKET: Rule = Rule {
    id: "docker-socket",
    severity: Severity::High,
    cwe: Some("CWE-250"),
    title: "Docker's socket as a volume",
    why: "Who may write to Docker's socket is root on the host.",
    fix: "Do not mount the socket; use a socket proxy with the few calls that are needed, or a rootless builder.",
    aliases: &[],
    references: &["https://docs.docker.com/engine/security/#docker-daemon-attack-surface"],
};

pub(super) const RULES: &[&Rule] =
    &[&ROOT, &NO_USER, &WORLD_WRITABLE, &SUDO, &NOPASSWD, &SETUID, &INSECURE, &HOST_NETWORK, &SOCKET];

pub(super) fn check(analysis: &Analysis<'_, '_>, sink: &mut Sink) {
    if let Some(stage) = analysis.stages.last() {
        user(analysis, stage, sink);
    }
    for instruction in &analysis.file.instructions {
        match instruction.keyword {
            Keyword::Copy | Keyword::Add => {
                let mode = instruction.flag("chmod").filter(|m| world_writable(m));
                if let Some(mode) = mode {
                    sink.add(
                        Hit::new(&WORLD_WRITABLE, instruction.line, format!("Mode {}", quoted(mode))).to(instruction.end_line),
                    );
                }
            }
            Keyword::Run => {
                if instruction.flag("security") == Some("insecure") {
                    sink.add(Hit::new(&INSECURE, instruction.line, ""));
                }
                if instruction.flag("network") == Some("host") {
                    sink.add(Hit::new(&HOST_NETWORK, instruction.line, ""));
                }
            }
            Keyword::Volume if instruction.words().iter().any(|w| w.text.ends_with("/docker.sock")) => {
                sink.add(Hit::new(&SOCKET, instruction.line, ""));
            }
            _ => {}
        }
    }
    for script in &analysis.scripts {
        for command in &script.commands {
            command_rights(command, script.is_run(), sink);
        }
    }
}

/// The user of the final stage: its last `USER`, or that of the stages it builds on.
fn user(analysis: &Analysis<'_, '_>, stage: &Stage, sink: &mut Sink) {
    for (depth, part) in analysis.stages.chain(stage).enumerate() {
        let Some((index, last)) = analysis.of_stage(part).rfind(|(_, i)| i.keyword == Keyword::User) else { continue };
        let is_root = analysis.stages.resolved(index).is_some_and(is_root);
        if is_root {
            let inherited = if depth == 0 { "" } else { ", which the final stage builds on" };
            let detail = format!("The last user is {}{inherited}", quoted(last.args()));
            sink.add(Hit::new(&ROOT, last.line, detail).to(last.end_line));
        }
        return;
    }
    let Some(from) = stage.from.and_then(|i| analysis.file.instructions.get(i)) else { return };
    let base = analysis.stages.chain(stage).last();
    let image = base.and_then(|s| s.image.as_ref());
    let starts = |k: Keyword| matches!(k, Keyword::Cmd | Keyword::Entrypoint);
    // `FROM scratch` without a command is an archive of files, not something that runs.
    if image.is_some_and(Image::is_scratch) && !analysis.of_stage(stage).any(|(_, i)| starts(i.keyword)) {
        return;
    }
    if !image.is_some_and(has_own_user) {
        let sure = if image.is_some() { Confidence::High } else { Confidence::Medium };
        sink.add(Hit::new(&NO_USER, from.line, "").to(from.end_line).sure(sure));
    }
}

/// `root`, `0`, `root:root`, `0:0`.
fn is_root(user: &str) -> bool {
    let name = user.split([':', ' ', '\t']).next().unwrap_or(user).trim_matches(['"', '\'']);
    name.eq_ignore_ascii_case("root") || (!name.is_empty() && name.bytes().all(|b| b == b'0'))
}

/// Whether an image is known to run as somebody else than root already.
fn has_own_user(image: &Image) -> bool {
    const NAMES: &[&str] =
        &["cgr.dev/chainguard/", "bitnami/", "bitnamilegacy/", "jenkins/jenkins", "grafana/", "prom/", "keycloak/"];
    let repository = image.repository.to_ascii_lowercase();
    let short = repository.split_once('/').filter(|(host, _)| host.contains('.')).map_or(repository.as_str(), |(_, rest)| rest);
    let tag = image.tag.as_deref().unwrap_or_default();
    let says = ["nonroot", "rootless", "unprivileged"].iter().any(|w| tag.contains(w) || repository.contains(w));
    let dotnet = short.starts_with("dotnet/") && tag.contains("chiseled");
    says || dotnet || NAMES.iter().any(|n| repository.starts_with(n) || short.starts_with(n))
}

fn command_rights(command: &Command, is_run: bool, sink: &mut Sink) {
    if command.through("sudo") || command.name() == "sudo" {
        sink.add(Hit::new(&SUDO, command.line, ""));
    }
    let writes_sudoers = command.redirects.iter().any(|(_, to)| to.contains("/etc/sudoers"))
        || command.texts().any(|t| t.contains("/etc/sudoers"));
    let grants = command.texts().any(|t| t.contains("NOPASSWD"));
    if grants && (writes_sudoers || matches!(command.name(), "echo" | "printf" | "sed")) {
        sink.add(Hit::new(&NOPASSWD, command.line, ""));
    }
    if !is_run {
        return;
    }
    if let Some(mode) = mode(command) {
        if world_writable(mode) {
            sink.add(Hit::new(&WORLD_WRITABLE, command.line, format!("Mode {}", quoted(mode))));
        }
        if setuid(mode) {
            sink.add(Hit::new(&SETUID, command.line, format!("Mode {}", quoted(mode))));
        }
    }
}

/// The mode a command sets.
fn mode(command: &Command) -> Option<&str> {
    match command.name() {
        "chmod" => command.texts().find(|t| is_mode(t)),
        "install" | "mkdir" | "mkfifo" => {
            let mut texts = command.texts();
            texts
                .by_ref()
                .find_map(|t| match t {
                    "-m" | "--mode" => Some(None),
                    t => t.strip_prefix("--mode=").or_else(|| t.strip_prefix("-m")).filter(|m| is_mode(m)).map(Some),
                })?
                .or_else(|| texts.next())
        }
        _ => None,
    }
}

/// A word that is a mode and neither an option nor a file.
fn is_mode(word: &str) -> bool {
    let octal = (1..=5).contains(&word.len()) && word.bytes().all(|b| (b'0'..=b'7').contains(&b));
    octal || (word.contains(['+', '=']) && word.bytes().all(|b| b"ugoarwxXst+-=,".contains(&b)))
}

/// Others may write, and the sticky bit that makes that safe for folders is not set.
fn world_writable(mode: &str) -> bool {
    if let Ok(bits) = u32::from_str_radix(mode, 8) {
        return bits & 0o2 != 0 && bits & 0o1000 == 0;
    }
    let clauses = mode.split(',');
    let sticky = mode.contains('t');
    let gives = |clause: &str| {
        let at = clause.find(['+', '=', '-'])?;
        let (who, what) = (clause.get(..at)?, clause.get(at..)?);
        Some(who.contains(['o', 'a']) && !what.starts_with('-') && what.contains('w'))
    };
    !sticky && clauses.filter_map(gives).any(|g| g)
}

fn setuid(mode: &str) -> bool {
    match u32::from_str_radix(mode, 8) {
        Ok(bits) => bits & 0o6000 != 0,
        Err(_) => mode.split(',').any(|c| c.contains("+s") || c.contains("+xs") || c.contains("+rxs")),
    }
}
