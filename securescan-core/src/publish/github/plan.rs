//! From what is wanted and what is there to the calls that are missing. Pure.

use super::call::Call;
use super::state::{HostComment, HostReview, HostState};
use super::wanted::{Review, ReviewComment, Wanted, comment_marker};
use crate::render::github_review::{COMPARE_MARKER, DIFF_MARKER, QUIET_MARKER, ReviewEvent, may_stand};
use crate::render::limits::{GITHUB_BODY, REVIEW_BATCH};
use crate::render::review_marker;
use std::collections::{BTreeMap, BTreeSet};

/// The text of reviews that only carry further comments.
pub(super) const MORE: &str = "<!-- securescan:review-part -->\nFurther comments of the SecureScan review above.";
/// The text of an older review of ours.
const SUPERSEDED: &str = "<!-- securescan:review-superseded -->\nA newer SecureScan review of this pull request follows below.";

/// How a comment whose finding is gone begins.
pub(super) const RESOLVED: &str = "**Resolved in ";

/// The calls that are missing, in order, and what a person should know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// To be made in this order.
    pub calls: Vec<Call>,
    /// One line each.
    pub notes: Vec<String>,
}

/// Says which calls are missing. Only entries of [`HostState::author`] count as ours.
pub fn plan(wanted: &Wanted, state: &HostState) -> Plan {
    let mut plan = Plan::default();
    if let Some(body) = &wanted.comment {
        summary(body, state, &mut plan);
    }
    if let Some(review) = &wanted.review {
        lines(review, &wanted.sha, state, &mut plan);
        reviews(review, state, &mut plan);
    }
    if let Some(sarif) = &wanted.sarif {
        let there = state.analyses.iter().any(|a| {
            let same = a.sha.eq_ignore_ascii_case(&wanted.sha)
                && a.tool == sarif.tool
                && a.category.trim_end_matches('/') == sarif.category;
            same && (a.results, a.rules) == (sarif.results, sarif.rules)
        });
        if !there {
            plan.calls.push(Call::UploadSarif);
        }
    }
    plan
}

fn is_ours(comment: &HostComment, state: &HostState) -> bool {
    !state.author.is_empty() && comment.author.eq_ignore_ascii_case(&state.author)
}

fn summary(body: &str, state: &HostState, plan: &mut Plan) {
    let marker = comment_marker(body).unwrap_or(body);
    let mut ours = state.comments.iter().filter(|c| is_ours(c, state) && c.body.starts_with(marker));
    match ours.next() {
        None => plan.calls.push(Call::CreateComment { body: body.to_owned() }),
        Some(first) if !same(&first.body, body) => plan.calls.push(Call::UpdateComment { id: first.id, body: body.to_owned() }),
        Some(_) => {}
    }
    let others: Vec<String> = ours.map(|c| c.id.to_string()).take(20).collect();
    if !others.is_empty() {
        plan.notes.push(format!("there are further summary comments of ours, left as they are: {}", others.join(", ")));
    }
}

/// Whether two texts are equal to the host, which stores other line ends and no white space at the end.
fn same(a: &str, b: &str) -> bool {
    a.replace("\r\n", "\n").trim_end() == b.replace("\r\n", "\n").trim_end()
}

fn reviews(review: &Review, state: &HostState, plan: &mut Plan) {
    let marker = review.marker().unwrap_or(&review.body);
    let mut ours: Vec<&HostReview> =
        state.reviews.iter().filter(|r| is_ours(&r.comment, state) && r.comment.body.starts_with(marker)).collect();
    let lane = ours.pop();
    let fresh = fresh(review, state);
    let stands = lane.map(|r| r.state.as_str());
    let opens = match (stands, review.event) {
        (None, ReviewEvent::Comment) => !fresh.is_empty() || !review.body.contains(QUIET_MARKER),
        (Some(_), ReviewEvent::Comment)
        | (Some("CHANGES_REQUESTED"), ReviewEvent::RequestChanges)
        | (Some("APPROVED"), ReviewEvent::Approve) => false,
        _ => true,
    };
    let mut head = opens.then(|| (review.body.clone(), review.event));
    let mut batches: Vec<Vec<ReviewComment>> = fresh.chunks(REVIEW_BATCH.max).map(<[_]>::to_vec).collect();
    if batches.is_empty() && opens {
        batches.push(Vec::new());
    }
    for comments in batches {
        let (body, event) = head.take().unwrap_or_else(|| (MORE.to_owned(), ReviewEvent::Comment));
        plan.calls.push(Call::CreateReview { body, event, comments });
    }
    match lane {
        Some(lane) if opens => ours.push(lane),
        Some(lane) => keep(lane, review, plan),
        None => {}
    }
    plan.calls.extend(ours.iter().map(|old| Call::UpdateReview { id: old.comment.id, body: SUPERSEDED.to_owned() }));
}

/// Brings our comments at lines up to date: those whose findings are gone say so, those whose findings say something else, or are
/// back, say that. The newest comment of a finding counts.
fn lines(review: &Review, sha: &str, state: &HostState, plan: &mut Plan) {
    let wanted: BTreeMap<String, &str> =
        review.comments.iter().rev().filter_map(|c| Some((review_marker::extract(&c.body)?, c.body.as_str()))).collect();
    let ours = state.review_comments.iter().filter(|c| is_ours(c, state));
    let newest: BTreeMap<String, &HostComment> = ours.filter_map(|c| Some((review_marker::extract(&c.body)?, c))).collect();
    let mut updates = BTreeMap::new();
    for (mark, comment) in newest {
        let body = match wanted.get(&mark) {
            Some(body) => (*body).to_owned(),
            None if comment.body.starts_with(RESOLVED)
                || may_stand(&review.body, &comment.body)
                || has_other_lane(review, state) =>
            {
                continue;
            }
            None => resolved(&comment.body, &mark, sha),
        };
        if !same(&comment.body, &body) {
            updates.insert(comment.id, body);
        }
    }
    plan.calls.extend(updates.into_iter().map(|(id, body)| Call::UpdateLineComment { id, body }));
}

/// Whether reviews of the other kind (a diff, a comparison) stand here too: a comment does not say which of them it belongs to.
fn has_other_lane(review: &Review, state: &HostState) -> bool {
    let own = review.marker();
    let others = [DIFF_MARKER, COMPARE_MARKER].into_iter().filter(|marker| Some(*marker) != own);
    others.into_iter().any(|other| state.reviews.iter().any(|r| is_ours(&r.comment, state) && r.comment.body.starts_with(other)))
}

/// The text of a comment whose finding is gone: that it is, then what it said, struck through.
///
/// # Source
/// Spec 04, section 10.4.
fn resolved(body: &str, mark: &str, sha: &str) -> String {
    let short = sha.get(..7).unwrap_or(sha);
    let mut out = format!("{RESOLVED}{short}** — finding no longer present in current scan.\n\n");
    let head = out.len();
    for line in body.replace("\r\n", "\n").lines() {
        let plain = line.trim().is_empty() || line.starts_with("<!-- securescan:");
        out.push_str(&if plain { format!("{line}\n") } else { format!("~~{line}~~\n") });
    }
    if out.chars().map(char::len_utf16).sum::<usize>() > GITHUB_BODY.max {
        out.truncate(head);
        out.push_str(&format!("<!-- securescan:fp:{mark} -->"));
    }
    out.trim_end().to_owned()
}

/// Brings the review that stays up to date.
fn keep(lane: &HostReview, review: &Review, plan: &mut Plan) {
    let id = lane.comment.id;
    if !same(&lane.comment.body, &review.body) {
        plan.calls.push(Call::UpdateReview { id, body: review.body.clone() });
    }
    if review.event == ReviewEvent::Comment && matches!(lane.state.as_str(), "CHANGES_REQUESTED" | "APPROVED") {
        plan.calls.push(Call::DismissReview { id });
    }
}

/// The comments whose findings have none of ours yet.
fn fresh(review: &Review, state: &HostState) -> Vec<ReviewComment> {
    let ours = state.review_comments.iter().filter(|c| is_ours(c, state));
    let mut known: BTreeSet<String> = ours.filter_map(|c| review_marker::extract(&c.body)).collect();
    review.comments.iter().filter(|c| review_marker::extract(&c.body).is_none_or(|mark| known.insert(mark))).cloned().collect()
}
