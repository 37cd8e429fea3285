//! What the routes share.

use crate::bus::Bus;
use crate::install::Installer;
use crate::logging::Log;
use crate::metrics::Metrics;
use crate::middleware::{Buckets, Places, Touched};
use crate::runner::{Listener, Runner};
use crate::settings::Settings;
use crate::storage::Store;
use crate::webhooks::Dispatcher;
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
    pub(crate) bus: Bus,
    /// Of streams of events.
    pub(crate) streams: Places,
    pub(crate) webhooks: Dispatcher,
    /// Of the routes that are limited; none when nothing is.
    pub(crate) buckets: Option<Buckets>,
    /// Of failed authentications.
    pub(crate) failures: Buckets,
    pub(crate) touched: Touched,
    pub(crate) installer: Installer,
    pub(crate) metrics: Metrics,
}

impl AppState {
    /// The state of a service over a database. Starts the workers and the dispatcher, so a runtime must be there.
    #[must_use]
    pub fn new(settings: Settings, store: Store, log: Log) -> Self {
        let webhooks = Dispatcher::start(&settings, store.clone(), log.clone());
        Self::over(settings, store, log, webhooks)
    }

    /// As [`AppState::new`], for a program that sends no webhooks.
    pub(crate) fn quiet(settings: Settings, store: Store, log: Log) -> Self {
        let webhooks = Dispatcher::idle(store.clone());
        Self::over(settings, store, log, webhooks)
    }

    fn over(mut settings: Settings, store: Store, log: Log, webhooks: Dispatcher) -> Self {
        if settings.event_token_secret.is_empty() {
            settings.event_token_secret = crate::ids::random::<32>().to_vec();
        }
        let bus = Bus::default();
        let others: Vec<Arc<dyn Listener>> = vec![Arc::new(bus.clone()), webhooks.listener()];
        let runner = Runner::start(&settings, store.clone(), log.clone(), others);
        let streams = Places::new(settings.max_streams, settings.max_streams_each);
        let buckets = settings.rate_per_minute.map(|per_minute| Buckets::new(per_minute, settings.rate_burst));
        let failures = Buckets::new(FAILURES_PER_MINUTE, FAILURES_PER_MINUTE);
        let (touched, installer, metrics) = (Touched::default(), Installer::default(), Metrics::default());
        let inner =
            Inner { settings, store, log, runner, bus, streams, webhooks, buckets, failures, touched, installer, metrics };
        Self(Arc::new(inner))
    }

    /// Ends what would keep a connection open: scans are stopped and said to be interrupted, and whoever follows one hears that.
    pub async fn stop(&self) {
        self.runner.stop().await;
        self.bus.close();
    }

    /// Ends everything that runs in the background: webhooks hear of the scans that were stopped, the database is closed.
    pub async fn close(&self) {
        self.stop().await;
        self.webhooks.stop().await;
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
