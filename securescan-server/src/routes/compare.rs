//! Two scans beside each other, by the engine's own comparison.

use super::page;
use super::scans::{Scan, known};
use super::table::{Answer, READ, Route, Shape};
use crate::error::{ApiError, ApiResult};
use crate::state::AppState;
use crate::storage::ScanRow;
use crate::validate::query::{Kind, Param, Query};
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use axum::routing::get;
use securescan_core::{ScanResult, classify};
use serde_json::json;

const QUERY: &[Param] = &[
    Param::required("scan_a", Kind::Text, "the id of the scan before"),
    Param::required("scan_b", Kind::Text, "the id of the scan after"),
];

pub(super) const ROUTES: &[Route] = &[Route {
    tag: "scans",
    summary: "What is new, fixed and unchanged between two scans",
    query: QUERY,
    answers: &[Answer::new(200, "The comparison", Shape::Json), Answer::error(404, "One of them is not there")],
    ..Route::new("GET", "/scans/compare", READ, "compare_scans", || get(compare))
}];

async fn compare(State(state): State<AppState>, headers: HeaderMap, uri: Uri) -> ApiResult<Response> {
    let query = Query::read(&uri, QUERY)?;
    let a = known(&state, query.text("scan_a").unwrap_or_default(), "Scan A not found").await?;
    let b = known(&state, query.text("scan_b").unwrap_or_default(), "Scan B not found").await?;
    let (before, after) = (whole(&state, &a).await?, whole(&state, &b).await?);
    let work = tokio::task::spawn_blocking(move || {
        let diff = classify::diff(before, after);
        let score = |scan: &Scan| scan.risk_score.unwrap_or(0.0);
        let (a, b) = (Scan::from(a), Scan::from(b));
        let delta = ((score(&b) - score(&a)) * 100.0).round() / 100.0;
        serde_json::to_vec(&json!({
            "scan_a": a.id,
            "scan_b": b.id,
            "new": diff.new,
            "fixed": diff.fixed,
            "unchanged": diff.unchanged,
            "not_scanned": diff.not_scanned,
            "new_findings": diff.new,
            "fixed_findings": diff.fixed,
            "unchanged_findings": diff.unchanged,
            "summary": {
                "new_count": diff.new.len(),
                "fixed_count": diff.fixed.len(),
                "unchanged_count": diff.unchanged.len(),
                "not_scanned_count": diff.not_scanned.len(),
                "risk_delta": delta,
            },
        }))
    });
    let bytes = work.await.map_err(|e| ApiError::Fault(e.to_string()))?.map_err(|e| ApiError::Fault(e.to_string()))?;
    Ok(page::tagged(&headers, "application/json", bytes))
}

/// A scan as the engine knows it.
pub(super) async fn whole(state: &AppState, scan: &ScanRow) -> ApiResult<ScanResult> {
    Ok(ScanResult {
        target: scan.target_path.clone(),
        scanners: state.store.coverage(scan.seq).await?,
        findings: state.store.whole_findings(scan.seq).await?,
    })
}
