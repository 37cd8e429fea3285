//! `securescan pre-commit`: what is about to be committed, judged.

mod show;
mod steering;

use crate::args::PreCommitArgs;
use crate::exit::Exit;
use crate::look::Look;
use crate::output::{self, Voice};
use crate::progress::Progress;
use crate::signals::Interrupt;
use securescan_core::config::Config;
use securescan_core::path::{from_os, normalize};
use securescan_core::scanners::git::{HookEnv, Repo};
use securescan_core::scanners::{self, Event, EventSink};
use securescan_core::{Error, Result, Severity, score};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use steering::Steering;

/// The scanners that look at nothing but the files in question, so that a commit is never slow.
const SCANNERS: &[&str] = &["secrets", "dockerfile", "git-hygiene"];

/// From which severity a commit is refused unless somebody says otherwise: a hook that lets everything pass is never read.
const GATE: Severity = Severity::High;

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
    let skipped = show::not_looked_at(&result, voice);
    let count = files.count.load(Ordering::Relaxed);
    if count == 0 && skipped == 0 {
        let what = if args.files.is_empty() { "No staged files" } else { "None of the files is in the index" };
        show::say(&format!("{what}; nothing to scan."))?;
        return Ok(Exit::Ok);
    }
    crate::cmd::scan::tell(&processed, voice);
    show::findings(&result.findings)?;
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
    show::well(&result, count, voice);
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
