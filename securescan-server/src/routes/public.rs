//! What everybody may ask: that the service is there, and that it can work. Looks at no caller.

use super::table::{Access, Answer, Route, Shape};
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};

pub(super) const ROUTES: &[Route] = &[
    Route {
        tag: "health",
        summary: "What this is",
        answers: &[Answer::new(200, "Name, state and where to go", Shape::Json)],
        ..Route::new("GET", "/", Access::Public, "root", || get(root))
    },
    Route {
        tag: "health",
        summary: "The process answers",
        answers: &[Answer::new(200, "It does", Shape::Json)],
        ..Route::new("GET", "/health", Access::Public, "health", || get(health))
    },
    Route {
        tag: "health",
        summary: "The service can work",
        answers: &[Answer::new(200, "It can", Shape::Json), Answer::new(503, "It cannot", Shape::Json)],
        ..Route::new("GET", "/ready", Access::Public, "ready", || get(ready))
    },
];

async fn root() -> Json<Value> {
    Json(json!({
        "name": "SecureScan API",
        "status": "ok",
        "docs": "/docs",
        "health": "/health",
        "version": securescan_core::VERSION,
    }))
}

async fn health() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

/// Whether the database answers and there are scanners. Why not is for the log alone.
async fn ready(State(state): State<AppState>) -> Response {
    let database = state.store.ping().await;
    if let Err(error) = &database {
        state.log.error("securescan.main", "not ready", &[("error", json!(error.to_string()))]);
    }
    let word = |ok: bool| if ok { "ok" } else { "fail" };
    let scanners = !securescan_core::scanners::SCANNERS.is_empty();
    let checks = json!({"database": word(database.is_ok()), "scanner_registry": word(scanners)});
    if database.is_ok() && scanners {
        return Json(json!({"status": "ready", "checks": checks})).into_response();
    }
    let body = json!({"detail": {"status": "not_ready", "checks": checks}});
    (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
}
