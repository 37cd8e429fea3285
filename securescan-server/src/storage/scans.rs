//! Scans: their rows, and the changes of their state. Each change names the states it may start from, so that two of them
//! cannot overwrite each other.

use super::outbox::{self, Note, Outgoing};
use super::{Deed, StorageResult, Store, Write, aliases, audit, findings, from_json, to_json, triage};
use crate::ai::Advice;
use crate::ids;
use securescan_core::{Coverage, Finding, ScanType};
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use utoipa::ToSchema;

/// Where a scan is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ScanStatus {
    /// Waiting for a worker.
    Pending,
    /// Scanners are at work.
    Running,
    /// Ended with findings, possibly none.
    Completed,
    /// Ended without.
    Failed,
    /// Stopped by a client.
    Cancelled,
}

impl ScanStatus {
    /// The word in the database and on the wire.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing will change any more.
    pub(crate) fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }

    fn parse(word: &str) -> Self {
        match word {
            "running" => Self::Running,
            "completed" => Self::Completed,
            "failed" => Self::Failed,
            "cancelled" => Self::Cancelled,
            _ => Self::Pending,
        }
    }
}

/// A scan to keep.
#[derive(Debug, Clone)]
pub(crate) struct NewScan {
    pub(crate) id: String,
    pub(crate) target_path: String,
    pub(crate) scan_types: Vec<ScanType>,
    pub(crate) target_url: Option<String>,
    pub(crate) target_host: Option<String>,
    pub(crate) created_at: i64,
    pub(crate) created_by: String,
    /// Whether a language model is asked; known to the queue alone.
    pub(crate) ai: bool,
}

/// A scan as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct ScanRow {
    /// The order of creation.
    pub(crate) seq: i64,
    pub(crate) id: String,
    pub(crate) target_path: String,
    pub(crate) scan_types: Vec<ScanType>,
    pub(crate) target_url: Option<String>,
    pub(crate) target_host: Option<String>,
    pub(crate) status: ScanStatus,
    pub(crate) created_at: i64,
    pub(crate) started_at: Option<i64>,
    pub(crate) completed_at: Option<i64>,
    pub(crate) findings_count: i64,
    pub(crate) suppressed: i64,
    /// Critical first; without the suppressed ones.
    pub(crate) severities: [i64; 5],
    pub(crate) risk_score: Option<f64>,
    pub(crate) summary: Option<String>,
    pub(crate) error: Option<String>,
    pub(crate) scanners_run: Vec<String>,
    /// Name, reason, hint.
    pub(crate) scanners_skipped: Vec<(String, String, Option<String>)>,
    /// Name, error.
    pub(crate) scanners_failed: Vec<(String, String)>,
}

/// How a scan ended, with what it found and what that sets off.
#[derive(Debug, Clone)]
pub(crate) struct Finished {
    pub(crate) status: ScanStatus,
    pub(crate) completed_at: i64,
    pub(crate) error: Option<String>,
    /// In canonical order.
    pub(crate) findings: Vec<Finding>,
    pub(crate) coverage: Coverage,
    pub(crate) suppressed: u64,
    /// Critical first.
    pub(crate) severities: [u64; 5],
    pub(crate) risk_score: Option<f64>,
    pub(crate) advice: Option<Advice>,
    pub(crate) scanners_run: Vec<String>,
    pub(crate) scanners_skipped: Vec<(String, String, Option<String>)>,
    pub(crate) scanners_failed: Vec<(String, String)>,
    pub(crate) outgoing: Vec<Outgoing>,
    pub(crate) notes: Vec<Note>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT seq, id, target_path, scan_types, target_url, target_host, status, created_at, started_at, completed_at,
             findings_count, suppressed, critical, high, medium, low, info, risk_score, summary, error, scanners_run, scanners_skipped,
             scanners_failed FROM scans ",
            $rest
        )
    };
}

fn row(row: &SqliteRow) -> StorageResult<ScanRow> {
    Ok(ScanRow {
        seq: row.try_get("seq")?,
        id: row.try_get("id")?,
        target_path: row.try_get("target_path")?,
        scan_types: from_json(row.try_get("scan_types")?),
        target_url: row.try_get("target_url")?,
        target_host: row.try_get("target_host")?,
        status: ScanStatus::parse(row.try_get("status")?),
        created_at: row.try_get("created_at")?,
        started_at: row.try_get("started_at")?,
        completed_at: row.try_get("completed_at")?,
        findings_count: row.try_get("findings_count")?,
        suppressed: row.try_get("suppressed")?,
        severities: [
            row.try_get("critical")?,
            row.try_get("high")?,
            row.try_get("medium")?,
            row.try_get("low")?,
            row.try_get("info")?,
        ],
        risk_score: row.try_get("risk_score")?,
        summary: row.try_get("summary")?,
        error: row.try_get("error")?,
        scanners_run: from_json(row.try_get("scanners_run")?),
        scanners_skipped: from_json(row.try_get("scanners_skipped")?),
        scanners_failed: from_json(row.try_get("scanners_failed")?),
    })
}

/// A URL as it may be kept and shown: only the scan itself gets to see the user and password in it.
pub(super) fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest.split_at_checked(end).and_then(|(authority, path)| Some((authority.rsplit_once('@')?.1, path))) {
        Some((host, path)) => format!("{scheme}://***@{host}{path}"),
        None => url.to_owned(),
    }
}

impl Store {
    /// Keeps a new scan, waiting.
    pub(crate) async fn add_scan(&self, scan: &NewScan) -> StorageResult<()> {
        sqlx::query(
            "INSERT INTO scans (id, target_path, scan_types, target_url, target_host, status, created_at, created_by)
             VALUES (?, ?, ?, ?, ?, 'pending', ?, ?)",
        )
        .bind(&scan.id)
        .bind(&scan.target_path)
        .bind(to_json(&scan.scan_types))
        .bind(scan.target_url.as_deref().map(without_password))
        .bind(&scan.target_host)
        .bind(scan.created_at)
        .bind(&scan.created_by)
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    /// A scan by id.
    pub(crate) async fn scan(&self, id: &str) -> StorageResult<Option<ScanRow>> {
        let found = sqlx::query(select!("WHERE id = ?")).bind(id).fetch_optional(&self.readers).await?;
        found.as_ref().map(row).transpose()
    }

    /// Whether a scan is still there.
    pub(crate) async fn has_scan(&self, seq: i64) -> StorageResult<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM scans WHERE seq = ?)";
        Ok(sqlx::query_scalar(sql).bind(seq).fetch_one(&self.readers).await?)
    }

    /// Scans, newest first: those created before the one with this number, at most so many.
    pub(crate) async fn scans(&self, before: Option<i64>, limit: i64) -> StorageResult<Vec<ScanRow>> {
        let found = sqlx::query(select!("WHERE seq < ? ORDER BY seq DESC LIMIT ?"))
            .bind(before.unwrap_or(i64::MAX))
            .bind(limit)
            .fetch_all(&self.readers)
            .await?;
        found.iter().map(row).collect()
    }

    /// How many scans there are.
    pub(crate) async fn count_scans(&self) -> StorageResult<i64> {
        Ok(sqlx::query_scalar("SELECT count(*) FROM scans").fetch_one(&self.readers).await?)
    }

    /// Pending to running. False when it is not pending any more.
    pub(crate) async fn start_scan(&self, id: &str, at: i64) -> StorageResult<bool> {
        let done = sqlx::query("UPDATE scans SET status = 'running', started_at = ? WHERE id = ? AND status = 'pending'")
            .bind(at)
            .bind(id)
            .execute(&self.writer)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Running to its end, with everything that belongs to it, in one transaction. False, and nothing written, when it is
    /// not running any more.
    pub(crate) async fn finish_scan(&self, id: &str, end: &Finished) -> StorageResult<bool> {
        let mut write = self.begin().await?;
        let found = sqlx::query(
            "SELECT seq, target_path, coalesce(started_at, created_at) FROM scans WHERE id = ? AND status = 'running'",
        )
        .bind(id)
        .fetch_optional(&mut *write)
        .await?;
        let Some(found) = found else { return Ok(false) };
        let (seq, started_at) = (found.try_get(0)?, found.try_get(2)?);
        update_ended(&mut write, seq, end).await?;
        findings::insert(&mut write, seq, &end.findings).await?;
        if let Some(advice) = &end.advice {
            findings::insert_advice(&mut write, seq, advice).await?;
        }
        if !end.findings.is_empty() {
            aliases::apply(&mut write, seq, found.try_get(1)?, &end.findings).await?;
            triage::regress(&mut write, seq, started_at, end.completed_at).await?;
        }
        for (ord, line) in (0_i64..).zip(&end.coverage) {
            sqlx::query("INSERT INTO coverage (scan, ord, name, status, body) VALUES (?, ?, ?, ?, ?)")
                .bind(seq)
                .bind(ord)
                .bind(&line.name)
                .bind(line.status.as_str())
                .bind(to_json(line))
                .execute(&mut *write)
                .await?;
        }
        set_off(&mut write, id, end).await?;
        write.commit().await?;
        Ok(true)
    }

    /// Pending or running to cancelled. False when it had ended.
    pub(crate) async fn cancel_scan(&self, id: &str, at: i64) -> StorageResult<bool> {
        let done = sqlx::query(
            "UPDATE scans SET status = 'cancelled', error = 'Scan cancelled by user', completed_at = ?
             WHERE id = ? AND status IN ('pending', 'running')",
        )
        .bind(at)
        .bind(id)
        .execute(&self.writer)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Ends what no process works on any more, each in the way `end` says and with all that belongs to it; gives the ids.
    pub(crate) async fn end_orphans(&self, end: impl Fn(&ScanRow) -> Finished) -> StorageResult<Vec<String>> {
        let mut write = self.begin().await?;
        let found = sqlx::query(select!("WHERE status IN ('pending', 'running') ORDER BY seq")).fetch_all(&mut *write).await?;
        let orphans: Vec<ScanRow> = found.iter().map(row).collect::<StorageResult<_>>()?;
        for orphan in &orphans {
            let end = end(orphan);
            update_ended(&mut write, orphan.seq, &end).await?;
            set_off(&mut write, &orphan.id, &end).await?;
        }
        write.commit().await?;
        Ok(orphans.into_iter().map(|orphan| orphan.id).collect())
    }

    /// Removes a scan that has ended and all that is its own; verdicts, comments and bills of materials stay. False when
    /// there is none or it has not ended.
    pub(crate) async fn delete_scan(&self, id: &str, deed: &Deed) -> StorageResult<bool> {
        let mut write = self.begin().await?;
        let done = sqlx::query("DELETE FROM scans WHERE id = ? AND status IN ('completed', 'failed', 'cancelled')")
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

    /// The coverage of a scan.
    pub(crate) async fn coverage(&self, seq: i64) -> StorageResult<Coverage> {
        let bodies: Vec<String> = sqlx::query_scalar("SELECT body FROM coverage WHERE scan = ? ORDER BY ord")
            .bind(seq)
            .fetch_all(&self.readers)
            .await?;
        Ok(bodies.iter().filter_map(|body| serde_json::from_str(body).ok()).collect())
    }
}

async fn update_ended(write: &mut Write, seq: i64, end: &Finished) -> StorageResult<()> {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let mut query = sqlx::query(
        "UPDATE scans SET status = ?, completed_at = ?, error = ?, findings_count = ?, suppressed = ?, risk_score = ?,
         scanners_run = ?, scanners_skipped = ?, scanners_failed = ?, summary = ?, critical = ?, high = ?, medium = ?, low = ?,
         info = ? WHERE seq = ?",
    )
    .bind(end.status.as_str())
    .bind(end.completed_at)
    .bind(&end.error)
    .bind(number(end.findings.len() as u64))
    .bind(number(end.suppressed))
    .bind(end.risk_score)
    .bind(to_json(&end.scanners_run))
    .bind(to_json(&end.scanners_skipped))
    .bind(to_json(&end.scanners_failed))
    .bind(end.advice.as_ref().and_then(|advice| advice.summary.as_deref()));
    for count in end.severities {
        query = query.bind(number(count));
    }
    query.bind(seq).execute(&mut **write).await?;
    Ok(())
}

async fn set_off(write: &mut Write, id: &str, end: &Finished) -> StorageResult<()> {
    for outgoing in &end.outgoing {
        outbox::enqueue(write, outgoing, end.completed_at).await?;
    }
    for note in &end.notes {
        outbox::notify(write, note, id, &ids::uuid(), end.completed_at).await?;
    }
    Ok(())
}
