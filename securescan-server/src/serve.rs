//! Binding, answering, and going away in good order.

use crate::routes::router;
use crate::state::AppState;
use securescan_core::{Error, ErrorKind, Result};
use std::future::Future;
use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// How long open requests may go on after the signal to stop.
const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(10);

/// The address served on when nobody names one: this machine only.
pub const DEFAULT_HOST: &str = "127.0.0.1";

/// The port served on when nobody names one.
pub const DEFAULT_PORT: u16 = 8000;

/// As [`serve_with`], saying on standard error where it listens.
///
/// # Errors
/// As [`serve_with`].
pub fn serve(host: &str, port: u16) -> Result<()> {
    serve_with(host, port, |address| {
        // Standard error may be closed; serving goes on.
        let _ = writeln!(std::io::stderr(), "securescan listening on http://{address}");
    })
}

/// Serves until SIGTERM or SIGINT, then lets open requests end for at most ten seconds. Blocks the calling thread.
///
/// Shapes: `host` is a name or an address, `port` 0 takes a free one. `ready` is called once with the address in use.
///
/// # Errors
/// `io` when the host has no address or the address cannot be bound.
pub fn serve_with(host: &str, port: u16, ready: impl FnOnce(SocketAddr)) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Error::new(ErrorKind::Io, format!("cannot start the runtime: {e}")))?;
    runtime.block_on(async {
        // The handlers stand before the socket does, so that no signal falls between.
        let stop = stop_signal()?;
        serve_until(host, port, ready, stop).await
    })
}

/// As [`serve_with`], until `stop` is ready; for callers that have a runtime of their own.
///
/// # Errors
/// As [`serve_with`].
pub async fn serve_until(
    host: &str,
    port: u16,
    ready: impl FnOnce(SocketAddr),
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let listener = bind(host, port).await?;
    let address = listener.local_addr().map_err(|e| Error::io(format!("{host}:{port}"), &e))?;
    ready(address);
    let (stopping, stopped) = oneshot::channel();
    let graceful = async move {
        stop.await;
        let _ = stopping.send(());
    };
    let server = axum::serve(listener, router(AppState::default())).with_graceful_shutdown(graceful);
    let deadline = async {
        // An error means the server ended by itself, and then its own branch below is ready.
        if stopped.await.is_err() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(SHUTDOWN_DEADLINE).await;
    };
    tokio::select! {
        ended = async { server.await } => ended.map_err(|e| Error::io(address.to_string(), &e)),
        () = deadline => Ok(()),
    }
}

async fn bind(host: &str, port: u16) -> Result<TcpListener> {
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    let place = format!("{host}:{port}");
    TcpListener::bind((bare, port)).await.map_err(|e| match e.kind() {
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
