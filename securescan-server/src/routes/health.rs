//! `GET /health`: the process answers. Public, never authenticated, looks at nothing else.

use crate::error::method_not_allowed;
use crate::state::AppState;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

/// The route of this file.
pub(super) fn router() -> Router<AppState> {
    Router::new().route("/health", get(health).fallback(async || method_not_allowed("GET, HEAD")))
}

async fn health() -> Json<Value> {
    Json(json!({"status": "ok"}))
}
