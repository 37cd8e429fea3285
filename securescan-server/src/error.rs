//! Answers that are errors: always JSON, `{"detail": …}`.

use axum::Json;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// An error answer with a fixed text.
pub(crate) fn detail(status: StatusCode, text: &str) -> Response {
    (status, Json(json!({"detail": text}))).into_response()
}

/// An unknown route.
pub(crate) async fn not_found() -> Response {
    detail(StatusCode::NOT_FOUND, "Not Found")
}

/// A known route asked with a method it does not have; `allow` names those it has.
pub(crate) fn method_not_allowed(allow: &'static str) -> Response {
    let headers: [(HeaderName, &str); 1] = [(header::ALLOW, allow)];
    (headers, detail(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")).into_response()
}
