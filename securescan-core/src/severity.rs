//! Severity overrides of the configuration.
