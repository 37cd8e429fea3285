//! Sums over scans, made where the rows are.

use super::{StorageResult, Store};
use crate::time::SECOND;
use sqlx::Row;

/// A day, in microseconds.
const DAY: i64 = 24 * 3600 * SECOND;

/// The last completed scan of each day: by the index of completion, so that only the days asked for are looked at.
pub(super) const DAYS: &str = "SELECT completed_at, id, coalesce(risk_score, 0.0), critical, high, medium, low, info FROM (
    SELECT *, row_number() OVER (PARTITION BY completed_at / ?1 ORDER BY completed_at DESC, seq DESC) AS place
    FROM scans INDEXED BY scans_by_completion WHERE status = 'completed' AND completed_at >= ?2)
  WHERE place = 1 ORDER BY completed_at";

/// Sums over all scans.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Stats {
    pub(crate) scans: i64,
    /// Suppressed ones included.
    pub(crate) findings: i64,
    /// Scans that have a score, and the mean of the scores.
    pub(crate) scored: i64,
    pub(crate) average: Option<f64>,
    /// Critical first; without the suppressed ones.
    pub(crate) severities: [i64; 5],
    pub(crate) last_completed_at: Option<i64>,
}

/// The last completed scan of a day.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Day {
    /// When it was completed.
    pub(crate) at: i64,
    pub(crate) scan_id: String,
    pub(crate) risk_score: f64,
    pub(crate) severities: [i64; 5],
}

impl Store {
    /// Sums over all scans.
    pub(crate) async fn stats(&self) -> StorageResult<Stats> {
        let row = sqlx::query(
            "SELECT count(*), coalesce(sum(findings_count), 0), count(risk_score), avg(risk_score), coalesce(sum(critical), 0),
             coalesce(sum(high), 0), coalesce(sum(medium), 0), coalesce(sum(low), 0), coalesce(sum(info), 0),
             max(CASE WHEN status = 'completed' THEN completed_at END) FROM scans",
        )
        .fetch_one(&self.readers)
        .await?;
        Ok(Stats {
            scans: row.try_get(0)?,
            findings: row.try_get(1)?,
            scored: row.try_get(2)?,
            average: row.try_get(3)?,
            severities: [row.try_get(4)?, row.try_get(5)?, row.try_get(6)?, row.try_get(7)?, row.try_get(8)?],
            last_completed_at: row.try_get(9)?,
        })
    }

    /// How many scans there are in each state.
    pub(crate) async fn scans_by_status(&self) -> StorageResult<Vec<(String, i64)>> {
        let rows = sqlx::query("SELECT status, count(*) FROM scans GROUP BY status ORDER BY status").fetch_all(&self.readers);
        rows.await?.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }

    /// How many deliveries to webhooks are not through, in each state.
    pub(crate) async fn open_deliveries(&self) -> StorageResult<Vec<(String, i64)>> {
        let sql = "SELECT status, count(*) FROM webhook_deliveries WHERE status IN ('pending', 'delivering') GROUP BY status";
        let rows = sqlx::query(sql).fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }

    /// The last completed scan of each day (UTC) since then, oldest first.
    pub(crate) async fn days(&self, since: i64) -> StorageResult<Vec<Day>> {
        let rows = sqlx::query(DAYS).bind(DAY).bind(since).fetch_all(&self.readers).await?;
        let day = |row: &sqlx::sqlite::SqliteRow| {
            Ok(Day {
                at: row.try_get(0)?,
                scan_id: row.try_get(1)?,
                risk_score: row.try_get(2)?,
                severities: [row.try_get(3)?, row.try_get(4)?, row.try_get(5)?, row.try_get(6)?, row.try_get(7)?],
            })
        };
        rows.iter().map(day).collect()
    }

    /// The compliance tags of a scan's findings that are not suppressed: place of the finding, tag.
    pub(crate) async fn tags(&self, scan: i64) -> StorageResult<Vec<(i64, String)>> {
        let rows = sqlx::query(
            "SELECT t.ord, t.tag FROM finding_tags t JOIN findings f ON f.scan = t.scan AND f.ord = t.ord
             WHERE t.scan = ? AND f.suppressed = 0 ORDER BY t.ord, t.tag",
        )
        .bind(scan)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }
}
