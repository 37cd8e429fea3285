//! Notifications: so far, how old ones go. How they come is in [`super::outbox`].

use super::{StorageResult, Store};
use crate::time::SECOND;

/// A notification that was read is kept for so long.
const KEPT: i64 = 30 * 24 * 3600 * SECOND;

impl Store {
    /// Removes what was read more than thirty days ago; says how many.
    pub(crate) async fn prune_notifications(&self, now: i64) -> StorageResult<u64> {
        let done = sqlx::query("DELETE FROM notifications WHERE read_at < ?").bind(now - KEPT).execute(&self.writer).await?;
        Ok(done.rows_affected())
    }
}
