//! Exit codes, one table: see `--help` and the architecture, section 5.

use securescan_core::Error;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Complete, nothing at or above the gate.
    Ok,
    /// The gate failed.
    Gate,
    /// A gate was asked for and the scan is incomplete.
    Incomplete,
    /// Stopped by a signal.
    Interrupted,
    /// Terminated by a signal.
    Terminated,
    /// An error of a kind with its own code.
    Error(i32),
}

impl Exit {
    /// The number.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Gate => 1,
            Self::Incomplete => 3,
            Self::Interrupted => 130,
            Self::Terminated => 143,
            Self::Error(code) => u8::try_from(code).unwrap_or(70),
        }
    }
}

impl From<&Error> for Exit {
    fn from(error: &Error) -> Self {
        Self::Error(error.kind().row().exit)
    }
}
