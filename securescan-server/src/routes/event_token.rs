//! A token for the stream of events, for browsers that cannot send a header.

use super::params::Id;
use super::table::{Answer, READ, Route, Shape};
use crate::auth::{Principal, TTL, Token};
use crate::error::{ApiError, ApiResult};
use crate::state::AppState;
use crate::time;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::post;
use axum::{Extension, Json};
use serde::Serialize;
use utoipa::ToSchema;

pub(super) const ROUTES: &[Route] = &[Route {
    tag: "scans",
    summary: "A short-lived token for this scan's events",
    answers: &[Answer::new(200, "The token", Shape::One("EventTokenResponse")), Answer::error(404, "No such scan")],
    ..Route::new("POST", "/scans/{scan_id}/event-token", READ, "create_event_token", || post(create))
}];

/// A token and how long it is good.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventTokenResponse {
    token: String,
    /// Seconds.
    expires_in: i64,
}

async fn create(State(state): State<AppState>, Extension(who): Extension<Principal>, Id(id): Id) -> ApiResult<impl IntoResponse> {
    let scan = state.store.scan(&id).await?.ok_or_else(|| ApiError::not_found("Scan not found"))?;
    let token = Token::new(&scan.id, &who.id, time::now() / time::SECOND).write(&state.settings.event_token_secret);
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(EventTokenResponse { token, expires_in: TTL })))
}
