//! `securescan pre-commit`, as git runs it: real repositories, real hooks, every way to commit.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

mod common;
use common::{Project, Run, aws_key, finish, github_token, run_in};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

fn secret() -> String {
    format!("K = \"{}\"\n", aws_key())
}

/// A repository with one clean commit and the hook in place.
fn repository() -> Project {
    let p = Project::new();
    p.git(&["init", "-q", "-b", "main"]).write("ok.py", "x = 1\n").write("sub/ok.py", "y = 1\n");
    p.git(&["add", "-A"]).git(&["commit", "-q", "-m", "base"]);
    install(&p.path().join(".git/hooks"));
    p
}

fn install(hooks: &Path) {
    std::fs::create_dir_all(hooks).unwrap();
    let hook = hooks.join("pre-commit");
    std::fs::write(&hook, format!("#!/bin/sh\nexec '{}' pre-commit\n", common::binary().display())).unwrap();
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// `git …` that may fail, with what it and the hook say.
fn git_in(folder: &Path, args: &[&str]) -> Run {
    let base = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"];
    finish(Command::new("git").args(base).args(args).current_dir(folder).output().unwrap())
}

fn commit(p: &Project, args: &[&str]) -> Run {
    git_in(p.path(), &[&["commit", "-q", "-m", "x"], args].concat())
}

fn hook(p: &Project, args: &[&str]) -> Run {
    p.run(&[&["pre-commit"], args].concat())
}

#[test]
fn a_commit_with_a_secret_is_refused() {
    let p = repository();
    p.write("new.py", secret()).git(&["add", "new.py"]);
    let run = commit(&p, &[]);
    assert_ne!(run.code, 0);
    let said = format!("{}{}", run.stdout, run.stderr);
    assert!(said.contains("new.py:1: critical: AWS access key id (secrets/aws-access-key-id)"), "{said}");
    assert!(said.contains("Failing: found 1 finding(s) at or above threshold 'high'") && !said.contains(&aws_key()), "{said}");
    p.write("new.py", "K = 1\n").git(&["add", "new.py"]);
    let run = commit(&p, &[]).exits(0);
    assert!(run.stderr.contains("1 file(s) looked at"), "{}", run.stderr);
}

#[test]
fn the_index_counts_not_the_working_tree() {
    let p = repository();
    // Staged with the secret, edited away since.
    p.write("a.py", secret()).git(&["add", "a.py"]).write("a.py", "clean = 1\n");
    assert!(hook(&p, &[]).exits(1).stdout.starts_with("a.py:1: "));
    // Staged clean, the secret comes later: partially staged.
    p.write("a.py", "clean = 1\n").git(&["add", "a.py"]).write("a.py", secret());
    hook(&p, &[]).exits(0);
    commit(&p, &[]).exits(0);
    // Untracked and merely changed files are no part of it.
    p.write("untracked.py", secret());
    assert_eq!(hook(&p, &[]).exits(0).stdout, "No staged files; nothing to scan.\n");
}

#[test]
fn every_way_to_commit_shows_the_index_it_records() {
    let p = repository();
    // `-a` records an index of its own while the hook runs.
    p.write("ok.py", secret());
    assert_ne!(commit(&p, &["-a"]).code, 0);
    assert_ne!(commit(&p, &["ok.py"]).code, 0);
    assert_ne!(commit(&p, &["--include", "ok.py"]).code, 0);
    p.git(&["reset", "-q", "--hard"]);
    // `git commit FILE` leaves out what else is staged.
    p.write("staged.py", secret()).git(&["add", "staged.py"]).write("ok.py", "x = 2\n");
    commit(&p, &["ok.py"]).exits(0);
    assert_ne!(commit(&p, &[]).code, 0);
    p.git(&["reset", "-q", "--hard"]);
    // From a folder below, by git and by hand.
    p.write("top.py", secret()).git(&["add", "top.py"]);
    assert_ne!(git_in(&p.path().join("sub"), &["commit", "-q", "-m", "x"]).code, 0);
    assert!(run_in(&p.path().join("sub"), &["pre-commit"], &[]).exits(1).stdout.starts_with("top.py:1: "));
    p.git(&["reset", "-q", "--hard"]);
    // A linked working tree, and a git folder elsewhere.
    let other = Project::new();
    let tree = other.path().join("tree");
    p.git(&["worktree", "add", "-q", tree.to_str().unwrap(), "-b", "w"]);
    std::fs::write(tree.join("ok.py"), secret()).unwrap();
    assert_ne!(git_in(&tree, &["commit", "-q", "-a", "-m", "x"]).code, 0);
    let bare = other.path().join("dots.git");
    let home = other.path().join("home");
    std::fs::create_dir_all(&home).unwrap();
    git_in(other.path(), &["init", "-q", "--bare", "dots.git"]).exits(0);
    install(&bare.join("hooks"));
    std::fs::write(home.join("rc.py"), secret()).unwrap();
    let dots = [format!("--git-dir={}", bare.display()), format!("--work-tree={}", home.display())];
    let dots: Vec<&str> = dots.iter().map(String::as_str).collect();
    git_in(&home, &[&dots[..], &["add", "rc.py"]].concat()).exits(0);
    let run = git_in(&home, &[&dots[..], &["commit", "-q", "-m", "x"]].concat());
    assert!(run.code != 0 && format!("{}{}", run.stdout, run.stderr).contains("rc.py:1: "), "{}", run.stderr);
}

#[test]
fn before_the_first_commit_and_while_amending() {
    let p = Project::new();
    p.git(&["init", "-q", "-b", "main"]);
    install(&p.path().join(".git/hooks"));
    assert_eq!(hook(&p, &[]).exits(0).stdout, "No staged files; nothing to scan.\n");
    p.write("a.py", secret()).git(&["add", "a.py"]);
    assert_ne!(commit(&p, &[]).code, 0);
    p.write("a.py", "x = 1\n").git(&["add", "a.py"]);
    commit(&p, &[]).exits(0);
    p.write("b.py", secret()).git(&["add", "b.py"]);
    assert_ne!(commit(&p, &["--amend"]).code, 0);
    commit(&p, &["--amend", "--no-verify"]).exits(0);
    commit(&p, &["--allow-empty"]).exits(0);
}

#[test]
fn deleted_renamed_binary_linked_and_odd_files() {
    let p = repository();
    p.write("old.py", secret()).git(&["add", "-A"]).git(&["commit", "-q", "--no-verify", "-m", "secret"]);
    // What is renamed arrives under its new name, and leaves the old one.
    p.git(&["mv", "old.py", "renamed.py"]);
    assert!(hook(&p, &[]).exits(1).stdout.starts_with("renamed.py:1: "));
    p.git(&["reset", "-q", "--hard"]).git(&["rm", "-q", "old.py"]);
    assert_eq!(hook(&p, &[]).exits(0).stdout, "No staged files; nothing to scan.\n");
    p.git(&["commit", "-q", "-m", "gone"]);
    // A link is not followed, a submodule is another repository, a binary file has no lines.
    std::os::unix::fs::symlink("/etc/passwd", p.path().join("link")).unwrap();
    let id = p.path().to_path_buf();
    let head = finish(Command::new("git").args(["rev-parse", "HEAD"]).current_dir(&id).output().unwrap()).stdout;
    p.git(&["add", "link"]).git(&["update-index", "--add", "--cacheinfo", &format!("160000,{},module", head.trim())]);
    assert_eq!(hook(&p, &[]).exits(0).stdout, "No staged files; nothing to scan.\n");
    p.write("x.bin", [0u8, 159, 146, 150]).git(&["add", "x.bin"]);
    hook(&p, &[]).exits(0);
    for name in ["mit leer zeichen.py", "größe.py", "new\nline.py", "-rf.py", "a%41.py", ":(top)x.py", "\"q\".py"] {
        p.write(name, secret()).git(&["add", "--", &format!("./{name}")]);
        let run = hook(&p, &[]).exits(1);
        assert_eq!(run.stdout.matches(": critical: ").count(), 1, "{name:?}: {}", run.stdout);
        // By name, too, as pre-commit hands them over.
        let named = hook(&p, &["--", name]).exits(1);
        assert_eq!(named.stdout, run.stdout, "{name:?}");
        p.git(&["reset", "-q", "--hard"]);
    }
    let name = <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"not\xfftext.py");
    if std::fs::write(p.path().join(name), secret()).is_ok() {
        p.git(&["add", "-A"]);
        assert!(hook(&p, &[]).exits(1).stdout.contains("not%FFtext.py:1"));
        let by_name = common::command(p.path(), &["pre-commit"], &[]).arg(name).output().unwrap();
        assert!(finish(by_name).exits(1).stdout.contains("not%FFtext.py:1"));
    }
}

#[test]
fn a_conflict_is_told() {
    let p = repository();
    p.git(&["checkout", "-q", "-b", "other"]).write("ok.py", "x = 2\n").git(&["commit", "-q", "-a", "-m", "o"]);
    p.git(&["checkout", "-q", "main"]).write("ok.py", "x = 3\n").git(&["commit", "-q", "-a", "-m", "m"]);
    assert_ne!(git_in(p.path(), &["merge", "-q", "other"]).code, 0);
    let run = hook(&p, &[]).exits(0);
    assert!(run.stderr.contains("not looked at: ok.py (not merged: it is in conflict)"), "{}{}", run.stdout, run.stderr);
    let run = hook(&p, &["ok.py", "sub/ok.py"]).exits(0);
    assert!(run.stderr.contains("not looked at: ok.py"), "{}{}", run.stdout, run.stderr);
    // Resolved with a secret in it.
    p.write("ok.py", secret()).git(&["add", "ok.py"]);
    assert!(hook(&p, &[]).exits(1).stdout.starts_with("ok.py:1: "));
}

#[test]
fn the_gate_is_high_unless_somebody_says_otherwise() {
    let p = repository();
    p.write("Dockerfile", "FROM debian\nUSER app\nHEALTHCHECK NONE\n").git(&["add", "-A"]);
    let run = hook(&p, &[]).exits(0);
    assert!(run.stdout.contains("Dockerfile:1: medium: "), "{}", run.stdout);
    hook(&p, &["--fail-on-severity", "medium"]).exits(1);
    hook(&p, &["--fail-on-severity", "none"]).exits(0);
    hook(&p, &["--fail-on-severity", "hgih"]).exits(2);
    // The configuration counts as the index has it: not staged, it is no part of the commit.
    p.write(".securescan.yml", "fail_on_severity: low\n")
        .git(&["add", "-A"])
        .write(".securescan.yml", "fail_on_severity: none\n");
    hook(&p, &[]).exits(1);
    hook(&p, &["--no-config"]).exits(0);
    p.git(&["rm", "-q", "-f", "--cached", ".securescan.yml"]);
    p.write(".securescan.yml", "fail_on_severity: medium\n");
    hook(&p, &[]).exits(1);
    // `scan_types` narrows; with nothing left, nothing is looked at, and that is said.
    p.write(".securescan.yml", "scan_types: [code]\nfail_on_severity: low\n");
    hook(&p, &[]).exits(0);
    p.write(".securescan.yml", "scan_types: [dependency]\n");
    assert!(hook(&p, &[]).exits(0).stderr.contains("nothing to scan"));
    p.write(".securescan.yml", "fail_on_severity: [\n");
    assert!(hook(&p, &[]).exits(2).stderr.contains(".securescan.yml"));
}

#[test]
fn comments_configuration_and_baseline_silence() {
    let p = repository();
    p.write("a.py", format!("{}  # securescan: ignore secrets/aws-access-key-id\n", secret().trim_end())).git(&["add", "-A"]);
    let run = hook(&p, &[]).exits(0);
    assert!(run.stdout.is_empty() && run.stderr.contains("Suppressed 1 finding(s) (inline=1"), "{}{}", run.stdout, run.stderr);
    p.write("a.py", secret()).write(".securescan.yml", "ignored_rules: [secrets/aws-access-key-id]\n").git(&["add", "-A"]);
    hook(&p, &[]).exits(0);
    p.git(&["rm", "-q", "-f", ".securescan.yml"]);
    hook(&p, &[]).exits(1);
    p.run(&["baseline", "--scanner", "secrets"]).exits(0);
    hook(&p, &[]).exits(0);
    hook(&p, &["--no-baseline"]).exits(1);
    // In the index, that one counts.
    p.git(&["add", "-f", ".securescan/baseline.json"]).write(".securescan/baseline.json", "[]");
    hook(&p, &[]).exits(0);
    hook(&p, &["--baseline", ".securescan/baseline.json"]).exits(1);
    // A second copy is new.
    p.write("a.py", secret().repeat(2)).git(&["add", "a.py"]);
    hook(&p, &[]).exits(1);
}

#[test]
fn files_that_are_named_are_looked_at_whether_they_changed_or_not() {
    let p = repository();
    p.write("old.py", secret()).write("sub/old.py", format!("T = \"{}\"\n", github_token()));
    p.git(&["add", "-A"]).git(&["commit", "-q", "--no-verify", "-m", "secrets"]).write("old.py", "gone = 1\n");
    assert_eq!(hook(&p, &["old.py"]).exits(1).stdout.lines().count(), 1);
    hook(&p, &["ok.py"]).exits(0);
    assert_eq!(hook(&p, &["."]).exits(1).stdout.lines().count(), 2);
    let below = p.path().join("sub");
    assert!(run_in(&below, &["pre-commit", "old.py"], &[]).exits(1).stdout.starts_with("sub/old.py:1: "));
    assert!(run_in(&below, &["pre-commit", "../old.py"], &[]).exits(1).stdout.starts_with("old.py:1: "));
    assert!(hook(&p, &["none.py"]).exits(0).stdout.starts_with("None of the files is in the index"));
    assert!(hook(&p, &["../x"]).exits(2).stderr.contains("not inside the repository"));
    // More than fit on a command line.
    for n in 0..500 {
        p.write(&format!("many/{n}.txt"), "x\n");
    }
    p.git(&["add", "-A"]);
    let names: Vec<String> = (0..500).map(|n| format!("many/{n}.txt")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).chain(["sub"]).collect();
    assert_eq!(hook(&p, &names).exits(1).stdout.lines().count(), 1);
}

#[test]
fn outside_a_repository_it_is_an_error() {
    let outside = Project::new();
    assert!(hook(&outside, &[]).exits(2).stderr.contains("not inside a git working tree"));
    let nobody = run_in(outside.path(), &["pre-commit"], &[("PATH", "/nowhere")]);
    nobody.exits(2);
}

#[test]
fn what_must_not_be_committed_is_refused_by_name() {
    let p = repository();
    let key = ["-----BEGIN OPENSSH ", "PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU\n"].concat();
    p.write("deploy/id_rsa", key).git(&["add", "-A"]);
    assert!(hook(&p, &[]).exits(1).stdout.contains("deploy/id_rsa"));
}

#[test]
fn what_is_too_large_is_told() {
    let p = repository();
    p.write("big.txt", vec![b'x'; 5000]).git(&["add", "-A"]);
    let run = hook(&p, &["--max-file-size", "1k"]).exits(0);
    assert!(run.stderr.contains("not looked at: big.txt (larger than 1024 bytes)"), "{}{}", run.stdout, run.stderr);
}

#[test]
fn it_answers_to_its_own_name() {
    let p = repository();
    p.write("a.py", secret()).git(&["add", "a.py"]);
    let link = p.path().join(".git/pre-commit-securescan");
    std::os::unix::fs::symlink(common::binary(), &link).unwrap();
    let beside = common::binary().with_file_name("pre-commit-securescan");
    for program in [link, beside] {
        let own = common::command(p.path(), &[], &[]);
        let mut command = Command::new(&program);
        command.current_dir(p.path()).env_clear();
        command.envs(own.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let run = finish(command.output().unwrap()).exits(1);
        assert!(run.stdout.starts_with("a.py:1: critical: "), "{}{}", run.stdout, run.stderr);
    }
}

#[test]
fn the_definition_for_pre_commit_names_this_command() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.pre-commit-hooks.yaml");
    let text = std::fs::read_to_string(file).unwrap();
    for line in [
        "- id: securescan\n",
        "  name: SecureScan (staged)\n",
        "  entry: pre-commit-securescan\n",
        "  types: [text]\n",
        "  pass_filenames: false\n",
        "  stages: [pre-commit]\n",
        "  require_serial: true\n",
    ] {
        assert!(text.contains(line), "{line}");
    }
}
