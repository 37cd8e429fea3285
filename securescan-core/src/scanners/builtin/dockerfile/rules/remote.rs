//! What is fetched from elsewhere: piped into a shell, added by URL, loaded in the clear.

use super::super::parse::{Instruction, Keyword};
use super::super::report::{Hit, Rule, Sink, quoted};
use super::super::shell::Command;
use super::{Analysis, Script};
use crate::model::{Confidence, Severity};

const PIPE: Rule = Rule {
    id: "DL003",
    severity: Severity::High,
    cwe: Some("CWE-494"),
    title: "Piping curl to shell",
    why: "What the server sends runs as it comes: whoever controls the server, or cuts the connection at the right byte, decides what is installed.",
    fix: "Download to a file, compare it with a known checksum or signature, then run it.",
    aliases: &[],
    references: &[],
};

const ADD_URL: Rule = Rule {
    id: "DL006",
    severity: Severity::Medium,
    cwe: Some("CWE-494"),
    title: "Using ADD to fetch remote URLs",
    why: "ADD takes whatever the server sends today, without looking at a checksum.",
    fix: "Add `--checksum=sha256:…`, or download with RUN and compare the checksum there; for files of your own use COPY.",
    aliases: &["CKV_DOCKER_4", "DS-0005"],
    references: &["https://docs.docker.com/reference/dockerfile/#add---checksum"],
};

const ADD_FILE: Rule = Rule {
    id: "add-instead-of-copy",
    severity: Severity::Low,
    cwe: None,
    title: "ADD where COPY would do",
    why: "ADD also unpacks archives and follows URLs, so a file under another name can do more than it should.",
    fix: "Use COPY.",
    aliases: &["CKV_DOCKER_4", "DL3020", "DS-0005"],
    references: &["https://docs.docker.com/build/building/best-practices/#add-or-copy"],
};

const CLEAR: Rule = Rule {
    id: "plain-http-download",
    severity: Severity::Medium,
    cwe: Some("CWE-319"),
    title: "Download over plain HTTP",
    why: "Anybody on the way can replace what is downloaded, and nothing here would notice.",
    fix: "Use https, or compare the download with a known checksum or signature in the same step.",
    aliases: &[],
    references: &[],
};

pub(super) const RULES: &[&Rule] = &[&PIPE, &ADD_URL, &ADD_FILE, &CLEAR];

pub(super) fn check(analysis: &Analysis<'_, '_>, sink: &mut Sink) {
    for (_, add) in analysis.all(Keyword::Add) {
        added(add, sink);
    }
    for script in &analysis.scripts {
        piped(script, sink);
        if script.is_run() && !script.commands.iter().any(verifies) {
            for command in &script.commands {
                in_the_clear(command, sink);
            }
        }
    }
}

fn added(add: &Instruction<'_>, sink: &mut Sink) {
    let words = add.words();
    let Some((_, sources)) = words.split_last() else { return };
    for source in sources {
        let hit = |rule, what: &str| {
            Hit::new(rule, source.line, format!("{} {what}", quoted(&without_credentials(&source.text)))).to(add.end_line)
        };
        if is_remote(&source.text) {
            if add.flag("checksum").is_none() {
                sink.add(hit(&ADD_URL, "is fetched without a checksum"));
            }
        } else if !is_archive(&source.text) && !source.raw.contains('$') && !source.raw.starts_with("<<") {
            sink.add(hit(&ADD_FILE, "is a file or folder of the build context"));
        }
    }
}

fn is_remote(source: &str) -> bool {
    let lower: String = source.chars().take(16).collect::<String>().to_ascii_lowercase();
    ["http://", "https://", "ftp://", "git://", "ssh://", "git@"].iter().any(|p| lower.starts_with(p))
}

/// What ADD unpacks, which COPY would not. A pattern may match an archive.
fn is_archive(source: &str) -> bool {
    const ENDS: &[&str] = &[
        ".tar",
        ".tar.gz",
        ".tgz",
        ".tar.bz2",
        ".tbz",
        ".tbz2",
        ".tb2",
        ".tar.xz",
        ".txz",
        ".tar.zst",
        ".tzst",
        ".tar.lz",
        ".tlz",
        ".tar.lzma",
        ".tar.z",
        ".gz",
        ".bz2",
        ".xz",
        ".lzma",
        ".z",
    ];
    let lower = source.to_ascii_lowercase();
    lower.ends_with('*') || ENDS.iter().any(|e| lower.ends_with(e))
}

/// A URL without what stands before its `@`.
fn without_credentials(url: &str) -> String {
    match url.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.split_once('@')?.1))) {
        Some((scheme, rest)) => format!("{scheme}://***@{rest}"),
        None => url.to_owned(),
    }
}

/// Programs that write what a server sends.
fn downloads(command: &Command) -> bool {
    matches!(
        command.name().to_ascii_lowercase().as_str(),
        "curl" | "wget" | "wget2" | "aria2c" | "iwr" | "invoke-webrequest" | "irm"
    )
}

/// Programs that run what they read from standard input when they get no file.
fn runs_input(command: &Command) -> bool {
    let name = command.name();
    let interpreter = ["python", "perl", "ruby", "node", "php"]
        .iter()
        .any(|p| name.strip_prefix(p).is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b == b'.')));
    if command.is_shell() {
        // `bash -s -- --flag` reads the script from the pipe; `bash script.sh` does not.
        let reads_file = command.operands().next().is_some_and(|w| w.text != "-" && w.text != "/dev/stdin");
        return !reads_file || command.has(&["-s"]) || command.texts().any(|t| t == "-" || t == "/dev/stdin");
    }
    interpreter && command.texts().all(|t| t == "-" || t == "/dev/stdin")
        || matches!(name.to_ascii_lowercase().as_str(), "iex" | "invoke-expression")
        || matches!(name, "source" | ".") && command.texts().any(|t| t == "/dev/stdin")
}

fn piped(script: &Script<'_, '_>, sink: &mut Sink) {
    let mut from: Option<&Command> = None;
    let mut inside: Vec<Option<&Command>> = vec![None; script.commands.len()];
    for command in &script.commands {
        if !command.piped {
            from = None;
        }
        if let Some(source) = from.filter(|_| runs_input(command)) {
            sink.add(Hit::new(&PIPE, source.line, pipe_detail(source, command)));
        }
        if downloads(command) {
            from = Some(command);
            if let Some(slot) = command.inside.and_then(|i| inside.get_mut(i)) {
                *slot = Some(command);
            }
        }
    }
    for (outer, source) in script.commands.iter().zip(inside) {
        let Some(source) = source else { continue };
        let runs_argument = outer.is_shell() || matches!(outer.name(), "eval" | "source" | "." | "iex" | "Invoke-Expression");
        if runs_argument && !(outer.is_shell() && is_literal_script(outer)) {
            sink.add(Hit::new(&PIPE, outer.line, pipe_detail(source, outer)));
        }
    }
}

/// `sh -c 'curl x -o y'` only runs curl; `sh -c "$(curl x)"` and `sh <(curl x)` run what it sends.
fn is_literal_script(shell: &Command) -> bool {
    !shell.args().iter().any(|w| {
        let text = w.text.trim_start();
        text.starts_with("$(") || text.starts_with('`') || text.starts_with("<(")
    })
}

fn pipe_detail(source: &Command, runner: &Command) -> String {
    format!("What {} downloads goes straight into {}", quoted(source.name()), quoted(runner.name()))
}

/// A command that compares a download with what it should be.
fn verifies(command: &Command) -> bool {
    matches!(
        command.name(),
        "sha256sum" | "sha512sum" | "sha384sum" | "shasum" | "gpg" | "gpgv" | "cosign" | "minisign" | "b2sum" | "openssl"
    )
}

fn in_the_clear(command: &Command, sink: &mut Sink) {
    let fetches = downloads(command)
        || (command.name() == "git" && command.texts().any(|t| t == "clone"))
        || (matches!(command.name(), "npm" | "yarn" | "pnpm") && command.texts().any(|t| t.contains("registry")))
        || (is_pip(command) && command.texts().any(|t| t == "install" || t == "download"));
    let url = |t: &str| {
        let url = t.get(t.find("http://")?..)?;
        (!is_local(url) && (t.starts_with("http://") || t.starts_with("--") || t.starts_with("-i") || t.starts_with("git+")))
            .then(|| url.to_owned())
    };
    if let Some(url) = fetches.then(|| command.texts().find_map(url)).flatten() {
        let sure = if url.contains('$') { Confidence::Medium } else { Confidence::High };
        sink.add(Hit::new(&CLEAR, command.line, quoted(&without_credentials(&url))).sure(sure));
    }
}

/// Whether a command is pip in one of its forms: `pip`, `pip3.12`, `python3 -m pip`.
pub(super) fn is_pip(command: &Command) -> bool {
    let numbered =
        |name: &str, base: &str| name.strip_prefix(base).is_some_and(|r| r.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
    let name = command.name();
    numbered(name, "pip")
        || (numbered(name, "python") && command.texts().take(8).collect::<Vec<_>>().windows(2).any(|w| w == ["-m", "pip"]))
}

/// Whether a URL stays on this machine.
pub(super) fn is_local(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    ["localhost", "127.", "[::1]", "0.0.0.0", "host.docker.internal"].iter().any(|h| host.starts_with(h))
}
