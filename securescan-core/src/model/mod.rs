//! The vocabulary: findings and scan results. Knows no step and does no I/O.

mod coverage;
mod finding;
mod findings;
mod lenient;
mod metadata;
mod package;
mod severity;

pub use coverage::{Coverage, ScanResult, ScannerRun, ScannerStatus, SkippedFile};
pub use finding::{Finding, Secret};
pub use findings::{Filter, Findings, GroupKey, SNAPSHOT_SCHEMA, Snapshot, SortKey};
pub use metadata::{Endpoint, Metadata, Reporter, SuppressedBy};
pub use package::Package;
pub use severity::{Confidence, ScanType, Severity};
