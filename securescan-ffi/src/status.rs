//! The status numbers: the column `c_status` of the core's error table, under C names.

use securescan_core::ErrorKind;

/// How a call ended. Numbers are explicit and never reused; new ones may be added.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecurescanStatus {
    /// It worked.
    Ok = 0,
    /// The caller passed something wrong: a null pointer, text that is not UTF-8, an unknown operation, a malformed request.
    InvalidArgument = 2,
    /// A report, snapshot or other document could not be read.
    Parse = 3,
    /// The configuration is wrong.
    Config = 4,
    /// An explicit limit was exceeded.
    Limit = 5,
    /// A scanner is missing, failed or timed out.
    Scanner = 6,
    /// The operation was cancelled.
    Cancelled = 7,
    /// Known, but not supported here.
    Unsupported = 8,
    /// A file or the network failed.
    Io = 9,
    /// A rendering failed.
    Render = 10,
    /// The baseline is wrong.
    Baseline = 11,
    /// A fault of ours; the message says which.
    Internal = 99,
}

impl SecurescanStatus {
    /// Every failure with the core's kind.
    const KINDS: &'static [(ErrorKind, Self)] = &[
        (ErrorKind::InvalidArgument, Self::InvalidArgument),
        (ErrorKind::Parse, Self::Parse),
        (ErrorKind::Config, Self::Config),
        (ErrorKind::Limit, Self::Limit),
        (ErrorKind::Scanner, Self::Scanner),
        (ErrorKind::Cancelled, Self::Cancelled),
        (ErrorKind::Unsupported, Self::Unsupported),
        (ErrorKind::Io, Self::Io),
        (ErrorKind::Render, Self::Render),
        (ErrorKind::Baseline, Self::Baseline),
        (ErrorKind::Internal, Self::Internal),
    ];

    /// The status of a kind of error.
    pub(crate) fn of(kind: ErrorKind) -> Self {
        Self::KINDS.iter().find(|(k, _)| *k == kind).map_or(Self::Internal, |(_, status)| *status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use securescan_core::error::ERRORS;

    #[test]
    fn numbers_are_those_of_the_error_table() {
        for row in ERRORS {
            assert_eq!(SecurescanStatus::of(row.kind) as i32, row.c_status, "{}", row.code);
        }
        assert_eq!(SecurescanStatus::KINDS.len(), ERRORS.len());
    }
}
