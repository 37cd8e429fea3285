//! What a project calls itself, and where its manifests say that its parts are.

use serde_json::Value as Json;

/// Longer names are cut, in characters.
const MAX_NAME: usize = 200;

/// Manifests that name their project, the first that does counts.
pub(super) const NAMING: &[&str] = &["package.json", "Cargo.toml", "pyproject.toml", "go.mod", "composer.json"];

/// The name in a manifest of a file name.
pub(super) fn name(file: &str, text: &str) -> Option<String> {
    let found = match file {
        "package.json" | "composer.json" => json(text)?.get("name")?.as_str()?.to_owned(),
        "Cargo.toml" => toml_text(text, &["package", "name"])?,
        "pyproject.toml" => toml_text(text, &["project", "name"]).or_else(|| toml_text(text, &["tool", "poetry", "name"]))?,
        "go.mod" => text.lines().find_map(|line| line.trim().strip_prefix("module "))?.trim().trim_matches('"').to_owned(),
        _ => return None,
    };
    let clean: String = found.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect();
    Some(clean.trim().to_owned()).filter(|name| !name.is_empty())
}

/// The patterns of a `package.json`'s workspaces.
pub(super) fn workspaces(text: &str) -> Vec<String> {
    let Some(json) = json(text) else { return Vec::new() };
    let list = json.get("workspaces").map(|w| w.get("packages").unwrap_or(w)).and_then(Json::as_array);
    list.into_iter().flatten().filter_map(Json::as_str).take(1000).map(str::to_owned).collect()
}

fn json(text: &str) -> Option<Json> {
    serde_json::from_str(text).ok()
}

fn toml_text(text: &str, path: &[&str]) -> Option<String> {
    let table: toml::Table = text.parse().ok()?;
    let (first, rest) = path.split_first()?;
    let value = rest.iter().try_fold(table.get(*first)?, |value, key| value.get(*key))?;
    value.as_str().map(str::to_owned)
}
