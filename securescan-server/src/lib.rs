//! The HTTP service of securescan, as a library.
//!
//! What belongs here: routes, and whatever they need to be served. What does not: any decision about findings, which is
//! [`securescan_core`]'s, and the terminal's manners, which are the command line's.
//!
//! | module | what |
//! |---|---|
//! | `serve`, `listen` | start-up in order, connections, going away |
//! | `settings`, `logging`, `time`, `ids` | what everything uses |
//! | `storage` | all SQL |
//! | `auth`, `middleware` | who may, and what every request passes through |
//! | `routes`, `validate`, `error`, `openapi` | the API: one file per resource, one table of routes |
//! | `runner` | scans in the background |
#![forbid(unsafe_code)]

mod auth;
mod error;
mod ids;
mod listen;
mod logging;
mod middleware;
mod openapi;
mod routes;
mod runner;
mod serve;
mod settings;
mod state;
mod storage;
mod time;
mod validate;

pub use logging::{Format, Level, Log};
pub use routes::router;
pub use serve::{DEFAULT_HOST, DEFAULT_PORT, ServeOptions, StartError, serve, serve_until};
pub use settings::{Settings, VARIABLES, Variable, user_env};
pub use state::AppState;
pub use storage::{StorageError, StorageResult, Store};
