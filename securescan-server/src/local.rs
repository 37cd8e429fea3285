//! The API without a socket: for programs of this machine that may read the database file and so need no key.
//!
//! The same router, hence the same checks, answers and audit trail as over HTTP; what is missing is a network.

use crate::logging::{Format, Level, Log};
use crate::middleware::Insider;
use crate::routes::router;
use crate::serve::runtime;
use crate::settings::Settings;
use crate::state::AppState;
use crate::storage::Store;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use securescan_core::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

/// The longest answer that is read, in bytes.
const MAX_ANSWER: usize = 1 << 30;

/// A database and the API over it.
#[derive(Debug)]
pub struct Local {
    runtime: tokio::runtime::Runtime,
    state: AppState,
    router: Router,
}

/// An answer of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// `200`, …
    pub status: u16,
    /// As it is sent, uncompressed.
    pub body: Vec<u8>,
    /// The `Link` header of a page that is not the last.
    pub link: Option<String>,
}

impl Local {
    /// The database file that is meant: the given one, else that of the environment or the user's settings.
    ///
    /// # Errors
    /// When a setting is wrong.
    pub fn file(database: Option<&Path>) -> Result<PathBuf> {
        match database {
            Some(file) => Ok(file.to_owned()),
            None => Ok(Settings::of_process()?.0.db_path),
        }
    }

    /// Opens a database file, or makes it. Runs no scan and sends no webhook: what is left to do is done by a running service.
    ///
    /// # Errors
    /// When a setting is wrong, or the file cannot be opened, is not a database of the service, or of a newer version.
    pub fn open(file: &Path) -> Result<Self> {
        let mut settings = Settings::of_process()?.0;
        file.clone_into(&mut settings.db_path);
        // The owner of the file is held to no limit of the network.
        settings.rate_per_minute = None;
        let runtime = runtime()?;
        let (state, router) = runtime.block_on(async {
            let stored = |e: crate::storage::StorageError| Error::new(ErrorKind::Io, e.to_string());
            let store = Store::open(file).await.map_err(stored)?;
            let log = Log::to(Box::new(std::io::sink()), Level::Critical, Format::Text);
            let state = AppState::quiet(settings, store, log);
            let router = router(&state);
            Ok::<_, Error>((state, router))
        })?;
        Ok(Self { runtime, state, router })
    }

    /// Takes over what a database of SecureScan for Python holds.
    ///
    /// # Errors
    /// As [`crate::import_python`].
    pub fn import_python(&self, file: &Path) -> Result<crate::ImportCounts> {
        let done = self.runtime.block_on(crate::import_python(file, &self.state.store));
        done.map_err(|e| Error::new(ErrorKind::Io, e.to_string()))
    }

    /// One request, for its path and query below the root; a body is JSON.
    ///
    /// # Errors
    /// When it cannot be written as a request.
    pub fn ask(&self, method: &str, path: &str, body: Option<&[u8]>) -> Result<Answer> {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "localhost");
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let mut request = request
            .body(Body::from(body.unwrap_or_default().to_vec()))
            .map_err(|e| Error::invalid(format!("`{path}` cannot be asked for: {e}")))?;
        request.extensions_mut().insert(Insider);
        let service = TowerToHyperService::new(self.router.clone());
        self.runtime.block_on(async {
            let response = match service.call(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            };
            let status = response.status().as_u16();
            let link = response.headers().get(header::LINK).and_then(|v| v.to_str().ok()).map(str::to_owned);
            let body = to_bytes(response.into_body(), MAX_ANSWER).await;
            let body = body.map_err(|e| Error::new(ErrorKind::Io, format!("the answer to `{path}` broke off: {e}")))?.to_vec();
            Ok(Answer { status, body, link })
        })
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        // The store alone: scans under way are those of a running service.
        self.runtime.block_on(self.state.store.close());
    }
}
