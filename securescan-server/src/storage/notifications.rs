//! Notifications: read and marked. How they come is in [`super::outbox`].

use super::{StorageResult, Store};
use crate::time::SECOND;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// A notification that was read is kept for so long.
const KEPT: i64 = 30 * 24 * 3600 * SECOND;

/// A notification as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct NotificationRow {
    /// The order in which they came.
    pub(crate) place: i64,
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) title: String,
    pub(crate) body: Option<String>,
    pub(crate) link: Option<String>,
    pub(crate) severity: String,
    pub(crate) scan_id: Option<String>,
    pub(crate) created_at: i64,
    pub(crate) read_at: Option<i64>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT rowid, id, type, title, body, link, severity, scan_id, created_at, read_at FROM notifications ", $rest)
    };
}

fn row(row: &SqliteRow) -> StorageResult<NotificationRow> {
    Ok(NotificationRow {
        place: row.try_get("rowid")?,
        id: row.try_get("id")?,
        kind: row.try_get("type")?,
        title: row.try_get("title")?,
        body: row.try_get("body")?,
        link: row.try_get("link")?,
        severity: row.try_get("severity")?,
        scan_id: row.try_get("scan_id")?,
        created_at: row.try_get("created_at")?,
        read_at: row.try_get("read_at")?,
    })
}

impl Store {
    /// Notifications, newest first: those before a place, at most so many.
    pub(crate) async fn notifications(
        &self,
        unread: bool,
        before: Option<i64>,
        limit: i64,
    ) -> StorageResult<Vec<NotificationRow>> {
        let found = sqlx::query(select!("WHERE rowid < ?1 AND (NOT ?2 OR read_at IS NULL) ORDER BY rowid DESC LIMIT ?3"))
            .bind(before.unwrap_or(i64::MAX))
            .bind(unread)
            .bind(limit)
            .fetch_all(&self.readers)
            .await?;
        found.iter().map(row).collect()
    }

    /// How many notifications there are.
    pub(crate) async fn count_notifications(&self) -> StorageResult<i64> {
        Ok(sqlx::query_scalar("SELECT count(*) FROM notifications").fetch_one(&self.readers).await?)
    }

    /// How many nobody has read; answered by an index alone.
    pub(crate) async fn count_unread(&self) -> StorageResult<i64> {
        Ok(sqlx::query_scalar("SELECT count(*) FROM notifications WHERE read_at IS NULL").fetch_one(&self.readers).await?)
    }

    /// Marks a notification as read, unless it is; gives it, none when there is none.
    pub(crate) async fn read_notification(&self, id: &str, at: i64) -> StorageResult<Option<NotificationRow>> {
        let mut write = self.begin().await?;
        sqlx::query("UPDATE notifications SET read_at = ? WHERE id = ? AND read_at IS NULL")
            .bind(at)
            .bind(id)
            .execute(&mut *write)
            .await?;
        let found = sqlx::query(select!("WHERE id = ?")).bind(id).fetch_optional(&mut *write).await?;
        write.commit().await?;
        found.as_ref().map(row).transpose()
    }

    /// Marks every notification as read; says how many were not.
    pub(crate) async fn read_notifications(&self, at: i64) -> StorageResult<u64> {
        let done =
            sqlx::query("UPDATE notifications SET read_at = ? WHERE read_at IS NULL").bind(at).execute(&self.writer).await?;
        Ok(done.rows_affected())
    }

    /// Removes what was read more than thirty days ago; says how many.
    pub(crate) async fn prune_notifications(&self, now: i64) -> StorageResult<u64> {
        let done = sqlx::query("DELETE FROM notifications WHERE read_at < ?").bind(now - KEPT).execute(&self.writer).await?;
        Ok(done.rows_affected())
    }
}
