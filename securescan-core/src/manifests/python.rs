//! Python: TOML lock files and `Pipfile.lock`. Licences are in the metadata of installed copies.

use super::graph::{Names, connect, mark_development};
use super::json_lines::{Step, visit};
use super::requirements::{name_of, normal};
use super::{Entry, Hash, Role, hashes, json_error, tables, text_of};
use serde_json::Value;
use std::collections::HashMap;
use toml::Table;

/// More digests of one package are not kept: one of each file that can be downloaded.
const MAX_HASHES: usize = 200;

/// A name and, where told, a version.
type Wanted<'a> = (&'a str, Option<&'a str>);

/// `poetry.lock`, `uv.lock`, `pdm.lock`, `pylock.toml`: the `[[package]]` or `[[packages]]` tables.
pub(super) fn toml_lock(text: &str) -> Result<Vec<Entry>, String> {
    let lock = tables::document(text)?;
    let key = if lock.contains_key("packages") { "packages" } else { "package" };
    let old = old_files(&lock);
    let mut out = Vec::new();
    let mut wanted: Vec<Vec<Wanted<'_>>> = Vec::new();
    let mut roots: Vec<(usize, Vec<Wanted<'_>>)> = Vec::new();
    for (package, line) in tables::listed(&lock, key, text) {
        let name = tables::text(package, "name");
        if name.is_empty() {
            continue;
        }
        let member = member_folder(package);
        let mut hashes = digests(package);
        hashes.extend(old.get(name).into_iter().flatten().cloned());
        hashes.truncate(MAX_HASHES);
        let mut wants = dependencies(package.get("dependencies"));
        if member.is_some() {
            wants.extend(tables::lists(package.get("optional-dependencies")).filter_map(dependency));
            let dev = tables::lists(package.get("dev-dependencies")).filter_map(dependency).collect();
            roots.push((out.len(), dev));
        }
        out.push(Entry {
            name: name.to_owned(),
            version: tables::text(package, "version").to_owned(),
            line,
            dev: development(package),
            optional: package.get("optional").and_then(toml::Value::as_bool).unwrap_or(false),
            role: if member.is_some() { Role::Member } else { Role::Foreign },
            installed: member.into_iter().map(str::to_owned).collect(),
            hashes,
            ..Entry::default()
        });
        wanted.push(wants);
    }
    let names = Names::new(&out, normal);
    let find = |wanted: &Vec<Wanted<'_>>| {
        wanted.iter().flat_map(|(name, version)| names.find(&out, &normal(name), *version)).collect::<Vec<_>>()
    };
    let mut needs: Vec<Vec<usize>> = wanted.iter().map(find).collect();
    let (mut production, mut development) = (Vec::new(), Vec::new());
    for (member, dev) in &roots {
        let dev = find(dev);
        if let Some(own) = needs.get_mut(*member) {
            production.extend(own.iter().copied());
            own.extend(&dev);
        }
        development.extend(dev);
    }
    connect(&mut out, needs);
    if !roots.is_empty() {
        mark_development(&mut out, &production, &development);
    }
    Ok(out)
}

/// Where uv has the project and the members of its workspace.
fn member_folder(package: &Table) -> Option<&str> {
    let source = package.get("source")?.as_table()?;
    ["editable", "virtual", "directory"]
        .iter()
        .find_map(|kind| source.get(*kind)?.as_str())
        .map(|path| path.trim_start_matches('.'))
}

/// Whether only development needs it: the category of older poetry, the groups of newer poetry and pdm.
fn development(package: &Table) -> Option<bool> {
    if let Some(category) = package.get("category").and_then(toml::Value::as_str) {
        return Some(category == "dev");
    }
    let groups = package.get("groups")?.as_array()?;
    let main = |group: &toml::Value| matches!(group.as_str(), Some("main" | "default"));
    (!groups.is_empty()).then(|| !groups.iter().any(main))
}

fn dependencies(value: Option<&toml::Value>) -> Vec<Wanted<'_>> {
    match value {
        // Poetry has a table by name, pdm requirements, uv and pylock tables with a name.
        Some(toml::Value::Table(table)) => table.iter().map(|(name, _)| (name.as_str(), None)).collect(),
        Some(toml::Value::Array(list)) => list.iter().filter_map(dependency).collect(),
        _ => Vec::new(),
    }
}

fn dependency(value: &toml::Value) -> Option<Wanted<'_>> {
    match value {
        toml::Value::String(text) => Some((name_of(text)?, None)),
        toml::Value::Table(table) => Some((table.get("name")?.as_str()?, table.get("version").and_then(toml::Value::as_str))),
        _ => None,
    }
}

fn digests(package: &Table) -> Vec<Hash> {
    let of = |key: &str| tables::list(package.get(key)).iter();
    let files = of("files").chain(of("wheels")).chain(package.get("sdist")).chain(package.get("archive"));
    files.filter_map(toml::Value::as_table).flat_map(digests_of).take(MAX_HASHES).collect()
}

fn digests_of(file: &Table) -> Vec<Hash> {
    let several = file.get("hashes").and_then(toml::Value::as_table).into_iter().flatten();
    let several = several.filter_map(|(algorithm, hex)| hashes::plain(algorithm, hex.as_str()?));
    hashes::labelled(tables::text(file, "hash")).into_iter().chain(several).collect()
}

/// The digests of older poetry, by package, in a table at the end.
fn old_files(lock: &Table) -> HashMap<&str, Vec<Hash>> {
    let files = lock.get("metadata").and_then(|m| m.get("files")).and_then(toml::Value::as_table).into_iter().flatten();
    files
        .map(|(name, files)| {
            let files = tables::list(Some(files)).iter().filter_map(toml::Value::as_table);
            (name.as_str(), files.flat_map(digests_of).take(MAX_HASHES).collect())
        })
        .collect()
}

/// `Pipfile.lock`: the members of `default` and `develop`.
pub(super) fn pipfile(text: &str) -> Result<Vec<Entry>, String> {
    let lock: Value = serde_json::from_str(text).map_err(|e| json_error(&e))?;
    let mut out = Vec::new();
    visit(text, |path, line| {
        let [Step::Key(group @ ("default" | "develop")), Step::Key(name)] = path else { return };
        let Some(package) = lock.get(group).and_then(|g| g.get(name)) else { return };
        let hashes = package.get("hashes").and_then(Value::as_array).into_iter().flatten();
        out.push(Entry {
            name: (*name).to_owned(),
            version: text_of(package.get("version")).trim().trim_start_matches('=').trim().to_owned(),
            line: Some(line),
            dev: Some(*group == "develop"),
            hashes: hashes.filter_map(|h| hashes::labelled(h.as_str()?)).take(MAX_HASHES).collect(),
            ..Entry::default()
        });
    });
    Ok(out)
}
