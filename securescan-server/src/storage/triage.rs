//! Verdicts and comments. They belong to a fingerprint, whoever has it, and outlive every scan.

use super::{Deed, StorageResult, Store, Write, audit};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// A verdict to keep in the place of the one before.
#[derive(Debug, Clone)]
pub(crate) struct NewState<'a> {
    pub(crate) fingerprint: &'a str,
    pub(crate) status: &'a str,
    pub(crate) note: Option<&'a str>,
    /// The name that was given.
    pub(crate) updated_by: Option<&'a str>,
    /// Who really asked.
    pub(crate) principal: &'a str,
    pub(crate) at: i64,
}

/// A comment.
#[derive(Debug, Clone)]
pub(crate) struct CommentRow {
    pub(crate) id: String,
    pub(crate) fingerprint: String,
    pub(crate) text: String,
    /// The name that was given.
    pub(crate) author: Option<String>,
    /// Who really asked; none for what was taken over from the service for Python.
    pub(crate) principal: Option<String>,
    pub(crate) created_at: i64,
}

/// The fingerprints that stand for the same finding as `?1`: itself, and those that its findings had before. A comment that was made
/// under an older one is found, shown and removed under both.
macro_rules! same {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            "(SELECT ?1 UNION SELECT legacy_fingerprint FROM findings WHERE fingerprint = ?1 AND legacy_fingerprint IS NOT NULL)",
            $after
        )
    };
}

fn comment(row: &SqliteRow) -> StorageResult<CommentRow> {
    Ok(CommentRow {
        id: row.try_get("id")?,
        fingerprint: row.try_get("fingerprint")?,
        text: row.try_get("text")?,
        author: row.try_get("author")?,
        principal: row.try_get("principal")?,
        created_at: row.try_get("created_at")?,
    })
}

impl Store {
    /// Keeps a verdict. What was there before is gone, also that the finding had come back.
    pub(crate) async fn set_state(&self, state: &NewState<'_>) -> StorageResult<()> {
        sqlx::query(
            "INSERT INTO finding_states (fingerprint, status, note, updated_at, updated_by, principal) VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT (fingerprint) DO UPDATE SET status = excluded.status, note = excluded.note,
               updated_at = excluded.updated_at, updated_by = excluded.updated_by, principal = excluded.principal,
               regressed_at = NULL",
        )
        .bind(state.fingerprint)
        .bind(state.status)
        .bind(state.note)
        .bind(state.at)
        .bind(state.updated_by)
        .bind(state.principal)
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    /// Keeps a comment.
    pub(crate) async fn add_comment(&self, comment: &CommentRow) -> StorageResult<()> {
        sqlx::query(
            "INSERT INTO finding_comments (id, fingerprint, text, author, principal, created_at) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(&comment.id)
        .bind(&comment.fingerprint)
        .bind(&comment.text)
        .bind(&comment.author)
        .bind(&comment.principal)
        .bind(comment.created_at)
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    /// The comments on a finding, oldest first: those after `after`, at most so many.
    pub(crate) async fn comments(&self, fingerprint: &str, after: i64, limit: i64) -> StorageResult<Vec<CommentRow>> {
        let sql = same!(
            "SELECT id, fingerprint, text, author, principal, created_at FROM finding_comments WHERE fingerprint IN ",
            " ORDER BY created_at, id LIMIT ?2 OFFSET ?3"
        );
        let rows = sqlx::query(sql).bind(fingerprint).bind(limit).bind(after).fetch_all(&self.readers).await?;
        rows.iter().map(comment).collect()
    }

    /// How many comments there are on a finding.
    pub(crate) async fn count_comments(&self, fingerprint: &str) -> StorageResult<i64> {
        let sql = same!("SELECT count(*) FROM finding_comments WHERE fingerprint IN ", "");
        Ok(sqlx::query_scalar(sql).bind(fingerprint).fetch_one(&self.readers).await?)
    }

    /// Removes a comment on this finding. False when there is none of that id on it.
    pub(crate) async fn delete_comment(&self, fingerprint: &str, id: &str, deed: &Deed) -> StorageResult<bool> {
        let mut write = self.begin().await?;
        let sql = same!("DELETE FROM finding_comments WHERE id = ?2 AND fingerprint IN ", "");
        let done = sqlx::query(sql).bind(fingerprint).bind(id).execute(&mut *write).await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        audit::record(&mut write, deed).await?;
        write.commit().await?;
        Ok(true)
    }
}

/// Marks the verdicts `fixed` on what a scan found all the same. A verdict that was given while the scan was under way says nothing
/// about what it saw; one that is marked already keeps the time of the first return.
pub(super) async fn regress(write: &mut Write, scan: i64, started_at: i64, at: i64) -> StorageResult<u64> {
    // The verdict that counts for a finding is the one under its own fingerprint, else under the one of before: as when it is read.
    let done = sqlx::query(
        "UPDATE finding_states SET regressed_at = ?1
         WHERE status = 'fixed' AND regressed_at IS NULL AND updated_at <= ?2 AND (
           EXISTS (SELECT 1 FROM findings f WHERE f.fingerprint = finding_states.fingerprint AND f.scan = ?3)
           OR EXISTS (SELECT 1 FROM findings f WHERE f.legacy_fingerprint = finding_states.fingerprint AND f.scan = ?3
                      AND NOT EXISTS (SELECT 1 FROM finding_states own WHERE own.fingerprint = f.fingerprint)))",
    )
    .bind(at)
    .bind(started_at)
    .bind(scan)
    .execute(&mut **write)
    .await?;
    Ok(done.rows_affected())
}
