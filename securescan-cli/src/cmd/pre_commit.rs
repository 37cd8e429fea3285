//! `securescan pre-commit`: what is about to be committed, judged.

use crate::args::{ConfigArgs, PreCommitArgs};
use crate::exit::Exit;
use crate::look::{self, Look};
use crate::output::{self, Voice};
use crate::progress::Progress;
use crate::signals::Interrupt;
use securescan_core::baseline::{self, Baseline};
use securescan_core::config::{Config, FILE_NAMES};
use securescan_core::path::{from_os, normalize};
use securescan_core::render::escape;
use securescan_core::scanners::git::{HookEnv, Repo};
use securescan_core::scanners::{self, Cancel, Event, EventSink};
use securescan_core::{Error, ErrorKind, Finding, Result, ScanResult, Severity, score};
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The scanners that look at nothing but the files in question, so that a commit is never slow.
const SCANNERS: &[&str] = &["secrets", "dockerfile", "git-hygiene"];

/// From which severity a commit is refused unless somebody says otherwise: a hook that lets everything pass is never read.
const GATE: Severity = Severity::High;

/// Findings and files that are listed at most.
const MAX_LINES: usize = 50;

pub(crate) fn run(args: &PreCommitArgs, voice: Voice) -> Result<Exit> {
    let here = std::env::current_dir().map_err(|e| Error::io(".", &e))?;
    let hook = HookEnv::of_process();
    let repo = Repo::discover_for(&here, &hook).ok_or_else(|| {
        Error::invalid(format!("`{}` is not inside a git working tree", here.display()))
            .hint("run it in a repository, or look at files as they are with `securescan scan`")
    })?;
    let steering = Steering::of(&repo)?;
    let config = steering.config(&args.how.config, voice)?;
    let gate = match output::gate(args.fail_on_severity.as_deref(), config.as_ref().and_then(|(_, c)| c.fail_on_severity))? {
        None if args.fail_on_severity.is_none() => Some(GATE),
        gate => gate,
    };
    let Some(look) = prepare(args, &repo, config, hook)? else {
        voice.note("securescan: no scanner of the configured kinds looks at files of a commit; nothing to scan");
        return Ok(Exit::Ok);
    };
    let baseline = steering.baseline(args, voice)?;
    let interrupt = Interrupt::watch(&look.request.cancel);
    let files = Files { progress: Progress::new(voice), count: AtomicUsize::new(0) };
    let mut raw = scanners::scan(&look.request, &files)?;
    let (result, processed) = look.process(&mut raw, baseline.as_ref(), true);
    if let Some(exit) = interrupt.exit() {
        return Ok(exit);
    }
    let skipped = not_looked_at(&result, voice);
    let count = files.count.load(Ordering::Relaxed);
    if count == 0 && skipped == 0 {
        let what = if args.files.is_empty() { "No staged files" } else { "None of the files is in the index" };
        say(&format!("{what}; nothing to scan."))?;
        return Ok(Exit::Ok);
    }
    crate::cmd::scan::tell(&processed, voice);
    show(&result.findings)?;
    if let Some(severity) = gate {
        let bad = score::count_at_or_above(&result.findings, severity);
        if bad > 0 {
            voice.note(&format!("Failing: found {bad} finding(s) at or above threshold '{severity}'"));
            voice.note("Take it out, or silence it where it stands with a comment: securescan: ignore RULE");
            return Ok(Exit::Gate);
        }
    }
    let exit = crate::cmd::scan::incomplete(&result, gate.is_some() && !args.allow_incomplete, voice);
    if exit != Exit::Ok {
        return Ok(exit);
    }
    let ran = result.scanners.iter().filter(|line| line.status.is_complete()).map(|line| line.name.as_str());
    voice.note(&format!("securescan: {count} file(s) looked at ({})", ran.collect::<Vec<_>>().join(", ")));
    Ok(crate::cmd::scan::required(&result, &args.how.require, voice))
}

/// What to look at and how; nothing when the configuration leaves no scanner.
fn prepare(args: &PreCommitArgs, repo: &Repo, config: Option<(PathBuf, Config)>, hook: HookEnv) -> Result<Option<Look>> {
    let mut how = args.how.clone();
    let usual = how.types.is_empty() && how.scanner.is_empty();
    if usual {
        let types = config.as_ref().map(|(_, config)| config.scan_types.as_slice()).unwrap_or_default();
        for name in SCANNERS {
            if types.is_empty() || types.contains(&scanners::named(name)?.scan_type) {
                how.scanner.push((*name).to_owned());
            }
        }
        if how.scanner.is_empty() {
            return Ok(None);
        }
    }
    let mut look = Look::with_config(&repo.top, &how, config, scanners::DEFAULT_TYPES)?;
    look.request.staged = true;
    look.request.hook = hook;
    look.request.staged_paths = args.files.iter().map(|file| in_repo(repo, file)).collect::<Result<_>>()?;
    if usual {
        // gitleaks takes its time, and the built-in rules are there already.
        look.request.tool_paths.insert("gitleaks".to_owned(), PathBuf::new());
    }
    Ok(Some(look))
}

/// A file that was named, from the top of the repository. It need not exist any more.
fn in_repo(repo: &Repo, file: &Path) -> Result<String> {
    let full = std::path::absolute(file).map_err(|e| Error::io(file.display().to_string(), &e))?;
    let inside = match full.strip_prefix(&repo.top) {
        Ok(inside) => Some(from_os(inside)),
        Err(_) => crate::cmd::baseline::absolute(file).strip_prefix(&repo.top).ok().map(from_os),
    };
    let path = inside.map(|path| normalize(&path, None)).filter(|path| path != ".." && !path.starts_with("../"));
    path.ok_or_else(|| Error::invalid(format!("`{}` is not inside the repository", file.display())))
}

/// The files that steer the run: as the index has them, since the commit will, else as they lie there.
struct Steering<'a> {
    repo: &'a Repo,
    staged: BTreeSet<String>,
}

impl<'a> Steering<'a> {
    fn of(repo: &'a Repo) -> Result<Self> {
        let mut args = vec!["ls-files", "-z", "--", baseline::DEFAULT_PATH];
        args.extend(FILE_NAMES);
        let out = repo.git(&args, Vec::new(), &Cancel::new())?;
        let staged = out.split(|b| *b == 0).filter(|p| !p.is_empty()).map(|p| String::from_utf8_lossy(p).into_owned()).collect();
        Ok(Self { repo, staged })
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.staged.contains(path).then(|| self.repo.file_in_index(path, &Cancel::new())).flatten()
    }

    fn config(&self, args: &ConfigArgs, voice: Voice) -> Result<Option<(PathBuf, Config)>> {
        let (quiet, top) = (Voice { quiet: !voice.verbose, ..voice }, self.repo.top.as_path());
        if !args.no_config && args.file.is_none() {
            for name in FILE_NAMES {
                let Some(bytes) = self.read(name) else { continue };
                let shown = format!("{name} of the index");
                let text = String::from_utf8(bytes)
                    .map_err(|_| Error::new(ErrorKind::Config, "not UTF-8 text").in_file(shown.as_str()))?;
                quiet.note(&format!("loaded config from {shown}"));
                return Ok(Some((top.join(name), Config::parse(&text, &shown)?)));
            }
        }
        look::load_config(args, top, quiet)
    }

    fn baseline(&self, args: &PreCommitArgs, voice: Voice) -> Result<Option<Baseline>> {
        if args.no_baseline {
            return Ok(None);
        }
        if let Some(file) = &args.baseline {
            return look::load_baseline(file, false, voice);
        }
        let quiet = Voice { quiet: !voice.verbose, ..voice };
        if let Some(bytes) = self.read(baseline::DEFAULT_PATH) {
            let shown = format!("{} of the index", baseline::DEFAULT_PATH);
            let read = Baseline::parse(&bytes, &shown)?;
            quiet.note(&format!("loaded {} baseline entries from {shown}", read.len()));
            return Ok(Some(read));
        }
        let file = self.repo.top.join(baseline::DEFAULT_PATH);
        if file.is_file() { look::load_baseline(&file, true, quiet) } else { Ok(None) }
    }
}

/// Counts the files of a scan on their way to the screen.
struct Files {
    progress: Progress,
    count: AtomicUsize,
}

impl EventSink for Files {
    fn event(&self, event: &Event) {
        if let Event::ScanStart { files, .. } = event {
            self.count.store(*files, Ordering::Relaxed);
        }
        self.progress.event(event);
    }
}

/// Tells what was not looked at; returns how many files.
fn not_looked_at(result: &ScanResult, voice: Voice) -> usize {
    let lines = result.scanners.iter().flat_map(|line| &line.skipped);
    let all: BTreeSet<(&str, &str)> = lines.map(|file| (file.path.as_str(), file.why.as_str())).collect();
    for (path, why) in all.iter().take(MAX_LINES) {
        voice.warn(&format!("not looked at: {path} ({why})"));
    }
    if all.len() > MAX_LINES {
        voice.warn(&format!("and {} more files not looked at", all.len() - MAX_LINES));
    }
    all.len()
}

/// One line for each finding that is left, the worst first.
fn show(findings: &[Finding]) -> Result<()> {
    let mut left: Vec<&Finding> = findings.iter().filter(|finding| !finding.is_suppressed()).collect();
    left.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let mut text = String::new();
    for finding in left.iter().take(MAX_LINES) {
        text.push_str(&escape::terminal(&line_of(finding)));
        text.push('\n');
    }
    if left.len() > MAX_LINES {
        text.push_str(&format!("and {} more; `securescan scan --staged` lists all\n", left.len() - MAX_LINES));
    }
    write(&text)
}

fn line_of(finding: &Finding) -> String {
    let place = match (&finding.file_path, finding.line) {
        (Some(path), Some(line)) => format!("{path}:{line}"),
        (Some(path), None) => path.clone(),
        (None, _) => finding.scanner.clone(),
    };
    let rule = finding.rule_id.as_deref().map(|rule| format!(" ({rule})")).unwrap_or_default();
    format!("{place}: {}: {}{rule}", finding.severity, finding.title)
}

fn say(line: &str) -> Result<()> {
    write(&format!("{line}\n"))
}

/// To standard output; a reader that went away is not an error.
fn write(text: &str) -> Result<()> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(Error::io("standard output", &e)),
        _ => Ok(()),
    }
}
