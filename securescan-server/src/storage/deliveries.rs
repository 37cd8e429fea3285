//! Deliveries to webhooks as people see them: listed, queued by hand, removed when they are old. Those that scans set off are queued by
//! [`super::outbox`]; who sends them is in [`super::claims`].

use super::{Deed, StorageResult, Store, audit};
use crate::ids;
use crate::time::SECOND;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use std::collections::HashMap;

/// What ended is kept for so long.
const KEPT: i64 = 30 * 24 * 3600 * SECOND;

/// How many of a webhook's deliveries can be seen.
const SHOWN: i64 = 100;

/// A delivery as it is shown.
#[derive(Debug, Clone)]
pub(crate) struct DeliveryRow {
    seq: i64,
    pub(crate) id: String,
    pub(crate) webhook_id: String,
    pub(crate) event: String,
    pub(crate) status: String,
    pub(crate) attempt: i64,
    pub(crate) next_attempt_at: i64,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) response_code: Option<i64>,
    pub(crate) response_body: Option<String>,
    /// First to last.
    pub(crate) attempts: Vec<AttemptRow>,
}

/// One try.
#[derive(Debug, Clone)]
pub(crate) struct AttemptRow {
    pub(crate) attempt: i64,
    pub(crate) at: i64,
    pub(crate) response_code: Option<i64>,
    pub(crate) latency_ms: Option<i64>,
    pub(crate) error: Option<String>,
}

/// How asking for a delivery to be sent once more ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Redelivered {
    /// Queued, under this id; with its event.
    Done(String, String),
    /// No such delivery of that webhook.
    Unknown,
    /// It is still under way.
    Pending,
}

fn row(row: &SqliteRow) -> StorageResult<DeliveryRow> {
    Ok(DeliveryRow {
        seq: row.try_get("seq")?,
        id: row.try_get("id")?,
        webhook_id: row.try_get("webhook_id")?,
        event: row.try_get("event")?,
        status: row.try_get("status")?,
        attempt: row.try_get("attempt")?,
        next_attempt_at: row.try_get("next_attempt_at")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
        response_code: row.try_get("response_code")?,
        response_body: row.try_get("response_body")?,
        attempts: Vec::new(),
    })
}

impl Store {
    /// The last deliveries of a webhook, newest first, with every try.
    pub(crate) async fn deliveries(&self, webhook_id: &str) -> StorageResult<Vec<DeliveryRow>> {
        let found = sqlx::query(
            "SELECT seq, id, webhook_id, event, status, attempt, next_attempt_at, created_at, updated_at, response_code, response_body
             FROM webhook_deliveries WHERE webhook_id = ? ORDER BY created_at DESC, seq DESC LIMIT ?",
        )
        .bind(webhook_id)
        .bind(SHOWN)
        .fetch_all(&self.readers)
        .await?;
        let tries = sqlx::query(
            "SELECT delivery, attempt, at, response_code, latency_ms, error FROM webhook_attempts WHERE delivery IN
             (SELECT seq FROM webhook_deliveries WHERE webhook_id = ? ORDER BY created_at DESC, seq DESC LIMIT ?)
             ORDER BY delivery, attempt",
        )
        .bind(webhook_id)
        .bind(SHOWN)
        .fetch_all(&self.readers)
        .await?;
        let mut by_delivery: HashMap<i64, Vec<AttemptRow>> = HashMap::new();
        for one in &tries {
            let attempt = AttemptRow {
                attempt: one.try_get("attempt")?,
                at: one.try_get("at")?,
                response_code: one.try_get("response_code")?,
                latency_ms: one.try_get("latency_ms")?,
                error: one.try_get("error")?,
            };
            by_delivery.entry(one.try_get("delivery")?).or_default().push(attempt);
        }
        let mut rows: Vec<DeliveryRow> = found.iter().map(row).collect::<StorageResult<_>>()?;
        for delivery in &mut rows {
            delivery.attempts = by_delivery.remove(&delivery.seq).unwrap_or_default();
        }
        Ok(rows)
    }

    /// Queues an event for one webhook, whatever it wants to hear. False when there is no such webhook.
    pub(crate) async fn queue_delivery(
        &self,
        id: &str,
        webhook_id: &str,
        event: &str,
        payload: &str,
        deed: &Deed,
    ) -> StorageResult<bool> {
        let mut write = self.begin().await?;
        let done = sqlx::query(
            "INSERT INTO webhook_deliveries (id, webhook_id, event, payload, status, next_attempt_at, created_at, updated_at)
             SELECT ?1, id, ?3, ?4, 'pending', ?5, ?5, ?5 FROM webhooks WHERE id = ?2",
        )
        .bind(id)
        .bind(webhook_id)
        .bind(event)
        .bind(payload)
        .bind(deed.at)
        .execute(&mut *write)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        audit::record(&mut write, deed).await?;
        write.commit().await?;
        Ok(true)
    }

    /// Queues what a delivery that ended said, once more: a delivery of its own, behind those that wait.
    pub(crate) async fn redeliver(&self, webhook_id: &str, delivery_id: &str, deed: &Deed) -> StorageResult<Redelivered> {
        let mut write = self.begin().await?;
        let found = sqlx::query("SELECT event, payload, status FROM webhook_deliveries WHERE id = ? AND webhook_id = ?")
            .bind(delivery_id)
            .bind(webhook_id)
            .fetch_optional(&mut *write)
            .await?;
        let Some(found) = found else { return Ok(Redelivered::Unknown) };
        if matches!(found.try_get("status")?, "pending" | "delivering") {
            return Ok(Redelivered::Pending);
        }
        let (id, event): (String, String) = (ids::uuid(), found.try_get("event")?);
        sqlx::query(
            "INSERT INTO webhook_deliveries (id, webhook_id, event, payload, status, next_attempt_at, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, 'pending', ?5, ?5, ?5)",
        )
        .bind(&id)
        .bind(webhook_id)
        .bind(&event)
        .bind(found.try_get::<&str, _>("payload")?)
        .bind(deed.at)
        .execute(&mut *write)
        .await?;
        audit::record(&mut write, deed).await?;
        write.commit().await?;
        Ok(Redelivered::Done(id, event))
    }

    /// Removes deliveries that ended more than thirty days ago; says how many.
    pub(crate) async fn prune_deliveries(&self, now: i64) -> StorageResult<u64> {
        let sql = "DELETE FROM webhook_deliveries WHERE status IN ('succeeded', 'failed') AND updated_at < ?";
        Ok(sqlx::query(sql).bind(now - KEPT).execute(&self.writer).await?.rows_affected())
    }
}
