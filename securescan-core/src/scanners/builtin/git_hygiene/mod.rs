//! The built-in scanner `git-hygiene`: files that should not be in a repository.
//!
//! What git says decides: a sensitive file that is tracked is worst, one that is neither tracked nor ignored is an accident
//! waiting, one that is ignored is as it should be. Without git the list of files must do. Secrets inside other files are the
//! scanner `secrets`' business; where gitleaks is installed, its rules are applied here, too.

mod content;
mod findings;
mod names;
mod paths;
mod submodules;

use crate::model::{ScanType, ScannerStatus};
use crate::scanners::external::gitleaks;
use crate::scanners::walk::{FileEntry, VENDORED_DIRS};
use crate::scanners::{LooksAt, Outcome, Rule, ScanContext, Scanner, ScannerMeta};
use content::Verdict;
use std::collections::{BTreeMap, BTreeSet};

/// The scanner.
#[derive(Debug)]
pub(crate) struct GitHygiene;

const META: ScannerMeta = ScannerMeta {
    name: "git-hygiene",
    scan_type: ScanType::Code,
    about: "files that should not be in a repository",
    install_hint: None,
    looks_at: LooksAt::Path,
    per_file: false,
    walks: true,
};

/// Pathspecs given to git at once.
const BATCH: usize = 400;

/// Every rule, for the common list.
pub(in crate::scanners) fn rules() -> Vec<Rule> {
    let kinds = names::KINDS.iter().map(|kind| Rule {
        scanner: META.name,
        id: format!("git-hygiene/sensitive-file-{}", kind.id),
        title: format!("Sensitive file in project: {}", kind.what),
        severity: kind.severity,
        cwe: Some(kind.cwe.to_owned()),
        why: String::new(),
        fix: "Change what it gives access to, run `git rm --cached` on it, ignore it, and remove it from the history.".to_owned(),
        aliases: Vec::new(),
        references: Vec::new(),
    });
    let others = findings::examples().into_iter().map(|finding| Rule {
        scanner: META.name,
        id: finding.rule_id.unwrap_or_default(),
        title: finding.title,
        severity: finding.severity,
        cwe: finding.cwe,
        why: String::new(),
        fix: finding.remediation,
        aliases: Vec::new(),
        references: finding.references,
    });
    let mut all: Vec<Rule> = kinds.chain(others).collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all.dedup_by(|a, b| a.id == b.id);
    all
}

impl Scanner for GitHygiene {
    fn meta(&self) -> &'static ScannerMeta {
        &META
    }

    /// Without gitleaks there is nothing worth keeping.
    fn depends_on(&self, request: &crate::scanners::ScanRequest) -> Option<String> {
        gitleaks::installation(&META, request)
    }

    fn scan(&self, context: &ScanContext<'_>) -> Outcome {
        let mut out = Outcome::default();
        let git = Git::ask(context);
        out.reason = git.reason.clone();
        sensitive_files(context, &git, &mut out);
        file_names(context, &git, &mut out);
        if !context.single_file {
            no_gitignore(context, &git, &mut out);
            submodules::check(context, &mut out);
        }
        if gitleaks::is_installed(&META, context.request) {
            add(&mut out, gitleaks::scan(&META, context));
        }
        out
    }
}

/// Adds what gitleaks found. That it found nothing because it failed is a gap of this scanner, whose own part stands.
fn add(out: &mut Outcome, theirs: Outcome) {
    let lacking = matches!(theirs.status, Some(ScannerStatus::Failed | ScannerStatus::Partial));
    if lacking {
        out.status = Some(ScannerStatus::Partial);
    }
    if theirs.status.is_none() || lacking {
        let reasons: Vec<String> = out.reason.take().into_iter().chain(theirs.reason).collect();
        out.reason = Some(reasons.join("; ")).filter(|text| !text.is_empty());
    }
    out.findings.extend(theirs.findings);
    out.skipped.extend(theirs.skipped);
}

/// How git stands to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    /// In the repository.
    Tracked,
    /// Not in it, and not ignored either.
    Untracked,
    /// Git could not be asked.
    Unknown,
    /// There is no repository.
    NoRepository,
}

/// What git says about the target.
struct Git {
    is_repository: bool,
    /// Tracked paths below the root; none without git or without a repository.
    tracked: Option<BTreeSet<String>>,
    /// Why git could not be asked.
    reason: Option<String>,
}

impl Git {
    fn ask(context: &ScanContext<'_>) -> Self {
        if let Some(tracked) = context.tracked {
            return Self { is_repository: true, tracked: Some(tracked.clone()), reason: None };
        }
        match context.repo {
            Some(repo) => match repo.tracked(context.cancel) {
                Ok(tracked) => Self { is_repository: true, tracked: Some(tracked), reason: None },
                Err(error) => Self {
                    is_repository: true,
                    tracked: None,
                    reason: Some(format!("tracked files unknown, judged by the files on disk: {error}")),
                },
            },
            None if context.root.ancestors().any(|a| a.join(".git").exists()) => Self {
                is_repository: true,
                tracked: None,
                reason: Some("tracked files unknown, judged by the files on disk: git is not available here".to_owned()),
            },
            None => Self { is_repository: false, tracked: None, reason: None },
        }
    }

    fn state(&self, path: &str, staged: bool) -> State {
        match &self.tracked {
            _ if staged => State::Tracked,
            Some(tracked) if tracked.contains(path) => State::Tracked,
            Some(_) => State::Untracked,
            None if self.is_repository => State::Unknown,
            None => State::NoRepository,
        }
    }

    /// Tracked paths that the walk may have left out: force-added ones are ignored and in the repository all the same.
    fn tracked_paths<'s>(&'s self, context: &'s ScanContext<'_>) -> impl Iterator<Item = &'s str> {
        let wanted = !context.request.staged && !context.single_file;
        self.tracked
            .iter()
            .filter(move |_| wanted)
            .flatten()
            .map(String::as_str)
            .filter(|path| context.request.vendored || !path.split('/').any(|part| VENDORED_DIRS.contains(&part)))
    }
}

/// A sensitive file, before it is judged.
struct Candidate {
    kind: &'static names::Kind,
    state: State,
}

fn sensitive_files(context: &ScanContext<'_>, git: &Git, out: &mut Outcome) {
    let listed = context.files.iter().map(|f| f.path.as_str());
    let mut candidates: BTreeMap<&str, Candidate> = BTreeMap::new();
    for path in listed.chain(git.tracked_paths(context)) {
        if let Some(kind) = names::kind_of(path) {
            candidates.insert(path, Candidate { kind, state: git.state(path, context.request.staged) });
        }
    }
    drop_ignored(context, &mut candidates);
    let has_gitignore = context.root.join(".gitignore").is_file();
    let mut missing: BTreeMap<&str, Vec<(&str, Verdict)>> = BTreeMap::new();
    for (path, candidate) in &candidates {
        if context.cancel.should_stop() {
            return;
        }
        let Some(verdict) = judge(context, path, candidate, out) else { continue };
        match candidate.kind.ignore {
            Some((pattern, _)) if has_gitignore && matches!(candidate.state, State::Untracked | State::Unknown) => {
                missing.entry(pattern).or_default().push((path, verdict));
            }
            _ => out.findings.push(findings::sensitive(path, candidate.kind, candidate.state, verdict)),
        }
    }
    out.findings.extend(missing.iter().filter_map(|(pattern, files)| findings::missing_ignore(pattern, files)));
}

/// Takes out untracked files that git ignores, by any of its ways: the walk does not know all of them.
fn drop_ignored(context: &ScanContext<'_>, candidates: &mut BTreeMap<&str, Candidate>) {
    let Some(repo) = context.repo else { return };
    let untracked: Vec<&str> = candidates.iter().filter(|(_, c)| c.state == State::Untracked).map(|(p, _)| *p).collect();
    let full = |path: &str| if repo.prefix.is_empty() { path.to_owned() } else { format!("{}/{path}", repo.prefix) };
    for batch in untracked.chunks(BATCH) {
        let wanted: Vec<String> = batch.iter().map(|p| full(p)).collect();
        let mut args = vec!["ls-files", "--others", "--exclude-standard", "-z", "--"];
        args.extend(wanted.iter().map(String::as_str));
        let Ok(answer) = repo.git(&args, Vec::new(), context.cancel) else { continue };
        let kept: BTreeSet<&[u8]> = answer.split(|b| *b == 0).collect();
        for (path, full) in batch.iter().zip(&wanted) {
            if !kept.contains(full.as_bytes()) {
                candidates.remove(path);
            }
        }
    }
}

/// What the file's content says; `None` when there is nothing to report. A file that cannot be read is judged by its name.
fn judge(context: &ScanContext<'_>, path: &str, candidate: &Candidate, out: &mut Outcome) -> Option<Verdict> {
    let lower = path.to_ascii_lowercase();
    let public_store =
        candidate.kind.check == content::Check::KeyStore && (lower.contains("trust") || lower.ends_with("debug.keystore"));
    if public_store {
        return None;
    }
    let listed = context.files.binary_search_by(|f| f.path.as_str().cmp(path)).ok().and_then(|i| context.files.get(i));
    let entry = match listed {
        Some(file) => Some(file.clone()),
        None => tracked_on_disk(context, path),
    };
    let verdict = match entry.map(|e| context.read(&e)) {
        Some(Ok(bytes)) => candidate.kind.check.judge(&bytes),
        Some(Err(skipped)) => {
            // A file too large to read is judged by its name; one that should be readable is a gap.
            if !skipped.why.starts_with("larger than") {
                out.skipped.push(skipped);
            }
            Verdict::Mild
        }
        None => Verdict::Mild,
    };
    (verdict != Verdict::Fine).then_some(verdict)
}

/// A tracked file that the walk did not list, when it is a regular file inside the root.
fn tracked_on_disk(context: &ScanContext<'_>, path: &str) -> Option<FileEntry> {
    let full = context.root.join(crate::path::to_os(path));
    let meta = full.symlink_metadata().ok().filter(std::fs::Metadata::is_file)?;
    let inside = full.canonicalize().ok()?.starts_with(context.root.canonicalize().ok()?);
    inside.then(|| FileEntry { path: path.to_owned(), size: meta.len() })
}

fn file_names(context: &ScanContext<'_>, git: &Git, out: &mut Outcome) {
    let mut all: BTreeSet<&str> = context.files.iter().map(|f| f.path.as_str()).collect();
    all.extend(git.tracked_paths(context));
    for path in &all {
        if path.chars().any(paths::is_deceptive) {
            out.findings.push(findings::deceptive_name(path));
        }
        if paths::poses_as_git(path) {
            out.findings.push(findings::poses_as_git(path));
        }
    }
    // Only what is in the repository reaches other people's machines.
    let shared: Vec<&str> = match &git.tracked {
        Some(tracked) => all.iter().copied().filter(|p| tracked.contains(*p)).collect(),
        None => all.iter().copied().collect(),
    };
    out.findings.extend(paths::case_collisions(shared.into_iter()).iter().map(|group| findings::case_collision(group)));
}

/// A working tree's top folder wants a `.gitignore`; any other folder does not.
fn no_gitignore(context: &ScanContext<'_>, git: &Git, out: &mut Outcome) {
    let is_top = match context.repo {
        Some(repo) => repo.prefix.is_empty(),
        None => git.is_repository && context.root.join(".git").exists(),
    };
    let has = context.root.join(".gitignore").exists() || git.tracked.as_ref().is_some_and(|t| t.contains(".gitignore"));
    if is_top && !has && !context.request.staged && !context.files.is_empty() {
        out.findings.push(findings::no_gitignore());
    }
}
