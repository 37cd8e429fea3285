//! Two revisions of a repository, scanned now.

use crate::args::{DiffArgs, PolicySide};
use crate::exit::Exit;
use crate::look::{self, Look};
use crate::output::{self, Voice};
use crate::progress::Progress;
use crate::signals::Interrupt;
use securescan_core::baseline::Baseline;
use securescan_core::classify;
use securescan_core::config::{Config, FILE_NAMES, is_registry_ref};
use securescan_core::diff_lines::DiffLines;
use securescan_core::model::SuppressedBy;
use securescan_core::path::from_os;
use securescan_core::render::{Changes, DiffView, RenderInput, SuppressedCounts};
use securescan_core::scanners::git::Repo;
use securescan_core::scanners::{Cancel, Revisions, RevisionsRequest, scan_revisions};
use securescan_core::source::DirSources;
use securescan_core::suppress::Policy;
use securescan_core::{Error, ErrorKind, Finding, Result, ScanType, score};
use std::path::{Path, PathBuf};

pub(super) fn run(args: &DiffArgs, base_ref: &str, voice: Voice) -> Result<Exit> {
    let targets = output::targets(&args.show, "github-pr-comment")?;
    let target = &args.look.target;
    let head_ref = args.head_ref.as_deref().unwrap_or("HEAD");
    let repo = Repo::open(target)?;
    let cancel = Cancel::new();
    let head_commit = repo.commit(head_ref, &cancel)?;
    repo.commit(base_ref, &cancel)?;
    let head_config = config_at(args, &repo, &head_commit, voice)?;
    let gate = output::gate(
        args.show.fail_on_severity.as_deref(),
        head_config.as_ref().and_then(|(_, config)| config.fail_on_severity),
    )?;
    let look = Look::with_config(target, &args.look.how, head_config, &[ScanType::Code])?;
    let head_baseline = crate::cmd::scan::baseline(&args.judge, voice)?;
    let request = RevisionsRequest {
        needed: needed(&look.request.semgrep_rules),
        scan: look.request.clone(),
        base: base_ref.to_owned(),
        head: head_commit,
        exact: args.base_exact,
        full: args.full,
        cache: cache_folder(args),
    };
    let interrupt = Interrupt::watch(&look.request.cancel);
    let mut done = scan_revisions(&request, &Progress::new(voice))?;

    if voice.verbose && !done.from_cache.is_empty() {
        voice.note(&format!("the base's results are kept from before: {}", done.from_cache.join(", ")));
    }
    let base_config = config_at(args, &done.repo, &done.base_commit, Voice { quiet: true, ..voice })?
        .map(|(_, config)| config)
        .unwrap_or_default();
    let base_baseline = match &args.judge.baseline {
        Some(file) if !args.judge.no_suppress => baseline_at(&done, file, head_baseline.as_ref())?,
        _ => None,
    };
    let suppress = !args.judge.no_suppress;
    let (base, _) = look.process_by(&mut done.base, &base_config, base_baseline.as_ref(), suppress);
    let (mut head, processed) = look.process(&mut done.head, head_baseline.as_ref(), suppress);
    let policy = Policy { ignored_rules: &base_config.ignored_rules, baseline: base_baseline.as_ref(), inline: true };
    let silenced = classify::suppressed_by_change(&base.findings, &head.findings, &policy);
    let by_change = count(&head.findings, &silenced);
    if args.policy_from == PolicySide::Base {
        for index in &silenced {
            if let Some(finding) = head.findings.get_mut(*index) {
                finding.metadata.suppressed_by = None;
            }
        }
    }
    crate::cmd::scan::tell(&processed, voice);
    if by_change.total() > 0 {
        let SuppressedCounts { inline, config, baseline } = by_change;
        let what = if args.policy_from == PolicySide::Base { "counted all the same" } else { "suppressed" };
        voice.warn(&format!(
            "{} finding(s) {what} by what this change itself adds (inline={inline}, config={config}, baseline={baseline})",
            by_change.total()
        ));
    }

    let mut result = head.clone();
    let diff = classify::diff(base, head);
    result.findings = diff.new.iter().chain(&diff.unchanged).cloned().collect();
    securescan_core::order::sort(&mut result.findings);
    let view = DiffView {
        new: &diff.new,
        fixed: &diff.fixed,
        not_scanned: &diff.not_scanned,
        unchanged_count: diff.unchanged.len(),
        base_ref: Some(base_ref),
        head_ref: Some(head_ref),
        suppressed_by_change: Some(by_change),
        ..DiffView::default()
    };
    let options = output::hosted(output::options(gate, voice), &args.host, Some(&done.head_commit));
    let lines = DiffLines::read(&done.repo.diff(&done.base_commit, &done.head_commit, &look.request.cancel)?);
    let sources = DirSources::new(done.head.source_root());
    let changes = Changes { lines: &lines, head: &sources, prefix: &done.repo.prefix };
    let input = RenderInput { options, changes: Some(&changes), ..RenderInput::with_diff(&result, &view) };
    output::write_all(&args.show, &targets, &input, voice)?;
    if let Some(exit) = interrupt.exit() {
        return Ok(exit);
    }
    if let Some(severity) = gate {
        let count = score::count_at_or_above(&diff.new, severity);
        if count > 0 {
            voice.note(&format!("Failing: found {count} new finding(s) at or above threshold '{severity}'"));
            return Ok(Exit::Gate);
        }
    }
    Ok(crate::cmd::scan::incomplete(&result, gate.is_some() && !args.judge.allow_incomplete, voice))
}

fn count(findings: &[Finding], indexes: &[usize]) -> SuppressedCounts {
    let mut counts = SuppressedCounts::default();
    for finding in indexes.iter().filter_map(|index| findings.get(*index)) {
        match finding.metadata.suppressed_by {
            Some(SuppressedBy::Inline) => counts.inline += 1,
            Some(SuppressedBy::Config) => counts.config += 1,
            Some(SuppressedBy::Baseline) => counts.baseline += 1,
            None => {}
        }
    }
    counts
}

/// The configuration as a commit has it, from the scanned folder upwards, unless one was named. The folder it is for is relative
/// to the top of the repository.
fn config_at(args: &DiffArgs, repo: &Repo, commit: &str, voice: Voice) -> Result<Option<(PathBuf, Config)>> {
    let how = &args.look.how.config;
    if how.no_config || how.file.is_some() {
        return look::load_config(how, &args.look.target, voice);
    }
    let mut folder = repo.prefix.as_str();
    loop {
        for name in FILE_NAMES {
            let path = if folder.is_empty() { (*name).to_owned() } else { format!("{folder}/{name}") };
            let Some(bytes) = repo.file(commit, &path, &Cancel::new()) else { continue };
            let text = String::from_utf8(bytes)
                .map_err(|_| Error::new(ErrorKind::Config, "not UTF-8 text").in_file(format!("{commit:.12}:{path}")))?;
            let config = Config::parse(&text, &format!("{path} of {commit:.12}"))?;
            voice.note(&format!("loaded config from {path} of {commit:.12}"));
            return Ok(Some((PathBuf::from(path), config)));
        }
        if folder.is_empty() {
            return Ok(None);
        }
        folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
    }
}

/// The baseline file as the base commit has it; the same as head's when it lies outside of the repository.
fn baseline_at(done: &Revisions, file: &Path, head: Option<&Baseline>) -> Result<Option<Baseline>> {
    let full = std::path::absolute(file).unwrap_or_else(|_| file.to_path_buf());
    let full = match (full.parent().and_then(|p| std::fs::canonicalize(p).ok()), full.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => full,
    };
    let Ok(inside) = full.strip_prefix(&done.repo.top) else { return Ok(head.cloned()) };
    let path = from_os(inside);
    match done.repo.file(&done.base_commit, &path, &Cancel::new()) {
        Some(bytes) => Baseline::parse(&bytes, &format!("{path} of {:.12}", done.base_commit)).map(Some),
        // Not in git at all: nothing the change could have touched.
        None if done.repo.file(&done.head_commit, &path, &Cancel::new()).is_none() => Ok(head.cloned()),
        None => Ok(None),
    }
}

/// Where results over the base are kept, if anywhere.
fn cache_folder(args: &DiffArgs) -> Option<PathBuf> {
    if args.no_cache {
        return None;
    }
    if let Some(named) = &args.cache_dir {
        return Some(named).filter(|dir| !dir.is_empty()).and_then(|dir| std::path::absolute(dir).ok());
    }
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let caches = folder("XDG_CACHE_HOME").or_else(|| folder("HOME").map(|home| home.join(".cache")));
    caches.or_else(|| folder("LOCALAPPDATA")).map(|caches| caches.join("securescan"))
}

/// Rule files that have to be there on both sides, from the top of the repository.
fn needed(rules: &[PathBuf]) -> Vec<String> {
    rules
        .iter()
        .filter(|rule| rule.is_relative() && rule.to_str().is_none_or(|name| !is_registry_ref(name)))
        .map(|rule| securescan_core::path::normalize(&from_os(rule), None))
        .collect()
}
