//! Runs the chosen scanners at once and merges what they give in registry order, whatever the interleaving.

use super::target::{self, Target};
use super::walk::{FileEntry, Walk};
use super::{
    Cancel, Event, EventSink, LooksAt, Outcome, Probe, RawScan, ScanContext, ScanRequest, Scanner, ScannerMeta, Skipped, git,
    registry, staged,
};
use crate::model::{Finding, ScanType, ScannerRun, ScannerStatus, Severity, SkippedFile};
use crate::{Error, ErrorKind, Result};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

/// How many programs run at once at least: they wait on disk and network more than they compute.
const MIN_AT_ONCE: usize = 4;

/// How often a scan that is still at it says so.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// How many may run at once.
struct Permits {
    left: Mutex<usize>,
    freed: Condvar,
}

struct Permit<'a>(&'a Permits);

impl Permits {
    fn new(count: usize) -> Self {
        Self { left: Mutex::new(count), freed: Condvar::new() }
    }

    /// Waits for a place.
    fn take(&self) -> Permit<'_> {
        let mut left = self.left.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        while *left == 0 {
            left = self.freed.wait(left).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
        *left -= 1;
        Permit(self)
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        *self.0.left.lock().unwrap_or_else(std::sync::PoisonError::into_inner) += 1;
        self.0.freed.notify_one();
    }
}

/// The types of scan when neither the request nor the configuration names any: everything that looks at a source tree.
///
/// # Source
/// The documentation's commands page says `code` and `dependency`, the reference runs these four; `iac` and `baseline` are
/// built in and silent where they have nothing to look at, so leaving them out would only hide findings.
pub const DEFAULT_TYPES: &[ScanType] = &[ScanType::Code, ScanType::Dependency, ScanType::Iac, ScanType::Baseline];

/// The scanners a request asks for, in registry order.
///
/// # Errors
/// `invalid_argument` for an unknown name, or when nothing of what was asked for exists here.
pub fn chosen(request: &ScanRequest) -> Result<Vec<&'static dyn Scanner>> {
    for name in &request.scanners {
        registry::find(name)?;
    }
    let types = types_of(request);
    let wanted = |meta: &ScannerMeta| {
        if request.scanners.is_empty() {
            types.contains(&meta.scan_type)
        } else {
            request.scanners.iter().any(|n| n == meta.name)
        }
    };
    let chosen: Vec<_> = registry::SCANNERS.iter().copied().filter(|s| wanted(s.meta())).collect();
    if types.is_empty() && request.scanners.is_empty() {
        return Err(Error::invalid("there is nothing to scan").hint("name a folder or file, a URL or a host"));
    }
    if chosen.is_empty() {
        let words: Vec<_> = types.iter().map(|t| t.as_str()).collect();
        return Err(Error::new(ErrorKind::Unsupported, format!("no scanner here does `{}`", words.join("`, `")))
            .hint("`securescan status` lists the scanners"));
    }
    Ok(chosen)
}

/// The types of scan a request means: those it names, else what fits what it looks at.
pub fn types_of(request: &ScanRequest) -> Vec<ScanType> {
    if !request.types.is_empty() {
        return request.types.clone();
    }
    let mut types = if request.target.as_os_str().is_empty() { Vec::new() } else { DEFAULT_TYPES.to_vec() };
    types.extend(request.target_url.as_ref().map(|_| ScanType::Dast));
    types.extend(request.target_host.as_ref().map(|_| ScanType::Network));
    types
}

/// Scans a target: walks it once, runs the chosen scanners concurrently, and gives raw findings with their coverage.
/// A scanner that fails costs only its own findings.
///
/// # Errors
/// `invalid_argument`, `io` or `config` for what can be known before any scanner starts.
pub fn scan(request: &ScanRequest, events: &dyn EventSink) -> Result<RawScan> {
    run(request, events).inspect_err(|error| events.event(&Event::ScanFailed { error: error.message().to_owned() }))
}

fn run(request: &ScanRequest, events: &dyn EventSink) -> Result<RawScan> {
    let scanners = chosen(request)?;
    super::builtin::secrets::check(request)?;
    let target = Target::resolve(request)?;
    let cancel = request.cancel.with_timeout(request.timeout);
    let threads = threads(request);
    let folder = Some(&target.root).filter(|root| !root.as_os_str().is_empty());
    let repo = folder.and_then(|root| git::Repo::discover_for(root, &request.hook));
    let (tree, walk) = if request.staged {
        let (tree, walk) = staged::export(&target.root, repo.as_ref(), request, &cancel)?;
        (Some(tree), walk)
    } else if scanners.iter().any(|s| s.meta().walks) {
        (None, target.files(request, threads, &cancel)?)
    } else {
        (None, Walk::default())
    };
    let place = Place {
        root: tree.as_ref().map_or(target.root.as_path(), tempfile::TempDir::path),
        walk: &walk,
        narrowed: Narrowed::default(),
        single_file: target.file.is_some(),
        repo: repo.as_ref(),
        tracked: None,
    };
    let scanned = run_at(&place, &scanners, request, &cancel, threads, events)?;
    Ok(RawScan { root: target.root, tree, tree_prefix: String::new(), ..scanned })
}

/// How many threads a request means.
pub(super) fn threads(request: &ScanRequest) -> usize {
    request.jobs.filter(|n| *n > 0).unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
}

/// What is looked at, once it lies somewhere on disk.
pub(super) struct Place<'a> {
    pub(super) root: &'a Path,
    pub(super) walk: &'a Walk,
    /// What some scanners look at instead of the whole walk.
    pub(super) narrowed: Narrowed<'a>,
    pub(super) single_file: bool,
    pub(super) repo: Option<&'a git::Repo>,
    pub(super) tracked: Option<&'a BTreeSet<String>>,
}

/// Fewer files for some scanners.
#[derive(Debug, Clone, Default)]
pub(super) struct Narrowed<'a> {
    pub(super) scanners: Vec<&'static str>,
    pub(super) files: &'a [FileEntry],
}

/// Runs scanners over a place. The result's root is the place's; where it came from is for the caller to say.
pub(super) fn run_at(
    place: &Place<'_>,
    scanners: &[&'static dyn Scanner],
    request: &ScanRequest,
    cancel: &Cancel,
    threads: usize,
    events: &dyn EventSink,
) -> Result<RawScan> {
    let started = Instant::now();
    let names = scanners.iter().map(|s| s.meta().name).collect();
    events.event(&Event::ScanStart { scanners: names, files: place.walk.files.len() });
    let context = ScanContext {
        root: place.root,
        files: &place.walk.files,
        single_file: place.single_file,
        repo: place.repo,
        tracked: place.tracked,
        request,
        cancel,
    };
    let runs =
        Runs { context, events, unlisted: &place.walk.skipped, narrowed: place.narrowed.clone(), running: Mutex::default() };
    let outcomes = run_all(scanners, &runs, threads)?;
    let cancelled = cancel.is_cancelled();
    let mut raw = RawScan {
        root: place.root.to_path_buf(),
        tree: None,
        tree_prefix: String::new(),
        coverage: Vec::new(),
        findings: Vec::new(),
        cancelled,
    };
    for (scanner, ended) in scanners.iter().zip(outcomes) {
        let (line, findings) = conclude(scanner.meta(), ended, cancelled, request);
        raw.coverage.push(line);
        raw.findings.extend(findings);
    }
    events.event(&Event::ScanEnd { findings: by_severity(&raw.findings), duration: started.elapsed(), cancelled });
    Ok(raw)
}

/// How one scanner ended, judged the moment it did.
#[derive(Debug)]
struct Ended {
    outcome: Outcome,
    status: ScannerStatus,
    duration: Duration,
    version: Option<String>,
    /// Whether installing it would help: it is not there.
    absent: bool,
}

/// What every run of one scan shares.
struct Runs<'a> {
    context: ScanContext<'a>,
    events: &'a dyn EventSink,
    unlisted: &'a [Skipped],
    narrowed: Narrowed<'a>,
    running: Mutex<Vec<(&'static str, Instant)>>,
}

type Slot = Mutex<Option<Ended>>;

/// Runs all at once: those that compute on the engine's pool, those that wait each on a thread of its own.
fn run_all(scanners: &[&'static dyn Scanner], runs: &Runs<'_>, threads: usize) -> Result<Vec<Ended>> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|n| format!("securescan-{n}"))
        .build()
        .map_err(|e| Error::new(ErrorKind::Internal, format!("no threads to scan with: {e}")))?;
    let slots: Vec<Slot> = scanners.iter().map(|_| Slot::default()).collect();
    let permits = Permits::new(threads.max(MIN_AT_ONCE));
    // Who cannot run is told of before anybody starts, as far as that is known without waiting.
    let (mut waiting, mut computing) = (Vec::new(), Vec::new());
    for (scanner, slot) in scanners.iter().zip(&slots) {
        match skipped_ahead(*scanner, runs) {
            Some(ended) => fill(slot, ended),
            None if scanner.waits() => waiting.push((scanner, slot)),
            None => computing.push((scanner, slot)),
        }
    }
    std::thread::scope(|scope| {
        let (done, ended) = std::sync::mpsc::channel::<()>();
        if !waiting.is_empty() {
            scope.spawn(move || tell_waiting(runs, &ended));
        }
        let waiters: Vec<_> = waiting
            .into_iter()
            .map(|(scanner, slot)| {
                let permits = &permits;
                scope.spawn(move || {
                    let _permit = permits.take();
                    fill(slot, run_one(*scanner, runs));
                })
            })
            .collect();
        pool.scope(|scope| {
            for (scanner, slot) in computing {
                scope.spawn(move |_| fill(slot, run_one(*scanner, runs)));
            }
        });
        waiters.into_iter().for_each(|waiter| drop(waiter.join()));
        drop(done);
    });
    Ok(slots
        .into_iter()
        .map(|slot| slot.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner))
        .map(|ended| {
            ended.unwrap_or_else(|| Ended {
                outcome: Outcome::failed("did not run"),
                status: ScannerStatus::Failed,
                duration: Duration::ZERO,
                version: None,
                absent: false,
            })
        })
        .collect())
}

fn fill(slot: &Slot, ended: Ended) {
    *slot.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(ended);
}

/// Says every five seconds who is still at it, until the other end of the channel is dropped.
fn tell_waiting(runs: &Runs<'_>, ended: &std::sync::mpsc::Receiver<()>) {
    while ended.recv_timeout(HEARTBEAT) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
        let running = runs.running.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        for (scanner, started) in running {
            runs.events.event(&Event::ScannerWaiting { scanner, duration: started.elapsed() });
        }
    }
}

/// The end of a scanner that has nothing to look at or is not there.
fn skipped_ahead(scanner: &'static dyn Scanner, runs: &Runs<'_>) -> Option<Ended> {
    match target::lacking(scanner.meta().looks_at, runs.context.request) {
        Some(lacking) => Some(skip(scanner.meta(), runs, lacking.to_owned(), None, false)),
        None => scanner.absent(runs.context.request).map(|probe| unavailable(scanner.meta(), runs, probe)),
    }
}

fn unavailable(meta: &ScannerMeta, runs: &Runs<'_>, probe: Probe) -> Ended {
    skip(meta, runs, probe.notes.unwrap_or_else(|| "not installed".to_owned()), probe.version, !probe.installed)
}

fn skip(meta: &ScannerMeta, runs: &Runs<'_>, reason: String, version: Option<String>, absent: bool) -> Ended {
    let (status, install_hint) = (ScannerStatus::Skipped, meta.install_hint.filter(|_| absent));
    runs.events.event(&Event::ScannerSkipped { scanner: meta.name, status, reason: reason.clone(), install_hint });
    Ended { outcome: Outcome::skipped(reason), status, duration: Duration::ZERO, version, absent }
}

fn run_one(scanner: &'static dyn Scanner, runs: &Runs<'_>) -> Ended {
    let (meta, request, events) = (scanner.meta(), runs.context.request, runs.events);
    let probe = scanner.probe(request);
    if !probe.available {
        return unavailable(meta, runs, probe);
    }
    let limit = request.scanner_timeouts.get(meta.name).copied().or_else(|| scanner.default_timeout());
    let cancel = runs.context.cancel.with_timeout(limit);
    let files = if runs.narrowed.scanners.contains(&meta.name) { runs.narrowed.files } else { runs.context.files };
    let context = ScanContext { cancel: &cancel, files, ..runs.context };
    events.event(&Event::ScannerStart { scanner: meta.name });
    let started = Instant::now();
    let lock = || runs.running.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    lock().push((meta.name, started));
    let mut outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| scanner.scan(&context)))
        .unwrap_or_else(|_| Outcome::failed("internal fault: please report it with the input that caused it"));
    let duration = started.elapsed();
    lock().retain(|(name, _)| *name != meta.name);
    if meta.per_file && outcome.status != Some(ScannerStatus::NotApplicable) {
        outcome.skipped.extend_from_slice(runs.unlisted);
    }
    outcome.skipped.sort();
    outcome.skipped.dedup();
    let status = status_of(&outcome, &cancel);
    if status == ScannerStatus::TimedOut {
        let seconds = limit.into_iter().chain(request.timeout).min().unwrap_or_default().as_secs_f64();
        outcome.reason = Some(format!("stopped after the time limit of {seconds} s"));
    }
    events.event(&ended_event(meta, status, &outcome, duration));
    Ended { outcome, status, duration, version: probe.version, absent: false }
}

fn ended_event(meta: &ScannerMeta, status: ScannerStatus, outcome: &Outcome, duration: Duration) -> Event {
    match status {
        ScannerStatus::Skipped | ScannerStatus::NotApplicable => Event::ScannerSkipped {
            scanner: meta.name,
            status,
            reason: outcome.reason.clone().unwrap_or_default(),
            install_hint: None,
        },
        _ => Event::ScannerEnd {
            scanner: meta.name,
            status,
            reason: outcome.reason.clone(),
            duration,
            findings: outcome.findings.len(),
        },
    }
}

fn status_of(outcome: &Outcome, cancel: &Cancel) -> ScannerStatus {
    match outcome.status {
        Some(status @ (ScannerStatus::NotApplicable | ScannerStatus::Skipped)) => status,
        _ if cancel.is_cancelled() => ScannerStatus::Partial,
        _ if cancel.is_late() => ScannerStatus::TimedOut,
        Some(status) => status,
        None if !outcome.skipped.is_empty() => ScannerStatus::Partial,
        None => ScannerStatus::Ok,
    }
}

/// One scanner's coverage line and findings.
fn conclude(meta: &ScannerMeta, ended: Ended, cancelled: bool, request: &ScanRequest) -> (ScannerRun, Vec<Finding>) {
    let Ended { mut outcome, status, duration, version, absent } = ended;
    let mut line = ScannerRun::new(meta.name, meta.scan_type, status);
    line.version = outcome.version.or(version);
    line.duration_s = Some((duration.as_secs_f64() * 100.0).round() / 100.0);
    line.findings_count = outcome.findings.len() as u64;
    line.install_hint = meta.install_hint.filter(|_| absent).map(str::to_owned);
    line.targets = if outcome.targets.is_empty() { vec![whole(meta.looks_at, request)] } else { outcome.targets };
    line.skipped = outcome.skipped.into_iter().map(|s| SkippedFile { path: s.path, why: s.why }).collect();
    line.reason = match status {
        ScannerStatus::Partial if cancelled => Some("interrupted".to_owned()),
        ScannerStatus::Partial if outcome.reason.is_none() => Some(not_looked_at(&line.skipped)),
        _ => outcome.reason,
    };
    outcome.findings.sort_by(crate::order::compare);
    (line, outcome.findings)
}

/// The target as a whole, as coverage names it.
fn whole(looks_at: LooksAt, request: &ScanRequest) -> String {
    match looks_at {
        LooksAt::Path => ".".to_owned(),
        LooksAt::Url => request.target_url.as_deref().map(super::http::shown).unwrap_or_default(),
        LooksAt::Host => request.target_host.clone().unwrap_or_default(),
    }
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
