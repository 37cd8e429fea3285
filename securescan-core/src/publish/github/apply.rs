//! Makes the calls of a plan.

use super::call::Call;
use super::explain;
use super::session::{Failure, Session};
use super::wanted::Wanted;
use super::wire::Answer;
use crate::render::github_review::ReviewEvent;

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Done {
    /// Calls that wrote, in words, in order.
    pub wrote: Vec<String>,
    /// Comments at lines that the host refused, one line each. Their findings are published in no other part of the review.
    pub refused: Vec<String>,
    /// What a person should know.
    pub notes: Vec<String>,
}

/// How often a review is cut in two to find the comment that the host refuses.
const MAX_CUTS: usize = 40;

/// Makes the calls in order, a moment apart. Stops at the first that fails.
///
/// # Errors
/// What failed, and whether the host may have done it all the same.
pub fn apply(calls: &[Call], wanted: &Wanted, session: &Session<'_>, done: &mut Done) -> Result<(), Failure> {
    for call in calls {
        make(call, wanted, session, done)?;
    }
    Ok(())
}

fn make(call: &Call, wanted: &Wanted, session: &Session<'_>, done: &mut Done) -> Result<(), Failure> {
    let mut waiting = vec![call.clone()];
    let mut cuts = 0;
    while let Some(call) = waiting.pop() {
        let answer = send(&call, wanted, session)?;
        if (200..300).contains(&answer.status) {
            done.wrote.push(call.what());
            continue;
        }
        match split(&call, &answer) {
            Some(parts) if cuts < MAX_CUTS => {
                cuts += 1;
                if let (Call::CreateReview { comments, .. }, 0 | 1) = (&call, parts.len())
                    && let Some(lost) = comments.first()
                {
                    done.refused.push(format!("{}:{}: {}", lost.path, lost.line, explain::said(&answer)));
                }
                waiting.extend(parts.into_iter().rev());
            }
            _ => return Err(Failure { error: explain::refusal(&call.what(), &answer), unsure: false }),
        }
    }
    Ok(())
}

fn send(call: &Call, wanted: &Wanted, session: &Session<'_>) -> Result<Answer, Failure> {
    let (method, path) = call.line(wanted);
    session.write(method, &path, &call.body(wanted), &call.what())
}

/// A review that is refused for one of its comments, in two halves; one with a single comment without it, or not at all when it
/// says nothing else.
fn split(call: &Call, answer: &Answer) -> Option<Vec<Call>> {
    let Call::CreateReview { body, event, comments } = call else { return None };
    if answer.status != 422 || comments.is_empty() || !explain::is_about_a_line(answer) {
        return None;
    }
    let part =
        |body: &str, event, comments: &[_]| Call::CreateReview { body: body.to_owned(), event, comments: comments.to_vec() };
    if comments.len() == 1 {
        let says_more = body.starts_with("<!-- securescan:diff-review") || body.starts_with("<!-- securescan:compare-review");
        return Some(if says_more { vec![part(body, *event, &[])] } else { Vec::new() });
    }
    let (first, second) = comments.split_at(comments.len() / 2);
    Some(vec![part(body, *event, first), part(super::plan::MORE, ReviewEvent::Comment, second)])
}
