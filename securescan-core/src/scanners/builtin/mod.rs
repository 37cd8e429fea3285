//! The built-in scanners: nothing to install.

pub(super) mod baseline;
pub mod dast;
pub mod dockerfile;
pub(super) mod git_hygiene;
pub(super) mod licenses;
pub mod secrets;
