//! What lock files and manifests say about packages, as far as licences need it: one file per ecosystem.
//! Nothing here looks for installed copies; that is `installed`.

mod cargo;
mod composer;
mod go;
mod npm;
mod pnpm;
mod python;
mod ruby;
mod yarn;

pub(super) use npm::license_text;

/// A manifest that lists more packages is not read.
pub(super) const MAX_PACKAGES: usize = 100_000;

/// A package as one manifest lists it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its name, with scope or vendor.
    pub name: String,
    /// Its version; empty when the manifest does not fix one.
    pub version: String,
    /// The 1-based line of its entry.
    pub line: Option<u32>,
    /// What the manifest says about its licence.
    pub license: Option<String>,
    /// Whether the project asks for it itself, where the manifest tells.
    pub direct: Option<bool>,
    /// Whether only development needs it, where the manifest tells.
    pub dev: Option<bool>,
    /// Folders relative to the manifest where an installed copy would be, best first.
    pub installed: Vec<String>,
}

/// How an installed copy states its licence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Installed {
    /// `package.json` in [`Entry::installed`].
    Npm,
    /// `*.dist-info/METADATA` in a virtual environment beside the manifest.
    Python,
    /// `Cargo.toml` in [`Entry::installed`].
    Cargo,
    /// A licence file in [`Entry::installed`].
    LicenseFile,
}

/// One kind of manifest.
pub(super) struct Kind {
    /// The purl type.
    pub ecosystem: &'static str,
    /// Where installed copies tell their licence.
    pub installed: Installed,
    /// Reads it. An error is one line that says what is wrong and where.
    pub parse: fn(&str) -> Result<Vec<Entry>, String>,
}

const KINDS: &[(&str, Kind)] = &[
    ("package-lock.json", Kind { ecosystem: "npm", installed: Installed::Npm, parse: npm::lock }),
    ("npm-shrinkwrap.json", Kind { ecosystem: "npm", installed: Installed::Npm, parse: npm::lock }),
    ("package.json", Kind { ecosystem: "npm", installed: Installed::Npm, parse: npm::manifest }),
    ("yarn.lock", Kind { ecosystem: "npm", installed: Installed::Npm, parse: yarn::parse }),
    ("pnpm-lock.yaml", Kind { ecosystem: "npm", installed: Installed::Npm, parse: pnpm::parse }),
    ("composer.lock", Kind { ecosystem: "composer", installed: Installed::LicenseFile, parse: composer::parse }),
    ("Cargo.lock", Kind { ecosystem: "cargo", installed: Installed::Cargo, parse: cargo::parse }),
    ("Gemfile.lock", Kind { ecosystem: "gem", installed: Installed::LicenseFile, parse: ruby::parse }),
    ("go.mod", Kind { ecosystem: "golang", installed: Installed::LicenseFile, parse: go::parse }),
    ("poetry.lock", Kind { ecosystem: "pypi", installed: Installed::Python, parse: python::toml_lock }),
    ("uv.lock", Kind { ecosystem: "pypi", installed: Installed::Python, parse: python::toml_lock }),
    ("pdm.lock", Kind { ecosystem: "pypi", installed: Installed::Python, parse: python::toml_lock }),
    ("pylock.toml", Kind { ecosystem: "pypi", installed: Installed::Python, parse: python::toml_lock }),
    ("Pipfile.lock", Kind { ecosystem: "pypi", installed: Installed::Python, parse: python::pipfile }),
];

const REQUIREMENTS: Kind = Kind { ecosystem: "pypi", installed: Installed::Python, parse: python::requirements };

/// The kind of a manifest by its file name.
pub(super) fn kind(name: &str) -> Option<&'static Kind> {
    if let Some((_, kind)) = KINDS.iter().find(|(n, _)| *n == name) {
        return Some(kind);
    }
    (name.starts_with("requirements") && name.ends_with(".txt")).then_some(&REQUIREMENTS)
}

/// A `serde_json` error as one line with its place.
pub(super) fn json_error(error: &serde_json::Error) -> String {
    let what = if error.is_eof() { "ends early" } else { "not valid" };
    format!("not readable: {what} JSON at line {}, column {}", error.line(), error.column())
}

/// A line number from a 0-based index.
fn line_number(index: usize) -> Option<u32> {
    u32::try_from(index.saturating_add(1)).ok()
}
