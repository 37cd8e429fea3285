//! Opening the file: who may read it, how it is locked, which version it has.

use super::{StorageError, StorageResult, Store, migrate};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::path::Path;
use std::time::Duration;

/// How many requests read at once.
const READERS: u32 = 4;

/// How long a statement waits for another process's lock.
const BUSY: Duration = Duration::from_secs(5);

impl Store {
    /// Opens or creates the database in a file and brings it to the newest version. The file becomes readable by its owner
    /// alone; a folder that has to be made, too.
    ///
    /// # Errors
    /// When the file cannot be opened, is not a database of this service, or was written by a newer version.
    pub async fn open(file: &Path) -> StorageResult<Self> {
        prepare(file)?;
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // What was answered survives a loss of power; writes are few.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY)
            .pragma("trusted_schema", "OFF")
            // After a large write the log is cut back to this, in bytes.
            .pragma("journal_size_limit", "16777216");
        let shown = file.display();
        let broken = |e: sqlx::Error| StorageError::new(format!("cannot open the database `{shown}`: {e}"));
        let writer = pool(1).connect_with(options.clone()).await.map_err(broken)?;
        migrate::run(&writer, file).await?;
        let readers = pool(READERS).connect_with(options.pragma("query_only", "ON")).await.map_err(broken)?;
        Ok(Self { readers, writer })
    }
}

fn pool(connections: u32) -> SqlitePoolOptions {
    // A file has no connection to lose: what is open stays open.
    SqlitePoolOptions::new()
        .min_connections(1)
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(10))
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

/// Makes the folder and the file before the database does, so that neither is ever readable by others.
fn prepare(file: &Path) -> StorageResult<()> {
    let shown = file.display();
    let failed = |what: &str, e: &std::io::Error| StorageError::new(format!("cannot {what} `{shown}`: {e}"));
    if let Some(folder) = file.parent().filter(|f| !f.as_os_str().is_empty() && !f.exists()) {
        let mut maker = std::fs::DirBuilder::new();
        maker.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut maker, 0o700);
        maker.create(folder).map_err(|e| failed("make the folder of", &e))?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let opened = options.open(file).map_err(|e| failed("open the database", &e))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let kept = opened.set_permissions(std::fs::Permissions::from_mode(0o600));
        kept.map_err(|e| failed("restrict the database", &e))?;
    }
    drop(opened);
    Ok(())
}
