//! The built-in scanner `git-hygiene`.

use crate::model::ScanType;
use crate::scanners::{Outcome, ScanContext, Scanner, ScannerMeta};

/// The scanner.
#[derive(Debug)]
pub(crate) struct GitHygiene;

const META: ScannerMeta = ScannerMeta {
    name: "git-hygiene",
    scan_type: ScanType::Code,
    about: "files that should not be in a repository",
    install_hint: None,
    per_file: false,
};

impl Scanner for GitHygiene {
    fn meta(&self) -> &'static ScannerMeta {
        &META
    }

    fn scan(&self, _context: &ScanContext<'_>) -> Outcome {
        Outcome::default()
    }
}
