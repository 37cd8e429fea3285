//! The built-in scanner `baseline` over made root filesystems with planted faults, and once over this machine.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests")]
#![cfg(unix)]

use securescan_core::model::{Finding, ScanType, ScannerStatus, Severity};
use securescan_core::scanners::{Cancel, Outcome, SCANNERS, ScanContext, ScanRequest};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn scan(request: &ScanRequest) -> Outcome {
    let cancel = Cancel::new();
    let context = ScanContext {
        root: &request.target,
        files: &[],
        single_file: false,
        repo: None,
        tracked: None,
        request,
        cancel: &cancel,
    };
    SCANNERS.iter().find(|s| s.meta().name == "baseline").unwrap().scan(&context)
}

/// A root filesystem of `(path, mode, text)`.
fn root(files: &[(&str, u32, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, mode, text) in files {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(*mode)).unwrap();
    }
    dir
}

fn show(f: &Finding) -> String {
    let path = f.file_path.as_deref().unwrap_or("-");
    format!("{} {} {path}:{} {}", f.rule_id.as_deref().unwrap(), f.severity, f.line.unwrap_or(0), f.title)
}

fn target(dir: &Path) -> (Outcome, Vec<String>) {
    let outcome = scan(&ScanRequest::new(dir));
    let shown = outcome.findings.iter().map(show).collect();
    (outcome, shown)
}

#[test]
fn planted_faults_are_found() {
    let passwd = "root:x:0:0:r:/root:/bin/bash\ntoor:x:0:0::/:/bin/sh\n";
    let shadow = "root::19000:0:90:7:::\nlocked:!!:19000:0:90\nold:$1$salt$hashhashhash:19000:0:90\n";
    let sshd = "Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin no\nMaxAuthTries 3\nLoginGraceTime 30\nClientAliveInterval 15\nMatch User x\nX11Forwarding yes\n";
    let dir = root(&[
        ("etc/passwd", 0o644, passwd),
        ("etc/shadow", 0o644, shadow),
        ("etc/ssh/sshd_config", 0o644, sshd),
        ("etc/ssh/sshd_config.d/10-a.conf", 0o644, "permitrootlogin=\"yes\"\n"),
        ("etc/ssh/sshd_config.d/ignored.bak", 0o644, "PermitEmptyPasswords yes\n"),
        ("etc/login.defs", 0o644, "PASS_MAX_DAYS 99999\n"),
        ("etc/sudoers", 0o440, "Defaults use_pty, logfile=/var/log/sudo.log\n"),
        ("etc/sudoers.d/ci", 0o440, "ci ALL=(ALL) NOPASSWD: ALL\n"),
        ("etc/sudoers.d/ci.bak", 0o440, "x ALL=(ALL) NOPASSWD: ALL\n"),
        ("etc/cron.d/backup", 0o644, "0 3 * * * root /opt/backup.sh\n"),
        ("opt/backup.sh", 0o777, "#!/bin/sh\n"),
        ("etc/sysctl.conf", 0o644, "net.ipv4.ip_forward = 1\n"),
        ("etc/sysctl.d/50-x.conf", 0o644, "kernel.randomize_va_space=0\nnet.ipv4.ip_forward=0\n"),
        ("var/lib/open", 0o666, ""),
    ]);
    let (outcome, shown) = target(dir.path());
    assert_eq!(
        shown,
        [
            "BASELINE-SSH-001 high etc/ssh/sshd_config.d/10-a.conf:1 SSH root login enabled",
            "BASELINE-SSH-002 medium etc/ssh/sshd_config:0 SSH password authentication enabled",
            "BASELINE-USER-001 critical etc/passwd:2 Non-root user 'toor' has UID 0",
            "BASELINE-USER-002 critical etc/shadow:1 User 'root' has no password set",
            "BASELINE-USER-010 medium etc/shadow:0 Password of user 'old' is hashed weakly",
            "BASELINE-PWD-001 medium etc/login.defs:1 Password max age too long",
            "BASELINE-KERN-001 medium etc/sysctl.conf:1 IP forwarding enabled",
            "BASELINE-KERN-003 medium etc/sysctl.d/50-x.conf:1 ASLR not fully enabled",
            "BASELINE-SUDO-001 high etc/sudoers.d/ci:1 Broad NOPASSWD sudo access",
            "BASELINE-CRON-001 critical etc/cron.d/backup:1 Root cron job executes world-writable script",
            "BASELINE-PERM-001 critical etc/shadow:0 Insecure permissions on etc/shadow",
            "BASELINE-WWRITE-001 medium var/lib/open:0 World-writable file var/lib/open",
        ]
    );
    assert_eq!((outcome.status, outcome.skipped.len()), (Some(ScannerStatus::Ok), 0));
    for finding in &outcome.findings {
        assert_eq!(finding.metadata.baseline_scope.as_deref(), Some("target"));
        assert!(
            finding.cwe.is_some() && !finding.remediation.is_empty() && finding.metadata.line_snippet.is_some(),
            "{finding:?}"
        );
    }
    let all = format!("{:?}", outcome.findings);
    assert!(!all.contains("hashhashhash"), "a password hash reached a finding");
    assert!(!all.contains(dir.path().to_str().unwrap()), "an absolute path reached a finding");
}

#[test]
fn a_sound_root_has_no_findings() {
    let dir = root(&[
        ("etc/passwd", 0o644, "root:x:0:0:r:/root:/bin/bash\nbin:*:1:1::/:/usr/sbin/nologin\n"),
        ("etc/shadow", 0o640, "root:$y$j9T$salt$hash:19000:1:90:7\nbin:*:19000:0:99999:7\n"),
        ("etc/ssh/sshd_config", 0o600, "PasswordAuthentication no\nMaxAuthTries 4\nLoginGraceTime 60\nClientAliveInterval 15\n"),
    ]);
    let (outcome, shown) = target(dir.path());
    assert!(shown.is_empty(), "{shown:?}");
    assert_eq!(outcome.status, Some(ScannerStatus::Ok));
}

#[test]
fn a_folder_that_is_no_root_is_not_applicable() {
    let dir = root(&[("src/main.rs", 0o644, "")]);
    let quiet = scan(&ScanRequest::new(dir.path()));
    assert_eq!((quiet.status, quiet.findings.len()), (Some(ScannerStatus::NotApplicable), 0));
    let reason = quiet.reason.unwrap();
    assert!(
        reason.contains("no host-config files") && reason.contains("`/`") && reason.contains("--baseline-host-probes"),
        "{reason}"
    );
    let asked = [
        ScanRequest { types: vec![ScanType::Baseline], ..ScanRequest::new(dir.path()) },
        ScanRequest { scanners: vec!["baseline".to_owned()], ..ScanRequest::new(dir.path()) },
    ];
    for request in asked {
        let outcome = scan(&request);
        let [finding] = outcome.findings.as_slice() else { panic!("{:?}", outcome.findings) };
        assert_eq!((outcome.status, finding.severity), (Some(ScannerStatus::NotApplicable), Severity::Info));
        assert_eq!(show(finding), "BASELINE-SCOPE-001 info -:0 Baseline scope: no host-config files under target");
        assert!(finding.description.contains("no host-config files"));
        assert!(finding.remediation.contains("`/`") && finding.remediation.contains("--baseline-host-probes"));
    }
}

#[test]
fn what_cannot_be_read_is_said() {
    let dir = root(&[("etc/passwd", 0o644, "root:x:0:0::/root:/bin/sh\n")]);
    // A special file, a link that goes nowhere and a loop: neither is read, and the scan ends.
    std::process::Command::new("mkfifo").arg(dir.path().join("etc/shadow")).status().unwrap();
    std::os::unix::fs::symlink("/nowhere", dir.path().join("etc/group")).unwrap();
    std::os::unix::fs::symlink("login.defs", dir.path().join("etc/login.defs")).unwrap();
    let (outcome, shown) = target(dir.path());
    assert!(shown.iter().all(|s| !s.contains("USER")), "{shown:?}");
    let skipped: Vec<_> = outcome.skipped.iter().map(|s| format!("{}: {}", s.path, s.why)).collect();
    assert_eq!(skipped, ["etc/login.defs: too many links", "etc/shadow: not a regular file"]);
    assert_eq!(outcome.status, None, "the orchestrator turns what was skipped into `partial`");
}

#[test]
fn links_do_not_lead_out_of_the_target() {
    let dir = root(&[
        ("outside/passwd", 0o644, "evil::0:0::/:/bin/sh\n"),
        ("root/etc/group", 0o644, "root:x:0:\n"),
        ("root/usr/etc-passwd", 0o644, "toor:x:0:0::/:/bin/sh\n"),
    ]);
    std::os::unix::fs::symlink("../../outside/passwd", dir.path().join("root/etc/shadow")).unwrap();
    // An absolute link means the root of the copy, as it does once the copy runs.
    std::os::unix::fs::symlink("/usr/etc-passwd", dir.path().join("root/etc/passwd")).unwrap();
    let (_, shown) = target(&dir.path().join("root"));
    assert_eq!(
        shown.iter().filter(|s| s.contains("USER")).collect::<Vec<_>>(),
        ["BASELINE-USER-001 critical etc/passwd:1 Non-root user 'toor' has UID 0"]
    );
}

/// This machine: whatever it is like, the scan ends, says which mode it ran in and gives the same findings again.
#[test]
fn host_mode_on_this_machine() {
    let beside = tempfile::tempdir().unwrap();
    let request = ScanRequest { host_probes: true, ..ScanRequest::new(beside.path()) };
    let (first, second) = (scan(&request), scan(&request));
    assert!(first.findings.iter().all(|f| f.metadata.baseline_scope.as_deref() == Some("host")));
    assert!(
        first.findings.iter().filter_map(|f| f.file_path.as_deref()).all(|p| p.starts_with('/')),
        "host paths beside another target are absolute"
    );
    // Sockets and temporary files of other programs come and go while tests run.
    let stable = |o: &Outcome| -> Vec<String> {
        o.findings.iter().map(show).filter(|s| !s.contains("-PORT-") && !s.contains("-WWRITE-")).collect()
    };
    assert_eq!(stable(&first), stable(&second));
    for line in stable(&first) {
        println!("{line}");
    }
    println!("{:?} {:?} {:?}", first.status, first.reason, first.skipped);
    let names: Vec<String> = std::env::vars().filter(|(_, v)| v.len() >= 12).map(|(_, v)| v).collect();
    let env: String =
        first.findings.iter().filter(|f| f.rule_id.as_deref() == Some("BASELINE-ENV-001")).map(|f| format!("{f:?}")).collect();
    assert!(names.iter().all(|value| !env.contains(value.as_str())), "a value of the environment reached a finding");
    let at_root = scan(&ScanRequest::new("/"));
    assert!(at_root.findings.iter().all(|f| f.metadata.baseline_scope.as_deref() == Some("host")));
    assert!(
        at_root.findings.iter().filter_map(|f| f.file_path.as_deref()).all(|p| !p.starts_with('/')),
        "paths are relative to the root"
    );
}
