//! The canonical order of findings.
