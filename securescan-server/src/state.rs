//! What the routes share.

use crate::install::Installer;
use crate::logging::Log;
use crate::metrics::Metrics;
use crate::middleware::{Buckets, Touched};
use crate::runner::Runner;
use crate::settings::Settings;
use crate::storage::Store;
use std::ops::Deref;
use std::sync::Arc;

/// How many wrong keys one address may try in a minute.
const FAILURES_PER_MINUTE: u32 = 60;

/// The state every route can see. Cheap to clone.
#[derive(Debug, Clone)]
pub struct AppState(Arc<Inner>);

/// What is in it: nothing that others than this crate can see.
#[derive(Debug)]
pub struct Inner {
    pub(crate) settings: Settings,
    pub(crate) store: Store,
    pub(crate) log: Log,
    pub(crate) runner: Runner,
    /// Of the routes that are limited; none when nothing is.
    pub(crate) buckets: Option<Buckets>,
    /// Of failed authentications.
    pub(crate) failures: Buckets,
    pub(crate) touched: Touched,
    pub(crate) installer: Installer,
    pub(crate) metrics: Metrics,
}

impl AppState {
    /// The state of a service over a database. Starts the workers, so a runtime must be there.
    #[must_use]
    pub fn new(mut settings: Settings, store: Store, log: Log) -> Self {
        if settings.event_token_secret.is_empty() {
            settings.event_token_secret = crate::ids::random::<32>().to_vec();
        }
        let runner = Runner::start(&settings, store.clone(), log.clone());
        let buckets = settings.rate_per_minute.map(|per_minute| Buckets::new(per_minute, settings.rate_burst));
        let failures = Buckets::new(FAILURES_PER_MINUTE, FAILURES_PER_MINUTE);
        let (touched, installer, metrics) = (Touched::default(), Installer::default(), Metrics::default());
        Self(Arc::new(Inner { settings, store, log, runner, buckets, failures, touched, installer, metrics }))
    }

    /// Ends what runs in the background: scans are stopped and said to be interrupted, the database is closed.
    pub async fn close(&self) {
        self.runner.stop().await;
        self.installer.stop().await;
        self.store.close().await;
    }
}

impl Deref for AppState {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
