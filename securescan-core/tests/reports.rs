//! `report-html` and `report-pdf`: whole in themselves, inert whatever they are given, and saying what is missing.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::string_slice, reason = "a failing test panics")]

mod common;

use common::samples::{NAMES, hostile, sample, typical};
use securescan_core::model::{Endpoint, Reporter};
use securescan_core::render::{DiffView, RenderInput, RenderOptions, render};
use securescan_core::{Finding, Package, ScanResult, ScanType, ScannerRun, ScannerStatus, Severity};
use std::collections::{BTreeMap, BTreeSet};

fn html(input: &RenderInput<'_>) -> String {
    let mut out = Vec::new();
    render("report-html", input, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn scored(result: &ScanResult) -> RenderInput<'_> {
    RenderInput { risk_score: Some(61.84), ..RenderInput::new(result) }
}

/// A start tag as it stands.
#[derive(Debug)]
struct Element<'p> {
    name: &'p str,
    attributes: BTreeMap<&'p str, &'p str>,
}

const VOID: [&str; 3] = ["meta", "col", "br"];
/// SVG elements that we close in themselves.
const DRAWN: [&str; 3] = ["path", "circle", "rect"];

/// Reads a page more strictly than any browser: every tag closed and in order, every attribute quoted, no bare `<` or `&`.
fn read(page: &str) -> Vec<Element<'_>> {
    let body = page.strip_prefix("<!DOCTYPE html>\n").unwrap();
    let (before, rest) = body.split_once("<style>").unwrap();
    let (_, after) = rest.split_once("</style>").unwrap();
    let (mut elements, mut open) = (Vec::new(), Vec::new());
    for part in [before, after] {
        let mut rest = part;
        while let Some(at) = rest.find('<') {
            check_text(&rest[..at]);
            let end = rest[at..].find('>').unwrap() + at;
            tag(&rest[at + 1..end], &mut elements, &mut open);
            rest = &rest[end + 1..];
        }
        check_text(rest);
    }
    assert!(open.is_empty(), "left open: {open:?}");
    elements
}

fn tag<'p>(tag: &'p str, elements: &mut Vec<Element<'p>>, open: &mut Vec<&'p str>) {
    if let Some(name) = tag.strip_prefix('/') {
        assert_eq!(open.pop(), Some(name));
        return;
    }
    let (tag, closed) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
    let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
    assert!(!name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric()), "{tag}");
    let mut attributes = BTreeMap::new();
    while !rest.trim().is_empty() {
        let key = rest.trim_start().split(['=', ' ']).next().unwrap();
        let after = &rest.trim_start()[key.len()..];
        let (value, next) = match after.strip_prefix("=\"") {
            Some(quoted) => quoted.split_once('"').unwrap(),
            None => ("", after),
        };
        check_text(value);
        assert!(attributes.insert(key, value).is_none(), "{tag}");
        rest = next;
    }
    assert_eq!(closed, DRAWN.contains(&name), "{tag}");
    if !closed && !VOID.contains(&name) {
        open.push(name);
    }
    elements.push(Element { name, attributes });
}

/// Nothing that a browser would read as markup, and no character that acts on the reader.
fn check_text(text: &str) {
    assert!(!text.contains(['<', '>', '"', '\'']), "{text}");
    for after in text.split('&').skip(1) {
        assert!(["amp;", "lt;", "gt;", "quot;", "#39;"].iter().any(|e| after.starts_with(e)), "&{after}");
    }
    let acts = |c: &char| {
        (c.is_control() && *c != '\n') || ('\u{2028}'..='\u{202e}').contains(c) || ('\u{2066}'..='\u{2069}').contains(c)
    };
    assert_eq!(text.chars().find(acts), None);
}

fn check_page(page: &str) {
    let elements = read(page);
    let known: BTreeSet<&str> =
        ("html head meta title style body header footer main nav section div p a h1 h2 h3 h4 b i strong code span \
        ul ol li dl dt dd table caption colgroup col thead tbody tr th td details summary svg path circle rect g text")
            .split_whitespace()
            .collect();
    let allowed: BTreeSet<&str> =
        ("lang charset name content http-equiv class id href rel role scope open d x y r cx cy width height viewBox \
        pathLength transform preserveAspectRatio stroke-dasharray stroke-dashoffset aria-label aria-labelledby aria-hidden")
            .split_whitespace()
            .collect();
    let mut ids = BTreeSet::new();
    for element in &elements {
        assert!(known.contains(element.name), "{element:?}");
        for key in element.attributes.keys() {
            assert!(allowed.contains(key), "{element:?}");
        }
        if let Some(id) = element.attributes.get("id") {
            assert!(ids.insert(*id), "twice: {id}");
        }
        if element.name == "svg" {
            let said = element.attributes.contains_key("aria-hidden") || element.attributes.get("role") == Some(&"img");
            assert!(said, "{element:?}");
        }
    }
    for link in elements.iter().filter_map(|e| e.attributes.get("href")) {
        let inside = link.strip_prefix('#').is_some_and(|id| ids.contains(id));
        assert!(inside || link.starts_with("https://") || link.starts_with("http://"), "{link}");
    }
    let count = |name: &str| elements.iter().filter(|e| e.name == name).count();
    assert_eq!([count("main"), count("header"), count("footer"), count("nav"), count("h1")], [1; 5]);
    assert!(elements.iter().filter(|e| e.name == "th").all(|e| e.attributes.contains_key("scope")));
    let policy = elements.iter().find(|e| e.attributes.get("http-equiv") == Some(&"Content-Security-Policy")).unwrap();
    let policy = policy.attributes["content"];
    assert!(policy.starts_with("default-src &#39;none&#39;; style-src &#39;sha256-"), "{policy}");
    let style = page.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    assert!(!["url(", "@import", "http", "<"].iter().any(|word| style.contains(word)));
}

fn everything() -> RenderOptions {
    RenderOptions {
        show_suppressed: true,
        fail_on_severity: Some(Severity::High),
        repo: Some("acme/shop".into()),
        sha: Some("0123456789abcdef0123456789abcdef01234567".into()),
        timings: true,
        generated_at: Some("2026-01-02 03:04 UTC".into()),
        ..RenderOptions::default()
    }
}

#[test]
fn every_sample_is_a_sound_page() {
    for name in NAMES {
        let result = sample(name);
        for options in [RenderOptions::default(), everything()] {
            check_page(&html(&RenderInput { options, ..scored(&result) }));
        }
    }
}

/// A finding and a run with the same text in every place a text can be.
fn full_of(evil: &str) -> ScanResult {
    let text = || Some(evil.to_owned());
    let mut finding = Finding::new(evil, ScanType::Dependency, Severity::High, evil);
    finding.description = format!("{evil} {evil}");
    (finding.remediation, finding.fingerprint, finding.id) = (evil.into(), evil.into(), evil.into());
    (finding.file_path, finding.rule_id, finding.cwe) = (text(), text(), text());
    (finding.vulnerability_ids, finding.references, finding.compliance_tags) =
        (vec![evil.into()], vec![evil.into()], vec![evil.into()]);
    finding.package = Some(Box::new(Package {
        ecosystem: evil.into(),
        name: evil.into(),
        version: text(),
        fixed_version: text(),
        purl: text(),
    }));
    finding.metadata.also_reported_by = vec![Reporter { scanner: evil.into(), rule_id: text(), ..Reporter::default() }];
    finding.metadata.endpoint = Some(Box::new(Endpoint {
        method: text(),
        scheme: text(),
        host: text(),
        path: text(),
        protocol: text(),
        parameters: vec![evil.into()],
        ..Endpoint::default()
    }));
    let mut elsewhere = finding.clone();
    elsewhere.file_path = None;
    let mut nowhere = elsewhere.clone();
    nowhere.package = None;
    let mut run = ScannerRun::new(evil, ScanType::Code, ScannerStatus::Failed);
    (run.reason, run.install_hint, run.version) = (text(), text(), text());
    ScanResult { target: evil.into(), scanners: vec![run], findings: vec![finding, elsewhere, nowhere] }
}

#[test]
fn no_text_becomes_markup_anywhere() {
    let evils = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)' x='",
        "</title></style></code></details><svg onload=alert(1)>",
        "javascript:alert(1)",
        "https://x.example/\" onclick=\"alert(1)",
        "<!-- ",
        "]]>",
        "&lt;script&gt; &#x3c;b&#x3e;",
        "`<b>`",
        "{{7*7}} ${7*7}",
        "\u{202e}evil\u{2066}\u{200b}\u{feff}\0\x1b[31m",
        "\u{0}",
        "",
        " \n\t ",
        "%3Cscript%3E",
    ];
    for evil in evils {
        let result = full_of(evil);
        let options =
            || RenderOptions { repo: Some(evil.into()), sha: Some(evil.into()), generated_at: Some(evil.into()), ..everything() };
        check_page(&html(&RenderInput { options: options(), ..scored(&result) }));
        let view = DiffView {
            new: &result.findings,
            fixed: &result.findings,
            not_scanned: &result.findings,
            base_ref: Some(evil),
            head_ref: Some(evil),
            ..DiffView::default()
        };
        check_page(&html(&RenderInput { options: options(), ..RenderInput::with_diff(&result, &view) }));
    }
}

#[test]
fn suppressed_findings_are_counted_and_shown_only_on_request() {
    let result = typical();
    let hidden = html(&scored(&result));
    assert!(hidden.contains("3 findings are suppressed: 1 by comments in the source") && !hidden.contains("Intentional eval"));
    let shown = html(&RenderInput { options: everything(), ..scored(&result) });
    assert_eq!(shown.matches("class=\"f off\"").count(), 3);
    assert_eq!(hidden.matches("<details").count() + 3, shown.matches("<details").count());
    assert!(hidden.contains("<dd>6 findings</dd>") && shown.contains("<dd>6 findings</dd>"));
}

#[test]
fn what_is_missing_is_said_at_the_top() {
    let mut result = sample("empty");
    assert!(!html(&scored(&result)).contains("class=\"warning\""));
    for status in [ScannerStatus::Failed, ScannerStatus::TimedOut, ScannerStatus::Partial] {
        result.scanners[1].status = status;
        let page = html(&scored(&result));
        let warned = page.find("This scan is incomplete").unwrap();
        assert!(warned < page.find("<main>").unwrap() && page.contains("this is not a clean result"));
    }
    result.scanners.clear();
    assert!(html(&scored(&result)).contains("It is not known what was scanned."));
}

#[test]
fn time_is_shown_only_when_given() {
    let result = typical();
    assert!(!html(&scored(&result)).contains("Generated") && !html(&scored(&result)).contains("0.1 s"));
    let page = html(&RenderInput { options: everything(), ..scored(&result) });
    assert!(page.contains("<dd>2026-01-02 03:04 UTC</dd>") && page.contains("0.1 s"));
}

#[test]
fn a_diff_tells_its_sides_apart() {
    let result = typical();
    let (new, rest) = result.findings.split_at(2);
    let (fixed, lost) = rest.split_at(4);
    let view = DiffView {
        new,
        fixed,
        not_scanned: lost,
        unchanged_count: 14,
        base_ref: Some("main"),
        head_ref: Some("HEAD"),
        ..DiffView::default()
    };
    let page = html(&RenderInput::with_diff(&result, &view));
    check_page(&page);
    for part in [
        "Security change review",
        "2 new findings, 2 critical or high. 1 fixed, 14 unchanged, 3 not scanned again.",
        "<dd>main</dd>",
        "id=\"gone\"",
        "id=\"unknown\"",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("class=\"gauge"), "a diff has no score");
}

fn many(count: u32) -> ScanResult {
    let finding = |n: u32| {
        let mut f = Finding::new("s", ScanType::Code, Severity::ALL[n as usize % 5], format!("Title of finding {n}"));
        f.rule_id = Some(format!("rule-{}", n % 200));
        f.description = format!("What rule {} is about, in a sentence or two of the usual length.", n % 200);
        (f.file_path, f.line) = (Some(format!("src/part{}/file.py", n % 900)), Some(n + 1));
        f.fingerprint = format!("{n:064x}");
        f
    };
    ScanResult { findings: (0..count).map(finding).collect(), ..ScanResult::default() }
}

#[test]
fn size_grows_with_the_findings_and_no_faster() {
    let (small, large) = (html(&scored(&many(2_000))).len(), html(&scored(&many(20_000))).len());
    assert!(large < small * 11 && large < 20_000 * 700, "{small} {large}");
    assert!(html(&scored(&hostile())).len() < 120_000, "long texts are cut");
}

#[cfg(feature = "pdf")]
mod pdf {
    use super::*;
    use std::process::{Command, Stdio};

    fn pdf(input: &RenderInput<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        render("report-pdf", input, &mut out).unwrap();
        out
    }

    /// Header, cross references that point at objects, trailer.
    fn check_structure(bytes: &[u8]) {
        let find = |what: &[u8]| bytes.windows(what.len()).rposition(|w| w == what);
        assert!(bytes.starts_with(b"%PDF-1.7"));
        assert!(bytes.ends_with(b"%%EOF\n"));
        let at = find(b"startxref").unwrap();
        let offset: usize = std::str::from_utf8(&bytes[at + 9..]).unwrap().split_whitespace().next().unwrap().parse().unwrap();
        let table = String::from_utf8_lossy(&bytes[offset..at]);
        assert!(table.starts_with("xref"), "{}", &table[..40.min(table.len())]);
        let entries: Vec<&str> = table.lines().filter(|l| l.trim_end().ends_with(" n")).collect();
        assert!(entries.len() > 10);
        for entry in entries {
            let offset: usize = entry[..10].parse().unwrap();
            let object = String::from_utf8_lossy(&bytes[offset..(offset + 20).min(bytes.len())]).into_owned();
            assert!(object.contains(" 0 obj"), "{object}");
        }
        for part in [&b"/StructTreeRoot"[..], b"/Outlines", b"/MarkInfo", b"/Lang"] {
            assert!(find(part).is_some(), "{}", String::from_utf8_lossy(part));
        }
        for part in [&b"/CreationDate"[..], b"/ModDate", b"/JavaScript", b"/Launch", b"/EmbeddedFile"] {
            assert!(find(part).is_none(), "{}", String::from_utf8_lossy(part));
        }
    }

    /// The text of a PDF, by a tool that is not ours; none when it is absent.
    fn text(bytes: &[u8]) -> Option<String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let out = Command::new("pdftotext").args(["-layout"]).arg(file.path()).arg("-").stderr(Stdio::null()).output();
        match out {
            Ok(out) if out.status.success() => Some(String::from_utf8_lossy(&out.stdout).into_owned()),
            _ => {
                println!("skipped: `pdftotext` is not here, so the text of the PDF was not read");
                None
            }
        }
    }

    #[test]
    fn every_sample_is_a_sound_document_and_always_the_same() {
        for name in NAMES {
            let result = sample(name);
            for options in [RenderOptions::default(), everything()] {
                let input = RenderInput { options, ..scored(&result) };
                let bytes = pdf(&input);
                check_structure(&bytes);
                assert!(bytes == pdf(&input), "{name}");
            }
        }
    }

    #[test]
    fn it_tells_what_the_page_tells() {
        let result = typical();
        let Some(text) = text(&pdf(&RenderInput { options: everything(), ..scored(&result) })) else { return };
        for part in [
            "Security assessment report",
            "Contents",
            "61.8",
            "Compliance",
            "Index by rule",
            "AWS access key",
            "config/local.yml:5:12",
            "suppressed by the baseline",
            "Revoke the key",
            "fixed in 2.32.0",
            "2026-01-02 03:04 UTC",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }

    #[test]
    fn what_is_missing_is_said_and_nothing_acts() {
        let result = hostile();
        let bytes = pdf(&scored(&result));
        let Some(text) = text(&bytes) else { return };
        assert!(text.contains("This scan is incomplete") && text.contains("written by their code"));
        assert!(!text.chars().any(|c| ('\u{202a}'..='\u{202e}').contains(&c)));
        assert!(!bytes.windows(11).any(|w| w == b"/URI (javas"));
    }

    #[test]
    fn many_findings_are_cut_and_it_says_so() {
        let result = many(1_500);
        let bytes = pdf(&scored(&result));
        check_structure(&bytes);
        let Some(text) = text(&bytes) else { return };
        assert!(text.contains("500 findings more, less severe, are left out here"));
    }
}
