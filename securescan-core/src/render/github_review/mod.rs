//! `github-review`: what the Reviews API of GitHub takes, one comment at each line that the change shows.
//!
//! JSON, keys in alphabetical order: `body`, `comments` `[{body, line, path, side, start_line?, start_side?}]`, `commit_id` (when the
//! commit is known), `event`. Lines and sides stand where older payloads had `position`, which GitHub no longer advises. A finding
//! that the change does not show, or for which there is no room, is in the body. Suppressed findings are counted, never posted.
//!
//! Each comment ends in the mark of its finding ([`super::review_marker`]), so that who posts it can tell what is there already.
//! A body without any new finding holds [`QUIET_MARKER`]: there is no need to post it where nothing was posted before.
//!
//! # Source
//! Spec 03, section 8 with its decisions and weak points 4, 5 and 11 to 14; GitHub's "Create a review for a pull request".

mod body;
mod comment;
mod suggestion;
#[cfg(test)]
mod tests;
mod words;

use super::limits::REVIEW_INLINE;
use super::{Completeness, RenderInput, Renderer, completeness, review_marker, write_json};
use crate::Result;
use crate::model::Finding;
use comment::{Anchor, Comment, Helpers};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::io::Write;
use suggestion::Head;

/// The first line of the body of a review of a diff.
pub const DIFF_MARKER: &str = "<!-- securescan:diff-review -->";
/// The first line of the body of a review of a comparison.
pub const COMPARE_MARKER: &str = "<!-- securescan:compare-review -->";
/// In a body that tells of no new finding.
pub const QUIET_MARKER: &str = "<!-- securescan:nothing-new -->";

/// What a review does beside commenting.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReviewEvent {
    /// Nothing.
    #[default]
    Comment,
    /// Asks for changes; only with new findings, else it comments.
    RequestChanges,
    /// Approves; only after a complete scan, else it comments.
    Approve,
}

impl ReviewEvent {
    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Comment => "COMMENT",
            Self::RequestChanges => "REQUEST_CHANGES",
            Self::Approve => "APPROVE",
        }
    }
}

pub(super) struct GithubReview;

#[derive(Serialize)]
struct Payload<'a> {
    body: String,
    comments: Vec<Comment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit_id: Option<&'a str>,
    event: ReviewEvent,
}

impl Renderer for GithubReview {
    fn id(&self) -> &'static str {
        "github-review"
    }

    fn about(&self) -> &'static str {
        "review of a pull request for GitHub's API, with a comment at each changed line"
    }

    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn render(&self, input: &RenderInput<'_>, out: &mut dyn Write) -> Result<()> {
        write_json(&payload(input), out)
    }
}

fn payload<'a>(input: &'a RenderInput<'_>) -> Payload<'a> {
    let links = input.options.repo.is_some();
    let commit = input.options.sha.as_deref().filter(|sha| sha.len() >= 7 && sha.bytes().all(|b| b.is_ascii_hexdigit()));
    let shown = |list: &'a [Finding]| list.iter().filter(|finding| !finding.is_suppressed());
    let mut new: Vec<&Finding> = shown(input.subject()).collect();
    new.sort_by_key(|finding| Reverse(finding.severity));
    let (mut anchors, mut fallback, mut over) = (Vec::new(), Vec::new(), 0);
    let mut seen = FxHashMap::default();
    for finding in &new {
        let mark = mark(finding, &mut seen);
        match input.changes.and_then(|changes| Anchor::of(finding, changes, mark)) {
            Some(anchor) if anchors.len() < REVIEW_INLINE.max => anchors.push(anchor),
            lost => {
                over += usize::from(lost.is_some());
                fallback.push(*finding);
            }
        }
    }
    let comments = comments(anchors, input);
    let fixed = input.diff.map_or(Vec::new(), |diff| shown(diff.fixed).collect());
    let told = body::Told { new: new.len(), inline: comments.len(), over, fallback, fixed, commit, links };
    let event = match input.options.review_event {
        ReviewEvent::RequestChanges if new.is_empty() => ReviewEvent::Comment,
        ReviewEvent::Approve if completeness(input.result) == Completeness::Incomplete => ReviewEvent::Comment,
        event => event,
    };
    Payload { body: body::body(input, &told), comments, commit_id: commit, event }
}

/// Whether the finding of an older comment may stand although a review has no comment for it: the review's body tells of it, or was
/// cut, or a scanner did not finish. Both texts as this renderer wrote them; for another comment the answer is yes.
pub fn may_stand(review_body: &str, comment_body: &str) -> bool {
    body::may_tell(&review_body.replace("\r\n", "\n"), comment_body)
}

/// The mark of a finding: from its fingerprint, for a repeat from that and its number.
fn mark<'a>(finding: &'a Finding, seen: &mut FxHashMap<&'a str, u32>) -> Option<String> {
    let count = seen.entry(finding.fingerprint.as_str()).or_insert(0);
    *count += 1;
    if *count == 1 {
        return review_marker::marker(&finding.fingerprint);
    }
    let digest = Sha256::digest(format!("{}:{count}", finding.fingerprint));
    let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    review_marker::marker(&finding.fingerprint).and_then(|_| review_marker::marker(&hex))
}

/// The comments by place, one file after the other, so that one file is held at a time.
fn comments(mut anchors: Vec<Anchor<'_>>, input: &RenderInput<'_>) -> Vec<Comment> {
    anchors.sort_by(|a, b| (&a.path, a.first, &a.marker).cmp(&(&b.path, b.first, &b.marker)));
    let all = input.subject().iter().chain(&input.result.findings);
    let secret_lines: BTreeSet<(&str, u32)> = all
        .filter(|finding| suggestion::about_secret(finding))
        .filter_map(|finding| Some((finding.file_path.as_deref()?, finding.line?)))
        .collect();
    let on = !input.options.no_suggestions;
    let mut held: Option<(String, Option<Head>)> = None;
    let mut out = Vec::with_capacity(anchors.len());
    for anchor in anchors {
        if on && held.as_ref().is_none_or(|(path, _)| *path != anchor.path) {
            let head = input.changes.zip(anchor.finding.file_path.as_deref()).and_then(|(c, file)| Head::read(file, c.head));
            held = Some((anchor.path.clone(), head));
        }
        let head = held.as_ref().and_then(|(_, head)| head.as_ref());
        let links = input.options.repo.is_some();
        out.push(anchor.comment(&Helpers { on, links, head, secret_lines: &secret_lines }));
    }
    out
}
