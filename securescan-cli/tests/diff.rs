//! `diff` between revisions and `compare`, as a user runs them: thirty kinds of change, each against what is right.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

mod common;
use common::{Project, Run, aws_key, github_token};

/// A Dockerfile with one finding on its second line and nothing else that the two scanners report at `high` or above.
const DOCKERFILE: &str = "FROM debian:12.5\nRUN curl -s https://example.org/x | sh\nHEALTHCHECK NONE\nUSER app\n";

fn python(token: &str) -> String {
    format!("import os\n\n\ndef run():\n    token = \"{token}\"\n    return token\n")
}

/// A repository whose branch `main` has a secret in `app.py` and an insecure `Dockerfile`, with `change` checked out.
fn repository() -> Project {
    let p = Project::new();
    p.git(&["init", "-q", "-b", "main"]);
    p.write("app.py", python(&github_token()))
        .write("Dockerfile", DOCKERFILE)
        .write("sub/ok.py", "x = 1\n")
        .write("README.md", "# x\n");
    commit(&p, "base");
    p.git(&["checkout", "-q", "-b", "change"]);
    p
}

fn commit(p: &Project, message: &str) {
    p.git(&["add", "-A"]).git(&["commit", "-q", "--allow-empty", "-m", message]);
}

fn diff(p: &Project, args: &[&str]) -> Run {
    let mut all = vec!["diff", "--base-ref", "main", "--scanner", "secrets,dockerfile", "-o", "text"];
    all.extend(args);
    p.run(&all)
}

/// NEW, FIXED, UNCHANGED, suppressed and not scanned, as the summary says.
fn counts(run: &Run) -> [usize; 5] {
    let row = |name: &str| {
        let line = run.stdout.lines().find_map(|line| line.trim().strip_prefix(name));
        line.and_then(|rest| rest.trim().split([' ', '(']).next()?.parse().ok()).unwrap_or(0)
    };
    [row("NEW:"), row("FIXED:"), row("UNCHANGED:"), row("Suppressed:"), row("NOT SCANNED:")]
}

/// What is done to the repository; the change is committed afterwards.
type Change = fn(&Project);

/// Does, and forgets what it gives.
fn done<T>(_: T) {}

/// Name, what is done, and what is right: new, fixed, unchanged, suppressed (of the new ones), not scanned.
const KINDS: &[(&str, Change, [usize; 5])] = &[
    ("nothing", |_| {}, [0, 0, 2, 0, 0]),
    ("a secret added", |p| done(p.write("new.py", format!("K = \"{}\"\n", aws_key()))), [1, 0, 2, 0, 0]),
    ("the secret removed", |p| done(p.write("app.py", "import os\n")), [0, 1, 1, 0, 0]),
    ("the secret replaced by another", |p| done(p.write("app.py", python(&aws_key()))), [1, 1, 1, 0, 0]),
    (
        "moved within the file",
        |p| done(p.write("app.py", format!("import os\n\n\n\n\n{}", python(&github_token())))),
        [0, 0, 2, 0, 0],
    ),
    ("the file renamed", |p| done(p.git(&["mv", "app.py", "main.py"])), [1, 1, 1, 0, 0]),
    ("re-indented with tabs", |p| done(p.write("app.py", python(&github_token()).replace("    ", "\t"))), [0, 0, 2, 0, 0]),
    ("re-wrapped over two lines", |p| done(p.write("Dockerfile", DOCKERFILE.replace(" | sh", " \\\n    | sh"))), [0, 0, 2, 0, 0]),
    (
        "a bad line duplicated",
        |p| done(p.write("app.py", format!("{}\n    token = \"{}\"\n", python(&github_token()), github_token()))),
        [1, 0, 2, 0, 0],
    ),
    (
        "a comment behind the line",
        |p| done(p.write("app.py", python(&github_token()).replace("\"\n", "\"  # later\n"))),
        [0, 0, 2, 0, 0],
    ),
    (
        "an ignore added to the line",
        |p| done(p.write("app.py", python(&github_token()).replace("\"\n", "\"  # securescan: ignore secrets/github-pat\n"))),
        [0, 0, 2, 0, 0],
    ),
    (
        "a new secret with its own ignore",
        |p| done(p.write("n.py", format!("K = \"{}\"  # securescan: ignore secrets/aws-access-key-id\n", aws_key()))),
        [0, 0, 2, 1, 0],
    ),
    (
        "a rule ignored by the configuration",
        |p| done(p.write(".securescan.yml", "ignored_rules: [dockerfile/DL003]\n")),
        [0, 0, 2, 0, 0],
    ),
    (
        "a severity lowered by the configuration",
        |p| done(p.write(".securescan.yml", "severity_overrides:\n  dockerfile/DL003: low\n")),
        [0, 0, 2, 0, 0],
    ),
    (
        "a bad instruction added",
        |p| done(p.write("Dockerfile", DOCKERFILE.replace("USER", "ADD https://example.org/y /y\nUSER"))),
        [1, 0, 2, 0, 0],
    ),
    ("the bad instruction fixed", |p| done(p.write("Dockerfile", DOCKERFILE.replace(" | sh", ""))), [0, 1, 1, 0, 0]),
    (
        "an instruction before it",
        |p| done(p.write("Dockerfile", DOCKERFILE.replace("RUN", "WORKDIR /app\nRUN"))),
        [0, 0, 2, 0, 0],
    ),
    ("a second Dockerfile", |p| done(p.write("sub/Dockerfile", DOCKERFILE)), [1, 0, 2, 0, 0]),
    (
        "the Dockerfile moved to a folder",
        |p| {
            p.write("deploy/x", "");
            p.git(&["mv", "Dockerfile", "deploy/Dockerfile"]);
        },
        [1, 1, 1, 0, 0],
    ),
    ("the Dockerfile deleted", |p| done(p.git(&["rm", "-q", "Dockerfile"])), [0, 1, 1, 0, 0]),
    ("line ends flipped", |p| done(p.write("app.py", python(&github_token()).replace('\n', "\r\n"))), [0, 0, 2, 0, 0]),
    ("a name outside ASCII", |p| done(p.write("ordner/schlüssel ü.py", format!("K = \"{}\"\n", aws_key()))), [1, 0, 2, 0, 0]),
    ("a name with a newline", |p| done(p.write("a\nb.py", format!("K = \"{}\"\n", aws_key()))), [1, 0, 2, 0, 0]),
    (
        "an ignored file committed all the same",
        |p| {
            p.write(".gitignore", "secret.py\n").write("secret.py", format!("K = \"{}\"\n", aws_key()));
            p.git(&["add", "-f", "secret.py"]);
        },
        [0, 0, 2, 0, 0],
    ),
    ("a link to the secret", |p| std::os::unix::fs::symlink("app.py", p.path().join("link.py")).unwrap(), [0, 0, 2, 0, 0]),
    ("a binary file", |p| done(p.write("x.bin", [0u8, 1, 2, 255, 254])), [0, 0, 2, 0, 0]),
    ("only documentation", |p| done(p.write("README.md", "# y\n")), [0, 0, 2, 0, 0]),
    ("a .dockerignore added", |p| done(p.write(".dockerignore", "*.pem\n")), [0, 0, 2, 0, 0]),
    ("the file made executable", |p| done(p.git(&["update-index", "--chmod=+x", "app.py"])), [0, 0, 2, 0, 0]),
    (
        "two commits that cancel out",
        |p| {
            p.write("t.py", format!("K = \"{}\"\n", aws_key()));
            commit(p, "in");
            p.git(&["rm", "-q", "t.py"]);
        },
        [0, 0, 2, 0, 0],
    ),
];

#[test]
fn every_kind_of_change_is_reported_right() {
    let mut wrong = Vec::new();
    for (name, change, right) in KINDS {
        let p = repository();
        change(&p);
        commit(&p, "change");
        let run = diff(&p, &[]).exits(0);
        if counts(&run) != *right {
            wrong.push(format!("{name}: {:?} instead of {right:?}\n{}", counts(&run), run.stdout));
        }
        let full = diff(&p, &["--full"]).exits(0);
        if full.stdout != run.stdout {
            wrong.push(format!("{name}: --full says something else\n{}", full.stdout));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), KINDS.len(), wrong.join("\n"));
}

#[test]
fn the_checkout_is_neither_needed_nor_touched() {
    let p = repository();
    p.write("new.py", format!("K = \"{}\"\n", aws_key()));
    commit(&p, "change");
    // Dirty: what is not committed is no part of the change.
    p.write("dirty.py", format!("K = \"{}\"\n", github_token())).write("new.py", "clean = 1\n");
    let before = std::fs::read_to_string(p.path().join(".git/HEAD")).unwrap();
    assert_eq!(counts(&diff(&p, &[]).exits(0)), [1, 0, 2, 0, 0]);
    assert_eq!(std::fs::read_to_string(p.path().join("new.py")).unwrap(), "clean = 1\n");
    assert_eq!(std::fs::read_to_string(p.path().join(".git/HEAD")).unwrap(), before);
    // From a folder below, only that folder counts.
    let below = common::run_in(&p.path().join("sub"), &["diff", "--base-ref", "main", "--scanner", "secrets", "-o", "text"], &[])
        .exits(0);
    assert_eq!(counts(&below)[0], 0);
    // A bare clone, a worktree and a shallow clone.
    let other = Project::new();
    let from = p.path().to_str().unwrap();
    other.git(&["clone", "-q", "--bare", from, "bare.git"]);
    let bare = common::run_in(
        &other.path().join("bare.git"),
        &["diff", "--base-ref", "main", "--head-ref", "change", "--scanner", "secrets,dockerfile", "-o", "text"],
        &[],
    )
    .exits(0);
    assert_eq!(counts(&bare), [1, 0, 2, 0, 0]);
    p.git(&["worktree", "add", "-q", "tree", "change~0"]);
    let tree = common::run_in(
        &p.path().join("tree"),
        &["diff", "--base-ref", "main", "--scanner", "secrets,dockerfile", "-o", "text"],
        &[],
    )
    .exits(0);
    assert_eq!(counts(&tree), [1, 0, 2, 0, 0]);
    let url = format!("file://{from}");
    other.git(&["clone", "-q", "--depth", "1", "--branch", "change", &url, "shallow"]);
    let shallow =
        common::run_in(&other.path().join("shallow"), &["diff", "--base-ref", "origin/main", "-o", "text"], &[]).exits(2);
    assert!(shallow.stderr.contains("git fetch origin main:refs/remotes/origin/main"), "{}", shallow.stderr);
}

#[test]
fn the_base_is_where_the_branch_left_it() {
    let p = repository();
    p.write("new.py", format!("K = \"{}\"\n", aws_key()));
    commit(&p, "change");
    p.git(&["checkout", "-q", "main"]).write("moved-on.py", format!("K = \"{}\"\n", github_token()));
    commit(&p, "main moved on");
    p.git(&["checkout", "-q", "change"]);
    assert_eq!(counts(&diff(&p, &[]).exits(0)), [1, 0, 2, 0, 0]);
    // With two dots, what main has since is gone on this side.
    assert_eq!(counts(&diff(&p, &["--base-exact"]).exits(0)), [1, 1, 2, 0, 0]);
    p.git(&["merge", "-q", "-m", "merge", "main"]);
    assert_eq!(counts(&diff(&p, &[]).exits(0)), [1, 0, 3, 0, 0]);
    p.git(&["checkout", "-q", "--orphan", "alone"]);
    commit(&p, "alone");
    let alone = diff(&p, &[]).exits(2);
    assert!(alone.stderr.contains("no commit in common") && alone.stderr.contains("--base-exact"), "{}", alone.stderr);
}

#[test]
fn a_change_does_not_judge_itself_silently() {
    let p = repository();
    p.write("n.py", format!("K = \"{}\"  # securescan: ignore secrets/aws-access-key-id\n", aws_key()));
    p.write(".securescan.yml", "ignored_rules: [dockerfile/DL006]\n");
    p.write("Dockerfile", DOCKERFILE.replace("USER", "ADD https://example.org/y /y\nUSER"));
    commit(&p, "change");
    let run = diff(&p, &["--fail-on-severity", "medium"]).exits(0);
    assert!(
        run.stderr.contains("2 finding(s) suppressed by what this change itself adds (inline=1, config=1, baseline=0)"),
        "{}",
        run.stderr
    );
    let comment = p.run(&["diff", "--base-ref", "main", "--scanner", "secrets,dockerfile"]).exits(0);
    assert!(
        comment.stdout.starts_with("<!-- securescan:diff -->\n") && comment.stdout.contains("inline=1, config=1"),
        "{}",
        comment.stdout
    );
    let judged = diff(&p, &["--fail-on-severity", "medium", "--policy-from", "base"]).exits(1);
    assert_eq!(counts(&judged)[0], 2, "{}", judged.stdout);
    // What base had already stays suppressed.
    p.git(&["checkout", "-q", "main"]).git(&["merge", "-q", "change"]).git(&["checkout", "-q", "-b", "next"]);
    p.write("sub/Dockerfile", "FROM debian:12.5\nADD https://example.org/y /y\nHEALTHCHECK NONE\nUSER app\n");
    commit(&p, "next");
    let next = diff(&p, &["--policy-from", "base"]).exits(0);
    assert!(!next.stderr.contains("change itself"), "{}", next.stderr);
}

#[test]
fn what_cannot_be_compared_is_an_error() {
    let p = repository();
    for (args, message) in [
        (&["--base-ref", "nope"][..], "no revision `nope`"),
        (
            &["--base-ref", "0123456789abcdef0123456789abcdef01234567"],
            "git fetch origin 0123456789abcdef0123456789abcdef01234567",
        ),
        (&["--base-ref=--output=x"], "no revision `--output=x`"),
        (&["--base-ref", "main", "--head-ref", "-x"], "unexpected argument"),
        (&["--base-ref", ""], "not the name of a revision"),
        (&["--base-ref", "main", "--base-snapshot", "a"], "cannot be used with"),
        (&["--base-snapshot", "a"], "--head-snapshot"),
        (&["--head-ref", "main"], "--base-ref"),
        (&[], "nothing to compare"),
        (&["--base-ref", "main", "--fail-on-severity", "hgih"], "hgih"),
        (&["--base-ref", "main", "-o", "json", "-o", "sarif"], "two outputs go to one place"),
    ] {
        let mut all = vec!["diff"];
        all.extend(args);
        let run = p.run(&all).exits(2);
        assert!(run.stderr.contains(message), "{args:?}: {}", run.stderr);
    }
    let outside = Project::new();
    assert!(outside.run(&["diff", "--base-ref", "main"]).exits(2).stderr.contains("not inside a git repository"));
}

#[test]
fn several_outputs_come_from_one_run() {
    let p = repository();
    p.write("new.py", format!("K = \"{}\"\n", aws_key()));
    commit(&p, "change");
    let run = p
        .run(&[
            "diff",
            "--base-ref",
            "main",
            "--scanner",
            "secrets",
            "-o",
            "sarif=out/a.sarif",
            "-o",
            "csv=out/a.csv",
            "-o",
            "github-pr-comment",
        ])
        .exits(0);
    assert!(run.stdout.starts_with("<!-- securescan:diff -->"));
    let sarif = std::fs::read_to_string(p.path().join("out/a.sarif")).unwrap();
    assert!(sarif.contains("new.py") && !sarif.contains(&aws_key()));
    assert!(std::fs::read_to_string(p.path().join("out/a.csv")).unwrap().starts_with("severity,"));
}

#[test]
fn compare_tells_drift_from_a_baseline() {
    let p = repository();
    p.run(&["baseline", "--scanner", "secrets,dockerfile"]).exits(0);
    p.write("new.py", format!("K = \"{}\"\n", aws_key())).write("app.py", "x = 1\n");
    let run = p.run(&["compare", ".securescan/baseline.json", "--scanner", "secrets,dockerfile", "-o", "text"]).exits(0);
    assert!(run.stdout.contains("new.py:1") && run.stdout.contains("DISAPPEARED:"), "{}", run.stdout);
    let two = p.run(&["compare", ".", ".securescan/baseline.json", "--scanner", "secrets,dockerfile", "-o", "text"]).exits(0);
    assert_eq!(two.stdout, run.stdout);
    // A scanner that did not look proves nothing gone.
    let half = p.run(&["compare", ".securescan/baseline.json", "--scanner", "dockerfile", "-o", "text"]).exits(0);
    assert!(half.stdout.contains("NOT SCANNED") && !half.stdout.contains("[DISAPPEARED"), "{}", half.stdout);
    assert!(p.run(&["compare", "nope.json"]).exits(2).stderr.contains("baseline file not found: nope.json"));
    p.run(&["compare"]).exits(2);
}
