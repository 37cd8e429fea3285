//! The built-in scanner `secrets`.

use crate::model::ScanType;
use crate::scanners::{Outcome, ScanContext, Scanner, ScannerMeta};

/// The scanner.
#[derive(Debug)]
pub(crate) struct Secrets;

const META: ScannerMeta = ScannerMeta {
    name: "secrets",
    scan_type: ScanType::Code,
    about: "keys, tokens and passwords in files and git history",
    install_hint: None,
    per_file: true,
};

impl Scanner for Secrets {
    fn meta(&self) -> &'static ScannerMeta {
        &META
    }

    fn scan(&self, _context: &ScanContext<'_>) -> Outcome {
        Outcome::default()
    }
}

/// Checks what a request says about secrets before the scan starts.
///
/// # Errors
/// `config` for a rule file that cannot be used.
pub fn check(_request: &crate::scanners::ScanRequest) -> crate::Result<()> {
    Ok(())
}
