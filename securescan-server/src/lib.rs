//! The HTTP service of securescan, as a library.
//!
//! What belongs here: routes, and whatever they need to be served. What does not: any decision about findings, which is
//! [`securescan_core`]'s, and the terminal's manners, which are the command line's.
//!
//! Each resource is one file under `routes/` with its own `router()`, and one line in [`routes::router`].
#![forbid(unsafe_code)]

mod error;
mod routes;
mod serve;
mod state;

pub use routes::router;
pub use serve::{DEFAULT_HOST, DEFAULT_PORT, serve, serve_until, serve_with};
pub use state::AppState;
