//! Publishing to GitHub, against a stand-in of its API: once, again, cut off, refused.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod github_host;

use github_host::{BOT, Fault, GitHub, SHA, token};
use securescan_core::diff_lines::DiffLines;
use securescan_core::publish::github::{Call, Clock, Done, Host, HostState, Review, Sarif, Session, Wanted, plan, publish, read};
use securescan_core::render::{Changes, DiffView, RenderInput, RenderOptions, ReviewEvent, render};
use securescan_core::scanners::Cancel;
use securescan_core::source::NoSources;
use securescan_core::{Finding, Result, ScanResult, ScanType, Severity};
use serde_json::json;
use std::cell::RefCell;
use std::time::Duration;

/// Time that passes only when somebody waits.
#[derive(Default)]
struct Fake(RefCell<Vec<u64>>);

impl Clock for Fake {
    fn now(&self) -> u64 {
        1_000_000 + self.0.borrow().iter().sum::<u64>()
    }

    fn sleep(&self, time: Duration) -> bool {
        self.0.borrow_mut().push(time.as_secs());
        true
    }
}

const COMMENT: &str = "<!-- securescan:diff -->\n### SecureScan diff\n\n3 new findings\n";

fn findings(count: u32) -> Vec<Finding> {
    let one = |n: u32| {
        let mut f = Finding::new("semgrep", ScanType::Code, Severity::ALL[n as usize % 5], format!("finding {n}"));
        f.file_path = Some(format!("src/f{}.py", n % 40));
        f.line = Some(1 + n % 200);
        f.rule_id = Some("r.x".into());
        f.description = "Something is wrong here. ".repeat(20);
        f.fingerprint = format!("{:064x}", u64::from(n).wrapping_mul(0x9e37_79b9_7f4a_7c15)).chars().rev().collect();
        f
    };
    (0..count).map(one).collect()
}

fn rendered(format: &str, new: &[Finding], event: ReviewEvent) -> Vec<u8> {
    let diff: String = (0..40).map(|n| format!("+++ b/src/f{n}.py\n@@ -0,0 +1,200 @@\n{}", "+x\n".repeat(200))).collect();
    let lines = DiffLines::read(diff.as_bytes());
    let changes = Changes { lines: &lines, head: &NoSources, prefix: "" };
    let result = ScanResult::default();
    let view = DiffView { new, ..DiffView::default() };
    let options =
        RenderOptions { repo: Some("o/r".into()), sha: Some(SHA.into()), review_event: event, ..RenderOptions::default() };
    let mut out = Vec::new();
    render(format, &RenderInput { options, changes: Some(&changes), ..RenderInput::with_diff(&result, &view) }, &mut out)
        .unwrap();
    out
}

fn wanted(count: u32) -> Wanted {
    wanted_with(count, ReviewEvent::Comment)
}

fn wanted_with(count: u32, event: ReviewEvent) -> Wanted {
    let new = findings(count);
    Wanted {
        repo: "o/r".into(),
        pull: Some(7),
        sha: SHA.into(),
        comment: Some(COMMENT.into()),
        review: Some(Review::read(&rendered("github-review", &new, event)).unwrap()),
        sarif: Some(Sarif::pack(&rendered("sarif", &new, event)).unwrap()),
        ..Wanted::default()
    }
}

fn run(host: &GitHub, wanted: &Wanted) -> Result<Done> {
    run_with(host, wanted, &Fake::default())
}

fn run_with(host: &GitHub, wanted: &Wanted, clock: &Fake) -> Result<Done> {
    let wire = Host::new(&host.url, &token(), &Cancel::new()).unwrap();
    publish(wanted, &Session::new(&wire, clock, Duration::from_secs(900)))
}

fn marks(host: &GitHub) -> (usize, usize) {
    let all = host.with(|s| s.review_comments.iter().map(|c| c["body"].as_str().unwrap().to_owned()).collect::<Vec<_>>());
    let unique: std::collections::BTreeSet<_> = all.iter().map(|b| b.rsplit("<!--").next().unwrap().to_owned()).collect();
    (all.len(), unique.len())
}

#[test]
fn five_thousand_findings_once_and_never_again() {
    let host = GitHub::start();
    let wanted = wanted(5_000);
    let done = run(&host, &wanted).unwrap();
    // One comment, 150 comments at lines in batches of 30, one upload.
    assert_eq!((done.wrote.len(), host.writes(), marks(&host)), (7, 7, (150, 150)));
    let again = run(&host, &wanted).unwrap();
    assert_eq!((again.wrote, host.writes()), (vec![], 7));
}

#[test]
fn only_what_changed_is_written() {
    let host = GitHub::start();
    run(&host, &wanted(3)).unwrap();
    let mut next = wanted(4);
    next.comment = Some(COMMENT.replace('3', "4"));
    let before = host.writes();
    run(&host, &next).unwrap();
    let writes = host.with(|s| s.writes[before..].to_vec());
    assert_eq!(writes.len(), 4, "{writes:?}");
    assert!(
        writes[0].starts_with("PATCH /repos/o/r/issues/comments/") && writes[1].starts_with("POST /repos/o/r/pulls/7/reviews")
    );
    assert!(writes[2].starts_with("PUT /repos/o/r/pulls/7/reviews/") && writes[3].ends_with("/sarifs"));
    assert_eq!((marks(&host), host.with(|s| s.comments.len())), ((4, 4), 1));
}

#[test]
fn a_run_cut_off_anywhere_is_resumed() {
    for fault in [Fault::Drop, Fault::StoreAndDrop] {
        for after in 0..7 {
            let host = GitHub::start();
            let wanted = wanted(5_000);
            host.with(|s| {
                s.faults.extend(std::iter::repeat_n(Fault::None, after));
                // More often than one run tries.
                s.faults.extend(std::iter::repeat_n(fault.clone(), if matches!(fault, Fault::Drop) { 4 } else { 1 }));
            });
            let first = run(&host, &wanted);
            assert_eq!(first.is_err(), matches!(fault, Fault::Drop), "{after} {first:?}");
            host.with(|s| s.faults.clear());
            run(&host, &wanted).unwrap();
            let kept = host.with(|s| (s.comments.len(), s.reviews.len(), s.analyses.is_empty()));
            assert_eq!((kept, marks(&host)), ((1, 5, false), (150, 150)), "{after}");
        }
    }
}

#[test]
fn an_error_of_the_host_after_storing_makes_no_second_copy() {
    let host = GitHub::start();
    host.with(|s| s.faults.extend([Fault::StoreAndFail, Fault::StoreAndFail]));
    run(&host, &wanted(40)).unwrap();
    assert_eq!((host.with(|s| s.comments.len()), marks(&host)), (1, (40, 40)));
}

#[test]
fn limits_are_waited_for_within_bounds() {
    let secondary = json!({ "message": "You have exceeded a secondary rate limit." });
    let limited = |status, headers, body| Fault::Answer(status, headers, body);
    let host = GitHub::start();
    host.with(|s| {
        s.read_faults.push_back(Fault::Answer(503, vec![], json!({})));
        s.faults.push_back(limited(429, vec![("retry-after", "17".into())], json!({})));
        s.faults.push_back(limited(403, vec![], secondary));
        s.faults.push_back(limited(
            403,
            vec![("x-ratelimit-remaining", "0".into()), ("x-ratelimit-reset", "1000200".into())],
            json!({}),
        ));
    });
    let clock = Fake::default();
    run_with(&host, &wanted(1), &clock).unwrap();
    let waits = clock.0.borrow().clone();
    assert_eq!(&waits[..4], [1, 17, 120, 63], "{waits:?}");
    // An hour is more than a run waits for.
    let host = GitHub::start();
    host.with(|s| s.always = Some(limited(429, vec![("retry-after", "3600".into())], json!({}))));
    let error = run(&host, &wanted(1)).unwrap_err();
    assert!(error.to_string().contains("asks to wait 3600 s") && error.to_string().contains("run it again later"), "{error}");
}

#[test]
fn refusals_are_told_and_the_token_never_is() {
    let cases = [
        (401, "the token was refused (401)"),
        (403, "the token may not do this (403)"),
        (404, "not found (404)"),
        (422, "not accepted (422)"),
        (418, "an answer nobody expects (418)"),
        (301, "the repository has moved (301)"),
        (500, "it answered 500"),
    ];
    for (status, words) in cases {
        let host = GitHub::start();
        let said =
            json!({ "message": format!("no \u{1b}[31m {}\n::error::x", token()), "errors": [{ "field": "f", "code": "c" }] });
        host.with(|s| s.faults.extend(std::iter::repeat_n(Fault::Answer(status, vec![], said), 9)));
        let error = run(&host, &wanted(1)).unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(text.contains(words), "{text}");
        assert!(!text.contains(&token()) && !error.to_string().contains(['\n', '\u{1b}']), "{text}");
        assert_eq!(error.kind().row().exit, 2);
    }
    let host = GitHub::start();
    let wire = Host::new(&host.url, "wrong", &Cancel::new()).unwrap();
    let clock = Fake::default();
    let error = publish(&wanted(1), &Session::new(&wire, &clock, Duration::from_secs(9))).unwrap_err();
    assert!(error.to_string().contains("401") && !format!("{wire:?}").contains("wrong"));
    assert_eq!(host.writes(), 0);
}

#[test]
fn no_network_is_an_error_within_bounds() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let wire = Host::new(&format!("http://{closed}"), &token(), &Cancel::new()).unwrap();
    let clock = Fake::default();
    let error = publish(&wanted(1), &Session::new(&wire, &clock, Duration::from_secs(900))).unwrap_err();
    assert!(error.to_string().contains("connection refused"), "{error}");
    assert_eq!(clock.0.borrow().as_slice(), [1, 2, 4, 8, 16]);
}

#[test]
fn markers_of_others_are_text() {
    let host = GitHub::start();
    let wanted = wanted(2);
    let forged = wanted.review.clone().unwrap();
    host.with(|s| {
        for n in 0..250 {
            s.comments.push(json!({ "id": n, "user": { "login": "mallory" }, "body": format!("{COMMENT} {n}") }));
        }
        s.comments.push(json!({ "id": 900, "user": null, "body": null }));
        s.reviews.push(json!({ "id": 901, "user": { "login": "mallory" }, "body": forged.body, "state": "APPROVED" }));
        for c in &forged.comments {
            s.review_comments.push(json!({ "id": 902, "user": { "login": "mallory" }, "body": c.body }));
        }
    });
    run(&host, &wanted).unwrap();
    assert_eq!(host.with(|s| (s.comments.len(), s.review_comments.len(), s.reviews.len())), (252, 4, 2));
    // Ours stands on the third page, and is found there.
    assert_eq!(run(&host, &wanted).unwrap().wrote, Vec::<String>::new());
    assert!(host.with(|s| s.reads.iter().any(|r| r.contains("page=3"))));
}

#[test]
fn one_bad_line_does_not_take_the_others_along() {
    let host = GitHub::start();
    host.with(|s| s.refused_lines.push(4));
    let done = run(&host, &wanted(20)).unwrap();
    assert_eq!((done.refused.len(), marks(&host)), (1, (19, 19)));
    assert!(done.refused[0].starts_with("src/f3.py:4: Unprocessable Entity"), "{:?}", done.refused);
}

#[test]
fn what_a_review_did_is_taken_back() {
    let host = GitHub::start();
    run(&host, &wanted_with(2, ReviewEvent::RequestChanges)).unwrap();
    assert_eq!(host.with(|s| s.reviews[0]["state"].clone()), "CHANGES_REQUESTED");
    let clean = wanted_with(0, ReviewEvent::RequestChanges);
    run(&host, &clean).unwrap();
    assert_eq!(host.with(|s| (s.reviews.len(), s.reviews[0]["state"].clone())), (1, "DISMISSED".into()));
    assert_eq!(run(&host, &clean).unwrap().wrote, Vec::<String>::new());
    run(&host, &wanted_with(2, ReviewEvent::RequestChanges)).unwrap();
    let states = host.with(|s| s.reviews.iter().map(|r| r["state"].as_str().unwrap().to_owned()).collect::<Vec<_>>());
    assert_eq!(states, ["DISMISSED", "CHANGES_REQUESTED"]);
    assert_eq!(run(&host, &wanted_with(2, ReviewEvent::RequestChanges)).unwrap().wrote, Vec::<String>::new());
}

#[test]
fn comments_follow_their_findings() {
    let host = GitHub::start();
    let bodies = || host.with(|s| s.review_comments.iter().map(|c| c["body"].as_str().unwrap().to_owned()).collect::<Vec<_>>());
    run(&host, &wanted(3)).unwrap();
    let said = bodies();
    host.with(|s| s.review_comments.push(json!({ "id": 950, "user": { "login": "mallory" }, "body": said[2] })));
    // The third finding is gone: its comment says so, once, and keeps its mark. Nobody else's is touched.
    let done = run(&host, &wanted(2)).unwrap();
    assert!(done.wrote.iter().any(|w| w.starts_with("mark the comment ") && w.ends_with(" as resolved")), "{:?}", done.wrote);
    let struck = bodies();
    assert_eq!((&struck[0], &struck[1], &struck[3]), (&said[0], &said[1], &said[2]));
    assert!(
        struck[2]
            .starts_with(&format!("**Resolved in {}** — finding no longer present in current scan.\n\n~~", SHA.split_at(7).0))
    );
    assert_eq!(struck[2].lines().last(), said[2].lines().last());
    assert_eq!(run(&host, &wanted(2)).unwrap().wrote, Vec::<String>::new());
    // It is back: so is its text.
    run(&host, &wanted(3)).unwrap();
    assert_eq!(bodies(), [said[0].clone(), said[1].clone(), said[2].clone(), said[2].clone()]);
    assert_eq!(run(&host, &wanted(3)).unwrap().wrote, Vec::<String>::new());
    // Where a scanner did not finish, or the finding only lost its line, nothing is called resolved; a fixed one is.
    let head = said[2].lines().next().unwrap();
    let (scanner, title) = head.trim_start_matches("**").split_once(": ").unwrap().1.split_once("** — ").unwrap();
    let row = format!("\n- **{title}** ({scanner}) `src/f2.py:3`");
    let telling = |more: &str| {
        let mut next = wanted(2);
        next.review.as_mut().unwrap().body.push_str(more);
        run(&host, &next).unwrap();
        bodies()[2].clone()
    };
    for unsure in
        [&row, "\n**The scan is incomplete:** there may be more", "\n| Not scanned again | 1 |\n", "\n… and 3 more (see SARIF)\n"]
    {
        assert_eq!(telling(unsure), said[2], "{unsure}");
    }
    assert!(telling(&format!("\n### Fixed findings (1)\n{row} -- Fixed in `0123456`\n")).starts_with("**Resolved in "));
}

#[test]
fn nothing_new_is_not_announced() {
    let review = Review::read(&rendered("github-review", &[], ReviewEvent::Comment)).unwrap();
    let wanted = Wanted { repo: "o/r".into(), pull: Some(7), sha: SHA.into(), review: Some(review), ..Wanted::default() };
    assert_eq!(plan(&wanted, &HostState { author: BOT.into(), ..HostState::default() }).calls, []);
}

#[test]
fn what_cannot_be_published_is_refused_before_anything_is_asked() {
    let good = wanted(1);
    let bad = [
        Wanted { comment: Some(format!("{COMMENT}{}", "\u{10348}".repeat(32_768))), ..good.clone() },
        Wanted { comment: Some("no marker".into()), ..good.clone() },
        Wanted { repo: "o/../x".into(), ..good.clone() },
        Wanted { repo: "o/r?x".into(), ..good.clone() },
        Wanted { sha: "main".into(), ..good.clone() },
        Wanted { pull: None, ..good.clone() },
        Wanted { review: Some(Review { body: "x".into(), ..Review::default() }), ..good },
    ];
    let host = GitHub::start();
    for wanted in bad {
        let error = run(&host, &wanted).unwrap_err();
        assert_eq!(error.kind().row().exit, 2, "{error}");
    }
    assert!(host.with(|s| s.reads.is_empty() && s.writes.is_empty()));
    assert!(Sarif::pack(b"{}").is_err() && Sarif::pack(b"{\"runs\":[]}").is_err() && Review::read(b"[]").is_err());
    for api in ["http://api.example.org", "ftp://x", "https://user:pw@x"] {
        assert!(Host::new(api, &token(), &Cancel::new()).is_err(), "{api}");
    }
    assert!(Host::new("https://x", "a\nb", &Cancel::new()).is_err() && Host::new("https://x", "", &Cancel::new()).is_err());
}

#[test]
fn a_list_that_leads_elsewhere_does_not_get_the_token() {
    let (host, other) = (GitHub::start(), GitHub::start());
    let link = format!("<{}/repos/o/r/issues/7/comments?page=2>; rel=\"next\"", other.url);
    host.with(|s| {
        s.read_faults.push_back(Fault::None);
        s.read_faults.push_back(Fault::Answer(200, vec![("link", link)], json!([])));
    });
    let error = run(&host, &wanted(1)).unwrap_err();
    assert!(error.to_string().contains("another server"), "{error}");
    assert!(other.with(|s| s.reads.is_empty()));
}

#[test]
fn a_plan_is_said_in_words() {
    let host = GitHub::start();
    let wire = Host::new(&host.url, &token(), &Cancel::new()).unwrap();
    let clock = Fake::default();
    let wanted = wanted(2);
    let state = read(&wanted, &Session::new(&wire, &clock, Duration::from_secs(9))).unwrap();
    let plan = plan(&wanted, &state);
    let lines: Vec<_> = plan.calls.iter().map(|c| (c.line(&wanted).0, c.what())).collect();
    assert_eq!(lines[1], ("POST", "create a review (COMMENT, 2 comments at lines)".to_owned()));
    assert_eq!(plan.calls[2], Call::UploadSarif);
    assert_eq!(host.writes(), 0);
}
