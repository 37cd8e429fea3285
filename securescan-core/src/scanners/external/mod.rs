//! Drivers of other people's scanners: one file each.

pub(super) mod zap;
