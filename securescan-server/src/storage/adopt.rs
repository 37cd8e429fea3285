//! A database of SecureScan for Python in the place of ours: kept beside it, and what it holds taken over into a fresh one.
//!
//! At every moment the path leads to a whole database, the old one or the new one. The old file itself becomes the copy.

use super::import::{self, ImportCounts};
use super::{StorageError, StorageResult, Store};
use jiff::tz::TimeZone;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Row, SqliteConnection};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What was done with a database of SecureScan for Python.
#[derive(Debug)]
pub(crate) struct Adopted {
    /// Where the old file is.
    pub(crate) backup: PathBuf,
    pub(crate) counts: ImportCounts,
}

/// Takes a database of SecureScan for Python over, if the file is one.
pub(crate) async fn adopt(file: &Path) -> StorageResult<Option<Adopted>> {
    if !import::is_python(file).await {
        return Ok(None);
    }
    // The real file: a link to it stays a link.
    let file = file.canonicalize().map_err(|e| failed("find", file, &e))?;
    let lock = lock(&file).await?;
    let backup = keep(&file)?;
    match replace(&file, &backup, lock).await {
        Ok(counts) => Ok(Some(Adopted { backup, counts })),
        Err(error) => {
            // Nothing has happened: the file is the old one, and a second name for it is of no use.
            let _ = std::fs::remove_file(&backup);
            Err(error)
        }
    }
}

fn failed(what: &str, file: &Path, error: &std::io::Error) -> StorageError {
    StorageError::new(format!("cannot {what} `{}`: {error}", file.display()))
}

/// Brings everything into the one file and keeps everybody else out of it.
async fn lock(file: &Path) -> StorageResult<SqliteConnection> {
    let shown = file.display();
    let busy = || StorageError::new(format!("`{shown}` is in use by another process; stop SecureScan for Python first"));
    let broken = |e: sqlx::Error| match StorageError::from(e) {
        e if e.is_busy() => busy(),
        e => StorageError::new(format!("cannot take over `{shown}`: {e}")),
    };
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(false)
        .busy_timeout(Duration::from_secs(2))
        .pragma("trusted_schema", "OFF");
    let mut connection = options.connect().await.map_err(broken)?;
    let mode = sqlx::query("PRAGMA journal_mode = DELETE").fetch_one(&mut connection).await.map_err(broken)?;
    if mode.try_get::<String, _>(0).map_err(broken)? != "delete" {
        return Err(busy());
    }
    sqlx::query("BEGIN EXCLUSIVE").execute(&mut connection).await.map_err(broken)?;
    Ok(connection)
}

/// Gives the file a second name, readable by its owner alone.
fn keep(file: &Path) -> StorageResult<PathBuf> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let names = std::iter::once(format!("{name}.python-backup"))
        .chain((2..1000).map(|n| format!("{name}.python-backup-{n}")))
        .map(|name| file.with_file_name(name));
    for backup in names {
        if backup.symlink_metadata().is_ok() {
            continue;
        }
        // A file system without second names gets a copy.
        let made = std::fs::hard_link(file, &backup).or_else(|_| std::fs::copy(file, &backup).map(drop));
        made.map_err(|e| failed("keep a copy of", file, &e))?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let kept = std::fs::set_permissions(&backup, std::fs::Permissions::from_mode(0o600));
            kept.map_err(|e| failed("restrict", &backup, &e))?;
        }
        return Ok(backup);
    }
    Err(StorageError::new(format!("too many copies of `{}`; remove some", file.display())))
}

/// Fills a fresh database and puts it in the place of the old one.
async fn replace(file: &Path, backup: &Path, lock: SqliteConnection) -> StorageResult<ImportCounts> {
    let fresh = beside(file, ".migrating");
    for left in [fresh.clone(), beside(&fresh, "-wal"), beside(&fresh, "-shm")] {
        match std::fs::remove_file(&left) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(failed("remove", &left, &e)),
            _ => {}
        }
    }
    let store = Store::open(&fresh).await?;
    let counts = import::import(backup, &store, &TimeZone::system(), true).await;
    // Closing writes the log into the file.
    store.close().await;
    let counts = match counts {
        Ok(counts) => counts,
        Err(error) => {
            let _ = std::fs::remove_file(&fresh);
            return Err(error);
        }
    };
    if beside(&fresh, "-wal").metadata().is_ok_and(|log| log.len() > 0) {
        return Err(StorageError::new(format!("the log of `{}` could not be written into it", fresh.display())));
    }
    // Where an open file cannot be exchanged, it is let go just before.
    let lock = if cfg!(unix) { Some(lock) } else { lock.close().await.map(|()| None)? };
    std::fs::rename(&fresh, file).map_err(|e| failed("put a new database in the place of", file, &e))?;
    #[cfg(unix)]
    if let Some(folder) = file.parent().and_then(|folder| std::fs::File::open(folder).ok()) {
        // So that names outlast a loss of power; from here on nothing may be undone, the copy least of all.
        let _ = folder.sync_all();
    }
    if let Some(lock) = lock {
        let _ = lock.close().await;
    }
    Ok(counts)
}

fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}
