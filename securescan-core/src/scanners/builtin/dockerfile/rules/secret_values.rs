//! Secrets written into the file: in `ENV`, `ARG`, commands and URLs. Their values never reach a finding's text.

use super::super::parse::{Keyword, Pair};
use super::super::report::{Hit, Rule, Sink, quoted};
use super::super::shell::Command;
use super::Analysis;
use super::secret_names::{is_literal_secret, is_secret_name};
use crate::model::{Confidence, Severity};
use std::collections::BTreeSet;

const MOUNT_FIX: &str = "Mount it for the one step that needs it: `RUN --mount=type=secret,id=…,env=…`; give it to the running container otherwise. Change the one that was written here.";

const IN_ENV: Rule = Rule {
    id: "DL007",
    severity: Severity::Critical,
    cwe: Some("CWE-526"),
    title: "Secret stored in ENV directive",
    why: "Whoever has the image, or may inspect the container, reads it; it is in the source's history too.",
    fix: MOUNT_FIX,
    aliases: &["DL3064", "DS-0031"],
    references: &["https://docs.docker.com/build/building/secrets/"],
};

const IN_ARG: Rule = Rule {
    id: "secret-in-arg",
    severity: Severity::High,
    cwe: Some("CWE-798"),
    title: "Secret as the default of a build argument",
    why: "The default stands in the source, and the image's history keeps the value that was used.",
    fix: MOUNT_FIX,
    aliases: &["DL3064", "DS-0031"],
    references: &["https://docs.docker.com/build/building/secrets/"],
};

const BUILD_ARG: Rule = Rule {
    id: "secret-build-arg",
    severity: Severity::Medium,
    cwe: Some("CWE-522"),
    title: "Secret passed as a build argument",
    why: "The image's history and the build's provenance keep the values of build arguments: `docker history` shows them.",
    fix: "Mount it for the one step that needs it: `RUN --mount=type=secret,id=…,env=…`.",
    aliases: &["DL3064", "DS-0031"],
    references: &["https://docs.docker.com/build/building/secrets/"],
};

const ARG_IN_ENV: Rule = Rule {
    id: "secret-kept-in-env",
    severity: Severity::High,
    cwe: Some("CWE-526"),
    title: "Secret build argument kept in the environment",
    why: "ENV writes the value into the image: whoever has it, or may inspect the container, reads it.",
    fix: "Remove the ENV; mount the secret for the step that needs it, or give it to the running container.",
    aliases: &["DL3064", "DS-0031"],
    references: &["https://docs.docker.com/build/building/secrets/"],
};

const IN_RUN: Rule = Rule {
    id: "secret-in-command",
    severity: Severity::High,
    cwe: Some("CWE-798"),
    title: "Secret written into a command",
    why: "The command stands in the source and in the image's history.",
    fix: MOUNT_FIX,
    aliases: &["DS-0031"],
    references: &["https://docs.docker.com/build/building/secrets/"],
};

const IN_URL: Rule = Rule {
    id: "credentials-in-url",
    severity: Severity::High,
    cwe: Some("CWE-798"),
    title: "Credentials in a URL",
    why: "The URL stands in the source, in the image's history, and often in logs.",
    fix: MOUNT_FIX,
    aliases: &[],
    references: &["https://docs.docker.com/build/building/secrets/"],
};

const PASSWORD_SET: Rule = Rule {
    id: "password-set-in-image",
    severity: Severity::High,
    cwe: Some("CWE-798"),
    title: "Account password set while building",
    why: "Every container of the image has the same password, and it stands in the image's history.",
    fix: "Leave accounts without a password (`useradd` does); nobody needs to log in to a container.",
    aliases: &["CKV2_DOCKER_17"],
    references: &[],
};

pub(super) const RULES: &[&Rule] = &[&IN_ENV, &IN_ARG, &BUILD_ARG, &ARG_IN_ENV, &IN_RUN, &IN_URL, &PASSWORD_SET];

pub(super) fn check(analysis: &Analysis<'_, '_>, sink: &mut Sink) {
    variables(analysis, sink);
    for instruction in analysis.file.instructions.iter().filter(|i| i.keyword == Keyword::Add) {
        for word in instruction.words() {
            in_url(&word.text, word.line, sink);
        }
    }
    for script in &analysis.scripts {
        for command in &script.commands {
            in_command(command, sink);
        }
    }
}

fn variables(analysis: &Analysis<'_, '_>, sink: &mut Sink) {
    let pairs = |keyword| analysis.all(keyword).flat_map(|(_, i)| i.pairs());
    let secret_args: BTreeSet<String> = pairs(Keyword::Arg).filter(|p| is_secret_name(&p.name)).map(|p| p.name).collect();
    let mut kept = BTreeSet::new();
    for pair in pairs(Keyword::Env) {
        let value = pair.value.as_deref().unwrap_or_default();
        if let Some(arg) = reference(value).filter(|n| secret_args.contains(*n)) {
            kept.insert(arg.to_owned());
            sink.add(Hit::new(&ARG_IN_ENV, pair.line, format!("{} takes build argument {}", quoted(&pair.name), quoted(arg))));
        } else {
            in_variable(&IN_ENV, &pair, sink);
        }
    }
    let mut asked = BTreeSet::new();
    for pair in pairs(Keyword::Arg) {
        match pair.value.as_deref().map(str::trim) {
            None | Some("")
                if secret_args.contains(&pair.name) && !kept.contains(&pair.name) && asked.insert(pair.name.clone()) =>
            {
                sink.add(Hit::new(&BUILD_ARG, pair.line, quoted(&pair.name)).sure(Confidence::Medium));
            }
            _ => in_variable(&IN_ARG, &pair, sink),
        }
    }
}

fn in_variable(rule: &'static Rule, pair: &Pair, sink: &mut Sink) {
    let value = pair.value.as_deref().unwrap_or_default();
    if is_secret_name(&pair.name) && is_literal_secret(value) {
        sink.add(Hit::new(rule, pair.line, quoted(&pair.name)).secret("dockerfile-variable", value));
    } else {
        in_url(value, pair.line, sink);
    }
}

/// The variable a value consists of: `$X`, `${X}`, `${X:-…}`.
fn reference(value: &str) -> Option<&str> {
    let name = value.trim().strip_prefix('$')?;
    let name = name.strip_prefix('{').unwrap_or(name);
    let len = name.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
    name.get(..len).filter(|n| !n.is_empty())
}

fn in_command(command: &Command, sink: &mut Sink) {
    for (name, value) in &command.assignments {
        if is_secret_name(name) && !value.expands && is_literal_secret(&value.text) {
            sink.add(Hit::new(&IN_RUN, value.line, quoted(name)).secret("dockerfile-command", &value.text));
        }
    }
    for word in &command.words {
        in_url(&word.text, word.line, sink);
    }
    in_options(command, sink);
    if matches!(command.name(), "chpasswd" | "passwd") && sets_password(command) {
        sink.add(Hit::new(&PASSWORD_SET, command.line, ""));
    }
    let hashed = matches!(command.name(), "useradd" | "usermod") && (command.has(&["--password"]) || command.has_short('p'));
    if hashed {
        sink.add(Hit::new(&PASSWORD_SET, command.line, ""));
    }
    auth_token(command, sink);
}

/// `passwd -l` and `passwd --lock` take a password away from use; everything else sets or clears one.
fn sets_password(command: &Command) -> bool {
    command.name() == "chpasswd"
        || !(command.has(&["-l", "--lock", "-S", "--status", "-e", "--expire"]) || command.args().is_empty())
}

/// Options whose value is a password: `--password X`, `--password=X`, `curl -u user:X`.
fn in_options(command: &Command, sink: &mut Sink) {
    let mut words = command.args().iter().peekable();
    while let Some(word) = words.next() {
        let (option, value) = match word.text.split_once('=') {
            Some((option, value)) => (option, Some((value, word))),
            None => (word.text.as_str(), words.peek().map(|next| (next.text.as_str(), *next))),
        };
        let Some((value, at)) = value else { continue };
        let is_password = option.strip_prefix("--").is_some_and(|o| is_secret_name(o) && !o.ends_with("stdin"));
        let is_user = matches!(command.name(), "curl") && matches!(option, "-u" | "--user");
        let value = if is_user { value.split_once(':').map_or("", |(_, password)| password) } else { value };
        if (is_password || is_user) && !at.expands && !value.starts_with('-') && is_literal_secret(value) {
            sink.add(
                Hit::new(&IN_RUN, at.line, format!("Option {} of {}", quoted(option), quoted(command.name())))
                    .secret("dockerfile-command", value),
            );
        }
    }
}

/// npm's `_authToken=…` written into a configuration.
fn auth_token(command: &Command, sink: &mut Sink) {
    for word in command.args() {
        let Some((_, value)) = ["_authToken=", "_auth=", "_password="].iter().find_map(|k| word.text.split_once(k)) else {
            continue;
        };
        let value = value.split(char::is_whitespace).next().unwrap_or_default();
        if !value.contains('$') && is_literal_secret(value) {
            sink.add(Hit::new(&IN_RUN, word.line, "An npm access token").secret("dockerfile-command", value));
        }
    }
}

/// `scheme://user:password@host` with a password that is written out.
fn in_url(text: &str, line: u32, sink: &mut Sink) {
    for (at, _) in text.match_indices("://").take(32) {
        let authority = text.get(at + 3..).and_then(|r| r.split(['/', ' ', '"', '\'', '?', '#']).next()).unwrap_or_default();
        let Some((userinfo, host)) = authority.rsplit_once('@') else { continue };
        let password = userinfo.split_once(':').map_or(userinfo, |(_, p)| p);
        // A lone name in front of `@` is a user; only what is long enough to be a token counts.
        let long_enough = userinfo.contains(':') || userinfo.len() >= 20;
        if long_enough && is_literal_secret(password) && !host.is_empty() {
            sink.add(Hit::new(&IN_URL, line, format!("For {}", quoted(host))).secret("url-password", password));
        }
    }
}
