//! API keys. The plain key never gets here; only its hash does.

use super::{Deed, StorageResult, Store, audit, from_json, to_json};
use crate::auth::Scope;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// A key as it is kept.
#[derive(Clone)]
pub(crate) struct KeyRow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) key_hash: String,
    pub(crate) prefix: String,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) created_at: i64,
    pub(crate) last_used_at: Option<i64>,
    pub(crate) revoked_at: Option<i64>,
}

/// A key to keep.
pub(crate) struct NewKey<'a> {
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
    pub(crate) key_hash: &'a str,
    pub(crate) prefix: &'a str,
    pub(crate) scopes: &'a [Scope],
}

/// How a revocation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Revoked {
    /// It is revoked, now or since before.
    Done,
    /// No such key.
    Unknown,
    /// It is the last one that can administer, and one is needed.
    Last,
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT id, name, key_hash, prefix, scopes, created_at, last_used_at, revoked_at FROM api_keys ", $rest)
    };
}

fn row(row: &SqliteRow) -> StorageResult<KeyRow> {
    Ok(KeyRow {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        key_hash: row.try_get("key_hash")?,
        prefix: row.try_get("prefix")?,
        scopes: from_json(row.try_get("scopes")?),
        created_at: row.try_get("created_at")?,
        last_used_at: row.try_get("last_used_at")?,
        revoked_at: row.try_get("revoked_at")?,
    })
}

impl Store {
    /// Keeps a key. An id that is taken is a conflict ([`super::StorageError::is_conflict`]).
    pub(crate) async fn add_key(&self, key: &NewKey<'_>, deed: &Deed) -> StorageResult<()> {
        let mut write = self.begin().await?;
        sqlx::query(
            "INSERT INTO api_keys (id, name, key_hash, prefix, scopes, created_at, created_by) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(key.id)
        .bind(key.name)
        .bind(key.key_hash)
        .bind(key.prefix)
        .bind(to_json(&key.scopes))
        .bind(deed.at)
        .bind(&deed.principal)
        .execute(&mut *write)
        .await?;
        audit::record(&mut write, deed).await?;
        Ok(write.commit().await?)
    }

    /// A key by id, revoked or not.
    pub(crate) async fn key(&self, id: &str) -> StorageResult<Option<KeyRow>> {
        let found = sqlx::query(select!("WHERE id = ?")).bind(id).fetch_optional(&self.readers).await?;
        found.as_ref().map(row).transpose()
    }

    /// All keys, newest first, revoked ones included.
    pub(crate) async fn keys(&self) -> StorageResult<Vec<KeyRow>> {
        sqlx::query(select!("ORDER BY created_at DESC, id DESC")).fetch_all(&self.readers).await?.iter().map(row).collect()
    }

    /// Whether any key is in force.
    pub(crate) async fn has_active_key(&self) -> StorageResult<bool> {
        Ok(sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM api_keys WHERE revoked_at IS NULL)").fetch_one(&self.readers).await?)
    }

    /// Whether any key in force can administer.
    pub(crate) async fn has_active_admin(&self) -> StorageResult<bool> {
        Ok(sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM api_keys WHERE revoked_at IS NULL
             AND EXISTS (SELECT 1 FROM json_each(scopes) WHERE value = 'admin'))",
        )
        .fetch_one(&self.readers)
        .await?)
    }

    /// Revokes a key for good. With `keep_admin`, not the last one in force that can administer; decided under the write
    /// lock, so that two requests cannot take the last two.
    pub(crate) async fn revoke_key(&self, id: &str, keep_admin: bool, deed: &Deed) -> StorageResult<Revoked> {
        let mut write = self.begin().await?;
        let found = sqlx::query(select!("WHERE id = ?")).bind(id).fetch_optional(&mut *write).await?;
        let Some(key) = found.as_ref().map(row).transpose()? else { return Ok(Revoked::Unknown) };
        if key.revoked_at.is_some() {
            return Ok(Revoked::Done);
        }
        if keep_admin && key.scopes.contains(&Scope::Admin) {
            let others: bool = sqlx::query_scalar(
                "SELECT EXISTS (SELECT 1 FROM api_keys WHERE revoked_at IS NULL AND id <> ?
                 AND EXISTS (SELECT 1 FROM json_each(scopes) WHERE value = 'admin'))",
            )
            .bind(id)
            .fetch_one(&mut *write)
            .await?;
            if !others {
                return Ok(Revoked::Last);
            }
        }
        sqlx::query("UPDATE api_keys SET revoked_at = ? WHERE id = ?").bind(deed.at).bind(id).execute(&mut *write).await?;
        audit::record(&mut write, deed).await?;
        write.commit().await?;
        Ok(Revoked::Done)
    }

    /// Notes that a key was used.
    pub(crate) async fn touch_key(&self, id: &str, at: i64) -> StorageResult<()> {
        sqlx::query("UPDATE api_keys SET last_used_at = ? WHERE id = ?").bind(at).bind(id).execute(&self.writer).await?;
        Ok(())
    }
}
