//! The API described: the OpenAPI document, a page to try it, and a page to read. Nothing is loaded from elsewhere.

use super::page;
use super::params::Id;
use super::table::{Access, Answer, Route, Shape};
use crate::error::{ApiError, ApiResult};
use crate::openapi;
use crate::state::AppState;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use std::sync::{Arc, LazyLock};
use utoipa_swagger_ui::Config;

const DOCUMENT: &[Answer] = &[Answer::new(200, "The document", Shape::Json)];
const PAGE: &[Answer] = &[Answer::new(200, "The page", Shape::Media(&["text/html"]))];
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; \
                   connect-src 'self'; base-uri 'self'; frame-ancestors 'none'";

pub(super) const ROUTES: &[Route] = &[
    Route {
        tag: "meta",
        summary: "The OpenAPI document",
        answers: DOCUMENT,
        ..Route::new("GET", "/openapi.json", Access::Public, "openapi", document)
    },
    Route {
        tag: "meta",
        summary: "The OpenAPI document",
        answers: DOCUMENT,
        ..Route::new("GET", "/api/v1/openapi.json", Access::Public, "openapi_v1", document)
    },
    Route {
        tag: "meta",
        summary: "Swagger UI",
        answers: PAGE,
        ..Route::new("GET", "/docs", Access::Public, "docs", || get(async || asset("index.html")))
    },
    Route {
        tag: "meta",
        summary: "A file of Swagger UI",
        answers: &[
            Answer::new(200, "The file", Shape::Media(&["text/html", "text/css", "text/javascript", "image/png"])),
            Answer::error(404, "No such file"),
        ],
        ..Route::new("GET", "/docs/{file}", Access::Public, "docs_file", || get(async |Id(file): Id| asset(&file)))
    },
    Route {
        tag: "meta",
        summary: "Every route on one page, to read",
        answers: PAGE,
        ..Route::new("GET", "/redoc", Access::Public, "redoc", || get(async || html(openapi::page())))
    },
];

fn document() -> MethodRouter<AppState> {
    static DOCUMENT: LazyLock<Vec<u8>> = LazyLock::new(|| openapi::document().to_string().into_bytes());
    get(async |headers: HeaderMap| page::tagged(&headers, "application/json", DOCUMENT.clone()))
}

fn asset(name: &str) -> ApiResult<Response> {
    static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| Arc::new(Config::from("/openapi.json")));
    let missing = || ApiError::not_found("Not Found");
    let file =
        utoipa_swagger_ui::serve(name, Arc::clone(&CONFIG)).map_err(|e| ApiError::Fault(e.to_string()))?.ok_or_else(missing)?;
    if name == "index.html" {
        // The page is at `/docs`, its files below.
        let text = String::from_utf8_lossy(&file.bytes).replacen("<head>", "<head><base href=\"/docs/\">", 1);
        return Ok(html(text));
    }
    let content_type = HeaderValue::from_str(&file.content_type).map_err(|e| ApiError::Fault(e.to_string()))?;
    let mut response = (
        [(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"))],
        file.bytes.into_owned(),
    )
        .into_response();
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP));
    Ok(response)
}

fn html(text: String) -> Response {
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, CSP)];
    (headers, text).into_response()
}
