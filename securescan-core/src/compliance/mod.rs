//! Compliance tags and coverage.
