//! A scan as a document: the engine's reports.

use super::compare::whole;
use super::page;
use super::params::Id;
use super::scans::known;
use super::table::{Answer, READ, Route, Shape};
use crate::error::{ApiError, ApiResult};
use crate::state::AppState;
use crate::storage::ScanStatus;
use crate::time;
use crate::validate::query::{Kind, Param, Query};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::Response;
use axum::routing::get;
use securescan_core::render::{self, RenderInput, RenderOptions};

/// What browsers may do with a report: show it, with its own styles, and nothing else.
const SANDBOX: &str =
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'none'";

const QUERY: &[Param] = &[Param::optional("format", Kind::Words(&["html", "pdf", "sarif"]), "`html` when absent")];

pub(super) const ROUTES: &[Route] = &[Route {
    tag: "scans",
    summary: "The report of a completed scan",
    query: QUERY,
    answers: &[
        Answer::new(200, "The report", Shape::Media(&["text/html", "application/pdf", "application/sarif+json"])),
        Answer::error(400, "The scan is not completed"),
        Answer::error(404, "No such scan"),
        Answer::error(501, "This build does not write the format"),
    ],
    ..Route::new("GET", "/scans/{scan_id}/report", READ, "generate_report", || get(report))
}];

async fn report(State(state): State<AppState>, headers: HeaderMap, uri: Uri, Id(id): Id) -> ApiResult<Response> {
    let query = Query::read(&uri, QUERY)?;
    let scan = known(&state, &id, "Scan not found").await?;
    if scan.status != ScanStatus::Completed {
        return Err(ApiError::bad("Scan must be completed to generate a report"));
    }
    let short = scan.id.get(..8).unwrap_or(&scan.id);
    let (renderer, content_type, file) = match query.text("format") {
        Some("pdf") => ("report-pdf", "application/pdf", Some(format!("securescan-report-{short}.pdf"))),
        Some("sarif") => ("sarif", "application/sarif+json", Some(format!("securescan-{short}.sarif.json"))),
        _ => ("report-html", "text/html; charset=utf-8", None),
    };
    let renderer = render::find(renderer)?;
    let result = whole(&state, &scan).await?;
    let work = tokio::task::spawn_blocking(move || {
        let time = scan.completed_at.map(time::to_second);
        let options = RenderOptions { generated_at: time.clone(), time, timings: true, ..RenderOptions::default() };
        let input = RenderInput { risk_score: scan.risk_score, options, ..RenderInput::new(&result) };
        let mut bytes = Vec::new();
        renderer.render(&input, &mut bytes).map(|()| bytes)
    });
    let bytes = work.await.map_err(|e| ApiError::Fault(e.to_string()))??;
    let mut response = page::tagged(&headers, content_type, bytes);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(SANDBOX));
    if let Some(file) = file
        && let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{file}\""))
    {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}
