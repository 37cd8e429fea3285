//! The built-in scanner `licenses`.

use crate::model::ScanType;
use crate::scanners::{Outcome, ScanContext, Scanner, ScannerMeta};

/// The scanner.
#[derive(Debug)]
pub(crate) struct Licenses;

const META: ScannerMeta = ScannerMeta {
    name: "licenses",
    scan_type: ScanType::Dependency,
    about: "packages under licences that need a decision",
    install_hint: None,
    per_file: false,
};

impl Scanner for Licenses {
    fn meta(&self) -> &'static ScannerMeta {
        &META
    }

    fn scan(&self, _context: &ScanContext<'_>) -> Outcome {
        Outcome::default()
    }
}
