//! Runs the chosen scanners at once and merges what they give in registry order.

use super::{EventSink, RawScan, ScanRequest};
use crate::{Error, ErrorKind, Result};

/// Scans a target.
///
/// # Errors
/// `invalid_argument` or `io` before any scanner starts.
pub fn scan(_request: &ScanRequest, _events: &dyn EventSink) -> Result<RawScan> {
    Err(Error::new(ErrorKind::Unsupported, "not yet"))
}

/// What each scanner is and whether it can run here.
pub fn status() -> Vec<&'static super::ScannerMeta> {
    super::SCANNERS.iter().map(|s| s.meta()).collect()
}
