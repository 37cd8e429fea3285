//! What the container offers and starts.

use super::super::parse::Keyword;
use super::super::report::{Hit, Rule, Sink, quoted};
use super::Analysis;
use crate::model::{Confidence, Severity};

const PORT: Rule = Rule {
    id: "DL005",
    severity: Severity::High,
    cwe: Some("CWE-1125"),
    title: "Exposing sensitive port",
    why: "Remote administration, mail relay and Docker's own API do not belong in an application's container; each is a way in.",
    fix: "Remove the port; get into a container with `docker exec` or `kubectl exec`.",
    aliases: &["CKV_DOCKER_1", "DS-0004"],
    references: &[],
};

const COMMANDS: Rule = Rule {
    id: "multiple-cmd",
    severity: Severity::Low,
    cwe: None,
    title: "Several CMD instructions in one stage",
    why: "Only the last one counts; what the others were meant to start never runs.",
    fix: "Keep one CMD in a stage.",
    aliases: &["DL4003", "DS-0016"],
    references: &[],
};

const ENTRYPOINTS: Rule = Rule {
    id: "multiple-entrypoint",
    severity: Severity::Low,
    cwe: None,
    title: "Several ENTRYPOINT instructions in one stage",
    why: "Only the last one counts; a wrapper that was meant to drop rights or load secrets may never run.",
    fix: "Keep one ENTRYPOINT in a stage.",
    aliases: &["DL4004", "DS-0007"],
    references: &[],
};

const HEALTHCHECK: Rule = Rule {
    id: "no-healthcheck",
    severity: Severity::Info,
    cwe: None,
    title: "No HEALTHCHECK",
    why: "Docker and Swarm cannot tell a container that hangs from one that works. Kubernetes uses its own probes instead.",
    fix: "Add `HEALTHCHECK CMD …`, or `HEALTHCHECK NONE` where the orchestrator checks.",
    aliases: &["CKV_DOCKER_2", "DL3057", "DS-0026"],
    references: &["https://docs.docker.com/reference/dockerfile/#healthcheck"],
};

const SYSTEM_FOLDER: Rule = Rule {
    id: "workdir-in-system-folder",
    severity: Severity::Low,
    cwe: Some("CWE-732"),
    title: "Working folder is a system folder",
    why: "The application's files mix with the system's, and what it writes may change how the system behaves.",
    fix: "Use a folder of its own, such as `/app`.",
    aliases: &["DS-0030"],
    references: &[],
};

pub(super) const RULES: &[&Rule] = &[&PORT, &COMMANDS, &ENTRYPOINTS, &HEALTHCHECK, &SYSTEM_FOLDER];

/// SSH, Telnet, SMTP, Docker's API without TLS, remote desktop.
const SENSITIVE_PORTS: &[u16] = &[22, 23, 25, 2375, 3389];

/// Folders an application has no business in.
const SYSTEM_FOLDERS: &[&str] = &["/proc", "/bin", "/boot", "/dev", "/etc", "/lib", "/sbin", "/sys"];

pub(super) fn check(analysis: &Analysis<'_, '_>, sink: &mut Sink) {
    for (index, expose) in analysis.all(Keyword::Expose) {
        let text = analysis.stages.resolved(index).unwrap_or_else(|| expose.args());
        let ports: Vec<_> = text.split_whitespace().flat_map(sensitive).map(|p| p.to_string()).collect();
        if !ports.is_empty() {
            sink.add(Hit::new(&PORT, expose.line, format!("Port {}", ports.join(", "))).to(expose.end_line));
        }
    }
    for (_, workdir) in analysis.all(Keyword::Workdir) {
        let path = workdir.args().trim_matches(['"', '\'']);
        if SYSTEM_FOLDERS.iter().any(|f| path.strip_prefix(f).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))) {
            sink.add(Hit::new(&SYSTEM_FOLDER, workdir.line, quoted(path)));
        }
    }
    for stage in &analysis.stages.list {
        for (keyword, rule) in [(Keyword::Cmd, &COMMANDS), (Keyword::Entrypoint, &ENTRYPOINTS)] {
            if let Some((_, again)) = analysis.of_stage(stage).filter(|(_, i)| i.keyword == keyword).nth(1) {
                sink.add(Hit::new(rule, again.line, ""));
            }
        }
    }
    healthcheck(analysis, sink);
}

/// Only a final stage that starts something can be unhealthy.
fn healthcheck(analysis: &Analysis<'_, '_>, sink: &mut Sink) {
    let Some(stage) = analysis.stages.last() else { return };
    let has = |keywords: &[Keyword]| {
        analysis.stages.chain(stage).any(|s| analysis.of_stage(s).any(|(_, i)| keywords.contains(&i.keyword)))
    };
    let from = stage.from.and_then(|i| analysis.file.instructions.get(i));
    if let Some(from) = from
        && has(&[Keyword::Cmd, Keyword::Entrypoint])
        && !has(&[Keyword::Healthcheck])
    {
        sink.add(Hit::new(&HEALTHCHECK, from.line, "").sure(Confidence::Medium));
    }
}

/// The sensitive ports in `22`, `22/tcp` or `20-25`; none for UDP.
fn sensitive(word: &str) -> Vec<u16> {
    let (ports, protocol) = word.split_once('/').unwrap_or((word, "tcp"));
    if !protocol.eq_ignore_ascii_case("tcp") {
        return Vec::new();
    }
    let (from, to) = ports.split_once('-').unwrap_or((ports, ports));
    let (Ok(from), Ok(to)) = (from.parse::<u16>(), to.parse::<u16>()) else { return Vec::new() };
    SENSITIVE_PORTS.iter().copied().filter(|p| (from..=to).contains(p)).collect()
}
