//! Who did what. Written in the transaction of the deed itself.

use super::{StorageResult, Store, Write};

/// One deed of somebody.
#[derive(Debug, Clone)]
pub(crate) struct Deed {
    /// When, in microseconds.
    pub(crate) at: i64,
    /// A key's id, `env` or `dev`; `system` for what nobody asked for.
    pub(crate) principal: String,
    /// `key.create`, `key.revoke`, `scan.delete`, …
    pub(crate) action: &'static str,
    /// The id of what it was done to.
    pub(crate) subject: String,
    /// The request it came with.
    pub(crate) request_id: Option<String>,
}

/// Adds a deed.
pub(super) async fn record(write: &mut Write, deed: &Deed) -> StorageResult<()> {
    sqlx::query("INSERT INTO audit_log (at, principal, action, subject, request_id) VALUES (?, ?, ?, ?, ?)")
        .bind(deed.at)
        .bind(&deed.principal)
        .bind(deed.action)
        .bind(&deed.subject)
        .bind(&deed.request_id)
        .execute(&mut **write)
        .await?;
    Ok(())
}

impl Store {
    /// Adds a deed that changes nothing else here.
    pub(crate) async fn record(&self, deed: &Deed) -> StorageResult<()> {
        let mut write = self.begin().await?;
        record(&mut write, deed).await?;
        Ok(write.commit().await?)
    }
}
