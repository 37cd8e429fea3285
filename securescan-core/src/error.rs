//! The one error type, and the one table of its kinds. A kind's code is a stable word: never renamed, never reused.

use std::fmt;

/// What went wrong, as a class every surface maps in its own way (exception, status number, exit code).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A report, snapshot or other document could not be read.
    Parse,
    /// The configuration file is wrong.
    Config,
    /// The baseline file is wrong.
    Baseline,
    /// A file or the network failed.
    Io,
    /// A scanner is missing, failed or timed out.
    Scanner,
    /// A rendering failed.
    Render,
    /// Known, but not supported here.
    Unsupported,
    /// The caller passed something wrong.
    InvalidArgument,
    /// An explicit limit was exceeded.
    Limit,
    /// The operation was cancelled.
    Cancelled,
    /// A fault of ours.
    Internal,
}

/// One row of the error table: kind, code, C status, CLI exit code, HTTP status.
#[derive(Debug, Clone, Copy)]
pub struct ErrorRow {
    /// The kind this row is about.
    pub kind: ErrorKind,
    /// The stable code every surface shows.
    pub code: &'static str,
    /// The status number of the C ABI.
    pub c_status: i32,
    /// The exit code of the command line.
    pub exit: i32,
    /// The HTTP status of the server.
    pub http: u16,
    /// The name of the Python exception class.
    pub python: &'static str,
}

/// Every kind with its face on every surface; bindings and docs are checked against it.
pub const ERRORS: &[ErrorRow] = &[
    ErrorRow {
        kind: ErrorKind::InvalidArgument,
        code: "invalid_argument",
        c_status: 2,
        exit: 2,
        http: 422,
        python: "InvalidArgument",
    },
    ErrorRow { kind: ErrorKind::Parse, code: "parse", c_status: 3, exit: 2, http: 422, python: "ParseError" },
    ErrorRow { kind: ErrorKind::Config, code: "config", c_status: 4, exit: 2, http: 422, python: "ConfigError" },
    ErrorRow { kind: ErrorKind::Limit, code: "limit", c_status: 5, exit: 2, http: 413, python: "LimitExceeded" },
    ErrorRow { kind: ErrorKind::Scanner, code: "scanner", c_status: 6, exit: 3, http: 502, python: "ScannerError" },
    ErrorRow { kind: ErrorKind::Cancelled, code: "cancelled", c_status: 7, exit: 130, http: 409, python: "Cancelled" },
    ErrorRow { kind: ErrorKind::Unsupported, code: "unsupported", c_status: 8, exit: 2, http: 501, python: "Unsupported" },
    ErrorRow { kind: ErrorKind::Io, code: "io", c_status: 9, exit: 2, http: 500, python: "IoError" },
    ErrorRow { kind: ErrorKind::Render, code: "render", c_status: 10, exit: 2, http: 500, python: "RenderError" },
    ErrorRow { kind: ErrorKind::Baseline, code: "baseline", c_status: 11, exit: 2, http: 422, python: "BaselineError" },
    ErrorRow { kind: ErrorKind::Internal, code: "internal", c_status: 99, exit: 70, http: 500, python: "InternalError" },
];

impl ErrorKind {
    /// The row of [`ERRORS`] for this kind.
    pub fn row(self) -> &'static ErrorRow {
        static INTERNAL: ErrorRow =
            ErrorRow { kind: ErrorKind::Internal, code: "internal", c_status: 99, exit: 70, http: 500, python: "InternalError" };
        ERRORS.iter().find(|row| row.kind == self).unwrap_or(&INTERNAL)
    }

    /// The stable code, for example `parse`.
    pub fn code(self) -> &'static str {
        self.row().code
    }
}

/// An error: what was wrong, where, and what to do. The message is one line, lower case, without a final stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(Box<Details>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Details {
    kind: ErrorKind,
    message: String,
    file: Option<String>,
    line: Option<u64>,
    column: Option<u64>,
    byte: Option<u64>,
    hint: Option<String>,
}

impl Error {
    /// An error of a kind with a message.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Details { kind, message: message.into(), file: None, line: None, column: None, byte: None, hint: None }))
    }

    /// Shorthand for [`ErrorKind::InvalidArgument`].
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidArgument, message)
    }

    /// Shorthand for [`ErrorKind::Parse`].
    pub fn parse(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Parse, message)
    }

    /// An I/O error about a named file.
    pub fn io(file: impl Into<String>, source: &std::io::Error) -> Self {
        Self::new(ErrorKind::Io, source.to_string()).in_file(file)
    }

    /// Names the file the error is in.
    #[must_use]
    pub fn in_file(mut self, file: impl Into<String>) -> Self {
        self.0.file = Some(file.into());
        self
    }

    /// Names the 1-based line and column.
    #[must_use]
    pub fn at(mut self, line: u64, column: u64) -> Self {
        self.0.line = Some(line);
        self.0.column = Some(column);
        self
    }

    /// Names the 0-based byte offset.
    #[must_use]
    pub fn at_byte(mut self, byte: u64) -> Self {
        self.0.byte = Some(byte);
        self
    }

    /// Says what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// The kind.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The stable code of the kind.
    pub fn code(&self) -> &'static str {
        self.0.kind.code()
    }

    /// The message alone, without its location.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The file, if known.
    pub fn file(&self) -> Option<&str> {
        self.0.file.as_deref()
    }

    /// The 1-based line, if known.
    pub fn line(&self) -> Option<u64> {
        self.0.line
    }

    /// The 1-based column, if known.
    pub fn column(&self) -> Option<u64> {
        self.0.column
    }

    /// The 0-based byte offset, if known.
    pub fn byte(&self) -> Option<u64> {
        self.0.byte
    }

    /// What to do about it, if known.
    pub fn remedy(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.0.file {
            write!(f, "{file}")?;
            if let Some(line) = self.0.line {
                write!(f, ":{line}")?;
                if let Some(column) = self.0.column {
                    write!(f, ":{column}")?;
                }
            }
            write!(f, ": ")?;
        }
        write!(f, "{}", self.0.message)?;
        match (self.0.file.is_some(), self.0.line, self.0.byte) {
            (false, Some(line), None) => write!(f, " (line {line}, column {})", self.0.column.unwrap_or(1))?,
            (false, Some(line), Some(byte)) => {
                write!(f, " (line {line}, column {}, byte {byte})", self.0.column.unwrap_or(1))?;
            }
            (_, _, Some(byte)) => write!(f, " (byte {byte})")?,
            _ => {}
        }
        if let Some(hint) = &self.0.hint {
            write!(f, "; {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// The result of everything fallible here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_statuses_are_unique() {
        let codes: std::collections::BTreeSet<_> = ERRORS.iter().map(|r| r.code).collect();
        let statuses: std::collections::BTreeSet<_> = ERRORS.iter().map(|r| r.c_status).collect();
        assert_eq!((codes.len(), statuses.len()), (ERRORS.len(), ERRORS.len()));
    }

    #[test]
    fn display_names_place_and_remedy() {
        let error = Error::new(ErrorKind::Config, "unknown key `x`").in_file("a.yml").at(3, 1).hint("remove it");
        assert_eq!(error.to_string(), "a.yml:3:1: unknown key `x`; remove it");
    }
}
