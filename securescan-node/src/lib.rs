//! A thin surface over `securescan_core`.
