//! The routes: one file per resource, one line each below.

mod health;

use crate::error::not_found;
use crate::state::AppState;
use axum::Router;

/// The whole service as a router; tests call it without a socket.
pub fn router(state: AppState) -> Router {
    Router::new().merge(health::router()).fallback(not_found).with_state(state)
}
