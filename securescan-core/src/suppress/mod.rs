//! Suppression: inline, config, baseline.
