//! Where the service keeps things: SQLite, in one file. All SQL of the service is in this folder, and no type of the
//! database's crate leaves it, so that another database can follow without touching a route.
//!
//! One resource is one file with an `impl Store`; a table is a statement in a new file of `migrations/`. What does not belong
//! here: decisions about requests, and the shapes of answers.

mod adopt;
mod aliases;
mod audit;
mod claims;
mod deliveries;
mod error;
mod findings;
mod import;
mod keys;
mod migrate;
mod notifications;
mod open;
mod outbox;
mod sbom;
mod scans;
mod stats;
mod triage;
mod webhooks;

pub(crate) use adopt::adopt;
pub(crate) use audit::Deed;
pub(crate) use claims::{Claimed, Head, MAX_AGE, Next, Tried};
pub(crate) use deliveries::{DeliveryRow, Redelivered};
pub use error::{StorageError, StorageResult};
pub(crate) use findings::{Filter, FindingRow, StateRow};
pub use import::{ImportCount, ImportCounts, import_python};
pub(crate) use keys::{KeyRow, NewKey, Revoked};
pub(crate) use notifications::NotificationRow;
pub(crate) use outbox::{Note, Outgoing};
pub(crate) use sbom::{ComponentRow, Documents, SbomRow};
pub(crate) use scans::{Finished, NewScan, ScanRow, ScanStatus};
pub(crate) use stats::Day;
pub(crate) use triage::{CommentRow, NewState};
pub(crate) use webhooks::{NewWebhook, WebhookChange, WebhookRow};

use sqlx::sqlite::SqlitePool;
use sqlx::{Sqlite, Transaction};
use std::time::Duration;

/// The database. Cheap to clone; readers run beside each other and beside the one writer.
#[derive(Clone)]
pub struct Store {
    readers: SqlitePool,
    writer: SqlitePool,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

/// Something written as a whole or not at all.
type Write = Transaction<'static, Sqlite>;

impl Store {
    /// Begins a write. The lock is taken at once, so that it cannot fail half way for somebody else's.
    async fn begin(&self) -> StorageResult<Write> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// The file.
    pub(crate) fn file(&self) -> std::path::PathBuf {
        self.writer.connect_options().get_filename().to_path_buf()
    }

    /// Whether the database answers, within two seconds. Writes nothing.
    pub(crate) async fn ping(&self) -> StorageResult<()> {
        let ask = sqlx::query("SELECT 1").execute(&self.readers);
        match tokio::time::timeout(Duration::from_secs(2), ask).await {
            Ok(done) => Ok(done.map(drop)?),
            Err(_) => Err(StorageError::busy("no answer within two seconds")),
        }
    }

    /// Writes what is outstanding into the file and closes it.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// A list of words as it stands in a column.
fn to_json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// The reverse of [`to_json`]; a column that cannot be read counts as empty.
fn from_json<T: serde::de::DeserializeOwned + Default>(text: &str) -> T {
    serde_json::from_str(text).unwrap_or_default()
}

#[cfg(test)]
mod tests;
