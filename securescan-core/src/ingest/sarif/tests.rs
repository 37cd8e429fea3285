//! SARIF, read.
