//! Licences as installed copies state them: `node_modules`, virtual environments, vendored crates and modules.
//!
//! The walk leaves these trees out, so they are read here: below the manifest's folder only, confined to the root, with
//! bounded reads and listings. Nothing is executed.

use super::texts;
use crate::manifests::{Entry, Installed, license_text};
use crate::path::{from_os, is_confined, normalize, to_os};
use crate::source::{DirSources, Sources};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Larger metadata files are not read, in bytes.
const MAX_METADATA: usize = 4 << 20;
/// More entries of one folder are not listed.
const MAX_ENTRIES: usize = 50_000;
/// Names of virtual environments beside a manifest.
const VENVS: &[&str] = &[".venv", "venv", "env"];
/// Names of licence files, most usual first.
const LICENSE_FILES: &[&str] = &[
    "LICENSE",
    "LICENSE.md",
    "LICENSE.txt",
    "LICENCE",
    "LICENCE.md",
    "LICENCE.txt",
    "license",
    "license.md",
    "COPYING",
    "LICENSE-MIT",
];

/// What an installed copy says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Copy {
    /// Its version; empty when it does not say.
    pub version: String,
    /// Its licence statement; none when it states none.
    pub license: Option<String>,
    /// Where the statement stands: `installed` metadata or a `license file`.
    pub source: &'static str,
}

/// A distribution of a virtual environment: version and the path of its metadata.
type Distributions = BTreeMap<String, (String, String)>;

/// Looks for installed copies.
pub(crate) struct Lookup<'a> {
    root: &'a Path,
    canonical: Option<PathBuf>,
    sources: DirSources,
    venvs: HashMap<String, Distributions>,
}

impl<'a> Lookup<'a> {
    /// Looks below a root.
    pub(crate) fn new(root: &'a Path) -> Self {
        Self { root, canonical: std::fs::canonicalize(root).ok(), sources: DirSources::new(root), venvs: HashMap::new() }
    }

    /// The copy of a package that a manifest in `folder` lists.
    pub(crate) fn find(&mut self, kind: Installed, folder: &str, entry: &Entry) -> Option<Copy> {
        if kind == Installed::Python {
            return self.distribution(folder, entry);
        }
        entry.installed.iter().find_map(|at| {
            let at = join(folder, at);
            let copy = match kind {
                Installed::Npm => self.npm(&at),
                Installed::Cargo => self.cargo(&at),
                _ => self.license_file(&at),
            }?;
            let other_version = !entry.version.is_empty() && !copy.version.is_empty() && entry.version != copy.version;
            (!other_version).then_some(copy)
        })
    }

    fn npm(&self, folder: &str) -> Option<Copy> {
        let json: Value = serde_json::from_slice(&self.read(&join(folder, "package.json"))?).ok()?;
        let text = |key: &str| json.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let license = license_text(json.get("license").unwrap_or(&Value::Null), json.get("licenses").unwrap_or(&Value::Null));
        Some(self.or_file(folder, text("version"), license))
    }

    fn cargo(&self, folder: &str) -> Option<Copy> {
        let bytes = self.read(&join(folder, "Cargo.toml"))?;
        let manifest: toml::Table = std::str::from_utf8(&bytes).ok()?.parse().ok()?;
        let text = |key: &str| manifest.get("package")?.get(key)?.as_str().map(str::to_owned);
        Some(self.or_file(folder, text("version").unwrap_or_default(), text("license")))
    }

    fn license_file(&self, folder: &str) -> Option<Copy> {
        let license = self.licence_text(folder)?;
        Some(Copy { version: String::new(), license: Some(license.to_owned()), source: "license file" })
    }

    /// What metadata states, or what the licence file beside it holds.
    fn or_file(&self, folder: &str, version: String, license: Option<String>) -> Copy {
        match license {
            Some(license) => Copy { version, license: Some(license), source: "installed" },
            None => match self.licence_text(folder) {
                Some(found) => Copy { version, license: Some(found.to_owned()), source: "license file" },
                None => Copy { version, license: None, source: "installed" },
            },
        }
    }

    fn licence_text(&self, folder: &str) -> Option<&'static str> {
        LICENSE_FILES.iter().find_map(|name| texts::classify(&self.read(&join(folder, name))?))
    }

    fn distribution(&mut self, folder: &str, entry: &Entry) -> Option<Copy> {
        if !self.venvs.contains_key(folder) {
            let found = self.distributions(folder);
            self.venvs.insert(folder.to_owned(), found);
        }
        let (version, path) = self.venvs.get(folder)?.get(&python_name(&entry.name))?;
        if !entry.version.is_empty() && entry.version != *version {
            return None;
        }
        let bytes = self.read(path)?;
        Some(Copy { version: version.clone(), license: metadata_license(&String::from_utf8_lossy(&bytes)), source: "installed" })
    }

    fn distributions(&self, folder: &str) -> Distributions {
        let mut out = Distributions::new();
        for venv in VENVS {
            let venv = join(folder, venv);
            let lib = join(&venv, "lib");
            let pythons = self.list(&lib).into_iter().filter(|n| n.starts_with("python")).map(|n| join(&lib, &n));
            for python in pythons.chain([join(&venv, "Lib")]) {
                let site = join(&python, "site-packages");
                for name in self.list(&site) {
                    let Some((package, version)) = name.strip_suffix(".dist-info").and_then(|n| n.split_once('-')) else {
                        continue;
                    };
                    let path = join(&join(&site, &name), "METADATA");
                    out.entry(python_name(package)).or_insert_with(|| (version.to_owned(), path));
                }
            }
        }
        out
    }

    /// The packages of a `node_modules` folder, two levels for scopes: folders relative to `folder`.
    pub(super) fn node_modules(&self, folder: &str) -> Vec<String> {
        let top = join(folder, "node_modules");
        let mut out = Vec::new();
        for name in self.list(&top) {
            if name.starts_with('@') {
                out.extend(self.list(&join(&top, &name)).into_iter().map(|inner| format!("node_modules/{name}/{inner}")));
            } else if !name.starts_with('.') {
                out.push(format!("node_modules/{name}"));
            }
        }
        out
    }

    fn read(&self, path: &str) -> Option<Arc<[u8]>> {
        let bytes = self.sources.read(&normalize(path, None))?;
        (bytes.len() <= MAX_METADATA).then_some(bytes)
    }

    /// The names in a folder inside the root, sorted; none when it cannot be listed.
    fn list(&self, path: &str) -> Vec<String> {
        let path = normalize(path, None);
        let full = is_confined(&path).then(|| std::fs::canonicalize(self.root.join(to_os(&path))).ok()).flatten();
        let inside = full.filter(|f| self.canonical.as_deref().is_some_and(|root| f.starts_with(root)));
        let Some(entries) = inside.and_then(|f| std::fs::read_dir(f).ok()) else { return Vec::new() };
        let mut names: Vec<String> = entries.take(MAX_ENTRIES).flatten().map(|e| from_os(Path::new(&e.file_name()))).collect();
        names.sort();
        names
    }
}

/// Joins two relative paths; an empty first part is the root.
fn join(folder: &str, rest: &str) -> String {
    if folder.is_empty() { rest.to_owned() } else { format!("{folder}/{rest}") }
}

/// Lower case with runs of `-`, `_` and `.` as one `-` (PEP 503).
fn python_name(name: &str) -> String {
    let parts = name.split(['-', '_', '.']).filter(|p| !p.is_empty());
    parts.collect::<Vec<_>>().join("-").to_ascii_lowercase()
}

/// The licence of a `METADATA` file: `License-Expression`, else a one-line `License`, else the classifiers as a choice.
///
/// # Source
/// Core metadata specifications 2.4, packaging.python.org.
fn metadata_license(text: &str) -> Option<String> {
    let (mut expression, mut license, mut classifiers) = (None, None, Vec::new());
    let mut folded = false;
    for line in text.lines() {
        if line.is_empty() {
            break;
        }
        if line.starts_with([' ', '\t']) {
            // A folded `License` is a whole licence text.
            folded = folded || license.is_some() && expression.is_none() && classifiers.is_empty();
            continue;
        }
        let Some((key, value)) = line.split_once(':') else { continue };
        let value = value.trim();
        if value.is_empty() || value.eq_ignore_ascii_case("unknown") {
            continue;
        }
        match key {
            "License-Expression" => expression = Some(value.to_owned()),
            "License" => license = Some(value.to_owned()),
            // `License :: OSI Approved` alone names no licence.
            "Classifier" if value.starts_with("License :: ") && value != "License :: OSI Approved" => {
                classifiers.push(last_part(value))
            }
            _ => {}
        }
    }
    let named = license.filter(|l| !folded && (classifiers.is_empty() || crate::licenses::judge(l).spdx.is_some()));
    expression.or(named).or_else(|| (!classifiers.is_empty()).then(|| classifiers.join("; ")))
}

fn last_part(classifier: &str) -> String {
    classifier.rsplit(" :: ").next().unwrap_or(classifier).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata() {
        for (text, license) in [
            ("Name: x\nLicense-Expression: MIT\nLicense: BSD\n", Some("MIT")),
            ("License: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License\n", Some("MIT License")),
            (
                "License: see the site\nClassifier: License :: OSI Approved :: Apache Software License\n",
                Some("Apache Software License"),
            ),
            ("License: BSD-3-Clause\nClassifier: License :: OSI Approved :: BSD License\n", Some("BSD-3-Clause")),
            (
                "License: Copyright (c) X\n        All rights reserved\nClassifier: License :: OSI Approved :: BSD License\n",
                Some("BSD License"),
            ),
            ("Name: x\n\nLicense: MIT\n", None),
        ] {
            assert_eq!(metadata_license(text).as_deref(), license, "{text}");
        }
        assert_eq!(python_name("Ruamel.Yaml__x"), "ruamel-yaml-x");
    }
}
