//! Bills of materials: what a project's manifests and lock files say it is made of.
//!
//! [`collect_files`] is pure: texts by path in, a [`Bill`] out; `collect` reads a folder. [`render`] writes a bill as
//! CycloneDX or SPDX. Reading one manifest is not done here but in `manifests`. The same files give the same bytes,
//! wherever they lie: no clock, no random id, no path of the machine is in a bill.

mod build;
#[cfg(feature = "scanners")]
mod disk;
mod include;
mod project;
mod render;
mod select;
#[cfg(test)]
mod tests;
mod version;

#[cfg(feature = "scanners")]
pub use disk::collect;
pub use render::{Format, SbomOptions, render};

pub use crate::manifests::{Hash, HashAlgorithm};
use std::collections::{BTreeMap, BTreeSet};

/// What a project is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bill {
    /// The project's own name, where a manifest in its first folder says it.
    pub name: Option<String>,
    /// The packages, by package URL.
    pub components: BTreeMap<String, Component>,
    /// Package URLs of what the project itself asks for, as far as manifests tell.
    pub direct: BTreeSet<String>,
    /// The manifests that were read, by path.
    pub manifests: BTreeSet<String>,
    /// What could not be read, sorted by path: the bill may lack what it lists.
    pub unread: Vec<Unread>,
}

/// A package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Component {
    /// The package URL type: `npm`, `pypi`, …
    pub ecosystem: String,
    /// The name, with its namespace (`@scope/name`, `group:artifact`).
    pub name: String,
    /// The exact version; none when no manifest fixes one.
    pub version: Option<String>,
    /// What manifests ask for instead of an exact version, as written; credentials of addresses left out.
    pub declared: BTreeSet<String>,
    /// What a lock file or an installed copy says about the licence, as written.
    pub license: Option<String>,
    /// Digests of what is downloaded.
    pub hashes: BTreeSet<Hash>,
    /// What it is needed for.
    pub scope: Scope,
    /// Paths of the manifests that list it.
    pub manifests: BTreeSet<String>,
    /// Package URLs of what it needs, as far as lock files tell.
    pub needs: BTreeSet<String>,
}

/// What a package is needed for; of several manifests the first of these counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The project does not work without it.
    #[default]
    Required,
    /// The project works without it.
    Optional,
    /// Only development needs it.
    Excluded,
}

/// A manifest that was not read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Unread {
    /// Its path.
    pub path: String,
    /// Why, in one line.
    pub why: String,
}

/// Collects the bill of a project from its files in memory, by `/`-separated path relative to the project. Files that are
/// no manifests are of no consequence.
///
/// What cannot be read is in [`Bill::unread`]; nothing is an error.
pub fn collect_files(files: &BTreeMap<String, Vec<u8>>) -> Bill {
    let paths = files.keys().cloned().collect();
    build::bill(paths, &mut |path| files.get(path).cloned().ok_or_else(|| "not there".to_owned()), None)
}
