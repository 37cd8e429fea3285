//! The findings of a scan: the engine's own JSON, with the verdict on each beside it.

use super::page::{self, CURSOR, LIMIT};
use super::params::Id;
use super::scans::known;
use super::table::{Answer, READ, Route, Shape};
use crate::error::ApiResult;
use crate::state::AppState;
use crate::storage::{Filter, FindingRow, StateRow, StorageError, StorageResult};
use crate::time;
use crate::validate::query::{Kind, Param, Query};
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::{StreamExt, stream};
use serde::Serialize;
use utoipa::ToSchema;

/// Findings read at once when all are asked for.
const CHUNK: i64 = 500;

const QUERY: &[Param] = &[
    Param::optional("severity", Kind::Text, "one severity; an unknown one matches nothing"),
    Param::optional("scan_type", Kind::Text, "one type of scan; an unknown one matches nothing"),
    Param::optional("compliance", Kind::Text, "one compliance tag"),
    Param::optional("scanner", Kind::Text, "one scanner"),
    Param::optional("path", Kind::Text, "one file, or a folder with `/` at its end"),
    Param::optional("suppressed", Kind::Bool, "only what is suppressed, or only what is not"),
    Param::optional("q", Kind::Text, "a piece of title, rule, path or CWE, in any case"),
    LIMIT,
    CURSOR,
];

pub(super) const ROUTES: &[Route] = &[Route {
    tag: "scans",
    summary: "The findings of a scan in canonical order, suppressed ones included",
    query: QUERY,
    answers: &[Answer::new(200, "The findings", Shape::List("FindingWithState")), Answer::error(404, "No such scan")],
    ..Route::new("GET", "/scans/{scan_id}/findings", READ, "list_findings", || get(list))
}];

/// A verdict on a fingerprint.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FindingState {
    fingerprint: String,
    #[schema(value_type = TriageStatus)]
    status: String,
    #[schema(required)]
    note: Option<String>,
    updated_at: String,
    #[schema(required)]
    updated_by: Option<String>,
    /// The key's id, `env` or `dev`: who really asked, beside the name that was given.
    #[schema(required)]
    principal: Option<String>,
    /// When a scan first found again what is `fixed`.
    #[schema(required)]
    regressed_at: Option<String>,
}

/// What people made of a finding.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "the schema of a word")]
pub(crate) enum TriageStatus {
    New,
    Triaged,
    FalsePositive,
    AcceptedRisk,
    Fixed,
    WontFix,
}

impl From<StateRow> for FindingState {
    fn from(row: StateRow) -> Self {
        Self {
            fingerprint: row.fingerprint,
            status: row.status,
            note: row.note,
            updated_at: time::wire(row.updated_at),
            updated_by: row.updated_by,
            principal: row.principal,
            regressed_at: row.regressed_at.map(time::wire),
        }
    }
}

async fn list(State(state): State<AppState>, headers: HeaderMap, uri: Uri, Id(id): Id) -> ApiResult<Response> {
    let query = Query::read(&uri, QUERY)?;
    let after = query.place("cursor");
    let scan = known(&state, &id, "Scan not found").await?;
    let text = |name: &str| query.text(name).map(str::to_owned);
    let filter = Filter {
        severity: text("severity"),
        scan_type: text("scan_type"),
        scanner: text("scanner"),
        path: text("path"),
        compliance: text("compliance"),
        suppressed: query.bool("suppressed"),
        text: text("q").filter(|text| !text.is_empty()),
    };
    let total = match filter.is_open() {
        true => scan.findings_count,
        false => state.store.count_findings(scan.seq, &filter).await?,
    };
    let Some(limit) = query.int("limit") else {
        let first = state.store.findings(scan.seq, &filter, after, CHUNK).await?;
        let body = all(state, scan.seq, filter, first);
        return Ok((page::headers(&uri, total, None), [(header::CONTENT_TYPE, "application/json")], body).into_response());
    };
    let mut rows = state.store.findings(scan.seq, &filter, after, limit + 1).await?;
    let mut next = None;
    if let Some(limit) = usize::try_from(limit).ok().filter(|limit| rows.len() > *limit) {
        rows.truncate(limit);
        next = rows.last().map(|row| row.ord);
    }
    let mut bytes = vec![b'['];
    write(&mut bytes, rows, true);
    bytes.push(b']');
    Ok((page::headers(&uri, total, next), page::tagged(&headers, "application/json", bytes)).into_response())
}

/// Where a long answer is.
struct Rest {
    state: AppState,
    scan: i64,
    filter: Filter,
    rows: Vec<FindingRow>,
    first: bool,
    done: bool,
}

/// All findings, read and sent piece by piece.
fn all(state: AppState, scan: i64, filter: Filter, first: Vec<FindingRow>) -> Body {
    let rest = Rest { state, scan, filter, rows: first, first: true, done: false };
    // Fused, because compression asks once more after the end.
    Body::from_stream(stream::unfold(rest, |rest| async { piece(rest).await }).fuse())
}

async fn piece(mut rest: Rest) -> Option<(StorageResult<Vec<u8>>, Rest)> {
    if rest.done {
        return None;
    }
    let rows = std::mem::take(&mut rest.rows);
    let last = rows.last().map(|row| row.ord);
    let is_full = i64::try_from(rows.len()).is_ok_and(|n| n >= CHUNK);
    let mut bytes = if rest.first { vec![b'['] } else { Vec::new() };
    write(&mut bytes, rows, rest.first);
    rest.first = false;
    match is_full {
        true => match rest.state.store.findings(rest.scan, &rest.filter, last, CHUNK).await {
            Ok(rows) => rest.rows = rows,
            Err(error) => {
                rest.done = true;
                return Some((Err(error), rest));
            }
        },
        false => {
            rest.done = true;
            // Read in several pieces: what was deleted meanwhile must not look complete.
            if last.is_some() && !rest.state.store.has_scan(rest.scan).await.unwrap_or(false) {
                return Some((Err(StorageError::new("the scan was deleted meanwhile")), rest));
            }
            bytes.push(b']');
        }
    }
    Some((Ok(bytes), rest))
}

/// Writes rows as items of an array. Each is the engine's object with three more members at its end.
fn write(out: &mut Vec<u8>, rows: Vec<FindingRow>, mut first: bool) {
    for row in rows {
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
        let object = row.body.strip_suffix('}').unwrap_or(&row.body);
        out.extend_from_slice(object.as_bytes());
        let state = row.state.map(FindingState::from);
        let number = |n: Option<i64>| n.map_or_else(|| "null".to_owned(), |n| n.to_string());
        let state = serde_json::to_string(&state).unwrap_or_else(|_| "null".to_owned());
        let more = format!(",\"line_start\":{},\"line_end\":{},\"state\":{state}", number(row.line), number(row.end_line));
        out.extend_from_slice(more.as_bytes());
        if let Some((model, text)) = row.advice {
            let advice = serde_json::json!({"model": model, "text": text});
            out.extend_from_slice(format!(",\"ai_remediation\":{advice}").as_bytes());
        }
        out.push(b'}');
    }
}
