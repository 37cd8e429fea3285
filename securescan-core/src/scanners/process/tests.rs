#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use std::time::Instant;

fn sh(script: &str) -> Run<'static> {
    Run {
        program: Path::new("/bin/sh"),
        args: ["-c", script].map(OsString::from).to_vec(),
        cwd: std::env::temp_dir(),
        stdin: Vec::new(),
        env: Vec::new(),
        home: None,
        max_stdout: 1 << 20,
        grace: Duration::from_millis(200),
        watched: true,
        cancel: Cancel::new(),
    }
}

fn is_alive(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ")
}

/// Waits for something that follows a moment later, as the end of a killed process does.
fn until(done: &dyn Fn() -> bool) -> bool {
    (0..3000).any(|_| {
        let met = done();
        if !met {
            std::thread::sleep(Duration::from_millis(10));
        }
        met
    })
}

#[test]
fn output_exit_code_and_last_words() {
    let out = run(sh("echo out; echo one >&2; printf 'two\\033[31m \\n\\n' >&2; exit 3")).unwrap();
    assert_eq!((out.code, out.stdout.as_slice()), (Some(3), b"out\n".as_slice()));
    assert_eq!(out.said().unwrap(), "two [31m");
    assert_eq!(run(sh("kill -9 $$")).unwrap().code, None);
}

#[test]
fn stdin_is_empty_or_given() {
    assert_eq!(run(sh("cat")).unwrap().stdout, b"");
    let big = vec![b'x'; 300_000];
    assert_eq!(run(Run { stdin: big.clone(), ..sh("cat") }).unwrap().stdout, big);
    assert_eq!(run(Run { stdin: big, ..sh("true") }).unwrap().code, Some(0));
}

#[test]
fn long_output_comes_back_whole_and_too_long_is_refused() {
    let long = run(Run { max_stdout: 20 << 20, ..sh("head -c 12000000 /dev/zero") }).unwrap();
    assert_eq!(long.stdout.len(), 12_000_000);
    let error = run(Run { max_stdout: 1000, ..sh("yes") }).unwrap_err();
    assert_eq!((error.code(), error.message()), ("scanner", "`sh` wrote more than 1000 bytes"));
}

#[test]
fn a_deaf_group_is_killed_with_its_children() {
    let dir = tempfile::tempdir().unwrap();
    let cancel = Cancel::new().with_timeout(Some(Duration::from_millis(400)));
    let script =
        "trap '' TERM; sh -c 'trap \"\" TERM; while :; do sleep 1; done' & echo $! > child; echo $$ > leader; wait; sleep 60";
    let spec = Run { cwd: dir.path().to_path_buf(), cancel, ..sh(script) };
    assert_eq!(run(spec).unwrap_err().code(), "cancelled");
    for name in ["child", "leader"] {
        let pid = std::fs::read_to_string(dir.path().join(name)).unwrap();
        assert!(until(&|| !is_alive(&pid)), "{name}");
    }
}

#[test]
fn a_program_may_end_by_itself_when_asked() {
    let dir = tempfile::tempdir().unwrap();
    let cancel = Cancel::new().with_timeout(Some(Duration::from_millis(300)));
    let script = "trap 'echo bye > said; exit 0' TERM; while :; do sleep 0.02; done";
    let spec = Run { cwd: dir.path().to_path_buf(), cancel, grace: Duration::from_secs(20), ..sh(script) };
    assert_eq!(run(spec).unwrap_err().code(), "cancelled");
    assert_eq!(std::fs::read_to_string(dir.path().join("said")).unwrap(), "bye\n");
}

#[test]
fn somebody_who_keeps_the_pipe_does_not_hold_us_up() {
    let started = Instant::now();
    assert_eq!(run(sh("sleep 300 & echo done")).unwrap().stdout, b"done\n");
    // One that left the group lives on, by its own will; its output is not waited for.
    if Path::new("/usr/bin/setsid").exists() {
        assert_eq!(run(sh("/usr/bin/setsid sleep 8 & sleep 0.3; echo done")).unwrap().stdout, b"done\n");
    }
    assert!(started.elapsed() < Duration::from_secs(200));
}

#[test]
fn environment_is_what_is_allowed() {
    let home = tempfile::tempdir().unwrap();
    let env =
        vec![("GIVEN", OsString::from("1")), ("MY_TOKEN", "t".into()), ("API_KEY", "k".into()), ("SECURESCAN_X", "x".into())];
    let out = run(Run { env, home: Some(home.path().into()), ..sh("env") }).unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    let names: Vec<&str> = text.lines().filter_map(|l| Some(l.split_once('=')?.0)).collect();
    let shell = ["PWD", "OLDPWD", "SHLVL", "_", "PATH", "GIVEN"];
    let extra: Vec<_> =
        names.iter().filter(|n| !shell.contains(n) && !ENV_ALLOWED.contains(n) && !ENV_HOME.contains(n)).collect();
    assert!(extra.is_empty() && names.contains(&"GIVEN"), "{extra:?}");
    assert!(text.contains(&format!("HOME={}\n", home.path().display())));
    assert!(!text.contains("CARGO_MANIFEST_DIR"));
}

#[test]
fn what_does_not_exist_does_not_start() {
    let error = run(Run { program: Path::new("/nowhere/tool"), ..sh("") }).unwrap_err();
    assert!(error.message().starts_with("`tool` could not be started: "), "{error}");
    let error = run(Run { program: Path::new("no-such-tool-anywhere"), ..sh("") }).unwrap_err();
    assert_eq!(error.message(), "`no-such-tool-anywhere` could not be started: it is not on PATH");
}

/// Started again as a child that is killed without warning: what it runs ends, too.
#[test]
fn nothing_outlives_us() {
    const MARK: &str = "RUNNER_TEST_FOLDER";
    if let Some(dir) = std::env::var_os(MARK) {
        let _ = run(Run { cwd: dir.into(), ..sh("echo $$ > pid.part; mv pid.part pid; sleep 300") });
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "scanners::process::tests::nothing_outlives_us"])
        .env(MARK, dir.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let file = dir.path().join("pid");
    assert!(until(&|| file.exists()));
    let pid = std::fs::read_to_string(file).unwrap();
    assert!(is_alive(&pid));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(until(&|| !is_alive(&pid)), "the tool outlived us");
}
