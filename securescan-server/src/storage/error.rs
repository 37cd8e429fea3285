//! What can go wrong with the database, without naming its crate.

use std::fmt;

/// Result of everything the store does.
pub type StorageResult<T> = std::result::Result<T, StorageError>;

/// The database could not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageError {
    message: String,
    busy: bool,
    conflict: bool,
}

impl StorageError {
    /// An error with a message, for the log and not for clients.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), busy: false, conflict: false }
    }

    /// Too much at once; the same may succeed later.
    pub(crate) fn busy(message: impl Into<String>) -> Self {
        Self { busy: true, ..Self::new(message) }
    }

    /// Whether the same may succeed later.
    pub fn is_busy(&self) -> bool {
        self.busy
    }

    /// Whether a row of that id is there already.
    pub(crate) fn is_conflict(&self) -> bool {
        self.conflict
    }
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for StorageError {}

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|e| e.code()).and_then(|code| code.parse::<u32>().ok());
        // The low byte is the primary code: 5 is busy, 6 locked.
        let busy = matches!(error, sqlx::Error::PoolTimedOut) || code.is_some_and(|code| matches!(code & 0xff, 5 | 6));
        let conflict = error.as_database_error().is_some_and(|e| e.is_unique_violation());
        Self { message: error.to_string(), busy, conflict }
    }
}
