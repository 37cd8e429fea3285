//! The package a dependency finding is about.

use super::lenient;
use serde::{Deserialize, Serialize};

/// A package, as its ecosystem names it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Package {
    /// The package URL type: `pypi`, `npm`, `cargo`, `golang`, `maven`, `gem`, `composer`, `nuget`, `deb`, `apk`, …
    #[serde(default, deserialize_with = "lenient::text")]
    pub ecosystem: String,
    /// The name, with its namespace (`@scope/name`, `group:artifact`).
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: String,
    /// The installed version.
    #[serde(default)]
    pub version: Option<String>,
    /// The first version without the problem.
    #[serde(default)]
    pub fixed_version: Option<String>,
    /// The package URL.
    #[serde(default)]
    pub purl: Option<String>,
}
