//! The built-in scanner `git-hygiene` on small repositories made with git.
#![cfg(feature = "scanners")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use securescan_core::Finding;
use securescan_core::scanners::{Cancel, Outcome, SCANNERS, ScanContext, ScanRequest, git::Repo, walk};
use std::path::Path;
use std::process::Command;

const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n";

/// A folder with files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let full = dir.path().join(path);
        std::fs::create_dir_all(full.parent().unwrap()).unwrap();
        std::fs::write(full, text).unwrap();
    }
    dir
}

fn git(dir: &Path, args: &[&str]) {
    let base = [
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.invalid",
        "-c",
        "init.defaultBranch=main",
        "-c",
        "commit.gpgSign=false",
    ];
    let done = Command::new("git").args(base).args(args).current_dir(dir).output().unwrap();
    assert!(done.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// A repository with files, of which these are added, ignored or not.
fn repository(files: &[(&str, &str)], add: &[&str]) -> tempfile::TempDir {
    let dir = folder(files);
    git(dir.path(), &["init", "-q"]);
    for path in add {
        git(dir.path(), &["add", "-f", "--", path]);
    }
    dir
}

fn scan_with(root: &Path, repo: Option<&Repo>, request: &ScanRequest) -> Outcome {
    let cancel = Cancel::new();
    let files = walk::walk(root, request, 1, &cancel).unwrap().files;
    // The scanner's own part alone, also where gitleaks is installed.
    let mut request = request.clone();
    request.tool_paths.insert("gitleaks".to_owned(), "no-such-tool".into());
    let context =
        ScanContext { root, files: &files, single_file: false, repo, tracked: None, request: &request, cancel: &cancel };
    let scanner = SCANNERS.iter().find(|s| s.meta().name == "git-hygiene").unwrap();
    scanner.scan(&context)
}

fn scan(root: &Path) -> Outcome {
    scan_with(root, Repo::discover(root).as_ref(), &ScanRequest::new(root))
}

/// `rule severity path` of each finding, sorted.
fn short(outcome: &Outcome) -> Vec<String> {
    let line = |f: &Finding| {
        let rule = f.rule_id.as_deref().unwrap_or_default().trim_start_matches("git-hygiene/");
        format!("{rule} {} {}", f.severity, f.file_path.as_deref().unwrap_or_default())
    };
    let mut all: Vec<_> = outcome.findings.iter().map(line).collect();
    all.sort();
    all
}

const SECRET_ENV: &str = "DB_PASSWORD=hunter2hunter2\n";

#[test]
fn what_git_says_decides() {
    let ignored = repository(&[(".gitignore", ".env\n"), (".env", SECRET_ENV)], &[".gitignore"]);
    assert_eq!(short(&scan(ignored.path())), Vec::<String>::new());

    let untracked = repository(&[(".gitignore", "venv\n"), (".env", SECRET_ENV)], &[".gitignore"]);
    assert_eq!(short(&scan(untracked.path())), ["missing-ignore-env medium .gitignore"]);

    let tracked = repository(&[(".gitignore", "x\n"), (".env", SECRET_ENV)], &[".gitignore", ".env"]);
    assert_eq!(short(&scan(tracked.path())), ["sensitive-file--env critical .env"]);

    // Forced in although it is ignored: the walk does not list it, git does.
    let forced = repository(&[(".gitignore", ".env\n"), (".env", SECRET_ENV)], &[".gitignore", ".env"]);
    assert_eq!(short(&scan(forced.path())), ["sensitive-file--env critical .env"]);
}

#[test]
fn every_way_of_ignoring_counts() {
    let dir = repository(
        &[(".gitignore", "*\n!a/\n"), ("a/.gitignore", "secrets.yml\n"), ("a/secrets.yml", "token: abcdef123456\n")],
        &[],
    );
    assert_eq!(short(&scan(dir.path())), Vec::<String>::new());

    // `.git/info/exclude` is not in any `.gitignore`; negation takes a file out again.
    let dir =
        repository(&[(".gitignore", "*.pem\n!server.pem\n"), ("server.pem", KEY), ("other.pem", KEY), ("id_rsa", KEY)], &[]);
    std::fs::write(dir.path().join(".git/info/exclude"), "id_rsa\n").unwrap();
    assert_eq!(short(&scan(dir.path())), ["missing-ignore-pem medium .gitignore"]);

    // Asked to look at ignored files too, the scanner still takes git's word.
    let dir = repository(&[(".gitignore", ".env\n"), (".env", SECRET_ENV)], &[".gitignore"]);
    let mut request = ScanRequest::new(dir.path());
    request.no_ignore = true;
    assert_eq!(short(&scan_with(dir.path(), Repo::discover(dir.path()).as_ref(), &request)), Vec::<String>::new());
}

#[test]
fn no_gitignore_is_for_the_top_of_a_repository() {
    let dir = repository(&[("a.txt", "a"), ("sub/b.txt", "b")], &["a.txt"]);
    assert_eq!(short(&scan(dir.path())), ["no-gitignore medium .gitignore"]);
    assert_eq!(short(&scan(&dir.path().join("sub"))), Vec::<String>::new());
    assert_eq!(short(&scan(folder(&[("a.txt", "a")]).path())), Vec::<String>::new());
    // A folder that is no repository: said, but quietly.
    assert_eq!(short(&scan(folder(&[(".env", SECRET_ENV)]).path())), ["sensitive-file--env low .env"]);
}

#[test]
fn content_decides() {
    let cases: &[(&str, &str, &str)] = &[
        (".env", "", ""),
        (".env", "# nothing\nDB_PASSWORD=\nAPI_KEY=changeme\nTOKEN=${TOKEN}\n", "low"),
        (".env", "PORT=3000\n", "low"),
        (".env", "DB_PASSWORD=\n", ""),
        (".env", "export API_KEY='c0ffee00c0ffee'\n", "critical"),
        (".env", "DATABASE_URL=postgres://app:s3cretpw@db/x\n", "critical"),
        (".env.example", SECRET_ENV, ""),
        (".env.template", SECRET_ENV, ""),
        (".env.test", SECRET_ENV, "critical"),
        (".env.bak", SECRET_ENV, "critical"),
        ("prod.env", SECRET_ENV, "critical"),
        (".env", "DB_PASSWORD=ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]\nsops_version=3.8\n", ""),
        ("secrets.yml", "$ANSIBLE_VAULT;1.1;AES256\n3132\n", ""),
        ("secrets.yml", "db:\n  password: s3cretpassword\n", "high"),
        ("secrets.yml", "db:\n  password: <%= ENV['X'] %>\n", ""),
        ("ca.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n", ""),
        ("server.pem", KEY, "critical"),
        ("server.pem", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n", "low"),
        ("tests/server.pem", KEY, "low"),
        ("slides.key", "PK\u{3}\u{4}", ""),
        ("id_rsa.pub", "ssh-rsa AAAA", ""),
        (".npmrc", "save-exact=true\nregistry=https://r.example/\n", ""),
        (".npmrc", "//r.example/:_authToken=${NPM_TOKEN}\n", ""),
        (".npmrc", "//r.example/:_authToken=0123456789abcdef\n", "high"),
        (".pypirc", "[pypi]\nusername = __token__\n", ""),
        (".pypirc", "[pypi]\nusername = __token__\npassword = pypi-AgEIc\n", "high"),
        (".netrc", "machine h login me password hunter22\n", "high"),
        (".git-credentials", "https://me:tok3n123@github.com\n", "critical"),
        (".docker/config.json", "{\"credsStore\":\"desktop\",\"auths\":{\"r\":{}}}", ""),
        (".docker/config.json", "{\"auths\":{\"r\":{\"auth\":\"bWU6cHc=\"}}}", "high"),
        ("app/config.json", "{\"auths\":{\"r\":{\"auth\":\"bWU6cHc=\"}}}", ""),
        (".kube/config", "users:\n- user:\n    token: abcdef0123456789\n", "high"),
        ("terraform.tfstate", "{\"version\":4,\"resources\":[]}", ""),
        ("terraform.tfstate.backup", "{\"version\":4,\"resources\":[{}]}", "high"),
        ("prod.tfvars", "region = \"eu\"\n", ""),
        ("prod.tfvars", "db_password = \"s3cretpassword\"\n", "high"),
        ("dump.sql", "-- MySQL dump 10.13\nINSERT INTO t VALUES (1);\n", "medium"),
        ("schema.sql", "CREATE TABLE t (id int);\nINSERT INTO t VALUES (1);\n", ""),
        ("wp-config.php", "define( 'DB_PASSWORD', 'password_here' );\n", ""),
        ("wp-config.php", "define( 'DB_PASSWORD', 'r3alone' );\n", "high"),
        ("credentials.json", "{\"installed\":{\"client_secret\":\"GOCSPX-abcdef\"}}", "critical"),
        ("credentials.json", "{\"a\":1}", ""),
        ("appsettings.Production.json", "{\"ConnectionStrings\":{\"d\":\"Server=x;Password=s3cretpw;\"}}", "high"),
        ("cacerts-truststore.jks", "binary", ""),
        ("release.jks", "binary", "high"),
        ("vault.kdbx", "binary", "high"),
    ];
    for (path, text, expected) in cases {
        let dir = repository(&[(".gitignore", "x\n"), (path, text)], &[path, ".gitignore"]);
        let found = scan(dir.path());
        let severities: Vec<_> = found.findings.iter().map(|f| f.severity.as_str()).collect();
        assert_eq!(severities.join(","), *expected, "{path} {text:?}");
    }
}

#[test]
fn names_that_deceive() {
    let dir = repository(
        &[
            (".gitignore", "x\n"),
            ("a\u{202e}cod.exe", ""),
            ("Docs/a.md", ""),
            ("docs/b.md", ""),
            ("x/Read.me", ""),
            ("x/read.me", ""),
        ],
        &["."],
    );
    let found = scan(dir.path());
    assert_eq!(
        short(&found),
        ["case-colliding-paths low Docs", "case-colliding-paths low x/Read.me", "deceptive-file-name medium a\u{202e}cod.exe"]
    );
    assert!(found.findings.iter().all(|f| !f.description.contains('\u{202e}') && !f.title.contains('\u{202e}')));
}

#[test]
fn submodules_in_the_clear() {
    let text = "[submodule \"a\"]\n\tpath = a\n\turl = http://h.example/a.git\n[submodule \"b\"]\n\turl = https://h.example/b\n\tpath = ../b\n[submodule \"c\"]\n\turl = -u./x\n";
    let dir = repository(&[(".gitignore", "x\n"), (".gitmodules", text)], &[".gitmodules"]);
    let found = scan(dir.path());
    let lines: Vec<_> = found.findings.iter().map(|f| (f.rule_id.as_deref().unwrap_or_default(), f.line)).collect();
    assert_eq!(
        lines,
        [
            ("git-hygiene/submodule-insecure-url", Some(3)),
            ("git-hygiene/submodule-hostile-setting", Some(6)),
            ("git-hygiene/submodule-hostile-setting", Some(8))
        ]
    );
}

#[test]
fn without_git_the_files_must_do() {
    let dir = repository(&[(".gitignore", "*.pem\n"), (".env", SECRET_ENV), ("a.pem", KEY)], &[".env"]);
    let found = scan_with(dir.path(), None, &ScanRequest::new(dir.path()));
    assert_eq!(short(&found), ["missing-ignore-env medium .gitignore"]);
    assert!(found.reason.as_deref().is_some_and(|r| r.contains("git is not available")), "{:?}", found.reason);
}

#[cfg(unix)]
#[test]
fn a_tracked_link_is_not_followed_out_of_the_root() {
    let outside = folder(&[("key", KEY)]);
    let dir = repository(&[(".gitignore", "x\n")], &[]);
    std::os::unix::fs::symlink(outside.path().join("key"), dir.path().join("id_rsa")).unwrap();
    git(dir.path(), &["add", "-f", "id_rsa"]);
    // The name is reported, as what it points to cannot be looked at; low, as nothing was found.
    assert_eq!(short(&scan(dir.path())), ["sensitive-file-id_rsa low id_rsa"]);
}

#[test]
fn ids_paths_and_secrets() {
    let files = [
        (".env", SECRET_ENV),
        ("a b/.aws/credentials", "aws_secret_access_key = abcdefghijklmnop\n"),
        ("x/.htpasswd", "me:$apr1$abcdefgh\n"),
    ];
    let dir = repository(&files, &["."]);
    let found = scan(dir.path());
    assert_eq!(
        short(&found),
        [
            "no-gitignore medium .gitignore",
            "sensitive-file--aws-credentials critical a b/.aws/credentials",
            "sensitive-file--env critical .env",
            "sensitive-file--htpasswd high x/.htpasswd"
        ]
    );
    let json = serde_json::to_string(&found.findings).unwrap();
    assert!(!json.contains("hunter2") && !json.contains("abcdefghijklmnop") && !json.contains("apr1"));
    let is_valid = |id: &str| {
        id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-/".contains(&b))
            && id.starts_with(|c: char| c.is_ascii_alphanumeric())
    };
    assert!(found.findings.iter().all(|f| f.rule_id.as_deref().is_some_and(is_valid)));
}

#[test]
fn a_subfolder_has_its_own_paths() {
    let dir = repository(
        &[(".gitignore", "x\n"), ("svc/.env", SECRET_ENV), ("svc/new/.npmrc", "//r/:_authToken=0123456789abcdef\n")],
        &["svc/.env"],
    );
    assert_eq!(
        short(&scan(&dir.path().join("svc"))),
        ["sensitive-file--env critical .env", "sensitive-file--npmrc medium new/.npmrc"]
    );
}
