//! The built-in scanner `dockerfile`.

use crate::model::ScanType;
use crate::scanners::{Outcome, ScanContext, Scanner, ScannerMeta};

/// The scanner.
#[derive(Debug)]
pub(crate) struct Dockerfile;

const META: ScannerMeta = ScannerMeta {
    name: "dockerfile",
    scan_type: ScanType::Iac,
    about: "insecure instructions in Dockerfiles",
    install_hint: None,
    per_file: true,
};

impl Scanner for Dockerfile {
    fn meta(&self) -> &'static ScannerMeta {
        &META
    }

    fn scan(&self, _context: &ScanContext<'_>) -> Outcome {
        Outcome::default()
    }
}
