//! What a change of a scan sets off: deliveries to webhooks and notifications, written in the change's own transaction so
//! that neither is lost or told twice.

use super::{StorageResult, Write};

/// An event for every enabled webhook that wants it.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    /// `scan.complete`, `scan.failed`, `scanner.failed`.
    pub(crate) event: &'static str,
    /// The JSON of the envelope's `data`.
    pub(crate) payload: String,
}

/// A notification; a second one for the same thing is dropped.
#[derive(Debug, Clone)]
pub(crate) struct Note {
    /// As [`Outgoing::event`].
    pub(crate) kind: &'static str,
    /// One line.
    pub(crate) title: String,
    /// More about it.
    pub(crate) body: Option<String>,
    /// A severity of findings.
    pub(crate) severity: &'static str,
    /// The scanner concerned; empty for none.
    pub(crate) scanner: String,
}

/// Queues an event. Each delivery gets an id of its own.
pub(super) async fn enqueue(write: &mut Write, outgoing: &Outgoing, now: i64) -> StorageResult<()> {
    // The id is a UUID of version 4, made where the rows are.
    sqlx::query(
        "INSERT INTO webhook_deliveries (id, webhook_id, event, payload, status, next_attempt_at, created_at, updated_at)
         SELECT lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-'
                || substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))),
                id, ?1, ?2, 'pending', ?3, ?3, ?3
         FROM webhooks WHERE enabled = 1 AND EXISTS (SELECT 1 FROM json_each(event_filter) WHERE value = ?1)
         ORDER BY created_at, id",
    )
    .bind(outgoing.event)
    .bind(&outgoing.payload)
    .bind(now)
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// Adds a notification about a scan.
pub(super) async fn notify(write: &mut Write, note: &Note, scan_id: &str, id: &str, now: i64) -> StorageResult<()> {
    sqlx::query(
        "INSERT INTO notifications (id, type, title, body, link, severity, scan_id, scanner, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    )
    .bind(id)
    .bind(note.kind)
    .bind(&note.title)
    .bind(&note.body)
    .bind(format!("/scan/{scan_id}"))
    .bind(note.severity)
    .bind(scan_id)
    .bind(&note.scanner)
    .bind(now)
    .execute(&mut **write)
    .await?;
    Ok(())
}
