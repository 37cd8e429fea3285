//! The built-in scanner `baseline`.

use crate::model::ScanType;
use crate::scanners::{Outcome, ScanContext, Scanner, ScannerMeta};

/// The scanner.
#[derive(Debug)]
pub(crate) struct Baseline;

const META: ScannerMeta = ScannerMeta {
    name: "baseline",
    scan_type: ScanType::Baseline,
    about: "hardening of a host or of a root filesystem",
    install_hint: None,
    per_file: false,
};

impl Scanner for Baseline {
    fn meta(&self) -> &'static ScannerMeta {
        &META
    }

    fn scan(&self, _context: &ScanContext<'_>) -> Outcome {
        Outcome::default()
    }
}
