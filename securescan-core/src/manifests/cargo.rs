//! Cargo: `Cargo.lock`. Licences are in the `Cargo.toml` of vendored copies.

use super::graph::{Names, connect};
use super::{Entry, Role, hashes, tables};
use std::collections::HashMap;
use toml::Value;

/// Reads the `[[package]]` tables; packages without a `source` are the project's own.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let lock = tables::document(text)?;
    let packages = tables::listed(&lock, "package", text);
    let old = old_checksums(&lock);
    let mut out: Vec<Entry> = Vec::with_capacity(packages.len());
    let mut wanted = Vec::with_capacity(packages.len());
    for (package, line) in packages {
        let (name, version) = (tables::text(package, "name"), tables::text(package, "version"));
        if name.is_empty() {
            continue;
        }
        let checksum = package.get("checksum").and_then(Value::as_str).or_else(|| old.get(&(name, version)).copied());
        out.push(Entry {
            name: name.to_owned(),
            version: version.to_owned(),
            line,
            role: if package.contains_key("source") { Role::Foreign } else { Role::Local },
            installed: vec![format!("vendor/{name}-{version}"), format!("vendor/{name}")],
            hashes: checksum.and_then(|hex| hashes::plain("sha256", hex)).into_iter().collect(),
            ..Entry::default()
        });
        wanted.push(tables::list(package.get("dependencies")));
    }
    let names = Names::new(&out, str::to_owned);
    let needs = wanted.into_iter().map(|wanted| {
        let one = |text: &Value| {
            // `name`, `name version` or `name version (source)`.
            let mut words = text.as_str().unwrap_or_default().split_whitespace();
            words.next().map(|name| names.find(&out, name, words.next())).unwrap_or_default()
        };
        wanted.iter().flat_map(one).collect()
    });
    let needs = needs.collect();
    connect(&mut out, needs);
    Ok(out)
}

/// The checksums of the first version of the format: `"checksum name version (source)" = "…"` under `[metadata]`.
fn old_checksums(lock: &toml::Table) -> HashMap<(&str, &str), &str> {
    let metadata = lock.get("metadata").and_then(Value::as_table).into_iter().flatten();
    metadata
        .filter_map(|(key, value)| {
            let mut words = key.strip_prefix("checksum ")?.split(' ');
            Some(((words.next()?, words.next()?), value.as_str()?))
        })
        .collect()
}
