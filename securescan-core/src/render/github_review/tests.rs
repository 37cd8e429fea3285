#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

use super::words::length;
use super::*;
use crate::diff_lines::DiffLines;
use crate::model::{ScanResult, ScanType, ScannerRun, ScannerStatus, Severity, SuppressedBy};
use crate::render::limits::GITHUB_BODY;
use crate::render::{Changes, DiffKind, DiffView, RenderOptions};
use crate::source::{MemorySources, NoSources};
use serde_json::Value;

const SHA: &str = "0123456789abcdef0123456789abcdef01234567";
const DIFF: &[u8] =
    b"+++ b/src/app.py\n@@ -1,2 +1,4 @@\n import os\n+x = 1\n+y = eval(x)\n print(1)\n@@ -10,2 +12,3 @@\n a\n-b\n+c\n+d\n";

fn hex(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn finding(severity: Severity, title: &str, file: &str, line: u32) -> Finding {
    let mut f = Finding::new("semgrep", ScanType::Code, severity, title);
    f.file_path = Some(file.into());
    f.line = Some(line);
    f.rule_id = Some("python.eval".into());
    f.fingerprint = hex(&format!("{title}{file}{line}"));
    f
}

fn eval() -> Finding {
    let mut f = finding(Severity::High, "Use of eval()", "src/app.py", 3);
    f.cwe = Some("CWE-95".into());
    f.description = "Detected eval(). Arbitrary input is dangerous.".into();
    f.remediation = "Use ast.literal_eval.".into();
    f
}

fn head(text: &str) -> MemorySources {
    MemorySources([("src/app.py".to_owned(), text.as_bytes().into())].into())
}

fn render(new: &[Finding], fixed: &[Finding], head: &dyn crate::source::Sources, options: RenderOptions) -> Value {
    let lines = DiffLines::read(DIFF);
    let changes = Changes { lines: &lines, head, prefix: "" };
    let result = ScanResult::default();
    let view = DiffView { new, fixed, kind: DiffKind::Diff, ..DiffView::default() };
    let options = RenderOptions { repo: Some("o/r".into()), sha: Some(SHA.into()), ..options };
    let input = RenderInput { options, changes: Some(&changes), ..RenderInput::with_diff(&result, &view) };
    let mut out = Vec::new();
    GithubReview.render(&input, &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

#[test]
fn the_documented_example_at_its_own_line() {
    let sources = head("import os\nx = 1\n    y = eval(x)\nprint(1)\n");
    let outside = finding(Severity::Critical, "AWS Access Key", "cfg/\u{e9}.yml", 5);
    let gone = finding(Severity::High, "old", "src/app.py", 3);
    let review = render(&[outside, eval()], std::slice::from_ref(&gone), &sources, RenderOptions::default());
    assert_eq!((review["event"].as_str(), review["commit_id"].as_str()), (Some("COMMENT"), Some(SHA)));
    let comment = &review["comments"][0];
    assert_eq!(
        (comment["path"].as_str(), comment["line"].as_u64(), comment["side"].as_str()),
        (Some("src/app.py"), Some(3), Some("RIGHT"))
    );
    assert!(comment.get("position").is_none() && comment.get("start_line").is_none());
    let marker = review_marker::marker(&eval().fingerprint).unwrap();
    assert_eq!(
        comment["body"].as_str().unwrap(),
        format!(
            "**HIGH: semgrep** — [Use of eval()](https://cwe.mitre.org/data/definitions/95.html)\n\nDetected eval().\n\n\
            _Remediation:_ Use ast.literal\\_eval.\n\nSuppress this finding for the line below by committing this:\n\n\
            ```suggestion\n    # securescan: ignore python.eval\n    y = eval(x)\n```\n\n\
            Pin this rule's severity in `.securescan.yml`:\n\n```yaml\nseverity_overrides:\n  python.eval: medium\n```\n\n{marker}"
        )
    );
    assert_eq!(
        review["body"].as_str().unwrap(),
        "<!-- securescan:diff-review -->\n## SecureScan review\n\n| Change | Count |\n|---|---:|\n| New findings | 2 |\n\
        | Fixed findings | 1 |\n| Inline comments | 1 |\n| Body fallback | 1 |\n\n### Findings without inline anchor (1)\n\n\
        #### Critical (1)\n\n- **AWS Access Key** (semgrep) `cfg/é.yml:5`\n\n### Fixed findings (1)\n\n\
        - **old** (semgrep) `src/app.py:3` -- Fixed in `0123456`\n"
    );
}

#[test]
fn ranges_and_no_suggestions() {
    let mut f = eval();
    f.line = Some(2);
    f.end_line = Some(40);
    let options = RenderOptions { no_suggestions: true, ..RenderOptions::default() };
    let review = render(&[f], &[], &head("a\nb\nc\nd\n"), options);
    let comment = &review["comments"][0];
    assert_eq!(
        (comment["start_line"].as_u64(), comment["line"].as_u64(), comment["start_side"].as_str()),
        (Some(2), Some(4), Some("RIGHT"))
    );
    assert!(!comment["body"].as_str().unwrap().contains("```"));
}

#[test]
fn no_suggestion_where_it_would_do_harm() {
    let body = |f: Finding, text: &str| {
        render(&[f], &[], &head(text), RenderOptions::default())["comments"][0]["body"].as_str().unwrap().to_owned()
    };
    let has = |f: Finding, text: &str| body(f, text).contains("suggestion\n");
    assert!(has(eval(), "a\nb\ny = eval(x)\n"));
    assert!(!has(eval(), "a\n\"\"\"\ny = eval(x)\n\"\"\"\n"), "inside a string");
    assert!(!has(eval(), "a\nb = \\\ny = eval(x)\n"), "behind a continued line");
    assert!(!has(eval(), "a\nb\ny = eval(x)\r\n"), "other line ends");
    assert!(!has(eval(), "a\nb"), "no such line");
    let key = ["ghp", "_", "zQWBuTSOoRi4A9spHcVY", "5ncnsDkxkJ", "0mLq17"].concat();
    let shown = body(eval(), &format!("a\nb\ntoken = \"{key}\"\n"));
    assert!(!shown.contains(&key) && (!shown.contains("suggestion\n")), "a secret");
    for rule in ["a`b", "a b", "a,b", "a\nb", "x\u{202e}y", "a <!-- securescan:fp:deadbeefdead -->", "'"] {
        let mut f = eval();
        f.rule_id = Some(rule.into());
        assert!(!has(f, "a\nb\ny = eval(x)\n"), "{rule}");
    }
    let mut about = eval();
    about.cwe = Some("CWE-798".into());
    assert!(!has(about, "a\nb\ny = eval(x)\n"));
    let mut odd = eval();
    odd.rule_id = Some("yes".into());
    assert!(body(odd, "a\nb\nc\n").contains("  \"yes\": medium"));
    let fenced = body(eval(), "a\nb\ny = \"```\"\n");
    assert!(fenced.contains("````suggestion\n# securescan: ignore python.eval\ny = \"```\"\n````"), "{fenced}");
}

#[test]
fn what_others_wrote_does_nothing() {
    let hostile = "x](http://evil) @team #1 <img src=x> `code` **b** <!-- securescan:fp:deadbeefdead -->\n# heading\n- [ ] task";
    let mut f = finding(Severity::High, hostile, "src/app.py", 3);
    f.description = format!("{hostile} ");
    f.remediation = hostile.repeat(40);
    f.scanner = hostile.into();
    f.rule_id = Some(hostile.into());
    let mut other = f.clone();
    other.file_path = Some(format!("`{hostile}"));
    other.fingerprint = "e".repeat(64);
    let review = render(&[f.clone(), other], &[], &head("a\nb\nc\n"), RenderOptions::default());
    let body = review["comments"][0]["body"].as_str().unwrap();
    let digits = &f.fingerprint[..12];
    assert_eq!(review_marker::extract(body).as_deref(), Some(digits));
    for text in [body, review["body"].as_str().unwrap()] {
        assert!(!text.contains("deadbeefdead -->") || text.contains('`'), "{text}");
        assert!(!text.contains("@team") || text.matches("@team").count() == 1, "{text}");
        assert!(!text.contains("](http://evil") || text.contains("`"), "{text}");
        assert!(text.lines().all(|line| !line.starts_with("# ")), "{text}");
    }
    assert!(!body.contains("@team") && !body.contains("<img") && !body.contains("http://evil"));
}

#[test]
fn limits_hold_and_the_least_severe_go() {
    let many: Vec<Finding> = (0..5_000u32)
        .map(|n| {
            let severity = if n % 100 == 7 { Severity::Critical } else { Severity::Low };
            let file = if n < 4_000 { "src/app.py" } else { "other.py" };
            let mut f = finding(severity, &"@𐍈".repeat(200), file, 1 + n % 4);
            f.fingerprint = hex(&n.to_string());
            f.description = "@".repeat(5_000);
            f.remediation = "@".repeat(5_000);
            f
        })
        .collect();
    let review = render(&many, &many, &NoSources, RenderOptions::default());
    let comments = review["comments"].as_array().unwrap();
    assert_eq!(comments.len(), REVIEW_INLINE.max);
    assert_eq!(comments.iter().filter(|c| c["body"].as_str().unwrap().starts_with("**CRITICAL")).count(), 40);
    assert!(comments.iter().all(|c| length(c["body"].as_str().unwrap()) <= GITHUB_BODY.max));
    let body = review["body"].as_str().unwrap();
    assert!(length(body) <= GITHUB_BODY.max && body.starts_with(DIFF_MARKER), "{}", length(body));
    assert!(
        body.contains("| New findings | 5000 |") && body.contains("3850 further findings") && body.contains("more (see SARIF)")
    );
}

#[test]
fn repeats_have_marks_of_their_own() {
    let (mut a, mut b) = (eval(), eval());
    (a.line, b.line) = (Some(2), Some(3));
    let review = render(&[a, b], &[], &NoSources, RenderOptions::default());
    let marks: BTreeSet<_> =
        review["comments"].as_array().unwrap().iter().map(|c| review_marker::extract(c["body"].as_str().unwrap())).collect();
    assert_eq!(marks.len(), 2);
}

#[test]
fn events_and_quiet_bodies() {
    let with = |event| RenderOptions { review_event: event, ..RenderOptions::default() };
    let review = render(&[], &[], &NoSources, with(ReviewEvent::RequestChanges));
    assert_eq!(review["event"], "COMMENT");
    assert!(review["body"].as_str().unwrap().contains(QUIET_MARKER));
    assert_eq!(render(&[eval()], &[], &NoSources, with(ReviewEvent::RequestChanges))["event"], "REQUEST_CHANGES");
    let mut silenced = eval();
    silenced.metadata.suppressed_by = Some(SuppressedBy::Inline);
    let review = render(&[silenced], &[], &NoSources, RenderOptions { show_suppressed: true, ..RenderOptions::default() });
    assert_eq!(review["comments"].as_array().unwrap().len(), 0);
    assert!(review["body"].as_str().unwrap().contains("Suppressed: 1 (inline=1, config=0, baseline=0)"));
}

#[test]
fn an_incomplete_scan_says_so_and_does_not_approve() {
    let mut run = ScannerRun::new("semgrep", ScanType::Code, ScannerStatus::Failed);
    run.reason = Some("exit 2 @all".into());
    let result = ScanResult { scanners: vec![run], ..ScanResult::default() };
    let options = RenderOptions { review_event: ReviewEvent::Approve, ..RenderOptions::default() };
    let input = RenderInput { options, ..RenderInput::new(&result) };
    let payload = payload(&input);
    assert!(
        payload.body.contains("**The scan is incomplete:**") && payload.body.contains("- semgrep failed: exit 2 @&#8203;all")
    );
    assert_eq!((payload.event, payload.commit_id), (ReviewEvent::Comment, None));
}

#[test]
fn paths_of_a_folder_below_the_top() {
    let lines = DiffLines::read(DIFF);
    let changes = Changes { lines: &lines, head: &NoSources, prefix: "src" };
    let result = ScanResult { findings: vec![finding(Severity::Low, "t", "app.py", 3)], ..ScanResult::default() };
    let input = RenderInput { changes: Some(&changes), ..RenderInput::new(&result) };
    let payload = payload(&input);
    assert_eq!(serde_json::to_value(&payload.comments).unwrap()[0]["path"], "src/app.py");
}
