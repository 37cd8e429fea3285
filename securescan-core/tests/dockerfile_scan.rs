//! The scanner `dockerfile` as a whole: which files it takes, what it honours, what it never says, and hostile input.
#![cfg(feature = "scanners")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use proptest::prelude::*;
use securescan_core::scanners::builtin::dockerfile::{is_dockerfile, parse, scan_text};
use securescan_core::scanners::{Cancel, Outcome, SCANNERS, ScanContext, ScanRequest, walk};
use securescan_core::{Finding, ScannerStatus};
use std::path::{Path, PathBuf};

fn scan(root: &Path, only: Option<&str>) -> Outcome {
    let (request, cancel) = (ScanRequest::new(root), Cancel::new());
    let mut files = walk::walk(root, &request, 1, &cancel).unwrap().files;
    files.retain(|f| only.is_none_or(|o| f.path == o));
    let context = ScanContext {
        root,
        files: &files,
        single_file: only.is_some(),
        repo: None,
        tracked: None,
        request: &request,
        cancel: &cancel,
    };
    SCANNERS.iter().find(|s| s.meta().name == "dockerfile").unwrap().scan(&context)
}

fn rules_of(findings: &[Finding]) -> Vec<(&str, Option<u32>)> {
    findings.iter().map(|f| (f.rule_id.as_deref().unwrap_or_default().trim_start_matches("dockerfile/"), f.line)).collect()
}

#[test]
fn files_by_name() {
    let yes = [
        "Dockerfile",
        "dockerfile",
        "Dockerfile.dev",
        "Dockerfile-alpine",
        "app.dockerfile",
        "app.Dockerfile",
        "Containerfile",
        "Containerfile.ci",
    ];
    let no = [
        "Dockerfile.md",
        "dockerfile.js",
        "Dockerfile.txt",
        ".dockerignore",
        "Dockerfile.dockerignore",
        "mydockerfile",
        "docker-compose.yml",
    ];
    assert!(yes.iter().all(|n| is_dockerfile(n)), "{:?}", yes.iter().find(|n| !is_dockerfile(n)));
    assert!(!no.iter().any(|n| is_dockerfile(n)), "{:?}", no.iter().find(|n| is_dockerfile(n)));
}

#[test]
fn folders_and_single_files() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("a")).unwrap();
    std::fs::write(dir.path().join("a/Dockerfile"), "FROM x:latest\nUSER app\n").unwrap();
    std::fs::write(dir.path().join("build.txt"), "FROM x:latest\nUSER app\n").unwrap();
    std::fs::write(dir.path().join("m.py"), "from x import y\n").unwrap();
    let all = scan(dir.path(), None);
    assert_eq!(all.findings.iter().map(|f| f.file_path.as_deref()).collect::<Vec<_>>(), [Some("a/Dockerfile")]);
    // Pointed at, a file under another name is taken for what it is.
    assert_eq!(rules_of(&scan(dir.path(), Some("build.txt")).findings), [("DL001", Some(1))]);
    assert_eq!(scan(dir.path(), Some("m.py")).status, Some(ScannerStatus::NotApplicable));
}

#[test]
fn a_missing_dockerignore_matters_when_there_is_something_to_ignore() {
    let dir = tempfile::tempdir().unwrap();
    let path = |p: &str| dir.path().join(p);
    std::fs::write(path("Dockerfile"), "FROM x:1\nCOPY . /app\nUSER app\n").unwrap();
    assert_eq!(rules_of(&scan(dir.path(), None).findings), []);
    std::fs::create_dir(path(".git")).unwrap();
    assert_eq!(rules_of(&scan(dir.path(), None).findings), [("dockerignore-missing", Some(2))]);
    std::fs::write(path(".dockerignore"), ".git\n").unwrap();
    assert_eq!(rules_of(&scan(dir.path(), None).findings), []);
    std::fs::remove_file(path(".dockerignore")).unwrap();
    std::fs::write(path("Dockerfile.dockerignore"), ".git\n").unwrap();
    assert_eq!(rules_of(&scan(dir.path(), None).findings), []);
}

/// Rules that are suppressed, with the comment that does it.
fn ignored(text: &str) -> Vec<(String, String)> {
    let foreign = |f: &Finding| {
        assert_eq!(f.ignored_in_source, f.metadata.extra.contains_key("foreign_ignore"));
        Some((f.rule_id.clone()?, f.metadata.extra.get("foreign_ignore")?.as_str()?.to_owned()))
    };
    scan_text("Dockerfile", text).iter().filter_map(foreign).collect()
}

#[test]
fn other_tools_ignores_are_honoured() {
    let one = |rule: &str, said: &str| vec![(format!("dockerfile/{rule}"), said.to_owned())];
    assert_eq!(ignored("# hadolint ignore=DL3007\nFROM x:latest\nUSER app"), one("DL001", "hadolint ignore DL3007"));
    assert_eq!(
        ignored("FROM x:1\n#hadolint  ignore = DL3008, DL3015\nRUN apt-get \\\n install a=1\nUSER app"),
        one("DL004", "hadolint ignore DL3015")
    );
    assert_eq!(ignored("# hadolint ignore=DL3015\nFROM x:1\nRUN apt-get install a=1\nUSER app"), []);
    assert_eq!(ignored("# hadolint global ignore=DL3002\nFROM x:1\nUSER root"), one("DL002", "hadolint global ignore DL3002"));
    assert_eq!(
        ignored("FROM x:1\nUSER root\n# checkov:skip=CKV_DOCKER_8:needs it, for now"),
        one("DL002", "checkov:skip CKV_DOCKER_8")
    );
    assert_eq!(ignored("FROM x:1\n# trivy:ignore:AVD-DS-0002\nUSER root"), one("DL002", "trivy:ignore DS-0002"));
    assert_eq!(ignored("# trivy:ignore:DS002\nFROM x:1\nRUN a\nUSER root"), one("DL002", "trivy:ignore DS-0002"));
    assert_eq!(ignored("FROM x:1\n# hadolint ignore=DL3002"), one("DL010", "hadolint ignore DL3002").split_off(1));
}

#[test]
fn secrets_stay_out_of_every_output() {
    let text = "FROM x:1\nENV API_KEY=s3cr3tvalue\nARG TOKEN=s3cr3tvalue\nRUN export PASSWORD=s3cr3tvalue && curl -u me:s3cr3tvalue https://me:s3cr3tvalue@h/x\nADD https://me:s3cr3tvalue@h/x /\nRUN useradd -p s3cr3tvalue a; echo s3cr3tvalue | chpasswd\nRUN curl http://me:s3cr3tvalue@h/x\n";
    let found = scan_text("Dockerfile", text);
    assert!(found.iter().filter(|f| f.secret.as_ref().is_some_and(|s| s.value == "s3cr3tvalue")).count() >= 6);
    assert!(!serde_json::to_string(&found).unwrap().contains("s3cr3t"));
}

fn shared() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    std::env::var_os("SECURESCAN_SHARED").map_or_else(beside, PathBuf::from)
}

/// What hadolint said about the same file, for the rules both have: same line, by alias.
#[test]
fn agrees_with_a_recorded_run_of_hadolint() {
    let read = |p: &str| std::fs::read_to_string(shared().join("fixtures-live").join(p)).ok();
    let (Some(text), Some(report)) = (read("sample/infra/Dockerfile"), read("hadolint.json")) else {
        println!("skipped: no shared fixtures beside the repository");
        return;
    };
    let found = scan_text("infra/Dockerfile", &text);
    let alias = |f: &Finding, code: &str| {
        f.metadata.extra.get("aliases").is_some_and(|a| a.as_array().unwrap().iter().any(|x| x == code))
    };
    // Style, which is hadolint's business: cleaning apt lists, `cd`, pipefail, JSON form, MAINTAINER.
    let style = ["DL3009", "DL3003", "DL4006", "DL3025", "DL4000"];
    for said in serde_json::from_str::<serde_json::Value>(&report).unwrap().as_array().unwrap() {
        let (code, line) = (said["code"].as_str().unwrap(), said["line"].as_u64().unwrap());
        let ours = found.iter().any(|f| alias(f, code) && f.line.map(u64::from) == Some(line));
        assert!(ours != style.contains(&code), "{code} on line {line}");
    }
    let more = ["DL003", "DL005", "DL010", "plain-http-download"];
    assert!(more.iter().all(|r| rules_of(&found).iter().any(|(rule, _)| rule == r)), "{:?}", rules_of(&found));
}

#[test]
fn reads_what_docker_reads() {
    let file = parse::parse(
        "\u{feff}# escape=`\r\n# syntax=docker/dockerfile:1\r\nFROM a:1 AS b\r\nRUN x `\r\n# comment\r\n\r\n  y\r\nCOPY --from=b --chmod=755 a b\r\n",
    );
    assert_eq!(
        file.directives.iter().map(|(n, v, l)| (n.as_str(), *v, *l)).collect::<Vec<_>>(),
        [("escape", "`", 1), ("syntax", "docker/dockerfile:1", 2)]
    );
    let spans: Vec<_> = file.instructions.iter().map(|i| (i.keyword, i.line, i.end_line)).collect();
    use parse::Keyword::{Copy, From, Run};
    assert_eq!(spans, [(From, 3, 3), (Run, 4, 7), (Copy, 8, 8)]);
    assert_eq!(file.instructions[1].args(), "x   y");
    assert_eq!(file.instructions[2].flag("chmod"), Some("755"));

    let file = parse::parse("FROM a\nRUN <<A cat <<-'B' >x\none\nA\n\ttwo\n\tB\nUSER u\n");
    let docs = &file.instructions[1].heredocs;
    assert_eq!(
        docs.iter().map(|d| (d.name, d.quoted, d.body, d.line)).collect::<Vec<_>>(),
        [("A", false, "one\n", 3), ("B", true, "\ttwo\n", 5)]
    );
    assert_eq!((file.instructions[1].end_line, file.instructions[2].line), (6, 7));

    // Instructions inside a here-document of COPY are text.
    assert_eq!(rules_of(&scan_text("Dockerfile", "FROM a:1\nCOPY <<EOF /x\nUSER root\nRUN curl x | sh\nEOF\nUSER u\n")), []);
    // What reads a here-document decides: a shell runs it, cat does not.
    let run = |cmd: &str| format!("FROM a:1\nUSER u\nRUN {cmd} <<EOF\ncurl x | sh\nEOF\n");
    assert_eq!(rules_of(&scan_text("Dockerfile", &run("bash -e"))), [("DL003", Some(4))]);
    assert_eq!(rules_of(&scan_text("Dockerfile", &run("cat"))), []);
    assert_eq!(rules_of(&scan_text("Dockerfile", "FROM a:1\nUSER u\nRUN <<EOF\n#!/usr/bin/env python3\ncurl x | sh\nEOF\n")), []);
}

#[test]
fn hostile_input_is_only_slow_reading() {
    let long = "a ".repeat(2 << 20);
    let cases = [
        format!("FROM x\nRUN {long}"),
        format!("ENV {long}"),
        format!("RUN {}", "$(".repeat(1 << 20)),
        format!("RUN {}", "\"$(".repeat(1 << 19)),
        format!("RUN {}", "`".repeat(1 << 20)),
        format!("RUN {}", "${".repeat(1 << 20)),
        format!("RUN {}", "sh -c 'sh -c ".repeat(1 << 17)),
        format!("RUN {}", "<<A ".repeat(1 << 19)),
        format!("RUN {}", "| ( { ! ".repeat(1 << 18)),
        format!("RUN {}", "(".repeat(1 << 20)),
        format!("RUN find {}", "-exec find ".repeat(1 << 17)),
        "RUN <<A\n".repeat(1 << 17),
        "ENV A=$A$A$A\n".repeat(1 << 16),
        format!("ENV A=aaaaaaaa\n{}", "ENV A=$A$A\n".repeat(1 << 16)),
        "FROM a AS b\nFROM b AS a\n".repeat(1 << 15),
        "FROM a AS b\nENV X=1\nARG Y=$X\nUSER root\n".repeat(1 << 14),
        "# hadolint ignore=DL3007\n".repeat(1 << 17),
        "\\\n".repeat(1 << 20),
        format!("RUN x {}", "\\\n# c\n\n".repeat(1 << 18)),
        "COPY . .\n".repeat(1 << 17),
        format!("FROM {}", "a:".repeat(1 << 20)),
        format!("RUN [{}", "[".repeat(1 << 20)),
        format!("ONBUILD {}", "ONBUILD ".repeat(1 << 18)),
        format!("RUN {}", "sudo ".repeat(1 << 19)),
        format!("RUN {}", "export A=http://a:b@c ".repeat(1 << 16)),
        "\0\u{202e}FROM \0:\0\nUSER \0".to_owned(),
    ];
    for text in &cases {
        let found = scan_text("Dockerfile", text);
        assert!(found.iter().all(|f| f.description.len() < 2000), "{}", text.chars().take(40).collect::<String>());
    }
    let file = parse::parse(&cases[19]).instructions.len();
    assert_eq!(file, parse::MAX_INSTRUCTIONS);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn never_panics_and_lines_are_inside(parts in proptest::collection::vec(
        prop_oneof![
            Just("FROM a:latest AS b\n"), Just("RUN "), Just("curl x"), Just(" | "), Just("sh"), Just("\\\n"), Just("<<EOF"), Just("\nEOF\n"), Just("\""), Just("'"),
            Just("$("), Just(")"), Just("`"), Just("${A:-"), Just("}"), Just("ENV A_TOKEN="), Just("# hadolint ignore=DL3002\n"), Just("USER root\n"), Just("\n"),
            Just("[\"a\", "), Just("]"), Just("COPY --chmod=777 . /x\n"), Just("ONBUILD "), Just("é"), Just("\u{202e}"), Just("\r\n"), Just("# escape=`\n"), Just("=")
        ], 0..40))
    {
        let text = parts.concat();
        let lines = u32::try_from(text.matches('\n').count() + 1).unwrap();
        for finding in scan_text("Dockerfile", &text) {
            let (line, end) = (finding.line.unwrap(), finding.end_line.unwrap_or(finding.line.unwrap()));
            prop_assert!(line >= 1 && line <= end && end <= lines, "{line}..{end} of {lines} in {text:?}");
        }
    }
}
