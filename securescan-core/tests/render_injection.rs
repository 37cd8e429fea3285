//! Hostile text in every field, through every renderer: each output is read with its own format's reader, and what was data is data.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::string_slice, reason = "a failing test panics")]

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use securescan_core::model::Endpoint;
use securescan_core::render::{DiffKind, DiffView, RENDERERS, RenderInput, RenderOptions, escape, is_binary, render};
use securescan_core::{Finding, Package, ScanResult, ScanType, ScannerRun, ScannerStatus, Severity};
use serde_json::Value;

/// What a hostile author writes. One line each says what it is after.
const CORPUS: &[&str] = &[
    // Markdown: emphasis, links, images, references, footnotes, strike-through, math, tasks.
    "**b** __b__ *i* _i_ ~~s~~ [l](javascript:alert(1)) ![i](http://evil.example/x.png) [r]: http://evil.example [^1] $x$ $$y$$",
    "[ref]: http://evil.example\n[ref] [x] [ ] - [x] done ![a][ref] <http://evil.example> <me@evil.example>",
    // Blocks: headings, rules, lists, quotes, alerts, code, tables.
    "x\n# Heading\n\n---\n- item\n1. one\n> [!CAUTION]\n> q\n\n    code\n\n| a | b |\n| - | - |\n| 1 | 2 |\n===\n",
    "a | b || c \\| d \\\\| e |\n| forged | row |",
    // Fences and code spans.
    "```suggestion\nrm -rf /\n``` ```` `a` ``b`` ` ~~~ \\` end`",
    "`",
    "``` ",
    "\\",
    "a\\",
    "|",
    "\\|",
    "``|``",
    // HTML, entities, comments, forged markers.
    "<script>alert(1)</script><img src=x onerror=alert(1)><details><summary>x</summary></table></sub>",
    "&lt;b&gt; &amp;#64; &#x40;team <!-- securescan:diff --> --> <!-- securescan:fp:deadbeefdead -->",
    "<!-- securescan:diff -->",
    "<!-- securescan:compare -->\n",
    "-->",
    // What a code host links: people, issues, commits, addresses, emoji.
    "@octocat cc @acme/security #1 acme/shop#2 GH-3 gh-4 https://evil.example www.evil.example ftp://x mailto:a@b.example me@evil.example",
    "0123456789abcdef0123456789abcdef01234567 acme@0123456 acme/shop@deadbeefcafe :tada: :+1:",
    // Workflow commands.
    "::error file=x::injected",
    "x\n::set-output name=a::b\r\n::add-mask::x",
    "##[error]x ##vso[task.setvariable]y",
    "%0A::stop-commands::t %25,:",
    // Formulas, quotes, rows.
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    " =HYPERLINK(\"http://evil.example\")",
    "＝1",
    "a\",\"b\r\nforged,row",
    "x;=1+1",
    // XML.
    "]]> <![CDATA[x]]> <?xml version=\"1.0\"?> <!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]> &e; </failure></testcase>",
    "\0\u{1}\u{8}\u{b}\u{c}\u{e}\u{1f}\u{7f}\u{80}\u{9f}\u{fffe}\u{ffff}\u{10ffff}",
    // Terminals and eyes.
    "\u{1b}[31mred\u{1b}]0;t\u{7}\u{1b}]8;;http://evil.example\u{7}\u{9b}2J",
    "\u{202e}gnp.exe\u{2066}\u{200b}\u{feff}\u{2028}\u{2029}\u{ad}",
    // JSON, nothing, much.
    "\"},{\"x\":\"\\u0000",
    "",
    " \n\t ",
    "{{ x }} ${x} %s {0}",
];

fn hostile(text: &str, file: Option<&str>) -> Finding {
    let mut finding = Finding::new(text, ScanType::Code, Severity::High, text);
    finding.description = text.into();
    finding.remediation = text.into();
    finding.file_path = file.map(str::to_owned);
    (finding.line, finding.end_line, finding.column) = (Some(3), Some(4), Some(2));
    finding.rule_id = Some(text.into());
    finding.cwe = Some(text.into());
    finding.vulnerability_ids = vec![text.into(), format!("CVE-{text}")];
    finding.references = vec![text.into(), format!("https://ok.example/{text}")];
    finding.compliance_tags = vec![text.into()];
    finding.fingerprint = text.into();
    finding
}

/// A scan with a text in every field of findings, scanners and target.
fn result(text: &str) -> ScanResult {
    let mut plain = hostile(text, Some("src/app.py"));
    plain.severity = Severity::Critical;
    let mut package = hostile(text, None);
    let (version, fixed_version, purl) = (Some(text.into()), Some(text.into()), Some(text.into()));
    package.package = Some(Box::new(Package { ecosystem: text.into(), name: text.into(), version, fixed_version, purl }));
    let mut endpoint = hostile(text, None);
    endpoint.severity = Severity::Low;
    endpoint.metadata.endpoint = Some(Box::new(Endpoint {
        method: Some(text.into()),
        host: Some(text.into()),
        path: Some(text.into()),
        ..Endpoint::default()
    }));
    let scanners = [ScannerStatus::Failed, ScannerStatus::Partial, ScannerStatus::Skipped].map(|status| {
        let mut run = ScannerRun::new(text, ScanType::Code, status);
        (run.reason, run.install_hint, run.version) = (Some(text.into()), Some(text.into()), Some(text.into()));
        run
    });
    ScanResult {
        target: text.into(),
        scanners: scanners.into(),
        findings: vec![plain, hostile(text, Some(text)), package, endpoint],
    }
}

fn options(text: &str) -> [RenderOptions; 2] {
    let linked = RenderOptions {
        repo: Some("acme/shop".into()),
        sha: Some("0123456789abcdef0123456789abcdef01234567".into()),
        show_suppressed: true,
        ..RenderOptions::default()
    };
    [RenderOptions { repo: Some(text.into()), sha: Some(text.into()), ..RenderOptions::default() }, linked]
}

/// Renders a text as a scan, a diff and a comparison, and shows each output.
fn each(format: &str, mut check: impl FnMut(&str, &str, &RenderInput<'_>)) {
    for text in CORPUS {
        let result = result(text);
        for options in options(text) {
            for kind in [None, Some(DiffKind::Diff), Some(DiffKind::Compare)] {
                let view = DiffView {
                    new: &result.findings,
                    fixed: &result.findings,
                    not_scanned: &result.findings,
                    base_ref: Some(text),
                    head_ref: Some(text),
                    kind: kind.unwrap_or_default(),
                    ..DiffView::default()
                };
                let base = if kind.is_some() { RenderInput::with_diff(&result, &view) } else { RenderInput::new(&result) };
                let input = RenderInput { options: options.clone(), ..base };
                let mut out = Vec::new();
                render(format, &input, &mut out).unwrap();
                check(text, &String::from_utf8(out).unwrap(), &input);
            }
        }
    }
}

fn acts(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t') || ('\u{2028}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c)
}

#[test]
fn no_format_passes_bytes_that_act() {
    for renderer in RENDERERS.iter().filter(|renderer| !is_binary(**renderer)) {
        each(renderer.id(), |text, out, _| {
            assert_eq!(
                out.chars().find(|c| acts(*c) && !renderer.media_type().contains("json")),
                None,
                "{} {text:?}",
                renderer.id()
            );
            // The payload of a review is the body of a request, not a file of lines.
            assert!(out.ends_with('\n') || renderer.id() == "github-review", "{}", renderer.id());
        });
    }
}

#[test]
fn csv_is_a_table_of_inert_cells() {
    each("csv", |text, out, input| {
        let mut reader = csv::ReaderBuilder::new().has_headers(true).from_reader(out.as_bytes());
        let header = reader.headers().unwrap().clone();
        assert!(out.starts_with("severity,scanner,title,file,line,rule_id,cwe,description,remediation"));
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let lists = if input.diff.is_some() { 3 } else { 1 };
        assert_eq!(rows.len(), lists * input.result.findings.len() + 2, "{text:?}\n{out}");
        for cell in rows.iter().flat_map(csv::StringRecord::iter) {
            assert!(
                !cell.trim_start().starts_with(['=', '+', '-', '@', '＝']) && !cell.starts_with(['\t', '\r']),
                "{text:?}: {cell:?}"
            );
        }
        let title = header.iter().position(|name| name == "title").unwrap();
        let plain = escape::lines(text);
        assert_eq!(rows[0][title].trim_start_matches('\''), plain.trim_start_matches('\''), "{text:?}");
    });
}

#[test]
fn junit_is_xml_with_our_elements_alone() {
    use quick_xml::events::Event as Xml;
    const ELEMENTS: [&str; 10] = [
        "testsuites",
        "testsuite",
        "properties",
        "property",
        "testcase",
        "failure",
        "error",
        "skipped",
        "system-out",
        "system-err",
    ];
    each("junit", |text, out, input| {
        assert!(
            out.chars().all(|c| matches!(c, '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)),
            "{text:?}"
        );
        let mut reader = quick_xml::Reader::from_str(out);
        reader.config_mut().check_end_names = true;
        let (mut cases, mut failures) = (0, 0);
        loop {
            match reader.read_event().unwrap() {
                Xml::Start(tag) | Xml::Empty(tag) => {
                    let name = tag.name().as_ref().to_owned();
                    assert!(ELEMENTS.contains(&name.as_str()), "{text:?}: {name}");
                    assert!(tag.attributes().all(|attribute| attribute.is_ok()), "{text:?}");
                    cases += usize::from(name == "testcase");
                    failures += usize::from(name == "failure");
                }
                Xml::Comment(_) | Xml::CData(_) | Xml::PI(_) | Xml::DocType(_) => panic!("{text:?}: {out}"),
                Xml::Eof => break,
                _ => {}
            }
        }
        assert_eq!(failures, input.result.findings.len(), "{text:?}");
        let lost = usize::from(input.diff.is_some());
        // One test in error for each of two unfinished scanners; the skipped one takes no findings but has none of its own.
        assert_eq!(cases, failures + 3 + lost, "{text:?}\n{out}");
    });
}

#[test]
fn gitlab_reports_are_json_with_web_links_alone() {
    each("gitlab-sast", |text, out, _| {
        let report: Value = serde_json::from_str(out).unwrap();
        let list = report["vulnerabilities"].as_array().unwrap();
        let in_files = if escape::line(text).trim_start_matches(['.', '/']).is_empty() { 1 } else { 2 };
        assert_eq!(list.len(), in_files, "{text:?}");
        for item in list {
            let urls = item["links"].as_array().into_iter().chain(item["identifiers"].as_array()).flatten();
            for url in urls.filter_map(|link| link["url"].as_str()) {
                assert!(
                    url.starts_with("https://") && url.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'<'),
                    "{url}"
                );
            }
        }
        assert_eq!(report["scan"]["status"], "failure");
    });
    each("gitlab-codequality", |text, out, input| {
        let report: Value = serde_json::from_str(out).unwrap();
        let list = report.as_array().unwrap();
        assert_eq!(list.len(), input.result.findings.len() + 2, "{text:?}");
        for issue in list {
            let path = issue["location"]["path"].as_str().unwrap();
            assert!(!path.is_empty() && !path.starts_with("./") && !path.starts_with('/'), "{path:?}");
        }
    });
}

/// One command as the runner reads it: kind, properties, message.
fn command(line: &str) -> (String, Vec<(String, String)>, String) {
    let (head, message) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
    let (kind, properties) = head.split_once(' ').unwrap();
    let undo =
        |text: &str| text.replace("%0D", "\r").replace("%0A", "\n").replace("%3A", ":").replace("%2C", ",").replace("%25", "%");
    let properties = properties.split(',').map(|property| {
        let (name, value) = property.split_once('=').unwrap();
        (name.to_owned(), undo(value))
    });
    (kind.to_owned(), properties.collect(), undo(message))
}

#[test]
fn annotations_are_the_commands_we_mean() {
    each("github-annotations", |text, out, input| {
        let mut lines: Vec<&str> = out.lines().collect();
        let last = lines.pop().unwrap();
        assert!(last.starts_with("SecureScan: ") && !last.contains("::"), "{last}");
        assert_eq!(lines.len(), input.result.findings.len() + 1, "{text:?}\n{out}");
        for line in lines {
            let (kind, properties, message) = command(line);
            assert!(["error", "warning", "notice"].contains(&kind.as_str()), "{line}");
            let names: Vec<&str> = properties.iter().map(|(name, _)| name.as_str()).collect();
            let known = [vec!["title"], vec!["file", "line", "endLine", "title"]];
            assert!(known.contains(&names), "{names:?}");
            assert!(!message.is_empty());
            if let Some((_, file)) = properties.iter().find(|(name, _)| name == "file") {
                assert!(*file == "src/app.py" || *file == escape::line(text), "{file:?}");
            }
        }
    });
}

/// What GitHub's own Markdown has.
fn gfm() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM
        | Options::ENABLE_MATH
}

/// What runs over the output of the Markdown parser must find nothing in a text outside code.
fn assert_no_autolinks(shown: &str, text: &str) {
    let chars: Vec<char> = shown.chars().collect();
    let word = |at: usize| chars.get(at).is_some_and(|c| c.is_alphanumeric());
    for (at, c) in chars.iter().enumerate() {
        match c {
            '@' | '#' => assert!(!word(at + 1), "{text:?}: {shown:?}"),
            // `://`, and an emoji's name up to the next colon.
            ':' => {
                let rest = chars.get(at + 1..).unwrap_or_default();
                let end = rest.iter().position(|c| !c.is_alphanumeric() && !"_+-".contains(*c));
                let emoji = end.is_some_and(|end| end > 0 && rest[end] == ':');
                assert!(!emoji && rest.first() != Some(&'/'), "{text:?}: {shown:?}");
            }
            _ => {}
        }
    }
    let lower = shown.to_lowercase();
    assert!(!lower.contains("www.") && !lower.contains("gh-3") && !lower.contains("gh-4"), "{shown:?}");
    let longest = shown.split(|c: char| !c.is_ascii_hexdigit()).map(str::len).max().unwrap_or(0);
    assert!(longest < 7, "{text:?}: {shown:?}");
}

/// Everything the page may hold, counted; the shown text of each cell, by row.
fn read_page(out: &str, text: &str) -> Vec<Vec<String>> {
    const INLINE: [&str; 4] = ["<code>", "</code>", "<sub>", "</sub>"];
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut headings = 0;
    let (mut code, mut head) = (false, false);
    for event in Parser::new_ext(out, gfm()) {
        match event {
            Event::Start(tag) => match tag {
                Tag::Paragraph
                | Tag::Strong
                | Tag::Emphasis
                | Tag::BlockQuote(_)
                | Tag::List(None)
                | Tag::Item
                | Tag::HtmlBlock => {}
                Tag::Table(_) => {}
                Tag::TableHead => head = true,
                Tag::Heading { .. } => headings += 1,
                Tag::TableRow => rows.push(Vec::new()),
                Tag::TableCell if head => {}
                Tag::TableCell => rows.last_mut().unwrap().push(String::new()),
                Tag::Link { dest_url, .. } => {
                    let ours = "https://github.com/acme/shop/blob/0123456789abcdef0123456789abcdef01234567/";
                    let rest = dest_url.strip_prefix(ours).unwrap_or_else(|| panic!("{text:?}: {dest_url}"));
                    assert!(rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/%#".contains(&b)), "{rest}");
                }
                other => panic!("{text:?}: {other:?}\n{out}"),
            },
            Event::End(TagEnd::TableHead) => head = false,
            Event::End(TagEnd::Table) => rows.push(Vec::new()),
            Event::End(_) | Event::SoftBreak | Event::HardBreak => {}
            Event::Text(shown) => {
                if !code {
                    assert_no_autolinks(&shown, text);
                }
                if let Some(cell) = rows.last_mut().and_then(|row| row.last_mut()) {
                    cell.push_str(&shown);
                }
            }
            Event::Code(shown) => {
                if let Some(cell) = rows.last_mut().and_then(|row| row.last_mut()) {
                    cell.push_str(&shown);
                }
            }
            Event::InlineHtml(html) => {
                assert!(INLINE.contains(&&*html), "{text:?}: {html}");
                code = &*html == "<code>";
            }
            Event::Html(html) => {
                let html = html.trim_end();
                let known = html.starts_with("<details><summary>") && html.ends_with(")</summary>") && html.len() < 70
                    || ["</details>", "<!-- securescan:diff -->", "<!-- securescan:compare -->"].contains(&html);
                assert!(known || html.starts_with("<sub>Run `securescan ") || html.is_empty(), "{text:?}: {html}");
            }
            other => panic!("{text:?}: {other:?}\n{out}"),
        }
    }
    assert_eq!(headings, 1, "{text:?}\n{out}");
    rows.retain(|row| !row.is_empty());
    rows
}

#[test]
fn markdown_holds_nothing_but_our_own_markup() {
    for format in ["github-pr-comment", "markdown"] {
        each(format, |text, out, input| {
            let rows = read_page(out, text);
            let findings = input.result.findings.len();
            let scanners = if format == "markdown" { input.result.scanners.len() } else { 0 };
            assert_eq!(rows.len(), findings + scanners, "{format} {text:?}\n{out}");
            let columns = if format == "markdown" { 6 } else { 5 };
            let title = if format == "markdown" { 3 } else { 2 };
            let mut want = escape::line(text);
            if want.is_empty() {
                want = "(untitled)".into();
            }
            for row in rows.iter().take(findings) {
                assert_eq!(row.len(), columns, "{row:?}");
                assert_eq!(row[title].replace('\u{200b}', ""), want, "what is shown is what was said");
            }
            let marker = match input.diff.map(|diff| diff.kind) {
                Some(DiffKind::Compare) => "<!-- securescan:compare -->\n",
                _ => "<!-- securescan:diff -->\n",
            };
            let markers = out.matches("<!--").count();
            assert_eq!((out.starts_with(marker), markers), if format == "markdown" { (false, 0) } else { (true, 1) }, "{text:?}");
        });
    }
}
