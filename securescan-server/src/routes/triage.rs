//! Triage: verdicts on findings, and what people say about them. Both belong to a fingerprint, which need not be that of any finding.

use super::findings::{FindingState, TriageStatus};
use super::page::{self, LIMIT};
use super::params::{Id, Pair};
use super::table::{Answer, READ, Route, Shape, WRITE};
use crate::auth::Principal;
use crate::error::{ApiError, ApiResult};
use crate::ids;
use crate::middleware::RequestId;
use crate::state::AppState;
use crate::storage::{CommentRow, Deed, NewState, StateRow};
use crate::time;
use crate::validate::query::{Param, Query};
use crate::validate::{Body, Issue};
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, patch, post};
use axum::{Extension, Json};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

/// Longer fingerprints are nobody's, in characters.
const MAX_FINGERPRINT: usize = 512;
/// The longest comment or note, in characters.
const MAX_TEXT: usize = 10_000;
/// The longest name, in characters.
const MAX_NAME: usize = 200;

const STATUSES: &[&str] = &["new", "triaged", "false_positive", "accepted_risk", "fixed", "wont_fix"];
const QUERY: &[Param] = &[LIMIT, page::CURSOR];

pub(super) const ROUTES: &[Route] = &[
    Route {
        tag: "triage",
        summary: "Give a verdict on a finding, in the place of the one before",
        body: Some("PatchStateBody"),
        answers: &[Answer::new(200, "The verdict", Shape::One("FindingState"))],
        ..Route::new("PATCH", "/findings/{fingerprint}/state", WRITE, "patch_state", || patch(judge))
    },
    Route {
        tag: "triage",
        summary: "The comments on a finding, oldest first",
        query: QUERY,
        answers: &[Answer::new(200, "The comments", Shape::List("FindingComment"))],
        ..Route::new("GET", "/findings/{fingerprint}/comments", READ, "list_comments", || get(list))
    },
    Route {
        tag: "triage",
        summary: "Comment on a finding",
        body: Some("AddCommentBody"),
        answers: &[Answer::new(201, "The comment", Shape::One("FindingComment"))],
        ..Route::new("POST", "/findings/{fingerprint}/comments", WRITE, "add_comment", || post(add))
    },
    Route {
        tag: "triage",
        summary: "Delete a comment on this finding",
        answers: &[Answer::new(204, "Deleted", Shape::Empty), Answer::error(404, "No such comment on this finding")],
        ..Route::new("DELETE", "/findings/{fingerprint}/comments/{comment_id}", WRITE, "delete_comment", || delete(remove))
    },
];

/// What somebody said about a finding.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FindingComment {
    id: String,
    /// The one it was made under, which may be the one the finding had before.
    fingerprint: String,
    text: String,
    /// The name that was given.
    #[schema(required)]
    author: Option<String>,
    created_at: String,
    /// The key's id, `env` or `dev`: who really asked; null for what the service for Python kept.
    #[schema(required)]
    principal: Option<String>,
}

/// A verdict. What is absent is cleared.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the schema of the body; read field by field to say what is wrong with each")]
pub(crate) struct PatchStateBody {
    /// `new` takes a verdict back.
    status: TriageStatus,
    #[schema(max_length = 10_000)]
    note: Option<String>,
    #[schema(max_length = 200)]
    updated_by: Option<String>,
}

/// A comment.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the schema of the body; read field by field to say what is wrong with each")]
pub(crate) struct AddCommentBody {
    #[schema(min_length = 1, max_length = 10_000)]
    text: String,
    #[schema(max_length = 200)]
    author: Option<String>,
}

impl From<CommentRow> for FindingComment {
    fn from(row: CommentRow) -> Self {
        Self {
            id: row.id,
            fingerprint: row.fingerprint,
            text: row.text,
            author: row.author,
            created_at: time::wire(row.created_at),
            principal: row.principal,
        }
    }
}

/// A fingerprint may be any text, but not without end.
fn checked(fingerprint: &str) -> ApiResult<()> {
    if fingerprint.chars().count() <= MAX_FINGERPRINT {
        return Ok(());
    }
    let shown: String = fingerprint.chars().take(200).chain(['…']).collect();
    let msg = format!("String should have at most {MAX_FINGERPRINT} characters");
    let issue = Issue::new("string_too_long", &[json!("path"), json!("fingerprint")], msg, shown.into());
    Err(ApiError::Invalid(vec![issue.with(json!({"max_length": MAX_FINGERPRINT}))]))
}

async fn judge(
    State(state): State<AppState>,
    Extension(who): Extension<Principal>,
    Id(fingerprint): Id,
    mut body: Body,
) -> ApiResult<Json<FindingState>> {
    let status = body.word("status", STATUSES).unwrap_or_default();
    let (note, updated_by) = (body.optional("note", MAX_TEXT), body.optional("updated_by", MAX_NAME));
    body.check()?;
    checked(&fingerprint)?;
    let at = time::now();
    let new = NewState {
        fingerprint: &fingerprint,
        status,
        note: note.as_deref(),
        updated_by: updated_by.as_deref(),
        principal: &who.id,
        at,
    };
    state.store.set_state(&new).await?;
    // As it was given: whoever comes right after does not change the answer.
    let row = StateRow {
        fingerprint,
        status: status.into(),
        note,
        updated_at: at,
        updated_by,
        principal: Some(who.id),
        regressed_at: None,
    };
    Ok(Json(row.into()))
}

async fn list(State(state): State<AppState>, uri: Uri, Id(fingerprint): Id) -> ApiResult<Response> {
    let query = Query::read(&uri, QUERY)?;
    checked(&fingerprint)?;
    let (limit, from) = (query.int("limit"), query.place("cursor").unwrap_or(0));
    let total = state.store.count_comments(&fingerprint).await?;
    let rows = state.store.comments(&fingerprint, from, limit.unwrap_or(-1)).await?;
    let next = limit.map(|limit| from.saturating_add(limit)).filter(|next| *next < total);
    let comments: Vec<FindingComment> = rows.into_iter().map(FindingComment::from).collect();
    Ok((page::headers(&uri, total, next), Json(comments)).into_response())
}

async fn add(
    State(state): State<AppState>,
    Extension(who): Extension<Principal>,
    Id(fingerprint): Id,
    mut body: Body,
) -> ApiResult<(StatusCode, Json<FindingComment>)> {
    let (text, author) = (body.words_of("text", MAX_TEXT), body.optional("author", MAX_NAME));
    body.check()?;
    checked(&fingerprint)?;
    let comment = CommentRow { id: ids::uuid(), fingerprint, text, author, principal: Some(who.id), created_at: time::now() };
    state.store.add_comment(&comment).await?;
    Ok((StatusCode::CREATED, Json(comment.into())))
}

async fn remove(
    State(state): State<AppState>,
    Extension(who): Extension<Principal>,
    Extension(request): Extension<RequestId>,
    Pair(fingerprint, id): Pair,
) -> ApiResult<StatusCode> {
    let deed =
        Deed { at: time::now(), principal: who.id, action: "comment.delete", subject: id.clone(), request_id: Some(request.0) };
    match state.store.delete_comment(&fingerprint, &id, &deed).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(ApiError::not_found("Comment not found")),
    }
}
