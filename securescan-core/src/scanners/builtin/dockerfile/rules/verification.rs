//! Checks switched off: TLS certificates, package signatures, host keys.

use super::super::parse::Keyword;
use super::super::report::{Hit, Rule, Sink, quoted};
use super::super::shell::Command;
use super::Analysis;
use super::remote::{is_local, is_pip};
use crate::model::Severity;

const TLS_WHY: &str = "Anybody on the way can then pose as the server and replace what is downloaded.";
const TLS_FIX: &str =
    "Leave the check on; add the missing authority to the image's trust store (`update-ca-certificates`) instead.";
const SIGNATURE_WHY: &str = "A package that anybody has changed on the way is then installed, as root, without a word.";
const SIGNATURE_FIX: &str = "Leave the check on; import the repository's signing key instead.";

/// A rule about TLS.
const fn tls(id: &'static str, title: &'static str, aliases: &'static [&'static str]) -> Rule {
    let severity = Severity::High;
    Rule { id, severity, cwe: Some("CWE-295"), title, why: TLS_WHY, fix: TLS_FIX, aliases, references: &[] }
}

/// A rule about package signatures.
const fn signature(id: &'static str, title: &'static str, aliases: &'static [&'static str]) -> Rule {
    let severity = Severity::High;
    Rule { id, severity, cwe: Some("CWE-347"), title, why: SIGNATURE_WHY, fix: SIGNATURE_FIX, aliases, references: &[] }
}

const CURL: Rule = tls("curl-insecure", "curl without certificate check", &["CKV2_DOCKER_2"]);
const WGET: Rule = tls("wget-no-check-certificate", "wget without certificate check", &["CKV2_DOCKER_3"]);
const PIP_HOST: Rule = tls("pip-trusted-host", "pip without certificate check", &["CKV2_DOCKER_16", "CKV2_DOCKER_4"]);
const PYTHON: Rule = tls("python-https-verify-off", "Python without certificate check", &["CKV2_DOCKER_5"]);
const NODE: Rule = tls("node-tls-verify-off", "Node.js without certificate check", &["CKV2_DOCKER_6"]);
const NPM: Rule = tls("npm-strict-ssl-off", "npm without certificate check", &["CKV2_DOCKER_12", "CKV2_DOCKER_13"]);
const GIT: Rule = tls("git-ssl-verify-off", "git without certificate check", &["CKV2_DOCKER_14"]);
const YUM_TLS: Rule = tls("yum-sslverify-off", "yum or dnf without certificate check", &["CKV2_DOCKER_15"]);
const APK: Rule = signature("apk-allow-untrusted", "apk installs untrusted packages", &["CKV2_DOCKER_7"]);
const APT: Rule = signature("apt-allow-unauthenticated", "apt installs unauthenticated packages", &["CKV2_DOCKER_8"]);
const APT_FORCE: Rule = signature("apt-force-yes", "apt installs whatever happens", &["CKV2_DOCKER_11"]);
const YUM: Rule = signature("yum-nogpgcheck", "yum or dnf without signature check", &["CKV2_DOCKER_9"]);
const ZYPPER: Rule = signature("zypper-no-gpg-checks", "zypper without signature check", &[]);
const RPM: Rule = signature("rpm-no-verify", "rpm without signature check", &["CKV2_DOCKER_10"]);

const HOST_KEY: Rule = Rule {
    id: "ssh-host-key-check-off",
    severity: Severity::Medium,
    cwe: Some("CWE-322"),
    title: "SSH without host key check",
    why: "Anybody on the way can then pose as the server, and what is fetched goes into the image.",
    fix: "Put the server's published key into `known_hosts`.",
    aliases: &[],
    references: &[],
};

pub(super) const RULES: &[&Rule] =
    &[&CURL, &WGET, &PIP_HOST, &PYTHON, &NODE, &NPM, &GIT, &YUM_TLS, &APK, &APT, &APT_FORCE, &YUM, &ZYPPER, &RPM, &HOST_KEY];

pub(super) fn check(analysis: &Analysis<'_, '_>, sink: &mut Sink) {
    for keyword in [Keyword::Env, Keyword::Arg] {
        for (_, instruction) in analysis.all(keyword) {
            for pair in instruction.pairs() {
                variable(&pair.name, pair.value.as_deref().unwrap_or_default(), pair.line, sink);
            }
        }
    }
    for script in &analysis.scripts {
        for command in &script.commands {
            for (name, value) in &command.assignments {
                variable(name, &value.text, value.line, sink);
            }
            if let Some((rule, what)) = unverified(command) {
                sink.add(Hit::new(rule, command.line, quoted(&what)));
            }
            if command.texts().any(no_host_key) {
                sink.add(Hit::new(&HOST_KEY, command.line, "`StrictHostKeyChecking` is off"));
            }
        }
    }
}

/// An environment variable that switches a check off.
fn variable(name: &str, value: &str, line: u32, sink: &mut Sink) {
    let value = value.trim().to_ascii_lowercase();
    let off = matches!(value.as_str(), "0" | "false" | "no" | "off");
    let on = matches!(value.as_str(), "1" | "true" | "yes" | "on");
    let hit = match name.to_ascii_uppercase().as_str() {
        "PYTHONHTTPSVERIFY" if off => Some(&PYTHON),
        "NODE_TLS_REJECT_UNAUTHORIZED" if off => Some(&NODE),
        "NPM_CONFIG_STRICT_SSL" if off => Some(&NPM),
        "GIT_SSL_NO_VERIFY" if on => Some(&GIT),
        "PIP_TRUSTED_HOST" if !value.is_empty() && !is_local(&value) => Some(&PIP_HOST),
        _ => None,
    };
    if let Some(rule) = hit {
        sink.add(Hit::new(rule, line, quoted(name)));
    }
}

/// The rule a command breaks, and the option that does it.
fn unverified(command: &Command) -> Option<(&'static Rule, String)> {
    let first = |options: &[&str]| {
        command.texts().find(|t| options.contains(&t.split_once('=').map_or(*t, |(n, _)| n))).map(str::to_owned)
    };
    let value = |name: &str, values: &[&str]| {
        let lower: Vec<_> = command.texts().take(64).map(str::to_ascii_lowercase).collect();
        let joined = lower.iter().find(|t| t.rsplit_once('=').is_some_and(|(n, v)| n.ends_with(name) && values.contains(&v)));
        let apart = lower
            .windows(2)
            .find(|w| w.first().is_some_and(|n| n.ends_with(name)) && w.get(1).is_some_and(|v| values.contains(&v.as_str())));
        joined.cloned().or_else(|| apart.map(|w| w.join(" ")))
    };
    const OFF: &[&str] = &["false", "0", "no"];
    match command.name() {
        "curl" => {
            let local = command.texts().any(is_local);
            let option = first(&["--insecure", "--proxy-insecure"]).or_else(|| command.has_short('k').then(|| "-k".to_owned()));
            option.filter(|_| !local).map(|o| (&CURL, o))
        }
        "wget" if !command.texts().any(is_local) => first(&["--no-check-certificate"]).map(|o| (&WGET, o)),
        "apk" => first(&["--allow-untrusted"]).map(|o| (&APK, o)),
        "apt-get" | "apt" | "aptitude" => first(&["--force-yes"]).map(|o| (&APT_FORCE, o)).or_else(|| {
            let option = value("allowunauthenticated", &["true", "1", "yes"])
                .or_else(|| value("allowinsecurerepositories", &["true", "1", "yes"]));
            first(&["--allow-unauthenticated"]).or(option).map(|o| (&APT, o))
        }),
        "yum" | "dnf" | "tdnf" | "microdnf" => first(&["--nogpgcheck", "--no-gpgchecks"])
            .map(|o| (&YUM, o))
            .or_else(|| value("sslverify", OFF).map(|o| (&YUM_TLS, o)))
            .or_else(|| value("gpgcheck", OFF).map(|o| (&YUM, o))),
        "yum-config-manager" => value("sslverify", OFF).map(|o| (&YUM_TLS, o)),
        "zypper" => first(&["--no-gpg-checks", "--allow-unsigned-rpm"]).map(|o| (&ZYPPER, o)),
        "rpm" => first(&["--nodigest", "--nosignature", "--noverify", "--nofiledigest", "--nogpgcheck"]).map(|o| (&RPM, o)),
        "npm" | "yarn" | "pnpm" => value("strict-ssl", OFF).map(|o| (&NPM, o)),
        "git" => value("http.sslverify", OFF).map(|o| (&GIT, o)),
        _ if is_pip(command) => first(&["--trusted-host"]).map(|o| (&PIP_HOST, o)).or_else(|| {
            let at = command.texts().any(|t| t.ends_with("trusted-host"));
            at.then(|| (&PIP_HOST, "trusted-host".to_owned()))
        }),
        _ => None,
    }
}

fn no_host_key(text: &str) -> bool {
    let Some(at) = text.find("StrictHostKeyChecking") else { return false };
    let rest = text.get(at + "StrictHostKeyChecking".len()..).unwrap_or_default();
    let value = rest.trim_start_matches([' ', '=', '\t']);
    value.starts_with("no") || value.starts_with("off")
}
