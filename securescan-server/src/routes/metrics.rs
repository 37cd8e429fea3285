//! `GET /metrics`: numbers for Prometheus. Off unless asked for, and then for callers who may read.

use super::table::{Answer, READ, Route, Shape};
use crate::error::{ApiError, ApiResult};
use crate::metrics::{head, line};
use crate::state::AppState;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

pub(super) const ROUTES: &[Route] = &[Route {
    tag: "meta",
    summary: "Numbers about the service in the text format of Prometheus",
    at_root: true,
    answers: &[
        Answer::new(200, "The numbers", Shape::Media(&["text/plain"])),
        Answer::error(404, "SECURESCAN_METRICS is not set"),
    ],
    ..Route::new("GET", "/metrics", READ, "metrics", || get(metrics))
}];

const STATUSES: &[&str] = &["pending", "running", "completed", "failed", "cancelled"];

async fn metrics(State(state): State<AppState>) -> ApiResult<impl IntoResponse> {
    if !state.settings.metrics {
        return Err(ApiError::not_found("Not Found"));
    }
    let scans = state.store.scans_by_status().await?;
    let open = state.store.open_deliveries().await?;
    let mut out = String::new();
    head(&mut out, "securescan_build_info", "gauge", "Always 1; the version is a label.");
    line(&mut out, "securescan_build_info", &format!("version=\"{}\"", securescan_core::VERSION), 1);
    state.metrics.write(&mut out);
    head(&mut out, "securescan_scans", "gauge", "Scans that are kept, by state.");
    for status in STATUSES {
        let count = scans.iter().find(|(word, _)| word == status).map_or(0, |(_, count)| *count);
        line(&mut out, "securescan_scans", &format!("status=\"{status}\""), count);
    }
    head(&mut out, "securescan_scan_queue_depth", "gauge", "Scans that wait for a worker.");
    line(&mut out, "securescan_scan_queue_depth", "", state.runner.waiting());
    head(&mut out, "securescan_scan_queue_limit", "gauge", "Scans that may wait.");
    line(&mut out, "securescan_scan_queue_limit", "", state.settings.max_queue);
    head(&mut out, "securescan_webhook_backlog", "gauge", "Deliveries that are not through, by state.");
    for status in ["pending", "delivering"] {
        let count = open.iter().find(|(word, _)| word == status).map_or(0, |(_, count)| *count);
        line(&mut out, "securescan_webhook_backlog", &format!("status=\"{status}\""), count);
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], out))
}
