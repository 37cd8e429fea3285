//! Scans in the background: a bounded queue, a few workers, and one place where a scan's state changes.
//!
//! `look` is the seam to the engine, `events` what is told while a scan runs, `outgoing` what its end sets off,
//! `payload` what webhooks are told of it. What does not belong
//! here: HTTP, SQL, and any decision about findings.

mod events;
mod look;
mod outgoing;
mod payload;

pub(crate) use events::{Listener, ScanEvent};

use crate::logging::Log;
use crate::settings::Settings;
use crate::storage::{Finished, NewScan, ScanRow, ScanStatus, StorageError, StorageResult, Store};
use crate::time;
use securescan_core::scanners::Cancel;
use serde_json::json;
use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex as AsyncMutex, mpsc};
use tokio::task::JoinSet;

/// How long the scans that were stopped may take to end what they started.
const STOPPING: Duration = Duration::from_secs(15);

/// A scan that waits for a worker.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) scan: NewScan,
    cancel: Cancel,
}

/// The queue is full.
#[derive(Debug)]
pub(crate) struct QueueFull;

/// The workers and what they work on.
#[derive(Debug)]
pub(crate) struct Runner {
    shared: Arc<Shared>,
    queue: mpsc::Sender<Job>,
    workers: AsyncMutex<JoinSet<()>>,
}

#[derive(Debug)]
struct Shared {
    settings: Settings,
    store: Store,
    log: Log,
    listeners: Vec<Arc<dyn Listener>>,
    /// What stops each scan that waits or runs.
    under_way: Mutex<HashMap<String, Cancel>>,
}

impl Runner {
    /// Starts the workers. `others` hear of everything, too.
    pub(crate) fn start(settings: &Settings, store: Store, log: Log, others: Vec<Arc<dyn Listener>>) -> Self {
        let (queue, waiting) = mpsc::channel(settings.max_queue.max(1));
        let mut listeners: Vec<Arc<dyn Listener>> = vec![Arc::new(events::Logged(log.clone()))];
        listeners.extend(others);
        let settings = settings.clone();
        let shared = Arc::new(Shared { settings, store, log, listeners, under_way: Mutex::default() });
        let waiting = Arc::new(AsyncMutex::new(waiting));
        let mut workers = JoinSet::new();
        for _ in 0..shared.settings.max_scans.max(1) {
            workers.spawn(work(Arc::clone(&shared), Arc::clone(&waiting)));
        }
        Self { shared, queue, workers: AsyncMutex::new(workers) }
    }

    /// Keeps a scan and puts it into the queue. Both or neither, also when the client that asked goes away.
    pub(crate) async fn submit(&self, scan: NewScan) -> StorageResult<Result<ScanRow, QueueFull>> {
        let Ok(place) = self.queue.clone().try_reserve_owned() else { return Ok(Err(QueueFull)) };
        let shared = Arc::clone(&self.shared);
        lasting(async move {
            shared.store.add_scan(&scan).await?;
            let row = shared.store.scan(&scan.id).await?.ok_or_else(|| StorageError::new("a new scan is not there"))?;
            let cancel = Cancel::new();
            shared.under_way().insert(scan.id.clone(), cancel.clone());
            place.send(Job { scan, cancel });
            Ok(Ok(row))
        })
        .await
    }

    /// How many scans wait for a worker.
    pub(crate) fn waiting(&self) -> usize {
        self.queue.max_capacity().saturating_sub(self.queue.capacity())
    }

    /// Cancels a scan: its row, its work, and whoever listens. False when it had ended.
    pub(crate) async fn cancel(&self, id: &str) -> StorageResult<bool> {
        let (shared, id) = (Arc::clone(&self.shared), id.to_owned());
        lasting(async move {
            let done = shared.store.cancel_scan(&id, time::now()).await?;
            if done {
                if let Some(cancel) = shared.under_way().get(&id) {
                    cancel.cancel();
                }
                shared.tell(&id, &ScanEvent::new("scan.cancelled", json!({})));
            }
            Ok(done)
        })
        .await
    }

    /// Stops everything: what waits or runs is said to be interrupted, and what it started is ended.
    pub(crate) async fn stop(&self) {
        self.shared.end_orphans("interrupted by shutdown").await;
        self.shared.under_way().values().for_each(Cancel::cancel);
        let mut workers = self.workers.lock().await;
        let ended = async {
            // A worker takes a scan off the list when it is through with it, also one that was never begun.
            while !self.shared.under_way().is_empty() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let _ = tokio::time::timeout(STOPPING, ended).await;
        workers.abort_all();
        while workers.join_next().await.is_some() {}
    }

    /// Ends the scans that a process before this one left under way.
    pub(crate) async fn recover(&self) {
        self.shared.end_orphans("interrupted by restart").await;
    }
}

/// Runs something to its end although whoever waits for it may go away.
async fn lasting<T: Send + 'static>(work: impl Future<Output = StorageResult<T>> + Send + 'static) -> StorageResult<T> {
    tokio::spawn(work).await.unwrap_or_else(|e| Err(StorageError::new(e.to_string())))
}

async fn work(shared: Arc<Shared>, waiting: Arc<AsyncMutex<mpsc::Receiver<Job>>>) {
    loop {
        let job = waiting.lock().await.recv().await;
        let Some(job) = job else { return };
        let id = job.scan.id.clone();
        let running = {
            let shared = Arc::clone(&shared);
            // A task of its own: a fault in it ends one scan and not the worker.
            tokio::spawn(async move { shared.run(&job).await.map_err(|e| e.to_string()) })
        };
        if let Err(error) = running.await.unwrap_or_else(|e| Err(e.to_string())) {
            let fields = [("scan_id", json!(id)), ("error", json!(error))];
            shared.log.error("securescan.scan", "scan could not be recorded", &fields);
        }
        shared.under_way().remove(&id);
    }
}

impl Shared {
    fn under_way(&self) -> std::sync::MutexGuard<'_, HashMap<String, Cancel>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, id: &str, event: &ScanEvent) {
        for listener in &self.listeners {
            listener.event(id, event);
        }
    }

    async fn run(self: &Arc<Self>, job: &Job) -> StorageResult<()> {
        let started_at = time::now();
        // Cancelled while it waited: its row says so.
        if job.cancel.is_cancelled() || !self.store.start_scan(&job.scan.id, started_at).await? {
            return Ok(());
        }
        let seen = look::look(&self.settings, &job.scan, &job.cancel, self).await;
        let end = match seen {
            Ok(seen) => outgoing::completed(&job.scan, started_at, time::now(), seen),
            Err(error) => outgoing::failed(&job.scan, started_at, time::now(), &error),
        };
        let recorded = match self.store.finish_scan(&job.scan.id, &end).await {
            Ok(recorded) => recorded,
            Err(error) => {
                // Without its findings it cannot be complete; that much may still be written.
                let failed = outgoing::failed(
                    &job.scan,
                    started_at,
                    time::now(),
                    &securescan_core::Error::invalid("findings could not be stored"),
                );
                let _ = self.store.finish_scan(&job.scan.id, &failed).await;
                return Err(error);
            }
        };
        // Not recorded: somebody cancelled it, and told so.
        if recorded {
            self.tell(&job.scan.id, &outgoing::event(&job.scan, started_at, &end));
        }
        Ok(())
    }

    async fn end_orphans(&self, why: &str) {
        let now = time::now();
        let error = securescan_core::Error::new(securescan_core::ErrorKind::Cancelled, why);
        let end = |row: &ScanRow| outgoing::failed(&NewScan::from(row), row.started_at.unwrap_or(now), now, &error);
        match self.store.end_orphans(end).await {
            Ok(ids) => {
                for id in ids {
                    self.tell(&id, &ScanEvent::new("scan.failed", json!({"error": why})));
                }
            }
            Err(error) => {
                self.log.error("securescan.scan", "orphans could not be ended", &[("error", json!(error.to_string()))]);
            }
        }
    }
}

impl From<&ScanRow> for NewScan {
    fn from(row: &ScanRow) -> Self {
        Self {
            id: row.id.clone(),
            target_path: row.target_path.clone(),
            scan_types: row.scan_types.clone(),
            target_url: row.target_url.clone(),
            target_host: row.target_host.clone(),
            created_at: row.created_at,
            created_by: String::new(),
            ai: false,
        }
    }
}

/// Whether an end is a completed one; the rest of the crate asks nothing else of it.
impl Finished {
    fn is_complete(&self) -> bool {
        self.status == ScanStatus::Completed
    }
}
