//! Every renderer over every sample: snapshots for shape, invariants for truth.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a failing test panics")]

mod common;

use common::samples::{NAMES, hostile, sample, typical};
use securescan_core::model::Findings;
use securescan_core::render::{
    DiffKind, DiffView, RENDERERS, RenderInput, RenderOptions, Renderer, ReviewEvent, SuppressedCounts, find, is_binary, render,
};
use securescan_core::{Finding, ScanResult, ScannerStatus, Severity};
use serde_json::Value;

fn bytes(format: &str, input: &RenderInput<'_>) -> String {
    let mut out = Vec::new();
    render(format, input, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The formats that are text; `reports.rs` looks at the others.
fn textual() -> impl Iterator<Item = &'static dyn Renderer> {
    RENDERERS.iter().copied().filter(|renderer| !is_binary(*renderer))
}

fn with(result: &ScanResult, options: RenderOptions) -> RenderInput<'_> {
    RenderInput { options, risk_score: Some(61.84), ..RenderInput::new(result) }
}

fn everything() -> RenderOptions {
    RenderOptions {
        show_suppressed: true,
        color: true,
        width: Some(80),
        show_source: true,
        fail_on_severity: Some(Severity::High),
        repo: Some("acme/shop".into()),
        sha: Some("0123456789abcdef0123456789abcdef01234567".into()),
        timings: true,
        verbose: true,
        time: None,
        generated_at: Some("2026-01-02 03:04 UTC".into()),
        review_event: ReviewEvent::RequestChanges,
        no_suggestions: true,
    }
}

#[test]
fn shape_of_each_format_and_sample() {
    for renderer in textual() {
        for name in NAMES {
            let result = sample(name);
            let out = bytes(renderer.id(), &with(&result, RenderOptions::default()));
            // JSON carries texts whole: the long one is cut here, and only here. What a schema is checked against stays whole.
            let whole = ["sarif", "report-html", "gitlab-sast", "gitlab-codequality", "junit"].contains(&renderer.id());
            let most = if whole { usize::MAX } else { 600 };
            let shown: Vec<String> = out.lines().map(|l| l.chars().take(most).collect()).collect();
            insta::assert_snapshot!(format!("{}-{name}", renderer.id()), shown.join("\n"));
        }
    }
}

#[test]
fn shape_with_every_option() {
    let result = typical();
    insta::assert_snapshot!("text-typical-everything", bytes("text", &with(&result, everything())).replace('\x1b', "␛"));
    for format in
        ["sarif", "csv", "junit", "markdown", "github-pr-comment", "github-annotations", "gitlab-sast", "gitlab-codequality"]
    {
        insta::assert_snapshot!(format!("{format}-typical-everything"), bytes(format, &with(&result, everything())));
    }
    let plain = RenderOptions { width: Some(80), ..RenderOptions::default() };
    insta::assert_snapshot!("text-typical-narrow", bytes("text", &with(&result, plain)));
}

fn diff_of(result: &ScanResult) -> (Vec<Finding>, Vec<Finding>, Vec<Finding>) {
    let mut lists = (Vec::new(), Vec::new(), Vec::new());
    for (index, finding) in result.findings.iter().enumerate() {
        match index % 3 {
            0 => lists.1.push(finding.clone()),
            1 => lists.0.push(finding.clone()),
            _ if finding.is_suppressed() => lists.0.push(finding.clone()),
            _ => lists.2.push(finding.clone()),
        }
    }
    lists
}

#[test]
fn shape_of_diff_and_compare() {
    let result = typical();
    let (new, fixed, lost) = diff_of(&result);
    for kind in [DiffKind::Diff, DiffKind::Compare] {
        let word = if kind == DiffKind::Diff { "diff" } else { "compare" };
        let view = DiffView {
            new: &new,
            fixed: &fixed,
            unchanged_count: 14,
            not_scanned: &lost,
            base_ref: Some("main"),
            head_ref: Some("HEAD"),
            kind,
            suppressed_by_change: Some(SuppressedCounts { inline: 1, config: 1, baseline: 0 }),
        };
        for renderer in RENDERERS.iter().filter(|r| r.id() != "snapshot" && !is_binary(**r)) {
            let format = renderer.id();
            let options = RenderOptions { show_suppressed: format == "text", ..RenderOptions::default() };
            let input = RenderInput { options, ..RenderInput::with_diff(&result, &view) };
            insta::assert_snapshot!(format!("{format}-{word}"), bytes(format, &input));
        }
        let nothing = DiffView { new: &[], fixed: &[], not_scanned: &[], ..view };
        let text = bytes("text", &RenderInput::with_diff(&result, &nothing));
        let expected = if word == "diff" { "No new or fixed findings.\n" } else { "No drift since baseline.\n" };
        assert!(text.starts_with(expected), "{text}");
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for renderer in textual() {
        for name in NAMES {
            for options in [RenderOptions::default(), everything()] {
                let (a, b) = (sample(name), sample(name));
                let out = bytes(renderer.id(), &with(&a, options.clone()));
                assert!(out == bytes(renderer.id(), &with(&b, options)), "{} {name}", renderer.id());
                assert!(out.ends_with('\n') && !out.ends_with("\n\n"));
            }
        }
    }
}

#[test]
fn wall_times_are_shown_only_on_request() {
    let mut slow = typical();
    slow.scanners.iter_mut().for_each(|run| run.duration_s = Some(7.77));
    for renderer in textual() {
        let out = bytes(renderer.id(), &with(&slow, RenderOptions { verbose: true, ..RenderOptions::default() }));
        assert_eq!(out, bytes(renderer.id(), &with(&typical(), RenderOptions { verbose: true, ..RenderOptions::default() })));
    }
    assert!(bytes("text", &with(&slow, everything())).contains("(7.77s)"));
}

#[test]
fn rendered_counts_are_the_selected_counts() {
    for name in NAMES {
        let result = sample(name);
        for show in [false, true] {
            let options = RenderOptions { show_suppressed: show, ..RenderOptions::default() };
            let want = result.findings.iter().filter(|f| show || !f.is_suppressed()).count();
            let json: Value = serde_json::from_str(&bytes("json", &with(&result, options.clone()))).unwrap();
            let sarif: Value = serde_json::from_str(&bytes("sarif", &with(&result, options.clone()))).unwrap();
            let text = bytes("text", &with(&result, options.clone()));
            let rows = |line: &&str| {
                let line = line.trim_start();
                Severity::ALL.iter().any(|s| line.starts_with(&format!("[{}]", s.as_str().to_uppercase())))
            };
            assert_eq!(json.as_array().unwrap().len(), want);
            assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), want);
            assert_eq!(text.lines().filter(rows).count(), want, "{name}\n{text}");
            let snapshot: Value = serde_json::from_str(&bytes("snapshot", &with(&result, options))).unwrap();
            assert_eq!(snapshot["findings"].as_array().unwrap().len(), result.findings.len());
        }
    }
}

#[test]
fn snapshots_read_back() {
    for name in NAMES {
        let result = sample(name);
        let text = bytes("snapshot", &with(&result, RenderOptions::default()));
        let back = Findings::from_json(&text).unwrap();
        // A line 0 is no line: the hostile sample changes once, and never again.
        let again = Findings::from_json(&back.to_snapshot_json()).unwrap();
        assert!(again == back && (name == "hostile" || back.to_snapshot_json() == text), "{name}");
        assert_eq!(back.scanners().len(), result.scanners.len());
        let bare = bytes("json", &with(&result, RenderOptions { show_suppressed: true, ..RenderOptions::default() }));
        assert!(Findings::from_json(&bare).unwrap().iter().eq(back.iter()), "{name}");
    }
}

#[test]
fn nothing_hostile_acts_on_a_terminal() {
    let result = hostile();
    let (new, fixed, lost) = diff_of(&result);
    let view = DiffView {
        new: &new,
        fixed: &fixed,
        not_scanned: &lost,
        base_ref: Some("\x1b[1m"),
        head_ref: Some("\n"),
        ..DiffView::default()
    };
    for options in [RenderOptions::default(), RenderOptions { color: false, ..everything() }] {
        for input in
            [with(&result, options.clone()), RenderInput { options: options.clone(), ..RenderInput::with_diff(&result, &view) }]
        {
            let text = bytes("text", &input);
            let unsafe_char =
                |c: &char| (c.is_control() && *c != '\n') || ('\u{2028}'..='\u{202e}').contains(c) || *c == '\u{2066}';
            assert_eq!(text.chars().find(unsafe_char), None);
            assert!(text.len() < 40_000, "{}", text.len());
        }
    }
    let colored = bytes("text", &with(&result, everything()));
    for after in colored.split('\x1b').skip(1) {
        let code = after.split('m').next().unwrap();
        assert!(["[0", "[1", "[2", "[31", "[1;31", "[33", "[36", "[32"].contains(&code), "{code:?}");
    }
}

#[test]
fn colours_change_nothing_else() {
    let result = typical();
    let plain = bytes("text", &with(&result, RenderOptions { color: false, ..everything() }));
    let mut stripped = String::new();
    for (index, piece) in bytes("text", &with(&result, everything())).split('\x1b').enumerate() {
        stripped.push_str(if index == 0 { piece } else { piece.split_once('m').unwrap().1 });
    }
    assert_eq!(stripped, plain);
}

#[test]
fn text_keeps_to_the_width_where_words_allow() {
    let text = bytes("text", &with(&typical(), RenderOptions { color: false, verbose: true, ..everything() }));
    let too_long: Vec<_> = text.lines().filter(|l| l.chars().count() > 80).collect();
    assert!(too_long.is_empty(), "{too_long:#?}");
}

#[test]
fn no_output_carries_source_or_snippets_unasked() {
    for renderer in textual() {
        let out = bytes(renderer.id(), &with(&hostile(), RenderOptions { show_source: false, ..everything() }));
        assert!(!out.contains("hunter2"), "{}", renderer.id());
    }
    let mut result = typical();
    result.findings.iter_mut().for_each(|f| f.metadata.line_snippet = Some("    key = 'AKIA'".into()));
    let text = bytes("text", &with(&result, RenderOptions { show_source: true, ..RenderOptions::default() }));
    assert_eq!(text.matches("AKIA").count(), 5, "every shown finding but the secret:\n{text}");
}

#[test]
fn incomplete_is_not_clean() {
    let mut result = sample("empty");
    assert!(bytes("text", &with(&result, RenderOptions::default())).starts_with("No findings.\n"));
    result.scanners.iter_mut().for_each(|run| run.status = ScannerStatus::Skipped);
    for status in [ScannerStatus::Failed, ScannerStatus::TimedOut, ScannerStatus::Partial, ScannerStatus::Skipped] {
        result.scanners.last_mut().unwrap().status = status;
        let text = bytes("text", &with(&result, RenderOptions::default()));
        assert!(text.starts_with("No findings, but the scan is incomplete.\n"), "{text}");
        assert!(text.contains("INCOMPLETE: "), "{text}");
        let sarif: Value = serde_json::from_str(&bytes("sarif", &with(&result, RenderOptions::default()))).unwrap();
        assert_eq!(sarif["runs"][0]["invocations"][0]["executionSuccessful"], Value::Bool(false));
        let said = [
            ("csv", "incomplete,secrets,\"Incomplete scan: secrets "),
            ("github-annotations", "::warning title=SecureScan%3A incomplete scan::"),
            ("github-pr-comment", "> [!WARNING]\n> **Incomplete:** "),
            ("gitlab-codequality", "\"check_name\": \"securescan/incomplete/secrets\""),
            ("gitlab-sast", "\"status\": \"failure\""),
            ("junit", "<error message=\""),
            ("markdown", "> [!WARNING]\n> **Incomplete:** "),
        ];
        for (format, words) in said {
            let out = bytes(format, &with(&result, RenderOptions::default()));
            assert!(out.contains(words), "{format}: {out}");
            assert!(!out.contains("No findings._") && !out.contains("No new or fixed"), "{format}: {out}");
        }
    }
}

#[test]
fn an_unfinished_head_says_so_in_a_diff() {
    let mut result = sample("empty");
    let lost = typical().findings;
    result.scanners.iter_mut().for_each(|run| run.status = ScannerStatus::TimedOut);
    let view = DiffView { not_scanned: &lost, ..DiffView::default() };
    for (format, words) in [
        ("csv", ",not_scanned\n"),
        ("github-annotations", "6 findings of the base not scanned"),
        ("github-pr-comment", "6 findings of the base are neither fixed nor unchanged"),
        ("gitlab-sast", "6 findings of the base not scanned"),
        ("junit", "type=\"not_scanned\""),
        ("markdown", "6 findings of the base are neither fixed nor unchanged"),
        ("sarif", "diff/not-scanned"),
        ("text", "NOT SCANNED"),
    ] {
        let out = bytes(format, &RenderInput::with_diff(&result, &view));
        assert!(out.contains(words), "{format}: {out}");
    }
}

#[test]
fn what_a_change_silences_itself_is_said() {
    let result = sample("empty");
    let own = SuppressedCounts { inline: 2, config: 0, baseline: 1 };
    let view = DiffView { suppressed_by_change: Some(own), ..DiffView::default() };
    for format in ["text", "markdown", "github-pr-comment"] {
        let said = |view| bytes(format, &RenderInput::with_diff(&result, view));
        let (quiet, out) = (said(&DiffView::default()), said(&view));
        assert!(out.contains("uppressed by this change: ") && out.contains("3 (inline=2, config=0, baseline=1)"), "{out}");
        assert!(!quiet.contains("by this change"), "{quiet}");
    }
}

#[test]
fn the_gate_counts_what_is_not_suppressed() {
    let result = typical();
    let text =
        |threshold| bytes("text", &with(&result, RenderOptions { fail_on_severity: threshold, ..RenderOptions::default() }));
    assert!(text(None).contains("fail-on-severity: none\n"));
    assert!(text(Some(Severity::High)).contains("fail-on-severity: high (failed: 3 findings at or above)\n"));
    let mut clean = typical();
    clean.findings.retain(Finding::is_suppressed);
    let clean =
        bytes("text", &with(&clean, RenderOptions { fail_on_severity: Some(Severity::Info), ..RenderOptions::default() }));
    assert!(clean.contains("fail-on-severity: info (passed)\n"), "{clean}");
}

#[test]
fn write_failures_are_errors() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    for renderer in textual() {
        let result = hostile();
        let error = renderer.render(&RenderInput::new(&result), &mut Full).unwrap_err();
        assert_eq!(error.code(), "io", "{}", renderer.id());
        assert_eq!(render(renderer.id(), &RenderInput::new(&result), &mut Full).unwrap_err().code(), "io");
    }
}

#[test]
fn every_format_says_what_it_is() {
    for renderer in textual() {
        assert!(find(renderer.id()).is_ok() && !renderer.about().is_empty() && renderer.media_type().contains('/'));
    }
}
