//! What lock files and manifests say about packages: one file per ecosystem, each a pure function of one text.
//!
//! Used by the bill of materials and by the licence scanner. Nothing here opens a file, and nothing decides which manifest
//! counts when there are several: that is `sbom::select`.

mod bun;
mod cargo;
mod cargo_toml;
mod cocoapods;
mod composer;
mod go;
pub(crate) mod graph;
mod hashes;
pub(crate) mod json_lines;
mod maven;
mod mix;
mod npm;
mod nuget;
mod pnpm;
mod pubspec;
mod pyproject;
mod python;
pub(crate) mod requirements;
mod ruby;
mod tables;
#[cfg(test)]
mod tests;
mod yarn;

pub use hashes::{Hash, HashAlgorithm};
#[cfg(feature = "scanners")]
pub(crate) use npm::license_text;

/// A manifest that lists more packages is not read.
pub(crate) const MAX_PACKAGES: usize = 100_000;

/// Whose a package is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Role {
    /// Somebody else's.
    #[default]
    Foreign,
    /// The project's own, and a package of the lock file like the others.
    Local,
    /// The project itself or a member of its workspace: what it needs is what the project needs.
    Member,
}

/// A package as one manifest lists it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its name, with scope or vendor.
    pub name: String,
    /// Its version; empty when the manifest does not fix one.
    pub version: String,
    /// What the manifest asks for instead of a version, as written.
    pub declared: Option<String>,
    /// The 1-based line of its entry.
    pub line: Option<u32>,
    /// What the manifest says about its licence.
    pub license: Option<String>,
    /// Whether the project asks for it itself, where the manifest tells.
    pub direct: Option<bool>,
    /// Whether only development needs it, where the manifest tells.
    pub dev: Option<bool>,
    /// Whether the project works without it.
    pub optional: bool,
    /// Whose it is.
    pub role: Role,
    /// Folders relative to the manifest where an installed copy would be, best first; of a member, where it is.
    pub installed: Vec<String>,
    /// Digests of what is downloaded.
    pub hashes: Vec<Hash>,
    /// The entries it needs, by their place in the list.
    pub needs: Vec<usize>,
}

/// How an installed copy states its licence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(feature = "scanners"), allow(dead_code, reason = "only the scanners look for installed copies"))]
pub(crate) enum Installed {
    /// `package.json` in [`Entry::installed`].
    Npm,
    /// `*.dist-info/METADATA` in a virtual environment beside the manifest.
    Python,
    /// `Cargo.toml` in [`Entry::installed`].
    Cargo,
    /// A licence file in [`Entry::installed`].
    LicenseFile,
    /// Nowhere that is known here.
    Nowhere,
}

/// One kind of manifest.
#[derive(Debug)]
pub(crate) struct Kind {
    /// The purl type.
    pub ecosystem: &'static str,
    /// Where installed copies tell their licence.
    #[cfg_attr(not(feature = "scanners"), allow(dead_code, reason = "only the scanners look for installed copies"))]
    pub installed: Installed,
    /// Reads it. An error is one line that says what is wrong and where.
    pub parse: fn(&str) -> Result<Vec<Entry>, String>,
    /// Files beside it that say the same more exactly: it is not read then.
    pub yields_to: &'static [&'static str],
    /// The manifest beside it that names what the project itself asks for.
    pub manifest: Option<&'static str>,
}

const NPM_LOCKS: &[&str] = &["package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock"];
const PYTHON_LOCKS: &[&str] = &["poetry.lock", "uv.lock", "pdm.lock", "pylock.toml", "Pipfile.lock"];

const fn lock(ecosystem: &'static str, installed: Installed, parse: fn(&str) -> Result<Vec<Entry>, String>) -> Kind {
    Kind { ecosystem, installed, parse, yields_to: &[], manifest: None }
}

const fn beside(manifest: &'static str, kind: Kind) -> Kind {
    Kind { manifest: Some(manifest), ..kind }
}

const fn unless(yields_to: &'static [&'static str], kind: Kind) -> Kind {
    Kind { yields_to, ..kind }
}

const KINDS: &[(&str, Kind)] = &[
    ("package-lock.json", unless(&["npm-shrinkwrap.json"], beside("package.json", lock("npm", Installed::Npm, npm::lock)))),
    ("npm-shrinkwrap.json", beside("package.json", lock("npm", Installed::Npm, npm::lock))),
    ("package.json", unless(NPM_LOCKS, lock("npm", Installed::Npm, npm::manifest))),
    ("yarn.lock", beside("package.json", lock("npm", Installed::Npm, yarn::parse))),
    ("pnpm-lock.yaml", beside("package.json", lock("npm", Installed::Npm, pnpm::parse))),
    ("bun.lock", lock("npm", Installed::Npm, bun::parse)),
    ("composer.lock", beside("composer.json", lock("composer", Installed::LicenseFile, composer::parse))),
    ("composer.json", unless(&["composer.lock"], lock("composer", Installed::Nowhere, composer::manifest))),
    ("Cargo.lock", lock("cargo", Installed::Cargo, cargo::parse)),
    ("Cargo.toml", unless(&["Cargo.lock"], lock("cargo", Installed::Nowhere, cargo_toml::parse))),
    ("Gemfile.lock", lock("gem", Installed::LicenseFile, ruby::parse)),
    ("gems.locked", lock("gem", Installed::LicenseFile, ruby::parse)),
    ("go.mod", lock("golang", Installed::LicenseFile, go::parse)),
    ("go.sum", unless(&["go.mod"], lock("golang", Installed::Nowhere, go::sums))),
    ("poetry.lock", beside("pyproject.toml", lock("pypi", Installed::Python, python::toml_lock))),
    ("uv.lock", beside("pyproject.toml", lock("pypi", Installed::Python, python::toml_lock))),
    ("pdm.lock", beside("pyproject.toml", lock("pypi", Installed::Python, python::toml_lock))),
    ("pylock.toml", beside("pyproject.toml", lock("pypi", Installed::Python, python::toml_lock))),
    ("Pipfile.lock", beside("Pipfile", lock("pypi", Installed::Python, python::pipfile))),
    ("pyproject.toml", unless(PYTHON_LOCKS, lock("pypi", Installed::Nowhere, pyproject::parse))),
    ("Pipfile", unless(PYTHON_LOCKS, lock("pypi", Installed::Nowhere, pyproject::pipfile))),
    ("packages.lock.json", lock("nuget", Installed::Nowhere, nuget::parse)),
    ("pom.xml", lock("maven", Installed::Nowhere, maven::pom)),
    ("gradle.lockfile", lock("maven", Installed::Nowhere, maven::gradle)),
    ("buildscript-gradle.lockfile", lock("maven", Installed::Nowhere, maven::gradle)),
    ("mix.lock", lock("hex", Installed::Nowhere, mix::parse)),
    ("pubspec.lock", lock("pub", Installed::Nowhere, pubspec::parse)),
    ("Podfile.lock", lock("cocoapods", Installed::Nowhere, cocoapods::parse)),
];

const REQUIREMENTS: Kind = lock("pypi", Installed::Python, requirements::parse);
const PYLOCK: Kind = lock("pypi", Installed::Python, python::toml_lock);

/// The kind of a manifest by its file name.
pub(crate) fn kind(name: &str) -> Option<&'static Kind> {
    if let Some((_, kind)) = KINDS.iter().find(|(n, _)| *n == name) {
        return Some(kind);
    }
    if name.starts_with("pylock.") && name.ends_with(".toml") {
        return Some(&PYLOCK);
    }
    let requirements = name.ends_with(".txt") && (name.starts_with("requirements") || name.ends_with("requirements.txt"));
    requirements.then_some(&REQUIREMENTS)
}

/// The names of the manifests that are known by one name, in the order of the table.
#[cfg(test)]
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(name, _)| *name).chain(["requirements.txt"])
}

/// A `serde_json` error as one line with its place.
fn json_error(error: &serde_json::Error) -> String {
    let what = if error.is_eof() { "ends early" } else { "not valid" };
    format!("not readable: {what} JSON at line {}, column {}", error.line(), error.column())
}

/// A line number from a 0-based index.
fn line_number(index: usize) -> Option<u32> {
    u32::try_from(index.saturating_add(1)).ok()
}

/// The texts of a list, or of one text.
fn text_of(value: Option<&serde_json::Value>) -> &str {
    value.and_then(serde_json::Value::as_str).unwrap_or_default()
}
