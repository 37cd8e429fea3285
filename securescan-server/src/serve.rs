//! Starting in order, listening, and going away in good order.
//!
//! # Source
//! Order and exit codes: the server specification, section 1.

use crate::listen::listen;
use crate::logging::Log;
use crate::routes::router;
use crate::settings::Settings;
use crate::state::AppState;
use crate::storage::{Store, adopt};
use crate::webhooks::is_served;
use securescan_core::{Error, ErrorKind, Result};
use serde_json::json;
use std::future::Future;
use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

/// The address served on when nobody names one: this machine only.
pub const DEFAULT_HOST: &str = "127.0.0.1";

/// The port served on when nobody names one.
pub const DEFAULT_PORT: u16 = 8000;

/// How long a service that is ending may keep its database from the next one.
const PREDECESSOR: Duration = Duration::from_secs(5);

/// What the command line says; it wins over the environment.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    /// A name or an address.
    pub host: String,
    /// 0 takes a free one.
    pub port: u16,
    /// The database file; none: from the environment.
    pub database: Option<PathBuf>,
    /// Serve other machines although nobody has to authenticate.
    pub allow_unauthenticated: bool,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self { host: DEFAULT_HOST.into(), port: DEFAULT_PORT, database: None, allow_unauthenticated: false }
    }
}

/// Why the service did not start, with the exit code that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartError {
    /// 1: a wrong setting; 2: credentials are missing; 3: anything else.
    pub exit: i32,
    /// What is wrong.
    pub error: Error,
}

impl StartError {
    fn new(exit: i32, error: Error) -> Self {
        Self { exit, error }
    }
}

/// Serves until SIGTERM or SIGINT. Reads the environment and the user's `.env`; blocks the calling thread; says on standard error
/// where it listens.
///
/// # Errors
/// When it cannot start.
pub fn serve(options: &ServeOptions) -> std::result::Result<(), StartError> {
    let (settings, file, taken) = Settings::of_process().map_err(|e| StartError::new(1, e))?;
    let log = Log::stderr(settings.log_level, settings.log_format);
    for name in &taken {
        log.info("securescan.config_loader", &format!("loaded {name} from {}", file.display()), &[]);
    }
    let runtime = runtime().map_err(|e| StartError::new(3, e))?;
    let done = runtime.block_on(async {
        // The handlers stand before anything else does, so that no signal is lost.
        let stop = stop_signal().map_err(|e| StartError::new(3, e))?;
        let said = |address| {
            // Standard error may be closed; serving goes on.
            let _ = writeln!(std::io::stderr(), "securescan listening on http://{address}");
        };
        serve_until(options, settings, log, said, stop).await
    });
    // A scanner's thread that does not end must not keep the process.
    runtime.shutdown_timeout(Duration::from_secs(2));
    done
}

/// What everything of the service runs on.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|e| Error::new(ErrorKind::Io, format!("cannot start the runtime: {e}")))
}

/// As [`serve`], with settings that were read already, until `stop` is ready. `ready` is called once with the address in use.
///
/// # Errors
/// As [`serve`].
pub async fn serve_until(
    options: &ServeOptions,
    mut settings: Settings,
    log: Log,
    ready: impl FnOnce(SocketAddr),
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::result::Result<(), StartError> {
    if let Some(file) = &options.database {
        settings.db_path.clone_from(file);
    }
    settings.allow_unauthenticated = options.allow_unauthenticated;
    for warning in std::mem::take(&mut settings.warnings) {
        log.warning("securescan.main", &warning, &[]);
    }
    let state = start(options, settings, &log).await?;
    let failed = |error| StartError::new(3, error);
    let listener = bind(&options.host, options.port).await.map_err(failed)?;
    let address = listener.local_addr().map_err(|e| failed(Error::io(options.host.clone(), &e)))?;
    ready(address);
    // Streams of events last as long as their scans, so both end while connections are given their time.
    let (stopping, stopped) = tokio::sync::oneshot::channel();
    let ending = {
        let state = state.clone();
        tokio::spawn(async move {
            if stopped.await.is_ok() {
                state.stop().await;
            }
        })
    };
    let stop = async {
        stop.await;
        let _ = stopping.send(());
    };
    listen(listener, router(&state), stop).await;
    let _ = ending.await;
    state.close().await;
    Ok(())
}

/// Everything that must be right before anybody is listened to.
async fn start(options: &ServeOptions, settings: Settings, log: &Log) -> std::result::Result<AppState, StartError> {
    let stored = |e: crate::storage::StorageError| {
        log.critical("securescan.main", &e.to_string(), &[]);
        StartError::new(3, Error::new(ErrorKind::Io, e.to_string()))
    };
    let missing = |text: &str, hint: &str| {
        log.critical("securescan.main", text, &[]);
        StartError::new(2, Error::invalid(text).hint(hint))
    };
    if let Some(adopted) = adopt(&settings.db_path).await.map_err(stored)? {
        let mut fields = vec![("backup", json!(adopted.backup.display().to_string()))];
        fields.extend(adopted.counts.each().map(|(kind, count)| (kind, json!(count.added))));
        fields.push(("skipped", json!(adopted.counts.skipped())));
        log.warning("securescan.main", "database of SecureScan for Python taken over; the old file is kept", &fields);
    }
    let store = Store::open(&settings.db_path).await.map_err(stored)?;
    if !alone(store.file()).await {
        let text = format!("another service runs on the database `{}`", store.file().display());
        log.critical("securescan.main", &text, &[]);
        return Err(StartError::new(3, Error::new(ErrorKind::Io, text).hint("stop it, or name another file with --database")));
    }
    let has_key = settings.api_key.is_some();
    if settings.auth_required && !has_key && !store.has_active_admin().await.map_err(stored)? {
        return Err(missing(
            "SECURESCAN_AUTH_REQUIRED is set and there are no credentials",
            "set SECURESCAN_API_KEY, or make a key with the scope `admin` first",
        ));
    }
    let is_open = !has_key && !store.has_active_key().await.map_err(stored)?;
    if is_open && !options.allow_unauthenticated && !is_loopback(&options.host) {
        return Err(missing(
            "other machines could use this service without a key",
            "set SECURESCAN_API_KEY, serve 127.0.0.1, or pass --allow-unauthenticated",
        ));
    }
    if is_open {
        log.info("securescan.main", "SECURESCAN_API_KEY not set; API is unauthenticated (dev mode).", &[]);
    }
    let removed = store.prune_notifications(crate::time::now()).await;
    if let Err(error) = removed {
        log.error("securescan.main", "read notifications could not be removed", &[("error", json!(error.to_string()))]);
    }
    if settings.event_token_secret.is_empty() {
        if settings.auth_required {
            return Err(missing(
                "SECURESCAN_AUTH_REQUIRED is set and SECURESCAN_EVENT_TOKEN_SECRET is not",
                "set SECURESCAN_EVENT_TOKEN_SECRET to 32 random bytes, written as text",
            ));
        }
        log.warning("securescan.main", "SECURESCAN_EVENT_TOKEN_SECRET not set; event tokens end with this process", &[]);
    }
    let state = AppState::new(settings, store, log.clone());
    state.runner.recover().await;
    Ok(state)
}

/// Whether no other process serves this database, given the time that one which is ending may need. Two would end each other's scans.
async fn alone(database: PathBuf) -> bool {
    let until = Instant::now() + PREDECESSOR;
    while is_served(database.clone()) {
        if Instant::now() >= until {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    true
}

fn is_loopback(host: &str) -> bool {
    let bare = bare(host);
    bare.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// An address without the brackets of a URL.
fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host)
}

async fn bind(host: &str, port: u16) -> Result<TcpListener> {
    let place = format!("{host}:{port}");
    TcpListener::bind((bare(host), port)).await.map_err(|e| match e.kind() {
        std::io::ErrorKind::AddrInUse => Error::io(place, &e).hint("choose another port, or stop what listens there"),
        std::io::ErrorKind::PermissionDenied => Error::io(place, &e).hint("ports below 1024 need privileges"),
        _ => Error::io(place, &e),
    })
}

/// Ready when the process is asked to stop.
fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let failed = |e: std::io::Error| Error::new(ErrorKind::Io, format!("cannot listen for signals: {e}"));
        let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
        Ok(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    {
        Ok(async {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        })
    }
}
