//! Bills of materials: made of a folder by the engine, kept as they were made, and handed out the same every time.

use super::page::{self, CURSOR, LIMIT};
use super::params::Id;
use super::scans::{known, scannable};
use super::table::{Answer, READ, Route, Shape, WRITE};
use crate::error::{ApiError, ApiResult};
use crate::ids::{self, hex};
use crate::state::AppState;
use crate::storage::{ComponentRow, Documents, SbomRow};
use crate::time;
use crate::validate::query::{Kind, Param, Query};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use securescan_core::ErrorKind;
use securescan_core::sbom::{self, Bill, Component, Format, SbomOptions};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::{Arc, LazyLock};
use tokio::sync::Semaphore;
use utoipa::ToSchema;

/// Bills that are made at once; the others wait.
static MAKING: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(2)));

const FORMAT: Param = Param::optional("format", Kind::Text, "`cyclonedx` or `spdx`; `cyclonedx` when absent");
const FORMATS: &[Param] = &[FORMAT];
const GENERATE: &[Param] = &[
    Param::required("target_path", Kind::Text, "a folder on the server, or one manifest"),
    FORMAT,
    Param::optional("scan_id", Kind::Text, "the scan it belongs to"),
];
const PAGE: &[Param] = &[LIMIT, CURSOR];
const NO_SBOM: Answer = Answer::error(404, "No such bill");
const BAD_FORMAT: Answer = Answer::error(400, "No such format");

pub(super) const ROUTES: &[Route] = &[
    Route {
        tag: "sbom",
        summary: "Make a bill of materials and keep it",
        query: GENERATE,
        answers: &[
            Answer::new(200, "The bill and its document", Shape::One("SbomGenerated")),
            Answer::error(400, "No such format, or a target that cannot be looked at"),
            Answer::error(404, "No such scan"),
        ],
        ..Route::new("POST", "/sbom/generate", WRITE, "generate_sbom", || post(generate))
    },
    Route {
        tag: "sbom",
        summary: "What bills there are, newest first",
        query: PAGE,
        answers: &[Answer::new(200, "The bills without their components", Shape::List("SbomSummary"))],
        ..Route::new("GET", "/sbom/history", READ, "list_sboms", || get(history))
    },
    Route {
        tag: "sbom",
        summary: "The bills of a scan, newest first, with their components",
        answers: &[Answer::new(200, "The bills; none for an unknown scan", Shape::List("SBOMDocument"))],
        ..Route::new("GET", "/sbom/scan/{scan_id}", READ, "get_sboms_for_scan", || get(of_scan))
    },
    Route {
        tag: "sbom",
        summary: "One bill with its components",
        answers: &[Answer::new(200, "The bill", Shape::One("SBOMDocument")), NO_SBOM],
        ..Route::new("GET", "/sbom/{sbom_id}", READ, "get_sbom_document", || get(read))
    },
    Route {
        tag: "sbom",
        summary: "A bill as a document",
        query: FORMATS,
        answers: &[Answer::new(200, "The document, as it was made", Shape::Json), BAD_FORMAT, NO_SBOM],
        ..Route::new("GET", "/sbom/{sbom_id}/export", READ, "export_sbom", || get(export))
    },
    Route {
        tag: "scans",
        summary: "The bill of materials of a scan's target",
        query: FORMATS,
        answers: &[
            Answer::new(200, "The newest one that is kept for the scan, else one of its target as it is now", Shape::Json),
            Answer::error(400, "No such format, or a target that cannot be looked at any more"),
            Answer::error(404, "No such scan"),
        ],
        ..Route::new("GET", "/scans/{scan_id}/sbom", READ, "scan_sbom", || get(scan_sbom))
    },
];

/// What a bill is, without its components.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SbomSummary {
    id: String,
    #[schema(required)]
    scan_id: Option<String>,
    target_path: String,
    #[schema(value_type = SbomFormat)]
    format: String,
    created_at: String,
    component_count: i64,
}

/// A format of bills.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "the schema of a word")]
pub(crate) enum SbomFormat {
    CycloneDx,
    Spdx,
}

/// A bill that was just made.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the schema of an answer that is put together as text")]
pub(crate) struct SbomGenerated {
    sbom_id: String,
    format: SbomFormat,
    component_count: i64,
    /// The bytes that the export answers.
    #[schema(value_type = Object)]
    document: String,
    /// Manifests that could not be read, with the reason: the bill may lack what they list.
    #[schema(value_type = Vec<Object>)]
    unread: Vec<String>,
}

/// A bill with its components.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SBOMDocument)]
pub(crate) struct SbomDocument {
    id: String,
    #[schema(required)]
    scan_id: Option<String>,
    target_path: String,
    #[schema(value_type = SbomFormat)]
    format: String,
    #[schema(value_type = Vec<SbomComponent>)]
    components: Vec<SbomComponent>,
    created_at: String,
}

/// A package.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SBOMComponent)]
pub(crate) struct SbomComponent {
    id: String,
    sbom_id: String,
    name: String,
    /// `unknown` when no manifest fixes one.
    version: String,
    #[serde(rename = "type")]
    kind: String,
    #[schema(required)]
    purl: Option<String>,
    #[schema(required)]
    license: Option<String>,
    #[schema(required)]
    supplier: Option<String>,
}

impl From<SbomRow> for SbomSummary {
    fn from(row: SbomRow) -> Self {
        Self {
            id: row.id,
            scan_id: row.scan_id,
            target_path: row.target_path,
            format: row.format,
            created_at: time::wire(row.created_at),
            component_count: row.component_count,
        }
    }
}

impl SbomDocument {
    fn of(row: SbomRow, components: Vec<ComponentRow>) -> Self {
        let component = |row: ComponentRow| SbomComponent {
            id: row.id,
            sbom_id: row.sbom_id,
            name: row.name,
            version: row.version,
            kind: row.kind,
            purl: row.purl,
            license: row.license,
            supplier: row.supplier,
        };
        Self {
            id: row.id,
            scan_id: row.scan_id,
            target_path: row.target_path,
            format: row.format,
            components: components.into_iter().map(component).collect(),
            created_at: time::wire(row.created_at),
        }
    }
}

/// The format a query names.
fn format(query: &Query) -> ApiResult<Format> {
    let word = query.text("format").unwrap_or("cyclonedx");
    word.parse().map_err(|error: securescan_core::Error| ApiError::bad(error.message()))
}

fn word(format: Format) -> &'static str {
    match format {
        Format::CycloneDx => "cyclonedx",
        Format::Spdx => "spdx",
    }
}

fn other(format: Format) -> Format {
    match format {
        Format::CycloneDx => Format::Spdx,
        Format::Spdx => Format::CycloneDx,
    }
}

/// What a document says beside the bill: its name is the folder's where no manifest has one.
fn options(bill: &Bill, target: &str, at: i64) -> SbomOptions {
    let folder = || Path::new(target).file_name().map(|name| name.to_string_lossy().into_owned());
    let name = bill.name.clone().or_else(folder);
    SbomOptions { name, created: Some(time::to_second(at)), ..SbomOptions::default() }
}

/// Looks at a target, off the threads that answer; its check is that of a scan's target.
async fn made<T: Send + 'static>(
    state: &AppState,
    target: String,
    work: impl FnOnce(String, &Bill) -> ApiResult<T> + Send + 'static,
) -> ApiResult<T> {
    let settings = state.settings.clone();
    let turn = Arc::clone(&MAKING).acquire_owned().await.map_err(|e| ApiError::Fault(e.to_string()))?;
    let done = tokio::task::spawn_blocking(move || {
        // Held to the end of the work, also when nobody waits for it any more.
        let _turn = turn;
        let target = scannable(&target, &settings)?;
        // What cannot be read, or is no manifest, is the caller's choice.
        let bill = sbom::collect(Path::new(&target)).map_err(|error| match error.kind() {
            ErrorKind::InvalidArgument => ApiError::bad(error.message()),
            _ => ApiError::bad(format!("SBOM generation failed: `{target}` cannot be read")),
        })?;
        work(target, &bill)
    });
    done.await.map_err(|e| ApiError::Fault(e.to_string()))?
}

async fn generate(State(state): State<AppState>, uri: Uri) -> ApiResult<Response> {
    let query = Query::read(&uri, GENERATE)?;
    let format = format(&query)?;
    let scan_id = query.text("scan_id").filter(|id| !id.is_empty()).map(str::to_owned);
    if let Some(id) = &scan_id {
        known(&state, id, "Scan not found").await?;
    }
    let target = query.text("target_path").unwrap_or_default().to_owned();
    let (row, documents, parts, unread) = made(&state, target, move |target_path, bill| {
        let (id, created_at) = (ids::uuid(), time::now());
        let options = options(bill, &target_path, created_at);
        let own = sbom::render(bill, format, &options)?;
        let documents = Documents { other: Some(sbom::render(bill, other(format), &options)?), own: Some(own) };
        let parts = rows(&id, bill);
        let component_count = i64::try_from(parts.len()).unwrap_or(i64::MAX);
        let row = SbomRow { place: 0, id, scan_id, target_path, format: word(format).into(), created_at, component_count };
        Ok((row, documents, parts, bill.unread.clone()))
    })
    .await?;
    state.store.add_sbom(&row, &documents, &parts).await?;
    // The document is put in as it is, so that both answers hold the same bytes.
    let head = serde_json::json!({"sbom_id": row.id, "format": row.format, "component_count": row.component_count});
    let mut body = head.to_string();
    body.pop();
    body.push_str(",\"document\":");
    body.push_str(documents.own.as_deref().unwrap_or("null").trim_end());
    let unread = serde_json::to_string(&unread).unwrap_or_else(|_| "[]".into());
    body.push_str(&format!(",\"unread\":{unread}}}"));
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// The rows of a bill's components. Their ids are made from what they are of, so that nothing depends on chance.
fn rows(sbom_id: &str, bill: &Bill) -> Vec<ComponentRow> {
    let row = |(purl, part): (&String, &Component)| {
        let digest = hex(&Sha256::digest(format!("{sbom_id}|{purl}")));
        let cut = |from: usize, to: usize| digest.get(from..to).unwrap_or_default();
        ComponentRow {
            id: format!("{}-{}-8{}-8{}-{}", cut(0, 8), cut(8, 12), cut(13, 16), cut(17, 20), cut(20, 32)),
            sbom_id: sbom_id.to_owned(),
            name: part.name.clone(),
            version: part.version.clone().unwrap_or_else(|| "unknown".into()),
            kind: "library".into(),
            purl: Some(purl.clone()),
            license: part.license.clone(),
            supplier: None,
        }
    };
    bill.components.iter().map(row).collect()
}

/// A bill of rows, for what was kept without its documents.
fn bill(parts: Vec<ComponentRow>) -> Bill {
    let mut bill = Bill::default();
    for part in parts {
        let version = Some(part.version).filter(|v| !v.is_empty() && v != "unknown");
        let purl = part.purl.filter(|purl| purl.starts_with("pkg:"));
        let ecosystem = purl.as_deref().and_then(|p| p.get(4..)?.split('/').next()).unwrap_or("generic").to_owned();
        let purl = purl.unwrap_or_else(|| match &version {
            Some(version) => format!("pkg:generic/{}@{}", escaped(&part.name), escaped(version)),
            None => format!("pkg:generic/{}", escaped(&part.name)),
        });
        let component = Component {
            ecosystem,
            name: part.name,
            version,
            declared: BTreeSet::new(),
            license: part.license.filter(|l| !l.is_empty()),
            ..Component::default()
        };
        bill.components.entry(purl).or_insert(component);
    }
    bill
}

/// As package URLs are written: everything but letters, digits and `.-_~` in hexadecimal.
fn escaped(text: &str) -> String {
    let byte = |b: u8| match b {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' => char::from(b).to_string(),
        _ => format!("%{b:02X}"),
    };
    text.bytes().map(byte).collect()
}

async fn history(State(state): State<AppState>, uri: Uri) -> ApiResult<Response> {
    let query = Query::read(&uri, PAGE)?;
    let limit = query.int("limit");
    let mut rows = state.store.sboms(query.place("cursor"), limit.map_or(-1, |limit| limit + 1)).await?;
    let total = state.store.count_sboms().await?;
    let mut next = None;
    if let Some(limit) = limit.and_then(|limit| usize::try_from(limit).ok()).filter(|limit| rows.len() > *limit) {
        rows.truncate(limit);
        next = rows.last().map(|row| row.place);
    }
    let bills: Vec<SbomSummary> = rows.into_iter().map(SbomSummary::from).collect();
    Ok((page::headers(&uri, total, next), Json(bills)).into_response())
}

async fn found(state: &AppState, id: &str) -> ApiResult<SbomRow> {
    state.store.sbom(id).await?.ok_or_else(|| ApiError::not_found("SBOM not found"))
}

async fn read(State(state): State<AppState>, headers: HeaderMap, Id(id): Id) -> ApiResult<Response> {
    let row = found(&state, &id).await?;
    let components = state.store.sbom_components(&id).await?;
    let bytes = serde_json::to_vec(&SbomDocument::of(row, components)).map_err(|e| ApiError::Fault(e.to_string()))?;
    Ok(page::tagged(&headers, "application/json", bytes))
}

async fn of_scan(State(state): State<AppState>, Id(scan_id): Id) -> ApiResult<Json<Vec<SbomDocument>>> {
    let bills = state.store.sboms_of_scan(&scan_id).await?;
    let mut parts: HashMap<String, Vec<ComponentRow>> = HashMap::new();
    for part in state.store.sbom_components_of_scan(&scan_id).await? {
        parts.entry(part.sbom_id.clone()).or_default().push(part);
    }
    Ok(Json(
        bills
            .into_iter()
            .map(|row| {
                let own = parts.remove(&row.id).unwrap_or_default();
                SbomDocument::of(row, own)
            })
            .collect(),
    ))
}

/// The document of a bill in a format: as it was made, or made of its rows where it was not.
async fn document(state: &AppState, row: &SbomRow, format: Format) -> ApiResult<String> {
    let documents = state.store.sbom_documents(&row.id).await?;
    let kept = if row.format == word(format) { documents.own } else { documents.other };
    if let Some(kept) = kept {
        return Ok(kept);
    }
    let (row, parts) = (row.clone(), state.store.sbom_components(&row.id).await?);
    let work = tokio::task::spawn_blocking(move || {
        let bill = bill(parts);
        sbom::render(&bill, format, &options(&bill, &row.target_path, row.created_at))
    });
    Ok(work.await.map_err(|e| ApiError::Fault(e.to_string()))??)
}

async fn export(State(state): State<AppState>, headers: HeaderMap, uri: Uri, Id(id): Id) -> ApiResult<Response> {
    let format = format(&Query::read(&uri, FORMATS)?)?;
    let row = found(&state, &id).await?;
    let text = document(&state, &row, format).await?;
    Ok(attached(&headers, &row.id, format, text))
}

async fn scan_sbom(State(state): State<AppState>, headers: HeaderMap, uri: Uri, Id(id): Id) -> ApiResult<Response> {
    let format = format(&Query::read(&uri, FORMATS)?)?;
    let scan = known(&state, &id, "Scan not found").await?;
    let kept = state.store.sboms_of_scan(&id).await?;
    let text = match kept.first() {
        Some(row) => document(&state, row, format).await?,
        None => {
            let at = scan.completed_at.unwrap_or(scan.created_at);
            let work = move |target: String, bill: &Bill| Ok(sbom::render(bill, format, &options(bill, &target, at))?);
            made(&state, scan.target_path, work).await?
        }
    };
    Ok(attached(&headers, &id, format, text))
}

fn attached(headers: &HeaderMap, id: &str, format: Format, text: String) -> Response {
    let mut response = page::tagged(headers, "application/json", text.into_bytes());
    let plain: String = id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(64).collect();
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"sbom-{plain}.{}.json\"", word(format))) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
