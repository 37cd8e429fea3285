//! What must hold of single formats beyond their shape: limits of hosts, schemas, the words other tools look for.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::string_slice, reason = "a failing test panics")]

mod common;

use common::samples::{NAMES, empty, sample, typical};
use securescan_core::model::Findings;
use securescan_core::render::limits::{ANNOTATION_TEXT, ANNOTATIONS, GITHUB_BODY, STEP_SUMMARY_BYTES};
use securescan_core::render::{DiffKind, DiffView, RenderInput, RenderOptions, render};
use securescan_core::{Finding, ScanResult, ScanType, ScannerRun, ScannerStatus, Severity};
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Command;

fn bytes(format: &str, input: &RenderInput<'_>) -> String {
    let mut out = Vec::new();
    render(format, input, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn scan(format: &str, result: &ScanResult) -> String {
    bytes(format, &RenderInput::new(result))
}

fn many(count: usize) -> ScanResult {
    let findings = (0..count)
        .map(|n| {
            let mut finding = Finding::new("s", ScanType::Code, Severity::ALL[n % 5], format!("Title {n} of a | finding ✗"));
            finding.fingerprint = format!("{n:064x}");
            finding.file_path = Some(format!("src/file{n}.py"));
            finding.line = Some(7);
            finding
        })
        .collect();
    ScanResult { findings, ..ScanResult::default() }
}

#[test]
fn a_comment_is_cut_at_whole_rows_from_the_least_severe_end() {
    let result = many(5_000);
    let view = DiffView { new: &result.findings, fixed: &result.findings, ..DiffView::default() };
    let options = RenderOptions { repo: Some("acme/shop".into()), sha: Some("0123456".into()), ..RenderOptions::default() };
    let input = RenderInput { options, ..RenderInput::with_diff(&result, &view) };
    for (format, limit) in [("github-pr-comment", GITHUB_BODY.max), ("markdown", STEP_SUMMARY_BYTES.max)] {
        let out = bytes(format, &input);
        assert!(out.encode_utf16().count() <= limit && (format != "markdown" || out.len() <= limit), "{format}");
        let rows: Vec<&str> = out.lines().filter(|line| line.starts_with("| ● ")).collect();
        assert!(rows.len() > 100 && rows.iter().all(|row| row.ends_with(" |") && row.contains("#L7)")), "{format}");
        let shown = rows.iter().filter(|row| row.contains("● critical")).count();
        if rows.len() < 5_000 {
            assert!(out.contains(&format!("\n… and {} more (see SARIF)\n", 5_000 - rows.len())), "{format}");
            assert!(shown == 1_000 || rows.len() == shown, "the most severe stay");
        }
        assert!(out.contains("5000 new findings (●1000 critical, ●1000 high, ●1000 medium, ●1000 low, ●1000 info) · 5000 fixed"));
        assert!(out.contains("<summary>Fixed findings (5000)</summary>"), "{format}");
    }
    let comment = bytes("github-pr-comment", &input);
    assert!(comment.starts_with("<!-- securescan:diff -->\n### SecureScan diff\n\n") && comment.ends_with("upsert.</sub>\n"));
    assert!(comment.encode_utf16().count() > GITHUB_BODY.max - 500, "the room is used");
}

#[test]
fn a_comment_fits_whatever_the_fields_hold() {
    let mut result = many(1_000);
    let long = ":a@b#c<&|`\\😀_".repeat(50);
    for finding in &mut result.findings {
        finding.title.clone_from(&long);
        finding.scanner.clone_from(&long);
        finding.file_path = Some(long.clone());
        finding.compliance_tags = vec![long.clone(); 50];
    }
    result.scanners = (0..200)
        .map(|n| {
            let status = if n < 100 { ScannerStatus::Failed } else { ScannerStatus::Skipped };
            let mut run = ScannerRun::new(":x".repeat(500), ScanType::Code, status);
            run.reason = Some(":x".repeat(500));
            run
        })
        .collect();
    let view = DiffView { new: &result.findings, fixed: &result.findings, not_scanned: &result.findings, ..DiffView::default() };
    let comment = bytes("github-pr-comment", &RenderInput::with_diff(&result, &view));
    assert!(comment.encode_utf16().count() <= GITHUB_BODY.max, "{}", comment.len());
    assert!(comment.contains("and 80 more. Findings may be missing.") && comment.ends_with("</sub>\n"));
    let page = bytes("markdown", &RenderInput::with_diff(&result, &view));
    assert!(page.len() <= STEP_SUMMARY_BYTES.max);
}

#[test]
fn names_of_files_do_not_spoil_the_table() {
    let deep = format!("{}/last.py", "d".repeat(300));
    let names =
        ["logo.png", "a|b`c`.py", "![x](http:evil).png", "new\nline.py", "rtl\u{202e}gnp.exe", "@team #1 <!-- x -->", &deep];
    let mut new = many(names.len()).findings;
    for (finding, name) in new.iter_mut().zip(names) {
        finding.file_path = Some(name.to_owned());
        finding.line = Some(7);
    }
    let result = ScanResult::default();
    let view = DiffView { new: &new, fixed: &new, ..DiffView::default() };
    let options = RenderOptions { repo: Some("o/r".into()), sha: Some("0123456789abcdef".into()), ..RenderOptions::default() };
    let comment = bytes("github-pr-comment", &RenderInput { options, ..RenderInput::with_diff(&result, &view) });
    let rows: Vec<&str> = comment.lines().filter(|line| line.starts_with("| ● ")).collect();
    assert_eq!(rows.len(), names.len(), "{comment}");
    for row in &rows {
        assert_eq!(row.matches(" | ").count(), 3, "{row}");
    }
    for shown in [
        "[`logo.png:7`](https://github.com/o/r/blob/0123456789abcdef/logo.png#L7)",
        "[<code>a&#124;b&#96;c&#96;.py:7</code>](",
        "[`![x](http:evil).png:7`](",
        "[`new line.py:7`](",
        "[`rtl\u{fffd}gnp.exe:7`](",
        "&lt;!-- x --&gt;:7</code>](",
        &format!("`…{}/last.py:7`", "d".repeat(69)),
    ] {
        assert!(rows.iter().any(|row| row.contains(shown)), "{shown}\n{comment}");
    }
    // What is fixed stood at a line of the base: a link into the head would show another one.
    let (_, fixed) = comment.split_once("Fixed findings").unwrap();
    assert!(fixed.contains("`logo.png:7`") && !fixed.contains("](https://"), "{fixed}");
}

#[test]
fn scanners_without_a_reason_of_their_own_stand_together() {
    let mut result = typical();
    result.scanners = [("semgrep", "not installed"), ("zap", "no target"), ("trivy", "not installed")]
        .map(|(name, why)| {
            let mut run = ScannerRun::new(name, ScanType::Code, ScannerStatus::Skipped);
            (run.reason, run.install_hint) = (Some(why.into()), Some("pip install it".into()));
            run
        })
        .into();
    result.scanners.push(ScannerRun::new("secrets", ScanType::Code, ScannerStatus::Ok));
    let comment = scan("github-pr-comment", &result);
    assert!(comment.contains("\nNot run: semgrep, trivy (not installed), zap (no target)\n"), "{comment}");
    assert!(scan("markdown", &result).contains("| trivy | skipped | 0 | not installed; install: pip install it |"));
}

#[test]
fn the_documented_comment() {
    let result = typical();
    let new: Vec<Finding> = result.findings.iter().filter(|f| f.title == "Use of eval()").take(1).cloned().collect();
    let head =
        ScanResult { scanners: vec![ScannerRun::new("semgrep", ScanType::Code, ScannerStatus::Ok)], ..ScanResult::default() };
    let mut new = new;
    new[0].compliance_tags.clear();
    let view = DiffView { new: &new, unchanged_count: 14, ..DiffView::default() };
    let options = RenderOptions { fail_on_severity: Some(Severity::Critical), ..RenderOptions::default() };
    insta::assert_snapshot!(bytes("github-pr-comment", &RenderInput { options, ..RenderInput::with_diff(&head, &view) }), @"
    <!-- securescan:diff -->
    ### SecureScan diff

    1 new finding (●1 high) · 0 fixed · 14 unchanged
    fail-on-severity: critical (passed)

    **New findings**

    | Severity | Scanner | Title | Where |
    | --- | --- | --- | --- |
    | ● high | semgrep | Use of eval() | `backend/api.py:42` |

    <sub>Run `securescan diff` locally to reproduce. Markers identify this comment for upsert.</sub>
    ");
    for (kind, words) in [
        (DiffKind::Diff, "<!-- securescan:diff -->\n_No new or fixed findings._\n"),
        (DiffKind::Compare, "<!-- securescan:compare -->\n_No drift since baseline._\n"),
    ] {
        let view = DiffView { kind, unchanged_count: 3, ..DiffView::default() };
        assert_eq!(bytes("github-pr-comment", &RenderInput::with_diff(&head, &view)), words);
    }
}

#[test]
fn annotations_keep_to_ten_of_a_kind_and_say_what_is_missing() {
    let out = scan("github-annotations", &many(200));
    let count = |kind: &str| out.lines().filter(|line| line.starts_with(&format!("::{kind} "))).count();
    assert_eq!((count("error"), count("warning"), count("notice")), (ANNOTATIONS.max, ANNOTATIONS.max, ANNOTATIONS.max));
    assert!(out.contains("::notice title=SecureScan::171 more findings without an annotation: GitHub shows 10 of each kind.\n"));
    assert!(out.lines().take(10).all(|line| line.contains("title=critical (s)%3A Title")), "the most severe come first");
    let mut exact = many(50);
    assert!(!scan("github-annotations", &exact).contains("more findings") || exact.findings.len() > 30);
    exact.findings.truncate(10);
    assert_eq!(scan("github-annotations", &exact).lines().count(), 11);
    exact.findings[0].description = "%\n".repeat(10_000);
    let line = scan("github-annotations", &exact).lines().map(str::len).max().unwrap();
    assert!(line < ANNOTATION_TEXT.max * 3 + 500);
}

#[test]
fn incomplete_takes_the_first_warning() {
    let mut result = many(200);
    result.scanners = vec![ScannerRun::new("trivy", ScanType::Dependency, ScannerStatus::TimedOut)];
    let out = scan("github-annotations", &result);
    assert!(out.starts_with("::warning title=SecureScan%3A incomplete scan::trivy timed out%0AFindings may be missing.\n"));
    assert_eq!(out.lines().filter(|line| line.starts_with("::warning ")).count(), ANNOTATIONS.max);
    assert!(out.ends_with("; incomplete\n"));
}

/// The values of an attribute, in order of the document.
fn attributes(xml: &str, element: &str, name: &str) -> Vec<String> {
    let open = format!("<{element} ");
    let key = format!(" {name}=\"");
    let tags = xml.split(&open).skip(1).map(|rest| rest.split('>').next().unwrap());
    tags.map(|tag| format!(" {tag}").split(&key).nth(1).unwrap_or_default().split('"').next().unwrap().to_owned()).collect()
}

#[test]
fn junit_numbers_are_those_of_its_tests() {
    for name in NAMES {
        for show_suppressed in [false, true] {
            let options = RenderOptions { show_suppressed, ..RenderOptions::default() };
            let result = sample(name);
            let xml = bytes("junit", &RenderInput { options, ..RenderInput::new(&result) });
            let sum = |name: &str| attributes(&xml, "testsuite", name).iter().map(|n| n.parse::<usize>().unwrap()).sum::<usize>();
            assert_eq!(sum("tests"), xml.matches("<testcase ").count(), "{name}");
            assert_eq!(sum("failures"), xml.matches("<failure ").count());
            assert_eq!(sum("failures"), result.findings.iter().filter(|f| !f.is_suppressed()).count());
            assert_eq!(sum("errors"), xml.matches("<error ").count());
            assert_eq!(sum("skipped"), xml.matches("<skipped ").count());
            assert_eq!(
                xml.matches("SUPPRESSED:").count(),
                result.findings.iter().filter(|f| show_suppressed && f.is_suppressed()).count()
            );
        }
    }
    let clean = scan("junit", &empty());
    assert!(clean.contains("<testcase name=\"no findings\" classname=\"securescan.secrets\"") && !clean.contains("<failure"));
}

#[test]
fn junit_is_valid_by_its_schema() {
    let Some(schema) = common::shared("schemas/junit.xsd") else { return };
    if Command::new("xmllint").arg("--version").output().is_err() {
        eprintln!("skipped: xmllint is not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    let unscanned = ScanResult { findings: typical().findings, ..ScanResult::default() };
    for (name, result) in
        NAMES.map(|name| (name, sample(name))).into_iter().chain([("bare", unscanned), ("none", ScanResult::default())])
    {
        let view = DiffView { new: &result.findings, not_scanned: &result.findings, ..DiffView::default() };
        let options =
            RenderOptions { show_suppressed: true, time: Some("2026-01-02T03:04:05Z".into()), ..RenderOptions::default() };
        let inputs = [RenderInput { options, ..RenderInput::new(&result) }, RenderInput::with_diff(&result, &view)];
        for (index, input) in inputs.iter().enumerate() {
            let path = folder.path().join(format!("{name}-{index}.xml"));
            std::fs::write(&path, bytes("junit", input)).unwrap();
            files.push(path);
        }
    }
    let run = Command::new("xmllint").args(["--noout", "--nonet", "--schema"]).arg(schema).args(&files).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    assert_eq!(String::from_utf8_lossy(&run.stderr).matches(" validates").count(), files.len());
}

#[test]
fn a_time_is_the_callers_or_none() {
    let options = |time: &str| RenderOptions { time: Some(time.into()), ..RenderOptions::default() };
    let result = typical();
    for (format, default) in
        [("gitlab-sast", "\"start_time\": \"1970-01-01T00:00:00\""), ("junit", "timestamp=\"1970-01-01T00:00:00\"")]
    {
        assert!(scan(format, &result).contains(default));
        let given = RenderInput { options: options("2026-01-02T03:04:05Z"), ..RenderInput::new(&result) };
        assert!(bytes(format, &given).contains("2026-01-02T03:04:05\""));
        let bad = RenderInput { options: options("yesterday"), ..RenderInput::new(&result) };
        assert_eq!(render(format, &bad, &mut Vec::new()).unwrap_err().code(), "invalid_argument");
    }
}

#[test]
fn gitlab_tells_repeats_apart_and_reads_back() {
    let result = typical();
    let issues: Value = serde_json::from_str(&scan("gitlab-codequality", &result)).unwrap();
    let prints: Vec<&str> = issues.as_array().unwrap().iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(prints.iter().collect::<BTreeSet<_>>().len(), prints.len());
    assert_eq!(prints.len(), 6);
    assert!(prints.iter().any(|print| print.ends_with(":2")), "{prints:?}");
    let text = scan("gitlab-sast", &result);
    let report: Value = serde_json::from_str(&text).unwrap();
    let messages: Vec<&str> =
        report["scan"]["messages"].as_array().unwrap().iter().map(|message| message["value"].as_str().unwrap()).collect();
    assert_eq!(
        messages,
        [
            "semgrep skipped: not on PATH; install: pip install semgrep",
            "1 finding about no file left out: this report has only files",
            "suppressed: 3 (inline=1, config=1, baseline=1)",
        ]
    );
    // Each is tracked by what names it, at its own place.
    let vulnerabilities = report["vulnerabilities"].as_array().unwrap();
    for one in vulnerabilities {
        let item = &one["tracking"]["items"][0];
        assert_eq!((&one["tracking"]["type"], &item["signatures"][0]["algorithm"]), (&"source".into(), &"hash".into()));
        assert_eq!((&item["signatures"][0]["value"], &item["file"]), (&one["id"], &one["location"]["file"]));
    }
    let mut nameless = typical();
    nameless.findings.iter_mut().for_each(|finding| finding.fingerprint.clear());
    assert!(!scan("gitlab-sast", &nameless).contains("\"tracking\""), "a number in a list is no identity");
    let back = securescan_core::ingest::parse(text.as_bytes(), None, &securescan_core::ingest::IngestOptions::default()).unwrap();
    let place = |f: &Finding| (f.title.clone(), f.file_path.clone(), f.line, f.severity, f.cwe.clone());
    let mut want: Vec<_> = result.findings.iter().filter(|f| !f.is_suppressed() && f.file_path.is_some()).map(place).collect();
    let mut got: Vec<_> = back.findings.iter().map(place).collect();
    want.sort();
    got.sort();
    assert_eq!(got, want);
}

/// The text of a case of the Python renderers, and what ours makes of the same.
fn cases(mut check: impl FnMut(&Value, &ScanResult, &RenderOptions)) {
    let Some(vectors) = common::vectors("renderers.json") else { return };
    for case in vectors["cases"].as_array().unwrap() {
        let mut list = case["input"]["findings"].clone();
        for finding in list.as_array_mut().unwrap() {
            if let Some(stamp) = finding.pointer_mut("/metadata/suppressed_by").filter(|stamp| **stamp == "custom") {
                *stamp = "config".into();
            }
        }
        let findings = Findings::from_json(&list.to_string()).unwrap().into_result().findings;
        let show_suppressed = case["input"]["options"]["show_suppressed"] == true;
        let text = |name: &str| case["input"]["options"][name].as_str().map(str::to_owned);
        let options = RenderOptions { show_suppressed, repo: text("repo"), sha: text("sha"), ..RenderOptions::default() };
        check(case, &ScanResult { findings, ..ScanResult::default() }, &options);
    }
}

#[test]
fn csv_agrees_with_python() {
    let mut rows = 0;
    cases(|case, result, options| {
        let ours = bytes("csv", &RenderInput { options: options.clone(), ..RenderInput::new(result) });
        let theirs = case["expected"]["csv"].as_str().unwrap();
        assert_eq!(ours.lines().next(), theirs.lines().next(), "the header is pinned");
        let mut reader = csv::Reader::from_reader(ours.as_bytes());
        let shown: Vec<&Finding> = result.findings.iter().filter(|f| options.show_suppressed || !f.is_suppressed()).collect();
        let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(records.len(), shown.len());
        for (record, finding) in records.iter().zip(shown) {
            assert_eq!(&record[0], finding.severity.as_str());
            assert_eq!(&record[4], finding.line.map(|n| n.to_string()).unwrap_or_default());
            rows += 1;
        }
        // Where nothing needs escaping or quoting, the row is byte for byte the one Python wrote.
        for line in theirs.lines().skip(1).filter(|line| line.matches('"').count() == 6 && !line.contains("custom")) {
            let plain = line.chars().all(|c| c.is_ascii_graphic() || c == ' ') && !line.contains([';', '\'']);
            let inert = !line.split([',', '"']).any(|cell| cell.starts_with(['=', '+', '-', '@']));
            let whole = line.split('"').all(|cell| cell.len() < 200);
            if plain && inert && whole && line.split(',').count() == theirs.lines().next().unwrap().split(',').count() {
                assert!(ours.contains(line), "{line}\n{ours}");
            }
        }
    });
    assert!(rows > 50 || common::vectors("renderers.json").is_none(), "{rows}");
}

#[test]
fn comments_keep_the_words_of_python() {
    cases(|case, result, options| {
        let parts = ["fixed", "unchanged"]
            .map(|name| Findings::from_json(&case["input"][name].to_string()).unwrap().into_result().findings);
        let kind = if case["input"]["options"]["mode"] == "compare" { DiffKind::Compare } else { DiffKind::Diff };
        let view =
            DiffView { new: &result.findings, fixed: &parts[0], unchanged_count: parts[1].len(), kind, ..DiffView::default() };
        let ours = bytes("github-pr-comment", &RenderInput { options: options.clone(), ..RenderInput::with_diff(result, &view) });
        let theirs = case["expected"]["pr_comment"].as_str().unwrap();
        assert_eq!(ours.lines().next(), theirs.lines().next(), "the marker");
        let nothing = ["_No new or fixed findings._", "_No drift since baseline._"];
        if let Some(words) = nothing.into_iter().find(|words| theirs.contains(words)) {
            assert!(ours.contains(words), "{ours}");
            return;
        }
        let (new, gone) = match kind {
            DiffKind::Diff => ("New findings", "Fixed findings"),
            DiffKind::Compare => ("New since baseline", "Disappeared from baseline"),
        };
        let shown = |list: &[Finding]| list.iter().filter(|f| options.show_suppressed || !f.is_suppressed()).count();
        assert_eq!(ours.contains(new), shown(&result.findings) > 0);
        assert_eq!(ours.contains(gone), shown(&parts[0]) > 0);
        assert_eq!(ours.lines().filter(|line| line.starts_with("| ● ")).count(), shown(&result.findings));
    });
}
