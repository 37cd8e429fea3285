//! Versions of the schema: forward only, each in a transaction, counted in `user_version`.

use super::{StorageError, StorageResult};
use sqlx::Row;
use sqlx::sqlite::SqlitePool;
use std::path::Path;

/// The migrations in order; the version of a database is how many it has. A published one is never changed.
const MIGRATIONS: &[&str] = &[include_str!("migrations/0001_initial.sql"), include_str!("migrations/0002_triage.sql")];

/// What `application_id` says of our files: `SScn`.
const APPLICATION_ID: i64 = 0x5353_636e;

/// Brings a database to the newest version.
pub(super) async fn run(writer: &SqlitePool, file: &Path) -> StorageResult<()> {
    run_to(writer, file, MIGRATIONS).await
}

async fn run_to(writer: &SqlitePool, file: &Path, migrations: &'static [&'static str]) -> StorageResult<()> {
    let mut write = writer.begin_with("BEGIN EXCLUSIVE").await?;
    let shown = file.display();
    let number = async |write: &mut sqlx::SqliteConnection, sql: &'static str| -> StorageResult<i64> {
        Ok(sqlx::query(sql).fetch_one(write).await?.try_get(0)?)
    };
    let version = number(&mut write, "PRAGMA user_version").await?;
    let application = number(&mut write, "PRAGMA application_id").await?;
    let tables = number(&mut write, "SELECT count(*) FROM sqlite_schema WHERE type = 'table'").await?;
    if application != APPLICATION_ID && tables > 0 {
        return Err(StorageError::new(format!(
            "`{shown}` is not a database of this service; name another file with SECURESCAN_DB_PATH. One of SecureScan for Python is \
             taken over by `securescan serve` or `securescan history --import`"
        )));
    }
    let newest = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    if version > newest {
        return Err(StorageError::new(format!(
            "`{shown}` has schema version {version} and this program knows {newest}: a newer version wrote it; run that one"
        )));
    }
    for (index, sql) in migrations.iter().enumerate().skip(usize::try_from(version).unwrap_or(0)) {
        sqlx::raw_sql(*sql)
            .execute(&mut *write)
            .await
            .map_err(|e| StorageError::new(format!("cannot bring `{shown}` to schema version {}: {e}", index + 1)))?;
    }
    // A PRAGMA takes no parameter; both are numbers of ours.
    let stamp = format!("PRAGMA user_version = {newest}; PRAGMA application_id = {APPLICATION_ID};");
    sqlx::raw_sql(sqlx::AssertSqlSafe(stamp)).execute(&mut *write).await?;
    Ok(write.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::Store;

    #[tokio::test]
    async fn newer_foreign_and_broken_files_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("inner/scans.db");
        let store = Store::open(&file).await.unwrap();
        sqlx::query("PRAGMA user_version = 99").execute(&store.writer).await.unwrap();
        store.close().await;
        let newer = Store::open(&file).await.unwrap_err().to_string();
        assert!(newer.contains("schema version 99") && newer.contains("newer"), "{newer}");

        let foreign = folder.path().join("foreign.db");
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&foreign).create_if_missing(true);
        let pool = SqlitePool::connect_with(options).await.unwrap();
        sqlx::query("CREATE TABLE scans (id TEXT)").execute(&pool).await.unwrap();
        pool.close().await;
        assert!(Store::open(&foreign).await.unwrap_err().to_string().contains("not a database of this service"));

        let noise = folder.path().join("noise.db");
        std::fs::write(&noise, "no database at all, and long enough to have a header".repeat(20)).unwrap();
        assert!(Store::open(&noise).await.is_err());
        assert!(Store::open(&folder.path().join("foreign.db/below.db")).await.is_err());
    }

    #[tokio::test]
    async fn a_migration_that_fails_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("scans.db");
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file).create_if_missing(true);
        let pool = SqlitePool::connect_with(options).await.unwrap();
        let error = run_to(&pool, &file, &["CREATE TABLE one (id INTEGER)", "CREATE TABLE two (id"]).await.unwrap_err();
        assert!(error.to_string().contains("schema version 2"), "{error}");
        let left: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema").fetch_one(&pool).await.unwrap();
        assert_eq!(left, 0);
        run_to(&pool, &file, &["CREATE TABLE one (id INTEGER)"]).await.unwrap();
        run_to(&pool, &file, &["CREATE TABLE one (id INTEGER)", "CREATE TABLE two (id INTEGER)"]).await.unwrap();
        let left: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema").fetch_one(&pool).await.unwrap();
        assert_eq!(left, 2);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn only_the_owner_may_read() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("inner/scans.db");
        let store = Store::open(&file).await.unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
        assert_eq!(mode(&folder.path().join("inner/scans.db-wal")), 0o600);
        store.close().await;
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        Store::open(&file).await.unwrap();
        assert_eq!(mode(&file), 0o600);
    }
}
