//! Every scanner that can be had, run for real over a small project full of planted problems: the reports are read, the problems
//! are where they were planted, no path of this machine and no secret comes through. `cargo xtask check tools` installs them.
#![cfg(unix)]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests"
)]

mod external_support;

use external_support::{StandIn, again, is_again, line, real_tool, real_tools, run, write};
use securescan_core::compliance::Frameworks;
use securescan_core::config::Config;
use securescan_core::ingest::{self, IngestOptions};
use securescan_core::model::{Finding, ScannerStatus};
use securescan_core::pipeline::{self, PipelineOptions};
use securescan_core::scanners::ScanRequest;
use securescan_core::source::DirSources;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A copy of the project of the shared live fixtures, or of the example that the repository carries.
struct Sample {
    dir: tempfile::TempDir,
    /// Whether it is the shared one, whose problems are known by line.
    is_known: bool,
}

impl Sample {
    fn new() -> Self {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let shared = std::env::var_os("SECURESCAN_SHARED").map_or_else(|| here.join("../../shared"), PathBuf::from);
        let known = shared.join("fixtures-live/sample");
        let is_known = known.is_dir();
        let from = if is_known { known } else { here.join("../examples/weak-shop") };
        let dir = tempfile::tempdir().unwrap();
        let copied = Command::new("cp").arg("-R").arg(from).arg(dir.path().join("project")).status().unwrap();
        assert!(copied.success());
        Self { dir, is_known }
    }

    fn root(&self) -> PathBuf {
        self.dir.path().canonicalize().unwrap().join("project")
    }

    /// What must never be shown: the values of the environment file, and the lines of the key.
    fn secrets(&self) -> Vec<String> {
        let read = |path: &str| std::fs::read_to_string(self.root().join(path)).unwrap_or_default();
        let env = read("app/settings.env") + &read("docker.env");
        let values = env.lines().filter(|l| !l.starts_with('#')).filter_map(|l| Some(l.split_once('=')?.1.trim().to_owned()));
        let key = read("app/dev.key") + &read("keys/deploy.pem");
        let key = key.lines().filter(|l| !l.starts_with("---") && l.len() > 20).map(str::to_owned).collect::<Vec<_>>();
        // An access key's id is no secret, and some tools name it.
        values.filter(|v| v.len() > 8 && !v.starts_with("AKIA")).chain(key).chain(["hunter2hunter2".to_owned()]).collect()
    }

    /// Findings through the pipeline, as every output shows them; checked for paths, secrets and the problems that were planted.
    #[track_caller]
    fn check(&self, name: &str, findings: Vec<Finding>, planted: &[(&str, &str, u32)]) -> String {
        let root = self.root();
        for finding in &findings {
            assert!(!finding.title.is_empty() && !finding.scanner.is_empty(), "{name}: {finding:?}");
            if let Some(path) = &finding.file_path {
                assert!(!path.starts_with(['/', '\\']) && !path.starts_with("./") && root.join(path).exists(), "{name}: {path}");
            }
        }
        let options = PipelineOptions {
            config: &Config::default(),
            baseline: None,
            suppress: true,
            frameworks: Frameworks::builtin(),
            sources: &DirSources::new(&root),
        };
        let done = pipeline::run(findings, &options).findings;
        let shown = serde_json::to_string_pretty(&done).unwrap();
        for hidden in self.secrets().iter().map(String::as_str).chain([self.dir.path().to_str().unwrap()]) {
            assert!(!shown.contains(hidden), "{name}: {hidden} in {shown}");
        }
        let has = |(rule, path, line): &(&str, &str, u32)| {
            done.iter().any(|f| {
                f.rule_id.as_deref() == Some(rule)
                    && f.file_path.as_deref().unwrap_or_default() == *path
                    && f.line.unwrap_or_default() == *line
            })
        };
        if self.is_known {
            let all: Vec<_> = done.iter().map(|f| (f.rule_id.clone(), f.file_path.clone(), f.line)).collect();
            let missing: Vec<_> = planted.iter().filter(|p| !has(p)).collect();
            assert!(missing.is_empty(), "{name}: no {missing:?} in {all:?}");
        }
        shown
    }
}

/// A program that is run by itself for its report.
struct Program {
    name: &'static str,
    format: &'static str,
    /// With `{out}`, `{home}` and `{port}` for a file, a folder and the port of a stand-in.
    args: &'static str,
    /// Exit codes after which there is a report.
    codes: &'static [i32],
    report: Report,
    /// What it looks at; without it there is nothing to run it for.
    subject: &'static str,
    planted: &'static [(&'static str, &'static str, u32)],
}

enum Report {
    Stdout,
    Stderr,
    File,
}

const PY: &str = "app/app.py";
const ENV: &str = "app/settings.env";

#[rustfmt::skip]
const PROGRAMS: &[Program] = &[
    Program { name: "semgrep", format: "sarif", args: "scan --config rules/local.yaml --metrics=off --disable-version-check --sarif app web", codes: &[0], report: Report::Stdout, subject: "rules/local.yaml",
        planted: &[("rules.python-sql-format", PY, 20), ("rules.python-subprocess-shell-true", PY, 27), ("rules.python-md5", PY, 41), ("rules.js-eval", "web/server.js", 11)] },
    Program { name: "bandit", format: "sarif", args: "-q -r app -f sarif", codes: &[1], report: Report::Stdout, subject: "app",
        planted: &[("B608", PY, 20), ("B602", PY, 27), ("B301", PY, 32), ("B506", PY, 37), ("B324", PY, 41)] },
    Program { name: "ruff", format: "ruff", args: "check --isolated --no-cache --select S --output-format json app", codes: &[1], report: Report::Stdout, subject: "app",
        planted: &[("S608", PY, 20), ("S602", PY, 27), ("S301", PY, 32), ("S506", PY, 37), ("S324", PY, 41), ("S307", PY, 45)] },
    Program { name: "ruff", format: "sarif", args: "check --isolated --no-cache --select S --output-format sarif app", codes: &[1], report: Report::Stdout, subject: "app",
        planted: &[("S608", PY, 20), ("S602", PY, 27), ("S105", PY, 12)] },
    Program { name: "hadolint", format: "hadolint", args: "-f json infra/Dockerfile", codes: &[1], report: Report::Stdout, subject: "infra/Dockerfile",
        planted: &[("DL3007", "infra/Dockerfile", 1), ("DL4000", "infra/Dockerfile", 2), ("DL3020", "infra/Dockerfile", 5)] },
    Program { name: "hadolint", format: "sarif", args: "-f sarif infra/Dockerfile", codes: &[1], report: Report::Stdout, subject: "infra/Dockerfile",
        planted: &[("DL3007", "infra/Dockerfile", 1), ("DL3003", "infra/Dockerfile", 4)] },
    Program { name: "checkov", format: "sarif", args: "-d infra --skip-download --quiet --framework terraform dockerfile -o sarif --output-file-path {home}", codes: &[1], report: Report::File, subject: "infra",
        planted: &[] },
    Program { name: "trivy", format: "trivy", args: "fs --quiet --cache-dir {home}/trivy --scanners misconfig,secret,license --skip-check-update --offline-scan --format json .", codes: &[0], report: Report::Stdout, subject: "infra",
        planted: &[("AWS-0107", "infra/main.tf", 12), ("DS-0004", "infra/Dockerfile", 7), ("github-pat", ENV, 4), ("private-key", "app/dev.key", 2)] },
    Program { name: "trivy", format: "sarif", args: "fs --quiet --cache-dir {home}/trivy --scanners misconfig,secret --skip-check-update --offline-scan --format sarif .", codes: &[0], report: Report::Stdout, subject: "infra",
        planted: &[("AWS-0107", "infra/main.tf", 12), ("github-pat", ENV, 4)] },
    Program { name: "trivy", format: "cyclonedx", args: "fs --quiet --cache-dir {home}/trivy --format cyclonedx --offline-scan --skip-db-update .", codes: &[0], report: Report::Stdout, subject: "app",
        planted: &[] },
    Program { name: "gitleaks", format: "gitleaks", args: "dir . --report-format json --report-path {out} --no-banner", codes: &[1], report: Report::File, subject: "app",
        planted: &[("private-key", "app/dev.key", 1), ("github-pat", ENV, 4), ("aws-access-token", ENV, 2), ("generic-api-key", ENV, 3)] },
    Program { name: "gitleaks", format: "sarif", args: "dir . --report-format sarif --report-path {out} --no-banner", codes: &[1], report: Report::File, subject: "app",
        planted: &[("private-key", "app/dev.key", 1), ("github-pat", ENV, 4)] },
    Program { name: "betterleaks", format: "betterleaks", args: ". --no-banner --no-color -o {out}", codes: &[1], report: Report::File, subject: "app",
        planted: &[("private-key", "app/dev.key", 1), ("github-pat", ENV, 4)] },
    Program { name: "kingfisher", format: "kingfisher", args: "scan . --no-validate --no-update-check --format json -o {out}", codes: &[200], report: Report::File, subject: "app",
        planted: &[("betterleaks.private-key", "app/dev.key", 1), ("betterleaks.github-pat", ENV, 4)] },
    Program { name: "kingfisher", format: "sarif", args: "scan . --no-validate --no-update-check --format sarif -o {out}", codes: &[200], report: Report::File, subject: "app",
        planted: &[] },
    Program { name: "detect-secrets", format: "detect-secrets", args: "scan --no-verify --all-files app", codes: &[0], report: Report::Stdout, subject: "app",
        planted: &[("Private Key", "app/dev.key", 1), ("GitHub Token", ENV, 4)] },
    Program { name: "zizmor", format: "zizmor", args: "--offline --no-progress --format json .", codes: &[13, 14], report: Report::Stdout, subject: ".github/workflows/ci.yml",
        planted: &[("dangerous-triggers", ".github/workflows/ci.yml", 2), ("template-injection", ".github/workflows/ci.yml", 10)] },
    Program { name: "zizmor", format: "sarif", args: "--offline --no-progress --format sarif .", codes: &[0], report: Report::Stdout, subject: ".github/workflows/ci.yml",
        planted: &[] },
    Program { name: "pip-audit", format: "pip-audit", args: "-s osv --osv-url http://127.0.0.1:{port}/v1/query -r app/requirements.txt --no-deps --disable-pip -f json --aliases on --desc on", codes: &[1], report: Report::Stdout, subject: "app/requirements.txt",
        planted: &[("PYSEC-2019-217", "", 0)] },
    Program { name: "pip-licenses", format: "pip-licenses", args: "--format=json --with-urls", codes: &[0], report: Report::Stdout, subject: "",
        planted: &[] },
    Program { name: "cyclonedx-py", format: "cyclonedx", args: "requirements app/requirements.txt --of JSON --sv 1.6", codes: &[0], report: Report::Stdout, subject: "app/requirements.txt",
        planted: &[] },
    Program { name: "cyclonedx-py", format: "cyclonedx", args: "requirements app/requirements.txt --of XML --sv 1.6", codes: &[0], report: Report::Stdout, subject: "app/requirements.txt",
        planted: &[] },
    Program { name: "safety", format: "safety", args: "check -r app/requirements.txt --db {home}/db --json", codes: &[64], report: Report::Stdout, subject: "app/requirements.txt",
        planted: &[] },
    Program { name: "eslint", format: "eslint", args: "--config {home}/eslint.config.mjs -f json web", codes: &[1], report: Report::Stdout, subject: "web/server.js",
        planted: &[("security/detect-child-process", "web/server.js", 7), ("no-eval", "web/server.js", 11)] },
    Program { name: "shellcheck", format: "shellcheck", args: "-f json native/deploy.sh", codes: &[1], report: Report::Stdout, subject: "native/deploy.sh",
        planted: &[("SC2115", "native/deploy.sh", 3), ("SC2086", "native/deploy.sh", 4)] },
    Program { name: "cppcheck", format: "cppcheck", args: "--enable=all --inconclusive --xml --xml-version=2 native", codes: &[0], report: Report::Stderr, subject: "native",
        planted: &[("doubleFree", "native/parse.c", 15)] },
    Program { name: "flawfinder", format: "flawfinder", args: "--csv native", codes: &[0], report: Report::Stdout, subject: "native",
        planted: &[("FF1001", "native/parse.c", 8)] },
    Program { name: "flawfinder", format: "sarif", args: "--sarif native", codes: &[0], report: Report::Stdout, subject: "native",
        planted: &[("FF1001", "native/parse.c", 8)] },
];

/// Formats whose reports may well be without findings: lists of what there is.
const INVENTORIES: &[&str] = &["cyclonedx", "pip-licenses"];

/// What `safety` takes for its maker's database.
const SAFETY_DB: &[(&str, &str)] = &[
    (
        "insecure.json",
        r#"{"$meta": {"advisory": "test", "timestamp": 1, "base_domain": "https://advisories.example"}, "flask": ["<0.12.3"]}"#,
    ),
    (
        "insecure_full.json",
        r#"{"$meta": {"advisory": "test", "timestamp": 1, "base_domain": "https://advisories.example"},
            "flask": [{"advisory": "Improper input validation.", "cve": "CVE-2018-1000656", "id": "pyup.io-36388", "specs": ["<0.12.3"], "v": "<0.12.3",
                       "ids": [{"type": "cve", "id": "CVE-2018-1000656"}, {"type": "pyup", "id": "pyup.io-36388"}], "more_info_path": "/v/36388/97c"}]}"#,
    ),
];

/// An advisory of OSV's, for who asks about jinja2.
fn osv(path: &str, body: &str) -> Option<String> {
    let advisory = r#"{"vulns": [{"id": "PYSEC-2019-217", "aliases": ["CVE-2019-10906", "GHSA-462w-v97r-4m45"], "modified": "2019-04-07T00:00:00Z",
        "details": "Sandbox escape by string formatting.", "affected": [{"package": {"name": "jinja2", "ecosystem": "PyPI"},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.10.1"}]}], "versions": ["2.10"]}]}]}"#;
    path.starts_with("/v1/query").then(|| if body.contains("jinja2") { advisory.to_owned() } else { "{}".to_owned() })
}

#[track_caller]
fn run_program(program: &Program, path: &Path, port: u16) {
    let sample = Sample::new();
    let (root, home) = (sample.root(), sample.dir.path().join("home"));
    if !root.join(program.subject).exists() {
        return eprintln!("skipped: {} has nothing to look at in this project", program.name);
    }
    let db: Vec<_> = SAFETY_DB.iter().map(|(name, text)| (format!("db/{name}"), *text)).collect();
    write(&home, &db.iter().map(|(name, text)| (name.as_str(), *text)).collect::<Vec<_>>());
    if program.name == "eslint" {
        let folder = path.canonicalize().unwrap();
        let modules = folder.ancestors().find(|f| f.ends_with("node_modules")).unwrap().display().to_string();
        let config = format!(
            "import security from '{modules}/eslint-plugin-security/index.js';\n\
             export default [security.configs.recommended, {{rules: {{'no-eval': 'error'}}}}];\n"
        );
        write(&home, &[("eslint.config.mjs", &config)]);
    }
    let out = home.join("report.json");
    let fill = |arg: &str| {
        let arg = arg.replace("{out}", out.to_str().unwrap()).replace("{home}", home.to_str().unwrap());
        arg.replace("{port}", &port.to_string())
    };
    let mut command = Command::new(path);
    command.args(program.args.split(' ').map(fill)).current_dir(&root).stdin(Stdio::null());
    let output = command.env("HOME", &home).env("XDG_CACHE_HOME", home.join("cache")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code().unwrap_or(-1);
    assert!(!sample.is_known || program.codes.contains(&code), "{} ended with {code}: {said}", program.name);
    let bytes = match program.report {
        Report::Stdout => output.stdout,
        Report::Stderr => output.stderr.clone(),
        Report::File => std::fs::read(&out).or_else(|_| std::fs::read(home.join("results_sarif.sarif"))).unwrap(),
    };
    let name = format!("{} as {}", program.name, program.format);
    let options = IngestOptions { root: Some(root.display().to_string()), ..IngestOptions::default() };
    let result = ingest::parse(&bytes, None, &options).unwrap_or_else(|error| panic!("{name}: {error}; it said: {said}"));
    assert_eq!(result, ingest::parse(&bytes, Some(program.format), &options).unwrap(), "{name}: recognised as another format");
    let failed = result.scanners.iter().find(|run| run.status == ScannerStatus::Failed);
    assert!(failed.is_none(), "{name}: {failed:?}");
    let inventory = INVENTORIES.contains(&program.format);
    assert!(inventory || !sample.is_known || !result.findings.is_empty(), "{name}: no findings");
    println!("{name}: {} findings", result.findings.len());
    sample.check(&name, result.findings, program.planted);
}

fn run_all(names: &[&str]) {
    let osv = StandIn::new(osv);
    for program in PROGRAMS.iter().filter(|program| names.contains(&program.name)) {
        if let Some(path) = real_tool(program.name) {
            run_program(program, &path, osv.port);
        }
    }
}

#[test]
fn code_tools() {
    run_all(&["semgrep", "bandit", "ruff", "eslint", "shellcheck", "cppcheck", "flawfinder"]);
}

#[test]
fn infrastructure_tools() {
    run_all(&["hadolint", "checkov", "trivy", "zizmor"]);
}

#[test]
fn secret_tools() {
    run_all(&["gitleaks", "betterleaks", "kingfisher", "detect-secrets"]);
}

#[test]
fn dependency_tools() {
    run_all(&["pip-audit", "pip-licenses", "cyclonedx-py", "safety"]);
}

#[test]
fn every_program_is_run_by_a_test() {
    let tests = include_str!("live_tools.rs");
    let run: Vec<&str> = tests.lines().filter(|line| line.trim_start().starts_with("run_all(&[")).collect();
    assert_eq!(run.len(), 4);
    for program in PROGRAMS {
        assert!(run.iter().any(|line| line.contains(&format!("\"{}\"", program.name))), "{}", program.name);
    }
}

/// Everything a scan gives, as text.
fn bytes(request: &ScanRequest, sample: &Sample, planted: &[(&str, &str, u32)]) -> String {
    let mut raw = run(request);
    // The time it took is for those who watch; no renderer writes it.
    raw.coverage.iter_mut().for_each(|line| line.duration_s = None);
    let coverage = serde_json::to_string_pretty(&raw.coverage).unwrap();
    assert!(!coverage.contains(sample.dir.path().to_str().unwrap()), "{coverage}");
    for (name, _) in DRIVERS.iter().filter(|(name, _)| request.scanners.iter().any(|s| s == name)) {
        assert_eq!(line(&raw, name).status, ScannerStatus::Ok, "{coverage}");
    }
    sample.check("scan", raw.findings, planted) + &coverage
}

/// Scanners that run somebody else's program without a network, and the name by which a request says where it is.
const DRIVERS: &[(&str, &str)] =
    &[("semgrep", "semgrep"), ("bandit", "bandit"), ("checkov", "checkov"), ("git-hygiene", "gitleaks")];

#[test]
fn a_scan_with_four_tools_at_once_finds_what_was_planted_twice_alike() {
    if real_tools().is_none() {
        return;
    }
    let sample = Sample::new();
    let mut request = ScanRequest::new(sample.root());
    let rules = sample.root().join("rules/local.yaml");
    if !rules.exists() {
        write(&sample.root(), &[("rules/local.yaml", external_support::FILES.iter().find(|f| f.0 == "rules/r.yaml").unwrap().1)]);
    }
    request.semgrep_rules = vec![rules];
    request.online = false;
    let mut planted = Vec::new();
    for (scanner, program) in DRIVERS {
        let Some(path) = real_tool(program) else { continue };
        request.tool_paths.insert((*program).to_owned(), path);
        request.scanners.push((*scanner).to_owned());
        planted.extend_from_slice(match *program {
            "semgrep" => {
                &[("python-sql-format", PY, 20), ("python-subprocess-shell-true", PY, 27), ("js-eval", "web/server.js", 11)][..]
            }
            "bandit" => &[("B301", PY, 32), ("B506", PY, 37)],
            "checkov" => {
                &[("CKV_AWS_24", "infra/main.tf", 6), ("CKV_AWS_18", "infra/main.tf", 1), ("CKV_DOCKER_3", "infra/Dockerfile", 1)]
            }
            _ => &[("gitleaks/private-key", "app/dev.key", 1), ("gitleaks/github-pat", ENV, 4)],
        });
    }
    if request.scanners.is_empty() {
        return;
    }
    let first = bytes(&request, &sample, &planted);
    request.jobs = Some(1);
    let second = bytes(&request, &sample, &planted);
    let differing = first.lines().zip(second.lines()).find(|(a, b)| a != b);
    assert!(first == second, "{differing:?}");
}

#[test]
fn npm_audit_by_a_stand_in_of_the_registry() {
    let Some(npm) = real_tool("npm") else { return };
    if is_again() {
        let sample = Sample::new();
        let mut request = ScanRequest::new(sample.root());
        request.scanners = vec!["npm-audit".to_owned()];
        request.tool_paths.insert("npm-audit".to_owned(), npm);
        let raw = run(&request);
        let line = line(&raw, "npm-audit").clone();
        assert_eq!((line.status, line.reason.as_deref()), (ScannerStatus::Ok, None));
        let shown = sample.check("npm-audit", raw.findings, &[]);
        assert!(!sample.is_known || shown.contains("GHSA-jf85-cpcp-j695") && shown.contains("\"web/package.json\""), "{shown}");
        return;
    }
    let advisories = r#"{"lodash": [{"id": 1106913, "url": "https://github.com/advisories/GHSA-jf85-cpcp-j695",
        "title": "Prototype Pollution in lodash", "severity": "critical", "vulnerable_versions": "<4.17.12", "cwe": ["CWE-1321"],
        "cvss": {"score": 9.1, "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:H"}}]}"#;
    let registry = StandIn::new(move |path, _| path.ends_with("/advisories/bulk").then(|| advisories.to_owned()));
    let (url, home) = (registry.url(), tempfile::tempdir().unwrap());
    let env: [(&str, &std::ffi::OsStr); 2] = [("npm_config_registry", url.as_ref()), ("HOME", home.path().as_ref())];
    again("npm_audit_by_a_stand_in_of_the_registry", home.path(), &env);
    assert!(registry.asked() > 0);
}

/// Ports among the thousand that nmap tries and that are rarely taken.
const PORTS: &[u16] = &[49152, 49153, 49154, 49155, 49156, 49157, 9999, 8888];

#[test]
fn nmap_sees_a_port_of_ours() {
    let Some(nmap) = real_tool("nmap") else { return };
    let Some(listener) = PORTS.iter().find_map(|port| TcpListener::bind(("127.0.0.1", *port)).ok()) else {
        return eprintln!("skipped: every port for this test is taken");
    };
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            // Who hangs up early has seen that the port is open.
            let _ = std::io::Write::write_all(&mut stream, b"220 mail.example ESMTP Postfix\r\n");
        }
    });
    let mut request = ScanRequest::new("");
    request.target_host = Some("127.0.0.1".to_owned());
    request.scanners = vec!["nmap".to_owned()];
    request.tool_paths.insert("nmap".to_owned(), nmap);
    let raw = run(&request);
    let line = line(&raw, "nmap");
    assert_eq!((line.status, line.reason.as_deref()), (ScannerStatus::Ok, None));
    let shown = serde_json::to_string(&raw.findings).unwrap();
    assert!(shown.contains(&port.to_string()), "{shown}");
    assert!(raw.findings.iter().all(|finding| finding.scanner == "nmap" && finding.file_path.is_none()));
}
