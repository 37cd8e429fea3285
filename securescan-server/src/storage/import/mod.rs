//! Taking over what SecureScan for Python kept: its database is read and never written, and everything in it is distrusted.
//!
//! `source` reads rows as values that may be anything, `scans` takes scans and findings over, `rest` what people decided and set up.
//! A row that cannot be what its table says is counted and left out; a file that cannot be read is an error, and then nothing was done.

mod rest;
mod scans;
mod source;

use super::{Deed, StorageError, StorageResult, Store, audit};
use crate::time;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};
use source::Source;
pub(super) use source::is_python;
use std::path::Path;

/// What became of the rows of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportCount {
    /// Taken over now.
    pub added: u64,
    /// There already.
    pub known: u64,
    /// Not what it should be: a value is missing, of the wrong type, too long, no JSON, no time.
    pub skipped: u64,
}

/// What became of a database of SecureScan for Python.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "one field a kind")]
pub struct ImportCounts {
    pub scans: ImportCount,
    pub findings: ImportCount,
    pub verdicts: ImportCount,
    pub comments: ImportCount,
    pub keys: ImportCount,
    pub webhooks: ImportCount,
    pub notifications: ImportCount,
    /// Bills of materials.
    pub sboms: ImportCount,
    /// Their components.
    pub components: ImportCount,
}

impl ImportCounts {
    /// Each kind by name.
    pub fn each(&self) -> [(&'static str, ImportCount); 9] {
        [
            ("scans", self.scans),
            ("findings", self.findings),
            ("verdicts", self.verdicts),
            ("comments", self.comments),
            ("keys", self.keys),
            ("webhooks", self.webhooks),
            ("notifications", self.notifications),
            ("sboms", self.sboms),
            ("components", self.components),
        ]
    }

    /// How many rows were taken over.
    pub fn added(&self) -> u64 {
        self.each().iter().map(|(_, count)| count.added).sum()
    }

    /// How many rows were left out.
    pub fn skipped(&self) -> u64 {
        self.each().iter().map(|(_, count)| count.skipped).sum()
    }
}

impl ImportCount {
    fn took(&mut self, added: bool) {
        match added {
            true => self.added += 1,
            false => self.known += 1,
        }
    }
}

/// Takes over what a database of SecureScan for Python holds, in one transaction; what is there already stays as it is, so that a
/// second time adds nothing. The file is not written.
///
/// Times of scans were written without a time zone in that of the machine, and are read in this machine's; all other times are UTC.
///
/// # Errors
/// When the file is no such database or cannot be read to its end; nothing was taken over then.
pub async fn import_python(source_db: &Path, store: &Store) -> StorageResult<ImportCounts> {
    import(source_db, store, &TimeZone::system(), false).await
}

/// As [`import_python`]. `alone`: nobody else has the file open, and nothing beside it belongs to it.
pub(super) async fn import(file: &Path, store: &Store, zone: &TimeZone, alone: bool) -> StorageResult<ImportCounts> {
    let mut source = Source::open(file, alone).await?;
    let mut counts = ImportCounts::default();
    let mut write = store.begin().await?;
    scans::take(&mut source, &mut write, zone, &mut counts).await?;
    rest::take(&mut source, &mut write, &mut counts).await?;
    if counts.added() > 0 {
        let deed = Deed {
            at: time::now(),
            principal: "system".into(),
            action: "database.import",
            subject: file.display().to_string(),
            request_id: None,
        };
        audit::record(&mut write, &deed).await?;
    }
    write.commit().await?;
    Ok(counts)
}

/// A moment, in microseconds: with an offset, or in a zone.
fn stamp(text: &str, zone: &TimeZone) -> Option<i64> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at.as_microsecond());
    }
    let local: DateTime = text.parse().ok()?;
    // A civil time without its offset was written by the clock: what happened twice counts as the first.
    let at = zone.to_ambiguous_timestamp(local).compatible().ok()?;
    Some(at.round(Unit::Microsecond).ok()?.as_microsecond())
}

/// The error of a file that is no such database.
fn foreign(file: &Path, why: &str) -> StorageError {
    StorageError::new(format!("`{}` is no database of SecureScan for Python: {why}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Times of scans are those of a clock on the wall; all others are UTC.
    #[tokio::test]
    async fn zones() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("old.db");
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file).create_if_missing(true);
        let old = sqlx::SqlitePool::connect_with(options).await.unwrap();
        sqlx::raw_sql(
            "CREATE TABLE scans (id TEXT, target_path TEXT, scan_types TEXT, status TEXT, started_at TEXT, completed_at TEXT);
             CREATE TABLE findings (id, scan_id, scanner, severity, title, line_start);
             CREATE TABLE finding_comments (id TEXT, fingerprint TEXT, text TEXT, created_at TEXT);
             INSERT INTO scans VALUES ('s', '/srv', '[]', 'completed', '1970-01-01T02:00:01', NULL);
             INSERT INTO finding_comments VALUES ('c', 'f', 't', '1970-01-01T02:00:01')",
        )
        .execute(&old)
        .await
        .unwrap();
        old.close().await;
        let store = Store::open(&folder.path().join("new.db")).await.unwrap();
        let counts = import(&file, &store, &TimeZone::fixed(jiff::tz::offset(2)), false).await.unwrap();
        assert_eq!((counts.added(), counts.skipped()), (2, 0));
        let scan = store.scan("s").await.unwrap().unwrap();
        assert_eq!((scan.started_at, scan.created_at), (Some(1_000_000), 1_000_000));
        assert_eq!(store.comments("f", 0, -1).await.unwrap()[0].created_at, 7_201_000_000);
    }

    #[test]
    fn times() {
        let utc = stamp("2026-04-29T20:14:22.123456", &TimeZone::UTC).unwrap();
        assert_eq!(utc, 1_777_493_662_123_456);
        assert_eq!(stamp("2026-04-29 20:14:22.123456", &TimeZone::UTC), Some(utc));
        assert_eq!(stamp("2026-04-29T20:14:22.123456Z", &TimeZone::UTC), Some(utc));
        assert_eq!(stamp("2026-04-29T22:14:22.123456+02:00", &TimeZone::UTC), Some(utc));
        let two = TimeZone::fixed(jiff::tz::offset(2));
        assert_eq!(stamp("2026-04-29T22:14:22.123456", &two), Some(utc));
        for none in ["", "yesterday", "2026-13-01T00:00:00", "1777493662", "99999-01-01T00:00:00"] {
            assert_eq!(stamp(none, &TimeZone::UTC), None, "{none}");
        }
    }
}
