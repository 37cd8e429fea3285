//! Runs the chosen scanners at once and merges what they give in registry order, whatever the interleaving.

use super::walk::{self, FileEntry, Walk};
use super::{
    Cancel, Event, EventSink, Outcome, RawScan, SCANNERS, ScanContext, ScanRequest, Scanner, ScannerMeta, Skipped, git, staged,
};
use crate::model::{Finding, ScanType, ScannerRun, ScannerStatus, Severity, SkippedFile};
use crate::path::from_os;
use crate::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// The types of scan when neither the request nor the configuration names any: everything that looks at a source tree.
///
/// # Source
/// The documentation's commands page says `code` and `dependency`, the reference runs these four; `iac` and `baseline` are
/// built in and silent where they have nothing to look at, so leaving them out would only hide findings.
pub const DEFAULT_TYPES: &[ScanType] = &[ScanType::Code, ScanType::Dependency, ScanType::Iac, ScanType::Baseline];

/// What each scanner is and whether it can run here.
pub fn status() -> Vec<&'static ScannerMeta> {
    SCANNERS.iter().map(|s| s.meta()).collect()
}

/// The scanners a request asks for, in registry order.
///
/// # Errors
/// `invalid_argument` for an unknown name, or when nothing of what was asked for exists here.
pub fn chosen(request: &ScanRequest) -> Result<Vec<&'static dyn Scanner>> {
    for name in &request.scanners {
        super::find(name)?;
    }
    let types = if request.types.is_empty() { DEFAULT_TYPES } else { &request.types };
    let wanted = |meta: &ScannerMeta| {
        if request.scanners.is_empty() {
            types.contains(&meta.scan_type)
        } else {
            request.scanners.iter().any(|n| n == meta.name)
        }
    };
    let chosen: Vec<_> = SCANNERS.iter().copied().filter(|s| wanted(s.meta())).collect();
    if chosen.is_empty() {
        let words: Vec<_> = types.iter().map(|t| t.as_str()).collect();
        return Err(Error::new(ErrorKind::Unsupported, format!("no scanner here does `{}`", words.join("`, `")))
            .hint("`securescan status` lists the scanners"));
    }
    Ok(chosen)
}

/// Scans a target: walks it once, runs the chosen scanners concurrently, and gives raw findings with their coverage.
/// A scanner that fails costs only its own findings.
///
/// # Errors
/// `invalid_argument`, `io` or `config` for what can be known before any scanner starts.
pub fn scan(request: &ScanRequest, events: &dyn EventSink) -> Result<RawScan> {
    let started = Instant::now();
    let scanners = chosen(request)?;
    super::builtin::secrets::check(request)?;
    let target = Target::resolve(request)?;
    let cancel = request.cancel.with_timeout(request.timeout);
    let threads = request.jobs.filter(|n| *n > 0).unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let repo = git::Repo::discover(&target.root);
    let (staged_tree, walk) = if request.staged {
        let (tree, walk) = staged::export(&target.root, repo.as_ref(), request, &cancel)?;
        (Some(tree), walk)
    } else if scanners.iter().any(|s| s.meta().walks) {
        (None, target.files(request, threads, &cancel)?)
    } else {
        (None, Walk::default())
    };
    events.event(&Event::ScanStart { scanners: scanners.iter().map(|s| s.meta().name).collect(), files: walk.files.len() });
    let context = ScanContext {
        root: staged_tree.as_ref().map_or(target.root.as_path(), tempfile::TempDir::path),
        files: &walk.files,
        single_file: target.file.is_some(),
        repo: repo.as_ref(),
        request,
        cancel: &cancel,
    };
    let outcomes = run_all(&scanners, &context, threads, events)?;
    let mut raw =
        RawScan { root: target.root.clone(), staged_tree: None, coverage: Vec::new(), findings: Vec::new(), cancelled: false };
    for (scanner, outcome) in scanners.iter().zip(outcomes) {
        let (line, findings) = conclude(scanner.meta(), outcome, &walk.skipped, &cancel, request);
        raw.coverage.push(line);
        raw.findings.extend(findings);
    }
    raw.staged_tree = staged_tree;
    raw.cancelled = cancel.is_cancelled();
    events.event(&Event::ScanEnd { findings: by_severity(&raw.findings), duration: started.elapsed() });
    Ok(raw)
}

/// Where a scan looks: a folder, or one file and the folder its path is relative to.
struct Target {
    root: PathBuf,
    file: Option<FileEntry>,
}

impl Target {
    fn resolve(request: &ScanRequest) -> Result<Self> {
        let named = request.target.display().to_string();
        let meta = std::fs::metadata(&request.target).map_err(|e| {
            let error = Error::io(&named, &e);
            if e.kind() == std::io::ErrorKind::NotFound { error.hint("name an existing folder or file") } else { error }
        })?;
        let full = std::fs::canonicalize(&request.target).map_err(|e| Error::io(&named, &e))?;
        if meta.is_dir() {
            return Ok(Self { root: full, file: None });
        }
        if !meta.is_file() {
            return Err(
                Error::invalid(format!("`{named}` is neither a folder nor a regular file")).hint("name a folder or a file")
            );
        }
        let root = project_root(&full);
        let path = from_os(full.strip_prefix(&root).unwrap_or(&full));
        Ok(Self { root, file: Some(FileEntry { path, size: meta.len() }) })
    }

    fn files(&self, request: &ScanRequest, threads: usize, cancel: &Cancel) -> Result<Walk> {
        match &self.file {
            Some(file) => Ok(Walk { files: vec![file.clone()], ..Walk::default() }),
            None => walk::walk(&self.root, request, threads, cancel),
        }
    }
}

/// The folder that the path of a single-file target is relative to: the project around it, so that a finding has the same
/// identity as in a scan of the project. Without a project: the file's own folder.
fn project_root(file: &Path) -> PathBuf {
    let folder = file.parent().unwrap_or(file);
    let marks = [".git", ".securescan.yml", ".securescan.yaml", "securescan.yml"];
    folder.ancestors().take(25).find(|a| marks.iter().any(|m| a.join(m).exists())).unwrap_or(folder).to_path_buf()
}

type Slot = Mutex<Option<(Outcome, Duration)>>;

fn run_all(
    scanners: &[&'static dyn Scanner],
    context: &ScanContext<'_>,
    threads: usize,
    events: &dyn EventSink,
) -> Result<Vec<Outcome>> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|n| format!("securescan-{n}"))
        .build()
        .map_err(|e| Error::new(ErrorKind::Internal, format!("no threads to scan with: {e}")))?;
    let slots: Vec<Slot> = scanners.iter().map(|_| Slot::default()).collect();
    pool.scope(|scope| {
        for (scanner, slot) in scanners.iter().zip(&slots) {
            scope.spawn(move |_| {
                let outcome = run_one(*scanner, context, events);
                *slot.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(outcome);
            });
        }
    });
    Ok(slots
        .into_iter()
        .map(|slot| slot.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner))
        .map(|done| done.map_or_else(|| Outcome::failed("did not run"), |(outcome, _)| outcome))
        .collect())
}

fn run_one(scanner: &'static dyn Scanner, context: &ScanContext<'_>, events: &dyn EventSink) -> (Outcome, Duration) {
    let name = scanner.meta().name;
    events.event(&Event::ScannerStart { scanner: name });
    let started = Instant::now();
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| scanner.scan(context)))
        .unwrap_or_else(|_| Outcome::failed("internal fault: please report it with the input that caused it"));
    let duration = started.elapsed();
    events.event(&Event::ScannerEnd {
        scanner: name,
        status: status_of(&outcome, !outcome.skipped.is_empty(), context.cancel),
        reason: outcome.reason.clone(),
        duration,
        findings: outcome.findings.len(),
    });
    (outcome, duration)
}

fn status_of(outcome: &Outcome, missed: bool, cancel: &Cancel) -> ScannerStatus {
    match outcome.status {
        Some(status @ (ScannerStatus::Failed | ScannerStatus::NotApplicable | ScannerStatus::Skipped)) => status,
        _ if cancel.is_cancelled() => ScannerStatus::Partial,
        _ if cancel.is_late() => ScannerStatus::TimedOut,
        Some(status) => status,
        None if missed => ScannerStatus::Partial,
        None => ScannerStatus::Ok,
    }
}

/// One scanner's coverage line and findings.
fn conclude(
    meta: &ScannerMeta,
    mut outcome: Outcome,
    unlisted: &[Skipped],
    cancel: &Cancel,
    request: &ScanRequest,
) -> (ScannerRun, Vec<Finding>) {
    if meta.per_file && outcome.status != Some(ScannerStatus::NotApplicable) {
        outcome.skipped.extend_from_slice(unlisted);
    }
    outcome.skipped.sort();
    outcome.skipped.dedup();
    let mut line = ScannerRun::new(meta.name, meta.scan_type, status_of(&outcome, !outcome.skipped.is_empty(), cancel));
    line.version = Some(crate::VERSION.to_owned());
    line.findings_count = outcome.findings.len() as u64;
    line.targets = vec![".".to_owned()];
    line.skipped = outcome.skipped.into_iter().map(|s| SkippedFile { path: s.path, why: s.why }).collect();
    line.reason = match line.status {
        ScannerStatus::TimedOut => {
            Some(format!("stopped after the time limit of {} s", request.timeout.unwrap_or_default().as_secs_f64()))
        }
        ScannerStatus::Partial if cancel.is_cancelled() => Some("interrupted".to_owned()),
        ScannerStatus::Partial if outcome.reason.is_none() => Some(not_looked_at(&line.skipped)),
        _ => outcome.reason,
    };
    outcome.findings.sort_by(crate::order::compare);
    (line, outcome.findings)
}

fn not_looked_at(skipped: &[SkippedFile]) -> String {
    let named: Vec<_> = skipped.iter().take(3).map(|s| format!("{} ({})", s.path, s.why)).collect();
    let more = skipped.len().saturating_sub(named.len());
    let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
    let files = if skipped.len() == 1 { "1 file" } else { &format!("{} files", skipped.len()) };
    format!("{files} not looked at: {}{tail}", named.join(", "))
}

fn by_severity(findings: &[Finding]) -> Vec<(Severity, usize)> {
    Severity::ALL.iter().rev().map(|s| (*s, findings.iter().filter(|f| f.severity == *s).count())).collect()
}
