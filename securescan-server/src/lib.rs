//! The HTTP service of securescan, as a library.
//!
//! What belongs here: routes, and whatever they need to be served. What does not: any decision about findings, which is
//! [`securescan_core`]'s, and the terminal's manners, which are the command line's.
//!
//! | module | what |
//! |---|---|
//! | `serve`, `listen` | start-up in order, connections, going away |
//! | `local` | the API without a socket, for who owns the file |
//! | `settings`, `logging`, `metrics`, `time`, `ids` | what everything uses |
//! | `storage` | all SQL |
//! | `auth`, `middleware` | who may, and what every request passes through |
//! | `routes`, `validate`, `error`, `openapi` | the API: one file per resource, one table of routes |
//! | `runner` | scans in the background |
//! | `ai` | a language model's words about a scan, when asked for |
//! | `bus` | what is told of scans, to whoever follows them |
//! | `webhooks` | what was queued for webhooks is sent |
//! | `install` | scanners brought in from outside |
//!
//! | where do I put … | |
//! |---|---|
//! | a route | an entry in a `ROUTES` list under `routes/`; a new file is one line in `routes::TABLES`; its types one line each in `routes::schema` |
//! | a query parameter | the route's `query` list: read, checked and documented from it |
//! | a table | a new file in `storage/migrations/` and a line in `storage::migrate::MIGRATIONS`; its SQL in one file under `storage/` |
//! | something that hears of events | a `runner::Listener` and a line in `Runner::start` |
//! | what the end of a scan sets off | `runner::outgoing`, written in the transaction of the end |
//! | a setting | a line in `settings::VARIABLES`, its reading in `Settings::read`, its row in `docs/server.md` |
#![forbid(unsafe_code)]

mod ai;
mod auth;
mod bus;
mod error;
mod ids;
mod install;
mod listen;
mod local;
mod logging;
mod metrics;
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
mod webhooks;

pub use local::{Answer, Local};
pub use logging::{Format, Level, Log};
pub use routes::router;
pub use serve::{DEFAULT_HOST, DEFAULT_PORT, ServeOptions, StartError, serve, serve_until};
pub use settings::{Ai, Settings, VARIABLES, Variable, user_env};
pub use state::AppState;
pub use storage::{ImportCount, ImportCounts, StorageError, StorageResult, Store, import_python};
