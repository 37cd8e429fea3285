//! npm: `package-lock.json` and `npm-shrinkwrap.json` of versions 1, 2 and 3, and `package.json`.

use super::graph::connect;
use super::json_lines::{Step, visit};
use super::{Entry, MAX_PACKAGES, Role, hashes, json_error};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

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
    resolved: Value,
    integrity: Value,
    dev: Value,
    optional: Value,
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
    optional: Value,
    integrity: Value,
    requires: Value,
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
    let mut out = Vec::with_capacity(packages.0.len());
    let mut at: HashMap<&str, usize> = HashMap::with_capacity(packages.0.len());
    let mut links: Vec<(&str, &str)> = Vec::new();
    let mut asking: Vec<(&str, &Package)> = Vec::with_capacity(packages.0.len());
    for (i, (key, p)) in packages.0.iter().enumerate() {
        if p.link == Value::Bool(true) {
            links.push((key, p.resolved.as_str().unwrap_or_default()));
            continue;
        }
        let folder_name = key.rsplit("node_modules/").next().unwrap_or(key);
        let role = if is_installed(key) { Role::Foreign } else { Role::Member };
        let foreign = role == Role::Foreign;
        at.insert(key, out.len());
        asking.push((key, p));
        out.push(Entry {
            name: p.name.as_str().unwrap_or(folder_name).to_owned(),
            version: plain_version(&p.version),
            line: lines.get(i).copied(),
            license: license_text(&p.license, &p.licenses),
            direct: Some(foreign && wanted.contains(folder_name) && key.matches("node_modules/").count() == 1),
            dev: Some(p.dev == Value::Bool(true) || p.dev_optional == Value::Bool(true)),
            optional: p.optional == Value::Bool(true) || p.dev_optional == Value::Bool(true),
            role,
            installed: vec![key.clone()],
            hashes: hashes::integrity(p.integrity.as_str().unwrap_or_default()),
            ..Entry::default()
        });
    }
    for (key, target) in links {
        if let Some(&member) = at.get(target) {
            at.insert(key, member);
        }
    }
    let needs = asking.into_iter().map(|(key, p)| requested(p).filter_map(|name| resolve(key, name, &at)).collect());
    let needs = needs.collect();
    connect(&mut out, needs);
    out
}

/// Deeper nesting is not followed when a name is looked up.
const MAX_NESTING: usize = 64;

/// The place of what a package finds under a name: in its own `node_modules`, else in that of a folder above.
fn resolve<S: std::borrow::Borrow<str> + std::hash::Hash + Eq>(from: &str, name: &str, at: &HashMap<S, usize>) -> Option<usize> {
    let mut base = Some(from).filter(|from| from.len() + name.len() <= MAX_FOLDER)?;
    let mut key = String::new();
    for _ in 0..MAX_NESTING {
        key.clear();
        key.push_str(base);
        key.push_str(if base.is_empty() { "node_modules/" } else { "/node_modules/" });
        key.push_str(name);
        if let Some(found) = at.get(key.as_str()) {
            return Some(*found);
        }
        if base.is_empty() {
            return None;
        }
        base = base.rfind("/node_modules/").and_then(|end| base.get(..end)).unwrap_or_default();
    }
    None
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
    let mut asking = Vec::new();
    flatten(&old, "", &mut out, &mut asking);
    for (entry, line) in out.iter_mut().zip(lines) {
        entry.line = Some(line);
    }
    let folder = |entry: &Entry| entry.installed.first().cloned();
    let at: HashMap<String, usize> = out.iter().enumerate().filter_map(|(i, e)| Some((folder(e)?, i))).collect();
    let needs = out.iter().zip(asking).map(|(entry, requires)| {
        let Some(from) = entry.installed.first() else { return Vec::new() };
        requires.as_object().into_iter().flatten().filter_map(|(name, _)| resolve(from, name, &at)).collect()
    });
    let needs = needs.collect();
    connect(&mut out, needs);
    out
}

/// Longer paths are not looked for: nested names must not multiply into more text than the file has.
const MAX_FOLDER: usize = 1024;

/// Recursion is bounded by the JSON parser's limit on nesting.
fn flatten<'a>(old: &'a Pairs<Old>, parent: &str, out: &mut Vec<Entry>, asking: &mut Vec<&'a Value>) {
    for (name, package) in &old.0 {
        if out.len() > MAX_PACKAGES {
            return;
        }
        // An entry whose path is too long stays, so that lines keep in step; only its copy is not looked for.
        let fits = parent.len() + name.len() <= MAX_FOLDER;
        let folder = if fits { format!("{parent}node_modules/{name}") } else { String::new() };
        let (name, version) = alias(name, &plain_version(&package.version));
        asking.push(&package.requires);
        out.push(Entry {
            name,
            version,
            dev: Some(package.dev == Value::Bool(true)),
            optional: package.optional == Value::Bool(true),
            hashes: hashes::integrity(package.integrity.as_str().unwrap_or_default()),
            direct: (!parent.is_empty()).then_some(false),
            installed: Some(folder.clone()).filter(|f| !f.is_empty()).into_iter().collect(),
            ..Entry::default()
        });
        if let Some(nested) = &package.dependencies {
            // Below a path that is too long every path is.
            let inner = if folder.is_empty() { "x".repeat(MAX_FOLDER) } else { format!("{folder}/") };
            flatten(nested, &inner, out, asking);
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

/// `package.json`: what it asks for, with ranges instead of versions. Used when there is no lock file beside it.
pub(super) fn manifest(text: &str) -> Result<Vec<Entry>, String> {
    let package: Package = serde_json::from_str(text).map_err(|e| json_error(&e))?;
    let mut out: Vec<Entry> = Vec::new();
    let mut seen = BTreeSet::new();
    visit(text, |path, line| {
        let [Step::Key(group), Step::Key(name)] = path else { return };
        let (dev, optional, map) = match *group {
            "dependencies" => (false, false, &package.dependencies),
            "optionalDependencies" => (false, true, &package.optional_dependencies),
            "peerDependencies" => (false, false, &package.peer_dependencies),
            "devDependencies" => (true, false, &package.dev_dependencies),
            _ => return,
        };
        let Some(asked) = map.get(name).and_then(Value::as_str) else { return };
        // What lies in the project itself is no package of somebody else.
        let local = ["file:", "link:", "portal:", "workspace:"].iter().any(|scheme| asked.starts_with(scheme));
        if !local && seen.insert((*group, (*name).to_owned())) {
            let (real, declared) = alias(name, asked);
            out.push(Entry {
                name: real,
                declared: Some(declared),
                optional,
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
pub(crate) fn license_text(license: &Value, licenses: &Value) -> Option<String> {
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
