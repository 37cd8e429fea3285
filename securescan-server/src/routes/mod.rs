//! The routes: one file per resource, each with its part of the table.
//!
//! A route is one entry of a `ROUTES` list: method, path, who may, handler, and what the OpenAPI document says of it. The router,
//! the check that every route has a scope, and the document are all made from these lists.

mod browse;
mod compare;
mod compliance;
mod dashboard;
mod docs;
mod event_token;
mod events;
mod findings;
mod keys;
mod metrics;
mod notifications;
mod page;
mod params;
mod public;
mod report;
mod sbom;
mod scans;
pub(crate) mod schema;
mod table;
mod triage;
mod webhooks;

pub(crate) use table::{Access, Route, Shape};

use crate::error::ApiError;
use crate::middleware::{self, Guarded, guard};
use crate::state::AppState;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};

/// Where the API is: the version, and the deprecated mount without one.
pub(crate) const MOUNTS: [&str; 2] = ["/api/v1", "/api"];

/// Every list of routes.
const TABLES: &[&[Route]] = &[
    public::ROUTES,
    docs::ROUTES,
    scans::ROUTES,
    findings::ROUTES,
    compare::ROUTES,
    report::ROUTES,
    event_token::ROUTES,
    events::ROUTES,
    keys::ROUTES,
    notifications::ROUTES,
    webhooks::ROUTES,
    triage::ROUTES,
    sbom::ROUTES,
    dashboard::ROUTES,
    browse::ROUTES,
    compliance::ROUTES,
    metrics::ROUTES,
];

/// Every route.
pub(crate) fn routes() -> impl Iterator<Item = &'static Route> {
    TABLES.iter().copied().flatten()
}

/// The whole service as a router; tests call it without a socket.
pub fn router(state: &AppState) -> Router {
    let mut router = Router::new();
    for route in routes() {
        let guarded = Guarded { state: state.clone(), route };
        for path in route.paths() {
            let mut handler = (route.handler)();
            if route.access != Access::Public {
                handler = handler.route_layer(from_fn_with_state(guarded.clone(), guard));
            }
            if state.settings.metrics {
                // Around the guard: a refusal is an answer, too.
                handler = handler.route_layer(from_fn_with_state(guarded.clone(), counted));
            }
            router = router.route(&path, handler);
        }
    }
    let router = router
        .fallback(unknown)
        .method_not_allowed_fallback(async || ApiError::detail(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed"))
        .with_state(state.clone());
    middleware::around(router, state)
}

/// Counts the answers of a route.
async fn counted(State(it): State<Guarded>, request: Request, next: Next) -> Response {
    let timed = it.state.metrics.begin((it.route.method, it.route.path));
    let response = next.run(request).await;
    timed.end(response.status().as_u16());
    response
}

/// No such route. With a slash too much, the one without is named.
async fn unknown(request: Request) -> Response {
    let path = request.uri().path();
    let without = path.strip_suffix('/').filter(|path| !path.is_empty() && !path.ends_with('/'));
    if let Some(without) = without.filter(|path| routes().any(|route| route.paths().any(|known| fits(&known, path)))) {
        let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
        // Relative, so that no Host header decides where a client goes next.
        return (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, format!("{without}{query}"))]).into_response();
    }
    ApiError::not_found("Not Found").into_response()
}

/// Whether a path is one of a route's.
fn fits(route: &str, path: &str) -> bool {
    let (mut known, mut given) = (route.split('/'), path.split('/'));
    loop {
        match (known.next(), given.next()) {
            (None, None) => return true,
            (Some(k), Some(g)) if k == g || (k.starts_with('{') && !g.is_empty()) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests;
