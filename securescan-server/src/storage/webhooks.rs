//! Webhooks: who wants to hear of what, and what signs it. What is sent to them is in [`super::deliveries`] and
//! [`super::claims`].

use super::{Deed, StorageResult, Store, Write, audit, from_json, to_json};
use crate::ids;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// A webhook as it is kept. Not `Debug`: it holds secrets.
#[derive(Clone)]
pub(crate) struct WebhookRow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) event_filter: Vec<String>,
    pub(crate) enabled: bool,
    pub(crate) created_at: i64,
    /// Since when nothing has arrived; none when the last thing did.
    pub(crate) failing_since: Option<i64>,
    /// Why the service itself disabled it.
    pub(crate) disabled_reason: Option<String>,
}

/// A webhook to keep.
pub(crate) struct NewWebhook<'a> {
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
    pub(crate) url: &'a str,
    pub(crate) secret: &'a str,
    pub(crate) event_filter: &'a [&'static str],
}

/// What of a webhook is to be another; none: as it is.
#[derive(Default)]
pub(crate) struct WebhookChange {
    pub(crate) name: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) event_filter: Option<Vec<&'static str>>,
    pub(crate) enabled: Option<bool>,
}

impl WebhookChange {
    /// Whether everything stays.
    pub(crate) fn is_empty(&self) -> bool {
        self.name.is_none() && self.url.is_none() && self.event_filter.is_none() && self.enabled.is_none()
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT id, name, url, event_filter, enabled, created_at, failing_since, disabled_reason FROM webhooks ", $rest)
    };
}

fn row(row: &SqliteRow) -> StorageResult<WebhookRow> {
    Ok(WebhookRow {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        url: row.try_get("url")?,
        event_filter: from_json(row.try_get("event_filter")?),
        enabled: row.try_get("enabled")?,
        created_at: row.try_get("created_at")?,
        failing_since: row.try_get("failing_since")?,
        disabled_reason: row.try_get("disabled_reason")?,
    })
}

impl Store {
    /// Keeps a webhook, enabled.
    pub(crate) async fn add_webhook(&self, webhook: &NewWebhook<'_>, deed: &Deed) -> StorageResult<()> {
        let mut write = self.begin().await?;
        sqlx::query(
            "INSERT INTO webhooks (id, name, url, secret, event_filter, enabled, created_at) VALUES (?, ?, ?, ?, ?, 1, ?)",
        )
        .bind(webhook.id)
        .bind(webhook.name)
        .bind(webhook.url)
        .bind(webhook.secret)
        .bind(to_json(&webhook.event_filter))
        .bind(deed.at)
        .execute(&mut *write)
        .await?;
        audit::record(&mut write, deed).await?;
        Ok(write.commit().await?)
    }

    /// A webhook by id.
    pub(crate) async fn webhook(&self, id: &str) -> StorageResult<Option<WebhookRow>> {
        let found = sqlx::query(select!("WHERE id = ?")).bind(id).fetch_optional(&self.readers).await?;
        found.as_ref().map(row).transpose()
    }

    /// All webhooks, newest first.
    pub(crate) async fn webhooks(&self) -> StorageResult<Vec<WebhookRow>> {
        sqlx::query(select!("ORDER BY created_at DESC, id DESC")).fetch_all(&self.readers).await?.iter().map(row).collect()
    }

    /// Changes a webhook; gives it as it is then, none when there is none. Enabling forgives what failed before.
    pub(crate) async fn change_webhook(
        &self,
        id: &str,
        change: &WebhookChange,
        deed: &Deed,
    ) -> StorageResult<Option<WebhookRow>> {
        let mut write = self.begin().await?;
        let done = sqlx::query(
            "UPDATE webhooks SET name = coalesce(?1, name), url = coalesce(?2, url), event_filter = coalesce(?3, event_filter),
             enabled = coalesce(?4, enabled),
             failing_since = CASE WHEN ?4 = 1 THEN NULL ELSE failing_since END,
             disabled_reason = CASE WHEN ?4 IS NULL THEN disabled_reason END WHERE id = ?5",
        )
        .bind(&change.name)
        .bind(&change.url)
        .bind(change.event_filter.as_ref().map(to_json))
        .bind(change.enabled)
        .bind(id)
        .execute(&mut *write)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(None);
        }
        audit::record(&mut write, deed).await?;
        let found = sqlx::query(select!("WHERE id = ?")).bind(id).fetch_one(&mut *write).await?;
        write.commit().await?;
        row(&found).map(Some)
    }

    /// Removes a webhook and its deliveries. False when there is none.
    pub(crate) async fn delete_webhook(&self, id: &str, deed: &Deed) -> StorageResult<bool> {
        let mut write = self.begin().await?;
        let done = sqlx::query("DELETE FROM webhooks WHERE id = ?").bind(id).execute(&mut *write).await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        audit::record(&mut write, deed).await?;
        write.commit().await?;
        Ok(true)
    }

    /// Gives a webhook a new secret; the one before signs beside it until `until`. False when there is no such webhook.
    pub(crate) async fn rotate_webhook(&self, id: &str, secret: &str, until: i64, deed: &Deed) -> StorageResult<bool> {
        let mut write = self.begin().await?;
        let done = sqlx::query("UPDATE webhooks SET previous_secret = secret, previous_until = ?, secret = ? WHERE id = ?")
            .bind(until)
            .bind(secret)
            .bind(id)
            .execute(&mut *write)
            .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        audit::record(&mut write, deed).await?;
        write.commit().await?;
        Ok(true)
    }
}

/// Disables a webhook by ourselves, and says so to people.
pub(super) async fn disable(write: &mut Write, id: &str, reason: &str, now: i64) -> StorageResult<()> {
    let sql = "UPDATE webhooks SET enabled = 0, disabled_reason = ? WHERE id = ? AND enabled = 1 RETURNING name";
    let name: Option<String> = sqlx::query_scalar(sql).bind(reason).bind(id).fetch_optional(&mut **write).await?;
    let Some(name) = name else { return Ok(()) };
    sqlx::query(
        "INSERT INTO notifications (id, type, title, body, link, severity, created_at)
         VALUES (?, 'webhook.disabled', ?, ?, '/webhooks', 'medium', ?)",
    )
    .bind(ids::uuid())
    .bind(format!("Webhook disabled: {name}"))
    .bind(reason)
    .bind(now)
    .execute(&mut **write)
    .await?;
    let deed = Deed { at: now, principal: "system".into(), action: "webhook.disable", subject: id.to_owned(), request_id: None };
    audit::record(write, &deed).await
}
