use super::*;
use crate::model::{
    Endpoint, Findings, Package, Reporter, ScanType, ScannerRun, ScannerStatus, Severity, SkippedFile, SuppressedBy,
};
use proptest::prelude::*;
use std::io::Cursor;

fn compare(base: &[u8], head: &[u8]) -> Result<SnapshotDiff> {
    diff_snapshots(("base", Cursor::new(base)), ("head", Cursor::new(head)), &IngestOptions::default())
}

fn by_model(base: &[u8], head: &[u8]) -> Result<SnapshotDiff> {
    let whole = |name, bytes| Document { name, bytes: Cursor::new(bytes) }.whole(&IngestOptions::default());
    in_full(whole("base", base)?, whole("head", head)?)
}

fn is_outlined(text: &[u8]) -> bool {
    outline(text, usize::MAX).is_ok()
}

/// Few fingerprints, lines and files, so that there are repeats, moves and near misses.
fn finding() -> impl Strategy<Value = crate::Finding> {
    let texts = prop_oneof![Just("plain"), Just("q\"uo\\te\n\u{1}"), Just("üñí\u{1f980}"), Just("")];
    let who = (prop_oneof![Just("semgrep"), Just("bandit"), Just("trivy")], 0u8..5, 0u8..12, proptest::option::of(0u32..6));
    let reporters = proptest::collection::vec((prop_oneof![Just("trivy"), Just("x")], 0u8..12), 0..3);
    let suppressed = proptest::option::of(prop_oneof![Just(SuppressedBy::Inline), Just(SuppressedBy::Baseline)]);
    (who, texts, reporters, suppressed, any::<bool>(), 0u8..3).prop_map(|(who, text, reporters, suppressed, packed, file)| {
        let (scanner, severity, print, line) = who;
        let severity = Severity::ALL[usize::from(severity)];
        let mut f = crate::Finding::new(scanner, ScanType::Code, severity, text);
        f.fingerprint = format!("{print:064x}");
        f.description = format!("{text}{text}");
        f.line = line.filter(|l| *l > 0);
        f.file_path = Some(format!("dir/{file}{text}.py"));
        f.references = vec![text.to_owned(), "https://example.org".to_owned()];
        f.metadata.suppressed_by = suppressed;
        f.metadata.also_reported_by = reporters
            .into_iter()
            .map(|(scanner, print)| Reporter {
                scanner: scanner.into(),
                fingerprint: format!("{print:064x}"),
                ..Reporter::default()
            })
            .collect();
        if packed {
            f.package = Some(Box::new(Package { name: text.into(), version: Some("1".into()), ..Package::default() }));
            f.metadata.endpoint = Some(Box::new(Endpoint { port: Some(80), ..Endpoint::default() }));
            f.metadata.extra.insert("deep".into(), serde_json::json!({"a": [1, 2.5, -3, {"b": null, "c": [true, false]}]}));
        }
        f
    })
}

fn coverage() -> impl Strategy<Value = Vec<ScannerRun>> {
    use ScannerStatus::{Failed, Ok, Partial};
    let run = |name: &'static str| {
        (prop_oneof![Just(Ok), Just(Failed), Just(Partial)], 0u8..3).prop_map(move |(status, file)| {
            let mut run = ScannerRun::new(name, ScanType::Code, status);
            run.skipped = vec![SkippedFile { path: format!("dir/{file}plain.py"), why: "too long".into() }];
            run
        })
    };
    prop_oneof![Just(Vec::new()), (run("semgrep"), run("bandit")).prop_map(|(a, b)| vec![a, b])]
}

fn result() -> impl Strategy<Value = Findings> {
    (proptest::collection::vec(finding(), 0..14), coverage())
        .prop_map(|(findings, scanners)| Findings::from_result(ScanResult { target: "src".into(), scanners, findings }))
}

proptest! {
    #[test]
    fn documents_compare_as_the_model_does(base in result(), head in result(), bare in any::<bool>()) {
        let (base, head) = if bare { (base.to_json(), head.to_json()) } else { (base.to_snapshot_json(), head.to_snapshot_json()) };
        prop_assert!(is_outlined(base.as_bytes()) && is_outlined(head.as_bytes()), "our own documents take the short way");
        prop_assert_eq!(compare(base.as_bytes(), head.as_bytes()), by_model(base.as_bytes(), head.as_bytes()));
    }

    /// Damage of every kind: what the short way accepts, the model accepts, and both say the same.
    #[test]
    fn nothing_is_accepted_that_the_model_refuses(base in result(), at in any::<prop::sample::Index>(), cut in 0usize..4, patch in patches()) {
        let base = base.to_snapshot_json().into_bytes();
        let mut head = base.clone();
        let at = at.index(head.len());
        let end = (at + cut).min(head.len());
        head.splice(at..end, patch);
        prop_assert_eq!(compare(&base, &head), by_model(&base, &head));
        if is_outlined(&head) {
            prop_assert!(by_model(&base, &head).is_ok());
        }
    }
}

fn patches() -> impl Strategy<Value = Vec<u8>> {
    let pieces: &[&[u8]] = &[
        b"",
        b"\"",
        b"\\",
        b"\\u12",
        b"\\ud800",
        b"\\ud83e\\udd80",
        b"\x01",
        b"\xff",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"null",
        b"1e999",
        b"01",
        b"-",
        b"1.",
        b" ",
        b"\n",
        b"true",
        b"\"line\": 3,",
        b"\"line_start\": 4,",
        b"\"x\": [[[]]],",
        b"\"suppressed_by\": \"config\",",
        b"0",
        b"9",
        b"\"fingerprint\": \"\",",
        b"\"metadata\": null,",
        b"\xc3\xa9",
        b"\x7f",
        b"\xed\xa0\x80",
    ];
    prop_oneof![proptest::sample::select(pieces).prop_map(<[u8]>::to_vec), any::<u8>().prop_map(|byte| vec![byte]),]
}

const GOOD: &str = r#"{"scanner":"s","scan_type":"code","severity":"high","title":"t","fingerprint":"0000000000000000000000000000000000000000000000000000000000000001"}"#;

#[test]
fn odd_documents_take_the_long_way_to_the_same_result() {
    let with = |extra: &str| GOOD.replacen('{', &format!("{{{extra},"), 1);
    let odd = [
        r#""line":1e1"#,
        r#""line":"3""#,
        r#""line":-1"#,
        r#""line":3.0"#,
        r#""x":1e400"#,
        r#""metadata":{"x":1e400}"#,
        r#""line":99999999999"#,
        r#""title":"again""#,
        r#""confidence":"sure""#,
        r#""package":[]"#,
        r#""package":{"name":"a","name":"b"}"#,
        r#""references":[1]"#,
        r#""id":1"#,
        r#""metadata":{"suppressed\u005fby":"inline"}"#,
        r#""metadata":{"suppressed_by":{"inline":null}}"#,
        r#""x":"\ud800""#,
        r#""x":01"#,
    ];
    for extra in odd {
        let text = format!("[{}]", with(extra));
        assert!(!is_outlined(text.as_bytes()), "{extra}");
        assert_eq!(compare(b"[]", text.as_bytes()), by_model(b"[]", text.as_bytes()), "{extra}");
    }
    let plain = [
        r#""line":0,"line_start":7"#,
        r#""metadata":null"#,
        r#""metadata":{"suppressed_by":"other"}"#,
        r#""metadata":{"also_reported_by":"x"}"#,
        r#""metadata":{"also_reported_by":["x",{"scanner":"y","fingerprint":"ab"},3]}"#,
        r#""package":null"#,
        r#""x":{"y":[1,"\u00e9\ud83e\udd80",-0.5]}"#,
    ];
    for extra in plain {
        let text = format!("[{}]", with(extra));
        assert!(is_outlined(text.as_bytes()), "{extra}");
        assert_eq!(compare(b"[]", text.as_bytes()), by_model(b"[]", text.as_bytes()), "{extra}");
    }
}

#[test]
fn errors_name_document_place_and_item() {
    let error = compare(b"[]", format!("[{GOOD},\n {{\"scanner\":\"s\"}}]").as_bytes()).unwrap_err();
    assert_eq!((error.file(), error.line(), error.code()), (Some("head"), Some(2), "parse"));
    assert!(error.message().starts_with("finding 1: missing field"), "{error}");
    let error = compare(b"[", b"[]").unwrap_err();
    assert_eq!((error.file(), error.byte()), (Some("base"), Some(1)));
    let few = IngestOptions { max_findings: 1, ..IngestOptions::default() };
    let two = format!("[{GOOD},{GOOD}]");
    let limited = diff_snapshots(("base", Cursor::new(two.as_bytes())), ("head", Cursor::new(b"[]".as_slice())), &few);
    assert_eq!(limited.unwrap_err().code(), "limit");
}

#[test]
fn findings_without_identity_are_identified() {
    let bare = |line: u32, snippet: &str| {
        format!(
            r#"{{"scanner":"s","scan_type":"code","severity":"high","title":"t","rule_id":"r","file_path":"a.py","line":{line},"metadata":{{"line_snippet":"{snippet}"}}}}"#
        )
    };
    let base = format!("[{}]", bare(3, "eval(x)"));
    let head = format!("[{},{}]", bare(9, "  eval(x)  # moved"), bare(1, "eval(y)"));
    let done = compare(base.as_bytes(), head.as_bytes()).unwrap();
    assert_eq!((done.unchanged_count, done.diff.new.len(), done.diff.fixed.len()), (1, 1, 0));
}

/// Reads give a few bytes at a time, and one finding is longer than the window.
#[test]
fn pieces_of_any_size_read_the_same() {
    struct Drip<'a>(&'a [u8], usize);
    impl Read for Drip<'_> {
        fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
            self.1 = self.1 % 977 + 1;
            let count = self.1.min(room.len()).min(self.0.len());
            let (now, later) = self.0.split_at(count);
            room[..count].copy_from_slice(now);
            self.0 = later;
            Ok(count)
        }
    }
    let long = GOOD.replace("\"t\"", &format!("\"{}\"", "x\\n".repeat(400_000)));
    let items: Vec<&str> = std::iter::repeat_n(GOOD, 3_000).chain([long.as_str(), GOOD]).collect();
    let text = format!("{{\"target\":\"t\",\"findings\":[{}]}}  \n", items.join(" ,\n"));
    let got = outline(Drip(text.as_bytes(), 0), usize::MAX).unwrap();
    assert_eq!((got.entries.len(), got.target.as_str()), (3_002, "t"));
    for (entry, item) in got.entries.iter().zip(&items) {
        let start = usize::try_from(entry.offset).unwrap();
        assert_eq!(text.get(start..start + entry.length as usize), Some(*item));
    }
}

#[test]
fn deep_values_are_left_to_the_model() {
    for place in ["{\"x\":", "{\"metadata\":{\"x\":"] {
        let close = if place.contains("metadata") { "}," } else { "," };
        let deep = GOOD.replacen('{', &format!("{place}{}{}{close}", "[".repeat(100_000), "]".repeat(100_000)), 1);
        let deep = format!("[{deep}]");
        assert!(!is_outlined(deep.as_bytes()));
        assert_eq!(compare(deep.as_bytes(), b"[]"), by_model(deep.as_bytes(), b"[]"));
    }
}
