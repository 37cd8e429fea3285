//! The built-in scanners: nothing to install.

mod baseline;
pub mod dockerfile;
mod git_hygiene;
mod licenses;
pub mod secrets;

use super::Scanner;

/// Every scanner, in registry order: the order of coverage and of merging.
pub const SCANNERS: &[&dyn Scanner] =
    &[&baseline::Baseline, &secrets::Secrets, &licenses::Licenses, &dockerfile::Dockerfile, &git_hygiene::GitHygiene];
