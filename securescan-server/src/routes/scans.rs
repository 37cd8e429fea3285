//! Scans: started, listed, looked at, cancelled, deleted, summed up.

use super::page::{self, CURSOR, LIMIT};
use super::params::Id;
use super::table::{Answer, READ, Route, Shape, WRITE};
use crate::auth::Principal;
use crate::error::{ApiError, ApiResult};
use crate::ids;
use crate::middleware::RequestId;
use crate::runner::QueueFull;
use crate::settings::Settings;
use crate::state::AppState;
use crate::storage::{Deed, NewScan, ScanRow, ScanStatus};
use crate::time;
use crate::validate::Body;
use crate::validate::query::{Param, Query};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Extension, Json};
use securescan_core::ScanType;
use serde::Serialize;
use std::path::{Path, PathBuf};
use utoipa::ToSchema;

const NO_SCAN: Answer = Answer::error(404, "No such scan");
const PAGE: &[Param] = &[LIMIT, CURSOR];

pub(super) const ROUTES: &[Route] = &[
    Route {
        tag: "scans",
        summary: "Start a scan",
        body: Some("ScanRequest"),
        limited: true,
        answers: &[Answer::new(200, "The scan, waiting", Shape::One("Scan")), Answer::error(400, "The target cannot be scanned")],
        ..Route::new("POST", "/scans", WRITE, "create_scan", || post(create))
    },
    Route {
        tag: "scans",
        summary: "Scans, newest first",
        query: PAGE,
        answers: &[Answer::new(200, "The scans", Shape::List("Scan"))],
        ..Route::new("GET", "/scans", READ, "list_scans", || get(list))
    },
    Route {
        tag: "scans",
        summary: "One scan",
        answers: &[Answer::new(200, "The scan", Shape::One("Scan")), NO_SCAN],
        ..Route::new("GET", "/scans/{scan_id}", READ, "read_scan", || get(read))
    },
    Route {
        tag: "scans",
        summary: "Delete a scan that has ended, with its findings",
        answers: &[Answer::new(204, "Deleted", Shape::Empty), NO_SCAN, Answer::error(409, "It has not ended")],
        ..Route::new("DELETE", "/scans/{scan_id}", WRITE, "delete_scan", || delete(remove))
    },
    Route {
        tag: "scans",
        summary: "Cancel a scan",
        answers: &[Answer::new(200, "The scan, cancelled", Shape::One("Scan")), NO_SCAN, Answer::error(409, "It has ended")],
        ..Route::new("POST", "/scans/{scan_id}/cancel", WRITE, "cancel_scan", || post(cancel))
    },
    Route {
        tag: "scans",
        summary: "Counts by severity, risk score, scanners and time",
        answers: &[Answer::new(200, "The summary", Shape::One("ScanSummary")), NO_SCAN],
        ..Route::new("GET", "/scans/{scan_id}/summary", READ, "read_scan_summary", || get(summary))
    },
];

/// What to scan.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the schema of the body; read field by field to say what is wrong with each")]
pub(crate) struct ScanRequest {
    /// A folder or file on the server.
    #[schema(min_length = 1)]
    target_path: String,
    #[schema(value_type = Vec<ScanTypeWord>, required = false, min_items = 1, default = json!(["code", "dependency"]))]
    scan_types: Vec<ScanType>,
    /// Where `dast` looks.
    target_url: Option<String>,
    /// Where `network` looks.
    target_host: Option<String>,
    /// Ask the language model that the service knows for a summary and for advice on the worst findings.
    #[schema(default = false)]
    ai: Option<bool>,
}

/// A kind of scan.
#[derive(Debug, ToSchema)]
#[schema(as = ScanType, rename_all = "lowercase")]
#[expect(dead_code, reason = "the schema of the engine's type")]
pub(crate) enum ScanTypeWord {
    Code,
    Dependency,
    Iac,
    Baseline,
    Dast,
    Network,
}

/// A scanner that did not run.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ScannerSkip {
    name: String,
    reason: String,
    #[schema(required)]
    install_hint: Option<String>,
}

/// A scanner that did not finish.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ScannerFailure {
    name: String,
    error: String,
}

/// A scan. Times are UTC.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Scan {
    pub(super) id: String,
    target_path: String,
    #[schema(value_type = Vec<ScanTypeWord>)]
    scan_types: Vec<ScanType>,
    status: ScanStatus,
    /// While it waits, when it was asked for.
    #[schema(required)]
    started_at: Option<String>,
    #[schema(required)]
    completed_at: Option<String>,
    /// Suppressed ones included.
    findings_count: i64,
    #[schema(required)]
    pub(super) risk_score: Option<f64>,
    #[schema(required)]
    summary: Option<String>,
    #[schema(required)]
    error: Option<String>,
    #[schema(required)]
    target_url: Option<String>,
    #[schema(required)]
    target_host: Option<String>,
    scanners_run: Vec<String>,
    scanners_skipped: Vec<ScannerSkip>,
    scanners_failed: Vec<ScannerFailure>,
}

/// A scan in numbers. Suppressed findings count only where it says so.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ScanSummary {
    total_findings: i64,
    critical: i64,
    high: i64,
    medium: i64,
    low: i64,
    info: i64,
    suppressed: i64,
    risk_score: f64,
    scanners_run: Vec<String>,
    scanners_skipped: Vec<ScannerSkip>,
    #[schema(required)]
    started_at: Option<String>,
    #[schema(required)]
    completed_at: Option<String>,
    #[schema(required)]
    duration_s: Option<f64>,
}

fn skips(list: Vec<(String, String, Option<String>)>) -> Vec<ScannerSkip> {
    list.into_iter().map(|(name, reason, install_hint)| ScannerSkip { name, reason, install_hint }).collect()
}

impl From<ScanRow> for Scan {
    fn from(row: ScanRow) -> Self {
        Self {
            id: row.id,
            target_path: row.target_path,
            scan_types: row.scan_types,
            status: row.status,
            // The documentation shows a time for a scan that still waits: that of its creation.
            started_at: Some(time::wire(row.started_at.unwrap_or(row.created_at))),
            completed_at: row.completed_at.map(time::wire),
            findings_count: row.findings_count,
            risk_score: row.risk_score,
            summary: row.summary,
            error: row.error,
            target_url: row.target_url,
            target_host: row.target_host,
            scanners_run: row.scanners_run,
            scanners_skipped: skips(row.scanners_skipped),
            scanners_failed: row.scanners_failed.into_iter().map(|(name, error)| ScannerFailure { name, error }).collect(),
        }
    }
}

/// A scan by id.
///
/// # Errors
/// 404 with the text given.
pub(super) async fn known(state: &AppState, id: &str, missing: &str) -> ApiResult<ScanRow> {
    state.store.scan(id).await?.ok_or_else(|| ApiError::not_found(missing))
}

const TYPES: &[(&str, ScanType)] = &[
    ("code", ScanType::Code),
    ("dependency", ScanType::Dependency),
    ("iac", ScanType::Iac),
    ("baseline", ScanType::Baseline),
    ("dast", ScanType::Dast),
    ("network", ScanType::Network),
];

async fn create(State(state): State<AppState>, Extension(who): Extension<Principal>, mut body: Body) -> ApiResult<Json<Scan>> {
    let target = body.string("target_path", 0, 4096);
    let types = body.words("scan_types", TYPES, 1).unwrap_or_else(|| vec![ScanType::Code, ScanType::Dependency]);
    let (url, host) = (body.optional("target_url", 2048), body.optional("target_host", 255));
    let ai = body.flag("ai").unwrap_or(false);
    body.check()?;
    if let Some(why) = state.settings.ai.as_ref().err().filter(|_| ai) {
        return Err(ApiError::bad(*why));
    }
    let settings = state.settings.clone();
    let checked = tokio::task::spawn_blocking(move || scannable(&target, &settings));
    let target_path = checked.await.map_err(|e| ApiError::Fault(e.to_string()))??;
    let scan = NewScan {
        id: ids::uuid(),
        target_path,
        scan_types: types,
        target_url: url.filter(|url| !url.trim().is_empty()),
        target_host: host.filter(|host| !host.trim().is_empty()),
        created_at: time::now(),
        created_by: who.id,
        ai,
    };
    match state.runner.submit(scan).await? {
        Ok(row) => Ok(Json(row.into())),
        Err(QueueFull) => Err(ApiError::TooMany { retry_after: 30, limit_per_min: None }),
    }
}

/// The absolute path of a target that exists and may be scanned. Decided on what it really is, behind every link.
pub(super) fn scannable(given: &str, settings: &Settings) -> ApiResult<String> {
    let refused = |why: &str| ApiError::bad(format!("{why}: {given}"));
    let missing = || refused("Path does not exist");
    if given.is_empty() {
        return Err(missing());
    }
    let absolute = std::path::absolute(given).map_err(|_| missing())?;
    let real = absolute.canonicalize().map_err(|_| missing())?;
    let meta = real.metadata().map_err(|_| missing())?;
    if !meta.is_dir() && !meta.is_file() {
        return Err(refused("Path is not a file or directory"));
    }
    if is_forbidden(&real) {
        return Err(refused("Scanning system path not allowed"));
    }
    let roots: Vec<PathBuf> = settings.scan_roots.iter().filter_map(|root| root.canonicalize().ok()).collect();
    if !settings.scan_roots.is_empty() && !roots.iter().any(|root| real.starts_with(root)) {
        return Err(refused("Path is outside the folders that may be scanned"));
    }
    absolute.into_os_string().into_string().map_err(|_| missing())
}

/// What the kernel pretends, and what holds credentials; keys of any user, not of the first one alone.
pub(super) fn is_forbidden(real: &Path) -> bool {
    ["/etc/shadow", "/proc", "/sys", "/dev"].iter().any(|path| real.starts_with(path))
        || real.components().any(|part| part.as_os_str() == ".ssh")
}

async fn list(State(state): State<AppState>, uri: Uri) -> ApiResult<Response> {
    let query = Query::read(&uri, PAGE)?;
    let (limit, before) = (query.int("limit"), query.place("cursor"));
    let mut rows = state.store.scans(before, limit.map_or(i64::MAX, |limit| limit + 1)).await?;
    let total = state.store.count_scans().await?;
    let mut next = None;
    if let Some(limit) = limit.and_then(|limit| usize::try_from(limit).ok()).filter(|limit| rows.len() > *limit) {
        rows.truncate(limit);
        next = rows.last().map(|row| row.seq);
    }
    let scans: Vec<Scan> = rows.into_iter().map(Scan::from).collect();
    Ok((page::headers(&uri, total, next), Json(scans)).into_response())
}

async fn read(State(state): State<AppState>, headers: HeaderMap, Id(id): Id) -> ApiResult<Response> {
    let row = known(&state, &id, "Scan not found").await?;
    Ok(settled(&headers, row.status, &Scan::from(row)))
}

/// An answer about a scan: what will not change any more has a tag.
pub(super) fn settled<T: Serialize>(headers: &HeaderMap, status: ScanStatus, value: &T) -> Response {
    match serde_json::to_vec(value) {
        Ok(bytes) if status.is_terminal() => page::tagged(headers, "application/json", bytes),
        _ => Json(value).into_response(),
    }
}

async fn remove(
    State(state): State<AppState>,
    Extension(who): Extension<Principal>,
    Extension(request): Extension<RequestId>,
    Id(id): Id,
) -> ApiResult<StatusCode> {
    let row = known(&state, &id, "Scan not found").await?;
    if !row.status.is_terminal() {
        let status = row.status.as_str();
        return Err(ApiError::conflict(format!("Cannot delete scan in '{status}' state; cancel it first")));
    }
    let deed =
        Deed { at: time::now(), principal: who.id, action: "scan.delete", subject: id.clone(), request_id: Some(request.0) };
    match state.store.delete_scan(&id, &deed).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(ApiError::not_found("Scan not found")),
    }
}

async fn cancel(State(state): State<AppState>, Id(id): Id) -> ApiResult<Json<Scan>> {
    known(&state, &id, "Scan not found").await?;
    let done = state.runner.cancel(&id).await?;
    let row = known(&state, &id, "Scan not found").await?;
    if !done {
        return Err(ApiError::conflict(format!("Cannot cancel scan in '{}' state", row.status.as_str())));
    }
    Ok(Json(row.into()))
}

async fn summary(State(state): State<AppState>, headers: HeaderMap, Id(id): Id) -> ApiResult<Response> {
    let row = known(&state, &id, "Scan not found").await?;
    let [critical, high, medium, low, info] = row.severities;
    let micros = row.started_at.zip(row.completed_at).map(|(from, to)| to.saturating_sub(from).max(0));
    #[expect(clippy::cast_precision_loss, reason = "a duration of hundredths of a second")]
    let duration_s = micros.map(|micros| (micros / 10_000) as f64 / 100.0);
    let summary = ScanSummary {
        total_findings: critical + high + medium + low + info,
        critical,
        high,
        medium,
        low,
        info,
        suppressed: row.suppressed,
        risk_score: row.risk_score.unwrap_or(0.0),
        scanners_run: row.scanners_run,
        scanners_skipped: skips(row.scanners_skipped),
        started_at: row.started_at.map(time::wire),
        completed_at: row.completed_at.map(time::wire),
        duration_s,
    };
    Ok(settled(&headers, row.status, &summary))
}
