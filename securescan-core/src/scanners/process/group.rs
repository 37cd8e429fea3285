//! A program and everything it started, ended together.

use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

#[cfg(unix)]
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};

/// A running program with its group. Dropped before its end, it is killed: a panic or an early return leaves nothing behind.
pub(super) struct Group {
    child: Child,
    status: Option<ExitStatus>,
    grace: Duration,
    /// Ends the group when this process dies.
    watch: Option<Child>,
}

impl Group {
    /// Takes charge of a program that leads its own group.
    pub(super) fn new(child: Child, grace: Duration, watched: bool) -> Self {
        let watch = if watched { watch(child.id()) } else { None };
        Self { child, status: None, grace, watch }
    }

    /// Whether the program has ended. It stays unreaped, so that its number still names its group and nobody else's.
    pub(super) fn has_ended(&mut self) -> bool {
        #[cfg(unix)]
        if let (None, Some(pid)) = (self.status, self.pid()) {
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
            return !matches!(rustix::process::waitid(WaitId::Pid(pid), options), Ok(None));
        }
        self.status.is_some() || !matches!(self.child.try_wait(), Ok(None))
    }

    /// Asks the group to end, waits for the grace, then kills it.
    pub(super) fn stop(&mut self) {
        if self.status.is_some() {
            return;
        }
        #[cfg(unix)]
        self.signal(Signal::TERM);
        let asked = Instant::now();
        while cfg!(unix) && !self.has_ended() && asked.elapsed() < self.grace {
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = self.reap();
    }

    /// Ends what is left of the group and takes the program's exit status.
    pub(super) fn reap(&mut self) -> std::io::Result<ExitStatus> {
        if let Some(status) = self.status {
            return Ok(status);
        }
        #[cfg(unix)]
        self.signal(Signal::KILL);
        #[cfg(not(unix))]
        let _ = self.child.kill();
        let status = self.child.wait();
        self.status = status.as_ref().ok().copied();
        if let Some(mut watch) = self.watch.take() {
            let _ = watch.kill();
            let _ = watch.wait();
        }
        status
    }

    /// Waits for the program's own end.
    pub(super) fn wait(&mut self) -> std::io::Result<ExitStatus> {
        while !self.has_ended() {
            std::thread::sleep(Duration::from_millis(1));
        }
        self.reap()
    }

    #[cfg(unix)]
    fn pid(&self) -> Option<Pid> {
        i32::try_from(self.child.id()).ok().and_then(Pid::from_raw)
    }

    #[cfg(unix)]
    fn signal(&self, signal: Signal) {
        if let Some(pid) = self.pid() {
            let _ = rustix::process::kill_process_group(pid, signal);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _ = self.reap();
    }
}

/// Starts a process that waits for the end of a pipe only this process holds, and then kills the group.
///
/// A death signal would need code between fork and exec, which safe Rust does not offer; and it would spare grandchildren.
#[cfg(unix)]
fn watch(leader: u32) -> Option<Child> {
    use std::os::unix::process::CommandExt;
    use std::process::{Command, Stdio};
    let script = "read -r _; kill -s KILL -- \"-$1\"";
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script, "securescan-watch", &leader.to_string()]).env_clear().current_dir("/");
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    command.spawn().ok()
}

#[cfg(not(unix))]
fn watch(_leader: u32) -> Option<Child> {
    None
}
