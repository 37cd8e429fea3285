//! The outermost layer: the request's id, its time limit, its line in the log, and the body of an answer that is a fault.

use crate::error::{ApiError, Fault};
use crate::ids;
use crate::logging::Level;
use crate::state::AppState;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::time::{Duration, Instant};

const HEADER: &str = "x-request-id";

/// How long a handler may take to begin its answer.
const LIMIT: Duration = Duration::from_secs(120);

/// The id of the request at hand.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(pub(crate) String);

pub(super) async fn layer(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let id = given(request.headers()).unwrap_or_else(ids::uuid);
    request.extensions_mut().insert(RequestId(id.clone()));
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let begun = Instant::now();
    let late = || ApiError::detail(StatusCode::GATEWAY_TIMEOUT, "The request took too long").into_response();
    let mut response = tokio::time::timeout(LIMIT, next.run(request)).await.unwrap_or_else(|_| late());
    let fault = response.extensions_mut().remove::<Fault>();
    if fault.is_some() {
        *response.body_mut() = Json(json!({"detail": "Internal server error", "request_id": id})).into_response().into_body();
        let headers = response.headers_mut();
        headers.remove(axum::http::header::CONTENT_LENGTH);
        headers.insert(axum::http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, value);
    }
    let latency = begun.elapsed().as_secs_f64() * 1000.0;
    let mut fields = vec![
        ("request_id", json!(id)),
        ("method", json!(method.as_str())),
        ("path", json!(path)),
        ("status", json!(response.status().as_u16())),
        ("latency_ms", json!((latency * 100.0).round() / 100.0)),
    ];
    let level = if fault.is_some() { Level::Error } else { Level::Info };
    if let Some(Fault(text)) = fault {
        fields.push(("exc_info", json!(securescan_core::scanners::redact(&text))));
    }
    state.log.write(level, "securescan.request", "request", &fields);
    response
}

/// The caller's own id, if it is one that can be repeated safely.
fn given(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(HEADER)?.to_str().ok()?;
    let fits = (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
    fits.then(|| id.to_owned())
}
