//! Installing scanners: a few, by name, each in releases that are fixed by version and hash, into a folder of their own.
//!
//! What belongs here: running the package manager without a shell and ending it with all it started. What does not: who may ask for it.

use crate::ids::hex;
use securescan_core::scanners::ENV_ALLOWED;
use securescan_core::{Error, ErrorKind, Result};
use sha2::{Digest, Sha256};
use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Mutex as AsyncMutex;

/// The end of what a program says is kept, in bytes.
const SAID: usize = 64 << 10;

/// A scanner that can be installed.
#[derive(Debug)]
pub(crate) struct Package {
    /// The registry's name of the scanner.
    pub(crate) scanner: &'static str,
    /// The folder it gets, and its list.
    lock: &'static str,
    /// Every package it is made of, by version and hash.
    list: &'static str,
    /// The programs of it that are wanted.
    programs: &'static [&'static str],
}

macro_rules! packages {
    ($($scanner:literal, $lock:literal, $programs:expr;)+) => {
        /// What can be installed. The lists are those of the image.
        pub(crate) const PACKAGES: &[Package] = &[$(Package {
            scanner: $scanner,
            lock: $lock,
            list: include_str!(concat!("../../deploy/scanners/", $lock, ".txt")),
            programs: $programs,
        }),+];
    };
}

packages! {
    "checkov", "checkov", &["checkov"];
    "semgrep", "semgrep", &["semgrep", "pysemgrep"];
    "bandit", "python", &["bandit"];
    "safety", "safety", &["safety"];
    "licenses", "python", &["pip-licenses"];
}

/// One installation at a time, and its end when the service ends.
#[derive(Debug, Default)]
pub(crate) struct Installer {
    turn: Arc<AsyncMutex<()>>,
    stopping: Arc<AtomicBool>,
}

/// What is to be installed and how.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) package: &'static Package,
    pub(crate) python: String,
    pub(crate) folder: PathBuf,
    pub(crate) limit: Duration,
}

/// How it ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is there; what was said.
    Done(String),
    /// The package manager failed; what it said.
    Failed(String),
    /// It took too long and was ended.
    TimedOut,
}

impl Installer {
    /// Installs on a thread of its own. None when another installation is under way.
    pub(crate) async fn run(&self, order: Order) -> Option<Result<Outcome>> {
        let turn = Arc::clone(&self.turn).try_lock_owned().ok()?;
        let stopping = Arc::clone(&self.stopping);
        let work = tokio::task::spawn_blocking(move || {
            // Held until the end, also when the client went away.
            let _turn = turn;
            install(&order, &stopping)
        });
        Some(work.await.unwrap_or_else(|e| Err(Error::new(ErrorKind::Internal, e.to_string()))))
    }

    /// Ends what is under way.
    pub(crate) async fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        let _ = tokio::time::timeout(Duration::from_secs(5), self.turn.lock()).await;
    }
}

fn install(order: &Order, stopping: &AtomicBool) -> Result<Outcome> {
    let failed = |e: &std::io::Error| Error::io(order.folder.display().to_string(), e);
    let digest = hex(&Sha256::digest(order.package.list));
    let home = order.folder.join(format!("{}-{}", order.package.lock, digest.get(..12).unwrap_or_default()));
    let marker = home.join("complete");
    if marker.is_file() {
        link(order, &home).map_err(|e| failed(&e))?;
        return Ok(Outcome::Done("already installed".into()));
    }
    private_folder(&order.folder).map_err(|e| failed(&e))?;
    // What an earlier attempt left.
    let _ = std::fs::remove_dir_all(&home);
    let until = Instant::now() + order.limit;
    let list = order.folder.join(format!("{}.txt", order.package.lock));
    std::fs::write(&list, order.package.list).map_err(|e| failed(&e))?;
    let done = steps(order, &home, &list, until, stopping);
    if !matches!(done, Ok(Outcome::Done(_))) {
        let _ = std::fs::remove_dir_all(&home);
        return done;
    }
    link(order, &home).and_then(|()| std::fs::write(&marker, "")).map_err(|e| failed(&e))?;
    remove_older(order, &home);
    done
}

/// An environment of its own, then the packages into it: only what the list has, only as built by their makers, nothing compiled here.
fn steps(order: &Order, home: &Path, list: &Path, until: Instant, stopping: &AtomicBool) -> Result<Outcome> {
    let make: Vec<OsString> = vec!["-m".into(), "venv".into(), home.into()];
    match run(Path::new(&order.python), &make, &order.folder, until, stopping)? {
        Outcome::Done(_) => {}
        other => return Ok(other),
    }
    // As a module: the first line of a script in a deep folder would be too long for the kernel.
    let python = home.join("bin/python");
    let fixed = [
        "-m",
        "pip",
        "install",
        "--no-input",
        "--no-cache-dir",
        "--disable-pip-version-check",
        "--require-hashes",
        "--only-binary=:all:",
        "--requirement",
    ];
    let mut args: Vec<OsString> = fixed.iter().map(OsString::from).collect();
    args.push(list.into());
    run(&python, &args, &order.folder, until, stopping)
}

/// Puts the wanted programs where the path of the service leads. Each link is exchanged as a whole.
fn link(order: &Order, home: &Path) -> std::io::Result<()> {
    let bin = order.folder.join("bin");
    std::fs::create_dir_all(&bin)?;
    for program in order.package.programs {
        let (from, to) = (home.join("bin").join(program), bin.join(program));
        if !from.exists() {
            continue;
        }
        #[cfg(unix)]
        {
            let fresh = bin.join(format!(".{program}.new"));
            let _ = std::fs::remove_file(&fresh);
            std::os::unix::fs::symlink(from, &fresh)?;
            std::fs::rename(fresh, to)?;
        }
        #[cfg(not(unix))]
        std::fs::copy(from, to).map(drop)?;
    }
    Ok(())
}

/// Other releases of the same list.
fn remove_older(order: &Order, home: &Path) {
    let Ok(entries) = std::fs::read_dir(&order.folder) else { return };
    let start = format!("{}-", order.package.lock);
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let is_ours = name.strip_prefix(&start).is_some_and(|rest| rest.len() == 12);
        if is_ours && path != home {
            let _ = std::fs::remove_dir_all(path);
        }
    }
}

fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut maker = std::fs::DirBuilder::new();
    maker.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut maker, 0o700);
    maker.create(folder)
}

/// Runs a program in a group of its own, until it ends, time is up or the service goes away.
fn run(program: &Path, args: &[OsString], home: &Path, until: Instant, stopping: &AtomicBool) -> Result<Outcome> {
    let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let failed = |e: std::io::Error| Error::new(ErrorKind::Io, format!("`{name}` could not be started: {e}"));
    let mut command = Command::new(program);
    command.args(args).current_dir(home).env_clear().env("HOME", home).env("PIP_CONFIG_FILE", "/dev/null");
    // What a scanner may see, too: nothing of ours, and no credentials.
    let seen = ["PATH"].iter().chain(ENV_ALLOWED);
    command.envs(seen.filter_map(|name| Some((name, std::env::var_os(name)?))));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut group = Group(command.spawn().map_err(failed)?);
    let (out, err) = (listen(group.0.stdout.take()), listen(group.0.stderr.take()));
    while !group.has_ended() {
        if Instant::now() >= until {
            return Ok(Outcome::TimedOut);
        }
        if stopping.load(Ordering::Relaxed) {
            return Ok(Outcome::Failed("the service was stopped".into()));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    // Whatever it left running goes with it, and the number is free only then.
    Ok(outcome(group.reap().map_err(failed)?, out, err))
}

fn outcome(status: ExitStatus, out: Said, err: Said) -> Outcome {
    match status.success() {
        true => Outcome::Done(out.text()),
        false => Outcome::Failed(err.text()),
    }
}

/// A program with all it started: ended as one when this goes.
struct Group(Child);

impl Group {
    /// Whether the program has ended. It stays unreaped, so that its number still names its group and nobody else's.
    fn has_ended(&mut self) -> bool {
        #[cfg(unix)]
        if let Some(pid) = self.pid() {
            use rustix::process::{WaitId, WaitIdOptions, waitid};
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
            return !matches!(waitid(WaitId::Pid(pid), options), Ok(None));
        }
        !matches!(self.0.try_wait(), Ok(None))
    }

    fn reap(&mut self) -> std::io::Result<ExitStatus> {
        #[cfg(unix)]
        if let Some(pid) = self.pid() {
            let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
        }
        let _ = self.0.kill();
        self.0.wait()
    }

    #[cfg(unix)]
    fn pid(&self) -> Option<rustix::process::Pid> {
        i32::try_from(self.0.id()).ok().and_then(rustix::process::Pid::from_raw)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // One that was waited for is gone, and its number may be another's.
        if !matches!(self.0.try_wait(), Ok(Some(_))) {
            let _ = self.reap();
        }
    }
}

/// The end of what a program says, and whether that is all.
struct Said(Arc<(Mutex<Vec<u8>>, AtomicBool)>);

impl Said {
    fn text(self) -> String {
        // What was started beside the program may keep the pipe open; it is not waited for long.
        let asked = Instant::now();
        while !self.0.1.load(Ordering::Acquire) && asked.elapsed() < Duration::from_secs(1) {
            std::thread::sleep(Duration::from_millis(5));
        }
        let bytes = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        securescan_core::scanners::redact(String::from_utf8_lossy(&bytes).trim()).to_string()
    }
}

fn listen(pipe: Option<impl Read + Send + 'static>) -> Said {
    let said = Arc::new((Mutex::new(Vec::new()), AtomicBool::new(pipe.is_none())));
    let Some(mut pipe) = pipe else { return Said(said) };
    let kept = Arc::clone(&said);
    std::thread::spawn(move || {
        let mut chunk = [0; 8192];
        while let Ok(count @ 1..) = pipe.read(&mut chunk) {
            let mut all = kept.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.extend_from_slice(chunk.get(..count).unwrap_or_default());
            let over = all.len().saturating_sub(SAID);
            all.drain(..over);
        }
        kept.1.store(true, Ordering::Release);
    });
    Said(said)
}
