//! Answers that are errors: always JSON, `{"detail": …}`. One type, one place where it becomes an answer.

use crate::storage::StorageError;
use crate::validate::Issue;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Why a request got no answer of the good kind.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// A status with a fixed text.
    Detail(StatusCode, String),
    /// Not authenticated; names the way to be.
    Unauthorized(String),
    /// The request has a wrong shape: 422 with the list.
    Invalid(Vec<Issue>),
    /// Too often: 429.
    TooMany {
        /// Seconds until it makes sense again.
        retry_after: u64,
        /// What is allowed in a minute; none where that is not the reason.
        limit_per_min: Option<u32>,
    },
    /// A fault of ours. The text is for the log; clients get the request's id.
    Fault(String),
}

/// Marks an answer whose body the outermost layer writes, because only it knows the request's id.
#[derive(Debug, Clone)]
pub(crate) struct Fault(pub(crate) String);

impl ApiError {
    /// A status with a text.
    pub(crate) fn detail(status: StatusCode, text: impl Into<String>) -> Self {
        Self::Detail(status, text.into())
    }

    /// 400
    pub(crate) fn bad(text: impl Into<String>) -> Self {
        Self::detail(StatusCode::BAD_REQUEST, text)
    }

    /// 401, for a key.
    pub(crate) fn unauthorized(text: &str) -> Self {
        Self::Unauthorized(text.into())
    }

    /// 401, for an event token: no other way is named.
    pub(crate) fn refused_token(text: &str) -> Self {
        Self::detail(StatusCode::UNAUTHORIZED, text)
    }

    /// 404
    pub(crate) fn not_found(text: &str) -> Self {
        Self::detail(StatusCode::NOT_FOUND, text)
    }

    /// 409
    pub(crate) fn conflict(text: impl Into<String>) -> Self {
        Self::detail(StatusCode::CONFLICT, text)
    }
}

impl From<StorageError> for ApiError {
    fn from(error: StorageError) -> Self {
        if error.is_busy() {
            return Self::detail(StatusCode::SERVICE_UNAVAILABLE, "The database is busy; try again");
        }
        Self::Fault(format!("database: {error}"))
    }
}

impl From<securescan_core::Error> for ApiError {
    fn from(error: securescan_core::Error) -> Self {
        match StatusCode::from_u16(error.kind().row().http) {
            Ok(status) if !status.is_server_error() => Self::detail(status, error.message()),
            Ok(status) if status == StatusCode::NOT_IMPLEMENTED => Self::detail(status, error.message()),
            _ => Self::Fault(error.to_string()),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match self {
            Self::Detail(status, text) => (status, Json(json!({"detail": text}))).into_response(),
            Self::Unauthorized(text) => {
                let way = [(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))];
                (StatusCode::UNAUTHORIZED, way, Json(json!({"detail": text}))).into_response()
            }
            Self::Invalid(issues) => (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({"detail": issues}))).into_response(),
            Self::TooMany { retry_after, limit_per_min } => {
                let body = match limit_per_min {
                    Some(limit) => json!({"detail": "Rate limit exceeded", "retry_after": retry_after, "limit_per_min": limit}),
                    None => json!({"detail": "Too many requests", "retry_after": retry_after}),
                };
                let wait = [(header::RETRY_AFTER, HeaderValue::from(retry_after))];
                (StatusCode::TOO_MANY_REQUESTS, wait, Json(body)).into_response()
            }
            Self::Fault(text) => {
                let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
                response.extensions_mut().insert(Fault(text));
                response
            }
        }
    }
}

/// What a handler gives.
pub(crate) type ApiResult<T> = std::result::Result<T, ApiError>;
