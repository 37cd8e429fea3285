//! Who sends what when. Woken when something is queued and when something becomes due; idle otherwise. Webhooks are served in turn
//! and beside each other, each of them one delivery after the other.
//!
//! One process dispatches for a database: a lock on a file beside it, which ends with the process, says which.

use super::client::Client;
use super::envelope;
use super::guard::Guard;
use super::retry::{self, Try};
use crate::ids;
use crate::logging::Log;
use crate::runner::{Listener, ScanEvent};
use crate::settings::Settings;
use crate::storage::{Claimed, Head, Next, StorageResult, Store, Tried};
use crate::time::{self, SECOND};
use serde_json::json;
use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, Notify, watch};
use tokio::task::{Id, JoinHandle, JoinSet};

/// How many requests are under way at once.
const AT_ONCE: usize = 16;

/// A claim lasts for so long; longer than a request may take.
const LEASE: i64 = 60 * SECOND;

/// What is left to send may take so long when the service ends.
const DRAIN: Duration = Duration::from_secs(5);

/// Without any sign, looked at so often all the same.
const IDLE: Duration = Duration::from_secs(60);

/// After a fault of the database, and while another process dispatches.
const AGAIN: Duration = Duration::from_secs(1);

/// How often what is old is removed.
const SWEEP: i64 = 24 * 3600 * SECOND;

const LOGGER: &str = "securescan.webhooks";

/// The dispatcher, at work in the background.
#[derive(Debug)]
pub(crate) struct Dispatcher {
    wake: Arc<Notify>,
    stop: watch::Sender<bool>,
    task: Mutex<Option<JoinHandle<()>>>,
    store: Store,
    owner: String,
}

impl Dispatcher {
    /// Starts it. A runtime must be there.
    pub(crate) fn start(settings: &Settings, store: Store, log: Log) -> Self {
        let guard = Guard::new(settings.webhook_allow.clone(), settings.webhook_https_only);
        Self::with_client(Client::new(guard), store, log)
    }

    /// One that sends nothing.
    pub(crate) fn idle(store: Store) -> Self {
        let (stop, _) = watch::channel(true);
        Self { wake: Arc::new(Notify::new()), stop, task: Mutex::new(None), store, owner: ids::uuid() }
    }

    pub(super) fn with_client(client: Client, store: Store, log: Log) -> Self {
        let (stop, stopped) = watch::channel(false);
        let (wake, owner) = (Arc::new(Notify::new()), ids::uuid());
        let shared = Arc::new(Shared { client, store: store.clone(), log, owner: owner.clone() });
        let work = Work {
            shared,
            wake: Arc::clone(&wake),
            running: JoinSet::new(),
            seqs: HashMap::new(),
            served: HashMap::new(),
            turn: 0,
        };
        let task = Mutex::new(Some(tokio::spawn(work.run(stopped))));
        Self { wake, stop, task, store, owner }
    }

    /// Something was queued, or may be sent again.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    /// Wakes it when a scan ended, which is when its end is on record.
    pub(crate) fn listener(&self) -> Arc<dyn Listener> {
        Arc::new(Waker(Arc::clone(&self.wake)))
    }

    /// Sends what is due and ends. What takes too long is left to the next start.
    pub(crate) async fn stop(&self) {
        let Some(mut task) = self.task.lock().await.take() else { return };
        let _ = self.stop.send(true);
        if tokio::time::timeout(DRAIN, &mut task).await.is_err() {
            task.abort();
            let _ = task.await;
            let _ = self.store.release_deliveries(&self.owner, time::now()).await;
        }
    }
}

/// Whether a running service holds this database. What cannot be asked counts as no.
pub(crate) fn is_served(database: PathBuf) -> bool {
    matches!(lock(database), Err(TryLockError::WouldBlock))
}

#[derive(Debug)]
struct Waker(Arc<Notify>);

impl Listener for Waker {
    fn event(&self, _scan_id: &str, event: &ScanEvent) {
        if event.is_terminal() {
            self.0.notify_one();
        }
    }
}

#[derive(Debug)]
struct Shared {
    client: Client,
    store: Store,
    log: Log,
    owner: String,
}

struct Work {
    shared: Arc<Shared>,
    wake: Arc<Notify>,
    running: JoinSet<()>,
    /// What each task sends.
    seqs: HashMap<Id, i64>,
    /// When each webhook had its last turn.
    served: HashMap<String, u64>,
    turn: u64,
}

impl Work {
    async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let Some(_lock) = self.lead(&mut stop).await else { return };
        let mut swept = i64::MIN;
        loop {
            let stopping = *stop.borrow_and_update();
            let now = time::now();
            if now.saturating_sub(swept) >= SWEEP {
                swept = now;
                self.sweep(now).await;
            }
            let wait = match self.claim(now).await {
                // Nothing is due; what becomes due later is the next process's.
                Ok(_) if stopping && self.running.is_empty() => return,
                Ok(wait) => wait,
                Err(error) => {
                    self.shared.error("deliveries could not be looked at", &error.to_string());
                    AGAIN
                }
            };
            tokio::select! {
                () = self.wake.notified() => {}
                () = tokio::time::sleep(wait) => {}
                Some(done) = self.running.join_next_with_id(), if !self.running.is_empty() => self.ended(done).await,
                // Nobody can stop it any more: it was dropped.
                changed = stop.changed(), if !stopping => if changed.is_err() { return },
            }
        }
    }

    /// Becomes the one who dispatches, and takes up what the one before left. None when the service ends first.
    async fn lead(&self, stop: &mut watch::Receiver<bool>) -> Option<Option<File>> {
        let mut told = false;
        let lock = loop {
            match lock(self.shared.store.file()) {
                Ok(lock) => break Some(lock),
                Err(TryLockError::Error(error)) => {
                    // Leases alone keep order then.
                    self.shared.error("the dispatcher's lock cannot be had", &error.to_string());
                    break None;
                }
                Err(TryLockError::WouldBlock) if !told => {
                    told = true;
                    self.shared.log.warning(LOGGER, "another process sends the deliveries of this database", &[]);
                }
                Err(TryLockError::WouldBlock) => {}
            }
            tokio::select! {
                () = tokio::time::sleep(AGAIN) => {}
                _ = stop.wait_for(|stop| *stop) => return None,
            }
        };
        match self.shared.store.recover_deliveries(time::now(), lock.is_some()).await {
            Ok(0) => {}
            Ok(count) => {
                self.shared.log.info(LOGGER, "deliveries that were interrupted are sent again", &[("count", json!(count))])
            }
            Err(error) => self.shared.error("interrupted deliveries could not be recovered", &error.to_string()),
        }
        Some(lock)
    }

    async fn sweep(&self, now: i64) {
        let store = &self.shared.store;
        for swept in [store.prune_deliveries(now).await, store.prune_notifications(now).await] {
            if let Err(error) = swept {
                self.shared.error("what is old could not be removed", &error.to_string());
            }
        }
    }

    /// Begins to send what is due, webhooks in turn. How long nothing else will become due.
    async fn claim(&mut self, now: i64) -> StorageResult<Duration> {
        let store = &self.shared.store;
        let mut heads = store.delivery_heads(now).await?;
        if heads.iter().any(|head| !head.enabled) && store.expire_held(now).await? > 0 {
            heads = store.delivery_heads(now).await?;
        }
        self.served.retain(|id, _| heads.iter().any(|head| head.webhook_id == *id));
        let later = heads.iter().map(|head| head.due).filter(|due| *due > now).min();
        for head in in_turn(heads, &self.served, now) {
            if self.running.len() >= AT_ONCE {
                break;
            }
            let Some(claimed) = self.shared.store.claim_delivery(head.seq, &self.shared.owner, now, now + LEASE).await? else {
                continue;
            };
            self.turn += 1;
            self.served.insert(head.webhook_id, self.turn);
            let shared = Arc::clone(&self.shared);
            let task = self.running.spawn(async move { shared.deliver(&claimed).await });
            self.seqs.insert(task.id(), head.seq);
        }
        let wait = later.map_or(IDLE, |due| Duration::from_micros(u64::try_from(due - now).unwrap_or(0)));
        Ok(wait.clamp(Duration::from_millis(1), IDLE))
    }

    async fn ended(&mut self, done: Result<(Id, ()), tokio::task::JoinError>) {
        let id = match &done {
            Ok((id, ())) => *id,
            Err(error) => error.id(),
        };
        let seq = self.seqs.remove(&id);
        if let (Err(error), Some(seq)) = (done, seq) {
            self.shared.error("a delivery ended in a fault", &error.to_string());
            if let Err(error) = self.shared.store.delivery_faulted(seq, &self.shared.owner, time::now()).await {
                self.shared.error("a delivery could not be recorded", &error.to_string());
            }
        }
    }
}

/// Those that are due, the webhook that waited longest for its turn first.
fn in_turn(heads: Vec<Head>, served: &HashMap<String, u64>, now: i64) -> Vec<Head> {
    let mut due: Vec<Head> = heads.into_iter().filter(|head| head.enabled && head.due <= now).collect();
    due.sort_by_key(|head| (served.get(&head.webhook_id).copied().unwrap_or(0), head.due, head.seq));
    due
}

/// Takes the lock beside a database.
fn lock(database: PathBuf) -> Result<File, TryLockError> {
    let mut path = database.into_os_string();
    path.push("-dispatcher");
    let mut options = std::fs::OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(TryLockError::Error)?;
    file.try_lock()?;
    Ok(file)
}

impl Shared {
    fn error(&self, message: &str, error: &str) {
        self.log.error(LOGGER, message, &[("error", json!(error))]);
    }

    /// Sends one delivery and writes down how it went.
    async fn deliver(&self, claimed: &Claimed) {
        let (begun, now) = (Instant::now(), time::now());
        let message = envelope::message(claimed, now);
        let answer = self.client.post(&claimed.url, &message.headers, message.body).await;
        let latency_ms = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
        let at = time::now();
        let (code, wait) = match &answer {
            Ok(answer) => (Some(answer.status), retry::retry_after(answer.retry_after.as_deref(), at)),
            Err(_) => (None, None),
        };
        let number = claimed.attempt + 1;
        let next = retry::next(Try { number, created_at: claimed.created_at, now: at, code, wait }, dice());
        let (body, error) = match answer {
            Ok(answer) => (answer.body, None),
            Err(error) => (format!("transport: {error}").chars().take(2000).collect(), Some(error)),
        };
        if next != Next::Succeeded {
            let fields = [
                ("webhook_id", json!(claimed.webhook_id)),
                ("delivery_id", json!(claimed.id)),
                ("attempt", json!(number)),
                ("status", json!(code)),
                ("error", json!(error)),
            ];
            self.log.warning(LOGGER, "a delivery did not arrive", &fields);
        }
        let tried = Tried { at, code, body, error, latency_ms, next };
        // When it cannot be written down, the lease ends and it is sent again.
        if let Err(error) = self.store.delivery_tried(claimed, &self.owner, &tried).await {
            self.error("a delivery could not be recorded", &error.to_string());
        }
    }
}

/// From 0 to 1.
fn dice() -> f64 {
    f64::from(u32::from_le_bytes(ids::random())) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests;
