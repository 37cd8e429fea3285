//! Reading reports.
