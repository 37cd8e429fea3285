//! What `diff` keeps of the base: the same bytes with and without, used when nothing that matters changed, and never trusted blindly.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

mod common;
use common::{Project, Run, aws_key, github_token, run_in};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Reports each line with `eval(` in the files that are named, and counts its runs. No command but those of the shell itself.
const BANDIT: &str = r#"#!/bin/sh
[ "$1" = --version ] && { echo "bandit 1.7.10"; exit 0; }
echo run >> "$0.runs"
while [ "$1" != -- ]; do shift; done
shift
sep=
printf '{"errors":[],"metrics":{},"results":['
for f; do
  n=0
  while IFS= read -r line; do
    n=$((n+1))
    case $line in *eval\(*)
      printf '%s{"code":"%s eval(x)\\n","filename":"%s","issue_confidence":"HIGH","issue_severity":"MEDIUM","issue_cwe":{"id":78},"issue_text":"Use of eval","line_number":%s,"line_range":[%s],"more_info":"https://example.org/b307","test_id":"B307","test_name":"blacklist"}' "$sep" $n "$f" $n $n
      sep=, ;;
    esac
  done < "$f"
done
printf ']}\n'
"#;

/// Reports the quoted value of each line of `app.py` that has one, raw, as gitleaks does.
const GITLEAKS: &str = r#"#!/bin/sh
[ "$1" = --version ] && { echo "gitleaks version 8.18.2"; exit 0; }
echo run >> "$0.runs"
for target; do :; done
sep= n=0
printf '['
[ -f "$target/app.py" ] && while IFS= read -r line; do
  n=$((n+1))
  case $line in *\"*\"*)
    v=${line#*\"} v=${v%%\"*}
    printf '%s{"RuleID":"generic-api-key","Description":"Generic","StartLine":%s,"EndLine":%s,"StartColumn":1,"EndColumn":9,"Match":"%s","Secret":"%s","File":"%s/app.py","SymlinkFile":"","Commit":"","Entropy":3.5,"Author":"","Email":"","Date":"","Message":"","Tags":[],"Fingerprint":"x"}' "$sep" $n $n "$v" "$v" "$target"
    sep=, ;;
  esac
done < "$target/app.py"
printf ']\n'
"#;

/// What is done to an entry.
type Damage = fn(&[u8]) -> Vec<u8>;

/// Says that it found nothing.
const SEMGREP: &str = r#"#!/bin/sh
[ "$1" = --version ] && { echo 1.100.0; exit 0; }
echo run >> "$0.runs"
echo '{"version":"1.100.0","results":[],"errors":[],"paths":{"scanned":[]}}'
"#;

/// A repository, two tools and a folder for what is kept, the last three outside of the first.
struct Setup {
    repo: Project,
    tools: Project,
}

impl Setup {
    fn new() -> Self {
        let (repo, tools) = (Project::new(), Project::new());
        for (name, script) in [("bandit", BANDIT), ("gitleaks", GITLEAKS), ("semgrep", SEMGREP)] {
            tools.write(name, script);
            std::fs::set_permissions(tools.path().join(name), std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        repo.git(&["init", "-q", "-b", "main"]);
        repo.write("app.py", format!("import os\ntoken = \"{}\"\n\nx = eval(y)\n", github_token()))
            .write("quiet.py", "x = eval(y)  # securescan: ignore B307\n")
            .write("gone.py", "a = 1\nb = eval(a)\n")
            .write("Dockerfile", "FROM debian\nRUN curl -s https://example.org/x | sh\n")
            .write(".gitignore", "out/\n");
        commit(&repo, "base");
        repo.git(&["checkout", "-q", "-b", "change"]);
        repo.write(
            "app.py",
            format!("import os\nimport re\ntoken = \"{}\"\nkey = \"{}\"\n\nx = eval(y)\n", github_token(), aws_key()),
        )
        .write("new.py", "z = eval(w)\n");
        repo.git(&["rm", "-q", "gone.py"]);
        commit(&repo, "change");
        Self { repo, tools }
    }

    fn cache(&self) -> PathBuf {
        self.tools.path().join("cache")
    }

    fn run(&self, args: &[&str]) -> Run {
        let path = |name: &str| self.tools.path().join(name).display().to_string();
        let (bandit, gitleaks, cache) = (path("bandit"), path("gitleaks"), self.cache().display().to_string());
        let env = [
            ("SECURESCAN_BANDIT_PATH", bandit.as_str()),
            ("SECURESCAN_GITLEAKS_PATH", &gitleaks),
            ("SECURESCAN_CACHE_DIR", &cache),
        ];
        let mut all = vec!["diff", "--base-ref", "main", "--scanner", "secrets,dockerfile,git-hygiene,bandit", "-o", "json"];
        all.extend(args);
        run_in(self.repo.path(), &all, &env).exits(0)
    }

    /// How often a tool ran since this was last asked.
    fn runs(&self, tool: &str) -> usize {
        let file = self.tools.path().join(format!("{tool}.runs"));
        let count = std::fs::read_to_string(&file).map_or(0, |text| text.lines().count());
        let _ = std::fs::remove_file(file);
        count
    }

    fn entries(&self) -> Vec<PathBuf> {
        let Ok(listing) = std::fs::read_dir(self.cache().join("base")) else { return Vec::new() };
        listing.map(|entry| entry.unwrap().path()).collect()
    }
}

fn commit(p: &Project, message: &str) {
    p.git(&["add", "-A"]).git(&["commit", "-q", "-m", message]);
}

#[test]
fn the_same_bytes_with_and_without() {
    let s = Setup::new();
    let formats: &[&[&str]] = &[
        &[],
        &["-o", "sarif=out/r.sarif", "-o", "github-pr-comment=out/c.md", "-o", "snapshot=out/s.json"],
        &["--policy-from", "base"],
        &["--no-suppress"],
        &["--full"],
    ];
    let out = |name: &str| std::fs::read_to_string(s.repo.path().join("out").join(name)).unwrap_or_default();
    for args in formats {
        let plain = s.run(&[args, &["--no-cache"][..]].concat());
        assert_eq!((s.runs("bandit"), s.runs("gitleaks")), (2, 2));
        let files = ["r.sarif", "c.md", "s.json"].map(out);
        let _ = std::fs::remove_dir_all(s.cache());
        let first = s.run(args);
        assert_eq!((s.runs("bandit"), s.runs("gitleaks")), (2, 2), "{args:?}");
        let second = s.run(&[args, &["--verbose"][..]].concat());
        assert_eq!((s.runs("bandit"), s.runs("gitleaks")), (1, 1), "{args:?}");
        assert!(second.stderr.contains("kept from before: bandit, git-hygiene"), "{}", second.stderr);
        assert_eq!((&first.stdout, &second.stdout), (&plain.stdout, &plain.stdout), "{args:?}");
        assert_eq!(["r.sarif", "c.md", "s.json"].map(out), files, "{args:?}");
    }
    // The comparison is what it should be: both tools' findings of the base have their partners.
    let json = s.run(&[]).json();
    let prints: Vec<_> = json["new"].as_array().unwrap().iter().map(|f| f["rule_id"].as_str().unwrap().to_owned()).collect();
    assert!(prints.contains(&"B307".to_owned()) && prints.iter().filter(|id| *id == "B307").count() == 1, "{prints:?}");
    let fixed = json["fixed"].as_array().unwrap();
    assert!(fixed.len() == 1 && fixed[0]["file_path"] == "gone.py", "{fixed:?}");
}

#[test]
fn no_secret_is_kept() {
    let s = Setup::new();
    s.run(&[]);
    let entries = s.entries();
    assert_eq!(entries.len(), 2);
    for path in entries {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains(&github_token()) && !text.contains(&github_token()[8..30]), "{text}");
        assert!(!text.contains("securescan-diff-"), "{text}");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(std::fs::metadata(s.cache().join("base")).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn what_changes_results_is_looked_at_anew() {
    let s = Setup::new();
    s.run(&[]);
    s.runs("bandit");
    // The head may change as it likes, and so may what is only applied to findings.
    s.repo.write("more.py", "q = eval(r)\n").write(".securescan.yml", "ignored_rules: [B307]\n");
    commit(&s.repo, "more");
    let kept = s.run(&[]);
    assert_eq!(s.runs("bandit"), 1);
    assert_eq!(s.run(&["--no-cache"]).stdout, kept.stdout);
    s.runs("bandit");
    // Another request, another version of the tool, another base.
    s.run(&["--max-file-size", "1M"]);
    assert_eq!(s.runs("bandit"), 2);
    s.run(&["--no-ignore"]);
    assert_eq!(s.runs("bandit"), 2);
    s.tools.write("bandit", BANDIT.replace("1.7.10", "1.7.11"));
    s.run(&[]);
    assert_eq!(s.runs("bandit"), 2);
    s.repo.git(&["checkout", "-q", "main"]).write("main.py", "m = eval(n)\n");
    commit(&s.repo, "main");
    s.repo.git(&["checkout", "-q", "change"]).git(&["merge", "-q", "-m", "merge", "main"]);
    let moved = s.run(&[]);
    assert_eq!(s.runs("bandit"), 2);
    assert_eq!(s.run(&["--no-cache"]).stdout, moved.stdout);
    // A folder below is another base than the whole.
    s.repo.write("sub/x.py", "s = eval(t)\n");
    commit(&s.repo, "sub");
    let below = s.run(&["sub"]);
    assert_eq!(s.run(&["sub", "--no-cache"]).stdout, below.stdout);
}

#[test]
fn damaged_and_foreign_entries_are_not_believed() {
    let s = Setup::new();
    let plain = s.run(&[]).stdout;
    s.runs("bandit");
    let entries = s.entries();
    let whole: Vec<Vec<u8>> = entries.iter().map(|path| std::fs::read(path).unwrap()).collect();
    let damage: [Damage; 4] = [
        |_| Vec::new(),
        |bytes| bytes[..bytes.len() / 2].to_vec(),
        |bytes| String::from_utf8_lossy(bytes).replace("B307", "B306").into_bytes(),
        |bytes| [bytes, &b"x"[..]].concat(),
    ];
    for change in damage {
        for (path, bytes) in entries.iter().zip(&whole) {
            std::fs::write(path, change(bytes)).unwrap();
        }
        assert_eq!(s.run(&[]).stdout, plain);
        assert_eq!(s.runs("bandit"), 2);
    }
    // Swapped.
    std::fs::write(&entries[0], &whole[1]).unwrap();
    std::fs::write(&entries[1], &whole[0]).unwrap();
    assert_eq!(s.run(&[]).stdout, plain);
    assert_eq!(s.runs("bandit"), 2);
    assert_eq!(s.run(&[]).stdout, plain);
    assert_eq!(s.runs("bandit"), 1);
}

#[test]
fn where_nothing_can_be_kept_nothing_is_said() {
    let s = Setup::new();
    let plain = s.run(&["--no-cache"]);
    assert!(s.entries().is_empty());
    let quiet = |cache: &Path| {
        let bandit = s.tools.path().join("bandit").display().to_string();
        let env = [("SECURESCAN_BANDIT_PATH", bandit.as_str()), ("SECURESCAN_CACHE_DIR", cache.to_str().unwrap())];
        run_in(s.repo.path(), &["diff", "--base-ref", "main", "--scanner", "bandit", "-o", "json"], &env).exits(0)
    };
    s.tools.write("a-file", "");
    let other = quiet(&s.tools.path().join("a-file"));
    assert_eq!(other.stderr, plain.stderr);
    quiet(Path::new(""));
    quiet(Path::new("/proc/none"));
    // A folder that others can write to is not trusted.
    std::fs::create_dir_all(s.cache().join("base")).unwrap();
    std::fs::set_permissions(s.cache().join("base"), std::fs::Permissions::from_mode(0o777)).unwrap();
    quiet(&s.cache());
    assert!(s.entries().is_empty());
    // By default below the person's own cache folder.
    let home = Project::new();
    let bandit = s.tools.path().join("bandit").display().to_string();
    let args = ["diff", "--base-ref", "main", "--scanner", "bandit", "-o", "json"];
    let own = home.path().to_str().unwrap();
    run_in(s.repo.path(), &args, &[("SECURESCAN_BANDIT_PATH", &bandit), ("HOME", own)]).exits(0);
    assert_eq!(std::fs::read_dir(home.path().join(".cache/securescan/base")).unwrap().count(), 1);
}

#[test]
fn what_did_not_complete_is_not_kept() {
    let s = Setup::new();
    s.tools.write("bandit", BANDIT.replace("\"errors\":[]", "\"errors\":[{\"filename\":\"x.py\",\"reason\":\"syntax error\"}]"));
    s.run(&[]);
    s.run(&[]);
    assert_eq!(s.runs("bandit"), 4);
    assert_eq!(s.entries().len(), 1);
}

#[test]
fn rules_count_by_what_they_say_and_the_registry_never() {
    let s = Setup::new();
    let semgrep = |args: &[&str]| {
        let tool = s.tools.path().join("semgrep").display().to_string();
        let cache = s.cache().display().to_string();
        let env = [("SECURESCAN_SEMGREP_PATH", tool.as_str()), ("SECURESCAN_CACHE_DIR", &cache)];
        let mut all = vec!["diff", "--base-ref", "main", "--scanner", "semgrep", "-o", "json"];
        all.extend(args);
        run_in(s.repo.path(), &all, &env).exits(0);
        s.runs("semgrep")
    };
    // What the registry has tomorrow nobody knows.
    assert_eq!((semgrep(&[]), semgrep(&[])), (2, 2));
    s.repo.write(".securescan.yml", "semgrep_rules: [rules]\n").write("rules/a.yml", "rules: []\n");
    commit(&s.repo, "rules");
    assert_eq!((semgrep(&[]), semgrep(&[])), (2, 1));
    s.repo.write("rules/a.yml", "rules: [] # more\n");
    commit(&s.repo, "other rules");
    assert_eq!((semgrep(&[]), semgrep(&[])), (2, 1));
    s.repo.write("rules/b.yml", "rules: []\n");
    commit(&s.repo, "more rules");
    assert_eq!((semgrep(&[]), semgrep(&[])), (2, 1));
    s.repo.git(&["revert", "--no-edit", "HEAD"]);
    assert_eq!(semgrep(&[]), 1);
}
