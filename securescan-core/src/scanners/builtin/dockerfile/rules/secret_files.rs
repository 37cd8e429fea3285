//! Files that do not belong into an image: keys and credentials by name, the repository, the whole build context.

use super::super::parse::{Instruction, Keyword};
use super::super::report::{Hit, Rule, Sink, quoted};
use super::Analysis;
use crate::model::{Confidence, Severity};

const COPIED: Rule = Rule {
    id: "secret-file-copied",
    severity: Severity::High,
    cwe: Some("CWE-538"),
    title: "Credentials copied into the image",
    why: "Whoever has the image has the file, from its layer even when a later step deletes it.",
    fix: "Mount it for the one step that needs it: `RUN --mount=type=secret,id=…`; give it to the running container otherwise.",
    aliases: &["DS-0031"],
    references: &["https://docs.docker.com/build/building/secrets/"],
};

const REPOSITORY: Rule = Rule {
    id: "git-folder-copied",
    severity: Severity::Medium,
    cwe: Some("CWE-527"),
    title: "Git repository copied into the image",
    why: "The whole history is then in the image, with every secret that was ever committed and often the credentials of the remote.",
    fix: "List `.git` in `.dockerignore`; copy what the build needs.",
    aliases: &[],
    references: &["https://docs.docker.com/build/concepts/context/#dockerignore-files"],
};

/// Needs the folder around the file, so it is looked for by the scanner and not by `check`.
pub(in super::super) const DOCKERIGNORE_MISSING: Rule = Rule {
    id: "dockerignore-missing",
    severity: Severity::Low,
    cwe: Some("CWE-538"),
    title: "Whole folder copied without a .dockerignore",
    why: "Everything beside the Dockerfile goes into the image, what must not leave the machine included.",
    fix: "Add a `.dockerignore` that lists `.git`, `.env*` and keys, or copy what the build needs by name.",
    aliases: &[],
    references: &["https://docs.docker.com/build/concepts/context/#dockerignore-files"],
};

pub(super) const RULES: &[&Rule] = &[&COPIED, &REPOSITORY, &DOCKERIGNORE_MISSING];

pub(super) fn check(analysis: &Analysis<'_, '_>, sink: &mut Sink) {
    for instruction in &analysis.file.instructions {
        if !matches!(instruction.keyword, Keyword::Copy | Keyword::Add) {
            continue;
        }
        for source in sources(instruction) {
            copied(instruction, &source, sink);
        }
    }
}

/// What is copied from the build context. From another stage: the paths too, but they say less.
fn sources(instruction: &Instruction<'_>) -> Vec<String> {
    let mut words = instruction.words();
    words.pop();
    words.into_iter().filter(|w| !w.raw.starts_with("<<")).map(|w| w.text).collect()
}

fn copied(instruction: &Instruction<'_>, source: &str, sink: &mut Sink) {
    let path = source.trim_end_matches('/');
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    if name == ".git" {
        sink.add(Hit::new(&REPOSITORY, instruction.line, quoted(source)).to(instruction.end_line));
    }
    if let Some(confidence) = is_secret_file(path, &name) {
        let confidence = if instruction.flag("from").is_some() { Confidence::Low } else { confidence };
        sink.add(Hit::new(&COPIED, instruction.line, quoted(source)).to(instruction.end_line).sure(confidence));
    }
}

/// How sure it is that a path holds credentials.
fn is_secret_file(path: &str, name: &str) -> Option<Confidence> {
    const NAMES: &[&str] = &[
        ".dockercfg",
        ".git-credentials",
        ".htpasswd",
        ".netrc",
        ".pgpass",
        ".pypirc",
        ".vault-token",
        "id_dsa",
        "id_ecdsa",
        "id_ed25519",
        "id_rsa",
        "kubeconfig",
        "service-account.json",
        "terraform.tfstate",
    ];
    const MAYBE: &[&str] =
        &[".npmrc", ".yarnrc", "credentials.json", "secrets.yaml", "secrets.yml", "secrets.json", "pip.conf", "nuget.config"];
    const FOLDERS: &[&str] = &[".aws", ".ssh", ".kube", ".gnupg", ".docker"];
    let is_env = name == ".env"
        || name.strip_prefix(".env.").is_some_and(|e| !["example", "sample", "template", "dist", "defaults"].contains(&e));
    let in_folder =
        path.split('/').any(|p| FOLDERS.contains(&p)) && !name.starts_with("known_hosts") && !name.starts_with("authorized_keys");
    let is_key = [".key", ".p12", ".pfx", ".ppk", ".jks", ".keystore", ".kdbx", ".ovpn"]
        .iter()
        .any(|e| name.ends_with(e) && name.len() > e.len());
    if NAMES.contains(&name) || is_env || in_folder {
        Some(Confidence::High)
    } else if is_key || MAYBE.contains(&name) {
        Some(Confidence::Medium)
    } else {
        None
    }
}

/// The first instruction that copies the whole build context.
pub(in super::super) fn copies_everything<'i, 'a>(instructions: &'i [Instruction<'a>]) -> Option<&'i Instruction<'a>> {
    let from_context = |i: &&Instruction<'_>| matches!(i.keyword, Keyword::Copy | Keyword::Add) && i.flag("from").is_none();
    let everything = |i: &Instruction<'_>| sources(i).iter().any(|s| matches!(s.as_str(), "." | "./" | "/" | "*" | "./*"));
    instructions.iter().filter(from_context).find(|i| everything(i))
}
