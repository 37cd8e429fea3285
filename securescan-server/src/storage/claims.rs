//! Who may send which delivery, how it went, and how deliveries end.
//!
//! Only the oldest unfinished delivery of a webhook may be sent, so that a webhook hears things in the order they happened, also
//! when something has to be sent again. A claim is a lease: what it covers is sent by one process until the lease ends.

use super::{StorageResult, Store, webhooks};
use crate::time::SECOND;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// Something older is not tried again.
pub(crate) const MAX_AGE: i64 = 1_800 * SECOND;

/// A webhook that nothing reached for so long is disabled.
const GIVEN_UP: i64 = 5 * 24 * 3600 * SECOND;

/// What stands in the place of an answer of a webhook that may not be asked.
const HELD: &str = "webhook deleted/disabled";

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

impl Store {
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
}

#[cfg(test)]
mod tests;
