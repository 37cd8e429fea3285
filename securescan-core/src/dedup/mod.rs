//! Deduplication across scanners.
