//! What every request passes through, outermost first: request id and log, headers, CORS, deprecation, compression, panics;
//! then, on each route of the API, its guard (authentication, rate limit, scope).

mod cors;
mod deprecation;
mod guard;
mod places;
mod rate;
mod request;
mod security;

pub(crate) use guard::{Caller, Guarded, Insider, guard};
pub(crate) use places::{Place, Places};
pub(crate) use rate::{Buckets, Touched};
pub(crate) use request::RequestId;

use crate::error::ApiError;
use crate::state::AppState;
use axum::Router;
use axum::body::Body;
use axum::http::Response;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

/// Puts everything around the routes. The last layer here is the first that a request meets.
pub(crate) fn around(routes: Router, state: &AppState) -> Router {
    routes
        // Innermost, so that a fault has every header, too.
        .layer(CatchPanicLayer::custom(panicked))
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(state.clone(), deprecation::layer))
        .layer(from_fn_with_state(state.clone(), cors::layer))
        .layer(from_fn_with_state(state.clone(), security::layer))
        .layer(from_fn_with_state(state.clone(), request::layer))
}

#[expect(clippy::needless_pass_by_value, reason = "the signature of the layer")]
fn panicked(payload: Box<dyn std::any::Any + Send>) -> Response<Body> {
    let text = payload.downcast_ref::<String>().map(String::as_str).or_else(|| payload.downcast_ref::<&str>().copied());
    ApiError::Fault(format!("panic: {}", text.unwrap_or("no message"))).into_response()
}

#[cfg(test)]
mod tests;
