//! The findings of `git-hygiene`, in words.

use super::State;
use super::content::Verdict;
use super::names::{KINDS, Kind, is_test_path};
use super::paths::visible;
use crate::model::{Confidence, Finding, ScanType, Severity};
use serde_json::Value;

const IGNORE_PAGE: &str = "https://git-scm.com/docs/gitignore";
const REMOVE_PAGE: &str =
    "https://docs.github.com/authentication/keeping-your-account-and-data-secure/removing-sensitive-data-from-a-repository";

fn finding(rule: &str, severity: Severity, title: String, path: &str) -> Finding {
    let mut out = Finding::new("git-hygiene", ScanType::Code, severity, title);
    out.rule_id = Some(format!("git-hygiene/{rule}"));
    out.file_path = Some(path.to_owned());
    out.confidence = Some(Confidence::High);
    out
}

/// A file shown to a reader: one line, at most 120 characters.
fn shown(path: &str) -> String {
    let visible = visible(path);
    let cut: String = visible.chars().take(120).collect();
    if cut.len() < visible.len() { format!("`{cut}…`") } else { format!("`{cut}`") }
}

/// The severity of a file: its kind's when tracked, less the further it is from other people's machines.
fn severity(kind: &Kind, state: State, verdict: Verdict) -> Severity {
    let by_state = match state {
        State::Tracked => kind.severity,
        State::Untracked | State::Unknown => kind.severity.min(Severity::Medium),
        State::NoRepository => Severity::Low,
    };
    if verdict == Verdict::Mild { by_state.min(Severity::Low) } else { by_state }
}

/// A sensitive file.
pub(super) fn sensitive(path: &str, kind: &Kind, state: State, verdict: Verdict) -> Finding {
    let name = path.rsplit('/').next().unwrap_or(path);
    let rule = format!("sensitive-file-{}", kind.id);
    let mut severity = severity(kind, state, verdict);
    let is_test = is_test_path(path);
    if is_test {
        severity = severity.min(Severity::Low);
    }
    let mut out = finding(&rule, severity, format!("Sensitive file in project: {}", visible(name)), path);
    let (stands, fix) = match state {
        State::Tracked => (
            "is tracked by git: whoever can read the repository has it, in every later clone too",
            "Change what it gives access to, run `git rm --cached` on it, ignore it, and remove it from the history.",
        ),
        State::Untracked => (
            "is neither tracked nor ignored: the next `git add .` takes it in",
            "Add it to `.gitignore`, or keep it outside of the project.",
        ),
        State::Unknown => (
            "is not ignored; whether git tracks it could not be told",
            "Add it to `.gitignore`; if it was ever committed, change what it gives access to.",
        ),
        State::NoRepository => (
            "lies in the project; it must not reach a repository, an archive or an image",
            "Keep it outside of the project, and list it in `.gitignore` and `.dockerignore`.",
        ),
    };
    out.description = format!("{} holds {} and {stands}.", shown(path), kind.what);
    if verdict == Verdict::Mild {
        out.description.push_str(" What was found in it is encrypted, harmless or could not be read.");
        out.confidence = Some(Confidence::Low);
    }
    out.remediation = fix.to_owned();
    out.cwe = Some(kind.cwe.to_owned());
    out.references = vec![if state == State::Tracked { REMOVE_PAGE } else { IGNORE_PAGE }.to_owned()];
    if is_test {
        out.confidence = Some(Confidence::Low);
        out.metadata.extra.insert("likely_false_positive".to_owned(), Value::Bool(true));
    }
    out.metadata.extra.insert("git_state".to_owned(), Value::from(word(state)));
    out
}

fn word(state: State) -> &'static str {
    match state {
        State::Tracked => "tracked",
        State::Untracked => "untracked",
        State::Unknown => "unknown",
        State::NoRepository => "no_repository",
    }
}

/// A pattern that `.gitignore` lacks, with the files that show it; `None` for a pattern without a rule.
pub(super) fn missing_ignore(pattern: &str, files: &[(&str, Verdict)]) -> Option<Finding> {
    let (_, id) = KINDS.iter().filter_map(|k| k.ignore).find(|(p, _)| *p == pattern)?;
    let is_sensitive = files.iter().any(|(path, verdict)| *verdict == Verdict::Sensitive && !is_test_path(path));
    let severity = if is_sensitive { Severity::Medium } else { Severity::Low };
    let title = format!("'{pattern}' not in .gitignore but exists in project");
    let mut out = finding(&format!("missing-ignore-{id}"), severity, title, ".gitignore");
    let named: Vec<_> = files.iter().take(5).map(|(path, _)| shown(path)).collect();
    let more = files.len().saturating_sub(named.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    out.description =
        format!("Nothing keeps {}{more} out of the repository: the next `git add .` takes it in.", named.join(", "));
    out.remediation = format!("Add `{pattern}` to `.gitignore`, or keep such files outside of the project.");
    out.cwe = Some("CWE-538".to_owned());
    out.references = vec![IGNORE_PAGE.to_owned()];
    Some(out)
}

/// A working tree without a `.gitignore`. It names the file that should be there.
pub(super) fn no_gitignore() -> Finding {
    let mut out = finding("no-gitignore", Severity::Medium, "No .gitignore file found".to_owned(), ".gitignore");
    out.description =
        "Nothing keeps credentials, keys and build products out of the repository: `git add .` takes in everything.".to_owned();
    out.remediation = "Add a `.gitignore` with at least `.env*`, `*.pem`, `*.key` and your build folders.".to_owned();
    out.cwe = Some("CWE-538".to_owned());
    out.references = vec![IGNORE_PAGE.to_owned()];
    out
}

/// One finding of each rule that is not about a kind of file, for the common list of rules.
pub(super) fn examples() -> Vec<Finding> {
    let patterns = KINDS.iter().filter_map(|kind| kind.ignore).map(|(pattern, _)| missing_ignore(pattern, &[]));
    let mut all: Vec<Finding> = patterns.flatten().collect();
    all.extend([no_gitignore(), deceptive_name(""), poses_as_git(""), case_collision(&[])]);
    all.extend([insecure_submodule(1, "http"), hostile_submodule(1, "url")]);
    all
}

/// A file name with characters that are not seen or that turn the text around them.
pub(super) fn deceptive_name(path: &str) -> Finding {
    let title = "File name with invisible or direction-changing characters".to_owned();
    let mut out = finding("deceptive-file-name", Severity::Medium, title, path);
    out.description = format!("The name is {}: people and review pages show it as something else.", shown(path));
    out.remediation = "Rename the file.".to_owned();
    out.cwe = Some("CWE-1007".to_owned());
    out.references = vec!["https://trojansource.codes".to_owned()];
    out
}

/// A path that some file systems take for git's own folder.
pub(super) fn poses_as_git(path: &str) -> Finding {
    let mut out = finding("git-folder-lookalike", Severity::High, "Path poses as git's own folder".to_owned(), path);
    out.description =
        format!("Some systems take a part of {} for `.git`: a checkout there may plant hooks that run.", shown(path));
    out.remediation = "Remove the path, and find out who added it.".to_owned();
    out.cwe = Some("CWE-178".to_owned());
    out
}

/// Paths that differ in case alone.
pub(super) fn case_collision(group: &[&str]) -> Finding {
    let first = group.first().copied().unwrap_or_default();
    let mut out = finding("case-colliding-paths", Severity::Low, "Paths that differ in case alone".to_owned(), first);
    let named: Vec<_> = group.iter().take(5).map(|p| shown(p)).collect();
    out.description =
        format!("{} are one file on Windows and macOS: which content a checkout has there is chance.", named.join(" and "));
    out.remediation = "Rename all but one.".to_owned();
    out.cwe = Some("CWE-178".to_owned());
    out
}

/// A submodule fetched in the clear.
pub(super) fn insecure_submodule(line: u32, scheme: &str) -> Finding {
    let mut out =
        finding("submodule-insecure-url", Severity::Medium, "Submodule over an insecure protocol".to_owned(), ".gitmodules");
    out.line = Some(line);
    out.description =
        format!("The submodule is fetched over `{scheme}`: anybody on the way can read it and, on the first fetch, replace it.");
    out.remediation = "Use https or ssh.".to_owned();
    out.cwe = Some("CWE-319".to_owned());
    out.references = vec!["https://git-scm.com/docs/gitmodules".to_owned()];
    out
}

/// A submodule whose URL or path is an attack on old versions of git.
pub(super) fn hostile_submodule(line: u32, key: &str) -> Finding {
    let mut out =
        finding("submodule-hostile-setting", Severity::High, "Submodule setting that attacks git".to_owned(), ".gitmodules");
    out.line = Some(line);
    out.description = format!(
        "The submodule's {key} starts with `-`, leads out of the folder or runs a command: older versions of git take it for an option."
    );
    out.remediation = "Remove the submodule, and find out who added it.".to_owned();
    out.cwe = Some("CWE-88".to_owned());
    out.references = vec!["https://git-scm.com/docs/gitmodules".to_owned()];
    out
}
