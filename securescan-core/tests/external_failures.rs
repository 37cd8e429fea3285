//! Tools that die, hang, flood and lie: each is a status with the tool's own words, never a finding, and never somebody else's
//! trouble.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod external_support;

use external_support::{FILES, Fakes, PYTHON, TOOLS, line, own, request, run, write};
use securescan_core::model::ScannerStatus;
use securescan_core::scanners::ScanRequest;
use std::time::Duration;

fn target() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), FILES);
    dir
}

/// Runs every tool with one script and checks status and words; nothing is left running and the others find what they find.
fn everybody(script: &str, status: ScannerStatus, reason: &str, change: impl Fn(&mut ScanRequest)) {
    let (dir, fakes) = (target(), Fakes::new());
    let mut request = request(dir.path(), &fakes.tool("tool", script));
    change(&mut request);
    let raw = run(&request);
    for name in TOOLS {
        let line = line(&raw, name);
        let said = line.reason.as_deref().unwrap_or_default();
        assert_eq!((line.status, line.findings_count), (status, 0), "{name}: {said}");
        assert!(said.contains(reason), "{name}: {said}");
        assert!(!said.contains(dir.path().to_str().unwrap()) && !said.contains('\n'), "{name}: {said}");
    }
    assert!(raw.findings.iter().all(|f| !TOOLS.contains(&f.scanner.as_str())));
    let mut alone = request.clone();
    let nowhere = dir.path().join("no-such-tool");
    alone.tool_paths.values_mut().for_each(|path| path.clone_from(&nowhere));
    let expected = run(&alone);
    assert_eq!(line(&expected, "bandit").status, ScannerStatus::Skipped);
    assert_eq!(own(&raw), own(&expected));
    assert!(!own(&raw).is_empty());
    assert_eq!(fakes.alive(), Vec::<String>::new());
}

#[test]
fn killed() {
    everybody("kill -9 $$", ScannerStatus::Failed, "was killed by a signal", |_| ());
}

#[test]
fn hangs_with_children_that_do_not_listen() {
    let script = "trap '' TERM; (trap '' TERM; echo $(exec sh -c 'echo $PPID') >> \"$HERE/pids\"; sleep 300) & sleep 300";
    everybody(script, ScannerStatus::TimedOut, "stopped after the time limit of 1 s", |request| {
        request.scanner_timeouts.values_mut().for_each(|limit| *limit = Duration::from_secs(1));
    });
}

#[test]
fn garbage() {
    everybody("echo 'Traceback (most recent call last)'; exit 0", ScannerStatus::Failed, "", |_| ());
}

#[test]
fn cut_short() {
    everybody(
        "printf '{\"results\":[{\"check_id\":\"a\",\"test_id\":\"B1\",\"vulnerabilities\":{\"x\":'; exit 0",
        ScannerStatus::Failed,
        "",
        |_| (),
    );
}

#[test]
fn says_nothing() {
    everybody(
        "echo 'no rules could be fetched' >&2",
        ScannerStatus::Failed,
        "wrote nothing; it said: no rules could be fetched",
        |_| (),
    );
}

#[test]
fn wrong_exit_code_with_a_secret_in_its_last_words() {
    let token = format!("ghp_{}", "0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX");
    let script = format!("echo '[]'; echo 'first' >&2; echo 'cannot log in with {token}' >&2; exit 9");
    everybody(&script, ScannerStatus::Failed, "ended with exit code 9: cannot log in with ghp_****", |_| ());
}

#[test]
fn does_not_start() {
    let (dir, fakes) = (target(), Fakes::new());
    let path = fakes.tool("tool", "");
    std::fs::write(&path, "#!/nowhere/python3\n").unwrap();
    let raw = run(&request(dir.path(), &path));
    for name in TOOLS {
        let line = line(&raw, name);
        assert!(matches!(line.status, ScannerStatus::Failed | ScannerStatus::Skipped), "{name}: {line:?}");
        assert!(line.reason.as_deref().unwrap_or_default().contains("could not be started"), "{name}: {line:?}");
    }
}

#[test]
fn flood() {
    let (dir, fakes) = (target(), Fakes::new());
    let mut request =
        request(dir.path(), &fakes.tool("semgrep", "exec yes 'more and more of the same, on and on and on and on'"));
    request.scanners = ["semgrep", "dockerfile"].map(str::to_owned).to_vec();
    let raw = run(&request);
    let line = line(&raw, "semgrep");
    let wanted = "`semgrep` wrote more than 268435456 bytes";
    assert_eq!((line.status, line.reason.as_deref()), (ScannerStatus::Failed, Some(wanted)));
    assert!(!raw.findings.is_empty());
    assert_eq!(fakes.alive(), Vec::<String>::new());
}

#[test]
fn cancelled_from_outside() {
    let (dir, fakes) = (target(), Fakes::new());
    let request = request(dir.path(), &fakes.tool("tool", "sleep 300"));
    let cancel = request.cancel.clone();
    let pids = fakes.path("pids");
    let stopper = std::thread::spawn(move || {
        while !pids.exists() {
            std::thread::sleep(Duration::from_millis(10));
        }
        cancel.cancel();
    });
    let raw = run(&request);
    stopper.join().unwrap();
    assert!(raw.cancelled);
    assert_eq!(line(&raw, "bandit").status, ScannerStatus::Partial);
    assert_eq!(fakes.alive(), Vec::<String>::new());
}

#[test]
fn a_tool_inside_the_target_is_not_found_but_may_be_named() {
    let (dir, fakes) = (target(), Fakes::new());
    let inside = fakes.tool("bandit", "touch \"$HERE/ran\"; exit 9");
    // The pretended tools are themselves what is scanned.
    write(fakes.0.path(), &[("a.py", PYTHON)]);
    let mut request = ScanRequest::new(fakes.0.path());
    request.scanners = vec!["bandit".to_owned()];
    request.tool_paths.insert("bandit".to_owned(), inside);
    assert_eq!(line(&run(&request), "bandit").status, ScannerStatus::Failed);
    assert!(fakes.path("ran").exists());
    request.tool_paths.insert("bandit".to_owned(), dir.path().join("app/a.py"));
    let raw = run(&request);
    let line = line(&raw, "bandit");
    assert_eq!((line.status, line.install_hint.as_deref()), (ScannerStatus::Skipped, Some("pip install bandit")));
    assert!(line.reason.as_deref().unwrap_or_default().ends_with("is not an executable file"), "{line:?}");
}
