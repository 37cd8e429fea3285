//! The calls that write, and what each of them is on the wire.

use super::state::sarif_ref;
use super::wanted::{ReviewComment, Wanted};
use crate::render::github_review::ReviewEvent;
use serde_json::json;

/// One call that writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// A new comment in the conversation.
    CreateComment {
        /// What it says.
        body: String,
    },
    /// Another text for our comment.
    UpdateComment {
        /// Which.
        id: u64,
        /// What it says.
        body: String,
    },
    /// Another text for our comment at a line.
    UpdateLineComment {
        /// Which.
        id: u64,
        /// What it says.
        body: String,
    },
    /// A new review; its comments are stored with it or not at all.
    CreateReview {
        /// What it says.
        body: String,
        /// What it does.
        event: ReviewEvent,
        /// At most [`crate::render::limits::REVIEW_BATCH`].
        comments: Vec<ReviewComment>,
    },
    /// Another text for our review.
    UpdateReview {
        /// Which.
        id: u64,
        /// What it says.
        body: String,
    },
    /// Takes back what our review did.
    DismissReview {
        /// Which.
        id: u64,
    },
    /// A SARIF file.
    UploadSarif,
}

impl Call {
    /// In words, for a person: `create the summary comment (1234 characters)`.
    pub fn what(&self) -> String {
        match self {
            Self::CreateComment { body } => format!("create the summary comment ({} characters)", body.chars().count()),
            Self::UpdateComment { id, .. } => format!("update the summary comment {id}"),
            Self::UpdateLineComment { id, body } if body.starts_with(super::plan::RESOLVED) => {
                format!("mark the comment {id} as resolved")
            }
            Self::UpdateLineComment { id, .. } => format!("update the comment {id} at its line"),
            Self::CreateReview { event, comments, .. } => {
                format!("create a review ({}, {} comments at lines)", event.as_str(), comments.len())
            }
            Self::UpdateReview { id, .. } => format!("update the text of review {id}"),
            Self::DismissReview { id } => format!("dismiss review {id}"),
            Self::UploadSarif => "upload the SARIF file".to_owned(),
        }
    }

    /// Method and path.
    pub fn line(&self, wanted: &Wanted) -> (&'static str, String) {
        let (repo, pull) = (&wanted.repo, wanted.pull.unwrap_or_default());
        match self {
            Self::CreateComment { .. } => ("POST", format!("/repos/{repo}/issues/{pull}/comments")),
            Self::UpdateComment { id, .. } => ("PATCH", format!("/repos/{repo}/issues/comments/{id}")),
            Self::UpdateLineComment { id, .. } => ("PATCH", format!("/repos/{repo}/pulls/comments/{id}")),
            Self::CreateReview { .. } => ("POST", format!("/repos/{repo}/pulls/{pull}/reviews")),
            Self::UpdateReview { id, .. } => ("PUT", format!("/repos/{repo}/pulls/{pull}/reviews/{id}")),
            Self::DismissReview { id } => ("PUT", format!("/repos/{repo}/pulls/{pull}/reviews/{id}/dismissals")),
            Self::UploadSarif => ("POST", format!("/repos/{repo}/code-scanning/sarifs")),
        }
    }

    /// The body that is sent.
    pub(super) fn body(&self, wanted: &Wanted) -> Vec<u8> {
        let value = match self {
            Self::CreateComment { body }
            | Self::UpdateComment { body, .. }
            | Self::UpdateLineComment { body, .. }
            | Self::UpdateReview { body, .. } => {
                json!({ "body": body })
            }
            Self::CreateReview { body, event, comments } => {
                json!({ "commit_id": wanted.sha, "body": body, "event": event.as_str(), "comments": comments })
            }
            Self::DismissReview { .. } => {
                json!({ "message": "SecureScan no longer reports new findings here.", "event": "DISMISS" })
            }
            Self::UploadSarif => {
                let packed = wanted.sarif.as_ref().map(|sarif| sarif.packed.as_str()).unwrap_or_default();
                json!({ "commit_sha": wanted.sha, "ref": sarif_ref(wanted), "sarif": packed })
            }
        };
        value.to_string().into_bytes()
    }
}
