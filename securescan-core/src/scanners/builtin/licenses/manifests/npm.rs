//! npm: `package-lock.json` and `npm-shrinkwrap.json` of versions 1, 2 and 3, and `package.json`.

use super::{Entry, MAX_PACKAGES, json_error};
use crate::scanners::builtin::licenses::json_lines::{Step, visit};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::collections::BTreeSet;

/// The members of an object in document order; anything else than an object reads as none.
#[derive(Debug)]
struct Pairs<T>(Vec<(String, T)>);

impl<T> Default for Pairs<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pairs<T> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Members<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Pairs<T>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut out = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    out.push(pair);
                }
                Ok(Pairs(out))
            }
        }
        d.deserialize_map(Members(std::marker::PhantomData))
    }
}

#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    packages: Option<Pairs<Package>>,
    #[serde(default)]
    dependencies: Option<Pairs<Old>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Package {
    name: Value,
    version: Value,
    license: Value,
    licenses: Value,
    link: Value,
    dev: Value,
    #[serde(rename = "devOptional")]
    dev_optional: Value,
    dependencies: Value,
    #[serde(rename = "devDependencies")]
    dev_dependencies: Value,
    #[serde(rename = "optionalDependencies")]
    optional_dependencies: Value,
    #[serde(rename = "peerDependencies")]
    peer_dependencies: Value,
}

/// An entry of `dependencies` in version 1.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Old {
    version: Value,
    dev: Value,
    dependencies: Option<Pairs<Old>>,
}

/// `package-lock.json` and `npm-shrinkwrap.json`.
pub(super) fn lock(text: &str) -> Result<Vec<Entry>, String> {
    let lock: Lock = serde_json::from_str(text).map_err(|e| json_error(&e))?;
    match (lock.packages, lock.dependencies) {
        (Some(packages), _) => Ok(current(text, packages)),
        (None, Some(old)) => Ok(version_1(text, old)),
        (None, None) => Ok(Vec::new()),
    }
}

fn current(text: &str, packages: Pairs<Package>) -> Vec<Entry> {
    let mut lines = Vec::with_capacity(packages.0.len());
    visit(text, |path, line| {
        if let [Step::Key("packages"), Step::Key(_)] = path {
            lines.push(line);
        }
    });
    // What the root and the workspace members ask for is direct.
    let wanted: BTreeSet<&str> =
        packages.0.iter().filter(|(key, _)| !is_installed(key)).flat_map(|(_, p)| requested(p)).collect();
    let listed = packages.0.iter().enumerate().filter(|(_, (key, p))| is_installed(key) && p.link != Value::Bool(true));
    listed
        .map(|(i, (key, p))| {
            let folder_name = key.rsplit("node_modules/").next().unwrap_or(key);
            Entry {
                name: p.name.as_str().unwrap_or(folder_name).to_owned(),
                version: plain_version(&p.version),
                line: lines.get(i).copied(),
                license: license_text(&p.license, &p.licenses),
                direct: Some(wanted.contains(folder_name) && key.matches("node_modules/").count() == 1),
                dev: Some(p.dev == Value::Bool(true) || p.dev_optional == Value::Bool(true)),
                installed: vec![key.clone()],
            }
        })
        .collect()
}

fn is_installed(key: &str) -> bool {
    key.starts_with("node_modules/") || key.contains("/node_modules/")
}

fn requested(p: &Package) -> impl Iterator<Item = &str> {
    [&p.dependencies, &p.dev_dependencies, &p.optional_dependencies, &p.peer_dependencies]
        .into_iter()
        .filter_map(Value::as_object)
        .flat_map(|map| map.keys().map(String::as_str))
}

fn version_1(text: &str, old: Pairs<Old>) -> Vec<Entry> {
    let mut lines = Vec::with_capacity(old.0.len());
    visit(text, |path, line| {
        // dependencies / name / dependencies / name …
        let named = path.len() % 2 == 0 && path.iter().step_by(2).all(|s| *s == Step::Key("dependencies"));
        if named && matches!(path.last(), Some(Step::Key(_))) {
            lines.push(line);
        }
    });
    let mut out = Vec::new();
    flatten(&old, "", &mut out);
    for (entry, line) in out.iter_mut().zip(lines) {
        entry.line = Some(line);
    }
    out
}

/// Longer paths are not looked for: nested names must not multiply into more text than the file has.
const MAX_FOLDER: usize = 1024;

/// Recursion is bounded by the JSON parser's limit on nesting.
fn flatten(old: &Pairs<Old>, parent: &str, out: &mut Vec<Entry>) {
    for (name, package) in &old.0 {
        if out.len() > MAX_PACKAGES {
            return;
        }
        // An entry whose path is too long stays, so that lines keep in step; only its copy is not looked for.
        let fits = parent.len() + name.len() <= MAX_FOLDER;
        let folder = if fits { format!("{parent}node_modules/{name}") } else { String::new() };
        let (name, version) = alias(name, &plain_version(&package.version));
        out.push(Entry {
            name,
            version,
            dev: Some(package.dev == Value::Bool(true)),
            direct: (!parent.is_empty()).then_some(false),
            installed: Some(folder.clone()).filter(|f| !f.is_empty()).into_iter().collect(),
            ..Entry::default()
        });
        if let Some(nested) = &package.dependencies {
            // Below a path that is too long every path is.
            let inner = if folder.is_empty() { "x".repeat(MAX_FOLDER) } else { format!("{folder}/") };
            flatten(nested, &inner, out);
        }
    }
}

/// `npm:real@1.0` in place of a version names the package that really is there.
fn alias(name: &str, version: &str) -> (String, String) {
    match version.strip_prefix("npm:").and_then(|target| target.rsplit_once('@')) {
        Some((real, version)) if !real.is_empty() => (real.to_owned(), version.to_owned()),
        _ => (name.to_owned(), version.to_owned()),
    }
}

/// `package.json`: what it asks for, without versions. Used when there is no lock file beside it.
pub(super) fn manifest(text: &str) -> Result<Vec<Entry>, String> {
    let package: Package = serde_json::from_str(text).map_err(|e| json_error(&e))?;
    let mut out: Vec<Entry> = Vec::new();
    let mut seen = BTreeSet::new();
    visit(text, |path, line| {
        let [Step::Key(group), Step::Key(name)] = path else { return };
        let (dev, map) = match *group {
            "dependencies" => (false, &package.dependencies),
            "optionalDependencies" => (false, &package.optional_dependencies),
            "devDependencies" => (true, &package.dev_dependencies),
            _ => return,
        };
        if map.get(name).is_some() && seen.insert((*name).to_owned()) {
            out.push(Entry {
                name: (*name).to_owned(),
                line: Some(line),
                direct: Some(true),
                dev: Some(dev),
                installed: vec![format!("node_modules/{name}")],
                ..Entry::default()
            });
        }
    });
    Ok(out)
}

fn plain_version(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The licence statement of a `package.json` object: `license` as text or `{type}`, or the legacy list `licenses`,
/// which is a choice.
pub(in super::super) fn license_text(license: &Value, licenses: &Value) -> Option<String> {
    let one = |v: &Value| {
        v.as_str().or_else(|| v.get("type").and_then(Value::as_str)).map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned)
    };
    let many = |v: &Value| -> Option<String> {
        let all: Vec<String> = v.as_array()?.iter().filter_map(one).collect();
        match all.as_slice() {
            [] => None,
            [only] => Some(only.clone()),
            several => Some(several.join(" OR ")),
        }
    };
    one(license).or_else(|| many(license)).or_else(|| many(licenses)).or_else(|| one(licenses))
}
