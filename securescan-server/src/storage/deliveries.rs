//! Deliveries to webhooks after they were queued by [`super::outbox`]: who may send which, how it went, and how they end.
//!
//! Only the oldest unfinished delivery of a webhook may be sent, so that a webhook hears things in the order they happened, also
//! when something has to be sent again. A claim is a lease: what it covers is sent by one process until the lease ends.

use super::{Deed, StorageResult, Store, audit, webhooks};
use crate::ids;
use crate::time::SECOND;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use std::collections::HashMap;

/// Something older is not tried again.
pub(crate) const MAX_AGE: i64 = 1_800 * SECOND;

/// What ended is kept for so long.
const KEPT: i64 = 30 * 24 * 3600 * SECOND;

/// A webhook that nothing reached for so long is disabled.
const GIVEN_UP: i64 = 5 * 24 * 3600 * SECOND;

/// How many of a webhook's deliveries can be seen.
const SHOWN: i64 = 100;

/// What stands in the place of an answer of a webhook that may not be asked.
const HELD: &str = "webhook deleted/disabled";

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

/// The oldest unfinished delivery of a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) seq: i64,
    pub(crate) webhook_id: String,
    /// From when it may be sent; of a disabled webhook: when it is given up.
    pub(crate) due: i64,
    pub(crate) enabled: bool,
}

/// A delivery to send, with what is needed for it. Not `Debug`: it holds secrets.
pub(crate) struct Claimed {
    pub(crate) seq: i64,
    pub(crate) id: String,
    pub(crate) webhook_id: String,
    pub(crate) event: String,
    /// JSON.
    pub(crate) payload: String,
    /// How often it was tried before.
    pub(crate) attempt: i64,
    pub(crate) created_at: i64,
    pub(crate) url: String,
    pub(crate) secret: String,
    /// The secret before a rotation, while it still counts.
    pub(crate) previous_secret: Option<String>,
}

/// What comes after a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// It arrived.
    Succeeded,
    /// Again, at this time.
    Retry(i64),
    /// Never again.
    Failed,
    /// Never again, and nothing else to this webhook either.
    Gone,
}

/// How a try went.
#[derive(Debug, Clone)]
pub(crate) struct Tried {
    pub(crate) at: i64,
    pub(crate) code: Option<u16>,
    /// What came back, or what went wrong.
    pub(crate) body: String,
    /// What went wrong, when nothing came back.
    pub(crate) error: Option<String>,
    pub(crate) latency_ms: i64,
    pub(crate) next: Next,
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

    /// The oldest unfinished delivery of every webhook, except those that somebody is sending.
    pub(crate) async fn delivery_heads(&self, now: i64) -> StorageResult<Vec<Head>> {
        let found = sqlx::query(
            "SELECT d.seq, w.id, w.enabled, CASE WHEN w.enabled = 1 THEN d.next_attempt_at ELSE d.created_at + ?2 END AS due
             FROM webhooks w JOIN webhook_deliveries d ON d.seq =
             (SELECT min(seq) FROM webhook_deliveries WHERE webhook_id = w.id AND status IN ('pending', 'delivering'))
             WHERE d.status = 'pending' OR coalesce(d.lease_until, 0) <= ?1 ORDER BY due, d.seq",
        )
        .bind(now)
        .bind(MAX_AGE)
        .fetch_all(&self.readers)
        .await?;
        let head = |row: &SqliteRow| {
            Ok(Head {
                seq: row.try_get("seq")?,
                webhook_id: row.try_get("id")?,
                due: row.try_get("due")?,
                enabled: row.try_get("enabled")?,
            })
        };
        found.iter().map(head).collect()
    }

    /// Takes a delivery until `until`. None when somebody else has it, it is not its turn, or the webhook is disabled.
    pub(crate) async fn claim_delivery(&self, seq: i64, owner: &str, now: i64, until: i64) -> StorageResult<Option<Claimed>> {
        let mut write = self.begin().await?;
        let done = sqlx::query(
            "UPDATE webhook_deliveries SET status = 'delivering', updated_at = ?3, lease_owner = ?2, lease_until = ?4
             WHERE seq = ?1 AND next_attempt_at <= ?3
             AND (status = 'pending' OR (status = 'delivering' AND coalesce(lease_until, 0) <= ?3))
             AND EXISTS (SELECT 1 FROM webhooks w WHERE w.id = webhook_id AND w.enabled = 1)
             AND NOT EXISTS (SELECT 1 FROM webhook_deliveries o WHERE o.webhook_id = webhook_deliveries.webhook_id
                             AND o.status IN ('pending', 'delivering') AND o.seq < ?1)",
        )
        .bind(seq)
        .bind(owner)
        .bind(now)
        .bind(until)
        .execute(&mut *write)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(None);
        }
        let found = sqlx::query(
            "SELECT d.seq, d.id, d.webhook_id, d.event, d.payload, d.attempt, d.created_at, w.url, w.secret,
             CASE WHEN w.previous_until > ? THEN w.previous_secret END AS previous
             FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id WHERE d.seq = ?",
        )
        .bind(now)
        .bind(seq)
        .fetch_one(&mut *write)
        .await?;
        write.commit().await?;
        Ok(Some(Claimed {
            seq: found.try_get("seq")?,
            id: found.try_get("id")?,
            webhook_id: found.try_get("webhook_id")?,
            event: found.try_get("event")?,
            payload: found.try_get("payload")?,
            attempt: found.try_get("attempt")?,
            created_at: found.try_get("created_at")?,
            url: found.try_get("url")?,
            secret: found.try_get("secret")?,
            previous_secret: found.try_get("previous")?,
        }))
    }

    /// Writes down how a try went. False, and nothing written, when the claim is not the owner's any more.
    pub(crate) async fn delivery_tried(&self, claimed: &Claimed, owner: &str, tried: &Tried) -> StorageResult<bool> {
        let mut write = self.begin().await?;
        let (status, due) = match tried.next {
            Next::Succeeded => ("succeeded", None),
            Next::Retry(at) => ("pending", Some(at)),
            Next::Failed | Next::Gone => ("failed", None),
        };
        let done = sqlx::query(
            "UPDATE webhook_deliveries SET status = ?, attempt = attempt + 1, next_attempt_at = coalesce(?, next_attempt_at),
             updated_at = ?, response_code = ?, response_body = ?, lease_owner = NULL, lease_until = NULL
             WHERE seq = ? AND status = 'delivering' AND lease_owner = ?",
        )
        .bind(status)
        .bind(due)
        .bind(tried.at)
        .bind(tried.code)
        .bind(&tried.body)
        .bind(claimed.seq)
        .bind(owner)
        .execute(&mut *write)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query(
            "INSERT OR REPLACE INTO webhook_attempts (delivery, attempt, at, response_code, latency_ms, error) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(claimed.seq)
        .bind(claimed.attempt + 1)
        .bind(tried.at)
        .bind(tried.code)
        .bind(tried.latency_ms)
        .bind(&tried.error)
        .execute(&mut *write)
        .await?;
        let failing = match tried.next {
            Next::Succeeded => "UPDATE webhooks SET failing_since = NULL WHERE id = ?2 AND failing_since IS NOT NULL",
            _ => "UPDATE webhooks SET failing_since = coalesce(failing_since, ?1) WHERE id = ?2 RETURNING failing_since",
        };
        let query = sqlx::query_scalar(failing).bind(tried.at).bind(&claimed.webhook_id);
        let since: Option<i64> = query.fetch_optional(&mut *write).await?;
        let reason = match (tried.next, since) {
            (Next::Gone, _) => Some("The receiver answered 410 Gone"),
            (Next::Failed, Some(since)) if tried.at - since >= GIVEN_UP => Some("Nothing was delivered for five days"),
            _ => None,
        };
        if let Some(reason) = reason {
            webhooks::disable(&mut write, &claimed.webhook_id, reason, tried.at).await?;
        }
        write.commit().await?;
        Ok(true)
    }

    /// Ends a claim without a try: a fault of ours.
    pub(crate) async fn delivery_faulted(&self, seq: i64, owner: &str, now: i64) -> StorageResult<()> {
        sqlx::query(
            "UPDATE webhook_deliveries SET status = 'failed', updated_at = ?, response_code = NULL,
             response_body = 'dispatcher internal error', lease_owner = NULL, lease_until = NULL
             WHERE seq = ? AND status = 'delivering' AND lease_owner = ?",
        )
        .bind(now)
        .bind(seq)
        .bind(owner)
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    /// Gives up what waits for disabled webhooks: tests at once, the rest when it is too old to be sent.
    pub(crate) async fn expire_held(&self, now: i64) -> StorageResult<u64> {
        let done = sqlx::query(
            "UPDATE webhook_deliveries SET status = 'failed', updated_at = ?1, response_code = NULL, response_body = ?2
             WHERE status = 'pending' AND (event = 'webhook.test' OR created_at + ?3 <= ?1)
             AND webhook_id IN (SELECT id FROM webhooks WHERE enabled = 0)",
        )
        .bind(now)
        .bind(HELD)
        .bind(MAX_AGE)
        .execute(&self.writer)
        .await?;
        Ok(done.rows_affected())
    }

    /// Makes due again what nobody sends any more: what leases ended, or, with `all`, whatever their leases say.
    pub(crate) async fn recover_deliveries(&self, now: i64, all: bool) -> StorageResult<u64> {
        let done = sqlx::query(
            "UPDATE webhook_deliveries SET status = 'pending', next_attempt_at = ?1, updated_at = ?1, lease_owner = NULL,
             lease_until = NULL WHERE status = 'delivering' AND (?2 OR coalesce(lease_until, 0) <= ?1)",
        )
        .bind(now)
        .bind(all)
        .execute(&self.writer)
        .await?;
        Ok(done.rows_affected())
    }

    /// Ends the leases of an owner that goes away; what it was sending may be sent again.
    pub(crate) async fn release_deliveries(&self, owner: &str, now: i64) -> StorageResult<()> {
        sqlx::query("UPDATE webhook_deliveries SET lease_until = ? WHERE status = 'delivering' AND lease_owner = ?")
            .bind(now)
            .bind(owner)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// Removes deliveries that ended more than thirty days ago; says how many.
    pub(crate) async fn prune_deliveries(&self, now: i64) -> StorageResult<u64> {
        let sql = "DELETE FROM webhook_deliveries WHERE status IN ('succeeded', 'failed') AND updated_at < ?";
        Ok(sqlx::query(sql).bind(now - KEPT).execute(&self.writer).await?.rows_affected())
    }
}

#[cfg(test)]
mod tests;
